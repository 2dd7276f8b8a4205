/* SPDX-License-Identifier: MIT
 *
 * scene_view: see scene_view.h. The numbers are those of project.text_fit and
 * project.legibility. */
#include "util/scene_view.h"

#include <stdint.h>

#include "util/text_lines.h"

enum {
  MOST_STEPS = 128, /* clips behind a text that are looked at, on all ways */
  MOST_COVERS = 32  /* clips that may hide others */
};

static const double PIXELS = 4.0 / 3, DISTANCE = 1.31, LINE = 1.13,
                    TOLERANCE = 1.15, FARTHEST = 20000, MOST_SCALE = 20,
                    MOST_FONT = 1000, MARGIN = 0.05, OPAQUE = 1 - 1e-6,
                    HIDING = 0.5, FAINT = 0.05;

static double less(double a, double b) {
  return a < b ? a : b;
}

static double greater(double a, double b) {
  return a > b ? a : b;
}

static bool meets(const scene_box *a, const scene_box *b) {
  return a->left < b->right && b->left < a->right && a->top < b->bottom &&
         b->top < a->bottom;
}

static bool contains(const scene_box *outer, const scene_box *inner) {
  return outer->left <= inner->left && outer->top <= inner->top &&
         outer->right >= inner->right && outer->bottom >= inner->bottom;
}

static scene_box clipped(const scene_box *a, double width, double height) {
  return (scene_box){greater(a->left, 0), greater(a->top, 0),
                     less(a->right, width), less(a->bottom, height)};
}

/* The root of a square sum, without the mathematical library. */
static double diagonal(double a, double b) {
  double square = a * a + b * b, root = a + b;
  for (int i = 0; i < 5 && root > 0; i++) root = (root + square / root) / 2;
  return root;
}

/* What an area of that size takes, or may take when it is turned; `indent` of
 * the clip's own px are left of it. */
static scene_box box_of(const scene_clip *c, double indent, double width,
                        double height) {
  double x = c->left + indent * c->scale_x, end = x + width * c->scale_x;
  double y = c->top + height * c->scale_y;
  scene_box b = {less(x, end), less(c->top, y), greater(x, end),
                 greater(c->top, y)};
  if (c->angle != 0) {
    double reach = diagonal(b.right - b.left, b.bottom - b.top);
    b = (scene_box){c->left - reach, c->top - reach, c->left + reach,
                    c->top + reach};
  }
  return b;
}

static double height_of(size_t lines, double size) {
  return ((double)(lines - 1) * DISTANCE + LINE) * size;
}

/* Does a text fit? Where its letters are as they are drawn, or within. */
static bool set_text(scene_clip *c) {
  double size = c->font_size * PIXELS, room = c->height * TOLERANCE;
  double lines = (room / size - LINE) / DISTANCE + 1;
  if (c->font_size > MOST_FONT || c->width < size) return false;
  text_extent e = text_estimate(c->text, c->text_len, c->width / size, lines);
  double tall = height_of(e.count, size);
  c->ink = box_of(c, 0, c->width, tall);
  return e.widest * size <= c->width && tall <= room;
}

static void widen(void *widest, const char *line, size_t len) {
  double *most = widest;
  *most = greater(*most, text_width(line, len));
}

/* Looks how wide the lines of a text are; until then its clip is taken for one
 * that they fill. */
static void measure_lines(scene_clip *c) {
  double size = c->font_size * PIXELS, widest = 0;
  if (c->angle != 0) return;
  text_extent e = text_break(c->text, c->text_len, c->width / size, SIZE_MAX,
                             widen, &widest);
  widest *= size;
  c->ink = box_of(c, (c->width - widest) * c->start, widest,
                  height_of(e.count, size));
}

/* -- contrast -- */

/* The linear value of a channel, between those of whole numbers. */
static double linear_of(const double *linear, double value) {
  int i = value > 254 ? 254 : value > 0 ? (int)value : 0; /* NaN: 0 */
  return linear[i] + (value - i) * (linear[i + 1] - linear[i]);
}

static double luminance(const double *linear, const scene_color *c) {
  return 0.2126 * linear_of(linear, c->red) +
         0.7152 * linear_of(linear, c->green) +
         0.0722 * linear_of(linear, c->blue);
}

/* Adds a colour behind what is there, premultiplied. */
static scene_color put_behind(scene_color front, const scene_color *color,
                              double opacity) {
  double part = (1 - front.alpha) * color->alpha * opacity;
  front.red += part * color->red;
  front.green += part * color->green;
  front.blue += part * color->blue;
  front.alpha += part;
  return front;
}

/* Is there enough contrast between a text and an opaque ground? */
static bool differs(const double *linear, const scene_clip *text,
                    const scene_color *ground) {
  static const scene_color none;
  double opacity = text->opacity;
  scene_color own = put_behind(none, &text->background, 1);
  scene_color letters = put_behind(none, &text->fill, 1);
  letters = put_behind(letters, &text->background, 1);
  scene_color scaled[2] = {own, letters};
  double l[2];
  for (int i = 0; i < 2; i++) {
    scene_color *s = &scaled[i];
    double rest = 1 - s->alpha * opacity;
    s->red = s->red * opacity + ground->red * rest;
    s->green = s->green * opacity + ground->green * rest;
    s->blue = s->blue * opacity + ground->blue * rest;
    l[i] = luminance(linear, s);
  }
  return (greater(l[0], l[1]) + 0.05) >=
         (less(l[0], l[1]) + 0.05) * (text->contrast + 1e-3);
}

