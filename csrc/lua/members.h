/* SPDX-License-Identifier: MIT
 *
 * lua_members: the slower ways to look at a table: what its __pairs shows, and
 * its names in an order. */
#ifndef AISTUDIOS_LUA_MEMBERS_H
#define AISTUDIOS_LUA_MEMBERS_H

#include <lua.h>

/* Calls the __pairs below the table on top of the stack, and puts two new
 * tables in place of the two: what it showed, and the names in the order of
 * their showing. NULL; or what is wrong, with the value on top, and rubbish
 * below it. Raises what the __pairs raises. [-2, +2, e] */
const char *lua_members_copy_shown(lua_State *L);

/* Pushes a list of the names of the raw table at `t`. [-0, +1, m] */
void lua_members_push_names(lua_State *L, int t);

/* Puts in place of the list of names on top of the stack a sorted one, unless
 * there is something else than strings in it. [-1, +1, m] */
void lua_members_sort_names(lua_State *L);

#endif
