/* SPDX-License-Identifier: MIT
 *
 * io_thread: its loop, its start and its end (see io_thread.h). */
#include "http/io_thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/scheduler.h"
#include "http/watch.h"
#include "util/os.h"

struct io_thread {
  pthread_t thread;
  io_thread *next; /* in process.ending, with process.lock */

  /* Only the I/O thread; once it was joined, whoever holds process.lock. */
  struct {
    scheduler scheduler;
    watch watch;
  } io;

  /* Any thread. `stop` is held while the thread is told to stop, and kept
   * from closing what it is woken by; the rest stands for itself. */
  struct {
    pthread_mutex_t stop;
    _Atomic(command *) commands; /* a stack, newest first */
    atomic_bool is_stopping;
    atomic_bool is_exiting; /* stopping because the process exits */
    atomic_bool is_asleep;  /* in scheduler_wait, or on the way there */
    atomic_bool is_ended;   /* about to return: a join does not wait */
    atomic_bool is_over;    /* joined, because the process exits */
  } shared;
};

/* The one I/O thread, and how many clients use it; and those that no client
 * uses any more, which end their connections. */
static struct {
  pthread_mutex_t lock;
  io_thread *thread;
  unsigned users;
  io_thread *ending;
} process = {PTHREAD_MUTEX_INITIALIZER, NULL, 0, NULL};

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Carries out all commands in the order in which they were given. */
static void take_commands(io_thread *t) {
  command *c = NULL, *first = NULL;
  if (atomic_load_explicit(&t->shared.commands, memory_order_relaxed))
    c = atomic_exchange(&t->shared.commands, NULL);
  while (c) {
    command *next = c->next;
    c->next = first;
    first = c;
    c = next;
  }
  while (first) {
    command *next = first->next; /* a subject may go with its command */
    scheduler_carry_out(&t->io.scheduler, first);
    first = next;
  }
}

/* Is there something to do besides what the scheduler waits for? */
static bool is_wanted(const io_thread *t) {
  return atomic_load(&t->shared.commands) ||
         atomic_load(&t->shared.is_stopping);
}

/* Waits for sockets, a time or a command. Whoever posts a command either
 * sees that the thread sleeps and wakes it, or is seen here before it does. */
static void rest(io_thread *t) {
  atomic_store(&t->shared.is_asleep, true);
  scheduler_wait(&t->io.scheduler, is_wanted(t));
  atomic_store(&t->shared.is_asleep, false);
}

static void *run(void *arg) {
  io_thread *t = arg;
  os_name_thread("aistudios-io");
  while (!atomic_load(&t->shared.is_stopping)) {
    take_commands(t);
    scheduler_turn(&t->io.scheduler);
    rest(t);
  }
  pthread_mutex_lock(&t->shared.stop);
  pthread_mutex_unlock(&t->shared.stop);
  watch_stop(&t->io.watch);
  if (!atomic_load(&t->shared.is_exiting)) scheduler_close(&t->io.scheduler);
  atomic_store(&t->shared.is_ended, true);
  return NULL;
}

/* ---- start and end ---- */

static atomic_uint generation;

unsigned io_thread_generation(void) {
  return atomic_load_explicit(&generation, memory_order_relaxed);
}

/* Calls `f` for the event loop of each thread that has not been joined. */
static void for_each_loop(void (*f)(event_loop *l)) {
  if (process.thread) f(&process.thread->io.scheduler.loop);
  for (io_thread *t = process.ending; t; t = t->next) f(&t->io.scheduler.loop);
}

static void before_fork(void) {
  pthread_mutex_lock(&process.lock);
  for_each_loop(event_loop_hold);
}

static void after_fork_in_parent(void) {
  for_each_loop(event_loop_release);
  pthread_mutex_unlock(&process.lock);
}

static void after_fork_in_child(void) {
  atomic_fetch_add(&generation, 1);
  for_each_loop(event_loop_close_copies);
  pthread_mutex_init(&process.lock, NULL);
  process.thread = process.ending = NULL;
  process.users = 0;
}

