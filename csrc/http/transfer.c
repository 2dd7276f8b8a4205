/* SPDX-License-Identifier: MIT
 *
 * transfer: the life of one exchange apart from libcurl's options (which
 * are in options.c): its memory, and what its end means (see transfer.h). */
#include "http/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/response.h"
#include "util/os.h"

static const char *const failure_names[] = {
    NULL,        "resolve", "connect", "tls",      "timeout",
    "stall",     "network", "refused", "protocol", "too_large",
    "cancelled", "closed",  "file",    "auth",     "memory"};

const char transfer_not_again[] =
    "the connection broke after the request was sent; it was not sent again";

/* What policy may ask of an answer besides its body. */
static const char *const kept_headers[] = {
    "content-type", "content-length", "content-range", "retry-after",
    "etag",         "last-modified",  "location",      "date"};

const char *failure_name(failure f) {
  return failure_names[f];
}

settings *settings_new(void) {
  settings *s = calloc(1, sizeof *s);
  if (s) atomic_init(&s->refs, 1);
  return s;
}

settings *settings_ref(settings *s) {
  atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
  return s;
}

void settings_unref(settings *s) {
  if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
    return;
  free(s->app_id);
  system_free_secret(s->user_key);
  system_free_secret(s->token);
  free(s->token_url);
  free(s->ca_file);
  system_free_secret(s->proxy);
  free(s->user_agent);
  free(s);
}

transfer *transfer_new(settings *s) {
  transfer *t = calloc(1, sizeof *t);
  if (!t) return NULL;
  atomic_init(&t->refs, 1);
  atomic_init(&t->expected, -1);
  atomic_init(&t->to_send, -1);
  t->settings = settings_ref(s);
  t->is_replayable = true;
  t->submit_command = (command){NULL, COMMAND_SUBMIT, t};
  t->cancel_command = (command){NULL, COMMAND_CANCEL, t};
  list_init(&t->live);
  list_init(&t->queue);
  return t;
}

transfer *transfer_ref(transfer *t) {
  atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
  return t;
}

static void free_body(transfer *t) {
  bytes *b = &t->response.body;
  if (t->is_secret && b->data) system_wipe(b->data, b->cap);
  free(b->data);
}

static void free_file(download *d) {
  if (!d) return;
  sink_abort(&d->sink);
  free(d->path);
  free(d);
}

void transfer_unref(transfer *t) {
  if (!t || atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) != 1)
    return;
  settings_unref(t->settings);
  free(t->method);
  free(t->url);
  for (int i = 0; i < t->header_count; i++)
    system_free_secret(t->headers[i].data);
  body_unref(t->body);
  body_unref(t->token);
  upload_free(t->upload);
  free_file(t->file);
  free_body(t);
  free(t->response.headers);
  free(t->auth.body);
  free(t);
}

bool transfer_add_header(transfer *t, const char *line, size_t len) {
  char *copy;
  if (t->header_count == TRANSFER_MAX_HEADERS) return false;
  copy = malloc(len + 1);
  if (!copy) return false;
  memcpy(copy, line, len);
  copy[len] = '\0';
  t->headers[t->header_count].data = copy;
  t->headers[t->header_count].next = NULL;
  if (t->header_count > 0)
    t->headers[t->header_count - 1].next = &t->headers[t->header_count];
  t->header_count++;
  return true;
}

bool transfer_set_file(transfer *t, const char *path, sink_rules rules) {
  download *d = calloc(1, sizeof *d);
  char *copy = system_copy(path);
  if (!d || !copy) {
    free(d);
    free(copy);
    return false;
  }
  d->path = copy;
  d->rules = rules;
  sink_init(&d->sink);
  t->file = d;
  return true;
}

static bool is_tls_code(CURLcode code) {
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
      return true;
    default:
      return false;
  }
}

/* Is this the end of a connection that never stood? */
static bool is_connect_code(CURLcode code) {
  return code == CURLE_COULDNT_RESOLVE_HOST ||
         code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_CONNECT ||
         is_tls_code(code);
}

static bool is_protocol_code(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_TOO_MANY_REDIRECTS:
      return true;
    default:
      return false;
  }
}

static failure set_message(transfer *t, failure f, const char *text) {
  snprintf(t->response.message, sizeof t->response.message, "%s", text);
  return f;
}

/* Sent, and not to be sent again: when libcurl connects now, it is about to do
 * that, which options.c forbids. */
static bool is_committed(const transfer *t) {
  return t->response.sent && !t->is_replayable;
}

/* libcurl has one code for two clocks. */
static failure explain_timeout(transfer *t) {
  char text[96];
  if (t->deadline > 0 && system_now() >= t->deadline - 0.005) {
    snprintf(text, sizeof text, "not done within %g s (timeout.total)",
             t->total_timeout);
    return set_message(t, FAILURE_TIMEOUT, text);
  }
  if (is_committed(t))
    return set_message(t, FAILURE_NETWORK, transfer_not_again);
  snprintf(text, sizeof text, "no connection within %g s (timeout.connect)",
           t->connect_timeout);
  return set_message(t, FAILURE_CONNECT, text);
}

