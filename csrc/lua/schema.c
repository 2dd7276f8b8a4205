/* SPDX-License-Identifier: MIT
 *
 * lua_schema: sets of names as open-addressed tables, all in one block (see
 * lua_schema.h). */
#include "lua/schema.h"

#include <float.h>
#include <lauxlib.h>
#include <limits.h>
#include <string.h>

#define SCHEMA_TYPE "aistudios.schema"

/* Stack indices while one is made. */
enum { ARG_SETS = 1, ARG_JUDGES, AT_SCHEMA, AT_SET };

static unsigned hash(const char *name, size_t len) {
  unsigned h = (unsigned)len;
  if (len == 0) return 0;
  h = h * 31 + (unsigned char)name[0];
  h = h * 31 + (unsigned char)name[len / 2];
  return h * 31 + (unsigned char)name[len - 1];
}

/* Where a name is, or the free place for it. */
static const schema_field *place(const schema_field *fields,
                                 const schema_set *set, const char *name,
                                 size_t len) {
  unsigned i = hash(name, len);
  const schema_field *f;
  for (;; i++) {
    f = &fields[set->first + (i & set->mask)];
    if (!f->is_taken || (f->name_len == len && !memcmp(f->name, name, len)))
      return f;
  }
}

const schema_field *lua_schema_find(const lua_schema *schema, int set,
                                    const char *name, size_t len) {
  const schema_field *f = place(schema->fields, &schema->sets[set], name, len);
  return f->is_taken ? f : NULL;
}

const lua_schema *lua_schema_check(lua_State *L, int idx) {
  return luaL_checkudata(L, idx, SCHEMA_TYPE);
}

/* -- making one -- */

/* Pushes member `name` of the field on top; its type. No metatable is asked, so
 * the sets stay what they are meanwhile. [-0, +1] */
static int push_member(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  return lua_rawget(L, -2);
}

/* Member `name` of the field on top, a number; `other` where it is missing. */
static double number_of(lua_State *L, const char *name, double other) {
  int type = push_member(L, name);
  double n = type == LUA_TNIL ? other : luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return n;
}

static bool flag_of(lua_State *L, const char *name) {
  bool is_set;
  push_member(L, name);
  is_set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is_set;
}

/* Member `name` of the field on top, a place in the list at `list`; 0 where it
 * is missing. */
static short place_of(lua_State *L, const char *name, int list) {
  double n = number_of(L, name, 0);
  double most = (double)lua_rawlen(L, list);
  if (!(n >= 0 && n <= most && n <= SHRT_MAX))
    luaL_error(L, "schema: %s is no place of its list", name);
  return (short)n;
}

static unsigned char type_of(lua_State *L) {
  static const char *const types[] = {"string", "boolean", "integer", "number",
                                      "object", "list",    NULL};
  int type;
  push_member(L, "type");
  type = luaL_checkoption(L, -1, NULL, types);
  lua_pop(L, 1);
  return (unsigned char)type;
}

/* The field on top, but for its name. */
static schema_field read_field(lua_State *L) {
  luaL_checktype(L, -1, LUA_TTABLE);
  return (schema_field){
      .min = number_of(L, "min", -DBL_MAX),
      .max = number_of(L, "max", DBL_MAX),
      .inside = (short)(place_of(L, "inside", ARG_SETS) - 1),
      .judge = place_of(L, "judge", ARG_JUDGES),
      .type = type_of(L),
      .is_taken = true,
      .is_required = flag_of(L, "required"),
      .is_nullable = flag_of(L, "nullable"),
      .may_be_empty = flag_of(L, "or_empty"),
      .has_variants = flag_of(L, "has_variants"),
  };
}

/* Fills the places of the set at AT_SET, which are all free. */
static void fill(lua_State *L, schema_field *fields, schema_set *set) {
  lua_pushnil(L);
  while (lua_next(L, AT_SET)) {
    schema_field field = read_field(L);
    size_t len;
    const char *name;
    luaL_checktype(L, -2, LUA_TSTRING);
    name = lua_tolstring(L, -2, &len);
    if (len > SCHEMA_NAME_BYTES)
      luaL_error(L, "schema: the name '%s' is too long", name);
    field.name_len = (unsigned char)len;
    memcpy(field.name, name, len);
    fields[place(fields, set, name, len) - fields] = field;
    set->required += field.is_required;
    lua_pop(L, 1);
  }
}

/* Pushes set `i`; the number of its places, a power of two of which at most
 * half are taken. */
static unsigned push_set(lua_State *L, lua_Unsigned i) {
  unsigned places = 2, names = 0;
  if (lua_rawgeti(L, ARG_SETS, (lua_Integer)i) != LUA_TTABLE)
    luaL_error(L, "schema: a set is a table");
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    if (++names * 2 > places) places *= 2;
  }
  return places;
}

int lua_schema_new(lua_State *L) {
  lua_Unsigned count;
  size_t places = 0, at = 0;
  lua_schema *schema;
  schema_field *fields;
  schema_set *sets;
  luaL_checktype(L, ARG_SETS, LUA_TTABLE);
  luaL_checktype(L, ARG_JUDGES, LUA_TTABLE);
  lua_settop(L, ARG_JUDGES);
  count = lua_rawlen(L, ARG_SETS);
  luaL_argcheck(L, count > 0 && count <= SHRT_MAX, ARG_SETS,
                "none, or too many");
  for (lua_Unsigned i = 1; i <= count; i++) {
    places += push_set(L, i);
    lua_pop(L, 1);
  }
  schema = lua_newuserdatauv(
      L, sizeof *schema + places * sizeof *fields + count * sizeof *sets, 1);
  fields = (schema_field *)(schema + 1);
  sets = (schema_set *)(fields + places);
  *schema = (lua_schema){.sets = sets, .fields = fields};
  memset(fields, 0, places * sizeof *fields);
  lua_pushvalue(L, ARG_JUDGES);
  lua_setiuservalue(L, AT_SCHEMA, 1);
  for (lua_Unsigned i = 0; i < count; i++) {
    unsigned room = push_set(L, i + 1);
    sets[i] = (schema_set){.first = (unsigned)at, .mask = room - 1};
    fill(L, fields, &sets[i]);
    at += room;
    lua_pop(L, 1);
  }
  luaL_newmetatable(L, SCHEMA_TYPE);
  lua_setmetatable(L, AT_SCHEMA);
  return 1;
}
