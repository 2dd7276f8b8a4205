/* SPDX-License-Identifier: MIT
 *
 * token: credentials become a token, once for all who share them: one entry
 * per token URL, app id and user key (and CA file and proxy, on which it
 * depends how they travel), whatever client or Lua state asks.
 * Decides only; the scheduler runs the fetches. I/O thread only, but for
 * token_fits_header. */
#ifndef AISTUDIOS_HTTP_TOKEN_H
#define AISTUDIOS_HTTP_TOKEN_H

#include "http/transfer.h"

enum {
  TOKEN_LIFE_SECONDS = 86400, /* documented: a token lives 24 hours */
  TOKEN_MARGIN_SECONDS = 300, /* given up this long before it ends */
  TOKEN_MAX_BYTES = 16384,
  TOKEN_MAX_ANSWER_BYTES = 65536,
  TOKEN_MAX_RETRY_AFTER = 120 /* s; a longer wait is an error */
};

typedef struct token_entry token_entry;

/* Joins the entry for the settings' credentials in `cache`, made when it is
 * the first. NULL when out of memory. */
token_entry *token_join(list_node *cache, settings *s);

/* The entry whose place in the cache is `n`. */
token_entry *token_at(list_node *n);

/* Leaves it. The last one out gets the entry wiped and freed, and the fetch
 * that still ran for it, if any, as the result: the scheduler ends it. */
transfer *token_leave(token_entry *e);

/* Attaches a fresh token: true. Otherwise parks `t` until one is there. */
bool token_attach(token_entry *e, transfer *t, double now);

/* The fetch that should start now, or NULL: nobody is parked, one runs, or a
 * pause is on. NULL with *failed: there are no credentials to fetch with, or
 * no memory; the scheduler then ends the parked. */
transfer *token_start_fetch(token_entry *e, double now, bool *failed);

/* The fetch that runs now, or NULL. */
transfer *token_running_fetch(const token_entry *e);

/* When token_start_fetch should be asked again; 0: no such time. */
double token_wake_time(const token_entry *e);

typedef enum { TOKEN_READY, TOKEN_PAUSED, TOKEN_FAILED } token_result;

/* The fetch has ended. TOKEN_READY: the parked can be attached; TOKEN_PAUSED:
 * it is tried again after a pause; TOKEN_FAILED: see token_explain. */
token_result token_fetched(token_entry *e, transfer *fetch, double now);

/* Attaches the token that has just come, however short its life. */
void token_grant(token_entry *e, transfer *t);

/* Takes the next parked transfer off the list; NULL when there is none. */
transfer *token_next_parked(token_entry *e);

/* Ends `t` with how the last fetch failed. */
void token_explain(const token_entry *e, transfer *t);

/* `t` got a 401. Drops the token if it is still that one; says in
 * t->response.is_renewable whether another can be had. */
void token_reject(token_entry *e, transfer *t);

/* Whether `text` can stand in a header line: printable ASCII, no blank. */
bool token_fits_header(const char *text);

/* Fetches begun by this entry since it was made. */
unsigned token_fetch_count(const token_entry *e);

#endif
