/* SPDX-License-Identifier: MIT
 *
 * Fuzz target of what is written in Lua: calls the function that the module
 * spec.fuzz.NAME returns with each input, where NAME is the environment's
 * FUZZ_TARGET. A call that raises ends the run. Each way from one line of
 * lua/aistudios to the next is counted, so that libFuzzer keeps the inputs
 * that reach new ones.
 *
 *   .ci/fuzz SECONDS NAME */
#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>

#include "drive.h"
#include "peer.h"

int luaopen_aistudios_core(lua_State *L);

enum { WAYS = 1 << 15 };

#if defined(LIBFUZZER)
__attribute__((section("__libfuzzer_extra_counters")))
#endif
static uint8_t ways[WAYS];
static uint32_t last_line;

static void count_line(lua_State *L, lua_Debug *ar) {
  const char *file;
  uint32_t hash = 2166136261u;
  lua_getinfo(L, "S", ar);
  file = strstr(ar->source, "lua/aistudios/");
  if (!file) return;
  for (; *file; file++) hash = (hash ^ (uint8_t)*file) * 16777619u;
  hash = (hash ^ (uint32_t)ar->currentline) * 16777619u;
  ways[(hash ^ last_line) % WAYS]++;
  last_line = hash >> 1;
}

/* Coroutines have the hook of their maker; the scheduler of jobs takes it from
 * those that run jobs. Here they keep it. */
static int keep_hook(lua_State *L) {
  (void)L;
  return 0;
}

static int open_core(lua_State *L) {
  luaopen_aistudios_core(L);
  lua_pushcfunction(L, keep_hook);
  lua_setfield(L, -2, "unhook");
  return 1;
}

/* The message with the lines that led to it. */
static int explain(lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

static void call(lua_State *L, int arguments, int results) {
  int base = lua_gettop(L) - arguments;
  bool has_raised;
  lua_pushcfunction(L, explain);
  lua_insert(L, base);
  has_raised = lua_pcall(L, arguments, results, base) != LUA_OK;
  if (has_raised) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  PROMISE(!has_raised);
  lua_remove(L, base);
}

static lua_State *open_state(void) {
  const char *name = getenv("FUZZ_TARGET");
  lua_State *L = luaL_newstate();
  PROMISE(L != NULL && name != NULL);
  luaL_openlibs(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open_core);
  lua_setfield(L, -2, "aistudios.core");
  lua_pushcfunction(L, peer_open);
  lua_setfield(L, -2, "spec.fuzz.peer");
  lua_settop(L, 0);
  lua_getglobal(L, "require");
  lua_pushfstring(L, "spec.fuzz.%s", name);
  call(L, 1, 1);
  PROMISE(lua_isfunction(L, 1));
  lua_sethook(L, count_line, LUA_MASKLINE, 0);
  return L;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  static lua_State *L;
  if (!L) L = open_state();
  last_line = 0;
  lua_pushvalue(L, 1);
  lua_pushlstring(L, (const char *)data, len);
  call(L, 1, 0);
  lua_settop(L, 1);
  return 0;
}
