/* SPDX-License-Identifier: MIT
 *
 * token_request: see token_request.h. */
#include "http/token_request.h"

#include <string.h>

#include "json/write.h"
#include "util/buffer.h"
#include "util/os.h"

/* {"appId":...,"userKey":...}, in memory that is wiped. */
static bytes *make_credentials(const settings *s) {
  buffer b;
  bool ok;
  buffer_init(&b, TOKEN_MAX_ANSWER_BYTES);
  ok = buffer_append(&b, "{\"appId\":", 9) &&
       json_write_string(&b, s->app_id, strlen(s->app_id)) &&
       buffer_append(&b, ",\"userKey\":", 11) &&
       json_write_string(&b, s->user_key, strlen(s->user_key)) &&
       buffer_append(&b, "}", 1);
  if (ok) return bytes_take_secret(b.data, b.len);
  if (b.data) os_wipe(b.data, b.cap);
  buffer_free(&b);
  return NULL;
}

bool token_request_fill(transfer *t) {
  static const char type[] = "Content-Type: application/json";
  const settings *s = t->settings;
  t->request.method = os_copy_text("POST");
  t->request.url = os_copy_text(s->token_url);
  t->request.body = make_credentials(s);
  t->request.is_secret = true;
  t->request.is_replayable = true;
  t->request.max_response_bytes = TOKEN_MAX_ANSWER_BYTES;
  return t->request.method && t->request.url && t->request.body &&
         transfer_add_header(t, type, sizeof type - 1);
}
