/* The new candidate against the old one, on the same cases. */
#include "sim.h"
#include "stat/betting.h"
#include "stat/margin.h"
#include "stat/paired.h"

#include <math.h>
#include <stdlib.h>

/* ---- right or wrong ---- */

/* What the margin test said before: for each number of losses the fewest gains known to be proven, and
 * the most known not to be. */
struct margin_memo {
	int64_t *yes[2], *no[2]; /* [1]: of the failing side */
};

static struct margin_memo *memo_of(struct sim *s, size_t n)
{
	if (s->memo)
		return s->memo;
	struct margin_memo *m = arena_array(s->keep, struct margin_memo, 1);
	for (int side = 0; side < 2; side++) {
		m->yes[side] = arena_array(s->keep, int64_t, n + 1);
		m->no[side] = arena_array(s->keep, int64_t, n + 1);
		for (size_t i = 0; i <= n; i++) {
			m->yes[side][i] = (int64_t)n + 1;
			m->no[side][i] = -1;
		}
	}
	return s->memo = m;
}

static bool proven(struct margin_memo *m, int side, struct pairs p, double delta)
{
	int64_t *yes = &m->yes[side][p.lost], *no = &m->no[side][p.lost];
	if (p.gained < *yes && p.gained > *no) {
		if (margin_above(p, delta, SIM_ALPHA))
			*yes = p.gained;
		else
			*no = p.gained;
	}
	return p.gained >= *yes;
}

struct flips {
	struct pairs p;
	int64_t unscored;
};

static struct flips flip(struct sim *s, struct sim_at at, size_t n, double differ, double gain)
{
	struct flips f = { .p = { .n = (int64_t)n } };
	for (size_t i = 0; i < n; i++) {
		double u = rng_unit(&s->r);
		bool won = u < (differ + gain) / 2, lost = !won && u < differ;
		if (sim_is_lost(s, at, lost)) {
			f.unscored++;
			continue;
		}
		f.p.gained += won;
		f.p.lost += lost;
	}
	return f;
}

static struct pairs at_worst(struct flips f)
{
	return (struct pairs){ f.p.n, f.p.gained, f.p.lost + f.unscored };
}

static struct pairs at_best(struct flips f)
{
	return (struct pairs){ f.p.n, f.p.gained + f.unscored, f.p.lost };
}

/* >= baseline - margin; the bar is -margin, half of the way is "no difference".  with[0]: the share of
 * cases that differ. */
static struct sim_run margin(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double delta = row->bar, gain = delta - 2 * delta * at.way;
	struct flips f = flip(s, at, row->n, row->with[0], gain);
	struct margin_memo *m = memo_of(s, row->n);
	struct pairs best = at_best(f), turned = { best.n, best.lost, best.gained };
	return sim_decided(proven(m, 0, at_worst(f), delta), proven(m, 1, turned, -delta));
}

/* not-below baseline: fails when a drop is proven.  The way is to a drop of all that differs. */
static struct sim_run not_below(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	struct flips f = flip(s, at, row->n, row->with[0], -row->with[0] * at.way);
	bool fail = mcnemar_drop(at_best(f)) <= SIM_ALPHA;
	return sim_decided(!fail, fail);
}

/* ---- graded ---- */

/* Two thirds of the pairs have the same luck, the others know nothing of each other. */
static void both(const struct sim_row *row, struct sim *s, double mu_new, double mu_old,
		 double *new, double *old)
{
	bool shared = rng_unit(&s->r) < 2.0 / 3;
	struct rng again = s->r;
	*old = row->draw(&s->r, mu_old);
	*new = row->draw(shared ? &again : &s->r, mu_new);
}

/* new - ratio old lies in -ratio to 1; bets on its place there. */
static struct sim_run bet(const struct sim_row *row, struct sim_at at, struct sim *s, double mu_new,
			  double mu_old, double ratio, double bar)
{
	double *x = arena_array(s->a, double, row->n);
	size_t scored = 0;
	struct betting b;
	struct err err = ERR_INIT;
	for (size_t i = 0; i < row->n; i++) {
		double new, old;
		both(row, s, mu_new, mu_old, &new, &old);
		x[scored] = new - ratio *old;
		scored += !sim_is_lost(s, at, new < old);
	}
	if (betting_init(&b, s->a, x, scored, -ratio, 1, &err))
		abort();
	return sim_decided(betting_at_least(&b, row->n - scored, bar, SIM_ALPHA, 1),
			   betting_at_most(&b, row->n - scored, bar, SIM_ALPHA, 1));
}

