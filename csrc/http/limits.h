/* SPDX-License-Identifier: MIT
 *
 * limits: when a transfer has gone on for too long: its deadline, its stall
 * timeout, and the bound on what an answer may bring besides its body. The
 * scheduler asks, and ends what is over. I/O thread only. */
#ifndef AISTUDIOS_HTTP_LIMITS_H
#define AISTUDIOS_HTTP_LIMITS_H

#include "http/transfer.h"

enum {
  /* Of an answer, besides its body: headers, trailers, framing, TLS; and as
   * much again as the body has. */
  LIMITS_MAX_OVERHEAD = 1024 * 1024,
  LIMITS_MAX_TEXT = 128
};

/* What ends `t` now, with a line that says why in `text`; FAILURE_NONE:
 * nothing. */
failure limits_check(transfer *t, double now, char text[LIMITS_MAX_TEXT]);

/* When to ask again; 0: never. */
double limits_next(const transfer *t, double now);

/* Of two times, where 0 is never. */
double limits_earlier(double a, double b);

/* Says which of the limits of `t` is over, for FAILURE_CONNECT, FAILURE_STALL
 * or FAILURE_TIMEOUT; returns that. What is left of 5 s just after a start is
 * shown as 5 s. */
failure limits_tell(failure f, const transfer *t, char text[LIMITS_MAX_TEXT]);

#endif
