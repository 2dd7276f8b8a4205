/* SPDX-License-Identifier: MIT
 *
 * luaopen_aistudios_batch_sqlite: SQLite for the batch. Bound parameters,
 * results read whole, and the number of each error, nothing else. Debian's
 * LuaDBI 0.7.2 would be less code, but carries integers as doubles, ends texts
 * at a NUL, and tells errors apart by their wording only. */
#include <lauxlib.h>
#include <lua.h>
#include <sqlite3.h>
#include <stdbool.h>

#define TYPE "aistudios.batch.sqlite"
#define BUSY_TIMEOUT 20000 /* ms to wait for another process's transaction */

typedef struct {
  sqlite3 *db; /* NULL once it is closed */
} box;

static sqlite3 *check_open(lua_State *L) {
  box *b = luaL_checkudata(L, 1, TYPE);
  if (!b->db) luaL_error(L, "this database is closed");
  return b->db;
}

/* nil, message, extended error number [-0, +3] */
static int push_error(lua_State *L, sqlite3 *db) {
  lua_pushnil(L);
  lua_pushstring(L, db ? sqlite3_errmsg(db) : "not enough memory");
  lua_pushinteger(L, db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM);
  return 3;
}

/* Binds the argument at `index` as parameter `place`. The text stays on the
 * Lua stack until the statement is done. Raises for other types. */
static int bind(lua_State *L, sqlite3_stmt *statement, int place, int index) {
  size_t size;
  const char *text;
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      return sqlite3_bind_null(statement, place);
    case LUA_TBOOLEAN:
      return sqlite3_bind_int(statement, place, lua_toboolean(L, index));
    case LUA_TNUMBER:
      if (lua_isinteger(L, index))
        return sqlite3_bind_int64(statement, place, lua_tointeger(L, index));
      return sqlite3_bind_double(statement, place, lua_tonumber(L, index));
    default:
      text = lua_tolstring(L, index, &size);
      return sqlite3_bind_text64(statement, place, text, size, SQLITE_STATIC,
                                 SQLITE_UTF8);
  }
}

static void push_value(lua_State *L, sqlite3_stmt *statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      lua_pushnil(L);
      break;
    case SQLITE_INTEGER:
      lua_pushinteger(L, sqlite3_column_int64(statement, column));
      break;
    case SQLITE_FLOAT:
      lua_pushnumber(L, sqlite3_column_double(statement, column));
      break;
    default: {
      const void *bytes = sqlite3_column_blob(statement, column);
      int size = sqlite3_column_bytes(statement, column);
      lua_pushlstring(L, bytes ? bytes : "", (size_t)size);
    }
  }
}

/* The row that the statement is at, as a table by column name [-0, +1]. */
static void push_row(lua_State *L, sqlite3_stmt *statement) {
  int count = sqlite3_column_count(statement);
  lua_createtable(L, 0, count);
  for (int i = 0; i < count; i++) {
    push_value(L, statement, i);
    lua_setfield(L, -2, sqlite3_column_name(statement, i));
  }
}

/* A statement in a box of its own: an error on the way leaks nothing. */
typedef struct {
  sqlite3_stmt *statement;
} statement_box;

#define STATEMENT_TYPE "aistudios.batch.sqlite.statement"

static int statement_end(lua_State *L) {
  statement_box *b = luaL_checkudata(L, 1, STATEMENT_TYPE);
  sqlite3_finalize(b->statement);
  b->statement = NULL;
  return 0;
}

/* The prepared statement for the text at index 2. It is kept, by its text, in
 * the user value of the database. [-0, +1]; NULL, and nothing pushed, after an
 * error. */
static sqlite3_stmt *prepare(lua_State *L, sqlite3 *db) {
  size_t size;
  const char *sql = luaL_checklstring(L, 2, &size);
  lua_getiuservalue(L, 1, 1);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, -2) == LUA_TUSERDATA) {
    lua_remove(L, -2);
    return ((statement_box *)lua_touserdata(L, -1))->statement;
  }
  lua_pop(L, 1);
  statement_box *b = lua_newuserdatauv(L, sizeof *b, 0);
  b->statement = NULL;
  luaL_setmetatable(L, STATEMENT_TYPE);
  if (sqlite3_prepare_v3(db, sql, (int)size + 1, SQLITE_PREPARE_PERSISTENT,
                         &b->statement, NULL) != SQLITE_OK) {
    lua_pop(L, 2);
    return NULL;
  }
  lua_pushvalue(L, 2);
  lua_pushvalue(L, -2);
  lua_rawset(L, -4);
  lua_remove(L, -2);
  return b->statement;
}

