/* SPDX-License-Identifier: MIT
 *
 * json_read: a strict reader that checks a whole text, and then finds single
 * members of it. No input makes it recurse, nothing is read beyond the given
 * length, no locale is consulted. */
#ifndef AISTUDIOS_JSON_READ_H
#define AISTUDIOS_JSON_READ_H

#include <stdint.h>

#include "util/buffer.h"

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
 * in `tagged` comes the text with integers of more than 15 digits that fit
 * 64 bits as "\xFFi<digits>" and empty lists as "\xFFa" (no UTF-8, so no
 * string of the text can be one). `tagged` stays empty when there are none.
 * False with a `what` of NULL in the fault: `tagged` failed. */
bool json_tag(const char *text, size_t len, buffer *tagged, json_fault *fault);

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
