/* SPDX-License-Identifier: MIT
 *
 * transfer: the memory of one exchange (see transfer.h). */
#include "http/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "http/token_failure.h"
#include "util/os.h"

transfer *transfer_new(settings *s) {
  transfer *t = calloc(1, sizeof *t);
  if (!t) return NULL;
  atomic_init(&t->shared.refs, 1);
  atomic_init(&t->shared.expected, -1);
  atomic_init(&t->shared.to_send, -1);
  t->settings = settings_ref(s);
  t->request.is_replayable = true;
  t->shared.submit_command = (command){NULL, COMMAND_SUBMIT, t};
  t->shared.cancel_command = (command){NULL, COMMAND_CANCEL, t};
  list_init(&t->io.live);
  list_init(&t->io.queue);
  list_init(&t->io.sharing);
  return t;
}

transfer *transfer_ref(transfer *t) {
  atomic_fetch_add_explicit(&t->shared.refs, 1, memory_order_relaxed);
  return t;
}

static void free_request(request *r) {
  free(r->method);
  free(r->url);
  for (int i = 0; i < r->header_count; i++) os_free_secret(r->headers[i].data);
  bytes_unref(r->body);
}

static void free_response(response *r, bool is_secret) {
  if (is_secret && r->body.data) os_wipe(r->body.data, r->body.cap);
  buffer_free(&r->body);
  free(r->headers);
  token_failure_free(r->token_failure);
  free(r->token_problem);
}

void transfer_unref(transfer *t) {
  if (!t ||
      atomic_fetch_sub_explicit(&t->shared.refs, 1, memory_order_acq_rel) != 1)
    return;
  settings_unref(t->settings);
  free_request(&t->request);
  free_response(&t->response, t->request.is_secret);
  bytes_unref(t->io.token);
  multipart_unref(t->io.multipart);
  download_unref(t->io.download);
  free(t->io.path);
  free(t);
}

bool transfer_add_header(transfer *t, const char *line, size_t len) {
  request *r = &t->request;
  struct curl_slist *node = &r->headers[r->header_count];
  char *copy;
  if (r->header_count == TRANSFER_MAX_HEADERS) return false;
  copy = malloc(len + 1);
  if (!copy) return false;
  memcpy(copy, line, len);
  copy[len] = '\0';
  node->data = copy;
  node->next = NULL;
  if (r->header_count > 0) node[-1].next = node;
  r->header_count++;
  return true;
}

bool transfer_copy_request(transfer *t, const transfer *from) {
  const request *source = &from->request;
  request *r = &t->request;
  *r = *source;
  r->body = NULL;
  r->header_count = 0;
  r->method = os_copy_text(source->method);
  r->url = os_copy_text(source->url);
  for (int i = 0; i < source->header_count; i++) {
    const char *line = source->headers[i].data;
    if (!transfer_add_header(t, line, strlen(line))) return false;
  }
  return r->method && r->url;
}

bool transfer_set_file(transfer *t, const char *path,
                       download_file_rules rules) {
  char *whole = os_absolute_path(path);
  t->io.path = os_copy_text(path);
  if (whole && t->io.path) t->io.download = download_new(whole, rules);
  free(whole);
  return t->io.download != NULL;
}
