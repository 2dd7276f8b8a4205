/* SPDX-License-Identifier: MIT
 *
 * lua_encode: the walk from a Lua value to JSON text. Tables without
 * metatable are walked as they lie; a table with __pairs is copied first
 * and then walked as what it showed. Where the walk is, is known from frames
 * on the C stack; a path is only made of them for an error. */
#include "lua/encode.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "json/number.h"
#include "json/text.h"
#include "json/write.h"
#include "lua/marks.h"
#include "lua/members.h"
#include "lua/path.h"
#include "lua/schema.h"

enum {
  STACK_PER_LEVEL = 12, /* Lua stack slots */
  LEVELS_AT_ONCE = 8    /* that are asked for together */
};

typedef lua_encoder writer;

/* A table that is being written. */
typedef struct frame {
  const struct frame *up; /* what it is a member of, or NULL */
  int table;              /* its stack index */
  int depth;              /* 1 for the outermost */
  int name;               /* stack index of the current name; 0 in a list */
  lua_Integer index;      /* the current index in a list */
} frame;

static bool write_table(writer *w, const frame *up, const schema_field *rule);

/* -- faults -- */

static const char list_and_names[] = "the table mixes a list with names",
                  no_name[] = "the name of a member is not a string";

/* The path of the current member of `f`, outermost name first. */
static void write_path(writer *w, const frame *f) {
  const char *s;
  size_t len;
  if (!f) return;
  write_path(w, f->up);
  if (f->name == 0) {
    lua_path_add_index(w->buffer, f->index);
    return;
  }
  s = lua_tolstring(w->L, f->name, &len);
  lua_path_add_name(w->buffer, s, len);
}

/* Notes what is wrong with the value on top of the stack, the current member
 * of `f`. */
