/* SPDX-License-Identifier: MIT
 *
 * body: immutable, reference-counted bytes (see body.h). The count is the
 * only thing that two threads touch. */
#include "body.h"

#include <stdatomic.h>
#include <stdlib.h>

struct body {
  atomic_uint refs; /* holders: userdata on the host, transfers in flight */
  size_t len;
  char *data; /* malloc'ed, owned */
};

body *body_take(char *data, size_t len) {
  body *b = malloc(sizeof *b);
  if (!b) {
    free(data);
    return NULL;
  }
  atomic_init(&b->refs, 1);
  b->len = len;
  b->data = data;
  return b;
}

body *body_ref(body *b) {
  atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
  return b;
}

void body_unref(body *b) {
  if (!b ||
      atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1)
    return;
  free(b->data);
  free(b);
}

const char *body_data(const body *b) { return b->data; }

size_t body_len(const body *b) { return b->len; }
