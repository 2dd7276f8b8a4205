/* SPDX-License-Identifier: MIT
 *
 * lua_scene: see scene.h. The upvalues of the function are the three tables and
 * the names of fields, so that reading one makes no string. */
#include "lua/scene.h"

#include <lauxlib.h>
#include <string.h>

#include "json/text.h"
#include "util/alphabets.h"
#include "util/scene_view.h"

enum {
  FEW_CLIPS = 64,   /* that need no buffer */
  MOST_CLIPS = 2000 /* of a scene that are looked at */
};

enum {
  ARG_SCENE = 1,
  ARG_WIDTH,
  ARG_HEIGHT,
  CLIPS,
  SCRIPTS,
  CLIP,
  BUFFER,
  INNER
};

/* Names of fields, which are upvalues behind the others. */
/* clang-format off */
#define FIELDS(F) \
  F(ai_name) F(align) F(angle) F(animation) F(background) F(backgroundColor) \
  F(bytes) F(clips) F(color) F(fill) F(fontSize) F(fontWeight) F(height) \
  F(isDelete) F(language) F(layer) F(left) F(model) F(modelId) F(opacity) \
  F(org) F(scaleX) F(scaleY) F(script) F(scripts) F(shadow) F(shapeName) \
  F(source_color) F(source_url) F(stroke) F(strokeRadius) F(text) F(top) \
  F(type) F(video_url) F(voiceOnly) F(width)
/* clang-format on */
#define PLACE(name) F_##name,
#define NAME(name) #name,

enum { COLORS = 1, LANGUAGES, ALIGNS, LINEAR, FIELDS(PLACE) AFTER_FIELDS };

static const char *const names[] = {FIELDS(NAME)};

/* Pushes a field of the table at `t`; its type. [-0, +1] */
static int push(lua_State *L, int t, int name) {
  lua_pushvalue(L, lua_upvalueindex(name));
  return lua_rawget(L, t);
}

static double number(lua_State *L, int t, int name, double other) {
  int type = push(L, t, name);
  double n = type == LUA_TNUMBER ? lua_tonumber(L, -1) : other;
  lua_pop(L, 1);
  return n;
}

/* The text of a field; NULL when it has none. It stays as long as the table. */
static const char *string(lua_State *L, int t, int name, size_t *len) {
  int type = push(L, t, name);
  const char *s = type == LUA_TSTRING ? lua_tolstring(L, -1, len) : NULL;
  lua_pop(L, 1);
  return s;
}

static bool flag(lua_State *L, int t, int name) {
  bool is_set;
  push(L, t, name);
  is_set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is_set;
}

/* Is the value on top a table that shows its own members alone? */
static bool is_raw_table(lua_State *L) {
  static const char *const events[] = {"__index", "__pairs"};
  if (!lua_istable(L, -1)) return false;
  if (!lua_getmetatable(L, -1)) return true;
  lua_pop(L, 1);
  for (int i = 0; i < 2; i++) {
    if (luaL_getmetafield(L, -1, events[i]) == LUA_TNIL) continue;
    lua_pop(L, 1);
    return false;
  }
  return true;
}

/* Puts the field, a table or absent, at the stack index `at`; false when it is
 * neither. */
static bool take(lua_State *L, int t, int name, int at) {
  bool is_good = push(L, t, name) == LUA_TNIL || is_raw_table(L);
  lua_replace(L, at);
  return is_good;
}

/* The colour of a field; without alpha when it is absent. False: it is no
 * colour. */
static bool read_color(lua_State *L, int t, int name, scene_color *color) {
  size_t len = 0;
  const char *bytes = NULL;
  bool is_good = push(L, t, name) == LUA_TNIL;
  *color = (scene_color){0};
  if (!is_good && lua_gettable(L, lua_upvalueindex(COLORS)) == LUA_TTABLE)
    bytes = string(L, lua_gettop(L), F_bytes, &len);
  lua_pop(L, 1);
  if (len == sizeof *color) memcpy(color, bytes, sizeof *color);
  return is_good || len == sizeof *color;
}

