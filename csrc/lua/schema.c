/* SPDX-License-Identifier: MIT
 *
 * lua_schema: schemas for the encoder (see schema.h). A schema is a userdata
 * with a rule; its user values keep the sets of names alive, with the tables
 * that they were made of and so the names, and the validators. */
#include "lua/schema.h"

#include <float.h>
#include <lauxlib.h>
#include <string.h>

#include "json/text.h"

#define SCHEMA_TYPE "aistudios.schema"

/* Stack indices while one is made: AT_SETS has the set of each table that was
 * read, AT_ASKED the list of validators. */
enum { ARG_RULE = 1, ARG_VALIDATORS, AT_SETS, AT_ASKED };

/* Pushes member `name` of the rule on top; its type. No metatable is asked.
 * [-0, +1] */
static int push_member(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  return lua_rawget(L, -2);
}

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

static schema_type type_of(lua_State *L) {
  static const char *const types[] = {"string", "boolean", "integer", "number",
                                      "object", "list",    NULL};
  int type;
  push_member(L, "type");
  type = luaL_checkoption(L, -1, NULL, types);
  lua_pop(L, 1);
  return (schema_type)type;
}

/* The place in the list at AT_ASKED of the function for the rule's `url`. */
static int validator_of(lua_State *L) {
  int place = 0;
  if (push_member(L, "url") != LUA_TNIL) {
    lua_rawget(L, ARG_VALIDATORS);
    luaL_checktype(L, -1, LUA_TFUNCTION);
    place = (int)lua_rawlen(L, AT_ASKED) + 1;
    lua_rawseti(L, AT_ASKED, place);
  } else {
    lua_pop(L, 1);
  }
  return place;
}

/* Gives the field the name that is the string at `idx`. */
static void set_name(lua_State *L, int idx, schema_field *f) {
  size_t len;
  const char *name;
  luaL_checktype(L, idx, LUA_TSTRING);
  name = lua_tolstring(L, idx, &len);
  if (len + 3 > SCHEMA_NAME_BYTES || json_plain_run(name, len) < len)
    luaL_error(L, "schema: '%s' is too long, or has escapes", name);
  f->key = lua_topointer(L, idx);
  f->name_len = (unsigned char)(len + 3);
  f->name[0] = '"';
  memcpy(f->name + 1, name, len);
  memcpy(f->name + 1 + len, "\":", 2);
}

static void add_field(schema_set *set, const schema_field *f) {
  uintptr_t i = (uintptr_t)f->key >> 4;
  for (i ^= i >> 6; set->fields[i & set->mask].key;) i++;
  set->fields[i & set->mask] = *f;
  set->required += f->is_required;
}

/* Pushes an empty set for so many names, which AT_SETS has for the table on
 * top. [-0, +1] */
static schema_set *push_set(lua_State *L, size_t names) {
  size_t places = 2, size;
  schema_set *set;
  while (places < 2 * names) places *= 2;
  size = sizeof *set + places * sizeof *set->fields;
  lua_pushvalue(L, -1);
  set = lua_newuserdatauv(L, size, 0);
  memset(set, 0, size);
  set->mask = places - 1;
  lua_pushvalue(L, -1);
  lua_insert(L, -3);
  lua_rawset(L, AT_SETS);
  return set;
}

static schema_field read_rule(lua_State *L);

/* The set of the table on top: rules by name, or strings in a list. [-0, +0] */
static schema_set *read_set(lua_State *L) {
  int from = lua_gettop(L);
  size_t names = 0;
  schema_set *set;
  lua_pushnil(L);
  for (; lua_next(L, from); names++) lua_pop(L, 1);
  set = push_set(L, names);
  lua_pushnil(L);
  while (lua_next(L, from)) {
    schema_field f = {.type = SCHEMA_STRING};
    if (lua_istable(L, -1)) f = read_rule(L);
    set_name(L, lua_istable(L, -1) ? -2 : -1, &f);
    add_field(set, &f);
    lua_pop(L, 1);
  }
  lua_settop(L, from);
  return set;
}

