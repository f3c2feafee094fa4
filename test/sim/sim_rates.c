/* Rates by Clopper and Pearson: alone, and as the worst of several slices. */
#include "sim.h"
#include "stat/proportion.h"

#include <math.h>

struct count {
	int64_t n, ones, unscored;
};

static struct count toss(struct sim *s, struct sim_at at, size_t n, double rate)
{
	struct count c = { .n = (int64_t)n };
	for (size_t i = 0; i < n; i++) {
		bool one = sim_bernoulli(&s->r, rate) != 0;
		if (sim_is_lost(s, at, !one))
			c.unscored++;
		else
			c.ones += one;
	}
	return c;
}

static struct sim_run one_rate(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	struct count c = toss(s, at, row->n, sim_truth(row, at));
	return sim_decided(cp_at_least(c.ones, c.n, row->bar, SIM_ALPHA),
			   cp_below(c.ones + c.unscored, c.n, row->bar, SIM_ALPHA));
}

/* with[0] slices of n samples each; with[1]: the truth of all but the first. */
static struct sim_run worst_slice(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	bool pass = true, fail = false;
	for (int k = 0; k < (int)row->with[0]; k++) {
		double truth = k && row->with[1] > row->bar ? row->with[1] : sim_truth(row, at);
		struct count c = toss(s, at, row->n, truth);
		double strict = SIM_ALPHA / row->with[0];
		pass = pass && cp_at_least(c.ones, c.n, row->bar, SIM_ALPHA);
		fail = fail || cp_below(c.ones + c.unscored, c.n, row->bar, strict);
	}
	return sim_decided(pass, fail);
}

#define RATE(at) "Clopper-Pearson", "right or wrong", .play = one_rate, .bar = (at), .cost = 0.05
#define WORST(world, others)                                                                       \
	"worst of 4 slices", world, .play = worst_slice, .bar = 0.9, .with = { 4, others },        \
				    .cost = 0.2

static const struct sim_row rows[] = {
	SIM_SIZES(RATE(0.5)),
	SIM_SIZES(RATE(0.9)),
	SIM_SIZES(RATE(0.99)),
	SIM_SIZES(WORST("all on the bar", 0)),
	SIM_SIZES(WORST("one on the bar, others perfect", 1)),
};

const struct sim_family sim_rates = { "Rates", "n is that of a slice where there are slices.", rows,
				      ARRAY_LEN(rows) };
