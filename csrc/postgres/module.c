/* SPDX-License-Identifier: MIT
 *
 * luaopen_aistudios_batch_postgres: PostgreSQL for the batch. Bound
 * parameters, results read whole, and the SQLSTATE of each error, nothing
 * else. Debian's LuaDBI 0.7.2 would be less code, but cuts integers to 32
 * bits and tells errors apart by their wording only, which is translated. */
#include <lauxlib.h>
#include <libpq-fe.h>
#include <lua.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define TYPE "aistudios.batch.postgres"
#define MOST_VALUES 40
#define ANSWER_TIMEOUT 30 /* s for one statement */

/* From PostgreSQL's catalogue, where they never change. */
enum { BOOL = 16, INT8 = 20, INT2 = 21, INT4 = 23, FLOAT4 = 700, FLOAT8 = 701 };

typedef struct {
  PGconn *connection; /* NULL once it is closed */
} box;

/* A result in a box of its own: an error on the way leaks nothing. */
typedef struct {
  PGresult *result;
} result_box;

#define RESULT_TYPE "aistudios.batch.postgres.result"

static int result_end(lua_State *L) {
  result_box *b = luaL_checkudata(L, 1, RESULT_TYPE);
  PQclear(b->result);
  b->result = NULL;
  return 0;
}

static PGconn *check_open(lua_State *L) {
  box *b = luaL_checkudata(L, 1, TYPE);
  if (!b->connection) luaL_error(L, "this database is closed");
  return b->connection;
}

/* nil, message, SQLSTATE or "" when the server did not give one [-0, +3] */
static int push_error(lua_State *L, PGconn *connection, PGresult *result) {
  const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : 0;
  const char *message = state ? PQresultErrorField(result,  //
                                                   PG_DIAG_MESSAGE_PRIMARY)
                              : PQerrorMessage(connection);
  lua_pushnil(L);
  lua_pushstring(L, message ? message : "no answer");
  lua_pushstring(L, state ? state : "");
  return 3;
}

/* Values as libpq takes them; the texts stay on the Lua stack. */
typedef struct {
  Oid types[MOST_VALUES];
  const char *values[MOST_VALUES];
  int sizes[MOST_VALUES], formats[MOST_VALUES];
  char space[MOST_VALUES][8]; /* of numbers and booleans, in network order */
} values;

static void put_number(values *v, int i, Oid type, uint64_t bits) {
  for (int byte = 0; byte < 8; byte++)
    v->space[i][byte] = (char)(bits >> (56 - 8 * byte));
  v->types[i] = type;
  v->values[i] = v->space[i];
  v->sizes[i] = 8;
  v->formats[i] = 1;
}

/* Puts the argument at `index` in place `i`. Raises for other types, and for a
 * text with a NUL, which PostgreSQL has no form for. */
static void put_value(lua_State *L, values *v, int i, int index) {
  v->types[i] = 0;
  v->values[i] = NULL;
  v->sizes[i] = v->formats[i] = 0;
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      return;
    case LUA_TBOOLEAN:
      v->types[i] = BOOL;
      v->values[i] = lua_toboolean(L, index) ? "t" : "f";
      return;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        put_number(v, i, INT8, (uint64_t)lua_tointeger(L, index));
      } else {
        double number = lua_tonumber(L, index);
        uint64_t bits;
        memcpy(&bits, &number, sizeof bits);
        put_number(v, i, FLOAT8, bits);
      }
      return;
    case LUA_TSTRING: {
      size_t size;
      v->values[i] = lua_tolstring(L, index, &size);
      luaL_argcheck(L, !memchr(v->values[i], 0, size), index,
                    "a text without NUL is expected");
      return;
    }
    default:
      luaL_argexpected(L, false, index, "nil, boolean, number or string");
  }
}

static void push_value(lua_State *L, PGresult *result, int row, int column) {
  const char *text = PQgetvalue(result, row, column);
  if (PQgetisnull(result, row, column)) {
    lua_pushnil(L);
    return;
  }
  switch (PQftype(result, column)) {
    case BOOL:
      lua_pushboolean(L, text[0] == 't');
      return;
    case INT8:
    case INT2:
    case INT4:
    case FLOAT4:
    case FLOAT8:
      if (lua_stringtonumber(L, text)) return;
  }
  lua_pushlstring(L, text, (size_t)PQgetlength(result, row, column));
}

