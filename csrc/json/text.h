/* SPDX-License-Identifier: MIT
 *
 * json_text: the innermost parts of the writers, for json*.c and
 * lua_json_write.c: copying text that stands for itself, and printing digits,
 * eight bytes at a time in plain C. */
#ifndef AISTUDIOS_JSON_TEXT_H
#define AISTUDIOS_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define JSON_HOT static inline __attribute__((always_inline))
#define JSON_COLD static __attribute__((noinline, cold))
#define JSON_APART static __attribute__((noinline))
#else
#define JSON_HOT static inline
#define JSON_COLD static
#define JSON_APART static
#endif

#define JSON_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The top bit of a byte of the result is set where one of the eight bytes is
 * no ASCII that stands for itself in a string, and perhaps above such a one:
 * a subtraction borrows from the lowest byte that is too small. The first
 * one exchanges the quote and the blank, so that the quote is below 0x21 with
 * the control characters. */
JSON_HOT uint64_t json_special(uint64_t w) {
  return w | ((w ^ JSON_EACH(0x02)) - JSON_EACH(0x21)) |
         ((w ^ JSON_EACH('\\')) - JSON_EACH(0x01));
}

/* Whether a result of json_special, or several of them together, is free of
 * such bytes. */
JSON_HOT bool json_is_plain(uint64_t special) {
  return (special & JSON_EACH(0x80)) == 0;
}

/* A word from any address. */
JSON_HOT uint64_t json_load(const char *s) {
  uint64_t w;
  memcpy(&w, s, sizeof w);
  return w;
}

/* Copies all of a string of ASCII that stands for itself; false when it is
 * another one, with part of it copied. Short strings and ends are copied as
 * words that overlap. */
JSON_HOT bool json_copy_plain(char *out, const char *s, size_t len) {
  uint64_t w, special = 0;
  uint32_t first, last;
  size_t i;
  if (len >= sizeof w) {
    if (len <= 2 * sizeof w) { /* most names */
      uint64_t v = json_load(s);
      w = json_load(s + len - sizeof w);
      memcpy(out, &v, sizeof v);
      memcpy(out + len - sizeof w, &w, sizeof w);
      return json_is_plain(json_special(v) | json_special(w));
    }
    for (i = 0; i < len - sizeof w; i += sizeof w) {
      w = json_load(s + i);
      memcpy(out + i, &w, sizeof w);
      special |= json_special(w);
    }
    w = json_load(s + len - sizeof w);
    memcpy(out + len - sizeof w, &w, sizeof w);
    return json_is_plain(special | json_special(w));
  }
  if (len >= sizeof first) {
    memcpy(&first, s, sizeof first);
    memcpy(&last, s + len - sizeof last, sizeof last);
    memcpy(out, &first, sizeof first);
    memcpy(out + len - sizeof last, &last, sizeof last);
    return json_is_plain(json_special((uint64_t)first << 32 | last));
  }
  w = JSON_EACH(' ');
  for (i = 0; i < len; i++) {
    out[i] = s[i];
    w = w << 8 | (unsigned char)s[i];
  }
  return json_is_plain(json_special(w));
}

/* Exactly eight digits: halves, quarters and eighths of the word are divided
 * side by side, by multiplications that are exact for so few digits. */
JSON_HOT void json_put_eight(char *out, uint32_t v) {
  uint64_t w = v / 10000 | (uint64_t)(v % 10000) << 32;
  uint64_t tens = (w * 10486) >> 20 & UINT64_C(0x0000007F0000007F);
  w = tens + ((w - 100 * tens) << 16);
  tens = (w * 103) >> 10 & UINT64_C(0x000F000F000F000F);
  w = tens + ((w - 10 * tens) << 8) + JSON_EACH('0');
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  memcpy(out, &w, sizeof w);
#else
  for (int i = 0; i < 8; i++) out[i] = (char)(w >> 8 * i);
#endif
}

#endif
