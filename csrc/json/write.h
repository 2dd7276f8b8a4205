/* SPDX-License-Identifier: MIT
 *
 * json_write: exact JSON text of strings and numbers, without Lua. No locale
 * is consulted. A write that fails because of the buffer leaves it failed
 * (see buffer.h), perhaps with part of what was to be written. */
#ifndef AISTUDIOS_JSON_WRITE_H
#define AISTUDIOS_JSON_WRITE_H

#include <stdint.h>

#include "util/buffer.h"

/* A quoted string. False when `s` is not UTF-8 (then the buffer has not
 * failed and its length is as before), or when the buffer failed. */
bool json_write_string(buffer *b, const char *s, size_t len);

bool json_write_int(buffer *b, int64_t value);

#endif
