/* SPDX-License-Identifier: MIT
 *
 * redact: redaction (see redact.h). */
#include "util/redact.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/ascii.h"
#include "util/os.h"

static const char mask[] = "[secret]";

enum {
  BASE64_MIN_BYTES = 8,   /* a shorter secret's base64 is any word */
  ANY_CASE_MIN_BYTES = 8, /* a shorter one may be a word in other cases */
  LONG_BEGINNING = 64     /* characters of a secret that are hidden alone too */
};

/* What is looked for. The base64 of a text that holds the secret has one of
 * three middles, by where in a group of three bytes the secret begins. */
typedef struct {
  const char *secret; /* borrowed */
  size_t len;
  bool is_any_case; /* also in other cases, as names of hosts come back */
  char *middles[3]; /* owned; NULL: the secret is too short */
} pattern;

/* ---- one character, as it is or encoded ---- */

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* The character of two hexadecimal digits, or -1. */
static int hex_char(const char *text) {
  int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
  return low < 0 ? -1 : high * 16 + low;
}

/* The character that an HTML entity stands for, "&amp;" or "&#x26;", and its
 * bytes in `taken`; -1: the text begins with none. */
static int entity_char(const char *text, size_t len, size_t *taken) {
  static const struct {
    const char *name;
    char c;
  } named[] = {{"&amp;", '&'},
               {"&lt;", '<'},
               {"&gt;", '>'},
               {"&quot;", '"'},
               {"&apos;", '\''}};
  for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
    *taken = strlen(named[i].name);
    if (len >= *taken && memcmp(text, named[i].name, *taken) == 0)
      return named[i].c;
  }
  if (len < 4 || text[1] != '#') return -1;
  bool is_hex = text[2] == 'x' || text[2] == 'X';
  int value = 0, base = is_hex ? 16 : 10;
  size_t first = is_hex ? 3 : 2, n = first;
  for (; n < len && n < first + 6; n++) {
    int digit = hex_digit(text[n]);
    if (digit < 0 || digit >= base) break;
    value = value * base + digit;
  }
  *taken = n + 1;
  return n > first && n < len && text[n] == ';' ? value : -1;
}

static bool is_same(bool is_any_case, int c, char wanted) {
  unsigned char w = (unsigned char)wanted;
  return c == w || (is_any_case && ascii_lower(c) == ascii_lower(w));
}

/* How many bytes of `text` stand for `wanted`: itself, its JSON escapes, its
 * percent-encoding, its HTML entities; 0: none do. */
static size_t take_char(bool is_any_case, const char *text, size_t len,
                        char wanted) {
  size_t taken;
  if (len == 0) return 0;
  if (text[0] == '&' &&
      is_same(is_any_case, entity_char(text, len, &taken), wanted))
    return taken;
  if (text[0] == '%' && len >= 3 &&
      is_same(is_any_case, hex_char(text + 1), wanted))
    return 3;
  if (text[0] == '\\' && len >= 2 && text[1] == wanted) return 2;
  if (text[0] == '\\' && len >= 6 && memcmp(text + 1, "u00", 3) == 0 &&
      is_same(is_any_case, hex_char(text + 4), wanted))
    return 6;
  return is_same(is_any_case, (unsigned char)text[0], wanted) ? 1 : 0;
}

/* May a secret have been cut off here, where all that is left of the text is
 * `text`: nothing, or the beginning of an escape? */
static bool is_cut(const char *text, size_t len) {
  return len == 0 || (len < 9 && memchr("%\\&", text[0], 3));
}

/* The secret goes on otherwise after `same` characters, `n` bytes of the text:
 * how many of these are hidden. What is hidden is not looked at again, and of
 * all else no more than LONG_BEGINNING characters are: a text and a secret that
 * resemble each other cost no more time than others. */
static size_t end_early(const char *text, size_t len, size_t n, size_t same,
                        size_t least) {
  if (same >= least && is_cut(text + n, len - n)) return len;
  return same >= LONG_BEGINNING ? n : 0;
}

static size_t match_encoded(const char *text, size_t len, const pattern *p) {
  size_t n = 0;
  if (p->len <= len && memcmp(text, p->secret, p->len) == 0) return p->len;
  for (size_t i = 0; i < p->len; i++) {
    size_t taken = take_char(p->is_any_case, text + n, len - n, p->secret[i]);
    if (taken == 0) return end_early(text, len, n, i, REDACT_MIN_BYTES);
    n += taken;
  }
  return n;
}

/* ---- base64 ---- */

/* The sextet that begins at bit `at` of `offset` unknown bytes and the secret
 * after them. */
