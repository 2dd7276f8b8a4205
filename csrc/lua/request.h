/* SPDX-License-Identifier: MIT
 *
 * lua_request: reads the tables that the Lua side hands to the core. Policy
 * has checked them; a mistake that got through raises. */
#ifndef AISTUDIOS_LUA_REQUEST_H
#define AISTUDIOS_LUA_REQUEST_H

#include <lua.h>

#include "http/transfer.h"

/* Fills `out` from the request at index `t`, an absolute one: a table, or what
 * lua_request_prepare made. After it there may be a body, seconds in all, and
 * a refused token, which replace the request's own. [-0, +0, v] */
void lua_request_read(lua_State *L, int t, transfer *out);

/* Pushes a request that is read once for many calls, made of the table at
 * index `t`, for a client with these settings. [-0, +1, v] */
void lua_request_prepare(lua_State *L, int t, settings *s);

void lua_request_register(lua_State *L);

/* Fills `s` from the config at index `t`, an absolute one. [-0, +0, v] */
void lua_settings_read(lua_State *L, int t, settings *s);

#endif
