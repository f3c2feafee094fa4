/* Means: graded scores, clusters of several kinds, weights, pass@k and pass^k.  Decided by the verdict's own
 * unit, which chooses the bound. */
#include "sim.h"
#include "stat/betting.h"
#include "stat/passk.h"
#include "verdict/verdict_unit.h"

#include <math.h>
#include <stdlib.h>

static struct sim_run by_unit(struct unit *u, const struct sim_row *row, struct sim *s)
{
	struct err err = ERR_INIT;
	bool pass, fail;
	unit_finish(u, s->a);
	if (unit_shows(&pass, u, true, row->bar, SIM_ALPHA, s->a, &err) ||
	    unit_shows(&fail, u, false, row->bar, SIM_ALPHA, s->a, &err))
		abort();
	return sim_decided(pass, fail);
}

static void put(struct unit *u, double x, bool lost, uint64_t cluster, double weight)
{
	u->v[u->n++] = (struct unit_obs){
		.lo = lost ? 0 : x, .hi = lost ? 1 : x, .cluster = cluster, .weight = weight
	};
}

static struct sim_run graded(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double truth = sim_truth(row, at), *x = arena_array(s->a, double, row->n);
	size_t scored = 0;
	struct betting b;
	struct err err = ERR_INIT;
	for (size_t i = 0; i < row->n; i++) {
		x[scored] = row->draw(&s->r, truth);
		scored += !sim_is_lost(s, at, x[scored] < row->bar);
	}
	if (betting_init(&b, s->a, x, scored, 0, 1, &err))
		abort();
	return sim_decided(betting_at_least(&b, row->n - scored, row->bar, SIM_ALPHA, 1),
			   betting_at_most(&b, row->n - scored, row->bar, SIM_ALPHA, 1));
}

/* n cases of with[0] repeats; a case's own rate is drawn, its repeats are tosses at it.  A world of zeros and
 * ones repeats itself exactly: the hardest dependence. */
static struct sim_run repeats(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	size_t each = (size_t)row->with[0];
	struct unit u = { .v = arena_array(s->a, struct unit_obs, row->n * each), .binary = true };
	for (size_t i = 0; i < row->n; i++) {
		double rate = row->draw(&s->r, sim_truth(row, at));
		for (size_t k = 0; k < each; k++) {
			double x = sim_bernoulli(&s->r, rate);
			put(&u, x, sim_is_lost(s, at, x == 0), i, 1);
		}
	}
	return by_unit(&u, row, s);
}

/* n cases, each in four forms that move its score up and down together: transforms, translations. */
static struct sim_run transforms(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	static const double shift[] = { 0, -1, 0.5, 0.5 };
	struct unit u = { .v = arena_array(s->a, struct unit_obs, row->n * 4) };
	for (size_t i = 0; i < row->n; i++) {
		double x = row->draw(&s->r, sim_truth(row, at)), room = fmin(x, 1 - x);
		for (size_t k = 0; k < 4; k++) {
			double y = fmin(1, fmax(0, x + shift[k] * room));
			put(&u, y, sim_is_lost(s, at, y < row->bar), i, 1);
		}
	}
	return by_unit(&u, row, s);
}

/* n families (`cluster:`) of 1 to 9 members that answer alike. */
static struct sim_run families(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	struct unit u = { .v = arena_array(s->a, struct unit_obs, row->n * 9) };
	for (size_t i = 0; i < row->n; i++) {
		double x = row->draw(&s->r, sim_truth(row, at));
		size_t members = 1 + rng_below(&s->r, 9);
		for (size_t k = 0; k < members; k++)
			put(&u, x, sim_is_lost(s, at, x < row->bar), i, 1);
	}
	return by_unit(&u, row, s);
}

/* A fifth of the cases are hard and count four times: half of the weight, so their mean is as far below
 * the truth as that of the others is above. */
static struct sim_run weighted(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	struct unit u = { .v = arena_array(s->a, struct unit_obs, row->n), .weighted = true };
	double truth = sim_truth(row, at), apart = 0.8 * fmin(truth, 1 - truth);
	for (size_t i = 0; i < row->n; i++) {
		bool hard = rng_unit(&s->r) < 0.2;
		double x = row->draw(&s->r, truth + (hard ? -apart : apart));
		put(&u, x, sim_is_lost(s, at, x < row->bar), i, hard ? 4 : 1);
	}
	return by_unit(&u, row, s);
}

