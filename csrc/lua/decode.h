/* SPDX-License-Identifier: MIT
 *
 * lua_decode: JSON text to Lua values. */
#ifndef AISTUDIOS_LUA_DECODE_H
#define AISTUDIOS_LUA_DECODE_H

#include <lua.h>
#include <stdbool.h>

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

/* What a service answered, in the usual envelope: the decoded answer, and a
 * copy of its `data` without nulls, both tables, are on top then. False: it is
 * not the usual one, and rubbish is on the stack. Raises for memory. */
bool lua_decode_envelope(lua_State *L, const char *text, size_t len);

#endif
