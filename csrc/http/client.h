/* SPDX-License-Identifier: MIT
 *
 * client: one host's connection to the I/O thread: requests in, completed
 * transfers out, within limits. One thread's, the host's. No function waits
 * but client_wait and client_close. */
#ifndef AISTUDIOS_HTTP_CLIENT_H
#define AISTUDIOS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/transfer.h"

enum {
  CLIENT_MAX_QUEUED = 65536,                   /* requests on their way */
  CLIENT_MAX_QUEUED_BYTES = 1024 * 1024 * 256, /* of their bodies */
  CLIENT_TOKENS_KEPT = 4,                      /* for redaction, */
  CLIENT_MORE_SECRETS = 8                      /* and so many of the host's */
};

typedef struct client client;

typedef struct {
  uint64_t queued, running; /* now: submitted, and of these with a slot */
  uint64_t completed, token_fetches, bytes_sent, bytes_received; /* so far */
} client_stats;

/* A client of the process's I/O thread, which it starts when it is the first.
 * Keeps a reference to `s`. NULL: `error` tells why. */
client *client_new(settings *s, char *error, size_t cap);

/* Made by another process: after a fork nothing may be done with it. */
bool client_is_foreign(const client *c);

/* Hands `t` to the I/O thread; takes one reference. NULL on success, else
 * the reason, and the caller keeps `t` as it was. */
const char *client_submit(client *c, transfer *t);

/* Asks for an early end; the completion follows. Only the first call for a
 * transfer has an effect. */
void client_cancel(client *c, transfer *t);

/* The oldest completed transfer, which stays the client's; NULL when there is
 * none. Clears the descriptor when it returns NULL. */
transfer *client_peek(client *c);

/* Lets go of the oldest completed transfer, which there is. */
void client_drop(client *c);

/* Is there a reason to call client_peek? Costs a few loads. */
bool client_is_ready(const client *c);

/* True as soon as client_peek has something; false when `seconds` (below 0:
 * for ever) are over, or before that for no reason. */
bool client_wait(client *c, double seconds);

/* Readable while client_peek may have something; -1 when it is closed. */
int client_fd(const client *c);

client_stats client_get_stats(const client *c);

/* Ends all transfers, waits until the I/O thread let go, and leaves it. What
 * was completed can still be taken. Idempotent. */
void client_close(client *c);

/* Gives a reference back; the last one closes and frees. NULL is allowed. */
void client_unref(client *c);
client *client_ref(client *c);

/* A malloc'ed copy of `text` without this client's key and tokens, and without
 * `more` secrets (NULLs are skipped); of about `most` bytes (redact.h). */
char *client_redact(const client *c, const char *text, size_t len, size_t most,
                    const char *const more[CLIENT_MORE_SECRETS],
                    size_t *out_len);

#endif
