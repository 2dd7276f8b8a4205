/* SPDX-License-Identifier: MIT
 *
 * sentences: see sentences.h. */
#include "util/sentences.h"

#include <stdint.h>
#include <string.h>

#include "util/text_decode.h"

typedef enum {
  OTHER,
  STOP,      /* ends a sentence when a blank follows */
  WIDE_STOP, /* whatever follows */
  CLOSER,
  SPACE,
  LINE_END, /* a blank too */
  PAUSE
} kind;

static kind kind_of(uint32_t code) {
  switch (code) {
    case '.':
    case '!':
    case '?':
    case 0x2026:
    case 0x61F:
    case 0x6D4:
      return STOP;
    case 0x3002:
    case 0xFF01:
    case 0xFF1F:
    case 0xFF61:
    case 0x964:
    case 0x965:
      return WIDE_STOP;
    case ')':
    case ']':
    case '}':
    case '"':
    case '\'':
    case 0xBB:
    case 0x201D:
    case 0x2019:
    case 0x300D:
    case 0x300F:
    case 0xFF09:
    case 0x3011:
      return CLOSER;
    case ' ':
    case '\t':
    case '\r':
    case 0xA0:
    case 0x3000:
      return SPACE;
    case '\n':
      return LINE_END;
    case ',':
    case ';':
    case ':':
    case 0x3001:
    case 0xFF0C:
    case 0xFF1B:
    case 0xFF1A:
    case 0x60C:
      return PAUSE;
    default:
      return OTHER;
  }
}

/* Does a mark belong to the character before it? */
static bool is_mark(uint32_t code) {
  uint32_t low = code & 0x7F;
  if (code < 0x300) return false;
  if (code >= 0x900 && code <= 0xDFF)
    return (low >= 0x3A && low <= 0x4F) || low <= 3;
  return code <= 0x36F || code == 0xE31 || (code >= 0xE34 && code <= 0xE3A) ||
         (code >= 0xE47 && code <= 0xE4E) ||
         (code >= 0xFE00 && code <= 0xFE0F) || code == 0x200C || code == 0x200D;
}

static bool is_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* The end of the letters from `s` on, of which at most `most` are looked at. */
static const char *letters_end(const char *s, const char *end, size_t most) {
  if ((size_t)(end - s) > most) end = s + most;
  while (s < end && is_letter(*s)) s++;
  return s;
}

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

typedef struct {
  const char *text, *end; /* of all */
  const char *from;       /* of the piece */
  const char *pause;      /* behind its last one; or NULL */
  const char *at;         /* where its stop is */
  size_t count;           /* its characters so far */
  kind stop;              /* OTHER: it has none */
  bool has_ordinals;      /* its language writes them as "3." */
  bool is_full_stop;
  bool has_space; /* behind its stop */
  sentence_piece *piece;
  void *context;
} cutter;

static long weight_of(const char *s, const char *end, bool is_last) {
  long count = 0;
  bool is_after_blank = true;
  for (; s < end; s++) {
    const char *other = letters_end(s, end, SIZE_MAX); /* most are letters */
    if (other > s) is_after_blank = false;
    count += other - s;
    s = other;
    if (s == end) break;
    bool is_here = is_blank(*s);
    bool is_glue = *s == '\xC2' && s + 1 < end && s[1] == '\xA0';
    if (*s == '<' || *s == '&' || is_glue) return -1;
    if (is_here ? !is_after_blank : ((unsigned char)*s & 0xC0) != 0x80) count++;
    is_after_blank = is_here;
  }
  return is_last && is_after_blank && count > 0 ? count - 1 : count;
}

/* Ends the piece before `place`. */
static void finish(cutter *c, const char *place) {
  c->piece(c->context, c->from, (size_t)(place - c->from),
           weight_of(c->from, place, place == c->end));
  c->from = place;
  c->count = 0;
  c->stop = OTHER;
  c->pause = NULL;
}

/* Is the word before a full stop a single letter, or one that is written with
 * it? */
