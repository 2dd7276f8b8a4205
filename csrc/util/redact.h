/* SPDX-License-Identifier: MIT
 *
 * redact: keeps keys and tokens out of texts that people will see. */
#ifndef AISTUDIOS_UTIL_REDACT_H
#define AISTUDIOS_UTIL_REDACT_H

#include <stddef.h>

enum { REDACT_MIN_BYTES = 4 }; /* shorter ones would spoil every text */

/* A malloc'ed, NUL-terminated copy of `text` in which every occurrence of
 * the `count` secrets (NULLs are skipped) reads "[secret]"; its length in
 * *out_len. Secrets are found as they are, percent-encoded, with the escapes of
 * JSON, and inside base64 in each of these forms; also the first bytes of one,
 * where the text ends with them or they are many. It ends once the copy has
 * `most` bytes, with the mask that was begun. NULL when out of memory. */
char *redact_text(const char *text, size_t len, size_t most,
                  const char *const *secrets, size_t count, size_t *out_len);

/* Bytes that such a copy takes at most, with its NUL. */
size_t redact_room(size_t len, size_t most);

#endif
