/* SPDX-License-Identifier: MIT
 *
 * exchange: one request and its answer, between libmicrohttpd and the
 * service. Used by the thread of its connection only. */
#ifndef AISTUDIOS_SANDBOX_EXCHANGE_H
#define AISTUDIOS_SANDBOX_EXCHANGE_H

#include <lua.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/lua_service.h"
#include "sandbox/notifier.h"
#include "sandbox/stop_pipe.h"
#include "sandbox/video.h"

typedef struct {
  service *service;
  const film *film;
  gate *gate;
  notifier *notifier;
  size_t max_body;
  bool is_admin; /* requests are of the admin interface, not of the API */
} exchange_place;

typedef struct exchange exchange;

/* Begins with the request's target as it came. NULL when out of memory. */
exchange *exchange_new(const char *target);

/* Tells the service what arrives. False: close the connection now. */
bool exchange_arrive(exchange *x, const exchange_place *place,
                     struct MHD_Connection *connection, const char *method);
bool exchange_has_arrived(const exchange *x);

/* Keeps a piece of the body; what exceeds the limit is only counted. */
bool exchange_take(exchange *x, const exchange_place *place, const char *data,
                   size_t len);

/* Lets the service answer and queues that. False: close the connection. */
bool exchange_answer(exchange *x, const exchange_place *place,
                     struct MHD_Connection *connection);

/* Ends it, answered or not. */
void exchange_free(exchange *x, const exchange_place *place);

#endif
