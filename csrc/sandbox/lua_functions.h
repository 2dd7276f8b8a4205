/* SPDX-License-Identifier: MIT
 *
 * lua_functions: the few functions that the service cannot write in Lua. */
#ifndef AISTUDIOS_SANDBOX_LUA_FUNCTIONS_H
#define AISTUDIOS_SANDBOX_LUA_FUNCTIONS_H

#include <lua.h>

#include "sandbox/notifier.h"
#include "sandbox/webhook_sender.h"

/* Pushes the table of functions: now, random, digest, wake for the sender, and
 * notify. [-0, +1] */
void lua_functions_push(lua_State *S, webhook_sender *c, notifier *n);

#endif
