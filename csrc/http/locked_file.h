/* SPDX-License-Identifier: MIT
 *
 * locked_file: a file that one place of one process has locked. The lock is
 * flock's: it belongs to the opened file, so two places of a process exclude
 * each other too, and closing another descriptor of the file does not end it.
 * A forked child closes its copies: the lock ends with the parent's. Where a
 * file system has no locks, every lock is taken. */
#ifndef AISTUDIOS_HTTP_LOCKED_FILE_H
#define AISTUDIOS_HTTP_LOCKED_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/list.h"

typedef struct {
  list_node entry; /* among the open files of the process */
  int fd;          /* -1 when closed */
} locked_file;

void locked_file_init(locked_file *f);

/* Opens it for reading and writing, and makes it where it is not there. No
 * link is followed, and no pipe waited for. 0, or errno's value. */
int locked_file_open(locked_file *f, const char *path, mode_t mode);

/* False: somebody else has it. Does not wait. */
bool locked_file_take(const locked_file *f);

/* Ends the lock too. Idempotent. */
void locked_file_close(locked_file *f);

#endif
