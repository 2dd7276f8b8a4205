/* SPDX-License-Identifier: MIT
 *
 * curl_setup: the options of one transfer, and the callbacks that libcurl
 * makes while it sends. I/O thread only; no Lua ever runs here.
 *
 * The libcurl trap: when a reused connection dies before the first response
 * byte, libcurl sends the request again by itself. Before every start of a
 * request, the first and any other, it asks CURLOPT_PREREQFUNCTION: there the
 * second start of a request that must not be sent twice is forbidden. A body
 * too large to go out with the head is also given through a read callback
 * without a seek callback, so that it cannot be rewound.
 *
 * Such a request goes over HTTP/1.1, where a server ends a connection with an
 * answer and not between two requests, and never over a connection that may
 * have died: the same callback looks at the one that libcurl has chosen. */
#include "http/curl_setup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/connection.h"
#include "http/explain.h"
#include "http/response.h"

#if LIBCURL_VERSION_NUM < 0x075500
#error "libcurl 7.85.0 or newer is needed"
#endif

enum {
  MAX_IDLE_SECONDS = 50, /* older idle connections are likely dead */
  CA_SECONDS = 60,       /* for which the authorities that were read serve */
  MAX_WITH_HEAD = 65535, /* libcurl writes a body up to this with the head */
  FILE_BUFFER_BYTES = 128 * 1024
};

static size_t send_body(char *out, size_t size, size_t count, void *arg) {
  transfer *t = arg;
  size_t offset = (size_t)atomic_load(&t->shared.sent);
  size_t left = bytes_len(t->request.body) - offset;
  size_t n = size * count < left ? size * count : left;
  memcpy(out, bytes_data(t->request.body) + offset, n);
  atomic_store_explicit(&t->shared.sent, offset + n, memory_order_relaxed);
  return n;
}

static bool is_large(const transfer *t) {
  return t->request.body && bytes_len(t->request.body) > MAX_WITH_HEAD;
}

static bool goes_with_head(const transfer *t) {
  return t->request.body && (t->request.is_replayable || !is_large(t));
}

/* May the request go over the connection that libcurl has chosen? One that
 * must not be sent twice may not, when that could be dead; no other when an
 * answer is there already, which would pass for its own. */
static bool is_trusted(const transfer *t, const connection *c) {
  long opened = 0;
  if (t->request.is_replayable)
    return !c || t->response.sent || !connection_has_news(c);
  if (c) return c->served == 0 || connection_is_sound(c);
  curl_easy_getinfo(t->io.easy, CURLINFO_NUM_CONNECTS, &opened);
  return opened > 0;
}

/* libcurl sends a request again by itself: after a redirect, when a reused
 * connection has died, or when the server refuses the stream. One that may be
 * repeated is, once; what comes after that is for those who count repeats. */
static bool may_start(const transfer *t) {
  long redirects = 0;
  if (!t->response.sent) return true;
  if (!t->request.is_replayable) return false;
  curl_easy_getinfo(t->io.easy, CURLINFO_REDIRECT_COUNT, &redirects);
  return t->io.starts <= redirects + 1;
}

/* The connection stands and the next thing libcurl does is to write the
 * request: from here on the server may act. */
static int before_sending(void *arg, char *ip, char *local_ip, int port,
                          int local_port) {
  transfer *t = *(transfer **)arg;
  connection *c = connections_find(t->io.connections, local_port);
  (void)ip, (void)local_ip, (void)port;
  if (atomic_load(&t->shared.is_cancelled) && !t->response.sent)
    return CURL_PREREQFUNC_ABORT;
  if (!may_start(t)) {
    response_refuse(t, FAILURE_NETWORK, explain_not_again);
    return CURL_PREREQFUNC_ABORT;
  }
  if (!is_trusted(t, c)) {
    t->io.wants_fresh = true;
    if (t->request.is_replayable) /* nor may any other */
      curl_easy_setopt(t->io.easy, CURLOPT_FORBID_REUSE, 1L);
    return CURL_PREREQFUNC_ABORT;
  }
  connection_join(c, t);
  t->io.starts++;
  t->response.sent = true;
  if (goes_with_head(t))
    atomic_store_explicit(&t->shared.sent, bytes_len(t->request.body),
                          memory_order_relaxed);
  return CURL_PREREQFUNC_OK;
}

