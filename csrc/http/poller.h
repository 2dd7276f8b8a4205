/* SPDX-License-Identifier: MIT
 *
 * poller: which of many descriptors have news: epoll where there is epoll,
 * poll elsewhere. One thread's, but for poller_wake. */
#ifndef AISTUDIOS_HTTP_POLLER_H
#define AISTUDIOS_HTTP_POLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "util/os.h"

#if defined(__linux__) && !defined(AISTUDIOS_POLL)
#define POLLER_EPOLL 1
#include <sys/epoll.h>
#else
#include <poll.h>
#endif

enum { POLLER_READ = 1, POLLER_WRITE = 2, POLLER_BATCH = 64 };

#ifdef POLLER_EPOLL
/* What the set has a descriptor for. */
typedef struct {
  unsigned char kinds;
  uint32_t additions; /* how often it was added, the last one included */
} poller_entry;
#endif

typedef struct {
  waker waker;
  int next, count; /* what poller_next has still to tell */
#ifdef POLLER_EPOLL
  int fd;
  poller_entry *asked; /* by descriptor */
  int size;
  bool had_strays, has_strays; /* in the waits before, see poller.c */
  struct epoll_event ready[POLLER_BATCH];
#else
  struct pollfd *asked; /* the first is the waker's */
  int used, size;
#endif
} poller;

/* False: out of descriptors or memory; poller_close is due either way. */
bool poller_open(poller *p);
void poller_close(poller *p);

/* From now on news of these kinds (0: none) of `fd` count; none before it is
 * closed. Nothing happens when they did before. False: out of memory. */
bool poller_set(poller *p, int fd, int kinds);

/* Waits until there are news, for `ms` at most. What poller_next has not told
 * yet is told again. */
void poller_wait(poller *p, int ms);

/* The next descriptor with news of the last wait; -1: no more. */
int poller_next(poller *p);
bool poller_has_more(const poller *p);

/* Ends a poller_wait that is under way, or the next one. Any thread. */
void poller_wake(poller *p);

#endif
