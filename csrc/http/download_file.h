/* SPDX-License-Identifier: MIT
 *
 * sink: where a download goes. Bytes are written to `path.part`; only a whole
 * file gets the name `path`. A part whose ETag is known (kept beside it, in
 * `path.part.etag`) can be continued, by another process too. Used by the I/O
 * thread alone, so that no disk ever holds up the host. */
#ifndef AISTUDIOS_SINK_H
#define AISTUDIOS_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SINK_MAX_ETAG = 256 /* bytes; a longer one is not continued */ };

/* What the host asks for. */
typedef struct {
  bool is_resumable; /* continue a part, and leave one behind */
  bool is_new_only;  /* `path` must not exist */
  bool is_mp4;       /* refuse what does not begin like an MP4 file */
} sink_rules;

typedef struct {
  const char *path; /* the final name; borrowed */
  sink_rules rules;
  char *part;     /* path.part while it is open, owned */
  int fd;         /* -1 when closed */
  uint64_t start; /* bytes of an earlier download; 0: none that fits */
  char etag[SINK_MAX_ETAG]; /* of the bytes in the part; "" unknown */
  uint64_t size;            /* bytes in the part */
  uint64_t flushed;         /* bytes handed to the disk early */
  char error[256];          /* what went wrong, for the user */
} sink;

/* Makes a closed sink. */
void sink_init(sink *s);

/* Opens and locks `path.part`. s->start tells how much of it can be
 * continued, if the server still has s->etag. `path` must outlive the sink.
 * False: s->error tells why and nothing is left behind. */
bool sink_open(sink *s, const char *path, sink_rules rules);

/* The bytes to come are the whole file, of this ETag ("" or NULL: none that
 * a range could be asked for): forgets the part's earlier ones. */
bool sink_restart(sink *s, const char *etag);

/* Appends; false: s->error tells why. */
bool sink_write(sink *s, const char *data, size_t len);

/* The first bytes of the part into `out`; returns how many. */
size_t sink_peek(const sink *s, char *out, size_t cap);

/* True when the part begins as the rules want it. */
bool sink_fits(const sink *s);

/* Flushes to the disk and gives the file its final name. False: s->error
 * tells why, the part is gone and the final name untouched. */
bool sink_commit(sink *s);

/* Closes a part that can be continued later, removes any other. Idempotent,
 * like sink_abort; nothing happens after a commit. */
void sink_keep(sink *s);

/* Removes the part. */
void sink_abort(sink *s);

#endif
