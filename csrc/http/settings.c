/* SPDX-License-Identifier: MIT
 *
 * settings: their memory (see settings.h). */
#include "http/settings.h"

#include <stdlib.h>
#include <string.h>

#include "util/os.h"

settings *settings_new(void) {
  settings *s = calloc(1, sizeof *s);
  if (s) atomic_init(&s->refs, 1);
  return s;
}

settings *settings_ref(settings *s) {
  atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
  return s;
}

void settings_unref(settings *s) {
  if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
    return;
  free(s->app_id);
  os_free_secret(s->user_key);
  os_free_secret(s->token);
  free(s->token_store);
  free(s->token_url);
  free(s->ca_file);
  proxies_free(&s->proxies);
  free(s->agent_line);
  free(s);
}

void settings_secrets(const settings *s, const char *out[SETTINGS_SECRETS]) {
  *out++ = s->app_id;
  *out++ = s->user_key;
  *out++ = s->token;
  for (int i = 0; i < PROXY_SCHEMES; i++) {
    *out++ = s->proxies.credentials[i];
    *out++ = proxy_password(s->proxies.credentials[i]);
  }
}

static bool is_same(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Through which the fetch of its token goes. */
static const char *proxy_of(const settings *s) {
  return s->token_url ? proxy_for(&s->proxies, s->token_url) : NULL;
}

bool settings_share_token(const settings *a, const settings *b) {
  return !a->token && !b->token && is_same(a->token_url, b->token_url) &&
         is_same(a->app_id, b->app_id) && is_same(a->user_key, b->user_key) &&
         is_same(a->ca_file, b->ca_file) && is_same(proxy_of(a), proxy_of(b)) &&
         is_same(a->proxies.exceptions, b->proxies.exceptions) &&
         is_same(a->token_store, b->token_store);
}
