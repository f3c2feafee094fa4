/* What a group of failures makes of a threshold's gap, by hand; what its samples share. */
#include "base/arena.h"
#include "base/rng.h"
#include "verdict/failures.h"
#include "verdict/verdict.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { METRICS = 5 };
enum { M_CORRECT, M_HARMFUL, M_GRADED, M_LATENCY, M_TRUNCATED };

static const struct metric_head metrics[METRICS] = {
	{ .name = "correct", .scorer = "numeric", .kind = METRIC_BINARY,
	  .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	{ .name = "harmful", .scorer = "harmful", .kind = METRIC_BINARY,
	  .direction = LOWER_IS_BETTER, .cut = 0.5, .unit = "" },
	{ .name = "grounded", .scorer = "judge", .kind = METRIC_GRADED,
	  .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	{ .name = "latency", .scorer = "", .kind = METRIC_VALUE, .direction = LOWER_IS_BETTER,
	  .unit = "ms", .builtin = true, .has_range = true, .hi = 10000 },
	{ .name = "truncated", .scorer = "", .kind = METRIC_BINARY, .direction = LOWER_IS_BETTER,
	  .cut = 0.5, .unit = "", .builtin = true },
};

struct world {
	struct arena a;
	struct policy policy;
	struct stage stage;
	struct record rec;
	struct suite_head suite[2];
	struct metric_head metric[METRICS];
	struct outcome *o;
	size_t n;
	struct cell *cell;
	struct tag *tag;
};

static struct cell *cell_of(struct world *w, size_t i, int metric)
{
	return &w->cell[i * METRICS + (size_t)metric];
}

/* Everything is right and takes 100 ms; the tag of every fourth case is refunds. */
static void world_init(struct world *w, size_t cases, unsigned repeats)
{
	*w = (struct world){ .policy = { .confidence = 0.95 }, .n = cases * repeats };
	w->stage = (struct stage){ .name = "pre", .policy = &w->policy };
	w->stage.threshold = arena_array(&w->a, struct threshold, 8);
	w->o = arena_array(&w->a, struct outcome, w->n);
	w->cell = arena_array(&w->a, struct cell, w->n * METRICS);
	w->tag = arena_array(&w->a, struct tag, w->n);
	memcpy(w->metric, metrics, sizeof metrics);
	w->suite[0] = (struct suite_head){ .name = "answers", .repeats = repeats, .metric = w->metric,
					.nmetric = METRICS, .planned = w->n, .cases = cases };
	w->rec = (struct record){ .suite = w->suite, .nsuite = 1 };
	for (size_t i = 0; i < w->n; i++) {
		static const double good[METRICS] = { 1, 0, 1, 100, 0 };
		const char *id = arena_fmt(&w->a, "case-%zu", i / repeats);
		w->tag[i] = (struct tag){ .key = STR("category"),
					  .value = i / repeats % 4 ? STR("billing") : STR("refunds") };
		w->o[i] = (struct outcome){ .seq = i, .case_id = str_c(id), .cluster = str_c(id),
					    .sample = (unsigned)(i % repeats), .weight = 1,
					    .tag = &w->tag[i], .ntag = 1, .cell = cell_of(w, i, 0),
					    .answer = str_c(arena_fmt(&w->a, "Answer %zu.", i)),
					    .cost_usd = NAN, .judge_usd = NAN };
		for (int m = 0; m < METRICS; m++)
			*cell_of(w, i, m) = (struct cell){ .state = CELL_SCORED, .value = good[m] };
	}
}

static void set(struct world *w, size_t i, int metric, double value, const char *reason)
{
	*cell_of(w, i, metric) = (struct cell){ .state = CELL_SCORED, .value = value,
						.reason = str_c(reason) };
}

static void unset(struct world *w, size_t i, int metric)
{
	*cell_of(w, i, metric) = (struct cell){ .state = CELL_UNSCORED, .reason = STR("no verdict") };
	w->o[i].status = SAMPLE_UNSCORED;
}

static struct threshold *demand(struct world *w, const char *text)
{
	struct threshold_fault fault;
	struct threshold *t = &w->stage.threshold[w->stage.nthreshold++];
	if (threshold_parse(t, str_c(text), &w->a, &fault))
		fail_msg("%s: %s", text, fault.msg);
	return t;
}

static const json_t *groups_in(struct world *w, const size_t *order)
{
	struct err err = ERR_INIT;
	struct verdict_table *t = verdict_table_new(&w->stage, &w->rec, &w->a);
	struct failures *f = failures_new(&w->rec, &w->stage, &w->a);
	for (size_t i = 0; i < w->n; i++) {
		const struct outcome *o = &w->o[order ? order[i] : i];
		if (verdict_table_add(t, o, &err))
			fail_msg("%s", err.msg);
		failures_add(f, o);
	}
	if (verdict_decide(&w->rec, t, &w->stage, &w->a, &err))
		fail_msg("%s", err.msg);
	return failures_json(f, &w->rec, t, &w->a);
}

static const json_t *groups(struct world *w)
{
	return groups_in(w, NULL);
}

static const json_t *share_at(const json_t *groups, size_t group, size_t gap)
{
	return json_array_get(json_object_get(json_array_get(groups, group), "gaps"), gap);
}

static void near_member(const json_t *j, const char *key, double want)
{
	const json_t *x = json_object_get(j, key);
	if (isnan(want) ? !json_is_null(x) : !(fabs(json_number_value(x) - want) < 1e-9)) {
		char *text = json_dumps(j, JSON_ENCODE_ANY);
		fail_msg("'%s' is to be %.9f in %s", key, want, text ? text : "nothing");
	}
}

struct want {
	double gap, samples, count, part, share, open, width;
};

static void check(const json_t *share, struct want w)
{
	near_member(share, "gap", w.gap);
	near_member(share, "gap_samples", w.samples);
	near_member(share, "count", w.count);
	near_member(share, "part", w.part);
	near_member(share, "share", w.share);
	near_member(share, "unscored", w.open);
	near_member(share, "width", w.width);
}

static const char *text(const json_t *group, const char *key)
{
	return json_string_value(json_object_get(group, key));
}

/* ---- shares of scores ---- */

/* 431 of 500 are right: 0.862 is 0.038 below the bar, 19 cases. */
static void a_mean_of_ones(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 1);
	for (size_t i = 0; i < 69; i++)
		set(&w, i, M_CORRECT, 0, i < 12 ? "no number" : "expected 12, found 7");
	demand(&w, "correct.mean >= 0.90");
	const json_t *j = groups(&w);
	assert_int_equal(json_array_size(j), 2);
	assert_string_equal(text(json_array_get(j, 0), "pattern"), "expected #, found #");
	assert_string_equal(text(json_array_get(j, 0), "scorer"), "numeric");
	check(share_at(j, 0, 0), (struct want){ 0.038, 19, 57, 0.114, 3, 0, 0 });
	check(share_at(j, 1, 0), (struct want){ 0.038, 19, 12, 0.024, 0.024 / 0.038, 0, 0 });
	arena_release(&w.a);
}

/* 9 of 200 are harmful where 2 may be.  The bar is reached exactly: no share, and with `<` one case. */
static void less_is_better(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 200, 1);
	for (size_t i = 0; i < 9; i++)
		set(&w, i, M_HARMFUL, 1, "harm");
	demand(&w, "harmful.rate <= 0.01");
	demand(&w, "harmful.mean < 0.045");
	demand(&w, "harmful.count == 0");
	demand(&w, "harmful.pass >= 0.99");
	const json_t *j = groups(&w);
	check(share_at(j, 0, 0), (struct want){ 0.035, 7, 9, 0.045, 0.045 / 0.035, 0, 0 });
	check(share_at(j, 0, 1), (struct want){ 9, 9, 9, 9, 1, 0, 0 });
	check(share_at(j, 0, 2), (struct want){ 0.035, 7, 9, 0.045, 0.045 / 0.035, 0, 0 });
	check(share_at(j, 0, 3), (struct want){ 0, 1, 9, 0.045, NAN, 0, 0 });
	near_member(share_at(j, 0, 3), "finding", 1); /* undecided stands after failed */
	arena_release(&w.a);
}

