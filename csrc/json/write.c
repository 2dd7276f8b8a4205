/* SPDX-License-Identifier: MIT
 *
 * json: the bounded buffer and the writers of strings and integers (see
 * json.h; doubles are in json_double.c, reading is in json_read.c). Strings
 * are checked and copied eight bytes at a time, with plain C. */
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "json/text.h"

enum {
  FIRST_BYTES = 4096, /* of a buffer */
  SLACK = 8           /* allocated behind cap, for copies by whole words */
};

static const char hex[] = "0123456789abcdef";

static const char pairs[] =
    "00010203040506070809"
    "10111213141516171819"
    "20212223242526272829"
    "30313233343536373839"
    "40414243444546474849"
    "50515253545556575859"
    "60616263646566676869"
    "70717273747576777879"
    "80818283848586878889"
    "90919293949596979899";

/* -- the buffer -- */

void json_buf_init(json_buf *b, size_t max) {
  b->data = NULL;
  b->len = b->cap = 0;
  b->max = max;
  b->failed = b->full = false;
}

void json_buf_free(json_buf *b) {
  free(b->data);
  json_buf_init(b, b->max);
}

/* From now on there is no room. */
static char *fail(json_buf *b) {
  b->failed = true;
  b->cap = b->len;
  return NULL;
}

char *json_grow(json_buf *b, size_t extra) {
  size_t need, cap;
  char *data;
  if (extra > b->max - b->len) b->full = true;
  if (b->failed || b->full) return fail(b);
  need = b->len + extra;
  cap = b->cap ? b->cap : FIRST_BYTES;
  while (cap < need) cap = cap > b->max / 2 ? b->max : cap * 2;
  if (cap > b->max) cap = b->max;
  if (cap > SIZE_MAX - SLACK) return fail(b);
  data = realloc(b->data, cap + SLACK);
  if (!data) return fail(b);
  b->data = data;
  b->cap = cap;
  return data + b->len;
}

bool json_write_raw(json_buf *b, const char *s, size_t len) {
  char *out;
  if (len == 0) return !b->failed;
  out = json_room(b, len);
  if (!out) return false;
  memcpy(out, s, len);
  b->len += len;
  return true;
}

/* -- strings -- */

static bool is_tail(unsigned char c) {
  return (c & 0xC0) == 0x80;
}

size_t json_utf8(const char *text, size_t len) {
  const unsigned char *s = (const unsigned char *)text;
  unsigned char c = s[0];
  if (c < 0xC2 || c > 0xF4 || len < 2 || !is_tail(s[1])) return 0;
  if (c < 0xE0) return 2;
  if (len < 3 || !is_tail(s[2])) return 0;
  if (c < 0xF0) {
    if (c == 0xE0 && s[1] < 0xA0) return 0; /* overlong */
    if (c == 0xED && s[1] > 0x9F) return 0; /* a surrogate */
    return 3;
  }
  if (len < 4 || !is_tail(s[3])) return 0;
  if (c == 0xF0 && s[1] < 0x90) return 0; /* overlong */
  if (c == 0xF4 && s[1] > 0x8F) return 0; /* above U+10FFFF */
  return 4;
}

static bool is_plain_byte(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Copies plain bytes up to the first other one; their number. Writes whole
 * words: SLACK bytes behind `out + len` must be there. */
static size_t copy_run(char *out, const char *s, size_t len) {
  size_t i = 0;
  uint64_t w;
  while (len - i >= sizeof w) {
    w = json_load(s + i);
    if (!json_is_plain(json_special(w))) break;
    memcpy(out + i, &w, sizeof w);
    i += sizeof w;
  }
  while (i < len && is_plain_byte((unsigned char)s[i])) {
    out[i] = s[i];
    i++;
  }
  return i;
}

/* The escape for `c` at `out`; the number of bytes, at most six. */
static size_t put_escape(char *out, unsigned char c) {
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

/* The inside of a string that is not all plain; room for it and for two
 * bytes more is there, but for its escapes. */
static bool write_special(json_buf *b, const char *s, size_t len) {
  size_t i = 0, n;
  while (i < len) {
    unsigned char c = (unsigned char)s[i];
    if (c >= 0x80) {
      n = copy_utf8(b->data + b->len, s + i, len - i);
      if (n == 0) return false;
      i += n;
      b->len += n;
    } else if (!is_plain_byte(c)) {
      if (!json_room(b, 8 + (len - i))) return false;
      b->len += put_escape(b->data + b->len, c);
      i++;
    }
    n = copy_run(b->data + b->len, s + i, len - i);
    i += n;
    b->len += n;
  }
  return true;
}

bool json_write_string(json_buf *b, const char *s, size_t len) {
  size_t start = b->len;
  char *room = json_room(b, len + 3);
  if (!room) return false;
  room[0] = '"';
  b->len++;
  if (json_copy_plain(room + 1, s, len)) {
    b->len += len;
  } else if (!write_special(b, s, len)) {
    b->len = start;
    return false;
  }
  b->data[b->len++] = '"';
  return true;
}

/* -- integers -- */

/* Two digits. */
JSON_HOT char *put_pair(char *out, uint32_t v) {
  memcpy(out, pairs + 2 * v, 2);
  return out + 2;
}

/* Less than five digits. */
JSON_HOT char *put_few(char *out, uint32_t v) {
  if (v >= 1000) return put_pair(put_pair(out, v / 100), v % 100);
  if (v >= 100) {
    *out = (char)('0' + v / 100);
    return put_pair(out + 1, v % 100);
  }
  if (v >= 10) return put_pair(out, v);
  *out = (char)('0' + v);
  return out + 1;
}

/* Less than nine digits. */
JSON_HOT char *put_some(char *out, uint32_t v) {
  if (v < 10000) return put_few(out, v);
  out = put_few(out, v / 10000);
  v %= 10000;
  return put_pair(put_pair(out, v / 100), v % 100);
}

size_t json_put_int(char *out, int64_t value) {
  const uint64_t eight = 100000000;
  uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  uint64_t high = v / eight;
  char *p = out;
  if (value < 0) *p++ = '-';
  if (high == 0) return (size_t)(put_some(p, (uint32_t)v) - out);
  if (high < eight) {
    p = put_some(p, (uint32_t)high);
  } else {
    p = put_few(p, (uint32_t)(high / eight));
    json_put_eight(p, (uint32_t)(high % eight));
    p += 8;
  }
  json_put_eight(p, (uint32_t)(v % eight));
  return (size_t)(p + 8 - out);
}

bool json_write_int(json_buf *b, int64_t value) {
  char *room = json_room(b, JSON_NUMBER_BYTES);
  if (!room) return false;
  b->len += json_put_int(room, value);
  return true;
}
