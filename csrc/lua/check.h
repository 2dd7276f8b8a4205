/* SPDX-License-Identifier: MIT
 *
 * lua_check: tells a table that is surely good from one that must be checked
 * more closely, at the price of walking it. */
#ifndef AISTUDIOS_LUA_CHECK_H
#define AISTUDIOS_LUA_CHECK_H

#include <lua.h>

/* schema(sets, validators) -> userdata: `sets` is a list of tables of fields,
 * of which the first is that of a table that is checked; `validators` is a list
 * of functions, which are asked about strings without blanks and control
 * characters. A field is a table like one of the project's schema, but `inside`
 * is the place of a set and `validator` that of a function. Raises for what is
 * none. */
int lua_check_schema(lua_State *L);

/* check(table, text [, schema]) -> bytes, is_documented | nothing: the most
 * bytes that the table has as JSON, and whether all its names are of the
 * schema. Nothing when something below it has no JSON form or is not what the
 * schema has, when a string or a name contains the text, and when nobody can
 * tell: the closer look does. */
int lua_check_table(lua_State *L);

#endif