/* Two repeats of four cases: a case counts once.  Scores 0.2 0.2 | 0.4 - | 1 1 | 1 1, where "-" is
 * unscored: the mean of known case means is (0.2 + 0.4 + 1 + 1) / 4 = 0.65.  The gap of 0.25 is of
 * seven samples 1.75: two. */
static void clusters_count_once(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 4, 2);
	set(&w, 0, M_GRADED, 0.2, "poor");
	set(&w, 1, M_GRADED, 0.2, "poor");
	set(&w, 2, M_GRADED, 0.4, "poor");
	unset(&w, 3, M_GRADED);
	demand(&w, "grounded.mean >= 0.9");
	const json_t *j = groups(&w);
	near_member(share_at(j, 0, 0), "part", (0.8 + 0.6) / 4);
	check(share_at(j, 0, 0), (struct want){ 0.25, 2, 3, 0.35, 1.4, 0, 0 });
	assert_string_equal(text(json_array_get(j, 1), "kind"), "unscored");
	check(share_at(j, 1, 0), (struct want){ 0.25, 2, 0, 0, 0, 1, 0.125 });
	arena_release(&w.a);
}

/* Weights 3 1 1 1 …: one wrong of weight 3 in ten cases of weight 12. */
static void weights_weigh(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 10, 1);
	w.o[0].weight = 3;
	set(&w, 0, M_CORRECT, 0, "heavy");
	set(&w, 5, M_CORRECT, 0, "light one");
	demand(&w, "correct.mean >= 0.75")->observed = true;
	const json_t *j = groups(&w);
	assert_int_equal(w.rec.finding[0].verdict, VERDICT_FAIL);
	near_member(share_at(j, 0, 0), "gap", 0.75 - 8.0 / 12);
	near_member(share_at(j, 0, 0), "part", 0.25);
	near_member(share_at(j, 0, 0), "share", 3);
	near_member(share_at(j, 1, 0), "part", 1.0 / 12);
	arena_release(&w.a);
}

