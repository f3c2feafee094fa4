/* Percentiles: the rate test against a bar, alone and in clusters, and two runs' bounds against each other. */
#include "sim.h"
#include "stat/quantile.h"
#include "verdict/verdict_unit.h"

#include <stdlib.h>

/* The bar is 1; row->bar is the percentile. */
static struct sim_run rate_test(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	int64_t n = (int64_t)row->n, over = 0, lost = 0;
	double truth = sim_truth(row, at);
	for (size_t i = 0; i < row->n; i++) {
		bool slow = row->draw(&s->r, truth) > 1;
		if (sim_is_lost(s, at, slow))
			lost++;
		else
			over += slow;
	}
	return sim_decided(quantile_at_most(over + lost, n, row->bar, SIM_ALPHA),
			   quantile_above(over, n, row->bar, SIM_ALPHA));
}

/* n cases, each timed with[0] times, slow all together. */
static struct sim_run clustered(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	size_t each = (size_t)row->with[0];
	struct unit u = { .v = arena_array(s->a, struct unit_obs, row->n * each), .binary = true };
	struct err err = ERR_INIT;
	bool pass, fail;
	for (size_t i = 0; i < row->n; i++) {
		bool slow = row->draw(&s->r, sim_truth(row, at)) > 1;
		for (size_t k = 0; k < each; k++) {
			bool lost = sim_is_lost(s, at, slow);
			u.v[u.n++] = (struct unit_obs){
				.lo = !slow && !lost, .hi = !slow || lost, .cluster = i, .weight = 1
			};
		}
	}
	unit_finish(&u, s->a);
	if (unit_shows(&pass, &u, true, row->bar, SIM_ALPHA, s->a, &err) ||
	    unit_shows(&fail, &u, false, row->bar, SIM_ALPHA, s->a, &err))
		abort();
	return sim_decided(pass, fail);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static struct bounds times_of(const struct sim_row *row, struct sim_at at, struct sim *s, double mu,
			      double scale)
{
	double *x = arena_array(s->a, double, row->n);
	size_t scored = 0;
	for (size_t i = 0; i < row->n; i++) {
		x[scored] = scale * row->draw(&s->r, mu);
		scored += !sim_is_lost(s, at, x[scored] > scale);
	}
	qsort(x, scored, sizeof(*x), by_value);
	return quantile_bounds(x, scored, row->n - scored, row->bar, SIM_ALPHA / 2);
}

/* At most with[0] times the old percentile: both bounds at half of the risk. */
static struct sim_run against_old(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double ratio = row->with[0];
	struct bounds old = times_of(row, at, s, row->bar, 1);
	struct bounds new = times_of(row, at, s, sim_truth(row, at), ratio);
	return sim_decided(new.upper <= ratio *old.lower, new.lower > ratio *old.upper);
}

#define TIMES(rule, world, f, p)                                                                   \
	rule, world, .play = rate_test, .draw = (f), .bar = (p), .cost = 0.1
#define CLUSTERED(rule, world, f, p)                                                               \
	rule, world, .play = clustered, .draw = (f), .bar = (p), .with = { 5 }, .cost = 3
#define AGAINST(rule, world, f, p)                                                                 \
	rule, world, .play = against_old, .draw = (f), .bar = (p), .with = { 1.1 }, .cost = 2

static const struct sim_row rows[] = {
	SIM_SIZES(TIMES("rate test p50", "exponential", sim_exponential, 0.5)),
	SIM_SIZES(TIMES("rate test p75", "exponential", sim_exponential, 0.75)),
	SIM_SIZES(TIMES("rate test p90", "exponential", sim_exponential, 0.9)),
	SIM_SIZES(TIMES("rate test p95", "exponential", sim_exponential, 0.95)),
	SIM_SIZES(TIMES("rate test p95", "heavy tail", sim_log_logistic, 0.95)),
	SIM_SIZES(TIMES("rate test p95", "two modes", sim_two_modes, 0.95)),
	SIM_SIZES(TIMES("rate test p99", "exponential", sim_exponential, 0.99)),
	SIM_SIZES(TIMES("rate test p99", "heavy tail", sim_log_logistic, 0.99)),
	SIM_SIZES(CLUSTERED("rate test p90, 5 repeats a case", "exponential, all alike",
			    sim_exponential, 0.9)),
	SIM_SIZES(AGAINST("p50 at most baseline * 1.1", "exponential", sim_exponential, 0.5)),
	SIM_SIZES(AGAINST("p95 at most baseline * 1.1", "exponential", sim_exponential, 0.95)),
	SIM_SIZES(AGAINST("p95 at most baseline * 1.1", "heavy tail", sim_log_logistic, 0.95)),
};

const struct sim_family sim_times = {
	"Percentiles",
	"The bar column is the percentile: the share of times that is at most the bar.", rows,
	ARRAY_LEN(rows)
};
