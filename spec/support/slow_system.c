/* SPDX-License-Identifier: MIT
 *
 * slow_system: preloaded into a process, makes its disk or resolver slow or
 * strange (see slow_system.lua):
 *
 *   SLOW_FSYNC, SLOW_WRITE, SLOW_READ  seconds that each fsync of a file,
 *                                      write to a `.part` and pread take more
 *   SLOW_RESOLVE                       the same for a name to be looked up
 *   SLOW_CONNECT                       and for a connection that stands
 *   FLOCK_ERRNO, FSYNC_ERRNO,          the call fails with this errno value
 *   LINK_ERRNO, EVENTFD_ERRNO,
 *   ACCEPT_ERRNO
 *   TELL_STAT                          paths that begin so are printed when
 *                                      stat is asked for them */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* The system's function, looked up once. */
static void *find(_Atomic(void *) *real, const char *name) {
  void *f = atomic_load(real);
  if (!f) atomic_store(real, f = dlsym(RTLD_NEXT, name));
  return f;
}

static void be_slow(const char *variable) {
  const char *text = getenv(variable);
  double seconds = text ? atof(text) : 0;
  struct timespec t = {(time_t)seconds,
                       (long)((seconds - (double)(time_t)seconds) * 1e9)};
  if (seconds > 0) nanosleep(&t, NULL);
}

/* Is the call to fail? Then errno is set. */
static int fails(const char *variable) {
  const char *code = getenv(variable);
  if (code) errno = atoi(code);
  return code != NULL;
}

static int is_part(int fd) {
  char link[64], name[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, name, sizeof name - 1);
  name[n > 0 ? n : 0] = '\0';
  return strstr(name, ".part") != NULL;
}

EXPORT int fsync(int fd) {
  static _Atomic(void *) found;
  int (*real)(int);
  *(void **)&real = find(&found, "fsync");
  be_slow("SLOW_FSYNC");
  return fails("FSYNC_ERRNO") ? -1 : real(fd);
}

EXPORT ssize_t write(int fd, const void *data, size_t len) {
  static _Atomic(void *) found;
  ssize_t (*real)(int, const void *, size_t);
  *(void **)&real = find(&found, "write");
  if (getenv("SLOW_WRITE") && is_part(fd)) be_slow("SLOW_WRITE");
  return real(fd, data, len);
}

EXPORT ssize_t pread(int fd, void *out, size_t len, off_t offset) {
  static _Atomic(void *) found;
  ssize_t (*real)(int, void *, size_t, off_t);
  *(void **)&real = find(&found, "pread");
  be_slow("SLOW_READ");
  return real(fd, out, len, offset);
}

EXPORT int flock(int fd, int operation) {
  static _Atomic(void *) found;
  int (*real)(int, int);
  *(void **)&real = find(&found, "flock");
  return fails("FLOCK_ERRNO") ? -1 : real(fd, operation);
}

EXPORT int accept4(int fd, struct sockaddr *address, socklen_t *len,
                   int flags) {
  static _Atomic(void *) found;
  int (*real)(int, struct sockaddr *, socklen_t *, int);
  *(void **)&real = find(&found, "accept4");
  return fails("ACCEPT_ERRNO") ? -1 : real(fd, address, len, flags);
}

/* libcurl asks for the name of a socket when its connection stands. */
EXPORT int getsockname(int fd, struct sockaddr *address, socklen_t *len) {
  static _Atomic(void *) found;
  int (*real)(int, struct sockaddr *, socklen_t *);
  *(void **)&real = find(&found, "getsockname");
  be_slow("SLOW_CONNECT");
  return real(fd, address, len);
}

EXPORT int link(const char *from, const char *to) {
  static _Atomic(void *) found;
  int (*real)(const char *, const char *);
  *(void **)&real = find(&found, "link");
  return fails("LINK_ERRNO") ? -1 : real(from, to);
}

EXPORT int stat(const char *path, struct stat *out) {
  static _Atomic(void *) found;
  int (*real)(const char *, struct stat *);
  const char *told = getenv("TELL_STAT");
  *(void **)&real = find(&found, "stat");
  if (told && strncmp(path, told, strlen(told)) == 0)
    fprintf(stderr, "stat %s\n", path);
  return real(path, out);
}

EXPORT int eventfd(unsigned count, int flags) {
  static _Atomic(void *) found;
  int (*real)(unsigned, int);
  *(void **)&real = find(&found, "eventfd");
  return fails("EVENTFD_ERRNO") ? -1 : real(count, flags);
}

EXPORT int getaddrinfo(const char *node, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out) {
  static _Atomic(void *) found;
  int (*real)(const char *, const char *, const struct addrinfo *,
              struct addrinfo **);
  *(void **)&real = find(&found, "getaddrinfo");
  be_slow("SLOW_RESOLVE");
  return real(node, service, hints, out);
}
