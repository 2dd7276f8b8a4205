/* SPDX-License-Identifier: MIT
 *
 * response: answers and ends (see response.h). */
#include "http/response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/easy_handles.h"
#include "http/explain.h"
#include "util/os.h"

enum {
  MAX_GUESS_BYTES = 1024 * 1024, /* trust Content-Length up to this */
  MAX_HEADER_BYTES = 4096,       /* of one response header kept */
  MAX_HEADERS_BYTES = 256 * 1024 /* of all of them, and all trailers */
};

/* What policy may ask of an answer besides its body. */
static const char *const kept_headers[] = {
    "content-type", "content-length", "content-range", "retry-after",
    "etag",         "last-modified",  "location",      "date"};

/* ---- the bytes of an answer ---- */

/* Appends to the answer in memory; the first piece makes as much room as the
 * answer is said to need, so far as that can be trusted. False: no memory. */
static bool append(transfer *t, const char *data, size_t len) {
  buffer *b = &t->response.body;
  int64_t expected = atomic_load(&t->shared.expected);
  size_t hint = 0;
  if (len == 0) return true;
  if (len > b->cap - b->len) {
    if (b->cap == 0 && expected > 0 && expected <= MAX_GUESS_BYTES)
      hint = (size_t)expected;
    if (t->request.is_secret) hint = b->max; /* growing would leave copies */
    if (!buffer_grow(b, len, hint)) return false;
  }
  memcpy(b->data + b->len, data, len);
  b->len += len;
  return true;
}

static size_t keep_in_memory(transfer *t, const char *data, size_t len) {
  const buffer *b = &t->response.body;
  if (len > b->max - b->len ||
      atomic_load(&t->shared.expected) > (int64_t)b->max) {
    if (t->io.download) /* the start of an error page is enough */
      t->io.is_cut_short = true;
    else
      response_refuse(t, FAILURE_TOO_LARGE,
                      "the answer is larger than max_response_bytes");
    return 0;
  }
  if (append(t, data, len)) return len;
  response_refuse(t, FAILURE_MEMORY, "out of memory for the answer");
  return 0;
}

