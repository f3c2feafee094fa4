/* Records side by side: pairing, the numbers by hand, flips, the frontier, and its three views under
 * hostile text. */
#include "base/fs.h"
#include "base/limits.h"
#include "doc/jsonx.h"
#include "doc/schema.h"
#include "report/compareview.h"
#include "report/textw.h"
#include "verdict/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

enum { CORRECT, HARMFUL, GRADED, LATENCY, COST, METRICS };

static const struct metric_head heads[METRICS] = {
	{ .name = "correct", .scorer = "x", .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	{ .name = "harmful", .scorer = "x", .kind = METRIC_BINARY, .direction = LOWER_IS_BETTER, .cut = 0.5, .unit = "" },
	{ .name = "tone", .scorer = "x", .kind = METRIC_GRADED, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	{ .name = "latency", .scorer = "", .kind = METRIC_VALUE, .direction = LOWER_IS_BETTER, .unit = "ms", .builtin = true },
	{ .name = "cost", .scorer = "", .kind = METRIC_VALUE, .direction = LOWER_IS_BETTER, .unit = "usd", .builtin = true },
};

/* One record of one suite; NAN is a sample without a value. */
struct side {
	struct record head;
	struct suite_head suite;
	struct metric_head metric[METRICS];
	struct outcome *o;
	struct outcomes it;
	size_t at;
};

static int next(struct outcomes *it, struct outcome *o, struct arena *a, struct err *err)
{
	struct side *s = it->ctx;
	(void)a;
	(void)err;
	if (s->at == s->head.noutcome)
		return 0;
	*o = s->o[s->at++];
	return 1;
}

static int from_start(struct outcomes *it, struct err *err)
{
	struct side *s = it->ctx;
	(void)err;
	s->at = 0;
	return 0;
}

static struct side *side_of(struct arena *a, size_t n)
{
	struct side *s = arena_new(a, struct side);
	memcpy(s->metric, heads, sizeof(heads));
	s->suite = (struct suite_head){ .name = "answers", .target = "bot", .repeats = 1, .metric = s->metric,
					.nmetric = METRICS, .planned = n, .cases = n };
	s->head = (struct record){ .suite = &s->suite, .nsuite = 1, .noutcome = n, .run_id = "run", .stage = "pre",
				   .commit = "0123456789abcdef0123456789abcdef01234567", .verdict = VERDICT_PASS };
	s->o = arena_array(a, struct outcome, n + 1);
	s->it = (struct outcomes){ .next = next, .rewind = from_start, .ctx = s };
	for (size_t i = 0; i < n; i++) {
		struct cell *cell = arena_array(a, struct cell, METRICS);
		struct str id = str_c(arena_fmt(a, "case-%02zu", i));
		for (size_t m = 0; m < METRICS; m++)
			cell[m] = (struct cell){ .state = CELL_ABSENT, .value = NAN };
		s->o[i] = (struct outcome){ .seq = i, .case_id = id, .cluster = id, .status = SAMPLE_SCORED,
					    .weight = 1, .cell = cell };
	}
	return s;
}

static void set(struct side *s, size_t i, int metric, double x)
{
	struct cell *cell = (struct cell *)(uintptr_t)s->o[i].cell;
	cell[metric] = (struct cell){ .state = isnan(x) ? CELL_UNSCORED : CELL_SCORED, .value = x,
				      .reason = STR("because") };
}

static void fill(struct side *s, int metric, const double *x)
{
	for (size_t i = 0; i < s->head.noutcome; i++)
		set(s, i, metric, x[i]);
}

static struct compare compared(struct side *x, struct side *y, const char *metric, struct arena *a)
{
	struct compare_side *side = arena_array(a, struct compare_side, 2);
	const struct compare_opts opts = { .flips = 3, .metric = metric };
	struct err err = ERR_INIT;
	struct compare c;
	side[0] = (struct compare_side){ &x->head, &x->it, SUITE_PLAIN, "A", "old", false };
	side[1] = (struct compare_side){ &y->head, &y->it, SUITE_PLAIN, "B", "new", false };
	if (compare_records(&c, side, 2, &opts, a, &err))
		fail_msg("%s", err.msg);
	return c;
}

static const struct compare_metric *metric_of(const struct compare *c, const char *name)
{
	const struct compare_suite *s = &c->pair[0].suite[0];
	for (size_t i = 0; i < s->nmetric; i++)
		if (!strcmp(s->metric[i].head->name, name))
			return &s->metric[i];
	fail_msg("no metric %s", name);
	return NULL;
}

static void near(double got, double want)
{
	if (!(fabs(got - want) < 1e-9))
		fail_msg("%.12g, not %.12g", got, want);
}

/* ---- pairs ---- */

static void right_and_wrong(void **state)
{
	/* 10 pairs, 3 gained, 1 lost: Tango by root finding (scipy), 2 P(X <= 1 | 4, 1/2) = 0.625. */
	static const double was[] = { 1, 1, 1, 1, 1, 0, 0, 0, 0, 0 };
	static const double is[] = { 0, 1, 1, 1, 1, 1, 1, 1, 0, 0 };
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 10), *y = side_of(&a, 10);
	(void)state;
	fill(x, CORRECT, was);
	fill(y, CORRECT, is);
	fill(x, HARMFUL, was);
	fill(y, HARMFUL, is);
	struct compare c = compared(x, y, NULL, &a);
	const struct compare_metric *m = metric_of(&c, "correct"), *h = metric_of(&c, "harmful");
	assert_int_equal(c.pair[0].suite[0].pairs, 10);
	assert_true(c.pair[0].suite[0].paired);
	assert_string_equal(m->method, "tango");
	near(m->before.mean, 0.5);
	near(m->after.mean, 0.7);
	near(m->diff, 0.2);
	near(m->lower, -0.21708537460430538);
	near(m->upper, 0.5514532029551685);
	near(m->p, 0.625);
	/* Two tests: Holm doubles the smaller and cannot pass the larger. */
	near(m->p_holm, 1);
	assert_int_equal(c.pair[0].tests, 2);
	assert_int_equal(m->better, 3);
	assert_int_equal(m->worse, 1);
	/* The same numbers of what should be low are the other way round. */
	near(h->diff, 0.2);
	assert_int_equal(h->better, 1);
	assert_int_equal(h->worse, 3);
	/* Listed worst first: the one that broke, then those that were mended, in the record's order. */
	assert_int_equal(m->nflip, 4);
	assert_true(m->flip[0].worse);
	assert_true(str_eqc(m->flip[0].case_id, "case-00"));
	assert_true(str_eqc(m->flip[1].case_id, "case-05"));
	assert_true(str_eqc(m->flip[1].reason, "because"));
	/* At most three of a direction, all counted. */
	assert_int_equal(h->worse_cases, 3);
	assert_int_equal(h->better_cases, 1);
	arena_release(&a);
}

static void what_has_no_partner_is_counted(void **state)
{
	static const double x_is[] = { 1, NAN, 1, 1, 0, 1, 1, 1, 1, 1 };
	static const double y_is[] = { 0, 1, 1, NAN, 1, 1, 1, 1, 1, 1 };
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 10), *y = side_of(&a, 10);
	(void)state;
	fill(x, CORRECT, x_is);
	fill(y, CORRECT, y_is);
	x->o[9].case_id = x->o[9].cluster = STR("only old");
	y->o[9].case_id = y->o[9].cluster = STR("only new");
	y->o[8].status = SAMPLE_QUARANTINED;
	struct compare c = compared(x, y, NULL, &a);
	const struct compare_suite *s = &c.pair[0].suite[0];
	const struct compare_metric *m = metric_of(&c, "correct");
	assert_int_equal(s->pairs, 8);
	assert_int_equal(s->only_before, 1);
	assert_int_equal(s->only_after, 1);
	assert_int_equal(s->left_out, 1);
	assert_int_equal(m->n, 6);
	assert_int_equal(m->before.unscored, 1);
	assert_int_equal(m->after.unscored, 1);
	assert_int_equal(m->worse, 1);
	assert_int_equal(m->better, 1);
	arena_release(&a);
}

