/* SPDX-License-Identifier: MIT
 *
 * embed: a C program with a hundred Lua states on four threads, each of which
 * renders videos with libaistudios.a against a sandbox. Half of the states
 * close with their jobs in flight. It then looks at what is left, and prints
 * "embed: N states, ..." and returns 0 when every promise held.
 *
 * Usage: embed DIRECTORY   (videos go there; LUA_PATH and LUA_CPATH lead to
 * aistudios.sandbox) */
#include <dirent.h>
#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aistudios.h"

enum { THREADS = 4, STATES = 25 /* of each thread */ };

/* What every state is told. */
typedef struct {
  const char *url, *app_id, *user_key, *directory;
} service;

typedef struct {
  const service *service;
  int number; /* of the thread */
  unsigned seed;
  pthread_t thread;
} worker;

static atomic_int failures, renders, abandoned, most_io_threads;
static _Atomic(long) slowest_close_us;

/* Two renders as jobs; `finish` steps until they are done. */
static const char script[] =
    "local aistudios = require 'aistudios'\n"
    "local url, app_id, user_key, path = ...\n"
    "client = assert(aistudios.new { base_url = url, app_id = app_id,\n"
    "  user_key = user_key })\n"
    "local function start(suffix)\n"
    "  return client.async:render({ name = path .. suffix, scenes = { {\n"
    "    sceneIdx = 0, background = {},\n"
    "    scripts = { { org = 'Hello', isTTS = false, modelId = 'M000045058',\n"
    "      clothId = 'BG00002320', tts = aistudios.null } },\n"
    "    clips = { { id = 'a', type = 'aiModel', layer = 1, top = 0,\n"
    "      left = 0, height = 1080, width = 1920, model = {\n"
    "      ai_name = 'M000045058', emotion = 'BG00002320' } } } } } },\n"
    "    { to = path .. suffix, interval = 0.05, longest_interval = 0.2 })\n"
    "end\n"
    "local jobs = { start '-1.mp4', start '-2.mp4' }\n"
    "for _ = 1, 3 do client:step(0.001) end\n"
    "function finish()\n"
    "  for _, job in ipairs(jobs) do\n"
    "    if not job:wait(30) then return 'a job hangs' end\n"
    "    local result, err = job:result()\n"
    "    if not result then return tostring(err) end\n"
    "    local file = assert(io.open(result.path, 'rb'))\n"
    "    local head = file:read(8)\n"
    "    file:close()\n"
    "    if head:sub(5) ~= 'ftyp' then return 'no film' end\n"
    "  end\n"
    "  client:close()\n"
    "end\n";

static void report(const char *what, const char *why) {
  fprintf(stderr, "embed: %s: %s\n", what, why);
  atomic_fetch_add(&failures, 1);
}

static long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A state that can find no file, only what is linked in. */
static lua_State *open_state(void) {
  lua_State *L = luaL_newstate();
  if (!L) return NULL;
  luaL_openlibs(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_aistudios);
  lua_setfield(L, -2, "aistudios");
  lua_pop(L, 1);
  if (luaL_dostring(L, "package.path, package.cpath = '', ''"))
    report("package", lua_tostring(L, -1));
  return L;
}

static void start_jobs(lua_State *L, const worker *w, int number) {
  char path[512];
  snprintf(path, sizeof path, "%s/%d-%d", w->service->directory, w->number,
           number);
  if (luaL_loadstring(L, script)) return report("script", lua_tostring(L, -1));
  lua_pushstring(L, w->service->url);
  lua_pushstring(L, w->service->app_id);
  lua_pushstring(L, w->service->user_key);
  lua_pushstring(L, path);
  if (lua_pcall(L, 4, 0, 0)) report("start", lua_tostring(L, -1));
}

static void finish_jobs(lua_State *L) {
  lua_getglobal(L, "finish");
  if (lua_pcall(L, 0, 1, 0) || !lua_isnil(L, -1))
    return report("finish", luaL_tolstring(L, -1, NULL));
  atomic_fetch_add(&renders, 2);
}

