/* SPDX-License-Identifier: MIT
 *
 * scene_view: is all of a scene surely seen and read? Clips lie on the canvas,
 * none is hidden by another, texts fit, stand in the title-safe area, behind
 * no avatar, and differ enough from what is behind them (WCAG 2). In doubt the
 * answer is no, and the checks in Lua (project.visibility, project.legibility)
 * say what is wrong, if anything is. Allocates nothing. */
#ifndef AISTUDIOS_UTIL_SCENE_VIEW_H
#define AISTUDIOS_UTIL_SCENE_VIEW_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  double red, green, blue; /* 0 to 255 */
  double alpha;            /* 0 to 1; 0: there is none */
} scene_color;

typedef enum {
  SCENE_SHAPE,
  SCENE_TEXT,
  SCENE_AVATAR,
  SCENE_PICTURE
} scene_kind;

typedef struct {
  double left, top, right, bottom; /* px */
} scene_box;

/* A clip that is seen. */
typedef struct {
  scene_kind kind;
  double layer; /* higher is in front; of equal ones, the later clip */
  double left, top, width, height, scale_x, scale_y, angle; /* as its fields */
  double opacity;                                           /* 0 to 1 */
  bool leaves;            /* by an animation */
  bool is_rectangle;      /* a shape that fills its box */
  bool is_solid;          /* nothing behind its box is seen */
  scene_color fill;       /* of a shape, of a text's letters */
  scene_color background; /* of a text's box */
  const char *text;       /* not terminated */
  size_t text_len;
  double font_size, contrast; /* pt; that a text of this size needs */
  double start;       /* of a line's free room, before its letters: 0 to 1 */
  scene_box box, ink; /* filled in by scene_view_is_plain; rotated: of all that
                         it may reach. ink: where a text's letters may be */
} scene_clip;

/* ground: the scene's background; without alpha, when it is not known. linear:
 * the linear values of 0 to 255 in sRGB. */
bool scene_view_is_plain(scene_clip *clips, size_t count, double width,
                         double height, scene_color ground,
                         const double *linear);

#endif
