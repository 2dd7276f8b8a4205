/* SPDX-License-Identifier: MIT */
#include "lua/memory_limit.h"

#include <lauxlib.h>
#include <stddef.h>

typedef struct {
  lua_Alloc allocate; /* the state's own */
  void *data;
  lua_Integer left; /* bytes that may still be taken */
} memory_limit;

/* A lua_Alloc. What shrinks is never refused. */
static void *allocate(void *data, void *block, size_t old_size, size_t size) {
  memory_limit *limit = data;
  if (!block) old_size = 0; /* else Lua tells the type of the value here */
  if (size > old_size && size - old_size > (size_t)limit->left) return NULL;
  void *result = limit->allocate(limit->data, block, old_size, size);
  if (result || size == 0)
    limit->left += (lua_Integer)old_size - (lua_Integer)size;
  return result;
}

int lua_memory_limit_call(lua_State *L) {
  memory_limit limit = {.left = luaL_checkinteger(L, 1)};
  luaL_argcheck(L, limit.left >= 0, 1, "must not be negative");
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  limit.allocate = lua_getallocf(L, &limit.data);
  lua_setallocf(L, allocate, &limit);
  int status = lua_pcall(L, 0, 1, 0);
  lua_setallocf(L, limit.allocate, limit.data);
  lua_pushboolean(L, status == LUA_OK);
  lua_insert(L, -2);
  return 2;
}
