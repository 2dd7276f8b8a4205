/* SPDX-License-Identifier: MIT
 *
 * lua_marshal: values to JSON as a string, as a body, or for the verdict of a
 * schema alone (see marshal.h). */
#include "lua/marshal.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "lua/bytes.h"
#include "lua/encode.h"

enum { MAX_COPIED_BYTES = 16384 };

/* Is `name` among the options? [-0, +0] */
static bool has_option(lua_State *L, const char *name) {
  bool is_set;
  if (!lua_istable(L, ENCODE_OPTIONS)) return false;
  lua_getfield(L, ENCODE_OPTIONS, name);
  is_set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is_set;
}

/* Two braces, which begin a placeholder. In JSON they follow each other in
 * strings only. */
static bool has_braces(const buffer *b) {
  const char *s = b->data, *end = b->data + b->len;
  while ((s = memchr(s, '{', (size_t)(end - s))) && ++s < end)
    if (*s == '{') return true;
  return false;
}

/* Writes argument 1: the buffer, or NULL with the four results of a failure
 * on top of the stack. */
static buffer *write_argument(lua_State *L, lua_encoder *w) {
  const schema_field *rule = NULL;
  luaL_checkany(L, ENCODE_VALUE);
  lua_settop(L, ENCODE_OPTIONS);
  *w = (lua_encoder){.L = L, .marks = lua_marks_push(L)};
  w->buffer = lua_marks_push_buffer(L, ENCODE_MARKS);
  if (lua_isuserdata(L, ENCODE_OPTIONS)) {
    rule = lua_schema_check(L, ENCODE_OPTIONS);
    w->is_clean = w->is_documented = lua_istable(L, ENCODE_VALUE);
  } else {
    lua_pushnil(L);
    w->is_pretty = has_option(L, "pretty");
    w->is_sorted = has_option(L, "sort_keys");
  }
  lua_pushliteral(L, "type");
  lua_pushliteral(L, "__pairs");
  lua_pushnil(L);
  lua_pushvalue(L, ENCODE_VALUE);
  if (lua_encode_write(w, rule)) {
    if (w->is_clean && has_braces(w->buffer)) w->is_clean = false;
    return w->buffer;
  }
  lua_settop(L, ENCODE_CULPRIT);
  if (!w->message && !w->buffer->is_full) luaL_error(L, "not enough memory");
  lua_pushnil(L);
  lua_pushstring(L,
                 w->message ? w->message : "more than 67108864 bytes as JSON");
  lua_pushlstring(L, w->buffer->data ? w->buffer->data : "",
                  w->message ? w->buffer->len : 0);
  lua_pushvalue(L, ENCODE_CULPRIT);
  lua_marks_return_buffer(L, ENCODE_MARKS, ENCODE_BUFFER);
  return NULL;
}

int lua_marshal_text(lua_State *L) {
  lua_encoder w;
  const buffer *b = write_argument(L, &w);
  if (!b) return 4;
  lua_pushlstring(L, b->data, b->len);
  lua_marks_return_buffer(L, ENCODE_MARKS, ENCODE_BUFFER);
  return 1;
}

/* The text of the buffer without spare memory: a copy of a short one, so that
 * the buffer need not grow again for the next; a longer one is taken from it.
 */
static char *take_text(buffer *b, size_t *len) {
  bool is_short = b->len <= MAX_COPIED_BYTES;
  char *exact = is_short ? malloc(b->len) : realloc(b->data, b->len);
  char *data = exact ? exact : b->data;
  *len = b->len;
  if (is_short && exact) return memcpy(exact, b->data, b->len);
  b->data = NULL;
  buffer_free(b);
  return data;
}

/* Pushes what the schema says of what was written. [-0, +2] */
static int push_verdict(const lua_encoder *w) {
  lua_pushboolean(w->L, w->is_clean);
  lua_pushboolean(w->L, w->is_documented);
  return 2;
}

int lua_marshal_body(lua_State *L) {
  lua_encoder w;
  char *data;
  size_t len;
  if (!write_argument(L, &w)) return 4;
  lua_bytes_push(L);
  data = take_text(w.buffer, &len);
  if (!lua_bytes_fill(L, -1, data, len)) luaL_error(L, "not enough memory");
  lua_marks_return_buffer(L, ENCODE_MARKS, ENCODE_BUFFER);
  return 1 + push_verdict(&w);
}

int lua_marshal_check(lua_State *L) {
  lua_encoder w;
  if (!write_argument(L, &w)) return 4;
  lua_marks_return_buffer(L, ENCODE_MARKS, ENCODE_BUFFER);
  return push_verdict(&w);
}
