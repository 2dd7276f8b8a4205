/* SPDX-License-Identifier: MIT
 *
 * alphabets: which letters a text has, of those that tell its language. */
#ifndef AISTUDIOS_UTIL_ALPHABETS_H
#define AISTUDIOS_UTIL_ALPHABETS_H

#include <stddef.h>

/* Hangul, kana, Chinese, Cyrillic, Arabic, Devanagari, Thai: in this order. */
enum { ALPHABETS = 7 };

/* Counts the letters of each alphabet in a text; bit i of the result: there are
 * some of alphabet i. counts: NULL, or their numbers are added to it. */
unsigned alphabets_of(const char *text, size_t len, size_t counts[ALPHABETS]);

#endif