static const char *header(const transfer *t, const char *name) {
  struct curl_header *h;
  if (curl_easy_header(t->io.easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
    return NULL;
  return h->value;
}

static const char *read_count(const char *text, uint64_t *out) {
  const char *p = text;
  for (*out = 0; *p >= '0' && *p <= '9' && *out < UINT64_MAX / 16; p++)
    *out = *out * 10 + (uint64_t)(*p - '0');
  return p == text ? NULL : p;
}

/* "bytes FIRST-LAST/TOTAL"; *total is 0 for "*", when the server does not say.
 */
static bool read_range(const char *text, uint64_t *first, uint64_t *total) {
  static const char unit[] = "bytes ";
  uint64_t last;
  if (!text || !curl_strnequal(text, unit, sizeof unit - 1)) return false;
  text = read_count(text + sizeof unit - 1, first);
  if (!text || *text++ != '-') return false;
  text = read_count(text, &last);
  if (!text || *text++ != '/') return false;
  *total = 0;
  return strcmp(text, "*") == 0 || read_count(text, total) != NULL;
}

/* Is an answer of this status the file, or the rest of it? */
static bool is_file_status(const transfer *t, long status) {
  return status == 200 || status == 203 ||
         (status == 206 && download_start(t->io.download) > 0);
}

/* Does a 206 continue the very file that the part is of? Some servers mind
 * Range and not If-Range. */
static bool is_the_rest(transfer *t) {
  uint64_t first, total;
  const char *etag = header(t, "etag");
  if (!read_range(header(t, "content-range"), &first, &total) ||
      first != download_start(t->io.download) ||
      (total == 0 && !download_tells_its_end(t->io.download)))
    response_refuse(t, FAILURE_PROTOCOL,
                    "the answer is another range than the one asked for, or "
                    "does not say how long the file is");
  else if (etag && strcmp(etag, download_etag(t->io.download)) != 0)
    response_refuse(t, FAILURE_PROTOCOL,
                    "the answer is the rest of another version of the file");
  t->io.is_part_stale = t->io.refusal != NULL;
  return !t->io.refusal;
}

/* Does a 416 say that the part has all bytes of its file? */
static bool is_all(const transfer *t) {
  static const char before[] = "bytes */";
  const char *range = header(t, "content-range"), *etag = header(t, "etag");
  uint64_t total;
  return t->response.status == 416 && range &&
         curl_strnequal(range, before, sizeof before - 1) &&
         read_count(range + sizeof before - 1, &total) && total > 0 &&
         total == download_start(t->io.download) &&
         (!etag || strcmp(etag, download_etag(t->io.download)) == 0);
}

/* A download asks for its bytes as they are, and nothing here undoes a coding
 * of them. Other words stand in this header too, of bytes that are as they
 * are. */
static bool is_compressed(const transfer *t) {
  static const char *const codings[] = {"gzip", "x-gzip",   "deflate",   "br",
                                        "zstd", "compress", "x-compress"};
  const char *p = header(t, "content-encoding");
  for (; p && *p; p += strcspn(p, ","), p += strspn(p, ", \t"))
    for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++) {
      size_t len = strlen(codings[i]);
      if (curl_strnequal(p, codings[i], len) && strchr(", \t", p[len]))
        return true; /* the text's end counts too */
    }
  return false;
}

/* False: the answer is refused. */
static bool begin_file(transfer *t, long status) {
  uint64_t first = download_start(t->io.download);
  if (is_compressed(t)) {
    response_refuse(t, FAILURE_PROTOCOL,
                    "the file came compressed, which was not asked for");
    return false;
  }
  if (status == 206 && !is_the_rest(t)) return false;
  t->io.is_in_file = true;
  if (status != 206) {
    download_restart(t->io.download, header(t, "etag"));
    return true;
  }
  atomic_fetch_add(&t->shared.received, first);
  if (atomic_load(&t->shared.expected) >= 0)
    atomic_fetch_add(&t->shared.expected, (int64_t)first);
  return true;
}

/* Where the disk is slower than the network, libcurl keeps the bytes and gives
 * them again after the pause. */
static size_t write_file(transfer *t, const char *data, size_t len) {
  switch (download_write(t->io.download, data, len)) {
    case DOWNLOAD_TAKEN:
      atomic_fetch_add_explicit(&t->shared.received, len, memory_order_relaxed);
      return len;
    case DOWNLOAD_FULL:
      return CURL_WRITEFUNC_PAUSE;
    default:
      response_refuse(t, FAILURE_MEMORY, "out of memory for the file");
      return 0;
  }
}

/* Does a part of an earlier download lie there, instead of which a whole file
 * comes? An error page must not cost it: the first bytes wait in memory. */
static bool spares_part(const transfer *t, long status) {
  return !t->io.is_in_file && status != 206 &&
         download_start(t->io.download) > 0;
}

/* They are all there, or all that came. */
static bool begin_instead_of_part(transfer *t, long status) {
  buffer *b = &t->response.body;
  const char *problem = download_problem(t->io.download, b->data, b->len);
  if (problem) {
    response_refuse(t, FAILURE_PROTOCOL, problem);
    return false;
  }
  if (!begin_file(t, status)) return false;
  if (write_file(t, b->data, b->len) != b->len) return false;
  b->len = 0;
  return true;
}

/* What is written here never fills the buffers of a file that begins. */
static size_t write_instead_of_part(transfer *t, long status, const char *data,
                                    size_t len) {
  size_t wanted = FILE_CONTENT_START_BYTES - t->response.body.len;
  size_t first = len < wanted ? len : wanted;
  if (!append(t, data, first)) {
    response_refuse(t, FAILURE_MEMORY, "out of memory for the answer");
    return 0;
  }
  if (len < wanted) return len;
  if (!begin_instead_of_part(t, status)) return 0;
  if (len == first) return len;
  return write_file(t, data + first, len - first) == len - first ? len : 0;
}

/* On the first bytes of an answer: how many are to come. */
static void note_length(transfer *t) {
  curl_off_t expected = -1;
  curl_easy_getinfo(t->io.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &expected);
  atomic_store_explicit(&t->shared.expected, expected, memory_order_relaxed);
}

/* ---- the lines of a head ---- */

/* What a handle cannot read (see easy_handle.is_checked) ends the transfer. */
static size_t check_head_line(transfer *t, const char *line, size_t len) {
  bool is_blank = line[0] == ' ' || line[0] == '\t';
  if (t->io.head_lines == 0 || line[0] == '\r' || line[0] == '\n') return len;
  if (!is_blank) t->io.has_field = true;
  if (t->io.has_field) return len;
  response_refuse(t, FAILURE_PROTOCOL,
                  "the answer's first header line begins with a blank");
  return 0;
}

/* False: out of memory. */
static bool prepare_redirect(transfer *t) {
  const char *location = header(t, "location");
  if (!location || proxy_set_next(&t->settings->proxies, t->io.easy, location))
    return true;
  response_refuse(t, FAILURE_MEMORY, "out of memory for a redirect");
  return false;
}

/* libcurl has read the line. Another head comes after that of 100 (Continue)
 * and its like, but not after 101, and after a redirect; trailers are none. */
static bool count_head_line(transfer *t, const char *line, size_t len) {
  long status = 0;
  if (!t->io.is_in_head && t->request.follow > 0 && len > 5 &&
      curl_strnequal(line, "HTTP/", 5))
    t->io.is_in_head = true;
  if (!t->io.is_in_head) return true;
  t->io.head_lines++;
  if (line[0] != '\r' && line[0] != '\n') return true;
  curl_easy_getinfo(t->io.easy, CURLINFO_RESPONSE_CODE, &status);
  t->io.head_lines = 0;
  t->io.is_in_head = status / 100 == 1 && status != 101;
  return t->request.follow == 0 || status / 100 != 3 || prepare_redirect(t);
}

/* The codings that a header line names, if it is one of `name`, which ends with
 * a colon. */
static int count_codings(const char *line, size_t len, const char *name) {
  size_t at = strlen(name);
  int count = 0;
  if (!curl_strnequal(line, name, at)) return 0;
  while (at < len) {
    const char *word = line + at;
    size_t size = 0;
    while (at + size < len && !strchr(" \t,;\r\n", word[size])) size++;
    if (size > 0 && !(size == 7 && curl_strnequal(word, "chunked", 7)) &&
        !(size == 8 && curl_strnequal(word, "identity", 8)))
      count++;
    at += size + 1;
  }
  return count;
}

/* A body that is coded more than once may be a few kilobytes of which the
 * inner coding gets gigabytes, all within one call of libcurl: nothing could
 * end that. False: it is refused. */
static bool check_codings(transfer *t, const char *line, size_t len) {
  if (len < 18 || (line[16] != ':' && line[17] != ':'))
    return true; /* neither */
  t->io.codings += count_codings(line, len, "transfer-encoding:");
  if (!t->io.download) /* of which libcurl undoes no other */
    t->io.codings += count_codings(line, len, "content-encoding:");
  if (t->io.codings <= 1) return true;
  response_refuse(t, FAILURE_PROTOCOL,
                  "the answer's body is compressed more than once");
  return false;
}

size_t response_note_header(char *line, size_t size, size_t count, void *arg) {
  transfer *t = *(transfer **)arg;
  size_t len = size * count;
  t->io.header_bytes += len;
  if (t->io.header_bytes > MAX_HEADERS_BYTES) {
    response_refuse(t, FAILURE_TOO_LARGE,
                    "the answer has more than 256 KiB of headers");
    return 0;
  }
  if (len > 0 && !count_head_line(t, line, len)) return 0;
  return check_codings(t, line, len) ? len : 0;
}

size_t response_write(char *data, size_t size, size_t count, void *arg) {
  transfer *t = *(transfer **)arg;
  size_t len = size * count;
  long status = 0;
  if (len == 0) return 0;
  if (t->io.sees_head && t->io.is_in_head) return check_head_line(t, data, len);
  curl_easy_getinfo(t->io.easy, CURLINFO_RESPONSE_CODE, &status);
  if (!t->io.is_in_file) note_length(t);
  if (!t->io.download || !is_file_status(t, status)) {
    atomic_fetch_add_explicit(&t->shared.received, len, memory_order_relaxed);
    return keep_in_memory(t, data, len);
  }
  if (spares_part(t, status))
    return write_instead_of_part(t, status, data, len);
  if (!t->io.is_in_file && !begin_file(t, status)) return 0;
  return write_file(t, data, len);
}

/* ---- the end of a file ---- */

/* The bytes that the file must have; 0: any number. libcurl has seen to it for
 * a whole answer; a range must also end where the file does. */
static uint64_t file_total(const transfer *t) {
  uint64_t first, total;
  if (t->response.status != 206) return 0;
  return read_range(header(t, "content-range"), &first, &total) ? total : 0;
}

/* The file of an answer that is over; false: it is none. */
static bool complete_file(transfer *t) {
  long status = t->response.status;
  if (t->response.failure != FAILURE_NONE) return false;
  if (is_all(t)) return true;
  if (!is_file_status(t, status)) return false;
  if (spares_part(t, status)) return begin_instead_of_part(t, status);
  return t->io.is_in_file || begin_file(t, status);
}

/* The answer is over, and its failure known. */
static void end_file(transfer *t) {
  if (complete_file(t))
    download_finish(t->io.download, file_total(t));
  else
    download_give_up(t->io.download, !t->io.is_part_stale &&
                                         t->response.status != 412 &&
                                         t->response.status != 416);
}

/* ---- what is known of an answer ---- */

static size_t header_size(CURL *easy, const char *name,
                          struct curl_header **h) {
  if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, h) != CURLHE_OK)
    return 0;
  size_t len = strlen((*h)->value);
  if (len > MAX_HEADER_BYTES) return 0;
  return strlen(name) + 1 + len + 1;
}

