/* SPDX-License-Identifier: MIT
 *
 * token_failure: see token_failure.h. */
#include "http/token_failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/token_answer.h"
#include "util/redact.h"

enum { MAX_EXCERPT = 512 }; /* bytes of a bad answer that are kept */

/* May an error show the start of this answer? One that says yes and was not
 * understood can have a token in it, whole or in part. */
static bool is_showable(const response *r) {
  bool is_yes =
      r->status >= 200 && r->status < 300 && !token_answer_is_refusal(r);
  return r->body.len > 0 && (!is_yes || r->body.data[0] == '<');
}

/* A malloc'ed copy of a response's headers; NULL for none. */
static char *copy_headers(const char *headers) {
  const char *end = headers;
  char *copy;
  if (!headers) return NULL;
  while (*end) end += strlen(end) + 1;
  copy = malloc((size_t)(end - headers) + 1);
  if (copy) memcpy(copy, headers, (size_t)(end - headers) + 1);
  return copy;
}

token_failure *token_failure_new(failure f, const char *message, int attempts) {
  token_failure *out = calloc(1, sizeof *out);
  if (!out) return NULL;
  out->failure = f;
  out->attempts = attempts;
  out->retry_after = -1;
  snprintf(out->message, sizeof out->message, "%s", message);
  return out;
}

token_failure *token_failure_of(const transfer *t, int attempts) {
  const response *r = &t->response;
  const char *secrets[SETTINGS_SECRETS];
  token_failure *f = token_failure_new(r->failure, r->message, attempts);
  if (!f) return NULL;
  if (r->failure == FAILURE_NONE && !token_answer_is_refusal(r) &&
      r->status < 500)
    f->failure = FAILURE_PROTOCOL;
  f->sent = r->sent;
  f->headers = copy_headers(r->headers);
  f->status = r->status;
  f->retry_after = token_answer_retry_after(t);
  settings_secrets(t->settings, secrets);
  if (is_showable(r))
    f->body = redact_text(r->body.data, r->body.len, secrets, SETTINGS_SECRETS,
                          &f->body_len);
  if (f->body && f->body_len > MAX_EXCERPT)
    f->body[f->body_len = MAX_EXCERPT] = '\0';
  return f;
}

token_failure *token_failure_copy(const token_failure *f) {
  token_failure *out = f ? malloc(sizeof *out) : NULL;
  if (!out) return NULL;
  *out = *f;
  out->body = NULL;
  if (f->body && (out->body = malloc(f->body_len + 1)))
    memcpy(out->body, f->body, f->body_len + 1);
  if (!out->body) out->body_len = 0;
  out->headers = copy_headers(f->headers);
  return out;
}

void token_failure_free(token_failure *f) {
  if (!f) return;
  free(f->body);
  free(f->headers);
  free(f);
}
