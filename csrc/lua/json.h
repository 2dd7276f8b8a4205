/* SPDX-License-Identifier: MIT
 *
 * lua_json: Lua values to JSON text, and the body userdata that carries such
 * text to the I/O thread. What is known about a lua_State (marks, null,
 * names of lists) lives in its registry. */
#ifndef AISTUDIOS_LUA_JSON_H
#define AISTUDIOS_LUA_JSON_H

#include <lua.h>

#include "util/bytes.h"

/* encode(value [, {pretty=, sort_keys=}])
 *   -> string | nil, message, path, value       raises for memory, and what
 * a __pairs raises. */
int lua_json_encode(lua_State *L);

/* marshal(value) -> body | nil, message, path, value        raises likewise */
int lua_json_marshal(lua_State *L);

/* mark(text) -> true | string | nil, message
 * Checks that the text is JSON. A string is a text to be read in its place,
 * with marks for what lua-cjson would lose (json_mark). */
int lua_json_mark(lua_State *L);

/* settle(value) -> value | nil, message
 * Turns the marks in what lua-cjson read into what they stand for, and
 * integral floats into integers; infinite ones were too large. Changes the
 * tables in place. */
int lua_json_settle(lua_State *L);

/* setup{ null=, empty_array=, array_mt=, empty_array_mt=, lists= } -> null
 * Tells the writer what these values are; each may be absent. */
int lua_json_setup(lua_State *L);

/* array(t) -> t, object(t) -> t: marks the table as a list or an object. */
int lua_json_array(lua_State *L);
int lua_json_object(lua_State *L);

/* Creates the metatable of bodies. [-0, +0] */
void lua_body_register(lua_State *L);

/* Pushes a body userdata without bytes; lua_body_fill gives it some. Raises
 * for memory. [-0, +1] */
void lua_body_push(lua_State *L);

/* Gives the malloc'ed `data` to the empty body at `idx`. False when out of
 * memory; the data is then freed. [-0, +0] */
int lua_body_fill(lua_State *L, int idx, char *data, size_t len);

/* The body at `idx`, borrowed; raises an argument error when there is none,
 * or when it was closed. [-0, +0] */
body *lua_body_check(lua_State *L, int idx);

#endif
