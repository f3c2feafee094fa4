#include "stat/bca.h"

#include "stat/quantile.h"
#include "stat/special.h"

#include <math.h>

enum { RESAMPLES = 10000, RESAMPLES_LEAST = 400, DRAWS_MOST = 2000000 };

/* The share of resamples below the estimate, those on it counted half. */
static double share_below(double estimate, const double *star, size_t n)
{
	double below = 0;
	for (size_t i = 0; i < n; i++)
		below += star[i] < estimate ? 1 : star[i] == estimate ? 0.5 : 0;
	return below / (double)n;
}

/* A sixth of the skewness of what each value pulls. */
static double acceleration_of(const double *without, size_t n)
{
	double mean = 0, square = 0, cube = 0;
	for (size_t i = 0; i < n; i++)
		mean += without[i] / (double)n;
	for (size_t i = 0; i < n; i++) {
		double pull = mean - without[i];
		square += pull * pull;
		cube += pull * pull * pull;
	}
	return cube / (6 * pow(square, 1.5));
}

struct bca bca_of(double estimate, const double *star, size_t nstar, const double *without,
		  size_t n, double alpha)
{
	struct bca b = { .interval = { estimate, NAN, NAN } };
	b.bias = normal_quantile(share_below(estimate, star, nstar));
	b.acceleration = acceleration_of(without, n);
	for (int side = 0; side < 2; side++) {
		double z = b.bias + normal_quantile(side ? 1 - alpha / 2 : alpha / 2);
		b.level[side] = normal_cdf(b.bias + z / (1 - b.acceleration * z));
	}
	b.interval.lower = quantile_estimate(star, nstar, b.level[0]);
	b.interval.upper = quantile_estimate(star, nstar, b.level[1]);
	return b;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double mean_of(const double *x, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return sum / (double)n;
}

struct bounds bca_mean(const double *x, size_t n, double alpha, struct rng *r,
		       struct arena *scratch)
{
	if (n < 2 || !(alpha > 0 && alpha < 1))
		return (struct bounds){ n ? mean_of(x, n) : NAN, NAN, NAN };
	size_t count = DRAWS_MOST / n;
	count = count > RESAMPLES ? RESAMPLES : count < RESAMPLES_LEAST ? RESAMPLES_LEAST : count;
	double *star = arena_array(scratch, double, count),
	       *without = arena_array(scratch, double, n);
	double mean = mean_of(x, n);
	for (size_t i = 0; i < n; i++)
		without[i] = (mean * (double)n - x[i]) / (double)(n - 1);
	for (size_t k = 0; k < count; k++) {
		double sum = 0;
		for (size_t i = 0; i < n; i++)
			sum += x[rng_below(r, n)];
		star[k] = sum / (double)n;
	}
	qsort(star, count, sizeof(*star), by_value);
	return bca_of(mean, star, count, without, n, alpha).interval;
}
