/* SPDX-License-Identifier: MIT
 *
 * token_failure: how a request for a token ended, for those who waited for
 * it (see transfer.h). */
#ifndef AISTUDIOS_HTTP_TOKEN_FAILURE_H
#define AISTUDIOS_HTTP_TOKEN_FAILURE_H

#include "http/transfer.h"

/* Keeps what `t`, a failed request for a token, says, without secrets. */
void token_failure_keep(token_failure *f, const transfer *t);

/* A copy with memory of its own, into an empty one. */
void token_failure_copy(token_failure *to, const token_failure *from);

void token_failure_clear(token_failure *f);

#endif
