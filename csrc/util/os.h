/* SPDX-License-Identifier: MIT
 *
 * os: the few things asked of the operating system that are no I/O on
 * behalf of a transfer: time, randomness, a descriptor that wakes a poller,
 * and memory that must not keep a secret. No state of its own. */
#ifndef AISTUDIOS_UTIL_OS_H
#define AISTUDIOS_UTIL_OS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* make lint builds everything once without what only Linux has. */
#if defined(__linux__) && !defined(AISTUDIOS_PORTABLE)
#define OS_IS_LINUX
#endif

/* Seconds on a clock that never goes back. */
double os_now(void);

/* Uniform in [0, 1), from the system's randomness. */
double os_random(void);

/* Overwrites the bytes in a way that no compiler removes. NULL is allowed. */
void os_wipe(void *bytes, size_t len);

/* Wipes and frees a malloc'ed string; NULL is allowed. */
void os_free_secret(char *text);

/* A malloc'ed copy; NULL for NULL, and when out of memory. */
char *os_copy_text(const char *text);

/* The working directory, in `out`; 0 or an errno value. */
int os_directory(char *out, size_t cap);

/* A malloc'ed copy of `path`, from the root, by the working directory of this
 * moment; as it is where that cannot be told. NULL when out of memory. */
char *os_absolute_path(const char *path);

enum { OS_SHOWN_PATH = 160 };

/* A path for a message with room for its reason: as it is, or, where it is
 * long, "..." and its end, which is in `out` then. */
const char *os_shown_path(const char *path, char out[OS_SHOWN_PATH]);

/* The text of an errno value, in `out`, without locale or shared state. */
const char *os_error_text(int code, char *out, size_t cap);

/* Could this process open `count` more descriptors just now? At most 8. */
bool os_has_descriptors(int count);

/* The number that the next descriptor gets, unless another thread is faster;
 * -1: there is none. */
int os_next_descriptor(void);

/* For sockets that a library has made by socketpair: makes `fd`, if it is one,
 * close-on-exec, and its other end as far as that can be found. */
void os_close_pair_on_exec(int fd);

/* Starts a thread for which no signal is; 0 or an errno value. */
int os_start_thread(pthread_t *thread, void *(*run)(void *arg), void *arg);

/* Names the calling thread, for those who look at the process. */
void os_name_thread(const char *name); /* at most 15 characters */

/* A descriptor that becomes readable on a signal and stays so until it is
 * cleared: an eventfd, or a pipe where there is none. */
typedef struct {
  int read_fd;
  int write_fd;
} waker;

/* Returns 0 or an errno value. */
int waker_open(waker *w);
void waker_signal(const waker *w); /* any thread */
bool waker_clear(const waker *w);  /* false: there was no signal yet */
/* Waits until the waker is readable: true; false when `seconds` (below 0:
 * for ever) are over or a signal came. */
bool waker_wait(const waker *w, double seconds);
void waker_close(waker *w); /* idempotent */

#endif
