/* SPDX-License-Identifier: MIT
 *
 * drive: a main for fuzz targets where there is no libFuzzer. Runs every file
 * that it is given, then mutations of them, the same ones in the same order at
 * each start, for some seconds. The input that ends the run is written to a
 * file:  TARGET SECONDS INPUT FILE... */
#ifndef AISTUDIOS_SPEC_DRIVE_H
#define AISTUDIOS_SPEC_DRIVE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the run when a promise is broken. */
#define PROMISE(condition)                                                    \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                \
    }                                                                         \
  } while (0)

#if !defined(LIBFUZZER) && !defined(DRIVE_PROMISE_ONLY)

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

/* What runs now, for the case that it is the last one. */
static struct {
  uint8_t data[DRIVE_MAX_BYTES];
  size_t len;
  const char *path;
} drive_input;

void __sanitizer_set_death_callback(void (*callback)(void));

static void drive_save(void) {
  FILE *file = fopen(drive_input.path, "wb");
  if (!file) return;
  fwrite(drive_input.data, 1, drive_input.len, file);
  fclose(file);
  fprintf(stderr, "the input is in %s\n", drive_input.path);
}

static void drive_run(const uint8_t *data, size_t len) {
  memcpy(drive_input.data, data, len);
  drive_input.len = len;
  LLVMFuzzerTestOneInput(data, len);
}

int main(int count, char **words) {
  static uint8_t data[DRIVE_MAX_BYTES];
  time_t end = time(NULL) + (count > 1 ? atol(words[1]) : 0);
  long rounds = 0;
  size_t len = 0;
  PROMISE(count > 3);
  drive_input.path = words[2];
  __sanitizer_set_death_callback(drive_save);
  for (int i = 3; i < count; i++) drive_run(data, drive_read(words[i], data));
  for (; rounds % 16 != 0 || time(NULL) < end; rounds++) {
    if (rounds % 64 == 0)
      len = drive_read(words[3 + drive_below((size_t)count - 3)], data);
    len = drive_mutate(data, len);
    drive_run(data, len);
  }
  printf("%d files and %ld mutations: every promise holds\n", count - 3,
         rounds);
  return 0;
}

#endif
#endif
