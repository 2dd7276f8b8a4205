/* SPDX-License-Identifier: MIT
 *
 * text_decode: see text_decode.h. */
#include "util/text_decode.h"

uint32_t text_decode(const char *at, const char *end, const char **after) {
  uint32_t point = (unsigned char)*at++;
  int more = point >= 0xF0 ? 3 : point >= 0xE0 ? 2 : point >= 0xC0 ? 1 : 0;
  *after = at;
  if (point < 0x80) return point;
  if (more == 0 || end - at < more) return 0xFFFD;
  point &= 0x3F >> more;
  for (; more > 0; more--, at++) {
    if (((unsigned char)*at & 0xC0) != 0x80) return 0xFFFD;
    point = point << 6 | ((unsigned char)*at & 0x3F);
  }
  *after = at;
  return point;
}
