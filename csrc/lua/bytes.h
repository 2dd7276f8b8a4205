/* SPDX-License-Identifier: MIT
 *
 * lua_bytes: the userdata "aistudios.body", one reference to immutable bytes
 * on their way to the I/O thread. Lua sees their number, never the bytes. */
#ifndef AISTUDIOS_LUA_BYTES_H
#define AISTUDIOS_LUA_BYTES_H

#include <lua.h>
#include <stdbool.h>

#include "util/bytes.h"

/* Creates the metatable. [-0, +0, m] */
void lua_bytes_register(lua_State *L);

/* Pushes one without bytes; lua_bytes_fill gives it some. [-0, +1, m] */
void lua_bytes_push(lua_State *L);

/* Gives the malloc'ed `data` to the empty one at `idx`. False when out of
 * memory; the data is then freed. [-0, +0] */
bool lua_bytes_fill(lua_State *L, int idx, char *data, size_t len);

/* The bytes at `idx`, borrowed; raises an argument error when there are none,
 * or when it was closed. [-0, +0, v] */
bytes *lua_bytes_check(lua_State *L, int idx);

#endif
