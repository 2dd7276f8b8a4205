/* SPDX-License-Identifier: MIT
 *
 * Fuzz target of the walk from Lua values to JSON: the input builds a value
 * (tables of every odd kind among them) and says which allocation fails. */
#include <lauxlib.h>
#include <lualib.h>

#include "json/number.h"
#include "json/read.h"
#include "json/write.h"
#include "lua/bytes.h"
#include "lua/marks.h"
#include "lua/marshal.h"
#include "lua/schema.h"
#undef realloc
#include "drive.h"

enum { MAX_STEPS = 400, MAX_STACK = 40 };

static long allocations_left = -1; /* until one fails; below 0: none does */

static bool fails_now(void) {
  return allocations_left >= 0 && allocations_left-- == 0;
}

void *target_realloc(void *p, size_t size);

/* The realloc of the code under test. */
void *target_realloc(void *p, size_t size) {
  return fails_now() ? NULL : realloc(p, size);
}

static void *allocate(void *ud, void *p, size_t old_size, size_t size) {
  (void)ud;
  if (size == 0) {
    free(p);
    return NULL;
  }
  if ((!p || size > old_size) && fails_now()) return NULL;
  return realloc(p, size);
}

/* A __pairs that shows what the table's first element holds. */
static int show(lua_State *L) {
  lua_settop(L, 1);
  luaL_checkstack(L, 5, NULL);
  lua_getglobal(L, "next");
  if (lua_rawgeti(L, 1, 1) != LUA_TTABLE) luaL_error(L, "nothing to show");
  lua_pushnil(L);
  return 3;
}

static void push_number(lua_State *L, const uint8_t *at, size_t left) {
  double d = 0;
  int64_t i = 0;
  memcpy(&d, at, left < sizeof d ? left : sizeof d);
  memcpy(&i, at, left < sizeof i ? left : sizeof i);
  if (i % 2)
    lua_pushnumber(L, d);
  else
    lua_pushinteger(L, i);
}

/* Sets a field of the table below the value on top, which is removed. */
static void store(lua_State *L, uint8_t kind) {
  if (!lua_istable(L, -2)) {
    lua_pop(L, 1);
    return;
  }
  switch (kind % 6) {
    case 0:
      lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
      return;
    case 1:
      lua_setfield(L, -2, "a");
      return;
    case 2:
      lua_setfield(L, -2, "clips");
      return;
    case 3:
      lua_setfield(L, -2, "value");
      return;
    case 4:
      lua_rawseti(L, -2, kind);
      return;
    default:
      lua_pushboolean(L, 1);
      lua_insert(L, -2);
      lua_rawset(L, -3);
  }
}

/* One step of a small machine: opcodes that push, nest and store. */
static size_t step(lua_State *L, const uint8_t *at, size_t left) {
  size_t n;
  switch (at[0] % 16) {
    case 0:
    case 1:
      lua_newtable(L);
      return 1;
    case 2:
      push_number(L, at + 1, left - 1);
      return left < 9 ? left : 9;
    case 3:
    case 4:
      n = left > 1 && left - 2 > at[1] ? at[1] : left > 2 ? left - 2 : 0;
      lua_pushlstring(L, (const char *)at + (left > 2 ? 2 : 0), n);
      return n + 2 < left ? n + 2 : left;
    case 5:
      lua_pushboolean(L, at[0] & 16);
      return 1;
    case 6:
      lua_pushlightuserdata(L, NULL);
      return 1;
    case 7:
      lua_pushcfunction(L, show);
      return 1;
    case 8:
      lua_pushvalue(L, -1);
      return 1; /* the same one twice, or inside */
    case 9:
      if (lua_istable(L, -1)) luaL_setmetatable(L, "shown");
      return 1;
    case 10:
    case 11:
      if (lua_istable(L, -1)) {
        lua_pushcfunction(
            L, at[0] % 16 == 10 ? lua_marks_array : lua_marks_object);
        lua_insert(L, -2);
        lua_call(L, 1, 1);
      }
      return 1;
    default:
      if (lua_gettop(L) > 2) store(L, left > 1 ? at[1] : 0);
      return 2 < left ? 2 : left;
  }
}

