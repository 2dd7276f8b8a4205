/* SPDX-License-Identifier: MIT
 *
 * scheduler: from the submission of a transfer to its end (see scheduler.h).
 *
 * Who ends a transfer
 * -------------------
 * A transfer ends exactly once, in finish(), which alone sets TRANSFER_DONE
 * and gives the transfer back: to its mailbox, or, for a token fetch, to
 * nobody. Everything that can end one runs on the I/O thread, one after the
 * other, so that the first end wins, and whoever comes later finds
 * TRANSFER_DONE and leaves it alone:
 *
 *   its own end   libcurl reports that the exchange is over (end_exchange), a
 *                 start fails (launch), or no token can be had (end_parked).
 *   its limits    it is over its deadline, no byte moved for its stall
 *                 timeout, or the answer brings too much besides its body
 *                 (look_at; limits.c). libcurl keeps one limit, that on
 *                 connecting, and reports it. That libcurl comes back in time
 *                 for all that, watch.c sees to.
 *   cancel        ends one transfer, for its host, which waits for the
 *                 completion as for any other. The host's thread only sets
 *                 is_cancelled and posts a command with a reference of its
 *                 own; a cancel that comes after the end does nothing. A
 *                 request that was not sent yet is not sent any more, even
 *                 before the command is carried out (see curl_setup.c).
 *   close         ends all transfers of one client (detach), and the token
 *                 fetch when nobody else shares it. Completions still reach
 *                 the mailbox; after mailbox_detached the client's memory is
 *                 not touched again.
 *   stop          ends the I/O thread, once no client is left: there is no
 *                 transfer then. Only when the process ends, clients may
 *                 be left (scheduler_end): it ends their transfers as close
 *                 does, and what is submitted later ends at once.
 *
 * Before finish(), a transfer that libcurl has (TRANSFER_RUNNING) is taken
 * back (event_loop_remove): no callback runs for it after that, and its
 * connection is not used again unless it still brings bytes for others.
 * Whatever ends it, t->response.sent tells whether the server may have acted:
 * it is set before the first byte is written and never taken back. */
#include "http/scheduler.h"

#include <string.h>

#include "http/curl_setup.h"
#include "http/limits.h"
#include "http/mailbox.h"
#include "http/response.h"
#include "http/token.h"
#include "http/transfer_files.h"
#include "util/os.h"

/* ---- the end ---- */

static void look_again(scheduler *s, const transfer *t, double now);

static bool has_slot(const transfer *t) {
  return t->io.state >= TRANSFER_PARKED && t->io.state <= TRANSFER_CLOSING;
}

/* The one end of every transfer; its response is complete. */
static void finish(transfer *t) {
  mailbox *m = t->io.owner;
  if (t->io.download) download_end(t->io.download);
  list_remove(&t->io.queue);
  list_remove(&t->io.live);
  if (m && has_slot(t)) atomic_fetch_sub(&m->shared.running, 1);
  t->io.state = TRANSFER_DONE;
  if (m && m->io.tokens) {
    atomic_store(&m->shared.token_fetches, token_fetch_count(m->io.tokens));
    token_tell_problem(m->io.tokens, t, &m->io.is_told);
  }
  if (m)
    mailbox_put(m, t);
  else
    transfer_unref(t);
}

/* The same, once its file is settled: whoever hears of the end finds the file
 * as it will be. A limit, a cancel or a close does not wait for that. */
static void finish_with_file(scheduler *s, transfer *t) {
  if (!t->io.download || !download_is_finishing(t->io.download)) {
    finish(t);
  } else {
    t->io.state = TRANSFER_CLOSING;
    look_again(s, t, 0);
  }
}

static void fail(transfer *t, failure f, const char *message) {
  response_fail(t, f, message);
  finish(t);
}

/* Its handle, for the next one. */
static void put_back(scheduler *s, transfer *t, bool is_sound) {
  easy_handles_recycle(&s->handles, t->io.handle, is_sound);
  t->io.handle = NULL;
  t->io.easy = NULL;
}

/* Takes a running transfer back from libcurl before its end. */
static void recall(scheduler *s, transfer *t, failure f, const char *message) {
  event_loop_remove(&s->loop, t);
  response_abandon(t, f, message);
  put_back(s, t, false);
}

