/* SPDX-License-Identifier: MIT
 *
 * json_number: the digits of integers and doubles. No locale is consulted. */
#ifndef AISTUDIOS_JSON_NUMBER_H
#define AISTUDIOS_JSON_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum { JSON_NUMBER_BYTES = 64 }; /* room that writing a number needs */

/* Each writes into at least JSON_NUMBER_BYTES at `out` and returns how many
 * bytes of them are the number. A double is finite; its text is the shortest
 * that reads back as the same one, in full and without a fraction where it is
 * integral and below 1e21. */
size_t json_put_int(char *out, int64_t value);
size_t json_put_double(char *out, double value);

/* Doubles that were written lately, and their texts; zeroed at first. */
typedef struct {
  struct {
    uint64_t bits;
    unsigned char size; /* 0: none is here */
    char text[31];
  } at[128];
} json_doubles;

/* The same, faster for one that is in `seen`, which it is after that. */
size_t json_put_seen_double(json_doubles *seen, char *out, double value);

/* The shortest decimal `digits` * 10^exponent of a finite, positive double;
 * digits does not end in 0. */
void json_shortest(double value, uint64_t *digits, int *exponent);

#endif
