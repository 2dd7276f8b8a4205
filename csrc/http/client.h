/* SPDX-License-Identifier: MIT
 *
 * client: what stands between one host and the engine: the way in (a
 * command per request), the way back (a stack that the I/O thread pushes to
 * and a descriptor that tells of it), and the limits. The functions are for
 * the host's thread unless they say otherwise; none of them waits, but
 * client_wait and client_close. */
#ifndef AISTUDIOS_CLIENT_H
#define AISTUDIOS_CLIENT_H

#include <pthread.h>
#include <sys/types.h>

#include "http/io_thread.h"
#include "http/token.h"
#include "http/transfer.h"
#include "util/os.h"

enum {
  CLIENT_MAX_QUEUED = 65536,                   /* requests on their way */
  CLIENT_MAX_QUEUED_BYTES = 1024 * 1024 * 256, /* of their bodies */
  CLIENT_TOKENS_KEPT = 4                       /* for redaction */
};

struct client {
  atomic_uint refs; /* the host's handle, every transfer on its way */
  pid_t pid;        /* the process that made it */
  engine *engine;
  settings *settings;

  /* The host's. */
  waker waker;
  transfer *ready; /* taken over from `done`, oldest first */
  bool is_closed;
  body *tokens[CLIENT_TOKENS_KEPT]; /* seen in answers, newest first */

  /* The I/O thread's. */
  list_node entry;   /* in the engine's list */
  auth *auth;        /* NULL: no memory for it */
  list_node live;    /* all transfers on their way */
  list_node pending; /* those that wait for a place */

  /* Both. */
  _Atomic(transfer *) done; /* newest first */
  atomic_bool is_signalled; /* the waker is readable, or about to be cleared */
  command attach_command, detach_command;
  pthread_mutex_t lock; /* guards is_detached, used once */
  pthread_cond_t gone;
  bool is_detached;
  atomic_size_t queued, queued_bytes;
  atomic_uint_fast64_t completed, bytes_sent, bytes_received, token_fetches;
  atomic_uint running; /* have a place: parked or with libcurl */
};

/* A client of the process's engine, which it starts when it is the first.
 * Keeps a reference to `s`. NULL: `error` tells why. */
client *client_new(settings *s, char *error, size_t cap);

/* Made by another process: after a fork nothing may be done with it. */
bool client_is_foreign(const client *c);

/* Hands `t` to the I/O thread; takes one reference. NULL on success, else
 * the reason, and the caller keeps `t` as it was. */
const char *client_submit(client *c, transfer *t);

/* Asks for an early end; the completion follows. Once per transfer. */
void client_cancel(client *c, transfer *t);

/* The oldest completed transfer, with its reference; NULL when there is
 * none. Clears the descriptor when it returns NULL. What was taken is given
 * back, to be the oldest again, or dropped. */
transfer *client_take(client *c);
void client_give_back(client *c, transfer *t);
void client_drop(client *c, transfer *t);

/* True as soon as client_take has something; false when `seconds` (below 0:
 * for ever) are over, or before that for no reason. */
bool client_wait(client *c, double seconds);

/* Ends all transfers, waits until the I/O thread let go, and leaves the
 * engine. What was completed can still be taken. Idempotent. */
void client_close(client *c);

/* Gives a reference back; the last one frees. Any thread. */
void client_unref(client *c);
client *client_ref(client *c);

/* I/O thread: `t` is complete; its reference goes to the host. */
void client_complete(client *c, transfer *t);

/* I/O thread: it has let go of `c` and will not touch it again. */
void client_detached(client *c);

/* A malloc'ed copy of `text` without this client's key and tokens. */
char *client_redact(const client *c, const char *text, size_t len,
                    size_t *out_len);

#endif
