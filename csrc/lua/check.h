/* SPDX-License-Identifier: MIT
 *
 * lua_check: tells a table that is surely good from one that must be looked at
 * more closely, at the price of walking it. */
#ifndef AISTUDIOS_LUA_CHECK_H
#define AISTUDIOS_LUA_CHECK_H

#include <lua.h>

/* schema(sets, judges) -> userdata: `sets` is a list of tables of fields, of
 * which the first is that of a table that is looked at; `judges` is a list of
 * functions, which are asked about strings without blanks and control
 * characters. A field is a table like one of the project's schema, but `inside`
 * is the place of a set and `judge` that of a function. Raises for what is
 * none. */
int lua_check_schema(lua_State *L);

/* look(table, text [, schema]) -> bytes, is_spotless | nothing: the most bytes
 * that the table has as JSON, and whether all its names are of the schema.
 * Nothing when something below it has no JSON form or is not what the schema
 * has, when a string or a name contains the text, and when nobody can tell: the
 * closer look does. */
int lua_check_look(lua_State *L);

#endif
