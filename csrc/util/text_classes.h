/* SPDX-License-Identifier: MIT
 *
 * text_classes: the width of every character and where a line may break beside
 * it, as ranges of code points. Constant. */
#ifndef AISTUDIOS_UTIL_TEXT_CLASSES_H
#define AISTUDIOS_UTIL_TEXT_CLASSES_H

#include <stddef.h>
#include <stdint.h>

/* Ordered ranges: the first code point (20 bits), the width of each character
 * in hundredths of the font size (7 bits), and their class, a letter from "a"
 * on (5 bits), which text_lines.c explains. The first range begins at the
 * blank, each character of ASCII has its own; the last one has no end. */
extern const uint32_t text_classes[];
extern const size_t text_classes_count;

#endif
