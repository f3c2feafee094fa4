#include "stat/betting.h"

#include "stat/ascending.h"

#include <math.h>
#include <stdint.h>

/* PRODUCT's four bets; the smallest mean a bound may claim, so that 1 / m stays a number; and
 * how many factors (each within 0.01 .. 1e9) fit into a double's exponent unchecked. */
enum { BETS = 4, BATCH = 16 };
#define MEAN_MIN 1e-9

/* One question: "the mean of the scores (of 1 - score when flipped) is at most m". */
struct wager {
	const struct betting *b;
	bool flip;
	size_t unscored;
	double alpha, scale;
};

/* A product of positive numbers as mantissa and binary exponent. */
struct product {
	double m;
	int64_t e;
};

static void product_settle(struct product *p)
{
	int e;
	p->m = frexp(p->m, &e);
	p->e += e;
}

static double product_log(const struct product *p)
{
	return log(p->m) + (double)p->e * log(2);
}

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
	struct product p[BETS];
	size_t pending = 0;
	for (int j = 0; j < BETS; j++) {
		p[j] = (struct product){ .m = 1 };
		sum[j] = w->unscored ? (double)w->unscored * log1p(-bet[j] * m) : 0;
	}
	for (size_t i = 0; i < b->distinct; i++) {
		double gain = (w->flip ? 1 - b->x[i] : b->x[i]) - m;
		if (b->times[i] > BATCH / 2) {
			for (int j = 0; j < BETS; j++)
				sum[j] += (double)b->times[i] * log1p(bet[j] * gain);
			continue;
		}
		for (size_t k = 0; k < b->times[i]; k++)
			for (int j = 0; j < BETS; j++)
				p[j].m *= 1 + bet[j] * gain;
		pending += b->times[i];
		if (pending < BATCH / 2)
			continue;
		pending = 0;
		for (int j = 0; j < BETS; j++)
			product_settle(&p[j]);
	}
	for (int j = 0; j < BETS; j++)
		sum[j] += product_log(&p[j]);
}

/* Does the capital reach 1 / alpha against m, 0 < m <= 1? */
static bool refuted(const struct wager *w, double m)
{
	double n = (double)(w->b->n + w->unscored) * w->scale;
	double bet[BETS], sum[BETS], top = -INFINITY, capital = 0;
	if (!(n > 0) || m > 1)
		return false;
	bets_place(bet, m, n, w->alpha);
	bets_play(w, m, bet, sum);
	for (int j = 0; j < BETS; j++)
		top = fmax(top, sum[j] * w->scale);
	for (int j = 0; j < BETS; j++)
		capital += exp(sum[j] * w->scale - top);
	return top + log(capital / BETS) >= -log(w->alpha);
}

/* The largest refuted mean, rounded towards 0. */
static double refuted_up_to(const struct wager *w)
{
	double lo = MEAN_MIN, hi = 1;
	if (!refuted(w, lo))
		return 0;
	for (int i = 0; i < 50; i++) {
		double m = lo + (hi - lo) / 2;
		if (refuted(w, m))
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
