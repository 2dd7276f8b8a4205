/* SPDX-License-Identifier: MIT
 *
 * lua_request: reads the tables that the Lua side hands to the core. Policy
 * has checked them; a mistake that got through raises. */
#ifndef AISTUDIOS_LUA_REQUEST_H
#define AISTUDIOS_LUA_REQUEST_H

#include <lua.h>

#include "http/transfer.h"

/* Fills `out` from the request at index `t`, an absolute one. [-0, +0, v] */
void lua_request_read(lua_State *L, int t, transfer *out);

/* Fills `s` from the config at index `t`, an absolute one. [-0, +0, v] */
void lua_settings_read(lua_State *L, int t, settings *s);

#endif
