/* Numbers from and to text, without locale.  The program never calls setlocale, so the C
 * library's own conversions use a point. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Room for any number that num_fmt writes. */
enum { NUM_TEXT = 40 };

/* The whole of s as a finite decimal number ("-1.5e3"; no hex, no inf, no nan). */
bool num_parse(struct str s, double *out);
/* The whole of s as a decimal integer with optional sign. */
bool num_parse_i64(struct str s, int64_t *out);
/* The shortest decimal form that reads back as x; integers below 1e15 without exponent. */
const char *num_fmt(double x, char out[NUM_TEXT]);
/* A number with one of n units behind it ("1.5h"), times that unit's factor and rounded; the first unit
 * that fits counts.  False when it is none, or below 0 or past 9e15. */
bool num_scaled(struct str s, const char *const *unit, const double *factor, size_t n, int64_t *out);
/* "90s" "10m" "1.5h" "7d" "250ms", in milliseconds. */
bool num_duration(struct str s, int64_t *ms);
/* What a noun takes after this count: "" for 1, else "s". */
const char *num_s(uint64_t n);

#endif