/* pass^2 of two repeats: a case with one wrong is lost whole. */
static void lost_cases(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 20, 2);
	for (size_t i = 0; i < 8; i += 2)
		set(&w, i, M_CORRECT, 0, "first");
	set(&w, 1, M_CORRECT, 0, "second"); /* of case 0, whose first is wrong too */
	demand(&w, "correct.pass^2 >= 0.9");
	const json_t *j = groups(&w);
	near_member(share_at(j, 0, 0), "gap", 0.9 - 0.8);
	near_member(share_at(j, 0, 0), "part", 0.175);
	near_member(share_at(j, 1, 0), "part", 0.025);
	arena_release(&w.a);
}

/* Only the slice's samples count, of {slice} as of worst{key}. */
static void slices_of_rows(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 80, 1);
	for (size_t i = 0; i < 20; i++)
		set(&w, i * 2, M_CORRECT, 0, "wrong"); /* 10 of 20 refunds, 10 of 60 others */
	demand(&w, "correct.mean{category=refunds} >= 0.8");
	demand(&w, "correct.mean worst{category} >= 0.8");
	const json_t *j = groups(&w);
	check(share_at(j, 0, 0), (struct want){ 0.3, 6, 10, 0.5, 0.5 / 0.3, 0, 0 });
	check(share_at(j, 0, 1), (struct want){ 0.3, 6, 10, 0.5, 0.5 / 0.3, 0, 0 });
	near_member(json_array_get(j, 0), "count", 20);
	arena_release(&w.a);
}

/* The candidate lost 12 of 200 and won 2: new - old is -0.05, where -0.02 may be.  Eight wrong on
 * both sides are no part of it, and the baseline's own failures no group. */
