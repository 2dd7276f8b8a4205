/* SPDX-License-Identifier: MIT
 *
 * event_loop: libcurl's multi handles on a poller, served in small portions:
 * one socket or one timer at a time, so that between two of them deadlines
 * and commands are looked at. I/O thread only, but for `shared` and the
 * poller's waker.
 *
 * There are two multi handles, and so two pools of connections: one of
 * HTTP/1.1, one for requests that may share a connection of HTTP/2. */
#ifndef AISTUDIOS_HTTP_EVENT_LOOP_H
#define AISTUDIOS_HTTP_EVENT_LOOP_H

#include "http/connection.h"
#include "http/poller.h"
#include "http/transfer.h"

typedef enum { POOL_HTTP1, POOL_SHARED, POOL_COUNT } pool_kind;

typedef struct {
  CURLM *multi;
  struct event_loop *loop;
  double timer; /* when libcurl wants to be called; 0: not by itself */
} pool;

/* What libcurl waits for at a descriptor. */
typedef struct {
  unsigned char kinds; /* POLLER_*; 0: nothing, now */
  unsigned char pool;
} interest;

typedef struct event_loop {
  poller poller;
  connections connections;
  CURLSH *share; /* TLS sessions outlive an easy handle */
  pool pools[POOL_COUNT];
  interest *interests; /* by descriptor */
  int size;

  /* For the watch. */
  struct {
    atomic_uint calls;        /* begun and ended; odd: libcurl is called now */
    atomic_int_fast64_t due;  /* us on os_now's clock; 0: nothing is due */
    atomic_bool is_unwatched; /* the watch sleeps */
    waker watch;              /* ends that sleep */
    atomic_bool is_held;      /* by event_loop_hold */
  } shared;
} event_loop;

/* False: out of memory or descriptors; event_loop_close is due either way. */
bool event_loop_open(event_loop *l);

/* When libcurl has no transfer any more: ends all connections. */
void event_loop_close(event_loop *l);

/* Starts a transfer whose t->io.easy is set up. False: out of memory. */
bool event_loop_add(event_loop *l, transfer *t);

/* Takes it back from libcurl: no callback runs for it after that. */
void event_loop_remove(event_loop *l, transfer *t);

/* The same when libcurl is done with it; `is_whole`: the answer came whole. */
void event_loop_take(event_loop *l, transfer *t, bool is_whole);

/* Serves one portion of what has news: a timer, a socket. */
void event_loop_serve(event_loop *l);

/* A transfer that libcurl is done with, to be taken back; NULL: none. */
transfer *event_loop_ended(event_loop *l, CURLcode *code);

/* Are news left of the last wait? */
bool event_loop_has_more(const event_loop *l);

/* Waits for news, or until `due` (0: for ever, below 0: not at all); when none
 * are left of the last wait. */
void event_loop_wait(event_loop *l, double due);

/* Any thread that is about to fork: waits until libcurl is not called, for
 * 1 s at most, and keeps it from being called until event_loop_release. The
 * child would find every lock that libcurl or the TLS library holds held for
 * ever. */
void event_loop_hold(event_loop *l);
void event_loop_release(event_loop *l);

/* In the forked child of a process whose event loop is held: closes what the
 * child has of its sockets, so that a connection ends when the parent ends
 * it; none if libcurl was still called when the process forked. */
void event_loop_close_copies(event_loop *l);

#endif
