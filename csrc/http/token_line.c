/* SPDX-License-Identifier: MIT
 *
 * token_line: see token_line.h. */
#include "http/token_line.h"

#include <stdlib.h>
#include <string.h>

static const char name[] = "Authorization: ";

bytes *token_line_new(const char *token) {
  size_t len = strlen(token);
  char *line = malloc(sizeof name + len);
  if (!line) return NULL;
  memcpy(line, name, sizeof name - 1);
  memcpy(line + sizeof name - 1, token, len + 1);
  return bytes_take_secret(line, sizeof name + len);
}

const char *token_line_text(const bytes *line) {
  return line ? bytes_data(line) + sizeof name - 1 : NULL;
}
