/* SPDX-License-Identifier: MIT
 *
 * lines: which lines of Lua files ran, in one file of bytes that all processes
 * map: it also has what a process did that was killed. Any thread, any state.
 *
 * The file has ENTRIES entries: a name, and a byte for each line. An entry is
 * taken by the first process that needs it, and never given back. */
#include <fcntl.h>
#include <lauxlib.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES = 1024, NAME_BYTES = 127, LINES = 512, CACHED = 512 };
enum { FREE, TAKEN, NAMED };

typedef struct {
  atomic_uchar state;
  char name[NAME_BYTES];
  uint8_t ran[LINES];
} entry;

static entry *entries; /* of the file; NULL: it cannot be mapped */

__attribute__((visibility("default"))) void coverage_count_lines(lua_State *L);
__attribute__((visibility("default"))) int luaopen_lines(lua_State *L);

/* The entry of a name; NULL when there is none left. */
static entry *find(const char *name) {
  uint32_t hash = 2166136261u;
  for (const char *p = name; *p; p++) hash = (hash ^ (uint8_t)*p) * 16777619u;
  for (unsigned i = 0; i < ENTRIES; i++) {
    entry *e = &entries[(hash + i) % ENTRIES];
    unsigned char expected = FREE;
    if (atomic_compare_exchange_strong(&e->state, &expected, TAKEN)) {
      strncpy(e->name, name, NAME_BYTES - 1);
      atomic_store(&e->state, NAMED);
      return e;
    }
    while (atomic_load(&e->state) == TAKEN) {
    }
    if (strcmp(e->name, name) == 0) return e;
  }
  return NULL;
}

static void note(lua_State *L, lua_Debug *ar) {
  static _Thread_local struct {
    const char *source;
    entry *entry;
  } cache[CACHED];
  const char *name;
  size_t at;
  lua_getinfo(L, "S", ar);
  name = strstr(ar->source, "lua/aistudios/");
  if (ar->source[0] != '@' || !name || strlen(name) >= NAME_BYTES) return;
  at = ((uintptr_t)ar->source >> 4) % CACHED;
  if (cache[at].source != ar->source || !cache[at].entry ||
      strcmp(cache[at].entry->name, name) != 0) {
    cache[at].source = ar->source;
    cache[at].entry = find(name);
  }
  if (cache[at].entry && ar->currentline < LINES)
    cache[at].entry->ran[ar->currentline] = 1;
}

/* Coroutines that are made from then on count too. */
void coverage_count_lines(lua_State *L) {
  if (entries) lua_sethook(L, note, LUA_MASKLINE, 0);
}

static const char counters; /* where the registry has the functions by thread */

/* What a program hooks by the count of instructions, besides lines. */
static void note_both(lua_State *L, lua_Debug *ar) {
  if (ar->event != LUA_HOOKCOUNT) {
    note(L, ar);
    return;
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, &counters);
  lua_pushthread(L);
  if (lua_rawget(L, -2) == LUA_TFUNCTION) {
    lua_pushliteral(L, "count");
    lua_call(L, 1, 0);
    lua_pop(L, 1);
  } else {
    lua_pop(L, 2); /* of the thread that has made this one */
  }
}

/* count(thread, [f, every]) */
static int count(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  lua_settop(L, 3);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &counters);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_rawset(L, -3);
  if (entries && lua_isfunction(L, 2))
    lua_sethook(co, note_both, LUA_MASKLINE | LUA_MASKCOUNT,
                (int)lua_tointeger(L, 3));
  else
    coverage_count_lines(co);
  return 0;
}

static void map(const char *path) {
  int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
  void *at = MAP_FAILED;
  if (fd < 0) return;
  (void)fchmod(fd, 0666); /* for processes of other users */
  if (ftruncate(fd, ENTRIES * (off_t)sizeof(entry)) == 0)
    at = mmap(NULL, ENTRIES * sizeof(entry), PROT_READ | PROT_WRITE, MAP_SHARED,
              fd, 0);
  close(fd);
  if (at != MAP_FAILED) entries = at;
}

/* [-0, +1] the function `count` */
int luaopen_lines(lua_State *L) {
  if (!entries) map(getenv("COVERAGE_LINES"));
  coverage_count_lines(L);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &counters);
  lua_pushcfunction(L, count);
  return 1;
}
