/* SPDX-License-Identifier: MIT
 *
 * lua_fields: what of a table can be drawn, whatever it holds. */
#ifndef AISTUDIOS_LUA_FIELDS_H
#define AISTUDIOS_LUA_FIELDS_H

#include <lua.h>

/* number_reader(farthest) -> function (owner, key, default, ...) -> number, ...
 *
 * One for each key and its default: the field's own where that is a number
 * from -farthest to farthest, an integer; the nearer of the two where it lies
 * beyond; and the default for all else, also where it is not a number. */
int lua_number_reader(lua_State *L);

/* field_text(owner, key, default | nil) -> text | nil
 *
 * A string, a number as it is written, or the default. */
int lua_field_text(lua_State *L);

#endif
