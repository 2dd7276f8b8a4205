/* SPDX-License-Identifier: MIT
 *
 * spec.support.native: what specs need of the operating system and Lua's own
 * libraries lack: processes, other Lua states, limits, locales. */
#include <errno.h>
#include <lauxlib.h>
#include <locale.h>
#include <lualib.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int luaopen_spec_support_native(
    lua_State *L);

/* Ends a forked child in another program: what its parent's threads held is
 * nobody's here, and a leak check at its exit would find it. The counters of
 * `make coverage` are written at an exit only. */
_Noreturn static void leave(int status) {
  char text[] = {(char)('0' + status), '\0'};
  if (getenv("COVERAGE_LIBRARY")) exit(status);
  execl("/bin/sh", "sh", "-c", "exit \"$0\"", text, (char *)NULL);
  _exit(status);
}

/* fork(f [, is_bare]) -> pid. The child runs f() and ends without closing its
 * state, with status 0 when f returned true, 1 when not, 2 when it raised. A
 * bare fork calls no handler of pthread_atfork. */
static int native_fork(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  pid_t pid = lua_toboolean(L, 2)
                  ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)
                  : fork();
  if (pid < 0) return luaL_error(L, "fork: %s", strerror(errno));
  if (pid == 0) {
    lua_settop(L, 1);
    if (lua_pcall(L, 0, 1, 0)) leave(2);
    leave(lua_toboolean(L, -1) ? 0 : 1);
  }
  lua_pushinteger(L, pid);
  return 1;
}

/* wait(pid [, nohang]) -> status | nil, signal; nothing while it runs. */
static int native_wait(lua_State *L) {
  int status;
  pid_t pid = (pid_t)luaL_checkinteger(L, 1), got;
  int flags = lua_toboolean(L, 2) ? WNOHANG : 0;
  do got = waitpid(pid, &status, flags);
  while (got < 0 && errno == EINTR);
  if (got < 0) return luaL_error(L, "waitpid: %s", strerror(errno));
  if (got == 0) return 0;
  if (WIFEXITED(status)) {
    lua_pushinteger(L, WEXITSTATUS(status));
    return 1;
  }
  lua_pushnil(L);
  lua_pushinteger(L, WTERMSIG(status));
  return 2;
}

/* kill(pid, signal) -> boolean */
static int native_kill(lua_State *L) {
  pid_t pid = (pid_t)luaL_checkinteger(L, 1);
  lua_pushboolean(L, kill(pid, (int)luaL_checkinteger(L, 2)) == 0);
  return 1;
}

static int native_pid(lua_State *L) {
  lua_pushinteger(L, getpid());
  return 1;
}

/* thread_clock() -> seconds that this thread has had of a core. */
static int native_thread_clock(lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
  return 1;
}

/* setlocale(name) -> boolean; for all categories. */
static int native_setlocale(lua_State *L) {
  lua_pushboolean(L, setlocale(LC_ALL, luaL_checkstring(L, 1)) != NULL);
  return 1;
}

/* file_limit([bytes]): the size that a file of this process may reach, and
 * no signal when it is reached; without an argument, no limit. */
static int native_file_limit(lua_State *L) {
  struct rlimit limit;
  signal(SIGXFSZ, SIG_IGN);
  if (getrlimit(RLIMIT_FSIZE, &limit))
    return luaL_error(L, "getrlimit: %s", strerror(errno));
  limit.rlim_cur = (rlim_t)luaL_optinteger(L, 1, (lua_Integer)limit.rlim_max);
  if (setrlimit(RLIMIT_FSIZE, &limit))
    return luaL_error(L, "setrlimit: %s", strerror(errno));
  return 0;
}

/* unsetenv(name) */
static int native_unsetenv(lua_State *L) {
  unsetenv(luaL_checkstring(L, 1));
  return 0;
}

/* reset_on_close(fd): closing the socket sends a reset, not an end. */
static int native_reset_on_close(lua_State *L) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  lua_pushboolean(L, setsockopt((int)luaL_checkinteger(L, 1), SOL_SOCKET,
                                SO_LINGER, &linger, sizeof linger) == 0);
  return 1;
}

/* malloc_in_use() -> bytes that were allocated and not freed. */
static int native_malloc_in_use(lua_State *L) {
  struct mallinfo2 info = mallinfo2();
  lua_pushinteger(L, (lua_Integer)(info.uordblks + info.hblkhd));
  return 1;
}

