/* SPDX-License-Identifier: MIT
 *
 * lua_scan: walks a table (see lua_scan.h). Nothing of Lua's is called on the
 * way, so nothing can change meanwhile. */
#include "lua_scan.h"

#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "json.h"

enum {
  MAX_DEPTH = 64,
  MAX_MEMBERS = 1024 * 1024, /* what tables that hold each other may pretend */
  SLOTS = 5
};

typedef struct census {
  const char *text; /* that no string may contain */
  size_t len;
  lua_Integer members; /* counted so far */
  int sealed;          /* where the table of names is, or 0 */
} census;

static bool holds_text(const census *c, const char *s, size_t len) {
  const char *end = s + len;
  while ((size_t)(end - s) >= c->len) {
    s = memchr(s, c->text[0], (size_t)(end - s) - c->len + 1);
    if (!s) return false;
    if (!memcmp(s, c->text, c->len)) return true;
    s++;
  }
  return false;
}

static bool is_utf8(const char *s, size_t len) {
  size_t i = 0, n;
  uint64_t eight;
  for (; len - i >= sizeof eight; i += sizeof eight) { /* ASCII mostly */
    memcpy(&eight, s + i, sizeof eight);
    if (eight & UINT64_C(0x8080808080808080)) break;
  }
  while (i < len) {
    n = (unsigned char)s[i] < 0x80 ? 1 : json_utf8(s + i, len - i);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

/* A table with a metatable that may do more than mark it as a list or an
 * object, which holds its name alone. */
static bool is_disguised(lua_State *L, int t) {
  if (!lua_getmetatable(L, t)) return false;
  int meta = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, meta)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING || strcmp(lua_tostring(L, -1), "__name"))
      return true;
  }
  lua_settop(L, meta - 1);
  return false;
}

static bool count_below(lua_State *L, census *c, int depth);

/* Is the key below the top one whose table's members do not count? */
static bool is_sealed(lua_State *L, const census *c) {
  bool found;
  if (!c->sealed || lua_type(L, -2) != LUA_TSTRING) return false;
  lua_pushvalue(L, -2);
  found = lua_rawget(L, c->sealed) != LUA_TNIL;
  lua_pop(L, 1);
  return found;
}

/* The table on top, a member. */
static bool count_table(lua_State *L, census *c, int depth) {
  lua_Integer before = c->members;
  bool sealed = is_sealed(L, c);
  if (!count_below(L, c, depth + 1)) return false;
  if (sealed) c->members = before;
  return true;
}

/* The value on top. */
static bool count_value(lua_State *L, census *c, int depth) {
  size_t len;
  const char *s;
  switch (lua_type(L, -1)) {
    case LUA_TSTRING:
      s = lua_tolstring(L, -1, &len);
      return is_utf8(s, len) && !holds_text(c, s, len);
    case LUA_TNUMBER:
      return lua_isinteger(L, -1) || isfinite(lua_tonumber(L, -1));
    case LUA_TBOOLEAN:
      return true;
    case LUA_TLIGHTUSERDATA: /* null */
      return lua_touserdata(L, -1) == NULL;
    case LUA_TTABLE:
      return count_table(L, c, depth);
    default:
      return false;
  }
}

/* The key below the top, of a table whose list has `length` items. */
static bool is_place(lua_State *L, lua_Unsigned length) {
  lua_Integer i = lua_tointeger(L, -2);
  return i >= 1 && (lua_Unsigned)i <= length;
}

static bool is_name(lua_State *L) {
  size_t len;
  const char *s;
  if (lua_type(L, -2) != LUA_TSTRING) return false;
  s = lua_tolstring(L, -2, &len);
  return is_utf8(s, len);
}

/* The table on top stays there; false leaves more. */
static bool count_below(lua_State *L, census *c, int depth) {
  int t = lua_gettop(L);
  lua_Unsigned names = 0, items = 0, length = lua_rawlen(L, t);
  if (depth > MAX_DEPTH || c->members > MAX_MEMBERS ||
      !lua_checkstack(L, SLOTS) || is_disguised(L, t))
    return false;
  lua_pushnil(L);
  while (lua_next(L, t)) {
    if (lua_isinteger(L, -2) && is_place(L, length))
      items++;
    else if (is_name(L))
      names++;
    else
      return false;
    c->members++;
    if (!count_value(L, c, depth)) return false;
    lua_pop(L, 1);
  }
  return items == 0 || (names == 0 && items == length);
}

int lua_scan_census(lua_State *L) {
  census c = {0};
  luaL_checktype(L, 1, LUA_TTABLE);
  c.text = luaL_checklstring(L, 2, &c.len);
  luaL_argcheck(L, c.len > 0, 2, "empty");
  if (lua_istable(L, 3)) c.sealed = 3;
  lua_pushvalue(L, 1);
  if (!count_below(L, &c, 0)) return 0;
  lua_pushinteger(L, c.members);
  return 1;
}