/* Where cases are Beta(a, 1): pass^k is a / (a + k), pass@k is 1 - prod i / (a + i). */
static double of_beta(double a, int k, bool all)
{
	double miss = 1;
	for (int i = 1; i <= k; i++)
		miss *= i / (a + i);
	return all ? a / (a + k) : 1 - miss;
}

static double beta_with(double truth, int k, bool all)
{
	double lo = 1e-9, hi = 1e9;
	for (int i = 0; i < 200; i++) {
		double mid = sqrt(lo * hi);
		if (of_beta(mid, k, all) < truth)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* n cases of 5 repeats: pass@3 (with[0] = 0) or pass^3 (1).  with[1] = 1: a case passes always or never. */
static struct sim_run pass_k(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	enum { REPEATS = 5, K = 3 };
	struct unit u = { .v = arena_array(s->a, struct unit_obs, row->n) };
	bool all = row->with[0] > 0, sure = row->with[1] > 0;
	double truth = sim_truth(row, at), a = sure ? 0 : beta_with(truth, K, all);
	for (size_t i = 0; i < row->n; i++) {
		double rate = sure ? sim_bernoulli(&s->r, truth) : pow(rng_unit(&s->r), 1 / a);
		int64_t low = 0, high = 0;
		for (int k = 0; k < REPEATS; k++) {
			bool pass = sim_bernoulli(&s->r, rate) != 0,
			     lost = sim_is_lost(s, at, !pass);
			low += pass && !lost;
			high += pass || lost;
		}
		u.v[u.n++] = (struct unit_obs){
			.lo = all ? passk_all(REPEATS, low, K) : passk_any(REPEATS, low, K),
			.hi = all ? passk_all(REPEATS, high, K) : passk_any(REPEATS, high, K),
			.cluster = i,
			.weight = 1,
		};
	}
	return by_unit(&u, row, s);
}

#define GRADED(world, f, at) "betting", world, .play = graded, .draw = (f), .bar = (at), .cost = 1
#define REPEATS(world, f, at)                                                                      \
	"betting, 5 repeats a case", world, .play = repeats, .draw = (f), .bar = (at),             \
					    .with = { 5 }, .cost = 5
#define TRANSFORMS(world, f, at)                                                                   \
	"betting, 4 forms of a case", world, .play = transforms, .draw = (f), .bar = (at), .cost = 4
#define FAMILIES(world, f, at)                                                                     \
	"betting, families of 1 to 9", world, .play = families, .draw = (f), .bar = (at), .cost = 5
#define WEIGHTED(world, f, at)                                                                     \
	"betting, weights", world, .play = weighted, .draw = (f), .bar = (at), .cost = 8
#define PASS_K(rule, world, all, sure, at)                                                         \
	rule, world, .play = pass_k, .bar = (at), .with = { all, sure }, .cost = 3

static const struct sim_row rows[] = {
	SIM_SIZES(GRADED("right or wrong", sim_bernoulli, 0.5)),
	SIM_SIZES(GRADED("right or wrong", sim_bernoulli, 0.9)),
	SIM_SIZES(GRADED("right or wrong", sim_bernoulli, 0.99)),
	SIM_SIZES(GRADED("beta", sim_beta, 0.5)),
	SIM_SIZES(GRADED("beta", sim_beta, 0.9)),
	SIM_SIZES(GRADED("five points", sim_likert, 0.8)),
	SIM_SIZES(GRADED("bimodal", sim_bimodal, 0.8)),
	SIM_SIZES(REPEATS("all alike", sim_bernoulli, 0.9)),
	SIM_SIZES(REPEATS("beta", sim_beta, 0.9)),
	SIM_SIZES(TRANSFORMS("five points", sim_likert, 0.8)),
	SIM_SIZES(FAMILIES("all alike", sim_bernoulli, 0.9)),
	SIM_SIZES(WEIGHTED("hard cases weigh more", sim_bernoulli, 0.8)),
	SIM_SIZES(WEIGHTED("hard cases weigh more, beta", sim_beta, 0.8)),
	SIM_SIZES(PASS_K("pass@3 of 5", "beta", 0, 0, 0.9)),
	SIM_SIZES(PASS_K("pass@3 of 5", "always or never", 0, 1, 0.9)),
	SIM_SIZES(PASS_K("pass^3 of 5", "beta", 1, 0, 0.8)),
	SIM_SIZES(PASS_K("pass^3 of 5", "always or never", 1, 1, 0.8)),
};

const struct sim_family sim_graded = { "Means", "n counts clusters.", rows, ARRAY_LEN(rows) };
