/* SPDX-License-Identifier: MIT
 *
 * auth: credentials become a token, once for all who share them: one entry
 * per token URL, app id and user key (and CA file and proxy, on which it
 * depends how they travel), whatever client or Lua state asks.
 * Decides only; the engine runs the transfers. I/O thread only. */
#ifndef AISTUDIOS_AUTH_H
#define AISTUDIOS_AUTH_H

#include "http/transfer.h"

enum {
  AUTH_LIFE_SECONDS = 86400, /* documented: a token lives 24 hours */
  AUTH_MARGIN_SECONDS = 300, /* given up this long before it ends */
  AUTH_MAX_TOKEN_BYTES = 16384,
  AUTH_MAX_ANSWER_BYTES = 65536,
  AUTH_MAX_RETRY_AFTER = 120 /* s; a longer wait is an error */
};

typedef struct auth auth;

/* Joins the entry for the settings' credentials in `cache`, made when it is
 * the first. NULL when out of memory. */
auth *auth_join(list_node *cache, settings *s);

/* The entry whose place in the cache is `n`. */
auth *auth_at(list_node *n);

/* Leaves it. The last one out gets the entry wiped and freed, and the fetch
 * that still ran for it, if any, as the result: the engine drops it. */
transfer *auth_leave(auth *a);

/* Attaches a fresh token: true. Otherwise parks `t` until one is there. */
bool auth_attach(auth *a, transfer *t, double now);

/* The fetch that should start now, or NULL: somebody is parked, none runs,
 * no pause is on. When making it fails for lack of memory, *failed is set
 * and the engine fails the parked. */
transfer *auth_start_fetch(auth *a, double now, bool *failed);

/* The fetch that runs now, or NULL. */
transfer *auth_running_fetch(const auth *a);

/* When auth_start_fetch should be asked again; 0: no such time. */
double auth_wake_time(const auth *a);

typedef enum { AUTH_READY, AUTH_PAUSED, AUTH_FAILED } auth_result;

/* The fetch has ended. AUTH_READY: the parked can be attached; AUTH_PAUSED:
 * it is tried again after a pause; AUTH_FAILED: see auth_explain. */
auth_result auth_fetched(auth *a, transfer *fetch, double now);

/* Attaches the token that has just come, however short its life. */
void auth_grant(auth *a, transfer *t);

/* Takes the next parked transfer off the list; NULL when there is none. */
transfer *auth_next_parked(auth *a);

/* Ends `t` with how the last fetch failed. */
void auth_explain(const auth *a, transfer *t);

/* `t` got a 401. Drops the token if it is still that one; says in
 * t->is_renewable whether another can be had. */
void auth_reject(auth *a, transfer *t);

/* Fetches begun by this entry since it was made. */
unsigned auth_fetch_count(const auth *a);

#endif
