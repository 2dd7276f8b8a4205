/* SPDX-License-Identifier: MIT
 *
 * token_endpoint: see token_endpoint.h. */
#include "http/token_endpoint.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/response.h"
#include "json/view.h"
#include "json/write.h"
#include "util/os.h"
#include "util/redact.h"

enum { MAX_ANSWER_BYTES = 65536 };

/* ---- the line ---- */

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

/* ---- the request ---- */

/* {"appId":...,"userKey":...}, in memory that is wiped. */
static bytes *make_credentials(const settings *s) {
  buffer b;
  bool ok;
  buffer_init(&b, MAX_ANSWER_BYTES);
  /* Growing would leave copies of the key in memory. */
  ok = buffer_grow(&b, 1, MAX_ANSWER_BYTES) &&
       buffer_append(&b, "{\"appId\":", 9) &&
       json_write_string(&b, s->app_id, strlen(s->app_id)) &&
       buffer_append(&b, ",\"userKey\":", 11) &&
       json_write_string(&b, s->user_key, strlen(s->user_key)) &&
       buffer_append(&b, "}", 1);
  if (ok) return bytes_take_secret(b.data, b.len);
  if (b.data) os_wipe(b.data, b.cap);
  buffer_free(&b);
  return NULL;
}

bool token_request_fill(transfer *t) {
  static const char type[] = "Content-Type: application/json";
  const settings *s = t->settings;
  t->request.method = os_copy_text("POST");
  t->request.url = os_copy_text(s->token_url);
  t->request.body = make_credentials(s);
  t->request.is_secret = true;
  t->request.max_response_bytes = MAX_ANSWER_BYTES;
  return t->request.method && t->request.url && t->request.body &&
         transfer_add_header(t, type, sizeof type - 1);
}

/* ---- the answer ---- */

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
  double start = now, end;
  bool ok = n > 0 && json_parse(text, n, &root) &&
            json_number(json_member(root, "exp"), &end) &&
            (json_number(json_member(root, "iat"), &start) || now >= 0);
  if (ok) *life = end - start;
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
      own > 0 && own < life) /* none at all would fetch one for each call */
    life = own;
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

/* A decimal number of seconds, of which a part counts as one; below 0: `text`
 * is not one. */
static double read_seconds(const char *text) {
  static const char digits[] = "0123456789";
  const char *end = text + strspn(text, digits);
  bool has_part = *end == '.';
  double seconds = 0;
  for (; text < end && seconds < 1e6; text++)
    seconds = seconds * 10 + (*text - '0');
  if (has_part) end += 1 + strspn(end + 1, digits);
  return *end ? -1 : seconds + has_part;
}

/* Seconds that a Retry-After header asks for, as a number or a date (by the
 * answer's own Date, where it has one); below 0: none. */
static double read_retry_after(const transfer *t) {
  const char *text = response_header(t, "retry-after");
  double seconds, date, now = answer_date(t);
  if (!text) return -1;
  if (*text >= '0' && *text <= '9') return read_seconds(text);
  date = (double)curl_getdate(text, NULL);
  if (date < 0) return -1;
  seconds = date - (now >= 0 ? now : (double)time(NULL));
  return seconds > 0 ? seconds : 0;
}

/* ---- failures ---- */

token_failure *token_failure_new(failure f, const char *message, int attempts) {
  token_failure *out = calloc(1, sizeof *out);
  if (!out) return NULL;
  out->failure = f;
  out->attempts = attempts;
  out->retry_after = -1;
  snprintf(out->message, sizeof out->message, "%s", message);
  return out;
}

/* May an error show the start of this answer? One that says yes and was not
 * understood can have a token in it, whole or in part. */
static bool is_showable(const response *r) {
  bool is_yes =
      r->status >= 200 && r->status < 300 && !token_answer_is_refusal(r);
  return r->body.len > 0 && (!is_yes || r->body.data[0] == '<');
}

static void keep_excerpt(token_failure *f, const transfer *t) {
  const response *r = &t->response;
  const char *secrets[SETTINGS_SECRETS];
  size_t len = 0;
  settings_secrets(t->settings, secrets);
  char *text = redact_text(r->body.data, r->body.len, sizeof f->body, secrets,
                           SETTINGS_SECRETS, &len);
  if (!text) return;
  f->body_len = len < sizeof f->body ? len : sizeof f->body;
  memcpy(f->body, text, f->body_len);
  free(text);
}

token_failure *token_answer_failure(const transfer *t, int attempts) {
  const response *r = &t->response;
  const char *location = response_header(t, "location");
  token_failure *f =
      token_failure_new(r->failure, transfer_message(t), attempts);
  if (!f) return NULL;
  if (r->failure == FAILURE_NONE && !token_answer_is_refusal(r) &&
      r->status < 500)
    f->failure = FAILURE_PROTOCOL;
  f->sent = r->sent;
  f->status = r->status;
  f->retry_after = read_retry_after(t);
  snprintf(f->location, sizeof f->location, "%s", location ? location : "");
  if (is_showable(r)) keep_excerpt(f, t);
  return f;
}
