/* SPDX-License-Identifier: MIT
 *
 * json_number: the digits of numbers (see number.h). The shortest decimal of
 * a double is found by Raffaello Giulietti's Schubfach: scale the ends of the
 * interval that rounds to the double by one power of ten, look which of at
 * most four candidates lie inside. The powers come from 24 of them with 192
 * bits, 27 decades apart, and from the powers of five in between; truncated
 * to 128 bits the products are exact for every exponent that a double needs. */
#include "json/number.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
  MANTISSA_BITS = 52,
  EXPONENT_BIAS = 1075, /* with the mantissa as an integer */
  POWER_STEP = 27,      /* decades between two stored powers */
  POWER_FIRST = -297    /* the first of them */
};

typedef struct {
  uint64_t high, low;
} u128;

/* Bits of 10^(POWER_FIRST + POWER_STEP * row), truncated, from the top. */
static const uint64_t powers[24][3] = {
    {0xA76C582338ED2621, 0xAF2AF2B80AF6F24E, 0x657C8F4D43323A36},
    {0x873E4F75E2224E68, 0x5A7744A6E804A291, 0xCC35EDDFCF0996D7},
    {0xDA7F5BF590966848, 0xAF39A475506A899E, 0xA30294CC2934E662},
    {0xB080392CC4349DEC, 0xBD8D794D96AACFB3, 0xFE13A5C86AF64418},
    {0x8E938662882AF53E, 0x547EB47B7282EE9C, 0x41B0230E1421487D},
    {0xE65829B3046B0AFA, 0x0CB4A5A3112A5112, 0xA3B561B1CB208396},
    {0xBA121A4650E4DDEB, 0x92F34D62616CE413, 0x21A0183E10583CD3},
    {0x964E858C91BA2655, 0x3A6A07F8D510F86F, 0xE9082F25E9C5E9EC},
    {0xF2D56790AB41C2A2, 0xFAE27299423FB9C3, 0x3695DAD7E8858901},
    {0xC428D05AA4751E4C, 0xAA97E14C3C26B886, 0x96842DC95323F5A8},
    {0x9E74D1B791E07E48, 0x775EA264CF55347D, 0xCA49F1C05120C9C7},
    {0x8000000000000000, 0x0000000000000000, 0x0000000000000000},
    {0xCECB8F27F4200F3A, 0x0000000000000000, 0x0000000000000000},
    {0xA70C3C40A64E6C51, 0x999090B65F67D924, 0x0000000000000000},
    {0x86F0AC99B4E8DAFD, 0x69A028BB3DED71A3, 0xDF9F915627C04E28},
    {0xDA01EE641A708DE9, 0xE80E6F4820CC9495, 0xD74BAAD03BC1D8D3},
    {0xB01AE745B101E9E4, 0x5EC05DCFF72E7F8F, 0xC04C79FFE324301F},
    {0x8E41ADE9FBEBC27D, 0x14588F13BE847307, 0x23BD6A2059C002F5},
    {0xE5D3EF282A242E81, 0x8F1668C8A86DA5FA, 0xF0B5CCF5176ECC7C},
    {0xB9A74A0637CE2EE1, 0x6D953E2BD7173692, 0x88EFB0037AC08BDE},
    {0x95F83D0A1FB69CD9, 0x4ABDAF101564F98E, 0x0D5A4AF7B3A98E47},
    {0xF24A01A73CF2DCCF, 0xBC633B39673C8CEC, 0x3D9C44CD2F36917C},
    {0xC3B8358109E84F07, 0x0A862F80EC4700C8, 0x02606EA01029DC37},
    {0x9E19DB92B4E31BA9, 0x6C07A2C26A8346D1, 0x4944D9F52CD0DEC2},
};

