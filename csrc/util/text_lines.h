/* SPDX-License-Identifier: MIT
 *
 * text_lines: how wide a text is in a common sans serif, and how a browser
 * breaks it into lines (white-space: normal, overflow-wrap: break-word). No
 * font is read: widths are those of Noto Sans for ASCII, of the script on
 * average for all else. Bytes that are no UTF-8 count as a character each.
 *
 * The words of Thai, which has no spaces between them, are those of a
 * dictionary (thai_words.h). Where that is missing, and for Lao, Khmer and
 * Burmese, a line ends before a vowel that is written before its consonant,
 * where a syllable surely begins, or else, when that would leave too much room,
 * after the last cluster that fits: sometimes within a word. */
#ifndef AISTUDIOS_UTIL_TEXT_LINES_H
#define AISTUDIOS_UTIL_TEXT_LINES_H

#include <stddef.h>

/* The width of a text on one line, in font sizes. */
double text_width(const char *text, size_t len);

typedef struct {
  size_t count;  /* lines */
  double widest; /* of the pieces that no line break should divide, among those
                    that were placed one by one; font sizes */
} text_extent;

/* Takes a line of a text: from the first letter of a word to the end of one;
 * empty for a paragraph without words. */
typedef void text_line(void *context, const char *line, size_t len);

/* Breaks a text at its line ends, at blanks, where its script allows it, and
 * inside of words that are wider than a line.
 *
 * limit: the width of a line, in font sizes.
 * most:  no more lines than this, above 0; the rest is not looked at.
 * line:  called for each; NULL: they are counted. */
text_extent text_break(const char *text, size_t len, double limit, size_t most,
                       text_line *line, void *context);

/* Counts lines as text_break does; but where a dictionary, which takes long,
 * had to tell exactly, and one line and a fifth more than without it are in
 * `room` lines, so many. */
text_extent text_estimate(const char *text, size_t len, double limit,
                          double room);

#endif