static void stop_thread(io_thread *t) {
  pthread_mutex_lock(&t->shared.stop);
  atomic_store(&t->shared.is_stopping, true);
  scheduler_wake(&t->io.scheduler);
  pthread_mutex_unlock(&t->shared.stop);
}

static void free_thread(io_thread *t) {
  pthread_mutex_destroy(&t->shared.stop);
  free(t);
}

/* Joins and frees those that have ended, or all that are ending. */
static void join_ending(bool waits) {
  io_thread **at = &process.ending;
  while (*at) {
    io_thread *t = *at;
    if (waits || atomic_load(&t->shared.is_ended)) {
      pthread_join(t->thread, NULL);
      *at = t->next;
      free_thread(t);
    } else {
      at = &t->next;
    }
  }
}

/* The process ends with clients that nobody closed: the TLS library is about
 * to take itself apart, and no thread may be inside it then. What is posted
 * from now on is carried out by whoever posts it. */
static void end_process(void) {
  pthread_mutex_lock(&process.lock);
  join_ending(true);
  io_thread *t = process.thread;
  if (t) {
    atomic_store(&t->shared.is_exiting, true);
    stop_thread(t);
    pthread_join(t->thread, NULL);
    scheduler_end(&t->io.scheduler);
    atomic_store(&t->shared.is_over, true);
    take_commands(t);
  }
  pthread_mutex_unlock(&process.lock);
}

/* Of atexit, the last handler runs first: ours before those of libcurl. */
static void prepare_process(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  atexit(end_process);
}

static io_thread *allocate(void) {
  io_thread *t = calloc(1, sizeof *t);
  if (!t) return NULL;
  pthread_mutex_init(&t->shared.stop, NULL);
  if (scheduler_open(&t->io.scheduler)) return t;
  free_thread(t);
  return NULL;
}

static int start_threads(io_thread *t) {
  int code = watch_start(&t->io.watch, &t->io.scheduler, &t->shared.commands);
  if (code == 0 && (code = os_start_thread(&t->thread, run, t)))
    watch_stop(&t->io.watch);
  return code;
}

static io_thread *start(char *error, size_t cap) {
  char text[128];
  io_thread *t = allocate();
  int code = t ? start_threads(t) : 0;
  if (t && code == 0) return t;
  snprintf(error, cap, "cannot start the threads of a client: %s",
           t ? os_error_text(code, text, sizeof text)
             : "out of memory or descriptors");
  if (!t) return NULL;
  scheduler_close(&t->io.scheduler);
  free_thread(t);
  return NULL;
}

io_thread *io_thread_acquire(char *error, size_t cap) {
  pthread_once(&once, prepare_process);
  pthread_mutex_lock(&process.lock);
  join_ending(false);
  if (!process.thread) process.thread = start(error, cap);
  if (process.thread) process.users++;
  io_thread *t = process.thread;
  pthread_mutex_unlock(&process.lock);
  return t;
}

void io_thread_release(io_thread *t) {
  pthread_mutex_lock(&process.lock);
  if (--process.users == 0 && !atomic_load(&t->shared.is_over)) {
    process.thread = NULL;
    t->next = process.ending;
    process.ending = t;
    stop_thread(t);
  }
  pthread_mutex_unlock(&process.lock);
}

void io_thread_post(io_thread *t, command *c) {
  command *old =
      atomic_load_explicit(&t->shared.commands, memory_order_relaxed);
  do c->next = old;
  while (!atomic_compare_exchange_weak(&t->shared.commands, &old, c));
  if (atomic_load(&t->shared.is_over)) {
    pthread_mutex_lock(&process.lock);
    take_commands(t);
    pthread_mutex_unlock(&process.lock);
  } else if (atomic_exchange(&t->shared.is_asleep, false)) {
    scheduler_wake(&t->io.scheduler);
  }
}