/* Powers of five below 2^64. */
static const uint64_t fives[POWER_STEP] = {
    UINT64_C(1),
    UINT64_C(5),
    UINT64_C(25),
    UINT64_C(125),
    UINT64_C(625),
    UINT64_C(3125),
    UINT64_C(15625),
    UINT64_C(78125),
    UINT64_C(390625),
    UINT64_C(1953125),
    UINT64_C(9765625),
    UINT64_C(48828125),
    UINT64_C(244140625),
    UINT64_C(1220703125),
    UINT64_C(6103515625),
    UINT64_C(30517578125),
    UINT64_C(152587890625),
    UINT64_C(762939453125),
    UINT64_C(3814697265625),
    UINT64_C(19073486328125),
    UINT64_C(95367431640625),
    UINT64_C(476837158203125),
    UINT64_C(2384185791015625),
    UINT64_C(11920928955078125),
    UINT64_C(59604644775390625),
    UINT64_C(298023223876953125),
    UINT64_C(1490116119384765625),
};

#if defined(__SIZEOF_INT128__) && !defined(AISTUDIOS_PORTABLE)
__extension__ typedef unsigned __int128 wide;

static u128 multiply(uint64_t a, uint64_t b) {
  wide p = (wide)a * b;
  return (u128){(uint64_t)(p >> 64), (uint64_t)p};
}
#else
static u128 multiply(uint64_t a, uint64_t b) {
  uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
  uint64_t ll = al * bl, lh = al * bh, hl = ah * bl;
  uint64_t mid = (ll >> 32) + (uint32_t)lh + (uint32_t)hl;
  return (u128){ah * bh + (lh >> 32) + (hl >> 32) + (mid >> 32),
                mid << 32 | (uint32_t)ll};
}
#endif

/* floor(log2(10^e)), floor(log10(2^e)) and floor(log10(3/4 * 2^e)) in the
 * range of doubles. A right shift of a negative number rounds down here, as
 * with every compiler in use. */
static int log2_of_power10(int e) {
  return (e * 1741647) >> 19;
}
static int log10_of_power2(int e) {
  return (e * 1262611) >> 22;
}
static int log10_of_three_quarters(int e) {
  return (e * 1262611 - 524031) >> 22;
}

/* The upper 128 bits of 10^k plus one: the top bit is set. */
static u128 power_of_ten(int k) {
  unsigned at = (unsigned)(k - POWER_FIRST);
  const uint64_t *p = powers[at / POWER_STEP];
  uint64_t five = fives[at % POWER_STEP];
  uint64_t word[4]; /* of the product, from the top */
  u128 a = multiply(p[0], five), b = multiply(p[1], five);
  u128 c = multiply(p[2], five), r;
  int shift;
  word[3] = c.low;
  word[2] = b.low + c.high;
  b.high += word[2] < c.high;
  word[1] = a.low + b.high;
  word[0] = a.high + (word[1] < b.high);
  if (word[0] == 0) {
    word[0] = word[1];
    word[1] = word[2];
    word[2] = word[3];
  }
  shift = __builtin_clzll(word[0]);
  r.high = word[0];
  r.low = word[1];
  if (shift > 0) {
    r.high = word[0] << shift | word[1] >> (64 - shift);
    r.low = word[1] << shift | word[2] >> (64 - shift);
  }
  r.low++;
  r.high += r.low == 0;
  return r;
}

/* The upper 64 bits of g * x, with the lowest bit set when anything is lost:
 * enough to compare with. */
static uint64_t scale(u128 g, uint64_t x) {
  u128 low = multiply(g.low, x), high = multiply(g.high, x);
  uint64_t mid = high.low + low.high;
  return (high.high + (mid < low.high)) | (mid > 1);
}

/* A value and the ends of the interval that rounds to it. */
typedef struct {
  uint64_t low, mid, high;
} interval;

/* The three scaled by 10^k. Of the powers that 64 bits hold, as those of most
 * fractions, the lower half is 1. */
static interval scale_all(int k, interval x) {
  u128 g;
  if (k >= 0 && k < POWER_STEP) {
    uint64_t top = fives[k] << __builtin_clzll(fives[k]);
    u128 low = multiply(top, x.low), mid = multiply(top, x.mid);
    u128 high = multiply(top, x.high);
    return (interval){low.high | (low.low > 1), mid.high | (mid.low > 1),
                      high.high | (high.low > 1)};
  }
  g = power_of_ten(k);
  return (interval){scale(g, x.low), scale(g, x.mid), scale(g, x.high)};
}

static void strip_zeros(uint64_t *digits, int *exponent) {
  if (*digits % 10 != 0) return;
  while (*digits % 100 == 0) {
    *digits /= 100;
    *exponent += 2;
  }
  if (*digits % 10 == 0) {
    *digits /= 10;
    *exponent += 1;
  }
}

