/* SPDX-License-Identifier: MIT
 *
 * curl_setup: what libcurl is told about one transfer. */
#ifndef AISTUDIOS_HTTP_CURL_SETUP_H
#define AISTUDIOS_HTTP_CURL_SETUP_H

#include "http/easy_handles.h"
#include "http/transfer.h"

/* Is `t` one of those whose options a handle keeps for the next of its kind?
 * Its body, if it has one, goes out with the head, and its answer stays in
 * memory. */
bool curl_setup_is_plain(const transfer *t);

/* I/O thread: sets `h` up for the request of `t`, whose files are open, and
 * keeps it in t->io. False: t->response tells why. */
bool curl_setup(transfer *t, easy_handle *h);

#endif
