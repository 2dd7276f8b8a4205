/* SPDX-License-Identifier: MIT
 *
 * easy_handles: see easy_handles.h. */
#include "http/easy_handles.h"

#include <stdlib.h>
#include <string.h>

#include "http/transfer.h"
#include "util/os.h"

enum { TRIES = 8 }; /* handles that are looked at for one that suits */

/* ---- kinds ---- */

/* Would a handle of this kind do for `t`, which is plain? */
static bool suits(const easy_kind *k, const transfer *t) {
  const request *r = &t->request;
  return k->settings == t->settings && k->is_replayable == r->is_replayable &&
         k->has_body == (r->body != NULL) &&
         k->connect_timeout == r->connect_timeout &&
         strcmp(k->url, r->url) == 0 && strcmp(k->method, r->method) == 0;
}

static void forget_kind(easy_handle *h) {
  easy_kind *k = &h->kind;
  if (!k->settings) return;
  settings_unref(k->settings);
  free(k->method);
  free(k->url);
  curl_url_cleanup(k->address);
  memset(k, 0, sizeof *k);
}

/* Without an address libcurl reads the url each time. */
static CURLU *read_address(easy_handle *h, const char *url) {
  CURLU *address = curl_url();
  if (address &&
      curl_url_set(address, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) ==
          CURLUE_OK &&
      curl_easy_setopt(h->easy, CURLOPT_CURLU, address) == CURLE_OK)
    return address;
  curl_url_cleanup(address);
  return NULL;
}

void easy_handle_note_kind(easy_handle *h, const transfer *t) {
  const request *r = &t->request;
  char *method = os_copy_text(r->method), *url = os_copy_text(r->url);
  if (!method || !url) {
    free(method);
    free(url);
    return;
  }
  h->kind = (easy_kind){.settings = settings_ref(t->settings),
                        .method = method,
                        .url = url,
                        .address = read_address(h, url),
                        .is_replayable = r->is_replayable,
                        .has_body = r->body != NULL,
                        .connect_timeout = r->connect_timeout};
}

/* ---- handles ---- */

static void reset(easy_handle *h) {
  curl_easy_reset(h->easy);
  forget_kind(h);
  h->has_sockets = h->is_altered = false;
}

static void free_handle(easy_handle *h) {
  curl_easy_setopt(h->easy, CURLOPT_NOSIGNAL, 1L); /* leaves SIGPIPE alone */
  curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, NULL);
  curl_easy_cleanup(h->easy);
  forget_kind(h);
  free(h);
}

static easy_handle *make_handle(CURLSH *share) {
  easy_handle *h = calloc(1, sizeof *h);
  if (!h) return NULL;
  h->easy = curl_easy_init();
  h->is_checked = curl_version_info(CURLVERSION_NOW)->version_num < 0x080101;
  if (h->easy && curl_easy_setopt(h->easy, CURLOPT_SHARE, share) == CURLE_OK)
    return h;
  curl_easy_cleanup(h->easy);
  free(h);
  return NULL;
}

static easy_handle *take_at(easy_handles *hs, int i) {
  easy_handle *h = hs->idle[i];
  hs->idle[i] = hs->idle[--hs->count];
  return h;
}

easy_handle *easy_handles_take(easy_handles *hs, const transfer *t,
                               bool is_plain, CURLSH *share) {
  int last = hs->count - 1, end = last > TRIES ? last - TRIES : -1;
  for (int i = last; is_plain && i > end; i--)
    if (suits(&hs->idle[i]->kind, t)) return take_at(hs, i);
  if (last < 0 || t->request.follow > 0) return make_handle(share);
  easy_handle *h = take_at(hs, last);
  if (h->kind.settings) reset(h);
  return h;
}

void easy_handles_recycle(easy_handles *hs, easy_handle *h, bool is_sound) {
  h->transfer = NULL;
  if (!is_sound || hs->count == EASY_HANDLES_KEPT) {
    free_handle(h);
    return;
  }
  if (!h->kind.settings || h->is_altered) reset(h);
  hs->idle[hs->count++] = h;
}

void easy_handles_forget(easy_handles *hs, const settings *s) {
  for (int i = hs->count - 1; i >= 0; i--)
    if (hs->idle[i]->kind.settings == s) free_handle(take_at(hs, i));
}

void easy_handles_free(easy_handles *hs) {
  while (hs->count > 0) free_handle(hs->idle[--hs->count]);
}
