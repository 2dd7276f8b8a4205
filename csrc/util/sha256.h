/* SPDX-License-Identifier: MIT
 *
 * sha256: the digest of FIPS 180-4, for names of secrets. No state. */
#ifndef AISTUDIOS_UTIL_SHA256_H
#define AISTUDIOS_UTIL_SHA256_H

#include <stddef.h>

enum { SHA256_HEX_BYTES = 65 };

/* The digest of `len` bytes, as 64 hexadecimal digits and a NUL. */
void sha256_hex(const void *bytes, size_t len, char out[SHA256_HEX_BYTES]);

#endif
