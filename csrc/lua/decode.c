/* SPDX-License-Identifier: MIT
 *
 * lua_decode: builds values while the text is read (see decode.h). What is
 * inside an open list or object waits on the Lua stack, above a slot for its
 * table, until the bracket closes: then the table is made in its full size.
 * Of large ones, parts are put into the table earlier. */
#include "lua/decode.h"

#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>

#include "json/parse_number.h"
#include "json/read.h"
#include "json/text.h"
#include "lua/marks.h"

enum {
  ADDED_NAMES = 3,    /* that a result gets: project_id, download_url, raw */
  MOST_WAITING = 512, /* stack slots of one list or object */
  STACK_STEP = 64     /* slots made sure of at a time */
};

/* An open list or object. */
typedef struct {
  int slot;           /* stack index of its table */
  bool is_object;     /* names and values wait above, else items */
  bool is_made;       /* the table is there */
  lua_Integer length; /* items that are in it already */
} level;

typedef struct {
  lua_State *L;
  const lua_marks *marks;
  int marks_at; /* stack index */
  bool is_tolerant;
  int room; /* stack slots that are made sure of */
  int depth;
  level levels[JSON_MAX_DEPTH];
} builder;

/* Puts what waits into the table of a level. */
static void store(builder *b, level *v) {
  lua_State *L = b->L;
  int top = lua_gettop(L), count = top - v->slot;
  if (!v->is_made) {
    lua_createtable(L, v->is_object ? 0 : count, v->is_object ? count / 2 : 0);
    lua_replace(L, v->slot);
    v->is_made = true;
  }
  if (v->is_object) { /* in order: of equal names the last one counts */
    for (int i = v->slot + 1; i < top; i += 2) {
      lua_pushvalue(L, i);
      lua_pushvalue(L, i + 1);
      lua_rawset(L, v->slot);
    }
    lua_settop(L, v->slot);
  } else {
    for (int i = count; i > 0; i--) lua_rawseti(L, v->slot, v->length + i);
    v->length += count;
  }
}

/* Marks the empty table on top of the stack as a list. [-0, +0] */
static void mark_list(lua_State *L, int marks) {
  lua_getiuservalue(L, marks, LUA_MARKS_LIST_MT);
  lua_setmetatable(L, -2);
}

static void begin_level(builder *b, bool is_object) {
  lua_pushnil(b->L);
  b->levels[b->depth++] =
      (level){.slot = lua_gettop(b->L), .is_object = is_object};
}

static void end_level(builder *b) {
  level *v = &b->levels[--b->depth];
  store(b, v);
  if (!v->is_object && v->length == 0) mark_list(b->L, b->marks_at);
}

/* A value is complete, on top of the stack. */
static void end_value(builder *b) {
  level *v = b->depth > 0 ? &b->levels[b->depth - 1] : NULL;
  if (v && lua_gettop(b->L) - v->slot >= MOST_WAITING) store(b, v);
}

/* [-0, +1] */
static void push_string(lua_State *L, const json_piece *p) {
  luaL_Buffer b;
  size_t len;
  if (p->is_plain) {
    lua_pushlstring(L, p->text, p->len);
    return;
  }
  len = json_unescape(p->text, p->len, NULL);
  json_unescape(p->text, p->len, luaL_buffinitsize(L, &b, len));
  luaL_pushresultsize(&b, len);
}

/* A double, as an integer where it is one. [-0, +1] */
static void push_double(lua_State *L, double value) {
  lua_Integer i;
  bool is_integer = lua_numbertointeger(value, &i) && (lua_Number)i == value &&
                    !(i == 0 && signbit(value));
  if (is_integer)
    lua_pushinteger(L, i);
  else
    lua_pushnumber(L, value);
}

/* NULL, or what is wrong with the number. [-0, +1] */
static const char *push_number(builder *b, const json_piece *p) {
  lua_State *L = b->L;
  int64_t integer;
  double value;
  bool is_small = p->is_integer && json_parse_int(p->text, p->len, &integer) &&
                  !(integer == 0 && p->text[0] == '-');
  if (is_small) {
    lua_pushinteger(L, (lua_Integer)integer);
    return NULL;
  }
  value = json_parse_double(p->text, p->len);
  if (b->is_tolerant && (isinf(value) || (p->is_integer && value != 0)))
    lua_pushlstring(L, p->text, p->len);
  else if (isinf(value))
    return "a number is so large that no double holds it";
  else
    push_double(L, value);
  return NULL;
}

static const char *push_scalar(builder *b, const json_piece *p) {
  switch (p->kind) {
    case JSON_NUMBER:
      return push_number(b, p);
    case JSON_STRING:
      push_string(b->L, p);
      return NULL;
    case JSON_NULL:
      lua_pushlightuserdata(b->L, (void *)b->marks->null);
      return NULL;
    default:
      lua_pushboolean(b->L, p->kind == JSON_TRUE);
      return NULL;
  }
}

