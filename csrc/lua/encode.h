/* SPDX-License-Identifier: MIT
 *
 * lua_json_write: the walk from a Lua value to JSON text, for lua_json.c. */
#ifndef AISTUDIOS_LUA_JSON_WRITE_H
#define AISTUDIOS_LUA_JSON_WRITE_H

#include <lua.h>
#include <stdbool.h>

#include "json/json.h"

/* What one lua_State knows; a userdata in its registry. The pointers are
 * identities, compared and never followed; user values keep them alive. */
typedef struct {
  const void *null;        /* light userdata that are null and [] */
  const void *empty_array; /* NULL when unknown */
  const void *array_mt;    /* metatables of lua-cjson, or NULL */
  const void *empty_array_mt;
  const void *list_mark; /* metatables of array() and object() */
  const void *object_mark;
} json_state;

/* User values of the state. */
enum {
  STATE_BUFFER = 1, /* an idle buffer box, or nil */
  STATE_LISTS,      /* names whose empty tables are lists */
  STATE_MARKED,     /* weak: table -> is a list, for other metatables */
  STATE_LIST_MARK,  /* metatables, as above */
  STATE_OBJECT_MARK,
  STATE_ARRAY_MT,
  STATE_EMPTY_ARRAY_MT,
  STATE_VALUES = STATE_EMPTY_ARRAY_MT
};

typedef enum {
  MARK_NONE,
  MARK_LIST,
  MARK_OBJECT,
  MARK_EMPTY_LIST
} json_mark_of;

/* The mark of the table at `idx` by its metatable at `mt` (both absolute),
 * or by the state's table of marks. [-0, +0] */
json_mark_of lua_json_marked(lua_State *L, int state, int idx, int mt);

/* Looks once more for the values of lua-cjson. [-0, +0] */
void lua_json_find_cjson(lua_State *L, int state);

/* Calls the __pairs below the table on top of the stack, and puts two new
 * tables in place of the two: what it showed, and the names in the order of
 * their showing. NULL; or what is wrong, with the value on top, and rubbish
 * below it. Raises what the __pairs raises. [-2, +2] */
const char *lua_json_copy_shown(lua_State *L);

/* Pushes a list of the names of the raw table at `t`. [-0, +1] */
void lua_json_push_names(lua_State *L, int t);

/* Puts in place of the list of names on top of the stack a sorted one, unless
 * there is something else than strings in it. [-1, +1] */
void lua_json_sort_names(lua_State *L);

typedef struct {
  lua_State *L;
  json_buf *buffer;
  int state;           /* absolute stack indices: the json_state, */
  int pairs;           /* the string "__pairs", */
  int culprit;         /* a slot for the value that is wrong */
  bool is_pretty;      /* line breaks and two blanks per level */
  bool is_sorted;      /* names in the order of their bytes */
  const char *message; /* the fault, or NULL */
} json_writer;

/* Writes the value on top of the stack. False: the fault is in message, the
 * text of the path in the buffer, the value in the culprit slot; or, with
 * no message, the buffer failed. Leaves rubbish on the stack then. May
 * raise: for memory, and what a __pairs raises. */
bool lua_json_write(json_writer *w);

#endif
