/* SPDX-License-Identifier: MIT
 *
 * sentences: a text in the pieces in which it is spoken. The pieces, one after
 * the other, are the text. A sentence ends at a full stop, a question or an
 * exclamation mark of its script, or at the end of a line; markup,
 * abbreviations, numbers of items and ordinals end none. Allocates nothing. */
#ifndef AISTUDIOS_UTIL_SENTENCES_H
#define AISTUDIOS_UTIL_SENTENCES_H

#include <stdbool.h>
#include <stddef.h>

/* Takes a piece. weight: its characters in speech, where runs of blanks count
 * once, and none at the end of the text; -1: it has markup or entities. */
typedef void sentence_piece(void *context, const char *piece, size_t len,
                            long weight);

/* Cuts a text; a piece has about `most` characters at most.
 * has_ordinals: in its language "3." and "IV." are ordinals, or may be. */
void sentences_cut(const char *text, size_t len, size_t most, bool has_ordinals,
                   sentence_piece *piece, void *context);

#endif