static void lost_against_the_baseline(void **state)
{
	(void)state;
	struct world w, old;
	world_init(&w, 200, 1);
	world_init(&old, 200, 1);
	for (size_t i = 0; i < 20; i++) {
		set(&w, i, M_CORRECT, 0, i % 2 ? "odd" : "even");
		set(&old, i, M_CORRECT, i < 12, "of old");
	}
	set(&old, 30, M_CORRECT, 0, "of old");
	set(&old, 31, M_CORRECT, 0, "of old");
	w.suite[0].base = BASE_TWIN;
	w.suite[1] = old.suite[0];
	w.suite[1].name = "answers@baseline";
	w.suite[1].role = SUITE_BASELINE;
	w.suite[1].of = "answers";
	w.rec.nsuite = 2;
	w.o = arena_array(&w.a, struct outcome, 400);
	for (size_t i = 0; i < 200; i++) {
		w.o[i] = (struct outcome){ .seq = i, .case_id = old.o[i].case_id, .weight = 1,
					   .cell = cell_of(&w, i, 0) };
		w.o[200 + i] = old.o[i];
		w.o[200 + i].seq = 200 + i;
		w.o[200 + i].suite = 1;
	}
	w.n = 400;
	demand(&w, "correct.mean >= baseline - 0.02")->observed = true;
	const json_t *j = groups(&w);
	assert_int_equal(json_array_size(j), 2);
	assert_string_equal(text(json_array_get(j, 0), "pattern"), "even");
	check(share_at(j, 0, 0), (struct want){ 0.03, 6, 6, 0.03, 1, 0, 0 });
	check(share_at(j, 1, 0), (struct want){ 0.03, 6, 6, 0.03, 1, 0, 0 });
	arena_release(&old.a);
	arena_release(&w.a);
}

/* ---- measurements ---- */

static void times(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 100, 1);
	for (size_t i = 0; i < 22; i++)
		set(&w, i, M_LATENCY, 900, NULL);
	set(&w, 50, M_TRUNCATED, 1, NULL);
	demand(&w, "latency.p95 <= 800ms");
	demand(&w, "latency.mean <= 150ms")->observed = true;
	demand(&w, "latency.max <= 890ms");
	demand(&w, "truncated.count == 0");
	demand(&w, "latency.p50 <= 800ms");
	const json_t *j = groups(&w);
	/* Of each bar a group, of the one that holds none. */
	assert_int_equal(json_array_size(j), 4);
	const json_t *g = json_array_get(j, 0);
	assert_string_equal(text(g, "kind"), "measure");
	assert_string_equal(text(g, "pattern"), "> 800 ms");
	assert_string_equal(text(json_array_get(json_object_get(g, "cases"), 0), "reason"), "900 ms");
	check(share_at(j, 0, 0), (struct want){ 0.17, 17, 22, 0.22, 0.22 / 0.17, 0, 0 });
	/* 0.78 * 100 + 0.22 * 900 = 276 */
	check(share_at(j, 1, 0), (struct want){ 126, NAN, 22, 0.22 * 750, 165.0 / 126, 0, 0 });
	assert_string_equal(text(json_array_get(j, 2), "metric"), "truncated");
	check(share_at(j, 2, 0), (struct want){ 1, 1, 1, 1, 1, 0, 0 });
	check(share_at(j, 3, 0), (struct want){ 10, NAN, 22, NAN, NAN, 0, 0 });
	arena_release(&w.a);
}

/* ---- unscored ---- */

/* Nothing wrong was seen, and 30 of 100 said nothing: 20 calls failed, 10 judges. */
static void nothing_but_width(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 100, 1);
	for (size_t i = 0; i < 20; i++) {
		w.o[i].reply.fail = FAIL_DEADLINE;
		w.o[i].status = SAMPLE_UNSCORED;
		for (int m = 0; m < METRICS; m++)
			cell_of(&w, i, m)->state = CELL_UNSCORED;
	}
	for (size_t i = 20; i < 30; i++)
		unset(&w, i, M_CORRECT);
	demand(&w, "correct.mean >= 0.9");
	const json_t *j = groups(&w);
	assert_string_equal(text(json_array_get(j, 0), "kind"), "error");
	check(share_at(j, 0, 0), (struct want){ -0.1, 0, 0, 0, NAN, 20, 0.2 });
	check(share_at(j, 1, 0), (struct want){ -0.1, 0, 0, 0, NAN, 10, 0.1 });
	/* None at all: no estimate, no gap. */
	for (size_t i = 0; i < 100; i++)
		unset(&w, i, M_CORRECT);
	check(share_at(groups(&w), 0, 0), (struct want){ NAN, NAN, 0, 0, NAN, 80, 0.8 });
	arena_release(&w.a);
}

/* ---- order ---- */

