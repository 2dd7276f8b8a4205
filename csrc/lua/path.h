/* SPDX-License-Identifier: MIT
 *
 * lua_path: where in a table something is, as people write it:
 * scenes[2].clips[1]["odd name"]. */
#ifndef AISTUDIOS_LUA_PATH_H
#define AISTUDIOS_LUA_PATH_H

#include <stdint.h>

#include "util/buffer.h"

/* One step further. A name that is not UTF-8 gets question marks for what is
 * wrong. Out of room, the path stays short. */
void lua_path_add_name(buffer *b, const char *s, size_t len);
void lua_path_add_index(buffer *b, int64_t index);

#endif
