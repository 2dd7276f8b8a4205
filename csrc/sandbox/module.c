/* SPDX-License-Identifier: MIT
 *
 * luaopen_aistudios_sandbox_core. The userdata of a running sandbox owns its
 * parts, and ends the threads of servers and webhook sender before what they
 * use. The only file of the sandbox that
 * registers functions. */
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "sandbox/http_server.h"
#include "sandbox/lua_functions.h"
#include "sandbox/lua_service.h"
#include "sandbox/notifier.h"
#include "sandbox/program.h"
#include "sandbox/stop_pipe.h"
#include "sandbox/video.h"
#include "sandbox/webhook_sender.h"

#define SANDBOX_TYPE "aistudios.sandbox.core"
#define MESSAGE_SIZE 512
#define ADMIN_MAX_BODY ((size_t)4 * 1024 * 1024)

typedef struct {
  pid_t pid; /* of the process that started it */
  bool has_notifier;
  stop_pipe stop;
  notifier notifier;
  video video;
  webhook_sender *sender;
  lua_service *service;
  http_server *server, *admin; /* the latter only if it was asked for */
} box;

static box *check_box(lua_State *L) {
  box *b = luaL_checkudata(L, 1, SANDBOX_TYPE);
  if (b->pid != getpid())
    luaL_error(L,
               "this sandbox was started before fork; "
               "start a new one in the child");
  return b;
}

static box *check_open(lua_State *L) {
  box *b = check_box(L);
  if (!b->service) luaL_error(L, "this sandbox is closed");
  return b;
}

/* Idempotent; nothing is done in a child, whose threads do not exist. */
static void end_box(box *b) {
  if (b->pid != getpid()) return;
  waker_signal(&b->stop);
  if (b->has_notifier) notifier_stop(&b->notifier);
  if (b->server) http_server_stop(b->server);
  if (b->admin) http_server_stop(b->admin);
  b->server = b->admin = NULL;
  if (b->sender) webhook_sender_free(b->sender);
  b->sender = NULL;
  if (b->service) lua_service_free(b->service);
  b->service = NULL;
  video_close(&b->video);
  waker_close(&b->stop);
  if (b->has_notifier) notifier_close(&b->notifier);
  b->has_notifier = false;
}

static int sandbox_close(lua_State *L) {
  end_box(luaL_checkudata(L, 1, SANDBOX_TYPE));
  return 0;
}

/* call(name, ...) -> what the service's method returns */
static int sandbox_call(lua_State *L) {
  return lua_service_call(check_open(L)->service, L, 2);
}

/* connections() -> how many were opened so far, how many are open */
static int sandbox_connections(lua_State *L) {
  http_server_counts counts = http_server_count(check_open(L)->server);
  lua_pushinteger(L, (lua_Integer)counts.opened);
  lua_pushinteger(L, (lua_Integer)counts.open);
  return 2;
}

/* state() -> "open", "closed", or "foreign" in a child of the process that
 * started it */
static int sandbox_state(lua_State *L) {
  box *b = luaL_checkudata(L, 1, SANDBOX_TYPE);
  bool is_own = b->pid == getpid();
  lua_pushstring(L, !is_own ? "foreign" : b->service ? "open" : "closed");
  return 1;
}

/* port() -> that of the API, that of the admin interface or nil */
static int sandbox_port(lua_State *L) {
  box *b = check_open(L);
  lua_pushinteger(L, http_server_port(b->server));
  if (b->admin)
    lua_pushinteger(L, http_server_port(b->admin));
  else
    lua_pushnil(L);
  return 2;
}

/* changes() -> how often something happened so far */
static int sandbox_changes(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)notifier_count(&check_open(L)->notifier));
  return 1;
}

/* wait(seen, seconds): waits until changes() is not `seen` any more */
static int sandbox_wait(lua_State *L) {
  box *b = check_open(L);
  notifier_wait(&b->notifier, (uint64_t)luaL_checkinteger(L, 2),
                luaL_checknumber(L, 3));
  return 0;
}

/* ---- start ---- */