/* Threads of this process whose name is `name`. */
static int count_threads(const char *name) {
  DIR *tasks = opendir("/proc/self/task");
  struct dirent *entry;
  int count = 0;
  while (tasks && (entry = readdir(tasks))) {
    char path[300], line[32] = "";
    snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    if (fgets(line, sizeof line, file)) line[strcspn(line, "\n")] = '\0';
    fclose(file);
    count += strcmp(line, name) == 0;
  }
  if (tasks) closedir(tasks);
  return count;
}

static void keep_most(atomic_int *most, int value) {
  int seen = atomic_load(most);
  while (value > seen && !atomic_compare_exchange_weak(most, &seen, value)) {
  }
}

static void close_state(lua_State *L) {
  long began = now_us(), took, seen = atomic_load(&slowest_close_us);
  lua_close(L);
  took = now_us() - began;
  while (took > seen &&
         !atomic_compare_exchange_weak(&slowest_close_us, &seen, took)) {
  }
}

static void shuffle(worker *w, lua_State **states) {
  for (int i = STATES - 1; i > 0; i--) {
    int j = rand_r(&w->seed) % (i + 1);
    lua_State *other = states[i];
    states[i] = states[j];
    states[j] = other;
  }
}

static void *work(void *arg) {
  worker *w = arg;
  lua_State *states[STATES];
  for (int i = 0; i < STATES; i++) {
    states[i] = open_state();
    if (states[i])
      start_jobs(states[i], w, i);
    else
      report("state", "out of memory");
  }
  keep_most(&most_io_threads, count_threads("aistudios-io"));
  shuffle(w, states);
  for (int i = 0; i < STATES; i++) {
    if (!states[i]) continue;
    if (i % 2)
      finish_jobs(states[i]);
    else
      atomic_fetch_add(&abandoned, 2);
    close_state(states[i]);
  }
  return NULL;
}

static const char *field(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  const char *text = lua_tostring(L, -1);
  lua_pop(L, 1); /* the sandbox keeps it */
  return text;
}

/* Asks the sandbox in `L` how many tokens it gave. */
static long count_tokens(lua_State *L) {
  static const char ask[] =
      "local n = 0\n"
      "for _, r in ipairs(server:requests()) do\n"
      "  if r.endpoint == 'get_token' then n = n + 1 end\n"
      "end\n"
      "return n";
  if (luaL_dostring(L, ask)) {
    report("requests", lua_tostring(L, -1));
    return -1;
  }
  return (long)lua_tointeger(L, -1);
}

static void run_workers(const service *s) {
  worker workers[THREADS];
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (worker){s, i, (unsigned)(i + 1), 0};
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) {
      report("thread", "cannot start");
      exit(1);
    }
  }
  for (int i = 0; i < THREADS; i++) pthread_join(workers[i].thread, NULL);
}

static void judge(lua_State *control) {
  long tokens = count_tokens(control);
  if (atomic_load(&most_io_threads) != 1) report("I/O threads", "not one");
  /* It ends by itself, for nobody waits for its last connections. */
  for (int i = 0; i < 500 && count_threads("aistudios-io") > 0; i++)
    nanosleep(&(struct timespec){0, 10000000}, NULL);
  if (count_threads("aistudios-io") != 0) report("I/O threads", "one is left");
  if (tokens != 1) report("token fetches", "not one");
  printf(
      "embed: %d states, %d renders done, %d abandoned, %d I/O thread, "
      "%ld token fetch, slowest close %.1f ms\n",
      THREADS * STATES, atomic_load(&renders), atomic_load(&abandoned),
      atomic_load(&most_io_threads), tokens,
      (double)atomic_load(&slowest_close_us) / 1000);
}

int main(int argc, char **argv) {
  lua_State *control = luaL_newstate();
  service s;
  if (argc != 2 || !control) return 2;
  luaL_openlibs(control);
  if (luaL_dostring(control,
                    "server = assert(require 'aistudios.sandbox'.start "
                    "{ render_seconds = 0.1 })\n"
                    "return server")) {
    report("sandbox", lua_tostring(control, -1));
    return 1;
  }
  s = (service){field(control, "url"), field(control, "app_id"),
                field(control, "user_key"), argv[1]};
  run_workers(&s);
  judge(control);
  if (luaL_dostring(control, "server:close()")) report("sandbox", "close");
  lua_close(control);
  return atomic_load(&failures) ? 1 : 0;
}
