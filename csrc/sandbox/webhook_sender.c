/* SPDX-License-Identifier: MIT
 *
 * webhook_sender: a thread that asks the service what is due, and one for each
 * webhook on its way: the service gives one of each world at a time. A webhook
 * is a whole HTTP request that the service wrote; of the answer only the status
 * is read. */
#include "sandbox/webhook_sender.h"

#include <arpa/inet.h>
#include <errno.h>
#include <lauxlib.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STEP_SECONDS 5.0 /* seconds for one step of a delivery */
#define MESSAGE_SIZE 128
#define STATUS_LINE 12 /* HTTP/1.1 200 */
#define MOST_ON_THE_WAY 256
#define THREAD_STACK ((size_t)128 * 1024)

struct webhook_sender {
  stop_pipe *stop;
  lua_service *service;
  pthread_t thread;
  waker wakeups;
  pthread_mutex_t lock;
  pthread_cond_t
      ended;       /* under the lock: a webhook is not on its way any more */
  bool is_running; /* under the lock */
  unsigned on_the_way; /* under the lock: threads that send one */
};

typedef struct {
  lua_Integer id; /* 0: none */
  double wait; /* without a webhook: seconds until one is due; < 0: for ever */
  struct sockaddr_storage address;
  socklen_t address_len;
  char *text; /* owned */
  size_t len;
  int status; /* of the answer; 0: none */
  char problem[MESSAGE_SIZE];
  webhook_sender *sender; /* of a thread that sends it */
} webhook;

/* ---- with the service ---- */

static bool fail(webhook *l, const char *what) {
  snprintf(l->problem, sizeof l->problem, "%s", what);
  return false;
}

static bool read_address(webhook *l, const char *host, uint16_t port) {
  struct sockaddr_in *v4 = (void *)&l->address;
  struct sockaddr_in6 *v6 = (void *)&l->address;
  if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    l->address_len = sizeof *v4;
    return true;
  }
  if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1) return false;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  l->address_len = sizeof *v6;
  return true;
}

/* next_webhook() -> id, host, port, text | nil, seconds */
static int run_next(lua_State *S) {
  webhook *l = lua_touserdata(S, 1);
  lua_service_push_method(S, "next_webhook");
  lua_call(S, 1, 4);
  if (lua_isnil(S, -4)) {
    l->wait = luaL_optnumber(S, -3, -1);
    return 0;
  }
  l->id = lua_tointeger(S, -4);
  if (!read_address(l, luaL_checkstring(S, -3), (uint16_t)lua_tointeger(S, -2)))
    fail(l, "not an address");
  const char *text = luaL_checklstring(S, -1, &l->len);
  l->text = malloc(l->len);
  if (l->text)
    memcpy(l->text, text, l->len);
  else
    fail(l, "not enough memory");
  return 0;
}

/* webhook_ended(id, status | nil, problem | nil) */
static int run_sent(lua_State *S) {
  webhook *l = lua_touserdata(S, 1);
  lua_service_push_method(S, "webhook_ended");
  lua_pushinteger(S, l->id);
  if (l->status)
    lua_pushinteger(S, l->status);
  else
    lua_pushnil(S);
  lua_pushstring(S, l->status ? NULL : l->problem);
  lua_call(S, 4, 0);
  return 0;
}

/* ---- on the way ---- */

static bool fail_with(webhook *l, int code) {
  char room[128];
  return fail(l, os_error_text(code, room, sizeof room));
}

static bool wait_for(webhook_sender *c, webhook *l, int fd, short events) {
  stop_pipe_result end = stop_pipe_watch(c->stop, STEP_SECONDS, fd, events);
  return end == STOP_PIPE_READY || fail(l, "no answer in time");
}

static bool connect_to(webhook_sender *c, webhook *l, int fd) {
  const struct sockaddr *to = (const void *)&l->address;
  if (connect(fd, to, l->address_len) == 0) return true;
  if (errno != EINPROGRESS) return fail_with(l, errno);
  if (!wait_for(c, l, fd, POLLOUT)) return false;
  int problem = 0;
  socklen_t len = sizeof problem;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len);
  return problem == 0 || fail_with(l, problem);
}

