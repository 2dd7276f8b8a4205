/* SPDX-License-Identifier: MIT
 *
 * watch: see watch.h. Between a command or a due time and the shutdown lie at
 * most five looks. */
#include "http/watch.h"

#include "util/os.h"

enum { TICKS_TO_SLEEP = 40 };

static const double tick = 0.025, slack = 0.025; /* s */

/* What one look leaves for the next. */
typedef struct {
  unsigned calls;    /* begun and ended by then */
  int same;          /* looks since that number changed */
  bool had_commands; /* some were waiting */
} sight;

/* Does anybody wait for the I/O thread, and did so at the last look? */
static bool is_awaited(const watch *w, bool had_commands) {
  int64_t due = atomic_load(&w->loop->shared.due);
  return had_commands || (due > 0 && os_now() > (double)due / 1e6 + slack);
}

static void look(watch *w, sight *s) {
  unsigned calls = atomic_load(&w->loop->shared.calls);
  bool had_commands = s->had_commands;
  s->had_commands = atomic_load(w->commands) != NULL;
  s->same = calls == s->calls ? s->same + 1 : 0;
  s->calls = calls;
  if (calls % 2 == 0 || s->same == 0) return;
  wakeup_send(w->wakeup);
  connections_look(&w->loop->connections, calls,
                   is_awaited(w, had_commands && s->had_commands) &&
                       calls == atomic_load(&w->loop->shared.calls));
}

/* Until libcurl is called again. Either that call sees that the watch sleeps
 * and wakes it, or it is seen here. */
static void sleep_until_called(const watch *w, sight *s) {
  event_loop *l = w->loop;
  s->same = 0;
  atomic_store(&l->shared.is_unwatched, true);
  if (atomic_load(&l->shared.calls) == s->calls &&
      !atomic_load(&w->is_stopping))
    waker_wait(&l->shared.watch, -1);
  atomic_store(&l->shared.is_unwatched, false);
  waker_clear(&l->shared.watch);
}

static void *run(void *arg) {
  watch *w = arg;
  sight s = {0};
  os_name_thread("aistudios-watch");
  while (!atomic_load(&w->is_stopping)) {
    look(w, &s);
    if (s.same > TICKS_TO_SLEEP && s.calls % 2 == 0)
      sleep_until_called(w, &s);
    else if (waker_wait(&w->loop->shared.watch, tick))
      waker_clear(&w->loop->shared.watch);
  }
  return NULL;
}

int watch_start(watch *w, scheduler *s, _Atomic(command *) *commands) {
  w->loop = &s->loop;
  w->wakeup = &s->wakeup;
  w->commands = commands;
  atomic_init(&w->is_stopping, false);
  return os_start_thread(&w->thread, run, w);
}

void watch_stop(watch *w) {
  atomic_store(&w->is_stopping, true);
  waker_signal(&w->loop->shared.watch);
  pthread_join(w->thread, NULL);
}
