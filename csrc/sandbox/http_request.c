/* SPDX-License-Identifier: MIT
 *
 * http_request: a request is announced to the service with its headers, and
 * answered when its body is there. */
#include "sandbox/http_request.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/http_response.h"
#include "sandbox/multipart.h"
#include "util/ascii.h"

#define FIRST_CAPACITY 8192
#define MESSAGE_SIZE 512
#define MAX_NAME 128
#define MAX_KEPT ((size_t)1024 * 1024) /* of the bytes of a form */
#define GATHER 0.002 /* seconds in which several news are one */

struct http_request {
  char *target;
  const char *method; /* MHD's */
  bool arrived;
  lua_Integer id;   /* what the service calls it; 0: nothing */
  multipart *parts; /* of a form; NULL: it is none */
  char *body;
  size_t len, capacity;
  uint64_t size; /* of the body; that of a form is not kept whole */
  bool too_large;
};

http_request *http_request_new(const char *target) {
  http_request *x = calloc(1, sizeof *x);
  if (!x) return NULL;
  x->target = strdup(target);
  if (x->target) return x;
  free(x);
  return NULL;
}

bool http_request_has_arrived(const http_request *x) {
  return x->arrived;
}

/* ---- arrival ---- */

typedef struct {
  http_request *request;
  struct MHD_Connection *connection;
  const char *method;
  const http_request_place *place;
  http_response answer;
  bool drop;
} frame;

/* Adds a header to the table on top of the stack, its name in lower case;
 * values of equal names are joined. */
static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind,
                                  const char *name, const char *value) {
  lua_State *S = cls;
  char lower[MAX_NAME];
  size_t len = strlen(name);
  (void)kind;
  if (len >= sizeof lower) return MHD_YES;
  for (size_t i = 0; i < len; i++) lower[i] = (char)ascii_lower(name[i]);
  lower[len] = '\0';
  lua_pushstring(S, value ? value : "");
  if (lua_getfield(S, -2, lower) == LUA_TNIL) {
    lua_pop(S, 1);
  } else {
    lua_pushliteral(S, ", ");
    lua_rotate(S, -3, -1);
    lua_concat(S, 3);
  }
  lua_setfield(S, -2, lower);
  return MHD_YES;
}

static lua_Integer connection_number(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? (lua_Integer)(intptr_t)info->socket_context : 0;
}

/* arrive(method, target, headers, connection) -> id, drop */
static int run_arrive(lua_State *S) {
  frame *f = lua_touserdata(S, 1);
  lua_service_push_method(S, "arrive");
  lua_pushstring(S, f->method);
  lua_pushstring(S, f->request->target);
  lua_newtable(S);
  MHD_get_connection_values(f->connection, MHD_HEADER_KIND, add_header, S);
  lua_pushinteger(S, connection_number(f->connection));
  lua_call(S, 5, 2);
  f->request->id = lua_tointeger(S, -2);
  f->drop = lua_toboolean(S, -1);
  return 0;
}

bool http_request_arrive(http_request *x, const http_request_place *place,
                         struct MHD_Connection *connection,
                         const char *method) {
  frame f = {.request = x, .connection = connection, .method = method};
  x->arrived = true;
  x->method = method;
  if (place->is_admin) return true;
  x->parts = multipart_new(connection);
  return lua_service_run(place->source.service, run_arrive, &f, NULL, 0) &&
         !f.drop;
}

/* ---- the body ---- */

static bool reserve(http_request *x, size_t more) {
  size_t wanted = x->capacity ? x->capacity : FIRST_CAPACITY;
  while (wanted - x->len < more) wanted *= 2;
  if (wanted == x->capacity) return true;
  char *grown = realloc(x->body, wanted);
  if (!grown) return false;
  x->body = grown;
  x->capacity = wanted;
  return true;
}

/* How much of a piece is kept. */
static size_t share(http_request *x, const http_request_place *place,
                    size_t len) {
  if (x->parts) return len < MAX_KEPT - x->len ? len : MAX_KEPT - x->len;
  if (len > place->max_body - x->len) x->too_large = true;
  return x->too_large ? 0 : len;
}

bool http_request_take(http_request *x, const http_request_place *place,
                       const char *data, size_t len) {
  x->size += len;
  if (x->parts) multipart_take(x->parts, data, len);
  len = share(x, place, len);
  if (len == 0) return true;
  if (!reserve(x, len)) return false;
  memcpy(x->body + x->len, data, len);
  x->len += len;
  return true;
}