typedef struct {
  const scene_clip *clips, *end; /* the ones behind first */
  const scene_clip *covers[MOST_COVERS];
  size_t covers_count;
  const double *linear;
  scene_color ground;
  scene_box safe; /* area for texts */
  const scene_clip *text;
  bool has_ground; /* there may be an opaque one that is known */
  int steps;       /* that may still be looked at */
} view;

static bool hides_ground(const scene_clip *text) {
  return text->background.alpha == 1 && text->opacity == 1;
}

/* Does a clip paint its colour, at all times? */
static bool is_known(const scene_clip *c) {
  return (c->kind == SCENE_SHAPE || c->kind == SCENE_TEXT) && !c->leaves;
}

static const scene_color *color_of(const scene_clip *c) {
  return c->kind == SCENE_TEXT ? &c->background : &c->fill;
}

/* Is the text read on each ground that there may be behind it? `mixed` is what
 * is seen of those in front of it up to `front`. What is not known, as a
 * picture, gives no reason for a warning. */
static bool is_read(view *v, const scene_clip *front, scene_color mixed) {
  const scene_clip *c = front;
  if (v->steps-- <= 0) return false;
  do {
    if (c-- == v->clips) {
      if (v->ground.alpha < 1) return true;
      mixed = put_behind(mixed, &v->ground, 1);
      return differs(v->linear, v->text, &mixed);
    }
  } while (!meets(&c->box, &v->text->ink));
  bool is_box = c->angle == 0 && contains(&c->box, &v->text->ink);
  const scene_color *color = color_of(c);
  bool is_faint = is_known(c) ? color->alpha == 0 : c->opacity < FAINT;
  if (is_faint) return is_read(v, c, mixed);
  if (!is_known(c)) return is_box || is_read(v, c, mixed);
  scene_color with = put_behind(mixed, color, c->opacity);
  if (with.alpha >= OPAQUE ? !differs(v->linear, v->text, &with)
                           : !is_read(v, c, with))
    return false;
  bool is_filled = is_box && (c->kind == SCENE_TEXT || c->is_rectangle);
  return is_filled || is_read(v, c, mixed);
}

/* -- a clip -- */

static bool is_within(double value, double most) {
  return value >= -most && value <= most;
}

static bool is_drawable(const scene_clip *c) {
  return is_within(c->left, FARTHEST) && is_within(c->top, FARTHEST) &&
         c->width <= FARTHEST && c->height <= FARTHEST &&
         is_within(c->scale_x, MOST_SCALE) && is_within(c->scale_y, MOST_SCALE);
}

/* Is a clip behind one that hides all of it? Those that may do that, and the
 * avatars, are `v->covers`. */
static bool is_hidden(const view *v, const scene_clip *c, double width,
                      double height) {
  scene_box inner = clipped(&c->box, width, height);
  for (size_t i = v->covers_count; i > 0 && v->covers[i - 1] > c; i--) {
    const scene_clip *o = v->covers[i - 1];
    if (o->is_solid && contains(&o->box, &inner)) return true;
  }
  return false;
}

/* Is a box of a clip in the safe area, and before all avatars? */
static bool is_clear(const view *v, const scene_clip *c, const scene_box *box) {
  if (!contains(&v->safe, box)) return false;
  for (size_t i = v->covers_count; i > 0 && v->covers[i - 1] > c; i--) {
    const scene_clip *o = v->covers[i - 1];
    if (o->kind == SCENE_AVATAR && o->opacity >= HIDING && meets(&o->box, box))
      return false;
  }
  return true;
}

/* Sorts by layer; most lists are sorted. */
static void sort(scene_clip *clips, size_t count) {
  for (size_t i = 1; i < count; i++) {
    scene_clip c = clips[i];
    size_t to = i;
    for (; to > 0 && clips[to - 1].layer > c.layer; to--)
      clips[to] = clips[to - 1];
    clips[to] = c;
  }
}

static bool has_ground(const view *v) {
  double rest = 1 - v->ground.alpha;
  for (const scene_clip *c = v->clips; c < v->end; c++)
    if (is_known(c)) rest *= 1 - color_of(c)->alpha * c->opacity;
  return rest <= 2 * (1 - OPAQUE);
}

/* Is all of a text seen, in its place and read? */
static bool is_good_text(view *v, scene_clip *c) {
  if (!set_text(c)) return false;
  if (!is_clear(v, c, &c->box)) {
    measure_lines(c);
    if (!is_clear(v, c, &c->ink)) return false;
  }
  if (hides_ground(c)) return differs(v->linear, c, &v->ground);
  v->text = c;
  v->steps = MOST_STEPS;
  return !v->has_ground || is_read(v, c, (scene_color){0});
}

bool scene_view_is_plain(scene_clip *clips, size_t count, double width,
                         double height, scene_color ground,
                         const double *linear) {
  scene_box canvas = {0, 0, width, height};
  double x = width * MARGIN, y = height * MARGIN;
  view v = {.clips = clips,
            .end = clips + count,
            .ground = ground,
            .safe = {x, y, width - x, height - y},
            .linear = linear};
  sort(clips, count);
  for (scene_clip *c = clips; c < v.end; c++) {
    c->box = box_of(c, 0, c->width, c->height);
    if (!is_drawable(c) || c->box.left >= c->box.right ||
        c->box.top >= c->box.bottom || !meets(&c->box, &canvas))
      return false;
    if (c->kind != SCENE_AVATAR && !c->is_solid) continue;
    if (v.covers_count == MOST_COVERS) return false;
    v.covers[v.covers_count++] = c;
  }
  v.has_ground = has_ground(&v);
  for (scene_clip *c = clips; c < v.end; c++) {
    if (is_hidden(&v, c, width, height) ||
        (c->kind == SCENE_TEXT && !is_good_text(&v, c)))
      return false;
  }
  return true;
}
