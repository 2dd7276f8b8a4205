/* SPDX-License-Identifier: MIT
 *
 * transfer_files: see transfer_files.h. */
#include "http/transfer_files.h"

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