static void check_values(lua_State *L, int last) {
  for (int i = 3; i <= last; i++) {
    int type = lua_type(L, i);
    luaL_argexpected(L,
                     type == LUA_TNIL || type == LUA_TBOOLEAN ||
                         type == LUA_TNUMBER || type == LUA_TSTRING,
                     i, "nil, boolean, number or string");
  }
}

/* db:run(sql, ...) -> rows, changes | nil, message, code
 *
 * Runs one statement; ?1, ?2 ... are the values. All rows are read before it
 * returns. */
static int db_run(lua_State *L) {
  sqlite3 *db = check_open(L);
  int last = lua_gettop(L), status = SQLITE_OK;
  check_values(L, last);
  luaL_checkstack(L, 8, "too many values");
  sqlite3_stmt *statement = prepare(L, db);
  if (!statement) return push_error(L, db);
  sqlite3_reset(statement); /* an error of memory may have left it running */
  luaL_argcheck(L, sqlite3_bind_parameter_count(statement) == last - 2, 2,
                "another number of values is expected");
  for (int i = 3; i <= last && status == SQLITE_OK; i++)
    status = bind(L, statement, i - 2, i);
  lua_newtable(L);
  int before = sqlite3_total_changes(db);
  for (lua_Integer n = 1; status == SQLITE_OK || status == SQLITE_ROW; n++) {
    status = sqlite3_step(statement);
    if (status != SQLITE_ROW) break;
    push_row(L, statement);
    lua_rawseti(L, -2, n);
  }
  if (status != SQLITE_DONE) {
    int pushed = push_error(L, db);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return pushed;
  }
  lua_pushinteger(
      L, sqlite3_total_changes(db) == before ? 0 : sqlite3_changes(db));
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return 2;
}

/* db:script(sql) -> true | nil, message, code */
static int db_script(lua_State *L) {
  sqlite3 *db = check_open(L);
  if (sqlite3_exec(db, luaL_checkstring(L, 2), NULL, NULL, NULL) != SQLITE_OK)
    return push_error(L, db);
  lua_pushboolean(L, true);
  return 1;
}

/* db:close(): idempotent. Ends the statements that are kept first. */
static int db_close(lua_State *L) {
  box *b = luaL_checkudata(L, 1, TYPE);
  if (lua_getiuservalue(L, 1, 1) == LUA_TTABLE) {
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
      statement_box *kept = lua_touserdata(L, -1);
      sqlite3_finalize(kept->statement);
      kept->statement = NULL;
    }
  }
  sqlite3_close_v2(b->db);
  b->db = NULL;
  return 0;
}

/* open(path) -> db | nil, message, code */
static int sqlite_open(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  box *b = lua_newuserdatauv(L, sizeof *b, 1);
  b->db = NULL;
  luaL_setmetatable(L, TYPE);
  lua_newtable(L);
  lua_setiuservalue(L, -2, 1);
  int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  if (sqlite3_open_v2(path, &b->db, flags, NULL) != SQLITE_OK)
    return push_error(L, b->db);
  sqlite3_busy_timeout(b->db, BUSY_TIMEOUT);
  return 1;
}

static const luaL_Reg methods[] = {{"run", db_run},     {"script", db_script},
                                   {"close", db_close}, {"__close", db_close},
                                   {"__gc", db_close},  {NULL, NULL}};

__attribute__((visibility("default"))) int luaopen_aistudios_batch_sqlite(
    lua_State *L);

int luaopen_aistudios_batch_sqlite(lua_State *L) {
  static const luaL_Reg functions[] = {{"open", sqlite_open}, {NULL, NULL}};
  if (luaL_newmetatable(L, TYPE)) {
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
  }
  if (luaL_newmetatable(L, STATEMENT_TYPE)) {
    lua_pushcfunction(L, statement_end);
    lua_setfield(L, -2, "__gc");
  }
  luaL_newlib(L, functions);
  return 1;
}
