/* SPDX-License-Identifier: MIT
 *
 * upload: multipart bodies (see upload.h). Every part, texts too, is handed
 * to libcurl through a read callback without a seek callback. */
#include "http/multipart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/transfer.h"
#include "util/os.h"

typedef struct {
  transfer *owner; /* while it is open */
  char *name, *path, *filename, *type;
  char *text;
  int fd;
  uint64_t size, offset;
} part;

struct upload {
  part parts[UPLOAD_MAX_PARTS];
  int count;
  curl_mime *mime; /* while it is open */
};

upload *upload_new(void) {
  return calloc(1, sizeof(upload));
}

static void free_part(part *p) {
  free(p->name);
  free(p->path);
  free(p->filename);
  free(p->type);
  free(p->text);
}

static bool copy(char **out, const char *text) {
  return !text || (*out = system_copy(text));
}

static bool copy_bytes(part *out, const upload_part *p) {
  out->size = p->text_len;
  out->text = malloc(p->text_len + 1);
  if (!out->text) return false;
  if (p->text_len > 0) memcpy(out->text, p->text, p->text_len);
  return true;
}

bool upload_add(upload *u, const upload_part *p) {
  if (u->count == UPLOAD_MAX_PARTS) return false;
  part *out = &u->parts[u->count];
  memset(out, 0, sizeof *out);
  out->fd = -1;
  if (copy(&out->name, p->name) && copy(&out->path, p->path) &&
      copy(&out->filename, p->filename) && copy(&out->type, p->type) &&
      (p->path || copy_bytes(out, p))) {
    u->count++;
    return true;
  }
  free_part(out);
  return false;
}

static size_t read_part(char *out, size_t size, size_t count, void *arg) {
  part *p = arg;
  uint64_t left = p->size - p->offset;
  size_t want = size * count < left ? size * count : (size_t)left;
  ssize_t n = (ssize_t)want;
  if (p->fd >= 0) {
    do n = pread(p->fd, out, want, (off_t)p->offset);
    while (n < 0 && errno == EINTR);
    if (n < 0 || (n == 0 && want > 0)) {
      transfer_refuse(p->owner, FAILURE_FILE,
                      "a file became shorter or unreadable while it was sent");
      return CURL_READFUNC_ABORT;
    }
  } else if (want > 0) {
    memcpy(out, p->text + p->offset, want);
  }
  p->offset += (uint64_t)n;
  atomic_fetch_add_explicit(&p->owner->sent, (uint64_t)n, memory_order_relaxed);
  return (size_t)n;
}

static bool explain(const part *p, int code, char *error, size_t cap) {
  char text[128];
  snprintf(error, cap, "cannot read %s: %s", p->path,
           system_error(code, text, sizeof text));
  return false;
}

static bool open_file(part *p, char *error, size_t cap) {
  struct stat st;
  if (!p->path) return true;
  p->fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (p->fd < 0 || fstat(p->fd, &st)) return explain(p, errno, error, cap);
  if (S_ISDIR(st.st_mode)) return explain(p, EISDIR, error, cap);
  p->size = (uint64_t)st.st_size;
  if (S_ISREG(st.st_mode) && p->size > 0) return true;
  snprintf(error, cap, "cannot read %s: %s", p->path,
           S_ISREG(st.st_mode) ? "it is empty" : "it is no regular file");
  return false;
}

static CURLcode describe(curl_mime *mime, part *p) {
  curl_mimepart *m = curl_mime_addpart(mime);
  CURLcode code = m ? CURLE_OK : CURLE_OUT_OF_MEMORY;
  if (!code) code = curl_mime_name(m, p->name);
  if (!code && p->filename) code = curl_mime_filename(m, p->filename);
  if (!code && p->type) code = curl_mime_type(m, p->type);
  if (!code)
    code = curl_mime_data_cb(m, (curl_off_t)p->size, read_part, NULL, NULL, p);
  return code;
}

bool upload_open(upload *u, transfer *t, CURL *easy, char *error, size_t cap) {
  CURLcode code = CURLE_OK;
  for (int i = 0; i < u->count; i++) {
    u->parts[i].owner = t;
    u->parts[i].offset = 0;
    if (!open_file(&u->parts[i], error, cap)) return false;
  }
  u->mime = curl_mime_init(easy);
  if (!u->mime) code = CURLE_OUT_OF_MEMORY;
  for (int i = 0; i < u->count && !code; i++)
    code = describe(u->mime, &u->parts[i]);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_MIMEPOST, u->mime);
  if (code) snprintf(error, cap, "%s", curl_easy_strerror(code));
  return !code;
}

uint64_t upload_size(const upload *u) {
  uint64_t total = 0;
  for (int i = 0; i < u->count; i++) total += u->parts[i].size;
  return total;
}

void upload_close(upload *u) {
  curl_mime_free(u->mime);
  u->mime = NULL;
  for (int i = 0; i < u->count; i++) {
    if (u->parts[i].fd >= 0) close(u->parts[i].fd);
    u->parts[i].fd = -1;
  }
}

void upload_free(upload *u) {
  if (!u) return;
  upload_close(u);
  for (int i = 0; i < u->count; i++) free_part(&u->parts[i]);
  free(u);
}
