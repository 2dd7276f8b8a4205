/* SPDX-License-Identifier: MIT
 *
 * traffic: the transfers of all clients on their way (see traffic.h). */
#include "http/scheduler.h"

#include <string.h>

#include "http/client.h"
#include "http/token.h"
#include "util/os.h"

enum {
  MAX_CONNECTIONS = 256, /* idle ones kept open */
  LONGEST_WAIT_MS = 60000
};

/* Of two times, where 0 is never. */
static double earlier(double a, double b) {
  if (a <= 0 || b <= 0) return a > b ? a : b;
  return a < b ? a : b;
}

/* ---- easy handles ---- */

static CURL *take_handle(traffic *tr) {
  if (tr->idle_count > 0) return tr->idle[--tr->idle_count];
  CURL *easy = curl_easy_init();
  if (easy) curl_easy_setopt(easy, CURLOPT_SHARE, tr->share);
  return easy;
}

/* Only a handle whose transfer went well is used again: curl_easy_reset of
 * some releases (8.7 to 8.15) leaves the mark of a failed rewind on it, which
 * fails or stalls whatever comes next. */
static void recycle_handle(traffic *tr, CURL *easy, bool is_sound) {
  if (!is_sound || tr->idle_count == TRAFFIC_IDLE_HANDLES) {
    curl_easy_cleanup(easy);
    return;
  }
  curl_easy_reset(easy);
  tr->idle[tr->idle_count++] = easy;
}

/* ---- the way of one transfer ---- */

/* A transfer that is no longer on its way: to its host, or freed. */
static void finish(transfer *t) {
  client *c = t->owner;
  bool had_place = t->state != TRANSFER_PENDING;
  list_remove(&t->queue);
  list_remove(&t->live);
  t->state = TRANSFER_DONE;
  if (!c) {
    transfer_unref(t);
    return;
  }
  if (had_place) atomic_fetch_sub(&c->running, 1);
  if (c->auth) atomic_store(&c->token_fetches, auth_fetch_count(c->auth));
  client_complete(c, t);
}

static void fail(transfer *t, failure f, const char *message) {
  transfer_fail(t, f, message);
  finish(t);
}

/* Sees to it that somebody looks at a transfer in time: a waiting one at its
 * deadline, one that libcurl has for a stall (its deadline libcurl minds). */
static void look_again(traffic *tr, const transfer *t, double now) {
  double period = transfer_stall_period(t);
  if (t->state != TRANSFER_RUNNING)
    tr->next_look = earlier(tr->next_look, t->deadline);
  else if (period > 0)
    tr->next_look = earlier(tr->next_look, now + period);
}

/* Hands a transfer to libcurl; false: it failed, t->response tells why. */
static bool launch(traffic *tr, transfer *t) {
  CURL *easy;
  if (t->deadline > 0 && system_now() >= t->deadline) {
    transfer_fail(t, FAILURE_TIMEOUT, "timeout.total was over before a start");
    return false;
  }
  easy = take_handle(tr);
  if (!easy) {
    transfer_fail(t, FAILURE_MEMORY, "out of memory for a transfer");
    return false;
  }
  t->state = TRANSFER_RUNNING;
  if (transfer_begin(t, easy)) {
    if (curl_multi_add_handle(tr->multi, easy) == CURLM_OK) {
      look_again(tr, t, system_now());
      return true;
    }
    transfer_fail(t, FAILURE_MEMORY, "out of memory for a transfer");
  }
  t->easy = NULL;
  recycle_handle(tr, easy, false);
  return false;
}

static void launch_call(traffic *tr, transfer *t) {
  if (!launch(tr, t)) finish(t);
}

static void release(traffic *tr, transfer *t) {
  recycle_handle(tr, t->easy, false);
  t->easy = NULL;
}

/* Takes a running transfer back from libcurl before its end. */
static void recall(traffic *tr, transfer *t, failure f, const char *message) {
  curl_multi_remove_handle(tr->multi, t->easy);
  transfer_abandon(t, f, message);
  release(tr, t);
}

/* Ends a transfer of a client, wherever it is. */
static void drop(traffic *tr, transfer *t, failure f, const char *message) {
  if (t->state == TRANSFER_RUNNING) {
    recall(tr, t, f, message);
    finish(t);
  } else if (t->state != TRANSFER_DONE) {
    fail(t, f, message);
  }
}

