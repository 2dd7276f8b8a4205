/* SPDX-License-Identifier: MIT
 *
 * lua_text: the functions of util/text_lines, util/alphabets and
 * util/sentences for Lua. */
#ifndef AISTUDIOS_LUA_TEXT_H
#define AISTUDIOS_LUA_TEXT_H

#include <lua.h>

/* text_width(text) -> number */
int lua_text_width(lua_State *L);

/* text_lines(text, limit, most?) -> list of lines, widest */
int lua_text_lines(lua_State *L);

/* text_extent(text, limit) -> number of lines, widest */
int lua_text_extent(lua_State *L);

/* text_alphabets(text) -> letters of each of util/alphabets.h */
int lua_text_alphabets(lua_State *L);

/* text_sentences(text, most, has_ordinals) -> pieces, their weights: see
 * util/sentences.h; has_ordinals is true by default */
int lua_text_sentences(lua_State *L);

/* text_squeezed(text) -> the same with one blank for each run of blanks, and
 * none at its ends */
int lua_text_squeezed(lua_State *L);

/* text_length(text) -> characters; bytes where it is not UTF-8 */
int lua_text_length(lua_State *L);

/* text_valid(text) -> the same with U+FFFD for bytes that are not UTF-8 and for
 * U+FFFE, U+FFFF and U+0080 to U+009F */
int lua_text_valid(lua_State *L);

/* text_escaped(text) -> the valid text for XML: entities, and for control
 * characters their pictures */
int lua_text_escaped(lua_State *L);

#endif
