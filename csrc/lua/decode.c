/* SPDX-License-Identifier: MIT
 *
 * lua_decode: what lua-cjson would lose is tagged in the text and put right in
 * the values (see decode.h). */
#include "lua/decode.h"

#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>

#include "json/read.h"
#include "json/text.h"
#include "lua/marks.h"

int lua_decode_tag(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  json_fault why;
  buffer *b;
  bool ok;
  lua_settop(L, 1);
  lua_marks_push(L);
  b = lua_marks_push_buffer(L, 2);
  ok = json_tag(text, len, b, &why);
  if (!ok && !why.what && !b->is_full) luaL_error(L, "not enough memory");
  if (!ok) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s at byte %I", why.what ? why.what : "too large",
                    (lua_Integer)why.at + 1);
  } else if (b->len == 0) {
    lua_pushboolean(L, true);
  } else {
    lua_pushlstring(L, b->data, b->len);
  }
  lua_marks_return_buffer(L, 2, 3);
  return ok ? 1 : 2;
}

/* A walk through decoded values. */
typedef struct {
  lua_State *L;
  int marks;        /* stack index of its lua_marks */
  bool is_infinite; /* some number is beyond the doubles */
} untagger;

/* Puts in place of the value on top of the stack what it stands for; true
 * when that is another value. */
static bool untag_value(untagger *s, int depth);

static void untag_table(untagger *s, int depth) {
  lua_State *L = s->L;
  int t = lua_gettop(L);
  if (depth > JSON_MAX_DEPTH) luaL_error(L, "nested deeper than 128 levels");
  luaL_checkstack(L, 8, NULL);
  lua_pushnil(L);
  while (lua_next(L, t)) {
    if (untag_value(s, depth + 1)) {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, t);
    } else {
      lua_pop(L, 1);
    }
  }
}

static bool untag_string(untagger *s) {
  lua_State *L = s->L;
  size_t len;
  const char *text = lua_tolstring(L, -1, &len);
  if (len < 2 || text[0] != '\xFF') return false;
  if (text[1] == 'i') {
    lua_stringtonumber(L, text + 2);
  } else {
    lua_newtable(L);
    lua_getiuservalue(L, s->marks, LUA_MARKS_LIST_MT);
    lua_setmetatable(L, -2);
  }
  lua_remove(L, -2);
  return true;
}

static bool untag_number(untagger *s) {
  lua_State *L = s->L;
  lua_Number n = lua_tonumber(L, -1);
  lua_Integer i;
  if (isinf(n)) s->is_infinite = true;
  if (lua_isinteger(L, -1) || (n == 0 && signbit(n)) ||
      !lua_numbertointeger(n, &i) || (lua_Number)i != n)
    return false;
  lua_pop(L, 1);
  lua_pushinteger(L, i);
  return true;
}

static bool untag_value(untagger *s, int depth) {
  switch (lua_type(s->L, -1)) {
    case LUA_TNUMBER:
      return untag_number(s);
    case LUA_TSTRING:
      return untag_string(s);
    case LUA_TTABLE:
      untag_table(s, depth);
      return false;
    default:
      return false;
  }
}

int lua_decode_untag(lua_State *L) {
  untagger s = {.L = L, .marks = 2};
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  lua_marks_push(L);
  lua_pushvalue(L, 1);
  untag_value(&s, 1);
  if (!s.is_infinite) return 1;
  lua_pushnil(L);
  lua_pushliteral(L, "a number is so large that no double holds it");
  return 2;
}
