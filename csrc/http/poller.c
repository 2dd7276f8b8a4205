/* SPDX-License-Identifier: MIT
 *
 * poller: both kinds (see poller.h). News are told as long as they last, so
 * that what was left unread is not forgotten. */
#include "http/poller.h"

#include <string.h>
#include <unistd.h>

#include "util/array.h"

#ifdef POLLER_EPOLL

static unsigned to_events(int kinds) {
  return (kinds & POLLER_READ ? EPOLLIN : 0u) |
         (kinds & POLLER_WRITE ? EPOLLOUT : 0u);
}

bool poller_open(poller *p) {
  memset(p, 0, sizeof *p);
  p->fd = epoll_create1(EPOLL_CLOEXEC);
  return waker_open(&p->waker) == 0 && p->fd >= 0 &&
         poller_set(p, p->waker.read_fd, POLLER_READ);
}

void poller_close(poller *p) {
  if (p->fd >= 0) close(p->fd);
  waker_close(&p->waker);
  free(p->asked);
}

static bool control(const poller *p, int op, int fd) {
  const poller_entry *a = &p->asked[fd];
  struct epoll_event e = {
      .events = to_events(a->kinds),
      .data.u64 = (uint64_t)a->additions << 32 | (uint32_t)fd};
  return epoll_ctl(p->fd, op, fd, &e) == 0;
}

bool poller_set(poller *p, int fd, int kinds) {
  poller_entry *asked = array_reach(p->asked, &p->size, fd, sizeof *asked);
  if (!asked) return false;
  p->asked = asked;
  int before = asked[fd].kinds;
  if (before == kinds) return true;
  if (before == 0) asked[fd].additions++;
  asked[fd].kinds = (unsigned char)kinds;
  int op = kinds == 0    ? EPOLL_CTL_DEL
           : before == 0 ? EPOLL_CTL_ADD
                         : EPOLL_CTL_MOD;
  return control(p, op, fd) || kinds == 0;
}

/* A new set without what nobody can take from the old one: a socket that was
 * closed while another process, forked meanwhile, has a copy of it. */
static void renew(poller *p) {
  int old = p->fd, fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) return;
  p->fd = fd;
  for (int i = 0; i < p->size; i++)
    if (p->asked[i].kinds) control(p, EPOLL_CTL_ADD, i);
  close(old);
}

void poller_wait(poller *p, int ms) {
  if (p->had_strays && p->has_strays) renew(p);
  p->had_strays = p->has_strays;
  p->has_strays = false;
  p->next = 0;
  p->count = epoll_wait(p->fd, p->ready, POLLER_BATCH, ms);
}

/* News of what is not asked for any more, or was added again since, are of a
 * descriptor that was served earlier in this batch; or, when they come with
 * each wait, of one that could not be taken from the set. */
static int next_ready(poller *p) {
  while (p->next < p->count) {
    uint64_t told = p->ready[p->next++].data.u64;
    int fd = (int)(uint32_t)told;
    if (p->asked[fd].kinds && p->asked[fd].additions == told >> 32) return fd;
    p->has_strays = true;
  }
  return -1;
}

#else

bool poller_open(poller *p) {
  memset(p, 0, sizeof *p);
  return waker_open(&p->waker) == 0 &&
         poller_set(p, p->waker.read_fd, POLLER_READ);
}

void poller_close(poller *p) {
  waker_close(&p->waker);
  free(p->asked);
}

static int find(const poller *p, int fd) {
  int i = 0;
  while (i < p->used && p->asked[i].fd != fd) i++;
  return i;
}

/* What lies behind the place of one that is gone moves: some of it may be
 * told twice, or with the next wait. */
bool poller_set(poller *p, int fd, int kinds) {
  int i = find(p, fd);
  if (kinds == 0) {
    if (i < p->used) p->asked[i] = p->asked[--p->used];
    return true;
  }
  struct pollfd *asked = array_reach(p->asked, &p->size, i, sizeof *asked);
  if (!asked) return false;
  p->asked = asked;
  if (i == p->used) p->used++;
  p->asked[i] =
      (struct pollfd){.fd = fd,
                      .events = (short)((kinds & POLLER_READ ? POLLIN : 0) |
                                        (kinds & POLLER_WRITE ? POLLOUT : 0))};
  return true;
}

void poller_wait(poller *p, int ms) {
  p->next = 0;
  p->count = poll(p->asked, (nfds_t)p->used, ms) > 0 ? p->used : 0;
}

static int next_ready(poller *p) {
  while (p->next < p->count && p->next < p->used) {
    const struct pollfd *e = &p->asked[p->next++];
    if (e->revents) return e->fd;
  }
  p->next = p->count;
  return -1;
}

#endif

int poller_next(poller *p) {
  int fd = next_ready(p);
  if (fd != p->waker.read_fd || fd < 0) return fd;
  waker_clear(&p->waker);
  return next_ready(p);
}

bool poller_has_more(const poller *p) {
  return p->next < p->count;
}

void poller_wake(poller *p) {
  waker_signal(&p->waker);
}
