/* SPDX-License-Identifier: MIT
 *
 * body: immutable bytes with a reference count. The host's thread makes them,
 * the I/O thread reads them, whoever lets go last frees them. Nobody writes
 * to the bytes after body_take. */
#ifndef AISTUDIOS_BODY_H
#define AISTUDIOS_BODY_H

#include <stddef.h>

typedef struct body body;

/* Takes over the malloc'ed `data`. NULL when out of memory; `data` is then
 * freed too. The caller holds the one reference. */
body *body_take(char *data, size_t len);

/* The same for bytes that must not stay behind in memory: they are wiped
 * before they are freed. */
body *body_take_secret(char *data, size_t len);

/* One more reference; returns its argument. */
body *body_ref(body *b);

/* Gives one reference back; NULL is allowed. */
void body_unref(body *b);

const char *body_data(const body *b);
size_t body_len(const body *b);

#endif
