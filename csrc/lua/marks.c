/* SPDX-License-Identifier: MIT
 *
 * lua_marks: null, marks, lua-cjson, buffers (see marks.h). A buffer belongs
 * to a userdata, so that an error raised by a __pairs leaks nothing. */
#include "lua/marks.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

#define BUFFER_TYPE "aistudios.buffer"

enum {
  MAX_TEXT_BYTES = 64 * 1024 * 1024, /* of one text that is written */
  MAX_IDLE_BYTES = 64 * 1024         /* of a buffer kept for the next call */
};

/* The other user values. */
enum {
  OBJECT_MT = LUA_MARKS_LIST_MT + 1, /* metatable of object() */
  IDLE_BUFFER,                       /* a buffer's userdata, or nil */
  MARKED, /* weak: table -> is a list, for other metatables */
  ARRAY_MT,
  EMPTY_ARRAY_MT,
  NAMES, /* list of those in `names` */
  USER_VALUES = NAMES
};

static const char registry_key = 0; /* its address is the key */

/* -- buffers -- */

static int free_buffer(lua_State *L) {
  buffer_free(luaL_checkudata(L, 1, BUFFER_TYPE));
  return 0;
}

buffer *lua_marks_push_buffer(lua_State *L, int marks) {
  buffer *b;
  if (lua_getiuservalue(L, marks, IDLE_BUFFER) != LUA_TNIL) {
    lua_pushnil(L);
    lua_setiuservalue(L, marks, IDLE_BUFFER);
    return lua_touserdata(L, -1);
  }
  lua_pop(L, 1);
  b = lua_newuserdatauv(L, sizeof *b, 0);
  buffer_init(b, MAX_TEXT_BYTES);
  if (luaL_newmetatable(L, BUFFER_TYPE)) {
    lua_pushcfunction(L, free_buffer);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return b;
}

void lua_marks_return_buffer(lua_State *L, int marks, int idx) {
  buffer *b = lua_touserdata(L, idx);
  if (b->has_failed || b->cap > MAX_IDLE_BYTES) buffer_free(b);
  b->len = 0;
  lua_pushvalue(L, idx);
  lua_setiuservalue(L, marks, IDLE_BUFFER);
}

/* -- the userdata -- */

/* A new metatable as user value `n` of the userdata on top; its identity. */
static const void *new_metatable(lua_State *L, int n, const char *type) {
  const void *mt;
  lua_createtable(L, 0, 1);
  mt = lua_topointer(L, -1);
  lua_pushstring(L, type);
  lua_setfield(L, -2, "__name");
  lua_setiuservalue(L, -2, n);
  return mt;
}

static void new_marks(lua_State *L) {
  lua_marks *s = lua_newuserdatauv(L, sizeof *s, USER_VALUES);
  *s = (lua_marks){0};
  s->list_mt = new_metatable(L, LUA_MARKS_LIST_MT, "aistudios.array");
  s->object_mt = new_metatable(L, OBJECT_MT, "aistudios.object");
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_setiuservalue(L, -2, MARKED);
  lua_createtable(L, NAMES_PLACES / 2, 0);
  lua_setiuservalue(L, -2, NAMES);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &registry_key);
}

lua_marks *lua_marks_push(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &registry_key) == LUA_TNIL) {
    lua_pop(L, 1);
    new_marks(L);
  }
  return lua_touserdata(L, -1);
}

/* When there are too many, all are forgotten. No memory is asked for: the list
 * has its full size, and keeps a forgotten one until another takes its place.
 */
void lua_marks_note_name(lua_State *L, int marks, int idx) {
  lua_marks *s = lua_touserdata(L, marks);
  size_t len;
  const char *name = lua_tolstring(L, idx, &len);
  if (len + 3 > sizeof s->names[0].text) return;
  if (s->name_count == NAMES_PLACES / 2) {
    memset(s->names, 0, sizeof s->names);
    s->name_count = 0;
  }
  lua_name *n = lua_marks_name(s, lua_topointer(L, idx));
  if (n->key) return;
  lua_getiuservalue(L, marks, NAMES);
  lua_pushvalue(L, idx);
  lua_rawseti(L, -2, ++s->name_count);
  lua_pop(L, 1);
  n->key = lua_topointer(L, idx);
  n->len = (unsigned char)(len + 3);
  n->text[0] = '"';
  memcpy(n->text + 1, name, len);
  memcpy(n->text + 1 + len, "\":", 2);
}