static bool send_text(webhook_sender *c, webhook *l, int fd) {
  size_t sent = 0;
  while (sent < l->len && wait_for(c, l, fd, POLLOUT)) {
    ssize_t n = send(fd, l->text + sent, l->len - sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return fail_with(l, errno);
    if (n > 0) sent += (size_t)n;
  }
  return sent == l->len;
}

/* The status in "HTTP/1.1 200"; 0 when it is none. */
static int status_of(const char *line) {
  static const char shape[] = "HTTP/0.0 000";
  int status = 0;
  for (size_t i = 0; shape[i]; i++) {
    bool is_digit = line[i] >= '0' && line[i] <= '9';
    if (shape[i] == '0' ? !is_digit : line[i] != shape[i]) return 0;
    if (i > strlen("HTTP/0.0")) status = status * 10 + (line[i] - '0');
  }
  return status;
}

static void read_status(webhook_sender *c, webhook *l, int fd) {
  char line[STATUS_LINE + 1] = "";
  size_t len = 0;
  while (len < STATUS_LINE) {
    if (!wait_for(c, l, fd, POLLIN)) return;
    ssize_t n = recv(fd, line + len, STATUS_LINE - len, 0);
    if (n == 0) fail(l, "closed without an answer");
    if (n < 0 && errno != EAGAIN && errno != EINTR) fail_with(l, errno);
    if (l->problem[0]) return;
    if (n > 0) len += (size_t)n;
  }
  l->status = status_of(line);
  if (!l->status) fail(l, "the answer is not HTTP");
}

static void deliver(webhook_sender *c, webhook *l) {
  if (l->problem[0]) return;
  int fd = socket(l->address.ss_family,
                  SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    fail_with(l, errno);
    return;
  }
  if (connect_to(c, l, fd) && send_text(c, l, fd)) read_status(c, l, fd);
  close(fd);
}

/* Sends it, tells the service what became of it, and frees it. */
static void finish(webhook_sender *c, webhook *l) {
  deliver(c, l);
  lua_service_run(c->service, run_sent, l, NULL, 0);
  free(l->text);
  free(l);
}

/* ---- the threads ---- */

static void *send_one(void *data) {
  webhook *l = data;
  webhook_sender *c = l->sender;
  finish(c, l);
  pthread_mutex_lock(&c->lock);
  waker_signal(&c->wakeups); /* the next one of its world may be due */
  c->on_the_way--;
  pthread_cond_signal(&c->ended);
  pthread_mutex_unlock(&c->lock);
  return NULL;
}

/* On a thread of its own; false when there is none. */
static bool start_to_send(webhook_sender *c, webhook *l) {
  pthread_t thread;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, THREAD_STACK);
  l->sender = c;
  pthread_mutex_lock(&c->lock);
  bool is_started = c->on_the_way < MOST_ON_THE_WAY &&
                    pthread_create(&thread, &attributes, send_one, l) == 0;
  if (is_started) c->on_the_way++;
  pthread_mutex_unlock(&c->lock);
  pthread_attr_destroy(&attributes);
  return is_started;
}

/* Sends what is due. Seconds until more will be; < 0: for ever. */
static double send_due(webhook_sender *c) {
  while (stop_pipe_watch(c->stop, 0, -1, 0) != STOP_PIPE_STOPPED) {
    webhook *l = calloc(1, sizeof *l);
    if (!l) return 1;
    l->wait = -1;
    if (!lua_service_run(c->service, run_next, l, NULL, 0)) l->id = 0;
    if (!l->id) {
      double seconds = l->wait;
      free(l->text);
      free(l);
      return seconds;
    }
    if (!start_to_send(c, l)) finish(c, l);
  }
  return -1;
}

static void *work(void *data) {
  webhook_sender *c = data;
  os_name_thread("sandbox-hooks");
  stop_pipe_result end = STOP_PIPE_TIME;
  while (end != STOP_PIPE_STOPPED) {
    waker_clear(&c->wakeups);
    end = stop_pipe_watch(c->stop, send_due(c), c->wakeups.read_fd, POLLIN);
  }
  return NULL;
}

webhook_sender *webhook_sender_new(stop_pipe *p) {
  webhook_sender *c = calloc(1, sizeof *c);
  if (!c || waker_open(&c->wakeups)) {
    free(c);
    return NULL;
  }
  c->stop = p;
  pthread_mutex_init(&c->lock, NULL);
  pthread_cond_init(&c->ended, NULL);
  return c;
}

void webhook_sender_serve(webhook_sender *c, lua_service *s) {
  c->service = s;
}

void webhook_sender_wake(webhook_sender *c) {
  pthread_mutex_lock(&c->lock);
  if (!c->is_running) c->is_running = os_start_thread(&c->thread, work, c) == 0;
  pthread_mutex_unlock(&c->lock);
  waker_signal(&c->wakeups);
}

void webhook_sender_free(webhook_sender *c) {
  if (c->is_running) pthread_join(c->thread, NULL);
  pthread_mutex_lock(&c->lock);
  while (c->on_the_way) pthread_cond_wait(&c->ended, &c->lock);
  pthread_mutex_unlock(&c->lock);
  pthread_cond_destroy(&c->ended);
  pthread_mutex_destroy(&c->lock);
  waker_close(&c->wakeups);
  free(c);
}