/* The same where "" stands for none. */
static bool read_no_color(lua_State *L, int t, int name, scene_color *color) {
  size_t len = 0;
  *color = (scene_color){0};
  return (string(L, t, name, &len) && len == 0) ||
         read_color(L, t, name, color);
}

/* -- scripts -- */

/* The bits of the alphabets of the language that the avatar at INNER, a model,
 * has; -1 where it is not known. */
static lua_Integer language_of(lua_State *L) {
  lua_Integer bits = -1;
  if (push(L, INNER, F_language) == LUA_TSTRING &&
      lua_gettable(L, lua_upvalueindex(LANGUAGES)) == LUA_TNUMBER)
    bits = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return bits;
}

/* Is the script at `t` text without markup, in letters of its language? In one
 * paragraph at most. */
static bool is_plain_script(lua_State *L, int t, lua_Integer bits) {
  size_t len = 0;
  const char *s = string(L, t, F_org, &len);
  bool has_ink = false;
  if (!s) return false;
  const char *end = s + len;
  if (len >= 7 && memcmp(s, "<p>", 3) == 0 && memcmp(end - 4, "</p>", 4) == 0) {
    s += 3;
    end -= 4;
  }
  len = (size_t)(end - s);
  if (memchr(s, '<', len) || memchr(s, '&', len) || memchr(s, '[', len))
    return false;
  for (const char *c = s; c < end && !has_ink; c++)
    has_ink = *c > ' ' && *c < 0x7F;
  if (json_is_ascii(s, len)) return has_ink;
  unsigned found = alphabets_of(s, len, NULL);
  return (has_ink || found) && bits >= 0 && (found & ~(unsigned)bits) == 0;
}

typedef struct {
  bool has_form;    /* the scene has scripts of one form */
  bool has_speaker; /* and the avatar for those of its list */
} speakers;

/* Are the scripts at SCRIPTS plain, and all by the model whose id is on top? */
static bool is_plain_list(lua_State *L, lua_Integer bits) {
  lua_Integer count = (lua_Integer)lua_rawlen(L, SCRIPTS);
  bool is_plain = count > 0;
  int top = lua_gettop(L);
  for (lua_Integer i = 1; i <= count && is_plain; i++) {
    lua_rawgeti(L, SCRIPTS, i);
    is_plain = is_raw_table(L) && push(L, top + 1, F_modelId) == LUA_TSTRING &&
               lua_rawequal(L, -1, top) && is_plain_script(L, top + 1, bits);
    lua_settop(L, top);
  }
  return is_plain;
}

/* The avatar at CLIP: is its script plain, or are those of the scene's list,
 * which are its own? */
static bool take_avatar(lua_State *L, speakers *found) {
  lua_Integer bits;
  bool is_plain;
  if (flag(L, CLIP, F_isDelete) || !take(L, CLIP, F_model, INNER)) return false;
  bits = language_of(L);
  push(L, INNER, F_ai_name);
  if (push(L, CLIP, F_script) != LUA_TNIL) {
    found->has_form = true;
    is_plain = (lua_isnil(L, SCRIPTS) || lua_rawlen(L, SCRIPTS) == 0) &&
               is_raw_table(L) && is_plain_script(L, lua_gettop(L), bits);
  } else {
    lua_pop(L, 1);
    is_plain =
        !found->has_speaker && !lua_isnil(L, SCRIPTS) && is_plain_list(L, bits);
    found->has_speaker = true;
  }
  lua_settop(L, INNER);
  return is_plain;
}

/* -- clips -- */

static bool is_text(const char *s, const char *other) {
  return s && strcmp(s, other) == 0;
}

/* May a file be opaque, by the end of its address? All but PNG end like MP4 or
 * JPEG. */
static bool may_be_opaque(const char *url, size_t len) {
  if (!url || len < 4) return false;
  char last = url[len - 1], before = url[len - 2];
  return last == '4' || ((last | 0x20) == 'g' && (before | 0x20) != 'n');
}

