#include "stat/betting.h"

#include "stat/ascending.h"
#include "stat/products.h"

#include <math.h>

/* PRODUCT's four bets; the smallest mean a bound may claim, so that 1 / m stays a number; how
 * often a value is seen to go by its logarithm; and from how many distinct values on each test of a mean is worth
 * sparing. */
enum { BETS = PRODUCTS, OFTEN = 8, MANY = 256 };
#define MEAN_MIN 1e-9

/* One question: "the mean of the scores (of 1 - score when flipped) is at most m". */
struct wager {
	const struct betting *b;
	bool flip;
	size_t unscored;
	double alpha, scale;
};

static void bets_place(double bet[BETS], double m, double n, double alpha)
{
	double base = sqrt(2 * log(BETS / alpha) / (n * m * (1 - m)));
	for (int j = 0; j < BETS; j++)
		bet[j] = fmin(0.99 / m, base * (double)(1 << j));
}

/* Sum over the sample of ln(1 + bet (x - m)), for each bet.  Values seen a few times are
 * multiplied, the others go by their logarithm. */
static void bets_play(const struct wager *w, double m, const double bet[BETS], double sum[BETS])
{
	const struct betting *b = w->b;
	struct products p = PRODUCTS_INIT;
	size_t pending = 0;
	for (int j = 0; j < BETS; j++)
		sum[j] = w->unscored ? (double)w->unscored * log1p(-bet[j] * m) : 0;
	for (size_t i = 0; i < b->distinct; i++) {
		double gain = (w->flip ? 1 - b->x[i] : b->x[i]) - m;
		if (b->times[i] > OFTEN) {
			for (int j = 0; j < BETS; j++)
				sum[j] += (double)b->times[i] * log1p(bet[j] * gain);
			continue;
		}
		for (size_t k = 0; k < b->times[i]; k++)
			for (int j = 0; j < BETS; j++)
				p.m[j] *= 1 + bet[j] * gain;
		pending += b->times[i];
		if (pending < PRODUCTS_BATCH)
			continue;
		pending = 0;
		products_settle(&p);
	}
	products_settle(&p);
	for (int j = 0; j < BETS; j++)
		sum[j] += products_log(&p, j);
}

/* The logarithm of the capital against m, 0 < m <= 1. */
static double capital_log(const struct wager *w, double m)
{
	double n = (double)(w->b->n + w->unscored) * w->scale;
	double bet[BETS], sum[BETS], top = -INFINITY, capital = 0;
	if (!(n > 0) || m > 1)
		return -INFINITY;
	bets_place(bet, m, n, w->alpha);
	bets_play(w, m, bet, sum);
	for (int j = 0; j < BETS; j++)
		top = fmax(top, sum[j] * w->scale);
	for (int j = 0; j < BETS; j++)
		capital += exp(sum[j] * w->scale - top);
	return top + log(capital / BETS);
}

/* How far above 1 / alpha the capital against m is; m is refuted from 0 on. */
static double excess(const struct wager *w, double m)
{
	return capital_log(w, m) + log(w->alpha);
}

static bool refuted(const struct wager *w, double m)
{
	return capital_log(w, m) >= -log(w->alpha);
}

struct bracket {
	double yes, no; /* refuted; not refuted */
};

static double deviation(const struct betting *b, double mean)
{
	double sum = 0;
	for (size_t i = 0; i < b->distinct; i++)
		sum += (double)b->times[i] * (b->x[i] - mean) * (b->x[i] - mean);
	return sqrt(sum / (double)b->n);
}

/* Where the capital crosses 1 / alpha, by false position (the Illinois rule); it falls in m, and near the
 * sample's mean it is smooth. */
static double crossing(const struct wager *w, double lo, double high, double at_lo, double at_hi)
{
	double x = lo;
	for (int i = 0, side = 0; i < 12; i++) {
		double was = x;
		x = (lo * at_hi - high * at_lo) / (at_hi - at_lo);
		double at = excess(w, x);
		if (fabs(x - was) < 1e-15 || !isfinite(at))
			break;
		if (at >= 0) {
			at_hi *= side == 1 ? 0.5 : 1;
			lo = x;
			at_lo = at;
			side = 1;
		} else {
			at_lo *= side == -1 ? 0.5 : 1;
			high = x;
			at_hi = at;
			side = -1;
		}
	}
	return x;
}

/* What spares most of the bisection's questions, each a walk over the sample: their answers are known outside
 * of the bracket. */
