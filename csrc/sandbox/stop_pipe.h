/* SPDX-License-Identifier: MIT
 *
 * stop_pipe: a way to wait that one call ends for all who wait, now and later.
 */
#ifndef AISTUDIOS_SANDBOX_STOP_PIPE_H
#define AISTUDIOS_SANDBOX_STOP_PIPE_H

#include <stdbool.h>

typedef struct {
  int ends[2]; /* of a pipe: readable once it is stopped */
} stop_pipe;

typedef enum {
  STOP_PIPE_TIME,  /* the time is over */
  STOP_PIPE_READY, /* the descriptor has what was waited for */
  STOP_PIPE_STOPPED
} stop_pipe_result;

/* False when there are no descriptors left. */
bool stop_pipe_open(stop_pipe *p);
void stop_pipe_close(stop_pipe *p);

/* Ends every wait. */
void stop_pipe_stop(stop_pipe *p);

/* Waits for `events` of poll on `fd` (-1: none), or for the time to pass; less
 * than 0 seconds: without end. Any thread. */
stop_pipe_result stop_pipe_watch(stop_pipe *p, double seconds, int fd,
                                 short events);

/* Waits, for as long as the other side of `socket` is there. False when it
 * went, or when the pipe is stopped. Any thread. */
bool stop_pipe_wait(stop_pipe *p, double seconds, int socket);

#endif
