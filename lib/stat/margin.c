#include "stat/margin.h"

#include "base/limits.h"
#include "stat/special.h"

#include <math.h>

/* How far from its mean a count is looked at: what lies beyond has a chance below 1e-16. */
#define REACH_SD 8.6
enum { GRID_LEAST = 64, PEAKS = 3, GOLDEN_STEPS = 14, TAIL_STEPS = 64 };
/* A point of the grid this far below the highest has none above that beside it (see largest). */
#define PEAK_NEAR 0.005
/* What the remaining losses could add is below this: not looked at. */
#define TAIL_LEAST 1e-18

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

/* The least gain that counts, with `from` known not to be above it; it rises with the losses, by a step or
 * two each. */
static int64_t least_gain(const struct question *q, int64_t lost, int64_t from)
{
	int64_t lo = from, end = q->p.n - lost + 1, hi = from, step = 1;
	while (hi < end && !is_as_far(q, hi, lost)) {
		lo = hi + 1;
		hi = hi < end - step ? hi + step : end;
		step *= 2;
	}
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		if (is_as_far(q, mid, lost))
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* P(X >= at) and P(X = at) for X of n trials at rate p, carried from one loss to the next: a trial less, a
 * few more gains needed.  Computed afresh every so often, so that no rounding gathers. */
struct tail {
	int64_t n, at;
	double p, above, equal;
	int age;
};

static void tail_set(struct tail *t, int64_t n, int64_t at)
{
	t->n = n;
	t->at = at;
	t->equal = binomial_pmf(at, n, t->p);
	t->above = binomial_sf(at - 1, n, t->p);
	t->age = 0;
}

static void tail_move(struct tail *t, int64_t at)
{
	if (t->age++ >= TAIL_STEPS || !(t->p > 0 && t->p < 1) || at - t->at > TAIL_STEPS) {
		tail_set(t, t->n - 1, at);
		return;
	}
	/* The last trial hit or missed. */
	double n = (double)t->n, miss = 1 - t->p;
	t->above -= t->equal * (double)t->at / n;
	t->equal *= (n - (double)t->at) / (n * miss);
	for (t->n--; t->at < at; t->at++) {
		t->above -= t->equal;
		t->equal *= (double)(t->n - t->at) / (double)(t->at + 1) * t->p / miss;
	}
	t->above = fmax(t->above, 0);
}

/* The chance of what counts when losses have this rate and gains that rate plus delta. */
static double chance(const struct question *q, double rate)
{
	int64_t n = q->p.n;
	double sd = sqrt((double)n * rate * (1 - rate));
	int64_t lo = (int64_t)fmax(0, floor((double)n * rate - REACH_SD * sd - 4));
	int64_t hi = (int64_t)fmin((double)n, ceil((double)n * rate + REACH_SD * sd + 4));
	struct tail t = { .p = rate < 1 ? fmin(1, fmax(0, (rate + q->delta) / (1 - rate))) : 0 };
	double sum = 0, weight = binomial_pmf(lo, n, rate);
	int64_t gain = least_gain(q, lo, 0);
	tail_set(&t, n - lo, gain);
	for (int64_t lost = lo; gain <= n - lost; lost++) {
		if (lost % TAIL_STEPS == 0)
			weight = binomial_pmf(lost, n, rate);
		sum += weight * t.above;
		if (lost == hi || t.above < TAIL_LEAST)
			break; /* with more losses neither */
		weight *= (double)(n - lost) / (double)(lost + 1) * rate / (1 - rate);
		gain = least_gain(q, lost + 1, gain);
		tail_move(&t, gain);
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

/* A count of n is told best by the angle asin(sqrt(rate)): its spread there is the same everywhere, at most
 * 1 / (2 sqrt(n)).  Two counts are rare at an end: losses or gains where hardly more pairs differ than
 * must, pairs alike where nearly all differ.  This angle shows both ends at that scale. */
static double angle(const struct question *q, double rate)
{
	double least = fabs(q->delta), differ = 2 * rate + q->delta;
	return asin(sqrt(fmin(1, fmax(0, (differ - least) / (1 - least)))));
}

static double rate_of(const struct question *q, double theta)
{
	double least = fabs(q->delta), s = sin(theta);
	return fmin(q->hi, fmax(q->lo, (least + (1 - least) * s * s - q->delta) / 2));
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

/* The highest points of a grid, each not below its neighbours. */
struct peaks {
	double height[PEAKS], at[PEAKS];
};

static void peaks_note(struct peaks *p, double height, double at)
{
	int k = PEAKS;
	while (k > 0 && height > p->height[k - 1])
		k--;
	for (int j = PEAKS - 1; j > k; j--) {
		p->height[j] = p->height[j - 1];
		p->at[j] = p->at[j - 1];
	}
	if (k < PEAKS) {
		p->height[k] = height;
		p->at[k] = at;
	}
}

/* The largest chance, or the first one found above `enough`.  No detail of the chance is finer than the spread
 * of a count: the grid has half that step, and its highest points are climbed.  Between two points of it
 * the chance rises above both by less than PEAK_NEAR. */
static double largest(const struct question *q, double enough)
{
	double from = angle(q, q->lo), to = angle(q, q->hi);
	double fine = ceil((to - from) * 4 * sqrt((double)q->p.n));
	int steps = (int)fmax(q->p.n > MARGIN_FULL_N ? GRID_LEAST / 4 : GRID_LEAST, fine);
	double step = (to - from) / steps, last = -1, here = -1;
	struct peaks top = { .height = { 0 } };
	/* Where a refusal is likeliest: at the losses seen. */
	double best = chance(q, fmin(q->hi, fmax(q->lo, (double)q->p.lost / (double)q->p.n)));
	for (int i = 0; i <= steps + 1 && best <= enough; i++) {
		double next = i <= steps ? chance(q, rate_of(q, from + i * step)) : -1;
		if (here >= last && here >= next)
			peaks_note(&top, here, from + (i - 1) * step);
		best = fmax(best, next);
		last = here;
		here = next;
	}
	for (int k = 0; k < PEAKS && best <= enough; k++)
		if (top.height[k] > 0 && top.height[k] >= best - PEAK_NEAR)
			best = fmax(best, golden(q, fmax(from, top.at[k] - step),
						 fmin(to, top.at[k] + step)));
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
	/* A count moves in steps, and the exact test stays below its risk: a continuity correction. */
	double steps = discordant > 0 ? 1.5 / margin : 0,
	       n = ceil(z * z / (margin * margin) + steps);
	/* Even without any difference the margin must be out of reach of chance. */
	n = fmax(n, ceil(log(alpha) / log1p(-margin)));
	return n <= (double)DECIDE_CASES_MAX ? (int64_t)n : -1;
}
