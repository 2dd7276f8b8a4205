/* SPDX-License-Identifier: MIT
 *
 * lua_scan: what a table holds, all in all, at the price of walking it. */
#ifndef AISTUDIOS_LUA_SCAN_H
#define AISTUDIOS_LUA_SCAN_H

#include <lua.h>

/* census(table, text [, sealed]) -> integer | nil: how many members the table
 * and all tables below it have; what is met twice counts twice, what is below
 * a name of `sealed` does not count. nil when a string
 * among them contains the text, when something has no JSON form, and when
 * nobody can tell: the closer look of the writer does. */
int lua_scan_census(lua_State *L);

#endif
