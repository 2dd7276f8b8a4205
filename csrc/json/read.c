/* SPDX-License-Identifier: MIT
 *
 * json_read: the reader (see read.h). One loop over the text with a bit per
 * open bracket instead of recursion. */
#include "json/read.h"

#include <string.h>

#include "json/text.h"

enum { DEPTH_WORDS = JSON_MAX_DEPTH / 64 };

typedef struct {
  const char *s;                   /* the text */
  size_t len;                      /* its length */
  size_t at;                       /* the next byte */
  size_t depth;                    /* open brackets */
  uint64_t is_object[DEPTH_WORDS]; /* a bit for each of them */
  bool is_tolerant;
  const char *what; /* the fault, or NULL */
  json_taker *take;
  void *to;
} reader;

/* -- the pieces -- */

static bool fault(reader *r, const char *what) {
  r->what = what;
  return false;
}

static bool hand_over(reader *r, const json_piece *piece) {
  r->what = r->take(r->to, piece);
  return r->what == NULL;
}

/* Hands over what begins at `start` and ends here. */
static bool hand_over_from(reader *r, size_t start, json_kind kind) {
  json_piece piece = {.kind = kind, .text = r->s + start, .len = r->at - start};
  return hand_over(r, &piece);
}

/* The next byte, or -1 at the end. */
static int peek(const reader *r) {
  return r->at < r->len ? (unsigned char)r->s[r->at] : -1;
}

