/* SPDX-License-Identifier: MIT
 *
 * token_failure: see token_failure.h. */
#include "http/token_failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

token_failure *token_failure_new(failure f, const char *message, int attempts) {
  token_failure *out = calloc(1, sizeof *out);
  if (!out) return NULL;
  out->failure = f;
  out->attempts = attempts;
  out->retry_after = -1;
  snprintf(out->message, sizeof out->message, "%s", message);
  return out;
}

void token_failure_set_headers(token_failure *f, const char *headers) {
  const char *end = headers;
  f->headers = NULL;
  if (!headers) return;
  while (*end) end += strlen(end) + 1;
  f->headers = malloc((size_t)(end - headers) + 1);
  if (f->headers) memcpy(f->headers, headers, (size_t)(end - headers) + 1);
}

token_failure *token_failure_copy(const token_failure *f) {
  token_failure *out = f ? malloc(sizeof *out) : NULL;
  if (!out) return NULL;
  *out = *f;
  out->body = NULL;
  if (f->body && (out->body = malloc(f->body_len + 1)))
    memcpy(out->body, f->body, f->body_len + 1);
  if (!out->body) out->body_len = 0;
  token_failure_set_headers(out, f->headers);
  return out;
}

void token_failure_free(token_failure *f) {
  if (!f) return;
  free(f->body);
  free(f->headers);
  free(f);
}
