/* SPDX-License-Identifier: MIT
 *
 * lua_body: the userdata that holds one reference to immutable bytes on
 * their way to the I/O thread. Lua sees their number, never the bytes. */
#include <lauxlib.h>
#include <lua.h>

#include "lua/json.h"

#define BODY_TYPE "aistudios.body"

/* The box; its body is NULL before lua_body_fill and after close. */
static body **check_box(lua_State *L, int idx) {
  return luaL_checkudata(L, idx, BODY_TYPE);
}

body *lua_body_check(lua_State *L, int idx) {
  body **box = check_box(L, idx);
  luaL_argcheck(L, *box != NULL, idx, "the body is closed");
  return *box;
}

void lua_body_push(lua_State *L) {
  body **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, BODY_TYPE);
}

int lua_body_fill(lua_State *L, int idx, char *data, size_t len) {
  body **box = lua_touserdata(L, idx);
  *box = body_take(data, len);
  return *box != NULL;
}

static int close_body(lua_State *L) {
  body **box = check_box(L, 1);
  body_unref(*box);
  *box = NULL;
  return 0;
}

static int body_length(lua_State *L) {
  body **box = check_box(L, 1);
  lua_pushinteger(L, *box ? (lua_Integer)body_len(*box) : 0);
  return 1;
}

static int body_tostring(lua_State *L) {
  body **box = check_box(L, 1);
  if (*box)
    lua_pushfstring(L, BODY_TYPE " (%I bytes)", (lua_Integer)body_len(*box));
  else
    lua_pushliteral(L, BODY_TYPE " (closed)");
  return 1;
}

static const luaL_Reg metamethods[] = {{"__len", body_length},
                                       {"__tostring", body_tostring},
                                       {"__gc", close_body},
                                       {"__close", close_body},
                                       {NULL, NULL}};

void lua_body_register(lua_State *L) {
  luaL_newmetatable(L, BODY_TYPE);
  luaL_setfuncs(L, metamethods, 0);
  lua_pop(L, 1);
}
