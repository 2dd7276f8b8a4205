/* SPDX-License-Identifier: MIT
 *
 * lua_schema: what the members of a table may be, as the encoder compares it
 * while it writes them. It tells what is surely good; what is not is left to
 * checks in Lua, which say why. */
#ifndef AISTUDIOS_LUA_SCHEMA_H
#define AISTUDIOS_LUA_SCHEMA_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCHEMA_NAME_BYTES = 32 }; /* with quotes and colon */

typedef enum {
  SCHEMA_STRING,
  SCHEMA_BOOLEAN,
  SCHEMA_INTEGER, /* a float without fraction is one too */
  SCHEMA_NUMBER,
  SCHEMA_OBJECT,
  SCHEMA_LIST
} schema_type;

typedef struct schema_set schema_set;

/* What may stand under a name. */
typedef struct {
  const void *key;          /* identity of the name; NULL: a free place */
  double min, max;          /* inclusive */
  const schema_set *inside; /* an object's names, or the values of its `type`,
                               or the strings that there are; of a list, its
                               items as the only field; NULL: anything */
  int validator;            /* place of the function that is asked about a
                               string; 0: none is */
  schema_type type;
  bool is_required;
  bool is_nullable;  /* null may stand there too */
  bool may_be_empty; /* so may the empty string */
  bool has_variants; /* `inside` has an object for each value of `type` */
  unsigned char name_len;
  char name[SCHEMA_NAME_BYTES]; /* "name": as JSON */
} schema_field;

/* A hash table of fields, at most half full. */
struct schema_set {
  size_t mask;  /* the number of places less one */
  int required; /* fields that must be there */
  schema_field fields[];
};

/* schema(rule, validators) -> userdata: the rule of a table, as project.schema
 * has them; `validators` has a function for each `url` of a rule, which is
 * asked about strings without blanks and control characters. Raises for what is
 * none. */
int lua_schema_new(lua_State *L);

/* The rule of the schema at `idx`; pushes the list of its validators.
 * [-0, +1, v] */
const schema_field *lua_schema_check(lua_State *L, int idx);

/* The field of that name; NULL: there is none. Lua has one object for equal
 * strings of up to 40 bytes, so that its identity will do. */
static inline const schema_field *lua_schema_find(const schema_set *set,
                                                  const void *name) {
  uintptr_t i = (uintptr_t)name >> 4;
  for (i ^= i >> 6;; i++) {
    const schema_field *f = &set->fields[i & set->mask];
    if (!f->key) return NULL; /* first: what is no string may be NULL too */
    if (f->key == name) return f;
  }
}

/* May the string on top of the stack stand in the field? Its validator is one
 * of the list at `validators`, and changes nothing. [-0, +0, e] */
bool lua_schema_takes_string(lua_State *L, const schema_field *f,
                             int validators);

/* May the number on top of the stack, which is `n`? [-0, +0] */
bool lua_schema_takes_number(lua_State *L, const schema_field *f, double n);

#endif
