/* SPDX-License-Identifier: MIT
 *
 * alphabets: see alphabets.h. */
#include "util/alphabets.h"

#include <stdint.h>

#include "util/text_decode.h"

static const struct {
  uint32_t first, last;
  unsigned alphabet;
} ranges[] = {
    {0x0400, 0x052F, 3}, {0x0600, 0x06FF, 4}, {0x0750, 0x077F, 4},
    {0x0900, 0x097F, 5}, {0x0E00, 0x0E7F, 6}, {0x1100, 0x11FF, 0},
    {0x3040, 0x30FF, 1}, {0x3130, 0x318F, 0}, {0x3400, 0x4DBF, 2},
    {0x4E00, 0x9FFF, 2}, {0xAC00, 0xD7A3, 0},
};

unsigned alphabets_of(const char *text, size_t len, size_t counts[ALPHABETS]) {
  const size_t n = sizeof ranges / sizeof *ranges;
  unsigned found = 0;
  for (const char *end = text + len; text < end;) {
    if ((unsigned char)*text < 0x80) {
      text++;
      continue;
    }
    uint32_t point = text_decode(text, end, &text);
    size_t i = 0;
    while (i < n && point > ranges[i].last) i++;
    if (i == n || point < ranges[i].first) continue;
    found |= 1u << ranges[i].alphabet;
    if (counts) counts[ranges[i].alphabet]++;
  }
  return found;
}
