/* SPDX-License-Identifier: MIT
 *
 * token_answer: what the service says to a request for a token. Reads only;
 * I/O thread only, but for token_fits_header. */
#ifndef AISTUDIOS_HTTP_TOKEN_ANSWER_H
#define AISTUDIOS_HTTP_TOKEN_ANSWER_H

#include "http/token_failure.h"
#include "http/transfer.h"

enum {
  TOKEN_LIFE_SECONDS = 86400, /* documented: a token lives 24 hours */
  TOKEN_MARGIN_SECONDS = 300, /* given up this long before it ends */
  TOKEN_MAX_BYTES = 16384
};

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

/* Seconds that a Retry-After header asks for, as a number or a date (by the
 * answer's own Date, where it has one); below 0: none. */
double token_answer_retry_after(const transfer *t);

/* What `t`, a failed request for a token, says, without secrets. NULL: out of
 * memory. */
token_failure *token_answer_failure(const transfer *t, int attempts);

/* Whether `text` can stand in a header line: printable ASCII, no blank. */
bool token_fits_header(const char *text);

#endif
