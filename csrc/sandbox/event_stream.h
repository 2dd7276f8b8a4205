/* SPDX-License-Identifier: MIT
 *
 * event_stream: the events of the service as a response that goes on until the
 * peer leaves or the sandbox is closed. */
#ifndef AISTUDIOS_SANDBOX_EVENT_STREAM_H
#define AISTUDIOS_SANDBOX_EVENT_STREAM_H

#include <lua.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "sandbox/lua_service.h"
#include "sandbox/notifier.h"
#include "sandbox/stop_pipe.h"
#include "sandbox/video.h"

/* What answers are made of; all borrowed. */
typedef struct {
  lua_service *service;
  const video *video;
  stop_pipe *stop;
  notifier *notifier;
  int socket; /* of the connection */
} answer_source;

/* Waits until the notifier's count is not `seen`, at most so many seconds, and
 * then `gather` seconds more: several news are one. False: the peer or the
 * sandbox is gone. */
bool answer_source_wait(const answer_source *s, uint64_t seen, double seconds,
                        double gather);

/* A response with the events after the one with this id. The thread of its
 * connection waits in it. NULL when out of memory. */
struct MHD_Response *event_stream_new(const answer_source *source,
                                      lua_Integer after);

#endif
