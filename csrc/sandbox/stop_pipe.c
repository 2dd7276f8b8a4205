/* SPDX-License-Identifier: MIT
 *
 * gate: a pipe that stays readable once it is shut. A byte says so, not the
 * end of the pipe: a forked child would keep that open. */
#include "sandbox/stop_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/lua_functions.h"

#define LONGEST 1e6 /* seconds; longer waits end here */

bool gate_open(gate *g) {
  return pipe2(g->ends, O_CLOEXEC | O_NONBLOCK) == 0;
}

void gate_close(gate *g) {
  close(g->ends[0]);
  close(g->ends[1]);
}

void gate_shut(gate *g) {
  ssize_t written;
  do {
    written = write(g->ends[1], "x", 1);
  } while (written < 0 && errno == EINTR);
}

static struct timespec span_of(double seconds) {
  if (!(seconds > 0)) seconds = 0;
  if (seconds > LONGEST) seconds = LONGEST;
  struct timespec t = {.tv_sec = (time_t)seconds};
  t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
  return t;
}

gate_end gate_watch(gate *g, double seconds, int fd, short events) {
  struct pollfd watched[] = {{.fd = g->ends[0], .events = POLLIN},
                             {.fd = fd, .events = events}};
  double until = natives_now() + seconds;
  for (;;) {
    struct timespec span = span_of(until - natives_now());
    int ready = ppoll(watched, 2, seconds < 0 ? NULL : &span, NULL);
    if (ready == 0) return GATE_TIME;
    if (ready > 0) return watched[0].revents ? GATE_SHUT : GATE_READY;
    if (errno != EINTR) return GATE_SHUT;
  }
}

bool gate_wait(gate *g, double seconds, int socket) {
  if (seconds < 0) seconds = 0;
  return gate_watch(g, seconds, socket, POLLRDHUP) == GATE_TIME;
}
