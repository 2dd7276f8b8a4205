/* SPDX-License-Identifier: MIT
 *
 * json: the bounded buffer and the writers of strings and integers (see
 * json.h; doubles are in json_double.c, reading is in json_read.c). Strings
 * are checked and copied eight bytes at a time, with plain C. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

enum {
  FIRST_BYTES = 4096, /* of a buffer */
  SLACK = 8           /* allocated behind cap, for copies of whole words */
};

static const char hex[] = "0123456789abcdef";

static const char pairs[] = "00010203040506070809"
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

static bool fail(json_buf *b) {
  b->failed = true;
  return false;
}

/* Makes room for `extra` more bytes than cap has. */
static bool grow(json_buf *b, size_t extra) {
  size_t need, cap;
  char *data;
  b->full = b->full || extra > b->max - b->len;
  if (b->failed || b->full) return fail(b);
  need = b->len + extra;
  cap = b->cap ? b->cap : FIRST_BYTES;
  while (cap < need) cap = cap > b->max / 2 ? b->max : cap * 2;
  if (cap > SIZE_MAX - SLACK) return fail(b);
  data = realloc(b->data, cap + SLACK);
  if (!data) return fail(b);
  b->data = data;
  b->cap = cap;
  return true;
}

bool json_buf_reserve(json_buf *b, size_t extra) {
  if (extra <= b->cap - b->len && !b->failed) return true;
  return grow(b, extra);
}

bool json_write_raw(json_buf *b, const char *s, size_t len) {
  if (!json_buf_reserve(b, len)) return false;
  if (len > 0) memcpy(b->data + b->len, s, len);
  b->len += len;
  return true;
}

/* -- strings -- */

static bool is_tail(unsigned char c) { return (c & 0xC0) == 0x80; }

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

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether all eight bytes are ASCII that stands for itself in a string: a
 * subtraction sets the top bit of the lowest byte that is too small. */
static bool is_plain(uint64_t w) {
  uint64_t found = w | (w - EACH(0x20)) | ((w ^ EACH('"')) - EACH(1)) |
                   ((w ^ EACH('\\')) - EACH(1));
  return (found & EACH(0x80)) == 0;
}

static bool is_plain_byte(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Copies plain bytes up to the first other one; their number. Writes whole
 * words: SLACK bytes behind `out + len` must be there. */
static size_t copy_plain(char *out, const char *s, size_t len) {
  size_t i = 0;
  uint64_t w;
  while (len - i >= sizeof w) {
    memcpy(&w, s + i, sizeof w);
    if (!is_plain(w)) break;
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

/* The rest of a string whose first bytes are not plain; room for `len` bytes
 * and a quote is there. */
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
      if (!json_buf_reserve(b, 6 + (len - i))) return false;
      b->len += put_escape(b->data + b->len, c);
      i++;
    }
    n = copy_plain(b->data + b->len, s + i, len - i);
    i += n;
    b->len += n;
  }
  return true;
}

bool json_write_string(json_buf *b, const char *s, size_t len) {
  size_t start = b->len, n;
  if (len > b->max || !json_buf_reserve(b, len + 2)) return fail(b);
  b->data[b->len++] = '"';
  n = copy_plain(b->data + b->len, s, len);
  b->len += n;
  if (n < len && !write_special(b, s + n, len - n)) {
    b->len = start;
    return false;
  }
  b->data[b->len++] = '"';
  return true;
}

/* -- integers -- */

size_t json_put_int(char *out, int64_t value) {
  char digits[20];
  size_t at = sizeof digits, n = 0;
  uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  if (value < 0) out[n++] = '-';
  while (v >= 100) {
    at -= 2;
    memcpy(digits + at, pairs + 2 * (v % 100), 2);
    v /= 100;
  }
  if (v >= 10) {
    at -= 2;
    memcpy(digits + at, pairs + 2 * v, 2);
  } else {
    digits[--at] = (char)('0' + v);
  }
  memcpy(out + n, digits + at, sizeof digits - at);
  return n + sizeof digits - at;
}

bool json_write_int(json_buf *b, int64_t value) {
  if (!json_buf_reserve(b, JSON_NUMBER_BYTES)) return false;
  b->len += json_put_int(b->data + b->len, value);
  return true;
}
