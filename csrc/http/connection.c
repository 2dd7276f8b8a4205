/* SPDX-License-Identifier: MIT
 *
 * connection: see connection.h. */
#include "http/connection.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/tcp.h>
#endif

#include "http/easy_handles.h"
#include "http/transfer.h"
#include "util/array.h"
#include "util/os.h"

enum {
  GREEDY_BYTES = 8192, /* read between looks of the watch: is much */
  GREEDY_LOOKS = 2     /* at which that was found, in one call, are enough */
};

static const double trusted_seconds = 1;

void connections_init(connections *cs) {
  memset(cs, 0, sizeof *cs);
  pthread_mutex_init(&cs->lock, NULL);
  list_init(&cs->all);
  list_init(&cs->unnamed);
  for (int i = 0; i < CONNECTION_PORTS; i++) list_init(&cs->ports[i]);
}

static void unref(connection *c) {
  if (--c->refs == 0) free(c);
}

/* `closes`: and closes its descriptor; returns what close does. */
static int drop(connection *c, bool closes) {
  connections *cs = c->owner;
  cs->by_fd[c->fd] = NULL;
  pthread_mutex_lock(&cs->lock);
  list_remove(&c->entry);
  list_remove(&c->by_port);
  int code = closes ? close(c->fd) : 0;
  pthread_mutex_unlock(&cs->lock);
  c->fd = -1;
  if (c->is_suspect) cs->suspects--;
  unref(c);
  return code;
}

void connections_free(connections *cs) {
  free(cs->by_fd);
  pthread_mutex_destroy(&cs->lock);
}

/* ---- sockets ---- */

static bool make_room(connections *cs, int fd) {
  connection **by_fd = array_reach(cs->by_fd, &cs->size, fd, sizeof *by_fd);
  if (by_fd) cs->by_fd = by_fd;
  return by_fd != NULL;
}

static int open_socket(const struct curl_sockaddr *a) {
#ifdef SOCK_CLOEXEC
  return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
#else
  int fd = socket(a->family, a->socktype, a->protocol);
  if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
  return fd;
#endif
}

static ino_t inode_of(int fd) {
#ifdef __linux__
  struct stat s;
  return fstat(fd, &s) == 0 ? s.st_ino : 0;
#else
  (void)fd;
  return 0;
#endif
}

curl_socket_t connections_open(connections *cs, struct curl_sockaddr *address) {
  int fd = open_socket(address);
  if (fd < 0) return CURL_SOCKET_BAD;
  connection *c = make_room(cs, fd) ? calloc(1, sizeof *c) : NULL;
  if (!c) {
    close(fd);
    return CURL_SOCKET_BAD;
  }
  connections_forget(cs, fd);
  c->owner = cs;
  c->fd = fd;
  c->inode = inode_of(fd);
  c->refs = 1;
  list_init(&c->users);
  cs->by_fd[fd] = c;
  pthread_mutex_lock(&cs->lock);
  list_append(&cs->all, &c->entry);
  list_append(&cs->unnamed, &c->by_port);
  pthread_mutex_unlock(&cs->lock);
  return fd;
}

int connections_close(connections *cs, curl_socket_t fd) {
  connection *c = connections_at(cs, fd);
  return c ? drop(c, true) : close(fd);
}

void connections_forget(connections *cs, curl_socket_t fd) {
  connection *c = connections_at(cs, fd);
  if (c) drop(c, false);
}

connection *connections_at(const connections *cs, int fd) {
  return fd >= 0 && fd < cs->size ? cs->by_fd[fd] : NULL;
}

static int look_up_port(int fd) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage room;
  } a = {.room = {0}};
  socklen_t len = sizeof a;
  if (getsockname(fd, &a.any, &len)) return 0;
  if (a.any.sa_family == AF_INET) return ntohs(a.v4.sin_port);
  return a.any.sa_family == AF_INET6 ? ntohs(a.v6.sin6_port) : 0;
}

static list_node *at_port(connections *cs, int port) {
  return &cs->ports[(unsigned)port % CONNECTION_PORTS];
}

