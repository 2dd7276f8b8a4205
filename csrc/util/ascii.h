/* SPDX-License-Identifier: MIT
 *
 * ascii: upper and lower case of A to Z alone, whatever the locale. */
#ifndef AISTUDIOS_UTIL_ASCII_H
#define AISTUDIOS_UTIL_ASCII_H

static inline int ascii_lower(int c) {
  return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static inline int ascii_upper(int c) {
  return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

#endif
