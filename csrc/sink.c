/* SPDX-License-Identifier: MIT
 *
 * sink: a download's file (see sink.h). Writeback starts while the bytes
 * still come in, so that the final fsync is short. */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system.h"

enum { SINK_FLUSH_BYTES = 8 * 1024 * 1024 }; /* handed to the disk at once */

static bool fail(sink *s, const char *what, const char *name, int code) {
  char text[128];
  snprintf(s->error, sizeof s->error, "%s %s: %s", what, name,
           system_error(code, text, sizeof text));
  return false;
}

void sink_init(sink *s) {
  s->path = NULL;
  s->part = NULL;
  s->fd = -1;
  s->size = s->flushed = 0;
  s->error[0] = '\0';
}

static void close_part(sink *s) {
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
  free(s->part);
  s->part = NULL;
}

/* The final name must be one that a rename can give. */
static bool is_nameable(sink *s) {
  struct stat st;
  if (stat(s->path, &st) == 0 && S_ISDIR(st.st_mode))
    return fail(s, "cannot write", s->path, EISDIR);
  return true;
}

static bool name_part(sink *s) {
  size_t len = strlen(s->path);
  s->part = malloc(len + sizeof ".part");
  if (!s->part) return fail(s, "cannot write", s->path, ENOMEM);
  memcpy(s->part, s->path, len);
  memcpy(s->part + len, ".part", sizeof ".part");
  return true;
}

/* Between open and lock another download may have finished and renamed the
 * file that we hold: writing to it would spoil the finished one. */
static bool is_still_named(const sink *s) {
  struct stat ours, named;
  return fstat(s->fd, &ours) == 0 && stat(s->part, &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

bool sink_open(sink *s, const char *path) {
  sink_init(s);
  s->path = path;
  if (!is_nameable(s) || !name_part(s)) return false;
  s->fd = open(s->part, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (s->fd < 0) {
    fail(s, "cannot write", s->part, errno);
    close_part(s);
    return false;
  }
  if (flock(s->fd, LOCK_EX | LOCK_NB) || !is_still_named(s)) {
    snprintf(s->error, sizeof s->error,
             "%s is being written by another download", s->part);
    close_part(s);
    return false;
  }
  if (ftruncate(s->fd, 0)) {
    fail(s, "cannot write", s->part, errno);
    sink_abort(s);
    return false;
  }
  return true;
}

static void flush_early(sink *s) {
  if (s->size - s->flushed < SINK_FLUSH_BYTES) return;
#ifdef __linux__
  sync_file_range(s->fd, (off_t)s->flushed, (off_t)(s->size - s->flushed),
                  SYNC_FILE_RANGE_WRITE);
#endif
  s->flushed = s->size;
}

bool sink_write(sink *s, const char *data, size_t len) {
  while (len > 0) {
    ssize_t n = write(s->fd, data, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(s, "cannot write", s->part, errno);
    data += n;
    len -= (size_t)n;
    s->size += (uint64_t)n;
  }
  flush_early(s);
  return true;
}

/* A rename lasts only when its directory is on the disk too. Best effort:
 * some file systems cannot do this. */
static void sync_directory(const char *path) {
  char *dir = system_copy(path);
  if (!dir) return;
  char *slash = strrchr(dir, '/');
  if (slash) slash[slash == dir] = '\0';
  int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
  free(dir);
}

bool sink_commit(sink *s) {
  if (fsync(s->fd) && errno != EINVAL) {
    fail(s, "cannot write", s->part, errno);
    sink_abort(s);
    return false;
  }
  if (rename(s->part, s->path)) {
    fail(s, "cannot rename to", s->path, errno);
    sink_abort(s);
    return false;
  }
  sync_directory(s->path);
  close_part(s);
  return true;
}

void sink_abort(sink *s) {
  if (s->part) unlink(s->part);
  close_part(s);
}