static struct bracket narrow(const struct wager *w, double lo, double hi)
{
	const double slack = 1e-13;
	const struct betting *b = w->b;
	struct bracket k = { lo, hi };
	if (b->distinct < MANY)
		return k;
	double mean = (b->mean - b->lo) / (b->hi - b->lo);
	double wide = 6 * deviation(b, mean) / sqrt((double)b->n);
	mean = w->flip ? 1 - mean : mean;
	double at_lo = excess(w, mean - wide), at_hi = excess(w, mean);
	if (!(mean - wide > lo) || !(mean < hi) || !(at_lo >= 0) || !(at_hi < 0))
		return k;
	double x = crossing(w, mean - wide, mean, at_lo, at_hi);
	if (x - slack > lo && refuted(w, x - slack))
		k.yes = x - slack;
	if (x + slack < hi && !refuted(w, x + slack))
		k.no = x + slack;
	return k;
}

/* The largest refuted mean, rounded towards 0. */
static double refuted_up_to(const struct wager *w)
{
	double lo = MEAN_MIN, hi = 1;
	if (!refuted(w, lo))
		return 0;
	struct bracket k = narrow(w, lo, hi);
	for (int i = 0; i < 50; i++) {
		double m = lo + (hi - lo) / 2;
		if (m <= k.yes || (m < k.no && refuted(w, m)))
			lo = m;
		else
			hi = m;
	}
	return lo;
}

/* Ascending, with the rounding carried along (Neumaier 1974). */
static double mean_of(const double *x, size_t n)
{
	double sum = 0, rest = 0;
	for (size_t i = 0; i < n; i++) {
		double t = sum + x[i];
		rest += fabs(sum) >= fabs(x[i]) ? sum - t + x[i] : x[i] - t + sum;
		sum = t;
	}
	return n ? (sum + rest) / (double)n : NAN;
}

int betting_init(struct betting *b, struct arena *a, const double *x, size_t n, double lo,
		 double hi, struct err *err)
{
	if (!(lo < hi) || !isfinite(hi - lo))
		return err_set(err, ERR_BUG, "range %g to %g of a score is empty or not finite", lo,
			       hi);
	for (size_t i = 0; i < n; i++)
		if (!(x[i] >= lo && x[i] <= hi))
			return err_set(err, ERR_BUG, "score %g is outside its range %g to %g", x[i],
				       lo, hi);
	double *v = arena_array(a, double, n + 1);
	size_t *times = arena_array(a, size_t, n + 1), k = 0;
	if (n)
		memcpy(v, x, n * sizeof(*v));
	ascending(v, n, a);
	double mean = mean_of(v, n);
	for (size_t i = 0; i < n; i++) {
		double scaled = fmin((v[i] - lo) / (hi - lo), 1);
		if (!k || scaled != v[k - 1])
			v[k++] = scaled;
		times[k - 1]++;
	}
	*b = (struct betting){
		.lo = lo, .hi = hi, .n = n, .distinct = k, .x = v, .times = times, .mean = mean
	};
	return 0;
}

double betting_lower(const struct betting *b, size_t unscored, double alpha)
{
	struct wager w = { b, false, unscored, alpha, 1 };
	return b->lo + (b->hi - b->lo) * refuted_up_to(&w);
}

double betting_upper(const struct betting *b, size_t unscored, double alpha)
{
	struct wager w = { b, true, unscored, alpha, 1 };
	return b->hi - (b->hi - b->lo) * refuted_up_to(&w);
}

struct bounds betting_bounds(const struct betting *b, size_t unscored, double alpha)
{
	return (struct bounds){
		.estimate = b->mean,
		.lower = betting_lower(b, unscored, alpha),
		.upper = betting_upper(b, unscored, alpha),
	};
}

bool betting_at_least(const struct betting *b, size_t unscored, double bar, double alpha,
		      double scale)
{
	struct wager w = { b, false, unscored, alpha, scale };
	return bar <= b->lo || refuted(&w, fmax((bar - b->lo) / (b->hi - b->lo), MEAN_MIN));
}

bool betting_at_most(const struct betting *b, size_t unscored, double bar, double alpha,
		     double scale)
{
	struct wager w = { b, true, unscored, alpha, scale };
	return bar >= b->hi || refuted(&w, fmax((b->hi - bar) / (b->hi - b->lo), MEAN_MIN));
}
