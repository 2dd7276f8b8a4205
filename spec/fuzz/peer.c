/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <lauxlib.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRIVE_PROMISE_ONLY
#include "drive.h"

enum { MAX_ANSWERS = 8, MAX_REQUEST = 1 << 18, MAX_NAMES = 1024, PORTION = 7 };

static int listener;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  char *data;
  size_t len;
} answers[MAX_ANSWERS]; /* under the lock, as what follows */
static int answer_count, next_answer;
static lua_Integer how;
static bool is_http2;         /* set before the first client is made */
static char names[MAX_NAMES]; /* the first line of each request that was read */

/* One connection, its thread's. */
typedef struct {
  int fd;
  lua_Integer how;
  char *answer;
  size_t len;
  char request[MAX_REQUEST + 1];
} exchange;

/* The linker gives this the calls of the core (--wrap): what may go over HTTP/2
 * in TLS does so in plain, from the first byte. */
CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  CURLcode result;
  va_list arguments;
  va_start(arguments, option);
  if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
    result =
        __real_curl_easy_setopt(easy, option, va_arg(arguments, curl_off_t));
  } else if (option >= CURLOPTTYPE_OBJECTPOINT) {
    result = __real_curl_easy_setopt(easy, option, va_arg(arguments, void *));
  } else {
    long value = va_arg(arguments, long);
    if (option == CURLOPT_HTTP_VERSION && value == CURL_HTTP_VERSION_2TLS &&
        is_http2)
      value = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    result = __real_curl_easy_setopt(easy, option, value);
  }
  va_end(arguments);
  return result;
}

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* Reads frames until one that begins a request: its head ends the reading, what
 * follows it is left. `len` bytes are there. */
static bool read_http2_request(exchange *e, size_t len) {
  enum { HEAD = 9, HEADERS = 1 };
  size_t at = sizeof preface - 1;
  for (;;) {
    const uint8_t *frame = (const uint8_t *)e->request + at;
    ssize_t n;
    if (len >= at + HEAD) {
      if (frame[3] == HEADERS) return true;
      at += HEAD + ((size_t)frame[0] << 16 | (size_t)frame[1] << 8 | frame[2]);
      continue;
    }
    if (len == MAX_REQUEST) return false;
    n = recv(e->fd, e->request + len, MAX_REQUEST - len, 0);
    if (n <= 0) return false;
    len += (size_t)n;
  }
}

/* The bytes behind the head, as it says. */
static size_t body_length(const char *head) {
  const char *at = strcasestr(head, "\r\ncontent-length:");
  return at ? strtoul(at + 17, NULL, 10) : 0;
}

/* Reads one request, whole. */
static bool read_request(exchange *e) {
  size_t len = 0;
  while (len < MAX_REQUEST) {
    const char *stop;
    ssize_t n = recv(e->fd, e->request + len, MAX_REQUEST - len, 0);
    if (n <= 0) return false;
    len += (size_t)n;
    e->request[len] = '\0';
    if (len >= sizeof preface - 1 && memcmp(e->request, preface, 8) == 0)
      return read_http2_request(e, len);
    stop = strstr(e->request, "\r\n\r\n");
    if (stop &&
        len >= (size_t)(stop - e->request) + 4 + body_length(e->request))
      return true;
  }
  return false;
}

static void note_request(const char *text) {
  size_t n = strcspn(text, "\r") + 1, len;
  pthread_mutex_lock(&lock);
  len = strlen(names);
  if (len + n < MAX_NAMES) {
    memcpy(names + len, text, n - 1);
    memcpy(names + len + n - 1, "\n", 2);
  }
  pthread_mutex_unlock(&lock);
}

static void send_all(const exchange *e) {
  size_t left = e->len;
  const char *at = e->answer;
  while (left > 0) {
    size_t most = e->how == 2 && left > PORTION ? PORTION : left;
    ssize_t n = send(e->fd, at, most, MSG_NOSIGNAL);
    if (n <= 0) return;
    at += n;
    left -= (size_t)n;
  }
}

static void finish(exchange *e) {
  struct linger at_once = {1, 0};
  if (e->how == 1) {
    setsockopt(e->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  } else {
    shutdown(e->fd, SHUT_WR); /* so that nothing of the answer is lost */
    while (recv(e->fd, e->request, MAX_REQUEST, 0) > 0) {
    }
  }
  close(e->fd);
  free(e->answer);
  free(e);
}

static void *serve(void *arg) {
  exchange *e = arg;
  if (e->len > 0 && read_request(e)) {
    note_request(e->request);
    send_all(e);
  }
  finish(e);
  return NULL;
}

/* Gives the connection the next answer, which is empty when there is none. */
static exchange *begin(int fd) {
  struct timeval patience = {1, 0};
  exchange *e = malloc(sizeof *e);
  PROMISE(e != NULL);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  e->fd = fd;
  e->len = 0;
  pthread_mutex_lock(&lock);
  e->how = how;
  if (next_answer < answer_count) e->len = answers[next_answer].len;
  e->answer = malloc(e->len + 1);
  PROMISE(e->answer != NULL);
  if (e->len > 0) memcpy(e->answer, answers[next_answer].data, e->len);
  next_answer++;
  pthread_mutex_unlock(&lock);
  return e;
}

static void *run(void *unused) {
  pthread_attr_t detached;
  (void)unused;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    pthread_t thread;
    if (fd < 0) continue;
    PROMISE(pthread_create(&thread, &detached, serve, begin(fd)) == 0);
  }
  return NULL;
}

static int answer(lua_State *L) {
  int count = (int)luaL_len(L, 2);
  if (count > MAX_ANSWERS) count = MAX_ANSWERS;
  pthread_mutex_lock(&lock);
  how = lua_tointeger(L, 1);
  for (int i = 0; i < count; i++) {
    const char *text;
    lua_rawgeti(L, 2, i + 1);
    text = lua_tolstring(L, -1, &answers[i].len);
    answers[i].data = realloc(answers[i].data, answers[i].len + 1);
    PROMISE(text != NULL && answers[i].data != NULL);
    memcpy(answers[i].data, text, answers[i].len);
    lua_pop(L, 1);
  }
  answer_count = count;
  next_answer = 0;
  names[0] = '\0';
  pthread_mutex_unlock(&lock);
  return 0;
}

static int requests(lua_State *L) {
  pthread_mutex_lock(&lock);
  lua_pushstring(L, names);
  pthread_mutex_unlock(&lock);
  return 1;
}

static int speak_http2(lua_State *L) {
  (void)L;
  is_http2 = true;
  return 0;
}

int peer_open(lua_State *L) {
  struct sockaddr_in here = {.sin_family = AF_INET};
  socklen_t size = sizeof here;
  pthread_t thread;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  PROMISE(listener >= 0);
  PROMISE(bind(listener, (struct sockaddr *)&here, sizeof here) == 0);
  PROMISE(listen(listener, 64) == 0);
  PROMISE(getsockname(listener, (struct sockaddr *)&here, &size) == 0);
  PROMISE(pthread_create(&thread, NULL, run, NULL) == 0);
  pthread_detach(thread);
  lua_newtable(L);
  lua_pushinteger(L, ntohs(here.sin_port));
  lua_setfield(L, -2, "port");
  lua_pushcfunction(L, answer);
  lua_setfield(L, -2, "answer");
  lua_pushcfunction(L, requests);
  lua_setfield(L, -2, "requests");
  lua_pushcfunction(L, speak_http2);
  lua_setfield(L, -2, "speak_http2");
  return 1;
}
