/* SPDX-License-Identifier: MIT
 *
 * text_decode: the characters of a text in UTF-8. */
#ifndef AISTUDIOS_UTIL_TEXT_DECODE_H
#define AISTUDIOS_UTIL_TEXT_DECODE_H

#include <stdint.h>

/* The character at `at`, which is before `end`; `after`: where the next one is.
 * U+FFFD for a byte that is no UTF-8. */
uint32_t text_decode(const char *at, const char *end, const char **after);

#endif
