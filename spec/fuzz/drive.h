/* SPDX-License-Identifier: MIT
 *
 * drive: a main for fuzz targets where there is no libFuzzer. Runs every file
 * that it is given, then a number of mutations of them, the same ones at each
 * start:  TARGET ROUNDS FILE... */
#ifndef AISTUDIOS_SPEC_DRIVE_H
#define AISTUDIOS_SPEC_DRIVE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the run when a promise is broken. */
#define PROMISE(condition)                                                    \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                \
    }                                                                         \
  } while (0)

#if !defined(LIBFUZZER)

enum { DRIVE_MAX_BYTES = 4096 };

static uint64_t drive_state = 88172645463325252;

static size_t drive_below(size_t n) {
  drive_state ^= drive_state << 13;
  drive_state ^= drive_state >> 7;
  drive_state ^= drive_state << 17;
  return (size_t)(drive_state >> 11) % n;
}

/* One change: a byte replaced, bytes removed, doubled, or swapped in from
 * what JSON is made of. */
static size_t drive_mutate(uint8_t *data, size_t len) {
  static const char pieces[] = "{}[],:\"\\u0123456789-+.eE \n\xC3\xA9\xFF";
  size_t at = len > 0 ? drive_below(len) : 0;
  size_t n = len > at ? drive_below(len - at) % 32 : 0;
  switch (drive_below(5)) {
    case 0:
      if (len > 0) data[at] = (uint8_t)drive_below(256);
      return len;
    case 1:
      if (len > 0) data[at] = (uint8_t)pieces[drive_below(sizeof pieces)];
      return len;
    case 2:
      memmove(data + at, data + at + n, len - at - n);
      return len - n;
    case 3:
      if (len + n > DRIVE_MAX_BYTES) return len;
      memmove(data + at + n, data + at, len - at);
      return len + n;
    default:
      if (len == DRIVE_MAX_BYTES) return len;
      memmove(data + at + 1, data + at, len - at);
      data[at] = (uint8_t)pieces[drive_below(sizeof pieces)];
      return len + 1;
  }
}

static size_t drive_read(const char *path, uint8_t *data) {
  FILE *file = fopen(path, "rb");
  size_t len;
  PROMISE(file != NULL);
  len = fread(data, 1, DRIVE_MAX_BYTES, file);
  fclose(file);
  return len;
}

int main(int count, char **words) {
  static uint8_t data[DRIVE_MAX_BYTES];
  long rounds = count > 1 ? atol(words[1]) : 0;
  size_t len = 0;
  for (int i = 2; i < count; i++)
    LLVMFuzzerTestOneInput(data, drive_read(words[i], data));
  for (long round = 0; round < rounds; round++) {
    if (round % 64 == 0)
      len = count > 2
                ? drive_read(words[2 + drive_below((size_t)count - 2)], data)
                : 0;
    len = drive_mutate(data, len);
    LLVMFuzzerTestOneInput(data, len);
  }
  printf("%d files and %ld mutations: every promise holds\n", count - 2,
         rounds);
  return 0;
}

#endif
#endif
