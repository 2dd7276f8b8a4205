/* SPDX-License-Identifier: MIT
 *
 * proxy: which proxy a client's requests go through, by its option and the
 * environment. All of it is read when the client is made: the environment is
 * the host's, and redaction must know every password that libcurl may show. */
#ifndef AISTUDIOS_HTTP_PROXY_H
#define AISTUDIOS_HTTP_PROXY_H

#include <curl/curl.h>
#include <stdbool.h>

enum { PROXY_SCHEMES = 2 };

/* Zeroed, there are none. All owned. */
typedef struct {
  char *address[PROXY_SCHEMES];     /* for http and https, as libcurl takes it;
                                       "": none */
  char *credentials[PROXY_SCHEMES]; /* "user:password" in it, decoded; or
                                       NULL */
  const char *agent;                /* for a CONNECT, borrowed; NULL: none */
  char *exceptions; /* hosts that are reached without, as libcurl takes them */
} proxies;

/* Fills it in: with the option's (NULL: not given; "": none), else with the
 * environment's by libcurl's rules. False: out of memory. */
bool proxies_read(proxies *p, const char *option);
void proxies_free(proxies *p);

/* The proxy for `url`, and not for what it redirects to; "": none. */
const char *proxy_for(const proxies *p, const char *url);

/* Has the request for `url` go through its proxy, if it has one. I/O thread,
 * as the next. */
CURLcode proxy_set(const proxies *p, CURL *easy, const char *url);

/* The same for the address that an answer redirects to, before libcurl goes
 * there. False: out of memory. */
bool proxy_set_next(const proxies *p, CURL *easy, const char *location);

/* The password in "user:password"; NULL for NULL, or without one. */
const char *proxy_password(const char *credentials);

#endif