/* Ends a transfer of a client, wherever it is. */
static void drop(scheduler *s, transfer *t, failure f, const char *message) {
  if (t->io.state == TRANSFER_RUNNING) {
    recall(s, t, f, message);
    finish(t);
  } else if (t->io.state != TRANSFER_DONE) {
    fail(t, f, message);
  }
}

/* Sees to it that limits_check is asked about a transfer in time. */
static void look_again(scheduler *s, const transfer *t, double now) {
  s->next_look = limits_earlier(s->next_look, limits_next(t, now));
}

/* ---- starts ---- */

static void on_file_event(void *context, void *owner, file_event event);

/* Has its files opened first; false: there are none, or they are open. */
static bool open_files(scheduler *s, transfer *t) {
  if (t->io.state == TRANSFER_OPENING ||
      !transfer_files_open(t, s->files, on_file_event, s))
    return false;
  t->io.state = TRANSFER_OPENING;
  look_again(s, t, 0);
  return true;
}

/* Hands a transfer to libcurl, once its files are open; false: it failed,
 * t->response tells why. */
static bool launch(scheduler *s, transfer *t) {
  easy_handle *h;
  if (open_files(s, t)) return true;
  if (t->io.deadline > 0 && os_now() >= t->io.deadline) {
    response_fail(t, FAILURE_TIMEOUT, "timeout.total was over before a start");
    return false;
  }
  h = easy_handles_take(&s->handles, t, curl_setup_is_plain(t), s->loop.share);
  if (!h) {
    response_fail(t, FAILURE_MEMORY, "out of memory for a transfer");
    return false;
  }
  t->io.state = TRANSFER_RUNNING;
  if (curl_setup(t, h)) {
    if (event_loop_add(&s->loop, t)) {
      look_again(s, t, os_now());
      return true;
    }
    response_fail(t, FAILURE_MEMORY, "out of memory for a transfer");
  }
  put_back(s, t, false);
  return false;
}

static void launch_call(scheduler *s, transfer *t) {
  if (!launch(s, t)) finish(t);
}

/* ---- files ---- */

/* A part of an earlier download stays. */
static void end_trial(scheduler *s, transfer *t) {
  download_give_up(t->io.download, true);
  finish_with_file(s, t);
}

static void on_opened(scheduler *s, transfer *t) {
  if (!transfer_files_are_open(t)) return;
  if (transfer_files_error(t)[0])
    fail(t, FAILURE_FILE, transfer_files_error(t));
  else if (t->io.is_trial)
    end_trial(s, t);
  else
    launch_call(s, t);
}

static void on_failed(scheduler *s, transfer *t) {
  if (t->io.state == TRANSFER_RUNNING)
    recall(s, t, FAILURE_FILE, transfer_files_error(t));
  else
    response_fail(t, FAILURE_FILE, transfer_files_error(t));
  finish_with_file(s, t);
}

static void on_file_event(void *context, void *owner, file_event event) {
  scheduler *s = context;
  transfer *t = owner;
  switch (event) {
    case FILE_OPENED:
      on_opened(s, t);
      break;
    case FILE_READY:
      transfer_files_resume(t);
      break;
    case FILE_FAILED:
      on_failed(s, t);
      break;
    case FILE_FINISHED:
      response_file_finished(t);
      finish(t);
      break;
  }
}

/* ---- tokens ---- */

/* There is no token: ends those that do not wait for another attempt. */
static void end_parked(token_entry *e, double now) {
  transfer *t;
  while ((t = token_next_over(e, now))) {
    token_explain(e, t, now);
    finish(t);
  }
}

static void grant_parked(scheduler *s, token_entry *e) {
  transfer *t;
  while ((t = token_next_parked(e))) {
    token_grant(e, t);
    launch_call(s, t);
  }
}

static void end_fetch(scheduler *s, token_entry *e, transfer *fetch) {
  double now = os_now();
  if (token_fetched(e, fetch, now))
    grant_parked(s, e);
  else
    end_parked(e, now);
}

static void on_token_sought(void *context, void *owner) {
  if (token_sought(owner, os_now())) grant_parked(context, owner);
}

/* Starts the token fetches that are due. True: some failed at once, and
 * those that waited for them have left their slots. */