static void push_rows(lua_State *L, PGresult *result) {
  int rows = PQntuples(result), columns = PQnfields(result);
  lua_createtable(L, rows, 0);
  for (int row = 0; row < rows; row++) {
    lua_createtable(L, 0, columns);
    for (int column = 0; column < columns; column++) {
      push_value(L, result, row, column);
      lua_setfield(L, -2, PQfname(result, column));
    }
    lua_rawseti(L, -2, row + 1);
  }
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Waits until the answer is there; false when the connection is lost or the
 * time is over. */
static bool wait_for_answer(PGconn *connection) {
  double deadline = now() + ANSWER_TIMEOUT;
  while (PQflush(connection) == 1 || PQisBusy(connection)) {
    double left = deadline - now();
    struct pollfd watched = {.fd = PQsocket(connection), .events = POLLIN};
    if (PQflush(connection) == 1) watched.events |= POLLOUT;
    if (left <= 0 || watched.fd < 0) return false;
    poll(&watched, 1, (int)(left * 1000) + 1);
    if (!PQconsumeInput(connection)) return false;
  }
  return PQstatus(connection) == CONNECTION_OK;
}

/* The answer to what was sent, in a new box [-0, +1]: its last result, which an
 * error always is. NULL when none came; the connection is of no use any more
 * then. */
static PGresult *receive(lua_State *L, PGconn *connection) {
  result_box *b = lua_newuserdatauv(L, sizeof *b, 0);
  b->result = NULL;
  luaL_setmetatable(L, RESULT_TYPE);
  while (wait_for_answer(connection)) {
    PGresult *next = PQgetResult(connection);
    if (!next) return b->result;
    PQclear(b->result);
    b->result = next;
  }
  PQclear(b->result);
  b->result = NULL;
  return NULL;
}

/* Ends a connection whose state is not known. */
static int lose(lua_State *L) {
  box *b = lua_touserdata(L, 1);
  int pushed = push_error(L, b->connection, NULL);
  PQfinish(b->connection);
  b->connection = NULL;
  return pushed;
}

/* What `result` says. After a statement that brings no rows they are empty. */
static int push_result(lua_State *L, PGconn *connection, PGresult *result) {
  ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    return push_error(L, connection, result);
  push_rows(L, result);
  if (!lua_stringtonumber(L, PQcmdTuples(result))) lua_pushinteger(L, 0);
  return 2;
}

/* db:run(sql, ...) -> rows, changes | nil, message, SQLSTATE
 *
 * Runs one statement; $1, $2 ... are the values. All rows are read before it
 * returns. Without a SQLSTATE the connection is lost and the database closed;
 * whether the statement was carried out is unknown then. */
static int db_run(lua_State *L) {
  PGconn *connection = check_open(L);
  const char *sql = luaL_checkstring(L, 2);
  int count = lua_gettop(L) - 2;
  values v;
  luaL_argcheck(L, count <= MOST_VALUES, 2, "too many values");
  for (int i = 0; i < count; i++) put_value(L, &v, i, i + 3);
  if (!PQsendQueryParams(connection, sql, count, v.types, v.values, v.sizes,
                         v.formats, 0))
    return lose(L);
  PGresult *result = receive(L, connection);
  if (!result) return lose(L);
  return push_result(L, connection, result);
}

/* Reads the statement at `index`, a list { n = count, sql, values... }, whose
 * texts it keeps; its values go to `v` [-0, +0]. Raises for a value of another
 * type. */
static const char *read_statement(lua_State *L, int index, values *v,
                                  int *count) {
  luaL_checktype(L, index, LUA_TTABLE);
  lua_getfield(L, index, "n");
  *count = (int)luaL_checkinteger(L, -1) - 1;
  luaL_argcheck(L, *count >= 0 && *count <= MOST_VALUES, 2, "too many values");
  for (int i = 0; i < *count; i++) {
    lua_rawgeti(L, index, i + 2);
    put_value(L, v, i, lua_gettop(L));
    lua_pop(L, 1);
  }
  lua_rawgeti(L, index, 1);
  const char *sql = luaL_checkstring(L, -1);
  lua_pop(L, 2);
  return sql;
}

/* Sends the statements of the list at 2 and one mark of their end; false when
 * the connection is lost. Raises before the first is sent, or not at all. */
static bool send_all(lua_State *L, PGconn *connection, int count) {
  values v;
  int size = 0;
  for (int is_checked = 0; is_checked < 2; is_checked++) {
    if (is_checked && !PQenterPipelineMode(connection)) return false;
    for (int i = 1; i <= count; i++) {
      lua_rawgeti(L, 2, i);
      const char *sql = read_statement(L, lua_gettop(L), &v, &size);
      if (is_checked && !PQsendQueryParams(connection, sql, size, v.types,
                                           v.values, v.sizes, v.formats, 0))
        return false;
      lua_pop(L, 1);
    }
  }
  return PQpipelineSync(connection) == 1;
}

/* Reads the results of what send_all has sent, up to the mark. [-0, +2] or,
 * after an error of a statement, [-0, +3]; 0 when the connection is lost. */
static int receive_all(lua_State *L, PGconn *connection) {
  int top = lua_gettop(L), done = 0, failed = 0;
  lua_newtable(L);
  lua_newtable(L);
  while (wait_for_answer(connection)) {
    result_box *b = lua_newuserdatauv(L, sizeof *b, 0);
    b->result = NULL;
    luaL_setmetatable(L, RESULT_TYPE);
    b->result = PQgetResult(connection);
    ExecStatusType status = PQresultStatus(b->result);
    if (b->result && status == PGRES_PIPELINE_SYNC) {
      lua_settop(L, top + 2 + failed);
      return PQexitPipelineMode(connection) ? failed ? failed : 2 : 0;
    }
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      push_result(L, connection, b->result);
      lua_rawseti(L, top + 2, ++done);
      lua_rawseti(L, top + 1, done);
    } else if (b->result && status != PGRES_PIPELINE_ABORTED && !failed) {
      failed = push_error(L, connection, b->result);
      lua_remove(L, top + 3); /* the box, below the error */
      continue;
    }
    lua_settop(L, top + 2 + failed);
  }
  return 0;
}

