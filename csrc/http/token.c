/* SPDX-License-Identifier: MIT
 *
 * auth: token entries (see auth.h). An entry is empty, fetching, pausing
 * before the next attempt, or holds a token with an end. A token that was
 * issued elsewhere is an entry of its own that never fetches. */
#include "http/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json/json.h"
#include "util/os.h"
#include "util/redact.h"

enum { MAX_EXCERPT = 512 }; /* bytes of a bad answer that are kept */

static const double first_pause = 0.5, longest_pause = 8.0; /* s */

struct auth {
  list_node entry;     /* in the engine's cache */
  unsigned users;      /* clients that joined */
  settings *settings;  /* of the first client: credentials and connection */
  list_node parked;    /* transfers that wait for the token */
  transfer *fetch;     /* runs now, or NULL */
  body *line;          /* "Authorization: ...", or NULL */
  uint64_t generation; /* counts tokens */
  double end;          /* the token is fresh until then */
  int attempts;        /* of the current fetch */
  double deadline;     /* of the current fetch with its repeats */
  double pause_end;    /* no attempt before; 0: no pause */
  unsigned fetch_count;
  auth_failure failure; /* of the last fetch */
};

static bool is_same(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool serves(const auth *a, const settings *s) {
  return !a->settings->token && !s->token &&
         is_same(a->settings->token_url, s->token_url) &&
         is_same(a->settings->app_id, s->app_id) &&
         is_same(a->settings->user_key, s->user_key) &&
         is_same(a->settings->ca_file, s->ca_file) &&
         is_same(a->settings->proxy, s->proxy);
}

/* The header line for `token`; NULL when out of memory. */
static body *make_line(const char *token) {
  static const char name[] = "Authorization: ";
  size_t len = strlen(token);
  char *line = malloc(sizeof name + len);
  if (!line) return NULL;
  memcpy(line, name, sizeof name - 1);
  memcpy(line + sizeof name - 1, token, len + 1);
  return body_take_secret(line, sizeof name + len);
}

static void clear_failure(auth *a) {
  free(a->failure.body);
  memset(&a->failure, 0, sizeof a->failure);
}

static void free_auth(auth *a) {
  settings_unref(a->settings);
  body_unref(a->line);
  clear_failure(a);
  free(a);
}

static auth *make(settings *s) {
  auth *a = calloc(1, sizeof *a);
  if (!a) return NULL;
  a->settings = settings_ref(s);
  list_init(&a->entry);
  list_init(&a->parked);
  if (s->token && !(a->line = make_line(s->token))) {
    free_auth(a);
    return NULL;
  }
  return a;
}

auth *auth_join(list_node *cache, settings *s) {
  for (list_node *n = cache->next; n != cache; n = n->next) {
    auth *a = list_entry(n, auth, entry);
    if (!serves(a, s)) continue;
    a->users++;
    return a;
  }
  auth *a = make(s);
  if (!a) return NULL;
  a->users = 1;
  list_append(cache, &a->entry);
  return a;
}

auth *auth_at(list_node *n) {
  return list_entry(n, auth, entry);
}

transfer *auth_leave(auth *a) {
  if (--a->users > 0) return NULL;
  transfer *fetch = a->fetch;
  if (fetch) fetch->fetch_for = NULL;
  list_remove(&a->entry);
  free_auth(a);
  return fetch;
}

static bool is_fresh(const auth *a, double now) {
  return a->line && (a->settings->token || now < a->end);
}

void auth_grant(auth *a, transfer *t) {
  t->token = body_ref(a->line);
  t->token_generation = a->generation;
}

bool auth_attach(auth *a, transfer *t, double now) {
  if (is_fresh(a, now)) {
    auth_grant(a, t);
    return true;
  }
  t->state = TRANSFER_PARKED;
  list_append(&a->parked, &t->queue);
  return false;
}

/* {"appId":...,"userKey":...}, in memory that is wiped. */
static body *make_credentials(const settings *s) {
  json_buf b;
  bool ok;
  json_buf_init(&b, AUTH_MAX_ANSWER_BYTES);
  ok = json_write_raw(&b, "{\"appId\":", 9) &&
       json_write_string(&b, s->app_id, strlen(s->app_id)) &&
       json_write_raw(&b, ",\"userKey\":", 11) &&
       json_write_string(&b, s->user_key, strlen(s->user_key)) &&
       json_write_raw(&b, "}", 1);
  if (ok) return body_take_secret(b.data, b.len);
  if (b.data) system_wipe(b.data, b.cap);
  json_buf_free(&b);
  return NULL;
}

static bool fill_fetch(transfer *t, const auth *a) {
  static const char type[] = "Content-Type: application/json";
  const settings *s = a->settings;
  t->method = system_copy("POST");
  t->url = system_copy(s->token_url);
  t->body = make_credentials(s);
  t->is_secret = true;
  t->connect_timeout = s->connect_timeout;
  t->stall_timeout = s->stall_timeout;
  t->total_timeout = s->total_timeout;
  t->deadline = a->deadline;
  t->max_response_bytes = AUTH_MAX_ANSWER_BYTES;
  return t->method && t->url && t->body &&
         transfer_add_header(t, type, sizeof type - 1);
}

static void begin_round(auth *a, double now) {
  double total = a->settings->total_timeout;
  clear_failure(a);
  a->attempts = 0;
  a->deadline = total > 0 ? now + total : 0;
}

static void fail_round(auth *a, failure f) {
  clear_failure(a);
  a->failure.failure = f;
  a->failure.attempts = a->attempts;
  a->pause_end = 0;
  a->attempts = 0;
}

transfer *auth_start_fetch(auth *a, double now, bool *failed) {
  *failed = false;
  if (list_is_empty(&a->parked) || a->fetch || now < a->pause_end) return NULL;
  if (a->settings->token || !a->settings->user_key) { /* nothing to offer */
    fail_round(a, FAILURE_NONE);
    *failed = true;
    return NULL;
  }
  if (a->attempts == 0 || (a->deadline > 0 && now >= a->deadline))
    begin_round(a, now); /* a round that nobody waited for is over */
  transfer *t = transfer_new(a->settings);
  if (!t || !fill_fetch(t, a)) {
    transfer_unref(t);
    fail_round(a, FAILURE_MEMORY);
    *failed = true;
    return NULL;
  }
  t->fetch_for = a;
  a->fetch = t;
  a->attempts++;
  a->fetch_count++;
  a->pause_end = 0;
  return t;
}

double auth_wake_time(const auth *a) {
  return list_is_empty(&a->parked) ? 0 : a->pause_end;
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
  char text[AUTH_MAX_TOKEN_BYTES];
  size_t n = decode_base64url(payload, len, text);
  json_view root;
  int64_t end;
  bool ok = n > 0 && json_parse(text, n, &root) &&
            json_integer(json_member(root, "exp"), &end);
  if (ok) *life = (double)end - (double)time(NULL);
  system_wipe(text, n);
  return ok;
}

/* How long a new token is trusted: the documented day or the JWT's own end,
 * whichever is earlier, less a margin. */
static double token_life(const char *token) {
  double life = AUTH_LIFE_SECONDS, own, margin;
  const char *payload = strchr(token, '.');
  const char *end = payload ? strchr(payload + 1, '.') : NULL;
  if (end && jwt_life(payload + 1, (size_t)(end - payload - 1), &own) &&
      own < life)
    life = own;
  if (life < 0) life = 0;
  margin = life / 10;
  return life - (margin < AUTH_MARGIN_SECONDS ? margin : AUTH_MARGIN_SECONDS);
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
         secret_fits_header(out);
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
    case FAILURE_REFUSED:
      return true;
    default:
      return false;
  }
}

