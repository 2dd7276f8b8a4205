/* SPDX-License-Identifier: MIT
 *
 * copy: reads one state with calls that cannot raise, writes the other. */
#include "sandbox/lua_copy.h"

#include <lauxlib.h>

#define MAX_DEPTH 130

static void copy_at(lua_State *from, int index, lua_State *to, int depth);

static void copy_string(lua_State *from, int index, lua_State *to) {
  size_t len;
  const char *text = lua_tolstring(from, index, &len);
  lua_pushlstring(to, text, len);
}

static void copy_number(lua_State *from, int index, lua_State *to) {
  if (lua_isinteger(from, index))
    lua_pushinteger(to, lua_tointeger(from, index));
  else
    lua_pushnumber(to, lua_tonumber(from, index));
}

static void copy_table(lua_State *from, int index, lua_State *to, int depth) {
  if (depth >= MAX_DEPTH || !lua_checkstack(from, 3))
    luaL_error(to, "a table is nested too deeply");
  luaL_checkstack(to, 3, NULL);
  index = lua_absindex(from, index);
  lua_createtable(to, (int)lua_rawlen(from, index), 0);
  lua_pushnil(from);
  while (lua_next(from, index)) {
    copy_at(from, -2, to, depth + 1);
    if (lua_isnil(to, -1)) {
      lua_pop(to, 1);
    } else {
      copy_at(from, -1, to, depth + 1);
      lua_rawset(to, -3);
    }
    lua_pop(from, 1);
  }
}

static void copy_at(lua_State *from, int index, lua_State *to, int depth) {
  switch (lua_type(from, index)) {
    case LUA_TBOOLEAN:
      lua_pushboolean(to, lua_toboolean(from, index));
      break;
    case LUA_TNUMBER:
      copy_number(from, index, to);
      break;
    case LUA_TSTRING:
      copy_string(from, index, to);
      break;
    case LUA_TTABLE:
      copy_table(from, index, to, depth);
      break;
    default:
      lua_pushnil(to);
  }
}

void copy_value(lua_State *from, int index, lua_State *to) {
  copy_at(from, index, to, 0);
}
