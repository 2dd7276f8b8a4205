/* SPDX-License-Identifier: MIT
 *
 * spec.support.failing: lets one call of a loaded library fail. The library's
 * table of imported functions gets others in their place, which count their
 * calls and hand all but one on. Calls of other libraries are not touched. */
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <lauxlib.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

__attribute__((visibility("default"))) int luaopen_spec_support_failing(
    lua_State *L);

static atomic_int calls, chosen; /* of the group; the one that fails */

/* Is this the call that is to fail? */
static int is_chosen(void) {
  return atomic_fetch_add(&calls, 1) + 1 == atomic_load(&chosen);
}

/* Wakers are no files: who could not be woken would wait for ever. */
static int is_file(int fd) {
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* A function in the place of `name`: where `counts`, it may fail with `code` in
 * errno and `result`. */
#define REPLACE(type, name, parameters, arguments, counts, code, result) \
  static type(*real_##name) parameters;                                  \
  static type other_##name parameters {                                  \
    if ((counts) && is_chosen()) {                                       \
      errno = code;                                                      \
      return result;                                                     \
    }                                                                    \
    return real_##name arguments;                                        \
  }

REPLACE(void *, malloc, (size_t n), (n), 1, ENOMEM, NULL)
REPLACE(void *, calloc, (size_t n, size_t m), (n, m), 1, ENOMEM, NULL)
REPLACE(void *, realloc, (void *p, size_t n), (p, n), 1, ENOMEM, NULL)
REPLACE(char *, strdup, (const char *s), (s), 1, ENOMEM, NULL)
REPLACE(char *, strndup, (const char *s, size_t n), (s, n), 1, ENOMEM, NULL)
REPLACE(lua_State *, luaL_newstate, (void), (), 1, ENOMEM, NULL)
REPLACE(CURL *, curl_easy_init, (void), (), 1, ENOMEM, NULL)
REPLACE(CURLM *, curl_multi_init, (void), (), 1, ENOMEM, NULL)
REPLACE(CURLSH *, curl_share_init, (void), (), 1, ENOMEM, NULL)
REPLACE(CURLU *, curl_url, (void), (), 1, ENOMEM, NULL)
REPLACE(curl_mime *, curl_mime_init, (CURL * c), (c), 1, ENOMEM, NULL)
REPLACE(curl_mimepart *, curl_mime_addpart, (curl_mime * m), (m), 1, ENOMEM,
        NULL)
REPLACE(CURLMcode, curl_multi_add_handle, (CURLM * m, CURL *c), (m, c), 1,
        ENOMEM, CURLM_OUT_OF_MEMORY)
REPLACE(CURLcode, curl_easy_setopt, (CURL * c, CURLoption o, void *value),
        (c, o, value), o != CURLOPT_NOSIGNAL, ENOMEM, CURLE_OUT_OF_MEMORY)

REPLACE(int, socket, (int family, int type, int protocol),
        (family, type, protocol), 1, EMFILE, -1)
REPLACE(int, eventfd, (unsigned n, int flags), (n, flags), 1, EMFILE, -1)
REPLACE(int, pipe, (int fds[2]), (fds), 1, EMFILE, -1)
REPLACE(int, accept4, (int fd, void *address, void *len, int flags),
        (fd, address, len, flags), 1, EMFILE, -1)
REPLACE(int, epoll_create1, (int flags), (flags), 1, EMFILE, -1)
REPLACE(int, pthread_create,
        (pthread_t * t, const pthread_attr_t *a, void *(*f)(void *), void *p),
        (t, a, f, p), 1, EAGAIN, EAGAIN)

REPLACE(int, open, (const char *path, int flags, mode_t mode),
        (path, flags, mode), 1, EIO, -1)
REPLACE(int, mkstemp, (char *path), (path), 1, EIO, -1)
REPLACE(ssize_t, read, (int fd, void *out, size_t n), (fd, out, n), is_file(fd),
        EIO, -1)
REPLACE(ssize_t, pread, (int fd, void *out, size_t n, off_t at),
        (fd, out, n, at), 1, EIO, -1)
REPLACE(ssize_t, write, (int fd, const void *data, size_t n), (fd, data, n),
        is_file(fd), EIO, -1)
REPLACE(int, ftruncate, (int fd, off_t len), (fd, len), 1, EIO, -1)
REPLACE(off_t, lseek, (int fd, off_t n, int from), (fd, n, from), 1, EIO, -1)
REPLACE(int, fstat, (int fd, struct stat *st), (fd, st), 1, EIO, -1)
REPLACE(int, fsync, (int fd), (fd), 1, EIO, -1)
REPLACE(int, rename, (const char *from, const char *to), (from, to), 1, EIO, -1)
REPLACE(int, link, (const char *from, const char *to), (from, to), 1, EIO, -1)
REPLACE(int, chmod, (const char *path, mode_t mode), (path, mode), 1, EPERM, -1)
REPLACE(int, fchmod, (int fd, mode_t mode), (fd, mode), 1, EPERM, -1)

REPLACE(int, getsockname, (int fd, struct sockaddr *a, socklen_t *n),
        (fd, a, n), 1, ENOBUFS, -1)
REPLACE(int, getsockopt, (int fd, int level, int name, void *v, socklen_t *n),
        (fd, level, name, v, n), 1, ENOBUFS, -1)
REPLACE(ssize_t, send, (int fd, const void *data, size_t n, int flags),
        (fd, data, n, flags), 1, ECONNRESET, -1)
REPLACE(ssize_t, recv, (int fd, void *out, size_t n, int flags),
        (fd, out, n, flags), 1, ECONNRESET, -1)
REPLACE(int, PQsendQueryParams,
        (void *c, const char *sql, int n, const void *types, const void *values,
         const void *sizes, const void *formats, int format),
        (c, sql, n, types, values, sizes, formats, format), 1, ENOMEM, 0)
REPLACE(int, PQsendQuery, (void *c, const char *sql), (c, sql), 1, ENOMEM, 0)
REPLACE(int, PQpipelineSync, (void *c), (c), 1, ENOMEM, 0)

REPLACE(char *, getcwd, (char *out, size_t n), (out, n), 1, ENOENT, NULL)
REPLACE(int, getentropy, (void *out, size_t n), (out, n), 1, ENOSYS, -1)

#define ROW(group, name) \
  { group, #name, (void *)other_##name, (void **)&real_##name }

static const struct replacement {
  const char *group, *name;
  void *other, **real;
} replacements[] = {ROW("memory", malloc),
                    ROW("memory", calloc),
                    ROW("memory", realloc),
                    ROW("memory", strdup),
                    ROW("memory", strndup),
                    ROW("memory", luaL_newstate),
                    ROW("libcurl", curl_easy_init),
                    ROW("libcurl", curl_multi_init),
                    ROW("libcurl", curl_share_init),
                    ROW("libcurl", curl_url),
                    ROW("libcurl", curl_mime_init),
                    ROW("libcurl", curl_mime_addpart),
                    ROW("libcurl", curl_multi_add_handle),
                    ROW("libcurl", curl_easy_setopt),
                    ROW("descriptors", socket),
                    ROW("descriptors", eventfd),
                    ROW("descriptors", pipe),
                    ROW("descriptors", accept4),
                    ROW("descriptors", epoll_create1),
                    ROW("threads", pthread_create),
                    ROW("files", open),
                    ROW("files", mkstemp),
                    ROW("files", read),
                    ROW("files", pread),
                    ROW("files", write),
                    ROW("files", ftruncate),
                    ROW("files", lseek),
                    ROW("files", fstat),
                    ROW("files", fsync),
                    ROW("files", rename),
                    ROW("files", link),
                    ROW("files", chmod),
                    ROW("files", fchmod),
                    ROW("postgres", PQsendQueryParams),
                    ROW("postgres", PQsendQuery),
                    ROW("postgres", PQpipelineSync),
                    ROW("system", getsockname),
                    ROW("system", getsockopt),
                    ROW("system", send),
                    ROW("system", recv),
                    ROW("system", getcwd),
                    ROW("system", getentropy)};

enum { REPLACEMENTS = sizeof replacements / sizeof *replacements };

/* ---- the table of a library ---- */

/* A slot of the table; `to` NULL: the function that was there comes back. A
 * thread that is about to end may use it meanwhile: either function will do. */
__attribute__((no_sanitize_thread)) static void put(void **slot,
                                                    const struct replacement *r,
                                                    void *to) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  void *from = (void *)((uintptr_t)slot & ~(page - 1));
  if (mprotect(from, page, PROT_READ | PROT_WRITE)) return;
  if (to && *slot != to) *r->real = *slot;
  *slot = to ? to : *r->real;
}

static uintptr_t tell(const struct link_map *map, ElfW(Sxword) tag) {
  for (const ElfW(Dyn) *d = map->l_ld; d->d_tag != DT_NULL; d++)
    if (d->d_tag == tag) return d->d_un.d_ptr;
  return 0;
}

static void change(const struct link_map *map, const char *group, int is_on,
                   ElfW(Sxword) table, ElfW(Sxword) bytes) {
  const char *names = (const char *)tell(map, DT_STRTAB);
  const ElfW(Sym) *symbols = (const ElfW(Sym) *)tell(map, DT_SYMTAB);
  const ElfW(Rela) *rows = (const ElfW(Rela) *)tell(map, table);
  size_t count = tell(map, bytes) / sizeof *rows;
  for (size_t i = 0; i < count; i++) {
    const char *name = names + symbols[rows[i].r_info >> 32].st_name;
    void **slot = (void **)(map->l_addr + rows[i].r_offset);
    for (int k = 0; k < REPLACEMENTS; k++) {
      const struct replacement *r = &replacements[k];
      if (strcmp(r->name, name) || strcmp(r->group, group)) continue;
      if (is_on || *slot == r->other) put(slot, r, is_on ? r->other : NULL);
    }
  }
}

/* The library of that path, which is loaded. */
static void change_library(lua_State *L, int is_on) {
  const char *path = luaL_checkstring(L, 1), *group = luaL_checkstring(L, 2);
  void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  if (!library) luaL_error(L, "%s is not loaded", path);
  change(library, group, is_on, DT_RELA, DT_RELASZ);
  change(library, group, is_on, DT_JMPREL, DT_PLTRELSZ);
  dlclose(library);
}

/* begin(path, group, n): the n-th call of the group fails. */
static int begin(lua_State *L) {
  atomic_store(&calls, 0);
  atomic_store(&chosen, (int)luaL_checkinteger(L, 3));
  change_library(L, 1);
  return 0;
}

/* finish(path, group) -> calls of the group since then. */
static int finish(lua_State *L) {
  change_library(L, 0);
  lua_pushinteger(L, atomic_load(&calls));
  return 1;
}

int luaopen_spec_support_failing(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"begin", begin}, {"finish", finish}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
