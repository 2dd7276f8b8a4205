/* SPDX-License-Identifier: MIT
 *
 * secret: keeps keys and tokens out of texts that people will see. */
#ifndef AISTUDIOS_SECRET_H
#define AISTUDIOS_SECRET_H

#include <stdbool.h>
#include <stddef.h>

enum { SECRET_MIN_BYTES = 4 }; /* shorter ones would spoil every text */

/* A malloc'ed, NUL-terminated copy of `text` in which every occurrence of
 * the `count` secrets (NULLs are skipped) reads "[secret]"; its length in
 * *out_len. NULL when out of memory. */
char *secret_redact(const char *text, size_t len, const char *const *secrets,
                    size_t count, size_t *out_len);

/* Whether `text` can stand in a header line: printable ASCII, no blank. */
bool secret_fits_header(const char *text);

#endif
