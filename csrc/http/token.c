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

#include "http/limits.h"
#include "http/response.h"
#include "http/token_endpoint.h"
#include "util/os.h"

static const double first_pause = 0.5, longest_pause = 8.0; /* s */
static const double new_seconds = 10;    /* a token that is fetched is new */
static const double busy_pause = 0.03;   /* between two looks at the store */
static const double save_patience = 0.1; /* for a token to be written there */

/* For how long it is remembered, in s, that no token was to be had: twice as
 * long each time, or as long as the service asks for. */
static const double first_memory = 0.5, longest_memory = 8.0,
                    longest_memory_of_refusal = 60.0, longest_asked = 3600.0;

struct token_entry {
  tokens *owner;
  list_node entry;     /* in owner->all */
  list_node active;    /* in owner->active, or in none */
  unsigned users;      /* clients that joined */
  settings *settings;  /* of the first client: credentials and connection,
                          no limits */
  list_node parked;    /* transfers that wait for the token */
  transfer *fetch;     /* runs now, or NULL */
  token_store *store;  /* shares it with other processes; or NULL */
  bytes *refused;      /* a line that will not do (without a token: any of
                          the store); or NULL */
  bool may_fetch;      /* the store has been asked and has none */
  double busy_since;   /* another process fetches; 0: none does */
  double saved_by;     /* the parked wait until then for the token to be
                          written; 0: it is, or is not to be */
  bytes *line;         /* "Authorization: ...", or NULL */
  uint64_t generation; /* counts tokens */
  double end;          /* the token is fresh until then */
  double fetched_at;   /* 0: another process did that */
  bool was_rejected;   /* the one before was; and none was taken since */
  int attempts;        /* of the current fetch */
  double pause_end;    /* no attempt before; 0: no pause */
  bool is_hopeless;    /* the last attempt failed, another would too */
  double asked;        /* its Retry-After in s; below 0: none */
  bool is_refused;     /* it was the service that said no */
  int failed_rounds;   /* without a token in between */
  double denied_until; /* until then the failure stands, nothing is fetched */
  unsigned fetch_count;
  token_failure *failure; /* of the last attempt; NULL: none, or no memory */
};

static void free_entry(token_entry *e) {
  settings_unref(e->settings);
  token_store_free(e->store);
  bytes_unref(e->line);
  bytes_unref(e->refused);
  free(e->failure);
  free(e);
}

static token_entry *make(settings *s) {
  token_entry *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  e->settings = settings_ref(s);
  list_init(&e->entry);
  list_init(&e->active);
  list_init(&e->parked);
  if (s->token && !(e->line = token_line_new(s->token))) {
    free_entry(e);
    return NULL;
  }
  return e;
}

token_entry *token_join(tokens *ts, settings *s, file_thread *files,
                        file_listener *listener, void *context) {
  for (list_node *n = ts->all.next; n != &ts->all; n = n->next) {
    token_entry *e = list_entry(n, token_entry, entry);
    if (!settings_share_token(e->settings, s)) continue;
    e->users++;
    return e;
  }
  token_entry *e = make(s);
  if (!e) return NULL;
  e->users = 1;
  e->owner = ts;
  if (s->token_store && s->user_key && !s->token)
    e->store = token_store_new(s, files, listener, context, e);
  list_append(&ts->all, &e->entry);
  return e;
}

token_entry *token_active_at(list_node *n) {
  return list_entry(n, token_entry, active);
}

static void activate(token_entry *e) {
  list_remove(&e->active);
  list_append(&e->owner->active, &e->active);
}

void token_deactivate(token_entry *e) {
  if (list_is_empty(&e->parked) && !e->fetch && !e->may_fetch)
    list_remove(&e->active);
}

transfer *token_leave(token_entry *e) {
  if (--e->users > 0) return NULL;
  transfer *fetch = e->fetch;
  if (fetch) fetch->io.fetch_for = NULL;
  list_remove(&e->entry);
  list_remove(&e->active);
  free_entry(e);
  return fetch;
}

static bool is_fresh(const token_entry *e, double now) {
  return e->line && (e->settings->token || now < e->end);
}

void token_tell_problem(const token_entry *e, transfer *t, bool *is_told) {
  const char *problem = e->store ? token_store_problem(e->store) : "";
  if (*is_told || !t->request.wants_token || !problem[0]) return;
  t->response.token_problem = os_copy_text(problem);
  *is_told = true;
}

void token_grant(token_entry *e, transfer *t) {
  t->io.token = bytes_ref(e->line);
  t->io.token_generation = e->generation;
  if (!e->settings->token) t->response.token = e->generation;
}