static void order_does_not_matter(void **state)
{
	static const double was[] = { 1, 1, 0, 0, 1, 1, 0 }, is[] = { 0, 1, 1, 0, 1, 0, 0 };
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 7), *y = side_of(&a, 7), *z = side_of(&a, 7);
	(void)state;
	fill(x, CORRECT, was);
	fill(y, CORRECT, is);
	for (size_t i = 0; i < 7; i++)
		z->o[i] = y->o[6 - i];
	struct compare c = compared(x, y, NULL, &a), d = compared(x, z, NULL, &a);
	const struct compare_metric *m = metric_of(&c, "correct"), *w = metric_of(&d, "correct");
	assert_int_equal(m->worse, 2);
	assert_int_equal(w->worse, 2);
	assert_true(m->lower == w->lower && m->upper == w->upper);
	assert_true(str_eq(m->flip[0].case_id, w->flip[0].case_id));
	arena_release(&a);
}

/* Two samples of each case: the case is what counts. */
static void repeats_are_clusters(void **state)
{
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 8), *y = side_of(&a, 8);
	static const double was[] = { 1, 1, 1, 1, 0, 1, 0, 0 }, is[] = { 0, 0, 1, 0, 1, 0, 0, 0 };
	struct side *both[] = { x, y };
	(void)state;
	fill(x, CORRECT, was);
	fill(y, CORRECT, is);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < 8; i++) {
			both[k]->o[i].case_id = both[k]->o[i].cluster = str_c(arena_fmt(&a, "c%zu", i / 2));
			both[k]->o[i].sample = (unsigned)(i % 2);
		}
	struct compare c = compared(x, y, NULL, &a);
	const struct compare_metric *m = metric_of(&c, "correct");
	assert_string_equal(m->method, "betting");
	assert_int_equal(m->n, 8);
	assert_int_equal(m->clusters, 4);
	assert_true(isnan(m->p));
	/* c0: 2 of 2 to none, c1: 2 to 1, c2: one each way, which is no flip of the case. */
	near(m->diff, 2.0 / 8 - 5.0 / 8);
	assert_true(m->lower < m->diff && m->diff < m->upper && m->lower >= -1 && m->upper <= 1);
	assert_int_equal(m->worse, 4);
	assert_int_equal(m->better, 1);
	assert_int_equal(m->worse_cases, 2);
	assert_int_equal(m->better_cases, 0);
	assert_true(str_eqc(m->flip[0].case_id, "c0"));
	assert_int_equal(m->flip[0].right_before, 2);
	assert_int_equal(m->flip[0].right_after, 0);
	assert_true(str_eqc(m->flip[1].case_id, "c1"));
	arena_release(&a);
}

