#include "stat/proportion.h"

#include "stat/special.h"

#include <math.h>

double cp_lower(int64_t x, int64_t n, double alpha)
{
	if (x < 0 || x > n || !(alpha > 0 && alpha < 1))
		return NAN;
	if (x == 0)
		return 0;
	if (x == n)
		return exp(log(alpha) / (double)n);
	return beta_quantile(alpha, (double)x, (double)(n - x) + 1);
}

double cp_upper(int64_t x, int64_t n, double alpha)
{
	if (x < 0 || x > n || !(alpha > 0 && alpha < 1))
		return NAN;
	if (x == n)
		return 1;
	if (x == 0)
		return -expm1(log(alpha) / (double)n);
	return beta_quantile(1 - alpha, (double)x + 1, (double)(n - x));
}

bool cp_at_least(int64_t x, int64_t n, double bar, double alpha)
{
	return bar <= 0 || (x <= n && binomial_sf(x - 1, n, bar) <= alpha);
}

bool cp_at_most(int64_t x, int64_t n, double bar, double alpha)
{
	return bar >= 1 || (x >= 0 && binomial_cdf(x, n, bar) <= alpha);
}

bool cp_above(int64_t x, int64_t n, double bar, double alpha)
{
	return bar < 0 || (x <= n && binomial_sf(x - 1, n, bar) < alpha);
}

bool cp_below(int64_t x, int64_t n, double bar, double alpha)
{
	return bar > 1 || (x >= 0 && binomial_cdf(x, n, bar) < alpha);
}

struct bounds rate_bounds(int64_t x, int64_t scored, int64_t unscored, double alpha)
{
	return (struct bounds){
		.estimate = scored > 0 ? (double)x / (double)scored : NAN,
		.lower = cp_lower(x, scored + unscored, alpha),
		.upper = cp_upper(x + unscored, scored + unscored, alpha),
	};
}

struct bounds wilson_interval(int64_t x, int64_t n, double alpha)
{
	if (x < 0 || x > n || !(alpha > 0 && alpha < 1))
		return (struct bounds){ NAN, NAN, NAN };
	if (n == 0)
		return (struct bounds){ NAN, 0, 1 };
	double p = (double)x / (double)n, z = normal_quantile(1 - alpha / 2), w = z * z / (double)n;
	double middle = (p + w / 2) / (1 + w);
	double half = z * sqrt(p * (1 - p) / (double)n + w / (4 * (double)n)) / (1 + w);
	return (struct bounds){ p, x == 0 ? 0 : middle - half, x == n ? 1 : middle + half };
}
