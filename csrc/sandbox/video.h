/* SPDX-License-Identifier: MIT
 *
 * video: the bytes of a download. A video of any size is the same short video,
 * followed by one `free` box of noise up to that size, so that players open
 * it, nothing of it is kept, and bytes from the wrong place show. */
#ifndef AISTUDIOS_SANDBOX_VIDEO_H
#define AISTUDIOS_SANDBOX_VIDEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *clip; /* owned: the short video */
  size_t clip_len;
  char *noise; /* owned */
} video;

/* Copies the short video. False when out of memory; video_close is due either
 * way. */
bool video_open(video *v, const char *mp4, size_t len);
void video_close(video *v);

/* Writes the `n` bytes from `at` on of the video of `size` bytes; another
 * `seed`, other noise. Any thread. */
void video_read(const video *v, uint64_t size, uint64_t seed, uint64_t at,
                char *out, size_t n);

#endif