static void values_by_t(void **state)
{
	static const double was[] = { 10, 12, 14, 16 }, is[] = { 11, 12, 16, 19 };
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 4), *y = side_of(&a, 4);
	(void)state;
	fill(x, COST, was);
	fill(y, COST, is);
	fill(x, LATENCY, was);
	fill(y, LATENCY, is);
	struct compare c = compared(x, y, NULL, &a);
	const struct compare_metric *m = metric_of(&c, "cost"), *l = metric_of(&c, "latency");
	/* d = 1 0 2 3: mean 1.5, t(0.975, 3) s / 2 = 2.05426. */
	assert_string_equal(m->method, "t");
	near(m->diff, 1.5);
	near(m->lower, 1.5 - 2.054260256760879);
	near(m->upper, 1.5 + 2.054260256760879);
	assert_int_equal(l->nquantile, 2);
	near(l->quantile[0].before, 13);
	near(l->quantile[0].after, 14);
	/* Four values prove nothing about a p95. */
	assert_true(isinf(l->quantile[1].lower) && isinf(l->quantile[1].upper));
	arena_release(&a);
}

/* One cost in ten is ten times the others: the interval reaches further up than down, and is the same each
 * time.  20,000 resamples by another program gave 0.53 to 1.80. */
static void skewed_values_by_bootstrap(void **state)
{
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 60), *y = side_of(&a, 60);
	(void)state;
	for (size_t i = 0; i < 60; i++) {
		set(x, i, COST, 1);
		set(y, i, COST, 1 + (i % 10 ? (double)(i % 3) / 4 : 8));
	}
	struct compare c = compared(x, y, NULL, &a), again = compared(x, y, NULL, &a);
	const struct compare_metric *m = metric_of(&c, "cost"), *n = metric_of(&again, "cost");
	assert_string_equal(m->method, "bca");
	assert_true(m->upper - m->diff > 1.2 * (m->diff - m->lower));
	assert_true(m->lower > 0.5 && m->lower < 0.7 && m->upper > 1.6 && m->upper < 2);
	assert_true(m->lower == n->lower && m->upper == n->upper);
	arena_release(&a);
}

