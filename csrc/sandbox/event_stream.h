/* SPDX-License-Identifier: MIT
 *
 * event_stream: the events of the service as a response that goes on until the
 * peer leaves or the sandbox is closed. */
#ifndef AISTUDIOS_SANDBOX_EVENT_STREAM_H
#define AISTUDIOS_SANDBOX_EVENT_STREAM_H

#include <lua.h>
#include <microhttpd.h>

#include "sandbox/lua_service.h"
#include "sandbox/notifier.h"
#include "sandbox/stop_pipe.h"

typedef struct {
  lua_service *service;
  notifier *notifier;
  stop_pipe *stop;
  int socket; /* of the connection */
} event_source;

/* A response with the events after the one with this id. The thread of its
 * connection waits in it. NULL when out of memory. */
struct MHD_Response *event_stream_new(const event_source *source,
                                      lua_Integer after);

#endif
