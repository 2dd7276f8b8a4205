/* SPDX-License-Identifier: MIT
 *
 * notifier: tells threads that wait for it that something happened in the
 * service. Every function may be called by any thread. */
#ifndef AISTUDIOS_SANDBOX_NOTIFIER_H
#define AISTUDIOS_SANDBOX_NOTIFIER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  pthread_mutex_t lock; /* guards all below */
  pthread_cond_t changed;
  uint64_t count; /* of the notifications so far */
  bool is_stopped;
} notifier;

void notifier_open(notifier *n);
void notifier_close(notifier *n);

void notifier_notify(notifier *n);

/* Ends every wait, now and later. */
void notifier_stop(notifier *n);

uint64_t notifier_count(notifier *n);

/* Waits until the count is not `seen`, `seconds` at most. False when it was
 * stopped. Who reads the count, then looks for what he waits for, and then
 * waits with that count misses nothing. */
bool notifier_wait(notifier *n, uint64_t seen, double seconds);

#endif
