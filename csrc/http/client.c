/* SPDX-License-Identifier: MIT
 *
 * client: the host's end of the queues (see client.h). Both directions are
 * stacks that one side pushes to and the other takes whole, so neither
 * thread ever holds up the other. */
#include "http/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/redact.h"

static client *allocate(settings *s) {
  client *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  atomic_init(&c->refs, 1);
  c->pid = getpid();
  c->settings = settings_ref(s);
  c->waker.read_fd = c->waker.write_fd = -1;
  c->attach_command = (command){NULL, COMMAND_ATTACH, c};
  c->detach_command = (command){NULL, COMMAND_DETACH, c};
  pthread_mutex_init(&c->lock, NULL);
  pthread_cond_init(&c->gone, NULL);
  list_init(&c->entry);
  list_init(&c->live);
  list_init(&c->pending);
  return c;
}

client *client_new(settings *s, char *error, size_t cap) {
  char text[128];
  client *c = allocate(s);
  if (!c) {
    snprintf(error, cap, "out of memory");
    return NULL;
  }
  int code = waker_open(&c->waker);
  if (code)
    snprintf(error, cap, "cannot open an event descriptor: %s",
             system_error(code, text, sizeof text));
  else
    c->engine = engine_acquire(error, cap);
  if (!c->engine) {
    c->is_closed = true;
    client_unref(c);
    return NULL;
  }
  engine_post(c->engine, &c->attach_command);
  return c;
}

bool client_is_foreign(const client *c) {
  return c->pid != getpid();
}

client *client_ref(client *c) {
  atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
  return c;
}

/* The list `first`, reversed: what was pushed first comes first. */
static transfer *reverse(transfer *first) {
  transfer *out = NULL;
  while (first) {
    transfer *next = first->next_done;
    first->next_done = out;
    out = first;
    first = next;
  }
  return out;
}

static bool take_over(client *c) {
  transfer *t = atomic_exchange(&c->done, NULL);
  if (!t) return false;
  transfer **end = &c->ready;
  while (*end) end = &(*end)->next_done;
  *end = reverse(t);
  return true;
}

/* The flag keeps the I/O thread from signalling twice. It is taken back when
 * the signal was, and then the stack is looked at once more: what came in
 * between is seen, what comes later signals. A signal that is on its way is
 * left for the next time. */
static transfer *peek(client *c) {
  if (c->ready) return c->ready;
  if (atomic_load_explicit(&c->done, memory_order_relaxed) && take_over(c))
    return c->ready;
  if (atomic_load(&c->is_signalled) && waker_clear(&c->waker)) {
    atomic_store(&c->is_signalled, false);
    take_over(c);
  }
  return c->ready;
}

static void remember_token(client *c, body *line) {
  if (!line || line == c->tokens[0]) return;
  body_unref(c->tokens[CLIENT_TOKENS_KEPT - 1]);
  for (int i = CLIENT_TOKENS_KEPT - 1; i > 0; i--)
    c->tokens[i] = c->tokens[i - 1];
  c->tokens[0] = body_ref(line);
}

transfer *client_take(client *c) {
  transfer *t = peek(c);
  if (t) c->ready = t->next_done;
  return t;
}

void client_give_back(client *c, transfer *t) {
  t->next_done = c->ready;
  c->ready = t;
}

void client_drop(client *c, transfer *t) {
  remember_token(c, t->token);
  transfer_unref(t);
}

bool client_wait(client *c, double seconds) {
  if (c->ready || atomic_load_explicit(&c->done, memory_order_relaxed))
    return true;
  if (c->is_closed) return false;
  if (atomic_load(&c->is_signalled) && peek(c)) return true;
  return waker_wait(&c->waker, seconds) && peek(c);
}

static size_t weight(const transfer *t) {
  return t->body ? body_len(t->body) : 0;
}

const char *client_submit(client *c, transfer *t) {
  if (c->is_closed) return "the client is closed";
  if (atomic_load(&c->queued) >= CLIENT_MAX_QUEUED)
    return "too many requests queued (CLIENT_MAX_QUEUED, 65536)";
  if (atomic_load(&c->queued_bytes) + weight(t) > CLIENT_MAX_QUEUED_BYTES)
    return "too many bytes queued (CLIENT_MAX_QUEUED_BYTES, 256 MiB)";
  atomic_fetch_add(&c->queued, 1);
  atomic_fetch_add(&c->queued_bytes, weight(t));
  t->owner = client_ref(c);
  t->queued_at = system_now();
  t->deadline = t->total_timeout > 0 ? t->queued_at + t->total_timeout : 0;
  transfer_ref(t);
  engine_post(c->engine, &t->submit_command);
  return NULL;
}

void client_cancel(client *c, transfer *t) {
  if (c->is_closed || atomic_exchange(&t->is_cancelled, true)) return;
  transfer_ref(t);
  engine_post(c->engine, &t->cancel_command);
}

void client_complete(client *c, transfer *t) {
  transfer *old = atomic_load_explicit(&c->done, memory_order_relaxed);
  atomic_fetch_add(&c->completed, 1);
  atomic_fetch_add(&c->bytes_sent, (uint64_t)t->response.bytes_sent);
  atomic_fetch_add(&c->bytes_received, (uint64_t)t->response.bytes_received);
  atomic_fetch_sub(&c->queued_bytes, weight(t));
  atomic_fetch_sub(&c->queued, 1);
  t->owner = NULL;
  do t->next_done = old;
  while (!atomic_compare_exchange_weak(&c->done, &old, t));
  if (!atomic_exchange(&c->is_signalled, true)) waker_signal(&c->waker);
  client_unref(c);
}

void client_detached(client *c) {
  pthread_mutex_lock(&c->lock);
  c->is_detached = true;
  pthread_cond_signal(&c->gone);
  pthread_mutex_unlock(&c->lock);
}

void client_close(client *c) {
  if (c->is_closed) return;
  c->is_closed = true;
  engine_post(c->engine, &c->detach_command);
  pthread_mutex_lock(&c->lock);
  while (!c->is_detached) pthread_cond_wait(&c->gone, &c->lock);
  pthread_mutex_unlock(&c->lock);
  engine_release(c->engine);
  c->engine = NULL;
  take_over(c);
  atomic_store(&c->is_signalled, false);
  waker_close(&c->waker);
}

static void drop_all(transfer *t) {
  while (t) {
    transfer *next = t->next_done;
    transfer_unref(t);
    t = next;
  }
}

void client_unref(client *c) {
  if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
    return;
  waker_close(&c->waker);
  drop_all(c->ready);
  drop_all(atomic_load(&c->done));
  for (int i = 0; i < CLIENT_TOKENS_KEPT; i++) body_unref(c->tokens[i]);
  settings_unref(c->settings);
  pthread_cond_destroy(&c->gone);
  pthread_mutex_destroy(&c->lock);
  free(c);
}

char *client_redact(const client *c, const char *text, size_t len,
                    size_t *out_len) {
  const char *secrets[CLIENT_TOKENS_KEPT + 2];
  size_t n = 0, name = sizeof "Authorization: " - 1;
  secrets[n++] = c->settings->user_key;
  secrets[n++] = c->settings->token;
  for (int i = 0; i < CLIENT_TOKENS_KEPT; i++)
    if (c->tokens[i]) secrets[n++] = body_data(c->tokens[i]) + name;
  return secret_redact(text, len, secrets, n, out_len);
}
