/* SPDX-License-Identifier: MIT
 *
 * token_request: the request that exchanges credentials for a token. I/O
 * thread only. */
#ifndef AISTUDIOS_HTTP_TOKEN_REQUEST_H
#define AISTUDIOS_HTTP_TOKEN_REQUEST_H

#include "http/transfer.h"

enum { TOKEN_MAX_ANSWER_BYTES = 65536 };

/* Makes `t` the request for a token with the credentials of its settings;
 * false when out of memory. */
bool token_request_fill(transfer *t);

#endif
