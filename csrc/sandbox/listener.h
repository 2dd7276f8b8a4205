/* SPDX-License-Identifier: MIT
 *
 * listener: accepts connections on a thread of its own and hands them to a
 * daemon of libmicrohttpd. When the process is short of descriptors it refuses
 * connections at once: it leaves a share of them to the rest of the process and
 * does not spin, as the daemon's own listening thread does. */
#ifndef AISTUDIOS_SANDBOX_LISTENER_H
#define AISTUDIOS_SANDBOX_LISTENER_H

#include <microhttpd.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/stop_pipe.h"

typedef struct listener listener;

typedef struct {
  const char *host;          /* a numeric address or a name of this machine */
  uint16_t port;             /* 0: any */
  struct MHD_Daemon *daemon; /* borrowed, as is the pipe */
  stop_pipe *stop;
  bool is_admin; /* it may take descriptors that are kept from others */
} listener_options;

/* NULL when it fails, with a line in `why`. */
listener *listener_start(const listener_options *options, char *why,
                         size_t size);

uint16_t listener_port(const listener *l);

/* Joins the thread, frees. The pipe is stopped by then. */
void listener_free(listener *l);

#endif
