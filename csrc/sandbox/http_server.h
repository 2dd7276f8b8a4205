/* SPDX-License-Identifier: MIT
 *
 * http_server: the HTTP side of a sandbox. Its threads belong to libmicrohttpd,
 * one for each connection, so a request that waits holds up nobody else. */
#ifndef AISTUDIOS_SANDBOX_HTTP_SERVER_H
#define AISTUDIOS_SANDBOX_HTTP_SERVER_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/http_request.h"

typedef struct http_server http_server;

typedef struct {
  const char *host;       /* a numeric address or a name of this machine */
  uint16_t port;          /* 0: any */
  const char *cert, *key; /* PEM text; NULL: no TLS */
} http_server_options;

typedef struct {
  uint64_t opened; /* connections so far */
  uint64_t open;   /* now */
} http_server_counts;

/* Starts to listen. What is lent in `borrowed` must outlive the server. NULL
 * when it fails, with a line in `why`. */
http_server *http_server_start(const http_server_options *options,
                               const http_request_place *borrowed, char *why,
                               size_t size);

/* Closes every connection, joins every thread, frees. The stop pipe is stopped
 * by then, or slow answers are waited for. */
void http_server_stop(http_server *s);

uint16_t http_server_port(const http_server *s);
http_server_counts http_server_count(http_server *s);

#endif
