/* SPDX-License-Identifier: MIT
 *
 * lua_encode: Lua values to JSON text. */
#ifndef AISTUDIOS_LUA_ENCODE_H
#define AISTUDIOS_LUA_ENCODE_H

#include <lua.h>

/* encode(value [, {pretty=, sort_keys=}])
 *   -> string | nil, message, path, value       raises for memory, and what
 * a __pairs raises. */
int lua_encode_text(lua_State *L);

/* marshal(value) -> body | nil, message, path, value        raises likewise */
int lua_encode_bytes(lua_State *L);

#endif
