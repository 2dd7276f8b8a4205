/* SPDX-License-Identifier: MIT
 *
 * easy_handles: see easy_handles.h. */
#include "http/easy_handles.h"

CURL *easy_handles_take(easy_handles *h, CURLSH *share) {
  if (h->count > 0) return h->idle[--h->count];
  CURL *easy = curl_easy_init();
  if (easy) curl_easy_setopt(easy, CURLOPT_SHARE, share);
  return easy;
}

void easy_handles_recycle(easy_handles *h, CURL *easy, bool is_sound) {
  if (!is_sound || h->count == EASY_HANDLES_KEPT) {
    curl_easy_cleanup(easy);
    return;
  }
  curl_easy_reset(easy);
  h->idle[h->count++] = easy;
}

void easy_handles_free(easy_handles *h) {
  while (h->count > 0) {
    CURL *easy = h->idle[--h->count];
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L); /* leaves SIGPIPE alone */
    curl_easy_cleanup(easy);
  }
}
