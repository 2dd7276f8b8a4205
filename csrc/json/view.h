/* SPDX-License-Identifier: MIT
 *
 * json_view: single members of a text that a service sent, where it lies.
 * Reads as tolerantly as JSON_TOLERANT. */
#ifndef AISTUDIOS_JSON_VIEW_H
#define AISTUDIOS_JSON_VIEW_H

#include "json/read.h"

/* A value inside a text; a string without its quotes, a list or object with
 * its brackets. */
typedef struct {
  json_kind kind;
  const char *text; /* borrowed */
  size_t len;
} json_view;

/* Checks the whole text. */
bool json_parse(const char *text, size_t len, json_view *root);

/* For views that json_parse accepted, and their members. */

/* The last member of that name; JSON_NONE when there is none, or `object`
 * is no object. */
json_view json_member(json_view object, const char *key);

/* The unescaped UTF-8, NUL-terminated. False: no string, too long for `cap`
 * bytes, or it contains U+0000. */
bool json_string(json_view v, char *out, size_t cap, size_t *len);

/* An integer literal that fits: no fraction, no exponent. */
bool json_integer(json_view v, int64_t *out);

/* A number that is finite, as the nearest double. */
bool json_number(json_view v, double *out);

#endif
