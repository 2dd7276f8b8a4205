/* SPDX-License-Identifier: MIT
 *
 * proxy: see proxy.h. */
#include "http/proxy.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/os.h"

enum { HTTP, HTTPS };

/* libcurl's order. HTTP_PROXY is not among them: a web server sets it to what
 * a request's header says. */
static const char *const variables[PROXY_SCHEMES][5] = {
    [HTTP] = {"http_proxy", "all_proxy", "ALL_PROXY"},
    [HTTPS] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}};

static const char *const exception_variables[] = {"no_proxy", "NO_PROXY", NULL};

/* The first of the variables that is set and not empty, or NULL. */
static const char *ask_environment(const char *const *names) {
  for (; *names; names++) {
    const char *value = getenv(*names); /* NOLINT(concurrency-mt-unsafe) */
    if (value && *value) return value;
  }
  return NULL;
}

/* Decodes "%41" and the like in place. */
static void decode_percents(char *text) {
  int len = 0;
  char *decoded = curl_easy_unescape(NULL, text, 0, &len);
  if (!decoded) return;
  if (strlen(decoded) == (size_t)len) memcpy(text, decoded, (size_t)len + 1);
  os_wipe(decoded, (size_t)len);
  curl_free(decoded);
}

/* Up to the last @, for a password may have one. False: out of memory. */
static bool copy_credentials(const char *address, char **out) {
  const char *start = strstr(address, "://");
  start = start ? start + 3 : address;
  const char *end = strrchr(start, '@');
  if (!end) return true;
  *out = os_copy_text(start);
  if (!*out) return false;
  (*out)[end - start] = '\0';
  decode_percents(*out);
  return true;
}

bool proxies_read(proxies *p, const char *option) {
  const char *exceptions = ask_environment(exception_variables);
  p->exceptions = os_copy_text(exceptions ? exceptions : "");
  if (!p->exceptions) return false;
  for (int i = 0; i < PROXY_SCHEMES; i++) {
    const char *address = option ? option : ask_environment(variables[i]);
    p->address[i] = os_copy_text(address ? address : "");
    if (!p->address[i] || !copy_credentials(p->address[i], &p->credentials[i]))
      return false;
  }
  return true;
}

void proxies_free(proxies *p) {
  for (int i = 0; i < PROXY_SCHEMES; i++) {
    os_free_secret(p->address[i]);
    os_free_secret(p->credentials[i]);
  }
  free(p->exceptions);
}

const char *proxy_for(const proxies *p, const char *url) {
  const char *address =
      p->address[curl_strnequal(url, "https:", 6) ? HTTPS : HTTP];
  return address ? address : "";
}

static bool is_loopback_number(const char *host) {
  struct in6_addr v6;
  unsigned char *b = v6.s6_addr;
  if (inet_pton(AF_INET, host, b) == 1)
    return b[0] == 127 || (b[0] | b[1] | b[2] | b[3]) == 0;
  if (inet_pton(AF_INET6, host, b) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6) ||
         (IN6_IS_ADDR_V4MAPPED(&v6) && b[12] == 127);
}

/* "localhost", and every name below it (RFC 6761); with a final dot or not. */
static bool is_loopback_name(const char *host) {
  static const char name[] = "localhost";
  size_t len = strlen(host), own = sizeof name - 1;
  if (len > 0 && host[len - 1] == '.') len--;
  return len >= own && curl_strnequal(host + len - own, name, own) &&
         (len == own || host[len - own - 1] == '.');
}

/* Is the host of an http or https address this machine? libcurl writes every
 * form of a number as one. */
static bool is_loopback(const char *url) {
  CURLU *address = curl_url();
  char *host = NULL;
  bool found = false;
  if (address && curl_url_set(address, CURLUPART_URL, url, 0) == CURLUE_OK &&
      curl_url_get(address, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
    size_t len = strlen(host);
    bool is_v6 = host[0] == '[' && host[len - 1] == ']';
    if (is_v6) host[len - 1] = '\0';
    found = is_loopback_number(host + is_v6) || is_loopback_name(host);
  }
  curl_free(host);
  curl_url_cleanup(address);
  return found;
}

/* What goes to this machine must not leave it, in whatever form it is named. */
static const char *exceptions_for(const proxies *p, const char *url) {
  if (is_loopback(url)) return "*";
  return p->exceptions ? p->exceptions : "";
}

CURLcode proxy_set(const proxies *p, CURL *easy, const char *url) {
  const char *proxy = proxy_for(p, url);
  CURLcode code = curl_easy_setopt(easy, CURLOPT_PROXY, proxy);
  if (!code && *proxy && p->agent)
    code = curl_easy_setopt(easy, CURLOPT_USERAGENT, p->agent);
  if (!code)
    code = curl_easy_setopt(easy, CURLOPT_NOPROXY, exceptions_for(p, url));
  return code;
}

/* Where libcurl cannot tell where that is, it does not go there. */
bool proxy_set_next(const proxies *p, CURL *easy, const char *location) {
  CURLU *next = curl_url();
  char *url = NULL, *here = NULL;
  bool ok = next != NULL;
  curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &here);
  if (ok && curl_url_set(next, CURLUPART_URL, here, 0) == CURLUE_OK &&
      curl_url_set(next, CURLUPART_URL, location,
                   CURLU_URLENCODE | CURLU_ALLOW_SPACE) == CURLUE_OK &&
      curl_url_get(next, CURLUPART_URL, &url, 0) == CURLUE_OK)
    ok = proxy_set(p, easy, url) == CURLE_OK;
  curl_free(url);
  curl_url_cleanup(next);
  return ok;
}

const char *proxy_password(const char *credentials) {
  const char *colon = credentials ? strchr(credentials, ':') : NULL;
  return colon ? colon + 1 : NULL;
}
