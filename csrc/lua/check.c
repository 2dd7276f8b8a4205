/* SPDX-License-Identifier: MIT
 *
 * lua_check: walks a table against a schema (see check.h). But for a schema's
 * validators nothing of Lua's is called on the way, so nothing can change
 * meanwhile. A schema is a block of sets of names, each an open-addressed
 * table. */
#include "lua/check.h"

#include <float.h>
#include <lauxlib.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "json/number.h"
#include "json/text.h"
#include "lua/marks.h"

/* -- schemas -- */

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
  short validator;    /* place of the function that is asked about a string;
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

typedef struct schema {
  const schema_set *sets;
  const schema_field *fields;
} schema;

#define SCHEMA_TYPE "aistudios.schema"

/* Stack indices while one is made. */
enum { ARG_SETS = 1, ARG_VALIDATORS, AT_SCHEMA, AT_SET };

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

/* The field of that name; NULL: there is none. */
static const schema_field *find(const schema *in, int set, const char *name,
                                size_t len) {
  const schema_field *f = place(in->fields, &in->sets[set], name, len);
  return f->is_taken ? f : NULL;
}

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
      .validator = place_of(L, "validator", ARG_VALIDATORS),
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

int lua_check_schema(lua_State *L) {
  lua_Unsigned count;
  size_t places = 0, at = 0;
  schema *made;
  schema_field *fields;
  schema_set *sets;
  luaL_checktype(L, ARG_SETS, LUA_TTABLE);
  luaL_checktype(L, ARG_VALIDATORS, LUA_TTABLE);
  lua_settop(L, ARG_VALIDATORS);
  count = lua_rawlen(L, ARG_SETS);
  luaL_argcheck(L, count > 0 && count <= SHRT_MAX, ARG_SETS,
                "none, or too many");
  for (lua_Unsigned i = 1; i <= count; i++) {
    places += push_set(L, i);
    lua_pop(L, 1);
  }
  made = lua_newuserdatauv(
      L, sizeof *made + places * sizeof *fields + count * sizeof *sets, 1);
  fields = (schema_field *)(made + 1);
  sets = (schema_set *)(fields + places);
  *made = (schema){.sets = sets, .fields = fields};
  memset(fields, 0, places * sizeof *fields);
  lua_pushvalue(L, ARG_VALIDATORS);
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

/* -- the walk -- */

enum {
  MAX_DEPTH = 64,
  MAX_MEMBERS = 1024 * 1024, /* what tables that hold each other may pretend */
  MAX_BYTES = 64 * 1024 * 1024,
  SLOTS = 6,   /* of the Lua stack, per level */
  ESCAPED = 6, /* bytes of JSON at most for a byte of a string */
  AROUND = 5   /* for a name: quotes, colon, comma, bracket; enough for true,
                  false and null too */
};

typedef struct walk {
  lua_State *L;
  const lua_marks *marks;
  const schema *schema; /* or NULL */
  int validators;       /* where the list of its validators is */
  const char *text;     /* that no string or name may contain */
  size_t len;
  size_t members, bytes; /* so far; the latter at most */
  bool is_documented;    /* so far */
} walk;

/* What a table may be, and what its metatable says that it is. */
typedef enum { TABLE_ANY, TABLE_LIST, TABLE_OBJECT, TABLE_OTHER } table_form;

/* What a table is to hold. */
typedef struct content {
  short set; /* of names, its own or its items'; or SCHEMA_ANY */
  table_form form;
  bool has_variants;
} content;

static bool has_text(const walk *w, const char *s, size_t len) {
  const char *end = s + len;
  for (; (s = memchr(s, w->text[0], (size_t)(end - s))); s++)
    if ((size_t)(end - s) >= w->len && !memcmp(s, w->text, w->len)) return true;
  return false;
}

/* Is this UTF-8, without the text? */
static bool is_clean(const walk *w, const char *s, size_t len) {
  size_t i = json_plain_run(s, len);
  while (i < len) {
    size_t n = (unsigned char)s[i] < 0x80 ? 1 : json_utf8(s + i, len - i);
    if (n == 0) return false;
    i += n;
    i += json_plain_run(s + i, len - i);
  }
  return !has_text(w, s, len);
}

/* The form that its metatable marks the table at `t` with; TABLE_OTHER: the
 * metatable may do more. */
static table_form form_marked(const walk *w, int t) {
  const void *mt;
  if (!lua_getmetatable(w->L, t)) return TABLE_ANY;
  mt = lua_topointer(w->L, -1);
  lua_pop(w->L, 1);
  if (mt == w->marks->list_mt || mt == w->marks->array_mt) return TABLE_LIST;
  return mt == w->marks->object_mt ? TABLE_OBJECT : TABLE_OTHER;
}

/* Is this a string or a name that JSON has, without the text? */
static bool check_string(walk *w, const char *s, size_t len) {
  w->bytes += ESCAPED * len + AROUND;
  return w->bytes <= MAX_BYTES && is_clean(w, s, len);
}

static bool check_table(walk *w, content holds, int depth);

/* The value on top, of which nothing else is known. */
static bool check_any(walk *w, int depth) {
  lua_State *L = w->L;
  size_t len;
  const char *s;
  switch (lua_type(L, -1)) {
    case LUA_TSTRING:
      s = lua_tolstring(L, -1, &len);
      return check_string(w, s, len);
    case LUA_TNUMBER:
      return lua_isinteger(L, -1) || isfinite(lua_tonumber(L, -1));
    case LUA_TBOOLEAN:
      return true;
    case LUA_TLIGHTUSERDATA: /* null */
      return lua_touserdata(L, -1) == NULL;
    case LUA_TTABLE:
      return check_table(w, (content){.set = SCHEMA_ANY}, depth + 1);
    default:
      return false;
  }
}

/* -- fields -- */

static bool has_blank(const char *s, size_t len) {
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)s[i] <= ' ' || s[i] == 0x7F) return true;
  return false;
}

