/* SPDX-License-Identifier: MIT
 *
 * settings: how the transfers of one client connect, and as whom. Filled in
 * by the host before the client is made, by nobody changed after that. */
#ifndef AISTUDIOS_HTTP_SETTINGS_H
#define AISTUDIOS_HTTP_SETTINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "http/proxy.h"

typedef struct {
  atomic_uint refs;
  char *app_id, *user_key; /* credentials, or NULL */
  char *token;             /* issued elsewhere, or NULL */
  char *token_store;       /* a path from the root, or NULL */
  char *token_url;         /* where credentials become a token */
  char *ca_file;           /* NULL: libcurl's default */
  char *agent_line;        /* "User-Agent: ..."; NULL: none */
  proxies proxies;
  double connect_timeout, stall_timeout, total_timeout; /* s, token fetch */
  int retries;            /* repeats of a token fetch */
  unsigned max_in_flight; /* transfers of the client at once */
  size_t max_response_bytes;
} settings;

/* Zeroed settings with one reference; NULL when out of memory. */
settings *settings_new(void);
settings *settings_ref(settings *s);
void settings_unref(settings *s); /* the last one wipes the secrets */

/* Those of them that no text may show, borrowed; NULLs among them. */
enum { SETTINGS_SECRETS = 3 + 2 * PROXY_SCHEMES };
void settings_secrets(const settings *s, const char *out[SETTINGS_SECRETS]);

/* Do two clients share a token? Those that were given one do not. */
bool settings_share_token(const settings *a, const settings *b);

#endif
