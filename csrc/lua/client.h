/* SPDX-License-Identifier: MIT
 *
 * lua_client: a client and its transfers as userdata. */
#ifndef AISTUDIOS_LUA_CLIENT_H
#define AISTUDIOS_LUA_CLIENT_H

#include <lua.h>

/* Creates both metatables. [-0, +0], may raise. */
void lua_client_register(lua_State *L);

/* Pushes the table of a handle's methods. [-0, +1] */
void lua_client_push_methods(lua_State *L);

/* client(config) -> handle */
int lua_client_new(lua_State *L);

#endif
