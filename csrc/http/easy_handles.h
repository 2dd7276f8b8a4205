/* SPDX-License-Identifier: MIT
 *
 * easy_handles: libcurl's handles of transfers that have ended, for the next
 * ones. One thread's at a time. */
#ifndef AISTUDIOS_HTTP_EASY_HANDLES_H
#define AISTUDIOS_HTTP_EASY_HANDLES_H

#include <curl/curl.h>
#include <stdbool.h>

enum { EASY_HANDLES_KEPT = 64 };

/* Zeroed, it is empty. */
typedef struct {
  CURL *idle[EASY_HANDLES_KEPT];
  int count;
} easy_handles;

/* One without options but that of the share; NULL when out of memory. */
CURL *easy_handles_take(easy_handles *h, CURLSH *share);

/* Only a handle whose transfer went well (`is_sound`) is used again:
 * curl_easy_reset of some releases (8.7 to 8.15) leaves the mark of a failed
 * rewind on it, which fails or stalls whatever comes next. */
void easy_handles_recycle(easy_handles *h, CURL *easy, bool is_sound);

void easy_handles_free(easy_handles *h);

#endif
