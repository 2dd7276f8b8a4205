/* SPDX-License-Identifier: MIT
 *
 * download_file: a download's file (see download_file.h). Writeback starts
 * while the bytes still come in, so that the final fsync is short. */
#include "http/download_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/os.h"

enum {
  DOWNLOAD_FILE_FLUSH_BYTES = 8 * 1024 * 1024
}; /* handed to the disk at once */

enum { MAX_LINKS = 40 }; /* that lead to the file */

/* What lies beside the file is ours: no link to elsewhere is followed, and
 * no pipe makes the I/O thread wait for its other end. */
enum { DOWNLOAD_FILE_OPEN_FLAGS = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK };

static const char part_suffix[] = ".part", etag_suffix[] = ".part.etag";

static bool fail(download_file *f, const char *what, const char *name,
                 int code) {
  char text[128], shown[OS_SHOWN_PATH];
  snprintf(f->error, sizeof f->error, "%s %s: %s", what,
           os_shown_path(name, shown), os_error_text(code, text, sizeof text));
  return false;
}

static bool refuse(download_file *f, const char *name, const char *why) {
  char shown[OS_SHOWN_PATH];
  snprintf(f->error, sizeof f->error, "%s %s", os_shown_path(name, shown), why);
  return false;
}

static void close_part(download_file *f) {
  locked_file_close(&f->file);
  free(f->part);
  free(f->path);
  f->part = f->path = NULL;
}

/* Does this link stand for an open file of a process, as /dev/fd/1 and what
 * /dev/stdout leads to do? The finished file would take its place for
 * everybody. */
static bool is_of_process(const char *link) {
  struct stat st, files;
  return lstat(link, &st) == 0 && stat("/proc/self/fd", &files) == 0 &&
         st.st_dev == files.st_dev;
}

/* Takes the place of `path` by what the link says; false: no memory. */
static bool follow(char **path, const char *target) {
  const char *slash = target[0] == '/' ? NULL : strrchr(*path, '/');
  size_t before = slash ? (size_t)(slash - *path) + 1 : 0;
  char *next = malloc(before + strlen(target) + 1);
  if (!next) return false;
  memcpy(next, *path, before);
  memcpy(next + before, target, strlen(target) + 1);
  free(*path);
  *path = next;
  return true;
}

/* Where `path` leads, also to a file that is not there yet. */
static bool find_end(download_file *f) {
  char target[PATH_MAX];
  ssize_t n;
  for (int links = 0; links < MAX_LINKS; links++) {
    n = readlink(f->path, target, sizeof target - 1);
    if (n < 0) return true; /* it is no link, or opening it tells why */
    if (is_of_process(f->path)) return refuse(f, f->path, "is no regular file");
    target[n] = '\0';
    if (!follow(&f->path, target))
      return fail(f, "cannot write", f->path, ENOMEM);
  }
  return fail(f, "cannot write", f->path, ELOOP);
}

