/* SPDX-License-Identifier: MIT
 *
 * os: time, randomness, wakers, wiping (see os.h). */
#include "util/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef OS_IS_LINUX
#include <sys/eventfd.h>
#include <sys/prctl.h>
#endif

enum { FARTHEST_PAIR = 16 }; /* descriptors between the ends of one */

double os_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double os_random(void) {
  uint64_t bits = 0;
  if (getentropy(&bits, sizeof bits)) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    bits = (uint64_t)t.tv_nsec * UINT64_C(0x9E3779B97F4A7C15);
  }
  return (double)(bits >> 11) * 0x1p-53;
}

void os_wipe(void *bytes, size_t len) {
  volatile unsigned char *p = bytes;
  while (p && len--) *p++ = 0;
}

void os_free_secret(char *text) {
  if (text) os_wipe(text, strlen(text));
  free(text);
}

char *os_copy_text(const char *text) {
  size_t len = text ? strlen(text) + 1 : 0;
  char *copy = text ? malloc(len) : NULL;
  return copy ? memcpy(copy, text, len) : NULL;
}

int os_directory(char *out, size_t cap) {
  return getcwd(out, cap) ? 0 : errno;
}

char *os_absolute_path(const char *path) {
  char here[PATH_MAX];
  if (path[0] == '/' || os_directory(here, sizeof here))
    return os_copy_text(path);
  size_t before = strcmp(here, "/") == 0 ? 0 : strlen(here);
  size_t len = strlen(path) + 1;
  char *whole = malloc(before + 1 + len);
  if (!whole) return NULL;
  memcpy(whole, here, before);
  whole[before] = '/';
  memcpy(whole + before + 1, path, len);
  return whole;
}

const char *os_shown_path(const char *path, char out[OS_SHOWN_PATH]) {
  size_t len = strlen(path);
  if (len < OS_SHOWN_PATH) return path;
  const char *end = path + len - (OS_SHOWN_PATH - 4);
  while ((*end & 0xC0) == 0x80) end++; /* not within a character */
  memcpy(out, "...", 3);
  memcpy(out + 3, end, (size_t)(path + len - end) + 1);
  return out;
}

const char *os_error_text(int code, char *out, size_t cap) {
#if defined(__GLIBC__) && defined(_GNU_SOURCE)
  return strerror_r(code, out, cap);
#else
  if (strerror_r(code, out, cap)) out[0] = '\0';
  return out;
#endif
}

bool os_has_descriptors(int count) {
  int fds[8], n = 0;
  bool is_full = false;
  while (n < count && !is_full) {
    fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    is_full = fds[n] < 0 && (errno == EMFILE || errno == ENFILE);
    if (fds[n] < 0) break;
    n++;
  }
  while (n > 0) close(fds[--n]);
  return !is_full;
}

int os_next_descriptor(void) {
  waker w;
  waker_open(&w);
  int fd = w.read_fd;
  waker_close(&w);
  return fd;
}

/* The inode of a local socket without a name; 0: `fd` is none. */
static ino_t inode_of_pair(int fd) {
  struct sockaddr_storage name = {0};
  socklen_t len = sizeof name;
  struct stat s;
  bool is_unnamed = getsockname(fd, (struct sockaddr *)&name, &len) == 0 &&
                    name.ss_family == AF_UNIX && len == sizeof(sa_family_t);
  return is_unnamed && fstat(fd, &s) == 0 ? s.st_ino : 0;
}

/* The ends are made one after the other, and so are their inodes. */
void os_close_pair_on_exec(int fd) {
  ino_t inode = inode_of_pair(fd);
  if (inode == 0) return;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  for (int other = fd + 1; other <= fd + FARTHEST_PAIR; other++)
    if (inode_of_pair(other) == inode + 1) fcntl(other, F_SETFD, FD_CLOEXEC);
}

/* A thread inherits the mask of the one that starts it. */
int os_start_thread(pthread_t *thread, void *(*run)(void *arg), void *arg) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int code = pthread_create(thread, NULL, run, arg);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

void os_name_thread(const char *name) {
#ifdef OS_IS_LINUX
  prctl(PR_SET_NAME, name);
#else
  (void)name;
#endif
}

/* Of a descriptor that is open, which these calls cannot fail for. */
static void set_flags(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int open_pipe(waker *w) {
  int fds[2];
  w->read_fd = w->write_fd = -1;
  if (pipe(fds)) return errno;
  w->read_fd = fds[0];
  w->write_fd = fds[1];
  set_flags(fds[0]);
  set_flags(fds[1]);
  return 0;
}

int waker_open(waker *w) {
#ifdef OS_IS_LINUX
  w->read_fd = w->write_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (w->read_fd >= 0) return 0;
#endif
  return open_pipe(w);
}

/* Eight bytes suit an eventfd; a pipe takes them too. A full counter or pipe
 * is readable already, so a failed write changes nothing. */
void waker_signal(const waker *w) {
  uint64_t one = 1;
  ssize_t n;
  do n = write(w->write_fd, &one, sizeof one);
  while (n < 0 && errno == EINTR);
}

bool waker_clear(const waker *w) {
  uint64_t signals[8];
  ssize_t n;
  bool found = false;
  size_t want = w->read_fd == w->write_fd ? sizeof signals[0] : sizeof signals;
  do {
    n = read(w->read_fd, signals, want);
    found = found || n > 0;
  } while ((n < 0 && errno == EINTR) || n == (ssize_t)sizeof signals);
  return found;
}

bool waker_wait(const waker *w, double seconds) {
  struct pollfd p = {.fd = w->read_fd, .events = POLLIN, .revents = 0};
  int ms = -1;
  if (seconds >= 0) {
    double up = seconds * 1000.0 + 0.999;
    ms = up > INT_MAX ? INT_MAX : (int)up;
  }
  return poll(&p, 1, ms) > 0;
}

void waker_close(waker *w) {
  if (w->read_fd >= 0) close(w->read_fd);
  if (w->write_fd >= 0 && w->write_fd != w->read_fd) close(w->write_fd);
  w->read_fd = w->write_fd = -1;
}
