/* SPDX-License-Identifier: MIT
 *
 * luaopen_aistudios_core: mechanism for the Lua part of aistudios. The only
 * file that registers functions. */
#include <curl/curl.h>
#include <lauxlib.h>
#include <limits.h>
#include <lua.h>
#include <string.h>

#include "lua/bytes.h"
#include "lua/client.h"
#include "lua/decode.h"
#include "lua/fields.h"
#include "lua/format.h"
#include "lua/marks.h"
#include "lua/marshal.h"
#include "lua/memory_limit.h"
#include "lua/scene.h"
#include "lua/schema.h"
#include "lua/text.h"
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

/* absolute(path) -> the same file whatever the working directory will be, or
 * nil, message */
static int core_absolute(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  char cwd[PATH_MAX], text[128];
  lua_settop(L, 1);
  if (path[0] == '/') return 1;
  int code = os_directory(cwd, sizeof cwd);
  if (code == 0) {
    lua_pushfstring(L, "%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd, path);
    return 1;
  }
  lua_pushnil(L);
  lua_pushfstring(L, "the working directory cannot be read: %s",
                  os_error_text(code, text, sizeof text));
  return 2;
}

/* unhook(co): the coroutine has no debug hook, as if its maker had none. */
static int core_unhook(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "thread");
  lua_sethook(co, NULL, 0, 0);
  return 0;
}

/* call_in(co, f, a, b) -> two values that f(a, b) returns: it runs in a
 * coroutine that has ended, and is to end as well. An error is raised again;
 * the coroutine is of no use after that. */
static int core_call_in(lua_State *L) {
  int count;
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "thread");
  lua_settop(L, 4);
  luaL_argcheck(L, lua_status(co) == LUA_OK && lua_gettop(co) == 0, 1,
                "a coroutine that has ended is expected");
  lua_xmove(L, co, 3);
  int code = lua_resume(co, L, 2, &count);
  if (code == LUA_YIELD) return luaL_error(L, "call_in: it has yielded");
  if (code == LUA_OK) {
    lua_settop(co, 2);
    lua_xmove(co, L, 2);
    return 2;
  }
  lua_xmove(co, L, 1);
  return lua_error(L);
}

static const luaL_Reg functions[] = {
    {"now", core_now},
    {"random", core_random},
    {"absolute", core_absolute},
    {"unhook", core_unhook},
    {"call_in", core_call_in},
    {"with_memory_limit", lua_memory_limit_call},
    {"client", lua_client_new},
    {"encode", lua_marshal_text},
    {"marshal", lua_marshal_body},
    {"setup", lua_marks_setup},
    {"decode", lua_decode_text},
    {"without_nulls", lua_decode_without_nulls},
    {"array", lua_marks_array},
    {"object", lua_marks_object},
    {"check", lua_marshal_check},
    {"schema", lua_schema_new},
    {"format", lua_format},
    {"number_reader", lua_number_reader},
    {"field_text", lua_field_text},
    {"text_width", lua_text_width},
    {"text_lines", lua_text_lines},
    {"text_extent", lua_text_extent},
    {"text_alphabets", lua_text_alphabets},
    {"text_sentences", lua_text_sentences},
    {"text_squeezed", lua_text_squeezed},
    {"text_length", lua_text_length},
    {"text_valid", lua_text_valid},
    {"text_escaped", lua_text_escaped},
    {"scene_checker", lua_scene_checker},
    {NULL, NULL}};

int luaopen_aistudios_core(lua_State *L) {
  luaL_checkversion(L);
  lua_bytes_register(L);
  lua_client_register(L);
  luaL_newlib(L, functions);
  lua_pushliteral(L, "libcurl/" LIBCURL_VERSION);
  lua_setfield(L, -2, "libcurl");
  lua_client_push_methods(L);
  lua_setfield(L, -2, "client_methods");
  return 1;
}
