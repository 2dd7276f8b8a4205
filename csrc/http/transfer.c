/* SPDX-License-Identifier: MIT
 *
 * transfer: the memory of one exchange (see transfer.h). */
#include "http/transfer.h"

#include <stdlib.h>
#include <string.h>

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
  bytes_unref(r->body);
  transfer_unref(r->model);
  if (r->model) return;
  free(r->method);
  free(r->url);
  for (struct curl_slist *h = r->headers, *next; h; h = next) {
    next = h->next;
    os_wipe(h->data, strlen(h->data));
    free(h);
  }
}

static void free_response(response *r, bool is_secret) {
  if (is_secret && r->body.data) os_wipe(r->body.data, r->body.cap);
  buffer_free(&r->body);
  free(r->message);
  free(r->headers);
  free(r->token_failure);
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
  free(t->io.if_range_header.data);
  free(t);
}

bool transfer_add_header(transfer *t, const char *line, size_t len) {
  struct curl_slist **end = &t->request.headers, *node;
  int count = 0;
  for (; *end; end = &(*end)->next) count++;
  node = count < TRANSFER_MAX_HEADERS ? malloc(sizeof *node + len + 1) : NULL;
  if (!node) return false;
  node->data = memcpy(node + 1, line, len);
  node->data[len] = '\0';
  node->next = NULL;
  *end = node;
  return true;
}

void transfer_share_request(transfer *t, transfer *model) {
  t->request = model->request;
  t->request.model = transfer_ref(model);
}

bool transfer_set_file(transfer *t, const char *path,
                       download_file_rules rules) {
  char *whole = os_absolute_path(path);
  t->io.path = os_copy_text(path);
  if (whole && t->io.path) t->io.download = download_new(whole, rules);
  free(whole);
  return t->io.download != NULL;
}

bool transfer_may_share(const transfer *t) {
  return t->request.is_replayable && !t->io.download;
}

failure transfer_tell(transfer *t, failure f, const char *message) {
  char *copy = message[0] ? strndup(message, CURL_ERROR_SIZE - 1) : NULL;
  free(t->response.message);
  t->response.message = copy;
  return f;
}

const char *transfer_message(const transfer *t) {
  return t->response.message ? t->response.message : "";
}

/* ---- files ---- */

bool transfer_files_open(transfer *t, file_thread *files,
                         file_listener *listener, void *context) {
  t->io.unopened = !!t->io.download + !!t->io.multipart;
  if (t->io.unopened == 0) return false;
  if (t->io.multipart)
    multipart_begin(t->io.multipart, files, listener, context, t);
  if (t->io.download)
    download_begin(t->io.download, files, listener, context, t);
  return true;
}

bool transfer_files_are_open(transfer *t) {
  return --t->io.unopened == 0;
}

/* A body in parts is paused first: libcurl may have taken the pause of a part
 * for a short read, and would not ask that part again. */
void transfer_files_resume(transfer *t) {
  if (t->io.state != TRANSFER_RUNNING) return;
  if (t->io.multipart) curl_easy_pause(t->io.easy, CURLPAUSE_SEND);
  curl_easy_pause(t->io.easy, CURLPAUSE_CONT);
}

bool transfer_files_wait(const transfer *t) {
  return (t->io.download && download_is_full(t->io.download)) ||
         (t->io.multipart && multipart_is_waiting(t->io.multipart));
}

const char *transfer_files_error(const transfer *t) {
  const char *text = t->io.download ? download_error(t->io.download) : "";
  if (!text[0] && t->io.multipart) text = multipart_error(t->io.multipart);
  return text;
}