static void blocking_first(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 100, 1);
	for (size_t i = 0; i < 40; i++)
		set(&w, i, M_HARMFUL, 1, "harm");
	for (size_t i = 0; i < 30; i++)
		set(&w, i, M_CORRECT, 0, i < 3 ? "few" : "many");
	set(&w, 99, M_GRADED, 0.1, "alone");
	demand(&w, "harmful.rate <= 0.1"); /* warns */
	demand(&w, "correct.mean >= 0.9")->blocking = true;
	demand(&w, "grounded.mean >= 0.5")->blocking = true;
	w.stage.threshold[0].blocking = false;
	const json_t *j = groups(&w);
	static const char *const want[] = { "many", "few", "harm", "alone" };
	assert_int_equal(json_array_size(j), 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(text(json_array_get(j, i), "pattern"), want[i]);
	assert_int_equal(json_array_size(json_object_get(json_array_get(j, 3), "gaps")), 0);
	arena_release(&w.a);
}

static void shuffle(size_t *v, size_t n, struct rng *r)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)rng_below(r, i), t = v[i - 1];
		v[i - 1] = v[k];
		v[k] = t;
	}
}

static void any_order_same_bytes(void **state)
{
	(void)state;
	struct rng r = rng_seed(5, STR("order"), "test");
	struct world w;
	size_t order[600];
	world_init(&w, 300, 2);
	for (size_t i = 0; i < w.n; i++) {
		order[i] = i;
		w.o[i].weight = 0.5 + rng_unit(&r);
		set(&w, i, M_GRADED, rng_unit(&r), i % 7 ? "poor" : "worse");
		set(&w, i, M_LATENCY, 1000 * rng_unit(&r), NULL);
		if (i % 4 == 0)
			w.o[i].answer = str_c(arena_fmt(&w.a, "Sorry, I %zu", i));
		if (rng_unit(&r) < 0.1)
			unset(&w, i, M_GRADED);
	}
	for (size_t i = 1; i < w.n; i += 2)
		w.o[i].weight = w.o[i - 1].weight;
	demand(&w, "grounded.mean >= 0.9");
	demand(&w, "latency.p95 <= 300ms");
	demand(&w, "latency.mean <= 300ms");
	char *first = json_dumps(groups(&w), 0);
	for (int round = 0; round < 5; round++) {
		shuffle(order, w.n, &r);
		char *again = json_dumps(groups_in(&w, order), 0);
		assert_string_equal(again, first);
		free(again);
	}
	free(first);
	arena_release(&w.a);
}

/* ---- what they share ---- */

static const json_t *first_slice(const json_t *groups)
{
	return json_array_get(json_object_get(json_array_get(groups, 0), "slices"), 0);
}

/* 9 of 12 wrong ones are refunds, a quarter of 80 cases: P(X >= 9) = 0.000101 by the hypergeometric
 * tail, twice that for two slices looked at.  Four of eight are chance. */
static void more_than_chance(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 80, 1);
	for (size_t i = 0; i < 9; i++)
		set(&w, i * 4, M_CORRECT, 0, "wrong");
	for (size_t i = 0; i < 3; i++)
		set(&w, i * 4 + 1, M_CORRECT, 0, "wrong");
	const json_t *s = first_slice(groups(&w));
	assert_string_equal(text(s, "value"), "refunds");
	near_member(s, "count", 9);
	near_member(s, "of", 20);
	/* sum over k >= 9 of C(20, k) C(60, 12 - k) / C(80, 12) */
	assert_true(fabs(json_number_value(json_object_get(s, "p")) / (2 * 1.00998372e-4) - 1) < 1e-3);
	for (size_t i = 4; i < 9; i++)
		set(&w, i * 4, M_CORRECT, 1, NULL);
	assert_null(first_slice(groups(&w)));
	arena_release(&w.a);

	/* Repeats of one case are no evidence: three cases, four times each. */
	world_init(&w, 12, 4);
	for (size_t i = 0; i < 4; i++)
		set(&w, i, M_CORRECT, 0, "wrong");
	assert_null(first_slice(groups(&w)));
	arena_release(&w.a);
}