static void percentiles_have_bounds(void **state)
{
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 200), *y = side_of(&a, 200);
	(void)state;
	for (size_t i = 0; i < 200; i++) {
		set(x, i, LATENCY, 100 + (double)i);
		set(y, i, LATENCY, 300 + (double)i);
	}
	struct compare c = compared(x, y, NULL, &a);
	const struct compare_quantile *q = metric_of(&c, "latency")->quantile;
	for (size_t i = 0; i < 2; i++) {
		near(q[i].after - q[i].before, 200);
		assert_true(q[i].lower > 150 && q[i].lower < 200 && q[i].upper > 200 && q[i].upper < 250);
	}
	arena_release(&a);
}

static void other_cases_are_not_paired(void **state)
{
	static const double was[] = { 10, 12, 14, 16 }, is[] = { 11, 15, 19, 20, 20 };
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 4), *y = side_of(&a, 5);
	(void)state;
	fill(x, COST, was);
	fill(y, COST, is);
	for (size_t i = 0; i < 5; i++) {
		y->o[i].case_id = y->o[i].cluster = str_c(arena_fmt(&a, "other-%zu", i));
		set(y, i, CORRECT, i > 0);
	}
	for (size_t i = 0; i < 4; i++)
		set(x, i, CORRECT, i > 1);
	struct compare c = compared(x, y, NULL, &a);
	const struct compare_metric *m = metric_of(&c, "cost"), *r = metric_of(&c, "correct");
	assert_false(c.pair[0].suite[0].paired);
	assert_string_equal(m->method, "welch");
	near(m->diff, 4);
	near(m->lower, 4 - 5.189349381105);
	near(m->upper, 4 + 5.189349381105);
	assert_string_equal(r->method, "score");
	near(r->diff, 0.8 - 0.5);
	assert_true(r->lower < 0.3 && r->upper > 0.3 && isnan(r->p) && !r->nflip);
	arena_release(&a);
}

static void what_moved_is_said(void **state)
{
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 2), *y = side_of(&a, 2);
	const char *aside[16];
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		set(x, i, CORRECT, 1);
		set(y, i, CORRECT, 1);
		set(x, i, GRADED, 0.2);
		set(y, i, GRADED, 0.4);
	}
	y->suite.suite_id.b[0] = 1;
	y->metric[GRADED].cut = 0.3;
	y->metric[HARMFUL].kind = METRIC_GRADED;
	y->metric[COST].name = "price";
	y->head.filtered = true;
	struct compare c = compared(x, y, NULL, &a);
	const struct compare_suite *s = &c.pair[0].suite[0];
	assert_true(c.pair[0].same_candidate);
	assert_false(s->same_suite);
	assert_true(metric_of(&c, "tone")->cut_moved);
	assert_int_equal(metric_of(&c, "tone")->better, 2); /* by the later cut */
	assert_false(metric_of(&c, "harmful")->comparable);
	assert_int_equal(s->nlost_metric, 1);
	assert_string_equal(s->new_metric[0], "price");
	size_t n = compareview_asides(aside, 16, &c.pair[0], s, &a);
	assert_int_equal(n, 5);
	assert_string_equal(aside[0], "ANOTHER SUITE: its cases, scorers or judge differ, the bar moved");
	assert_string_equal(c.pair[0].note[0], "same candidate: what differs is chance, or the suite");
	assert_string_equal(c.pair[0].note[1], "B ran a part of its cases");
	arena_release(&a);
}

