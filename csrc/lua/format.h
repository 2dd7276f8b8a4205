/* SPDX-License-Identifier: MIT
 *
 * lua_format: string.format with a point in numbers, whatever locale the host
 * has set, and faster where a number is whole. */
#ifndef AISTUDIOS_LUA_FORMAT_H
#define AISTUDIOS_LUA_FORMAT_H

#include <lua.h>

/* format(format, ...) -> string, with all that string.format takes */
int lua_format(lua_State *L);

#endif
