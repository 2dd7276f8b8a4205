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

void token_failure_keep(token_failure *f, const transfer *t) {
  const response *r = &t->response;
  const char *secrets[SETTINGS_SECRETS];
  token_failure_clear(f);
  f->failure = r->failure;
  if (r->failure == FAILURE_NONE && !token_answer_is_refusal(r) &&
      r->status < 500)
    f->failure = FAILURE_PROTOCOL;
  f->sent = r->sent;
  snprintf(f->message, sizeof f->message, "%s", r->message);
  f->headers = copy_headers(r->headers);
  f->status = r->status;
  settings_secrets(t->settings, secrets);
  if (is_showable(r))
    f->body = redact_text(r->body.data, r->body.len, secrets, SETTINGS_SECRETS,
                          &f->body_len);
  if (f->body && f->body_len > MAX_EXCERPT)
    f->body[f->body_len = MAX_EXCERPT] = '\0';
}

void token_failure_copy(token_failure *to, const token_failure *from) {
  *to = *from;
  to->body = NULL;
  if (from->body && (to->body = malloc(from->body_len + 1)))
    memcpy(to->body, from->body, from->body_len + 1);
  if (!to->body) to->body_len = 0;
  to->headers = copy_headers(from->headers);
}

void token_failure_clear(token_failure *f) {
  free(f->body);
  free(f->headers);
  memset(f, 0, sizeof *f);
}
