/* SPDX-License-Identifier: MIT
 *
 * listener: accept, look at the number of the descriptor, hand over. The kernel
 * gives the lowest number that is free, so a high one says that few are left.
 * Where there is none, connections wait in the kernel's queue. */
#include "sandbox/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/os.h"

#define BACKLOG 511
#define LEAST_RESERVE 8  /* descriptors that are left to the process */
#define MOST_RESERVE 256 /* or a quarter of its limit */
#define PAUSE 0.05       /* seconds after a failure that may last */

struct listener {
  int fd;
  uint16_t port; /* that it listens on */
  struct MHD_Daemon *daemon;
  stop_pipe *stop;
  bool is_admin;
  pthread_t thread;
};

/* ---- accepting ---- */

/* Whether so high a descriptor leaves enough for the rest of the process. The
 * admin interface may take half of what is left. */
static bool is_affordable(const listener *l, int fd) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return true;
  rlim_t reserve = limit.rlim_cur / 4;
  if (reserve > MOST_RESERVE) reserve = MOST_RESERVE;
  if (reserve < LEAST_RESERVE) reserve = LEAST_RESERVE;
  if (l->is_admin) reserve /= 2;
  return (rlim_t)fd + reserve < limit.rlim_cur;
}

/* Takes one connection. False when it is better to wait a little. */
static bool take_one(listener *l) {
  struct sockaddr_storage address;
  socklen_t len = sizeof address;
  int fd = accept4(l->fd, (struct sockaddr *)&address, &len,
                   SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
  if (!is_affordable(l, fd))
    close(fd);
  else /* the daemon owns the descriptor now, whatever comes of it */
    MHD_add_connection(l->daemon, fd, (struct sockaddr *)&address, len);
  return true;
}

static void *work(void *data) {
  listener *l = data;
  os_name_thread("sandbox-accept");
  stop_pipe_result end = STOP_PIPE_TIME;
  while (end != STOP_PIPE_STOPPED) {
    end = stop_pipe_watch(l->stop, -1, l->fd, POLLIN);
    if (end == STOP_PIPE_READY && !take_one(l))
      end = stop_pipe_watch(l->stop, PAUSE, -1, 0);
  }
  return NULL;
}

/* ---- start ---- */

static int listen_at(const struct addrinfo *at) {
  int on = 1;
  int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
    return fd;
  int problem = errno;
  close(fd);
  errno = problem;
  return -1;
}

/* The port of the socket. 0: none is told. */
static uint16_t look_up_port(int fd) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } a = {.any = {.sa_family = AF_UNSPEC}};
  socklen_t len = sizeof a;
  if (getsockname(fd, &a.any, &len) != 0) return 0;
  return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

static bool open_socket(listener *l, const char *host, uint16_t port, char *why,
                        size_t size) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                           .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  struct addrinfo *found = NULL;
  char number[8], text[128];
  snprintf(number, sizeof number, "%u", (unsigned)port);
  int status = getaddrinfo(host, number, &hints, &found);
  if (status != 0) {
    snprintf(why, size, "%s: %s", host, gai_strerror(status));
    return false;
  }
  l->fd = listen_at(found);
  freeaddrinfo(found);
  if (l->fd >= 0) l->port = look_up_port(l->fd);
  if (!l->port)
    snprintf(why, size, "%s port %u: %s", host, (unsigned)port,
             os_error_text(errno, text, sizeof text));
  return l->port != 0;
}

static void close_all(listener *l) {
  if (l->fd >= 0) close(l->fd);
  free(l);
}

listener *listener_start(const listener_options *options, char *why,
                         size_t size) {
  listener *l = calloc(1, sizeof *l);
  snprintf(why, size, "not enough memory");
  if (!l) return NULL;
  *l = (listener){.fd = -1,
                  .daemon = options->daemon,
                  .stop = options->stop,
                  .is_admin = options->is_admin};
  if (open_socket(l, options->host, options->port, why, size)) {
    if (os_start_thread(&l->thread, work, l) == 0) return l;
    snprintf(why, size, "no thread can be started");
  }
  close_all(l);
  return NULL;
}

uint16_t listener_port(const listener *l) {
  return l->port;
}

void listener_free(listener *l) {
  pthread_join(l->thread, NULL);
  close_all(l);
}
