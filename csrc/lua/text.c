/* SPDX-License-Identifier: MIT
 *
 * lua_text: see text.h. Strings stay on the stack while they are read. */
#include "lua/text.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "json/text.h"
#include "util/alphabets.h"
#include "util/sentences.h"
#include "util/text_lines.h"

int lua_text_width(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  lua_pushnumber(L, text_width(text, len));
  return 1;
}

/* Appends a line to the table on top of the stack. */
static void add_line(void *context, const char *line, size_t len) {
  lua_State *L = context;
  lua_pushlstring(L, line, len);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

int lua_text_lines(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  double limit = luaL_checknumber(L, 2);
  lua_Integer most = luaL_optinteger(L, 3, LUA_MAXINTEGER);
  luaL_argcheck(L, most > 0, 3, "at least one line");
  lua_newtable(L);
  text_extent found = text_break(text, len, limit, (size_t)most, add_line, L);
  lua_pushnumber(L, found.widest);
  return 2;
}

int lua_text_extent(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  double limit = luaL_checknumber(L, 2);
  text_extent found = text_break(text, len, limit, SIZE_MAX, NULL, NULL);
  lua_pushinteger(L, (lua_Integer)found.count);
  lua_pushnumber(L, found.widest);
  return 2;
}

int lua_text_alphabets(lua_State *L) {
  size_t len, counts[ALPHABETS] = {0};
  const char *text = luaL_checklstring(L, 1, &len);
  alphabets_of(text, len, counts);
  for (int i = 0; i < ALPHABETS; i++)
    lua_pushinteger(L, (lua_Integer)counts[i]);
  return ALPHABETS;
}

/* Appends a piece and its weight to the two tables on top of the stack. */
static void add_piece(void *context, const char *piece, size_t len,
                      long weight) {
  lua_State *L = context;
  lua_Integer place = (lua_Integer)lua_rawlen(L, -1) + 1;
  lua_pushinteger(L, weight);
  lua_rawseti(L, -2, place);
  lua_pushlstring(L, piece, len);
  lua_rawseti(L, -3, place);
}

int lua_text_sentences(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  double most = luaL_checknumber(L, 2);
  bool has_ordinals = lua_isnoneornil(L, 3) || lua_toboolean(L, 3);
  luaL_argcheck(L, most >= 1, 2, "at least one character");
  lua_newtable(L);
  lua_newtable(L);
  sentences_cut(text, len, most < 1e15 ? (size_t)most : SIZE_MAX, has_ordinals,
                add_piece, L);
  return 2;
}

static bool is_blank(const char *s, const char *end, size_t *len) {
  bool is_glue = *s == '\xC2' && s + 1 < end && s[1] == '\xA0';
  *len = is_glue ? 2 : 1;
  return is_glue || *s == ' ' || (*s >= '\t' && *s <= '\r');
}

/* Most texts are returned as they are. */
int lua_text_squeezed(lua_State *L) {
  size_t len, step;
  const char *s = luaL_checklstring(L, 1, &len), *end = s + len, *from = s;
  bool is_changed = false, is_after_blank = true;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (; s < end; s += step) {
    if ((signed char)*s > ' ') { /* most are */
      is_after_blank = false;
      step = 1;
      continue;
    }
    bool is_here = is_blank(s, end, &step);
    if (is_here && (is_after_blank || *s != ' ')) {
      luaL_addlstring(&b, from, (size_t)(s - from));
      if (!is_after_blank) luaL_addchar(&b, ' ');
      from = s + step;
      is_changed = true;
    }
    is_after_blank = is_here;
  }
  luaL_addlstring(&b, from, (size_t)(end - from));
  if (is_after_blank && luaL_bufflen(&b) > 0) {
    luaL_buffsub(&b, 1);
    is_changed = true;
  }
  luaL_pushresult(&b);
  if (!is_changed) lua_settop(L, 1);
  return 1;
}

/* What stands for a character of ASCII in XML; NULL: itself. `room` is for
 * pictures of control characters. */
static const char *entity_of(unsigned char c, char room[4]) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '\t':
    case '\n':
      return NULL;
    default:
      break;
  }
  if (c >= ' ' && c != 0x7F) return NULL;
  memcpy(room, "\xE2\x90\x80", 4);
  room[2] = (char)(0x80 + (c == 0x7F ? 0x21 : c));
  return room;
}

/* The length of the character at `s`; 0 when it is none. */
static size_t step_of(const char *s, const char *end) {
  return (unsigned char)*s < 0x80 ? 1 : json_utf8(s, (size_t)(end - s));
}

/* How many bytes from `s` on are no character for which an entity stands:
 * most are letters and blanks. */
static size_t usual_run(const char *s, const char *end) {
  const char *at = s;
  char room[4];
  for (; at < end; at++) {
    unsigned char c = (unsigned char)*at;
    if (c > '>' ? c != 0x7F : c == ' ') continue;
    if (entity_of(c, room)) break;
  }
  return (size_t)(at - s);
}

int lua_text_length(lua_State *L) {
  size_t len, count = 0, step = 1;
  const char *s = luaL_checklstring(L, 1, &len), *end = s + len;
  if (!json_is_ascii(s, len)) {
    for (; s < end && step > 0; s += step, count++) step = step_of(s, end);
    if (step > 0) len = count;
  }
  lua_pushinteger(L, (lua_Integer)len);
  return 1;
}

/* Is it U+FFFE, U+FFFF or of the second set of control characters? */
static bool is_unwanted(const char *s, size_t step) {
  unsigned char last = (unsigned char)s[step - 1];
  if (step == 2) return *s == '\xC2' && last < 0xA0;
  return step == 3 && *s == '\xEF' && s[1] == '\xBF' && last >= 0xBE;
}

int lua_text_valid(lua_State *L) {
  size_t len, step;
  const char *s = luaL_checklstring(L, 1, &len), *end = s + len, *from = s;
  luaL_Buffer b;
  lua_settop(L, 1);
  if (json_is_ascii(s, len)) return 1;
  luaL_buffinit(L, &b);
  for (; s < end; s += step) {
    step = step_of(s, end);
    if (step > 0 && !is_unwanted(s, step)) continue;
    if (step == 0) step = 1;
    luaL_addlstring(&b, from, (size_t)(s - from));
    luaL_addstring(&b, "\xEF\xBF\xBD");
    from = s + step;
  }
  luaL_addlstring(&b, from, (size_t)(end - from));
  luaL_pushresult(&b);
  return 1;
}

/* Most texts are returned as they are. */
int lua_text_escaped(lua_State *L) {
  size_t len;
  lua_text_valid(L);
  const char *s = lua_tolstring(L, -1, &len), *end = s + len, *from = s;
  char room[4];
  luaL_Buffer b;
  s += usual_run(s, end);
  if (s == end) return 1;
  luaL_buffinit(L, &b);
  for (; s < end; from = ++s, s += usual_run(s, end)) {
    luaL_addlstring(&b, from, (size_t)(s - from));
    luaL_addstring(&b, entity_of((unsigned char)*s, room));
  }
  luaL_addlstring(&b, from, (size_t)(end - from));
  luaL_pushresult(&b);
  return 1;
}
