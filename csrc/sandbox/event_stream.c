/* SPDX-License-Identifier: MIT
 *
 * event_stream: asks the service for what is new and waits for a notification
 * when there is nothing. */
#include "sandbox/event_stream.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536
#define SLICE 1.0      /* seconds of a wait, until the peer is looked after */
#define KEEP_ALIVE 5.0 /* seconds without an event, then a comment is sent */
#define GATHER 0.01    /* seconds in which several events are sent as one */

typedef struct {
  answer_source source;
  lua_Integer last; /* id of the last event that was read */
  char *text;       /* owned: what is to be sent */
  size_t len, at;
} stream;

/* events_text(last) -> text, id of the last event in it */
static int run_events(lua_State *S) {
  stream *s = lua_touserdata(S, 1);
  lua_service_push_method(S, "events_text");
  lua_pushinteger(S, s->last);
  lua_call(S, 2, 2);
  size_t len;
  const char *text = luaL_checklstring(S, -2, &len);
  s->last = luaL_checkinteger(S, -1);
  free(s->text);
  s->at = s->len = 0;
  s->text = malloc(len ? len : 1);
  if (!s->text) return luaL_error(S, "not enough memory");
  memcpy(s->text, text, len);
  s->len = len;
  return 0;
}

bool answer_source_wait(const answer_source *s, uint64_t seen, double seconds,
                        double gather) {
  double left = seconds;
  while (left > 0 && notifier_count(s->notifier) == seen) {
    if (!notifier_wait(s->notifier, seen, left < SLICE ? left : SLICE) ||
        !stop_pipe_wait(s->stop, 0, s->socket))
      return false;
    left -= SLICE;
  }
  return stop_pipe_wait(s->stop, gather, s->socket);
}

static ssize_t read_stream(void *cls, uint64_t position, char *out,
                           size_t max) {
  static const char comment[] = ": nothing new\n\n";
  stream *s = cls;
  (void)position;
  while (s->at == s->len) {
    uint64_t seen = notifier_count(s->source.notifier);
    if (!lua_service_run(s->source.service, run_events, s, NULL, 0))
      return MHD_CONTENT_READER_END_WITH_ERROR;
    if (s->len > 0) break;
    if (!answer_source_wait(&s->source, seen, KEEP_ALIVE, GATHER))
      return MHD_CONTENT_READER_END_WITH_ERROR;
    bool is_silent = notifier_count(s->source.notifier) == seen;
    if (is_silent && max >= sizeof comment) {
      memcpy(out, comment, sizeof comment - 1);
      return sizeof comment - 1;
    }
  }
  size_t len = s->len - s->at < max ? s->len - s->at : max;
  memcpy(out, s->text + s->at, len);
  s->at += len;
  return (ssize_t)len;
}

static void free_stream(void *cls) {
  stream *s = cls;
  free(s->text);
  free(s);
}

struct MHD_Response *event_stream_new(const answer_source *source,
                                      lua_Integer after) {
  stream *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->source = *source;
  s->last = after;
  struct MHD_Response *response = MHD_create_response_from_callback(
      MHD_SIZE_UNKNOWN, BLOCK, read_stream, s, free_stream);
  if (!response) free_stream(s);
  return response;
}
