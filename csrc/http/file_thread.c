/* SPDX-License-Identifier: MIT
 *
 * file_thread: its two queues (see file_thread.h). */
#include "http/file_thread.h"

#include <pthread.h>
#include <stdlib.h>

#include "util/list.h"

typedef struct {
  file_task *first, **end;
} task_queue;

struct file_thread {
  pthread_t thread;
  const waker *waker;

  /* Guarded by `lock`. */
  struct {
    task_queue posted, finished;
    bool is_started, is_stopping;
  } shared;
  pthread_mutex_t lock;
  pthread_cond_t changed; /* a task was posted, or the thread is to stop */
};

static void queue_init(task_queue *q) {
  q->first = NULL;
  q->end = &q->first;
}

static void queue_put(task_queue *q, file_task *task) {
  task->next = NULL;
  *q->end = task;
  q->end = &task->next;
}

static file_task *queue_take(task_queue *q) {
  file_task *task = q->first;
  if (!task) return NULL;
  q->first = task->next;
  if (!q->first) q->end = &q->first;
  return task;
}

static file_task *take_all(file_thread *f) {
  file_task *first;
  pthread_mutex_lock(&f->lock);
  first = f->shared.finished.first;
  queue_init(&f->shared.finished);
  pthread_mutex_unlock(&f->lock);
  return first;
}

void file_thread_collect(file_thread *f) {
  file_task *task;
  while ((task = take_all(f))) {
    while (task) {
      file_task *next = task->next; /* the subject may go with its task */
      task->done(task);
      task = next;
    }
  }
}

bool file_thread_has_finished(file_thread *f) {
  pthread_mutex_lock(&f->lock);
  bool has_finished = f->shared.finished.first != NULL;
  pthread_mutex_unlock(&f->lock);
  return has_finished;
}

/* With the lock held, which it lets go of while it runs the task. */
static void run_task(file_thread *f, file_task *task) {
  pthread_mutex_unlock(&f->lock);
  task->run(task);
  pthread_mutex_lock(&f->lock);
  bool is_first = !f->shared.finished.first;
  queue_put(&f->shared.finished, task);
  if (is_first && !f->shared.is_stopping) waker_signal(f->waker);
}

/* Tasks may post others when they are done, so it is repeated until nothing
 * is left. */
static void *run(void *arg) {
  file_thread *f = arg;
  bool is_over = false;
  os_name_thread("aistudios-files");
  pthread_mutex_lock(&f->lock);
  while (!is_over) {
    file_task *task = queue_take(&f->shared.posted);
    if (task) {
      run_task(f, task);
    } else if (!f->shared.is_stopping) {
      pthread_cond_wait(&f->changed, &f->lock);
    } else if (f->shared.finished.first) {
      pthread_mutex_unlock(&f->lock);
      file_thread_collect(f);
      pthread_mutex_lock(&f->lock);
    } else {
      is_over = true;
    }
  }
  pthread_mutex_unlock(&f->lock);
  return NULL;
}

file_thread *file_thread_new(const waker *w) {
  file_thread *f = calloc(1, sizeof *f);
  if (!f) return NULL;
  f->waker = w;
  queue_init(&f->shared.posted);
  queue_init(&f->shared.finished);
  pthread_mutex_init(&f->lock, NULL);
  pthread_cond_init(&f->changed, NULL);
  return f;
}

/* With the lock held. */
static bool start(file_thread *f) {
  if (!f->shared.is_started)
    f->shared.is_started = os_start_thread(&f->thread, run, f) == 0;
  return f->shared.is_started;
}

/* I/O thread. A task that cannot be run because there is no thread for it is
 * run at once, here: that is slow, but nothing is lost. */
static void post(file_thread *f, file_task *task) {
  pthread_mutex_lock(&f->lock);
  if (start(f)) {
    queue_put(&f->shared.posted, task);
    pthread_cond_signal(&f->changed);
  } else {
    run_task(f, task);
  }
  pthread_mutex_unlock(&f->lock);
}

void file_thread_free(file_thread *f) {
  pthread_mutex_lock(&f->lock);
  bool is_started = f->shared.is_started;
  f->shared.is_stopping = true;
  pthread_cond_signal(&f->changed);
  pthread_mutex_unlock(&f->lock);
  if (is_started) pthread_join(f->thread, NULL);
  file_thread_collect(f);
  pthread_cond_destroy(&f->changed);
  pthread_mutex_destroy(&f->lock);
  free(f);
}

/* ---- files of a transfer ---- */

void file_steps_init(file_steps *s, const file_steps_kind *kind) {
  s->kind = kind;
  atomic_init(&s->refs, 1);
}

void file_steps_unref(file_steps *s) {
  if (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
    s->kind->free(s);
}

void file_steps_begin(file_steps *s, file_thread *files,
                      file_listener *listener, void *context, void *owner) {
  s->files = files;
  s->listener = listener;
  s->context = context;
  s->owner = owner;
}

void file_steps_next(file_steps *s) {
  if (s->files && !s->is_posted && !s->is_over) s->kind->next(s);
}

static void run_step(file_task *task) {
  file_steps *s = list_entry(task, file_steps, task);
  s->kind->run(s, s->step);
}

static void end_step(file_task *task) {
  file_steps *s = list_entry(task, file_steps, task);
  s->is_posted = false;
  if (!s->is_over) s->kind->done(s);
  file_steps_next(s);
  file_steps_unref(s);
}

static void run_last_step(file_task *task) {
  file_steps *s = list_entry(task, file_steps, last_task);
  s->kind->run(s, s->last_step);
}

static void end_last_step(file_task *task) {
  file_steps_unref(list_entry(task, file_steps, last_task));
}

static void post_task(file_steps *s, file_task *task) {
  atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
  post(s->files, task);
}

void file_steps_post(file_steps *s, int step) {
  s->step = step;
  s->is_posted = true;
  s->task = (file_task){.run = run_step, .done = end_step};
  post_task(s, &s->task);
}

void file_steps_end(file_steps *s, int step) {
  s->listener = NULL;
  if (!s->files || s->is_over) return;
  s->is_over = true;
  s->last_step = step;
  s->last_task = (file_task){.run = run_last_step, .done = end_last_step};
  post_task(s, &s->last_task);
}

void file_steps_tell(file_steps *s, file_event event) {
  if (s->listener) s->listener(s->context, s->owner, event);
}