/* Sorts those in that have a port by now. */
static void name_new(connections *cs) {
  list_node *n, *next;
  for (n = cs->unnamed.next; n != &cs->unnamed; n = next) {
    connection *c = list_entry(n, connection, by_port);
    next = n->next;
    c->local_port = look_up_port(c->fd);
    if (c->local_port == 0) continue;
    list_remove(n);
    list_append(at_port(cs, c->local_port), n);
  }
}

/* Two sockets can have one port, towards two servers: then it is unknown. */
connection *connections_find(connections *cs, int local_port) {
  connection *found = NULL;
  list_node *list = at_port(cs, local_port);
  name_new(cs);
  for (list_node *n = list->next; n != list; n = n->next) {
    connection *c = list_entry(n, connection, by_port);
    if (c->local_port != local_port) continue;
    if (found) return NULL;
    found = c;
  }
  return found;
}

/* ---- bytes ---- */

/* What the system tells of a connection: bytes that have come, and seconds
 * since the last of them. False: nothing. */
static bool ask_system(int fd, uint64_t *received, double *silent) {
#ifdef __linux__
  struct tcp_info info;
  socklen_t len = sizeof info;
  memset(&info, 0, sizeof info);
  bool is_told =
      fd >= 0 && getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0;
  *received = info.tcpi_bytes_received;
  *silent = info.tcpi_last_data_recv / 1e3;
  return is_told;
#else
  (void)fd, (void)received, (void)silent;
  return false;
#endif
}

/* Bytes that libcurl has read. False: the system does not count. */
static bool count_read(const connection *c, uint64_t *read) {
  double silent;
  int unread = 0;
  if (!ask_system(c->fd, read, &silent)) return false;
  if (ioctl(c->fd, FIONREAD, &unread) == 0) /* some may have come since */
    *read -= (uint64_t)unread < *read ? (uint64_t)unread : *read;
  return true;
}

uint64_t connection_read(const connection *c) {
  uint64_t read;
  return count_read(c, &read) ? read : 0;
}

/* Have bytes come since `t` was sent, and do they still? */
static bool is_alive(const connection *c, const transfer *t) {
  uint64_t received;
  double silent;
  return ask_system(c->fd, &received, &silent) && silent < trusted_seconds &&
         silent < os_now() - t->io.sent_at;
}

/* ---- users ---- */

static bool is_silent(const connection *c) {
  struct pollfd p = {.fd = c->fd, .events = POLLIN};
  return poll(&p, 1, 0) == 0;
}

bool connection_is_sound(const connection *c) {
  return !c->is_suspect && os_now() - c->ended_at < trusted_seconds &&
         is_silent(c);
}

bool connection_has_news(const connection *c) {
  return c->is_http1 && !is_silent(c);
}

void connection_join(connection *c, transfer *t) {
  connection_leave(t, false);
  t->io.is_shut = false;
  if (!c) return;
  c->refs++;
  atomic_fetch_add(&c->served, 1);
  list_append(&c->users, &t->io.sharing);
  t->io.connection = c;
  t->io.sent_at = os_now();
  t->io.is_counted = false;
}

static void note_end(connection *c, const transfer *t) {
  long version = 0;
  curl_easy_getinfo(t->io.easy, CURLINFO_HTTP_VERSION, &version);
  c->is_http1 =
      version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1;
  c->ended_at = os_now();
}

void connection_leave(transfer *t, bool is_whole) {
  connection *c = t->io.connection;
  if (!c) return;
  if (is_whole) note_end(c, t);
  if (atomic_load(&c->is_shut)) t->io.is_shut = true;
  list_remove(&t->io.sharing);
  t->io.connection = NULL;
  unref(c);
}

static transfer *user_at(list_node *n) {
  return list_entry(n, transfer, io.sharing);
}

static void forbid_reuse(const transfer *t) {
  curl_easy_setopt(t->io.easy, CURLOPT_FORBID_REUSE, 1L);
  t->io.handle->is_altered = true;
}

/* libcurl closes a connection when its last user leaves, if that one forbids
 * its reuse. */
void connection_distrust(transfer *t) {
  connection *c = t->io.connection;
  bool is_shared = c && c->users.next != c->users.prev;
  if (is_shared && is_alive(c, t)) return;
  forbid_reuse(t);
  if (!is_shared) return;
  if (!c->is_suspect) c->owner->suspects++;
  c->is_suspect = true;
  for (list_node *n = c->users.next; n != &c->users; n = n->next)
    forbid_reuse(user_at(n));
}

