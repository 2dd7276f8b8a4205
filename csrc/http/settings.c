/* SPDX-License-Identifier: MIT
 *
 * settings: their memory (see settings.h). */
#include "http/settings.h"

#include <stdlib.h>

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
