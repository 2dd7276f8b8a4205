/* SPDX-License-Identifier: MIT
 *
 * response: how an exchange comes to its answer, and how it ends without one.
 * Bytes go into memory up to a bound, or into the transfer's file; libcurl's
 * codes become failures. These functions fill in t->response and close the
 * transfer's files; that the transfer is over is the scheduler's to say.
 * I/O thread only. */
#ifndef AISTUDIOS_HTTP_RESPONSE_H
#define AISTUDIOS_HTTP_RESPONSE_H

#include "http/transfer.h"

/* CURLOPT_HEADERFUNCTION: bounds headers and trailers, which libcurl keeps;
 * the argument is where the transfer's address is. */
size_t response_note_header(char *line, size_t size, size_t count, void *arg);

/* CURLOPT_WRITEFUNCTION; the same argument. */
size_t response_write(char *data, size_t size, size_t count, void *arg);

/* From a callback, which then lets libcurl end the transfer: the first reason
 * is kept. `message` lives as long as the transfer. */
void response_refuse(transfer *t, failure f, const char *message);

/* libcurl has ended it with `code`; t->io.easy is still set. The file of a
 * good answer is being finished then (download_is_finishing). */
void response_end(transfer *t, CURLcode code);

/* That file has its name, or cannot have it. */
void response_file_finished(transfer *t);

/* We end it before libcurl has it. A file that can be continued is kept.
 * `message` is one line, copied. */
void response_fail(transfer *t, failure f, const char *message);

/* The same while libcurl has it; t->io.easy is still set. */
void response_abandon(transfer *t, failure f, const char *message);

/* True when nobody asks how a good answer came. Any thread that has it. */
bool response_is_brief(const transfer *t);

/* The value of a kept response header (lower-case name), or NULL. */
const char *response_header(const transfer *t, const char *name);

#endif
