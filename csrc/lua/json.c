/* SPDX-License-Identifier: MIT
 *
 * lua_json: what Lua sees of the JSON writer (see lua_json.h). What a
 * lua_State knows is a userdata in its registry, so that states never share
 * anything. Text grows in a buffer that a userdata owns, so that an error
 * raised by a __pairs leaks nothing; an idle one is kept for the next call. */
#include "lua/json.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lua/encode.h"

#define BUFFER_TYPE "aistudios.buffer"

enum {
  MAX_TEXT_BYTES = 64 * 1024 * 1024, /* of one text that is written */
  MAX_IDLE_BYTES = 64 * 1024,        /* of a buffer kept for the next call */
  MAX_SPARE_BYTES = 4096             /* at the end of a marshalled text */
};

static const char state_key = 0; /* its address is the registry key */

/* -- buffers -- */

static int free_buffer(lua_State *L) {
  json_buf_free(luaL_checkudata(L, 1, BUFFER_TYPE));
  return 0;
}

/* Pushes the idle buffer of the state at `state`, or a new one; nobody else
 * has it until give_back. [-0, +1] */
static json_buf *push_buffer(lua_State *L, int state) {
  json_buf *b;
  if (lua_getiuservalue(L, state, STATE_BUFFER) != LUA_TNIL) {
    lua_pushnil(L);
    lua_setiuservalue(L, state, STATE_BUFFER);
    return lua_touserdata(L, -1);
  }
  lua_pop(L, 1);
  b = lua_newuserdatauv(L, sizeof *b, 0);
  json_buf_init(b, MAX_TEXT_BYTES);
  if (luaL_newmetatable(L, BUFFER_TYPE)) {
    lua_pushcfunction(L, free_buffer);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return b;
}

static void give_back(lua_State *L, int state, int buffer) {
  json_buf *b = lua_touserdata(L, buffer);
  if (b->failed || b->cap > MAX_IDLE_BYTES) json_buf_free(b);
  b->len = 0;
  lua_pushvalue(L, buffer);
  lua_setiuservalue(L, state, STATE_BUFFER);
}

/* -- what a state knows -- */

/* A new metatable as user value `n` of the state on top; its identity. */
static const void *new_mark(lua_State *L, int n, const char *type) {
  const void *mark;
  lua_createtable(L, 0, 1);
  mark = lua_topointer(L, -1);
  lua_pushstring(L, type);
  lua_setfield(L, -2, "__name");
  lua_setiuservalue(L, -2, n);
  return mark;
}

static void new_state(lua_State *L) {
  json_state *s = lua_newuserdatauv(L, sizeof *s, STATE_VALUES);
  *s = (json_state){0};
  s->list_mark = new_mark(L, STATE_LIST_MARK, "aistudios.array");
  s->object_mark = new_mark(L, STATE_OBJECT_MARK, "aistudios.object");
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_setiuservalue(L, -2, STATE_MARKED);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &state_key);
}

/* Pushes the json_state of this lua_State. [-0, +1] */
static json_state *push_state(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &state_key) == LUA_TNIL) {
    lua_pop(L, 1);
    new_state(L);
  }
  return lua_touserdata(L, -1);
}

/* Takes `field` of the table at `t`, a metatable, as user value `n`. */
static void learn_metatable(lua_State *L, int state, int t, const char *field,
                            int n, const void **identity) {
  if (lua_getfield(L, t, field) == LUA_TTABLE) {
    *identity = lua_topointer(L, -1);
    lua_setiuservalue(L, state, n);
  } else {
    lua_pop(L, 1);
  }
}

/* Takes `field` of the table at `t`, a light userdata. */
static void learn_light(lua_State *L, int t, const char *field,
                        const void **identity) {
  lua_getfield(L, t, field);
  if (lua_islightuserdata(L, -1)) *identity = lua_touserdata(L, -1);
  lua_pop(L, 1);
}

/* Takes the values of lua-cjson out of the table at `t`. */
static void learn_cjson(lua_State *L, int state, int t) {
  json_state *s = lua_touserdata(L, state);
  learn_light(L, t, "empty_array", &s->empty_array);
  learn_metatable(L, state, t, "array_mt", STATE_ARRAY_MT, &s->array_mt);
  learn_metatable(L, state, t, "empty_array_mt", STATE_EMPTY_ARRAY_MT,
                  &s->empty_array_mt);
}

