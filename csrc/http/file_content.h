/* SPDX-License-Identifier: MIT
 *
 * file_content: is what came a whole file of the kind that was asked for?
 * Servers answer 200 with an empty body, an error page or an error object,
 * and an answer without a length may be cut off. Reads the file; changes
 * nothing. */
#ifndef AISTUDIOS_HTTP_FILE_CONTENT_H
#define AISTUDIOS_HTTP_FILE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

/* What the bytes of a file may be. */
typedef struct {
  bool is_mp4;        /* nothing but a whole MP4 file */
  bool may_be_markup; /* HTML and XML are no error pages */
  bool may_be_json;   /* JSON is no error object */
} file_content_rules;

/* What is wrong with the file of `size` bytes at `fd`, a static text; NULL:
 * nothing. `*is_cut_off` tells whether more of it was to come. */
const char *file_content_problem(int fd, uint64_t size,
                                 file_content_rules rules, bool *is_cut_off);

#endif
