/* SPDX-License-Identifier: MIT
 *
 * stop_pipe: a way to wait that one signal ends for all who wait, now and
 * later. */
#ifndef AISTUDIOS_SANDBOX_STOP_PIPE_H
#define AISTUDIOS_SANDBOX_STOP_PIPE_H

#include <stdbool.h>

#include "util/os.h"

/* It is stopped by its first signal, and never cleared. */
typedef waker stop_pipe;

typedef enum {
  STOP_PIPE_TIME,  /* the time is over */
  STOP_PIPE_READY, /* the descriptor has what was waited for */
  STOP_PIPE_STOPPED
} stop_pipe_result;

/* Waits for `events` of poll on `fd` (-1: none), or for the time to pass; less
 * than 0 seconds: without end. Any thread. */
stop_pipe_result stop_pipe_watch(const stop_pipe *p, double seconds, int fd,
                                 short events);

/* Waits, for as long as the other side of `socket` is there. False when it
 * went, or when the pipe is stopped. Any thread. */
bool stop_pipe_wait(const stop_pipe *p, double seconds, int socket);

#endif