/* Copies the kept headers; out of memory, there are none. */
static void keep_headers(transfer *t) {
  const size_t count = sizeof kept_headers / sizeof kept_headers[0];
  struct curl_header *h;
  size_t total = 1;
  for (size_t i = 0; i < count; i++)
    total += header_size(t->io.easy, kept_headers[i], &h);
  char *out = total > 1 ? malloc(total) : NULL;
  if (!out) return;
  t->response.headers = out;
  for (size_t i = 0; i < count; i++) {
    size_t size = header_size(t->io.easy, kept_headers[i], &h);
    if (size == 0) continue;
    size_t name_len = strlen(kept_headers[i]) + 1;
    memcpy(out, kept_headers[i], name_len);
    memcpy(out + name_len, h->value, size - name_len);
    out += size;
  }
  *out = '\0';
}

const char *response_header(const transfer *t, const char *name) {
  const char *p = t->response.headers;
  while (p && *p) {
    const char *value = p + strlen(p) + 1;
    if (strcmp(p, name) == 0) return value;
    p = value + strlen(value) + 1;
  }
  return NULL;
}

/* An answer that says when to come back is told whole: it may say no. */
bool response_is_brief(const transfer *t) {
  const response *r = &t->response;
  return t->request.is_brief && r->failure == FAILURE_NONE &&
         r->status >= 200 && r->status < 300 && !r->headers;
}

