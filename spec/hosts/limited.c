/* SPDX-License-Identifier: MIT
 *
 * limited: a host whose memory ends. A whole render is run again and again;
 * in run n every allocation from the n-th on fails, until the render ends
 * well. Each time before that there must be a Lua error or `nil, err`.
 * Prints "limited: N runs, ...".
 *
 * Usage: limited DIRECTORY STEP new      each in a new state, which must close
 *        limited DIRECTORY STEP loaded   all in one state, whose modules are
 *                                        loaded, and which must go on */
#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aistudios.h"

typedef struct {
  long calls; /* allocations since it was armed */
  long last;  /* the first one that fails; 0: not armed */
} limit;

static void *allocate(void *arg, void *old, size_t old_size, size_t size) {
  limit *l = arg;
  if (size == 0) {
    free(old);
    return NULL;
  }
  /* Lua counts on it that a block can shrink. */
  if (l->last > 0 && !(old && size <= old_size) && ++l->calls >= l->last)
    return NULL;
  return realloc(old, size);
}

static const char script[] =
    "local url, app_id, user_key, path = ...\n"
    "local aistudios = require 'aistudios'\n"
    "local client <close> = assert(aistudios.new { base_url = url,\n"
    "  app_id = app_id, user_key = user_key })\n"
    "local result, err = client:render({ name = 'limited', scenes = { {\n"
    "  sceneIdx = 0, background = {},\n"
    "  scripts = { { org = 'Hello', isTTS = false, modelId = 'M000045058',\n"
    "    clothId = 'BG00002320', tts = aistudios.null } },\n"
    "  clips = { { id = 'a', type = 'aiModel', layer = 1, top = 0,\n"
    "    left = 0, height = 1080, width = 1920, model = {\n"
    "    ai_name = 'M000045058', emotion = 'BG00002320' } } } } } },\n"
    "  { to = path, interval = 0.001, longest_interval = 0.001 })\n"
    "if not result then error(err, 0) end\n"
    "return true\n";

static lua_State *open_state(limit *l) {
  lua_State *L = lua_newstate(allocate, l);
  if (!L) return NULL;
  luaL_openlibs(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_aistudios);
  lua_setfield(L, -2, "aistudios");
  lua_pop(L, 1);
  return L;
}

/* Runs the script once in a state that is open. Returns true when the render
 * ended well, and how many allocations it took until then. */
static bool render(lua_State *L, limit *l, lua_State *control, const char *path,
                   long last) {
  bool ok;
  if (luaL_loadstring(L, script)) return false;
  for (int i = 1; i <= 3; i++) lua_pushstring(L, lua_tostring(control, i));
  lua_pushstring(L, path);
  lua_gc(L, LUA_GCCOLLECT);
  l->calls = 0;
  l->last = last;
  ok = lua_pcall(L, 4, 1, 0) == LUA_OK && lua_toboolean(L, -1);
  l->last = 0;
  lua_settop(L, 0);
  return ok;
}

static const char preload[] = "assert(require 'aistudios'.preload())";

/* Runs with ever more memory, until one ends well. Returns their number, or 0
 * when there is no state. */
static long run_all(lua_State *control, const char *path, long step,
                    bool is_loaded, long *calls) {
  limit l = {0, 0};
  lua_State *L = is_loaded ? open_state(&l) : NULL;
  long runs = 0;
  bool ok = false;
  if (is_loaded && (!L || luaL_dostring(L, preload))) return 0;
  for (long n = 1; !ok; n += step, runs++) {
    remove(path);
    if (!is_loaded && !(L = open_state(&l))) return 0;
    ok = render(L, &l, control, path, n);
    if (!is_loaded) lua_close(L);
  }
  *calls = l.calls;
  if (is_loaded) lua_close(L);
  return runs;
}

static const char start[] =
    "server = assert(require 'aistudios.sandbox'.start "
    "{ render_seconds = 0 })\n"
    "return server.url, server.app_id, server.user_key\n";

/* Renders begun, and those that were begun twice. */
static const char count[] =
    "local ledger = server:ledger()\n"
    "return #ledger, ledger.duplicates or 0\n";

int main(int argc, char **argv) {
  lua_State *control = luaL_newstate();
  long runs, calls = 0;
  char path[512];
  if (argc != 4 || !control) return 2;
  luaL_openlibs(control);
  if (luaL_dostring(control, start)) {
    fprintf(stderr, "limited: %s\n", lua_tostring(control, -1));
    return 1;
  }
  snprintf(path, sizeof path, "%s/limited.mp4", argv[1]);
  runs = run_all(control, path, atol(argv[2]), strcmp(argv[3], "loaded") == 0,
                 &calls);
  if (luaL_dostring(control, count)) return 1;
  printf(
      "limited: %ld runs, a whole render takes %ld allocations, "
      "%ld renders begun\n",
      runs, calls, (long)lua_tointeger(control, -2));
  if (luaL_dostring(control, "server:close()")) return 1;
  lua_close(control);
  return runs > 0 ? 0 : 1;
}