/* db:run_all(list) -> rows, changes; a list of each | nil, message, SQLSTATE
 *
 * Runs statements, each { n = 1 + count of values, sql, values... }, one after
 * the other with one wait for all answers. After one that fails the others are
 * not run. Outside of a transaction they are one. Without a SQLSTATE, see
 * db:run. */
static int db_run_all(lua_State *L) {
  PGconn *connection = check_open(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checkstack(L, 20, NULL);
  if (!send_all(L, connection, (int)luaL_len(L, 2))) return lose(L);
  int pushed = receive_all(L, connection);
  return pushed ? pushed : lose(L);
}

/* db:script(sql) -> true | nil, message, SQLSTATE; several statements */
static int db_script(lua_State *L) {
  PGconn *connection = check_open(L);
  if (!PQsendQuery(connection, luaL_checkstring(L, 2))) return lose(L);
  PGresult *result = receive(L, connection);
  if (!result) return lose(L);
  int pushed = push_result(L, connection, result);
  if (pushed == 3) return pushed;
  lua_pushboolean(L, true);
  return 1;
}

/* db:close(): idempotent */
static int db_close(lua_State *L) {
  box *b = luaL_checkudata(L, 1, TYPE);
  if (b->connection) PQfinish(b->connection);
  b->connection = NULL;
  return 0;
}

static void ignore_notice(void *context, const PGresult *result) {
  (void)context;
  (void)result;
}

/* open(address) -> db | nil, message, ""
 *
 * The address is libpq's: postgresql://... or key=value. The password is in
 * no message. */
static int postgres_open(lua_State *L) {
  static const char *const names[] = {
      "dbname",          "connect_timeout",           "client_encoding",
      "keepalives_idle", "fallback_application_name", NULL};
  const char *given[] = {luaL_checkstring(L, 1), "10", "UTF8", "10",
                         "aistudios batch",      NULL};
  box *b = lua_newuserdatauv(L, sizeof *b, 0);
  b->connection = NULL;
  luaL_setmetatable(L, TYPE);
  b->connection = PQconnectdbParams(names, given, 1);
  if (PQstatus(b->connection) != CONNECTION_OK)
    return push_error(L, b->connection, NULL);
  PQsetNoticeReceiver(b->connection, ignore_notice, NULL);
  PQsetnonblocking(b->connection, 1);
  return 1;
}

static const luaL_Reg methods[] = {
    {"run", db_run},     {"run_all", db_run_all}, {"script", db_script},
    {"close", db_close}, {"__close", db_close},   {"__gc", db_close},
    {NULL, NULL}};

__attribute__((visibility("default"))) int luaopen_aistudios_batch_postgres(
    lua_State *L);

int luaopen_aistudios_batch_postgres(lua_State *L) {
  static const luaL_Reg functions[] = {{"open", postgres_open}, {NULL, NULL}};
  if (luaL_newmetatable(L, TYPE)) {
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
  }
  if (luaL_newmetatable(L, RESULT_TYPE)) {
    lua_pushcfunction(L, result_end);
    lua_setfield(L, -2, "__gc");
  }
  luaL_newlib(L, functions);
  return 1;
}