/* Seconds of a Retry-After header that is a number; below 0: none. */
static double retry_after(const transfer *t) {
  const char *text = transfer_header(t, "retry-after");
  double seconds = 0;
  if (!text || *text < '0' || *text > '9') return -1;
  for (; *text >= '0' && *text <= '9' && seconds < 1e6; text++)
    seconds = seconds * 10 + (*text - '0');
  return seconds;
}

/* Plans another attempt; false: enough, or no time left. */
static bool plan_repeat(auth *a, const transfer *t, double now) {
  double asked = retry_after(t), pause = first_pause;
  if (a->attempts > a->settings->retries || !is_passing(&t->response))
    return false;
  for (int i = 1; i < a->attempts && pause < longest_pause; i++) pause *= 2;
  pause *= system_random();
  if (asked > AUTH_MAX_RETRY_AFTER) return false;
  if (asked > pause) pause = asked;
  if (a->deadline > 0 && now + pause >= a->deadline) return false;
  a->pause_end = now + pause;
  return true;
}

/* May an error show the start of this answer? One that says yes and was not
 * understood can have a token in it, whole or in part. */
static bool is_showable(const response *r) {
  bool is_yes = r->status >= 200 && r->status < 300 && !is_refusal(r);
  return r->body.len > 0 && (!is_yes || r->body.data[0] == '<');
}

