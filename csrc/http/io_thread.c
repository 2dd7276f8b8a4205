/* SPDX-License-Identifier: MIT
 *
 * engine: the loop of the I/O thread, and its start and end (see engine.h).
 * The traffic is that thread's alone. */
#include "http/io_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/scheduler.h"
#include "util/os.h"

struct engine {
  pthread_t thread;
  _Atomic(command *) commands; /* newest first */
  atomic_bool is_stopping;
  atomic_bool is_asleep; /* in curl_multi_poll, or on the way there */
  traffic traffic;
};

/* The one engine, and who uses it. */
static struct {
  pthread_mutex_t lock;
  engine *engine;
  unsigned users;
} process = {PTHREAD_MUTEX_INITIALIZER, NULL, 0};

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Carries out all commands in the order in which they were given. */
static void take_commands(engine *e) {
  command *c =
      atomic_exchange_explicit(&e->commands, NULL, memory_order_acquire);
  command *first = NULL;
  while (c) {
    command *next = c->next;
    c->next = first;
    first = c;
    c = next;
  }
  while (first) {
    command *next = first->next; /* a subject may go with its command */
    traffic_carry_out(&e->traffic, first);
    first = next;
  }
}

/* Waits for sockets, a time or a command. Whoever posts a command either
 * sees that the thread sleeps and wakes it, or is seen here before it does. */
static void rest(engine *e) {
  atomic_store(&e->is_asleep, true);
  int ms = atomic_load(&e->commands) ? 0 : traffic_wait_ms(&e->traffic);
  curl_multi_poll(e->traffic.multi, NULL, 0, ms, NULL);
  atomic_store(&e->is_asleep, false);
}

static void *run(void *arg) {
  engine *e = arg;
  system_name_thread("aistudios-io");
  while (!atomic_load(&e->is_stopping)) {
    take_commands(e);
    traffic_run(&e->traffic);
    rest(e);
  }
  return NULL;
}

/* ---- start and end ---- */

static void forget_parent(void) {
  pthread_mutex_init(&process.lock, NULL);
  process.engine = NULL;
  process.users = 0;
}

static void stop_thread(engine *e) {
  atomic_store(&e->is_stopping, true);
  curl_multi_wakeup(e->traffic.multi);
  pthread_join(e->thread, NULL);
}

/* The process ends with clients that nobody closed: the TLS library is about to
 * take itself apart, and no thread may be inside it then. What is posted from
 * now on is carried out by whoever posts it. */
static void end_process(void) {
  pthread_mutex_lock(&process.lock);
  engine *e = process.engine;
  if (e) {
    stop_thread(e);
    atomic_store(&e->traffic.is_over, true);
    take_commands(e);
    traffic_end(&e->traffic);
  }
  pthread_mutex_unlock(&process.lock);
}

/* Of atexit, the last handler runs first: ours before those of libcurl. */
static void prepare_process(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  pthread_atfork(NULL, NULL, forget_parent);
  atexit(end_process);
}

static engine *allocate(void) {
  engine *e = calloc(1, sizeof *e);
  if (e && traffic_open(&e->traffic)) return e;
  free(e);
  return NULL;
}

static void free_engine(engine *e) {
  traffic_close(&e->traffic);
  free(e);
}

/* The thread inherits a mask that blocks every signal. */
static int start_thread(engine *e) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int code = pthread_create(&e->thread, NULL, run, e);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

static engine *start(char *error, size_t cap) {
  char text[128];
  engine *e = allocate();
  int code = e ? start_thread(e) : 0;
  if (e && code == 0) return e;
  snprintf(error, cap, "cannot start the I/O thread: %s",
           e ? system_error(code, text, sizeof text)
             : "out of memory or descriptors");
  if (e) free_engine(e);
  return NULL;
}

engine *engine_acquire(char *error, size_t cap) {
  pthread_once(&once, prepare_process);
  pthread_mutex_lock(&process.lock);
  if (!process.engine) process.engine = start(error, cap);
  if (process.engine) process.users++;
  engine *e = process.engine;
  pthread_mutex_unlock(&process.lock);
  return e;
}

void engine_release(engine *e) {
  pthread_mutex_lock(&process.lock);
  if (--process.users == 0 && !atomic_load(&e->traffic.is_over)) {
    process.engine = NULL;
    stop_thread(e);
    free_engine(e);
  }
  pthread_mutex_unlock(&process.lock);
}

void engine_post(engine *e, command *c) {
  command *old = atomic_load_explicit(&e->commands, memory_order_relaxed);
  do c->next = old;
  while (!atomic_compare_exchange_weak(&e->commands, &old, c));
  if (atomic_load(&e->traffic.is_over)) {
    pthread_mutex_lock(&process.lock);
    take_commands(e);
    pthread_mutex_unlock(&process.lock);
  } else if (atomic_exchange(&e->is_asleep, false)) {
    curl_multi_wakeup(e->traffic.multi);
  }
}
