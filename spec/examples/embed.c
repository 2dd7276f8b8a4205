/* SPDX-License-Identifier: MIT */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

#include "aistudios.h"

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  luaL_requiref(L, "aistudios", luaopen_aistudios, 0);
  if (luaL_dofile(L, argv[argc - 1])) puts(lua_tostring(L, -1));
  lua_close(L);
}
