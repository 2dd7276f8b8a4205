/* SPDX-License-Identifier: MIT
 *
 * token_line: the header line that carries a token. */
#ifndef AISTUDIOS_HTTP_TOKEN_LINE_H
#define AISTUDIOS_HTTP_TOKEN_LINE_H

#include "util/bytes.h"

/* The line for `token`, in memory that is wiped; NULL when out of memory. */
bytes *token_line_new(const char *token);

/* The token in a line; NULL for NULL. */
const char *token_line_text(const bytes *line);

#endif
