/* SPDX-License-Identifier: MIT
 *
 * json_read: the strict reader (see read.h). One loop over the text with a
 * bit per open bracket instead of recursion; nothing is copied. */
#include "json/read.h"

#include <string.h>

#include "json/text.h"

enum {
  EXACT_DIGITS = 15, /* integers that any reader of doubles gets right */
  DEPTH_WORDS = JSON_MAX_DEPTH / 64
};

typedef struct {
  const char *s;                   /* the text */
  size_t len;                      /* its length */
  size_t at;                       /* the next byte */
  size_t depth;                    /* open brackets */
  uint64_t is_object[DEPTH_WORDS]; /* a bit for each of them */
  const char *what;                /* the fault, or NULL */
  buffer *tagged;                  /* see json_tag, or NULL */
  size_t copied;                   /* bytes of the text taken over to it */
} reader;

/* -- the pieces -- */

static bool fault(reader *r, const char *what) {
  r->what = what;
  return false;
}

/* The next byte, or -1 at the end. */
static int peek(const reader *r) {
  return r->at < r->len ? (unsigned char)r->s[r->at] : -1;
}

static void skip_blanks(reader *r) {
  int c = peek(r);
  while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
    r->at++;
    c = peek(r);
  }
}

static bool is_digit(int c) {
  return c >= '0' && c <= '9';
}

/* Four hex digits at `s`; -1 when they are none. */
static int hex4(const char *s) {
  int v = 0;
  for (int i = 0; i < 4; i++) {
    int c = (unsigned char)s[i], letter = c | 0x20;
    if (is_digit(c))
      v = v * 16 + c - '0';
    else if (letter >= 'a' && letter <= 'f')
      v = v * 16 + letter - 'a' + 10;
    else
      return -1;
  }
  return v;
}

/* The rest of \uXXXX, behind the u; with its second half, if it needs one. */
static bool read_unicode(reader *r) {
  int c = r->len - r->at >= 4 ? hex4(r->s + r->at) : -1;
  if (c < 0) return fault(r, "four hex digits expected after \\u");
  r->at += 4;
  if (c < 0xD800 || c > 0xDFFF) return true;
  if (c < 0xDC00 && r->len - r->at >= 6 && r->s[r->at] == '\\' &&
      r->s[r->at + 1] == 'u') {
    c = hex4(r->s + r->at + 2);
    if (c >= 0xDC00 && c <= 0xDFFF) {
      r->at += 6;
      return true;
    }
  }
  return fault(r, "half a surrogate pair");
}

static bool read_escape(reader *r) {
  int c = peek(r);
  if (c < 0) return fault(r, "the text ends inside a string");
  r->at++;
  if (c == 'u') return read_unicode(r);
  if (c != 0 && strchr("\"\\/bfnrt", c)) return true;
  r->at--;
  return fault(r, "unknown escape in a string");
}

/* A string, from its first quote on. */
static bool read_string(reader *r) {
  r->at++;
  for (;;) {
    int c;
    r->at += json_plain_run(r->s + r->at, r->len - r->at);
    c = peek(r);
    if (c < 0) return fault(r, "the text ends inside a string");
    if (c < 0x20) return fault(r, "control character in a string");
    if (c >= 0x80) {
      size_t n = json_utf8(r->s + r->at, r->len - r->at);
      if (n == 0) return fault(r, "the text is not UTF-8");
      r->at += n;
      continue;
    }
    r->at++;
    if (c == '"') return true;
    if (c == '\\' && !read_escape(r)) return false;
  }
}

static bool read_digits(reader *r) {
  if (!is_digit(peek(r))) return fault(r, "digit expected");
  while (is_digit(peek(r))) r->at++;
  return true;
}

/* An integer literal as a value: false when it does not fit. */
static bool to_integer(const char *s, size_t len, int64_t *out) {
  bool is_negative = len > 0 && s[0] == '-';
  uint64_t limit = (uint64_t)INT64_MAX + is_negative, v = 0;
  for (size_t i = is_negative; i < len; i++) {
    uint64_t digit = (uint64_t)(s[i] - '0');
    if (!is_digit(s[i]) || v > (limit - digit) / 10) return false;
    v = v * 10 + digit;
  }
  *out = is_negative ? (int64_t)(0 - v) : (int64_t)v;
  return len > (size_t)is_negative;
}

/* Puts `prefix`, the bytes from `from` up to `to`, and `suffix` into
 * `tagged`, behind all of the text up to `start` that is not there yet. */
