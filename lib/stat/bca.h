/* Bias-corrected and accelerated bootstrap: an interval for a mean that follows its skew, for views that
 * show how far graded scores of two candidates lie apart.  It is asymptotic: shown, never decided on (the
 * betting bound decides).  Pure numbers; the resamples come from the caller's seeded generator, so
 * the same record shows the same interval.  NaN where nothing varies or nothing is there.
 * Source: Efron (1987); percentiles are of type 7. */
#ifndef STAT_BCA_H
#define STAT_BCA_H

#include "base/arena.h"
#include "base/rng.h"
#include "stat/proportion.h"

#include <stddef.h>

/* How the percentiles are moved: for the bias of the resamples and for the skew of the data. */
struct bca {
	double bias, acceleration;
	double level[2]; /* percentiles that are read off */
	struct bounds interval;
};

/* star[0..nstar-1]: the estimate on each resample, ascending.  without[i]: the estimate with value i left
 * out.  Two-sided at risk alpha. */
struct bca bca_of(double estimate, const double *star, size_t nstar, const double *without,
		  size_t n, double alpha);

/* The mean of x[0..n-1]: 10,000 resamples, fewer (at least 400) where n times that is more than 2
 * million.  n < 2 or no variation gives NaN bounds. */
struct bounds bca_mean(const double *x, size_t n, double alpha, struct rng *r,
		       struct arena *scratch);

#endif
