/* SPDX-License-Identifier: MIT
 *
 * token: entries of tokens (see token.h). An entry is empty, fetching, pausing
 * before the next attempt, or holds a token with an end. A token that was
 * issued elsewhere is an entry of its own that never fetches. */
#include "http/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/response.h"
#include "json/view.h"
#include "json/write.h"
#include "util/os.h"
#include "util/redact.h"

enum { MAX_EXCERPT = 512 }; /* bytes of a bad answer that are kept */

static const double first_pause = 0.5, longest_pause = 8.0; /* s */

struct token_entry {
  list_node entry;     /* in the scheduler's cache */
  unsigned users;      /* clients that joined */
  settings *settings;  /* of the first client: credentials and connection */
  list_node parked;    /* transfers that wait for the token */
  transfer *fetch;     /* runs now, or NULL */
  bytes *line;         /* "Authorization: ...", or NULL */
  uint64_t generation; /* counts tokens */
  double end;          /* the token is fresh until then */
  int attempts;        /* of the current fetch */
  double deadline;     /* of the current fetch with its repeats */
  double pause_end;    /* no attempt before; 0: no pause */
  unsigned fetch_count;
  token_failure failure; /* of the last fetch */
};

static bool is_same(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool serves(const token_entry *e, const settings *s) {
  return !e->settings->token && !s->token &&
         is_same(e->settings->token_url, s->token_url) &&
         is_same(e->settings->app_id, s->app_id) &&
         is_same(e->settings->user_key, s->user_key) &&
         is_same(e->settings->ca_file, s->ca_file) &&
         is_same(e->settings->proxy, s->proxy);
}

/* The header line for `token`; NULL when out of memory. */
static bytes *make_line(const char *token) {
  static const char name[] = "Authorization: ";
  size_t len = strlen(token);
  char *line = malloc(sizeof name + len);
  if (!line) return NULL;
  memcpy(line, name, sizeof name - 1);
  memcpy(line + sizeof name - 1, token, len + 1);
  return bytes_take_secret(line, sizeof name + len);
}

static void clear_failure(token_entry *e) {
  free(e->failure.body);
  free(e->failure.headers);
  memset(&e->failure, 0, sizeof e->failure);
}

static void free_entry(token_entry *e) {
  settings_unref(e->settings);
  bytes_unref(e->line);
  clear_failure(e);
  free(e);
}

static token_entry *make(settings *s) {
  token_entry *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  e->settings = settings_ref(s);
  list_init(&e->entry);
  list_init(&e->parked);
  if (s->token && !(e->line = make_line(s->token))) {
    free_entry(e);
    return NULL;
  }
  return e;
}

token_entry *token_join(list_node *cache, settings *s) {
  for (list_node *n = cache->next; n != cache; n = n->next) {
    token_entry *e = list_entry(n, token_entry, entry);
    if (!serves(e, s)) continue;
    e->users++;
    return e;
  }
  token_entry *e = make(s);
  if (!e) return NULL;
  e->users = 1;
  list_append(cache, &e->entry);
  return e;
}

token_entry *token_at(list_node *n) {
  return list_entry(n, token_entry, entry);
}

transfer *token_leave(token_entry *e) {
  if (--e->users > 0) return NULL;
  transfer *fetch = e->fetch;
  if (fetch) fetch->io.fetch_for = NULL;
  list_remove(&e->entry);
  free_entry(e);
  return fetch;
}

static bool is_fresh(const token_entry *e, double now) {
  return e->line && (e->settings->token || now < e->end);
}

void token_grant(token_entry *e, transfer *t) {
  t->io.token = bytes_ref(e->line);
  t->io.token_generation = e->generation;
  if (!e->settings->token) t->response.token = e->generation;
}

static void drop_token(token_entry *e) {
  bytes_unref(e->line);
  e->line = NULL;
}

bool token_attach(token_entry *e, transfer *t, double now) {
  if (!e->settings->token && e->generation <= t->request.refused_token)
    drop_token(e);
  if (is_fresh(e, now)) {
    token_grant(e, t);
    return true;
  }
  t->io.state = TRANSFER_PARKED;
  list_append(&e->parked, &t->io.queue);
  return false;
}

/* {"appId":...,"userKey":...}, in memory that is wiped. */
static bytes *make_credentials(const settings *s) {
  buffer b;
  bool ok;
  buffer_init(&b, TOKEN_MAX_ANSWER_BYTES);
  ok = buffer_append(&b, "{\"appId\":", 9) &&
       json_write_string(&b, s->app_id, strlen(s->app_id)) &&
       buffer_append(&b, ",\"userKey\":", 11) &&
       json_write_string(&b, s->user_key, strlen(s->user_key)) &&
       buffer_append(&b, "}", 1);
  if (ok) return bytes_take_secret(b.data, b.len);
  if (b.data) os_wipe(b.data, b.cap);
  buffer_free(&b);
  return NULL;
}

static bool fill_fetch(transfer *t, const token_entry *e) {
  static const char type[] = "Content-Type: application/json";
  const settings *s = e->settings;
  t->request.method = os_copy_text("POST");
  t->request.url = os_copy_text(s->token_url);
  t->request.body = make_credentials(s);
  t->request.is_secret = true;
  t->request.connect_timeout = s->connect_timeout;
  t->request.stall_timeout = s->stall_timeout;
  t->request.total_timeout = s->total_timeout;
  t->io.deadline = e->deadline;
  t->request.max_response_bytes = TOKEN_MAX_ANSWER_BYTES;
  return t->request.method && t->request.url && t->request.body &&
         transfer_add_header(t, type, sizeof type - 1);
}

static void begin_round(token_entry *e, double now) {
  double total = e->settings->total_timeout;
  clear_failure(e);
  e->attempts = 0;
  e->deadline = total > 0 ? now + total : 0;
}

static void fail_round(token_entry *e, failure f) {
  clear_failure(e);
  e->failure.failure = f;
  e->failure.attempts = e->attempts;
  e->pause_end = 0;
  e->attempts = 0;
}

transfer *token_start_fetch(token_entry *e, double now, bool *failed) {
  *failed = false;
  if (list_is_empty(&e->parked) || e->fetch || now < e->pause_end) return NULL;
  if (e->settings->token || !e->settings->user_key) { /* nothing to offer */
    fail_round(e, FAILURE_NONE);
    *failed = true;
    return NULL;
  }
  if (e->attempts == 0 || (e->deadline > 0 && now >= e->deadline))
    begin_round(e, now); /* a round that nobody waited for is over */
  transfer *t = transfer_new(e->settings);
  if (!t || !fill_fetch(t, e)) {
    transfer_unref(t);
    fail_round(e, FAILURE_MEMORY);
    *failed = true;
    return NULL;
  }
  t->io.fetch_for = e;
  e->fetch = t;
  e->attempts++;
  e->fetch_count++;
  e->pause_end = 0;
  return t;
}

double token_wake_time(const token_entry *e) {
  return list_is_empty(&e->parked) ? 0 : e->pause_end;
}

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

/* Seconds until the `exp` of a JWT's payload; false: no JWT, or none. */
static bool jwt_life(const char *payload, size_t len, double *life) {
  char text[TOKEN_MAX_BYTES];
  size_t n = decode_base64url(payload, len, text);
  json_view root;
  int64_t end;
  bool ok = n > 0 && json_parse(text, n, &root) &&
            json_integer(json_member(root, "exp"), &end);
  if (ok) *life = (double)end - (double)time(NULL);
  os_wipe(text, n);
  return ok;
}

/* How long a new token is trusted: the documented day or the JWT's own end,
 * whichever is earlier, less a margin. */
static double token_life(const char *token) {
  double life = TOKEN_LIFE_SECONDS, own, margin;
  const char *payload = strchr(token, '.');
  const char *end = payload ? strchr(payload + 1, '.') : NULL;
  if (end && jwt_life(payload + 1, (size_t)(end - payload - 1), &own) &&
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

/* Takes the token out of a good answer: `data.token`, or `token`. */
static bool read_token(const response *r, char *out, size_t cap) {
  json_view root, value;
  size_t len;
  if (!json_parse(r->body.data ? r->body.data : "", r->body.len, &root))
    return false;
  if (json_member(root, "success").kind == JSON_FALSE) return false;
  value = json_member(json_member(root, "data"), "token");
  if (value.kind == JSON_NONE) value = json_member(root, "token");
  return json_string(value, out, cap, &len) && len > 0 &&
         token_fits_header(out);
}

/* A JSON answer that says no, as opposed to one that says nothing. */
static bool is_refusal(const response *r) {
  json_view root;
  if (r->status >= 400 && r->status < 500) return true;
  return r->status >= 200 && r->status < 300 && r->body.data &&
         json_parse(r->body.data, r->body.len, &root) &&
         json_member(root, "success").kind == JSON_FALSE;
}

static bool is_passing(const response *r) {
  switch (r->failure) {
    case FAILURE_NONE:
      return r->status == 408 || r->status == 429 || r->status == 500 ||
             (r->status >= 502 && r->status <= 504);
    case FAILURE_RESOLVE:
    case FAILURE_CONNECT:
    case FAILURE_TIMEOUT:
    case FAILURE_STALL:
    case FAILURE_NETWORK:
      return true;
    default:
      return false;
  }
}

/* Seconds of a Retry-After header that is a number; below 0: none. */
static double retry_after(const transfer *t) {
  const char *text = response_header(t, "retry-after");
  double seconds = 0;
  if (!text || *text < '0' || *text > '9') return -1;
  for (; *text >= '0' && *text <= '9' && seconds < 1e6; text++)
    seconds = seconds * 10 + (*text - '0');
  return seconds;
}

/* Plans another attempt; false: enough, or no time left. */
static bool plan_repeat(token_entry *e, const transfer *t, double now) {
  double asked = retry_after(t), pause = first_pause;
  if (e->attempts > e->settings->retries || !is_passing(&t->response))
    return false;
  for (int i = 1; i < e->attempts && pause < longest_pause; i++) pause *= 2;
  pause *= os_random();
  if (asked > TOKEN_MAX_RETRY_AFTER) return false;
  if (asked > pause) pause = asked;
  if (e->deadline > 0 && now + pause >= e->deadline) return false;
  e->pause_end = now + pause;
  return true;
}

/* May an error show the start of this answer? One that says yes and was not
 * understood can have a token in it, whole or in part. */
static bool is_showable(const response *r) {
  bool is_yes = r->status >= 200 && r->status < 300 && !is_refusal(r);
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

static void keep_failure(token_entry *e, const transfer *t) {
  const response *r = &t->response;
  const char *secrets[] = {e->settings->user_key};
  token_failure *kept = &e->failure;
  failure f = r->failure;
  if (f == FAILURE_NONE && !is_refusal(r) && r->status < 500)
    f = FAILURE_PROTOCOL;
  fail_round(e, f);
  kept->sent = r->sent;
  snprintf(kept->message, sizeof kept->message, "%s", r->message);
  kept->headers = copy_headers(r->headers);
  kept->status = r->status;
  if (is_showable(r))
    kept->body =
        redact_text(r->body.data, r->body.len, secrets, 1, &kept->body_len);
  if (kept->body && kept->body_len > MAX_EXCERPT)
    kept->body[kept->body_len = MAX_EXCERPT] = '\0';
}

token_result token_fetched(token_entry *e, transfer *fetch, double now) {
  char token[TOKEN_MAX_BYTES];
  const response *r = &fetch->response;
  bytes *line = NULL;
  bool is_good = r->failure == FAILURE_NONE && r->status >= 200 &&
                 r->status < 300 && read_token(r, token, sizeof token);
  e->fetch = NULL;
  if (is_good) line = make_line(token);
  if (line) {
    bytes_unref(e->line);
    e->line = line;
    e->generation++;
    e->end = now + token_life(token);
    e->attempts = 0;
    os_wipe(token, strlen(token));
    return TOKEN_READY;
  }
  if (plan_repeat(e, fetch, now)) return TOKEN_PAUSED;
  keep_failure(e, fetch);
  return TOKEN_FAILED;
}

transfer *token_next_parked(token_entry *e) {
  if (list_is_empty(&e->parked)) return NULL;
  transfer *t = list_entry(e->parked.next, transfer, io.queue);
  list_remove(&t->io.queue);
  return t;
}

void token_explain(const token_entry *e, transfer *t) {
  const token_failure *f = &e->failure;
  t->response.token_failure = *f;
  t->response.token_failure.body = NULL;
  if (f->body && (t->response.token_failure.body = malloc(f->body_len + 1)))
    memcpy(t->response.token_failure.body, f->body, f->body_len + 1);
  if (!t->response.token_failure.body) t->response.token_failure.body_len = 0;
  t->response.token_failure.headers = copy_headers(f->headers);
  response_fail(t, FAILURE_AUTH, "no access token could be had");
}

void token_reject(token_entry *e, transfer *t) {
  t->response.is_renewable = !e->settings->token;
  if (!t->response.is_renewable || t->io.token_generation != e->generation)
    return;
  drop_token(e);
}

transfer *token_running_fetch(const token_entry *e) {
  return e->fetch;
}

unsigned token_fetch_count(const token_entry *e) {
  return e->fetch_count;
}
