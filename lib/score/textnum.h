/* Numbers as people and models write them: "1,234.50", "-$5", "$-5", "−3", "1.2e5", "1.2 × 10^5", "3/4", "1 1/2",
 * "\frac{3}{4}", "50%".  A number glued to the end of a word ("H2O", "v1.2.3") is none.  Pure
 * functions over any bytes. */
#ifndef SCORE_TEXTNUM_H
#define SCORE_TEXTNUM_H

#include "base/str.h"

#include <stddef.h>

/* Digits kept for exact comparison; a longer number compares as a double. */
enum { TEXTNUM_DIGITS = 64 };

struct textnum {
	double value;
	size_t from, to; /* the bytes it was read from */
	/* value = 0.DIGITS × 10^exponent, without leading or trailing zeros; n == 0 is zero. */
	bool exact;
	bool negative;
	unsigned n;
	long exponent;
	char digit[TEXTNUM_DIGITS];
};

/* The next number at or after byte `from`; false when there is none.  `decimal` is '.' or ',':
 * the other one separates thousands. */
bool textnum_next(struct str s, size_t from, char decimal, struct textnum *out);
/* The last number; false when there is none. */
bool textnum_last(struct str s, char decimal, struct textnum *out);
/* The same number?  Exact where both are, so that 2^53 and 2^53 + 1 differ. */
bool textnum_same(const struct textnum *x, const struct textnum *y);

#endif
