/* Two rates on different cases, for comparisons that cannot be paired: Farrington and Manning's score
 * statistic for a margin, the interval by its inversion (Miettinen, Nurminen without their n/(n-1)), and
 * Newcombe's hybrid interval of two Wilson intervals.  All are asymptotic: shown, never decided on.
 * Pure numbers; counts that make no sense give NaN.
 * Sources: Farrington, Manning (1990); Miettinen, Nurminen (1985); Newcombe (1998), method 10. */
#ifndef STAT_UNPAIRED_H
#define STAT_UNPAIRED_H

#include "stat/proportion.h"

/* hits of n cases, for the new and for the old. */
struct two_rates {
	int64_t x1, n1, x2, n2;
};

/* The score statistic of "p1 - p2 = delta", -1 < delta < 1; NaN where there is no variance at all. */
double unpaired_z(struct two_rates t, double delta);
/* Two-sided intervals of p1 - p2 at risk alpha. */
struct bounds unpaired_score_interval(struct two_rates t, double alpha);
struct bounds newcombe_interval(struct two_rates t, double alpha);

#endif
