/* SPDX-License-Identifier: MIT
 *
 * lua_members: ways to look at a table (see members.h). */
#include "lua/members.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PAIRS_MEMBERS = 1024 * 1024 }; /* that one __pairs may yield */

/* -- names in order -- */

typedef struct {
  const char *s;
  size_t len;
} name;

static int compare_names(const void *a, const void *b) {
  const name *x = a, *y = b;
  size_t n = x->len < y->len ? x->len : y->len;
  int order = memcmp(x->s, y->s, n);
  return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

void lua_members_push_names(lua_State *L, int t) {
  lua_Integer n = 0;
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, t)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, ++n);
  }
}

void lua_members_sort_names(lua_State *L) {
  int names = lua_gettop(L);
  size_t n = lua_rawlen(L, names);
  name *sorted = lua_newuserdatauv(L, n * sizeof *sorted, 0);
  for (size_t i = 0; i < n; i++) {
    if (lua_rawgeti(L, names, (lua_Integer)i + 1) != LUA_TSTRING) {
      lua_settop(L, names);
      return;
    }
    sorted[i].s = lua_tolstring(L, -1, &sorted[i].len);
    lua_pop(L, 1);
  }
  qsort(sorted, n, sizeof *sorted, compare_names);
  lua_createtable(L, n < 1024 ? (int)n : 1024, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushlstring(L, sorted[i].s, sorted[i].len);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_replace(L, names);
  lua_settop(L, names);
}

/* -- what __pairs shows -- */

/* Takes the name and the value on top of the stack: `shown` gets both,
 * `names` the name when it is new. [-2, +0], and +1 with a message */
static const char *take_member(lua_State *L, int shown, int names) {
  int is_integral;
  lua_pushvalue(L, -2);
  lua_tointegerx(L, -1, &is_integral);
  if (lua_type(L, -1) != LUA_TSTRING && !is_integral)
    return "the name of a member is not a string";
  if (lua_rawget(L, shown) == LUA_TNIL && !lua_isnil(L, -2)) {
    lua_pushvalue(L, -3);
    lua_rawseti(L, names, (lua_Integer)lua_rawlen(L, names) + 1);
  }
  lua_pop(L, 1);
  lua_rawset(L, shown);
  return NULL;
}

const char *lua_members_copy_shown(lua_State *L) {
  int shown = lua_gettop(L) - 1, names = shown + 1, next = shown + 2;
  const char *message;
  lua_call(L, 1, 3);
  lua_newtable(L);
  lua_insert(L, shown);
  lua_newtable(L);
  lua_insert(L, names);
  for (int i = 0; i < MAX_PAIRS_MEMBERS; i++) {
    lua_pushvalue(L, next);
    lua_pushvalue(L, next + 1);
    lua_pushvalue(L, next + 2);
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2)) {
      lua_settop(L, names);
      return NULL;
    }
    lua_pushvalue(L, -2);
    lua_replace(L, next + 2);
    message = take_member(L, shown, names);
    if (message) return message;
  }
  lua_pushnil(L);
  return "__pairs yields more than 1048576 members";
}
