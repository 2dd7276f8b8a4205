/* SPDX-License-Identifier: MIT
 *
 * body: immutable, reference-counted bytes (see body.h). The count is the
 * only thing that two threads touch. */
#include "util/bytes.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "util/os.h"

struct body {
  atomic_uint refs; /* holders: userdata on the host, transfers in flight */
  bool is_secret;   /* wipe before freeing */
  size_t len;
  char *data; /* malloc'ed, owned */
};

static void free_data(char *data, size_t len, bool is_secret) {
  if (is_secret) system_wipe(data, len);
  free(data);
}

static body *take(char *data, size_t len, bool is_secret) {
  body *b = malloc(sizeof *b);
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

body *body_take(char *data, size_t len) {
  return take(data, len, false);
}

body *body_take_secret(char *data, size_t len) {
  return take(data, len, true);
}

body *body_ref(body *b) {
  atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
  return b;
}

void body_unref(body *b) {
  if (!b || atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1)
    return;
  free_data(b->data, b->len, b->is_secret);
  free(b);
}

const char *body_data(const body *b) {
  return b->data;
}

size_t body_len(const body *b) {
  return b->len;
}
