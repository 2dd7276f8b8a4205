/* SPDX-License-Identifier: MIT
 *
 * lua_client: the userdata "aistudios.core.client" and
 * "aistudios.core.transfer". A box with its metatable exists before what it
 * owns, so an error on the way leaks nothing. What goes wrong on the network
 * is data here, never a Lua error. */
#include "lua/client.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "http/client.h"
#include "http/response.h"
#include "lua/decode.h"
#include "lua/request.h"
#include "util/redact.h"

#define CLIENT_TYPE "aistudios.core.client"
#define TRANSFER_TYPE "aistudios.core.transfer"

typedef struct {
  settings *settings;
  client *client; /* NULL until it is made, and after __gc */
} client_box;

typedef struct {
  transfer *transfer;
  client *client; /* a reference */
} transfer_box;

static int raise_memory(lua_State *L) {
  return luaL_error(L, "not enough memory");
}

/* Argument 1, a userdata of that type; the first upvalue of every method is
 * the metatable, which costs less to compare with than to look up. */
static void *check_type(lua_State *L, const char *type) {
  void *box = lua_touserdata(L, 1);
  bool is_right = false;
  if (box && lua_getmetatable(L, 1)) {
    is_right = lua_topointer(L, -1) == lua_topointer(L, lua_upvalueindex(1));
    lua_pop(L, 1);
  }
  return is_right ? box : luaL_checkudata(L, 1, type);
}

/* ---- transfer ---- */

/* Raises for what a forked child inherited. */
static void check_process(lua_State *L, const client *c, const char *what) {
  if (client_is_foreign(c))
    luaL_error(L,
               "this %s was made before fork; make a new client in the child",
               what);
}

/* The box of a finalizer's argument may be empty: collected before it. */
static transfer_box *check_transfer(lua_State *L) {
  transfer_box *box = check_type(L, TRANSFER_TYPE);
  if (!box->client) luaL_error(L, "this transfer is gone");
  check_process(L, box->client, "transfer");
  return box;
}

static int transfer_cancel(lua_State *L) {
  transfer_box *box = check_transfer(L);
  client_cancel(box->client, box->transfer);
  return 0;
}

static void push_known(lua_State *L, int64_t value) {
  if (value >= 0)
    lua_pushinteger(L, (lua_Integer)value);
  else
    lua_pushnil(L);
}

/* progress() -> received, expected | nil, sent, to_send | nil */
static int transfer_progress(lua_State *L) {
  transfer *t = check_transfer(L)->transfer;
  push_known(L, (int64_t)atomic_load(&t->shared.received));
  push_known(L, atomic_load(&t->shared.expected));
  push_known(L, (int64_t)atomic_load(&t->shared.sent));
  push_known(L, atomic_load(&t->shared.to_send));
  return 4;
}

/* close(): what has ended is let go of, now and not only when the collector
 * comes: it does not come for what a closing state's finalizers made. */
static int transfer_close(lua_State *L) {
  transfer_box *box = check_type(L, TRANSFER_TYPE);
  if (box->client && !client_is_foreign(box->client)) {
    transfer_unref(box->transfer);
    client_unref(box->client);
  }
  box->transfer = NULL;
  box->client = NULL;
  return 0;
}

/* ---- submit ---- */

static client_box *check_box(lua_State *L) {
  client_box *box = check_type(L, CLIENT_TYPE);
  if (!box->client) luaL_error(L, "the client is gone");
  check_process(L, box->client, "client");
  return box;
}

static client *check_client(lua_State *L) {
  return check_box(L)->client;
}

