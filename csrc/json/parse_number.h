/* SPDX-License-Identifier: MIT
 *
 * json_parse_number: from the digits of a number to its value. No locale is
 * consulted. */
#ifndef AISTUDIOS_JSON_PARSE_NUMBER_H
#define AISTUDIOS_JSON_PARSE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value of an integer, with or without a sign. False when it does not
 * fit, or when there is anything else than digits. */
bool json_parse_int(const char *s, size_t len, int64_t *out);

/* The double that is nearest to a number as json_read hands it over, the even
 * one in the middle; an infinity when it is beyond the doubles. */
double json_parse_double(const char *s, size_t len);

#endif
