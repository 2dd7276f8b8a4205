/* SPDX-License-Identifier: MIT
 *
 * token: entries of tokens (see token.h). An entry is empty, fetching, pausing
 * before the next attempt, holds a token with an end, or remembers for a while
 * that none was to be had. A token that was issued elsewhere is an entry of
 * its own that never fetches.
 *
 * A fetch has no limits of its own. While transfers wait for it, it may last
 * as long as the most patient of them would wait; one that is less patient
 * leaves earlier, by itself (token_check_waiter, token_next_over). */
#include "http/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/response.h"
#include "http/token_answer.h"
#include "json/write.h"
#include "util/os.h"
#include "util/redact.h"

enum { MAX_EXCERPT = 512 }; /* bytes of a bad answer that are kept */

static const double first_pause = 0.5, longest_pause = 8.0; /* s */

/* For how long it is remembered, in s, that no token was to be had: twice as
 * long each time, or as long as the service asks for. */
static const double first_memory = 0.5, longest_memory = 8.0,
                    longest_memory_of_refusal = 60.0, longest_asked = 3600.0;

static const char no_token[] = "no access token could be had";

struct token_entry {
  list_node entry;     /* in the scheduler's cache */
  unsigned users;      /* clients that joined */
  settings *settings;  /* of the first client: credentials and connection,
                          no limits */
  list_node parked;    /* transfers that wait for the token */
  transfer *fetch;     /* runs now, or NULL */
  bytes *line;         /* "Authorization: ...", or NULL */
  uint64_t generation; /* counts tokens */
  double end;          /* the token is fresh until then */
  int attempts;        /* of the current fetch */
  double pause_end;    /* no attempt before; 0: no pause */
  bool is_hopeless;    /* the last attempt failed, another would too */
  double asked;        /* its Retry-After in s; below 0: none */
  bool is_refused;     /* it was the service that said no */
  int failed_rounds;   /* without a token in between */
  double denied_until; /* until then the failure stands, nothing is fetched */
  unsigned fetch_count;
  token_failure failure; /* of the last attempt */
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

/* Does `t` wait for another attempt? */
static bool has_patience(const token_entry *e, const transfer *t) {
  return !e->is_hopeless && e->attempts <= t->settings->retries &&
         (t->io.deadline <= 0 || e->pause_end < t->io.deadline);
}

static void begin_round(token_entry *e, double now) {
  e->attempts = 0;
  if (now < e->denied_until && e->pause_end < e->denied_until)
    e->pause_end = e->denied_until;
}

token_result token_attach(token_entry *e, transfer *t, double now) {
  if (!e->settings->token && e->generation <= t->request.refused_token)
    drop_token(e);
  if (is_fresh(e, now)) {
    token_grant(e, t);
    return TOKEN_READY;
  }
  if (list_is_empty(&e->parked) && !e->fetch) begin_round(e, now);
  if (now < e->denied_until &&
      (t->settings->retries == 0 || !has_patience(e, t)))
    return TOKEN_FAILED;
  t->io.state = TRANSFER_PARKED;
  list_append(&e->parked, &t->io.queue);
  return TOKEN_PAUSED;
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
  t->request.is_replayable = true;
  t->request.max_response_bytes = TOKEN_MAX_ANSWER_BYTES;
  return t->request.method && t->request.url && t->request.body &&
         transfer_add_header(t, type, sizeof type - 1);
}

/* Of two limits, where 0 is none. */
static double wider(double a, double b) {
  if (a <= 0 || b <= 0) return 0;
  return a > b ? a : b;
}

void token_set_limits(token_entry *e) {
  request *r = &e->fetch->request;
  list_node *n = e->parked.next;
  if (n == &e->parked) { /* it goes on for those who come */
    e->fetch->io.deadline = e->fetch->io.started_at + TOKEN_UNATTENDED_SECONDS;
    return;
  }
  const transfer *t = list_entry(n, transfer, io.queue);
  double connect = t->request.connect_timeout, stall = t->request.stall_timeout,
         total = t->request.total_timeout, deadline = t->io.deadline;
  while ((n = n->next) != &e->parked) {
    t = list_entry(n, transfer, io.queue);
    connect = wider(connect, t->request.connect_timeout);
    stall = wider(stall, t->request.stall_timeout);
    total = wider(total, t->request.total_timeout);
    deadline = wider(deadline, t->io.deadline);
  }
  r->connect_timeout = connect;
  r->stall_timeout = stall;
  r->total_timeout = total;
  e->fetch->io.deadline = deadline;
}

/* Is `limit` over since `start`, and narrower than that of the fetch? */
static bool is_impatient(double limit, double widest, double start,
                         double now) {
  return limit > 0 && (widest <= 0 || limit < widest) && start > 0 &&
         now - start >= limit;
}

bool token_check_waiter(token_entry *e, transfer *t, double now) {
  const transfer *fetch = e->fetch;
  char text[CURL_ERROR_SIZE];
  failure f;
  if (!fetch || fetch->io.state != TRANSFER_RUNNING) return true;
  if (!fetch->response.sent &&
      is_impatient(t->request.connect_timeout, fetch->request.connect_timeout,
                   fetch->io.started_at, now)) {
    f = FAILURE_CONNECT;
    snprintf(text, sizeof text, "no connection within %g s (timeout.connect)",
             t->request.connect_timeout);
  } else if (fetch->response.sent && is_impatient(t->request.stall_timeout,
                                                  fetch->request.stall_timeout,
                                                  fetch->io.moved_at, now)) {
    f = FAILURE_STALL;
    snprintf(text, sizeof text, "no byte came for %g s (timeout.stall)",
             t->request.stall_timeout);
  } else {
    return true;
  }
  token_failure *own = &t->response.token_failure;
  own->failure = f;
  own->sent = fetch->response.sent;
  own->attempts = e->attempts;
  own->retry_after = -1;
  snprintf(own->message, sizeof own->message, "%s", text);
  response_fail(t, FAILURE_AUTH, no_token);
  return false;
}

static void fail_at_once(token_entry *e, failure f) {
  clear_failure(e);
  e->failure.failure = f;
  e->failure.attempts = e->attempts;
  e->failure.retry_after = -1;
  e->pause_end = 0;
  e->is_hopeless = true;
  e->asked = -1;
}

transfer *token_start_fetch(token_entry *e, double now, bool *failed) {
  *failed = false;
  if (list_is_empty(&e->parked) || e->fetch || now < e->pause_end) return NULL;
  if (e->settings->token || !e->settings->user_key) { /* nothing to offer */
    fail_at_once(e, FAILURE_NONE);
    *failed = true;
    return NULL;
  }
  transfer *t = transfer_new(e->settings);
  if (!t || !fill_fetch(t, e)) {
    transfer_unref(t);
    fail_at_once(e, FAILURE_MEMORY);
    *failed = true;
    return NULL;
  }
  t->io.fetch_for = e;
  t->io.started_at = now;
  e->fetch = t;
  token_set_limits(e);
  e->attempts++;
  e->fetch_count++;
  e->pause_end = 0;
  return t;
}

double token_wake_time(const token_entry *e) {
  return list_is_empty(&e->parked) ? 0 : e->pause_end;
}

/* A random pause before the next attempt, or the one that is asked for. */
static double choose_pause(const token_entry *e) {
  double pause = first_pause;
  for (int i = 1; i < e->attempts && pause < longest_pause; i++) pause *= 2;
  pause *= os_random();
  return e->asked > pause ? e->asked : pause;
}

/* No token was to be had, and nobody waits for another attempt. */
static void end_round(token_entry *e, double now) {
  const double longest =
      e->is_refused ? longest_memory_of_refusal : longest_memory;
  double memory = first_memory;
  bool is_ours = e->failure.failure == FAILURE_MEMORY || e->attempts == 0;
  e->attempts = 0;
  e->pause_end = 0;
  if (is_ours) return;
  for (int i = 0; i < e->failed_rounds && memory < longest; i++) memory *= 2;
  if (memory > longest) memory = longest;
  if (e->asked > memory)
    memory = e->asked < longest_asked ? e->asked : longest_asked;
  e->failed_rounds++;
  e->denied_until = now + memory;
}

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

static void keep_failure(token_entry *e, const transfer *t) {
  const response *r = &t->response;
  const char *secrets[] = {e->settings->user_key};
  token_failure *kept = &e->failure;
  clear_failure(e);
  e->is_refused = token_answer_is_refusal(r);
  e->asked = token_answer_retry_after(t);
  kept->failure = r->failure;
  if (r->failure == FAILURE_NONE && !e->is_refused && r->status < 500)
    kept->failure = FAILURE_PROTOCOL;
  kept->attempts = e->attempts;
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

static bool take_token(token_entry *e, const transfer *fetch, double now) {
  char token[TOKEN_MAX_BYTES];
  if (!token_answer_read(&fetch->response, token, sizeof token)) return false;
  bytes *line = make_line(token);
  if (line) {
    bytes_unref(e->line);
    e->line = line;
    e->generation++;
    e->end = now + token_answer_life(fetch, token);
    e->attempts = 0;
    e->failed_rounds = 0;
    e->denied_until = 0;
  }
  os_wipe(token, strlen(token));
  return line != NULL;
}

bool token_fetched(token_entry *e, transfer *fetch, double now) {
  e->fetch = NULL;
  if (take_token(e, fetch, now)) return true;
  keep_failure(e, fetch);
  e->is_hopeless = !token_answer_may_pass(&fetch->response) ||
                   e->asked > TOKEN_MAX_RETRY_AFTER;
  e->pause_end = now + choose_pause(e);
  return false;
}

transfer *token_next_parked(token_entry *e) {
  if (list_is_empty(&e->parked)) return NULL;
  transfer *t = list_entry(e->parked.next, transfer, io.queue);
  list_remove(&t->io.queue);
  return t;
}

transfer *token_next_over(token_entry *e, double now) {
  list_node *n;
  for (n = e->parked.next; n != &e->parked; n = n->next) {
    transfer *t = list_entry(n, transfer, io.queue);
    if (has_patience(e, t)) continue;
    list_remove(n);
    if (list_is_empty(&e->parked)) end_round(e, now);
    return t;
  }
  return NULL;
}

void token_explain(const token_entry *e, transfer *t, double now) {
  const token_failure *f = &e->failure;
  token_failure *own = &t->response.token_failure;
  *own = *f;
  own->body = NULL;
  if (f->body && (own->body = malloc(f->body_len + 1)))
    memcpy(own->body, f->body, f->body_len + 1);
  if (!own->body) own->body_len = 0;
  own->headers = copy_headers(f->headers);
  own->retry_after = e->asked;
  if (e->asked >= 0 && e->denied_until > now)
    own->retry_after = e->denied_until - now;
  response_fail(t, FAILURE_AUTH, no_token);
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
