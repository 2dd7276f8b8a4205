/* SPDX-License-Identifier: MIT
 *
 * lua_service: the lua_State that answers the requests, and the lock that
 * guards it. The threads of the server and the thread of the host enter it one
 * at a time. Nothing that is pushed on the one state is ever seen by the other:
 * values are copied. */
#ifndef AISTUDIOS_SANDBOX_LUA_SERVICE_H
#define AISTUDIOS_SANDBOX_LUA_SERVICE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct lua_service lua_service;

/* Opens a state and runs `new(options, functions)` of the module
 * aistudios.sandbox.service in it. The options are the table at `options`, the
 * places of modules those of L; push_functions(S, data) pushes the functions
 * [-0, +1]. NULL and a message on top of the stack of L when it fails.
 * [-0, +(0|1)] */
lua_service *lua_service_new(lua_State *L, int options,
                             void (*push_functions)(lua_State *S, void *data),
                             void *data);

void lua_service_free(lua_service *s);

/* Runs `body` in the service, protected and under the lock, with `data` as its
 * light userdata. False when it raised; the message is in `why`. */
bool lua_service_run(lua_service *s, lua_CFunction body, void *data, char *why,
                     size_t size);

/* For a body that lua_service_run runs: pushes the method `name` of the service
 * object and the object itself. [-0, +2] */
void lua_service_push_method(lua_State *S, const char *name);

/* Calls a method of the service for the host: its name and its arguments are
 * the values of L from `first` up; returns its results. Raises in L what the
 * service raised. [-0, +n] */
int lua_service_call(lua_service *s, lua_State *L, int first);

#endif
