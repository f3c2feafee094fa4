/* Percentiles: the point estimate, distribution-free bounds by order statistics, and the rate
 * test that decides `p95 <= b`.  Ranks count from 1 in the ascending sample; rank 0 means that
 * no sample of this size can give the bound (p95 at 95 % needs n >= 59, p99 n >= 299).
 * Sources: Hyndman, Fan (1996) type 7 (numpy's default); David, Nagaraja, Order Statistics §7.1.
 * Nothing here sorts: the caller hands in an ascending array; a missing measurement (a timeout)
 * is INFINITY, so that it sorts last. */
#ifndef STAT_QUANTILE_H
#define STAT_QUANTILE_H

#include "stat/proportion.h"

#include <stddef.h>

/* Type 7.  NaN without values. */
double quantile_estimate(const double *ascending, size_t n, double p);

/* The smallest rank whose value is an upper bound, and the largest whose value is a lower
 * bound, of the p-quantile at one-sided risk alpha. */
int64_t quantile_upper_rank(int64_t n, double p, double alpha);
int64_t quantile_lower_rank(int64_t n, double p, double alpha);

/* Estimate and both bounds; -INFINITY and INFINITY where the rank is not attainable.
 * `unscored` samples count as smallest for the lower and as largest for the upper bound. */
struct bounds quantile_bounds(const double *ascending, size_t n, size_t unscored, double p,
			      double alpha);

/* The same bounds as a test of one bar, with one independent measurement a case:
 * `over` of n measurements are > bar (unscored among them); the p-quantile is at most bar
 * when P(X > bar) <= 1 - p is shown. */
bool quantile_at_most(int64_t over, int64_t n, double p, double alpha);
/* `over` of n measurements are > bar, unscored not among them: the p-quantile is above bar
 * when P(X > bar) > 1 - p is shown. */
bool quantile_above(int64_t over, int64_t n, double p, double alpha);

/* The smallest n that can show `p-quantile <= bar`: 59 for p95 and 299 for p99 at 95 %. */
int64_t quantile_least_n(double p, double alpha);

#endif
