/* SPDX-License-Identifier: MIT
 *
 * lua_json_write: the walk from a Lua value to JSON text. Tables without
 * metatable are walked as they lie; a table with __pairs is copied first
 * and then walked as what it showed. Where the walk is, is known from frames
 * on the C stack; a path is only made of them for an error. */
#include "lua/encode.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/text.h"

enum {
  STACK_PER_LEVEL = 12, /* Lua stack slots */
  LEVELS_AT_ONCE = 8    /* that are asked for together */
};

/* A table that is being written. */
typedef struct frame {
  const struct frame *up; /* what it is a member of, or NULL */
  int table;              /* its stack index */
  int depth;              /* 1 for the outermost */
  int name;               /* stack index of the current name; 0 in a list */
  lua_Integer index;      /* the current index in a list */
} frame;

static bool write_table(json_writer *w, const frame *up);

/* -- faults -- */

static const char list_and_names[] = "the table mixes a list with names",
                  no_name[] = "the name of a member is not a string";

static bool is_identifier(const char *s, size_t len) {
  for (size_t i = 0; i < len; i++) {
    char c = s[i], letter = (char)(c | 0x20);
    bool is_letter = (letter >= 'a' && letter <= 'z') || c == '_';
    if (!is_letter && (i == 0 || c < '0' || c > '9')) return false;
  }
  return len > 0;
}

/* A name that is not UTF-8, with question marks for what is wrong. */
static void write_broken_name(json_buf *b, const char *s, size_t len) {
  size_t i = 0, n;
  while (i < len) {
    unsigned char c = (unsigned char)s[i];
    n = c >= 0x80 ? json_utf8(s + i, len - i) : c >= ' ';
    json_write_raw(b, n > 0 ? s + i : "?", n > 0 ? n : 1);
    i += n > 0 ? n : 1;
  }
}

/* ["odd name"] */
static void write_odd_name(json_buf *b, const char *s, size_t len) {
  json_write_raw(b, "[", 1);
  if (!json_write_string(b, s, len)) {
    json_write_raw(b, "\"", 1);
    write_broken_name(b, s, len);
    json_write_raw(b, "\"", 1);
  }
  json_write_raw(b, "]", 1);
}

/* The path of the current member of `f`, outermost name first. */
static void write_path(json_writer *w, const frame *f) {
  const char *s;
  size_t len;
  if (!f) return;
  write_path(w, f->up);
  if (f->name == 0) {
    json_write_raw(w->buffer, "[", 1);
    json_write_int(w->buffer, f->index);
    json_write_raw(w->buffer, "]", 1);
    return;
  }
  s = lua_tolstring(w->L, f->name, &len);
  if (!is_identifier(s, len)) {
    write_odd_name(w->buffer, s, len);
    return;
  }
  if (w->buffer->len > 0) json_write_raw(w->buffer, ".", 1);
  json_write_raw(w->buffer, s, len);
}

/* Notes what is wrong with the value on top of the stack, the current member
 * of `f`. */
JSON_COLD bool fault(json_writer *w, const frame *f, const char *message) {
  lua_copy(w->L, -1, w->culprit);
  w->message = message;
  w->buffer->len = 0;
  write_path(w, f);
  return false;
}

static const char *no_json_form(lua_State *L) {
  switch (lua_type(L, -1)) {
    case LUA_TNIL:
      return "nil has no JSON form; null is aistudios.null";
    case LUA_TFUNCTION:
      return "a function has no JSON form";
    case LUA_TTHREAD:
      return "a coroutine has no JSON form";
    default:
      return "a userdata has no JSON form";
  }
}

/* The table on top of the stack is one level too deep. Does it contain
 * itself? Then the path ends where a table comes back first. */
JSON_COLD bool too_deep(json_writer *w, const frame *up) {
  frame last = {.up = up, .table = lua_gettop(w->L)};
  const frame *found = NULL;
  for (const frame *f = &last; f; f = f->up)
    for (const frame *g = f->up; g; g = g->up)
      if (lua_rawequal(w->L, f->table, g->table)) found = f;
  if (!found) return fault(w, up, "nested deeper than 128 levels");
  lua_pushvalue(w->L, found->table);
  return fault(w, found->up, "the table contains itself");
}

/* -- scalars -- */

