/* SPDX-License-Identifier: MIT
 *
 * buffer: bytes that grow up to a bound, which whoever makes the buffer
 * gives. One thread's. */
#ifndef AISTUDIOS_UTIL_BUFFER_H
#define AISTUDIOS_UTIL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* A write that fails sets `has_failed`, and leaves no room: until `len` is
 * made smaller, every further write fails too. */
typedef struct {
  char *data;      /* malloc'ed, or NULL; not NUL-terminated */
  size_t len;      /* bytes written */
  size_t cap;      /* bytes usable; len, once a write failed */
  size_t max;      /* bound of len */
  bool has_failed; /* out of memory, or beyond max */
  bool is_full;    /* it failed because of max */
} buffer;

/* An empty buffer for at most `max` bytes. */
void buffer_init(buffer *b, size_t max);

/* Frees the data; the buffer is empty and usable again. */
void buffer_free(buffer *b);

/* Makes room for `extra` bytes although cap has less: as buffer_room. The
 * capacity doubles, or is `hint` when that is more, or when it was 0 and
 * `hint` is not. */
char *buffer_grow(buffer *b, size_t extra, size_t hint);

/* Where `extra` (above 0) bytes can be put, for the caller to add to len what
 * it has put there; NULL: failed. */
static inline char *buffer_room(buffer *b, size_t extra) {
  return extra <= b->cap - b->len ? b->data + b->len : buffer_grow(b, extra, 0);
}

/* Appends the bytes as they are. False: failed. */
bool buffer_append(buffer *b, const char *s, size_t len);

#endif
