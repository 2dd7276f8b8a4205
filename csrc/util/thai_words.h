/* SPDX-License-Identifier: MIT
 *
 * thai_words: where the words of a Thai text end, by the dictionary of libthai,
 * which desktops have (Pango needs it). That library is loaded when the first
 * words are looked for and kept until the process ends; where it is missing,
 * no words are found. For any thread. */
#ifndef AISTUDIOS_UTIL_THAI_WORDS_H
#define AISTUDIOS_UTIL_THAI_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum { THAI_WORDS_MOST = 256 }; /* characters that are looked at together */

typedef struct {
  const char *ends[THAI_WORDS_MOST]; /* of the words, ascending */
  size_t count;
} thai_words;

/* The words that `text`, valid UTF-8, begins with; the last one ends within it
 * or with it. What is not Thai belongs to the word beside it. False: there is
 * no Thai, or no library. */
bool thai_words_find(thai_words *words, const char *text, size_t len);

#endif
