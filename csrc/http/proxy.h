/* SPDX-License-Identifier: MIT
 *
 * proxy: which proxy a client's requests go through, by its option and the
 * environment. All of it is read when the client is made: the environment is
 * the host's, and redaction must know every password that libcurl may show. */
#ifndef AISTUDIOS_HTTP_PROXY_H
#define AISTUDIOS_HTTP_PROXY_H

#include <stdbool.h>

enum { PROXY_SCHEMES = 2 };

/* Zeroed, there are none. All owned. */
typedef struct {
  char *address[PROXY_SCHEMES];     /* for http and https, as libcurl takes it;
                                       "": none */
  char *credentials[PROXY_SCHEMES]; /* "user:password" in it, decoded; or
                                       NULL */
  char *exceptions; /* hosts that are reached without, as libcurl takes them */
} proxies;

/* Fills it in: with the option's (NULL: not given; "": none), else with the
 * environment's by libcurl's rules. False: out of memory. */
bool proxies_read(proxies *p, const char *option);
void proxies_free(proxies *p);

/* The proxy for `url`, which redirects of it go through too; "": none. */
const char *proxy_for(const proxies *p, const char *url);

/* The hosts without one among those that `url` leads to: this machine always,
 * for what goes there must not leave it, in whatever form `url` names it unless
 * it `follows` redirects. */
const char *proxy_exceptions(const proxies *p, const char *url, bool follows);

/* The password in "user:password"; NULL for NULL, or without one. */
const char *proxy_password(const char *credentials);

#endif
