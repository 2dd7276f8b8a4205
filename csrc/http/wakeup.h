/* SPDX-License-Identifier: MIT
 *
 * wakeup: wakes a host for what has completed, once for many: what libcurl
 * brings together is told together. The wake-up is sent when nothing else is
 * to be served, after WAKEUP_PORTIONS portions at the latest, or by the watch
 * when libcurl keeps the I/O thread. A host that is awake needs none. */
#ifndef AISTUDIOS_HTTP_WAKEUP_H
#define AISTUDIOS_HTTP_WAKEUP_H

#include <pthread.h>

#include "http/mailbox.h"

enum { WAKEUP_PORTIONS = 8 };

typedef struct {
  pthread_mutex_t lock;    /* a mailbox that is being woken stays */
  _Atomic(mailbox *) owed; /* what has not been woken yet; NULL: none */
  int portions;            /* served since; I/O thread only */
} wakeup;

void wakeup_init(wakeup *w);
void wakeup_free(wakeup *w);

/* I/O thread: something was put into `m`. */
void wakeup_owe(wakeup *w, mailbox *m);

/* I/O thread: a portion was served. */
void wakeup_count_portion(wakeup *w);

/* Sends what is owed. Any thread. */
void wakeup_send(wakeup *w);

/* I/O thread: `m` is about to go; nobody waits for its descriptor. */
void wakeup_forget(wakeup *w, const mailbox *m);

#endif