static void keep_timing(transfer *t) {
  response *r = &t->response;
  long connects = 0;
  curl_easy_getinfo(t->io.easy, CURLINFO_HTTP_VERSION, &r->http_version);
  curl_easy_getinfo(t->io.easy, CURLINFO_NUM_CONNECTS, &connects);
  curl_easy_getinfo(t->io.easy, CURLINFO_NAMELOOKUP_TIME_T, &r->dns_us);
  curl_easy_getinfo(t->io.easy, CURLINFO_CONNECT_TIME_T, &r->connect_us);
  curl_easy_getinfo(t->io.easy, CURLINFO_APPCONNECT_TIME_T, &r->tls_us);
  curl_easy_getinfo(t->io.easy, CURLINFO_STARTTRANSFER_TIME_T,
                    &r->first_byte_us);
  curl_easy_getinfo(t->io.easy, CURLINFO_TOTAL_TIME_T, &r->total_us);
  r->is_reused = r->sent && connects == 0;
}

static void keep_status(transfer *t) {
  curl_easy_getinfo(t->io.easy, CURLINFO_RESPONSE_CODE, &t->response.status);
}

static void keep_sizes(transfer *t) {
  response *r = &t->response;
  curl_easy_getinfo(t->io.easy, CURLINFO_SIZE_UPLOAD_T, &r->bytes_sent);
  r->bytes_received = (curl_off_t)atomic_load(&t->shared.received);
  if (t->io.is_in_file)
    r->bytes_received -= (curl_off_t)download_start(t->io.download);
}

