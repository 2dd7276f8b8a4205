/* SPDX-License-Identifier: MIT
 *
 * lua_decode: decoding JSON with lua-cjson without losing 64-bit integers and
 * empty lists: tag the text, let lua-cjson read it, untag the value. */
#ifndef AISTUDIOS_LUA_DECODE_H
#define AISTUDIOS_LUA_DECODE_H

#include <lua.h>

/* mark(text) -> true | string | nil, message
 * Checks that the text is JSON. A string is a text to be read in its place,
 * with tags for what lua-cjson would lose (json_tag). */
int lua_decode_tag(lua_State *L);

/* settle(value) -> value | nil, message
 * Turns the tags in what lua-cjson read into what they stand for, and
 * integral floats into integers; infinite ones were too large. Changes the
 * tables in place. */
int lua_decode_untag(lua_State *L);

#endif
