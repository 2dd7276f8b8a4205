/* SPDX-License-Identifier: MIT
 *
 * download: the steps of a download's file (see download.h). At most one step
 * is posted to the file thread at a time. While it is, `work` is the file
 * thread's; at all other times it is the I/O thread's. */
#include "http/download.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/list.h"
#include "util/os.h"

/* So many bytes are worth a step of their own. */
enum { WRITE_BYTES = 64 * 1024 };

typedef enum {
  STEP_OPEN,
  STEP_RESTART,
  STEP_WRITE,
  STEP_FINISH,
  STEP_KEEP,
  STEP_ABORT
} step;

struct download {
  file_steps steps; /* referred to by the transfer */
  char *path;
  download_file_rules rules;

  /* Handed over with each step. */
  struct {
    download_file file;
    char etag[DOWNLOAD_FILE_MAX_ETAG]; /* for STEP_RESTART */
    const char *data;                  /* for STEP_WRITE */
    size_t len;
    const char *rest; /* for STEP_KEEP */
    size_t rest_len;
    uint64_t total; /* for STEP_FINISH */
    bool is_ok;
    download_ending ending;
  } work;

  /* Only the I/O thread. */
  struct {
    bool is_open, has_failed;
    bool wants_restart, wants_finish, wants_end;
    bool is_kept;      /* with wants_end */
    bool is_full;      /* the listener waits for FILE_READY */
    bool is_finishing; /* the listener waits for FILE_FINISHED */
    uint64_t start;
    char etag[DOWNLOAD_FILE_MAX_ETAG];         /* of the part */
    char restart_etag[DOWNLOAD_FILE_MAX_ETAG]; /* with wants_restart */
    uint64_t total;                            /* with wants_finish */
    char *buffers[2]; /* one is filled while the other is written */
    int filling;
    size_t filled;
    char error[sizeof((download_file *)0)->error];
  } io;
};

/* ---- on the file thread ---- */

static download_outcome finish_file(download *d) {
  download_file *f = &d->work.file;
  file_content *content = &d->work.ending.content;
  d->work.ending.size = f->size;
  if (d->work.total > 0 && f->size != d->work.total) {
    content->problem = "the file was cut off";
    download_file_keep(f);
    return DOWNLOAD_CUT_OFF;
  }
  if (!download_file_look(f, content)) return DOWNLOAD_FAILED;
  if (content->problem) {
    download_file_abort(f);
    return content->is_cut_off ? DOWNLOAD_CUT_OFF : DOWNLOAD_WRONG_FILE;
  }
  return download_file_commit(f) ? DOWNLOAD_DONE : DOWNLOAD_FAILED;
}

static void run_step(file_steps *steps, int what) {
  download *d = list_entry(steps, download, steps);
  download_file *f = &d->work.file;
  bool was_ok = d->work.is_ok;
  d->work.is_ok = true;
  switch ((step)what) {
    case STEP_OPEN:
      d->work.is_ok = download_file_open(f, d->path, d->rules);
      break;
    case STEP_RESTART:
      d->work.is_ok = download_file_restart(f, d->work.etag);
      break;
    case STEP_WRITE:
      d->work.is_ok = download_file_write(f, d->work.data, d->work.len);
      break;
    case STEP_FINISH:
      d->work.ending.outcome = finish_file(d);
      break;
    case STEP_KEEP: /* with what came last, if all before that was written */
      if (was_ok && d->work.rest_len > 0)
        download_file_write(f, d->work.rest, d->work.rest_len);
      download_file_keep(f);
      break;
    case STEP_ABORT:
      download_file_abort(f);
      break;
  }
}

/* ---- on the I/O thread ---- */

static void keep_error(download *d) {
  memcpy(d->io.error, d->work.file.error, sizeof d->io.error);
}

static void opened(download *d) {
  d->io.is_open = d->work.is_ok;
  if (!d->work.is_ok) keep_error(d);
  d->io.start = d->work.file.start;
  memcpy(d->io.etag, d->work.file.etag, sizeof d->io.etag);
  file_steps_tell(&d->steps, FILE_OPENED);
}

static void step_done(file_steps *steps) {
  download *d = list_entry(steps, download, steps);
  if (steps->step == STEP_OPEN) {
    opened(d);
  } else if (steps->step >= STEP_FINISH) {
    if (steps->step == STEP_FINISH) keep_error(d);
    d->io.is_open = d->io.wants_finish = d->io.is_finishing = false;
    file_steps_tell(&d->steps, FILE_FINISHED);
  } else if (!d->work.is_ok) {
    d->io.has_failed = true;
    keep_error(d);
    file_steps_tell(&d->steps, FILE_FAILED);
  } else if (d->io.is_full) {
    d->io.is_full = false;
    file_steps_next(steps);
    file_steps_tell(&d->steps, FILE_READY);
  }
}

static void post_restart(download *d) {
  d->io.wants_restart = false;
  memcpy(d->work.etag, d->io.restart_etag, sizeof d->work.etag);
  file_steps_post(&d->steps, STEP_RESTART);
}

