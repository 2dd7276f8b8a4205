/* SPDX-License-Identifier: MIT
 *
 * service: the lua_State that answers the requests, and the lock that guards
 * it. The threads of the server and the thread of the host enter it one at a
 * time. Nothing that is pushed on the one state is ever seen by the other:
 * values are copied. */
#ifndef AISTUDIOS_SANDBOX_SERVICE_H
#define AISTUDIOS_SANDBOX_SERVICE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "sandbox/notifier.h"

typedef struct service service;
struct courier;

/* Opens a state and runs `new(options, natives)` of the module
 * aistudios.sandbox.service in it. The options are the table at `options`, the
 * places of modules those of L; courier and notifier are for the natives. NULL
 * and a message on top of the stack when it fails. [-0, +(0|1)] */
service *service_new(lua_State *L, int options, struct courier *c, notifier *n);

void service_free(service *s);

/* Runs `body` in the service, protected and under the lock, with `data` as its
 * light userdata. False when it raised; the message is in `why`. */
bool service_run(service *s, lua_CFunction body, void *data, char *why,
                 size_t size);

/* For a body that service_run runs: pushes the method `name` of the service
 * object and the object itself. [-0, +2] */
void service_push_method(lua_State *S, const char *name);

/* Calls a method of the service for the host: its name and its arguments are
 * the values of L from `first` up; returns its results. Raises in L what the
 * service raised. [-0, +n] */
int service_call(service *s, lua_State *L, int first);

#endif
