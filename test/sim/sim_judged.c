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

/* What the bounds said before, for each pair of counts of the labels: the counts of "good" between which it
 * is not known.  Both bounds rise with that count. */
struct known {
	int64_t passes, not_passes, fails, not_fails;
};

static struct known *known_of(struct sim *s, size_t labels, struct ratio caught,
			      struct ratio cleared)
{
	struct known *k = s->memo;
	if (!k) {
		s->memo = k = arena_array(s->keep, struct known, (labels + 1) * (labels + 1));
		for (size_t i = 0; i < (labels + 1) * (labels + 1); i++)
			k[i] = (struct known){ INT64_MAX, -1, -1, INT64_MAX };
	}
	return &k[(size_t)caught.x * (labels + 1) + (size_t)cleared.x];
}

static bool passes(struct known *k, const struct sim_row *row, struct ratio judged,
		   struct ratio caught, struct ratio cleared)
{
	if (judged.x >= k->passes || judged.x <= k->not_passes)
		return judged.x >= k->passes;
	bool yes = judged_rate_bounds(judged, caught, cleared, SIM_ALPHA).lower >= row->bar;
	*(yes ? &k->passes : &k->not_passes) = judged.x;
	return yes;
}

static bool fails(struct known *k, const struct sim_row *row, struct ratio judged,
		  struct ratio caught, struct ratio cleared)
{
	if (judged.x <= k->fails || judged.x >= k->not_fails)
		return judged.x <= k->fails;
	bool yes = judged_rate_bounds(judged, caught, cleared, SIM_ALPHA).upper < row->bar;
	*(yes ? &k->fails : &k->not_fails) = judged.x;
	return yes;
}

/* with: sensitivity, specificity, labels of good answers and as many of bad ones. */
static struct sim_run judged(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double sensitivity = row->with[0], specificity = row->with[1], truth = sim_truth(row, at);
	size_t labels = (size_t)row->with[2];
	struct ratio caught = toss(s, labels, sensitivity), cleared = toss(s, labels, specificity);
	struct ratio low = { 0, (int64_t)row->n }, high = low;
	for (size_t i = 0; i < row->n; i++) {
		bool good = sim_bernoulli(&s->r, truth) != 0;
		bool yes = sim_bernoulli(&s->r, good ? sensitivity : 1 - specificity) != 0;
		bool lost = sim_is_lost(s, at, !yes);
		low.x += yes && !lost;
		high.x += yes || lost;
	}
	struct known *k = known_of(s, labels, caught, cleared);
	return sim_decided(passes(k, row, low, caught, cleared),
			   fails(k, row, high, caught, cleared));
}

#define JUDGED(world, sens, spec, labels, truth)                                                   \
	"corrected judge", world, .play = judged, .bar = (truth), .with = { sens, spec, labels },  \
				  .cost = 0.5

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
	"World: the judge's sensitivity / specificity, and the labels it was compared on. The bar "
	"is the true rate: "
	"to pass on it is a lower bound above the truth, to fail an upper one below it.",
	rows, ARRAY_LEN(rows)
};
