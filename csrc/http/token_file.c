/* SPDX-License-Identifier: MIT
 *
 * token_file: see token_file.h. When the token came is kept by the wall clock,
 * the only one that processes share for longer than the machine runs; where
 * that was set in between, at worst the service refuses the token, and
 * another is fetched. */
#include "http/token_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "json/view.h"
#include "json/write.h"
#include "util/os.h"

enum { MAX_FILE_BYTES = 65536, MAX_CLOCK_ERROR = 60 /* s */ };

static const char format_name[] = "aistudios_token", format_version[] = "1";

static bool fail(token_file *f, const char *what, int code) {
  char text[128], shown[OS_SHOWN_PATH];
  snprintf(f->error, sizeof f->error, "%s %s: %s", what,
           os_shown_path(f->path, shown),
           os_error_text(code, text, sizeof text));
  return false;
}

static bool refuse(token_file *f, const char *why) {
  char shown[OS_SHOWN_PATH];
  snprintf(f->error, sizeof f->error, "%s %s; it is left alone",
           os_shown_path(f->path, shown), why);
  return false;
}

/* ---- reading ---- */

/* Who could write the file could have other people's work sent to an account
 * of theirs. */
static bool is_trusted(token_file *f, int fd, size_t *size, bool *is_private) {
  struct stat st;
  if (fstat(fd, &st)) return fail(f, "cannot read", errno);
  if (!S_ISREG(st.st_mode)) return refuse(f, "is no regular file");
  if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
    return refuse(f, "can be written by another user");
  if (st.st_size > MAX_FILE_BYTES) return refuse(f, "holds no token");
  *size = (size_t)st.st_size;
  *is_private = (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  return true;
}

/* The whole text into `out`; *len is 0 where there is no file. */
static bool read_text(token_file *f, char *out, size_t *len, bool *is_private) {
  size_t size, n = 0;
  ssize_t got = 1;
  int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  *len = 0;
  if (fd < 0) return errno == ENOENT || fail(f, "cannot read", errno);
  bool ok = is_trusted(f, fd, &size, is_private);
  while (ok && n < size && got > 0) {
    got = read(fd, out + n, size - n);
    if (got < 0)
      ok = fail(f, "cannot read", errno);
    else
      n += (size_t)got;
  }
  close(fd);
  *len = n;
  return ok;
}

static bool is_text(json_view object, const char *name, const char *wanted) {
  char text[TOKEN_MAX_BYTES];
  size_t len;
  return json_string(json_member(object, name), text, sizeof text, &len) &&
         strcmp(text, wanted) == 0;
}

/* Of a file of ours: is there a token in it that will do? */
static bool has_token(const token_file *f, json_view root, const char *refused,
                      char token[TOKEN_MAX_BYTES], double *life) {
  int64_t obtained, seconds, age;
  size_t len;
  if (!is_text(root, "key", f->key) ||
      !json_integer(json_member(root, "obtained"), &obtained) ||
      !json_integer(json_member(root, "life"), &seconds) ||
      !json_string(json_member(root, "token"), token, TOKEN_MAX_BYTES, &len) ||
      len == 0 || !token_fits_header(token))
    return false;
  if (obtained < 0) return false;
  age = (int64_t)time(NULL) - obtained;
  if (seconds > TOKEN_LIFE_SECONDS) seconds = TOKEN_LIFE_SECONDS;
  if (age < -MAX_CLOCK_ERROR || age >= seconds) return false;
  *life = (double)(seconds - (age > 0 ? age : 0));
  return !refused || (refused[0] && strcmp(token, refused) != 0);
}

static file_state read_parsed(token_file *f, const char *text, size_t len,
                              const char *refused, char *token, double *life) {
  json_view root;
  if (!json_parse(text, len, &root) ||
      !is_text(root, format_name, format_version))
    return refuse(f, "holds no token"), TOKEN_FILE_BAD;
  if (!is_text(root, "token_url", f->token_url) ||
      !is_text(root, "app_id", f->app_id))
    return refuse(f, "holds the token of another account"), TOKEN_FILE_BAD;
  return has_token(f, root, refused, token, life) ? TOKEN_FILE_FRESH
                                                  : TOKEN_FILE_STALE;
}

/* Others could read the token: they cannot any more. */
static bool make_private(token_file *f) {
  return chmod(f->path, S_IRUSR | S_IWUSR) == 0 ||
         fail(f, "cannot keep others from reading", errno);
}

file_state token_file_read(token_file *f, const char *refused,
                           char token[TOKEN_MAX_BYTES], double *life) {
  file_state state = TOKEN_FILE_BAD;
  size_t len = 0;
  bool is_private = true;
  char *text = malloc(MAX_FILE_BYTES);
  if (!text)
    fail(f, "cannot read", ENOMEM);
  else if (read_text(f, text, &len, &is_private))
    state = len == 0 ? TOKEN_FILE_STALE
                     : read_parsed(f, text, len, refused, token, life);
  if (text) os_wipe(text, len);
  free(text);
  if (state == TOKEN_FILE_FRESH && !is_private && !make_private(f))
    return TOKEN_FILE_BAD;
  return state;
}

/* ---- the lock ---- */

/* For its owner, whatever the umask. */
static bool open_to_owner(int fd) {
  return fchmod(fd, S_IRUSR | S_IWUSR) == 0;
}

lock_state token_file_lock(token_file *f) {
  int code = locked_file_open(&f->lock, f->lock_path, 0600);
  if (code) return fail(f, "cannot make the lock of", code), LOCK_IMPOSSIBLE;
  (void)open_to_owner(f->lock.fd); /* where it is another user's, it is his */
  if (locked_file_take(&f->lock)) return LOCK_TAKEN;
  token_file_unlock(f);
  return LOCK_BUSY;
}

void token_file_unlock(token_file *f) {
  locked_file_close(&f->lock);
}

/* ---- writing ---- */

static bool add_text(buffer *b, const char *name, const char *value) {
  return buffer_append(b, b->len ? ",\"" : "{\"", 2) &&
         buffer_append(b, name, strlen(name)) && buffer_append(b, "\":", 2) &&
         json_write_string(b, value, strlen(value));
}

static bool add_integer(buffer *b, const char *name, int64_t value) {
  return buffer_append(b, ",\"", 2) && buffer_append(b, name, strlen(name)) &&
         buffer_append(b, "\":", 2) && json_write_int(b, value);
}

static bool make_text(const token_file *f, const char *token, double life,
                      buffer *b) {
  buffer_init(b, MAX_FILE_BYTES);
  /* Growing would leave copies of the token in memory. */
  return buffer_grow(b, 1, MAX_FILE_BYTES) &&
         add_text(b, format_name, format_version) &&
         add_text(b, "token_url", f->token_url) &&
         add_text(b, "app_id", f->app_id) && add_text(b, "key", f->key) &&
         add_text(b, "token", token) &&
         add_integer(b, "obtained", (int64_t)time(NULL)) &&
         add_integer(b, "life", (int64_t)life) && buffer_append(b, "}\n", 2);
}

static int write_all(int fd, const char *text, size_t len) {
  while (len > 0) {
    ssize_t n = write(fd, text, len);
    if (n < 0) return errno;
    text += n;
    len -= (size_t)n;
  }
  return 0;
}

/* Beside and renamed. Not synced: an empty file after a crash is none. */
static int replace(const token_file *f, const buffer *b) {
  size_t len = strlen(f->path);
  char *beside = malloc(len + sizeof ".XXXXXX");
  int fd, code;
  if (!beside) return ENOMEM;
  memcpy(beside, f->path, len);
  memcpy(beside + len, ".XXXXXX", sizeof ".XXXXXX");
  fd = mkstemp(beside);
  if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
  code = fd < 0 || !open_to_owner(fd) ? errno : write_all(fd, b->data, b->len);
  if (fd >= 0 && close(fd) && !code) code = errno;
  if (!code && rename(beside, f->path)) code = errno;
  if (fd >= 0 && code) unlink(beside);
  free(beside);
  return code;
}

bool token_file_write(token_file *f, const char *token, double life) {
  buffer b;
  bool is_made = make_text(f, token, life, &b);
  int code = is_made ? replace(f, &b) : ENOMEM;
  if (b.data) os_wipe(b.data, b.cap);
  buffer_free(&b);
  return code == 0 || fail(f, "cannot write", code);
}
