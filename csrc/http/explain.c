/* SPDX-License-Identifier: MIT
 *
 * explain: see explain.h. */
#include "http/explain.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/limits.h"
#include "util/os.h"

enum { MAX_HEADER_LINE_BYTES = 100 * 1024 }; /* libcurl's */

const char explain_not_again[] =
    "the connection broke after the request was sent; it was not sent again";

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

/* Is this the end of a connection that never stood? libcurl keeps one clock:
 * that of connecting. */
static bool is_connect_code(CURLcode code) {
  return code == CURLE_COULDNT_RESOLVE_HOST ||
         code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_CONNECT ||
         code == CURLE_OPERATION_TIMEDOUT || is_tls_code(code);
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

/* Sent, and not to be sent again: when libcurl connects now, it is about to do
 * that, which curl_setup.c forbids. */
static bool is_committed(const transfer *t) {
  return t->response.sent && !t->request.is_replayable;
}

static failure explain_timeout(transfer *t) {
  char text[LIMITS_MAX_TEXT];
  limits_tell(FAILURE_CONNECT, t, text);
  return transfer_tell(t, FAILURE_CONNECT, text);
}

static bool is_late(const transfer *t) {
  return t->io.deadline > 0 && os_now() >= t->io.deadline;
}

/* Has the watch broken off the answer, or the way to it, where no transfer is
 * known yet? Over TLS libcurl notices; without, bytes may be missing from an
 * answer that looks whole. */
static bool is_broken_off(const transfer *t, CURLcode code) {
  if (code != CURLE_OK && !t->response.sent && is_late(t)) return true;
  return t->io.is_shut &&
         (code != CURLE_OK || curl_strnequal(t->request.url, "http:", 5));
}

static failure explain_shutdown(transfer *t) {
  if (is_late(t))
    return transfer_tell(t, FAILURE_TIMEOUT, "not done within timeout.total");
  return transfer_tell(t, FAILURE_NETWORK,
                       "the server sent without pause and held up all else");
}

/* ---- connections that never stood ---- */

static long long_info(const transfer *t, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(t->io.easy, info, &value);
  return value;
}

static void add_to_message(transfer *t, const char *text) {
  char both[CURL_ERROR_SIZE];
  snprintf(both, sizeof both, "%s%s", transfer_message(t), text);
  transfer_tell(t, t->response.failure, both);
}

static bool is_gnutls(void) {
  const char *name = curl_version_info(CURLVERSION_NOW)->ssl_version;
  return name && strncmp(name, "GnuTLS", strlen("GnuTLS")) == 0;
}

static const char not_yet_valid[] =
    "the server's certificate is not valid yet, or the clock of this machine "
    "is wrong";
static const char expired[] =
    "the server's certificate has expired, or the clock of this machine is "
    "wrong";
static const char not_trusted[] =
    "no authority that is trusted here vouches for the server's certificate; "
    "one of your own goes into the option ca_file";

/* What GnuTLS says of a certificate (gnutls_certificate_status_t). */
static const char *gnutls_problem(long bits) {
  if (bits & 1L << 9) return not_yet_valid;
  if (bits & 1L << 10) return expired;
  return (bits & 1L << 6) ? not_trusted : NULL; /* no issuer on this machine */
}

/* What OpenSSL says of a certificate (X509_V_ERR_...). */
static const char *openssl_problem(long code) {
  switch (code) {
    case 9:
      return not_yet_valid;
    case 10:
      return expired;
    case 2:  /* no issuer */
    case 18: /* self-signed */
    case 19: /* self-signed in the chain */
    case 20: /* no issuer on this machine */
    case 21: /* no signature that can be checked */
      return not_trusted;
    default:
      return NULL;
  }
}

/* NULL: nothing was said of it. */
static const char *certificate_problem(const transfer *t) {
  long result = long_info(t, CURLINFO_SSL_VERIFYRESULT);
  return is_gnutls() ? gnutls_problem(result) : openssl_problem(result);
}

/* Has a handshake been broken off rather than refused? Of an end without a
 * reset libcurl tells in words only. Nothing was sent either way; it matters
 * for the advice. */
static bool is_broken_handshake(const transfer *t, CURLcode code) {
  if (code != CURLE_SSL_CONNECT_ERROR) return false;
  const char *message = transfer_message(t);
  if (is_gnutls())
    return strstr(message, "non-properly terminated") ||
           strstr(message, "pull function");
  return !strstr(message, "error:") || strstr(message, "unexpected eof");
}

static void explain_ca_file(transfer *t) {
  const char *path = t->settings->ca_file;
  if (path && !strstr(transfer_message(t), path)) {
    add_to_message(t, ": ");
    add_to_message(t, path);
  }
  add_to_message(t,
                 "; it must hold certificate authorities as PEM (option "
                 "ca_file, or SSL_CERT_FILE, CURL_CA_BUNDLE)");
}

/* Is the process short of so many descriptors? Then that is why. */
static bool has_run_out(transfer *t, int count) {
  if (os_has_descriptors(count)) return false;
  transfer_tell(t, FAILURE_DESCRIPTORS,
                "too many open files: this process may open no more "
                "(ulimit -n)");
  return true;
}

/* A file of authorities is opened while the connection has its descriptor. */
static failure explain_tls(transfer *t, CURLcode code) {
  const char *problem = certificate_problem(t);
  if (is_broken_handshake(t, code)) return FAILURE_NETWORK;
  if (code == CURLE_SSL_CACERT_BADFILE && has_run_out(t, 2))
    return FAILURE_DESCRIPTORS;
  if (code == CURLE_SSL_CACERT_BADFILE)
    explain_ca_file(t);
  else if (code == CURLE_PEER_FAILED_VERIFICATION && problem)
    transfer_tell(t, FAILURE_TLS, problem);
  else if (code == CURLE_PEER_FAILED_VERIFICATION)
    add_to_message(t, "; another server answers there, is base_url right?");
  else if (code == CURLE_SSL_CONNECT_ERROR)
    add_to_message(t,
                   "; it speaks no TLS, or none from 1.2 on: is the port "
                   "right?");
  return FAILURE_TLS;
}

/* A proxy's answer to CONNECT. */
static failure explain_proxy(transfer *t, long status) {
  char text[128];
  if (status == 407)
    return transfer_tell(
        t, FAILURE_PROXY,
        "the proxy wants a name and a password (HTTP 407); they "
        "go into its address, http://name:password@host:port");
  snprintf(text, sizeof text,
           "the proxy does not let the connection through (HTTP %ld)", status);
  return transfer_tell(t, status < 500 ? FAILURE_PROXY : FAILURE_CONNECT, text);
}

/* A connection needs one descriptor, the search for a name some more. */
static failure explain_unconnected(transfer *t, failure f) {
  long status = long_info(t, CURLINFO_HTTP_CONNECTCODE);
  if (status >= 300) return explain_proxy(t, status);
  return has_run_out(t, f == FAILURE_RESOLVE ? 4 : 1) ? FAILURE_DESCRIPTORS : f;
}

/* libcurl calls a header line beyond its bound lack of memory. */
static failure explain_memory(transfer *t) {
  void *memory = malloc(MAX_HEADER_LINE_BYTES);
  free(memory);
  if (!memory || !t->response.sent) return FAILURE_MEMORY;
  return transfer_tell(t, FAILURE_TOO_LARGE,
                       "the answer has a header of more than 100 KiB");
}

failure explain_end(transfer *t, CURLcode code) {
  bool sent = t->response.sent;
  if (is_broken_off(t, code)) return explain_shutdown(t);
  if (code == CURLE_OK && t->io.is_in_head)
    return transfer_tell(t, FAILURE_NETWORK,
                         "the answer broke off in its head");
  if (code == CURLE_OK || t->io.is_cut_short) return FAILURE_NONE;
  if (t->io.refusal) return t->response.failure;
  if (code == CURLE_SEND_FAIL_REWIND ||
      (is_committed(t) && is_connect_code(code)))
    return transfer_tell(t, FAILURE_NETWORK, explain_not_again);
  if (code == CURLE_OPERATION_TIMEDOUT) return explain_timeout(t);
  if (!transfer_message(t)[0])
    transfer_tell(t, FAILURE_NONE, curl_easy_strerror(code));
  if (code == CURLE_ABORTED_BY_CALLBACK) return FAILURE_CANCELLED;
  if (code == CURLE_OUT_OF_MEMORY) return explain_memory(t);
  if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
    return explain_unconnected(t, FAILURE_RESOLVE);
  if (code == CURLE_SSL_CACERT_BADFILE || (is_tls_code(code) && !sent))
    return explain_tls(t, code);
  if (is_protocol_code(code)) return FAILURE_PROTOCOL;
  return sent ? FAILURE_NETWORK : explain_unconnected(t, FAILURE_CONNECT);
}
