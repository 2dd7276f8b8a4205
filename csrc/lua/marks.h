/* SPDX-License-Identifier: MIT
 *
 * lua_marks: what one lua_State knows for JSON: null, which tables are marked
 * as lists or objects, which names hold lists, the values of lua-cjson that
 * mean the same; and a buffer to write into. All of it is one userdata in the
 * registry, so that states never share anything. */
#ifndef AISTUDIOS_LUA_MARKS_H
#define AISTUDIOS_LUA_MARKS_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "json/number.h"
#include "util/buffer.h"

/* Names that were written lately, as JSON: a hash table, at most half full;
 * zeroed at first. */
enum { NAMES_PLACES = 256 };

typedef struct {
  const void *key; /* identity of the name; NULL: a free place */
  unsigned char len;
  char text[23]; /* "name": */
} lua_name;

/* The pointers are identities, compared and never followed; user values keep
 * them alive. */
typedef struct {
  const void *null;        /* light userdata that are null and [] */
  const void *empty_array; /* NULL when unknown */
  const void *array_mt;    /* metatables of lua-cjson, or NULL */
  const void *empty_array_mt;
  const void *list_mt; /* metatables of array() and object() */
  const void *object_mt;
  json_doubles doubles; /* a template's come again and again, */
  int name_count;       /* and so do names */
  lua_name names[NAMES_PLACES];
} lua_marks;

/* User values of the userdata that are of use to others. */
enum {
  LUA_MARKS_LISTS = 1, /* names whose empty tables are lists */
  LUA_MARKS_LIST_MT    /* metatable of array() */
};

typedef enum { MARK_NONE, MARK_LIST, MARK_OBJECT, MARK_EMPTY_LIST } lua_mark;

/* Pushes the userdata of this state. [-0, +1, m] */
lua_marks *lua_marks_push(lua_State *L);

/* The mark of the table at `idx` by its metatable at `mt`, or by the table of
 * marks of the userdata at `marks` (all absolute). [-0, +0, m] */
lua_mark lua_marks_get(lua_State *L, int marks, int idx, int mt);

/* Does the metatable mark a list or an object, and nothing else? */
bool lua_marks_is_mark(const lua_marks *s, const void *mt);

/* The place of the name with that identity, or a free one. */
static inline lua_name *lua_marks_name(lua_marks *s, const void *key) {
  uintptr_t i = (uintptr_t)key >> 4;
  for (i ^= i >> 8;; i++) {
    lua_name *n = &s->names[i % NAMES_PLACES];
    if (n->key == key || !n->key) return n;
  }
}

/* Notes the string at `idx`, which stands for itself in JSON, if it is short.
 * [-0, +0] */
void lua_marks_note_name(lua_State *L, int marks, int idx);

/* Looks once more for the values of lua-cjson. [-0, +0, m] */
void lua_marks_find_cjson(lua_State *L, int marks);

/* Pushes an empty buffer as a userdata, which nobody else has until it is
 * given back. [-0, +1, m] */
buffer *lua_marks_push_buffer(lua_State *L, int marks);

/* Gives back the one at the absolute index `idx`. [-0, +0] */
void lua_marks_return_buffer(lua_State *L, int marks, int idx);

/* setup{ null=, empty_array=, array_mt=, empty_array_mt=, lists= } -> null
 * Tells the writer what these values are; each may be absent. */
int lua_marks_setup(lua_State *L);

/* array(t) -> t, object(t) -> t: marks the table as a list or an object. */
int lua_marks_array(lua_State *L);
int lua_marks_object(lua_State *L);

#endif