static bool tag(reader *r, size_t start, const char *prefix, size_t from,
                size_t to) {
  bool ok = buffer_append(r->tagged, r->s + r->copied, start - r->copied) &&
            buffer_append(r->tagged, prefix, strlen(prefix)) &&
            buffer_append(r->tagged, r->s + from, to - from) &&
            buffer_append(r->tagged, "\"", 1);
  r->copied = r->at;
  return ok || fault(r, NULL);
}

static bool read_number(reader *r) {
  size_t start = r->at;
  int64_t value;
  bool is_integer = true;
  if (peek(r) == '-') r->at++;
  if (peek(r) == '0')
    r->at++;
  else if (!read_digits(r))
    return false;
  if (is_digit(peek(r))) return fault(r, "a number with a leading zero");
  if (peek(r) == '.') {
    is_integer = false;
    r->at++;
    if (!read_digits(r)) return false;
  }
  if (peek(r) == 'e' || peek(r) == 'E') {
    is_integer = false;
    r->at++;
    if (peek(r) == '+' || peek(r) == '-') r->at++;
    if (!read_digits(r)) return false;
  }
  if (r->tagged && is_integer && r->at - start > EXACT_DIGITS &&
      to_integer(r->s + start, r->at - start, &value))
    return tag(r, start, "\"\xFFi", start, r->at);
  return true;
}

static bool read_word(reader *r, const char *word) {
  size_t n = strlen(word);
  if (r->len - r->at < n || memcmp(r->s + r->at, word, n) != 0)
    return fault(r, "value expected");
  r->at += n;
  return true;
}

static bool read_scalar(reader *r) {
  int c = peek(r);
  if (c == '"') return read_string(r);
  if (c == '-' || is_digit(c)) return read_number(r);
  if (c == 't') return read_word(r, "true");
  if (c == 'f') return read_word(r, "false");
  if (c == 'n') return read_word(r, "null");
  return fault(r, c < 0 ? "the text ends too early" : "value expected");
}

/* -- the whole -- */

static bool in_object(const reader *r) {
  size_t level = r->depth - 1;
  return r->is_object[level / 64] >> (level % 64) & 1;
}

static bool open_bracket(reader *r) {
  size_t level = r->depth;
  uint64_t bit = UINT64_C(1) << (level % 64);
  if (level == JSON_MAX_DEPTH) return fault(r, "nested deeper than 128 levels");
  if (r->s[r->at] == '{')
    r->is_object[level / 64] |= bit;
  else
    r->is_object[level / 64] &= ~bit;
  r->depth++;
  r->at++;
  return true;
}

/* The name of a member and its colon, up to the value. */
static bool read_name(reader *r) {
  skip_blanks(r);
  if (peek(r) != '"') return fault(r, "name in quotes expected");
  if (!read_string(r)) return false;
  skip_blanks(r);
  if (peek(r) != ':') return fault(r, "':' expected");
  r->at++;
  return true;
}

/* A value up to its end, or up to the first value inside of it; then
 * *is_open. */
static bool begin_value(reader *r, bool *is_open) {
  size_t start = r->at;
  int c = peek(r);
  *is_open = false;
  if (c != '{' && c != '[') return read_scalar(r);
  if (!open_bracket(r)) return false;
  skip_blanks(r);
  if (peek(r) == (c == '{' ? '}' : ']')) {
    r->at++;
    r->depth--;
    return c == '{' || !r->tagged ||
           tag(r, start,
               "\"\xFF"
               "a",
               0, 0);
  }
  *is_open = true;
  return c == '[' || read_name(r);
}

/* What follows a value: closing brackets and a comma. *is_done when the
 * outermost value is complete. */
static bool end_value(reader *r, bool *is_done) {
  *is_done = false;
  while (r->depth > 0) {
    int c;
    skip_blanks(r);
    c = peek(r);
    if (c == ',') {
      r->at++;
      return !in_object(r) || read_name(r);
    }
    if (c != (in_object(r) ? '}' : ']'))
      return fault(
          r, in_object(r) ? "',' or '}' expected" : "',' or ']' expected");
    r->at++;
    r->depth--;
  }
  *is_done = true;
  return true;
}

/* Reads all of the text; *start and *end are the bounds of its value. */
static bool read_text(reader *r, size_t *start, size_t *end) {
  bool is_open, is_done = false;
  skip_blanks(r);
  *start = r->at;
  while (!is_done) {
    skip_blanks(r);
    if (!begin_value(r, &is_open) || (!is_open && !end_value(r, &is_done)))
      return false;
  }
  *end = r->at;
  skip_blanks(r);
  return r->at == r->len || fault(r, "more text behind the value");
}

