/* SPDX-License-Identifier: MIT
 *
 * receive: where the bytes of an answer go: into memory up to a bound, or
 * into the transfer's file. I/O thread only. */
#ifndef AISTUDIOS_RECEIVE_H
#define AISTUDIOS_RECEIVE_H

#include "http/transfer.h"

/* CURLOPT_WRITEFUNCTION; the argument is the transfer. */
size_t receive_body(char *data, size_t size, size_t count, void *arg);

/* The answer is over, t->response.failure is set and t->easy still is:
 * finishes, keeps or removes the file of a transfer that has one. */
void receive_end(transfer *t);

#endif