/* The length of "scheme://host:port" in an address. */
static size_t origin_length(const char *url) {
  const char *host = strstr(url, "://");
  return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;
}

static bool has_origin(const char *a, const char *b) {
  size_t len = origin_length(a);
  return len == origin_length(b) && curl_strnequal(a, b, len);
}

bool connections_suspect(const connections *cs, const transfer *t) {
  if (cs->suspects == 0) return false;
  for (list_node *n = cs->all.next; n != &cs->all; n = n->next) {
    const connection *c = list_entry(n, connection, entry);
    if (!c->is_suspect || list_is_empty(&c->users)) continue;
    if (has_origin(user_at(c->users.next)->request.url, t->request.url))
      return true;
  }
  return false;
}

/* ---- servers that end connections without a word ---- */

/* FNV-1a of "scheme://host:port", in small letters; not 0. */
static uint64_t hash_origin(const char *url) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0, len = origin_length(url); i < len; i++)
    hash = (hash ^ (unsigned char)(url[i] | 0x20)) * 0x100000001b3u;
  return hash | 1;
}

bool connections_are_hasty(const connections *cs, const transfer *t) {
  if (cs->hasty_count == 0) return false;
  uint64_t hash = hash_origin(t->request.url);
  for (int i = 0; i < CONNECTION_HASTY_SERVERS; i++)
    if (cs->hasty[i] == hash) return true;
  return false;
}

void connections_note_hasty(connections *cs, const transfer *t) {
  if (!connections_are_hasty(cs, t))
    cs->hasty[cs->hasty_count++ % CONNECTION_HASTY_SERVERS] =
        hash_origin(t->request.url);
}

/* ---- the watch ---- */

/* Ends what is on its way: a peer that has sent megabytes of frames would
 * otherwise keep libcurl at reading them. Its transfers end as broken, for
 * is_shut tells. */
static void shut(connection *c) {
  char nowhere[16384];
  int flags = MSG_DONTWAIT, rounds = 1024;
#ifdef __linux__
  flags |= MSG_TRUNC; /* TCP: throws away without a copy */
#endif
  atomic_store(&c->is_shut, true);
  shutdown(c->fd, SHUT_RDWR);
  while (rounds-- > 0 && recv(c->fd, nowhere, sizeof nowhere, flags) > 0)
    ;
}

/* A call that reads an answer may last, on a busy machine; one that reads much
 * between two looks, and again later, does so because of its peer. A time
 * without bytes in between says nothing: the thread had no processor. */
static bool is_greedy(connection *c, unsigned call) {
  uint64_t taken;
  if (!count_read(c, &taken)) taken = c->sight.taken + GREEDY_BYTES;
  bool is_same = c->sight.call == call;
  if (is_same && taken < c->sight.taken + GREEDY_BYTES)
    return c->sight.greedy >= GREEDY_LOOKS;
  c->sight.greedy = is_same ? c->sight.greedy + 1 : 0;
  c->sight.call = call;
  c->sight.taken = taken;
  return c->sight.greedy >= GREEDY_LOOKS;
}

/* Is the descriptor still that of the connection's socket? One that was never
 * connected is closed without a word; all others under the lock, which the
 * caller holds. */
static bool is_open(connection *c) {
  return atomic_load(&c->served) > 0 ||
         (c->inode != 0 && inode_of(c->fd) == c->inode);
}

void connections_close_copies(connections *cs) {
  for (list_node *n = cs->all.next; n != &cs->all; n = n->next) {
    connection *c = list_entry(n, connection, entry);
    if (is_open(c)) close(c->fd);
  }
}

void connections_look(connections *cs, unsigned call, bool is_due) {
  pthread_mutex_lock(&cs->lock);
  for (list_node *n = cs->all.next; n != &cs->all; n = n->next) {
    connection *c = list_entry(n, connection, entry);
    if (atomic_load(&c->is_shut) || !is_open(c)) continue;
    if (is_greedy(c, call) && is_due) shut(c);
  }
  pthread_mutex_unlock(&cs->lock);
}