void lua_json_find_cjson(lua_State *L, int state) {
  static const char *const modules[] = {"cjson", "cjson.safe"};
  const json_state *s = lua_touserdata(L, state);
  if (s->array_mt) return;
  luaL_checkstack(L, 4, NULL);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  for (size_t i = 0; i < 2 && lua_istable(L, -1); i++) {
    if (lua_getfield(L, -1, modules[i]) == LUA_TTABLE)
      learn_cjson(L, state, lua_gettop(L));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static json_mark_of mark_by_metatable(const json_state *s, const void *mt) {
  if (mt == s->list_mark || mt == s->array_mt) return MARK_LIST;
  if (mt == s->object_mark) return MARK_OBJECT;
  if (mt == s->empty_array_mt) return MARK_EMPTY_LIST;
  return MARK_NONE;
}

json_mark_of lua_json_marked(lua_State *L, int state, int idx, int mt) {
  const json_state *s = lua_touserdata(L, state);
  const void *identity = lua_topointer(L, mt);
  json_mark_of mark = mark_by_metatable(s, identity);
  if (mark != MARK_NONE) return mark;
  lua_json_find_cjson(L, state);
  mark = mark_by_metatable(s, identity);
  if (mark != MARK_NONE) return mark;
  lua_getiuservalue(L, state, STATE_MARKED);
  lua_pushvalue(L, idx);
  if (lua_rawget(L, -2) != LUA_TNIL)
    mark = lua_toboolean(L, -1) ? MARK_LIST : MARK_OBJECT;
  lua_pop(L, 2);
  return mark;
}

int lua_json_setup(lua_State *L) {
  json_state *s;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  s = push_state(L);
  learn_light(L, 1, "null", &s->null);
  learn_cjson(L, 2, 1);
  if (lua_getfield(L, 1, "lists") == LUA_TTABLE)
    lua_setiuservalue(L, 2, STATE_LISTS);
  lua_pushlightuserdata(L, (void *)s->null);
  return 1;
}

static int mark_table(lua_State *L, bool is_list) {
  const json_state *s;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  s = push_state(L);
  if (lua_getmetatable(L, 1) &&
      mark_by_metatable(s, lua_topointer(L, -1)) == MARK_NONE) {
    lua_getiuservalue(L, 2, STATE_MARKED);
    lua_pushvalue(L, 1);
    lua_pushboolean(L, is_list);
    lua_rawset(L, -3);
  } else {
    lua_getiuservalue(L, 2, is_list ? STATE_LIST_MARK : STATE_OBJECT_MARK);
    lua_setmetatable(L, 1);
  }
  lua_settop(L, 1);
  return 1;
}

int lua_json_array(lua_State *L) {
  return mark_table(L, true);
}

int lua_json_object(lua_State *L) {
  return mark_table(L, false);
}

/* -- writing -- */

/* Stack indices during a write. */
enum { ARG_VALUE = 1, ARG_OPTIONS, AT_STATE, AT_BUFFER, AT_PAIRS, AT_CULPRIT };

static bool has_option(lua_State *L, const char *name) {
  bool is_set;
  if (!lua_istable(L, ARG_OPTIONS)) return false;
  lua_getfield(L, ARG_OPTIONS, name);
  is_set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is_set;
}

/* Writes argument 1: the buffer, or NULL with the four results of a failure
 * on top of the stack. */
static json_buf *write_argument(lua_State *L) {
  json_writer w = {
      .L = L, .state = AT_STATE, .pairs = AT_PAIRS, .culprit = AT_CULPRIT};
  luaL_checkany(L, ARG_VALUE);
  lua_settop(L, ARG_OPTIONS);
  push_state(L);
  w.buffer = push_buffer(L, AT_STATE);
  lua_pushliteral(L, "__pairs");
  lua_pushnil(L);
  w.is_pretty = has_option(L, "pretty");
  w.is_sorted = has_option(L, "sort_keys");
  lua_pushvalue(L, ARG_VALUE);
  if (lua_json_write(&w)) return w.buffer;
  lua_settop(L, AT_CULPRIT);
  if (!w.message && !w.buffer->full) luaL_error(L, "not enough memory");
  lua_pushnil(L);
  lua_pushstring(L, w.message ? w.message : "more than 67108864 bytes as JSON");
  lua_pushlstring(L, w.buffer->data ? w.buffer->data : "",
                  w.message ? w.buffer->len : 0);
  lua_pushvalue(L, AT_CULPRIT);
  give_back(L, AT_STATE, AT_BUFFER);
  return NULL;
}

int lua_json_encode(lua_State *L) {
  const json_buf *b = write_argument(L);
  if (!b) return 4;
  lua_pushlstring(L, b->data, b->len);
  give_back(L, AT_STATE, AT_BUFFER);
  return 1;
}

/* The text of the buffer, no longer its own, with little spare memory. */
static char *take_text(json_buf *b, size_t *len) {
  bool is_loose = b->cap - b->len > MAX_SPARE_BYTES;
  char *exact = is_loose ? realloc(b->data, b->len) : NULL;
  char *data = exact ? exact : b->data;
  *len = b->len;
  b->data = NULL;
  json_buf_free(b);
  return data;
}

int lua_json_marshal(lua_State *L) {
  json_buf *b;
  char *data;
  size_t len;
  lua_settop(L, 1);
  b = write_argument(L);
  if (!b) return 4;
  lua_body_push(L);
  data = take_text(b, &len);
  if (!lua_body_fill(L, -1, data, len)) luaL_error(L, "not enough memory");
  give_back(L, AT_STATE, AT_BUFFER);
  return 1;
}

/* -- reading -- */

int lua_json_mark(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  json_fault why;
  json_buf *b;
  bool ok;
  lua_settop(L, 1);
  push_state(L);
  b = push_buffer(L, 2);
  ok = json_mark(text, len, b, &why);
  if (!ok && !why.what && !b->full) luaL_error(L, "not enough memory");
  if (!ok) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s at byte %I", why.what ? why.what : "too large",
                    (lua_Integer)why.at + 1);
  } else if (b->len == 0) {
    lua_pushboolean(L, true);
  } else {
    lua_pushlstring(L, b->data, b->len);
  }
  give_back(L, 2, 3);
  return ok ? 1 : 2;
}

