/* struct products: for each of a betting bound's four bets the product of its factors, as mantissa and binary
 * exponent: a logarithm at the end instead of one a factor.  A factor lies within 0.01 .. 1e9, so PRODUCTS_BATCH of them
 * (and 8 more) fit into a double's exponent before products_settle; settling rounds nothing.  For
 * lib/stat and the weighted bound of lib/verdict. */
#ifndef STAT_PRODUCTS_H
#define STAT_PRODUCTS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { PRODUCTS = 4, PRODUCTS_BATCH = 24 };

struct products {
	double m[PRODUCTS];
	int64_t e[PRODUCTS];
};

#define PRODUCTS_INIT { .m = { 1, 1, 1, 1 } }

/* Exact, as frexp is: no mantissa is 0, subnormal or infinite. */
static inline void products_settle(struct products *p)
{
	for (int j = 0; j < PRODUCTS; j++) {
		uint64_t u;
		memcpy(&u, &p->m[j], sizeof(u));
		p->e[j] += (int64_t)(u >> 52) - 1022;
		u = (u & (((uint64_t)1 << 52) - 1)) | (uint64_t)1022 << 52;
		memcpy(&p->m[j], &u, sizeof(u));
	}
}

/* Settled before. */
static inline double products_log(const struct products *p, int j)
{
	return log(p->m[j]) + (double)p->e[j] * log(2);
}

#endif