/* prepare(request) -> the same for many calls of submit, which add bodies */
static int handle_prepare(lua_State *L) {
  const client_box *owner = check_box(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_request_prepare(L, 2, owner->settings);
  return 1;
}

/* submit(id, request [, body [, total_timeout [, refused_token]]])
 * -> transfer | nil, message */
static int handle_submit(lua_State *L) {
  const client_box *owner = check_box(L);
  lua_Integer id = luaL_checkinteger(L, 2);
  lua_settop(L, 6);
  transfer_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->transfer = NULL;
  box->client = NULL;
  luaL_setmetatable(L, TRANSFER_TYPE);
  box->client = client_ref(owner->client);
  box->transfer = transfer_new(owner->settings);
  if (!box->transfer) return raise_memory(L);
  box->transfer->id = id;
  lua_request_read(L, 3, box->transfer);
  const char *refusal = client_submit(owner->client, box->transfer);
  if (!refusal) return 1;
  lua_pushnil(L);
  lua_pushstring(L, refusal);
  return 2;
}

/* ---- take ---- */

static void set_text(lua_State *L, const char *name, const char *text) {
  if (!text || !*text) return;
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

static void set_seconds(lua_State *L, const char *name, curl_off_t us) {
  lua_pushnumber(L, (lua_Number)us / 1e6);
  lua_setfield(L, -2, name);
}

static void set_headers(lua_State *L, const char *headers) {
  lua_createtable(L, 0, 4);
  for (const char *p = headers; p && *p;) {
    const char *value = p + strlen(p) + 1;
    set_text(L, p, value);
    p = value + strlen(value) + 1;
  }
  lua_setfield(L, -2, "headers");
}

static void set_timing(lua_State *L, const response *r) {
  lua_createtable(L, 0, 5);
  set_seconds(L, "dns", r->dns_us);
  set_seconds(L, "connect", r->connect_us);
  set_seconds(L, "tls", r->tls_us);
  set_seconds(L, "first_byte", r->first_byte_us);
  set_seconds(L, "total", r->total_us);
  lua_setfield(L, -2, "timing");
}

static void set_token_failure(lua_State *L, const token_failure *f) {
  lua_createtable(L, 0, 7);
  set_text(L, "failure", failure_name(f->failure));
  set_text(L, "message", f->message);
  if (f->location[0]) set_text(L, "location", f->location);
  set_flag(L, "sent", f->sent);
  if (f->status) set_integer(L, "status", f->status);
  set_integer(L, "attempts", f->attempts);
  if (f->retry_after >= 0) {
    lua_pushnumber(L, f->retry_after);
    lua_setfield(L, -2, "retry_after");
  }
  if (f->body_len > 0) {
    lua_pushlstring(L, f->body, f->body_len);
    lua_setfield(L, -2, "body");
  }
  lua_setfield(L, -2, "auth");
}

static void set_content(lua_State *L, const transfer *t) {
  const response *r = &t->response;
  if (r->is_file) {
    set_text(L, "path", t->io.path);
    set_integer(L, "size", (lua_Integer)r->size);
  } else if (r->status) {
    lua_pushlstring(L, r->body.data ? r->body.data : "", r->body.len);
    lua_setfield(L, -2, "body");
  }
}

/* How the answer came. */
static void set_figures(lua_State *L, const response *r) {
  set_headers(L, r->headers);
  set_integer(L, "bytes_sent", (lua_Integer)r->bytes_sent);
  set_integer(L, "bytes_received", (lua_Integer)r->bytes_received);
  set_flag(L, "reused", r->is_reused);
  if (r->http_version)
    set_text(L, "http_version",
             r->http_version >= CURL_HTTP_VERSION_2_0 ? "2" : "1.1");
  set_timing(L, r);
}

static void push_response(lua_State *L, const transfer *t) {
  const response *r = &t->response;
  bool is_brief = response_is_brief(t);
  lua_createtable(L, 0, is_brief ? 4 : 16);
  set_text(L, "failure", failure_name(r->failure));
  set_text(L, "message", transfer_message(t));
  set_flag(L, "sent", r->sent);
  if (r->status) set_integer(L, "status", r->status);
  set_content(L, t);
  if (r->is_renewable) set_flag(L, "renewable", true);
  if (r->token) set_integer(L, "token", (lua_Integer)r->token);
  if (r->token_failure) set_token_failure(L, r->token_failure);
  set_text(L, "token_problem", r->token_problem);
  if (!is_brief) set_figures(L, r);
}

/* [-1, +2] of the light userdata of a transfer. */
static int push_completion(lua_State *L) {
  const transfer *t = lua_touserdata(L, 1);
  lua_pushinteger(L, (lua_Integer)t->id);
  push_response(L, t);
  return 2;
}

/* The same of its answer, see lua_decode_envelope; or nothing. */
static int push_answer(lua_State *L) {
  const transfer *t = lua_touserdata(L, 1);
  const buffer *body = &t->response.body;
  bool is_usual = response_is_brief(t) && !t->response.token_problem &&
                  body->len > 0 &&
                  lua_decode_envelope(L, body->data, body->len);
  return is_usual ? 2 : 0;
}

/* What `push` tells of the oldest completion, two values. The reference keeps
 * it meanwhile: tables are made, which may run finalizers, which may drop it.
 */
static int push_oldest(lua_State *L, lua_CFunction push) {
  transfer *t = client_peek(check_client(L));
  if (!t) return 0;
  transfer_ref(t);
  lua_pushcfunction(L, push);
  lua_pushlightuserdata(L, t);
  int code = lua_pcall(L, 1, 2, 0);
  transfer_unref(t);
  return code ? lua_error(L) : 2;
}

/* [-0, +1], or +0 without a transfer */
static int push_id(lua_State *L, const transfer *t) {
  if (t) lua_pushinteger(L, (lua_Integer)t->id);
  return t ? 1 : 0;
}

/* peek() -> id, response | nil; peek(true) -> id | nil. It stays the oldest
 * until drop(id). */
static int handle_peek(lua_State *L) {
  if (!lua_toboolean(L, 2)) return push_oldest(L, push_completion);
  return push_id(L, client_peek(check_client(L)));
}

/* answer() -> raw, data | nil: of the same; nil too where it is not a good
 * answer to a brief request in the usual envelope. */
static int handle_answer(lua_State *L) {
  return push_oldest(L, push_answer);
}

/* drop(id) -> id | nil: what peek gave was delivered; the next one, as peek
 * gives it. When it is not the oldest, it was dropped already. */
static int handle_drop(lua_State *L) {
  client *c = check_client(L);
  const transfer *t = client_peek(c);
  if (t && t->id == luaL_checkinteger(L, 2)) {
    client_drop(c);
    t = client_peek(c);
  }
  return push_id(L, t);
}

/* ---- the other methods ---- */

/* ready() -> is there a reason to peek? nil after a fork: see is_foreign. */
static int handle_ready(lua_State *L) {
  const client_box *box = check_type(L, CLIENT_TYPE);
  if (!box->client || client_is_foreign(box->client))
    lua_pushnil(L);
  else
    lua_pushboolean(L, client_is_ready(box->client));
  return 1;
}

static int handle_wait(lua_State *L) {
  client *c = check_client(L);
  double seconds = luaL_optnumber(L, 2, -1);
  lua_pushboolean(L, client_wait(c, seconds));
  return 1;
}

/* redact(text [, secrets [, most]]) -> text */
static int handle_redact(lua_State *L) {
  client *c = check_client(L);
  size_t len, out_len;
  const char *text = luaL_checklstring(L, 2, &len);
  size_t most = (size_t)luaL_optinteger(L, 4, LUA_MAXINTEGER);
  const char *more[CLIENT_MORE_SECRETS] = {NULL};
  luaL_Buffer b;
  for (int i = 0; i < CLIENT_MORE_SECRETS && lua_istable(L, 3); i++) {
    lua_rawgeti(L, 3, i + 1);
    if (lua_type(L, -1) == LUA_TSTRING) more[i] = lua_tostring(L, -1);
    lua_pop(L, 1); /* the table keeps it */
  }
  char *space = luaL_buffinitsize(L, &b, redact_room(len, most));
  char *out = client_redact(c, text, len, most, more, &out_len);
  if (!out) return raise_memory(L);
  memcpy(space, out, out_len);
  free(out);
  luaL_pushresultsize(&b, out_len);
  return 1;
}

/* is_foreign() -> made by another process, before a fork? Never raises. */
static int handle_is_foreign(lua_State *L) {
  client_box *box = check_type(L, CLIENT_TYPE);
  lua_pushboolean(L, box->client && client_is_foreign(box->client));
  return 1;
}

static int handle_fd(lua_State *L) {
  lua_pushinteger(L, client_fd(check_client(L)));
  return 1;
}

static int handle_stats(lua_State *L) {
  client_stats stats = client_get_stats(check_client(L));
  lua_createtable(L, 0, 6);
  set_integer(L, "queued", (lua_Integer)stats.queued);
  set_integer(L, "running", (lua_Integer)stats.running);
  set_integer(L, "completed", (lua_Integer)stats.completed);
  set_integer(L, "token_fetches", (lua_Integer)stats.token_fetches);
  set_integer(L, "bytes_sent", (lua_Integer)stats.bytes_sent);
  set_integer(L, "bytes_received", (lua_Integer)stats.bytes_received);
  return 1;
}

static int handle_close(lua_State *L) {
  client_box *box = check_type(L, CLIENT_TYPE);
  if (box->client && !client_is_foreign(box->client)) client_close(box->client);
  return 0;
}

static int handle_gc(lua_State *L) {
  client_box *box = check_type(L, CLIENT_TYPE);
  client *c = box->client;
  settings *s = box->settings;
  box->client = NULL;
  box->settings = NULL;
  if (c && client_is_foreign(c)) return 0;
  if (c) client_close(c);
  client_unref(c);
  settings_unref(s);
  return 0;
}

/* ---- client(config) ---- */

int lua_client_new(lua_State *L) {
  char error[256];
  luaL_checktype(L, 1, LUA_TTABLE);
  client_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->settings = NULL;
  box->client = NULL;
  luaL_setmetatable(L, CLIENT_TYPE);
  box->settings = settings_new();
  if (!box->settings) return raise_memory(L);
  lua_settings_read(L, 1, box->settings);
  box->client = client_new(box->settings, error, sizeof error);
  if (box->client) return 1;
  lua_pushnil(L);
  lua_pushstring(L, error);
  return 2;
}

/* ---- registration ---- */

static const luaL_Reg handle_methods[] = {{"prepare", handle_prepare},
                                          {"submit", handle_submit},
                                          {"answer", handle_answer},
                                          {"peek", handle_peek},
                                          {"drop", handle_drop},
                                          {"ready", handle_ready},
                                          {"wait", handle_wait},
                                          {"redact", handle_redact},
                                          {"fd", handle_fd},
                                          {"is_foreign", handle_is_foreign},
                                          {"stats", handle_stats},
                                          {"close", handle_close},
                                          {NULL, NULL}};

static const luaL_Reg handle_metamethods[] = {
    {"__gc", handle_gc}, {"__close", handle_close}, {NULL, NULL}};

static const luaL_Reg transfer_methods[] = {{"cancel", transfer_cancel},
                                            {"progress", transfer_progress},
                                            {"close", transfer_close},
                                            {NULL, NULL}};

static const luaL_Reg transfer_metamethods[] = {{"__gc", transfer_close},
                                                {NULL, NULL}};

static void make_type(lua_State *L, const char *name,
                      const luaL_Reg *metamethods, const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  lua_pushvalue(L, -1);
  luaL_setfuncs(L, metamethods, 1);
  lua_newtable(L);
  lua_pushvalue(L, -2);
  luaL_setfuncs(L, methods, 1);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "protected");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void lua_client_push_methods(lua_State *L) {
  luaL_getmetatable(L, CLIENT_TYPE);
  lua_getfield(L, -1, "__index");
  lua_remove(L, -2);
}

void lua_client_register(lua_State *L) {
  make_type(L, CLIENT_TYPE, handle_metamethods, handle_methods);
  make_type(L, TRANSFER_TYPE, transfer_metamethods, transfer_methods);
  lua_request_register(L);
}
