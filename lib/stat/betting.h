/* struct betting: the mean of graded scores, bounded from a finite sample without assuming
 * their distribution.  Someone who holds "the mean is at most m" is offered four fixed bets on
 * every score; if that is true the capital mean_j prod_i (1 + l_j (x_i - m)) has expectation at
 * most 1, so reaching 1/alpha has probability at most alpha (Ville, Markov; Waudby-Smith, Ramdas
 * 2024, with bets fixed beforehand instead of learnt).
 *     l_j = min(0.99 / m, sqrt(2 ln(4 / alpha) / (n m (1 - m) / 4^j))),   j = 0..3
 * Every factor falls in m and rises in x (written out in docs/design/stats.md), therefore: the
 * means that are refuted are exactly those below one point, bisection finds it, and an unscored
 * sample taken at the range's worst end gives the exact worst case.  The values are sorted
 * first: no result depends on their order, to the last bit.
 * Scores are independent and lie in [lo, hi], known before looking; a value outside it is an
 * error, never clipped.  Memory is the arena's; the caller's array is only read. */
#ifndef STAT_BETTING_H
#define STAT_BETTING_H

#include "base/arena.h"
#include "base/err.h"
#include "stat/proportion.h"

#include <stdbool.h>
#include <stddef.h>

struct betting {
	double lo, hi;	 /* the range */
	size_t n;	 /* scored values */
	size_t distinct; /* entries of x and times, ascending in x */
	const double *x; /* scaled to [0, 1] */
	const size_t *times;
	double mean; /* in the scores' own unit; NaN without values */
};

/* Sorts and compresses x[0..n-1].  Fails (ERR_BUG) on a value outside [lo, hi] or a NaN, or
 * where lo < hi does not hold. */
MUST_USE int betting_init(struct betting *b, struct arena *a, const double *x, size_t n, double lo,
			  double hi, struct err *err);

/* One-sided bounds at risk alpha each; `unscored` more samples are taken at lo for the lower
 * bound and at hi for the upper.  Without any sample: lo and hi. */
double betting_lower(const struct betting *b, size_t unscored, double alpha);
double betting_upper(const struct betting *b, size_t unscored, double alpha);
struct bounds betting_bounds(const struct betting *b, size_t unscored, double alpha);

/* The same bounds as tests of one bar: lower >= bar, upper <= bar.  `scale` asks about a sample
 * `scale` times as large with the same distribution (decide.h looks ahead with it); 1 is the
 * sample itself. */
bool betting_at_least(const struct betting *b, size_t unscored, double bar, double alpha,
		      double scale);
bool betting_at_most(const struct betting *b, size_t unscored, double bar, double alpha,
		     double scale);

#endif
