#include "stat/margin.h"

#include "base/limits.h"
#include "base/limits.h"
#include "stat/special.h"

#include <math.h>

/* How far from its mean a count is looked at: what lies beyond has a chance below 1e-16. */
#define REACH_SD 8.6
enum { GRID_LEAST = 64, PEAKS = 3, GOLDEN_STEPS = 24 };

/* One question: the pairs seen, the boundary, and the least number of gains for each number of losses that
 * counts as "at least as far above delta".  Gains fall off the end (n + 1) where none does. */
struct question {
	struct pairs p;
	double delta, seen;
	double lo, hi; /* of the rate of losses */
};

/* The statistic is a root of numbers of size n: values that should be the same differ in the last bits, and
 * what is as far as the one seen must be counted. */
static bool is_as_far(const struct question *q, int64_t gained, int64_t lost)
{
	double z = tango_z((struct pairs){ q->p.n, gained, lost }, q->delta);
	return z >= q->seen - 1e-9 * (1 + fabs(q->seen));
}

/* The least gain that counts, with `from` known not to be above it; it rises with the losses. */
static int64_t least_gain(const struct question *q, int64_t lost, int64_t from)
{
	int64_t lo = from, hi = q->p.n - lost + 1;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		if (is_as_far(q, mid, lost))
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* The chance of what counts when losses have this rate and gains that rate plus delta. */
static double chance(const struct question *q, double rate)
{
	int64_t n = q->p.n, gain = 0;
	double sd = sqrt((double)n * rate * (1 - rate));
	int64_t lo = (int64_t)fmax(0, floor((double)n * rate - REACH_SD * sd - 4));
	int64_t hi = (int64_t)fmin((double)n, ceil((double)n * rate + REACH_SD * sd + 4));
	double each = rate < 1 ? fmin(1, fmax(0, (rate + q->delta) / (1 - rate))) : 0, sum = 0;
	for (int64_t lost = lo; lost <= hi; lost++) {
		gain = least_gain(q, lost, gain);
		if (gain > n - lost)
			break; /* with more losses neither */
		sum += binomial_pmf(lost, n, rate) * binomial_sf(gain - 1, n - lost, each);
	}
	return fmin(sum, 1);
}

static struct question ask(struct pairs p, double delta)
{
	struct question q = { .p = p, .delta = delta, .seen = tango_z(p, delta) };
	q.lo = fmax(0, -delta);
	q.hi = (1 - delta) / 2;
	if (p.n > MARGIN_FULL_N) {
		q.lo = fmin(q.hi, fmax(q.lo, cp_lower(p.lost, p.n, MARGIN_GAMMA / 2)));
		q.hi = fmax(q.lo, fmin(q.hi, cp_upper(p.lost, p.n, MARGIN_GAMMA / 2)));
	}
	return q;
}

static double angle(double rate)
{
	return asin(sqrt(fmin(1, fmax(0, rate))));
}

static double rate_of(const struct question *q, double theta)
{
	double s = sin(theta);
	return fmin(q->hi, fmax(q->lo, s * s));
}

static double golden(const struct question *q, double a, double b)
{
	const double ratio = 0.61803398874989485;
	double x = b - ratio * (b - a), y = a + ratio * (b - a);
	double fx = chance(q, rate_of(q, x)), fy = chance(q, rate_of(q, y)), best = fmax(fx, fy);
	for (int i = 0; i < GOLDEN_STEPS && b - a > 1e-9; i++) {
		if (fx > fy) {
			b = y;
			y = x;
			fy = fx;
			x = b - ratio * (b - a);
			fx = chance(q, rate_of(q, x));
		} else {
			a = x;
			x = y;
			fx = fy;
			y = a + ratio * (b - a);
			fy = chance(q, rate_of(q, y));
		}
		best = fmax(best, fmax(fx, fy));
	}
	return best;
}

/* The largest chance, or the first one found above `enough`.  In the angle asin(sqrt(rate)) a count of n has
 * the same spread everywhere, 1 / (2 sqrt(n)): the grid is half as fine, and its highest
 * points are climbed. */
static double largest(const struct question *q, double enough)
{
	double from = angle(q->lo), to = angle(q->hi);
	double fine = ceil((to - from) * 4 * sqrt((double)q->p.n));
	int steps = (int)fmax(q->p.n > MARGIN_FULL_N ? GRID_LEAST / 4 : GRID_LEAST, fine);
	double step = (to - from) / steps, best = 0, top[PEAKS] = { 0 }, at[PEAKS] = { from, from, from };
	/* Where a refusal is likeliest: at the losses seen. */
	best = chance(q, fmin(q->hi, fmax(q->lo, (double)q->p.lost / (double)q->p.n)));
	for (int i = 0; i <= steps && best <= enough; i++) {
		double theta = from + i * step, x = chance(q, rate_of(q, theta));
		best = fmax(best, x);
		for (int k = 0; k < PEAKS; k++)
			if (x > top[k]) {
				for (int j = PEAKS - 1; j > k; j--) {
					top[j] = top[j - 1];
					at[j] = at[j - 1];
				}
				top[k] = x;
				at[k] = theta;
				break;
			}
	}
	for (int k = 0; k < PEAKS && best <= enough; k++)
		best = fmax(best, golden(q, fmax(from, at[k] - step), fmin(to, at[k] + step)));
	return best;
}

static double p_value(struct pairs p, double delta, double enough)
{
	struct question q = ask(p, delta);
	if (isnan(q.seen))
		return NAN;
	double extra = p.n > MARGIN_FULL_N ? MARGIN_GAMMA : 0;
	return fmin(1, largest(&q, enough - extra) + extra);
}

static struct pairs mirrored(struct pairs p)
{
	return (struct pairs){ p.n, p.lost, p.gained };
}

double margin_above_p(struct pairs p, double delta)
{
	return p_value(p, delta, 1);
}

double margin_below_p(struct pairs p, double delta)
{
	return p_value(mirrored(p), -delta, 1);
}

bool margin_above(struct pairs p, double delta, double alpha)
{
	return p_value(p, delta, alpha) <= alpha;
}

bool margin_below(struct pairs p, double delta, double alpha)
{
	return p_value(mirrored(p), -delta, alpha) <= alpha;
}

double mcnemar_least_drop(struct pairs p, double alpha)
{
	int64_t differ = p.gained + p.lost, all = 1;
	if (!(p.n > 0) || !(alpha > 0 && alpha < 1))
		return NAN;
	/* With fewer than this many not even losses alone prove anything: 5 at 0.05. */
	while (pow(0.5, (double)all) > alpha)
		all++;
	if (all > p.n)
		return 1;
	differ = differ < all ? all : differ;
	int64_t lo = differ / 2, hi = differ;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		if (binomial_sf(mid - 1, differ, 0.5) <= alpha)
			hi = mid;
		else
			lo = mid + 1;
	}
	return (double)(2 * lo - differ) / (double)p.n;
}

int64_t margin_pairs_needed(double margin, double discordant, double alpha, double power)
{
	if (!(margin > 0 && margin < 1) || !(discordant >= 0 && discordant <= 1))
		return -1;
	/* Under the hypothesis the losses outweigh the gains by the margin: at least that many differ. */
	double differ = fmax(discordant, margin);
	double z = normal_quantile(1 - alpha) * sqrt(differ - margin * margin) +
		   normal_quantile(power) * sqrt(discordant);
	double n = ceil(z * z / (margin * margin));
	/* Even without any difference the margin must be out of reach of chance. */
	n = fmax(n, ceil(log(alpha) / log1p(-margin)));
	return n <= (double)DECIDE_CASES_MAX ? (int64_t)n : -1;
}
