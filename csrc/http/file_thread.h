/* SPDX-License-Identifier: MIT
 *
 * file_thread: the thread that waits for disks, so that no transfer does. It
 * opens, reads, writes, flushes and renames files for the I/O thread, one
 * task after the other in the order in which they were posted. It starts with
 * the first task. */
#ifndef AISTUDIOS_HTTP_FILE_THREAD_H
#define AISTUDIOS_HTTP_FILE_THREAD_H

#include <stdbool.h>

/* A piece of work; it lies inside its subject. From file_thread_post until
 * `done` is called, all that `run` touches is the file thread's. */
typedef struct file_task {
  struct file_task *next;
  void (*run)(struct file_task *task);  /* file thread */
  void (*done)(struct file_task *task); /* I/O thread; may free the subject */
} file_task;

/* What the owner of a file is told, on the I/O thread. */
typedef enum {
  FILE_OPENED,  /* or not: the subject's error tells */
  FILE_READY,   /* there is room, or there are bytes, again */
  FILE_FAILED,  /* it cannot be read or written */
  FILE_FINISHED /* it has its name, or not */
} file_event;

typedef void file_listener(void *context, void *owner, file_event event);

typedef struct file_thread file_thread;

/* `wake` makes the I/O thread call file_thread_collect; it is called on the
 * file thread. NULL when out of memory. */
file_thread *file_thread_new(void (*wake)(void *arg), void *arg);

/* I/O thread. A task that cannot be run because there is no thread for it is
 * run at once, here: that is slow, but nothing is lost. */
void file_thread_post(file_thread *f, file_task *task);

/* I/O thread: calls `done` of every task that has run. */
void file_thread_collect(file_thread *f);

/* When the I/O thread ends: runs what was posted, and calls `done` of it, on
 * the file thread. Waits for the disk; `wake` is not called any more. */
void file_thread_free(file_thread *f);

#endif