/* is_ignored(signal) -> boolean: is its action SIG_IGN? */
static int native_is_ignored(lua_State *L) {
  struct sigaction action;
  sigaction((int)luaL_checkinteger(L, 1), NULL, &action);
  lua_pushboolean(L, action.sa_handler == SIG_IGN);
  return 1;
}

/* ---- other Lua states ---- */

typedef struct {
  pthread_t thread;
  lua_State *state;
  int is_running;
} other;

/* The state has the function on its stack; what it returns, or the message
 * of its error, takes that place. */
static void *run_other(void *arg) {
  lua_State *L = arg;
  lua_pcall(L, lua_gettop(L) - 1, 1, 0);
  return NULL;
}

static other *check_other(lua_State *L) {
  return luaL_checkudata(L, 1, "spec.other");
}

static void join(other *o) {
  if (o->is_running) pthread_join(o->thread, NULL);
  o->is_running = 0;
}

/* other:join() -> string | nil: what the code returned, or its error. */
static int other_join(lua_State *L) {
  other *o = check_other(L);
  join(o);
  if (!o->state) return 0;
  size_t len;
  const char *text = luaL_tolstring(o->state, -1, &len);
  lua_pushlstring(L, text, len);
  lua_pop(o->state, 1);
  return 1;
}

/* other:close(): waits for its code, then closes the state. */
static int other_close(lua_State *L) {
  other *o = check_other(L);
  join(o);
  if (o->state) lua_close(o->state);
  o->state = NULL;
  return 0;
}

static void copy_path(lua_State *L, lua_State *to, const char *name) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, name);
  lua_getglobal(to, "package");
  lua_pushstring(to, lua_tostring(L, -1));
  lua_setfield(to, -2, name);
  lua_pop(to, 1);
  lua_pop(L, 2);
}

/* state(code, ...) -> other: runs the code in a Lua state of its own, on a
 * thread of its own; the further arguments are strings. */
static int native_state(lua_State *L) {
  int n = lua_gettop(L);
  size_t len;
  const char *code = luaL_checklstring(L, 1, &len);
  for (int i = 2; i <= n; i++) luaL_checkstring(L, i);
  other *o = lua_newuserdatauv(L, sizeof *o, 0);
  memset(o, 0, sizeof *o);
  luaL_setmetatable(L, "spec.other");
  o->state = luaL_newstate();
  if (!o->state) return luaL_error(L, "not enough memory");
  luaL_openlibs(o->state);
  copy_path(L, o->state, "path");
  copy_path(L, o->state, "cpath");
  if (luaL_loadbuffer(o->state, code, len, "=other"))
    return luaL_error(L, "%s", lua_tostring(o->state, -1));
  for (int i = 2; i <= n; i++) lua_pushstring(o->state, lua_tostring(L, i));
  if (pthread_create(&o->thread, NULL, run_other, o->state))
    return luaL_error(L, "cannot start a thread");
  o->is_running = 1;
  return 1;
}

static lua_State *left_open; /* that close_left is for */

static void close_left(void) {
  lua_close(left_open);
}

/* close_at_exit(): this state is closed when the process exits, after what
 * others register from now on for that moment. */
static int native_close_at_exit(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  left_open = lua_tothread(L, -1);
  lua_pushboolean(L, atexit(close_left) == 0);
  return 1;
}

static const luaL_Reg functions[] = {{"fork", native_fork},
                                     {"wait", native_wait},
                                     {"kill", native_kill},
                                     {"pid", native_pid},
                                     {"thread_clock", native_thread_clock},
                                     {"setlocale", native_setlocale},
                                     {"file_limit", native_file_limit},
                                     {"is_ignored", native_is_ignored},
                                     {"malloc_in_use", native_malloc_in_use},
                                     {"reset_on_close", native_reset_on_close},
                                     {"unsetenv", native_unsetenv},
                                     {"state", native_state},
                                     {"close_at_exit", native_close_at_exit},
                                     {NULL, NULL}};

static const luaL_Reg other_methods[] = {{"join", other_join},
                                         {"close", other_close},
                                         {"__gc", other_close},
                                         {"__close", other_close},
                                         {NULL, NULL}};

int luaopen_spec_support_native(lua_State *L) {
  luaL_newmetatable(L, "spec.other");
  luaL_setfuncs(L, other_methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
