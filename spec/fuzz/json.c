/* SPDX-License-Identifier: MIT
 *
 * Fuzz target of the JSON reader and the writers of strings and numbers. */
#include <math.h>

#include "drive.h"
#include "json/number.h"
#include "json/parse_number.h"
#include "json/text.h"
#include "json/view.h"
#include "json/write.h"

/* Every question about a view and its members is answered within bounds. */
static void ask(json_view v, int depth) {
  static const char *const names[] = {"data", "token", "a", "", "\xC3\xA9"};
  char text[64];
  int64_t integer;
  size_t len;
  if (json_string(v, text, sizeof text, &len)) {
    PROMISE(v.kind == JSON_STRING && len < sizeof text);
    PROMISE(strlen(text) == len);
  }
  if (json_integer(v, &integer)) PROMISE(v.kind == JSON_NUMBER);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    json_view member = json_member(v, names[i]);
    json_view again;
    if (member.kind == JSON_NONE) continue;
    PROMISE(member.text > v.text);
    PROMISE(member.text + member.len < v.text + v.len);
    if (member.kind != JSON_STRING) {
      PROMISE(json_parse(member.text, member.len, &again));
      PROMISE(again.kind == member.kind && again.len == member.len);
    }
    if (depth < 4) ask(member, depth + 1);
  }
}

/* What the pieces of a text add up to. */
typedef struct {
  size_t depth, pieces;
  bool has_broken; /* some string is not what it says */
} tally;

/* The value of a string is UTF-8 of the length that was told. */
static void check_value(tally *t, const json_piece *p) {
  size_t len = json_unescape(p->text, p->len, NULL), i = 0;
  char *value = malloc(len + 1);
  PROMISE(value != NULL && len <= JSON_UNESCAPED_MAX(p->len));
  PROMISE(json_unescape(p->text, p->len, value) == len);
  if (p->is_plain) PROMISE(memcmp(value, p->text, len) == 0);
  for (size_t n; i < len; i += n) {
    n = (unsigned char)value[i] < 0x80 ? 1 : json_utf8(value + i, len - i);
    PROMISE(n > 0);
    t->has_broken |= n == 3 && memcmp(value + i, "\xEF\xBF\xBD", 3) == 0;
  }
  free(value);
}

static const char *take(void *to, const json_piece *p) {
  tally *t = to;
  int64_t integer;
  t->pieces++;
  if (p->kind == JSON_ARRAY || p->kind == JSON_OBJECT) t->depth++;
  if (p->kind == JSON_END) PROMISE(t->depth-- > 0);
  PROMISE(t->depth <= JSON_MAX_DEPTH);
  if (p->kind == JSON_STRING || p->kind == JSON_NAME) check_value(t, p);
  if (p->kind == JSON_NUMBER && json_parse_int(p->text, p->len, &integer))
    PROMISE(p->is_integer);
  return NULL;
}

/* What is strictly JSON is the same JSON to a tolerant reader. */
static void check_reader(const char *text, size_t len) {
  json_view root;
  json_fault why;
  tally strict = {0}, tolerant = {0};
  bool is_json = json_read(text, len, JSON_STRICT, take, &strict, &why);
  PROMISE((why.what == NULL) == is_json && why.at <= len);
  bool is_read = json_read(text, len, JSON_TOLERANT, take, &tolerant, &why);
  PROMISE((why.what == NULL) == is_read && why.at <= len);
  PROMISE(json_parse(text, len, &root) == is_read);
  if (is_json) PROMISE(is_read && strict.pieces == tolerant.pieces);
  if (is_read) PROMISE(tolerant.depth == 0);
  if (is_read) ask(root, 0);
}

/* What is written as a string reads back as the same bytes. */
static void check_string(const char *text, size_t len) {
  buffer b;
  json_view v;
  char *back = malloc(len + 1);
  size_t back_len;
  PROMISE(back != NULL);
  buffer_init(&b, 1 << 20);
  if (json_write_string(&b, text, len)) {
    PROMISE(json_parse(b.data, b.len, &v) && v.kind == JSON_STRING);
    if (!memchr(text, 0, len)) {
      PROMISE(json_string(v, back, len + 1, &back_len));
      PROMISE(back_len == len && memcmp(back, text, len) == 0);
      PROMISE(!json_string(v, back, len, &back_len));
    }
  } else {
    PROMISE(!b.has_failed && b.len == 0);
  }
  buffer_free(&b);
  free(back);
}

/* Any eight bytes, as a double and as an integer. */
static void check_numbers(const char *bytes) {
  char text[JSON_NUMBER_BYTES + 1];
  double d, back;
  int64_t i, integer;
  size_t n;
  json_view v;
  memcpy(&d, bytes, sizeof d);
  memcpy(&i, bytes, sizeof i);
  n = json_put_int(text, i);
  PROMISE(n <= 20 && json_parse(text, n, &v));
  PROMISE(json_integer(v, &integer) && integer == i);
  if (!isfinite(d)) return;
  n = json_put_double(text, d);
  PROMISE(n <= 25 && json_parse(text, n, &v) && v.kind == JSON_NUMBER);
  text[n] = '\0';
  back = json_parse_double(text, n);
  PROMISE(memcmp(&back, &d, sizeof d) == 0);
  back = strtod(text, NULL);
  PROMISE(memcmp(&back, &d, sizeof d) == 0);
}

/* Beyond its bound a buffer fails and stays as it was. */
static void check_bound(const char *text, size_t len) {
  buffer b;
  size_t before;
  buffer_init(&b, 100);
  while (buffer_append(&b, text, len) && b.len + len > 0) PROMISE(b.len <= 100);
  before = b.len;
  PROMISE(!b.has_failed || (b.is_full && !json_write_int(&b, 1)));
  PROMISE(!b.has_failed || !json_write_string(&b, text, len));
  PROMISE(b.len == before || !b.has_failed);
  buffer_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  char *text = malloc(len > 0 ? len : 1); /* to see reads beyond the end */
  PROMISE(text != NULL);
  if (len > 0) memcpy(text, data, len);
  check_reader(text, len);
  check_string(text, len);
  for (size_t i = 0; i + 8 <= len && i < 256; i += 8) check_numbers(text + i);
  if (len > 0) check_bound(text, len);
  free(text);
  return 0;
}
