/* SPDX-License-Identifier: MIT
 *
 * engine: the loop of the I/O thread, and its start and end (see engine.h).
 * All but the command stack and the two flags belongs to that thread. */
#include "engine.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "client.h"
#include "system.h"

enum {
  ENGINE_IDLE_HANDLES = 64,     /* easy handles kept for the next transfer */
  ENGINE_MAX_CONNECTIONS = 256, /* idle ones kept open */
  ENGINE_LONGEST_WAIT_MS = 60000
};

struct engine {
  pthread_t thread;
  CURLM *multi;
  CURLSH *share;               /* TLS sessions outlive an easy handle */
  _Atomic(command *) commands; /* newest first */
  atomic_bool is_stopping;
  atomic_bool is_over;   /* the process exits: nothing starts any more */
  atomic_bool is_asleep; /* in curl_multi_poll, or on the way there */

  list_node clients;
  list_node auths;
  CURL *idle[ENGINE_IDLE_HANDLES];
  int idle_count;
  double next_expiry; /* earliest deadline of a waiting transfer; 0: none */
};

/* The one engine, and who uses it. */
static struct {
  pthread_mutex_t lock;
  engine *engine;
  unsigned users;
} process = {PTHREAD_MUTEX_INITIALIZER, NULL, 0};

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ---- easy handles ---- */

static CURL *take_handle(engine *e) {
  if (e->idle_count > 0) return e->idle[--e->idle_count];
  CURL *easy = curl_easy_init();
  if (easy) curl_easy_setopt(easy, CURLOPT_SHARE, e->share);
  return easy;
}

/* Only a handle whose transfer went well is used again: curl_easy_reset of
 * some releases (8.7 to 8.15) leaves the mark of a failed rewind on it, which
 * fails or stalls whatever comes next. */
