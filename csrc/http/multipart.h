/* SPDX-License-Identifier: MIT
 *
 * multipart: a multipart/form-data body. Parts are short texts or files, which
 * the file thread opens and reads ahead, a block at a time: neither does their
 * size matter, nor does the I/O thread wait for a disk. Nothing of the body
 * can be rewound: libcurl cannot send it twice. The host's thread makes it;
 * from multipart_begin on all functions are the I/O thread's, but for
 * multipart_unref. */
#ifndef AISTUDIOS_HTTP_MULTIPART_H
#define AISTUDIOS_HTTP_MULTIPART_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/file_thread.h"

/* Bytes read ahead at most, per body: two times the block. */
enum { MULTIPART_MAX_PARTS = 64, MULTIPART_BLOCK_BYTES = 256 * 1024 };

typedef struct multipart multipart;

/* A body without parts, with one reference; NULL when out of memory. */
multipart *multipart_new(void);
void multipart_unref(multipart *m); /* the last one frees; any thread */

/* Adds a part; all texts are copied. With `path`, the part is that file,
 * called `filename`, and `text` is not used; the path is taken from the
 * working directory of this moment; `type` is a MIME type or NULL. False: too
 * many parts, or out of memory. */
typedef struct {
  const char *name, *path, *filename, *type;
  const char *text;
  size_t text_len;
} multipart_part;
bool multipart_add(multipart *m, const multipart_part *p);

/* Opens the files; the listener hears FILE_OPENED. */
void multipart_begin(multipart *m, file_thread *files, file_listener *listener,
                     void *context, void *owner);

/* Gives the parts of an opened body to libcurl. What libcurl takes of them is
 * added to *sent. When it asks for bytes that are not read yet, it is paused
 * until FILE_READY. False: multipart_error tells why. */
bool multipart_attach(multipart *m, CURL *easy, atomic_uint_fast64_t *sent);

/* Was libcurl paused, and is FILE_READY still to come? */
bool multipart_is_waiting(const multipart *m);

/* A file that has changed since it was opened ends the body before its last
 * bytes: what went out whole is the file as it was.
 *
 * What went wrong with a file, when it was opened or while it was read; ""
 * when nothing did. */
const char *multipart_error(const multipart *m);

/* Bytes of all parts; known once it is open. */
uint64_t multipart_size(const multipart *m);

/* libcurl is done with it: the listener hears nothing more, and the files are
 * closed. Idempotent. */
void multipart_end(multipart *m);

#endif
