/* SPDX-License-Identifier: MIT
 *
 * gate: a way to wait that one call ends for all who wait, now and later. */
#ifndef AISTUDIOS_SANDBOX_GATE_H
#define AISTUDIOS_SANDBOX_GATE_H

#include <pthread.h>
#include <stdbool.h>

typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t shut_now;
  bool shut;
} gate;

bool gate_begin(gate *g);
void gate_end(gate *g);

/* Ends every wait. */
void gate_shut(gate *g);

/* Waits; false when the gate is shut or was shut meanwhile. Any thread. */
bool gate_wait(gate *g, double seconds);

#endif
