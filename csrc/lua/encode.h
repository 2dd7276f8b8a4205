/* SPDX-License-Identifier: MIT
 *
 * lua_encode: the walk from a Lua value to JSON text, and what a schema says
 * of it. */
#ifndef AISTUDIOS_LUA_ENCODE_H
#define AISTUDIOS_LUA_ENCODE_H

#include <lua.h>
#include <stdbool.h>

#include "lua/marks.h"
#include "lua/schema.h"
#include "util/buffer.h"

/* What is where on the Lua stack during a walk. */
enum {
  ENCODE_VALUE = 1,
  ENCODE_OPTIONS, /* or the schema */
  ENCODE_MARKS,
  ENCODE_BUFFER,
  ENCODE_VALIDATORS, /* of the schema, or nil */
  ENCODE_TYPE,       /* the string "type" */
  ENCODE_PAIRS,      /* the string "__pairs" */
  ENCODE_CULPRIT     /* after a fault: what it is about */
};

typedef struct {
  lua_State *L;
  buffer *buffer;
  lua_marks *marks;
  bool is_pretty;      /* line breaks and two blanks per level */
  bool is_sorted;      /* names in the order of their bytes */
  bool is_clean;       /* so far all is as the schema has it, and no metatable
                          does more than to mark a list or an object */
  bool is_documented;  /* so are all names, and null stands where it may */
  const char *message; /* what is wrong, or NULL; then the path is in the
                          buffer */
} lua_encoder;

/* Writes the value on top of the stack, and compares it with the rule, if there
 * is one. False: there is a message, or the buffer has failed; rubbish is on
 * the stack then. Raises what a __pairs raises, and for memory. */
bool lua_encode_write(lua_encoder *w, const schema_field *rule);

#endif
