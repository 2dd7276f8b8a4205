/* SPDX-License-Identifier: MIT
 *
 * lua_bytes: bytes as userdata (see bytes.h). */
#include "lua/bytes.h"

#include <lauxlib.h>

#define BODY_TYPE "aistudios.body"

/* The box; it holds NULL before lua_bytes_fill and after close. */
static bytes **check_box(lua_State *L, int idx) {
  return luaL_checkudata(L, idx, BODY_TYPE);
}

bytes *lua_bytes_check(lua_State *L, int idx) {
  bytes **box = check_box(L, idx);
  luaL_argcheck(L, *box != NULL, idx, "the body is closed");
  return *box;
}

void lua_bytes_push(lua_State *L) {
  bytes **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, BODY_TYPE);
}

bool lua_bytes_fill(lua_State *L, int idx, char *data, size_t len) {
  bytes **box = lua_touserdata(L, idx);
  *box = bytes_take(data, len);
  return *box != NULL;
}

static int close_bytes(lua_State *L) {
  bytes **box = check_box(L, 1);
  bytes_unref(*box);
  *box = NULL;
  return 0;
}

static int length(lua_State *L) {
  bytes **box = check_box(L, 1);
  lua_pushinteger(L, *box ? (lua_Integer)bytes_len(*box) : 0);
  return 1;
}

static int to_string(lua_State *L) {
  bytes **box = check_box(L, 1);
  if (*box)
    lua_pushfstring(L, BODY_TYPE " (%I bytes)", (lua_Integer)bytes_len(*box));
  else
    lua_pushliteral(L, BODY_TYPE " (closed)");
  return 1;
}

static const luaL_Reg metamethods[] = {{"__len", length},
                                       {"__tostring", to_string},
                                       {"__gc", close_bytes},
                                       {"__close", close_bytes},
                                       {NULL, NULL}};

void lua_bytes_register(lua_State *L) {
  luaL_newmetatable(L, BODY_TYPE);
  luaL_setfuncs(L, metamethods, 0);
  lua_pop(L, 1);
}
