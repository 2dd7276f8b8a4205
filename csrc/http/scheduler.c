/* SPDX-License-Identifier: MIT
 *
 * scheduler: see scheduler.h. */
#include "http/scheduler.h"

#include <string.h>

#include "http/exchange.h"
#include "http/limits.h"
#include "http/mailbox.h"
#include "util/os.h"

static const double most_serving = 0.05; /* s, before limits are looked at */

/* ---- tokens ---- */

/* There is no token: ends those that do not wait for another attempt. */
static void end_parked(scheduler *s, token_entry *e, double now) {
  transfer *t;
  while ((t = token_next_over(e, now))) {
    token_explain(e, t, now);
    exchange_finish(s, t);
  }
}

static void grant_parked(scheduler *s, token_entry *e) {
  transfer *t;
  while ((t = token_next_parked(e))) {
    token_grant(e, t);
    exchange_run(s, t);
  }
}

static void end_fetch(scheduler *s, token_entry *e, transfer *fetch) {
  double now = os_now();
  if (token_fetched(e, fetch, now))
    grant_parked(s, e);
  else
    end_parked(s, e, now);
}

static void on_token_sought(void *context, void *owner, file_event event) {
  (void)event;
  if (token_sought(owner, os_now())) grant_parked(context, owner);
}

static void start_fetch(scheduler *s, token_entry *e, double now) {
  bool failed;
  if (token_is_late(e, now)) grant_parked(s, e);
  transfer *fetch = token_start_fetch(e, now, &failed);
  if (failed) end_parked(s, e, now);
  if (!fetch || exchange_start(s, fetch)) return;
  end_fetch(s, e, fetch);
  exchange_finish(s, fetch);
}

/* Starts the token fetches that are due. */
static void start_fetches(scheduler *s, double now) {
  list_node *n, *next;
  for (n = s->tokens.active.next; n != &s->tokens.active; n = next) {
    next = n->next;
    start_fetch(s, token_active_at(n), now);
    token_deactivate(token_active_at(n));
  }
}

/* ---- commands ---- */

static void attach(scheduler *s, mailbox *m) {
  m->io.tokens =
      token_join(&s->tokens, m->settings, s->files, on_token_sought, s);
}

static void drop_all(scheduler *s, mailbox *m, const char *message) {
  while (!list_is_empty(&m->io.live))
    exchange_drop(s, list_entry(m->io.live.next, transfer, io.live),
                  FAILURE_CLOSED, message);
}

static void detach(scheduler *s, mailbox *m) {
  drop_all(s, m, "the client was closed");
  transfer *fetch = m->io.tokens ? token_leave(m->io.tokens) : NULL;
  if (fetch && !s->is_over) {
    exchange_recall(s, fetch, FAILURE_CLOSED, "the client was closed");
    exchange_finish(s, fetch);
  }
  if (!s->is_over) easy_handles_forget(&s->handles, m->settings);
  wakeup_forget(&s->wakeup, m);
  mailbox_detached(m);
}

static void submit(scheduler *s, transfer *t) {
  if (s->is_over)
    exchange_fail(s, t, FAILURE_CLOSED, "the process exits");
  else
    exchange_queue(s, t);
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
      exchange_drop(s, cmd->subject, FAILURE_CANCELLED, "cancelled");
      transfer_unref(cmd->subject);
      break;
  }
}

/* ---- slots ---- */

static void seek_token(scheduler *s, token_entry *e, transfer *t, double now) {
  token_result result = token_attach(e, t, now);
  if (result == TOKEN_READY) {
    exchange_run(s, t);
  } else if (result == TOKEN_PAUSED) {
    exchange_look_again(s, t, now);
  } else {
    token_explain(e, t, now);
    exchange_finish(s, t);
  }
}

static void start_call(scheduler *s, mailbox *m, transfer *t, double now) {
  list_remove(&t->io.queue);
  t->io.state = TRANSFER_PARKED;
  atomic_fetch_add(&m->shared.running, 1);
  if (!t->request.wants_token || t->io.is_trial)
    exchange_run(s, t);
  else if (!m->io.tokens)
    exchange_fail(s, t, FAILURE_MEMORY, "out of memory for the token");
  else
    seek_token(s, m->io.tokens, t, now);
}

static void fill_slots(scheduler *s, mailbox *m, double now) {
  while (!list_is_empty(&m->io.pending) &&
         atomic_load(&m->shared.running) < m->settings->max_in_flight)
    start_call(s, m, list_entry(m->io.pending.next, transfer, io.queue), now);
}

/* Starts what waits for a slot, while there are slots; what fails at once
 * leaves its slot to others. */
static void start_waiting(scheduler *s) {
  double now = os_now();
  do {
    while (!list_is_empty(&s->waiting)) {
      mailbox *m = list_entry(s->waiting.next, mailbox, io.waiting);
      list_remove(&m->io.waiting);
      fill_slots(s, m, now);
    }
    start_fetches(s, now);
  } while (!list_is_empty(&s->waiting));
}

/* ---- what is over its limits ---- */

static void end_running(scheduler *s, transfer *t, failure f,
                        const char *message) {
  exchange_recall(s, t, f, message);
  if (t->io.fetch_for) end_fetch(s, t->io.fetch_for, t);
  exchange_finish(s, t);
}

/* It is within its own limits; is the token that it waits for? */
static void look_on(scheduler *s, transfer *t, double now) {
  if (t->io.state == TRANSFER_PARKED &&
      !token_check_waiter(t->io.owner->io.tokens, t, now))
    exchange_finish(s, t);
  else
    exchange_look_again(s, t, now);
}

