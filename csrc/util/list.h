/* SPDX-License-Identifier: MIT
 *
 * list: intrusive doubly linked lists. A node that is in no list points to
 * itself, so removing it twice does nothing. One thread owns a list. */
#ifndef AISTUDIOS_UTIL_LIST_H
#define AISTUDIOS_UTIL_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct list_node {
  struct list_node *prev, *next;
} list_node;

/* The struct of `type` whose member `member` is `*node`. */
#define list_entry(node, type, member) \
  ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void list_init(list_node *n) {
  n->prev = n->next = n;
}

static inline bool list_is_empty(const list_node *n) {
  return n->next == n;
}

static inline void list_append(list_node *list, list_node *n) {
  n->prev = list->prev;
  n->next = list;
  list->prev->next = n;
  list->prev = n;
}

static inline void list_remove(list_node *n) {
  n->prev->next = n->next;
  n->next->prev = n->prev;
  list_init(n);
}

#endif
