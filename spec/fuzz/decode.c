/* SPDX-License-Identifier: MIT
 *
 * Fuzz target of the way from JSON text to Lua values and back; the first byte
 * of the input says which allocation fails. */
#include "lua/decode.h"

#include <lauxlib.h>

#include "drive.h"
#include "lua/bytes.h"
#include "lua/marshal.h"

static long allocations_left = -1; /* until one fails; below 0: none does */

static void *allocate(void *ud, void *p, size_t old_size, size_t size) {
  (void)ud;
  if (size == 0) {
    free(p);
    return NULL;
  }
  if ((!p || size > old_size) && allocations_left >= 0 &&
      allocations_left-- == 0)
    return NULL;
  return realloc(p, size);
}

/* Puts in place of the argument on top of the stack what `f` returns first. */
static void call(lua_State *L, lua_CFunction f, bool flag) {
  int top = lua_gettop(L);
  lua_pushcfunction(L, f);
  lua_insert(L, top);
  if (flag) lua_pushboolean(L, true);
  PROMISE(lua_pcall(L, flag ? 2 : 1, LUA_MULTRET, 0) == LUA_OK);
  PROMISE(lua_gettop(L) >= top);
  lua_settop(L, top);
}

/* Pushes the text that `text` reads as; nil when it is no JSON. */
static void read_and_write(lua_State *L, const char *text, size_t len,
                           bool is_answer) {
  lua_settop(L, 0);
  lua_pushlstring(L, text, len);
  call(L, lua_decode_text, is_answer);
  if (is_answer) call(L, lua_decode_without_nulls, false);
  if (!lua_isnil(L, -1)) call(L, lua_marshal_text, false);
}

/* What is written is JSON that reads as the same. */
static void check(lua_State *L, const char *text, size_t len, bool is_answer) {
  char *first;
  size_t n;
  read_and_write(L, text, len, is_answer);
  if (lua_isnil(L, -1)) return;
  PROMISE(lua_type(L, -1) == LUA_TSTRING);
  lua_tolstring(L, -1, &n);
  first = malloc(n + 1);
  PROMISE(first != NULL);
  memcpy(first, lua_tostring(L, -1), n);
  read_and_write(L, first, n, false);
  PROMISE(lua_rawlen(L, -1) == n); /* members may change their order */
  free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  lua_State *L = lua_newstate(allocate, NULL);
  const char *text = (const char *)data + 1;
  PROMISE(L != NULL);
  lua_bytes_register(L);
  if (len > 0) {
    check(L, text, len - 1, false);
    check(L, text, len - 1, true);
    lua_settop(L, 0);
    lua_gc(L, LUA_GCCOLLECT);
    lua_pushcfunction(L, lua_decode_text);
    lua_pushlstring(L, text, len - 1);
    allocations_left = data[0] % 64;
    lua_pcall(L, 1, LUA_MULTRET, 0);
    allocations_left = -1;
  }
  lua_close(L);
  return 0;
}
