/* SPDX-License-Identifier: MIT
 *
 * digest: two 64-bit lanes of a mixer. The lanes of a table are the sums over
 * its members, so their order does not matter. */
#include "sandbox/digest.h"

#include <lauxlib.h>
#include <stdint.h>
#include <string.h>

#define MAX_DEPTH 250

typedef struct {
  uint64_t a, b;
} lanes;

/* One round of a 64-bit mixer (xor, multiply, shift). */
static uint64_t mix(uint64_t h, uint64_t word) {
  h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
  return h ^ (h >> 29);
}

static lanes mix_both(lanes h, uint64_t word) {
  h.a = mix(h.a, word);
  h.b = mix(h.b + (h.a << 1), ~word);
  return h;
}

uint64_t digest_bytes(uint64_t h, const char *bytes, size_t len) {
  for (size_t i = 0; i < len; i++) h = mix(h, (unsigned char)bytes[i]);
  return h;
}

static lanes of_text(const char *text, size_t len) {
  lanes h = {digest_bytes(len, text, len), digest_bytes(~len, text, len)};
  return mix_both(h, 's');
}

static lanes of_number(double number) {
  uint64_t word;
  if (number == 0) number = 0; /* no -0 */
  memcpy(&word, &number, sizeof word);
  return mix_both((lanes){0, 0}, word);
}

static lanes of_value(lua_State *S, int depth);

/* The table is on top of the stack. [-0, +0] */
static lanes of_table(lua_State *S, int depth) {
  lanes sum = {0, 0};
  if (depth >= MAX_DEPTH) luaL_error(S, "a table is nested too deeply");
  luaL_checkstack(S, 3, NULL);
  for (lua_pushnil(S); lua_next(S, -2); lua_pop(S, 1)) {
    if (lua_islightuserdata(S, -1)) continue; /* null */
    lanes value = of_value(S, depth + 1);
    lua_pushvalue(S, -2);
    lanes key = of_value(S, depth + 1);
    lua_pop(S, 1);
    lanes member = mix_both(mix_both(key, value.a), value.b);
    sum.a += member.a;
    sum.b += member.b;
  }
  return mix_both(sum, 't');
}

/* Of the value on top of the stack. [-0, +0] */
static lanes of_value(lua_State *S, int depth) {
  size_t len;
  const char *text;
  switch (lua_type(S, -1)) {
    case LUA_TNUMBER:
      return of_number(lua_tonumber(S, -1));
    case LUA_TSTRING:
      text = lua_tolstring(S, -1, &len);
      return of_text(text, len);
    case LUA_TTABLE:
      return of_table(S, depth);
    default: /* a boolean */
      return mix_both((lanes){1, 2}, (uint64_t)lua_toboolean(S, -1));
  }
}

int digest_value(lua_State *S) {
  luaL_checkany(S, 1);
  lua_settop(S, 1);
  lanes h = of_value(S, 0);
  h.a = mix(h.a, h.b);
  lua_pushlstring(S, (const char *)&h, sizeof h);
  return 1;
}
