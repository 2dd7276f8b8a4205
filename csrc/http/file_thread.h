/* SPDX-License-Identifier: MIT
 *
 * file_thread: the thread that waits for disks, so that no transfer does. It
 * opens, reads, writes, flushes and renames files for the I/O thread, one
 * task after the other in the order in which they were posted. It starts with
 * the first task. */
#ifndef AISTUDIOS_HTTP_FILE_THREAD_H
#define AISTUDIOS_HTTP_FILE_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>

#include "util/os.h"

/* A piece of work; it lies inside its subject. From when it is posted until
 * `done` is called, all that `run` touches is the file thread's. */
typedef struct file_task {
  struct file_task *next;
  void (*run)(struct file_task *task);  /* file thread */
  void (*done)(struct file_task *task); /* I/O thread; may free the subject */
} file_task;

typedef struct file_thread file_thread;

/* The waker `w`, which outlives it, is signalled when file_thread_collect has
 * something to do. NULL when out of memory. */
file_thread *file_thread_new(const waker *w);

/* I/O thread: calls `done` of every task that has run. */
void file_thread_collect(file_thread *f);

/* I/O thread: is there something to collect? A wake-up may have been taken for
 * another's, so this is asked before the thread sleeps. */
bool file_thread_has_finished(file_thread *f);

/* When the I/O thread ends: runs what was posted, and calls `done` of it, on
 * the file thread. Waits for the disk; the waker is not signalled any more. */
void file_thread_free(file_thread *f);

/* ---- files of a transfer ---- */

/* What the owner of a file is told, on the I/O thread. */
typedef enum {
  FILE_OPENED,  /* or not: the subject's error tells */
  FILE_READY,   /* there is room, or there are bytes, again */
  FILE_FAILED,  /* it cannot be read or written */
  FILE_FINISHED /* it has its name, or not */
} file_event;

typedef void file_listener(void *context, void *owner, file_event event);

/* The part of a subject that is worked on in steps, of which one at most is
 * posted at a time; it holds a reference to the subject meanwhile. */
typedef struct file_steps {
  const struct file_steps_kind *kind;
  atomic_uint refs;
  file_task task, last_task;
  int step; /* that is posted, or was last */
  int last_step;

  /* Only the I/O thread. */
  bool is_posted;
  bool is_over;            /* last_step is posted */
  file_thread *files;      /* NULL: file_steps_begin is still to come */
  file_listener *listener; /* NULL: nobody listens any more */
  void *context, *owner;
} file_steps;

typedef struct file_steps_kind {
  void (*run)(file_steps *s, int step); /* file thread */
  void (*done)(file_steps *s);          /* I/O thread: s->step was done */
  void (*next)(file_steps *s); /* I/O thread: posts what is due, if anything */
  void (*free)(file_steps *s); /* any thread: the last reference is gone */
} file_steps_kind;

/* With one reference. */
void file_steps_init(file_steps *s, const file_steps_kind *kind);
void file_steps_unref(file_steps *s); /* any thread; NULL is allowed */

/* I/O thread: from now on steps can be posted; tells the listener. */
void file_steps_begin(file_steps *s, file_thread *files,
                      file_listener *listener, void *context, void *owner);

/* I/O thread: has the kind post what is due, unless a step is posted. */
void file_steps_next(file_steps *s);

/* I/O thread, in `next`, or the first. */
void file_steps_post(file_steps *s, int step);

/* I/O thread: the listener hears nothing more. Posts a last step, behind one
 * that may be posted, so that whoever uses the same files after this finds
 * them left. Nothing happens before file_steps_begin, or a second time. */
void file_steps_end(file_steps *s, int step);

void file_steps_tell(file_steps *s, file_event event);

#endif
