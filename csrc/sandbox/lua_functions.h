/* SPDX-License-Identifier: MIT
 *
 * natives: the few functions that the service cannot write in Lua. */
#ifndef AISTUDIOS_SANDBOX_NATIVES_H
#define AISTUDIOS_SANDBOX_NATIVES_H

#include <lua.h>

#include "sandbox/webhook_sender.h"

/* Seconds of a clock that never goes back. */
double natives_now(void);

/* Pushes the table of functions: now, wall, random, digest, and wake for the
 * courier. [-0, +1] */
void natives_push(lua_State *S, courier *c);

#endif