void json_shortest(double value, uint64_t *digits, int *exponent) {
  uint64_t bits, c, s, tens, low, high;
  interval v;
  bool is_even, is_irregular, low_fits, high_fits;
  int biased, q, k, h;
  memcpy(&bits, &value, sizeof bits);
  biased = (int)(bits >> MANTISSA_BITS & 0x7FF);
  c = bits & ((UINT64_C(1) << MANTISSA_BITS) - 1);
  is_irregular = c == 0 && biased > 1; /* the lower neighbour is nearer */
  if (biased != 0) c |= UINT64_C(1) << MANTISSA_BITS;
  q = (biased != 0 ? biased : 1) - EXPONENT_BIAS;
  is_even = c % 2 == 0; /* then the ends of the interval belong to it */
  k = is_irregular ? log10_of_three_quarters(q) : log10_of_power2(q);
  h = q + log2_of_power10(-k) + 1;
  v.low = (4 * c - (is_irregular ? 1 : 2)) << h;
  v.mid = (4 * c) << h;
  v.high = (4 * c + 2) << h;
  v = scale_all(-k, v);
  low = v.low + !is_even;
  high = v.high - !is_even;
  s = v.mid / 4;
  *exponent = k;
  if (s >= 10) { /* one digit less, if exactly one candidate fits */
    tens = s / 10;
    low_fits = low <= 40 * tens;
    high_fits = 40 * tens + 40 <= high;
    if (low_fits != high_fits) {
      *digits = tens + high_fits;
      ++*exponent;
      strip_zeros(digits, exponent);
      return;
    }
  }
  low_fits = low <= 4 * s;
  high_fits = 4 * s + 4 <= high;
  if (low_fits != high_fits)
    *digits = s + high_fits;
  else /* the nearer one, the even one in the middle */
    *digits = s + (v.mid % 4 > 2 || (v.mid % 4 == 2 && s % 2 == 1));
  strip_zeros(digits, exponent);
}

/* ---- digits ---- */

/* Stores eight characters, the first one in the lowest byte. */
static void put_word(char *out, uint64_t w) {
  if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) w = __builtin_bswap64(w);
  memcpy(out, &w, sizeof w);
}

/* Eight digits, with zeros in front: halves, quarters and eighths of a word are
 * divided side by side, by products that are exact for so few digits. */
static uint64_t eight_digits(uint64_t v) {
  uint64_t w = v / 10000 | v % 10000 << 32;
  uint64_t tens = (w * 10486) >> 20 & UINT64_C(0x0000007F0000007F);
  w = tens + ((w - 100 * tens) << 16);
  tens = (w * 103) >> 10 & UINT64_C(0x000F000F000F000F);
  return tens + ((w - 10 * tens) << 8) + UINT64_C(0x3030303030303030);
}

