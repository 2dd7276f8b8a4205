/* SPDX-License-Identifier: MIT
 *
 * lua_schema: which names tables may have and what stands under each, as a
 * walk in C finds it. Compiled from Lua tables, never changed. */
#ifndef AISTUDIOS_LUA_SCHEMA_H
#define AISTUDIOS_LUA_SCHEMA_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

enum { SCHEMA_NAME_BYTES = 29, SCHEMA_ANY = -1 };

typedef enum {
  SCHEMA_STRING,
  SCHEMA_BOOLEAN,
  SCHEMA_INTEGER, /* a float without fraction is one too */
  SCHEMA_NUMBER,
  SCHEMA_OBJECT,
  SCHEMA_LIST
} schema_type;

/* What may stand under a name. */
typedef struct schema_field {
  double min, max;    /* inclusive */
  short inside;       /* the set of an object's names, or of those of a list's
                         items, or of the strings that there are; or
                         SCHEMA_ANY */
  short judge;        /* place of the function that is asked about a string;
                         0: none is */
  unsigned char type; /* schema_type */
  bool is_required;
  bool is_nullable;  /* null may stand there too */
  bool may_be_empty; /* so may the empty string */
  bool has_variants; /* `inside` has the values that each item's `type` may
                        have, and under each the item as an object */
  bool is_taken;     /* no free place of the table */
  unsigned char name_len;
  char name[SCHEMA_NAME_BYTES];
} schema_field;

/* A set of names: fields first..first + mask, found by their hash. */
typedef struct schema_set {
  unsigned first, mask;
  unsigned required; /* fields that must be there */
} schema_set;

typedef struct lua_schema {
  const schema_set *sets;
  const schema_field *fields;
} lua_schema;

/* schema(sets, judges) -> userdata: `sets` is a list of tables of fields, of
 * which the first is that of a table that is looked at; `judges` is a list of
 * functions, which are asked about strings without blanks and control
 * characters. A field is a table like one of the project's schema, but `inside`
 * is the place of a set and `judge` that of a function. Raises for what is
 * none. */
int lua_schema_new(lua_State *L);

/* The schema at `idx`. Its judges are its user value. */
const lua_schema *lua_schema_check(lua_State *L, int idx);

/* The field of that name; NULL: there is none. */
const schema_field *lua_schema_find(const lua_schema *schema, int set,
                                    const char *name, size_t len);

#endif
