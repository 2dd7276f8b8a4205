/* SPDX-License-Identifier: MIT
 *
 * token_answer: see token_answer.h. */
#include "http/token_answer.h"

#include <curl/curl.h>
#include <string.h>
#include <time.h>

#include "http/response.h"
#include "json/view.h"
#include "util/os.h"
#include "util/redact.h"

static int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-' || c == '+') return 62;
  if (c == '_' || c == '/') return 63;
  return -1;
}

/* Base64url without padding; returns the length, 0 when it is no such. */
static size_t decode_base64url(const char *in, size_t len, char *out) {
  unsigned bits = 0;
  int have = 0;
  size_t n = 0;
  for (size_t i = 0; i < len; i++) {
    int six = sextet(in[i]);
    if (six < 0) return 0;
    bits = (bits << 6 | (unsigned)six) & 0xffffu;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out[n++] = (char)(unsigned char)(bits >> have & 0xffu);
  }
  return n;
}

/* The life that a JWT's payload gives it: from `iat`, or else from `now` (by
 * the service's clock, below 0: not known), to `exp`. False: no JWT, or it
 * does not say. */
static bool jwt_life(const char *payload, size_t len, double now,
                     double *life) {
  char text[TOKEN_MAX_BYTES];
  size_t n = decode_base64url(payload, len, text);
  json_view root;
  int64_t start = (int64_t)now, end;
  bool ok = n > 0 && json_parse(text, n, &root) &&
            json_integer(json_member(root, "exp"), &end) &&
            (json_integer(json_member(root, "iat"), &start) || now >= 0);
  if (ok) *life = (double)end - (double)start;
  os_wipe(text, n);
  return ok;
}

/* The Date of an answer, in s since 1970; below 0: none. */
static double answer_date(const transfer *t) {
  const char *date = response_header(t, "date");
  return date ? (double)curl_getdate(date, NULL) : -1;
}

double token_answer_life(const transfer *t, const char *token) {
  double life = TOKEN_LIFE_SECONDS, own, margin;
  const char *payload = strchr(token, '.');
  const char *end = payload ? strchr(payload + 1, '.') : NULL;
  if (end && (size_t)(end - payload) <= TOKEN_MAX_BYTES &&
      jwt_life(payload + 1, (size_t)(end - payload - 1), answer_date(t),
               &own) &&
      own < life)
    life = own;
  if (life < 0) life = 0;
  margin = life / 10;
  return life - (margin < TOKEN_MARGIN_SECONDS ? margin : TOKEN_MARGIN_SECONDS);
}

bool token_fits_header(const char *text) {
  for (; *text; text++)
    if (*text <= ' ' || *text > '~') return false;
  return true;
}

bool token_answer_read(const response *r, char *out, size_t cap) {
  json_view root, value;
  size_t len;
  if (r->failure != FAILURE_NONE || r->status < 200 || r->status > 299)
    return false;
  if (!json_parse(r->body.data ? r->body.data : "", r->body.len, &root))
    return false;
  if (json_member(root, "success").kind == JSON_FALSE) return false;
  value = json_member(json_member(root, "data"), "token");
  if (value.kind == JSON_NONE) value = json_member(root, "token");
  return json_string(value, out, cap, &len) && len > 0 &&
         token_fits_header(out);
}

bool token_answer_is_refusal(const response *r) {
  json_view root;
  if (r->failure != FAILURE_NONE) return false;
  if (r->status >= 400 && r->status < 500) return true;
  return r->status >= 200 && r->status < 300 && r->body.data &&
         json_parse(r->body.data, r->body.len, &root) &&
         json_member(root, "success").kind == JSON_FALSE;
}

bool token_answer_may_pass(const response *r) {
  switch (r->failure) {
    case FAILURE_NONE:
      return r->status == 408 || r->status == 425 || r->status == 429 ||
             r->status >= 500;
    case FAILURE_RESOLVE:
    case FAILURE_CONNECT:
    case FAILURE_DESCRIPTORS:
    case FAILURE_TIMEOUT:
    case FAILURE_STALL:
    case FAILURE_NETWORK:
      return true;
    default:
      return false;
  }
}

double token_answer_retry_after(const transfer *t) {
  const char *text = response_header(t, "retry-after");
  double seconds = 0, date, now = answer_date(t);
  if (!text) return -1;
  if (*text < '0' || *text > '9') {
    date = (double)curl_getdate(text, NULL);
    if (date < 0) return -1;
    seconds = date - (now >= 0 ? now : (double)time(NULL));
    return seconds > 0 ? seconds : 0;
  }
  for (; *text >= '0' && *text <= '9' && seconds < 1e6; text++)
    seconds = seconds * 10 + (*text - '0');
  return seconds;
}

enum { MAX_EXCERPT = 512 }; /* bytes of a bad answer that are kept */

/* May an error show the start of this answer? One that says yes and was not
 * understood can have a token in it, whole or in part. */
static bool is_showable(const response *r) {
  bool is_yes =
      r->status >= 200 && r->status < 300 && !token_answer_is_refusal(r);
  return r->body.len > 0 && (!is_yes || r->body.data[0] == '<');
}

token_failure *token_answer_failure(const transfer *t, int attempts) {
  const response *r = &t->response;
  const char *secrets[SETTINGS_SECRETS];
  token_failure *f = token_failure_new(r->failure, r->message, attempts);
  if (!f) return NULL;
  if (r->failure == FAILURE_NONE && !token_answer_is_refusal(r) &&
      r->status < 500)
    f->failure = FAILURE_PROTOCOL;
  f->sent = r->sent;
  token_failure_set_headers(f, r->headers);
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
