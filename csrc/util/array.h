/* SPDX-License-Identifier: MIT
 *
 * array: items by number, as many as the highest number in use needs. */
#ifndef AISTUDIOS_UTIL_ARRAY_H
#define AISTUDIOS_UTIL_ARRAY_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The malloc'ed array of `*size` items, or NULL and 0, made large enough for
 * item `index`; new items are all zero bytes. NULL: out of memory, and the
 * array is as it was. */
static inline void *array_reach(void *items, int *size, int index,
                                size_t item_bytes) {
  int wanted = *size ? *size : 64;
  if (index < *size) return items;
  while (wanted <= index) wanted *= 2;
  char *grown = realloc(items, (size_t)wanted * item_bytes);
  if (!grown) return NULL;
  memset(grown + (size_t)*size * item_bytes, 0,
         (size_t)(wanted - *size) * item_bytes);
  *size = wanted;
  return grown;
}

#endif
