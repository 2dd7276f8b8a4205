/* SPDX-License-Identifier: MIT
 *
 * service: opens, guards and calls the lua_State of the service. Everything
 * that can raise in it runs inside service_run. */
#include "sandbox/lua_service.h"

#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "sandbox/lua_copy.h"
#include "sandbox/lua_functions.h"
#include "sandbox/webhook_sender.h"

#define MODULE "aistudios.sandbox.service"
#define MESSAGE_SIZE 512

/* The address is the registry's key of the service object. */
static const char object_key = 0;

struct service {
  pthread_mutex_t lock;
  lua_State *state;
};

bool service_run(service *s, lua_CFunction body, void *data, char *why,
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

void service_push_method(lua_State *S, const char *name) {
  lua_rawgetp(S, LUA_REGISTRYINDEX, &object_key);
  lua_getfield(S, -1, name);
  lua_insert(S, -2);
}

/* ---- calls of the host ---- */

typedef struct {
  service *service;
  lua_State *host;
  int first, top; /* the name and the arguments on the host's stack */
  courier *courier;
  notifier *notifier;
} host_call;

/* In the service: the arguments in, the call. Leaves the results. */
static int enter(lua_State *S) {
  host_call *call = lua_touserdata(S, 1);
  luaL_checkstack(S, call->top + 8, NULL);
  service_push_method(S, lua_tostring(call->host, call->first));
  for (int i = call->first + 1; i <= call->top; i++)
    copy_value(call->host, i, S);
  lua_call(S, call->top - call->first + 1, LUA_MULTRET);
  return lua_gettop(S) - 1;
}

/* In the host: the results out. */
static int leave(lua_State *L) {
  host_call *call = lua_touserdata(L, 1);
  lua_State *S = call->service->state;
  int n = lua_gettop(S);
  luaL_checkstack(L, n, NULL);
  for (int i = 1; i <= n; i++) copy_value(S, i, L);
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

int service_call(service *s, lua_State *L, int first) {
  host_call call = {s, L, first, lua_gettop(L), NULL, NULL};
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
  copy_value(L, -1, S);
  lua_setfield(S, -2, name);
  lua_pop(S, 1);
}

/* In the new state: the libraries, the places of modules, the service. The
 * top of the host's stack is cpath, path below it, options at `first`. */
static int boot(lua_State *S) {
  host_call *call = lua_touserdata(S, 1);
  lua_State *L = call->host;
  luaL_openlibs(S);
  set_path(S, "cpath", L);
  lua_pop(L, 1);
  set_path(S, "path", L);
  lua_pop(L, 1);
  lua_getglobal(S, "require");
  lua_pushliteral(S, MODULE);
  lua_call(S, 1, 1);
  lua_getfield(S, -1, "new");
  copy_value(L, call->first, S);
  natives_push(S, call->courier, call->notifier);
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

static service *allocate(void) {
  service *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->state = luaL_newstate();
  if (!s->state || pthread_mutex_init(&s->lock, NULL) != 0) {
    if (s->state) lua_close(s->state);
    free(s);
    return NULL;
  }
  return s;
}

service *service_new(lua_State *L, int options, struct courier *c,
                     notifier *n) {
  char why[MESSAGE_SIZE];
  int top = lua_gettop(L);
  luaL_checkstack(L, 16, NULL);
  push_paths(L);
  service *s = allocate();
  host_call call = {s, L, options, top, c, n};
  bool done = s && service_run(s, boot, &call, why, sizeof why);
  lua_settop(L, top);
  if (done) return s;
  if (s) service_free(s);
  lua_pushstring(L, s ? why : "not enough memory");
  return NULL;
}

void service_free(service *s) {
  lua_close(s->state);
  pthread_mutex_destroy(&s->lock);
  free(s);
}