static size_t count_digits(uint64_t v) {
  size_t n = 1;
  for (; v >= 10000; v /= 10000) n += 4;
  return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* The same for less than 10000, as most numbers of a project are. */
static size_t put_few_digits(char *out, unsigned v) {
  size_t n = 0;
  if (v >= 1000) out[n++] = (char)('0' + v / 1000);
  if (v >= 100) out[n++] = (char)('0' + v / 100 % 10);
  if (v >= 10) out[n++] = (char)('0' + v / 10 % 10);
  out[n++] = (char)('0' + v % 10);
  return n;
}

/* Digits of which the first is not 0. Writes up to seven bytes more. */
static size_t put_digits(char *out, uint64_t v) {
  static const uint64_t eight = 100000000;
  size_t n = v < eight ? count_digits(v) : put_digits(out, v / eight);
  if (v < eight) {
    put_word(out, eight_digits(v) >> 8 * (8 - n));
    return n;
  }
  put_word(out + n, eight_digits(v % eight));
  return n + 8;
}

size_t json_put_int(char *out, int64_t value) {
  if (value >= 0 && value < 10000) return put_few_digits(out, (unsigned)value);
  uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  out[0] = '-';
  return (value < 0) + put_digits(out + (value < 0), v);
}

/* An integral value from 2^63 up to 1e21, in full: it is a multiple of 2^11,
 * and 10^9 is 2^9 * 5^9. */
static size_t put_large(char *out, double value) {
  uint64_t part = (uint64_t)(value / 512), five9 = 1953125;
  size_t n = json_put_int(out, (int64_t)(part / five9));
  part = part % five9 * 512;
  out[n++] = (char)('0' + part / 100000000);
  put_word(out + n, eight_digits(part % 100000000));
  return n + 8;
}

enum { DIGIT_BYTES = 24 }; /* 17 digits, copied as three words */

/* Lays out `count` digits of a value below 1 or without a fraction;
 * 10^(point - 1) is the weight of the first. May write up to 2 * DIGIT_BYTES at
 * `out`. */
static size_t put_layout(char *out, const char *digits, int count, int point) {
  size_t n = 0, len = (size_t)count;
  if (point <= 0 && point > -6) { /* 0.00125 */
    memcpy(out, "0.00000", 7);
    memcpy(out + 2 - point, digits, DIGIT_BYTES);
    return len + (size_t)(2 - point);
  }
  out[n++] = digits[0]; /* 1.25e-9 */
  if (count > 1) {
    out[n++] = '.';
    memcpy(out + n, digits + 1, DIGIT_BYTES);
    n += len - 1;
  }
  out[n++] = 'e';
  return n + json_put_int(out + n, point - 1);
}

/* 10^k up to 10^16. */
static uint64_t power10(int k) {
  return fives[k] << k;
}

/* A value whose decimal has 1..16 digits behind the point: that the text is
 * the shortest one does not change what is in front of it. */
static size_t put_fixed(char *out, double value, uint64_t decimal, int places) {
  uint64_t whole = (uint64_t)value, eight = 100000000;
  uint64_t rest = (decimal - whole * power10(places)) * power10(16 - places);
  size_t n = put_digits(out, whole);
  out[n++] = '.';
  put_word(out + n, eight_digits(rest / eight));
  put_word(out + n + 8, eight_digits(rest % eight));
  return n + (size_t)places;
}

/* Any other value that is printed as its shortest decimal. */
static size_t put_rare(char *out, uint64_t decimal, int exponent) {
  char digits[2 * DIGIT_BYTES] = {0};
  int count = (int)json_put_int(digits, (int64_t)decimal);
  return put_layout(out, digits, count, count + exponent);
}

/* A value that is not integral. */
static size_t put_fraction(char *out, double value) {
  uint64_t decimal;
  int exponent;
  size_t n = 0;
  if (value < 0) {
    out[n++] = '-';
    value = -value;
  }
  json_shortest(value, &decimal, &exponent);
  if (value >= 1e-6 && exponent >= -16)
    return n + put_fixed(out + n, value, decimal, -exponent);
  return n + put_rare(out + n, decimal, exponent);
}

/* An integral value of 1e21 or more. */
static size_t put_huge(char *out, double value) {
  uint64_t decimal;
  int exponent;
  json_shortest(value, &decimal, &exponent);
  return put_rare(out, decimal, exponent);
}

size_t json_put_double(char *out, double value) {
  size_t n = 0;
  int64_t i = fabs(value) < 0x1p63 ? (int64_t)value : 0;
  if ((double)i == value && i != 0) return json_put_int(out, i);
  if (fabs(value) < 0x1p53 && value != 0) return put_fraction(out, value);
  if (signbit(value)) {
    out[n++] = '-';
    value = -value;
  }
  if (value == 0) return n + json_put_int(out + n, 0);
  if (value < 1e21) return n + put_large(out + n, value);
  return n + put_huge(out + n, value);
}

size_t json_put_seen_double(json_doubles *seen, char *out, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  size_t i = bits * UINT64_C(0x9E3779B97F4A7C15) >> 57;
  if (seen->at[i].size == 0 || seen->at[i].bits != bits) {
    seen->at[i].size = (unsigned char)json_put_double(out, value);
    seen->at[i].bits = bits;
    memcpy(seen->at[i].text, out, sizeof seen->at[i].text);
  } else {
    memcpy(out, seen->at[i].text, sizeof seen->at[i].text);
  }
  return seen->at[i].size;
}
