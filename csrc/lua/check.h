/* SPDX-License-Identifier: MIT
 *
 * lua_scan: tells a table that is surely good from one that must be looked at
 * more closely, at the price of walking it. */
#ifndef AISTUDIOS_LUA_SCAN_H
#define AISTUDIOS_LUA_SCAN_H

#include <lua.h>

/* look(table, text [, schema]) -> bytes, is_spotless | nothing: the most bytes
 * that the table has as JSON, and whether all its names are of the schema.
 * Nothing when something below it has no JSON form or is not what the schema
 * has, when a string or a name contains the text, and when nobody can tell: the
 * closer look does. */
int lua_scan_look(lua_State *L);

#endif
