/* SPDX-License-Identifier: MIT
 *
 * json_text: characters of strings (see text.h). */
#include "json/text.h"

static bool is_tail(unsigned char c) {
  return (c & 0xC0) == 0x80;
}

size_t json_utf8(const char *text, size_t len) {
  const unsigned char *s = (const unsigned char *)text;
  unsigned char c = s[0];
  if (c < 0xC2 || c > 0xF4 || len < 2 || !is_tail(s[1])) return 0;
  if (c < 0xE0) return 2;
  if (len < 3 || !is_tail(s[2])) return 0;
  if (c < 0xF0) {
    if (c == 0xE0 && s[1] < 0xA0) return 0; /* overlong */
    if (c == 0xED && s[1] > 0x9F) return 0; /* a surrogate */
    return 3;
  }
  if (len < 4 || !is_tail(s[3])) return 0;
  if (c == 0xF0 && s[1] < 0x90) return 0; /* overlong */
  if (c == 0xF4 && s[1] > 0x8F) return 0; /* above U+10FFFF */
  return 4;
}

size_t json_plain_run(const char *s, size_t len) {
  size_t i = 0;
  while (len - i >= 8 && json_is_plain(json_load(s + i))) i += 8;
  for (; i < len; i++) {
    unsigned char c = (unsigned char)s[i];
    if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
  }
  return i;
}

bool json_is_ascii(const char *s, size_t len) {
  uint64_t all = 0;
  for (; len >= sizeof all; s += sizeof all, len -= sizeof all)
    all |= json_load(s);
  for (; len > 0; len--) all |= (unsigned char)*s++;
  return (all & JSON_EACH(0x80)) == 0;
}