/* The set without names that has the rule on top. [-0, +0] */
static schema_set *read_items(lua_State *L) {
  schema_set *set = push_set(L, 0);
  lua_pop(L, 1);
  set->fields[0] = read_rule(L);
  set->fields[0].is_required = true; /* null is no item */
  return set;
}

/* The set for the member of that name of the rule on top, a table; NULL when
 * it is absent. [-0, +0] */
static const schema_set *inside_of(lua_State *L, const char *name) {
  const schema_set *set = NULL;
  int top = lua_gettop(L);
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  if (push_member(L, name) != LUA_TNIL) {
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, AT_SETS) != LUA_TNIL) {
      set = lua_touserdata(L, -1);
    } else {
      lua_pop(L, 1);
      set = strcmp(name, "items") == 0 ? read_items(L) : read_set(L);
    }
  }
  lua_settop(L, top);
  return set;
}

/* The rule on top, without a name. [-0, +0] */
static schema_field read_rule(lua_State *L) {
  static const char *const members[] = {"fields", "items", "enum", "variants"};
  schema_field f = {
      .min = number_of(L, "min", -DBL_MAX),
      .max = number_of(L, "max", DBL_MAX),
      .validator = validator_of(L),
      .type = type_of(L),
      .is_required = flag_of(L, "required"),
      .is_nullable = flag_of(L, "nullable"),
      .may_be_empty = flag_of(L, "or_empty"),
      .has_variants = flag_of(L, "variants"),
  };
  for (size_t i = 0; i < 4 && !f.inside; i++)
    f.inside = inside_of(L, members[i]);
  return f;
}

int lua_schema_new(lua_State *L) {
  schema_field rule, *made;
  luaL_checktype(L, ARG_RULE, LUA_TTABLE);
  luaL_checktype(L, ARG_VALIDATORS, LUA_TTABLE);
  lua_settop(L, ARG_VALIDATORS);
  lua_newtable(L);
  lua_newtable(L);
  lua_pushvalue(L, ARG_RULE);
  rule = read_rule(L);
  made = lua_newuserdatauv(L, sizeof *made, 2);
  *made = rule;
  lua_pushvalue(L, AT_ASKED);
  lua_setiuservalue(L, -2, 1);
  lua_pushvalue(L, AT_SETS);
  lua_setiuservalue(L, -2, 2);
  luaL_newmetatable(L, SCHEMA_TYPE);
  lua_setmetatable(L, -2);
  return 1;
}

const schema_field *lua_schema_check(lua_State *L, int idx) {
  const schema_field *rule = luaL_checkudata(L, idx, SCHEMA_TYPE);
  lua_getiuservalue(L, idx, 1);
  return rule;
}

static bool has_blank(const char *s, size_t len) {
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)s[i] <= ' ' || s[i] == 0x7F) return true;
  return false;
}

bool lua_schema_takes_string(lua_State *L, const schema_field *f,
                             int validators) {
  size_t len;
  const char *s = lua_tolstring(L, -1, &len);
  bool is_good;
  if (len == 0 && f->may_be_empty) return true;
  if (f->type != SCHEMA_STRING) return false;
  if (f->inside) return lua_schema_find(f->inside, lua_topointer(L, -1));
  if (!f->validator) return true;
  if (has_blank(s, len)) return false;
  lua_rawgeti(L, validators, f->validator);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  is_good = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is_good;
}

/* An integral float that no lua_Integer holds is left to the closer look. */
bool lua_schema_takes_number(lua_State *L, const schema_field *f, double n) {
  int is_integral;
  if (!(n >= f->min && n <= f->max)) return false;
  if (f->type == SCHEMA_NUMBER) return true;
  if (f->type != SCHEMA_INTEGER) return false;
  lua_tointegerx(L, -1, &is_integral);
  return is_integral != 0;
}