#define SET(option, value) \
  (code = code ? code : curl_easy_setopt(t->io.easy, option, value))

static CURLcode set_body(transfer *t) {
  CURLcode code = CURLE_OK;
  SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)bytes_len(t->request.body));
  if (goes_with_head(t)) SET(CURLOPT_POSTFIELDS, bytes_data(t->request.body));
  return code;
}

static CURLcode set_method(transfer *t) {
  CURLcode code = CURLE_OK;
  if (t->io.multipart) {
    /* its parts are given when the files are open */
  } else if (!t->request.body) {
    SET(CURLOPT_HTTPGET, 1L);
  } else {
    SET(CURLOPT_POST, 1L);
    code = code ? code : set_body(t);
    if (!goes_with_head(t)) {
      SET(CURLOPT_READFUNCTION, send_body);
      SET(CURLOPT_READDATA, t);
    }
  }
  SET(CURLOPT_CUSTOMREQUEST, t->request.method);
  return code;
}

/* Puts `line` in front of `list`, without a copy. */
static struct curl_slist *prepend(struct curl_slist *node, const char *line,
                                  struct curl_slist *list) {
  node->data = (char *)(uintptr_t)line;
  node->next = list;
  return node;
}

/* Asks for what an earlier download did not bring, if the file is still the
 * same one. */
static CURLcode ask_for_rest(transfer *t, struct curl_slist **list) {
  const download *d = t->io.download;
  char range[24], *line = malloc(DOWNLOAD_FILE_MAX_ETAG + 16);
  if (!line) return CURLE_OUT_OF_MEMORY;
  snprintf(range, sizeof range, "%" PRIu64 "-", download_start(d));
  snprintf(line, DOWNLOAD_FILE_MAX_ETAG + 16, "If-Range: %s", download_etag(d));
  free(t->io.if_range_header.data);
  *list = prepend(&t->io.if_range_header, line, *list);
  return curl_easy_setopt(t->io.easy, CURLOPT_RANGE, range);
}

/* An empty Expect keeps libcurl from waiting for a "100 Continue", which it
 * does with large bodies; an empty Accept-Encoding from asking for what it
 * decodes: what answers a body is short. A file is asked for as it is: who says
 * nothing takes any coding. */
static CURLcode set_headers(transfer *t) {
  CURLcode code = CURLE_OK;
  struct curl_slist *list = t->request.headers;
  easy_handle *h = t->io.handle;
  if (t->request.body || t->io.download)
    list = prepend(
        &h->headers.encoding,
        t->io.download ? "Accept-Encoding: identity" : "Accept-Encoding:",
        list);
  if (t->io.multipart || is_large(t))
    list = prepend(&h->headers.expect, "Expect:", list);
  if (t->settings->agent_line)
    list = prepend(&h->headers.agent, t->settings->agent_line, list);
  if (t->io.download && download_start(t->io.download) > 0)
    code = ask_for_rest(t, &list);
  if (t->io.token)
    list = prepend(&h->headers.token, bytes_data(t->io.token), list);
  SET(CURLOPT_HTTPHEADER, list);
  return code;
}

static long to_ms(double seconds) {
  double ms = seconds * 1000;
  if (ms < 1) return 1;
  return ms > 2147483647.0 ? 2147483647L : (long)ms;
}

static CURLcode set_limits(transfer *t) {
  CURLcode code = CURLE_OK;
  if (t->io.fetch_for) /* limits.c keeps it */
    SET(CURLOPT_CONNECTTIMEOUT_MS, 2147483647L);
  else if (t->request.connect_timeout > 0)
    SET(CURLOPT_CONNECTTIMEOUT_MS, to_ms(t->request.connect_timeout));
  SET(CURLOPT_MAXAGE_CONN,
      t->request.is_replayable ? (long)MAX_IDLE_SECONDS : 1L);
  SET(CURLOPT_TCP_KEEPALIVE, 1L);
  return code;
}

