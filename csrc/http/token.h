/* SPDX-License-Identifier: MIT
 *
 * token: credentials become a token, once for all who share them: one entry
 * per token URL, app id and user key (and CA file and proxy, on which it
 * depends how they travel, and token_store), whatever client or Lua state asks.
 * Each waits with its own limits, whoever came first.
 * Decides only; the scheduler runs the fetches. I/O thread only. */
#ifndef AISTUDIOS_HTTP_TOKEN_H
#define AISTUDIOS_HTTP_TOKEN_H

#include "http/token_store.h"
#include "http/transfer.h"

enum {
  TOKEN_UNATTENDED_SECONDS = 30, /* a fetch that nobody waits for any more */
  TOKEN_BUSY_SECONDS = 15,    /* another process is waited for to fetch one */
  TOKEN_MAX_RETRY_AFTER = 120 /* s; a longer wait is an error */
};

typedef struct token_entry token_entry;

/* The entries of all clients, and those that have something to do. */
typedef struct {
  list_node all, active;
} tokens;

/* Joins the entry for the settings' credentials, made when it is the first.
 * NULL when out of memory. The listener, with the entry as `owner`,
 * hears when the settings' token_store has been asked: token_sought is due. */
token_entry *token_join(tokens *ts, settings *s, file_thread *files,
                        file_listener *listener, void *context);

/* The entry whose place among the active ones is `n`. */
token_entry *token_active_at(list_node *n);

/* Takes an entry off the active ones if it has nothing to do. */
void token_deactivate(token_entry *e);

/* Leaves it. The last one out gets the entry wiped and freed, and the fetch
 * that still ran for it, if any, as the result: the scheduler ends it. */
transfer *token_leave(token_entry *e);

typedef enum { TOKEN_READY, TOKEN_PAUSED, TOKEN_FAILED } token_result;

/* TOKEN_READY: a fresh token is attached; TOKEN_PAUSED: `t` is parked until
 * one is there; TOKEN_FAILED: there was none a moment ago, see token_explain.
 */
token_result token_attach(token_entry *e, transfer *t, double now);

/* The fetch that should start now, or NULL: nobody is parked, one runs, or a
 * pause is on. NULL with *failed: there are no credentials to fetch with, or
 * no memory; the scheduler then ends the parked (token_next_over). */
transfer *token_start_fetch(token_entry *e, double now, bool *failed);

/* While a fetch runs: gives it the limits of the most patient of the parked. */
void token_set_limits(token_entry *e);

/* Does the parked `t` wait on for the fetch, by its own limits? False: it does
 * not, and its response says why. */
bool token_check_waiter(token_entry *e, transfer *t, double now);

/* The fetch that runs now, or NULL. */
transfer *token_running_fetch(const token_entry *e);

/* When token_start_fetch should be asked again; 0: no such time. */
double token_wake_time(const token_entry *e);

/* The fetch has ended. True: the parked can be attached. False: those that
 * token_next_over gives end, the others wait for the next attempt. */
bool token_fetched(token_entry *e, transfer *fetch, double now);

/* The store has been asked, or has the token. True: there is one, the parked
 * can be attached; false: another process fetches one, or token_start_fetch
 * will. */
bool token_sought(token_entry *e, double now);

/* The parked waited long enough for their token to be written to the store:
 * true, once; they can be attached. So the call that a token was fetched for
 * tells that it was not written, unless the disk is slow. */
bool token_is_late(token_entry *e, double now);

/* The file thread ends: there is no store any more. */
void token_end_stores(tokens *ts);

/* Attaches the token that has just come, however short its life. */
void token_grant(token_entry *e, transfer *t);

/* Takes the next parked transfer that can be attached off the list; NULL when
 * there is none. */
transfer *token_next_parked(token_entry *e);

/* Takes off the list the next parked transfer that does not wait for another
 * attempt; NULL when there is none. */
transfer *token_next_over(token_entry *e, double now);

/* Completes the response of `t` with how the last attempt failed. */
void token_explain(const token_entry *e, transfer *t, double now);

/* `t` got a 401. Drops the token if it is still that one; says in
 * t->response.is_renewable whether another can be had. One that was fetched
 * just now, after another was rejected too, stays: a third would do no better,
 * and a service that takes none is not asked for one with each call. */
void token_reject(token_entry *e, transfer *t, double now);

/* `t` got another answer with its token. */
void token_accept(token_entry *e, const transfer *t);

/* `t` ends: says in its response why the token_store could not be read or
 * written, once per client (*is_told). */
void token_tell_problem(const token_entry *e, transfer *t, bool *is_told);

/* Fetches begun by this entry since it was made. */
unsigned token_fetch_count(const token_entry *e);

#endif
