/* SPDX-License-Identifier: MIT
 *
 * command: what the host's thread asks of the I/O thread. A command lies
 * inside its subject and stays there until it was carried out. */
#ifndef AISTUDIOS_HTTP_COMMAND_H
#define AISTUDIOS_HTTP_COMMAND_H

typedef enum {
  COMMAND_ATTACH, /* of a mailbox: a client begins */
  COMMAND_DETACH, /* of a mailbox: a client ends, all its transfers too */
  COMMAND_SUBMIT, /* of a transfer: its reference goes with it */
  COMMAND_CANCEL  /* of a transfer: a reference of its own goes with it */
} command_kind;

typedef struct command {
  struct command *next;
  command_kind kind;
  void *subject;
} command;

#endif
