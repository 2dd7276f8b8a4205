/* SPDX-License-Identifier: MIT
 *
 * file_content: is what came a whole file of the kind that was asked for?
 * Servers answer 200 with an empty body, an error page or an error object,
 * and an answer without a length may be cut off. Reads the file; changes
 * nothing. */
#ifndef AISTUDIOS_HTTP_FILE_CONTENT_H
#define AISTUDIOS_HTTP_FILE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILE_CONTENT_START_BYTES = 512 };

/* What the bytes of a file may be. */
typedef struct {
  bool is_mp4;        /* nothing but a whole MP4 file */
  bool may_be_markup; /* HTML and XML are no error pages */
  bool may_be_json;   /* JSON is no error object */
} file_content_rules;

typedef struct {
  const char *problem; /* what is wrong, a static text; NULL: nothing */
  bool is_cut_off;     /* more of it was to come */
  int error; /* errno; not 0: it cannot be read, the rest says nothing */
  char start[FILE_CONTENT_START_BYTES + 1]; /* its first bytes, and a NUL */
  size_t start_len;
} file_content;

/* Looks at a file's first bytes: FILE_CONTENT_START_BYTES, or all of it. */
file_content file_content_begin(const char *data, size_t len,
                                file_content_rules rules);

/* Looks at the file of `size` bytes at `fd`. */
file_content file_content_look(int fd, uint64_t size, file_content_rules rules);

#endif
