/* SPDX-License-Identifier: MIT
 *
 * token_failure: how a request for a token ended, for those who waited for
 * it. Few transfers have one, so it has memory of its own. */
#ifndef AISTUDIOS_HTTP_TOKEN_FAILURE_H
#define AISTUDIOS_HTTP_TOKEN_FAILURE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "http/failure.h"

typedef struct token_failure {
  failure failure;
  char message[CURL_ERROR_SIZE]; /* one line; "" without a failure */
  char *headers;                 /* as in response, or NULL */
  bool sent;
  long status;
  int attempts;
  double retry_after; /* s that the service asks to wait; below 0: it did not */
  char *body;         /* the first bytes, secrets removed; or NULL */
  size_t body_len;
} token_failure;

/* Of a request that has no answer. Both are NULL when out of memory. */
token_failure *token_failure_new(failure f, const char *message, int attempts);

/* NULL for NULL. */
token_failure *token_failure_copy(const token_failure *f);

/* Copies headers as in response, NULL for none. Out of memory, it has none. */
void token_failure_set_headers(token_failure *f, const char *headers);

void token_failure_free(token_failure *f); /* NULL is allowed */

#endif
