/* SPDX-License-Identifier: MIT
 *
 * lua_scan: walks a table (see lua_scan.h). Nothing of Lua's is called on the
 * way, so nothing can change meanwhile. */
#include "lua_scan.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

enum { MAX_DEPTH = 64, SLOTS = 4 };

typedef struct census {
  const char *text; /* that no string may contain */
  size_t len;
  lua_Integer members; /* counted so far */
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

static bool is_disguised(lua_State *L, int t) {
  return luaL_getmetafield(L, t, "__pairs") != LUA_TNIL ||
         luaL_getmetafield(L, t, "__index") != LUA_TNIL;
}

static bool count_below(lua_State *L, census *c, int depth);

/* The member whose value is on top. */
static bool count_member(lua_State *L, census *c, int depth) {
  size_t len;
  const char *s;
  c->members++;
  switch (lua_type(L, -1)) {
    case LUA_TSTRING:
      s = lua_tolstring(L, -1, &len);
      return !holds_text(c, s, len);
    case LUA_TTABLE:
      return count_below(L, c, depth + 1);
    default:
      return true;
  }
}

/* The table on top stays there; false leaves more. */
static bool count_below(lua_State *L, census *c, int depth) {
  int t = lua_gettop(L);
  if (depth > MAX_DEPTH || !lua_checkstack(L, SLOTS) || is_disguised(L, t))
    return false;
  lua_pushnil(L);
  while (lua_next(L, t)) {
    if (!count_member(L, c, depth)) return false;
    lua_pop(L, 1);
  }
  return true;
}

int lua_scan_census(lua_State *L) {
  census c = {0};
  luaL_checktype(L, 1, LUA_TTABLE);
  c.text = luaL_checklstring(L, 2, &c.len);
  luaL_argcheck(L, c.len > 0, 2, "empty");
  lua_pushvalue(L, 1);
  if (!count_below(L, &c, 0)) return 0;
  lua_pushinteger(L, c.members);
  return 1;
}
