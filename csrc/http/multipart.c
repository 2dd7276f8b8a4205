/* SPDX-License-Identifier: MIT
 *
 * multipart: bodies in parts (see multipart.h). Every part, texts too, is
 * handed to libcurl through a read callback without a seek callback. */
#include "http/multipart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/os.h"

typedef struct {
  multipart *owner;
  char *name, *path, *filename, *type;
  char *text;
  int fd;
  uint64_t size, offset;
} part;

struct multipart {
  part parts[MULTIPART_MAX_PARTS];
  int count;
  curl_mime *mime;            /* while it is open */
  atomic_uint_fast64_t *sent; /* borrowed from the transfer while it is open */
  char error[256];            /* the first one */
};

multipart *multipart_new(void) {
  return calloc(1, sizeof(multipart));
}

static void free_part(part *p) {
  free(p->name);
  free(p->path);
  free(p->filename);
  free(p->type);
  free(p->text);
}

static bool copy(char **out, const char *text) {
  return !text || (*out = os_copy_text(text));
}

static bool copy_bytes(part *out, const multipart_part *p) {
  out->size = p->text_len;
  out->text = malloc(p->text_len + 1);
  if (!out->text) return false;
  if (p->text_len > 0) memcpy(out->text, p->text, p->text_len);
  return true;
}

bool multipart_add(multipart *m, const multipart_part *p) {
  if (m->count == MULTIPART_MAX_PARTS) return false;
  part *out = &m->parts[m->count];
  *out = (part){.owner = m, .fd = -1};
  if (copy(&out->name, p->name) && copy(&out->path, p->path) &&
      copy(&out->filename, p->filename) && copy(&out->type, p->type) &&
      (p->path || copy_bytes(out, p))) {
    m->count++;
    return true;
  }
  free_part(out);
  return false;
}

/* Keeps the first reason. */
static void fail(multipart *m, const char *why) {
  if (!m->error[0]) snprintf(m->error, sizeof m->error, "%s", why);
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
      fail(p->owner, "a file became shorter or unreadable while it was sent");
      return CURL_READFUNC_ABORT;
    }
  } else if (want > 0) {
    memcpy(out, p->text + p->offset, want);
  }
  p->offset += (uint64_t)n;
  atomic_fetch_add_explicit(p->owner->sent, (uint64_t)n, memory_order_relaxed);
  return (size_t)n;
}

static bool cannot_read(const part *p, const char *why) {
  multipart *m = p->owner;
  snprintf(m->error, sizeof m->error, "cannot read %s: %s", p->path, why);
  return false;
}

static bool open_file(part *p) {
  char text[128];
  struct stat st;
  if (!p->path) return true;
  p->fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (p->fd < 0 || fstat(p->fd, &st))
    return cannot_read(p, os_error_text(errno, text, sizeof text));
  if (S_ISDIR(st.st_mode))
    return cannot_read(p, os_error_text(EISDIR, text, sizeof text));
  if (!S_ISREG(st.st_mode)) return cannot_read(p, "it is no regular file");
  p->size = (uint64_t)st.st_size;
  return p->size > 0 || cannot_read(p, "it is empty");
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

bool multipart_open(multipart *m, CURL *easy, atomic_uint_fast64_t *sent) {
  CURLcode code = CURLE_OK;
  m->sent = sent;
  for (int i = 0; i < m->count; i++) {
    m->parts[i].offset = 0;
    if (!open_file(&m->parts[i])) return false;
  }
  m->mime = curl_mime_init(easy);
  if (!m->mime) code = CURLE_OUT_OF_MEMORY;
  for (int i = 0; i < m->count && !code; i++)
    code = describe(m->mime, &m->parts[i]);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_MIMEPOST, m->mime);
  if (code) fail(m, curl_easy_strerror(code));
  return !code;
}

const char *multipart_error(const multipart *m) {
  return m->error;
}

uint64_t multipart_size(const multipart *m) {
  uint64_t total = 0;
  for (int i = 0; i < m->count; i++) total += m->parts[i].size;
  return total;
}

void multipart_close(multipart *m) {
  curl_mime_free(m->mime);
  m->mime = NULL;
  for (int i = 0; i < m->count; i++) {
    if (m->parts[i].fd >= 0) close(m->parts[i].fd);
    m->parts[i].fd = -1;
  }
}

void multipart_free(multipart *m) {
  if (!m) return;
  multipart_close(m);
  for (int i = 0; i < m->count; i++) free_part(&m->parts[i]);
  free(m);
}
