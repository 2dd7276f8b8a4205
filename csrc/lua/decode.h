/* SPDX-License-Identifier: MIT
 *
 * lua_decode: JSON text to Lua values. */
#ifndef AISTUDIOS_LUA_DECODE_H
#define AISTUDIOS_LUA_DECODE_H

#include <lua.h>

/* decode(text [, is_answer]) -> value | nil, message     raises for memory
 * Integral numbers become integers, null the light userdata of lua_marks, an
 * empty list is marked as one. Strict; what a service answered is read as
 * tolerantly as JSON_TOLERANT, and then a number that neither an integer nor a
 * double holds becomes the string of its digits. */
int lua_decode_text(lua_State *L);

/* without_nulls(value) -> value                          raises for memory
 * A deep copy of what decode returned, without the nulls of objects and lists
 * (the items behind them move up). */
int lua_decode_without_nulls(lua_State *L);

#endif
