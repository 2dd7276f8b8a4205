/* SPDX-License-Identifier: MIT
 *
 * scheduler: the transfers of all clients: slots of max_in_flight, tokens,
 * limits, and the event loop that runs them. One thread's at a time, but for
 * scheduler_wake. */
#ifndef AISTUDIOS_HTTP_SCHEDULER_H
#define AISTUDIOS_HTTP_SCHEDULER_H

#include "http/scheduler_state.h"

/* False: out of memory or descriptors; nothing is left open. */
bool scheduler_open(scheduler *s);

/* When no client is left. */
void scheduler_close(scheduler *s);

/* The command's subject may go with it. */
void scheduler_carry_out(scheduler *s, command *cmd);

/* A turn: lets libcurl work on one portion, ends what is done or over its
 * limits, starts what has a slot. */
void scheduler_turn(scheduler *s);

/* Waits until something is due or a socket has news; not at all when
 * `is_urgent`. */
void scheduler_wait(scheduler *s, bool is_urgent);

/* Ends a scheduler_wait that is under way, or the next one. Any thread. */
void scheduler_wake(scheduler *s);

/* The process exits: ends every transfer, now and later. */
void scheduler_end(scheduler *s);

#endif