/* The final name must be one that the finished file can get. */
static bool is_nameable(download_file *f) {
  struct stat st;
  if (stat(f->path, &st))
    return errno == ENOENT || fail(f, "cannot write", f->path, errno);
  if (S_ISDIR(st.st_mode)) return fail(f, "cannot write", f->path, EISDIR);
  if (!S_ISREG(st.st_mode)) return refuse(f, f->path, "is no regular file");
  if (!f->rules.is_new_only) return true;
  return refuse(f, f->path, "is there already (overwrite)");
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
 * file that we hold: writing to it would spoil the finished one. Later somebody
 * may have removed it, and another download have begun one of that name. */
static bool is_still_named(const download_file *f) {
  struct stat ours, named;
  return fstat(f->file.fd, &ours) == 0 && stat(f->part, &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static bool is_locked(download_file *f) {
  struct stat st;
  if (fstat(f->file.fd, &st) || !S_ISREG(st.st_mode))
    return refuse(f, f->part, "is no regular file");
  if (locked_file_take(&f->file) && is_still_named(f)) return true;
  return refuse(f, f->part, "is being written by another download");
}

/* A strong validator in quotes: only with one can bytes be continued. */
static bool is_strong(const char *etag) {
  size_t len = strlen(etag);
  return len >= 2 && len < DOWNLOAD_FILE_MAX_ETAG && etag[0] == '"' &&
         etag[len - 1] == '"' && !strpbrk(etag, "\r\n");
}

static void forget_etag(const download_file *f) {
  char *name = append(f->path, etag_suffix);
  if (name) unlink(name);
  free(name);
}

/* Reads the ETag of an earlier part; "" when there is none. */
static void recall_etag(download_file *f) {
  char *name = append(f->path, etag_suffix);
  int fd = name ? open(name, O_RDONLY | DOWNLOAD_FILE_OPEN_FLAGS) : -1;
  ssize_t n = fd >= 0 ? read(fd, f->etag, sizeof f->etag - 1) : 0;
  if (fd >= 0) close(fd);
  free(name);
  if (n <= 0 || !is_strong(f->etag)) f->etag[0] = '\0';
}

/* Writes the ETag down before the bytes that it stands for. A failure only
 * means that the part cannot be continued. */
static void keep_etag(download_file *f) {
  char *name = append(f->path, etag_suffix);
  size_t len = strlen(f->etag);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | DOWNLOAD_FILE_OPEN_FLAGS;
  int fd = name ? open(name, flags, 0666) : -1;
  bool ok = fd >= 0 && write(fd, f->etag, len) == (ssize_t)len;
  if (fd >= 0) close(fd);
  if (!ok) {
    f->etag[0] = '\0';
    if (name) unlink(name);
  }
  free(name);
}

/* How much of an earlier download is worth keeping. */
static bool find_start(download_file *f) {
  struct stat st;
  if (f->rules.is_resumable)
    recall_etag(f);
  else
    forget_etag(f);
  if (f->etag[0] == '\0' || fstat(f->file.fd, &st) || st.st_size == 0)
    return download_file_restart(f, NULL);
  if (lseek(f->file.fd, 0, SEEK_END) < 0) return download_file_restart(f, NULL);
  f->start = f->size = f->flushed = (uint64_t)st.st_size;
  return true;
}

static bool open_part(download_file *f, const char *path) {
  if (!f->path) return fail(f, "cannot write", path, ENOMEM);
  if (!find_end(f) || !is_nameable(f)) return false;
  f->part = append(f->path, part_suffix);
  if (!f->part) return fail(f, "cannot write", path, ENOMEM);
  int code = locked_file_open(&f->file, f->part, 0666);
  if (code) return fail(f, "cannot write", f->part, code);
  return is_locked(f);
}

bool download_file_open(download_file *f, const char *path,
                        download_file_rules rules) {
  *f = (download_file){.path = os_copy_text(path), .rules = rules};
  locked_file_init(&f->file);
  if (!open_part(f, path)) {
    close_part(f);
    return false;
  }
  if (find_start(f)) return true;
  download_file_abort(f);
  return false;
}

bool download_file_restart(download_file *f, const char *etag) {
  bool had_etag = f->etag[0] != '\0';
  f->start = f->size = f->flushed = 0;
  f->etag[0] = '\0';
  if (ftruncate(f->file.fd, 0) || lseek(f->file.fd, 0, SEEK_SET) < 0)
    return fail(f, "cannot write", f->part, errno);
  if (f->rules.is_resumable && etag && is_strong(etag)) {
    memcpy(f->etag, etag, strlen(etag) + 1);
    keep_etag(f);
  } else if (had_etag) {
    forget_etag(f);
  }
  return true;
}

static void flush_early(download_file *f) {
  if (f->size - f->flushed < DOWNLOAD_FILE_FLUSH_BYTES) return;
#ifdef OS_IS_LINUX
  sync_file_range(f->file.fd, (off_t)f->flushed, (off_t)(f->size - f->flushed),
                  SYNC_FILE_RANGE_WRITE);
#endif
  f->flushed = f->size;
}

bool download_file_write(download_file *f, const char *data, size_t len) {
  while (len > 0) {
    ssize_t n = write(f->file.fd, data, len);
    if (n < 0) return fail(f, "cannot write", f->part, errno);
    data += n;
    len -= (size_t)n;
    f->size += (uint64_t)n;
  }
  flush_early(f);
  return true;
}

/* A rename lasts only when its directory is on the disk too. Best effort:
 * some file systems cannot do this. */
static void sync_directory(const char *path) {
  char *dir = os_copy_text(path);
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
static bool name_file(download_file *f) {
  struct stat st;
  if (!f->rules.is_new_only) return rename(f->part, f->path) == 0;
  if (link(f->part, f->path) == 0) {
    unlink(f->part);
    return true;
  }
  if (errno == EEXIST || stat(f->path, &st) == 0) {
    errno = EEXIST;
    return false;
  }
  return rename(f->part, f->path) == 0;
}

bool download_file_look(download_file *f, file_content *content) {
  *content = file_content_look(f->file.fd, f->size, f->rules.content);
  if (content->error == 0) return true;
  fail(f, "cannot read", f->part, content->error);
  download_file_abort(f);
  return false;
}

bool download_file_commit(download_file *f) {
  if (fsync(f->file.fd) && errno != EINVAL) {
    fail(f, "cannot write", f->part, errno);
    download_file_abort(f);
    return false;
  }
  if (!is_still_named(f)) { /* that name is of another download's bytes */
    refuse(f, f->part, "was removed or replaced while it was written");
    close_part(f);
    return false;
  }
  if (!name_file(f)) {
    int code = errno;
    fail(f, "cannot rename to", f->path, code);
    if (code == EEXIST)
      download_file_abort(f);
    else
      download_file_keep(f);
    return false;
  }
  if (f->etag[0]) forget_etag(f);
  sync_directory(f->path);
  close_part(f);
  return true;
}

void download_file_keep(download_file *f) {
  if (f->part && f->etag[0] && f->size > 0)
    close_part(f);
  else
    download_file_abort(f);
}

void download_file_abort(download_file *f) {
  if (f->part && is_still_named(f)) {
    unlink(f->part);
    if (f->etag[0]) forget_etag(f);
  }
  close_part(f);
}