static const char *take_piece(void *to, const json_piece *p) {
  builder *b = to;
  const char *fault = NULL;
  if (b->room-- == 0) {
    luaL_checkstack(b->L, STACK_STEP + LUA_MINSTACK, NULL);
    b->room = STACK_STEP;
  }
  switch (p->kind) {
    case JSON_ARRAY:
    case JSON_OBJECT:
      begin_level(b, p->kind == JSON_OBJECT);
      return NULL;
    case JSON_NAME:
      push_string(b->L, p);
      return NULL;
    case JSON_END:
      end_level(b);
      break;
    default:
      fault = push_scalar(b, p);
  }
  end_value(b);
  return fault;
}

/* Pushes the lua_marks and, when true, the value. [-0, +2] */
static bool read_text(lua_State *L, const char *text, size_t len,
                      bool is_tolerant, json_fault *why) {
  json_mode mode = is_tolerant ? JSON_TOLERANT : JSON_STRICT;
  builder b = {.L = L, .is_tolerant = is_tolerant};
  b.marks = lua_marks_push(L);
  b.marks_at = lua_gettop(L);
  return json_read(text, len, mode, take_piece, &b, why);
}

int lua_decode_text(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  json_fault why;
  if (read_text(L, text, len, lua_toboolean(L, 2), &why)) return 1;
  lua_pushnil(L);
  lua_pushfstring(L, "%s at byte %I", why.what, (lua_Integer)why.at + 1);
  return 2;
}

/* -- copies -- */

/* What a copy is made with. */
typedef struct {
  lua_State *L;
  const void *null;
  int marks; /* stack index of the lua_marks */
} copier;

static bool is_null(const copier *c, int idx) {
  return lua_islightuserdata(c->L, idx) && lua_touserdata(c->L, idx) == c->null;
}

/* Puts a copy in place of the table on top of the stack. */
static void copy_table(const copier *c, int depth);

static void copy_value(const copier *c, int depth) {
  if (lua_istable(c->L, -1)) copy_table(c, depth);
}

static void copy_items(const copier *c, lua_Integer length, int depth) {
  lua_State *L = c->L;
  int from = lua_gettop(L);
  lua_Integer count = 0;
  lua_createtable(L, (int)(length < INT32_MAX ? length : 0), 0);
  for (lua_Integer i = 1; i <= length; i++) {
    lua_rawgeti(L, from, i);
    if (is_null(c, -1)) {
      lua_pop(L, 1);
      continue;
    }
    copy_value(c, depth + 1);
    lua_rawseti(L, from + 1, ++count);
  }
  if (count == 0) mark_list(L, c->marks);
}

static int count_members(lua_State *L, int t) {
  int count = 0;
  lua_pushnil(L);
  for (; lua_next(L, t); count++) lua_pop(L, 1);
  return count;
}

static void copy_members(const copier *c, int depth) {
  lua_State *L = c->L;
  int from = lua_gettop(L);
  lua_createtable(L, 0,
                  count_members(L, from) + (depth == 1 ? ADDED_NAMES : 0));
  lua_pushnil(L);
  while (lua_next(L, from)) {
    if (is_null(c, -1)) {
      lua_pop(L, 1);
      continue;
    }
    copy_value(c, depth + 1);
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, from + 1);
  }
}

static void copy_table(const copier *c, int depth) {
  lua_State *L = c->L;
  lua_Integer length = (lua_Integer)lua_rawlen(L, -1);
  bool is_list = length > 0 || lua_getmetatable(L, -1);
  if (is_list && length == 0) lua_pop(L, 1);
  if (depth > JSON_MAX_DEPTH) luaL_error(L, "nested deeper than 128 levels");
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  if (is_list)
    copy_items(c, length, depth);
  else
    copy_members(c, depth);
  lua_remove(L, -2);
}

bool lua_decode_envelope(lua_State *L, const char *text, size_t len) {
  int raw = lua_gettop(L) + 2;
  copier c = {.L = L, .marks = raw - 1};
  json_fault why;
  if (!read_text(L, text, len, true, &why) || !lua_istable(L, raw))
    return false;
  lua_pushliteral(L, "success");
  if (lua_rawget(L, raw) != LUA_TBOOLEAN || !lua_toboolean(L, -1)) return false;
  lua_pushliteral(L, "data");
  if (lua_rawget(L, raw) != LUA_TTABLE) return false;
  lua_remove(L, -2);
  c.null = ((const lua_marks *)lua_touserdata(L, c.marks))->null;
  copy_table(&c, 1);
  return true;
}

int lua_decode_without_nulls(lua_State *L) {
  copier c = {.L = L, .marks = 2};
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  c.null = lua_marks_push(L)->null;
  lua_pushvalue(L, 1);
  if (is_null(&c, -1)) lua_pushnil(L);
  copy_value(&c, 1);
  return 1;
}
