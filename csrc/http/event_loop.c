/* SPDX-License-Identifier: MIT
 *
 * event_loop: see event_loop.h. A socket stays in the poller's set as long as
 * its connection lives, idle or not: a call on a connection that stands costs
 * no system call here. */
#include "http/event_loop.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "http/easy_handles.h"
#include "http/limits.h"
#include "util/array.h"
#include "util/os.h"

enum {
  MAX_CONNECTIONS = 256, /* idle ones kept open, of each pool */
  LONGEST_WAIT_MS = 60000,
  LONGEST_HOLD = 1 /* s */
};

/* ---- calls of libcurl ---- */

static void leave(event_loop *l) {
  atomic_fetch_add_explicit(&l->shared.calls, 1, memory_order_release);
}

/* Either this sees that the loop is held, or event_loop_hold sees the call. */
static void enter(event_loop *l) {
  atomic_fetch_add(&l->shared.calls, 1);
  while (atomic_load(&l->shared.is_held)) {
    leave(l);
    poll(NULL, 0, 1);
    atomic_fetch_add(&l->shared.calls, 1);
  }
  if (atomic_load(&l->shared.is_unwatched) &&
      atomic_exchange(&l->shared.is_unwatched, false))
    waker_signal(&l->shared.watch);
}

static bool is_called(const event_loop *l) {
  return atomic_load(&l->shared.calls) % 2 == 1;
}

void event_loop_hold(event_loop *l) {
  double deadline = os_now() + LONGEST_HOLD;
  atomic_store(&l->shared.is_held, true);
  while (is_called(l) && os_now() < deadline) poll(NULL, 0, 1);
}

void event_loop_release(event_loop *l) {
  atomic_store(&l->shared.is_held, false);
}

void event_loop_close_copies(event_loop *l) {
  if (!is_called(l)) connections_close_copies(&l->connections);
}

/* ---- libcurl's callbacks ---- */

static bool make_room(event_loop *l, int fd) {
  interest *all = array_reach(l->interests, &l->size, fd, sizeof *all);
  if (all) l->interests = all;
  return all != NULL;
}

static int to_kinds(int what) {
  switch (what) {
    case CURL_POLL_IN:
      return POLLER_READ;
    case CURL_POLL_OUT:
      return POLLER_WRITE;
    case CURL_POLL_INOUT:
      return POLLER_READ | POLLER_WRITE;
    default:
      return 0;
  }
}

/* A connection stays in the poller's set. Other descriptors (the resolver's,
 * sockets that were never connected) are closed without a word, so they leave
 * it. Never fails, for libcurl would end all transfers of the pool then, and
 * all that come: a socket that cannot be watched ends by a limit. */
static int note_socket(CURL *easy, curl_socket_t fd, int what, void *arg,
                       void *own) {
  pool *p = arg;
  event_loop *l = p->loop;
  const connection *c = connections_at(&l->connections, fd);
  int kinds = to_kinds(what);
  (void)easy, (void)own;
  if (!make_room(l, fd)) return 0;
  if (!c && kinds) os_close_pair_on_exec(fd); /* the resolver's */
  l->interests[fd].kinds = (unsigned char)kinds;
  l->interests[fd].pool = (unsigned char)(p - l->pools);
  if (kinds == 0 && c && atomic_load(&c->served) > 0) return 0;
  if (kinds == 0) connections_forget(&l->connections, fd);
  poller_set(&l->poller, fd, kinds);
  return 0;
}

static int note_timer(CURLM *multi, long ms, void *arg) {
  pool *p = arg;
  (void)multi;
  p->timer = ms < 0 ? 0 : os_now() + (double)ms / 1000;
  return 0;
}

/* Makes room for what note_socket keeps. The descriptor may be that of a socket
 * which libcurl has just closed without a word, and for which it still thinks
 * that we wait. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose,
                                 struct curl_sockaddr *address) {
  event_loop *l = arg;
  curl_socket_t fd = connections_open(&l->connections, address);
  (void)purpose;
  if (fd == CURL_SOCKET_BAD) return fd;
  if (make_room(l, fd) && poller_set(&l->poller, fd, 0) &&
      poller_set(&l->poller, fd, l->interests[fd].kinds))
    return fd;
  connections_close(&l->connections, fd);
  return CURL_SOCKET_BAD;
}

static int close_socket(void *arg, curl_socket_t fd) {
  event_loop *l = arg;
  poller_set(&l->poller, fd, 0);
  if (fd < l->size) l->interests[fd].kinds = 0;
  return connections_close(&l->connections, fd);
}

/* ---- transfers ---- */

static CURLM *multi_of(const event_loop *l, const transfer *t) {
  return l->pools[transfer_may_share(t) ? POOL_SHARED : POOL_HTTP1].multi;
}

#define SET(option, value) \
  (code = code ? code : curl_easy_setopt(t->io.easy, option, value))

