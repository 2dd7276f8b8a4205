/* SPDX-License-Identifier: MIT
 *
 * explain: what the end of a transfer means, by libcurl's code and what else it
 * knows, and in words that say what may help. libcurl's own words are for
 * people only: nothing is decided by them. I/O thread only. */
#ifndef AISTUDIOS_HTTP_EXPLAIN_H
#define AISTUDIOS_HTTP_EXPLAIN_H

#include "http/transfer.h"

/* Why a request that libcurl would have sent twice was not. */
extern const char explain_not_again[];

/* What `code` means to the caller. t->response.message holds libcurl's words,
 * which are replaced where there are better ones; t->io.easy is still set. */
failure explain_end(transfer *t, CURLcode code);

#endif
