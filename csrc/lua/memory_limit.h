/* SPDX-License-Identifier: MIT
 *
 * lua_memory_limit: calls a function that may not take more than so much
 * memory. */
#ifndef AISTUDIOS_LUA_MEMORY_LIMIT_H
#define AISTUDIOS_LUA_MEMORY_LIMIT_H

#include <lua.h>

/* with_memory_limit(bytes, function) -> true, value; or false, error. While
 * the function runs, the whole Lua state may hold at most that many bytes more
 * than before; an allocation beyond it fails as if there were no memory. The
 * function may not yield. */
int lua_memory_limit_call(lua_State *L);

#endif
