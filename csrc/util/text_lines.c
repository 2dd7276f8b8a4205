/* SPDX-License-Identifier: MIT
 *
 * text_lines: see text_lines.h. A text is read cluster by cluster, what no line
 * break divides; nothing is remembered of it: what has no room in a line is
 * read again in smaller pieces.
 *
 * Classes of characters, after Unicode's of line breaking (UAX #14):
 *   a  letters, and what stands with them    n  digits
 *   i  ideographs, kana, Hangul              e  pictographs
 *   y  symbols that can be one               r  halves of flags
 *   c  closes: begins no line                o  opens: ends no line
 *   p  closes, and holds on to the letter after it
 *   q  quotation marks                       g  glue: no break beside it
 *   b  may end a line                        d  dash: breaks on both sides
 *   z  break here
 *   s  letters of scripts without spaces (Thai, Lao, Khmer, Burmese); l, f:
 *      their vowels that stand before or after their consonant
 *   t, u, h  Arabic letters that are joined to the one after or before them;
 *      t and u are wider where no letter is joined to them, at a word's end
 *   x  combining marks                       m  skin tones
 *   v  marks that join the letters beside them, j  zero width joiner
 *   k  letters ra, which take no room where one joins them to another letter
 *
 * Widths are in hundredths of the font size. */
#include "util/text_lines.h"

#include <stdbool.h>
#include <stdint.h>

#include "util/text_classes.h"
#include "util/text_decode.h"
#include "util/thai_words.h"

#define IS(letter) (1u << ((letter) - 'a'))

enum {
  EMOJI = 125,    /* width of a pictograph */
  SPACE = 26,     /* of a blank */
  MANY_WORDS = 8, /* font sizes: a line has room for some words of Thai */
  WORD_END = 42,  /* what "t" is wider at the end of a word, */
  WIDE_END = 68   /* and "u" */
};

/* Classes beside which no line breaks: before, and after. */
static const unsigned HOLDS_BEFORE =
    IS('c') | IS('p') | IS('b') | IS('q') | IS('g') | IS('z');
static const unsigned HOLDS_AFTER = IS('o') | IS('q') | IS('g');
static const unsigned BREAKS_BESIDE = IS('i') | IS('e') | IS('r') | IS('d');
static const unsigned PICTORIAL = IS('e') | IS('y');
static const unsigned SPACELESS = IS('s') | IS('f') | IS('l');
static const unsigned JOINED = IS('t') | IS('u') | IS('h');
#define MARKS (IS('x') | IS('v') | IS('j') | IS('m'))
/* What may join the character before it, or the one after it. */
static const unsigned JOINS_BEFORE = MARKS | IS('f');
static const unsigned JOINS_AFTER =
    IS('v') | IS('w') | IS('j') | IS('l') | IS('r');

static bool is(char kind, unsigned set) {
  return set >> (kind - 'a') & 1;
}

typedef struct {
  const char *at, *after, *end; /* a character, the one after it; of the text */
  uint32_t point;               /* what the character is, */
  const uint32_t *row;          /* and its row of text_classes */
  int width;
  char kind;          /* its class; at the end: the last one's */
  char base, earlier; /* classes of the cluster before it, and the one before
                         that; 0: there is none */
  char joint;         /* class of the character before it; "a": the second half
                         of a flag, a ra that is joined; "w": a "v" behind a ra
                         that begins the cluster */
  int taken;          /* what the mark "v" before it took off */
} reader;

/* The row of a character. `last`, that of another one, is often the same. */
static const uint32_t *look_up(uint32_t point, const uint32_t *last) {
  if (point < 0x80) return &text_classes[point > ' ' ? point - ' ' : 0];
  uint32_t key = point < 0xFFFFF ? point << 12 | 0xFFF : UINT32_MAX;
  const uint32_t *row = text_classes, *end = row + text_classes_count;
  if (*last <= key && last + 1 < end && key < last[1]) return last;
  for (size_t n = text_classes_count; n > 1; n -= n / 2)
    if (row[n / 2] <= key) row += n / 2;
  return row;
}

/* Goes on to the character at `at`. */
static void move(reader *r, const char *at) {
  r->at = at;
  if (at >= r->end) return;
  r->point = text_decode(at, r->end, &r->after);
  r->row = look_up(r->point, r->row);
  r->width = (int)(*r->row >> 5 & 0x7F);
  r->kind = (char)('a' + (*r->row & 0x1F));
}

static reader new_reader(const char *text, const char *end) {
  reader r = {.end = end, .row = text_classes};
  move(&r, text);
  return r;
}

/* What the character adds to the cluster before it, `sum` wide so far; false:
 * it begins a cluster of its own. */
