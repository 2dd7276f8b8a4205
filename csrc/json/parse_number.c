/* SPDX-License-Identifier: MIT
 *
 * json_parse_number: values of numbers (see parse_number.h). Most decimals need
 * a single operation on doubles. The rest is a guess, which is moved until it
 * is the nearest double: the decimal is compared, as an integer of any size,
 * with the middle between two neighbours. */
#include "json/parse_number.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
  FAST_DIGITS = 19,         /* that fit 64 bits, whatever they are */
  EXACT_POWER = 22,         /* 10^22 is the last power that is a double */
  MOST_DIGITS = 800,        /* more than any middle has (767) */
  LARGEST_EXPONENT = 99999, /* beyond all that matters */
  LARGEST_PLACE = 310,      /* no double has so many digits, */
  SMALLEST_PLACE = -330,    /* nor so many zeros behind the point */
  LIMBS = 160 /* for MOST_DIGITS, the middles, and what they are times */
};

static const uint64_t largest_exact = UINT64_C(1) << 53;
static const uint64_t infinity_bits = UINT64_C(0x7FF) << 52;

static const double powers[EXACT_POWER + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

bool json_parse_int(const char *s, size_t len, int64_t *out) {
  bool is_negative = len > 0 && s[0] == '-';
  size_t first = is_negative || (len > 0 && s[0] == '+');
  uint64_t limit = (uint64_t)INT64_MAX + is_negative, v = 0;
  for (size_t i = first; i < len; i++) {
    unsigned digit = (unsigned)(s[i] - '0');
    if (digit > 9 || v > (limit - digit) / 10) return false;
    v = v * 10 + digit;
  }
  *out = is_negative ? (int64_t)(0 - v) : (int64_t)v;
  return len > first;
}

/* -- integers of any size -- */

typedef struct {
  int count; /* limbs in use, the lowest first; the last one is not 0 */
  uint32_t limb[LIMBS];
} big;

static void multiply_add(big *b, uint32_t factor, uint32_t carry) {
  uint64_t sum = carry;
  for (int i = 0; i < b->count; i++) {
    sum += (uint64_t)b->limb[i] * factor;
    b->limb[i] = (uint32_t)sum;
    sum >>= 32;
  }
  if (sum > 0) b->limb[b->count++] = (uint32_t)sum;
}

static void multiply_by_power_of_five(big *b, int power) {
  static const uint32_t five13 = 1220703125; /* the last one of 32 bits */
  for (; power >= 13; power -= 13) multiply_add(b, five13, 0);
  for (; power > 0; power--) multiply_add(b, 5, 0);
}

static void shift_left(big *b, int bits) {
  int limbs = bits / 32;
  multiply_add(b, UINT32_C(1) << bits % 32, 0);
  memmove(b->limb + limbs, b->limb, (size_t)b->count * sizeof *b->limb);
  memset(b->limb, 0, (size_t)limbs * sizeof *b->limb);
  b->count += limbs;
}

static int compare(const big *a, const big *b) {
  if (a->count != b->count) return a->count < b->count ? -1 : 1;
  for (int i = a->count - 1; i >= 0; i--)
    if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
  return 0;
}

/* -- decimals -- */

/* digits * 10^exponent; the first digit is not 0. */
typedef struct {
  int count;
  int exponent;
  unsigned char digits[MOST_DIGITS + 1]; /* 0 to 9 */
} decimal;

static int read_exponent(const char *s, size_t len) {
  bool is_negative = s[0] == '-';
  int v = 0;
  for (size_t i = is_negative || s[0] == '+'; i < len; i++)
    if (v < LARGEST_EXPONENT) v = v * 10 + s[i] - '0';
  return is_negative ? -v : v;
}

/* Reads a number without a sign. A 1 stands for digits beyond MOST_DIGITS:
 * there is something, it does not matter what. */
static void read_decimal(const char *s, size_t len, decimal *d) {
  bool is_fraction = false, has_rest = false;
  d->count = d->exponent = 0;
  for (size_t i = 0; i < len; i++) {
    if (s[i] == 'e' || s[i] == 'E') {
      d->exponent += read_exponent(s + i + 1, len - i - 1);
      break;
    }
    if (s[i] == '.') {
      is_fraction = true;
    } else if (d->count < MOST_DIGITS) {
      if (d->count > 0 || s[i] != '0')
        d->digits[d->count++] = (unsigned char)(s[i] - '0');
      d->exponent -= is_fraction;
    } else {
      has_rest |= s[i] != '0';
      d->exponent += !is_fraction;
    }
  }
  if (!has_rest) return;
  d->digits[d->count++] = 1;
  d->exponent--;
}

/* The first digits as an integer; *exponent is that of its last one. */
static uint64_t first_digits(const decimal *d, int *exponent) {
  uint64_t v = 0;
  int count = d->count < FAST_DIGITS ? d->count : FAST_DIGITS;
  for (int i = 0; i < count; i++) v = v * 10 + (uint64_t)d->digits[i];
  *exponent = d->exponent + d->count - count;
  return v;
}

/* The digits as an integer. */
static void read_digits(const decimal *d, big *b) {
  uint32_t part = 0, factor = 1;
  for (int i = 0; i < d->count; i++) {
    part = part * 10 + (uint32_t)d->digits[i];
    factor *= 10;
    if (factor < 1000000000 && i + 1 < d->count) continue;
    multiply_add(b, factor, part);
    part = 0;
    factor = 1;
  }
}

/* How a decimal compares with the middle between a double and the next one
 * above it, given by its bits. */
static int compare_with_middle(const decimal *d, uint64_t bits) {
  uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
  int biased = (int)(bits >> 52), binary = (biased > 0 ? biased : 1) - 1076;
  big a, b;
  if (biased > 0) mantissa |= UINT64_C(1) << 52;
  a.count = 0;
  b.count = mantissa >> 31 > 0 ? 2 : 1;
  b.limb[1] = (uint32_t)(mantissa >> 31);
  b.limb[0] = (uint32_t)(mantissa << 1) | 1;
  read_digits(d, &a);
  if (d->exponent > 0)
    multiply_by_power_of_five(&a, d->exponent);
  else
    multiply_by_power_of_five(&b, -d->exponent);
  if (d->exponent > binary)
    shift_left(&a, d->exponent - binary);
  else
    shift_left(&b, binary - d->exponent);
  return compare(&a, &b);
}

/* A double that is near. */
static uint64_t guess(const decimal *d) {
  int e;
  double value = (double)first_digits(d, &e);
  uint64_t bits;
  for (int step; e > 0; e -= step)
    value *= powers[step = e < EXACT_POWER ? e : EXACT_POWER];
  for (int step; e < 0; e += step)
    value /= powers[step = -e < EXACT_POWER ? -e : EXACT_POWER];
  memcpy(&bits, &value, sizeof bits);
  return bits < infinity_bits ? bits : infinity_bits - 1;
}

/* The nearest double to any decimal above 0. */
static double find_nearest(const decimal *d) {
  uint64_t bits = guess(d);
  double value;
  int order;
  for (;;) {
    order = bits < infinity_bits ? compare_with_middle(d, bits) : -1;
    if (order > 0 || (order == 0 && bits % 2 == 1)) {
      bits++;
      continue;
    }
    order = bits > 0 ? compare_with_middle(d, bits - 1) : 1;
    if (order > 0 || (order == 0 && bits % 2 == 0)) break;
    bits--;
  }
  memcpy(&value, &bits, sizeof value);
  return value;
}

static double to_double(const decimal *d) {
  int exponent, place = d->count + d->exponent;
  uint64_t mantissa = first_digits(d, &exponent);
  if (mantissa == 0 || place < SMALLEST_PLACE) return 0;
  if (place > LARGEST_PLACE) return HUGE_VAL;
  if (FLT_EVAL_METHOD != 0 || d->count > FAST_DIGITS ||
      mantissa > largest_exact || exponent < -EXACT_POWER ||
      exponent > EXACT_POWER)
    return find_nearest(d);
  return exponent < 0 ? (double)mantissa / powers[-exponent]
                      : (double)mantissa * powers[exponent];
}

double json_parse_double(const char *s, size_t len) {
  bool has_sign = s[0] == '-' || s[0] == '+';
  decimal d;
  read_decimal(s + has_sign, len - has_sign, &d);
  return s[0] == '-' ? -to_double(&d) : to_double(&d);
}
