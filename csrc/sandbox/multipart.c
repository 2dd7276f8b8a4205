/* SPDX-License-Identifier: MIT
 *
 * multipart: the post processor of libmicrohttpd finds the parts. */
#include "sandbox/multipart.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/digest.h"

#define MAX_PARTS 64
#define MAX_KEPT 65536 /* bytes of one part */
#define BUFFER 8192
#define FORM "multipart/form-data"

typedef struct {
  char *name, *filename, *type; /* owned; NULL: not given */
  char *data;                   /* owned: the beginning */
  size_t kept;
  uint64_t size, digest; /* of all of it */
} part;

struct multipart {
  struct MHD_PostProcessor *processor;
  part *list;
  size_t count;
  bool is_broken;
};

/* A copy of `text`, which may be NULL, into *out. False: out of memory. */
static bool copy_text(const char *text, char **out) {
  *out = text ? strdup(text) : NULL;
  return *out || !text;
}

static void free_part(part *each) {
  free(each->name);
  free(each->filename);
  free(each->type);
  free(each->data);
}

static part *begin_part(multipart *p, const char *name, const char *filename,
                        const char *type) {
  if (!p->list || p->count == MAX_PARTS) return NULL;
  part fresh = {.data = malloc(MAX_KEPT)};
  if (!copy_text(name, &fresh.name) || !copy_text(filename, &fresh.filename) ||
      !copy_text(type, &fresh.type) || !fresh.data) {
    free_part(&fresh);
    return NULL;
  }
  p->list[p->count] = fresh;
  return &p->list[p->count++];
}

static void add_data(part *to, const char *data, size_t size) {
  size_t more = size < MAX_KEPT - to->kept ? size : MAX_KEPT - to->kept;
  if (more > 0) {
    memcpy(to->data + to->kept, data, more);
    to->kept += more;
  }
  to->digest = digest_bytes(to->digest, data, size);
  to->size += size;
}

static bool is_same(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Where a part comes in several pieces, the post processor may tell of its
 * beginning twice: without data, then with the first of them. */
static part *last_if_begun(multipart *p, const char *name, const char *filename,
                           const char *type, size_t size) {
  part *last = p->count > 0 ? &p->list[p->count - 1] : NULL;
  bool is_begun =
      last && last->size == 0 && size > 0 && is_same(last->name, name) &&
      is_same(last->filename, filename) && is_same(last->type, type);
  return is_begun ? last : NULL;
}

static enum MHD_Result on_data(void *cls, enum MHD_ValueKind kind,
                               const char *name, const char *filename,
                               const char *type, const char *encoding,
                               const char *data, uint64_t at, size_t size) {
  multipart *p = cls;
  (void)kind;
  (void)encoding;
  part *to = at > 0 ? &p->list[p->count - 1]
                    : last_if_begun(p, name, filename, type, size);
  if (!to) to = begin_part(p, name, filename, type);
  if (!to) return MHD_NO;
  add_data(to, data, size);
  return MHD_YES;
}

static bool is_form(struct MHD_Connection *connection) {
  const char *type =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
  return type && strncasecmp(type, FORM, strlen(FORM)) == 0;
}

multipart *multipart_new(struct MHD_Connection *connection) {
  if (!is_form(connection)) return NULL;
  multipart *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  p->list = calloc(MAX_PARTS, sizeof *p->list);
  p->processor = p->list
                     ? MHD_create_post_processor(connection, BUFFER, on_data, p)
                     : NULL;
  if (p->processor) return p;
  multipart_free(p);
  return NULL;
}

void multipart_free(multipart *p) {
  if (p->processor) MHD_destroy_post_processor(p->processor);
  for (size_t i = 0; i < p->count; i++) free_part(&p->list[i]);
  free(p->list);
  free(p);
}

void multipart_take(multipart *p, const char *data, size_t len) {
  if (p->is_broken) return;
  p->is_broken = MHD_post_process(p->processor, data, len) != MHD_YES;
}

static void set_text(lua_State *S, const char *key, const char *text) {
  if (!text) return;
  lua_pushstring(S, text);
  lua_setfield(S, -2, key);
}

static void push_part(lua_State *S, const part *each) {
  char hex[17];
  snprintf(hex, sizeof hex, "%016" PRIx64, each->digest);
  lua_createtable(S, 0, 6);
  set_text(S, "name", each->name);
  set_text(S, "filename", each->filename);
  set_text(S, "type", each->type);
  set_text(S, "digest", hex);
  lua_pushinteger(S, (lua_Integer)each->size);
  lua_setfield(S, -2, "size");
  lua_pushlstring(S, each->data ? each->data : "", each->kept);
  lua_setfield(S, -2, "data");
}

void multipart_push(multipart *p, lua_State *S) {
  if (p->processor && MHD_destroy_post_processor(p->processor) != MHD_YES)
    p->is_broken = true;
  p->processor = NULL;
  lua_createtable(S, (int)p->count, 1);
  for (size_t i = 0; i < p->count; i++) {
    push_part(S, &p->list[i]);
    lua_rawseti(S, -2, (lua_Integer)i + 1);
  }
  lua_pushboolean(S, !p->is_broken);
  lua_setfield(S, -2, "is_whole");
}
