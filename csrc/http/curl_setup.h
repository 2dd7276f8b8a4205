/* SPDX-License-Identifier: MIT
 *
 * curl_setup: what libcurl is told about one transfer. */
#ifndef AISTUDIOS_HTTP_CURL_SETUP_H
#define AISTUDIOS_HTTP_CURL_SETUP_H

#include "http/transfer.h"

/* I/O thread: opens the transfer's files, sets `easy` up for its request and
 * keeps it in t->io.easy. False: t->response tells why, no file is open. */
bool curl_setup(transfer *t, CURL *easy);

#endif
