/* SPDX-License-Identifier: MIT
 *
 * film: the bytes of a download. A film of any size is the same short video,
 * followed by one `free` box of noise up to that size, so that players open
 * it, nothing of it is kept, and bytes from the wrong place show. */
#ifndef AISTUDIOS_SANDBOX_FILM_H
#define AISTUDIOS_SANDBOX_FILM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *video; /* owned */
  size_t video_len;
  char *noise; /* owned */
} film;

/* Copies the video. False when out of memory; film_end is due either way. */
bool film_begin(film *f, const char *video, size_t len);
void film_end(film *f);

/* Writes the `n` bytes from `at` on of the film of `size` bytes; another
 * `seed`, other noise. Any thread. */
void film_read(const film *f, uint64_t size, uint64_t seed, uint64_t at,
               char *out, size_t n);

#endif
