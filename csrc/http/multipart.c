/* SPDX-License-Identifier: MIT
 *
 * multipart: bodies in parts (see multipart.h). Every part, texts too, is
 * handed to libcurl through a read callback without a seek callback. At most
 * one step is posted to the file thread at a time. While it is, `work` is the
 * file thread's; at all other times it is the I/O thread's. So are the sizes of
 * files while they are opened. */
#include "http/multipart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/list.h"
#include "util/os.h"

typedef struct {
  multipart *owner;
  char *name, *path, *filename, *type;
  char *text;
  uint64_t size;   /* of a file it is known once that is open */
  uint64_t offset; /* what libcurl has taken */
  int fd;          /* of a file; -1: not open. Only the file thread */
  struct timespec changed_at; /* the file, when it was opened; likewise */
} part;

typedef enum { STEP_OPEN, STEP_READ, STEP_CLOSE } step;

struct multipart {
  file_steps steps; /* referred to by the transfer */
  part parts[MULTIPART_MAX_PARTS];
  int count;

  /* Handed over with each step. */
  struct {
    int part;        /* for STEP_READ: which one, */
    uint64_t offset; /* from where */
    char *block;     /* and where to; MULTIPART_BLOCK_BYTES */
    size_t len;      /* read; 0: the file ended early, or error */
    char error[256];
  } work;

  /* Only the I/O thread. */
  struct {
    bool is_waiting; /* libcurl is paused until FILE_READY */
    int next_part;   /* that is read next, and from where */
    uint64_t next_offset;
    char *blocks[2];            /* one is sent while the other is read */
    int sending;                /* which one is sent, */
    size_t len, used;           /* its bytes, and how many libcurl has taken */
    size_t ready_len;           /* bytes of the other, once it was read */
    curl_mime *mime;            /* while it is attached */
    atomic_uint_fast64_t *sent; /* borrowed from the transfer, likewise */
    char error[256];            /* the first one; "": none */
  } io;
};

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

static bool copy_path(char **out, const char *path) {
  return !path || (*out = os_absolute_path(path));
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
  if (copy(&out->name, p->name) && copy_path(&out->path, p->path) &&
      copy(&out->filename, p->filename) && copy(&out->type, p->type) &&
      (p->path || copy_bytes(out, p))) {
    m->count++;
    return true;
  }
  free_part(out);
  return false;
}

/* ---- on the file thread ---- */

static bool cannot_read(multipart *m, int i, const char *why) {
  char shown[OS_SHOWN_PATH];
  snprintf(m->work.error, sizeof m->work.error, "cannot read %s: %s",
           os_shown_path(m->parts[i].path, shown), why);
  return false;
}

static bool open_file(multipart *m, int i) {
  char text[128];
  struct stat st;
  part *p = &m->parts[i];
  p->fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (p->fd < 0 || fstat(p->fd, &st))
    return cannot_read(m, i, os_error_text(errno, text, sizeof text));
  if (S_ISDIR(st.st_mode))
    return cannot_read(m, i, os_error_text(EISDIR, text, sizeof text));
  if (!S_ISREG(st.st_mode)) return cannot_read(m, i, "it is no regular file");
  p->size = (uint64_t)st.st_size;
  p->changed_at = st.st_mtim;
  return st.st_size > 0 || cannot_read(m, i, "it is empty");
}

static void open_files(multipart *m) {
  for (int i = 0; i < m->count; i++)
    if (m->parts[i].path && !open_file(m, i)) return;
}

static bool is_as_opened(const part *p) {
  struct stat st;
  return fstat(p->fd, &st) == 0 && (uint64_t)st.st_size == p->size &&
         st.st_mtim.tv_sec == p->changed_at.tv_sec &&
         st.st_mtim.tv_nsec == p->changed_at.tv_nsec;
}

/* The last bytes of a file that has changed since are not sent: the server
 * gets no body that is whole. */
static void read_block(multipart *m) {
  const part *p = &m->parts[m->work.part];
  uint64_t left = p->size - m->work.offset;
  size_t wanted =
      left < MULTIPART_BLOCK_BYTES ? (size_t)left : MULTIPART_BLOCK_BYTES;
  ssize_t n = pread(p->fd, m->work.block, wanted, (off_t)m->work.offset);
  m->work.len = n > 0 ? (size_t)n : 0;
  if (n <= 0)
    cannot_read(m, m->work.part,
                "it became shorter or unreadable while it was sent");
  else if (m->work.len == left && !is_as_opened(p)) {
    m->work.len = 0;
    cannot_read(m, m->work.part, "it was changed while it was sent");
  }
}

static void close_files(multipart *m) {
  for (int i = 0; i < m->count; i++) {
    if (m->parts[i].fd >= 0) close(m->parts[i].fd);
    m->parts[i].fd = -1;
  }
}

static void run_step(file_steps *steps, int what) {
  multipart *m = list_entry(steps, multipart, steps);
  switch ((step)what) {
    case STEP_OPEN:
      open_files(m);
      break;
    case STEP_READ:
      read_block(m);
      break;
    case STEP_CLOSE:
      close_files(m);
      break;
  }
}

/* ---- on the I/O thread ---- */

/* Keeps the first reason. */
static void fail(multipart *m, const char *why) {
  if (!m->io.error[0]) snprintf(m->io.error, sizeof m->io.error, "%s", why);
}

