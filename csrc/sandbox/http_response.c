/* SPDX-License-Identifier: MIT
 *
 * http_response: plain answers come from memory; everything else is a stream
 * that the thread of the connection reads piece by piece. */
#include "sandbox/http_response.h"

#include <lauxlib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/os.h"

#define BLOCK 65536
#define NO_CUT UINT64_MAX

typedef enum { END_CLOSE, END_RESET, END_STALL } ending;

typedef struct {
  answer_source source;
  char *body; /* owned; NULL: the video */
  uint64_t size, from, length, seed;
  uint64_t cut;
  ending ending;
  double stall;
  double rate, began; /* bytes per second, 0: at once; when it began */
} stream;

/* What is queued goes out; then the connection is reset, here and now. */
static void reset_socket(int fd) {
  struct linger at_once = {1, 0};
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef TCP_CORK
  int off = 0;
  setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
#endif
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  struct sockaddr nobody = {.sa_family = AF_UNSPEC};
  (void)connect(fd, &nobody, sizeof nobody); /* which ends the connection */
}

static ssize_t end_badly(stream *s) {
  if (s->ending == END_STALL)
    stop_pipe_wait(s->source.stop, s->stall, s->source.socket);
  if (s->ending == END_RESET) reset_socket(s->source.socket);
  return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* How much may be sent now, at most `max`; waits until it is something. 0 when
 * the sandbox is closed meanwhile. */
static size_t allowance(stream *s, uint64_t at, size_t max) {
  if (s->rate <= 0) return max;
  if (s->began == 0) s->began = os_now();
  if ((double)max > s->rate / 20) max = (size_t)(s->rate / 20) + 1;
  double due = s->began + (double)(at + max) / s->rate;
  double early = due - os_now();
  return early <= 0 || stop_pipe_wait(s->source.stop, early, s->source.socket)
             ? max
             : 0;
}

static ssize_t read_stream(void *cls, uint64_t at, char *out, size_t max) {
  stream *s = cls;
  if (at >= s->cut) return end_badly(s);
  if (max > s->cut - at) max = (size_t)(s->cut - at);
  if (max > s->length - at) max = (size_t)(s->length - at);
  max = allowance(s, at, max);
  if (max == 0) return MHD_CONTENT_READER_END_WITH_ERROR;
  if (s->body)
    memcpy(out, s->body + at, max);
  else
    video_read(s->source.video, s->size, s->seed, s->from + at, out, max);
  return (ssize_t)max;
}

static void free_stream(void *cls) {
  stream *s = cls;
  free(s->body);
  free(s);
}

/* ---- reading the table ---- */

static lua_Number number_field(lua_State *S, const char *name, lua_Number or) {
  lua_getfield(S, -1, name);
  lua_Number value = luaL_optnumber(S, -1, or);
  lua_pop(S, 1);
  return value;
}

static uint64_t size_field(lua_State *S, const char *name, uint64_t or) {
  lua_getfield(S, -1, name);
  lua_Integer value = luaL_optinteger(S, -1, -1);
  lua_pop(S, 1);
  return value < 0 ? or : (uint64_t)value;
}

static bool has_field(lua_State *S, const char *name) {
  bool has = lua_getfield(S, -1, name) != LUA_TNIL;
  lua_pop(S, 1);
  return has;
}

static ending ending_field(lua_State *S) {
  static const char *const names[] = {"close", "reset", "stall", NULL};
  lua_getfield(S, -1, "ending");
  int which = luaL_checkoption(S, -1, "close", names);
  lua_pop(S, 1);
  return (ending)which;
}

static bool fill_video(lua_State *S, stream *s) {
  if (lua_getfield(S, -1, "video") == LUA_TTABLE) {
    s->size = size_field(S, "size", 0);
    s->from = size_field(S, "from", 0);
    s->length = size_field(S, "length", 0);
    s->seed = size_field(S, "seed", 0);
    lua_pop(S, 1);
    return true;
  }
  lua_pop(S, 1);
  return false;
}

static bool fill_body(lua_State *S, stream *s) {
  size_t len = 0;
  lua_getfield(S, -1, "body");
  const char *text = luaL_optlstring(S, -1, "", &len);
  s->body = malloc(len ? len : 1);
  if (s->body) memcpy(s->body, text, len);
  s->length = len;
  lua_pop(S, 1);
  return s->body != NULL;
}

static void make_stream(lua_State *S, const answer_source *source,
                        http_response *a) {
  stream model = {.source = *source,
                  .cut = size_field(S, "cut", NO_CUT),
                  .ending = ending_field(S),
                  .stall = number_field(S, "stall", 0),
                  .rate = number_field(S, "rate", 0)};
  if (!fill_video(S, &model) && !fill_body(S, &model)) return;
  stream *s = malloc(sizeof *s);
  if (!s) {
    free(model.body);
    return;
  }
  *s = model;
  a->response = MHD_create_response_from_callback(s->length, BLOCK, read_stream,
                                                  s, free_stream);
  if (!a->response) free_stream(s);
}

static void make_events(lua_State *S, const answer_source *source,
                        http_response *a) {
  a->response =
      event_stream_new(source, (lua_Integer)size_field(S, "events", 0));
}

static void make_plain(lua_State *S, http_response *a) {
  size_t len = 0;
  lua_getfield(S, -1, "body");
  const char *text = luaL_optlstring(S, -1, "", &len);
  a->response =
      MHD_create_response_from_buffer(len, (void *)text, MHD_RESPMEM_MUST_COPY);
  lua_pop(S, 1);
}

static void add_headers(lua_State *S, http_response *a) {
  if (lua_getfield(S, -1, "headers") == LUA_TTABLE) {
    lua_Integer n = (lua_Integer)lua_rawlen(S, -1);
    for (lua_Integer i = 1; i < n; i += 2) {
      lua_rawgeti(S, -1, i);
      lua_rawgeti(S, -2, i + 1);
      MHD_add_response_header(a->response, luaL_checkstring(S, -2),
                              luaL_checkstring(S, -1));
      lua_pop(S, 2);
    }
  }
  lua_pop(S, 1);
}

void http_response_read(lua_State *S, const answer_source *source,
                        http_response *a) {
  luaL_checktype(S, -1, LUA_TTABLE);
  a->deferred = (lua_Integer)size_field(S, "defer", 0);
  if (a->deferred) {
    a->wait = number_field(S, "seconds", 0);
    return;
  }
  a->wait = number_field(S, "wait", 0);
  lua_getfield(S, -1, "drop");
  bool drop = lua_toboolean(S, -1);
  lua_pop(S, 1);
  if (drop) return;
  a->status = (unsigned int)number_field(S, "status", 200);
  if (has_field(S, "events"))
    make_events(S, source, a);
  else if (has_field(S, "video") || has_field(S, "cut") || has_field(S, "rate"))
    make_stream(S, source, a);
  else
    make_plain(S, a);
  if (!a->response) luaL_error(S, "not enough memory");
  add_headers(S, a);
}

void http_response_end(http_response *a) {
  if (a->response) MHD_destroy_response(a->response);
  a->response = NULL;
}
