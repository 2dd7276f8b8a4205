/* SPDX-License-Identifier: MIT
 *
 * lines: the builds of `make coverage` include this first, so that a Lua state
 * that C makes counts its lines too, where the collector is loaded. */
#ifndef AISTUDIOS_SPEC_COVERAGE_H
#define AISTUDIOS_SPEC_COVERAGE_H

#include <lauxlib.h>

__attribute__((weak)) void coverage_count_lines(lua_State *L);

static inline lua_State *coverage_new_state(void) {
  lua_State *L = luaL_newstate();
  if (L && coverage_count_lines) coverage_count_lines(L);
  return L;
}

#define luaL_newstate coverage_new_state

#endif
