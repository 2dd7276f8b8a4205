/* SPDX-License-Identifier: MIT
 *
 * lua_client: the userdata "aistudios.core.client" and
 * "aistudios.core.transfer". A box with its metatable exists before what it
 * owns, so an error on the way leaks nothing. What goes wrong on the network
 * is data here, never a Lua error. */
#include "lua_client.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "lua_json.h"
#include "secret.h"

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

/* ---- fields of a table at index `t` ---- */

static int raise_memory(lua_State *L) {
  return luaL_error(L, "not enough memory");
}

/* A malloc'ed copy of a string field into *out; NULL when it is absent. */
static void get_text(lua_State *L, int t, const char *name, char **out) {
  int type = lua_getfield(L, t, name);
  if (type != LUA_TNIL) {
    size_t len;
    if (type != LUA_TSTRING) luaL_error(L, "%s: a string is expected", name);
    const char *text = lua_tolstring(L, -1, &len);
    if (strlen(text) != len) luaL_error(L, "%s: contains a zero byte", name);
    if (!(*out = system_copy(text))) raise_memory(L);
  }
  lua_pop(L, 1);
}

static double get_number(lua_State *L, int t, const char *name,
                         double otherwise) {
  int is_number = 1;
  double value = otherwise;
  if (lua_getfield(L, t, name) != LUA_TNIL)
    value = lua_tonumberx(L, -1, &is_number);
  lua_pop(L, 1);
  if (!is_number || !(value >= 0) || value > 1e15)
    luaL_error(L, "%s: a number from 0 on is expected", name);
  return value;
}