/* ---- tokens ---- */

static void end_fetch(traffic *tr, auth *a, transfer *fetch) {
  transfer *t;
  switch (auth_fetched(a, fetch, system_now())) {
    case AUTH_READY:
      while ((t = auth_next_parked(a))) {
        auth_grant(a, t);
        launch_call(tr, t);
      }
      break;
    case AUTH_FAILED:
      while ((t = auth_next_parked(a))) {
        auth_explain(a, t);
        finish(t);
      }
      break;
    case AUTH_PAUSED:
      break;
  }
}

/* Starts the token fetches that are due. True: some failed at once, and
 * those that waited for them have left their places. */
static bool feed_auths(traffic *tr, double now) {
  bool has_failed = false;
  list_node *n, *next;
  for (n = tr->auths.next; n != &tr->auths; n = next) {
    auth *a = auth_at(n);
    bool failed;
    transfer *t, *fetch = auth_start_fetch(a, now, &failed);
    next = n->next;
    has_failed |= failed;
    while (failed && (t = auth_next_parked(a))) {
      auth_explain(a, t);
      finish(t);
    }
    if (fetch && !launch(tr, fetch)) {
      end_fetch(tr, a, fetch);
      finish(fetch);
      has_failed = true;
    }
  }
  return has_failed;
}

/* ---- commands ---- */

static void attach(traffic *tr, client *c) {
  list_append(&tr->clients, &c->entry);
  c->auth = auth_join(&tr->auths, c->settings);
}

static void drop_all(traffic *tr, client *c, const char *message) {
  while (!list_is_empty(&c->live))
    drop(tr, list_entry(c->live.next, transfer, live), FAILURE_CLOSED, message);
}

static void detach(traffic *tr, client *c) {
  drop_all(tr, c, "the client was closed");
  transfer *fetch = c->auth ? auth_leave(c->auth) : NULL;
  if (fetch && !atomic_load(&tr->is_over)) {
    recall(tr, fetch, FAILURE_CLOSED, "the client was closed");
    finish(fetch);
  }
  list_remove(&c->entry);
  client_detached(c);
}

static void submit(traffic *tr, transfer *t) {
  client *c = t->owner;
  if (atomic_load(&tr->is_over)) {
    atomic_fetch_add(&c->running, 1); /* finish takes it back */
    fail(t, FAILURE_CLOSED, "the process exits");
    return;
  }
  t->state = TRANSFER_PENDING;
  list_append(&c->live, &t->live);
  list_append(&c->pending, &t->queue);
  look_again(tr, t, 0);
}

void traffic_carry_out(traffic *tr, command *cmd) {
  transfer *t = cmd->subject;
  switch (cmd->kind) {
    case COMMAND_ATTACH:
      attach(tr, cmd->subject);
      break;
    case COMMAND_DETACH:
      detach(tr, cmd->subject);
      break;
    case COMMAND_SUBMIT:
      submit(tr, t);
      break;
    case COMMAND_CANCEL:
      drop(tr, t, FAILURE_CANCELLED, "cancelled");
      transfer_unref(t);
      break;
  }
}

/* ---- places and deadlines ---- */

static void start_call(traffic *tr, client *c, transfer *t, double now) {
  list_remove(&t->queue);
  t->state = TRANSFER_PARKED;
  atomic_fetch_add(&c->running, 1);
  if (!t->wants_token)
    launch_call(tr, t);
  else if (!c->auth)
    fail(t, FAILURE_MEMORY, "out of memory for the token");
  else if (auth_attach(c->auth, t, now))
    launch_call(tr, t);
}

/* Starts what waits for a place, while there are places. */
static void feed_client(traffic *tr, client *c, double now) {
  while (!list_is_empty(&c->pending) &&
         atomic_load(&c->running) < c->settings->max_in_flight)
    start_call(tr, c, list_entry(c->pending.next, transfer, queue), now);
}

static void feed_clients(traffic *tr, double now) {
  for (list_node *n = tr->clients.next; n != &tr->clients; n = n->next)
    feed_client(tr, list_entry(n, client, entry), now);
}

static void feed(traffic *tr) {
  double now = system_now();
  do feed_clients(tr, now);
  while (feed_auths(tr, now));
}

