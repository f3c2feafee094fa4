/* Early stop: half of the risk goes to martingales at fixed looks, half to the fixed rule at the end. */
#include "sim.h"
#include "stat/betting.h"
#include "stat/margin.h"
#include "stat/martingale.h"
#include "stat/proportion.h"

#include <math.h>
#include <stdlib.h>

/* Scores as the two sides see them: a lost one is 0 for the one and 1 for the other. */
struct scores {
	double *low, *high, *known;
	size_t n, scored;
};

static struct scores scores_of(size_t n, struct arena *a)
{
	return (struct scores){ arena_array(a, double, n), arena_array(a, double, n),
				arena_array(a, double, n), n, 0 };
}

static void score(struct scores *v, size_t i, double x, bool lost)
{
	v->low[i] = lost ? 0 : x;
	v->high[i] = lost ? 1 : x;
	v->known[v->scored] = x;
	v->scored += !lost;
}

/* How many were needed for a decision at a look; n and undecided where none came. */
static struct sim_run look_by(const struct scores *v, double bar,
			      void (*init)(struct martingale *, double, int64_t, double))
{
	int64_t at[EARLY_LOOKS], n = (int64_t)v->n;
	size_t looks = early_looks(n, at), k = 0;
	struct martingale pass, fail;
	init(&pass, bar, n, SIM_ALPHA / 2);
	init(&fail, 1 - bar, n, SIM_ALPHA / 2);
	for (int64_t i = 0; i < n; i++) {
		martingale_feed(&pass, v->low[i]);
		martingale_feed(&fail, 1 - v->high[i]);
		if (i + 1 < at[k])
			continue;
		k++;
		struct sim_run r =
			sim_decided(martingale_reached(&pass), martingale_reached(&fail));
		r.used = (double)(i + 1) / (double)n;
		if (r.decided != SIM_UNDECIDED || k == looks)
			return r;
	}
	return sim_decided(false, false);
}

static struct sim_run look(const struct scores *v, double bar)
{
	return look_by(v, bar, martingale_init);
}

/* ---- rates ---- */

static struct sim_run exact(const struct scores *v, double bar, double alpha)
{
	int64_t low = 0, high = 0;
	for (size_t i = 0; i < v->n; i++) {
		low += v->low[i] > 0;
		high += v->high[i] > 0;
	}
	return sim_decided(cp_at_least(low, (int64_t)v->n, bar, alpha),
			   cp_below(high, (int64_t)v->n, bar, alpha));
}

static struct sim_run together(struct sim_run early, struct sim_run end, struct sim_run fixed)
{
	if (early.decided == SIM_UNDECIDED) {
		early.decided = end.decided;
		early.used = 1;
	}
	early.fixed = fixed.decided;
	return early;
}

static struct sim_run rate(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double half = SIM_Z * sqrt(row->bar * (1 - row->bar) / (double)row->n);
	double truth = fmin(1, row->bar + at.way * half);
	struct scores v = scores_of(row->n, s->a);
	for (size_t i = 0; i < v.n; i++) {
		double x = sim_bernoulli(&s->r, truth);
		score(&v, i, x, sim_is_lost(s, at, x == 0));
	}
	return together(look(&v, row->bar), exact(&v, row->bar, SIM_ALPHA / 2),
			exact(&v, row->bar, SIM_ALPHA));
}

/* ---- graded ---- */

static struct sim_run by_bets(const struct scores *v, double bar, double alpha, struct arena *a)
{
	struct betting b;
	struct err err = ERR_INIT;
	if (betting_init(&b, a, v->known, v->scored, 0, 1, &err))
		abort();
	return sim_decided(betting_at_least(&b, v->n - v->scored, bar, alpha, 1),
			   betting_at_most(&b, v->n - v->scored, bar, alpha, 1));
}

/* with[0]: half-width of the betting interval as a multiple of 1 / sqrt(n), about. */
static struct sim_run graded(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double truth = fmin(0.995, row->bar + at.way * row->with[0] / sqrt((double)row->n));
	struct scores v = scores_of(row->n, s->a);
	for (size_t i = 0; i < v.n; i++) {
		double x = row->draw(&s->r, truth);
		score(&v, i, x, sim_is_lost(s, at, x < row->bar));
	}
	return together(look(&v, row->bar), by_bets(&v, row->bar, SIM_ALPHA / 2, s->a),
			by_bets(&v, row->bar, SIM_ALPHA, s->a));
}

/* ---- pairs ---- */

/* A gain is 1, a loss 0, no difference 0.5; at the end the exact margin test.  with[0]: the share of cases
 * that differ. */
static struct sim_run margin(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double half = SIM_Z * sqrt(row->with[0] / (double)row->n), gain = row->bar + at.way * half;
	struct scores v = scores_of(row->n, s->a);
	struct pairs low = { .n = (int64_t)row->n }, high = low;
	gain = fmin(gain, row->with[0]);
	for (size_t i = 0; i < v.n; i++) {
		double u = rng_unit(&s->r);
		double x = u < (row->with[0] + gain) / 2 ? 1 : u < row->with[0] ? 0 : 0.5;
		score(&v, i, x, sim_is_lost(s, at, x == 0));
		low.gained += v.low[i] > 0.5;
		low.lost += v.low[i] < 0.5;
		high.gained += v.high[i] > 0.5;
		high.lost += v.high[i] < 0.5;
	}
	struct sim_run end[2];
	for (int k = 0; k < 2; k++) {
		double alpha = k ? SIM_ALPHA : SIM_ALPHA / 2;
		end[k] = sim_decided(margin_above(low, row->bar, alpha),
				     margin_below(high, row->bar, alpha));
	}
	return together(look_by(&v, (1 + row->bar) / 2, martingale_init_pairs), end[0], end[1]);
}

#define RATE(at)                                                                                   \
	"early stop, Clopper-Pearson", "right or wrong", .play = rate, .bar = (at), .cost = 2,     \
							 .early = true, .saves = true
#define GRADED(world, f, at, half)                                                                 \
	"early stop, betting", world, .play = graded, .draw = (f), .bar = (at), .with = { half },  \
				      .cost = 4, .early = true
#define MARGIN(world, delta, differ)                                                               \
	"early stop, exact margin test", world, .play = margin, .bar = -(delta),                   \
						.with = { differ }, .early = true, .saves = true

static const struct sim_row rows[] = {
	SIM_SIZES(RATE(0.5)),
	SIM_SIZES(RATE(0.8)),
	SIM_SIZES(RATE(0.9)),
	SIM_SIZES(RATE(0.99)),
	SIM_SIZES(GRADED("five points", sim_likert, 0.8, 1.1)),
	SIM_SIZES(GRADED("beta", sim_beta, 0.5, 1.3)),
	SIM_SIZES(GRADED("bimodal", sim_bimodal, 0.5, 1.3)),
	{ MARGIN("10 % differ", 0.05, 0.1), .n = 100, .cost = 20 },
	{ MARGIN("10 % differ", 0.05, 0.1), .n = 500, .cost = 20 },
	{ MARGIN("10 % differ", 0.05, 0.1), .n = 2000, .cost = 40 },
};

const struct sim_family sim_early = {
	"Early stop",
	"The last columns: the mean share of calls made where the truth lies two, and three, "
	"half-widths of the fixed "
	"rule's interval above the bar, and there P(pass) with early stop and without. Rates and margins must "
	"use at most 4/5 and "
	"1/2 from 100 samples on, where the bar leaves room for three half-widths.",
	rows, ARRAY_LEN(rows)
};
