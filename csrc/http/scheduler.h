/* SPDX-License-Identifier: MIT
 *
 * traffic: the transfers of all clients on their way: places in
 * max_in_flight, tokens, deadlines, stalls, and the curl multi handle that
 * runs them. One thread's at a time; the atomic is for all. */
#ifndef AISTUDIOS_TRAFFIC_H
#define AISTUDIOS_TRAFFIC_H

#include <stdatomic.h>
#include <stdbool.h>

#include "http/transfer.h"
#include "util/list.h"

enum { TRAFFIC_IDLE_HANDLES = 64 }; /* easy handles kept for the next */

typedef struct traffic {
  CURLM *multi;
  CURLSH *share; /* TLS sessions outlive an easy handle */
  list_node clients;
  list_node auths;
  CURL *idle[TRAFFIC_IDLE_HANDLES];
  int idle_count;
  double next_look;    /* at what may be over its time; 0: never */
  atomic_bool is_over; /* the process exits: nothing starts any more */
} traffic;

/* False: out of memory or descriptors; nothing is left open. */
bool traffic_open(traffic *tr);

/* When no client is left. */
void traffic_close(traffic *tr);

/* The command's subject may go with it. */
void traffic_carry_out(traffic *tr, command *cmd);

/* A turn: starts what has a place, lets libcurl work, ends what is done. */
void traffic_run(traffic *tr);

/* How long nothing is due by itself, ms. */
int traffic_wait_ms(const traffic *tr);

/* The process exits: ends every transfer. */
void traffic_end(traffic *tr);

#endif
