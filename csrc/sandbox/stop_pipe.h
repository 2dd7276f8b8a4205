/* SPDX-License-Identifier: MIT
 *
 * gate: a way to wait that one call ends for all who wait, now and later. */
#ifndef AISTUDIOS_SANDBOX_GATE_H
#define AISTUDIOS_SANDBOX_GATE_H

#include <stdbool.h>

typedef struct {
  int ends[2]; /* of a pipe: readable once the gate is shut */
} gate;

typedef enum {
  GATE_TIME,  /* the time is over */
  GATE_READY, /* the descriptor has what was waited for */
  GATE_SHUT
} gate_end;

/* False when there are no descriptors left. */
bool gate_open(gate *g);
void gate_close(gate *g);

/* Ends every wait. */
void gate_shut(gate *g);

/* Waits for `events` of poll on `fd` (-1: none), or for the time to pass; less
 * than 0 seconds: without end. Any thread. */
gate_end gate_watch(gate *g, double seconds, int fd, short events);

/* Waits, for as long as the other side of `socket` is there. False when it
 * went, or when the gate is shut. Any thread. */
bool gate_wait(gate *g, double seconds, int socket);

#endif