static bool get_flag(lua_State *L, int t, const char *name, bool otherwise) {
  bool value =
      lua_getfield(L, t, name) == LUA_TNIL ? otherwise : lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* ---- transfer ---- */

static transfer_box *check_transfer(lua_State *L) {
  transfer_box *box = luaL_checkudata(L, 1, TRANSFER_TYPE);
  if (client_is_foreign(box->client))
    luaL_error(L, "this transfer was made before fork; "
                  "make a new client in the child");
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
  push_known(L, (int64_t)atomic_load(&t->received));
  push_known(L, atomic_load(&t->expected));
  push_known(L, (int64_t)atomic_load(&t->sent));
  push_known(L, t->body ? (int64_t)body_len(t->body) : -1);
  return 4;
}

static int transfer_gc(lua_State *L) {
  transfer_box *box = luaL_checkudata(L, 1, TRANSFER_TYPE);
  if (box->client && !client_is_foreign(box->client)) {
    transfer_unref(box->transfer);
    client_unref(box->client);
  }
  box->transfer = NULL;
  box->client = NULL;
  return 0;
}

/* ---- submit ---- */

static void read_headers(lua_State *L, int t, transfer *out) {
  if (lua_getfield(L, t, "headers") == LUA_TTABLE) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
      size_t len;
      lua_rawgeti(L, -1, i);
      const char *line = lua_tolstring(L, -1, &len);
      if (!line || memchr(line, '\n', len) || memchr(line, '\r', len))
        luaL_error(L, "headers[%d]: one line of text is expected", (int)i);
      if (!transfer_add_header(out, line, len))
        luaL_error(L, "headers: more than %d, or no memory",
                   TRANSFER_MAX_HEADERS);
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
}

static void read_body(lua_State *L, int t, transfer *out) {
  if (lua_getfield(L, t, "body") != LUA_TNIL)
    out->body = body_ref(lua_body_check(L, -1));
  lua_pop(L, 1);
  out->is_replayable = get_flag(L, t, "replayable", true);
  if (!out->is_replayable && (!out->body || body_len(out->body) == 0))
    luaL_error(L, "a request that is not replayable needs a body");
}

static bool wants_token(lua_State *L, int t) {
  const char *kind;
  bool wants = false;
  if (lua_getfield(L, t, "auth") != LUA_TNIL) {
    kind = lua_tostring(L, -1);
    if (!kind || strcmp(kind, "token") != 0)
      luaL_error(L, "auth: \"token\" is expected");
    wants = true;
  }
  lua_pop(L, 1);
  return wants;
}

static void read_request(lua_State *L, int t, transfer *out) {
  get_text(L, t, "method", &out->method);
  get_text(L, t, "url", &out->url);
  if (!out->method || !out->url)
    luaL_error(L, "a request needs method and url");
  get_text(L, t, "to", &out->path);
  out->wants_token = wants_token(L, t);
  read_headers(L, t, out);
  read_body(L, t, out);
  out->follow = (long)get_number(L, t, "follow", 0);
  out->connect_timeout = get_number(L, t, "connect_timeout", 0);
  out->stall_timeout = get_number(L, t, "stall_timeout", 0);
  out->total_timeout = get_number(L, t, "total_timeout", 0);
  out->max_response_bytes =
      (size_t)get_number(L, t, "max_response_bytes",
                         (double)out->settings->max_response_bytes);
  if (out->follow > 0 && (out->wants_token || out->body))
    luaL_error(L, "follow: not for requests with a token or a body");
}

static client *check_client(lua_State *L) {
  client_box *box = luaL_checkudata(L, 1, CLIENT_TYPE);
  if (!box->client) luaL_error(L, "the client is gone");
  if (client_is_foreign(box->client))
    luaL_error(L, "this client was made before fork; "
                  "make a new client in the child");
  return box->client;
}

/* submit(id, request) -> transfer | nil, message */
static int handle_submit(lua_State *L) {
  client *c = check_client(L);
  lua_Integer id = luaL_checkinteger(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  transfer_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->transfer = NULL;
  box->client = NULL;
  luaL_setmetatable(L, TRANSFER_TYPE);
  box->client = client_ref(c);
  box->transfer = transfer_new(c->settings);
  if (!box->transfer) raise_memory(L);
  box->transfer->id = id;
  read_request(L, 3, box->transfer);
  const char *refusal = client_submit(c, box->transfer);
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
  lua_pushnumber(L, (lua_Number)us * 1e-6);
  lua_setfield(L, -2, name);
}

static void set_headers(lua_State *L, const response *r) {
  lua_createtable(L, 0, 4);
  for (const char *p = r->headers; p && *p;) {
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

static void set_auth_failure(lua_State *L, const auth_failure *f) {
  lua_createtable(L, 0, 5);
  set_text(L, "failure", failure_name(f->failure));
  set_flag(L, "sent", f->sent);
  if (f->status) set_integer(L, "status", f->status);
  set_integer(L, "attempts", f->attempts);
  if (f->body) {
    lua_pushlstring(L, f->body, f->body_len);
    lua_setfield(L, -2, "body");
  }
  lua_setfield(L, -2, "auth");
}

static void set_content(lua_State *L, const transfer *t) {
  const response *r = &t->response;
  if (r->is_file) {
    set_text(L, "path", t->path);
    set_integer(L, "size", (lua_Integer)r->size);
  } else if (r->status) {
    lua_pushlstring(L, r->body.data ? r->body.data : "", r->body.len);
    lua_setfield(L, -2, "body");
  }
}

static void push_response(lua_State *L, const transfer *t) {
  const response *r = &t->response;
  lua_createtable(L, 0, 16);
  set_text(L, "failure", failure_name(r->failure));
  set_text(L, "message", r->message);
  set_flag(L, "sent", r->sent);
  if (r->status) set_integer(L, "status", r->status);
  set_content(L, t);
  set_headers(L, r);
  if (t->is_renewable) set_flag(L, "renewable", true);
  if (r->failure == FAILURE_AUTH) set_auth_failure(L, &t->auth);
  set_integer(L, "bytes_sent", (lua_Integer)r->bytes_sent);
  set_integer(L, "bytes_received", (lua_Integer)r->bytes_received);
  set_flag(L, "reused", r->is_reused);
  if (r->http_version)
    set_text(L, "http_version",
             r->http_version >= CURL_HTTP_VERSION_2_0 ? "2" : "1.1");
  set_timing(L, r);
}

/* take() -> id, response | nil. The completion stays queued until its table
 * is whole: a memory error loses nothing. */
static int handle_take(lua_State *L) {
  client *c = check_client(L);
  transfer *t = client_peek(c);
  if (!t) return 0;
  lua_pushinteger(L, (lua_Integer)t->id);
  push_response(L, t);
  client_drop(c);
  return 2;
}

/* ---- the other methods ---- */

static int handle_wait(lua_State *L) {
  client *c = check_client(L);
  double seconds = luaL_optnumber(L, 2, -1);
  lua_pushboolean(L, client_wait(c, seconds));
  return 1;
}

static int handle_redact(lua_State *L) {
  client *c = check_client(L);
  size_t len, out_len;
  const char *text = luaL_checklstring(L, 2, &len);
  luaL_Buffer b;
  char *space = luaL_buffinitsize(L, &b, len * 2 + 1);
  char *out = client_redact(c, text, len, &out_len);
  if (!out) return raise_memory(L);
  memcpy(space, out, out_len);
  free(out);
  luaL_pushresultsize(&b, out_len);
  return 1;
}

static int handle_fd(lua_State *L) {
  lua_pushinteger(L, check_client(L)->waker.read_fd);
  return 1;
}

static int handle_stats(lua_State *L) {
  client *c = check_client(L);
  lua_createtable(L, 0, 6);
  set_integer(L, "queued", (lua_Integer)atomic_load(&c->queued));
  set_integer(L, "running", (lua_Integer)atomic_load(&c->running));
  set_integer(L, "completed", (lua_Integer)atomic_load(&c->completed));
  set_integer(L, "token_fetches",
              (lua_Integer)atomic_load(&c->token_fetches));
  set_integer(L, "bytes_sent", (lua_Integer)atomic_load(&c->bytes_sent));
  set_integer(L, "bytes_received",
              (lua_Integer)atomic_load(&c->bytes_received));
  return 1;
}

static int handle_close(lua_State *L) {
  client_box *box = luaL_checkudata(L, 1, CLIENT_TYPE);
  if (box->client && !client_is_foreign(box->client))
    client_close(box->client);
  return 0;
}

static int handle_gc(lua_State *L) {
  client_box *box = luaL_checkudata(L, 1, CLIENT_TYPE);
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

static void check_header_value(lua_State *L, const char *name,
                               const char *value) {
  if (value && !secret_fits_header(value))
    luaL_error(L, "%s: only printable ASCII without blanks is allowed", name);
}

static void read_settings(lua_State *L, int t, settings *s) {
  get_text(L, t, "app_id", &s->app_id);
  get_text(L, t, "user_key", &s->user_key);
  get_text(L, t, "token", &s->token);
  get_text(L, t, "token_url", &s->token_url);
  get_text(L, t, "ca_file", &s->ca_file);
  get_text(L, t, "proxy", &s->proxy);
  get_text(L, t, "user_agent", &s->user_agent);
  check_header_value(L, "token", s->token);
  s->connect_timeout = get_number(L, t, "connect_timeout", 10);
  s->stall_timeout = get_number(L, t, "stall_timeout", 30);
  s->total_timeout = get_number(L, t, "total_timeout", 120);
  s->retries = (int)get_number(L, t, "retries", 2);
  s->max_in_flight = (unsigned)get_number(L, t, "max_in_flight", 16);
  s->max_response_bytes =
      (size_t)get_number(L, t, "max_response_bytes", 64.0 * 1024 * 1024);
  if (s->max_in_flight < 1) luaL_error(L, "max_in_flight: at least 1");
  if (!s->token && s->user_key && !(s->app_id && s->token_url))
    luaL_error(L, "user_key needs app_id and token_url");
}

int lua_client_new(lua_State *L) {
  char error[256];
  luaL_checktype(L, 1, LUA_TTABLE);
  client_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->settings = NULL;
  box->client = NULL;
  luaL_setmetatable(L, CLIENT_TYPE);
  box->settings = settings_new();
  if (!box->settings) return raise_memory(L);
  read_settings(L, 1, box->settings);
  box->client = client_new(box->settings, error, sizeof error);
  if (!box->client) return luaL_error(L, "%s", error);
  return 1;
}

/* ---- registration ---- */

static const luaL_Reg handle_methods[] = {
    {"submit", handle_submit}, {"take", handle_take},
    {"wait", handle_wait},     {"redact", handle_redact},
    {"fd", handle_fd},         {"stats", handle_stats},
    {"close", handle_close},   {NULL, NULL}};

static const luaL_Reg handle_metamethods[] = {
    {"__gc", handle_gc}, {"__close", handle_close}, {NULL, NULL}};

static const luaL_Reg transfer_methods[] = {{"cancel", transfer_cancel},
                                            {"progress", transfer_progress},
                                            {NULL, NULL}};

static const luaL_Reg transfer_metamethods[] = {{"__gc", transfer_gc},
                                                {NULL, NULL}};

static void make_type(lua_State *L, const char *name,
                      const luaL_Reg *metamethods, const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  luaL_setfuncs(L, metamethods, 0);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "protected");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void lua_client_register(lua_State *L) {
  make_type(L, CLIENT_TYPE, handle_metamethods, handle_methods);
  make_type(L, TRANSFER_TYPE, transfer_metamethods, transfer_methods);
}
