/* SPDX-License-Identifier: MIT
 *
 * json_read: reads a text and hands over its pieces one by one. No input makes
 * it recurse, nothing is read beyond the given length, nothing is copied, no
 * locale is consulted. */
#ifndef AISTUDIOS_JSON_READ_H
#define AISTUDIOS_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is taken for JSON. */
typedef enum {
  /* RFC 8259, UTF-8, at most JSON_MAX_DEPTH levels. */
  JSON_STRICT,
  /* Besides, what a service that means well may send: a BOM before the value;
   * NUL and other control characters around it; anything behind a list or an
   * object; bytes that are no UTF-8, halves of surrogate pairs and broken
   * escapes (each reads as U+FFFD), control characters and unknown escapes in
   * strings; NaN and Infinity (null); a comma too many; +1, 01, .5 and 1. */
  JSON_TOLERANT
} json_mode;

typedef enum {
  JSON_NONE, /* no such value */
  JSON_NULL,
  JSON_FALSE,
  JSON_TRUE,
  JSON_NUMBER,
  JSON_STRING,
  JSON_ARRAY,  /* a list begins */
  JSON_OBJECT, /* an object begins: names, each with a value */
  JSON_NAME,
  JSON_END /* the innermost list or object ends */
} json_kind;

/* A piece of the text. */
typedef struct {
  json_kind kind;
  const char *text; /* where it is; a string or name without its quotes */
  size_t len;       /* bytes of it; 1 for a bracket */
  bool is_plain;    /* string, name: `text` is its value; else json_unescape */
  bool is_integer;  /* number: it has neither fraction nor exponent */
} json_piece;

/* Why a text is not JSON. */
typedef struct {
  const char *what; /* static text */
  size_t at;        /* offset in bytes */
} json_fault;

/* Takes the next piece. Anything but NULL ends the reading: it is the fault,
 * a static text. May leave by longjmp. */
typedef const char *json_taker(void *to, const json_piece *piece);

/* Reads a whole text. False: `why` tells; the pieces before were taken. */
bool json_read(const char *text, size_t len, json_mode mode, json_taker *take,
               void *to, json_fault *why);

/* The value of a string or name whose `text` is not plain, as UTF-8 into
 * `out`, or nowhere when that is NULL; returns its length. It takes at most
 * JSON_UNESCAPED_MAX(len) bytes. */
size_t json_unescape(const char *text, size_t len, char *out);
#define JSON_UNESCAPED_MAX(len) ((len)*3)

#endif
