/* SPDX-License-Identifier: MIT
 *
 * natives: the few functions that the service cannot write in Lua. */
#ifndef AISTUDIOS_SANDBOX_NATIVES_H
#define AISTUDIOS_SANDBOX_NATIVES_H

#include <lua.h>

#include "sandbox/notifier.h"
#include "sandbox/webhook_sender.h"

/* Seconds of a clock that never goes back. */
double natives_now(void);

/* Pushes the table of functions: now, random, digest, wake for the courier, and
 * notify. [-0, +1] */
void natives_push(lua_State *S, courier *c, notifier *n);

#endif