static const char *text_option(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  const char *text = lua_tostring(L, -1);
  lua_pop(L, 1); /* the table at 1 keeps it */
  return text;
}

static lua_Integer integer_option(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  lua_Integer value = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return value;
}

static box *new_box(lua_State *L) {
  box *b = lua_newuserdatauv(L, sizeof *b, 0);
  memset(b, 0, sizeof *b);
  b->pid = getpid();
  b->stop.read_fd = b->stop.write_fd = -1;
  luaL_setmetatable(L, SANDBOX_TYPE);
  return b;
}

static int fail(lua_State *L, box *b, const char *why) {
  end_box(b);
  luaL_pushfail(L);
  lua_pushstring(L, why);
  return 2;
}

/* What needs no Lua. */
static bool open_without_lua(box *b, const char *mp4, size_t len) {
  if (waker_open(&b->stop)) return false;
  notifier_open(&b->notifier);
  b->has_notifier = true;
  if (!video_open(&b->video, mp4, len)) return false;
  b->sender = webhook_sender_new(&b->stop);
  return b->sender != NULL;
}

/* Starts to listen: for the API, and for the admin interface if it has a
 * port. */
static bool listen_there(lua_State *L, box *b, char *why, size_t size) {
  http_server_options options = {.host = text_option(L, "host"),
                                 .port = (uint16_t)integer_option(L, "port"),
                                 .cert = text_option(L, "cert"),
                                 .key = text_option(L, "key")};
  http_request_place place = {
      .source = {b->service, &b->video, &b->stop, &b->notifier, -1},
      .max_body = (size_t)integer_option(L, "max_body")};
  b->server = http_server_start(&options, &place, why, size);
  if (!b->server) return false;
  lua_Integer admin_port = integer_option(L, "admin_port");
  if (admin_port < 0) return true;
  options.port = (uint16_t)admin_port;
  options.cert = options.key = NULL;
  place.is_admin = true;
  place.max_body = ADMIN_MAX_BODY;
  b->admin = http_server_start(&options, &place, why, size);
  return b->admin != NULL;
}

/* For the service: the functions of lua_functions.h. */
static void push_functions(lua_State *S, void *data) {
  box *b = data;
  lua_functions_push(S, b->sender, &b->notifier);
}

/* start(options, video) -> sandbox | nil, message. The options were checked;
 * host, port, cert, key, max_body and admin_port (-1: none) are for the
 * servers, the rest is for the service. */
static int core_start(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t len;
  const char *mp4 = luaL_checklstring(L, 2, &len);
  char why[MESSAGE_SIZE];
  box *b = new_box(L);
  if (!open_without_lua(b, mp4, len))
    return fail(L, b, "not enough memory or descriptors");
  b->service = lua_service_new(L, 1, push_functions, b);
  if (!b->service) {
    luaL_pushfail(L);
    lua_insert(L, -2);
    return 2;
  }
  webhook_sender_serve(b->sender, b->service);
  if (!listen_there(L, b, why, sizeof why)) return fail(L, b, why);
  return 1;
}

/* ---- registration ---- */

static void register_type(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"call", sandbox_call},   {"connections", sandbox_connections},
      {"state", sandbox_state}, {"port", sandbox_port},
      {"close", sandbox_close}, {"changes", sandbox_changes},
      {"wait", sandbox_wait},   {NULL, NULL}};
  static const luaL_Reg meta[] = {
      {"__gc", sandbox_close}, {"__close", sandbox_close}, {NULL, NULL}};
  luaL_newmetatable(L, SANDBOX_TYPE);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

__attribute__((visibility("default"))) int luaopen_aistudios_sandbox_core(
    lua_State *L);

int luaopen_aistudios_sandbox_core(lua_State *L) {
  static const luaL_Reg functions[] = {{"start", core_start},
                                       {"hold_signals", program_hold_signals},
                                       {"wait_for_end", program_wait},
                                       {"pid", program_pid},
                                       {NULL, NULL}};
  register_type(L);
  luaL_newlib(L, functions);
  return 1;
}
