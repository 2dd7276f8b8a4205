/* SPDX-License-Identifier: MIT
 *
 * lua_scene: is there surely nothing to warn about in a scene? In doubt the
 * answer is no, and checks in Lua look at it. */
#ifndef AISTUDIOS_LUA_SCENE_H
#define AISTUDIOS_LUA_SCENE_H

#include <lua.h>

/* scene_checker(colors, alphabets, aligns, linear) -> function (scene, width,
 * height) -> is_seen, is_spoken, is_known: for scenes that are as the schema
 * documents them, on a canvas of that size.
 *
 * is_known:  its colours and words are; the others are not without it.
 * is_seen:   all of it is seen and read (see util/scene_view.h).
 * is_spoken: its scripts are texts without markup in letters of their
 *            language, and each avatar speaks.
 * colors:    by a text tables with `bytes`, a scene_color, or false.
 * alphabets: bits of util/alphabets.h by a language, or nil.
 * aligns:    words. These three may have __index, which raises nothing.
 * linear:    the linear values of 0 to 255 in sRGB. */
int lua_scene_checker(lua_State *L);

#endif