static bool fault(writer *w, const frame *f, const char *message) {
  lua_copy(w->L, -1, ENCODE_CULPRIT);
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
static bool too_deep(writer *w, const frame *up) {
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

/* Each writes the value on top of the stack, the current member of `up`, and
 * compares it with its rule, if there is one. */

static bool write_number(writer *w, const frame *up, const schema_field *rule) {
  char *room = buffer_room(w->buffer, JSON_NUMBER_BYTES);
  if (!room) return false;
  if (lua_isinteger(w->L, -1)) {
    lua_Integer i = lua_tointeger(w->L, -1);
    if (rule && !lua_schema_takes_number(w->L, rule, (lua_Number)i))
      w->is_clean = false;
    w->buffer->len += json_put_int(room, i);
    return true;
  }
  lua_Number n = lua_tonumber(w->L, -1);
  if (rule && !lua_schema_takes_number(w->L, rule, n)) w->is_clean = false;
  if (isnan(n)) return fault(w, up, "NaN has no JSON form");
  if (isinf(n)) return fault(w, up, "an infinite number has no JSON form");
  w->buffer->len += json_put_seen_double(&w->marks->doubles, room, n);
  return true;
}

static bool write_string(writer *w, const frame *up, const schema_field *rule) {
  size_t len;
  const char *s = lua_tolstring(w->L, -1, &len);
  if (rule && !lua_schema_takes_string(w->L, rule, ENCODE_VALIDATORS))
    w->is_clean = false;
  return json_write_string(w->buffer, s, len) ||
         (!w->buffer->has_failed && fault(w, up, "the string is not UTF-8"));
}

static bool write_boolean(writer *w, const schema_field *rule) {
  if (rule && rule->type != SCHEMA_BOOLEAN) w->is_clean = false;
  return lua_toboolean(w->L, -1) ? buffer_append(w->buffer, "true", 4)
                                 : buffer_append(w->buffer, "false", 5);
}

static bool write_light(writer *w, const frame *up, const schema_field *rule) {
  const void *p = lua_touserdata(w->L, -1);
  bool is_null = p == w->marks->null;
  if (rule && !rule->is_nullable) w->is_documented = false;
  if (rule && (!is_null || (rule->is_required && !rule->is_nullable)))
    w->is_clean = false;
  if (is_null) return buffer_append(w->buffer, "null", 4);
  lua_marks_find_cjson(w->L, ENCODE_MARKS);
  if (w->marks->empty_array && p == w->marks->empty_array)
    return buffer_append(w->buffer, "[]", 2);
  return fault(w, up, no_json_form(w->L));
}

/* -- values -- */

/* The value on top of the stack, the current member of `up`. False: the
 * fault is noted, or the buffer has failed; rubbish is on the stack then. */
static inline bool write_value(writer *w, const frame *up,
                               const schema_field *rule) {
  switch (lua_type(w->L, -1)) {
    case LUA_TSTRING:
      return write_string(w, up, rule);
    case LUA_TNUMBER:
      return write_number(w, up, rule);
    case LUA_TBOOLEAN:
      return write_boolean(w, rule);
    case LUA_TTABLE:
      return write_table(w, up, rule);
    case LUA_TLIGHTUSERDATA:
      return write_light(w, up, rule);
    default:
      return fault(w, up, no_json_form(w->L));
  }
}

/* -- layout -- */

static bool write_char(writer *w, char c) {
  char *room = buffer_room(w->buffer, 1);
  if (!room) return false;
  *room = c;
  w->buffer->len++;
  return true;
}

/* In pretty text the line break and the blanks for `depth`. */
static bool write_break(writer *w, int depth) {
  size_t blanks = 2 * (size_t)depth;
  char *room;
  if (!w->is_pretty) return true;
  room = buffer_room(w->buffer, 1 + blanks);
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
static bool check_list(writer *w, frame *f, int t, lua_Integer n) {
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
      lua_copy(L, -1, ENCODE_CULPRIT);
    }
    count++;
    if (lua_tointeger(L, -1) > n) n = lua_tointeger(L, -1);
  }
  if (message) {
    lua_pushvalue(L, ENCODE_CULPRIT);
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
static bool write_element(writer *w, frame *f, lua_Integer i,
                          const schema_field *rule) {
  f->index = i;
  return write_char(w, i == 1 ? '[' : ',') && write_break(w, f->depth) &&
         write_value(w, f, rule);
}

/* The raw table at `t`; above `base` lie its first key and value. Most lists
 * show their keys in order and need no other check. [-2, +0] */
static bool write_list(writer *w, frame *f, int t, int base,
                       const schema_field *rule) {
  lua_State *L = w->L;
  lua_Integer i = 1, n;
  f->name = 0;
  do {
    if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) != i) break;
    if (!write_element(w, f, i++, rule)) return false;
    lua_pop(L, 1);
  } while (lua_next(L, t));
  if (lua_gettop(L) > base) {
    lua_settop(L, base);
    n = (lua_Integer)lua_rawlen(L, t);
    if (!check_list(w, f, t, n)) return false;
    for (; i <= n; i++) {
      lua_rawgeti(L, t, i);
      if (!write_element(w, f, i, rule)) return false;
      lua_pop(L, 1);
    }
  }
  return write_break(w, f->depth - 1) && write_char(w, ']');
}

/* -- objects -- */

/* What is wrong with the name at `f->name`, which could not be written. */
static bool name_fault(writer *w, const frame *f, char lead) {
  int type = lua_type(w->L, f->name);
  if (w->buffer->has_failed) return false;
  lua_pushvalue(w->L, f->name);
  if (type == LUA_TSTRING) return fault(w, f, "the name is not UTF-8");
  if (type == LUA_TNUMBER && lead == ',')
    return fault(w, f->up, list_and_names);
  return fault(w, f->up, no_name);
}

/* `lead`, the name at `f->name` and a colon, in one piece. False: the name has
 * escapes, or there is no room. */
static inline bool write_plain_name(buffer *b, char lead, const char *s,
                                    size_t len) {
  char *room = buffer_room(b, len + 4);
  if (!room || !json_copy_plain(room + 2, s, len)) return false;
  room[0] = lead;
  room[1] = room[len + 2] = '"';
  room[len + 3] = ':';
  b->len += len + 4;
  return true;
}

/* The same for any name, in any layout. */
static inline bool write_name(writer *w, const frame *f, char lead) {
  size_t len;
  const char *s;
  if (lua_type(w->L, -2) != LUA_TSTRING) return name_fault(w, f, lead);
  s = lua_tolstring(w->L, -2, &len);
  if (!w->is_pretty && write_plain_name(w->buffer, lead, s, len)) {
    lua_marks_note_name(w->L, ENCODE_MARKS, f->name);
    return true;
  }
  return (write_char(w, lead) && write_break(w, f->depth) &&
          json_write_string(w->buffer, s, len) &&
          buffer_append(w->buffer, ": ", w->is_pretty ? 2 : 1)) ||
         name_fault(w, f, lead);
}

/* `lead` and a name as JSON, which is in an array of `size` bytes. */
static inline bool write_known(buffer *b, char lead, const char *text,
                               size_t size, size_t len) {
  char *room = buffer_room(b, 1 + size);
  if (!room) return false;
  room[0] = lead;
  memcpy(room + 1, text, size);
  b->len += 1 + len;
  return true;
}

/* The member whose name, of identity `key`, is at index `f->name` and whose
 * value is on top. */
static inline bool write_member(writer *w, const frame *f, char lead,
                                const void *key) {
  const lua_name *n = lua_marks_name(w->marks, key);
  bool ok = n->key && !w->is_pretty
                ? write_known(w->buffer, lead, n->text, sizeof n->text, n->len)
                : write_name(w, f, lead);
  return ok && write_value(w, f, NULL);
}

static bool end_object(writer *w, const frame *f) {
  return write_break(w, f->depth - 1) && write_char(w, '}');
}

/* The raw table at `t`; above it lie its first name and value. [-2, +0] */
static bool write_object(writer *w, frame *f, int t, const schema_set *set) {
  lua_State *L = w->L;
  int needed = set ? set->required : 0;
  char lead = '{';
  f->name = t + 1;
  do {
    const void *key = lua_topointer(L, -2);
    const schema_field *rule = set ? lua_schema_find(set, key) : NULL;
    if (rule) {
      needed -= rule->is_required;
      if (!write_known(w->buffer, lead, rule->name, sizeof rule->name,
                       rule->name_len) ||
          !write_value(w, f, rule))
        return false;
    } else {
      if (set) w->is_documented = false;
      if (!write_member(w, f, lead, key)) return false;
    }
    lead = ',';
    lua_pop(L, 1);
  } while (lua_next(L, t));
  if (needed > 0) w->is_clean = false;
  return end_object(w, f);
}

/* The raw table at `t`, its names in the order of the list at `names`. */
static bool write_ordered(writer *w, frame *f, int t, int names) {
  lua_State *L = w->L;
  lua_Integer n = (lua_Integer)lua_rawlen(L, names);
  f->name = names + 1;
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, names, i);
    lua_pushvalue(L, -1);
    lua_rawget(L, t);
    if (!write_member(w, f, i == 1 ? '{' : ',', lua_topointer(L, -2)))
      return false;
    lua_pop(L, 2);
  }
  return end_object(w, f);
}

