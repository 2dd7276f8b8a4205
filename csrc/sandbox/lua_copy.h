/* SPDX-License-Identifier: MIT
 *
 * copy: plain values from one lua_State to another. */
#ifndef AISTUDIOS_SANDBOX_COPY_H
#define AISTUDIOS_SANDBOX_COPY_H

#include <lua.h>

/* Pushes on `to` a copy of the value at `index` of `from`: nil, booleans,
 * numbers, strings, and tables of such without their metatables. Anything
 * else is copied as nil. Raises in `to` only, and only for memory or for
 * tables that are nested too deeply; `from` may then have values left on its
 * stack. [from: -0, +0] [to: -0, +1] */
void copy_value(lua_State *from, int index, lua_State *to);

#endif
