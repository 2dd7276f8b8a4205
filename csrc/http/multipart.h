/* SPDX-License-Identifier: MIT
 *
 * upload: a multipart/form-data body. Parts are short texts or files; files
 * are opened when the transfer starts and read while it runs, so that their
 * size does not matter. Nothing of it can be rewound: libcurl cannot send it
 * twice. Made by the host's thread, used by the I/O thread. */
#ifndef AISTUDIOS_UPLOAD_H
#define AISTUDIOS_UPLOAD_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UPLOAD_MAX_PARTS = 64 };

struct transfer; /* transfer.h */

typedef struct upload upload;

/* An upload without parts; NULL when out of memory. */
upload *upload_new(void);

/* Adds a part; all texts are copied. With `path`, the part is that file,
 * called `filename`, and `text` is not used; `type` is a MIME type or NULL.
 * False: too many parts, or out of memory. */
typedef struct {
  const char *name, *path, *filename, *type;
  const char *text;
  size_t text_len;
} upload_part;
bool upload_add(upload *u, const upload_part *p);

/* I/O thread: opens the files and gives the parts to libcurl. False:
 * `error` tells why. */
bool upload_open(upload *u, struct transfer *t, CURL *easy, char *error,
                 size_t cap);

/* Bytes of all parts; known once it is open. */
uint64_t upload_size(const upload *u);

/* I/O thread: libcurl is done with it; closes the files. Idempotent. */
void upload_close(upload *u);

/* Closes and frees; NULL is allowed. */
void upload_free(upload *u);

#endif