/* A number beyond 53 bits, or none. */
JSON_APART bool write_rare_number(json_writer *w, const frame *up, char *room) {
  lua_State *L = w->L;
  lua_Number n = lua_tonumber(L, -1);
  if (isnan(n)) return fault(w, up, "NaN has no JSON form");
  if (isinf(n)) return fault(w, up, "an infinite number has no JSON form");
  w->buffer->len += lua_isinteger(L, -1)
                        ? json_put_int(room, lua_tointeger(L, -1))
                        : json_put_double(room, n);
  return true;
}

/* One question to Lua is enough for most: an integer of less than 53 bits
 * looks the same as the float of the same value, but for -0.0. */
JSON_HOT bool write_number(json_writer *w, const frame *up, char *room) {
  lua_Number n = lua_tonumber(w->L, -1);
  int64_t i;
  if (!(n > -0x1p53 && n < 0x1p53)) return write_rare_number(w, up, room);
  i = (int64_t)n;
  if ((lua_Number)i != n)
    w->buffer->len += json_put_fraction(room, n);
  else
    w->buffer->len += i != 0 ? json_put_int(room, i) : json_put_double(room, n);
  return true;
}

JSON_APART bool write_rare_string(json_writer *w, const frame *up,
                                  const char *s, size_t len) {
  return json_write_string(w->buffer, s, len) ||
         (!w->buffer->failed && fault(w, up, "the string is not UTF-8"));
}

JSON_HOT bool write_string(json_writer *w, const frame *up) {
  size_t len;
  const char *s = lua_tolstring(w->L, -1, &len);
  char *room = json_room(w->buffer, len + 2);
  if (!room || !json_copy_plain(room + 1, s, len))
    return write_rare_string(w, up, s, len);
  room[0] = room[len + 1] = '"';
  w->buffer->len += len + 2;
  return true;
}

JSON_HOT bool write_boolean(json_writer *w, char *room) {
  bool is_true = lua_toboolean(w->L, -1);
  memcpy(room, is_true ? "true " : "false", 5);
  w->buffer->len += is_true ? 4 : 5;
  return true;
}

JSON_APART bool write_light(json_writer *w, const frame *up) {
  const json_state *state = lua_touserdata(w->L, w->state);
  const void *p = lua_touserdata(w->L, -1);
  if (p == state->null) return json_write_raw(w->buffer, "null", 4);
  lua_json_find_cjson(w->L, w->state);
  if (state->empty_array && p == state->empty_array)
    return json_write_raw(w->buffer, "[]", 2);
  return fault(w, up, no_json_form(w->L));
}

/* -- values -- */

/* The value on top of the stack, the current member of `up`; `room` is for
 * JSON_NUMBER_BYTES. */
JSON_HOT bool write_value(json_writer *w, const frame *up, char *room) {
  switch (lua_type(w->L, -1)) {
    case LUA_TSTRING:
      return write_string(w, up);
    case LUA_TNUMBER:
      return write_number(w, up, room);
    case LUA_TBOOLEAN:
      return write_boolean(w, room);
    case LUA_TTABLE:
      return write_table(w, up);
    case LUA_TLIGHTUSERDATA:
      return write_light(w, up);
    default:
      return fault(w, up, no_json_form(w->L));
  }
}

/* -- layout -- */

static bool write_char(json_writer *w, char c) {
  char *room = json_room(w->buffer, 1);
  if (!room) return false;
  *room = c;
  w->buffer->len++;
  return true;
}

/* In pretty text the line break and the blanks for `depth`. */
static bool write_break(json_writer *w, int depth) {
  size_t blanks = 2 * (size_t)depth;
  char *room;
  if (!w->is_pretty) return true;
  room = json_room(w->buffer, 1 + blanks);
  if (!room) return false;
  *room = '\n';
  memset(room + 1, ' ', blanks);
  w->buffer->len += 1 + blanks;
  return true;
}

/* -- lists -- */

/* Why the key on top of the stack is none of a list; NULL when it may be one.
 * Names weigh most, so that the order of the keys does not matter. */
static const char *no_index(lua_State *L) {
  switch (lua_type(L, -1)) {
    case LUA_TSTRING:
      return list_and_names;
    case LUA_TNUMBER:
      if (!lua_isinteger(L, -1)) return "the index of a list is not an integer";
      return lua_tointeger(L, -1) < 1 ? "the index of a list is below 1" : NULL;
    default:
      return no_name;
  }
}