/* Takes a stalled transfer back from libcurl. */
static void end_stalled(traffic *tr, transfer *t) {
  curl_multi_remove_handle(tr->multi, t->easy);
  transfer_stall(t);
  release(tr, t);
  if (t->fetch_for) end_fetch(tr, t->fetch_for, t);
  finish(t);
}

static void look_at(traffic *tr, transfer *t, double now) {
  bool is_running = t->state == TRANSFER_RUNNING;
  if (is_running && transfer_is_stalled(t, now))
    end_stalled(tr, t);
  else if (!is_running && t->deadline > 0 && t->deadline <= now)
    fail(t, FAILURE_TIMEOUT, "timeout.total was over before a start");
  else
    look_again(tr, t, now);
}

static void look_at_client(traffic *tr, client *c, double now) {
  list_node *n, *next;
  for (n = c->live.next; n != &c->live; n = next) {
    next = n->next;
    look_at(tr, list_entry(n, transfer, live), now);
  }
}

/* Ends what is over its time. After libcurl had its turn: what has come is
 * read by now. */
static void look_at_all(traffic *tr) {
  double now = system_now();
  if (tr->next_look <= 0 || now < tr->next_look) return;
  tr->next_look = 0;
  for (list_node *n = tr->auths.next; n != &tr->auths; n = n->next) {
    transfer *fetch = auth_running_fetch(auth_at(n));
    if (fetch) look_at(tr, fetch, now);
  }
  for (list_node *n = tr->clients.next; n != &tr->clients; n = n->next)
    look_at_client(tr, list_entry(n, client, entry), now);
}

/* ---- a turn ---- */

static void end_transfer(traffic *tr, CURL *easy, CURLcode code) {
  transfer *t = NULL;
  auth *a;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
  curl_multi_remove_handle(tr->multi, easy);
  transfer_end(t, code);
  t->easy = NULL;
  recycle_handle(tr, easy, code == CURLE_OK);
  a = t->fetch_for;
  if (a) end_fetch(tr, a, t);
  if (t->wants_token && t->response.status == 401 && t->owner->auth)
    auth_reject(t->owner->auth, t);
  finish(t);
}

static void reap(traffic *tr) {
  CURLMsg *msg;
  int left;
  while ((msg = curl_multi_info_read(tr->multi, &left)))
    if (msg->msg == CURLMSG_DONE)
      end_transfer(tr, msg->easy_handle, msg->data.result);
}

void traffic_run(traffic *tr) {
  int running;
  feed(tr);
  curl_multi_perform(tr->multi, &running);
  reap(tr);
  look_at_all(tr);
  feed(tr);
}

int traffic_wait_ms(const traffic *tr) {
  double until = tr->next_look, ms;
  for (list_node *n = tr->auths.next; n != &tr->auths; n = n->next)
    until = earlier(until, auth_wake_time(auth_at(n)));
  if (until <= 0) return LONGEST_WAIT_MS;
  ms = (until - system_now()) * 1000 + 1;
  if (ms < 0) return 0;
  return ms > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : (int)ms;
}

/* ---- start and end ---- */

/* Without descriptors to be woken by, libcurl makes a multi handle all the
 * same, and nobody would be heard. Waking it once shows it. */
static bool is_complete(const traffic *tr) {
  return tr->multi && tr->share && curl_multi_wakeup(tr->multi) == CURLM_OK;
}

bool traffic_open(traffic *tr) {
  memset(tr, 0, sizeof *tr);
  list_init(&tr->clients);
  list_init(&tr->auths);
  tr->multi = curl_multi_init();
  tr->share = curl_share_init();
  if (!is_complete(tr)) {
    traffic_close(tr);
    return false;
  }
  curl_share_setopt(tr->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  curl_multi_setopt(tr->multi, CURLMOPT_MAXCONNECTS, (long)MAX_CONNECTIONS);
  return true;
}

void traffic_end(traffic *tr) {
  for (list_node *n = tr->clients.next; n != &tr->clients; n = n->next)
    drop_all(tr, list_entry(n, client, entry), "the process exits");
}

void traffic_close(traffic *tr) {
  while (tr->idle_count > 0) curl_easy_cleanup(tr->idle[--tr->idle_count]);
  if (tr->multi) curl_multi_cleanup(tr->multi);
  if (tr->share) curl_share_cleanup(tr->share);
}