static unsigned sextet(const pattern *p, size_t offset, size_t at) {
  unsigned value = 0;
  for (size_t bit = at; bit < at + 6; bit++) {
    size_t byte = bit / 8 - offset;
    unsigned c = (unsigned char)p->secret[byte];
    value = value << 1 | (c >> (7 - bit % 8) & 1u);
  }
  return value;
}

/* Those characters that only the secret determines. */
static char *make_middle(const pattern *p, size_t offset) {
  static const char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t first = (offset * 8 + 5) / 6, end = (offset + p->len) * 8 / 6;
  char *out = malloc(end - first + 1);
  if (!out) return NULL;
  for (size_t i = first; i < end; i++)
    out[i - first] = alphabet[sextet(p, offset, i * 6)];
  out[end - first] = '\0';
  return out;
}

/* As take_char; the alphabet for addresses has two other characters. */
static size_t take_digit(const char *text, size_t len, char wanted) {
  bool is_other = len > 0 && ((text[0] == '-' && wanted == '+') ||
                              (text[0] == '_' && wanted == '/'));
  return is_other ? 1 : take_char(false, text, len, wanted);
}

static size_t match_base64(const char *text, size_t len, const char *middle) {
  size_t n = 0;
  for (size_t i = 0; middle[i]; i++) {
    size_t taken = take_digit(text + n, len - n, middle[i]);
    if (taken == 0) return end_early(text, len, n, i, BASE64_MIN_BYTES);
    n += taken;
  }
  return n;
}

/* ---- patterns ---- */

static void free_patterns(pattern *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    for (int k = 0; k < 3; k++) os_free_secret(list[i].middles[k]);
  free(list);
}

static bool fill_pattern(pattern *p, const char *secret) {
  p->secret = secret;
  p->len = strlen(secret);
  p->is_any_case = p->len >= ANY_CASE_MIN_BYTES;
  for (size_t k = 0; p->len >= BASE64_MIN_BYTES && k < 3; k++)
    if (!(p->middles[k] = make_middle(p, k))) return false;
  return true;
}

/* A pattern for each secret that is long enough; NULL when out of memory. */
static pattern *make_patterns(const char *const *secrets, size_t count,
                              size_t *used) {
  pattern *list = calloc(count + 1, sizeof *list);
  *used = 0;
  for (size_t i = 0; list && i < count; i++) {
    if (!secrets[i] || strlen(secrets[i]) < REDACT_MIN_BYTES) continue;
    if (fill_pattern(&list[(*used)++], secrets[i])) continue;
    free_patterns(list, *used);
    return NULL;
  }
  return list;
}

/* Which bytes a secret may begin with, encoded or not. */
static void note_beginnings(const pattern *list, size_t count,
                            bool begins[256]) {
  memset(begins, 0, 256 * sizeof begins[0]);
  begins['%'] = begins['\\'] = begins['&'] = begins['-'] = begins['_'] = true;
  for (size_t i = 0; i < count; i++) {
    int first = (unsigned char)list[i].secret[0];
    begins[first] = begins[ascii_lower(first)] = begins[ascii_upper(first)] =
        true;
    for (int k = 0; k < 3; k++)
      if (list[i].middles[k])
        begins[(unsigned char)list[i].middles[k][0]] = true;
  }
}

/* Length of the longest secret that begins at `text`, or 0. */
static size_t match(const char *text, size_t len, const pattern *list,
                    size_t count) {
  size_t best = 0;
  for (size_t i = 0; i < count; i++) {
    size_t n = match_encoded(text, len, &list[i]);
    if (n > best) best = n;
    for (int k = 0; k < 3 && list[i].middles[k]; k++) {
      n = match_base64(text, len, list[i].middles[k]);
      if (n > best) best = n;
    }
  }
  return best;
}

size_t redact_room(size_t len, size_t most) {
  size_t whole = len * 2; /* a mask is at most twice as long as what it hides */
  return (most < whole ? most + sizeof mask : whole) + 1;
}

char *redact_text(const char *text, size_t len, size_t most,
                  const char *const *secrets, size_t count, size_t *out_len) {
  bool begins[256];
  size_t used, n = 0;
  pattern *list = make_patterns(secrets, count, &used);
  char *out = list ? malloc(redact_room(len, most)) : NULL;
  if (out) note_beginnings(list, used, begins);
  for (size_t i = 0; out && i < len && n < most;) {
    size_t hidden = begins[(unsigned char)text[i]]
                        ? match(text + i, len - i, list, used)
                        : 0;
    if (hidden == 0) {
      out[n++] = text[i++];
      continue;
    }
    memcpy(out + n, mask, sizeof mask - 1);
    n += sizeof mask - 1;
    i += hidden;
  }
  if (list) free_patterns(list, used);
  if (!out) return NULL;
  out[n] = '\0';
  *out_len = n;
  return out;
}
