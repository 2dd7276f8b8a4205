/* SPDX-License-Identifier: MIT
 *
 * lua_request: tables into C (see request.h). What is read goes straight
 * into its owner, so an error on the way leaks nothing. */
#include "lua/request.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "http/token_endpoint.h"
#include "lua/bytes.h"
#include "util/os.h"

#define PREPARED_TYPE "aistudios.core.request"
#define MAX_NUMBER 1e15 /* seconds, bytes; fits an int64_t in ms */

/* ---- fields of a table at index `t` ---- */

static _Noreturn void raise_memory(lua_State *L) {
  luaL_error(L, "not enough memory");
  for (;;) continue; /* luaL_error does not return */
}

/* The string on top of the stack; it has no zero byte in it. */
static const char *check_text(lua_State *L, const char *name) {
  size_t len;
  const char *text;
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "%s: a string is expected", name);
  text = lua_tolstring(L, -1, &len);
  if (strlen(text) != len) luaL_error(L, "%s: contains a zero byte", name);
  return text;
}

/* A malloc'ed copy of a string field into *out; NULL when it is absent. */
static void get_text(lua_State *L, int t, const char *name, char **out) {
  if (lua_getfield(L, t, name) != LUA_TNIL &&
      !(*out = os_copy_text(check_text(L, name))))
    raise_memory(L);
  lua_pop(L, 1);
}

/* A number from 0 on; one above MAX_NUMBER counts as that. */
static double get_number(lua_State *L, int t, const char *name,
                         double otherwise) {
  int is_number = 1;
  double value = otherwise;
  if (lua_getfield(L, t, name) != LUA_TNIL)
    value = lua_tonumberx(L, -1, &is_number);
  lua_pop(L, 1);
  if (!is_number || !(value >= 0))
    luaL_error(L, "%s: a number from 0 on is expected", name);
  return value < MAX_NUMBER ? value : MAX_NUMBER;
}

static bool get_flag(lua_State *L, int t, const char *name, bool otherwise) {
  bool value =
      lua_getfield(L, t, name) == LUA_TNIL ? otherwise : lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* ---- requests ---- */

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

static const char *part_text(lua_State *L, const char *name, size_t *len) {
  const char *text;
  *len = 0;
  if (lua_getfield(L, -1, name) == LUA_TNIL) {
    lua_pop(L, 1);
    return NULL;
  }
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "parts: %s: a string is expected", name);
  text = lua_tolstring(L, -1, len);
  lua_pop(L, 1); /* the part's table keeps it */
  return text;
}

/* What stands in the header of a part: no control character, no line end. */
static const char *part_label(lua_State *L, const char *name) {
  size_t len;
  const char *text = part_text(L, name, &len);
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)text[i] < ' ' || text[i] == 127)
      luaL_error(L,
                 "parts: %s: has a control character or a line end at byte %d; "
                 "leave it out",
                 name, (int)i + 1);
  return text;
}

/* One of `parts`, on top of the stack: { name=, value= } or
 * { name=, path=, filename=, type= }. */
static void read_part(lua_State *L, multipart *out) {
  multipart_part p;
  size_t len;
  luaL_checktype(L, -1, LUA_TTABLE);
  p.name = part_label(L, "name");
  p.path = part_text(L, "path", &len);
  if (p.path && strlen(p.path) != len)
    luaL_error(L, "parts: path: contains a zero byte");
  p.filename = part_label(L, "filename");
  p.type = part_label(L, "type");
  p.text = part_text(L, "value", &p.text_len);
  if (!p.name || !p.path == !p.text)
    luaL_error(L, "parts: each needs a name, and a value or a path");
  if (!multipart_add(out, &p)) raise_memory(L);
}

