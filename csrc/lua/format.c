/* SPDX-License-Identifier: MIT
 *
 * lua_format: see format.h. */
#include "lua/format.h"

#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "json/number.h"

static const double powers[] = {1,   1e1, 1e2, 1e3,  1e4,  1e5,  1e6,
                                1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13};

/* A positive number in units of 10^-decimals, rounded; -1: whether up or down
 * takes more than a product of doubles tells. */
static int64_t rounded(lua_Number n, int decimals) {
  lua_Number scaled = n * powers[decimals];
  int64_t whole = (int64_t)scaled;
  lua_Number rest = scaled - (lua_Number)whole - 0.5;
  if (rest > -1e-3 && rest < 1e-3) return -1;
  return whole + (rest > 0);
}

/* Puts units of 10^-decimals. */
static size_t put_units(char *out, int64_t units, int decimals) {
  int64_t unit = (int64_t)powers[decimals], part = units % unit;
  size_t len = json_put_int(out, units / unit);
  if (decimals == 0) return len;
  out[len] = '.';
  for (int i = decimals; i > 0; i--, part /= 10)
    out[len + (size_t)i] = (char)('0' + part % 10);
  return len + (size_t)decimals + 1;
}

/* The digits of a number as %.<precision>g has them; 0: that is left to Lua. */
static size_t put_short(char *out, lua_Number n, int precision) {
  lua_Number size = n < 0 ? -n : n;
  int decimals = precision;
  size_t sign = n < 0;
  if (precision == 0 || !(size < powers[precision])) return 0;
  int64_t whole = (int64_t)n;
  if ((lua_Number)whole == n && !(n == 0 && signbit(n)))
    return json_put_int(out, whole);
  if (size < 1e-4) return 0;
  while (size >= powers[precision - decimals]) decimals--;
  decimals += (size < 1e-1) + (size < 1e-2) + (size < 1e-3);
  int64_t units = rounded(size, decimals);
  if (units < 0 || (decimals == 0 && units >= (int64_t)powers[precision]))
    return 0;
  for (; decimals > 0 && units % 10 == 0; decimals--) units /= 10;
  out[0] = '-';
  return sign + put_units(out + sign, units, decimals);
}

/* The same for %.<precision>f. */
static size_t put_fixed(char *out, lua_Number n, int precision) {
  if (signbit(n) || !(n * powers[precision] < 1e12)) return 0;
  int64_t units = rounded(n, precision);
  return units < 0 ? 0 : put_units(out, units, precision);
}

/* Replaces the separator of the host's locale in the number on top: what stands
 * between digits, and is none of a number's other characters. */
static void set_point(lua_State *L) {
  static const char digits[] = "0123456789";
  const char *text = lua_tostring(L, -1);
  const char *from = text + strcspn(text, digits);
  from += strspn(from, digits);
  const char *to = from + strcspn(from, "0123456789eE+- ");
  if (to == from || !*to || !strchr(digits, *to)) return;
  lua_pushlstring(L, text, (size_t)(from - text));
  lua_pushliteral(L, ".");
  lua_pushstring(L, to);
  lua_concat(L, 3);
  lua_replace(L, -2);
}

/* What Lua makes of a directive. */
static void add_other(lua_State *L, luaL_Buffer *b, const char *directive,
                      size_t len, int arg) {
  char kind = directive[len - 1];
  lua_getglobal(L, "string");
  lua_getfield(L, -1, "format");
  lua_remove(L, -2);
  lua_pushlstring(L, directive, len);
  lua_pushvalue(L, arg);
  lua_call(L, 2, 1);
  if (kind == 'g' || kind == 'f') set_point(L);
  luaL_addvalue(b);
}

/* Puts a number for %d, %.<n>g or %.<n>f, without the %; 0: that is left to
 * Lua. */
static size_t put_number(lua_State *L, int arg, char *out, const char *spec) {
  int is_number;
  if (*spec == 'd') {
    lua_Integer i = lua_tointegerx(L, arg, &is_number);
    return is_number ? json_put_int(out, i) : 0;
  }
  if (*spec != '.' || spec[1] < '0' || spec[1] > '9') return 0;
  if (spec[2] != 'g' && spec[2] != 'f') return 0;
  lua_Number n = lua_tonumberx(L, arg, &is_number);
  if (!is_number) return 0;
  return (spec[2] == 'g' ? put_short : put_fixed)(out, n, spec[1] - '0');
}

/* Appends the text from `s` to a directive, which begins with %, and what the
 * directive makes of the argument `arg`. The directive's end. */
static const char *add(lua_State *L, luaL_Buffer *b, const char *s,
                       const char *directive, int arg) {
  size_t len = (size_t)(directive - s), size;
  const char *spec = directive + 1;
  char *out = luaL_prepbuffsize(b, len + JSON_NUMBER_BYTES);
  memcpy(out, s, len);
  if (*spec == 's' && lua_type(L, arg) == LUA_TSTRING) {
    luaL_addsize(b, len);
    s = lua_tolstring(L, arg, &size);
    luaL_addlstring(b, s, size);
    return spec + 1;
  }
  luaL_checkany(L, arg);
  size = put_number(L, arg, out + len, spec);
  luaL_addsize(b, len + size);
  spec += strspn(spec, "-+ #0123456789.") + 1;
  if (size == 0) add_other(L, b, directive, (size_t)(spec - directive), arg);
  return spec;
}

int lua_format(lua_State *L) {
  size_t len;
  const char *s = luaL_checklstring(L, 1, &len), *end = s + len, *at;
  int arg = 1;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (; (at = memchr(s, '%', (size_t)(end - s))) != NULL;) {
    if (at[1] != '%') {
      s = add(L, &b, s, at, ++arg);
      continue;
    }
    luaL_addlstring(&b, s, (size_t)(at + 1 - s));
    s = at + 2;
  }
  luaL_addlstring(&b, s, (size_t)(end - s));
  luaL_pushresult(&b);
  return 1;
}
