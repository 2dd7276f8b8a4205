/* SPDX-License-Identifier: MIT
 *
 * courier: brings webhooks to addresses of this machine, one after the other,
 * on a thread of its own that exists once there is something to bring. What
 * is due, and when, is the service's to say. */
#ifndef AISTUDIOS_SANDBOX_COURIER_H
#define AISTUDIOS_SANDBOX_COURIER_H

#include "sandbox/lua_service.h"
#include "sandbox/stop_pipe.h"

typedef struct courier courier;

/* The gate is borrowed. NULL when memory or descriptors are out. */
courier *courier_new(gate *g);

/* Before the first courier_wake. The service is borrowed. */
void courier_serve(courier *c, service *s);

/* Lets it ask the service what is due. Any thread, also inside the service. */
void courier_wake(courier *c);

/* Joins the thread, frees. The gate is shut by then. */
void courier_free(courier *c);

#endif
