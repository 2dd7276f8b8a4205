/* SPDX-License-Identifier: MIT
 *
 * luaopen_aistudios for programs that link the whole module in (see
 * aistudios.h). */
#include "embed/aistudios.h"

#include <lauxlib.h>
#include <string.h>

#include "embed/files.h"

int luaopen_aistudios_core(lua_State *L);

static const char face[] = "aistudios";

/* A loader, called like any: (name, extra) -> module. Its upvalue is the
 * file. */
static int load_file(lua_State *L) {
  const embedded_file *f = lua_touserdata(L, lua_upvalueindex(1));
  lua_settop(L, 2);
  if (luaL_loadbufferx(L, (const char *)f->text, f->len, f->chunk, "t"))
    return lua_error(L);
  lua_insert(L, 1);
  lua_call(L, 2, 1);
  return 1;
}

static void push_loader(lua_State *L, const embedded_file *f) {
  lua_pushlightuserdata(L, (void *)f);
  lua_pushcclosure(L, load_file, 1);
}

/* A shared library that links this in exports it. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
int luaopen_aistudios(lua_State *L) {
  const embedded_file *own = NULL;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_aistudios_core);
  lua_setfield(L, -2, "aistudios.core");
  for (size_t i = 0; i < embedded_file_count; i++) {
    const embedded_file *f = &embedded_files[i];
    if (strcmp(f->name, face) == 0) {
      own = f;
      continue;
    }
    push_loader(L, f);
    lua_setfield(L, -2, f->name);
  }
  lua_pop(L, 1);
  if (!own) return luaL_error(L, "the library was built without its files");
  push_loader(L, own);
  lua_pushstring(L, face);
  lua_call(L, 1, 1);
  return 1;
}
