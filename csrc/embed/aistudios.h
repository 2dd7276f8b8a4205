/* SPDX-License-Identifier: MIT
 *
 * aistudios in a C program: link libaistudios.a, libcurl and Lua 5.4, then
 * open the module in each state that shall have it:
 *
 *   luaL_requiref(L, "aistudios", luaopen_aistudios, 0);
 *   lua_pop(L, 1);
 *
 * or let scripts do so, by putting it into package.preload. The Lua files
 * are inside the library: no file is looked for at run time. */
#ifndef AISTUDIOS_H
#define AISTUDIOS_H

#include <lua.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Puts every part of the module into package.preload and returns the module
 * itself. Needs the base and package libraries. [-0, +1, v] */
int luaopen_aistudios(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
