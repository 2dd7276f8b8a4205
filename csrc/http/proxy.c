/* SPDX-License-Identifier: MIT
 *
 * proxy: see proxy.h. */
#include "http/proxy.h"

#include <curl/curl.h>
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
  for (int i = 0; i < PROXY_SCHEMES; i++) {
    const char *address = option ? option : ask_environment(variables[i]);
    p->address[i] = os_copy_text(address ? address : "");
    if (!p->address[i] || !copy_credentials(p->address[i], &p->credentials[i]))
      return false;
  }
  return !exceptions || (p->exceptions = os_copy_text(exceptions));
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

/* Is the host of an http or https address this machine? */
static bool is_loopback(const char *url) {
  const char *host = strstr(url, "://");
  size_t len;
  host = host ? host + 3 : url;
  len = strcspn(host, host[0] == '[' ? "/?#" : ":/?#");
  if (host[0] == '[') return len >= 5 && strncmp(host, "[::1]", 5) == 0;
  if (len == 9 && curl_strnequal(host, "localhost", len)) return true;
  return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len;
}

const char *proxy_exceptions(const proxies *p, const char *url) {
  if (is_loopback(url)) return "*";
  return p->exceptions ? p->exceptions : "";
}

const char *proxy_password(const char *credentials) {
  const char *colon = credentials ? strchr(credentials, ':') : NULL;
  return colon ? colon + 1 : NULL;
}
