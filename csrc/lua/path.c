/* SPDX-License-Identifier: MIT
 *
 * lua_path: paths of members, for messages (see path.h). */
#include "lua/path.h"

#include "json/text.h"
#include "json/write.h"

static bool is_identifier(const char *s, size_t len) {
  for (size_t i = 0; i < len; i++) {
    char c = s[i], letter = (char)(c | 0x20);
    bool is_letter = (letter >= 'a' && letter <= 'z') || c == '_';
    if (!is_letter && (i == 0 || c < '0' || c > '9')) return false;
  }
  return len > 0;
}

/* A name that is not UTF-8, with question marks for what is wrong. */
static void write_broken_name(buffer *b, const char *s, size_t len) {
  size_t i = 0, n;
  while (i < len) {
    unsigned char c = (unsigned char)s[i];
    n = c >= 0x80 ? json_utf8(s + i, len - i) : c >= ' ';
    buffer_append(b, n > 0 ? s + i : "?", n > 0 ? n : 1);
    i += n > 0 ? n : 1;
  }
}

/* ["odd name"] */
static void write_odd_name(buffer *b, const char *s, size_t len) {
  buffer_append(b, "[", 1);
  if (!json_write_string(b, s, len)) {
    buffer_append(b, "\"", 1);
    write_broken_name(b, s, len);
    buffer_append(b, "\"", 1);
  }
  buffer_append(b, "]", 1);
}

void lua_path_add_name(buffer *b, const char *s, size_t len) {
  if (!is_identifier(s, len)) {
    write_odd_name(b, s, len);
    return;
  }
  if (b->len > 0) buffer_append(b, ".", 1);
  buffer_append(b, s, len);
}

void lua_path_add_index(buffer *b, int64_t index) {
  buffer_append(b, "[", 1);
  json_write_int(b, index);
  buffer_append(b, "]", 1);
}