static void opened(multipart *m) {
  if (m->work.error[0]) fail(m, m->work.error);
  for (int i = 0; i < 2; i++) m->io.blocks[i] = malloc(MULTIPART_BLOCK_BYTES);
  if (!m->io.blocks[0] || !m->io.blocks[1]) fail(m, "out of memory");
  file_steps_tell(&m->steps, FILE_OPENED);
}

/* The next block is there, or will never be. */
static void block_read(multipart *m) {
  m->io.ready_len = m->work.len;
  m->io.next_offset += m->work.len;
  if (m->work.len == 0) fail(m, m->work.error);
  if (!m->io.is_waiting) return;
  m->io.is_waiting = false;
  file_steps_tell(&m->steps, FILE_READY);
}

static void step_done(file_steps *steps) {
  multipart *m = list_entry(steps, multipart, steps);
  if (steps->step == STEP_OPEN)
    opened(m);
  else if (steps->step == STEP_READ)
    block_read(m);
}

/* Finds the part of which a block is to be read; false: all are read. */
static bool find_next_block(multipart *m) {
  while (m->io.next_part < m->count) {
    const part *p = &m->parts[m->io.next_part];
    if (p->path && m->io.next_offset < p->size) return true;
    m->io.next_part++;
    m->io.next_offset = 0;
  }
  return false;
}

static void post_read(multipart *m) {
  m->work.part = m->io.next_part;
  m->work.offset = m->io.next_offset;
  m->work.block = m->io.blocks[!m->io.sending];
  file_steps_post(&m->steps, STEP_READ);
}

static void post_next(file_steps *steps) {
  multipart *m = list_entry(steps, multipart, steps);
  if (!m->io.error[0] && m->io.ready_len == 0 && find_next_block(m))
    post_read(m);
}

static void free_multipart(file_steps *steps) {
  multipart *m = list_entry(steps, multipart, steps);
  for (int i = 0; i < m->count; i++) free_part(&m->parts[i]);
  free(m->io.blocks[0]);
  free(m->io.blocks[1]);
  free(m);
}

static const file_steps_kind kind = {run_step, step_done, post_next,
                                     free_multipart};

multipart *multipart_new(void) {
  multipart *m = calloc(1, sizeof *m);
  if (!m) return NULL;
  file_steps_init(&m->steps, &kind);
  return m;
}

void multipart_unref(multipart *m) {
  if (m) file_steps_unref(&m->steps);
}

void multipart_begin(multipart *m, file_thread *files, file_listener *listener,
                     void *context, void *owner) {
  file_steps_begin(&m->steps, files, listener, context, owner);
  file_steps_post(&m->steps, STEP_OPEN);
}

/* Makes the block that was read ahead the one that is sent. */
static bool take_block(multipart *m) {
  if (m->io.ready_len == 0) return false;
  m->io.sending = !m->io.sending;
  m->io.len = m->io.ready_len;
  m->io.used = m->io.ready_len = 0;
  file_steps_next(&m->steps);
  return true;
}

/* A block never holds bytes of two parts, and libcurl takes the parts one
 * after the other. */
static size_t read_file(part *p, char *out, size_t cap) {
  multipart *m = p->owner;
  if (m->io.used == m->io.len && !take_block(m)) {
    if (m->io.error[0]) return CURL_READFUNC_ABORT;
    m->io.is_waiting = true;
    return CURL_READFUNC_PAUSE;
  }
  size_t left = m->io.len - m->io.used, n = cap < left ? cap : left;
  memcpy(out, m->io.blocks[m->io.sending] + m->io.used, n);
  m->io.used += n;
  return n;
}

static size_t read_part(char *out, size_t size, size_t count, void *arg) {
  part *p = arg;
  uint64_t left = p->size - p->offset;
  size_t n = size * count < left ? size * count : (size_t)left;
  if (n == 0) return 0;
  if (p->path)
    n = read_file(p, out, n);
  else
    memcpy(out, p->text + p->offset, n);
  if (n == CURL_READFUNC_ABORT || n == CURL_READFUNC_PAUSE) return n;
  p->offset += n;
  atomic_fetch_add_explicit(p->owner->io.sent, n, memory_order_relaxed);
  return n;
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

bool multipart_attach(multipart *m, CURL *easy, atomic_uint_fast64_t *sent) {
  CURLcode code = CURLE_OK;
  m->io.sent = sent;
  m->io.mime = curl_mime_init(easy);
  if (!m->io.mime) code = CURLE_OUT_OF_MEMORY;
  for (int i = 0; i < m->count && !code; i++)
    code = describe(m->io.mime, &m->parts[i]);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_MIMEPOST, m->io.mime);
  if (code) fail(m, curl_easy_strerror(code));
  return !code;
}

bool multipart_is_waiting(const multipart *m) {
  return m->io.is_waiting;
}

const char *multipart_error(const multipart *m) {
  return m->io.error;
}

uint64_t multipart_size(const multipart *m) {
  uint64_t total = 0;
  for (int i = 0; i < m->count; i++) total += m->parts[i].size;
  return total;
}

void multipart_end(multipart *m) {
  curl_mime_free(m->io.mime);
  m->io.mime = NULL;
  file_steps_end(&m->steps, STEP_CLOSE);
}