static bool read_align(lua_State *L, scene_clip *c) {
  size_t len = 0;
  const char *align = string(L, CLIP, F_align, &len);
  if (align && strncmp(align, "justify-", 8) == 0) align += 8;
  c->start = is_text(align, "center") ? 0.5 : is_text(align, "right");
  bool is_usual = push(L, CLIP, F_align) == LUA_TNIL ||
                  lua_gettable(L, lua_upvalueindex(ALIGNS)) != LUA_TNIL;
  lua_pop(L, 1);
  return is_usual;
}

/* What a text, a shape or a picture at CLIP has of its own. False: in doubt. */
static bool read_look(lua_State *L, scene_clip *c) {
  scene_color color;
  size_t len = 0;
  const char *s;
  if (c->kind == SCENE_PICTURE) {
    s = string(L, CLIP, F_video_url, &len);
    if (!s) s = string(L, CLIP, F_source_url, &len);
    c->is_solid = may_be_opaque(s, len);
    return true;
  }
  if (!take(L, CLIP, F_shadow, INNER) ||
      !read_no_color(L, CLIP, F_stroke, &color))
    return false;
  if (!lua_isnil(L, INNER) && !read_color(L, INNER, F_color, &color))
    return false;
  if (c->kind == SCENE_SHAPE) {
    s = string(L, CLIP, F_shapeName, &len);
    bool is_square = is_text(s, "Square");
    c->is_rectangle =
        is_square || is_text(s, "Rectangle_corner0") || is_text(s, "Line_v2");
    c->is_solid = is_square && c->fill.alpha == 1 &&
                  number(L, CLIP, F_strokeRadius, 0) == 0;
    return true;
  }
  c->text = string(L, CLIP, F_text, &c->text_len);
  c->font_size = number(L, CLIP, F_fontSize, 0);
  bool is_bold = number(L, CLIP, F_fontWeight, 400) >= 700;
  double shown = c->font_size * (c->scale_y < 0 ? -c->scale_y : c->scale_y);
  c->contrast = shown >= (is_bold ? 14 : 18) ? 3 : 4.5;
  return c->text && read_align(L, c) &&
         read_no_color(L, CLIP, F_backgroundColor, &c->background);
}

/* Reads the clip at CLIP, of a type that is drawn. False: in doubt. */
static bool read_clip(lua_State *L, scene_clip *c, const char *type) {
  size_t len;
  const char *animation = NULL;
  *c = (scene_clip){
      .kind = type[0] == 's'   ? SCENE_SHAPE
              : type[0] == 't' ? SCENE_TEXT
              : type[0] == 'a' ? SCENE_AVATAR
                               : SCENE_PICTURE,
      .layer = number(L, CLIP, F_layer, 0),
      .left = number(L, CLIP, F_left, 0),
      .top = number(L, CLIP, F_top, 0),
      .width = number(L, CLIP, F_width, 0),
      .height = number(L, CLIP, F_height, 0),
      .scale_x = number(L, CLIP, F_scaleX, 1),
      .scale_y = number(L, CLIP, F_scaleY, 1),
      .angle = number(L, CLIP, F_angle, 0),
      .opacity = number(L, CLIP, F_opacity, 100) / 100,
  };
  if (!read_color(L, CLIP, F_fill, &c->fill)) return false;
  if (c->kind == SCENE_AVATAR) return true;
  if (!take(L, CLIP, F_animation, INNER)) return false;
  if (!lua_isnil(L, INNER)) animation = string(L, INNER, F_type, &len);
  c->leaves = animation && strstr(animation, "out");
  if (!read_look(L, c)) return false;
  c->is_solid = c->is_solid && !animation && c->angle == 0 && c->opacity == 1;
  return true;
}

/* Reads the clip at CLIP, unless it is not seen. The number of clips that are
 * seen so far; -1: in doubt. */