/* Takes `field` of the table at `t`, a metatable, as user value `n`. */
static void learn_metatable(lua_State *L, int marks, int t, const char *field,
                            int n, const void **identity) {
  if (lua_getfield(L, t, field) == LUA_TTABLE) {
    *identity = lua_topointer(L, -1);
    lua_setiuservalue(L, marks, n);
  } else {
    lua_pop(L, 1);
  }
}

/* Takes `field` of the table at `t`, a light userdata. */
static void learn_light(lua_State *L, int t, const char *field,
                        const void **identity) {
  lua_getfield(L, t, field);
  if (lua_islightuserdata(L, -1)) *identity = lua_touserdata(L, -1);
  lua_pop(L, 1);
}

/* Takes the values of lua-cjson out of the table at `t`. */
static void learn_cjson(lua_State *L, int marks, int t) {
  lua_marks *s = lua_touserdata(L, marks);
  learn_light(L, t, "empty_array", &s->empty_array);
  learn_metatable(L, marks, t, "array_mt", ARRAY_MT, &s->array_mt);
  learn_metatable(L, marks, t, "empty_array_mt", EMPTY_ARRAY_MT,
                  &s->empty_array_mt);
}

void lua_marks_find_cjson(lua_State *L, int marks) {
  static const char *const modules[] = {"cjson", "cjson.safe"};
  const lua_marks *s = lua_touserdata(L, marks);
  if (s->array_mt) return;
  luaL_checkstack(L, 4, NULL);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  for (size_t i = 0; i < 2 && lua_istable(L, -1); i++) {
    if (lua_getfield(L, -1, modules[i]) == LUA_TTABLE)
      learn_cjson(L, marks, lua_gettop(L));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static lua_mark mark_by_metatable(const lua_marks *s, const void *mt) {
  if (mt == s->list_mt || mt == s->array_mt) return MARK_LIST;
  if (mt == s->object_mt) return MARK_OBJECT;
  if (mt == s->empty_array_mt) return MARK_EMPTY_LIST;
  return MARK_NONE;
}

bool lua_marks_is_mark(const lua_marks *s, const void *mt) {
  return mark_by_metatable(s, mt) != MARK_NONE;
}

lua_mark lua_marks_get(lua_State *L, int marks, int idx, int mt) {
  const lua_marks *s = lua_touserdata(L, marks);
  const void *identity = lua_topointer(L, mt);
  lua_mark mark = mark_by_metatable(s, identity);
  if (mark != MARK_NONE) return mark;
  lua_marks_find_cjson(L, marks);
  mark = mark_by_metatable(s, identity);
  if (mark != MARK_NONE) return mark;
  lua_getiuservalue(L, marks, MARKED);
  lua_pushvalue(L, idx);
  if (lua_rawget(L, -2) != LUA_TNIL)
    mark = lua_toboolean(L, -1) ? MARK_LIST : MARK_OBJECT;
  lua_pop(L, 2);
  return mark;
}

int lua_marks_setup(lua_State *L) {
  lua_marks *s;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  s = lua_marks_push(L);
  learn_light(L, 1, "null", &s->null);
  learn_cjson(L, 2, 1);
  if (lua_getfield(L, 1, "lists") == LUA_TTABLE)
    lua_setiuservalue(L, 2, LUA_MARKS_LISTS);
  lua_pushlightuserdata(L, (void *)s->null);
  return 1;
}

static int mark_table(lua_State *L, bool is_list) {
  const lua_marks *s;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  s = lua_marks_push(L);
  if (lua_getmetatable(L, 1) &&
      mark_by_metatable(s, lua_topointer(L, -1)) == MARK_NONE) {
    lua_getiuservalue(L, 2, MARKED);
    lua_pushvalue(L, 1);
    lua_pushboolean(L, is_list);
    lua_rawset(L, -3);
  } else {
    lua_getiuservalue(L, 2, is_list ? LUA_MARKS_LIST_MT : OBJECT_MT);
    lua_setmetatable(L, 1);
  }
  lua_settop(L, 1);
  return 1;
}

int lua_marks_array(lua_State *L) {
  return mark_table(L, true);
}

int lua_marks_object(lua_State *L) {
  return mark_table(L, false);
}
