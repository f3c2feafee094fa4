#include "verdict/verdict_power.h"

#include "stat/proportion.h"
#include "stat/special.h"

#include <math.h>

/* The fewest hits of n that prove `rate >= bar`; n + 1 = none do. */
static int64_t least_hits(int64_t n, double bar, double alpha)
{
	int64_t lo = 0, hi = n + 1;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		if (cp_lower(mid, n, alpha) >= bar)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* P(at least k hits | p) = POWER where P(at most k - 1 | p) = 1 - POWER, which is an upper bound of k - 1. */
static double rate_power(int64_t n, double bar, double alpha)
{
	int64_t k = least_hits(n, bar, alpha);
	return k > n || k < 1 ? NAN : cp_upper(k - 1, n, 1 - POWER) - bar;
}

double power_stray(const struct unit *u, struct arena *scratch)
{
	return normal_quantile(POWER) * unit_error(u, scratch);
}

double power_of_unit(const struct unit *u, const struct bounds *b, bool at_least, double bar, double alpha,
		     struct arena *scratch)
{
	if (!u->n)
		return NAN;
	if (unit_is_exact(u))
		return at_least ? rate_power((int64_t)u->n, bar, alpha) : rate_power((int64_t)u->n, 1 - bar, alpha);
	return (at_least ? b->estimate - b->lower : b->upper - b->estimate) + power_stray(u, scratch);
}

static double spread(struct pairs p)
{
	double n = (double)p.n, d = (double)(p.gained - p.lost) / n;
	return sqrt(fmax(0, (double)(p.gained + p.lost) / n - d * d) / n);
}

double power_stray_pairs(struct pairs p)
{
	return p.n > 0 ? normal_quantile(POWER) * spread(p) : NAN;
}

/* Without flips a margin is shown when chance would have shown one. */
double power_of_pairs(struct pairs p, double alpha)
{
	if (!(p.n > 0))
		return NAN;
	return fmax(-expm1(log(alpha) / (double)p.n),
		    (normal_quantile(1 - alpha) + normal_quantile(POWER)) * spread(p));
}