static int add_clip(lua_State *L, scene_clip *clips, int seen, bool *is_spoken,
                    speakers *found) {
  size_t len = 0;
  const char *type = string(L, CLIP, F_type, &len);
  if (is_text(type, "audio")) return seen;
  if (is_text(type, "aiModel")) {
    *is_spoken = *is_spoken && take_avatar(L, found);
    if (flag(L, CLIP, F_voiceOnly) || flag(L, CLIP, F_isDelete)) return seen;
  }
  return type && read_clip(L, &clips[seen], type) ? seen + 1 : -1;
}

/* Reads the list at CLIPS. The number of clips that are seen; -1: in doubt. */
static int read_clips(lua_State *L, scene_clip *clips, int count,
                      bool *is_spoken) {
  speakers found = {.has_form = !lua_isnil(L, SCRIPTS)};
  bool has_scripts = found.has_form && lua_rawlen(L, SCRIPTS) > 0;
  int seen = 0;
  for (int i = 1; i <= count && seen >= 0; i++) {
    lua_rawgeti(L, CLIPS, i);
    bool is_raw = is_raw_table(L);
    lua_replace(L, CLIP);
    seen = is_raw ? add_clip(L, clips, seen, is_spoken, &found) : -1;
  }
  if (!found.has_form || (has_scripts && !found.has_speaker))
    *is_spoken = false;
  return seen;
}

/* Takes what is told of the scene as a whole. False: in doubt. */
static bool take_scene(lua_State *L, scene_color *ground) {
  size_t len = 0;
  lua_pushvalue(L, ARG_SCENE);
  bool is_good = is_raw_table(L);
  lua_pop(L, 1);
  if (!is_good || !take(L, ARG_SCENE, F_background, INNER) ||
      !lua_istable(L, INNER) || !read_color(L, INNER, F_source_color, ground))
    return false;
  if (string(L, INNER, F_source_url, &len) && len > 0)
    *ground = (scene_color){0};
  return take(L, ARG_SCENE, F_clips, CLIPS) && lua_istable(L, CLIPS) &&
         take(L, ARG_SCENE, F_scripts, SCRIPTS);
}

static int check_scene(lua_State *L) {
  const double *linear = lua_touserdata(L, lua_upvalueindex(LINEAR));
  scene_clip few[FEW_CLIPS], *clips = few;
  scene_color ground;
  double width = luaL_checknumber(L, ARG_WIDTH);
  double height = luaL_checknumber(L, ARG_HEIGHT);
  luaL_checktype(L, ARG_SCENE, LUA_TTABLE);
  lua_settop(L, INNER);
  size_t count = take_scene(L, &ground) ? (size_t)lua_rawlen(L, CLIPS) : 0;
  bool is_spoken = count > 0 && count <= MOST_CLIPS;
  int seen = -1;
  if (is_spoken) {
    if (count > FEW_CLIPS) {
      clips = lua_newuserdatauv(L, count * sizeof *clips, 0);
      lua_replace(L, BUFFER);
    }
    seen = read_clips(L, clips, (int)count, &is_spoken);
  }
  lua_pushboolean(
      L, seen >= 0 && scene_view_is_plain(clips, (size_t)seen, width, height,
                                          ground, linear));
  lua_pushboolean(L, seen >= 0 && is_spoken);
  lua_pushboolean(L, seen >= 0);
  return 3;
}

int lua_scene_checker(lua_State *L) {
  for (int i = COLORS; i <= LINEAR; i++) luaL_checktype(L, i, LUA_TTABLE);
  lua_settop(L, LINEAR);
  double *linear = lua_newuserdatauv(L, 256 * sizeof *linear, 0);
  for (int i = 0; i < 256; i++) {
    lua_rawgeti(L, LINEAR, i);
    linear[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  lua_replace(L, LINEAR);
  luaL_checkstack(L, F_width, NULL);
  for (int i = LINEAR + 1; i < AFTER_FIELDS; i++)
    lua_pushstring(L, names[i - LINEAR - 1]);
  lua_pushcclosure(L, check_scene, AFTER_FIELDS - 1);
  return 1;
}
