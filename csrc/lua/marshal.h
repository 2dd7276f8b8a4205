/* SPDX-License-Identifier: MIT
 *
 * lua_marshal: Lua values to JSON text. Each returns nil, message, path, value
 * for what has no JSON form, and raises for memory and what a __pairs raises.
 */
#ifndef AISTUDIOS_LUA_MARSHAL_H
#define AISTUDIOS_LUA_MARSHAL_H

#include <lua.h>

/* encode(value [, {pretty=, sort_keys=}]) -> string */
int lua_marshal_text(lua_State *L);

/* marshal(value [, schema]) -> body, is_clean, is_documented
 * `is_clean`: with a schema, the value is surely as it has it and no string or
 * name contains "{{"; false where nobody can tell. `is_documented`: it has all
 * names, too, and null stands only where it may. */
int lua_marshal_body(lua_State *L);

/* check(value, schema) -> is_clean, is_documented */
int lua_marshal_check(lua_State *L);

#endif
