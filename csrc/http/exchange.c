/* SPDX-License-Identifier: MIT
 *
 * exchange: see exchange.h. */
#include "http/exchange.h"

#include "http/curl_setup.h"
#include "http/explain.h"
#include "http/limits.h"
#include "http/mailbox.h"
#include "http/response.h"
#include "util/os.h"

/* ---- lists ---- */

static bool has_slot(const transfer *t) {
  return t->io.state >= TRANSFER_PARKED && t->io.state <= TRANSFER_CLOSING;
}

/* Its queue is looked at again: one of it may start. */
static void wait_for_slot(scheduler *s, mailbox *m) {
  list_remove(&m->io.waiting);
  if (!list_is_empty(&m->io.pending)) list_append(&s->waiting, &m->io.waiting);
}

void exchange_queue(scheduler *s, transfer *t) {
  mailbox *m = t->io.owner;
  t->io.state = TRANSFER_PENDING;
  if (list_is_empty(&m->io.live)) list_append(&s->busy, &m->io.busy);
  list_append(&m->io.live, &t->io.live);
  list_append(&m->io.pending, &t->io.queue);
  wait_for_slot(s, m);
  exchange_look_again(s, t, 0);
}

/* Takes it off the lists, and gives its slot to the next one. */
static void leave_lists(scheduler *s, mailbox *m, transfer *t) {
  list_remove(&t->io.queue);
  list_remove(&t->io.live);
  if (!m) return;
  if (has_slot(t)) atomic_fetch_sub(&m->shared.running, 1);
  if (list_is_empty(&m->io.live)) list_remove(&m->io.busy);
  wait_for_slot(s, m);
}

/* ---- the end ---- */

void exchange_finish(scheduler *s, transfer *t) {
  mailbox *m = t->io.owner;
  if (t->io.download) download_end(t->io.download);
  leave_lists(s, m, t);
  t->io.state = TRANSFER_DONE;
  if (m && m->io.tokens) {
    atomic_store(&m->shared.token_fetches, token_fetch_count(m->io.tokens));
    token_tell_problem(m->io.tokens, t, &m->io.is_told);
  }
  if (!m) {
    transfer_unref(t);
    return;
  }
  mailbox_put(m, t);
  wakeup_owe(&s->wakeup, m);
  if (s->is_over) wakeup_send(&s->wakeup);
}

void exchange_finish_with_file(scheduler *s, transfer *t) {
  if (!t->io.download || !download_is_finishing(t->io.download)) {
    exchange_finish(s, t);
  } else {
    t->io.state = TRANSFER_CLOSING;
    exchange_look_again(s, t, 0);
  }
}

void exchange_fail(scheduler *s, transfer *t, failure f, const char *message) {
  response_fail(t, f, message);
  exchange_finish(s, t);
}

/* Its handle, for the next one. */
static void put_back(scheduler *s, transfer *t, bool is_sound) {
  easy_handles_recycle(&s->handles, t->io.handle, is_sound);
  t->io.handle = NULL;
  t->io.easy = NULL;
}

void exchange_recall(scheduler *s, transfer *t, failure f,
                     const char *message) {
  event_loop_remove(&s->loop, t);
  response_abandon(t, f, message);
  put_back(s, t, false);
}

void exchange_drop(scheduler *s, transfer *t, failure f, const char *message) {
  if (t->io.state == TRANSFER_RUNNING) {
    exchange_recall(s, t, f, message);
    exchange_finish(s, t);
  } else if (t->io.state != TRANSFER_DONE) {
    exchange_fail(s, t, f, message);
  }
}

void exchange_look_again(scheduler *s, const transfer *t, double now) {
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
  exchange_look_again(s, t, 0);
  return true;
}

bool exchange_start(scheduler *s, transfer *t) {
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
      exchange_look_again(s, t, os_now());
      return true;
    }
    response_fail(t, FAILURE_MEMORY, "out of memory for a transfer");
  }
  put_back(s, t, false);
  return false;
}

void exchange_run(scheduler *s, transfer *t) {
  if (!exchange_start(s, t)) exchange_finish(s, t);
}

/* ---- files ---- */

/* A part of an earlier download stays. */
static void end_trial(scheduler *s, transfer *t) {
  download_give_up(t->io.download, true);
  exchange_finish_with_file(s, t);
}

static void on_opened(scheduler *s, transfer *t) {
  if (!transfer_files_are_open(t)) return;
  if (transfer_files_error(t)[0])
    exchange_fail(s, t, FAILURE_FILE, transfer_files_error(t));
  else if (t->io.is_trial)
    end_trial(s, t);
  else
    exchange_run(s, t);
}

static void on_failed(scheduler *s, transfer *t) {
  if (t->io.state == TRANSFER_RUNNING)
    exchange_recall(s, t, FAILURE_FILE, transfer_files_error(t));
  else
    response_fail(t, FAILURE_FILE, transfer_files_error(t));
  exchange_finish_with_file(s, t);
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
      exchange_finish(s, t);
      break;
  }
}

/* ---- what libcurl reports ---- */

/* libcurl wanted to send a request over a connection that cannot be trusted
 * with it (see curl_setup.c): nothing was sent, and it is started again, with
 * a new connection. False: it has ended. */
static bool start_afresh(scheduler *s, transfer *t) {
  if (!t->io.wants_fresh || t->response.sent || t->io.is_fresh) return false;
  t->io.is_fresh = true;
  curl_easy_setopt(t->io.easy, CURLOPT_FORBID_REUSE, 0L);
  transfer_tell(t, FAILURE_NONE, "");
  return event_loop_add(&s->loop, t);
}

/* libcurl found the connection dead when it had sent the request over it, and
 * wanted to send it again (see curl_setup.c). */
static bool was_lost_between(const transfer *t, CURLcode code) {
  return code == CURLE_SEND_FAIL_REWIND || (code == CURLE_ABORTED_BY_CALLBACK &&
                                            t->io.refusal == explain_not_again);
}

bool exchange_over(scheduler *s, transfer *t, CURLcode code) {
  event_loop_take(&s->loop, t, code == CURLE_OK);
  if (was_lost_between(t, code))
    connections_note_hasty(&s->loop.connections, t);
  if (code == CURLE_ABORTED_BY_CALLBACK && start_afresh(s, t)) return false;
  response_end(t, code);
  put_back(s, t, code == CURLE_OK);
  return true;
}