/* Asks a validator about the string on top. One with blanks or control
 * characters is left to the closer look. A validator changes nothing. */
static bool ask(walk *w, int validator, const char *s, size_t len) {
  lua_State *L = w->L;
  bool is_good;
  if (has_blank(s, len)) return false;
  lua_rawgeti(L, w->validators, validator);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  is_good = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is_good;
}

static bool is_string_of(walk *w, const schema_field *f) {
  size_t len;
  const char *s = lua_tolstring(w->L, -1, &len);
  if (!check_string(w, s, len)) return false;
  if (len == 0 && f->may_be_empty) return true;
  if (f->type != SCHEMA_STRING) return false;
  if (f->inside != SCHEMA_ANY)
    return find(w->schema, f->inside, s, len) != NULL;
  return f->validator == 0 || ask(w, f->validator, s, len);
}

/* An integral float that no lua_Integer holds is left to the closer look. */
static bool is_number_of(lua_State *L, const schema_field *f) {
  lua_Number n = lua_tonumber(L, -1);
  int is_integral;
  if (!(n >= f->min && n <= f->max)) return false;
  if (f->type == SCHEMA_NUMBER) return true;
  if (f->type != SCHEMA_INTEGER) return false;
  lua_tointegerx(L, -1, &is_integral);
  return is_integral != 0;
}

/* May the value on top stand in the field? */
static bool is_value_of(walk *w, const schema_field *f, int depth) {
  content holds = {.set = f->inside, .has_variants = f->has_variants};
  switch (lua_type(w->L, -1)) {
    case LUA_TSTRING:
      return is_string_of(w, f);
    case LUA_TNUMBER:
      return is_number_of(w->L, f);
    case LUA_TBOOLEAN:
      return f->type == SCHEMA_BOOLEAN;
    case LUA_TLIGHTUSERDATA:
      if (!f->is_nullable) w->is_documented = false;
      return (f->is_nullable || !f->is_required) &&
             lua_touserdata(w->L, -1) == NULL;
    case LUA_TTABLE:
      if (f->type != SCHEMA_OBJECT && f->type != SCHEMA_LIST) return false;
      holds.form = f->type == SCHEMA_LIST ? TABLE_LIST : TABLE_OBJECT;
      return check_table(w, holds, depth + 1);
    default:
      return false;
  }
}

/* -- tables -- */

