/* SPDX-License-Identifier: MIT
 *
 * token_store: its steps on the file thread (see token_store.h). One step is
 * posted at a time; while it is, `work` is the file thread's. */
#include "http/token_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/token_file.h"
#include "util/buffer.h"
#include "util/list.h"
#include "util/os.h"

typedef enum { STEP_NONE, STEP_SEEK, STEP_SAVE, STEP_RELEASE } step;

struct token_store {
  file_steps steps; /* referred to by the token's entry */

  /* Handed over with each step. */
  struct {
    token_file file;
    char *refused; /* for STEP_SEEK, or NULL */
    char token[TOKEN_MAX_BYTES];
    double life;
    token_store_state state;
    char problem[512];
  } work;

  /* Only the I/O thread. */
  struct {
    step next; /* to be posted next */
    token_store_state state;
    bool has_lock;
    char *next_refused; /* for STEP_SEEK, or NULL */
    char *next_token;   /* for STEP_SAVE */
    double next_life;
    char problem[512];
  } io;
};

/* ---- on the file thread ---- */

static file_state read_file(token_store *s) {
  return token_file_read(&s->work.file, s->work.refused, s->work.token,
                         &s->work.life);
}

static token_store_state give_up(token_store *s) {
  snprintf(s->work.problem, sizeof s->work.problem, "%s", s->work.file.error);
  token_file_unlock(&s->work.file);
  return TOKEN_STORE_UNUSABLE;
}

static token_store_state seek(token_store *s) {
  token_file_unlock(&s->work.file); /* in place of a release before */
  file_state state = read_file(s);
  if (state == TOKEN_FILE_BAD) return give_up(s);
  if (state == TOKEN_FILE_FRESH) return TOKEN_STORE_FOUND;
  switch (token_file_lock(&s->work.file)) {
    case LOCK_IMPOSSIBLE:
      return give_up(s);
    case LOCK_BUSY:
      return TOKEN_STORE_BUSY;
    case LOCK_TAKEN:
      break;
  }
  state = read_file(s); /* it may have come between the two */
  if (state == TOKEN_FILE_BAD) return give_up(s);
  if (state == TOKEN_FILE_STALE) return TOKEN_STORE_LOCKED;
  token_file_unlock(&s->work.file);
  return TOKEN_STORE_FOUND;
}

static void run_step(file_steps *steps, int what) {
  token_store *s = list_entry(steps, token_store, steps);
  s->work.problem[0] = '\0';
  switch (what) {
    case STEP_SEEK:
      s->work.state = seek(s);
      break;
    case STEP_SAVE:
      if (!token_file_write(&s->work.file, s->work.token, s->work.life))
        give_up(s);
      token_file_unlock(&s->work.file);
      os_wipe(s->work.token, sizeof s->work.token);
      break;
    default:
      token_file_unlock(&s->work.file);
  }
}

/* ---- on the I/O thread ---- */

static void free_store(file_steps *steps) {
  token_store *s = list_entry(steps, token_store, steps);
  token_file *f = &s->work.file;
  free(f->path);
  free(f->lock_path);
  free(f->token_url);
  free(f->app_id);
  os_free_secret(s->work.refused);
  os_free_secret(s->io.next_refused);
  os_free_secret(s->io.next_token);
  os_wipe(s->work.token, sizeof s->work.token);
  free(s);
}

/* Hands the arguments of a step over. */
static void set_arguments(token_store *s, step next) {
  if (next == STEP_SEEK) {
    os_free_secret(s->work.refused);
    s->work.refused = s->io.next_refused;
    s->io.next_refused = NULL;
  } else if (next == STEP_SAVE) {
    snprintf(s->work.token, sizeof s->work.token, "%s", s->io.next_token);
    s->work.life = s->io.next_life;
    os_free_secret(s->io.next_token);
    s->io.next_token = NULL;
  }
}