static json_kind kind_of(char first) {
  switch (first) {
    case '{':
      return JSON_OBJECT;
    case '[':
      return JSON_ARRAY;
    case '"':
      return JSON_STRING;
    case 't':
      return JSON_TRUE;
    case 'f':
      return JSON_FALSE;
    case 'n':
      return JSON_NULL;
    default:
      return JSON_NUMBER;
  }
}

static json_view view_of(const char *s, size_t len) {
  return (json_view){kind_of(s[0]), s, len};
}

static const json_view none = {JSON_NONE, NULL, 0};

bool json_parse(const char *text, size_t len, json_view *root) {
  reader r = {.s = text, .len = len};
  size_t start, end;
  *root = none;
  if (!read_text(&r, &start, &end)) return false;
  *root = view_of(text + start, end - start);
  return true;
}

bool json_tag(const char *text, size_t len, buffer *tagged, json_fault *why) {
  reader r = {.s = text, .len = len, .tagged = tagged};
  size_t start, end;
  bool ok = read_text(&r, &start, &end);
  if (ok && r.copied > 0)
    ok = buffer_append(tagged, text + r.copied, len - r.copied);
  *why = (json_fault){ok ? NULL : r.what, r.at};
  return ok;
}

/* -- members of an accepted text -- */

/* The end of the value at `at`, in a text that was accepted. */
static size_t skip_value(reader *r) {
  size_t depth = 0;
  do {
    int c = peek(r);
    if (c == '"')
      read_string(r);
    else if (c == '-' || is_digit(c))
      read_number(r);
    else
      r->at++;
    if (c == '{' || c == '[') depth++;
    if (c == '}' || c == ']') depth--;
    if (c >= 'a' && c <= 'z')
      while (peek(r) >= 'a' && peek(r) <= 'z') r->at++;
  } while (depth > 0 && r->at < r->len);
  return r->at;
}

/* The character at `s` inside an accepted string: its UTF-8 at `out`, its
 * length in *n; returns the bytes that it takes in the string. */
static size_t unescape(const char *s, char out[4], size_t *n) {
  static const char letters[] = "bfnrt", codes[] = "\b\f\n\r\t";
  const char *letter;
  size_t used = 6;
  uint32_t c;
  *n = 1;
  if (s[0] != '\\') {
    out[0] = s[0];
    return 1;
  }
  letter = strchr(letters, s[1]);
  out[0] = letter ? codes[letter - letters] : s[1];
  if (s[1] != 'u') return 2;
  c = (uint32_t)hex4(s + 2);
  if (c >= 0xD800 && c <= 0xDBFF) {
    c = 0x10000 + ((c - 0xD800) << 10) + (uint32_t)hex4(s + 8) - 0xDC00;
    used = 12;
  }
  *n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = *n - 1; i > 0; i--) {
    out[i] = (char)(0x80 | (c & 0x3F));
    c >>= 6;
  }
  out[0] = (char)(*n == 1 ? c : (0xF00u >> *n & 0xFF) | c);
  return used;
}

static bool is_named(json_view name, const char *key) {
  size_t i = 1, n, left = strlen(key);
  char c[4];
  while (i < name.len - 1) {
    i += unescape(name.text + i, c, &n);
    if (n > left || memcmp(c, key, n) != 0) return false;
    key += n;
    left -= n;
  }
  return left == 0;
}

json_view json_member(json_view object, const char *key) {
  reader r = {.s = object.text, .len = object.len, .at = 1};
  json_view found = none, name;
  size_t start;
  if (object.kind != JSON_OBJECT) return none;
  for (;;) {
    skip_blanks(&r);
    if (peek(&r) != '"') return found;
    start = r.at;
    name = view_of(r.s + start, skip_value(&r) - start);
    skip_blanks(&r);
    r.at++; /* the colon */
    skip_blanks(&r);
    start = r.at;
    skip_value(&r);
    if (is_named(name, key)) found = view_of(r.s + start, r.at - start);
    skip_blanks(&r);
    r.at++; /* a comma, or the end */
  }
}

bool json_string(json_view v, char *out, size_t cap, size_t *len) {
  size_t i = 1, used = 0, n;
  char c[4];
  if (v.kind != JSON_STRING) return false;
  while (i < v.len - 1) {
    i += unescape(v.text + i, c, &n);
    if (c[0] == '\0' || cap - used <= n || cap <= used) return false;
    memcpy(out + used, c, n);
    used += n;
  }
  if (used >= cap) return false;
  out[used] = '\0';
  *len = used;
  return true;
}

bool json_integer(json_view v, int64_t *out) {
  return v.kind == JSON_NUMBER && to_integer(v.text, v.len, out);
}
