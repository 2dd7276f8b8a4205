/* SPDX-License-Identifier: MIT
 *
 * token_endpoint: the request that exchanges credentials for a token, what the
 * service answers, and the header line that carries a token. I/O thread only,
 * but for token_fits_header and token_line_text. */
#ifndef AISTUDIOS_HTTP_TOKEN_ENDPOINT_H
#define AISTUDIOS_HTTP_TOKEN_ENDPOINT_H

#include "http/transfer.h"

enum {
  TOKEN_LIFE_SECONDS = 86400, /* documented: a token lives 24 hours */
  TOKEN_MARGIN_SECONDS = 300, /* given up this long before it ends */
  TOKEN_MAX_BYTES = 16384
};

/* Makes `t` the request for a token with the credentials of its settings;
 * false when out of memory. */
bool token_request_fill(transfer *t);

/* The token of a good answer, `data.token` or `token`, NUL-terminated. */
bool token_answer_read(const response *r, char *out, size_t cap);

/* Seconds for which a token that has just come is trusted: the documented day
 * or what a JWT says of itself, whichever is less, less a margin. No clock of
 * this machine is asked. */
double token_answer_life(const transfer *t, const char *token);

/* A JSON answer that says no, as opposed to one that says nothing. */
bool token_answer_is_refusal(const response *r);

/* May the same request go better a little later? */
bool token_answer_may_pass(const response *r);

/* What `t`, a failed request for a token, says, without secrets. NULL: out of
 * memory. To be freed. */
token_failure *token_answer_failure(const transfer *t, int attempts);

/* The same of a request that has no answer. */
token_failure *token_failure_new(failure f, const char *message, int attempts);

/* Whether `text` can stand in a header line: printable ASCII, no blank. */
bool token_fits_header(const char *text);

/* The header line for `token`, in memory that is wiped; NULL when out of
 * memory. */
bytes *token_line_new(const char *token);

/* The token in a line; NULL for NULL. */
const char *token_line_text(const bytes *line);

#endif
