/* SPDX-License-Identifier: MIT
 *
 * sink: a download's file (see sink.h). Writeback starts while the bytes
 * still come in, so that the final fsync is short. */
#include "http/download_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/os.h"

enum { SINK_FLUSH_BYTES = 8 * 1024 * 1024 }; /* handed to the disk at once */

/* What lies beside the file is ours: no link to elsewhere is followed, and
 * no pipe makes the I/O thread wait for its other end. */
enum { SINK_OPEN_FLAGS = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK };

static const char part_suffix[] = ".part", etag_suffix[] = ".part.etag";

static bool fail(sink *s, const char *what, const char *name, int code) {
  char text[128];
  snprintf(s->error, sizeof s->error, "%s %s: %s", what, name,
           system_error(code, text, sizeof text));
  return false;
}

static bool refuse(sink *s, const char *name, const char *why) {
  snprintf(s->error, sizeof s->error, "%s %s", name, why);
  return false;
}

void sink_init(sink *s) {
  memset(s, 0, sizeof *s);
  s->fd = -1;
}

static void close_part(sink *s) {
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
  free(s->part);
  s->part = NULL;
}

/* The final name must be one that the finished file can get. */
static bool is_nameable(sink *s) {
  struct stat st;
  if (stat(s->path, &st)) return true;
  if (S_ISDIR(st.st_mode)) return fail(s, "cannot write", s->path, EISDIR);
  if (!S_ISREG(st.st_mode)) return refuse(s, s->path, "is no regular file");
  if (!s->rules.is_new_only) return true;
  return refuse(s, s->path, "is there already (overwrite)");
}

static char *append(const char *path, const char *suffix) {
  size_t len = strlen(path), extra = strlen(suffix) + 1;
  char *name = malloc(len + extra);
  if (!name) return NULL;
  memcpy(name, path, len);
  memcpy(name + len, suffix, extra);
  return name;
}

/* Between open and lock another download may have finished and renamed the
 * file that we hold: writing to it would spoil the finished one. */
static bool is_still_named(const sink *s) {
  struct stat ours, named;
  return fstat(s->fd, &ours) == 0 && stat(s->part, &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static bool is_locked(sink *s) {
  struct stat st;
  if (fstat(s->fd, &st) || !S_ISREG(st.st_mode))
    return refuse(s, s->part, "is no regular file");
  if (flock(s->fd, LOCK_EX | LOCK_NB) == 0 && is_still_named(s)) return true;
  return refuse(s, s->part, "is being written by another download");
}

/* A strong validator in quotes: only with one can bytes be continued. */
static bool is_strong(const char *etag) {
  size_t len = strlen(etag);
  return len >= 2 && len < SINK_MAX_ETAG && etag[0] == '"' &&
         etag[len - 1] == '"' && !strpbrk(etag, "\r\n");
}

static void forget_etag(const sink *s) {
  char *name = append(s->path, etag_suffix);
  if (name) unlink(name);
  free(name);
}

/* Reads the ETag of an earlier part; "" when there is none. */
static void recall_etag(sink *s) {
  char *name = append(s->path, etag_suffix);
  int fd = name ? open(name, O_RDONLY | SINK_OPEN_FLAGS) : -1;
  ssize_t n = fd >= 0 ? read(fd, s->etag, sizeof s->etag - 1) : 0;
  if (fd >= 0) close(fd);
  free(name);
  s->etag[n > 0 ? n : 0] = '\0';
  if (!is_strong(s->etag)) s->etag[0] = '\0';
}

/* Writes the ETag down before the bytes that it stands for. A failure only
 * means that the part cannot be continued. */
static void keep_etag(sink *s) {
  char *name = append(s->path, etag_suffix);
  size_t len = strlen(s->etag);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | SINK_OPEN_FLAGS;
  int fd = name ? open(name, flags, 0666) : -1;
  bool ok = fd >= 0 && write(fd, s->etag, len) == (ssize_t)len;
  if (fd >= 0) close(fd);
  if (!ok) {
    s->etag[0] = '\0';
    if (name) unlink(name);
  }
  free(name);
}

/* How much of an earlier download is worth keeping. */
static bool find_start(sink *s) {
  struct stat st;
  if (s->rules.is_resumable)
    recall_etag(s);
  else
    forget_etag(s);
  if (s->etag[0] == '\0' || fstat(s->fd, &st) || st.st_size == 0)
    return sink_restart(s, NULL);
  if (lseek(s->fd, 0, SEEK_END) < 0) return sink_restart(s, NULL);
  s->start = s->size = s->flushed = (uint64_t)st.st_size;
  return true;
}

bool sink_open(sink *s, const char *path, sink_rules rules) {
  sink_init(s);
  s->path = path;
  s->rules = rules;
  if (!is_nameable(s)) return false;
  s->part = append(path, part_suffix);
  if (!s->part) return fail(s, "cannot write", path, ENOMEM);
  s->fd = open(s->part, O_RDWR | O_CREAT | SINK_OPEN_FLAGS, 0666);
  if (s->fd < 0) {
    fail(s, "cannot write", s->part, errno);
    close_part(s);
    return false;
  }
  if (!is_locked(s)) {
    close_part(s);
    return false;
  }
  if (find_start(s)) return true;
  sink_abort(s);
  return false;
}

bool sink_restart(sink *s, const char *etag) {
  bool had_etag = s->etag[0] != '\0';
  s->start = s->size = s->flushed = 0;
  s->etag[0] = '\0';
  if (ftruncate(s->fd, 0) || lseek(s->fd, 0, SEEK_SET) < 0)
    return fail(s, "cannot write", s->part, errno);
  if (s->rules.is_resumable && etag && is_strong(etag)) {
    memcpy(s->etag, etag, strlen(etag) + 1);
    keep_etag(s);
  } else if (had_etag) {
    forget_etag(s);
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

size_t sink_peek(const sink *s, char *out, size_t cap) {
  ssize_t n = s->fd >= 0 ? pread(s->fd, out, cap, 0) : 0;
  return n > 0 ? (size_t)n : 0;
}

/* ISO 14496-12: a file begins with the length and the name of its first
 * box, "ftyp". */
bool sink_fits(const sink *s) {
  char head[8];
  return !s->rules.is_mp4 || (sink_peek(s, head, sizeof head) == sizeof head &&
                              memcmp(head + 4, "ftyp", 4) == 0);
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

/* A link, unlike a rename, never replaces. Where there are no links, the
 * name is looked at once more. */
static bool name_file(sink *s) {
  struct stat st;
  if (!s->rules.is_new_only) return rename(s->part, s->path) == 0;
  if (link(s->part, s->path) == 0) {
    unlink(s->part);
    return true;
  }
  if (errno == EEXIST || stat(s->path, &st) == 0) {
    errno = EEXIST;
    return false;
  }
  return rename(s->part, s->path) == 0;
}

bool sink_commit(sink *s) {
  if (fsync(s->fd) && errno != EINVAL) {
    fail(s, "cannot write", s->part, errno);
    sink_abort(s);
    return false;
  }
  if (!name_file(s)) {
    fail(s, "cannot rename to", s->path, errno);
    sink_abort(s);
    return false;
  }
  if (s->etag[0]) forget_etag(s);
  sync_directory(s->path);
  close_part(s);
  return true;
}

void sink_keep(sink *s) {
  if (s->part && s->etag[0] && s->size > 0)
    close_part(s);
  else
    sink_abort(s);
}

void sink_abort(sink *s) {
  if (s->part) unlink(s->part);
  if (s->part && s->etag[0]) forget_etag(s);
  close_part(s);
}
