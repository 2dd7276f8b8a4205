/* SPDX-License-Identifier: MIT
 *
 * buffer: bounded bytes that grow (see buffer.h). */
#include "util/buffer.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 2048 };

void buffer_init(buffer *b, size_t max) {
  *b = (buffer){.max = max};
}

void buffer_free(buffer *b) {
  free(b->data);
  buffer_init(b, b->max);
}

/* From now on there is no room. */
static char *fail(buffer *b) {
  b->has_failed = true;
  b->cap = b->len;
  return NULL;
}

char *buffer_grow(buffer *b, size_t extra, size_t hint) {
  size_t need, cap;
  char *data;
  if (extra > b->max - b->len) b->is_full = true;
  if (b->has_failed || b->is_full) return fail(b);
  need = b->len + extra;
  cap = b->cap ? b->cap : FIRST_BYTES;
  if (hint > cap || (hint > 0 && b->cap == 0)) cap = hint;
  while (cap < need) cap = cap > b->max / 2 ? b->max : cap * 2;
  if (cap > b->max) cap = b->max;
  data = realloc(b->data, cap);
  if (!data) return fail(b);
  b->data = data;
  b->cap = cap;
  return data + b->len;
}

bool buffer_append(buffer *b, const char *s, size_t len) {
  char *out;
  if (len == 0) return !b->has_failed;
  out = buffer_room(b, len);
  if (!out) return false;
  memcpy(out, s, len);
  b->len += len;
  return true;
}