/* A run's own baseline lies in it as a twin. */
static void a_run_against_its_baseline(void **state)
{
	struct arena a = ARENA_INIT;
	struct side *s = side_of(&a, 8);
	struct suite_head *both = arena_array(&a, struct suite_head, 2);
	struct compare_side side[2];
	const struct compare_opts opts = { .flips = 3 };
	struct err err = ERR_INIT;
	struct compare c;
	(void)state;
	both[0] = both[1] = s->suite;
	both[0].planned = both[1].planned = 4;
	both[1].role = SUITE_BASELINE;
	both[1].name = "answers@baseline";
	both[1].of = "answers";
	s->head.suite = both;
	s->head.nsuite = 2;
	s->head.baseline = arena_json(&a, json_pack("{s:s,s:s}", "named", "merge-base", "commit", "abc"));
	for (size_t i = 0; i < 8; i++) {
		s->o[i].suite = i > 3;
		s->o[i].case_id = s->o[i].cluster = str_c(arena_fmt(&a, "c%zu", i % 4));
		set(s, i, CORRECT, i > 3 || i == 0);
	}
	side[0] = (struct compare_side){ &s->head, &s->it, SUITE_BASELINE, "A", "run", false };
	side[1] = (struct compare_side){ &s->head, &s->it, SUITE_PLAIN, "B", "run", false };
	assert_int_equal(compare_records(&c, side, 2, &opts, &a, &err), 0);
	assert_int_equal(c.pair[0].nsuite, 1);
	assert_string_equal(c.pair[0].suite[0].name, "answers");
	assert_int_equal(metric_of(&c, "correct")->worse, 3);
	assert_string_equal(compare_side_ref(&side[0]), "merge-base");
	assert_string_equal(compare_side_commit(&side[0]), "abc");
	/* Two whole runs: the twins are no suites of theirs. */
	side[0].role = SUITE_PLAIN;
	assert_int_equal(compare_records(&c, side, 2, &opts, &a, &err), 0);
	assert_int_equal(c.pair[0].nsuite, 1);
	assert_int_equal(metric_of(&c, "correct")->worse, 0);
	s->head.nsuite = 1;
	s->head.noutcome = 4;
	side[0].role = SUITE_BASELINE;
	assert_int_equal(compare_records(&c, side, 2, &opts, &a, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	arena_release(&a);
}

/* ---- what cannot be ---- */

static void refused(struct side *x, struct side *y, enum err_kind kind, const char *says)
{
	struct arena a = ARENA_INIT;
	const struct compare_opts opts = { .flips = 3 };
	struct err err = ERR_INIT;
	struct compare c;
	struct compare_side side[] = { { &x->head, &x->it, SUITE_PLAIN, "A", "old", false },
				       { &y->head, &y->it, SUITE_PLAIN, "B", "new", false } };
	assert_int_equal(compare_records(&c, side, 2, &opts, &a, &err), -1);
	assert_int_equal(err.kind, kind);
	if (!strstr(err.msg, says))
		fail_msg("'%s' says nothing of '%s'", err.msg, says);
	arena_release(&a);
}

static void damage_is_found(void **state)
{
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 4), *y = side_of(&a, 4);
	(void)state;
	y->o[3].case_id = y->o[2].case_id;
	refused(x, y, ERR_TRUST, "one case twice");
	y = side_of(&a, 4);
	y->suite.planned = 3;
	refused(x, y, ERR_TRUST, "more outcomes than it planned");
	y->suite.planned = 4000000000;
	refused(x, y, ERR_TRUST, "plans more samples");
	y = side_of(&a, 4);
	y->o[1].weight = 0;
	refused(x, y, ERR_TRUST, "weight");
	y = side_of(&a, 4);
	y->suite.name = "others";
	refused(x, y, ERR_USAGE, "no suite in common");
	arena_release(&a);
}

/* A rate that is no rate is a sample without a value, on every view of it. */
static void impossible_values_are_unscored(void **state)
{
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 3), *y = side_of(&a, 3);
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		set(x, i, GRADED, 0.5);
		set(y, i, GRADED, i ? 0.5 : 1e300);
	}
	struct compare c = compared(x, y, NULL, &a);
	assert_int_equal(metric_of(&c, "tone")->n, 2);
	assert_int_equal(metric_of(&c, "tone")->after.unscored, 1);
	arena_release(&a);
}