static bool joins(const reader *r, int sum, int *more) {
  *more = 0;
  if (!is(r->kind, JOINS_BEFORE) && !is(r->joint, JOINS_AFTER)) return false;
  if (r->kind == 'x') {
    bool is_emoji =
        (r->point == 0xFE0F && is(r->base, PICTORIAL)) || r->point == 0x20E3;
    *more = is_emoji ? EMOJI - sum : r->width;
  } else if (r->kind == 'v') {
    *more = r->joint == 'k' ? 0 : sum < r->width ? -sum : -r->width;
  } else if (r->kind == 'k' && r->joint == 'v') {
    *more = r->taken;
  } else if (r->kind == 'j' || (r->kind == 'm' && is(r->base, PICTORIAL))) {
    return true;
  } else if (r->joint == 'j') {
    bool is_one = is(r->base, PICTORIAL) && is(r->kind, PICTORIAL);
    *more = is_one ? 0 : r->width;
  } else if (r->joint == 'w' && r->point >= 0x80) {
    *more = r->width - sum;
  } else if (is(r->joint, IS('v') | IS('w') | IS('l')) || r->kind == 'f') {
    *more = r->width;
  } else {
    return r->kind == 'r' && r->joint == 'r';
  }
  return true;
}

/* What an Arabic letter is wider when no letter is joined to it. For line
 * breaks it is a letter as others, as a ra is. */
static int end_of_word(reader *r) {
  char kind = r->base;
  r->base = 'a';
  if (kind == 'h' || kind == 'k' || (r->at < r->end && is(r->kind, JOINED)))
    return 0;
  return kind == 't' ? WORD_END : WIDE_END;
}

/* Its class for the character after it; it added `more` to its cluster. */
static char joint_of(reader *r, int more) {
  if (r->kind == 'r' || r->kind == 'k') return 'a';
  if (r->kind != 'v') return r->kind;
  r->taken = -more;
  return r->joint == 'k' ? 'w' : 'v';
}

/* Reads a cluster; its width. */
static int read_cluster(reader *r) {
  int sum = r->width, more;
  r->earlier = r->base;
  r->base = r->joint = r->kind;
  for (move(r, r->after); r->at < r->end && joins(r, sum, &more);
       move(r, r->after)) {
    sum += more;
    r->joint = joint_of(r, more);
    if (!is(r->kind, MARKS)) r->base = r->kind;
  }
  return is(r->base, JOINED | IS('k')) ? sum + end_of_word(r) : sum;
}

/* May a line break before the cluster that comes next? "b": yes. "s": there may
 * be the end of a word of a script without spaces; "l": the same, before a
 * vowel that begins a syllable. "c": only within a word that is wider than a
 * line. */
static char boundary(const reader *r) {
  char before = r->base, after = r->kind;
  if (before == 'z') return 'b';
  if (is(after, HOLDS_BEFORE) || is(before, HOLDS_AFTER)) return 'c';
  if (before == 'c' || is(before, BREAKS_BESIDE))
    return before == 'd' && after == 'd' ? 'c' : 'b';
  if (before == 'b') { /* -1, but 1-2 */
    bool is_sign = after == 'n' && r->earlier != 'a' && r->earlier != 'n';
    return is_sign ? 'c' : 'b';
  }
  if ((before == 'p' && after == 'o') || is(after, BREAKS_BESIDE)) return 'b';
  if (!is(before, SPACELESS) || !is(after, SPACELESS)) return 'c';
  return after == 'l' ? 'l' : 's';
}

static int64_t width_of(const char *text, const char *end) {
  int64_t sum = 0;
  reader r = new_reader(text, end);
  while (r.at < r.end) sum += read_cluster(&r);
  return sum;
}

double text_width(const char *text, size_t len) {
  return (double)width_of(text, text + len) / 100;
}

/* Clusters that follow each other. */
typedef struct {
  reader begin;
  const char *end;
  int64_t width;
} span;

/* Reads clusters up to the next boundary of a kind, or to `end`. */
static span read_span(reader *r, const char *end, unsigned kinds) {
  span s = {.begin = *r};
  do {
    s.width += read_cluster(r);
  } while (r->at < end && !is(boundary(r), kinds));
  s.end = r->at;
  return s;
}

typedef struct {
  double limit;          /* width of a line */
  size_t most;           /* lines */
  const char *from, *to; /* of the line; from is NULL while it is empty */
  int64_t sum;           /* its width so far */
  int64_t widest;        /* see text_extent */
  size_t count;          /* lines before it */
  unsigned inside;       /* kinds of boundaries inside of the word */
  bool is_rough;         /* no dictionary is asked, */
  bool has_guessed;      /* where one may have known better */
  text_line *line;
  void *context;
} breaker;

static void end_line(breaker *b, const char *from, const char *to) {
  if (b->count == b->most) return;
  b->count++;
  if (b->line) b->line(b->context, from, (size_t)(to - from));
}

static void close_line(breaker *b) {
  if (b->from) end_line(b, b->from, b->to);
  b->from = NULL;
}

/* Appends a part of the text to the line, if that has room for it. */
static bool append(breaker *b, const char *from, const char *to,
                   int64_t width) {
  int64_t sum = width;
  if (b->from) sum += b->sum + (from - b->to) * SPACE;
  if ((double)sum > b->limit) return false;
  if (!b->from) b->from = from;
  b->sum = sum;
  b->to = to;
  return true;
}

