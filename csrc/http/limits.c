/* SPDX-License-Identifier: MIT
 *
 * limits: see limits.h. libcurl counts whole header lines and the bytes of
 * bodies; what lies between (half a line, trailers, chunk extensions) only the
 * connection has seen. Over HTTP/1.1 all that comes on it is the transfer's;
 * over HTTP/2 it is not, and libcurl bounds what belongs to no body. */
#include "http/limits.h"

#include <stdio.h>

#include "http/connection.h"
#include "json/number.h"

double limits_earlier(double a, double b) {
  if (a <= 0 || b <= 0) return a > b ? a : b;
  return a < b ? a : b;
}

static bool has_started(const transfer *t) {
  return t->io.state == TRANSFER_RUNNING && t->response.sent;
}

static bool is_http1(const transfer *t) {
  long version = 0;
  if (!transfer_may_share(t) || curl_strnequal(t->request.url, "http:", 5))
    return true;
  curl_easy_getinfo(t->io.easy, CURLINFO_HTTP_VERSION, &version);
  return version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1;
}

/* What libcurl has read from its connection, since this was first asked. */
static uint64_t count_read(transfer *t) {
  const connection *c = t->io.connection;
  if (!c) return 0;
  uint64_t read = connection_read(c);
  if (!t->io.is_counted) t->io.read_before = read;
  t->io.is_counted = true;
  return read > t->io.read_before ? read - t->io.read_before : 0;
}

/* Bytes either way. libcurl's own limit is one of average speed, which a
 * stall only brings down to zero after some seconds more. */
static curl_off_t count_moved(transfer *t) {
  curl_off_t up = 0, down = 0;
  long head = 0, asked = 0;
  curl_easy_getinfo(t->io.easy, CURLINFO_SIZE_UPLOAD_T, &up);
  curl_easy_getinfo(t->io.easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(t->io.easy, CURLINFO_HEADER_SIZE, &head);
  curl_easy_getinfo(t->io.easy, CURLINFO_REQUEST_SIZE, &asked);
  curl_off_t moved = up + down + head + asked;
  if (is_http1(t)) moved += (curl_off_t)count_read(t);
  return moved;
}

/* Has no byte moved for the stall timeout? */
static bool is_stalled(transfer *t, double now) {
  double timeout = t->request.stall_timeout;
  curl_off_t moved = count_moved(t);
  if (moved != t->io.moved || t->io.moved_at <= 0 || transfer_files_wait(t)) {
    t->io.moved = moved;
    t->io.moved_at = now;
  }
  return timeout > 0 && now - t->io.moved_at >= timeout;
}

/* Of a body of which nobody gets anything, that of a redirect or one that is
 * encoded so, libcurl tells as of any other. */
static bool is_too_large(transfer *t) {
  curl_off_t body = 0;
  curl_easy_getinfo(t->io.easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
  if ((uint64_t)body > atomic_load(&t->shared.received) + LIMITS_MAX_OVERHEAD)
    return true;
  if (!is_http1(t)) return false;
  return count_read(t) > LIMITS_MAX_OVERHEAD + 2 * (uint64_t)body;
}

/* The limit on connecting of a token fetch changes with those who wait for
 * it; those of all others libcurl keeps. */
static bool is_unconnected(const transfer *t, double now) {
  double timeout = t->request.connect_timeout;
  return t->io.fetch_for && t->io.state == TRANSFER_RUNNING &&
         !t->response.sent && timeout > 0 && now - t->io.started_at >= timeout;
}

static const char *before_what(const transfer *t) {
  switch (t->io.state) {
    case TRANSFER_CLOSING:
      return "the file was on the disk";
    case TRANSFER_PARKED:
      return "an access token came";
    default:
      return "a start";
  }
}

static double rounded(double seconds) {
  double scale = seconds < 1 ? 1000 : seconds < 100 ? 100 : 10;
  double shown = (double)(int64_t)(seconds * scale + 0.5) / scale;
  return shown > 0 ? shown : seconds;
}

/* By no locale: the host may have set one. */
failure limits_tell(failure f, const transfer *t, char text[LIMITS_MAX_TEXT]) {
  const char *what = "not done within", *name = "total";
  double limit = t->request.total_timeout;
  char seconds[JSON_NUMBER_BYTES];
  if (f == FAILURE_CONNECT) {
    what = "no connection within", name = "connect";
    limit = t->request.connect_timeout;
  } else if (f == FAILURE_STALL) {
    what = "no byte came for", name = "stall";
    limit = t->request.stall_timeout;
  }
  seconds[json_put_double(seconds, rounded(limit))] = '\0';
  snprintf(text, LIMITS_MAX_TEXT, "%s %s s (timeout.%s)", what, seconds, name);
  return f;
}

failure limits_check(transfer *t, double now, char text[LIMITS_MAX_TEXT]) {
  bool is_over = t->io.deadline > 0 && t->io.deadline <= now;
  if (is_over && t->io.state != TRANSFER_RUNNING) {
    snprintf(text, LIMITS_MAX_TEXT, "timeout.total was over before %s",
             before_what(t));
    return FAILURE_TIMEOUT;
  }
  if (is_over) return limits_tell(FAILURE_TIMEOUT, t, text);
  if (is_unconnected(t, now)) return limits_tell(FAILURE_CONNECT, t, text);
  if (!has_started(t)) return FAILURE_NONE;
  if (is_stalled(t, now)) return limits_tell(FAILURE_STALL, t, text);
  if (!is_too_large(t)) return FAILURE_NONE;
  snprintf(text, LIMITS_MAX_TEXT,
           "the answer has more than %d bytes besides its body",
           LIMITS_MAX_OVERHEAD);
  return FAILURE_TOO_LARGE;
}

/* s between two looks at a running or a parked transfer. */
static double period(const transfer *t) {
  double seconds = t->request.stall_timeout / 8;
  if (t->io.fetch_for || t->io.state == TRANSFER_PARKED)
    seconds = limits_earlier(seconds, t->request.connect_timeout / 8);
  if (seconds <= 0 || seconds > 1) return 1;
  return seconds < 0.01 ? 0.01 : seconds;
}

double limits_next(const transfer *t, double now) {
  double next = t->io.deadline;
  if (t->io.state != TRANSFER_RUNNING && t->io.state != TRANSFER_PARKED)
    return next;
  return next > 0 && next < now + period(t) ? next : now + period(t);
}
