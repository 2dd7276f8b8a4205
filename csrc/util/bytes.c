/* SPDX-License-Identifier: MIT
 *
 * bytes: immutable, reference-counted bytes (see bytes.h). The count is the
 * only thing that two threads touch. */
#include "util/bytes.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "util/os.h"

struct bytes {
  atomic_uint refs; /* holders: userdata on the host, transfers in flight */
  bool is_secret;   /* wipe before freeing */
  size_t len;
  char *data; /* malloc'ed, owned */
};

static void free_data(char *data, size_t len, bool is_secret) {
  if (is_secret) os_wipe(data, len);
  free(data);
}

static bytes *take(char *data, size_t len, bool is_secret) {
  bytes *b = malloc(sizeof *b);
  if (!b) {
    free_data(data, len, is_secret);
    return NULL;
  }
  atomic_init(&b->refs, 1);
  b->is_secret = is_secret;
  b->len = len;
  b->data = data;
  return b;
}

bytes *bytes_take(char *data, size_t len) {
  return take(data, len, false);
}

bytes *bytes_take_secret(char *data, size_t len) {
  return take(data, len, true);
}

bytes *bytes_ref(bytes *b) {
  atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
  return b;
}

void bytes_unref(bytes *b) {
  if (!b || atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1)
    return;
  free_data(b->data, b->len, b->is_secret);
  free(b);
}

const char *bytes_data(const bytes *b) {
  return b->data;
}

size_t bytes_len(const bytes *b) {
  return b->len;
}
