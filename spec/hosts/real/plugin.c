/* SPDX-License-Identifier: MIT
 *
 * plugin: a library that uses Lua, has aistudios inside and shows one
 * function. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

#include "aistudios.h"

__attribute__((visibility("default"))) int plugin_run(const char *script);

/* Runs a script in a state of its own; what it prints is its result. */
int plugin_run(const char *script) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  luaL_requiref(L, "aistudios", luaopen_aistudios, 0);
  int failed = luaL_dofile(L, script);
  if (failed) fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL));
  lua_close(L);
  return failed;
}
