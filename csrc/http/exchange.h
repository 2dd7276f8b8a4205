/* SPDX-License-Identifier: MIT
 *
 * exchange: one transfer from its start to its end, and its place among those
 * that wait and run. I/O thread only.
 *
 * Who ends a transfer
 * -------------------
 * A transfer ends exactly once, in exchange_finish, which alone sets
 * TRANSFER_DONE and gives the transfer back: to its mailbox, or, for a token
 * fetch, to nobody. Everything that can end one runs on the I/O thread, one
 * after the other, so that the first end wins, and whoever comes later finds
 * TRANSFER_DONE and leaves it alone:
 *
 *   its own end   libcurl reports that the exchange is over (exchange_over),
 *                 a start fails (exchange_start), or no token can be had
 *                 (end_parked).
 *   its limits    it is over its deadline, no byte moved for its stall
 *                 timeout, or the answer brings too much besides its body
 *                 (look_at; limits.c). libcurl keeps one limit, that on
 *                 connecting, and reports it. That libcurl comes back in time
 *                 for all that, watch.c sees to.
 *   cancel        ends one transfer, for its host, which waits for the
 *                 completion as for any other. The host's thread only sets
 *                 is_cancelled and posts a command with a reference of its
 *                 own; a cancel that comes after the end does nothing. A
 *                 request that was not sent yet is not sent any more, even
 *                 before the command is carried out (see curl_setup.c).
 *   close         ends all transfers of one client (detach), and the token
 *                 fetch when nobody else shares it. Completions still reach
 *                 the mailbox; after mailbox_detached the client's memory is
 *                 not touched again.
 *   stop          ends the I/O thread, once no client is left: there is no
 *                 transfer then. Only when the process ends, clients may
 *                 be left (scheduler_end): it ends their transfers as close
 *                 does, and what is submitted later ends at once.
 *
 * Before that, a transfer that libcurl has (TRANSFER_RUNNING) is taken
 * back (event_loop_remove): no callback runs for it after that, and its
 * connection is not used again unless it still brings bytes for others.
 * Whatever ends it, t->response.sent tells whether the server may have acted:
 * it is set before the first byte is written and never taken back. */
#ifndef AISTUDIOS_HTTP_EXCHANGE_H
#define AISTUDIOS_HTTP_EXCHANGE_H

#include "http/scheduler_state.h"

/* Puts it among those that wait for a slot of its client. */
void exchange_queue(scheduler *s, transfer *t);

/* Hands it to libcurl, once its files are open. False: it failed, its response
 * tells why, and exchange_finish is due. */
bool exchange_start(scheduler *s, transfer *t);

/* The same, and its end when it failed. */
void exchange_run(scheduler *s, transfer *t);

/* libcurl says that it is over. Takes it back, and gives it its response.
 * False: it was started again instead, with a new connection. */
bool exchange_over(scheduler *s, transfer *t, CURLcode code);

/* The one end of every transfer; its response is complete. */
void exchange_finish(scheduler *s, transfer *t);

/* The same, once its file is settled: whoever hears of the end finds the file
 * as it will be. A limit, a cancel or a close does not wait for that. */
void exchange_finish_with_file(scheduler *s, transfer *t);

/* Ends one that libcurl does not have. */
void exchange_fail(scheduler *s, transfer *t, failure f, const char *message);

/* Takes a running one back from libcurl before its end. */
void exchange_recall(scheduler *s, transfer *t, failure f, const char *message);

/* Ends one of a client, wherever it is. */
void exchange_drop(scheduler *s, transfer *t, failure f, const char *message);

/* Sees to it that limits_check is asked about it in time. */
void exchange_look_again(scheduler *s, const transfer *t, double now);

#endif