/* ---- the frontier ---- */

static struct pareto_point point(double quality, double cost, double p50, double p95)
{
	return (struct pareto_point){ .axis = { quality, cost, p50, p95 } };
}

static void the_frontier(void **state)
{
	struct metric_head up = { .name = "m", .direction = HIGHER_IS_BETTER };
	struct metric_head down = { .name = "m", .direction = LOWER_IS_BETTER };
	struct pareto_point v[] = { point(0.9, 2, 100, 200), point(0.8, 1, 100, 200), point(0.8, 2, 100, 200),
				    point(0.9, 2, 100, 200), point(0.95, 9, 50, 300) };
	struct pareto p = { .metric = &up, .point = v, .npoint = 5 };
	(void)state;
	pareto_solve(&p);
	assert_int_equal(v[0].beaten_by, 0);
	assert_int_equal(v[1].beaten_by, 0); /* cheaper */
	assert_int_equal(v[2].beaten_by, 1);
	assert_int_equal(v[3].beaten_by, 0); /* equals beat nobody */
	assert_int_equal(v[4].beaten_by, 0);
	/* One price unknown: the price is weighed for none. */
	v[1].axis[PARETO_COST] = NAN;
	pareto_solve(&p);
	assert_false(p.counts[PARETO_COST]);
	assert_int_equal(v[1].beaten_by, 1);
	p.metric = &down;
	pareto_solve(&p);
	assert_int_equal(v[0].beaten_by, 2);
	up.direction = NO_DIRECTION;
	p.metric = &up;
	pareto_solve(&p);
	assert_false(p.counts[PARETO_QUALITY]);
}

static void points_of_records(void **state)
{
	struct arena a = ARENA_INIT;
	struct side *x = side_of(&a, 4), *y = side_of(&a, 4);
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		set(x, i, CORRECT, i < 2);
		set(y, i, CORRECT, i < 3 ? 1 : NAN);
		set(x, i, COST, 0.01);
		set(y, i, COST, 0.02);
		set(x, i, GRADED, 0.25);
		set(y, i, GRADED, 0.25);
	}
	struct compare c = compared(x, y, NULL, &a);
	assert_int_equal(c.npareto, 1);
	const struct pareto *t = &c.pareto[0];
	assert_string_equal(t->metric->name, "correct");
	near(t->point[0].axis[PARETO_QUALITY], 0.5);
	near(t->point[1].axis[PARETO_QUALITY], 1);
	assert_int_equal(t->point[1].unscored, 1);
	/* The unscored one at its worst: 3 of 4, two-sided Clopper-Pearson. */
	near(t->point[1].lower, 0.19412044968324);
	near(t->point[1].upper, 1);
	near(t->point[0].axis[PARETO_COST], 0.01);
	assert_true(isnan(t->point[0].axis[PARETO_P50]) && !t->counts[PARETO_P50]);
	c = compared(x, y, "answers/tone", &a);
	assert_string_equal(c.pareto[0].metric->name, "tone");
	assert_int_equal(c.pareto[0].point[1].beaten_by, 1); /* as good and dearer */
	arena_release(&a);
}

/* ---- views ---- */

