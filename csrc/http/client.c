/* SPDX-License-Identifier: MIT
 *
 * client: the host's end (see client.h). */
#include "http/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/io_thread.h"
#include "http/mailbox.h"
#include "http/token_endpoint.h"
#include "util/redact.h"

struct client {
  unsigned refs;
  unsigned generation;               /* of the process that made it */
  io_thread *io_thread;              /* NULL: it is closed */
  bytes *tokens[CLIENT_TOKENS_KEPT]; /* seen in answers, newest first */
  mailbox mailbox;
};

client *client_new(settings *s, char *error, size_t cap) {
  char text[128];
  client *c = calloc(1, sizeof *c);
  if (!c) {
    snprintf(error, cap, "out of memory");
    return NULL;
  }
  c->refs = 1;
  int code = mailbox_init(&c->mailbox, s);
  if (code)
    snprintf(error, cap, "cannot open an event descriptor: %s",
             os_error_text(code, text, sizeof text));
  else
    c->io_thread = io_thread_acquire(error, cap);
  if (!c->io_thread) {
    client_unref(c);
    return NULL;
  }
  c->generation = io_thread_generation();
  io_thread_post(c->io_thread, &c->mailbox.shared.attach);
  return c;
}

bool client_is_foreign(const client *c) {
  return c->generation != io_thread_generation();
}

client *client_ref(client *c) {
  c->refs++;
  return c;
}

const char *client_submit(client *c, transfer *t) {
  mailbox *m = &c->mailbox;
  size_t weight = mailbox_weight(t);
  double total = t->request.total_timeout;
  if (!c->io_thread) return "the client is closed";
  if (atomic_load(&m->shared.queued) >= CLIENT_MAX_QUEUED)
    return "too many requests queued (CLIENT_MAX_QUEUED, 65536)";
  if (atomic_load(&m->shared.queued_bytes) + weight > CLIENT_MAX_QUEUED_BYTES)
    return "too many bytes queued (CLIENT_MAX_QUEUED_BYTES, 256 MiB)";
  atomic_fetch_add(&m->shared.queued, 1);
  atomic_fetch_add(&m->shared.queued_bytes, weight);
  t->io.owner = m;
  t->io.deadline = total > 0 ? os_now() + total : 0;
  transfer_ref(t);
  io_thread_post(c->io_thread, &t->shared.submit_command);
  return NULL;
}

void client_cancel(client *c, transfer *t) {
  if (!c->io_thread || atomic_exchange(&t->shared.is_cancelled, true)) return;
  transfer_ref(t);
  io_thread_post(c->io_thread, &t->shared.cancel_command);
}

transfer *client_peek(client *c) {
  return mailbox_peek(&c->mailbox);
}

static void remember_token(client *c, bytes *line) {
  if (!line || line == c->tokens[0]) return;
  bytes_unref(c->tokens[CLIENT_TOKENS_KEPT - 1]);
  for (int i = CLIENT_TOKENS_KEPT - 1; i > 0; i--)
    c->tokens[i] = c->tokens[i - 1];
  c->tokens[0] = bytes_ref(line);
}

void client_drop(client *c) {
  transfer *t = mailbox_take(&c->mailbox);
  remember_token(c, t->io.token);
  transfer_unref(t);
}

bool client_is_ready(const client *c) {
  return mailbox_is_ready(&c->mailbox);
}

bool client_wait(client *c, double seconds) {
  return mailbox_wait(&c->mailbox, seconds);
}

int client_fd(const client *c) {
  return c->mailbox.waker.read_fd;
}

client_stats client_get_stats(const client *c) {
  const mailbox *m = &c->mailbox;
  return (client_stats){
      .queued = atomic_load(&m->shared.queued),
      .running = atomic_load(&m->shared.running),
      .completed = atomic_load(&m->shared.completed),
      .token_fetches = atomic_load(&m->shared.token_fetches),
      .bytes_sent = atomic_load(&m->shared.bytes_sent),
      .bytes_received = atomic_load(&m->shared.bytes_received),
  };
}

void client_close(client *c) {
  if (!c->io_thread) return;
  io_thread_post(c->io_thread, &c->mailbox.shared.detach);
  mailbox_await_detached(&c->mailbox);
  io_thread_release(c->io_thread);
  c->io_thread = NULL;
}

void client_unref(client *c) {
  if (!c || --c->refs > 0) return;
  client_close(c);
  mailbox_free(&c->mailbox);
  for (int i = 0; i < CLIENT_TOKENS_KEPT; i++) bytes_unref(c->tokens[i]);
  free(c);
}

char *client_redact(const client *c, const char *text, size_t len, size_t most,
                    const char *const more[CLIENT_MORE_SECRETS],
                    size_t *out_len) {
  const char
      *secrets[SETTINGS_SECRETS + CLIENT_TOKENS_KEPT + CLIENT_MORE_SECRETS];
  size_t n = SETTINGS_SECRETS;
  settings_secrets(c->mailbox.settings, secrets);
  for (int i = 0; i < CLIENT_TOKENS_KEPT; i++)
    secrets[n++] = token_line_text(c->tokens[i]);
  for (int i = 0; i < CLIENT_MORE_SECRETS; i++) secrets[n++] = more[i];
  return redact_text(text, len, most, secrets, n, out_len);
}