static bool is_abbreviated(const cutter *c) {
  static const char *const words[] = {"mr", "mrs", "ms",  "dr",  "prof", "st",
                                      "vs", "nr",  "etc", "fig", "vol",  "bzw",
                                      "ca", "usw", "sr",  "sra", "mme"};
  size_t len = 0;
  char word[5] = "";
  while (len < sizeof word && c->at - len > c->text &&
         is_letter(c->at[-(ptrdiff_t)len - 1]))
    len++;
  if (len == 1) return true;
  for (size_t i = 0; i < len; i++) word[i] = (char)((c->at - len)[i] | 0x20);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
      return true;
  return false;
}

/* Is the word before a full stop the number of an item, which begins the piece,
 * or an ordinal: one or two digits, or a Roman number? */
static bool is_numbered(const cutter *c) {
  const char *s = c->at, *end = c->at;
  while (s > c->from && s[-1] >= '0' && s[-1] <= '9') s--;
  bool is_short = s < end && end - s <= 2;
  if (is_short && s == c->from) return true;
  if (s == end) {
    while (s > c->from && s[-1] && strchr("IVX", s[-1])) s--;
    is_short = s < end;
  }
  return is_short && c->has_ordinals && (s == c->from || is_blank(s[-1]));
}

/* Does the piece end before this character? */
static bool ends(cutter *c, uint32_t code, kind k) {
  if (c->stop == OTHER || k == STOP || k == WIDE_STOP || k == CLOSER)
    return false;
  if (k == SPACE || k == LINE_END) {
    c->has_space = true;
    return false;
  }
  if (c->stop == LINE_END || c->stop == WIDE_STOP) return true;
  bool is_small = code >= 'a' && code <= 'z';
  if (c->has_space && (!c->is_full_stop ||
                       (!is_small && !is_abbreviated(c) && !is_numbered(c))))
    return true;
  c->stop = OTHER;
  return false;
}

/* Ends a piece that is too long: at its last pause, or before this character.
 */
static void limit(cutter *c, const char *place, uint32_t code, kind k,
                  size_t most) {
  const char *pause = c->pause;
  if (c->count < most || k == CLOSER || k == SPACE || k == LINE_END ||
      is_mark(code))
    return;
  finish(c, pause ? pause : place);
  for (const char *s = c->from; s < place; s++)
    if (((unsigned char)*s & 0xC0) != 0x80) c->count++;
}

static void note(cutter *c, const char *place, const char *after, kind k) {
  c->count++;
  if (k == STOP || k == WIDE_STOP || k == LINE_END) {
    if (c->stop != LINE_END) {
      c->stop = k;
      c->at = place;
      c->is_full_stop = *place == '.';
    }
    c->has_space = k == LINE_END;
  } else if (k == SPACE || k == PAUSE) {
    c->pause = after;
  }
}

/* The end of the markup at `s`; NULL: it is none. */
static const char *tag_end(const char *s, const char *end) {
  s++;
  if (s < end && (*s == '/' || *s == '!')) s++;
  if (s == end || !is_letter(*s)) return NULL;
  while (s < end && *s != '<' && *s != '>') s++;
  return s < end && *s == '>' ? s + 1 : NULL;
}

/* A straight quotation mark that opens, after a blank. */
static bool is_opener(const char *text, const char *s) {
  return (*s == '"' || *s == '\'') && s > text && is_blank(s[-1]);
}

void sentences_cut(const char *text, size_t len, size_t most, bool has_ordinals,
                   sentence_piece *piece, void *context) {
  cutter c = {.text = text,
              .has_ordinals = has_ordinals,
              .end = text + len,
              .from = text,
              .piece = piece,
              .context = context};
  const char *after;
  for (const char *s = text; s < c.end; s = after) {
    if (c.stop == OTHER && c.count < most) { /* most are words and blanks */
      after = letters_end(s, c.end, most - c.count);
      if (after < c.end && *after == ' ') c.pause = ++after;
      c.count += (size_t)(after - s);
      if (after > s) continue;
    }
    uint32_t code = text_decode(s, c.end, &after);
    kind k = is_opener(text, s) ? OTHER : kind_of(code);
    const char *tag = code == '<' ? tag_end(s, c.end) : NULL;
    if (ends(&c, code, k))
      finish(&c, s);
    else
      limit(&c, s, code, k, most);
    if (tag)
      after = tag;
    else
      note(&c, s, after, k);
  }
  if (c.from < c.end) finish(&c, c.end);
}
