/* SPDX-License-Identifier: MIT
 *
 * lua_service: opens, guards and calls the lua_State of the service. Everything
 * that can raise in it runs inside lua_service_run. */
#include "sandbox/lua_service.h"

#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define MODULE "aistudios.sandbox.service"
#define MESSAGE_SIZE 512
#define MAX_DEPTH 130 /* of tables */

/* The address is the registry's key of the service object. */
static const char object_key = 0;

struct lua_service {
  pthread_mutex_t lock;
  lua_State *state;
};

bool lua_service_run(lua_service *s, lua_CFunction body, void *data, char *why,
                     size_t size) {
  pthread_mutex_lock(&s->lock);
  lua_State *S = s->state;
  lua_settop(S, 0);
  lua_pushcfunction(S, body);
  lua_pushlightuserdata(S, data);
  bool done = lua_pcall(S, 1, 0, 0) == LUA_OK;
  if (!done && why) {
    const char *text = lua_tostring(S, -1);
    snprintf(why, size, "%s", text ? text : "an error without a message");
  }
  lua_settop(S, 0);
  pthread_mutex_unlock(&s->lock);
  return done;
}

void lua_service_push_method(lua_State *S, const char *name) {
  lua_rawgetp(S, LUA_REGISTRYINDEX, &object_key);
  lua_getfield(S, -1, name);
  lua_insert(S, -2);
}

/* ---- values from one state to another ---- */

/* Pushes on `to` a copy of the value at `index` of `from`: nil, booleans,
 * numbers, strings, and tables of such without their metatables. Anything
 * else is copied as nil; `depth`: of tables around it. Raises in `to` only, and
 * only for memory or for tables that are nested too deeply; `from` may then
 * have values left on its stack. [from: -0, +0] [to: -0, +1] */
static void copy_value(lua_State *from, int index, lua_State *to, int depth);

static void copy_string(lua_State *from, int index, lua_State *to) {
  size_t len;
  const char *text = lua_tolstring(from, index, &len);
  lua_pushlstring(to, text, len);
}

static void copy_number(lua_State *from, int index, lua_State *to) {
  if (lua_isinteger(from, index))
    lua_pushinteger(to, lua_tointeger(from, index));
  else
    lua_pushnumber(to, lua_tonumber(from, index));
}

static void copy_table(lua_State *from, int index, lua_State *to, int depth) {
  if (depth >= MAX_DEPTH || !lua_checkstack(from, 3))
    luaL_error(to, "a table is nested too deeply");
  luaL_checkstack(to, 3, NULL);
  index = lua_absindex(from, index);
  lua_createtable(to, (int)lua_rawlen(from, index), 0);
  lua_pushnil(from);
  while (lua_next(from, index)) {
    copy_value(from, -2, to, depth + 1);
    if (lua_isnil(to, -1)) {
      lua_pop(to, 1);
    } else {
      copy_value(from, -1, to, depth + 1);
      lua_rawset(to, -3);
    }
    lua_pop(from, 1);
  }
}

static void copy_value(lua_State *from, int index, lua_State *to, int depth) {
  switch (lua_type(from, index)) {
    case LUA_TBOOLEAN:
      lua_pushboolean(to, lua_toboolean(from, index));
      break;
    case LUA_TNUMBER:
      copy_number(from, index, to);
      break;
    case LUA_TSTRING:
      copy_string(from, index, to);
      break;
    case LUA_TTABLE:
      copy_table(from, index, to, depth);
      break;
    default:
      lua_pushnil(to);
  }
}

/* ---- calls of the host ---- */

typedef struct {
  lua_service *service;
  lua_State *host;
  int first, top; /* the name and the arguments on the host's stack */
} host_call;

typedef struct {
  lua_State *host;
  int options; /* on the host's stack */
  void (*push_functions)(lua_State *S, void *data);
  void *data;
} opening;

