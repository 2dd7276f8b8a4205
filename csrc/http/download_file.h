/* SPDX-License-Identifier: MIT
 *
 * download_file: where a download goes. Bytes are written to `path.part`;
 * only a whole file gets the name `path`. A part whose ETag is known (kept
 * beside it, in `path.part.etag`) can be continued, by another process too.
 * Used by the file thread alone, for it waits for disks. */
#ifndef AISTUDIOS_HTTP_DOWNLOAD_FILE_H
#define AISTUDIOS_HTTP_DOWNLOAD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/file_content.h"
#include "http/locked_file.h"

/* Bytes; a part with a longer one is not continued. */
enum { DOWNLOAD_FILE_MAX_ETAG = 256 };

/* What the host asks for. */
typedef struct {
  bool is_resumable; /* continue a part, and leave one behind */
  bool is_new_only;  /* `path` must not exist */
  file_content_rules content;
} download_file_rules;

typedef struct {
  char *path; /* the final name, absolute, no symbolic link; while it is open,
                 owned */
  download_file_rules rules;
  char *part; /* path.part while it is open, owned */
  locked_file file;
  uint64_t start; /* bytes of an earlier download; 0: none that fits */
  char etag[DOWNLOAD_FILE_MAX_ETAG]; /* of the bytes in the part; "" unknown */
  uint64_t size;                     /* bytes in the part */
  uint64_t flushed;                  /* bytes handed to the disk early */
  char error[256];                   /* what went wrong, for the user */
} download_file;

/* Opens and locks `path.part`; where `path` is a symbolic link, that of the
 * file it leads to, which need not be there: the link stays, and the bytes lie
 * where it leads from the start. f->start tells how much of the part can be
 * continued, if the server still has f->etag. False: f->error tells why, and
 * the file is closed. */
bool download_file_open(download_file *f, const char *path,
                        download_file_rules rules);

/* The bytes to come are the whole file, of this ETag ("" or NULL: none that
 * a range could be asked for): forgets the part's earlier ones. */
bool download_file_restart(download_file *f, const char *etag);

/* Appends. False: f->error tells why; some of `data` may be written. */
bool download_file_write(download_file *f, const char *data, size_t len);

/* What is in the file. False, as of download_file_commit: it cannot be read. */
bool download_file_look(download_file *f, file_content *content);

/* Flushes to the disk and gives the file its final name. False: f->error
 * tells why, the part is gone and the final name untouched. */
bool download_file_commit(download_file *f);

/* Closes a part that can be continued later, removes any other. Idempotent,
 * like download_file_abort; nothing happens after a commit. */
void download_file_keep(download_file *f);

/* Removes the part. */
void download_file_abort(download_file *f);

#endif
