/* SPDX-License-Identifier: MIT
 *
 * lua_fields: see fields.h. */
#include "lua/fields.h"

#include <lauxlib.h>
#include <math.h>

enum { OWNER = 1, FARTHEST = lua_upvalueindex(1) };

static int read_numbers(lua_State *L) {
  lua_Number farthest = lua_tonumber(L, FARTHEST);
  int last = lua_gettop(L);
  luaL_checkstack(L, last, NULL);
  for (int key = OWNER + 1; key < last; key += 2) {
    lua_pushvalue(L, key);
    int type = lua_gettable(L, OWNER);
    lua_Number n = type == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
    if (type == LUA_TNUMBER && n >= -farthest && n <= farthest) continue;
    lua_pop(L, 1);
    if (type != LUA_TNUMBER || isnan(n))
      lua_pushvalue(L, key + 1);
    else
      lua_pushinteger(L, (lua_Integer)(n < 0 ? -farthest : farthest));
  }
  return lua_gettop(L) - last;
}

int lua_number_reader(lua_State *L) {
  lua_pushinteger(L, luaL_checkinteger(L, 1));
  lua_pushcclosure(L, read_numbers, 1);
  return 1;
}

int lua_field_text(lua_State *L) {
  enum { KEY = 2, DEFAULT };
  lua_settop(L, DEFAULT);
  lua_pushvalue(L, KEY);
  int type = lua_gettable(L, OWNER);
  if (type == LUA_TNUMBER)
    luaL_tolstring(L, -1, NULL);
  else if (type != LUA_TSTRING)
    lua_settop(L, DEFAULT);
  return 1;
}
