/* SPDX-License-Identifier: MIT
 *
 * engine: the I/O thread, one per process. It owns the curl multi handle,
 * runs every transfer of every client, and ends with the last of them. It
 * never touches a lua_State. Hosts talk to it through commands only. */
#ifndef AISTUDIOS_ENGINE_H
#define AISTUDIOS_ENGINE_H

#include "http/transfer.h"

typedef struct engine engine;

/* The process's engine, started when there is none. NULL: `error` tells
 * why. Any thread. */
engine *engine_acquire(char *error, size_t cap);

/* The last one out stops and joins the I/O thread. */
void engine_release(engine *e);

/* Queues a command, which must stay where it is until it was carried out,
 * and wakes the I/O thread. Any thread; never waits. */
void engine_post(engine *e, command *c);

#endif
