/* SPDX-License-Identifier: MIT
 *
 * http_request: one request and its answer, between libmicrohttpd and the
 * service. Used by the thread of its connection only. */
#ifndef AISTUDIOS_SANDBOX_HTTP_REQUEST_H
#define AISTUDIOS_SANDBOX_HTTP_REQUEST_H

#include <lua.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/event_stream.h"

typedef struct {
  answer_source source; /* without a socket */
  size_t max_body;
  bool is_admin; /* requests are of the admin interface, not of the API */
} http_request_place;

typedef struct http_request http_request;

/* Begins with the request's target as it came. NULL when out of memory. */
http_request *http_request_new(const char *target);

/* Tells the service what arrives. False: close the connection now. */
bool http_request_arrive(http_request *x, const http_request_place *place,
                         struct MHD_Connection *connection, const char *method);
bool http_request_has_arrived(const http_request *x);

/* Keeps a piece of the body; what exceeds the limit is only counted. */
bool http_request_take(http_request *x, const http_request_place *place,
                       const char *data, size_t len);

/* Lets the service answer and queues that. False: close the connection. */
bool http_request_answer(http_request *x, const http_request_place *place,
                         struct MHD_Connection *connection);

/* Ends it, answered or not. */
void http_request_free(http_request *x, const http_request_place *place);

#endif
