/* SPDX-License-Identifier: MIT
 *
 * webhook_sender: sends webhooks to addresses of this machine: those of one
 * world one after the other, those of several at the same time. Its threads
 * exist while there is something to send. What is due, and when, is the
 * service's to say. */
#ifndef AISTUDIOS_SANDBOX_WEBHOOK_SENDER_H
#define AISTUDIOS_SANDBOX_WEBHOOK_SENDER_H

#include "sandbox/lua_service.h"
#include "sandbox/stop_pipe.h"

typedef struct webhook_sender webhook_sender;

/* The stop pipe is borrowed. NULL when memory or descriptors are out. */
webhook_sender *webhook_sender_new(stop_pipe *p);

/* Before the first webhook_sender_wake. The service is borrowed. */
void webhook_sender_serve(webhook_sender *c, lua_service *s);

/* Lets it ask the service what is due. Any thread, also inside the service. */
void webhook_sender_wake(webhook_sender *c);

/* Waits for its threads, frees. The stop pipe is stopped by then. */
void webhook_sender_free(webhook_sender *c);

#endif