static const struct str hostile[] = {
	STR_INIT("::error::x"), STR_INIT("a\n::error::b\n| x | y |"), STR_INIT("##vso[task.complete]"),
	STR_INIT("x ##[error]y"), STR_INIT("``` `` `"), STR_INIT("\xff\xfe\x80"), STR_INIT("a\0b"),
	STR_INIT("</code></summary><script>"), STR_INIT("\x1b[31m"), STR_INIT("@everyone #1 <!-- a|b -->"),
	STR_INIT("\xe2\x80\xae rtl"), STR_INIT("\\u0023"),
};

static struct compare hostile_compare(struct str text, struct arena *a)
{
	struct side *x = side_of(a, 6), *y = side_of(a, 6);
	struct side *both[] = { x, y };
	const char *name = arena_cstr(a, text);
	for (size_t k = 0; k < 2; k++) {
		both[k]->suite.name = name;
		both[k]->metric[CORRECT].name = name;
		both[k]->metric[GRADED].unit = name;
		both[k]->head.stage = both[k]->head.branch = both[k]->head.run_id = name;
		for (size_t i = 0; i < 6; i++) {
			struct cell *cell = (struct cell *)(uintptr_t)both[k]->o[i].cell;
			set(both[k], i, CORRECT, k ? i < 2 : i > 0);
			set(both[k], i, GRADED, i ? 0.1 * (double)(i + k) : NAN);
			set(both[k], i, LATENCY, 100 * (double)(i + k + 1));
			cell[CORRECT].reason = text;
		}
		both[k]->o[0].case_id = text;
	}
	y->head.stopped = name;
	y->metric[COST].name = arena_fmt(a, "%s-2", name);
	return compared(x, y, NULL, a);
}

static struct str rendered(const struct compareview *v, const struct compare *c, struct report_opts o,
			   struct arena *a)
{
	struct buf b;
	struct err err = ERR_INIT;
	buf_init(&b, MIB);
	struct sink s = sink_to_buf(&b);
	assert_int_equal(v->write(&s, c, &o, &err), 0);
	assert_false(b.over);
	struct str out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static void must_be_tame(struct str s, const char *view)
{
	struct str rest = s, line;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < 0x20 && c != '\n') || c == 0x7f)
			fail_msg("%s has a byte %#x", view, c);
	}
	if (str_find(s, STR("##vso["), 0) >= 0 || str_find(s, STR("##["), 0) >= 0)
		fail_msg("%s commands a runner:\n%.*s", view, STR_ARGS(s));
	while (str_line(&rest, &line))
		if (str_starts(str_trim(line), STR("::")))
			fail_msg("%s has a line '%.*s'", view, STR_ARGS(line));
}

/* What stands outside of code spans: text between two runs of as many backticks. */
static struct str outside_code(struct str s, struct arena *a)
{
	struct buf b;
	buf_init(&b, MIB);
	for (size_t i = 0; i < s.n;) {
		size_t ticks = 0, at, run;
		while (i + ticks < s.n && s.p[i + ticks] == '`')
			ticks++;
		for (at = i + ticks, run = 0; ticks && at < s.n && s.p[at] != '\n'; at++) {
			run = s.p[at] == '`' ? run + 1 : 0;
			if (run == ticks && (at + 1 == s.n || s.p[at + 1] != '`'))
				break;
		}
		if (ticks && run != ticks)
			fail_msg("an open code span: %.*s", STR_ARGS(str_sub(s, i, i + 80)));
		if (!ticks)
			buf_addc(&b, s.p[i]);
		i = ticks ? at + 1 : i + 1;
	}
	struct str out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static size_t lines_in(struct str s)
{
	size_t n = 0;
	struct str line;
	while (str_line(&s, &line))
		n++;
	return n;
}

/* The same lines, whatever the texts are; nothing that steers; JSON that reads back the text. */
static void hostile_text_stays_text(void **state)
{
	struct arena a = ARENA_INIT;
	struct compare plain = hostile_compare(STR("plain"), &a);
	const struct report_opts o = { .utf8 = true };
	size_t lines = lines_in(rendered(&compareview_console, &plain, o, &a));
	size_t rows = lines_in(rendered(&compareview_markdown, &plain, o, &a));
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct compare c = hostile_compare(hostile[i], &a);
		struct str screen = rendered(&compareview_console, &c, o, &a);
		struct str page = rendered(&compareview_markdown, &c, o, &a);
		struct str json = rendered(&compareview_json, &c, o, &a);
		must_be_tame(screen, "console");
		must_be_tame(page, "markdown");
		must_be_tame(json, "json");
		assert_int_equal(lines_in(screen), lines);
		assert_int_equal(lines_in(page), rows);
		struct str bare = outside_code(page, &a);
		assert_true(str_find(bare, STR("<script"), 0) < 0 && str_find(bare, STR("<!--"), 0) < 0 &&
			    str_find(bare, STR("@everyone"), 0) < 0);
		json_t *j = arena_json(&a, json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL));
		assert_non_null(j);
	}
	arena_release(&a);
}

