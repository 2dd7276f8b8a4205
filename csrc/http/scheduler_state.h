/* SPDX-License-Identifier: MIT
 *
 * scheduler_state: what scheduler.c and exchange.c both work on. I/O thread
 * only. */
#ifndef AISTUDIOS_HTTP_SCHEDULER_STATE_H
#define AISTUDIOS_HTTP_SCHEDULER_STATE_H

#include "http/easy_handles.h"
#include "http/event_loop.h"
#include "http/token.h"
#include "http/transfer.h"
#include "http/wakeup.h"

typedef struct scheduler {
  event_loop loop;
  list_node busy;    /* mailboxes with transfers on their way */
  list_node waiting; /* of these, those of which one may start */
  tokens tokens;
  file_thread *files;
  easy_handles handles;
  wakeup wakeup;    /* of the hosts; the watch sends it too */
  double next_look; /* at what may be over its time; 0: never */
  bool is_over;     /* the process exits: nothing starts any more */
} scheduler;

#endif
