/* SPDX-License-Identifier: MIT
 *
 * digest: a short text that is equal for values that mean the same. */
#ifndef AISTUDIOS_SANDBOX_DIGEST_H
#define AISTUDIOS_SANDBOX_DIGEST_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

/* digest(value) -> 16 bytes that differ for values that differ, by all odds.
 * Of a table it is that of its members, whatever their order; a member that is
 * null is as good as none, and 1 is 1.0. Not for secrets: it only spares
 * keeping every body that was ever sent. */
int digest_value(lua_State *S);

/* `h` with more bytes: for those that come in pieces, from 0 on. */
uint64_t digest_bytes(uint64_t h, const char *bytes, size_t len);

#endif
