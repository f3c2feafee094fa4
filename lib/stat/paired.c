#include "stat/paired.h"

#include "stat/special.h"

#include <math.h>

static bool pairs_make_sense(struct pairs p)
{
	return p.gained >= 0 && p.lost >= 0 && p.n >= p.gained && p.n - p.gained >= p.lost;
}

double mcnemar_drop(struct pairs p)
{
	return pairs_make_sense(p) ? binomial_sf(p.lost - 1, p.gained + p.lost, 0.5) : NAN;
}

static int64_t rarer(struct pairs p)
{
	return p.gained < p.lost ? p.gained : p.lost;
}

double mcnemar_two_sided(struct pairs p)
{
	if (!pairs_make_sense(p))
		return NAN;
	return fmin(1, 2 * binomial_cdf(rarer(p), p.gained + p.lost, 0.5));
}

double mcnemar_mid_p(struct pairs p)
{
	if (!pairs_make_sense(p))
		return NAN;
	int64_t k = rarer(p), n = p.gained + p.lost;
	return 2 * binomial_cdf(k, n, 0.5) - binomial_pmf(k, n, 0.5);
}

/* The chance of a loss that is most likely under the hypothesis solves A q^2 + B q + C = 0. */
double tango_z(struct pairs p, double delta)
{
	if (!pairs_make_sense(p) || p.n == 0 || !(fabs(delta) < 1))
		return NAN;
	double n = (double)p.n, gained = (double)p.gained, lost = (double)p.lost;
	double a = 2 * n, b = -gained - lost + (2 * n - gained + lost) * delta;
	double c = -lost * delta * (1 - delta);
	double q = (sqrt(fmax(b * b - 4 * a * c, 0)) - b) / (2 * a);
	double off = gained - lost - n * delta, variance = n * (2 * q + delta * (1 - delta));
	if (off == 0)
		return 0;
	return variance > 0 ? off / sqrt(variance) : copysign(INFINITY, off);
}

/* The delta in lo..hi where the statistic, which falls, comes down to z. */
static double where_z_is(struct pairs p, double z, double lo, double hi)
{
	for (int i = 0; i < 60; i++) {
		double mid = lo + (hi - lo) / 2;
		if (tango_z(p, mid) > z)
			lo = mid;
		else
			hi = mid;
	}
	return lo + (hi - lo) / 2;
}

struct bounds tango_interval(struct pairs p, double alpha)
{
	if (!pairs_make_sense(p) || !(alpha > 0 && alpha < 1))
		return (struct bounds){ NAN, NAN, NAN };
	if (p.n == 0)
		return (struct bounds){ NAN, -1, 1 };
	double d = (double)(p.gained - p.lost) / (double)p.n, z = normal_quantile(1 - alpha / 2);
	return (struct bounds){
		.estimate = d,
		.lower = d <= -1 ? -1 : where_z_is(p, z, -1, d),
		.upper = d >= 1 ? 1 : where_z_is(p, -z, d, 1),
	};
}