static void drop_token(token_entry *e) {
  if (!e->line) return;
  bytes_unref(e->refused);
  e->refused = e->line;
  e->line = NULL;
}

/* A request does not take the token of generation `refused`, nor an older one.
 * Before there was any, what the store has is that token. */
static void refuse(token_entry *e, uint64_t refused) {
  if (e->settings->token || refused == 0 || e->generation > refused) return;
  if (e->line)
    drop_token(e);
  else if (!e->refused)
    e->refused = token_line_new("");
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
  refuse(e, t->request.refused_token);
  if (is_fresh(e, now)) {
    token_grant(e, t);
    return TOKEN_READY;
  }
  if (list_is_empty(&e->parked) && !e->fetch) begin_round(e, now);
  if (now < e->denied_until &&
      (t->settings->retries == 0 || !has_patience(e, t)))
    return TOKEN_FAILED;
  t->io.state = TRANSFER_PARKED;
  t->io.started_at = now;
  list_append(&e->parked, &t->io.queue);
  activate(e);
  return TOKEN_PAUSED;
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

/* Is `limit` over, which counts since `start` and since `t` has waited, and
 * narrower than that of the fetch? */
static bool is_impatient(const transfer *t, double limit, double widest,
                         double start, double now) {
  double waited_since = t->io.started_at;
  return limit > 0 && (widest <= 0 || limit < widest) && start > 0 &&
         now - (start > waited_since ? start : waited_since) >= limit;
}

static void end_without(transfer *t, token_failure *f) {
  t->response.token_failure = f;
  response_fail(t, FAILURE_AUTH, "no access token could be had");
}

bool token_check_waiter(token_entry *e, transfer *t, double now) {
  const transfer *fetch = e->fetch;
  char text[LIMITS_MAX_TEXT];
  failure f;
  if (!fetch || fetch->io.state != TRANSFER_RUNNING) return true;
  if (!fetch->response.sent &&
      is_impatient(t, t->request.connect_timeout,
                   fetch->request.connect_timeout, fetch->io.started_at, now))
    f = FAILURE_CONNECT;
  else if (fetch->response.sent &&
           is_impatient(t, t->request.stall_timeout,
                        fetch->request.stall_timeout, fetch->io.moved_at, now))
    f = FAILURE_STALL;
  else
    return true;
  limits_tell(f, t, text);
  token_failure *own = token_failure_new(f, text, e->attempts);
  if (own) own->sent = fetch->response.sent;
  end_without(t, own);
  return false;
}

static void set_failure(token_entry *e, token_failure *f) {
  free(e->failure);
  e->failure = f;
}

static void fail_at_once(token_entry *e, failure f) {
  set_failure(e, token_failure_new(f, "", e->attempts));
  e->pause_end = 0;
  e->is_hopeless = true;
  e->asked = -1;
}

/* Nobody fetches any more. */
static void release_store(token_entry *e) {
  if (!e->may_fetch) return;
  e->may_fetch = false;
  e->busy_since = 0;
  if (e->store) token_store_release(e->store);
}

/* Asks the store first, if there is one; false: its answer is awaited. */
static bool ask_store(token_entry *e) {
  if (!e->store || e->may_fetch) return true;
  if (!token_store_is_seeking(e->store))
    token_store_seek(e->store, token_line_text(e->refused));
  return false;
}

transfer *token_start_fetch(token_entry *e, double now, bool *failed) {
  *failed = false;
  if (list_is_empty(&e->parked) && !e->fetch) release_store(e);
  if (list_is_empty(&e->parked) || e->fetch || now < e->pause_end) return NULL;
  if (e->settings->token || !e->settings->user_key) { /* nothing to offer */
    fail_at_once(e, FAILURE_NONE);
    *failed = true;
    return NULL;
  }
  if (!ask_store(e)) return NULL;
  transfer *t = transfer_new(e->settings);
  if (!t || !token_request_fill(t)) {
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
  bool is_ours =
      !e->failure || e->failure->failure == FAILURE_MEMORY || e->attempts == 0;
  e->pause_end = 0;
  release_store(e);
  if (is_ours) return;
  for (int i = 0; i < e->failed_rounds && memory < longest; i++) memory *= 2;
  if (memory > longest) memory = longest;
  if (e->asked > memory)
    memory = e->asked < longest_asked ? e->asked : longest_asked;
  e->failed_rounds++;
  e->denied_until = now + memory;
}

static bool set_token(token_entry *e, const char *token, double end) {
  bytes *line = token_line_new(token);
  if (!line) return false;
  bytes_unref(e->line);
  e->line = line;
  if (e->refused && !token_line_text(e->refused)[0]) {
    bytes_unref(e->refused);
    e->refused = NULL;
  }
  e->generation++;
  e->end = end;
  e->fetched_at = 0;
  e->pause_end = 0;
  e->failed_rounds = 0;
  e->denied_until = 0;
  return true;
}

static bool take_token(token_entry *e, transfer *fetch, double now) {
  char token[TOKEN_MAX_BYTES];
  if (!token_answer_read(&fetch->response, token, sizeof token)) return false;
  double life = token_answer_life(fetch, token);
  bool ok = set_token(e, token, now + life);
  if (!ok) response_fail(fetch, FAILURE_MEMORY, "out of memory for the token");
  e->fetched_at = now;
  bool is_kept = e->store && e->may_fetch &&
                 token_store_found(e->store) != TOKEN_STORE_UNUSABLE;
  if (ok && is_kept) {
    token_store_save(e->store, token, life);
    e->may_fetch = false;
    e->saved_by = e->pause_end = now + save_patience;
  }
  release_store(e);
  os_wipe(token, strlen(token));
  return ok;
}

/* Another process fetches one: asks again a little later, and after a while
 * no longer waits for it. */
static void wait_for_other(token_entry *e, double now) {
  if (e->busy_since <= 0) e->busy_since = now;
  e->may_fetch = now - e->busy_since >= TOKEN_BUSY_SECONDS;
  e->pause_end = now + busy_pause * (1 + os_random());
}

static bool end_save(token_entry *e) {
  e->saved_by = e->pause_end = 0;
  return true;
}

bool token_is_late(token_entry *e, double now) {
  return e->saved_by > 0 && now >= e->saved_by && end_save(e);
}

/* Was any of the store refused since it was asked? It looks for another one
 * than a token that was refused before. */
static bool is_refused(const token_entry *e) {
  const char *refused = token_line_text(e->refused);
  return refused && !refused[0];
}

bool token_sought(token_entry *e, double now) {
  double life;
  const char *token;
  activate(e);
  if (e->saved_by > 0) return end_save(e);
  switch (token_store_found(e->store)) {
    case TOKEN_STORE_FOUND:
      e->busy_since = 0;
      if (is_refused(e)) return false;
      token = token_store_token(e->store, &life);
      return set_token(e, token, now + life);
    case TOKEN_STORE_BUSY:
      wait_for_other(e, now);
      return false;
    default:
      e->may_fetch = true;
      return false;
  }
}

void token_end_stores(tokens *ts) {
  for (list_node *n = ts->all.next; n != &ts->all; n = n->next) {
    token_entry *e = list_entry(n, token_entry, entry);
    token_store_free(e->store);
    e->store = NULL;
  }
}

bool token_fetched(token_entry *e, transfer *fetch, double now) {
  e->fetch = NULL;
  if (take_token(e, fetch, now)) return true;
  set_failure(e, token_answer_failure(fetch, e->attempts));
  e->is_refused = token_answer_is_refusal(&fetch->response);
  e->asked = e->failure ? e->failure->retry_after : -1;
  e->is_hopeless = !token_answer_may_pass(&fetch->response) ||
                   e->asked > TOKEN_MAX_RETRY_AFTER;
  e->pause_end = now + choose_pause(e);
  return false;
}

transfer *token_next_parked(token_entry *e) {
  if (list_is_empty(&e->parked) || !e->line || e->saved_by > 0) return NULL;
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
  token_failure *own = e->failure ? malloc(sizeof *own) : NULL;
  if (own) *own = *e->failure;
  if (own && e->asked >= 0 && e->denied_until > now)
    own->retry_after = e->denied_until - now;
  end_without(t, own);
}

void token_reject(token_entry *e, transfer *t, double now) {
  t->response.is_renewable = !e->settings->token;
  if (!t->response.is_renewable || !e->line ||
      t->io.token_generation != e->generation)
    return;
  if (e->was_rejected && now < e->fetched_at + new_seconds) {
    t->response.is_renewable = false;
    return;
  }
  e->was_rejected = true;
  drop_token(e);
}

void token_accept(token_entry *e, const transfer *t) {
  if (t->io.token_generation == e->generation) e->was_rejected = false;
}

transfer *token_running_fetch(const token_entry *e) {
  return e->fetch;
}

unsigned token_fetch_count(const token_entry *e) {
  return e->fetch_count;
}
