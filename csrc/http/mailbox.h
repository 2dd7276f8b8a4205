/* SPDX-License-Identifier: MIT
 *
 * mailbox: where one client and the I/O thread meet: completed transfers on
 * their way back, with a descriptor that becomes readable, and what the
 * scheduler keeps of the client. A client owns it, and frees it only after
 * the I/O thread has let go of it (mailbox_detached). */
#ifndef AISTUDIOS_HTTP_MAILBOX_H
#define AISTUDIOS_HTTP_MAILBOX_H

#include <pthread.h>

#include "http/transfer.h"
#include "util/os.h"

typedef struct mailbox {
  settings *settings; /* constant; a reference */
  waker waker;        /* readable: there may be something to take */

  /* Only the host's thread. */
  struct {
    transfer *ready; /* taken over from `done`, oldest first */
  } host;

  /* Only the I/O thread. */
  struct {
    list_node busy, waiting;    /* in the scheduler's lists */
    struct token_entry *tokens; /* where it gets tokens; NULL: no memory */
    bool is_told;               /* of the problem of its token_store */
    list_node live;             /* all transfers on their way */
    list_node pending;          /* those that wait for a slot */
  } io;

  /* Both threads. `done` is a stack: the I/O thread pushes, the host takes
   * all of it at once. `lock` guards is_detached. The counters stand for
   * themselves. */
  struct {
    _Atomic(transfer *) done; /* newest first */
    atomic_bool is_signalled; /* the waker is readable, or soon cleared */
    command attach, detach;
    pthread_mutex_t lock;
    pthread_cond_t detached;
    bool is_detached;
    atomic_size_t queued, queued_bytes; /* submitted and not complete */
    atomic_uint running;                /* have a slot of max_in_flight */
    atomic_uint_fast64_t completed, bytes_sent, bytes_received, token_fetches;
  } shared;
} mailbox;

/* An empty one; keeps a reference to `s`. Returns 0, or an errno value when
 * no descriptor is left; mailbox_free is due either way. */
int mailbox_init(mailbox *m, settings *s);

/* Host's thread: see client_peek, client_is_ready and client_wait. */
transfer *mailbox_peek(mailbox *m);
bool mailbox_is_ready(const mailbox *m);
bool mailbox_wait(mailbox *m, double seconds);

/* Host's thread: what mailbox_peek has, taken out, with its reference. */
transfer *mailbox_take(mailbox *m);

/* Host's thread: waits until the I/O thread has let go, then closes the
 * descriptor. What was completed can still be taken. */
void mailbox_await_detached(mailbox *m);

/* Host's thread: frees what is left in it. */
void mailbox_free(mailbox *m);

/* How much of the bound on queued bytes a transfer takes up. */
size_t mailbox_weight(const transfer *t);

/* I/O thread: `t` is complete; its reference goes to the host, which finds it
 * when it looks. To wake it is another matter: see wakeup.h. */
void mailbox_put(mailbox *m, transfer *t);

/* Makes the descriptor readable, unless the host has taken all there was. Any
 * thread that sees to it that `m` stays. */
void mailbox_signal(mailbox *m);

/* Is the descriptor readable, so that the host looks? */
bool mailbox_is_signalled(const mailbox *m);

/* I/O thread: it will not touch `m` again. */
void mailbox_detached(mailbox *m);

#endif