/* In the service: the arguments in, the call. Leaves the results. */
static int enter(lua_State *S) {
  host_call *call = lua_touserdata(S, 1);
  luaL_checkstack(S, call->top + 8, NULL);
  lua_service_push_method(S, lua_tostring(call->host, call->first));
  for (int i = call->first + 1; i <= call->top; i++)
    copy_value(call->host, i, S, 0);
  lua_call(S, call->top - call->first + 1, LUA_MULTRET);
  return lua_gettop(S) - 1;
}

/* In the host: the results out. */
static int leave(lua_State *L) {
  host_call *call = lua_touserdata(L, 1);
  lua_State *S = call->service->state;
  int n = lua_gettop(S);
  luaL_checkstack(L, n, NULL);
  for (int i = 1; i <= n; i++) copy_value(S, i, L, 0);
  return n;
}

/* Under the lock, while the host collects no garbage: a finalizer may wait for
 * the very service that is locked. */
static bool call_locked(host_call *call) {
  lua_State *S = call->service->state, *L = call->host;
  lua_settop(S, 0);
  lua_pushcfunction(S, enter);
  lua_pushlightuserdata(S, call);
  bool done = lua_pcall(S, 1, LUA_MULTRET, 0) == LUA_OK;
  lua_settop(L, call->top);
  lua_pushcfunction(L, leave);
  lua_pushlightuserdata(L, call);
  bool copied = lua_pcall(L, 1, LUA_MULTRET, 0) == LUA_OK;
  lua_settop(S, 0);
  return done && copied;
}

int lua_service_call(lua_service *s, lua_State *L, int first) {
  host_call call = {s, L, first, lua_gettop(L)};
  luaL_checkstring(L, first);
  luaL_checkstack(L, 8, NULL);
  bool collects = lua_gc(L, LUA_GCISRUNNING);
  if (collects) lua_gc(L, LUA_GCSTOP);
  pthread_mutex_lock(&s->lock);
  bool done = call_locked(&call);
  pthread_mutex_unlock(&s->lock);
  if (collects) lua_gc(L, LUA_GCRESTART);
  if (!done) return lua_error(L);
  return lua_gettop(L) - call.top;
}

/* ---- opening ---- */

static void set_path(lua_State *S, const char *name, lua_State *L) {
  lua_getglobal(S, "package");
  copy_value(L, -1, S, 0);
  lua_setfield(S, -2, name);
  lua_pop(S, 1);
}

/* In the new state: the libraries, the places of modules, the service. The
 * top of the host's stack is cpath, path below it. */
static int boot(lua_State *S) {
  opening *o = lua_touserdata(S, 1);
  lua_State *L = o->host;
  luaL_openlibs(S);
  set_path(S, "cpath", L);
  lua_pop(L, 1);
  set_path(S, "path", L);
  lua_pop(L, 1);
  lua_getglobal(S, "require");
  lua_pushliteral(S, MODULE);
  lua_call(S, 1, 1);
  lua_getfield(S, -1, "new");
  copy_value(L, o->options, S, 0);
  o->push_functions(S, o->data);
  lua_call(S, 2, 1);
  lua_rawsetp(S, LUA_REGISTRYINDEX, &object_key);
  return 0;
}

/* [-0, +2] */
static void push_paths(lua_State *L) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "path");
  lua_getfield(L, -2, "cpath");
  lua_remove(L, -3);
}

static lua_service *allocate(void) {
  lua_service *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->state = luaL_newstate();
  pthread_mutex_init(&s->lock, NULL);
  if (s->state) return s;
  free(s);
  return NULL;
}

lua_service *lua_service_new(lua_State *L, int options,
                             void (*push_functions)(lua_State *S, void *data),
                             void *data) {
  char why[MESSAGE_SIZE];
  int top = lua_gettop(L);
  opening o = {L, options, push_functions, data};
  luaL_checkstack(L, 16, NULL);
  push_paths(L);
  lua_service *s = allocate();
  bool done = s && lua_service_run(s, boot, &o, why, sizeof why);
  lua_settop(L, top);
  if (done) return s;
  if (s) lua_service_free(s);
  lua_pushstring(L, s ? why : "not enough memory");
  return NULL;
}

void lua_service_free(lua_service *s) {
  lua_close(s->state);
  pthread_mutex_destroy(&s->lock);
  free(s);
}