/* What settle is at. */
typedef struct {
  lua_State *L;
  int state;        /* stack index of the json_state */
  bool is_infinite; /* some number is beyond the doubles */
} settler;

/* Puts in place of the value on top of the stack what it stands for; true
 * when that is another value. */
static bool settle_value(settler *s, int depth);

static void settle_table(settler *s, int depth) {
  lua_State *L = s->L;
  int t = lua_gettop(L);
  if (depth > JSON_MAX_DEPTH) luaL_error(L, "nested deeper than 128 levels");
  luaL_checkstack(L, 8, NULL);
  lua_pushnil(L);
  while (lua_next(L, t)) {
    if (settle_value(s, depth + 1)) {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, t);
    } else {
      lua_pop(L, 1);
    }
  }
}

static bool settle_string(settler *s) {
  lua_State *L = s->L;
  size_t len;
  const char *text = lua_tolstring(L, -1, &len);
  if (len < 2 || text[0] != '\xFF') return false;
  if (text[1] == 'i') {
    lua_stringtonumber(L, text + 2);
  } else {
    lua_newtable(L);
    lua_getiuservalue(L, s->state, STATE_LIST_MARK);
    lua_setmetatable(L, -2);
  }
  lua_remove(L, -2);
  return true;
}

static bool settle_number(settler *s) {
  lua_State *L = s->L;
  lua_Number n = lua_tonumber(L, -1);
  lua_Integer i;
  if (isinf(n)) s->is_infinite = true;
  if (lua_isinteger(L, -1) || (n == 0 && signbit(n)) ||
      !lua_numbertointeger(n, &i) || (lua_Number)i != n)
    return false;
  lua_pop(L, 1);
  lua_pushinteger(L, i);
  return true;
}

static bool settle_value(settler *s, int depth) {
  switch (lua_type(s->L, -1)) {
    case LUA_TNUMBER:
      return settle_number(s);
    case LUA_TSTRING:
      return settle_string(s);
    case LUA_TTABLE:
      settle_table(s, depth);
      return false;
    default:
      return false;
  }
}

int lua_json_settle(lua_State *L) {
  settler s = {.L = L, .state = 2};
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  push_state(L);
  lua_pushvalue(L, 1);
  settle_value(&s, 1);
  if (!s.is_infinite) return 1;
  lua_pushnil(L);
  lua_pushliteral(L, "a number is so large that no double holds it");
  return 2;
}