/* Is every key of the raw table at `t` one of 1..n? Else the fault. */
JSON_APART bool check_list(json_writer *w, frame *f, int t, lua_Integer n) {
  lua_State *L = w->L;
  lua_Integer count = 0, i = 1;
  const char *message = NULL, *why;
  lua_pushnil(L);
  while (lua_next(L, t)) {
    lua_pop(L, 1);
    why = no_index(L);
    if (why == list_and_names) return fault(w, f->up, why);
    if (why) {
      message = why;
      lua_copy(L, -1, w->culprit);
    }
    count++;
    if (lua_tointeger(L, -1) > n) n = lua_tointeger(L, -1);
  }
  if (message) {
    lua_pushvalue(L, w->culprit);
    return fault(w, f->up, message);
  }
  if (count == n) return true;
  while (lua_rawgeti(L, t, i) != LUA_TNIL) { /* at most count steps */
    lua_pop(L, 1);
    i++;
  }
  f->index = i;
  return fault(w, f, "the list has a hole here");
}

/* Element i of the list `f`, which is on top of the stack. */
JSON_HOT bool write_element(json_writer *w, frame *f, lua_Integer i) {
  char *room;
  f->index = i;
  if (!write_char(w, i == 1 ? '[' : ',') || !write_break(w, f->depth))
    return false;
  room = json_room(w->buffer, JSON_NUMBER_BYTES);
  return room && write_value(w, f, room);
}

/* The raw table at `t`; above `base` lie its first key and value. Most lists
 * show their keys in order and need no other check. [-2, +0] */
JSON_APART bool write_list(json_writer *w, frame *f, int t, int base) {
  lua_State *L = w->L;
  lua_Integer i = 1, n;
  f->name = 0;
  do {
    if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) != i) break;
    if (!write_element(w, f, i++)) return false;
    lua_pop(L, 1);
  } while (lua_next(L, t));
  if (lua_gettop(L) > base) {
    lua_settop(L, base);
    n = (lua_Integer)lua_rawlen(L, t);
    if (!check_list(w, f, t, n)) return false;
    for (; i <= n; i++) {
      lua_rawgeti(L, t, i);
      if (!write_element(w, f, i)) return false;
      lua_pop(L, 1);
    }
  }
  return write_break(w, f->depth - 1) && write_char(w, ']');
}

/* -- objects -- */

/* What is wrong with the name at `f->name`, which could not be written. */
JSON_COLD bool name_fault(json_writer *w, const frame *f, char lead) {
  int type = lua_type(w->L, f->name);
  if (type == LUA_TSTRING && w->buffer->failed) return false;
  lua_pushvalue(w->L, f->name);
  if (type == LUA_TSTRING) return fault(w, f, "the name is not UTF-8");
  if (type == LUA_TNUMBER && lead == ',')
    return fault(w, f->up, list_and_names);
  return fault(w, f->up, no_name);
}

/* A name with escapes, or in pretty text; or one that cannot be written. */
JSON_APART char *write_rare_name(json_writer *w, const frame *f, char lead,
                                 const char *s, size_t len) {
  json_buf *b = w->buffer;
  if (write_char(w, lead) && write_break(w, f->depth) &&
      json_write_string(b, s, len) &&
      json_write_raw(b, ": ", w->is_pretty ? 2 : 1))
    return json_room(b, JSON_NUMBER_BYTES);
  name_fault(w, f, lead);
  return NULL;
}

/* `lead`, the name at `f->name` and a colon; room for the value, or NULL. */
JSON_HOT char *write_name(json_writer *w, const frame *f, char lead) {
  json_buf *b = w->buffer;
  char *room;
  const char *s;
  size_t len;
  if (lua_type(w->L, -2) != LUA_TSTRING) {
    name_fault(w, f, lead);
    return NULL;
  }
  s = lua_tolstring(w->L, -2, &len);
  room = json_room(b, len + 4 + JSON_NUMBER_BYTES);
  if (!room || w->is_pretty || !json_copy_plain(room + 2, s, len))
    return write_rare_name(w, f, lead, s, len);
  room[0] = lead;
  room[1] = room[len + 2] = '"';
  room[len + 3] = ':';
  b->len += len + 4;
  return room + len + 4;
}

/* The member whose name is at index `f->name` and whose value is on top. */
JSON_HOT bool write_member(json_writer *w, const frame *f, char lead) {
  char *room = write_name(w, f, lead);
  return room && write_value(w, f, room);
}

static bool end_object(json_writer *w, const frame *f) {
  return write_break(w, f->depth - 1) && write_char(w, '}');
}

