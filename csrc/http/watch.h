/* SPDX-License-Identifier: MIT
 *
 * watch: a thread that sees to it that no peer holds the I/O thread up. The
 * limits of all transfers are kept by the I/O thread; a peer that sends small
 * frames without pause keeps libcurl in one call for as long as it likes.
 * When something is due, or a command waits, and the call does not end, the
 * watch shuts down the socket that libcurl reads from, which ends it.
 *
 * It looks a few dozen times a second while libcurl is called, and sleeps
 * when it was not called for a second. */
#ifndef AISTUDIOS_HTTP_WATCH_H
#define AISTUDIOS_HTTP_WATCH_H

#include <pthread.h>

#include "http/command.h"
#include "http/scheduler_state.h"

typedef struct {
  pthread_t thread;
  event_loop *loop;
  wakeup *wakeup; /* sent by the watch when the I/O thread is kept */
  _Atomic(command *) *commands; /* the I/O thread's: not NULL, some wait */
  atomic_bool is_stopping;
} watch;

/* Returns 0 or an errno value. */
int watch_start(watch *w, scheduler *s, _Atomic(command *) *commands);

/* Stops and joins it. */
void watch_stop(watch *w);

#endif
