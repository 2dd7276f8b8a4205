/* SPDX-License-Identifier: MIT
 *
 * mailbox: completed transfers on their way to the host (see mailbox.h).
 * Neither thread ever waits for the other but in mailbox_await_detached. */
#include "http/mailbox.h"

#include <string.h>

int mailbox_init(mailbox *m, settings *s) {
  memset(m, 0, sizeof *m);
  m->settings = settings_ref(s);
  m->shared.attach = (command){NULL, COMMAND_ATTACH, m};
  m->shared.detach = (command){NULL, COMMAND_DETACH, m};
  pthread_mutex_init(&m->shared.lock, NULL);
  pthread_cond_init(&m->shared.detached, NULL);
  list_init(&m->io.busy);
  list_init(&m->io.waiting);
  list_init(&m->io.live);
  list_init(&m->io.pending);
  return waker_open(&m->waker);
}

/* The list `first`, reversed: what was pushed first comes first. */
static transfer *reverse(transfer *first) {
  transfer *out = NULL;
  while (first) {
    transfer *next = first->shared.next_done;
    first->shared.next_done = out;
    out = first;
    first = next;
  }
  return out;
}

static void take_over(mailbox *m) {
  transfer **end = &m->host.ready;
  while (*end) end = &(*end)->shared.next_done;
  *end = reverse(atomic_exchange(&m->shared.done, NULL));
}

static bool has_done(const mailbox *m) {
  return atomic_load_explicit(&m->shared.done, memory_order_relaxed) != NULL;
}

/* The flag keeps the I/O thread from signalling twice. It is taken back when
 * the signal was, and then the stack is looked at once more: what came in
 * between is seen, what comes later signals. A signal that is on its way is
 * left for the next time. */
transfer *mailbox_peek(mailbox *m) {
  if (!m->host.ready && has_done(m)) take_over(m);
  if (m->host.ready) return m->host.ready;
  if (atomic_load(&m->shared.is_signalled) && waker_clear(&m->waker)) {
    atomic_store(&m->shared.is_signalled, false);
    take_over(m);
  }
  return m->host.ready;
}

transfer *mailbox_take(mailbox *m) {
  transfer *t = mailbox_peek(m);
  if (t) m->host.ready = t->shared.next_done;
  return t;
}

bool mailbox_is_ready(const mailbox *m) {
  return m->host.ready || has_done(m) || atomic_load(&m->shared.is_signalled);
}

bool mailbox_wait(mailbox *m, double seconds) {
  if (m->host.ready || has_done(m)) return true;
  if (m->waker.read_fd < 0) return false;
  if (atomic_load(&m->shared.is_signalled) && mailbox_peek(m)) return true;
  return waker_wait(&m->waker, seconds) && mailbox_peek(m);
}

void mailbox_await_detached(mailbox *m) {
  pthread_mutex_lock(&m->shared.lock);
  while (!m->shared.is_detached)
    pthread_cond_wait(&m->shared.detached, &m->shared.lock);
  pthread_mutex_unlock(&m->shared.lock);
  take_over(m);
  atomic_store(&m->shared.is_signalled, false);
  waker_close(&m->waker);
}

void mailbox_free(mailbox *m) {
  transfer *t;
  take_over(m);
  while ((t = m->host.ready)) {
    m->host.ready = t->shared.next_done;
    transfer_unref(t);
  }
  waker_close(&m->waker);
  settings_unref(m->settings);
  pthread_cond_destroy(&m->shared.detached);
  pthread_mutex_destroy(&m->shared.lock);
}

size_t mailbox_weight(const transfer *t) {
  return t->request.body ? bytes_len(t->request.body) : 0;
}

void mailbox_put(mailbox *m, transfer *t) {
  const response *r = &t->response;
  transfer *old = atomic_load_explicit(&m->shared.done, memory_order_relaxed);
  atomic_fetch_add(&m->shared.completed, 1);
  atomic_fetch_add(&m->shared.bytes_sent, (uint64_t)r->bytes_sent);
  atomic_fetch_add(&m->shared.bytes_received, (uint64_t)r->bytes_received);
  atomic_fetch_sub(&m->shared.queued_bytes, mailbox_weight(t));
  atomic_fetch_sub(&m->shared.queued, 1);
  t->io.owner = NULL;
  do t->shared.next_done = old;
  while (!atomic_compare_exchange_weak(&m->shared.done, &old, t));
}

void mailbox_signal(mailbox *m) {
  if (atomic_load(&m->shared.done) &&
      !atomic_exchange(&m->shared.is_signalled, true))
    waker_signal(&m->waker);
}

bool mailbox_is_signalled(const mailbox *m) {
  return atomic_load(&m->shared.is_signalled);
}

void mailbox_detached(mailbox *m) {
  pthread_mutex_lock(&m->shared.lock);
  m->shared.is_detached = true;
  pthread_cond_signal(&m->shared.detached);
  pthread_mutex_unlock(&m->shared.lock);
}