static void post_write(download *d) {
  d->work.data = d->io.buffers[d->io.filling];
  d->work.len = d->io.filled;
  d->io.filling = !d->io.filling;
  d->io.filled = 0;
  file_steps_post(&d->steps, STEP_WRITE);
}

static bool is_worth_writing(const download *d) {
  return d->io.filled >= WRITE_BYTES ||
         (d->io.filled > 0 && d->io.wants_finish);
}

/* Which step ends the file, with its argument. */
static step end_step(download *d) {
  bool is_kept = d->io.is_kept || !d->io.wants_end;
  bool has_rest = is_kept && !d->io.wants_restart && !d->io.has_failed;
  d->work.rest = d->io.buffers[d->io.filling];
  d->work.rest_len = has_rest ? d->io.filled : 0;
  d->io.filled = 0;
  return is_kept ? STEP_KEEP : STEP_ABORT;
}

/* Posts what is to be done next, in the order in which it was asked for. */
static void post_next(file_steps *steps) {
  download *d = list_entry(steps, download, steps);
  if (!d->io.is_open) return;
  if (d->io.wants_restart && !d->io.has_failed) {
    post_restart(d);
  } else if (is_worth_writing(d) && !d->io.has_failed) {
    post_write(d);
  } else if (d->io.wants_finish && !d->io.has_failed) {
    d->work.total = d->io.total;
    file_steps_post(&d->steps, STEP_FINISH);
  } else if (d->io.wants_end) {
    file_steps_post(&d->steps, (int)end_step(d));
  }
}

static void free_download(file_steps *steps) {
  download *d = list_entry(steps, download, steps);
  free(d->io.buffers[0]);
  free(d->io.buffers[1]);
  free(d->path);
  free(d);
}

static const file_steps_kind kind = {run_step, step_done, post_next,
                                     free_download};

download *download_new(const char *path, download_file_rules rules) {
  download *d = calloc(1, sizeof *d);
  char *copy = os_copy_text(path);
  if (!d || !copy) {
    free(d);
    free(copy);
    return NULL;
  }
  file_steps_init(&d->steps, &kind);
  d->path = copy;
  d->rules = rules;
  return d;
}

void download_unref(download *d) {
  if (d) file_steps_unref(&d->steps);
}

void download_begin(download *d, file_thread *files, file_listener *listener,
                    void *context, void *owner) {
  file_steps_begin(&d->steps, files, listener, context, owner);
  file_steps_post(&d->steps, STEP_OPEN);
}

bool download_tells_its_end(const download *d) {
  return d->rules.content.is_mp4;
}

uint64_t download_start(const download *d) {
  return d->io.start;
}

const char *download_etag(const download *d) {
  return d->io.etag;
}

const char *download_problem(const download *d, const char *data, size_t len) {
  return file_content_begin(data, len, d->rules.content).problem;
}

void download_restart(download *d, const char *etag) {
  d->io.start = 0;
  d->io.wants_restart = true;
  snprintf(d->io.restart_etag, sizeof d->io.restart_etag, "%s",
           etag && strlen(etag) < sizeof d->io.restart_etag ? etag : "");
  file_steps_next(&d->steps);
}

static bool has_buffers(download *d) {
  for (int i = 0; i < 2; i++)
    if (!d->io.buffers[i]) d->io.buffers[i] = malloc(DOWNLOAD_BUFFER_BYTES);
  return d->io.buffers[0] && d->io.buffers[1];
}

download_result download_write(download *d, const char *data, size_t len) {
  if (!has_buffers(d) || len > DOWNLOAD_BUFFER_BYTES) return DOWNLOAD_NO_MEMORY;
  if (len > DOWNLOAD_BUFFER_BYTES - d->io.filled) {
    d->io.is_full = true;
    return DOWNLOAD_FULL;
  }
  memcpy(d->io.buffers[d->io.filling] + d->io.filled, data, len);
  d->io.filled += len;
  file_steps_next(&d->steps);
  return DOWNLOAD_TAKEN;
}

bool download_is_full(const download *d) {
  return d->io.is_full;
}

void download_finish(download *d, uint64_t total) {
  d->io.wants_finish = d->io.is_finishing = true;
  d->io.total = total;
  file_steps_next(&d->steps);
}

bool download_is_finishing(const download *d) {
  return d->io.is_finishing;
}

const download_ending *download_ending_of(const download *d) {
  return &d->work.ending;
}

const char *download_error(const download *d) {
  return d->io.error;
}

void download_give_up(download *d, bool is_kept) {
  bool is_named_soon = d->io.wants_finish && !d->io.has_failed;
  if (d->io.wants_end || is_named_soon || !d->steps.files) return;
  d->io.wants_finish = false;
  d->io.wants_end = true;
  d->io.is_kept = is_kept;
  d->io.is_finishing = d->io.is_open;
  file_steps_next(&d->steps);
}

void download_end(download *d) {
  bool is_ending = d->steps.is_posted && d->steps.step >= STEP_FINISH;
  bool is_left = !d->steps.is_posted && !d->io.is_open;
  d->steps.listener = NULL;
  if (!is_ending && !is_left) file_steps_end(&d->steps, (int)end_step(d));
}