/* ---- ends ---- */

/* libcurl's own words stay, unless somebody knew better or all is well. */
static void set_reason(transfer *t) {
  failure f = t->response.failure;
  if (f == FAILURE_NONE)
    transfer_tell(t, f, "");
  else if (t->io.refusal)
    transfer_tell(t, f, t->io.refusal);
}

void response_end(transfer *t, CURLcode code) {
  const multipart *parts = t->io.multipart;
  if (parts && multipart_error(parts)[0])
    response_refuse(t, FAILURE_FILE, multipart_error(parts));
  if (code != CURLE_OK) transfer_tell(t, FAILURE_NONE, t->io.handle->error);
  keep_status(t);
  keep_sizes(t);
  t->response.failure = explain_end(t, code);
  if (!response_is_brief(t) || header(t, "retry-after")) {
    keep_timing(t);
    keep_headers(t);
  }
  if (t->io.download) end_file(t);
  if (t->io.multipart) multipart_end(t->io.multipart);
  set_reason(t);
}

/* A file that can be continued is left for the next time. */
void response_fail(transfer *t, failure f, const char *message) {
  if (t->io.download) download_give_up(t->io.download, true);
  if (t->io.multipart) multipart_end(t->io.multipart);
  t->response.failure = transfer_tell(t, f, message);
}

void response_file_finished(transfer *t) {
  response *r = &t->response;
  const download_ending *e = download_ending_of(t->io.download);
  switch (e->outcome) {
    case DOWNLOAD_GIVEN_UP:
      break;
    case DOWNLOAD_DONE:
      r->size = e->size;
      r->is_file = true;
      break;
    case DOWNLOAD_CUT_OFF:
      r->failure = transfer_tell(t, FAILURE_NETWORK, e->content.problem);
      break;
    case DOWNLOAD_WRONG_FILE: /* what came instead is for the error's text */
      append(t, e->content.start, e->content.start_len);
      r->failure = transfer_tell(t, FAILURE_PROTOCOL, e->content.problem);
      break;
    case DOWNLOAD_FAILED:
      r->failure =
          transfer_tell(t, FAILURE_FILE, download_error(t->io.download));
      break;
  }
}

void response_refuse(transfer *t, failure f, const char *message) {
  if (t->io.refusal) return;
  t->response.failure = f;
  t->io.refusal = message;
}

void response_abandon(transfer *t, failure f, const char *message) {
  keep_status(t);
  keep_sizes(t);
  keep_timing(t);
  response_fail(t, f, message);
}