static CURLcode set_sockets(event_loop *l, transfer *t) {
  CURLcode code = CURLE_OK;
  if (t->io.handle->has_sockets) return code;
  SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  SET(CURLOPT_OPENSOCKETDATA, l);
  SET(CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  SET(CURLOPT_CLOSESOCKETDATA, l);
  t->io.handle->has_sockets = code == CURLE_OK;
  return code;
}

/* A request that must not be sent twice is not for a connection that its
 * server may be about to end: it gets one of its own, which is not kept. */
static CURLcode set_freshness(event_loop *l, transfer *t) {
  CURLcode code = CURLE_OK;
  bool is_alone =
      !t->request.is_replayable && connections_are_hasty(&l->connections, t);
  if (!is_alone && !t->io.wants_fresh &&
      !connections_suspect(&l->connections, t))
    return code;
  t->io.handle->is_altered = true;
  SET(CURLOPT_FRESH_CONNECT, 1L);
  if (is_alone) SET(CURLOPT_FORBID_REUSE, 1L);
  return code;
}

bool event_loop_add(event_loop *l, transfer *t) {
  t->io.connections = &l->connections;
  if (set_sockets(l, t) || set_freshness(l, t)) return false;
  enter(l);
  CURLMcode code = curl_multi_add_handle(multi_of(l, t), t->io.easy);
  leave(l);
  return code == CURLM_OK;
}

void event_loop_take(event_loop *l, transfer *t, bool is_whole) {
  enter(l);
  curl_multi_remove_handle(multi_of(l, t), t->io.easy);
  leave(l);
  connection_leave(t, is_whole);
}

void event_loop_remove(event_loop *l, transfer *t) {
  connection_distrust(t);
  event_loop_take(l, t, false);
}

transfer *event_loop_ended(event_loop *l, CURLcode *code) {
  for (int i = 0; i < POOL_COUNT; i++) {
    int left;
    CURLMsg *msg = curl_multi_info_read(l->pools[i].multi, &left);
    transfer **t = NULL;
    if (!msg) continue;
    *code = msg->data.result;
    curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
    return *t;
  }
  return NULL;
}

/* ---- portions ---- */

static void act(event_loop *l, pool *p, curl_socket_t fd, int news) {
  int running;
  enter(l);
  curl_multi_socket_action(p->multi, fd, news, &running);
  leave(l);
}

/* libcurl keeps the news of a socket with its connection, and the first of
 * the transfers on it that runs takes them for itself: one that has a body to
 * send must not be told that there is only something to read. An idle
 * connection that has news is about to end; libcurl finds out when it is to
 * be used. */
static void serve_socket(event_loop *l, int fd) {
  const interest *i = fd < l->size ? &l->interests[fd] : NULL;
  if (i && i->kinds)
    act(l, &l->pools[i->pool], fd, CURL_CSELECT_IN | CURL_CSELECT_OUT);
  else
    poller_set(&l->poller, fd, 0);
}

static void serve_timers(event_loop *l) {
  double now = os_now();
  for (int i = 0; i < POOL_COUNT; i++) {
    pool *p = &l->pools[i];
    if (p->timer <= 0 || p->timer > now) continue;
    p->timer = 0;
    act(l, p, CURL_SOCKET_TIMEOUT, 0);
  }
}

void event_loop_serve(event_loop *l) {
  serve_timers(l);
  int fd = poller_next(&l->poller);
  if (fd >= 0) serve_socket(l, fd);
}

bool event_loop_has_more(const event_loop *l) {
  return poller_has_more(&l->poller);
}

void event_loop_wait(event_loop *l, double due) {
  double ms = LONGEST_WAIT_MS;
  bool is_urgent = due < 0;
  for (int i = 0; i < POOL_COUNT; i++)
    due = limits_earlier(due, l->pools[i].timer);
  if (due > 0) ms = (due - os_now()) * 1000 + 1;
  if (is_urgent || ms < 0) ms = 0;
  poller_wait(&l->poller, ms > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : (int)ms);
}

/* ---- start and end ---- */

/* What ends idle connections takes its word about signals from the handle
 * that was added last: without one it changes the action of SIGPIPE, which is
 * the host's. */
static bool forbid_signals(CURLM *multi) {
  CURL *easy = curl_easy_init();
  bool ok = easy && curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
            curl_multi_add_handle(multi, easy) == CURLM_OK;
  if (ok) curl_multi_remove_handle(multi, easy);
  curl_easy_cleanup(easy);
  return ok;
}

static bool open_pool(event_loop *l, pool *p) {
  int fd = os_next_descriptor();
  p->loop = l;
  p->multi = curl_multi_init();
  if (!p->multi) return false;
  os_close_pair_on_exec(fd); /* for curl_multi_wakeup */
  curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, (long)MAX_CONNECTIONS);
  curl_multi_setopt(p->multi, CURLMOPT_SOCKETFUNCTION, note_socket);
  curl_multi_setopt(p->multi, CURLMOPT_SOCKETDATA, p);
  curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, note_timer);
  curl_multi_setopt(p->multi, CURLMOPT_TIMERDATA, p);
  return forbid_signals(p->multi);
}

bool event_loop_open(event_loop *l) {
  memset(l, 0, sizeof *l);
  connections_init(&l->connections);
  l->shared.watch.read_fd = l->shared.watch.write_fd = -1;
  if (!poller_open(&l->poller) || waker_open(&l->shared.watch)) return false;
  l->share = curl_share_init();
  if (!l->share) return false;
  curl_share_setopt(l->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  curl_share_setopt(l->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  return open_pool(l, &l->pools[0]) && open_pool(l, &l->pools[1]);
}

void event_loop_close(event_loop *l) {
  enter(l);
  for (int i = 0; i < POOL_COUNT; i++)
    if (l->pools[i].multi) curl_multi_cleanup(l->pools[i].multi);
  if (l->share) curl_share_cleanup(l->share);
  connections_free(&l->connections);
  leave(l);
  poller_close(&l->poller);
  waker_close(&l->shared.watch);
  free(l->interests);
}