/* Is the key below the top one of a list of `length` items? */
static bool is_place(lua_State *L, lua_Unsigned length) {
  lua_Integer i = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
  return i >= 1 && (lua_Unsigned)i <= length;
}

/* The variant that the item on top is, by its type; NULL: none. */
static const schema_field *variant_of(const walk *w, int set) {
  lua_State *L = w->L;
  const schema_field *found = NULL;
  size_t len;
  const char *s;
  lua_pushliteral(L, "type");
  if (lua_rawget(L, -2) == LUA_TSTRING) {
    s = lua_tolstring(L, -1, &len);
    found = find(w->schema, set, s, len);
  }
  lua_pop(L, 1);
  return found;
}

/* The item on top, of a table that holds such. */
static bool check_item(walk *w, content holds, int depth) {
  const schema_field *variant;
  short set = holds.set;
  if (set == SCHEMA_ANY) return check_any(w, depth);
  if (holds.form != TABLE_LIST || lua_type(w->L, -1) != LUA_TTABLE)
    return false;
  if (holds.has_variants) {
    variant = variant_of(w, set);
    if (!variant) return false;
    set = variant->inside;
  }
  return check_table(w, (content){.set = set, .form = TABLE_OBJECT}, depth + 1);
}

/* The value on top, whose name is below it; `needed` is how many names that
 * must be there were not met yet. */
static bool check_member(walk *w, content holds, int depth, int *needed) {
  const schema_field *f = NULL;
  size_t len;
  const char *s = lua_tolstring(w->L, -2, &len);
  if (holds.form == TABLE_LIST) return false;
  if (holds.set != SCHEMA_ANY) {
    f = find(w->schema, holds.set, s, len);
    if (!f) w->is_documented = false;
  }
  if (!f) return check_string(w, s, len) && check_any(w, depth);
  w->bytes += len + AROUND;
  *needed -= f->is_required;
  return is_value_of(w, f, depth);
}

/* The table on top stays there; false leaves more. */
static bool check_table(walk *w, content holds, int depth) {
  lua_State *L = w->L;
  int t = lua_gettop(L), needed = 0;
  lua_Unsigned names = 0, items = 0, length;
  table_form form;
  if (depth > MAX_DEPTH || w->members > MAX_MEMBERS ||
      !lua_checkstack(L, SLOTS))
    return false;
  form = form_marked(w, t);
  if (holds.form == TABLE_ANY) holds.form = form;
  if (form == TABLE_OTHER || (form != TABLE_ANY && form != holds.form))
    return false;
  if (holds.set != SCHEMA_ANY && holds.form == TABLE_OBJECT)
    needed = (int)w->schema->sets[holds.set].required;
  length = lua_rawlen(L, t);
  lua_pushnil(L);
  while (lua_next(L, t)) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      names++;
      if (!check_member(w, holds, depth, &needed)) return false;
    } else {
      items++;
      if (!is_place(L, length) || !check_item(w, holds, depth)) return false;
    }
    lua_pop(L, 1);
  }
  w->members += names + items;
  w->bytes += JSON_NUMBER_BYTES * (names + items) + AROUND;
  return needed == 0 && (holds.form != TABLE_OBJECT || items == 0) &&
         (items == 0 || (names == 0 && items == length));
}

int lua_check_table(lua_State *L) {
  walk w = {.L = L, .is_documented = true};
  content holds = {.set = SCHEMA_ANY};
  luaL_checktype(L, 1, LUA_TTABLE);
  w.text = luaL_checklstring(L, 2, &w.len);
  luaL_argcheck(L, w.len > 0, 2, "empty");
  if (!lua_isnoneornil(L, 3)) {
    w.schema = luaL_checkudata(L, 3, SCHEMA_TYPE);
    holds = (content){.set = 0, .form = TABLE_OBJECT};
    lua_getiuservalue(L, 3, 1);
    w.validators = lua_gettop(L);
  }
  w.marks = lua_marks_push(L);
  lua_pushvalue(L, 1);
  if (!check_table(&w, holds, 0)) return 0;
  lua_pushinteger(L, (lua_Integer)w.bytes);
  lua_pushboolean(L, w.is_documented);
  return 2;
}
