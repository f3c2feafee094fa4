/* A rate measured by a judge whose sensitivity and specificity are known from labels only. */
#include "sim.h"
#include "stat/agreement.h"

static struct ratio toss(struct sim *s, size_t n, double rate)
{
	struct ratio r = { 0, (int64_t)n };
	for (size_t i = 0; i < n; i++)
		r.x += sim_bernoulli(&s->r, rate) != 0;
	return r;
}

/* with: sensitivity, specificity, labels of good answers and as many of bad ones. */
static struct sim_run judged(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double sensitivity = row->with[0], specificity = row->with[1], truth = sim_truth(row, at);
	struct ratio caught = toss(s, (size_t)row->with[2], sensitivity);
	struct ratio cleared = toss(s, (size_t)row->with[2], specificity);
	struct ratio low = { 0, (int64_t)row->n }, high = low;
	for (size_t i = 0; i < row->n; i++) {
		bool good = sim_bernoulli(&s->r, truth) != 0;
		bool yes = sim_bernoulli(&s->r, good ? sensitivity : 1 - specificity) != 0;
		bool lost = sim_is_lost(s, at, !yes);
		low.x += yes && !lost;
		high.x += yes || lost;
	}
	return sim_decided(judged_rate_bounds(low, caught, cleared, SIM_ALPHA).lower >= row->bar,
			   judged_rate_bounds(high, caught, cleared, SIM_ALPHA).upper < row->bar);
}

#define JUDGED(world, sens, spec, labels, truth)                                                   \
	"corrected judge", world, .play = judged, .bar = (truth), .with = { sens, spec, labels },  \
				  .cost = 0.3

static const struct sim_row rows[] = {
	SIM_SIZES(JUDGED("1.0 / 0.6, 20 + 20 labels", 1, 0.6, 20, 0.9)),
	SIM_SIZES(JUDGED("1.0 / 0.6, 50 + 50 labels", 1, 0.6, 50, 0.9)),
	SIM_SIZES(JUDGED("1.0 / 0.6, 200 + 200 labels", 1, 0.6, 200, 0.9)),
	SIM_SIZES(JUDGED("0.98 / 0.8, 20 + 20 labels", 0.98, 0.8, 20, 0.9)),
	SIM_SIZES(JUDGED("0.98 / 0.8, 50 + 50 labels", 0.98, 0.8, 50, 0.9)),
	SIM_SIZES(JUDGED("0.98 / 0.8, 200 + 200 labels", 0.98, 0.8, 200, 0.9)),
	SIM_SIZES(JUDGED("0.9 / 0.9, 20 + 20 labels", 0.9, 0.9, 20, 0.9)),
	SIM_SIZES(JUDGED("0.9 / 0.9, 50 + 50 labels", 0.9, 0.9, 50, 0.9)),
	SIM_SIZES(JUDGED("0.9 / 0.9, 200 + 200 labels", 0.9, 0.9, 200, 0.9)),
	SIM_SIZES(JUDGED("0.9 / 0.9, 200 + 200 labels", 0.9, 0.9, 200, 0.5)),
};

const struct sim_family sim_judged = {
	"Judges",
	"World: the judge's sensitivity / specificity, and the labels it was compared on.  The bar "
	"is the true rate: "
	"to pass on it is a lower bound above the truth, to fail an upper one below it.",
	rows, ARRAY_LEN(rows)
};
