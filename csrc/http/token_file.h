/* SPDX-License-Identifier: MIT
 *
 * token_file: the file of a token_store, and its lock. File thread only. */
#ifndef AISTUDIOS_HTTP_TOKEN_FILE_H
#define AISTUDIOS_HTTP_TOKEN_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "http/locked_file.h"
#include "http/token_endpoint.h"
#include "util/sha256.h"

typedef struct {
  char *path, *lock_path; /* owned */
  char *token_url, *app_id;
  char key[SHA256_HEX_BYTES]; /* names the credentials, and is no secret */
  locked_file lock;
  char error[512]; /* of the last function that failed */
} token_file;

typedef enum { TOKEN_FILE_FRESH, TOKEN_FILE_STALE, TOKEN_FILE_BAD } file_state;
typedef enum { LOCK_TAKEN, LOCK_BUSY, LOCK_IMPOSSIBLE } lock_state;

/* FRESH: `token` is there and trusted for `life` seconds more. STALE: there
 * is none, or it has ended, or it is `refused` (NULL: none is, "": any). */
file_state token_file_read(token_file *f, const char *refused,
                           char token[TOKEN_MAX_BYTES], double *life);

lock_state token_file_lock(token_file *f);
void token_file_unlock(token_file *f); /* idempotent */

bool token_file_write(token_file *f, const char *token, double life);

#endif