static void post_next(file_steps *steps) {
  token_store *s = list_entry(steps, token_store, steps);
  step next = s->io.next;
  if (next == STEP_NONE) return;
  s->io.next = STEP_NONE;
  set_arguments(s, next);
  file_steps_post(steps, (int)next);
}

static void step_done(file_steps *steps) {
  token_store *s = list_entry(steps, token_store, steps);
  if (steps->step == STEP_SEEK) {
    s->io.state = s->work.state;
    s->io.has_lock = s->io.state == TOKEN_STORE_LOCKED;
  }
  if (steps->step == STEP_RELEASE) return;
  memcpy(s->io.problem, s->work.problem, sizeof s->io.problem);
  if (s->io.next == STEP_NONE) file_steps_tell(steps, FILE_READY);
}

static const file_steps_kind kind = {run_step, step_done, post_next,
                                     free_store};

/* Once the step that is posted, if one is, was done. */
static void take_step(token_store *s, step next) {
  s->io.next = next;
  file_steps_next(&s->steps);
}

/* A name for the credentials that does not give them away. */
static bool name_key(const settings *s, char out[SHA256_HEX_BYTES]) {
  buffer b;
  buffer_init(&b, 65536);
  bool ok = buffer_grow(&b, 1, 65536) &&
            buffer_append(&b, s->token_url, strlen(s->token_url) + 1) &&
            buffer_append(&b, s->app_id, strlen(s->app_id) + 1) &&
            buffer_append(&b, s->user_key, strlen(s->user_key));
  if (ok) sha256_hex(b.data, b.len, out);
  if (b.data) os_wipe(b.data, b.cap);
  buffer_free(&b);
  return ok;
}

static char *lock_path_of(const char *path) {
  size_t len = strlen(path);
  char *out = malloc(len + sizeof ".lock");
  if (!out) return NULL;
  memcpy(out, path, len);
  memcpy(out + len, ".lock", sizeof ".lock");
  return out;
}

token_store *token_store_new(settings *s, file_thread *files,
                             file_listener *listener, void *context,
                             void *owner) {
  token_store *store = calloc(1, sizeof *store);
  if (!store) return NULL;
  token_file *f = &store->work.file;
  locked_file_init(&f->lock);
  f->path = os_copy_text(s->token_store);
  f->lock_path = lock_path_of(s->token_store);
  f->token_url = os_copy_text(s->token_url);
  f->app_id = os_copy_text(s->app_id);
  file_steps_init(&store->steps, &kind);
  file_steps_begin(&store->steps, files, listener, context, owner);
  if (f->path && f->lock_path && f->token_url && f->app_id &&
      name_key(s, f->key))
    return store;
  file_steps_unref(&store->steps);
  return NULL;
}

void token_store_seek(token_store *s, const char *refused) {
  s->io.next_refused = os_copy_text(refused);
  take_step(s, STEP_SEEK);
}

void token_store_save(token_store *s, const char *token, double life) {
  s->io.has_lock = false;
  s->io.next_token = os_copy_text(token);
  s->io.next_life = life;
  take_step(s, s->io.next_token ? STEP_SAVE : STEP_RELEASE);
}

void token_store_release(token_store *s) {
  if (!s->io.has_lock) return;
  s->io.has_lock = false;
  take_step(s, STEP_RELEASE);
}

bool token_store_is_seeking(const token_store *s) {
  return s->steps.is_posted &&
         (s->steps.step == STEP_SEEK || s->io.next == STEP_SEEK);
}

token_store_state token_store_found(const token_store *s) {
  return s->io.state;
}

const char *token_store_token(const token_store *s, double *life) {
  *life = s->work.life;
  return s->work.token;
}

const char *token_store_problem(const token_store *s) {
  return s->io.problem;
}

void token_store_free(token_store *s) {
  if (!s) return;
  s->steps.listener = NULL;
  /* A token that is still to be written is; that lets go of the lock too. */
  if (s->io.next != STEP_SAVE) take_step(s, STEP_RELEASE);
  file_steps_unref(&s->steps);
}