/* -- tables -- */

/* Whether an empty table that is the current member of `f` is a list, by its
 * name. */
static bool names_list(writer *w, const frame *f) {
  lua_State *L = w->L;
  bool is_list = false;
  if (!f || f->name == 0) return false;
  lua_getiuservalue(L, ENCODE_MARKS, LUA_MARKS_LISTS);
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

static bool write_empty(writer *w, bool is_list, const schema_set *set) {
  if (set && set->required > 0) w->is_clean = false;
  return buffer_append(w->buffer, is_list ? "[]" : "{}", 2);
}

/* The raw table at `t`, which is on top of the stack; or, with its names in
 * order in the list at `names`, this list is. [-0, +0] when true */
static bool write_content(writer *w, frame *f, int t, int names, lua_mark mark,
                          const schema_field *rule) {
  lua_State *L = w->L;
  const schema_set *inside = rule ? rule->inside : NULL;
  int base = names ? names : t;
  bool is_list = mark == MARK_LIST, is_empty, ok;
  lua_pushnil(L);
  is_empty = !lua_next(L, t);
  if (mark == MARK_EMPTY_LIST || mark == MARK_NONE)
    is_list = is_empty ? mark == MARK_EMPTY_LIST || names_list(w, f->up)
                       : lua_type(L, -2) == LUA_TNUMBER;
  if (rule && rule->type != (is_list ? SCHEMA_LIST : SCHEMA_OBJECT)) {
    w->is_clean = false;
    inside = NULL;
  }
  if (is_empty) return write_empty(w, is_list, inside);
  if (is_list) return write_list(w, f, t, base, inside ? inside->fields : NULL);
  if (names == 0 && !w->is_sorted) return write_object(w, f, t, inside);
  lua_settop(L, base);
  if (names == 0)
    lua_members_push_names(L, t);
  else
    lua_pushvalue(L, names);
  if (w->is_sorted) lua_members_sort_names(L);
  ok = write_ordered(w, f, t, base + 1);
  lua_settop(L, base);
  return ok;
}

/* The table at `t`, whose __pairs is on top of the stack. */
static bool write_shown(writer *w, frame *f, int t, lua_mark mark) {
  lua_State *L = w->L;
  const char *message;
  lua_pushvalue(L, t);
  message = lua_members_copy_shown(L);
  if (message) return fault(w, f->up, message);
  t = lua_gettop(L) - 1;
  return write_content(w, f, t, t + 1, mark, NULL);
}

/* The table at `t`, on top of the stack, and its metatable above it, which
 * goes. */
static bool write_meta(writer *w, frame *f, int t, const schema_field *rule) {
  lua_State *L = w->L;
  lua_mark mark = lua_marks_get(L, ENCODE_MARKS, t, t + 1);
  bool ok;
  if (!lua_marks_is_mark(w->marks, lua_topointer(L, t + 1)))
    w->is_clean = false;
  lua_pushvalue(L, ENCODE_PAIRS);
  if (lua_rawget(L, t + 1) != LUA_TNIL) {
    ok = write_shown(w, f, t, mark);
    lua_settop(L, t);
    return ok;
  }
  lua_settop(L, t);
  return write_content(w, f, t, 0, mark, rule);
}

/* The rule for the table on top of the stack, by its `type`; NULL: none. */
static const schema_field *variant_of(writer *w, const schema_set *variants) {
  const schema_field *found = NULL;
  lua_pushvalue(w->L, ENCODE_TYPE);
  if (lua_rawget(w->L, -2) == LUA_TSTRING)
    found = lua_schema_find(variants, lua_topointer(w->L, -1));
  lua_pop(w->L, 1);
  return found;
}

/* The table on top of the stack, the current member of `up`. [-0, +0] when
 * true */
static bool write_table(writer *w, const frame *up, const schema_field *rule) {
  lua_State *L = w->L;
  int t = lua_gettop(L);
  frame f = {.up = up, .table = t, .depth = up ? up->depth + 1 : 1};
  if (f.depth > JSON_MAX_DEPTH) return too_deep(w, up);
  if (f.depth % LEVELS_AT_ONCE == 1)
    luaL_checkstack(L, LEVELS_AT_ONCE * STACK_PER_LEVEL, NULL);
  if (rule && rule->has_variants) {
    rule = variant_of(w, rule->inside);
    if (!rule) w->is_clean = false;
  }
  return lua_getmetatable(L, t) ? write_meta(w, &f, t, rule)
                                : write_content(w, &f, t, 0, MARK_NONE, rule);
}

bool lua_encode_write(lua_encoder *w, const schema_field *rule) {
  return write_value(w, NULL, rule);
}
