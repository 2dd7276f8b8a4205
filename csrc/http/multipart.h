/* SPDX-License-Identifier: MIT
 *
 * multipart: a multipart/form-data body. Parts are short texts or files; files
 * are opened when the transfer starts and read while it runs, so that their
 * size does not matter. Nothing of it can be rewound: libcurl cannot send it
 * twice. Made by the host's thread, used by the I/O thread. */
#ifndef AISTUDIOS_HTTP_MULTIPART_H
#define AISTUDIOS_HTTP_MULTIPART_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MULTIPART_MAX_PARTS = 64 };

typedef struct multipart multipart;

/* A body without parts; NULL when out of memory. */
multipart *multipart_new(void);

/* Adds a part; all texts are copied. With `path`, the part is that file,
 * called `filename`, and `text` is not used; `type` is a MIME type or NULL.
 * False: too many parts, or out of memory. */
typedef struct {
  const char *name, *path, *filename, *type;
  const char *text;
  size_t text_len;
} multipart_part;
bool multipart_add(multipart *m, const multipart_part *p);

/* I/O thread: opens the files and gives the parts to libcurl. What libcurl
 * takes of them is added to *sent. False: multipart_error tells why. */
bool multipart_open(multipart *m, CURL *easy, atomic_uint_fast64_t *sent);

/* What went wrong with a file, when it was opened or while it was read; ""
 * when nothing did. Lives as long as the body. */
const char *multipart_error(const multipart *m);

/* Bytes of all parts; known once it is open. */
uint64_t multipart_size(const multipart *m);

/* I/O thread: libcurl is done with it; closes the files. Idempotent. */
void multipart_close(multipart *m);

/* Closes and frees; NULL is allowed. */
void multipart_free(multipart *m);

#endif