/* The raw table at `t`; above it lie its first name and value. [-2, +0] */
JSON_APART bool write_object(json_writer *w, frame *f, int t) {
  lua_State *L = w->L;
  char lead = '{';
  f->name = t + 1;
  do {
    if (!write_member(w, f, lead)) return false;
    lead = ',';
    lua_pop(L, 1);
  } while (lua_next(L, t));
  return end_object(w, f);
}

/* The raw table at `t`, its names in the order of the list at `names`. */
JSON_APART bool write_ordered(json_writer *w, frame *f, int t, int names) {
  lua_State *L = w->L;
  lua_Integer n = (lua_Integer)lua_rawlen(L, names);
  f->name = names + 1;
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, names, i);
    lua_pushvalue(L, -1);
    lua_rawget(L, t);
    if (!write_member(w, f, i == 1 ? '{' : ',')) return false;
    lua_pop(L, 2);
  }
  return end_object(w, f);
}

/* -- tables -- */

/* Whether an empty table that is the current member of `f` is a list, by its
 * name. */
JSON_APART bool names_list(json_writer *w, const frame *f) {
  lua_State *L = w->L;
  bool is_list = false;
  if (!f || f->name == 0) return false;
  lua_getiuservalue(L, w->state, STATE_LISTS);
  if (lua_istable(L, -1)) {
    lua_pushvalue(L, f->name);
    lua_rawget(L, -2);
    if (lua_type(L, -1) == LUA_TSTRING)
      is_list = f->up && f->up->name && lua_rawequal(L, -1, f->up->name);
    else
      is_list = lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return is_list;
}

/* The raw table at `t`, which is on top of the stack; or, with its names in
 * order in the list at `names`, this list is. [-0, +0] when true */
static bool write_content(json_writer *w, frame *f, int t, int names,
                          json_mark_of mark) {
  lua_State *L = w->L;
  int base = names ? names : t;
  bool ok;
  lua_pushnil(L);
  if (!lua_next(L, t)) {
    bool is_list = mark == MARK_LIST || mark == MARK_EMPTY_LIST ||
                   (mark == MARK_NONE && names_list(w, f->up));
    return json_write_raw(w->buffer, is_list ? "[]" : "{}", 2);
  }
  if (mark == MARK_LIST ||
      (mark != MARK_OBJECT && lua_type(L, -2) == LUA_TNUMBER))
    return write_list(w, f, t, base);
  if (names == 0 && !w->is_sorted) return write_object(w, f, t);
  lua_settop(L, base);
  if (names == 0)
    lua_json_push_names(L, t);
  else
    lua_pushvalue(L, names);
  if (w->is_sorted) lua_json_sort_names(L);
  ok = write_ordered(w, f, t, base + 1);
  lua_settop(L, base);
  return ok;
}

/* The table at `t`, whose __pairs is on top of the stack. */
static bool write_shown(json_writer *w, frame *f, int t, json_mark_of mark) {
  lua_State *L = w->L;
  const char *message;
  lua_pushvalue(L, t);
  message = lua_json_copy_shown(L);
  if (message) return fault(w, f->up, message);
  t = lua_gettop(L) - 1;
  return write_content(w, f, t, t + 1, mark);
}

/* The table at `t`, on top of the stack, and its metatable above it, which
 * goes. */
JSON_APART bool write_meta(json_writer *w, frame *f, int t) {
  lua_State *L = w->L;
  json_mark_of mark = lua_json_marked(L, w->state, t, t + 1);
  bool ok;
  lua_pushvalue(L, w->pairs);
  if (lua_rawget(L, t + 1) != LUA_TNIL) {
    ok = write_shown(w, f, t, mark);
    lua_settop(L, t);
    return ok;
  }
  lua_settop(L, t);
  return write_content(w, f, t, 0, mark);
}

/* The table on top of the stack, the current member of `up`. [-0, +0] when
 * true */
JSON_APART bool write_table(json_writer *w, const frame *up) {
  lua_State *L = w->L;
  int t = lua_gettop(L);
  frame f = {.up = up, .table = t, .depth = up ? up->depth + 1 : 1};
  if (f.depth > JSON_MAX_DEPTH) return too_deep(w, up);
  if (f.depth % LEVELS_AT_ONCE == 1)
    luaL_checkstack(L, LEVELS_AT_ONCE * STACK_PER_LEVEL, NULL);
  return lua_getmetatable(L, t) ? write_meta(w, &f, t)
                                : write_content(w, &f, t, 0, MARK_NONE);
}

bool lua_json_write(json_writer *w) {
  char *room = json_room(w->buffer, JSON_NUMBER_BYTES);
  return room && write_value(w, NULL, room);
}