static bool is_blank(const reader *r, int c) {
  if (r->is_tolerant) return c >= 0 && c <= ' ';
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Skips blanks; the next byte, or -1 at the end. */
static int peek_past_blanks(reader *r) {
  int c = peek(r);
  while (is_blank(r, c)) {
    r->at++;
    c = peek(r);
  }
  return c;
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

/* Is there the second half of a surrogate pair at `s`? Its ten bits are then
 * in *low. */
static bool has_second_half(const char *s, size_t len, int *low) {
  if (len < 6 || s[0] != '\\' || s[1] != 'u') return false;
  *low = hex4(s + 2) - 0xDC00;
  return *low >= 0 && *low < 0x400;
}

/* The rest of \uXXXX, behind the u; with its second half, if it needs one. */
static bool read_unicode(reader *r) {
  int c = r->len - r->at >= 4 ? hex4(r->s + r->at) : -1, low;
  if (c < 0) return fault(r, "four hex digits expected after \\u");
  r->at += 4;
  if (c < 0xD800 || c > 0xDFFF) return true;
  if (c >= 0xDC00 || !has_second_half(r->s + r->at, r->len - r->at, &low))
    return fault(r, "half a surrogate pair");
  r->at += 6;
  return true;
}

static bool read_escape(reader *r) {
  int c = peek(r);
  if (c < 0) return fault(r, "the text ends inside a string");
  r->at++;
  if (r->is_tolerant) return true;
  if (c == 'u') return read_unicode(r);
  if (c != 0 && strchr("\"\\/bfnrt", c)) return true;
  r->at--;
  return fault(r, "unknown escape in a string");
}

/* A byte that begins no ASCII character that stands for itself; false when the
 * text may not go on like this. */
static bool read_special(reader *r, int c, bool *is_plain) {
  size_t n = 1;
  if (c < 0) return fault(r, "the text ends inside a string");
  if (c >= 0x80) {
    n = json_utf8(r->s + r->at, r->len - r->at);
    if (n == 0 && !r->is_tolerant) return fault(r, "the text is not UTF-8");
    if (n == 0) *is_plain = false;
  } else if (!r->is_tolerant) {
    return fault(r, "control character in a string");
  }
  r->at += n > 0 ? n : 1;
  return true;
}

/* A string, from its first quote on, as the text of a piece. */
static bool read_string(reader *r, json_piece *p) {
  p->text = r->s + ++r->at;
  p->is_plain = true;
  for (;;) {
    r->at += json_plain_run(r->s + r->at, r->len - r->at);
    int c = peek(r);
    if (c == '"') {
      p->len = (size_t)(r->s + r->at++ - p->text);
      return true;
    }
    if (c == '\\') {
      r->at++;
      p->is_plain = false;
      if (!read_escape(r)) return false;
    } else if (!read_special(r, c, &p->is_plain)) {
      return false;
    }
  }
}

/* Skips digits; how many there were. */
static size_t skip_digits(reader *r) {
  size_t start = r->at;
  while (is_digit(peek(r))) r->at++;
  return r->at - start;
}

static bool read_fraction(reader *r, bool has_whole) {
  r->at++;
  if (skip_digits(r) > 0 || (r->is_tolerant && has_whole)) return true;
  return fault(r, "digit expected");
}

static bool read_exponent(reader *r) {
  r->at++;
  if (peek(r) == '+' || peek(r) == '-') r->at++;
  return skip_digits(r) > 0 || fault(r, "digit expected");
}

static bool read_number(reader *r) {
  json_piece p = {.kind = JSON_NUMBER, .text = r->s + r->at};
  int sign = peek(r);
  if (sign == '-' || sign == '+') r->at++;
  bool has_zero = peek(r) == '0';
  size_t digits = skip_digits(r);
  p.is_integer = true;
  if (!r->is_tolerant && has_zero && digits > 1)
    return fault(r, "a number with a leading zero");
  if (digits == 0 && !(r->is_tolerant && peek(r) == '.'))
    return fault(r, "digit expected");
  if (peek(r) == '.') {
    p.is_integer = false;
    if (!read_fraction(r, digits > 0)) return false;
  }
  if (peek(r) == 'e' || peek(r) == 'E') {
    p.is_integer = false;
    if (!read_exponent(r)) return false;
  }
  p.len = (size_t)(r->s + r->at - p.text);
  return hand_over(r, &p);
}

/* Skips a word if it is there. */
static bool skip_word(reader *r, const char *word) {
  size_t n = strlen(word);
  if (r->len - r->at < n || memcmp(r->s + r->at, word, n) != 0) return false;
  r->at += n;
  return true;
}

/* NaN, Infinity and -Infinity are what some writers make of numbers that JSON
 * does not have. */
static bool skip_no_number(reader *r) {
  return r->is_tolerant && (skip_word(r, "NaN") || skip_word(r, "Infinity") ||
                            skip_word(r, "-Infinity"));
}

static bool read_word(reader *r) {
  size_t start = r->at;
  if (skip_word(r, "true")) return hand_over_from(r, start, JSON_TRUE);
  if (skip_word(r, "false")) return hand_over_from(r, start, JSON_FALSE);
  if (skip_word(r, "null")) return hand_over_from(r, start, JSON_NULL);
  return fault(r, peek(r) < 0 ? "the text ends too early" : "value expected");
}

static bool read_scalar(reader *r) {
  size_t start = r->at;
  int c = peek(r);
  if (c == '"') {
    json_piece p = {.kind = JSON_STRING};
    return read_string(r, &p) && hand_over(r, &p);
  }
  if (skip_no_number(r)) return hand_over_from(r, start, JSON_NULL);
  if (c == '-' || is_digit(c) || (r->is_tolerant && (c == '+' || c == '.')))
    return read_number(r);
  return read_word(r);
}

/* -- the whole -- */

static bool in_object(const reader *r) {
  size_t level = r->depth - 1;
  return r->is_object[level / 64] >> (level % 64) & 1;
}

static bool open_bracket(reader *r, bool is_object) {
  size_t level = r->depth;
  uint64_t bit = UINT64_C(1) << (level % 64);
  if (level == JSON_MAX_DEPTH) return fault(r, "nested deeper than 128 levels");
  if (is_object)
    r->is_object[level / 64] |= bit;
  else
    r->is_object[level / 64] &= ~bit;
  r->depth++;
  r->at++;
  return hand_over_from(r, r->at - 1, is_object ? JSON_OBJECT : JSON_ARRAY);
}

static bool close_bracket(reader *r) {
  r->at++;
  r->depth--;
  return hand_over_from(r, r->at - 1, JSON_END);
}

/* The name of a member and its colon, up to the value. */
static bool read_name(reader *r) {
  json_piece p = {.kind = JSON_NAME};
  if (peek_past_blanks(r) != '"') return fault(r, "name in quotes expected");
  if (!read_string(r, &p) || !hand_over(r, &p)) return false;
  if (peek_past_blanks(r) != ':') return fault(r, "':' expected");
  r->at++;
  return true;
}

/* A value up to its end, or up to the first value inside of it; then
 * *is_open. */
static bool begin_value(reader *r, bool *is_open) {
  int c = peek_past_blanks(r);
  *is_open = false;
  if (c != '{' && c != '[') return read_scalar(r);
  if (!open_bracket(r, c == '{')) return false;
  if (peek_past_blanks(r) == (c == '{' ? '}' : ']')) return close_bracket(r);
  *is_open = true;
  return c == '[' || read_name(r);
}

/* What follows a value: closing brackets and a comma. *is_done when the
 * outermost value is complete. */
static bool end_value(reader *r, bool *is_done) {
  *is_done = false;
  while (r->depth > 0) {
    bool is_object = in_object(r);
    int end = is_object ? '}' : ']', c = peek_past_blanks(r);
    if (c == ',') {
      r->at++;
      if (!r->is_tolerant || peek_past_blanks(r) != end)
        return !is_object || read_name(r);
    } else if (c != end) {
      return fault(r,
                   is_object ? "',' or '}' expected" : "',' or ']' expected");
    }
    if (!close_bracket(r)) return false;
  }
  *is_done = true;
  return true;
}

static bool read_text(reader *r) {
  bool is_open, is_done = false;
  if (r->is_tolerant) skip_word(r, "\xEF\xBB\xBF");
  int first = peek_past_blanks(r);
  while (!is_done)
    if (!begin_value(r, &is_open) || (!is_open && !end_value(r, &is_done)))
      return false;
  if (peek_past_blanks(r) < 0) return true;
  if (r->is_tolerant && (first == '{' || first == '[')) return true;
  return fault(r, "more text behind the value");
}

bool json_read(const char *text, size_t len, json_mode mode, json_taker *take,
               void *to, json_fault *why) {
  reader r = {.s = text, .len = len, .take = take, .to = to};
  r.is_tolerant = mode == JSON_TOLERANT;
  bool ok = read_text(&r);
  *why = (json_fault){ok ? NULL : r.what, r.at};
  return ok;
}

/* -- the characters of strings -- */

static size_t put_utf8(uint32_t c, char out[4]) {
  size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = n - 1; i > 0; i--) {
    out[i] = (char)(0x80 | (c & 0x3F));
    c >>= 6;
  }
  out[0] = (char)(n == 1 ? c : (0xF00u >> n & 0xFF) | c);
  return n;
}

/* The character of an escape at `s`, behind the backslash; *c becomes its
 * code. Returns the bytes that it takes. */
static size_t unescape_one(const char *s, size_t len, uint32_t *c) {
  static const char letters[] = "bfnrt", codes[] = "\b\f\n\r\t";
  const char *letter = *s ? strchr(letters, *s) : NULL;
  int high, low;
  *c = letter ? (unsigned char)codes[letter - letters] : (unsigned char)*s;
  if (*s != 'u') return 1;
  *c = 0xFFFD;
  high = len >= 5 ? hex4(s + 1) : -1;
  if (high < 0) return 1;
  if (high < 0xD800 || high > 0xDFFF) {
    *c = (uint32_t)high;
  } else if (high < 0xDC00 && has_second_half(s + 5, len - 5, &low)) {
    *c = 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)low;
    return 11;
  }
  return 5;
}

/* The character at `s`: its UTF-8 at `out`, its length in *n. Returns the
 * bytes that it takes, at most `len`, which is not 0. */
static size_t take_one(const char *s, size_t len, char out[4], size_t *n) {
  unsigned char c = (unsigned char)s[0];
  uint32_t code = 0xFFFD;
  size_t used = 1;
  *n = 1;
  out[0] = s[0];
  if (c == '\\' && len > 1) {
    if ((unsigned char)s[1] >= 0x80) return 1; /* the backslash itself */
    used = 1 + unescape_one(s + 1, len - 1, &code);
    *n = put_utf8(code, out);
  } else if (c >= 0x80) {
    used = json_utf8(s, len);
    *n = used > 0 ? used : put_utf8(code, out);
    if (used > 0) memcpy(out, s, used);
    if (used == 0) used = 1;
  }
  return used;
}

size_t json_unescape(const char *text, size_t len, char *out) {
  size_t at = 0, total = 0, n;
  char c[4];
  while (at < len) {
    at += take_one(text + at, len - at, c, &n);
    if (out) memcpy(out + total, c, n);
    total += n;
  }
  return total;
}