static void keep_failure(auth *a, const transfer *t) {
  const response *r = &t->response;
  const char *secrets[] = {a->settings->user_key};
  auth_failure *kept = &a->failure;
  failure f = r->failure;
  if (f == FAILURE_NONE && !is_refusal(r) && r->status < 500)
    f = FAILURE_PROTOCOL;
  fail_round(a, f);
  kept->sent = r->sent;
  kept->status = r->status;
  if (is_showable(r))
    kept->body =
        secret_redact(r->body.data, r->body.len, secrets, 1, &kept->body_len);
  if (kept->body && kept->body_len > MAX_EXCERPT)
    kept->body[kept->body_len = MAX_EXCERPT] = '\0';
}

auth_result auth_fetched(auth *a, transfer *fetch, double now) {
  char token[AUTH_MAX_TOKEN_BYTES];
  const response *r = &fetch->response;
  body *line = NULL;
  bool is_good = r->failure == FAILURE_NONE && r->status >= 200 &&
                 r->status < 300 && read_token(r, token, sizeof token);
  a->fetch = NULL;
  if (is_good) line = make_line(token);
  if (line) {
    body_unref(a->line);
    a->line = line;
    a->generation++;
    a->end = now + token_life(token);
    a->attempts = 0;
    system_wipe(token, strlen(token));
    return AUTH_READY;
  }
  if (plan_repeat(a, fetch, now)) return AUTH_PAUSED;
  keep_failure(a, fetch);
  return AUTH_FAILED;
}

transfer *auth_next_parked(auth *a) {
  if (list_is_empty(&a->parked)) return NULL;
  transfer *t = list_entry(a->parked.next, transfer, queue);
  list_remove(&t->queue);
  return t;
}

void auth_explain(const auth *a, transfer *t) {
  const auth_failure *f = &a->failure;
  t->auth = *f;
  t->auth.body = NULL;
  if (f->body && (t->auth.body = malloc(f->body_len + 1)))
    memcpy(t->auth.body, f->body, f->body_len + 1);
  if (!t->auth.body) t->auth.body_len = 0;
  transfer_fail(t, FAILURE_AUTH, "no access token could be had");
}

void auth_reject(auth *a, transfer *t) {
  t->is_renewable = !a->settings->token;
  if (!t->is_renewable || t->token_generation != a->generation) return;
  body_unref(a->line);
  a->line = NULL;
}

transfer *auth_running_fetch(const auth *a) {
  return a->fetch;
}

unsigned auth_fetch_count(const auth *a) {
  return a->fetch_count;
}
