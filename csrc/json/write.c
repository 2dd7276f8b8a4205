/* SPDX-License-Identifier: MIT
 *
 * json_write: strings and numbers into a buffer (see write.h). */
#include "json/write.h"

#include <string.h>

#include "json/number.h"
#include "json/text.h"

enum { MAX_ESCAPE = 6 }; /* bytes */

/* The escape for `c` at `out`; the number of bytes, at most six. */
static size_t put_escape(char *out, unsigned char c) {
  static const char hex[] = "0123456789abcdef";
  static const char letters[] = "btn?fr"; /* from U+0008 on */
  out[0] = '\\';
  if (c == '"' || c == '\\') {
    out[1] = (char)c;
    return 2;
  }
  if (c >= 8 && c <= 13 && c != 11) {
    out[1] = letters[c - 8];
    return 2;
  }
  memcpy(out + 1, "u00", 3);
  out[4] = hex[c >> 4];
  out[5] = hex[c & 15];
  return 6;
}

/* Copies whole UTF-8 characters above ASCII; their bytes. */
static size_t copy_utf8(char *out, const char *s, size_t len) {
  size_t i = 0, n;
  while (i < len && (unsigned char)s[i] >= 0x80) {
    n = json_utf8(s + i, len - i);
    if (n == 0) break;
    memcpy(out + i, s + i, n);
    i += n;
  }
  return i;
}

/* The inside of a string. Room for it and for its last quote is there; each
 * escape makes more, as it is longer than what it stands for. */
static bool write_inside(buffer *b, const char *s, size_t len) {
  size_t i = 0, n;
  for (;;) {
    n = json_plain_run(s + i, len - i);
    memcpy(b->data + b->len, s + i, n);
    i += n;
    b->len += n;
    if (i == len) return true;
    if ((unsigned char)s[i] < 0x80) {
      if (!buffer_room(b, MAX_ESCAPE + len - i)) return false;
      b->len += put_escape(b->data + b->len, (unsigned char)s[i++]);
      continue;
    }
    n = copy_utf8(b->data + b->len, s + i, len - i);
    if (n == 0) return false;
    i += n;
    b->len += n;
  }
}

bool json_write_string(buffer *b, const char *s, size_t len) {
  size_t start = b->len;
  char *room = buffer_room(b, len + 2);
  if (!room) return false;
  *room = '"';
  b->len++;
  if (json_copy_plain(room + 1, s, len)) {
    b->len += len;
  } else if (!write_inside(b, s, len)) {
    b->len = start;
    return false;
  }
  b->data[b->len++] = '"';
  return true;
}

bool json_write_int(buffer *b, int64_t value) {
  char *room = buffer_room(b, JSON_NUMBER_BYTES);
  if (!room) return false;
  b->len += json_put_int(room, value);
  return true;
}