static void look_at(scheduler *s, transfer *t, double now) {
  char text[LIMITS_MAX_TEXT];
  failure f = limits_check(t, now, text);
  if (f == FAILURE_NONE)
    look_on(s, t, now);
  else if (t->io.state == TRANSFER_RUNNING)
    end_running(s, t, f, text);
  else
    exchange_fail(s, t, f, text);
}

static void look_at_mailbox(scheduler *s, mailbox *m, double now) {
  list_node *n, *next;
  for (n = m->io.live.next; n != &m->io.live; n = next) {
    next = n->next;
    look_at(s, list_entry(n, transfer, io.live), now);
  }
}

/* Who waits for a token fetch has changed since the last look. */
static void set_fetch_limits(scheduler *s) {
  const list_node *active = &s->tokens.active;
  for (list_node *n = active->next; n != active; n = n->next)
    if (token_running_fetch(token_active_at(n)))
      token_set_limits(token_active_at(n));
}

/* Ends what is over its time. What has come was read. */
static void look_at_all(scheduler *s) {
  double now = os_now();
  list_node *n, *next;
  s->next_look = 0;
  set_fetch_limits(s);
  for (n = s->busy.next; n != &s->busy; n = next) {
    next = n->next;
    look_at_mailbox(s, list_entry(n, mailbox, io.busy), now);
  }
  set_fetch_limits(s); /* for those who still wait */
  for (n = s->tokens.active.next; n != &s->tokens.active; n = n->next) {
    transfer *fetch = token_running_fetch(token_active_at(n));
    if (fetch) look_at(s, fetch, now);
  }
}

/* ---- a turn ---- */

/* libcurl reports that an exchange is over. */
static void end_exchange(scheduler *s, transfer *t, CURLcode code) {
  if (!exchange_over(s, t, code)) return;
  if (t->io.fetch_for) end_fetch(s, t->io.fetch_for, t);
  if (t->request.wants_token && t->response.failure == FAILURE_NONE) {
    if (t->response.status == 401)
      token_reject(t->io.owner->io.tokens, t, os_now());
    else
      token_accept(t->io.owner->io.tokens, t);
  }
  exchange_finish_with_file(s, t);
}

/* Has libcurl go on with the next socket that has news. */
static void serve(scheduler *s) {
  transfer *t;
  CURLcode code;
  event_loop_serve(&s->loop);
  while ((t = event_loop_ended(&s->loop, &code))) end_exchange(s, t, code);
}

/* Reads from all sockets what has come, while there is time: after the process
 * or this thread stood still, limits are over, and answers are there. */
static void serve_all(scheduler *s) {
  double end = os_now() + most_serving;
  bool was_full;
  do {
    int count = 0;
    event_loop_wait(&s->loop, -1);
    for (; event_loop_has_more(&s->loop) && os_now() < end; count++) serve(s);
    was_full = count == POLLER_BATCH;
  } while (was_full && os_now() < end);
}

/* When something is due by itself; 0: nothing is. */
static double next_due(const scheduler *s) {
  double due = s->next_look;
  const list_node *active = &s->tokens.active;
  for (list_node *n = active->next; n != active; n = n->next)
    due = limits_earlier(due, token_wake_time(token_active_at(n)));
  return due;
}

/* Tells the watch when something is due: before libcurl may keep the thread,
 * for a command may just have brought an earlier deadline. */
static double tell_due(scheduler *s) {
  double due = next_due(s);
  atomic_store(&s->loop.shared.due, (int64_t)(due * 1e6));
  return due;
}

void scheduler_turn(scheduler *s) {
  file_thread_collect(s->files);
  if (!list_is_empty(&s->waiting)) start_waiting(s);
  tell_due(s);
  serve(s);
  if (s->next_look > 0 && os_now() >= s->next_look) {
    serve_all(s);
    look_at_all(s);
  }
  start_waiting(s);
  wakeup_count_portion(&s->wakeup);
}

void scheduler_wait(scheduler *s, bool is_urgent) {
  if (event_loop_has_more(&s->loop)) return;
  wakeup_send(&s->wakeup);
  is_urgent = is_urgent || file_thread_has_finished(s->files);
  event_loop_wait(&s->loop, is_urgent ? -1 : tell_due(s));
}

void scheduler_wake(scheduler *s) {
  poller_wake(&s->loop.poller);
}

/* ---- start and end ---- */

bool scheduler_open(scheduler *s) {
  memset(s, 0, sizeof *s);
  wakeup_init(&s->wakeup);
  list_init(&s->busy);
  list_init(&s->waiting);
  list_init(&s->tokens.all);
  list_init(&s->tokens.active);
  if (event_loop_open(&s->loop) &&
      (s->files = file_thread_new(&s->loop.poller.waker)))
    return true;
  event_loop_close(&s->loop);
  wakeup_free(&s->wakeup);
  return false;
}

void scheduler_end(scheduler *s) {
  s->is_over = true;
  while (!list_is_empty(&s->busy))
    drop_all(s, list_entry(s->busy.next, mailbox, io.busy),
             "the process exits");
  token_end_stores(&s->tokens);
  file_thread_free(s->files);
  s->files = NULL;
}

void scheduler_close(scheduler *s) {
  if (s->files) file_thread_free(s->files);
  easy_handles_free(&s->handles);
  event_loop_close(&s->loop);
  wakeup_free(&s->wakeup);
}
