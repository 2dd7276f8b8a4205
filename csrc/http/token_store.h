/* SPDX-License-Identifier: MIT
 *
 * token_store: one account's token in a file that processes share. The file
 * is read, locked and written by the file thread; nobody waits for a lock
 * that another process holds. Everything here is for the I/O thread.
 *
 * The lock is `path.lock`, a lock of fcntl: a forked child does not hold it,
 * and it ends with its process. Only who holds it fetches a token, after
 * having read the file again; so processes that start together fetch one.
 * The file has mode 0600 and is written beside and renamed. One that cannot
 * be read, is no file of this module, belongs to another account or could
 * have been written by another user is left alone: the token is then fetched
 * as if there were no store, and token_store_problem says why. */
#ifndef AISTUDIOS_HTTP_TOKEN_STORE_H
#define AISTUDIOS_HTTP_TOKEN_STORE_H

#include <stdbool.h>

#include "http/file_thread.h"
#include "http/settings.h"

typedef enum {
  TOKEN_STORE_FOUND,   /* it has a token: token_store_token */
  TOKEN_STORE_LOCKED,  /* it has none, and the lock is ours: fetch one */
  TOKEN_STORE_BUSY,    /* it has none yet: another process fetches one */
  TOKEN_STORE_UNUSABLE /* token_store_problem says why */
} token_store_state;

typedef struct token_store token_store;

/* For the settings' credentials, in their token_store; NULL when out of
 * memory. The listener hears FILE_READY when token_store_seek or
 * token_store_save is over. */
token_store *token_store_new(settings *s, file_thread *files,
                             file_listener *listener, void *context,
                             void *owner);

/* Looks for a token other than `refused` (NULL: none is; "": any that is
 * there), and for the lock. Not
 * while it is seeking. */
void token_store_seek(token_store *store, const char *refused);
bool token_store_is_seeking(const token_store *store);
token_store_state token_store_found(const token_store *store);

/* The token, and for how many seconds more it is trusted. */
const char *token_store_token(const token_store *store, double *life);

/* Writes a token that has just come, and lets go of the lock. */
void token_store_save(token_store *store, const char *token, double life);

/* Lets go of the lock, if it is ours. */
void token_store_release(token_store *store);

/* Why the file is not used; "" when it is. */
const char *token_store_problem(const token_store *store);

/* Nobody listens any more; what is under way comes to its end by itself. */
void token_store_free(token_store *store);

#endif
