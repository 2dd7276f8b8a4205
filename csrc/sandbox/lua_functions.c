/* SPDX-License-Identifier: MIT
 *
 * lua_functions: clocks and randomness for the service. */
#include "sandbox/lua_functions.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>

#include "sandbox/digest.h"

#define MAX_RANDOM 64

static double seconds_of(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* now() -> seconds since 1970, with a fraction; goes on evenly, whatever is
 * done to the machine's clock meanwhile */
static int service_now(lua_State *S) {
  double base = lua_tonumber(S, lua_upvalueindex(1));
  lua_pushnumber(S, base + seconds_of(CLOCK_BOOTTIME));
  return 1;
}

/* random(n) -> 2n hexadecimal digits; n is 1 to 64 */
static int service_random(lua_State *S) {
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

/* wake(): there is something to send, or the clock jumped */
static int service_wake(lua_State *S) {
  webhook_sender_wake(lua_touserdata(S, lua_upvalueindex(1)));
  return 0;
}

/* notify(): something happened that others may wait for */
static int service_notify(lua_State *S) {
  notifier_notify(lua_touserdata(S, lua_upvalueindex(1)));
  return 0;
}

void lua_functions_push(lua_State *S, webhook_sender *c, notifier *n) {
  static const luaL_Reg functions[] = {
      {"random", service_random}, {"digest", digest_value}, {NULL, NULL}};
  luaL_newlib(S, functions);
  lua_pushnumber(S, seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME));
  lua_pushcclosure(S, service_now, 1);
  lua_setfield(S, -2, "now");
  lua_pushlightuserdata(S, c);
  lua_pushcclosure(S, service_wake, 1);
  lua_setfield(S, -2, "wake");
  lua_pushlightuserdata(S, n);
  lua_pushcclosure(S, service_notify, 1);
  lua_setfield(S, -2, "notify");
}
