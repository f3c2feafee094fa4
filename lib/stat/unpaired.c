#include "stat/unpaired.h"

#include "stat/special.h"

#include <math.h>
#include <stddef.h>

static bool makes_sense(struct two_rates t)
{
	return t.n1 > 0 && t.n2 > 0 && t.x1 >= 0 && t.x2 >= 0 && t.x1 <= t.n1 && t.x2 <= t.n2;
}

/* The likeliest p1 when p1 - p2 is delta: the root of a cubic that lies between 0 and 1. */
static double likeliest(struct two_rates t, double delta)
{
	double ratio = (double)t.n2 / (double)t.n1;
	double p1 = (double)t.x1 / (double)t.n1, p2 = (double)t.x2 / (double)t.n2;
	double a = 1 + ratio, b = -(1 + ratio + p1 + ratio * p2 + delta * (ratio + 2));
	double c = delta * delta + delta * (2 * p1 + ratio + 1) + p1 + ratio * p2;
	double d = -p1 * delta * (1 + delta);
	double v = b * b * b / (27 * a * a * a) - b * c / (6 * a * a) + d / (2 * a);
	double u = copysign(sqrt(fmax(b * b / (9 * a * a) - c / (3 * a), 0)), v);
	double w = u == 0 ? 0 : fmin(1, fmax(-1, v / (u * u * u)));
	double root = 2 * u * cos((acos(-1.0) + acos(w)) / 3) - b / (3 * a);
	return fmin(fmin(1, 1 + delta), fmax(fmax(0, delta), root));
}

double unpaired_z(struct two_rates t, double delta)
{
	if (!makes_sense(t) || !(fabs(delta) < 1))
		return NAN;
	double q1 = likeliest(t, delta), q2 = q1 - delta;
	double off = (double)t.x1 / (double)t.n1 - (double)t.x2 / (double)t.n2 - delta;
	double variance = q1 * (1 - q1) / (double)t.n1 + q2 * (1 - q2) / (double)t.n2;
	return variance > 0 ? off / sqrt(variance) : NAN;
}

/* The delta in lo..hi where the statistic, which falls, comes down to z.  Without variance it is taken as
 * on the side of its numerator. */
static double where_z_is(struct two_rates t, double estimate, double z, double lo, double hi)
{
	for (int i = 0; i < 60; i++) {
		double mid = lo + (hi - lo) / 2, at = unpaired_z(t, mid);
		if (isnan(at))
			at = mid < estimate ? INFINITY : mid > estimate ? -INFINITY : 0;
		if (at > z)
			lo = mid;
		else
			hi = mid;
	}
	return lo + (hi - lo) / 2;
}

struct bounds unpaired_score_interval(struct two_rates t, double alpha)
{
	if (!makes_sense(t) || !(alpha > 0 && alpha < 1))
		return (struct bounds){ NAN, NAN, NAN };
	double d = (double)t.x1 / (double)t.n1 - (double)t.x2 / (double)t.n2;
	double z = normal_quantile(1 - alpha / 2);
	return (struct bounds){
		.estimate = d,
		.lower = d <= -1 ? -1 : where_z_is(t, d, z, -1, d),
		.upper = d >= 1 ? 1 : where_z_is(t, d, -z, d, 1),
	};
}

struct bounds newcombe_interval(struct two_rates t, double alpha)
{
	if (!makes_sense(t) || !(alpha > 0 && alpha < 1))
		return (struct bounds){ NAN, NAN, NAN };
	struct bounds a = wilson_interval(t.x1, t.n1, alpha), b = wilson_interval(t.x2, t.n2, alpha);
	double p1 = (double)t.x1 / (double)t.n1, p2 = (double)t.x2 / (double)t.n2;
	return (struct bounds){
		.estimate = p1 - p2,
		.lower = p1 - p2 - hypot(p1 - a.lower, b.upper - p2),
		.upper = p1 - p2 + hypot(a.upper - p1, p2 - b.lower),
	};
}