static bool feed_tokens(scheduler *s, double now) {
  bool some_failed = false;
  list_node *n, *next;
  for (n = s->tokens.next; n != &s->tokens; n = next) {
    token_entry *e = token_at(n);
    bool failed;
    if (token_is_late(e, now)) grant_parked(s, e);
    transfer *fetch = token_start_fetch(e, now, &failed);
    next = n->next;
    if (failed) end_parked(e, now);
    if (fetch && !launch(s, fetch)) {
      end_fetch(s, e, fetch);
      finish(fetch);
      failed = true;
    }
    some_failed |= failed;
  }
  return some_failed;
}

/* ---- commands ---- */

static void attach(scheduler *s, mailbox *m) {
  list_append(&s->mailboxes, &m->io.entry);
  m->io.tokens =
      token_join(&s->tokens, m->settings, s->files, on_token_sought, s);
}

static void drop_all(scheduler *s, mailbox *m, const char *message) {
  while (!list_is_empty(&m->io.live))
    drop(s, list_entry(m->io.live.next, transfer, io.live), FAILURE_CLOSED,
         message);
}

static void detach(scheduler *s, mailbox *m) {
  drop_all(s, m, "the client was closed");
  transfer *fetch = m->io.tokens ? token_leave(m->io.tokens) : NULL;
  if (fetch && !s->is_over) {
    recall(s, fetch, FAILURE_CLOSED, "the client was closed");
    finish(fetch);
  }
  list_remove(&m->io.entry);
  mailbox_detached(m);
}

static void submit(scheduler *s, transfer *t) {
  mailbox *m = t->io.owner;
  if (s->is_over) {
    fail(t, FAILURE_CLOSED, "the process exits");
    return;
  }
  t->io.state = TRANSFER_PENDING;
  list_append(&m->io.live, &t->io.live);
  list_append(&m->io.pending, &t->io.queue);
  look_again(s, t, 0);
}

void scheduler_carry_out(scheduler *s, command *cmd) {
  switch (cmd->kind) {
    case COMMAND_ATTACH:
      attach(s, cmd->subject);
      break;
    case COMMAND_DETACH:
      detach(s, cmd->subject);
      break;
    case COMMAND_SUBMIT:
      submit(s, cmd->subject);
      break;
    case COMMAND_CANCEL:
      drop(s, cmd->subject, FAILURE_CANCELLED, "cancelled");
      transfer_unref(cmd->subject);
      break;
  }
}

/* ---- slots ---- */

static void seek_token(scheduler *s, token_entry *e, transfer *t, double now) {
  token_result result = token_attach(e, t, now);
  if (result == TOKEN_READY) {
    launch_call(s, t);
  } else if (result == TOKEN_PAUSED) {
    look_again(s, t, now);
  } else {
    token_explain(e, t, now);
    finish(t);
  }
}

static void start_call(scheduler *s, mailbox *m, transfer *t, double now) {
  list_remove(&t->io.queue);
  t->io.state = TRANSFER_PARKED;
  atomic_fetch_add(&m->shared.running, 1);
  if (!t->request.wants_token || t->io.is_trial)
    launch_call(s, t);
  else if (!m->io.tokens)
    fail(t, FAILURE_MEMORY, "out of memory for the token");
  else
    seek_token(s, m->io.tokens, t, now);
}

/* Starts what waits for a slot, while there are slots. */
static void feed_mailbox(scheduler *s, mailbox *m, double now) {
  while (!list_is_empty(&m->io.pending) &&
         atomic_load(&m->shared.running) < m->settings->max_in_flight)
    start_call(s, m, list_entry(m->io.pending.next, transfer, io.queue), now);
}

static void feed_mailboxes(scheduler *s, double now) {
  list_node *n;
  for (n = s->mailboxes.next; n != &s->mailboxes; n = n->next)
    feed_mailbox(s, list_entry(n, mailbox, io.entry), now);
}

static void feed(scheduler *s) {
  double now = os_now();
  do feed_mailboxes(s, now);
  while (feed_tokens(s, now));
}

/* ---- what is over its limits ---- */

static void end_running(scheduler *s, transfer *t, failure f,
                        const char *message) {
  recall(s, t, f, message);
  if (t->io.fetch_for) end_fetch(s, t->io.fetch_for, t);
  finish(t);
}

/* It is within its own limits; is the token that it waits for? */
static void look_on(scheduler *s, transfer *t, double now) {
  if (t->io.state == TRANSFER_PARKED &&
      !token_check_waiter(t->io.owner->io.tokens, t, now))
    finish(t);
  else
    look_again(s, t, now);
}