/* with[0]: the old mean. */
static struct sim_run graded_margin(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double gain = row->bar - 2 * row->bar * at.way;
	return bet(row, at, s, row->with[0] + gain, row->with[0], 1, row->bar);
}

/* The way is to a drop of 0.2. */
static struct sim_run graded_not_below(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	struct sim_run r = bet(row, at, s, row->with[0] - 0.2 * at.way, row->with[0], 1, 0);
	return sim_decided(r.decided != SIM_FAIL, r.decided == SIM_FAIL);
}

/* >= baseline * ratio: the bar. */
static struct sim_run contrast(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double on = row->bar * row->with[0];
	return bet(row, at, s, on + (1 - on) * at.way, row->with[0], row->bar, 0);
}

#define MARGIN(world, delta, differ)                                                               \
	"exact margin test", world, .play = margin, .bar = -(delta), .with = { differ }, .cost = 0.2
#define NOT_BELOW(world, differ)                                                                   \
	"not-below, exact McNemar", world, .play = not_below, .with = { differ }, .cost = 0.1,     \
					   .want = SIM_FAILS
#define GRADED(world, f, delta, old)                                                               \
	"betting on differences", world, .play = graded_margin, .draw = (f), .bar = -(delta),      \
					 .with = { old }, .cost = 2
#define GRADED_NOT_BELOW(world, f, old)                                                            \
	"not-below, betting on differences", world, .play = graded_not_below, .draw = (f),         \
						    .with = { old }, .cost = 2, .want = SIM_FAILS
#define CONTRAST(world, f, ratio, old)                                                             \
	"betting on new - r old", world, .play = contrast, .draw = (f), .bar = (ratio),            \
					 .with = { old }, .cost = 2

static const struct sim_row rows[] = {
	SIM_SIZES(MARGIN("1 % differ", 0.005, 0.01)),
	SIM_SIZES(MARGIN("2 % differ", 0.02, 0.02)),
	SIM_SIZES(MARGIN("5 % differ", 0.02, 0.05)),
	SIM_SIZES(MARGIN("10 % differ", 0.02, 0.1)),
	SIM_SIZES(MARGIN("30 % differ", 0.02, 0.3)),
	SIM_SIZES(MARGIN("5 % differ", 0.05, 0.05)),
	SIM_SIZES(MARGIN("10 % differ", 0.05, 0.1)),
	SIM_SIZES(MARGIN("30 % differ", 0.05, 0.3)),
	SIM_SIZES(MARGIN("10 % differ", 0.1, 0.1)),
	SIM_SIZES(MARGIN("30 % differ", 0.1, 0.3)),
	SIM_SIZES(NOT_BELOW("1 % differ", 0.01)),
	SIM_SIZES(NOT_BELOW("5 % differ", 0.05)),
	SIM_SIZES(NOT_BELOW("10 % differ", 0.1)),
	SIM_SIZES(NOT_BELOW("30 % differ", 0.3)),
	SIM_SIZES(GRADED("beta", sim_beta, 0.05, 0.8)),
	SIM_SIZES(GRADED("five points", sim_likert, 0.05, 0.8)),
	SIM_SIZES(GRADED("bimodal", sim_bimodal, 0.05, 0.8)),
	SIM_SIZES(GRADED_NOT_BELOW("five points", sim_likert, 0.8)),
	SIM_SIZES(GRADED_NOT_BELOW("bimodal", sim_bimodal, 0.8)),
	SIM_SIZES(CONTRAST("five points", sim_likert, 0.9, 0.8)),
	SIM_SIZES(CONTRAST("beta", sim_beta, 1.1, 0.8)),
};

const struct sim_family sim_paired = { "Against a baseline",
				       "The bar of a margin row is the difference it is about; a "
				       "quarter of the way is half of the margin, half of "
				       "the way no difference at all. A not-below row may fail in "
				       "5 % of runs when nothing has changed; its last "
				       "two columns are P(fail) when a quarter, and half, of what "
				       "can be lost is lost (graded: a drop of 0.05, 0.1).",
				       rows, ARRAY_LEN(rows) };