static void recycle_handle(engine *e, CURL *easy, bool is_sound) {
  if (!is_sound || e->idle_count == ENGINE_IDLE_HANDLES) {
    curl_easy_cleanup(easy);
    return;
  }
  curl_easy_reset(easy);
  e->idle[e->idle_count++] = easy;
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

/* Hands a transfer to libcurl; false: it failed, t->response tells why. */
static bool launch(engine *e, transfer *t) {
  CURL *easy;
  if (t->deadline > 0 && system_now() >= t->deadline) {
    transfer_fail(t, FAILURE_TIMEOUT, "timeout.total was over before a start");
    return false;
  }
  easy = take_handle(e);
  if (!easy) {
    transfer_fail(t, FAILURE_MEMORY, "out of memory for a transfer");
    return false;
  }
  t->state = TRANSFER_RUNNING;
  if (transfer_begin(t, easy)) {
    if (curl_multi_add_handle(e->multi, easy) == CURLM_OK) return true;
    transfer_fail(t, FAILURE_MEMORY, "out of memory for a transfer");
  }
  t->easy = NULL;
  recycle_handle(e, easy, false);
  return false;
}

static void launch_call(engine *e, transfer *t) {
  if (!launch(e, t)) finish(t);
}

/* Takes a running transfer back from libcurl before its end. */
static void recall(engine *e, transfer *t, failure f, const char *message) {
  curl_multi_remove_handle(e->multi, t->easy);
  transfer_abandon(t, f, message);
  recycle_handle(e, t->easy, false);
  t->easy = NULL;
}

/* Ends a transfer of a client, wherever it is. */
static void drop(engine *e, transfer *t, failure f, const char *message) {
  if (t->state == TRANSFER_RUNNING) {
    recall(e, t, f, message);
    finish(t);
  } else if (t->state != TRANSFER_DONE) {
    fail(t, f, message);
  }
}

/* ---- tokens ---- */

static void end_fetch(engine *e, auth *a, transfer *fetch) {
  transfer *t;
  switch (auth_fetched(a, fetch, system_now())) {
    case AUTH_READY:
      while ((t = auth_next_parked(a))) {
        auth_grant(a, t);
        launch_call(e, t);
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
static bool feed_auths(engine *e, double now) {
  bool has_failed = false;
  list_node *n, *next;
  for (n = e->auths.next; n != &e->auths; n = next) {
    auth *a = auth_at(n);
    bool failed;
    transfer *t, *fetch = auth_start_fetch(a, now, &failed);
    next = n->next;
    has_failed |= failed;
    while (failed && (t = auth_next_parked(a))) {
      auth_explain(a, t);
      finish(t);
    }
    if (fetch && !launch(e, fetch)) {
      end_fetch(e, a, fetch);
      finish(fetch);
      has_failed = true;
    }
  }
  return has_failed;
}

/* ---- commands ---- */

static void attach(engine *e, client *c) {
  list_append(&e->clients, &c->entry);
  c->auth = auth_join(&e->auths, c->settings);
}

static void drop_all(engine *e, client *c, const char *message) {
  while (!list_is_empty(&c->live))
    drop(e, list_entry(c->live.next, transfer, live), FAILURE_CLOSED, message);
}

static void detach(engine *e, client *c) {
  drop_all(e, c, "the client was closed");
  transfer *fetch = c->auth ? auth_leave(c->auth) : NULL;
  if (fetch && !atomic_load(&e->is_over)) {
    recall(e, fetch, FAILURE_CLOSED, "the client was closed");
    finish(fetch);
  }
  list_remove(&c->entry);
  client_detached(c);
}

static void submit(engine *e, transfer *t) {
  client *c = t->owner;
  if (atomic_load(&e->is_over)) {
    atomic_fetch_add(&c->running, 1); /* finish takes it back */
    fail(t, FAILURE_CLOSED, "the process exits");
    return;
  }
  t->state = TRANSFER_PENDING;
  list_append(&c->live, &t->live);
  list_append(&c->pending, &t->queue);
  if (t->deadline > 0 && (e->next_expiry <= 0 || t->deadline < e->next_expiry))
    e->next_expiry = t->deadline;
}

static void carry_out(engine *e, command *cmd) {
  transfer *t = cmd->subject;
  switch (cmd->kind) {
    case COMMAND_ATTACH:
      attach(e, cmd->subject);
      break;
    case COMMAND_DETACH:
      detach(e, cmd->subject);
      break;
    case COMMAND_SUBMIT:
      submit(e, t);
      break;
    case COMMAND_CANCEL:
      drop(e, t, FAILURE_CANCELLED, "cancelled");
      transfer_unref(t);
      break;
  }
}

/* Carries out all commands in the order in which they were given. */
static void take_commands(engine *e) {
  command *c =
      atomic_exchange_explicit(&e->commands, NULL, memory_order_acquire);
  command *first = NULL;
  while (c) {
    command *next = c->next;
    c->next = first;
    first = c;
    c = next;
  }
  while (first) {
    command *next = first->next; /* a subject may go with its command */
    carry_out(e, first);
    first = next;
  }
}

/* ---- places and deadlines ---- */

static void start_call(engine *e, client *c, transfer *t, double now) {
  list_remove(&t->queue);
  t->state = TRANSFER_PARKED;
  atomic_fetch_add(&c->running, 1);
  if (!t->wants_token)
    launch_call(e, t);
  else if (!c->auth)
    fail(t, FAILURE_MEMORY, "out of memory for the token");
  else if (auth_attach(c->auth, t, now))
    launch_call(e, t);
}

/* Starts what waits for a place, while there are places. */
static void feed_client(engine *e, client *c, double now) {
  while (!list_is_empty(&c->pending) &&
         atomic_load(&c->running) < c->settings->max_in_flight)
    start_call(e, c, list_entry(c->pending.next, transfer, queue), now);
}

static void feed_clients(engine *e, double now) {
  for (list_node *n = e->clients.next; n != &e->clients; n = n->next)
    feed_client(e, list_entry(n, client, entry), now);
}

static void feed(engine *e) {
  double now = system_now();
  do feed_clients(e, now);
  while (feed_auths(e, now));
}

/* Ends the client's waiting transfers whose time is over; returns the
 * earliest deadline of the others, or 0. */
static double expire_client(client *c, double now, double earliest) {
  list_node *n, *next;
  for (n = c->live.next; n != &c->live; n = next) {
    transfer *t = list_entry(n, transfer, live);
    next = n->next;
    if (t->deadline <= 0 || t->state == TRANSFER_RUNNING) continue;
    if (t->deadline <= now)
      fail(t, FAILURE_TIMEOUT, "timeout.total was over before a start");
    else if (earliest <= 0 || t->deadline < earliest)
      earliest = t->deadline;
  }
  return earliest;
}

static void expire(engine *e) {
  double now = system_now(), earliest = 0;
  if (e->next_expiry <= 0 || now < e->next_expiry) return;
  for (list_node *n = e->clients.next; n != &e->clients; n = n->next)
    earliest = expire_client(list_entry(n, client, entry), now, earliest);
  e->next_expiry = earliest;
}

/* ---- the loop ---- */

static void end_transfer(engine *e, CURL *easy, CURLcode code) {
  transfer *t = NULL;
  auth *a;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
  curl_multi_remove_handle(e->multi, easy);
  transfer_end(t, code);
  t->easy = NULL;
  recycle_handle(e, easy, code == CURLE_OK);
  a = t->fetch_for;
  if (a) end_fetch(e, a, t);
  if (t->wants_token && t->response.status == 401 && t->owner->auth)
    auth_reject(t->owner->auth, t);
  finish(t);
}

static void reap(engine *e) {
  CURLMsg *msg;
  int left;
  while ((msg = curl_multi_info_read(e->multi, &left)))
    if (msg->msg == CURLMSG_DONE)
      end_transfer(e, msg->easy_handle, msg->data.result);
}

static double earlier(double a, double b) {
  if (a <= 0 || b <= 0) return a > b ? a : b;
  return a < b ? a : b;
}

static int wait_ms(engine *e) {
  double until = e->next_expiry, ms;
  for (list_node *n = e->auths.next; n != &e->auths; n = n->next)
    until = earlier(until, auth_wake_time(auth_at(n)));
  if (until <= 0) return ENGINE_LONGEST_WAIT_MS;
  ms = (until - system_now()) * 1000 + 1;
  if (ms < 0) return 0;
  return ms > ENGINE_LONGEST_WAIT_MS ? ENGINE_LONGEST_WAIT_MS : (int)ms;
}

/* Waits for sockets, a time or a command. Whoever posts a command either
 * sees that the thread sleeps and wakes it, or is seen here before it does. */
static void rest(engine *e) {
  atomic_store(&e->is_asleep, true);
  int ms = atomic_load(&e->commands) ? 0 : wait_ms(e);
  curl_multi_poll(e->multi, NULL, 0, ms, NULL);
  atomic_store(&e->is_asleep, false);
}

static void *run(void *arg) {
  engine *e = arg;
  int running;
  system_name_thread("aistudios-io");
  while (!atomic_load(&e->is_stopping)) {
    take_commands(e);
    expire(e);
    feed(e);
    curl_multi_perform(e->multi, &running);
    reap(e);
    feed(e);
    rest(e);
  }
  return NULL;
}

/* ---- start and end ---- */

static void forget_parent(void) {
  pthread_mutex_init(&process.lock, NULL);
  process.engine = NULL;
  process.users = 0;
}

static void stop_thread(engine *e) {
  atomic_store(&e->is_stopping, true);
  curl_multi_wakeup(e->multi);
  pthread_join(e->thread, NULL);
}

/* The process ends with clients that nobody closed: the TLS library is about to
 * take itself apart, and no thread may be inside it then. What is posted from
 * now on is carried out by whoever posts it. */
static void end_process(void) {
  pthread_mutex_lock(&process.lock);
  engine *e = process.engine;
  if (e) {
    stop_thread(e);
    atomic_store(&e->is_over, true);
    take_commands(e);
    for (list_node *n = e->clients.next; n != &e->clients; n = n->next)
      drop_all(e, list_entry(n, client, entry), "the process exits");
  }
  pthread_mutex_unlock(&process.lock);
}

/* Of atexit, the last handler runs first: ours before those of libcurl. */
static void prepare_process(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  pthread_atfork(NULL, NULL, forget_parent);
  atexit(end_process);
}

static void free_engine(engine *e) {
  while (e->idle_count > 0) curl_easy_cleanup(e->idle[--e->idle_count]);
  if (e->multi) curl_multi_cleanup(e->multi);
  if (e->share) curl_share_cleanup(e->share);
  free(e);
}

/* Without descriptors to be woken by, libcurl makes a multi handle all the
 * same, and nobody would be heard. Waking it once shows it. */
static bool is_complete(const engine *e) {
  return e->multi && e->share && curl_multi_wakeup(e->multi) == CURLM_OK;
}

static engine *allocate(void) {
  engine *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  list_init(&e->clients);
  list_init(&e->auths);
  e->multi = curl_multi_init();
  e->share = curl_share_init();
  if (!is_complete(e)) {
    free_engine(e);
    return NULL;
  }
  curl_share_setopt(e->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  curl_multi_setopt(e->multi, CURLMOPT_MAXCONNECTS,
                    (long)ENGINE_MAX_CONNECTIONS);
  return e;
}

/* The thread inherits a mask that blocks every signal. */
static int start_thread(engine *e) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int code = pthread_create(&e->thread, NULL, run, e);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

static engine *start(char *error, size_t cap) {
  char text[128];
  engine *e = allocate();
  int code = e ? start_thread(e) : 0;
  if (e && code == 0) return e;
  snprintf(error, cap, "cannot start the I/O thread: %s",
           e ? system_error(code, text, sizeof text)
             : "out of memory or descriptors");
  if (e) free_engine(e);
  return NULL;
}

engine *engine_acquire(char *error, size_t cap) {
  pthread_once(&once, prepare_process);
  pthread_mutex_lock(&process.lock);
  if (!process.engine) process.engine = start(error, cap);
  if (process.engine) process.users++;
  engine *e = process.engine;
  pthread_mutex_unlock(&process.lock);
  return e;
}

void engine_release(engine *e) {
  pthread_mutex_lock(&process.lock);
  if (--process.users == 0 && !atomic_load(&e->is_over)) {
    process.engine = NULL;
    stop_thread(e);
    free_engine(e);
  }
  pthread_mutex_unlock(&process.lock);
}

void engine_post(engine *e, command *c) {
  command *old = atomic_load_explicit(&e->commands, memory_order_relaxed);
  do c->next = old;
  while (!atomic_compare_exchange_weak(&e->commands, &old, c));
  if (atomic_load(&e->is_over)) {
    pthread_mutex_lock(&process.lock);
    take_commands(e);
    pthread_mutex_unlock(&process.lock);
  } else if (atomic_exchange(&e->is_asleep, false)) {
    curl_multi_wakeup(e->multi);
  }
}