static void every_line_fits(void **state)
{
	struct arena a = ARENA_INIT;
	struct compare c = hostile_compare(STR("a rather long name of things that are compared"), &a);
	(void)state;
	for (unsigned width = 60; width <= 120; width += 10) {
		struct str line, rest = rendered(&compareview_console, &c, (struct report_opts){ .utf8 = true, .width = width }, &a);
		while (str_line(&rest, &line))
			if (text_width(line) > width)
				fail_msg("%u columns: '%.*s'", width, STR_ARGS(line));
	}
	arena_release(&a);
}

static void json_keeps_its_schema(void **state)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str bytes;
	struct schema *s;
	struct schema_report rep = { .arena = &a };
	struct compare c = hostile_compare(STR("plain"), &a);
	struct str json = rendered(&compareview_json, &c, (struct report_opts){ .utf8 = true }, &a);
	(void)state;
	assert_int_equal(fs_read(&bytes, "docs/schema/compare.schema.json", MIB, &a, &err), 0);
	json_t *j = arena_json(&a, json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES, NULL));
	assert_int_equal(schema_compile(&s, j, NULL, &a, &err), 0);
	json_t *doc = arena_json(&a, json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL));
	if (!schema_valid(s, doc, &rep, &a))
		fail_msg("%s: %s", rep.list.n ? rep.list.v[0].instance : "?", rep.list.n ? rep.list.v[0].msg : "?");
	json_object_set_new(doc, "verdict", json_string("pass"));
	assert_false(schema_valid(s, doc, &rep, &a));
	arena_release(&a);
}

static void numbers_read_well(void **state)
{
	struct arena a = ARENA_INIT;
	(void)state;
	assert_string_equal(compareview_change(0.016, "", &a), "+0.016");
	assert_string_equal(compareview_change(-0.0001, "", &a), "0.000");
	assert_string_equal(compareview_change(-29, "ms", &a), "-29 ms");
	assert_string_equal(compareview_change(NAN, "ms", &a), "-");
	assert_string_equal(compareview_interval(-40, 3, "ms", "..", &a), "-40 .. +3.0 ms");
	assert_string_equal(compareview_interval(-INFINITY, 3, "ms", "..", &a), "");
	assert_string_equal(compareview_p(0.00001, &a), "< 0.0001");
	assert_string_equal(compareview_p(0.0131, &a), "0.013");
	assert_string_equal(compareview_p(NAN, &a), "");
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_and_wrong),
		cmocka_unit_test(what_has_no_partner_is_counted),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(repeats_are_clusters),
		cmocka_unit_test(values_by_t), cmocka_unit_test(skewed_values_by_bootstrap),
		cmocka_unit_test(percentiles_have_bounds),
		cmocka_unit_test(other_cases_are_not_paired),
		cmocka_unit_test(what_moved_is_said),
		cmocka_unit_test(a_run_against_its_baseline),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(impossible_values_are_unscored),
		cmocka_unit_test(the_frontier),
		cmocka_unit_test(points_of_records),
		cmocka_unit_test(hostile_text_stays_text),
		cmocka_unit_test(every_line_fits),
		cmocka_unit_test(json_keeps_its_schema),
		cmocka_unit_test(numbers_read_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
