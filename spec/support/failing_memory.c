/* SPDX-License-Identifier: MIT
 *
 * failing_memory: preloaded into a process, lets one allocation of one of its
 * libraries fail (see failing_memory.lua). Those of other libraries succeed. */
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

/* Where the library is mapped, and how many of its allocations there are until
 * one fails; 0: none does. */
static _Atomic uintptr_t from, to;
static _Atomic long left;

static int find_library(struct dl_phdr_info *info, size_t size, void *arg) {
  (void)size;
  size_t len = strlen(info->dlpi_name), wanted = strlen(arg);
  if (len < wanted || strcmp(info->dlpi_name + len - wanted, arg) != 0)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *p = &info->dlpi_phdr[i];
    if (p->p_type != PT_LOAD || !(p->p_flags & PF_X)) continue;
    atomic_store(&from, info->dlpi_addr + p->p_vaddr);
    atomic_store(&to, info->dlpi_addr + p->p_vaddr + p->p_memsz);
  }
  return 1;
}

/* Lets the `n`th allocation from now on fail of the library whose path ends
 * so; 0: none. How many there were left of the number of the last time: 0 when
 * one has failed; -1 when there is no such library. */
EXPORT long fail_allocation(const char *library, long n);
long fail_allocation(const char *library, long n) {
  long rest = atomic_exchange(&left, 0);
  if (!dl_iterate_phdr(find_library, (void *)(uintptr_t)library)) return -1;
  atomic_store(&left, n);
  return rest;
}

static bool fails(void *caller) {
  uintptr_t at = (uintptr_t)caller;
  if (at < atomic_load(&from) || at >= atomic_load(&to)) return false;
  long before = atomic_load(&left);
  while (before > 0 &&
         !atomic_compare_exchange_weak(&left, &before, before - 1))
    continue;
  if (before == 1) errno = ENOMEM;
  return before == 1;
}

#define CALLER __builtin_return_address(0)

EXPORT void *malloc(size_t size) {
  return fails(CALLER) ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size) {
  return fails(CALLER) ? NULL : __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size) {
  return fails(CALLER) ? NULL : __libc_realloc(old, size);
}

static char *copy(const char *text, size_t len) {
  char *out = __libc_malloc(len + 1);
  if (!out) return NULL;
  memcpy(out, text, len);
  out[len] = '\0';
  return out;
}

EXPORT char *strdup(const char *text) {
  return fails(CALLER) ? NULL : copy(text, strlen(text));
}

EXPORT char *strndup(const char *text, size_t most) {
  return fails(CALLER) ? NULL : copy(text, strnlen(text, most));
}
