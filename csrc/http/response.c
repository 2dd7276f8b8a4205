/* SPDX-License-Identifier: MIT
 *
 * receive: the bytes of an answer (see receive.h). */
#include "http/response.h"

#include <stdlib.h>
#include <string.h>

enum {
  FIRST_BODY_BYTES = 2048,
  MAX_GUESS_BYTES = 1024 * 1024, /* trust Content-Length up to this */
  MAX_EXCERPT = 512              /* shown of a file that is none */
};

/* Grows `b` for `len` more bytes, doubling, never beyond its bound. */
static bool make_room(bytes *b, size_t len, size_t hint) {
  size_t want = b->len + len;
  size_t cap = b->cap ? b->cap : FIRST_BODY_BYTES;
  char *data;
  if (want <= b->cap) return true;
  if (b->cap == 0 && hint > cap) cap = hint;
  while (cap < want) cap *= 2;
  if (cap > b->max) cap = b->max;
  data = realloc(b->data, cap);
  if (!data) return false;
  b->data = data;
  b->cap = cap;
  return true;
}

static size_t keep_in_memory(transfer *t, const char *data, size_t len) {
  bytes *b = &t->response.body;
  int64_t expected = atomic_load(&t->expected);
  size_t hint =
      expected > 0 && expected <= MAX_GUESS_BYTES ? (size_t)expected : 0;
  if (t->is_secret) hint = b->max; /* growing would leave copies behind */
  if (len > b->max - b->len || expected > (int64_t)b->max) {
    if (t->file) /* the start of an error page is enough */
      t->is_cut_short = true;
    else
      transfer_refuse(t, FAILURE_TOO_LARGE,
                      "the answer is larger than max_response_bytes");
    return 0;
  }
  if (!make_room(b, len, hint)) {
    transfer_refuse(t, FAILURE_MEMORY, "out of memory for the answer");
    return 0;
  }
  memcpy(b->data + b->len, data, len);
  b->len += len;
  return len;
}

static const char *header(const transfer *t, const char *name) {
  struct curl_header *h;
  if (curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
    return NULL;
  return h->value;
}

static const char *read_count(const char *text, uint64_t *out) {
  const char *p = text;
  for (*out = 0; *p >= '0' && *p <= '9' && *out < UINT64_MAX / 16; p++)
    *out = *out * 10 + (uint64_t)(*p - '0');
  return p == text ? NULL : p;
}

/* "bytes FIRST-LAST/TOTAL"; *total is 0 when the server does not say. */
static bool read_range(const char *text, uint64_t *first, uint64_t *total) {
  static const char unit[] = "bytes ";
  uint64_t last;
  if (!text || strncmp(text, unit, sizeof unit - 1) != 0) return false;
  text = read_count(text + sizeof unit - 1, first);
  if (!text || *text++ != '-') return false;
  text = read_count(text, &last);
  if (!text || *text++ != '/') return false;
  if (!read_count(text, total)) *total = 0;
  return true;
}

/* Is an answer of this status the file, or the rest of it? */
static bool is_file_status(const transfer *t, long status) {
  return status == 200 || status == 203 ||
         (status == 206 && t->file->sink.start > 0);
}

/* Does a 206 continue the very file that the part is of? Some servers mind
 * Range and not If-Range. */
static bool is_the_rest(transfer *t) {
  uint64_t first, total;
  const char *etag = header(t, "etag");
  if (!read_range(header(t, "content-range"), &first, &total) ||
      first != t->file->sink.start)
    transfer_refuse(t, FAILURE_PROTOCOL,
                    "the answer is another range than the one asked for");
  else if (etag && strcmp(etag, t->file->sink.etag) != 0)
    transfer_refuse(t, FAILURE_PROTOCOL,
                    "the answer is the rest of another version of the file");
  return !t->refusal;
}

static bool begin_file(transfer *t, long status) {
  uint64_t first = t->file->sink.start;
  if (status == 206 && !is_the_rest(t)) return false;
  t->file->is_begun = true;
  if (status != 206) {
    if (sink_restart(&t->file->sink, header(t, "etag"))) return true;
    transfer_refuse(t, FAILURE_FILE, t->file->sink.error);
    return false;
  }
  atomic_fetch_add(&t->received, first);
  if (atomic_load(&t->expected) >= 0)
    atomic_fetch_add(&t->expected, (int64_t)first);
  return true;
}

static size_t write_file(transfer *t, const char *data, size_t len) {
  if (sink_write(&t->file->sink, data, len)) return len;
  transfer_refuse(t, FAILURE_FILE, t->file->sink.error);
  return 0;
}

/* On the first bytes of an answer: how many are to come. */
static void note_length(transfer *t) {
  curl_off_t expected = -1;
  curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &expected);
  atomic_store_explicit(&t->expected, expected, memory_order_relaxed);
}

size_t receive_body(char *data, size_t size, size_t count, void *arg) {
  transfer *t = arg;
  size_t len = size * count;
  long status = 0;
  if (len == 0) return 0;
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
  if (!t->file || !t->file->is_begun) note_length(t);
  if (!t->file || !is_file_status(t, status)) {
    atomic_fetch_add_explicit(&t->received, len, memory_order_relaxed);
    return keep_in_memory(t, data, len);
  }
  if (!t->file->is_begun && !begin_file(t, status)) return 0;
  atomic_fetch_add_explicit(&t->received, len, memory_order_relaxed);
  return write_file(t, data, len);
}

/* Is the file as long as the server said that it is? libcurl has seen to it
 * for a whole answer; a range must also end where the file does. */
static bool is_long_enough(const transfer *t) {
  uint64_t first, total;
  if (t->response.status != 206) return true;
  return read_range(header(t, "content-range"), &first, &total) &&
         (total == 0 || total == t->file->sink.size);
}

/* Shows the user the start of what came instead of a film. */
static void keep_excerpt(transfer *t) {
  bytes *b = &t->response.body;
  if (make_room(b, MAX_EXCERPT, 0))
    b->len = sink_peek(&t->file->sink, b->data, MAX_EXCERPT);
}

static void finish_file(transfer *t) {
  if (!is_long_enough(t)) {
    sink_abort(&t->file->sink);
    transfer_refuse(t, FAILURE_NETWORK, "the file was cut off");
  } else if (!sink_fits(&t->file->sink)) {
    keep_excerpt(t);
    sink_abort(&t->file->sink);
    transfer_refuse(t, FAILURE_PROTOCOL, "the answer is no MP4 file");
  } else {
    t->response.size = t->file->sink.size;
    t->response.is_file = sink_commit(&t->file->sink);
    if (!t->response.is_file)
      transfer_refuse(t, FAILURE_FILE, t->file->sink.error);
  }
}

void receive_end(transfer *t) {
  const response *r = &t->response;
  bool is_whole = r->failure == FAILURE_NONE && is_file_status(t, r->status) &&
                  (t->file->is_begun || begin_file(t, r->status));
  if (is_whole)
    finish_file(t);
  else if (r->failure == FAILURE_FILE || r->failure == FAILURE_PROTOCOL ||
           r->status == 416)
    sink_abort(&t->file->sink);
  else
    sink_keep(&t->file->sink);
}