/* Redirects are followed for downloads only, never from TLS to plain. */
static CURLcode set_trust(transfer *t, bool is_tls) {
  CURLcode code = CURLE_OK;
  SET(CURLOPT_PROTOCOLS_STR, "http,https");
  SET(CURLOPT_REDIR_PROTOCOLS_STR, is_tls ? "https" : "http,https");
  SET(CURLOPT_FOLLOWLOCATION, t->request.follow > 0 ? 1L : 0L);
  SET(CURLOPT_MAXREDIRS, t->request.follow);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (t->settings->ca_file) /* instead of the system's authorities */
    SET(CURLOPT_CAINFO, t->settings->ca_file);
  if (t->settings->ca_file || curl_version_info(CURLVERSION_NOW)->cainfo)
    SET(CURLOPT_CAPATH,
        NULL); /* with one, libcurl reads all for each connection */
#if LIBCURL_VERSION_NUM >= 0x075700
  SET(CURLOPT_CA_CACHE_TIMEOUT, (long)CA_SECONDS);
#endif
  SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  return code ? code
              : proxy_set(&t->settings->proxies, t->io.easy, t->request.url);
}

static CURLcode set_transport(transfer *t) {
  CURLcode code = CURLE_OK;
  bool is_tls = curl_strnequal(t->request.url, "https:", 6) != 0;
  bool is_shared = transfer_may_share(t);
  SET(CURLOPT_URL, t->request.url);
  SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  SET(CURLOPT_QUICK_EXIT, 1L);
#endif
  SET(CURLOPT_PRIVATE, &t->io.handle->transfer);
  SET(CURLOPT_ERRORBUFFER, t->io.handle->error);
  SET(CURLOPT_HTTP_VERSION,
      (long)(is_shared ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  SET(CURLOPT_PIPEWAIT, is_shared && is_tls ? 1L : 0L);
  if (t->io.download) /* refused while a failed start's buffer is left: that
                         will do */
    (void)curl_easy_setopt(t->io.easy, CURLOPT_BUFFERSIZE,
                           (long)FILE_BUFFER_BYTES);
  else /* also what comes encoded unasked, as the answer to a paid call may */
    SET(CURLOPT_ACCEPT_ENCODING, "");
  SET(CURLOPT_PREREQFUNCTION, before_sending);
  SET(CURLOPT_PREREQDATA, &t->io.handle->transfer);
  SET(CURLOPT_HEADERFUNCTION, response_note_header);
  SET(CURLOPT_HEADERDATA, &t->io.handle->transfer);
  SET(CURLOPT_WRITEFUNCTION, response_write);
  SET(CURLOPT_WRITEDATA, &t->io.handle->transfer);
  SET(CURLOPT_HEADER, t->io.sees_head ? 1L : 0L);
  return code ? code : set_trust(t, is_tls);
}

static bool attach_parts(transfer *t) {
  multipart *parts = t->io.multipart;
  if (!parts) return true;
  atomic_store(&t->shared.to_send, (int64_t)multipart_size(parts));
  if (multipart_attach(parts, t->io.easy, &t->shared.sent)) return true;
  response_fail(t, FAILURE_MEMORY, multipart_error(parts));
  return false;
}

bool curl_setup_is_plain(const transfer *t) {
  return !t->io.multipart && !t->io.download && !t->io.fetch_for &&
         t->request.follow == 0 && (!t->request.body || goes_with_head(t));
}

/* A handle that comes with the options for its kind: what is left. */
static CURLcode set_own(transfer *t) {
  CURLcode code = t->request.body ? set_body(t) : CURLE_OK;
  return code ? code : set_headers(t);
}

static CURLcode set_all(transfer *t) {
  CURLcode code = set_transport(t);
  if (!code) code = set_method(t);
  if (!code) code = set_headers(t);
  if (!code) code = set_limits(t);
  if (!code && curl_setup_is_plain(t)) easy_handle_note_kind(t->io.handle, t);
  return code;
}

bool curl_setup(transfer *t, easy_handle *h) {
  h->transfer = t;
  t->io.handle = h;
  t->io.easy = h->easy;
  buffer_init(&t->response.body, t->io.download
                                     ? TRANSFER_MAX_ERROR_BYTES
                                     : t->request.max_response_bytes);
  if (!attach_parts(t)) return false;
  t->io.is_in_head = true;
  /* Where redirects are followed, the handle is new instead. */
  t->io.sees_head = t->request.follow == 0 && h->is_checked;
  CURLcode code = h->kind.settings ? set_own(t) : set_all(t);
  if (code) response_fail(t, FAILURE_MEMORY, curl_easy_strerror(code));
  return !code;
}
