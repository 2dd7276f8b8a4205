/* SPDX-License-Identifier: MIT
 *
 * wakeup: see wakeup.h. */
#include "http/wakeup.h"

void wakeup_init(wakeup *w) {
  pthread_mutex_init(&w->lock, NULL);
  atomic_init(&w->owed, NULL);
  w->portions = 0;
}

void wakeup_free(wakeup *w) {
  pthread_mutex_destroy(&w->lock);
}

void wakeup_owe(wakeup *w, mailbox *m) {
  mailbox *owed = atomic_load(&w->owed);
  if (owed == m || mailbox_is_signalled(m)) return;
  if (owed) wakeup_send(w);
  w->portions = 0;
  atomic_store(&w->owed, m);
}

void wakeup_count_portion(wakeup *w) {
  if (atomic_load_explicit(&w->owed, memory_order_relaxed) &&
      ++w->portions >= WAKEUP_PORTIONS)
    wakeup_send(w);
}

void wakeup_send(wakeup *w) {
  if (!atomic_load_explicit(&w->owed, memory_order_relaxed)) return;
  pthread_mutex_lock(&w->lock);
  mailbox *m = atomic_exchange(&w->owed, NULL);
  if (m) mailbox_signal(m);
  pthread_mutex_unlock(&w->lock);
}

void wakeup_forget(wakeup *w, const mailbox *m) {
  pthread_mutex_lock(&w->lock);
  if (atomic_load(&w->owed) == m) atomic_store(&w->owed, NULL);
  pthread_mutex_unlock(&w->lock);
}