static bool append_span(breaker *b, const span *s) {
  return append(b, s->begin.at, s->end, s->width);
}

/* May a dictionary know where the words are? */
static bool is_spaceless(unsigned boundaries) {
  return boundaries & (IS('s') | IS('l'));
}

typedef void place(breaker *b, const span *s);

/* Splits at boundaries of a kind, and places each part. */
static void split(breaker *b, const span *s, unsigned kinds, place *f) {
  reader r = s->begin;
  while (r.at < s->end) {
    span part = read_span(&r, s->end, kinds);
    f(b, &part);
  }
}

/* A cluster, which stands alone where it is wider than a line. It is as wide as
 * at the end of a word: it may be the last one of its line. */
static void place_cluster(breaker *b, const span *s) {
  int64_t width = width_of(s->begin.at, s->end);
  if (append(b, s->begin.at, s->end, width)) return;
  close_line(b);
  b->from = s->begin.at;
  b->to = s->end;
  b->sum = width;
}

/* What has no better place to break than between clusters. */
static void place_whole(breaker *b, const span *s) {
  if (s->width > b->widest) b->widest = s->width;
  if (append_span(b, s)) return;
  close_line(b);
  if (!append_span(b, s))
    split(b, s, IS('c') | IS('s') | IS('l') | IS('b'), place_cluster);
}

/* A piece of a script without spaces, up to a syllable's begin. A line is left
 * with less than a third of its room to begin the next one there. */
static void place_syllables(breaker *b, const span *s) {
  if (append_span(b, s)) return;
  if ((double)s->width * 3 <= b->limit)
    place_whole(b, s);
  else
    split(b, s, IS('s'), place_whole);
}

/* Places the words that a piece begins with; the piece is what follows. */
static void place_words(breaker *b, span *piece, const thai_words *words) {
  reader r = piece->begin;
  for (size_t i = 0; i < words->count; i++) {
    if (words->ends[i] <= r.at) continue;
    span word = {.begin = r};
    do {
      word.width += read_cluster(&r);
    } while (r.at < piece->end &&
             (r.at < words->ends[i] || !is_spaceless(IS(boundary(&r)))));
    word.end = r.at;
    place_whole(b, &word);
  }
  piece->begin = r;
}

/* A piece that no break for sure divides. */
static void place_piece(breaker *b, const span *s) {
  span rest = *s;
  thai_words words;
  if (append_span(b, s)) return;
  if (is_spaceless(b->inside) && b->is_rough) b->has_guessed = true;
  while (is_spaceless(b->inside) && !b->is_rough &&
         thai_words_find(&words, rest.begin.at,
                         (size_t)(rest.end - rest.begin.at)))
    place_words(b, &rest, &words);
  split(b, &rest, IS('l'), place_syllables);
}

static void place_word(breaker *b, const char *from, const char *to) {
  reader r = new_reader(from, to);
  span word = {.begin = r, .end = to};
  b->inside = 0;
  do {
    word.width += read_cluster(&r);
    if (r.at < to) b->inside |= IS(boundary(&r));
  } while (r.at < to);
  if (!(b->inside & ~IS('c')))
    place_whole(b, &word);
  else if (!append_span(b, &word))
    split(b, &word, IS('b'), place_piece);
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

static void place_paragraph(breaker *b, const char *at, const char *end) {
  size_t before = b->count;
  while (at < end && b->count < b->most) {
    const char *from = at;
    while (at < end && !is_blank(*at)) at++;
    if (at > from) place_word(b, from, at);
    while (at < end && is_blank(*at)) at++;
  }
  close_line(b);
  if (b->count == before) end_line(b, end, end);
}

static text_extent run(breaker *b, const char *text, size_t len) {
  const char *end = text + len, *at = text;
  while (b->count < b->most) {
    const char *from = at;
    while (at < end && *at != '\n') at++;
    bool has_return = at < end && at > from && at[-1] == '\r';
    place_paragraph(b, from, has_return ? at - 1 : at);
    if (at == end) break;
    at++;
  }
  return (text_extent){.count = b->count, .widest = (double)b->widest / 100};
}

static breaker new_breaker(double limit, size_t most) {
  return (breaker){.limit = limit * 100 + 1e-6, .most = most};
}

text_extent text_break(const char *text, size_t len, double limit, size_t most,
                       text_line *line, void *context) {
  breaker b = new_breaker(limit, most);
  b.line = line;
  b.context = context;
  return run(&b, text, len);
}

text_extent text_estimate(const char *text, size_t len, double limit,
                          double room) {
  breaker b = new_breaker(limit, SIZE_MAX);
  b.is_rough = true;
  text_extent e = run(&b, text, len);
  if (!b.has_guessed) return e;
  e.count += 1 + e.count / 5;
  if (limit >= MANY_WORDS && (double)e.count <= room) return e;
  return text_break(text, len, limit, SIZE_MAX, NULL, NULL);
}