static void read_parts(lua_State *L, int t, transfer *out) {
  if (lua_getfield(L, t, "parts") == LUA_TTABLE) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    if (n < 1 || n > MULTIPART_MAX_PARTS)
      luaL_error(L, "parts: 1 to %d are expected", MULTIPART_MAX_PARTS);
    if (!(out->io.multipart = multipart_new())) raise_memory(L);
    for (lua_Integer i = 1; i <= n; i++) {
      lua_rawgeti(L, -1, i);
      read_part(L, out->io.multipart);
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
}

/* Only these may be sent twice where nobody says so. */
static bool is_repeatable(const char *method) {
  return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
         strcmp(method, "DELETE") == 0;
}

static void set_body(transfer *out, bytes *body) {
  bytes_unref(out->request.body);
  out->request.body = bytes_ref(body);
  atomic_store(&out->shared.to_send, (int64_t)bytes_len(body));
}

static void read_body(lua_State *L, int t, transfer *out) {
  if (lua_getfield(L, t, "body") != LUA_TNIL)
    set_body(out, lua_bytes_check(L, -1));
  lua_pop(L, 1);
  read_parts(L, t, out);
  out->request.is_replayable =
      get_flag(L, t, "replayable",
               is_repeatable(out->request.method) && !out->io.multipart);
}

static void check_body(lua_State *L, const transfer *t) {
  const request *r = &t->request;
  bool has_parts = t->io.multipart != NULL;
  if (r->body && has_parts)
    luaL_error(L, "a request has a body or parts, not both");
  if (!r->is_replayable && !has_parts && (!r->body || !bytes_len(r->body)))
    luaL_error(L, "a request that is not replayable needs a body");
  if (r->follow > 0 && (r->wants_token || r->body || has_parts))
    luaL_error(L, "follow: not for requests with a token or a body");
}

/* The file for the answer, and what is to be minded about it. */
static void read_file(lua_State *L, int t, transfer *out) {
  download_file_rules rules;
  rules.is_resumable = get_flag(L, t, "resume", false);
  rules.is_new_only = !get_flag(L, t, "overwrite", true);
  rules.content.is_mp4 = get_flag(L, t, "mp4", false);
  rules.content.may_be_markup = get_flag(L, t, "markup", false);
  rules.content.may_be_json = get_flag(L, t, "json", false);
  if (lua_getfield(L, t, "to") != LUA_TNIL &&
      !transfer_set_file(out, check_text(L, "to"), rules))
    raise_memory(L);
  lua_pop(L, 1);
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

/* { try_file = true, to = path, ... }: only asks whether the file can be
 * written. */
static bool is_file_trial(lua_State *L, int t, transfer *out) {
  if (!get_flag(L, t, "try_file", false)) return false;
  if (!out->io.download) luaL_error(L, "try_file: needs to");
  out->io.is_trial = true;
  return true;
}

static void read_table(lua_State *L, int t, transfer *out) {
  request *r = &out->request;
  read_file(L, t, out);
  if (is_file_trial(L, t, out)) return;
  get_text(L, t, "method", &r->method);
  get_text(L, t, "url", &r->url);
  if (!r->method || !r->url) luaL_error(L, "a request needs method and url");
  r->wants_token = wants_token(L, t);
  r->refused_token = (uint64_t)get_number(L, t, "refused_token", 0);
  read_headers(L, t, out);
  read_body(L, t, out);
  r->is_brief = get_flag(L, t, "brief", false);
  r->follow = (long)get_number(L, t, "follow", 0);
  r->connect_timeout = get_number(L, t, "connect_timeout", 0);
  r->stall_timeout = get_number(L, t, "stall_timeout", 0);
  r->total_timeout = get_number(L, t, "total_timeout", 0);
  r->max_response_bytes = (size_t)get_number(
      L, t, "max_response_bytes", (double)out->settings->max_response_bytes);
}

static transfer **new_prepared(lua_State *L) {
  transfer **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, PREPARED_TYPE);
  return box;
}

static int free_prepared(lua_State *L) {
  transfer **box = luaL_checkudata(L, 1, PREPARED_TYPE);
  transfer_unref(*box);
  *box = NULL;
  return 0;
}

void lua_request_prepare(lua_State *L, int t, settings *s) {
  transfer **box = new_prepared(L);
  if (!(*box = transfer_new(s))) raise_memory(L);
  read_table(L, t, *box);
  if ((*box)->request.body || (*box)->io.multipart || (*box)->io.download)
    luaL_error(L, "only a request without body and file can be prepared");
}

void lua_request_read(lua_State *L, int t, transfer *out) {
  transfer **prepared = luaL_testudata(L, t, PREPARED_TYPE);
  if (!prepared) {
    luaL_checktype(L, t, LUA_TTABLE);
    read_table(L, t, out);
  } else if (!*prepared) {
    luaL_error(L, "the request is gone");
  } else {
    transfer_share_request(out, *prepared);
  }
  if (!lua_isnoneornil(L, t + 1)) set_body(out, lua_bytes_check(L, t + 1));
  out->request.total_timeout =
      luaL_optnumber(L, t + 2, out->request.total_timeout);
  out->request.refused_token = (uint64_t)luaL_optinteger(
      L, t + 3, (lua_Integer)out->request.refused_token);
  if (!out->io.is_trial) check_body(L, out);
}

void lua_request_register(lua_State *L) {
  luaL_newmetatable(L, PREPARED_TYPE);
  lua_pushcfunction(L, free_prepared);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

/* ---- settings ---- */

static void check_header_value(lua_State *L, const char *name,
                               const char *value) {
  if (value && !token_fits_header(value))
    luaL_error(L, "%s: only printable ASCII without blanks is allowed", name);
}

/* The same for a path, which is made one from the root. */
static void get_path(lua_State *L, int t, const char *name, char **out) {
  if (lua_getfield(L, t, name) != LUA_TNIL &&
      !(*out = os_absolute_path(check_text(L, name))))
    raise_memory(L);
  lua_pop(L, 1);
}

/* A pipe or a device could hold up the I/O thread, which has it opened. With a
 * "/" behind its name opening it fails, and the call ends with that. */
static void read_ca_file(lua_State *L, int t, settings *s) {
  struct stat st;
  get_path(L, t, "ca_file", &s->ca_file);
  if (!s->ca_file || stat(s->ca_file, &st) || S_ISREG(st.st_mode)) return;
  lua_pushfstring(L, "%s/", s->ca_file);
  free(s->ca_file);
  if (!(s->ca_file = os_copy_text(lua_tostring(L, -1)))) raise_memory(L);
  lua_pop(L, 1);
}

static void read_proxies(lua_State *L, int t, settings *s) {
  bool is_given = lua_getfield(L, t, "proxy") != LUA_TNIL;
  if (!proxies_read(&s->proxies, is_given ? check_text(L, "proxy") : NULL))
    raise_memory(L);
  lua_pop(L, 1);
}

/* A header of ours costs less per request than libcurl's option. */
static void read_agent(lua_State *L, int t, settings *s) {
  if (lua_getfield(L, t, "user_agent") != LUA_TNIL) {
    lua_pushfstring(L, "User-Agent: %s", check_text(L, "user_agent"));
    if (!(s->agent_line = os_copy_text(lua_tostring(L, -1)))) raise_memory(L);
    s->proxies.agent = s->agent_line + strlen("User-Agent: ");
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

void lua_settings_read(lua_State *L, int t, settings *s) {
  get_text(L, t, "app_id", &s->app_id);
  get_text(L, t, "user_key", &s->user_key);
  get_text(L, t, "token", &s->token);
  get_path(L, t, "token_store", &s->token_store);
  get_text(L, t, "token_url", &s->token_url);
  read_ca_file(L, t, s);
  read_proxies(L, t, s);
  read_agent(L, t, s);
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