/* ---- the answer ---- */

static int socket_of(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static answer_source source_of(const frame *f) {
  answer_source source = f->place->source;
  source.socket = socket_of(f->connection);
  return source;
}

/* The table on top of the stack becomes the answer. While it is deferred, the
 * request stays known to the service. */
static void read_answer(lua_State *S, frame *f) {
  answer_source source = source_of(f);
  f->request->id = 0;
  http_response_read(S, &source, &f->answer);
  f->request->id = f->answer.deferred;
}

/* answer(id, body, size, is too large, parts) -> what http_response_read wants
 */
static int run_answer(lua_State *S) {
  frame *f = lua_touserdata(S, 1);
  http_request *x = f->request;
  lua_service_push_method(S, "answer");
  lua_pushinteger(S, x->id);
  lua_pushlstring(S, x->body ? x->body : "", x->len);
  lua_pushinteger(S, (lua_Integer)x->size);
  lua_pushboolean(S, x->too_large);
  if (x->parts)
    multipart_push(x->parts, S);
  else
    lua_pushnil(S);
  lua_call(S, 6, 1);
  read_answer(S, f);
  return 0;
}

/* admin(method, target, headers, body, is too large) -> likewise */
static int run_admin(lua_State *S) {
  frame *f = lua_touserdata(S, 1);
  http_request *x = f->request;
  lua_service_push_method(S, "admin");
  lua_pushstring(S, x->method);
  lua_pushstring(S, x->target);
  lua_newtable(S);
  MHD_get_connection_values(f->connection, MHD_HEADER_KIND, add_header, S);
  lua_pushlstring(S, x->body ? x->body : "", x->len);
  lua_pushboolean(S, x->too_large);
  lua_call(S, 6, 1);
  read_answer(S, f);
  return 0;
}

/* resume(id) -> what http_response_read wants */
static int run_resume(lua_State *S) {
  frame *f = lua_touserdata(S, 1);
  lua_service_push_method(S, "resume");
  lua_pushinteger(S, f->answer.deferred);
  lua_call(S, 2, 1);
  read_answer(S, f);
  return 0;
}

/* The service raised: its message is the answer. */
static void answer_with_error(http_response *a, const char *why) {
  http_response_end(a);
  a->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
  a->wait = 0;
  a->deferred = 0;
  a->response = MHD_create_response_from_buffer(strlen(why), (void *)why,
                                                MHD_RESPMEM_MUST_COPY);
  if (a->response)
    MHD_add_response_header(a->response, "Content-Type", "text/plain");
}

/* Asks the service until there is an answer, or nobody is there to have it. */
static void ask(frame *f) {
  char why[MESSAGE_SIZE];
  lua_CFunction body = f->place->is_admin ? run_admin : run_answer;
  answer_source source = source_of(f);
  do {
    uint64_t seen = notifier_count(source.notifier);
    if (!lua_service_run(f->place->source.service, body, f, why, sizeof why))
      answer_with_error(&f->answer, why);
    if (f->answer.deferred &&
        !answer_source_wait(&source, seen, f->answer.wait, GATHER))
      return;
    body = run_resume;
  } while (f->answer.deferred);
}

bool http_request_answer(http_request *x, const http_request_place *place,
                         struct MHD_Connection *connection) {
  frame f = {.request = x, .connection = connection, .place = place};
  ask(&f);
  if (f.answer.wait > 0 &&
      !stop_pipe_wait(place->source.stop, f.answer.wait, socket_of(connection)))
    http_response_end(&f.answer);
  if (!f.answer.response) return false;
  bool queued = MHD_queue_response(connection, f.answer.status,
                                   f.answer.response) == MHD_YES;
  http_response_end(&f.answer);
  return queued;
}

/* ---- the end ---- */

/* leave(id): it was never answered */
static int run_leave(lua_State *S) {
  frame *f = lua_touserdata(S, 1);
  lua_service_push_method(S, "leave");
  lua_pushinteger(S, f->request->id);
  lua_call(S, 2, 0);
  return 0;
}

void http_request_free(http_request *x, const http_request_place *place) {
  frame f = {.request = x};
  if (x->id != 0)
    lua_service_run(place->source.service, run_leave, &f, NULL, 0);
  if (x->parts) multipart_free(x->parts);
  free(x->target);
  free(x->body);
  free(x);
}
