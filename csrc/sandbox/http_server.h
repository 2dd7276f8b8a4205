/* SPDX-License-Identifier: MIT
 *
 * server: the HTTP side of a sandbox. Its threads belong to libmicrohttpd, one
 * for each connection, so a request that waits holds up nobody else. */
#ifndef AISTUDIOS_SANDBOX_SERVER_H
#define AISTUDIOS_SANDBOX_SERVER_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/http_request.h"

typedef struct server server;

typedef struct {
  const char *host;       /* a numeric address or a name of this machine */
  uint16_t port;          /* 0: any */
  const char *cert, *key; /* PEM text; NULL: no TLS */
} server_options;

typedef struct {
  uint64_t opened; /* connections so far */
  uint64_t open;   /* now */
} server_counts;

/* Starts to listen. What is lent in `borrowed` must outlive the server. NULL
 * when it fails, with a line in `why`. */
server *server_start(const server_options *options,
                     const exchange_place *borrowed, char *why, size_t size);

/* Closes every connection, joins every thread, frees. The gate is shut by
 * then, or slow answers are waited for. */
void server_stop(server *s);

uint16_t server_port(const server *s);
server_counts server_count(server *s);

#endif