/* Pushes the value that the bytes stand for. */
static void build(lua_State *L, const uint8_t *data, size_t len) {
  size_t at = 0;
  lua_newtable(L);
  for (int i = 0; at < len && i < MAX_STEPS; i++) {
    if (lua_gettop(L) > MAX_STACK) store(L, data[at]);
    at += step(L, data + at, len - at);
  }
  while (lua_gettop(L) > 1) store(L, (uint8_t)lua_gettop(L));
}

/* Calls encode or marshal, as `kind` has it, for the value at 1; what it said,
 * on top. */
static int call(lua_State *L, uint8_t kind) {
  static const lua_CFunction functions[] = {lua_marshal_text, lua_marshal_body};
  static const char *const more[] = {"options", "schema"};
  int base = lua_gettop(L), is_body = kind & 1, has_more = kind >> 1 & 1;
  lua_pushcfunction(L, functions[is_body]);
  lua_pushvalue(L, 1);
  if (has_more) lua_getglobal(L, more[is_body]);
  return lua_pcall(L, 1 + has_more, LUA_MULTRET, 0) == LUA_OK
             ? lua_gettop(L) - base
             : -1;
}

static const char *take_any(void *to, const json_piece *piece) {
  (void)to;
  (void)piece;
  return NULL;
}

static bool is_json(const char *text, size_t len) {
  json_fault why;
  return json_read(text, len, JSON_STRICT, take_any, NULL, &why);
}

/* A text, or bytes and a verdict, or nil with a message and a path. */
static void check_results(lua_State *L, int count) {
  size_t len;
  const char *text;
  if (count < 0) return; /* a __pairs raised, or memory was short */
  PROMISE(count == 1 || count == 3 || count == 4);
  if (count == 4) {
    PROMISE(lua_isnil(L, -4));
    PROMISE(lua_type(L, -3) == LUA_TSTRING && lua_type(L, -2) == LUA_TSTRING);
  } else if (lua_type(L, -1) == LUA_TSTRING) {
    text = lua_tolstring(L, -1, &len);
    PROMISE(is_json(text, len));
  } else {
    bytes *b = lua_bytes_check(L, -3);
    PROMISE(is_json(bytes_data(b), bytes_len(b)));
  }
}

static const char schema[] =
    "local rule = { type = 'object' }\n"
    "rule.fields = { a = rule, clips = { type = 'list', items = rule },\n"
    "  value = { type = 'number', max = 9, nullable = true } }\n"
    "return rule";

static lua_State *open_state(void) {
  lua_State *L = lua_newstate(allocate, NULL);
  PROMISE(L != NULL);
  luaL_requiref(L, "_G", luaopen_base, 1);
  lua_settop(L, 0);
  lua_bytes_register(L);
  PROMISE(
      !luaL_dostring(L, "return { lists = { clips = true, value = 'a' } }"));
  lua_pushcfunction(L, lua_marks_setup);
  lua_insert(L, 1);
  lua_call(L, 1, 0);
  PROMISE(!luaL_dostring(L, "options = { pretty = true, sort_keys = true }"));
  lua_pushcfunction(L, lua_schema_new);
  PROMISE(!luaL_dostring(L, schema));
  lua_newtable(L);
  lua_call(L, 2, 1);
  lua_setglobal(L, "schema");
  luaL_newmetatable(L, "shown");
  lua_pushcfunction(L, show);
  lua_setfield(L, -2, "__pairs");
  lua_settop(L, 0);
  return L;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  lua_State *L;
  int first, again;
  if (len < 2) return 0;
  L = open_state();
  build(L, data + 2, len - 2);
  first = call(L, data[0]);
  check_results(L, first);
  lua_settop(L, 1);
  allocations_left = data[1] % 32;
  check_results(L, call(L, data[0]));
  allocations_left = -1;
  lua_settop(L, 1);
  again = call(L, data[0]);
  check_results(L, again);
  PROMISE(first == again); /* nothing is left of the failure */
  lua_close(L);
  return 0;
}
