/* SPDX-License-Identifier: MIT
 *
 * json_view: what one reading of the text brings by (see view.h). */
#include "json/view.h"

#include <math.h>
#include <string.h>

#include "json/parse_number.h"

/* Looks for a value: the whole text, or the members of an object with a name.
 */
typedef struct {
  const char *key; /* NULL: the whole text */
  size_t depth;    /* open brackets */
  size_t level;    /* of the value: brackets that are open before it */
  bool is_wanted;  /* the next value of that level is it */
  json_view found;
} search;

static bool is_named(const json_piece *name, const char *key) {
  size_t len = strlen(key);
  char text[64];
  if (name->is_plain)
    return name->len == len && memcmp(name->text, key, len) == 0;
  if (json_unescape(name->text, name->len, NULL) != len || len > sizeof text)
    return false;
  json_unescape(name->text, name->len, text);
  return memcmp(text, key, len) == 0;
}

static void begin_value(search *s, const json_piece *p) {
  if (s->depth != s->level || !s->is_wanted) return;
  s->found = (json_view){p->kind, p->text, p->len};
}

static const char *take_piece(void *to, const json_piece *p) {
  search *s = to;
  switch (p->kind) {
    case JSON_NAME:
      if (s->depth == s->level && s->key) s->is_wanted = is_named(p, s->key);
      break;
    case JSON_ARRAY:
    case JSON_OBJECT:
      begin_value(s, p);
      s->depth++;
      break;
    case JSON_END:
      s->depth--;
      if (s->depth == s->level && s->is_wanted)
        s->found.len = (size_t)(p->text - s->found.text) + 1;
      break;
    default:
      begin_value(s, p);
  }
  return NULL;
}

bool json_parse(const char *text, size_t len, json_view *root) {
  search s = {.is_wanted = true};
  json_fault why;
  bool ok = json_read(text, len, JSON_TOLERANT, take_piece, &s, &why);
  *root = ok ? s.found : (json_view){JSON_NONE, NULL, 0};
  return ok;
}

json_view json_member(json_view object, const char *key) {
  search s = {.key = key, .level = 1};
  json_fault why;
  if (object.kind == JSON_OBJECT)
    json_read(object.text, object.len, JSON_TOLERANT, take_piece, &s, &why);
  return s.found;
}

bool json_string(json_view v, char *out, size_t cap, size_t *len) {
  if (v.kind != JSON_STRING) return false;
  *len = json_unescape(v.text, v.len, NULL);
  if (*len >= cap) return false;
  json_unescape(v.text, v.len, out);
  out[*len] = '\0';
  return memchr(out, '\0', *len) == NULL;
}

bool json_integer(json_view v, int64_t *out) {
  return v.kind == JSON_NUMBER && json_parse_int(v.text, v.len, out);
}

bool json_number(json_view v, double *out) {
  if (v.kind != JSON_NUMBER) return false;
  *out = json_parse_double(v.text, v.len);
  return isfinite(*out);
}