/* What libcurl's code means to the caller; sets the message too. */
static failure explain(transfer *t, CURLcode code) {
  bool sent = t->response.sent;
  if (code == CURLE_OK || t->is_cut_short) return FAILURE_NONE;
  if (t->refusal) return t->response.failure;
  if (code == CURLE_OPERATION_TIMEDOUT) return explain_timeout(t);
  if (t->is_refused)
    return set_message(t, FAILURE_REFUSED,
                       "the server refused the request before acting on it");
  if (code == CURLE_SEND_FAIL_REWIND ||
      (is_committed(t) && is_connect_code(code)))
    return set_message(t, FAILURE_NETWORK, transfer_not_again);
  if (!t->response.message[0])
    set_message(t, FAILURE_NONE, curl_easy_strerror(code));
  if (code == CURLE_ABORTED_BY_CALLBACK) return FAILURE_CANCELLED;
  if (code == CURLE_OUT_OF_MEMORY) return FAILURE_MEMORY;
  if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
    return FAILURE_RESOLVE;
  if (code == CURLE_SSL_CACERT_BADFILE || (is_tls_code(code) && !sent))
    return FAILURE_TLS;
  if (is_protocol_code(code)) return FAILURE_PROTOCOL;
  return sent ? FAILURE_NETWORK : FAILURE_CONNECT;
}

static size_t header_size(CURL *easy, const char *name,
                          struct curl_header **h) {
  if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, h) != CURLHE_OK)
    return 0;
  size_t len = strlen((*h)->value);
  if (len > TRANSFER_MAX_HEADER_BYTES) return 0;
  return strlen(name) + 1 + len + 1;
}

/* Copies the kept headers; without memory there are none, which no caller
 * relies on for more than comfort. */
static void keep_headers(transfer *t) {
  const size_t count = sizeof kept_headers / sizeof kept_headers[0];
  struct curl_header *h;
  size_t total = 1;
  for (size_t i = 0; i < count; i++)
    total += header_size(t->easy, kept_headers[i], &h);
  char *out = total > 1 ? malloc(total) : NULL;
  if (!out) return;
  t->response.headers = out;
  for (size_t i = 0; i < count; i++) {
    size_t size = header_size(t->easy, kept_headers[i], &h);
    if (size == 0) continue;
    size_t name_len = strlen(kept_headers[i]) + 1;
    memcpy(out, kept_headers[i], name_len);
    memcpy(out + name_len, h->value, size - name_len);
    out += size;
  }
  *out = '\0';
}

const char *transfer_header(const transfer *t, const char *name) {
  const char *p = t->response.headers;
  while (p && *p) {
    const char *value = p + strlen(p) + 1;
    if (strcmp(p, name) == 0) return value;
    p = value + strlen(value) + 1;
  }
  return NULL;
}

bool transfer_is_brief(const transfer *t) {
  const response *r = &t->response;
  return t->is_brief && r->failure == FAILURE_NONE && r->status >= 200 &&
         r->status < 300;
}

static void keep_figures(transfer *t) {
  response *r = &t->response;
  long connects = 0;
  curl_off_t up = 0;
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &r->status);
  curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &r->http_version);
  curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
  curl_easy_getinfo(t->easy, CURLINFO_NAMELOOKUP_TIME_T, &r->dns_us);
  curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &r->connect_us);
  curl_easy_getinfo(t->easy, CURLINFO_APPCONNECT_TIME_T, &r->tls_us);
  curl_easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME_T, &r->first_byte_us);
  curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &r->total_us);
  curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &up);
  r->is_reused = r->sent && connects == 0;
  r->bytes_sent = up;
  r->bytes_received = (curl_off_t)atomic_load(&t->received);
  if (t->file && t->file->is_begun)
    r->bytes_received -= (curl_off_t)t->file->sink.start;
}

/* libcurl's own words stay, unless somebody knew better or all is well. */
static void set_reason(transfer *t) {
  failure f = t->response.failure;
  if (f == FAILURE_NONE)
    set_message(t, f, "");
  else if (t->refusal)
    set_message(t, f, t->refusal);
}

void transfer_end(transfer *t, CURLcode code) {
  keep_figures(t);
  t->response.failure = explain(t, code);
  if (!transfer_is_brief(t)) keep_headers(t);
  if (t->file) receive_end(t);
  if (t->upload) upload_close(t->upload);
  set_reason(t);
}

/* A file that can be continued is left for the next time. */
void transfer_fail(transfer *t, failure f, const char *message) {
  if (t->file) sink_keep(&t->file->sink);
  if (t->upload) upload_close(t->upload);
  t->response.failure = set_message(t, f, message);
}

void transfer_refuse(transfer *t, failure f, const char *message) {
  if (t->refusal) return;
  t->response.failure = f;
  t->refusal = message;
}

void transfer_abandon(transfer *t, failure f, const char *message) {
  keep_figures(t);
  transfer_fail(t, f, message);
}

/* libcurl's own limit is one of average speed, which a stall only brings
 * down to zero after some seconds more. */
static curl_off_t count_moved(const transfer *t) {
  curl_off_t up = 0, down = 0;
  long head = 0, request = 0;
  curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &up);
  curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(t->easy, CURLINFO_HEADER_SIZE, &head);
  curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &request);
  return up + down + head + request;
}

bool transfer_is_stalled(transfer *t, double now) {
  if (t->stall_timeout <= 0 || !t->response.sent) return false;
  curl_off_t moved = count_moved(t);
  if (moved != t->moved || t->moved_at <= 0) {
    t->moved = moved;
    t->moved_at = now;
  }
  return now - t->moved_at >= t->stall_timeout;
}

double transfer_stall_period(const transfer *t) {
  double period = t->stall_timeout / 8;
  if (period <= 0) return 0;
  return period < 0.01 ? 0.01 : period > 1 ? 1 : period;
}

void transfer_stall(transfer *t) {
  char text[96];
  snprintf(text, sizeof text, "no byte came for %g s (timeout.stall)",
           t->stall_timeout);
  transfer_abandon(t, FAILURE_STALL, text);
}
