/* SPDX-License-Identifier: MIT
 *
 * sink: where a download goes. Bytes are written to `path.part`; only a whole
 * file gets the name `path`. Used by the I/O thread alone, so that no disk
 * ever holds up the host. */
#ifndef AISTUDIOS_SINK_H
#define AISTUDIOS_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *path; /* the final name; borrowed */
  char *part;       /* path.part while it is open, owned */
  int fd;           /* -1 when closed */
  uint64_t size;    /* bytes written */
  uint64_t flushed; /* bytes handed to the disk early */
  char error[256];  /* what went wrong, for the user */
} sink;

/* Makes a closed sink. */
void sink_init(sink *s);

/* Opens and locks `path.part`, empty. `path` must outlive the sink. False:
 * s->error tells why and nothing is left behind. */
bool sink_open(sink *s, const char *path);

/* Appends; false: s->error tells why. */
bool sink_write(sink *s, const char *data, size_t len);

/* Flushes to the disk and gives the file its final name. False: s->error
 * tells why, the part is gone and the final name untouched. */
bool sink_commit(sink *s);

/* Removes the part. Idempotent; nothing happens after a commit. */
void sink_abort(sink *s);

#endif
