/* SPDX-License-Identifier: MIT
 *
 * bytes: immutable bytes with a reference count. The host's thread makes them,
 * the I/O thread reads them, whoever lets go last frees them. Nobody writes
 * to them after bytes_take. */
#ifndef AISTUDIOS_UTIL_BYTES_H
#define AISTUDIOS_UTIL_BYTES_H

#include <stddef.h>

typedef struct bytes bytes;

/* Takes over the malloc'ed `data`. NULL when out of memory; `data` is then
 * freed too. The caller holds the one reference. */
bytes *bytes_take(char *data, size_t len);

/* The same for bytes that must not stay behind in memory: they are wiped
 * before they are freed. */
bytes *bytes_take_secret(char *data, size_t len);

/* One more reference; returns its argument. */
bytes *bytes_ref(bytes *b);

/* Gives one reference back; NULL is allowed. */
void bytes_unref(bytes *b);

const char *bytes_data(const bytes *b);
size_t bytes_len(const bytes *b);

#endif