static void look_at(scheduler *s, transfer *t, double now) {
  char text[LIMITS_MAX_TEXT];
  failure f = limits_check(t, now, text);
  if (f == FAILURE_NONE)
    look_on(s, t, now);
  else if (t->io.state == TRANSFER_RUNNING)
    end_running(s, t, f, text);
  else
    fail(t, f, text);
}

static void look_at_mailbox(scheduler *s, mailbox *m, double now) {
  list_node *n, *next;
  for (n = m->io.live.next; n != &m->io.live; n = next) {
    next = n->next;
    look_at(s, list_entry(n, transfer, io.live), now);
  }
}

/* Ends what is over its time. After libcurl had its turn: what has come is
 * read by now. */
static void look_at_all(scheduler *s) {
  double now = os_now();
  list_node *n;
  if (s->next_look <= 0 || now < s->next_look) return;
  s->next_look = 0;
  for (n = s->mailboxes.next; n != &s->mailboxes; n = n->next)
    look_at_mailbox(s, list_entry(n, mailbox, io.entry), now);
  for (n = s->tokens.next; n != &s->tokens; n = n->next) {
    token_entry *e = token_at(n);
    if (!token_running_fetch(e)) continue;
    token_set_limits(e);
    look_at(s, token_running_fetch(e), now);
  }
}

/* ---- a turn ---- */

/* libcurl wanted to send a request that must not be sent twice over a
 * connection that may be dead (see curl_setup.c): nothing was sent, and it is
 * started again, with a new connection. False: it has ended. */
static bool start_afresh(scheduler *s, transfer *t) {
  if (!t->io.wants_fresh || t->response.sent || t->io.is_fresh) return false;
  t->io.is_fresh = true;
  t->response.message[0] = '\0';
  return event_loop_add(&s->loop, t);
}

/* libcurl reports that an exchange is over. */
static void end_exchange(scheduler *s, transfer *t, CURLcode code) {
  event_loop_take(&s->loop, t, code == CURLE_OK);
  if (code == CURLE_ABORTED_BY_CALLBACK && start_afresh(s, t)) return;
  response_end(t, code);
  put_back(s, t, code == CURLE_OK);
  if (t->io.fetch_for) end_fetch(s, t->io.fetch_for, t);
  if (t->request.wants_token && t->response.status == 401)
    token_reject(t->io.owner->io.tokens, t);
  finish_with_file(s, t);
}

void scheduler_turn(scheduler *s) {
  transfer *t;
  CURLcode code;
  file_thread_reap(s->files);
  event_loop_serve(&s->loop);
  while ((t = event_loop_ended(&s->loop, &code))) end_exchange(s, t, code);
  look_at_all(s);
  feed(s);
}

/* When something is due by itself; 0: nothing is. */
static double next_due(const scheduler *s) {
  double due = s->next_look;
  for (list_node *n = s->tokens.next; n != &s->tokens; n = n->next)
    due = limits_earlier(due, token_wake_time(token_at(n)));
  return due;
}

void scheduler_wait(scheduler *s, bool is_urgent) {
  double due = next_due(s);
  atomic_store(&s->loop.shared.due, (int64_t)(due * 1e6));
  event_loop_wait(&s->loop, is_urgent ? -1 : due);
}

void scheduler_wake(scheduler *s) {
  event_loop_wake(&s->loop);
}

/* ---- start and end ---- */

static void wake(void *arg) {
  scheduler_wake(arg);
}

bool scheduler_open(scheduler *s) {
  memset(s, 0, sizeof *s);
  list_init(&s->mailboxes);
  list_init(&s->tokens);
  s->files = file_thread_new(wake, s);
  if (s->files && event_loop_open(&s->loop)) return true;
  if (s->files) file_thread_free(s->files);
  event_loop_close(&s->loop);
  return false;
}

void scheduler_end(scheduler *s) {
  s->is_over = true;
  for (list_node *n = s->mailboxes.next; n != &s->mailboxes; n = n->next)
    drop_all(s, list_entry(n, mailbox, io.entry), "the process exits");
  for (list_node *n = s->tokens.next; n != &s->tokens; n = n->next)
    token_end_store(token_at(n));
  file_thread_free(s->files);
  s->files = NULL;
}

void scheduler_close(scheduler *s) {
  if (s->files) file_thread_free(s->files);
  easy_handles_free(&s->handles);
  event_loop_close(&s->loop);
}
