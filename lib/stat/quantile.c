#include "stat/quantile.h"

#include "stat/special.h"

#include <math.h>

double quantile_estimate(const double *ascending, size_t n, double p)
{
	if (n == 0 || !(p >= 0 && p <= 1))
		return NAN;
	double at = p * (double)(n - 1), low = floor(at);
	size_t i = (size_t)low;
	if (i + 1 >= n)
		return ascending[n - 1];
	if (at == low || ascending[i] == ascending[i + 1])
		return ascending[i];
	return ascending[i] + (at - low) * (ascending[i + 1] - ascending[i]);
}

/* The smallest k in 0..n with P(Bin(n, p) <= k) >= level; n always has it. */
static int64_t smallest_count(int64_t n, double p, double level)
{
	int64_t lo = 0, hi = n;
	while (lo < hi) {
		int64_t k = lo + (hi - lo) / 2;
		if (binomial_cdf(k, n, p) >= level)
			hi = k;
		else
			lo = k + 1;
	}
	return lo;
}

int64_t quantile_upper_rank(int64_t n, double p, double alpha)
{
	int64_t rank = smallest_count(n, p, 1 - alpha) + 1;
	return n > 0 && rank <= n ? rank : 0;
}

/* The largest l with P(Bin(n, p) <= l - 1) <= alpha. */
int64_t quantile_lower_rank(int64_t n, double p, double alpha)
{
	int64_t lo = 0, hi = n;
	while (lo < hi) {
		int64_t l = lo + (hi - lo + 1) / 2;
		if (binomial_cdf(l - 1, n, p) <= alpha)
			lo = l;
		else
			hi = l - 1;
	}
	return lo;
}

struct bounds quantile_bounds(const double *ascending, size_t n, size_t unscored, double p,
			      double alpha)
{
	struct bounds b = { quantile_estimate(ascending, n, p), -INFINITY, INFINITY };
	size_t up = (size_t)quantile_upper_rank((int64_t)(n + unscored), p, alpha);
	size_t low = (size_t)quantile_lower_rank((int64_t)(n + unscored), p, alpha);
	if (up && up <= n)
		b.upper = ascending[up - 1];
	if (low > unscored)
		b.lower = ascending[low - unscored - 1];
	return b;
}

bool quantile_at_most(int64_t over, int64_t n, double p, double alpha)
{
	return n > 0 && cp_at_least(n - over, n, p, alpha);
}

bool quantile_above(int64_t over, int64_t n, double p, double alpha)
{
	return n > 0 && cp_below(n - over, n, p, alpha);
}

int64_t quantile_least_n(double p, double alpha)
{
	if (!(p >= 0 && p < 1) || !(alpha > 0 && alpha < 1))
		return INT64_MAX;
	int64_t n = (int64_t)fmax(floor(log(alpha) / log(p)) - 1, 1);
	while (!quantile_at_most(0, n, p, alpha))
		n++;
	return n;
}
