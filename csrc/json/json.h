/* SPDX-License-Identifier: MIT
 *
 * json: exact JSON text without Lua. A growable, bounded buffer with writers
 * for strings and numbers, and a strict reader that checks a whole text and
 * then finds single members of it. No locale is consulted, no input makes it
 * recurse, nothing is read beyond the given length. */
#ifndef AISTUDIOS_JSON_H
#define AISTUDIOS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  JSON_MAX_DEPTH = 128,   /* levels of lists and objects */
  JSON_NUMBER_BYTES = 64, /* room that writing a number needs */
};

/* Writing. After a failed write the buffer stays as it is and `failed`
 * stays set; the writers may be called on, they do nothing. */
typedef struct {
  char *data;  /* malloc'ed, or NULL; not NUL-terminated */
  size_t len;  /* bytes written */
  size_t cap;  /* bytes usable; len, once a write failed */
  size_t max;  /* bound of len; a number needs JSON_NUMBER_BYTES of it */
  bool failed; /* out of memory, or beyond max */
  bool full;   /* failed because of max */
} json_buf;

void json_buf_init(json_buf *b, size_t max);

/* Frees the data; the buffer is empty and usable again. */
void json_buf_free(json_buf *b);

/* Makes room for `extra` bytes although cap has less: as json_room. */
char *json_grow(json_buf *b, size_t extra);

/* Where `extra` (above 0) bytes can be put, for the caller to add to len what
 * it has put there; NULL: failed. */
static inline char *json_room(json_buf *b, size_t extra) {
  return extra <= b->cap - b->len ? b->data + b->len : json_grow(b, extra);
}

/* The bytes as they are. */
bool json_write_raw(json_buf *b, const char *s, size_t len);

/* A quoted string. False when `s` is not UTF-8 (then `failed` is not set and
 * nothing was written), or failed. */
bool json_write_string(json_buf *b, const char *s, size_t len);

bool json_write_int(json_buf *b, int64_t value);

/* The shortest decimal that reads back as the same double; integral values
 * below 1e21 in full and without a fraction. False for NaN and the
 * infinities, which have no text (then nothing was written), or failed. */
bool json_write_double(json_buf *b, double value);

/* The same into at least JSON_NUMBER_BYTES at `out`; the number of bytes. */
size_t json_put_int(char *out, int64_t value);
size_t json_put_double(char *out, double value);   /* of a finite value */
size_t json_put_fraction(char *out, double value); /* of no integral one */

/* The shortest decimal `digits` * 10^exponent of a finite, positive double;
 * digits does not end in 0. */
void json_shortest(double value, uint64_t *digits, int *exponent);

/* The length of the UTF-8 character at `s` with a lead byte of 0x80 or
 * above, at most `len` bytes; 0 when it is none. */
size_t json_utf8(const char *s, size_t len);

/* Reading. */
typedef enum {
  JSON_NONE, /* no such value */
  JSON_NULL,
  JSON_FALSE,
  JSON_TRUE,
  JSON_NUMBER,
  JSON_STRING,
  JSON_ARRAY,
  JSON_OBJECT
} json_kind;

/* A value inside a text, with its quotes or brackets, without blanks. */
typedef struct {
  json_kind kind;
  const char *text; /* borrowed */
  size_t len;
} json_view;

/* Why a text is not JSON. */
typedef struct {
  const char *what; /* static text */
  size_t at;        /* offset in bytes */
} json_fault;

/* Checks the whole text against RFC 8259, UTF-8 and JSON_MAX_DEPTH. */
bool json_parse(const char *text, size_t len, json_view *root);

/* The same for a reader that knows neither 64-bit integers nor empty lists:
 * in `marked` comes the text with integers of more than 15 digits that fit
 * 64 bits as "\xFFi<digits>" and empty lists as "\xFFa" (no UTF-8, so no
 * string of the text can be one). `marked` stays empty when there are none.
 * False with a `what` of NULL in the fault: `marked` failed. */
bool json_mark(const char *text, size_t len, json_buf *marked,
               json_fault *fault);

/* For views that json_parse accepted, and their members. */

/* The last member of that name; JSON_NONE when there is none, or `object`
 * is no object. */
json_view json_member(json_view object, const char *key);

/* The unescaped UTF-8, NUL-terminated. False: no string, too long for `cap`
 * bytes, or it contains U+0000. */
bool json_string(json_view v, char *out, size_t cap, size_t *len);

/* An integer literal that fits: no fraction, no exponent. */
bool json_integer(json_view v, int64_t *out);

#endif
