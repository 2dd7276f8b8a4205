/* SPDX-License-Identifier: MIT
 *
 * lua_scan: what a table holds, all in all, at the price of walking it. */
#ifndef AISTUDIOS_LUA_SCAN_H
#define AISTUDIOS_LUA_SCAN_H

#include <lua.h>

/* census(table, text) -> integer | nil: how many members the table and all
 * tables below it have; nil when a string among them contains the text, and
 * when nobody can tell: what holds itself, is too deep, or shows other members
 * than its own (__pairs, __index). What is met twice counts twice. */
int lua_scan_census(lua_State *L);

#endif