/* Nine wrong refunds of nine shapes: no group has them, the slice is one. */
static void a_slice_of_its_own(void **state)
{
	(void)state;
	static const char *const reasons[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };
	struct world w;
	world_init(&w, 200, 1);
	for (size_t i = 0; i < 200; i++)
		w.tag[i].value = i < 20 ? STR("refunds") : STR("billing");
	for (size_t i = 0; i < 9; i++)
		set(&w, i, M_CORRECT, 0, reasons[i]);
	for (size_t i = 100; i < 103; i++)
		set(&w, i, M_CORRECT, 0, "z");
	demand(&w, "correct.mean >= 0.97");
	const json_t *g = json_array_get(groups(&w), 0);
	assert_string_equal(text(g, "kind"), "slice");
	assert_string_equal(text(g, "pattern"), "category=refunds");
	near_member(g, "count", 9);
	near_member(g, "of", 20);
	near_member(json_object_get(g, "rest"), "count", 3);
	near_member(json_object_get(g, "rest"), "of", 180);
	near_member(json_array_get(json_object_get(g, "gaps"), 0), "part", 9.0 / 200);
	assert_int_equal(json_array_size(json_object_get(g, "cases")), 3);
	arena_release(&w.a);
}

static const json_t *answers_of(struct world *w)
{
	return json_object_get(json_array_get(groups(w), 0), "answers");
}

static void first_words(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 60, 1);
	for (size_t i = 0; i < 12; i++) {
		set(&w, i, M_CORRECT, 0, "wrong");
		w.o[i].answer = str_c(arena_fmt(&w.a, i < 7 ? " I  cannot\nsay %zu" : "Yes %zu", i));
	}
	w.o[40].answer = STR("I cannot but it is right");
	const json_t *x = answers_of(&w);
	assert_string_equal(text(x, "words"), "I cannot");
	near_member(x, "count", 7);
	near_member(x, "of", 12);
	near_member(x, "fine", 1);
	near_member(x, "fine_of", 48);
	/* Everyone begins so: no sign of anything. */
	for (size_t i = 12; i < 60; i++)
		w.o[i].answer = STR("I cannot but it is right");
	assert_null(answers_of(&w));
	/* The whole of them, be it nothing. */
	for (size_t i = 0; i < 12; i++)
		w.o[i].answer = i < 11 ? STR("") : STR("else");
	x = answers_of(&w);
	assert_string_equal(text(x, "words"), "");
	assert_true(json_is_true(json_object_get(x, "whole")));
	near_member(x, "count", 11);
	/* What a scorer of secrets looks for is not quoted. */
	w.metric[M_CORRECT].scorer = "not-pii";
	assert_null(answers_of(&w));
	arena_release(&w.a);
}

/* With nothing fine beside them nine of ten must share their words. */
static void all_are_wrong(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 20, 1);
	for (size_t i = 0; i < 20; i++) {
		set(&w, i, M_CORRECT, 0, "wrong");
		w.o[i].answer = str_c(arena_fmt(&w.a, "```json {%zu", i));
	}
	near_member(answers_of(&w), "count", 20);
	assert_string_equal(text(answers_of(&w), "words"), "```json");
	for (size_t i = 0; i < 4; i++)
		w.o[i].answer = STR("else");
	assert_null(answers_of(&w));
	arena_release(&w.a);
}

/* How an answer finished is a slice too. */
static void finish_reasons(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 60, 1);
	for (size_t i = 0; i < 60; i++)
		w.o[i].reply.finish = i % 5 ? FINISH_STOP : FINISH_LENGTH;
	for (size_t i = 0; i < 60; i += 5)
		set(&w, i, M_CORRECT, 0, "wrong");
	const json_t *s = first_slice(groups(&w));
	assert_string_equal(text(s, "key"), "finish reason");
	assert_string_equal(text(s, "value"), "length");
	near_member(s, "count", 12);
	arena_release(&w.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mean_of_ones),
		cmocka_unit_test(less_is_better),
		cmocka_unit_test(clusters_count_once),
		cmocka_unit_test(weights_weigh),
		cmocka_unit_test(lost_cases),
		cmocka_unit_test(slices_of_rows),
		cmocka_unit_test(lost_against_the_baseline),
		cmocka_unit_test(times),
		cmocka_unit_test(nothing_but_width),
		cmocka_unit_test(blocking_first),
		cmocka_unit_test(any_order_same_bytes),
		cmocka_unit_test(more_than_chance),
		cmocka_unit_test(a_slice_of_its_own),
		cmocka_unit_test(first_words),
		cmocka_unit_test(all_are_wrong),
		cmocka_unit_test(finish_reasons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
