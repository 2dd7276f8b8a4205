/* SPDX-License-Identifier: MIT
 *
 * gate: a condition on the monotonic clock. */
#include "gate.h"

#include <time.h>

#define LONGEST 1e6 /* seconds; longer waits end here */

bool gate_begin(gate *g) {
  pthread_condattr_t monotonic;
  g->shut = false;
  if (pthread_condattr_init(&monotonic) != 0) return false;
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  bool done = pthread_cond_init(&g->shut_now, &monotonic) == 0;
  pthread_condattr_destroy(&monotonic);
  if (!done) return false;
  if (pthread_mutex_init(&g->lock, NULL) == 0) return true;
  pthread_cond_destroy(&g->shut_now);
  return false;
}

void gate_end(gate *g) {
  pthread_mutex_destroy(&g->lock);
  pthread_cond_destroy(&g->shut_now);
}

void gate_shut(gate *g) {
  pthread_mutex_lock(&g->lock);
  g->shut = true;
  pthread_cond_broadcast(&g->shut_now);
  pthread_mutex_unlock(&g->lock);
}

static struct timespec moment_after(double seconds) {
  struct timespec t;
  if (!(seconds > 0)) seconds = 0;
  if (seconds > LONGEST) seconds = LONGEST;
  clock_gettime(CLOCK_MONOTONIC, &t);
  time_t whole = (time_t)seconds;
  t.tv_sec += whole;
  t.tv_nsec += (long)((seconds - (double)whole) * 1e9);
  if (t.tv_nsec >= 1000000000L) {
    t.tv_nsec -= 1000000000L;
    t.tv_sec++;
  }
  return t;
}

bool gate_wait(gate *g, double seconds) {
  struct timespec until = moment_after(seconds);
  pthread_mutex_lock(&g->lock);
  int status = 0;
  while (!g->shut && status == 0)
    status = pthread_cond_timedwait(&g->shut_now, &g->lock, &until);
  bool open = !g->shut;
  pthread_mutex_unlock(&g->lock);
  return open;
}
