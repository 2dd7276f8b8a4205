/* SPDX-License-Identifier: MIT
 *
 * luaopen_aistudios_core: mechanism for the Lua part of aistudios. The only
 * file that registers functions. */
#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>

#include "lua/bytes.h"
#include "lua/check.h"
#include "lua/client.h"
#include "lua/decode.h"
#include "lua/encode.h"
#include "lua/marks.h"
#include "lua/schema.h"
#include "util/os.h"

__attribute__((visibility("default"))) int luaopen_aistudios_core(lua_State *L);

/* now() -> seconds on a clock that never goes back */
static int core_now(lua_State *L) {
  lua_pushnumber(L, os_now());
  return 1;
}

/* random() -> float in [0, 1) */
static int core_random(lua_State *L) {
  lua_pushnumber(L, os_random());
  return 1;
}

static const luaL_Reg functions[] = {{"now", core_now},
                                     {"random", core_random},
                                     {"client", lua_client_new},
                                     {"encode", lua_encode_text},
                                     {"marshal", lua_encode_bytes},
                                     {"setup", lua_marks_setup},
                                     {"mark", lua_decode_tag},
                                     {"settle", lua_decode_untag},
                                     {"array", lua_marks_array},
                                     {"object", lua_marks_object},
                                     {"look", lua_scan_look},
                                     {"schema", lua_schema_new},
                                     {NULL, NULL}};

int luaopen_aistudios_core(lua_State *L) {
  luaL_checkversion(L);
  lua_bytes_register(L);
  lua_client_register(L);
  luaL_newlib(L, functions);
  lua_pushliteral(L, "libcurl/" LIBCURL_VERSION);
  lua_setfield(L, -2, "libcurl");
  return 1;
}
