/* SPDX-License-Identifier: MIT
 *
 * io_thread: the thread that runs the transfers of every client, one per
 * process. It starts with the first client and ends with the last, and never
 * touches a lua_State. Hosts talk to it through commands only. */
#ifndef AISTUDIOS_HTTP_IO_THREAD_H
#define AISTUDIOS_HTTP_IO_THREAD_H

#include <stddef.h>

#include "http/command.h"

typedef struct io_thread io_thread;

/* The process's I/O thread, started when there is none. NULL: `error` tells
 * why. Any thread. */
io_thread *io_thread_acquire(char *error, size_t cap);

/* Counts forks: it differs between a process and its child. Any thread. */
unsigned io_thread_generation(void);

/* The last one out stops it: it ends the connections by itself, after this
 * has returned, and is joined by a later start or when the process exits. */
void io_thread_release(io_thread *t);

/* Queues a command, which must stay where it is until it was carried out,
 * and wakes the I/O thread. Any thread; never waits, unless the process
 * exits: then the caller carries it out, one at a time. */
void io_thread_post(io_thread *t, command *c);

#endif
