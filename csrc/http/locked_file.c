/* SPDX-License-Identifier: MIT
 *
 * locked_file: see locked_file.h. */
#include "http/locked_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <unistd.h>

/* The open files of the process, for a forked child to close. */
static struct {
  pthread_mutex_t lock; /* guards `files`; nobody waits for a disk with it */
  list_node files;
} open_files = {PTHREAD_MUTEX_INITIALIZER,
                {&open_files.files, &open_files.files}};

static pthread_once_t fork_handlers = PTHREAD_ONCE_INIT;

static void before_fork(void) {
  pthread_mutex_lock(&open_files.lock);
}

static void after_fork_in_parent(void) {
  pthread_mutex_unlock(&open_files.lock);
}

static void after_fork_in_child(void) {
  list_node *n;
  for (n = open_files.files.next; n != &open_files.files; n = n->next)
    close(list_entry(n, locked_file, entry)->fd);
  list_init(&open_files.files);
  pthread_mutex_init(&open_files.lock, NULL);
}

static void add_fork_handlers(void) {
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

void locked_file_init(locked_file *f) {
  list_init(&f->entry);
  f->fd = -1;
}

int locked_file_open(locked_file *f, const char *path, mode_t mode) {
  const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  pthread_once(&fork_handlers, add_fork_handlers);
  f->fd = open(path, flags, mode);
  if (f->fd < 0) return errno;
  pthread_mutex_lock(&open_files.lock);
  list_append(&open_files.files, &f->entry);
  pthread_mutex_unlock(&open_files.lock);
  return 0;
}

bool locked_file_take(const locked_file *f) {
  return flock(f->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

void locked_file_close(locked_file *f) {
  if (f->fd < 0) return;
  pthread_mutex_lock(&open_files.lock);
  list_remove(&f->entry);
  pthread_mutex_unlock(&open_files.lock);
  flock(f->fd, LOCK_UN);
  close(f->fd);
  f->fd = -1;
}
