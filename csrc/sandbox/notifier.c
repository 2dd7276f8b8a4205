/* SPDX-License-Identifier: MIT
 *
 * notifier: a counter with a condition variable. */
#include "sandbox/notifier.h"

#include <errno.h>
#include <time.h>

#define LONGEST 1e6 /* seconds; longer waits end here */

void notifier_open(notifier *n) {
  pthread_condattr_t attributes;
  pthread_mutex_init(&n->lock, NULL);
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&n->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  n->count = 0;
  n->is_stopped = false;
}

void notifier_close(notifier *n) {
  pthread_cond_destroy(&n->changed);
  pthread_mutex_destroy(&n->lock);
}

void notifier_notify(notifier *n) {
  pthread_mutex_lock(&n->lock);
  n->count++;
  pthread_cond_broadcast(&n->changed);
  pthread_mutex_unlock(&n->lock);
}

void notifier_stop(notifier *n) {
  pthread_mutex_lock(&n->lock);
  n->is_stopped = true;
  pthread_cond_broadcast(&n->changed);
  pthread_mutex_unlock(&n->lock);
}

uint64_t notifier_count(notifier *n) {
  pthread_mutex_lock(&n->lock);
  uint64_t count = n->count;
  pthread_mutex_unlock(&n->lock);
  return count;
}

static struct timespec time_in(double seconds) {
  struct timespec t;
  if (!(seconds > 0)) seconds = 0;
  if (seconds > LONGEST) seconds = LONGEST;
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_sec += (time_t)seconds;
  t.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
  if (t.tv_nsec >= 1000000000L) {
    t.tv_sec++;
    t.tv_nsec -= 1000000000L;
  }
  return t;
}

bool notifier_wait(notifier *n, uint64_t seen, double seconds) {
  struct timespec deadline = time_in(seconds);
  int status = 0;
  pthread_mutex_lock(&n->lock);
  while (n->count == seen && !n->is_stopped && status != ETIMEDOUT)
    status = pthread_cond_timedwait(&n->changed, &n->lock, &deadline);
  bool goes_on = !n->is_stopped;
  pthread_mutex_unlock(&n->lock);
  return goes_on;
}
