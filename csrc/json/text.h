/* SPDX-License-Identifier: MIT
 *
 * json_text: what the reader and the writers of JSON share: how deep a text
 * may be nested, and the characters of its strings. */
#ifndef AISTUDIOS_JSON_TEXT_H
#define AISTUDIOS_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { JSON_MAX_DEPTH = 128 }; /* levels of lists and objects */

/* The length of the UTF-8 character at `text` with a lead byte of 0x80 or
 * above, at most `len` bytes; 0 when it is none. */
size_t json_utf8(const char *text, size_t len);

/* How many bytes from `s` on stand for themselves inside of a string: ASCII
 * without control characters, quote and backslash. */
size_t json_plain_run(const char *s, size_t len);

/* Are all bytes below 0x80? */
bool json_is_ascii(const char *s, size_t len);

/* The rest is here to be inlined: most strings are short, and looking at them
 * eight bytes at a time saves a tenth of the instructions of a whole call
 * (measured with callgrind). */

#define JSON_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* A word from any address. */
static inline uint64_t json_load(const char *s) {
  uint64_t w;
  memcpy(&w, s, sizeof w);
  return w;
}

/* Do all eight bytes stand for themselves? The top bit of a byte is set by
 * what it holds, or by a subtraction that borrows: from a byte below 0x21
 * with quote and blank exchanged, and from a backslash. */
static inline bool json_is_plain(uint64_t w) {
  w |= ((w ^ JSON_EACH(0x02)) - JSON_EACH(0x21)) |
       ((w ^ JSON_EACH('\\')) - JSON_EACH(0x01));
  return (w & JSON_EACH(0x80)) == 0;
}

/* Copies a string of which all bytes stand for themselves; false when it is
 * another one, with part of it copied. The end is copied as a word that
 * overlaps the one before; of a string of four to seven bytes, so are halves.
 */
static inline bool json_copy_plain(char *out, const char *s, size_t len) {
  uint64_t w = JSON_EACH(' ');
  uint32_t half[2];
  size_t i = 0;
  if (len < sizeof half[0]) {
    for (; i < len; i++) {
      out[i] = s[i];
      w = w << 8 | (unsigned char)s[i];
    }
    return json_is_plain(w);
  }
  if (len < sizeof w) {
    memcpy(&half[0], s, sizeof half[0]);
    memcpy(&half[1], s + len - sizeof half[1], sizeof half[1]);
    memcpy(out, &half[0], sizeof half[0]);
    memcpy(out + len - sizeof half[1], &half[1], sizeof half[1]);
    return json_is_plain((uint64_t)half[0] << 32 | half[1]);
  }
  for (; i < len - sizeof w; i += sizeof w) {
    w = json_load(s + i);
    if (!json_is_plain(w)) return false;
    memcpy(out + i, &w, sizeof w);
  }
  w = json_load(s + len - sizeof w);
  memcpy(out + len - sizeof w, &w, sizeof w);
  return json_is_plain(w);
}

#endif
