/* SPDX-License-Identifier: MIT
 *
 * natives: clocks, randomness and a digest for the service. */
#include "sandbox/lua_functions.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>

#define MAX_RANDOM 64

static double seconds_of(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double natives_now(void) {
  return seconds_of(CLOCK_MONOTONIC);
}

/* now() -> seconds, monotonic */
static int native_now(lua_State *S) {
  lua_pushnumber(S, natives_now());
  return 1;
}

/* wall() -> seconds since 1970, with a fraction */
static int native_wall(lua_State *S) {
  lua_pushnumber(S, seconds_of(CLOCK_REALTIME));
  return 1;
}

/* random(n) -> 2n hexadecimal digits; n is 1 to 64 */
static int native_random(lua_State *S) {
  static const char digits[] = "0123456789abcdef";
  lua_Integer n = luaL_checkinteger(S, 1);
  luaL_argcheck(S, n > 0 && n <= MAX_RANDOM, 1, "out of range");
  unsigned char bytes[MAX_RANDOM];
  char text[2 * MAX_RANDOM];
  ssize_t got;
  do {
    got = getrandom(bytes, (size_t)n, 0);
  } while (got < 0 && errno == EINTR);
  if (got != (ssize_t)n) return luaL_error(S, "no randomness to be had");
  for (lua_Integer i = 0; i < n; i++) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  lua_pushlstring(S, text, (size_t)(2 * n));
  return 1;
}

/* One round of a 64-bit mixer (xor, multiply, shift). */
static uint64_t mix(uint64_t h, uint64_t word) {
  h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
  return h ^ (h >> 29);
}

/* digest(text) -> 16 bytes that differ for texts that differ, by all odds.
 * Not for secrets: it only spares keeping every body that was ever sent. */
static int native_digest(lua_State *S) {
  size_t len;
  const unsigned char *p = (const void *)luaL_checklstring(S, 1, &len);
  uint64_t h[2] = {len, ~(uint64_t)len};
  for (size_t at = 0; at < len; at += 8) {
    uint64_t word = 0;
    for (size_t i = at; i < len && i < at + 8; i++) word = word << 8 | p[i];
    h[0] = mix(h[0], word);
    h[1] = mix(h[1] + (h[0] << 1), ~word);
  }
  h[0] = mix(h[0], h[1]);
  lua_pushlstring(S, (const char *)h, sizeof h);
  return 1;
}

/* wake(): there is something to bring, or the clock jumped */
static int native_wake(lua_State *S) {
  courier_wake(lua_touserdata(S, lua_upvalueindex(1)));
  return 0;
}

void natives_push(lua_State *S, courier *c) {
  static const luaL_Reg functions[] = {{"now", native_now},
                                       {"wall", native_wall},
                                       {"random", native_random},
                                       {"digest", native_digest},
                                       {NULL, NULL}};
  luaL_newlib(S, functions);
  lua_pushlightuserdata(S, c);
  lua_pushcclosure(S, native_wake, 1);
  lua_setfield(S, -2, "wake");
}
