/* SPDX-License-Identifier: MIT
 *
 * stop_pipe: see stop_pipe.h. */
#include "sandbox/stop_pipe.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#define LONGEST 1e6 /* seconds; longer waits end here */

static struct timespec span_of(double seconds) {
  if (!(seconds > 0)) seconds = 0;
  if (seconds > LONGEST) seconds = LONGEST;
  struct timespec t = {.tv_sec = (time_t)seconds};
  t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
  return t;
}

stop_pipe_result stop_pipe_watch(const stop_pipe *p, double seconds, int fd,
                                 short events) {
  struct pollfd watched[] = {{.fd = p->read_fd, .events = POLLIN},
                             {.fd = fd, .events = events}};
  double until = os_now() + seconds;
  int ready;
  do {
    struct timespec span = span_of(until - os_now());
    ready = ppoll(watched, 2, seconds < 0 ? NULL : &span, NULL);
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) return STOP_PIPE_TIME;
  return ready < 0 || watched[0].revents ? STOP_PIPE_STOPPED : STOP_PIPE_READY;
}

bool stop_pipe_wait(const stop_pipe *p, double seconds, int socket) {
  if (seconds < 0) seconds = 0;
  return stop_pipe_watch(p, seconds, socket, POLLRDHUP) == STOP_PIPE_TIME;
}
