/* SPDX-License-Identifier: MIT
 *
 * gate: a way to wait that one call ends for all who wait, now and later, and
 * that the client of a connection ends by going away. */
#ifndef AISTUDIOS_SANDBOX_GATE_H
#define AISTUDIOS_SANDBOX_GATE_H

#include <stdbool.h>

typedef struct {
  int ends[2]; /* of a pipe: readable once the gate is shut */
} gate;

/* False when there are no descriptors left. */
bool gate_begin(gate *g);
void gate_end(gate *g);

/* Ends every wait. */
void gate_shut(gate *g);

/* Waits, for as long as the other side of `socket` is there (-1: none). False
 * when it went, or when the gate is shut. Any thread. */
bool gate_wait(gate *g, double seconds, int socket);

#endif
