/* SPDX-License-Identifier: MIT
 *
 * luaopen_aistudios_core: mechanism for the Lua part of aistudios. The only
 * file that registers functions. */
#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>

#include "lua/check.h"
#include "lua/client.h"
#include "lua/json.h"
#include "lua/schema.h"
#include "util/os.h"

#if defined(__GNUC__)
#define EXPORT __attribute__((visibility("default")))
#else
#define EXPORT
#endif

EXPORT int luaopen_aistudios_core(lua_State *L);

/* now() -> seconds on a clock that never goes back */
static int core_now(lua_State *L) {
  lua_pushnumber(L, system_now());
  return 1;
}

/* random() -> float in [0, 1) */
static int core_random(lua_State *L) {
  lua_pushnumber(L, system_random());
  return 1;
}

static const luaL_Reg functions[] = {{"now", core_now},
                                     {"random", core_random},
                                     {"client", lua_client_new},
                                     {"encode", lua_json_encode},
                                     {"marshal", lua_json_marshal},
                                     {"setup", lua_json_setup},
                                     {"mark", lua_json_mark},
                                     {"settle", lua_json_settle},
                                     {"array", lua_json_array},
                                     {"object", lua_json_object},
                                     {"look", lua_scan_look},
                                     {"schema", lua_schema_new},
                                     {NULL, NULL}};

int luaopen_aistudios_core(lua_State *L) {
  luaL_checkversion(L);
  lua_body_register(L);
  lua_client_register(L);
  luaL_newlib(L, functions);
  lua_pushliteral(L, "libcurl/" LIBCURL_VERSION);
  lua_setfield(L, -2, "libcurl");
  return 1;
}
