/* The verdict, end to end: thresholds as text, outcomes as records have them. */
#include "base/arena.h"
#include "base/num.h"
#include "base/rng.h"
#include "verdict/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

enum { METRICS = 6 };
enum { M_CORRECT, M_HARMFUL, M_GRADED, M_LATENCY, M_COST, M_UNSCORED };

static const struct metric_head metrics[METRICS] = {
	[M_CORRECT] = { .name = "correct",
			.scorer = "numeric",
			.kind = METRIC_BINARY,
			.direction = HIGHER_IS_BETTER,
			.cut = 0.5,
			.unit = "" },
	[M_HARMFUL] = { .name = "harmful",
			.scorer = "harmful",
			.kind = METRIC_BINARY,
			.direction = LOWER_IS_BETTER,
			.cut = 0.5,
			.unit = "" },
	[M_GRADED] = { .name = "grounded",
		       .scorer = "judge",
		       .kind = METRIC_GRADED,
		       .direction = HIGHER_IS_BETTER,
		       .cut = 0.5,
		       .unit = "" },
	[M_LATENCY] = { .name = "latency",
			.scorer = "",
			.kind = METRIC_VALUE,
			.direction = LOWER_IS_BETTER,
			.unit = "ms",
			.builtin = true },
	[M_COST] = { .name = "cost",
		     .scorer = "",
		     .kind = METRIC_VALUE,
		     .direction = LOWER_IS_BETTER,
		     .unit = "usd",
		     .builtin = true },
	[M_UNSCORED] = { .name = "unscored",
			 .scorer = "",
			 .kind = METRIC_BINARY,
			 .direction = LOWER_IS_BETTER,
			 .cut = 0.5,
			 .unit = "",
			 .builtin = true },
};

/* A stage, a record head and the outcomes of one or two suites. */
struct world {
	struct arena a;
	struct policy policy;
	struct stage stage;
	struct record rec;
	struct suite_head suite[2];
	struct metric_head metric[2][METRICS];
	struct outcome *o;
	size_t n;
	struct cell *cell;
	struct tag *tag;
};

static void world_init(struct world *w, size_t cases, unsigned repeats)
{
	static const char *const names[] = { "answers", "red-team" };
	*w = (struct world){ .policy = { .confidence = 0.95 } };
	w->stage = (struct stage){ .name = "pre", .policy = &w->policy };
	w->stage.threshold = arena_array(&w->a, struct threshold, 32);
	w->n = cases * repeats;
	w->o = arena_array(&w->a, struct outcome, w->n + 1);
	w->cell = arena_array(&w->a, struct cell, w->n * METRICS + 1);
	w->tag = arena_array(&w->a, struct tag, w->n + 1);
	for (size_t s = 0; s < 2; s++) {
		memcpy(w->metric[s], metrics, sizeof metrics);
		w->suite[s] = (struct suite_head){ .name = names[s],
						   .repeats = repeats,
						   .metric = w->metric[s],
						   .nmetric = METRICS,
						   .planned = w->n,
						   .cases = cases };
	}
	w->rec = (struct record){ .suite = w->suite, .nsuite = 1 };
	for (size_t i = 0; i < w->n; i++) {
		const char *id = arena_fmt(&w->a, "case-%zu", i / repeats);
		w->o[i] = (struct outcome){ .seq = i,
					    .case_id = str_c(id),
					    .cluster = str_c(id),
					    .sample = (unsigned)(i % repeats),
					    .status = SAMPLE_SCORED,
					    .weight = 1,
					    .tag = &w->tag[i],
					    .ntag = 1,
					    .cell = &w->cell[i * METRICS] };
		w->tag[i] = (struct tag){ .key = STR("category"),
					  .value = i % 4 ? STR("billing") : STR("refunds") };
		for (size_t m = 0; m < METRICS; m++)
			w->cell[i * METRICS + m].state = CELL_SCORED;
	}
}

static void set(struct world *w, size_t i, int metric, double value)
{
	w->cell[i * METRICS + (size_t)metric] =
		(struct cell){ .state = CELL_SCORED, .value = value };
}

static void unset(struct world *w, size_t i, int metric)
{
	w->cell[i * METRICS + (size_t)metric].state = CELL_UNSCORED;
}

/* The first `hits` samples have 1, the others 0. */
static void fill(struct world *w, int metric, size_t hits)
{
	for (size_t i = 0; i < w->n; i++)
		set(w, i, metric, i < hits);
}

static struct threshold *demand(struct world *w, const char *text)
{
	struct threshold_fault fault;
	struct threshold *t = &w->stage.threshold[w->stage.nthreshold++];
	if (threshold_parse(t, str_c(text), &w->a, &fault))
		fail_msg("%s: %s at %zu", text, fault.msg, fault.offset);
	return t;
}

static void decide_in(struct world *w, const size_t *order)
{
	struct err err = ERR_INIT;
	struct verdict_table *t = verdict_table_new(&w->stage, &w->rec, &w->a);
	for (size_t i = 0; i < w->n; i++)
		if (verdict_table_add(t, &w->o[order ? order[i] : i], &err))
			fail_msg("%s", err.msg);
	if (verdict_decide(&w->rec, t, &w->stage, &w->a, &err))
		fail_msg("%s", err.msg);
}

static const struct finding *decide(struct world *w)
{
	decide_in(w, NULL);
	return &w->rec.finding[0];
}

static void world_end(struct world *w)
{
	arena_release(&w->a);
}

/* One threshold on a fresh world of `n` cases with `hits` good ones. */
static struct finding quick(struct world *w, int metric, size_t n, size_t hits, const char *text)
{
	world_init(w, n, 1);
	fill(w, metric, hits);
	demand(w, text);
	return *decide(w);
}

#define assert_verdict(f, v) assert_int_equal((f).verdict, v)

static void near(double got, double want, double tol)
{
	if (!(fabs(got - want) <= tol))
		fail_msg("got %.6f, expected %.6f", got, want);
}

/* ---- published and hand-computed numbers ---- */

static void gsm8k_numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum verdict_kind want;
	} rows[] = { { "correct.mean >= 0.53", VERDICT_PASS },
		     { "correct.mean >= 0.56", VERDICT_UNDECIDED },
		     { "correct.mean >= 0.60", VERDICT_FAIL },
		     { "correct.mean >= 53%", VERDICT_PASS },
		     { "correct.rate > 0.60", VERDICT_FAIL },
		     { "correct.pass <= 0.60", VERDICT_PASS } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct finding f = quick(&w, M_CORRECT, 1319, 742, rows[i].text);
		assert_verdict(f, rows[i].want);
		assert_int_equal(w.rec.verdict, rows[i].want);
		near(f.lower, 0.5396, 5e-5);
		near(f.upper, 0.5853, 5e-5);
		assert_string_equal(f.observed_text, "742/1319");
		assert_string_equal(f.method, "clopper-pearson");
		assert_int_equal(f.n, 1319);
		world_end(&w);
	}
}

static void screen_numbers(void **state)
{
	(void)state;
	struct world w;
	struct finding f = quick(&w, M_CORRECT, 500, 471, "correct.mean >= 0.90");
	assert_verdict(f, VERDICT_PASS);
	near(f.lower, 0.922, 5e-4);
	near(f.upper, 0.958, 5e-4);
	world_end(&w);
	f = quick(&w, M_HARMFUL, 320, 2, "harmful.rate <= 0.01");
	assert_verdict(f, VERDICT_UNDECIDED);
	near(f.lower, 0.001, 5e-4);
	near(f.upper, 0.020, 5e-4);
	assert_non_null(f.note);
	assert_non_null(strstr(f.note, "cases at this rate would decide"));
	assert_true(f.needed > 1500 && f.needed < 2200);
	world_end(&w);
	f = quick(&w, M_HARMFUL, 299, 0, "harmful.rate <= 0.01");
	assert_verdict(f, VERDICT_PASS);
	world_end(&w);
	f = quick(&w, M_HARMFUL, 298, 0, "harmful.rate <= 0.01");
	assert_verdict(f, VERDICT_UNDECIDED);
	world_end(&w);
}

static void strict_and_twice_decided(void **state)
{
	(void)state;
	assert_true(verdict_of_stage(NULL, 0) == VERDICT_UNDECIDED);
	struct finding f[2] = { { .blocking = true, .verdict = VERDICT_PASS },
				{ .blocking = false, .verdict = VERDICT_FAIL } };
	assert_true(verdict_of_stage(f, 2) == VERDICT_PASS);
	f[1].blocking = true;
	assert_true(verdict_of_stage(f, 2) == VERDICT_FAIL);
	f[1].verdict = VERDICT_UNDECIDED;
	assert_true(verdict_of_stage(f, 2) == VERDICT_UNDECIDED);
	f[0].verdict = f[1].verdict = VERDICT_NA;
	assert_true(verdict_of_stage(f, 2) == VERDICT_UNDECIDED);
	f[0].verdict = VERDICT_PASS;
	f[0].blocking = f[1].blocking = false;
	assert_true(verdict_of_stage(f, 2) == VERDICT_UNDECIDED);
}

/* ---- unscored, absent, quarantined ---- */

static void unscored_at_worst_for_the_operator(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 1);
	fill(&w, M_CORRECT, 471);
	unset(&w, 0, M_CORRECT);
	demand(&w, "correct.mean >= 0.90");
	struct finding f = *decide(&w);
	assert_string_equal(f.observed_text, "470/499");
	assert_int_equal(f.unscored, 1);
	near(f.lower, 0.919, 6e-4); /* 470 of 500 */
	near(f.upper, 0.958, 5e-4); /* 471 of 500 */
	world_end(&w);
	/* 0 harmful of 220 with 2 unscored: as 2 of 222 for <= */
	world_init(&w, 320, 1);
	fill(&w, M_HARMFUL, 0);
	unset(&w, 7, M_HARMFUL);
	unset(&w, 9, M_HARMFUL);
	demand(&w, "harmful.rate <= 0.01");
	f = *decide(&w);
	assert_verdict(f, VERDICT_UNDECIDED);
	near(f.upper, 0.0195, 5e-4); /* 2 of 320, as the screen has it */
	near(f.lower, 0, 0);
	world_end(&w);
}

static void all_unscored_or_empty_is_undecided(void **state)
{
	(void)state;
	static const char *const texts[] = { "correct.mean >= 0.001", "harmful.rate <= 0.999",
					     "latency.p95 <= 1h",     "correct.min >= 0.0001",
					     "unscored.rate <= 0.99", "cost.sum <= $10" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct world w;
		world_init(&w, 400, 1);
		for (size_t k = 0; k < w.n; k++) {
			w.o[k].cell = NULL;
			w.o[k].status = SAMPLE_UNSCORED;
		}
		demand(&w, texts[i]);
		assert_verdict(*decide(&w), VERDICT_UNDECIDED);
		assert_int_equal(w.rec.verdict, VERDICT_UNDECIDED);
		world_end(&w);
		world_init(&w, 400, 1);
		for (size_t k = 0; k < w.n; k++)
			w.o[k].status = k % 2 ? SAMPLE_QUARANTINED : SAMPLE_SURPLUS;
		demand(&w, texts[i]);
		assert_verdict(*decide(&w), VERDICT_UNDECIDED);
		assert_int_equal(w.rec.finding[0].n, 0);
		world_end(&w);
		world_init(&w, 0, 1);
		demand(&w, texts[i]);
		assert_verdict(*decide(&w), VERDICT_UNDECIDED);
		world_end(&w);
	}
}

static void missing_outcomes_are_unscored(void **state)
{
	(void)state;
	struct world w;
	struct err err = ERR_INIT;
	world_init(&w, 100, 1);
	fill(&w, M_CORRECT, 100);
	demand(&w, "correct.mean >= 0.90");
	demand(&w, "correct.mean{category=refunds} >= 0.80");
	struct verdict_table *t = verdict_table_new(&w.stage, &w.rec, &w.a);
	for (size_t i = 0; i < 80; i++)
		assert_int_equal(verdict_table_add(t, &w.o[i], &err), 0);
	assert_int_equal(verdict_decide(&w.rec, t, &w.stage, &w.a, &err), 0);
	assert_int_equal(w.rec.finding[0].unscored, 20);
	assert_verdict(w.rec.finding[0], VERDICT_UNDECIDED);
	/* their slice is not known: they count in each */
	assert_int_equal(w.rec.finding[1].unscored, 20);
	assert_verdict(w.rec.finding[1], VERDICT_UNDECIDED);
	world_end(&w);
}

static void values_that_are_none_never_pass(void **state)
{
	(void)state;
	static const double bad[] = { NAN, INFINITY, -INFINITY, 1.5, -0.1, 0.5 };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct world w;
		world_init(&w, 400, 1);
		fill(&w, M_CORRECT, 400);
		set(&w, 3, M_CORRECT, bad[i]);
		set(&w, 3, M_LATENCY, bad[i]);
		demand(&w, "correct.mean >= 0.50");
		demand(&w, "correct.min >= 0.0001");
		demand(&w, "correct.rate <= 0.9999999");
		decide(&w);
		assert_verdict(w.rec.finding[0], VERDICT_UNDECIDED);
		assert_verdict(w.rec.finding[1], VERDICT_UNDECIDED);
		assert_verdict(w.rec.finding[2], VERDICT_UNDECIDED);
		assert_false(w.rec.finding[0].has_bounds);
		world_end(&w);
		if (isfinite(bad[i]))
			continue;
		world_init(&w, 400, 1);
		set(&w, 3, M_LATENCY, bad[i]);
		demand(&w, "latency.p50 <= 1h");
		demand(&w, "latency.max <= 1h");
		decide(&w);
		assert_verdict(w.rec.finding[0], VERDICT_UNDECIDED);
		assert_verdict(w.rec.finding[1], VERDICT_UNDECIDED);
		world_end(&w);
	}
}

/* More unscored samples may never turn what is no pass into one, whatever the rule. */
static void more_unscored_never_passes(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"correct.mean >= 0.80",
		"correct.mean <= 0.95",
		"grounded.mean >= 0.45",
		"grounded.rate >= 0.4",
		"grounded.mean <= 0.55",
		"latency.p90 <= 950ms",
		"latency.p50 >= 300ms",
		"correct.sum >= 150",
		"latency.max <= 1001ms",
		"correct.count >= 150",
		"correct.mean worst{category} >= 0.7",
	};
	struct rng r = rng_seed(7, STR("unscored"), "test");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct world w;
		world_init(&w, 200, 1);
		for (size_t k = 0; k < w.n; k++) {
			set(&w, k, M_CORRECT, rng_unit(&r) < 0.88);
			set(&w, k, M_GRADED, rng_unit(&r));
			set(&w, k, M_LATENCY, 1000 * rng_unit(&r));
		}
		demand(&w, texts[i]);
		bool passed = true;
		for (size_t k = 0; k <= 200; k += 4) {
			bool pass = decide(&w)->verdict == VERDICT_PASS;
			assert_false(pass && !passed);
			passed = pass;
			for (size_t j = k; j < k + 4 && j < 200; j++)
				for (int m = 0; m < METRICS; m++)
					unset(&w, j, m);
		}
		assert_false(passed);
		world_end(&w);
	}
}

/* ---- order ---- */

static void shuffle(size_t *v, size_t n, struct rng *r)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)rng_below(r, i), t = v[i - 1];
		v[i - 1] = v[k];
		v[k] = t;
	}
}

static bool same_bits(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

static void any_order_same_bits(void **state)
{
	(void)state;
	struct rng r = rng_seed(1, STR("order"), "test");
	struct world w;
	world_init(&w, 300, 3);
	size_t order[900];
	for (size_t i = 0; i < w.n; i++) {
		order[i] = i;
		w.o[i].weight = i / 3 % 2 ? 1 : 2.5;
		set(&w, i, M_CORRECT, rng_unit(&r) < 0.8);
		set(&w, i, M_GRADED, rng_unit(&r));
		set(&w, i, M_LATENCY, 1000 * rng_unit(&r));
		w.tag[i].value =
			str_c(arena_fmt(&w.a, "c%llu", (unsigned long long)rng_below(&r, 9)));
		if (i % 17 == 0)
			unset(&w, i, M_GRADED);
	}
	demand(&w, "correct.mean >= 0.75");
	demand(&w, "grounded.mean >= 0.45");
	demand(&w, "grounded.mean worst{category} >= 0.4");
	demand(&w, "correct.mean{category=c3} >= 0.5");
	demand(&w, "latency.p95 <= 990ms");
	demand(&w, "correct.pass^2 >= 0.4");
	demand(&w, "latency.sum <= 1h");
	decide_in(&w, NULL);
	struct finding first[7];
	assert_int_equal(w.rec.nfinding, 7);
	memcpy(first, w.rec.finding, sizeof first);
	for (int round = 0; round < 5; round++) {
		shuffle(order, w.n, &r);
		decide_in(&w, order);
		for (size_t i = 0; i < 7; i++) {
			const struct finding *f = &w.rec.finding[i];
			assert_int_equal(f->verdict, first[i].verdict);
			assert_true(same_bits(f->estimate, first[i].estimate));
			assert_true(same_bits(f->lower, first[i].lower));
			assert_true(same_bits(f->upper, first[i].upper));
			assert_string_equal(f->observed_text, first[i].observed_text);
			assert_string_equal(f->note ? f->note : "",
					    first[i].note ? first[i].note : "");
			assert_string_equal(f->slice, first[i].slice);
		}
	}
	world_end(&w);
}

/* ---- rules ---- */

static void percentiles(void **state)
{
	(void)state;
	struct world w;
	static const struct {
		size_t n, over;
		enum verdict_kind want;
	} rows[] = { { 59, 0, VERDICT_PASS },
		     { 58, 0, VERDICT_UNDECIDED },
		     { 93, 1, VERDICT_PASS },
		     { 92, 1, VERDICT_UNDECIDED },
		     { 100, 20, VERDICT_FAIL } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		world_init(&w, rows[i].n, 1);
		for (size_t k = 0; k < w.n; k++)
			set(&w, k, M_LATENCY, k < rows[i].over ? 900 : 100 + (double)k);
		demand(&w, "latency.p95 <= 800ms");
		struct finding f = *decide(&w);
		assert_verdict(f, rows[i].want);
		assert_string_equal(f.method, "rate-test");
		assert_string_equal(f.label, "answers/latency.p95");
		assert_non_null(strstr(f.note, "independent"));
		world_end(&w);
	}
	/* too few for an upper bound: there is none to show */
	world_init(&w, 58, 1);
	demand(&w, "latency.p95 <= 800ms");
	struct finding f = *decide(&w);
	assert_true(isnan(f.upper));
	world_end(&w);
	/* a timeout is as slow as can be for <=, as fast for >= */
	world_init(&w, 59, 1);
	for (size_t k = 0; k < w.n; k++)
		set(&w, k, M_LATENCY, 100);
	unset(&w, 0, M_LATENCY);
	demand(&w, "latency.p95 <= 800ms");
	demand(&w, "latency.p50 >= 50ms");
	decide(&w);
	assert_verdict(w.rec.finding[0], VERDICT_UNDECIDED);
	assert_verdict(w.rec.finding[1], VERDICT_PASS);
	world_end(&w);
}

static void graded_and_clusters(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 1319, 1);
	fill(&w, M_GRADED, 742);
	demand(&w, "grounded.mean >= 0.53");
	struct finding f = *decide(&w);
	assert_string_equal(f.method, "betting");
	near(f.lower, 0.522, 1e-3); /* review B15 */
	assert_verdict(f, VERDICT_UNDECIDED);
	world_end(&w);
	/* 60 attacks, five transforms each: 300 samples are 60 clusters */
	world_init(&w, 60, 5);
	fill(&w, M_HARMFUL, 0);
	demand(&w, "harmful.rate <= 0.01");
	f = *decide(&w);
	assert_int_equal(f.clusters, 60);
	assert_int_equal(f.n, 300);
	assert_string_equal(f.method, "betting");
	assert_verdict(f, VERDICT_UNDECIDED);
	near(f.upper, 0.0492, 5e-3);
	world_end(&w);
	/* a declared cluster joins cases */
	world_init(&w, 100, 1);
	fill(&w, M_CORRECT, 100);
	for (size_t i = 0; i < w.n; i++)
		w.o[i].cluster = i < 50 ? STR("case-0") : w.o[i].case_id;
	demand(&w, "correct.mean >= 0.95");
	f = *decide(&w);
	assert_int_equal(f.clusters, 51);
	assert_verdict(f, VERDICT_UNDECIDED);
	world_end(&w);
}

static void pass_at_k(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 100, 4);
	for (size_t i = 0; i < w.n; i++)
		set(&w, i, M_CORRECT, i % 4 < 2); /* 2 of 4 in every case */
	demand(&w, "correct.pass@2 >= 0.70");
	demand(&w, "correct.pass^2 <= 0.30");
	demand(&w, "correct.pass@4 >= 0.95");
	decide(&w);
	near(w.rec.finding[0].estimate, 5.0 / 6, 1e-12); /* 1 - C(2,2)/C(4,2) */
	near(w.rec.finding[1].estimate, 1.0 / 6, 1e-12);
	assert_verdict(w.rec.finding[0], VERDICT_PASS);
	assert_verdict(w.rec.finding[1], VERDICT_PASS);
	assert_verdict(w.rec.finding[2], VERDICT_PASS);
	assert_string_equal(w.rec.finding[2].method, "clopper-pearson");
	world_end(&w);
}

static void weights_bet_on_weighted_clusters(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 400, 1);
	for (size_t i = 0; i < w.n; i++) {
		set(&w, i, M_CORRECT, i % 4 != 0);
		w.o[i].weight = i % 4 ? 1 : 3; /* the wrong ones weigh three times: 3 / 6 */
	}
	demand(&w, "correct.mean >= 0.60");
	demand(&w, "correct.mean >= 0.35");
	decide(&w);
	near(w.rec.finding[0].estimate, 0.5, 1e-12);
	assert_string_equal(w.rec.finding[0].method, "betting");
	assert_verdict(w.rec.finding[0], VERDICT_FAIL);
	assert_verdict(w.rec.finding[1], VERDICT_PASS);
	assert_true(w.rec.finding[0].lower < 0.5 && w.rec.finding[0].upper > 0.5);
	world_end(&w);
}

static void worst_slice(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 400, 1); /* refunds: 100 samples, billing: 300 */
	for (size_t i = 0; i < w.n; i++)
		set(&w, i, M_CORRECT, i % 4 ? 1 : i % 8 == 0);
	demand(&w, "correct.mean worst{category} >= 0.80");
	demand(&w, "correct.mean{category=billing} >= 0.80");
	demand(&w, "correct.mean >= 0.80");
	decide(&w);
	assert_verdict(w.rec.finding[0], VERDICT_FAIL);
	assert_string_equal(w.rec.finding[0].slice, "category=refunds");
	assert_string_equal(w.rec.finding[0].observed_text, "50/100");
	assert_verdict(w.rec.finding[1], VERDICT_PASS);
	assert_int_equal(w.rec.finding[1].n, 300);
	assert_verdict(w.rec.finding[2], VERDICT_PASS);
	world_end(&w);
	/* fails alone at alpha, not at alpha / 2: 78 of 107 is below 0.80 at 5 % */
	world_init(&w, 400, 1);
	for (size_t i = 0; i < w.n; i++)
		set(&w, i, M_CORRECT, i % 4 ? 1 : i < 4 * 73);
	demand(&w, "correct.mean{category=refunds} >= 0.805");
	demand(&w, "correct.mean worst{category} >= 0.805");
	decide(&w);
	assert_verdict(w.rec.finding[0], VERDICT_FAIL);
	near(w.rec.finding[0].upper, 0.8017, 2e-3);
	assert_verdict(w.rec.finding[1], VERDICT_UNDECIDED);
	world_end(&w);
}

static void observed_rules(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 10, 1);
	for (size_t i = 0; i < w.n; i++) {
		set(&w, i, M_CORRECT, 1);
		set(&w, i, M_COST, 0.001 * (double)(i + 1));
	}
	unset(&w, 9, M_COST);
	demand(&w, "correct.count == 10");
	demand(&w, "cost.max <= $0.02");  /* the unscored one could be dearer */
	demand(&w, "cost.max <= $0.008"); /* 0.009 was seen */
	demand(&w, "correct.sum >= 10");
	demand(&w, "cost.count == 10"); /* nine, or ten had it worked */
	demand(&w, "correct.mean >= 0.99")->observed = true;
	demand(&w, "cost.min >= $0.0005");
	decide(&w);
	static const enum verdict_kind want[] = { VERDICT_PASS,	    VERDICT_UNDECIDED, VERDICT_FAIL,
						  VERDICT_PASS,	    VERDICT_UNDECIDED, VERDICT_PASS,
						  VERDICT_UNDECIDED };
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_verdict(w.rec.finding[i], want[i]);
		assert_string_equal(w.rec.finding[i].method, "observed");
		assert_true(w.rec.finding[i].observed_only);
	}
	world_end(&w);
}

/* Of what is 0 or 1 a count is of the ones: `unscored.count == 0` can hold, and one leak is one. */
static void count_of_what_is_true(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 10, 1);
	for (size_t i = 0; i < w.n; i++) {
		set(&w, i, M_HARMFUL, i == 4);
		set(&w, i, M_UNSCORED, 0);
		set(&w, i, M_GRADED, 0.25);
		set(&w, i, M_CORRECT, 0);
	}
	unset(&w, 9, M_CORRECT);
	demand(&w, "unscored.count == 0");
	demand(&w, "harmful.count == 0");
	demand(&w, "harmful.count <= 1");
	demand(&w, "correct.count == 0"); /* the one without a score may have been it */
	demand(&w, "correct.count <= 1");
	demand(&w, "grounded.count == 10"); /* what is graded has a value or none */
	decide(&w);
	static const enum verdict_kind want[] = { VERDICT_PASS,	     VERDICT_FAIL, VERDICT_PASS,
						  VERDICT_UNDECIDED, VERDICT_PASS, VERDICT_PASS };
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_verdict(w.rec.finding[i], want[i]);
	near(w.rec.finding[1].estimate, 1, 0);
	world_end(&w);
}

static void mean_in_a_range(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 1);
	w.metric[0][M_COST].has_range = true;
	w.metric[0][M_COST].hi = 0.01;
	for (size_t i = 0; i < w.n; i++)
		set(&w, i, M_COST, i % 2 ? 0.001 : 0.002);
	demand(&w, "cost.mean <= $0.004");
	struct finding f = *decide(&w);
	assert_verdict(f, VERDICT_PASS);
	near(f.estimate, 0.0015, 1e-12);
	assert_true(f.lower < 0.0015 && f.upper > 0.0015 && f.upper < 0.0025);
	assert_string_equal(f.observed_text, "$0.0015");
	set(&w, 0, M_COST, 0.02); /* outside of the range that was promised */
	assert_verdict(*decide(&w), VERDICT_UNDECIDED);
	world_end(&w);
}

static void spend_and_new_suites(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 300, 1);
	fill(&w, M_CORRECT, 300);
	w.rec.spend = (struct spend){ .usd = NAN, .tokens = 1000, .calls = 300 };
	demand(&w, "spend.usd <= $5");
	demand(&w, "spend.tokens <= 2M");
	demand(&w, "spend.calls <= 299");
	decide(&w);
	assert_verdict(w.rec.finding[0], VERDICT_UNDECIDED);
	assert_verdict(w.rec.finding[1], VERDICT_PASS);
	assert_verdict(w.rec.finding[2], VERDICT_FAIL);
	/* What is only known from below can break a ceiling, and cannot keep one. */
	w.rec.spend.tokens_open = true;
	decide(&w);
	assert_verdict(w.rec.finding[1], VERDICT_UNDECIDED);
	assert_verdict(w.rec.finding[2], VERDICT_FAIL);
	w.rec.spend = (struct spend){ .usd = 2, .tokens = 1000, .calls = 299, .resumed = true };
	decide(&w);
	for (size_t i = 0; i < 3; i++)
		assert_verdict(w.rec.finding[i], VERDICT_UNDECIDED);
	w.rec.spend.usd = 6;
	decide(&w);
	assert_verdict(w.rec.finding[0], VERDICT_FAIL);
	w.stage.nthreshold = 0;
	demand(&w, "correct.mean >= 0.5");
	w.suite[0].is_new = true;
	assert_verdict(*decide(&w), VERDICT_UNDECIDED);
	assert_non_null(strstr(w.rec.finding[0].note, "after merge"));
	world_end(&w);
}

static void builtins_hold_in_each_suite(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 200, 1);
	/* the same outcomes as two suites of 100 */
	w.rec.nsuite = 2;
	w.suite[0].planned = w.suite[1].planned = 100;
	for (size_t i = 0; i < w.n; i++) {
		w.o[i].suite = i >= 100;
		set(&w, i, M_LATENCY, i < 100 ? 100 : 900);
	}
	demand(&w, "latency.p95 <= 800ms");
	demand(&w, "*/latency.p50 <= 950ms");
	demand(&w, "red-team/latency.p50 >= 800ms");
	decide(&w);
	assert_int_equal(w.rec.nfinding, 4);
	assert_string_equal(w.rec.finding[0].label, "answers/latency.p95");
	assert_verdict(w.rec.finding[0], VERDICT_PASS);
	assert_string_equal(w.rec.finding[1].label, "red-team/latency.p95");
	assert_verdict(w.rec.finding[1], VERDICT_FAIL);
	assert_int_equal(w.rec.finding[2].n, 200);
	assert_string_equal(w.rec.finding[2].suite, "*");
	assert_verdict(w.rec.finding[2], VERDICT_PASS);
	assert_verdict(w.rec.finding[3], VERDICT_PASS);
	world_end(&w);
}

static void strangers_are_refused(void **state)
{
	(void)state;
	struct world w;
	struct err err = ERR_INIT;
	world_init(&w, 10, 2);
	demand(&w, "correct.mean >= 0.5");
	struct verdict_table *t = verdict_table_new(&w.stage, &w.rec, &w.a);
	struct outcome o = w.o[3];
	o.seq = 20;
	assert_int_equal(verdict_table_add(t, &o, &err), -1);
	o = w.o[3];
	o.suite = 1;
	assert_int_equal(verdict_table_add(t, &o, &err), -1);
	o = w.o[3];
	o.sample = 0;
	assert_int_equal(verdict_table_add(t, &o, &err), -1);
	static const double weights[] = { 0, -1, NAN, INFINITY };
	for (size_t i = 0; i < ARRAY_LEN(weights); i++) {
		o = w.o[3];
		o.weight = weights[i];
		assert_int_equal(verdict_table_add(t, &o, &err), -1);
	}
	assert_int_equal(verdict_table_add(t, &w.o[3], &err), 0);
	assert_int_equal(verdict_table_add(t, &w.o[3], &err), -1);
	world_end(&w);
}

/* ---- blocks of time ---- */

/* 600 latencies, slow in spells of so many calls; begun one a millisecond, from the last case to the first. */
static void spells(struct world *w, size_t length)
{
	world_init(w, 600, 1);
	for (size_t i = 0; i < w->n; i++) {
		size_t turn = w->n - 1 - i;
		set(w, i, M_LATENCY, turn / length * 7 % 40 < 1 ? 900 : 100 + (double)(turn % 7));
		w->o[i].reply.time.begun_ms = (int64_t)turn + 1;
	}
}

static void slowness_in_spells_is_few_blocks(void **state)
{
	(void)state;
	struct world w;
	spells(&w, 15);
	demand(&w, "latency.p95 <= 800ms");
	const struct finding *f = decide(&w);
	assert_verdict(*f, VERDICT_PASS); /* 15 of 600 are slow: shown, never decided on */
	assert_int_equal(w.rec.verdict, VERDICT_PASS);
	assert_in_range(f->blocks, 20, 80);
	world_end(&w);
	spells(&w, 100);
	for (size_t i = 0; i < 100; i++)
		unset(&w, i, M_LATENCY); /* a call that never came is slow, too */
	demand(&w, "latency.p50 <= 800ms");
	f = decide(&w);
	assert_in_range(f->blocks, 1, 10);
	assert_non_null(strstr(f->note, "valid for independent calls; only about "));
	assert_non_null(strstr(f->note, " of time: slowness comes in spells"));
	world_end(&w);
}

static void steady_times_are_many_blocks(void **state)
{
	(void)state;
	static const char *const texts[] = { "latency.p95 <= 800ms", "latency.mean <= 800ms", "latency.p50 >= 1ms" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct world w;
		struct rng rng = rng_seed(2, STR("blocks"), "steady");
		world_init(&w, 600, 1);
		for (size_t k = 0; k < w.n; k++) {
			set(&w, k, M_LATENCY, 100 + 50 * rng_unit(&rng));
			w.o[k].reply.time.begun_ms = (int64_t)(k * 37 % 600) + 1;
		}
		struct threshold *t = demand(&w, texts[i]);
		t->has_range = t->agg == AGG_MEAN;
		t->hi = 1000;
		const struct finding *f = decide(&w);
		assert_in_range(f->blocks, 300, 600);
		const char *want = arena_fmt(&w.a, "valid for independent calls; about %zu blocks", f->blocks);
		assert_non_null(strstr(f->note, want));
		world_end(&w);
	}
}

static void blocks_are_of_calls_of_this_run(void **state)
{
	(void)state;
	struct world w;
	spells(&w, 15);
	for (size_t i = 0; i < w.n; i++)
		w.o[i].reply.time.begun_ms = 0;
	demand(&w, "latency.p95 <= 800ms");
	const struct finding *f = decide(&w);
	assert_int_equal(f->blocks, 0);
	assert_true(str_ends(str_c(f->note), STR(VERDICT_INDEPENDENT)));
	world_end(&w);
	spells(&w, 15);
	for (size_t i = 12; i < w.n; i++)
		w.o[i].reply.reused = true; /* with a start that an earlier run wrote */
	demand(&w, "latency.p95 <= 800ms");
	f = decide(&w);
	assert_in_range(f->blocks, 1, 12);
	assert_non_null(strstr(f->note, "in the 12 calls of this run"));
	world_end(&w);
	spells(&w, 15);
	demand(&w, "latency.p95 <= 800ms")->observed = true;
	demand(&w, "correct.mean >= 0.5");
	decide(&w);
	assert_int_equal(w.rec.finding[0].blocks, 0);
	assert_int_equal(w.rec.finding[1].blocks, 0);
	world_end(&w);
}

static void blocks_of_the_worst_slice_are_its_own(void **state)
{
	(void)state;
	struct world w;
	spells(&w, 15);
	demand(&w, "latency.p95{category=refunds} <= 800ms");
	demand(&w, "latency.p95 worst{category} <= 800ms");
	decide(&w);
	assert_in_range(w.rec.finding[0].blocks, 1, 150);
	assert_in_range(w.rec.finding[1].blocks, 1, 450);
	world_end(&w);
}

/* ---- does it keep its promise? ---- */

/* Truth exactly at the bar: a pass, and a fail, may come with at most 5 %; the limit is three
 * standard errors of the simulation above. */
static void false_passes(void **state)
{
	(void)state;
	enum { RUNS = 1000, CASES = 60 };
	static const struct {
		const char *text;
		int metric;
		bool clustered, weighted;
	} rules[] = {
		{ "correct.mean >= 0.80", M_CORRECT, false, false },
		{ "harmful.rate <= 0.20", M_HARMFUL, false, false },
		{ "grounded.mean >= 0.50", M_GRADED, false, false },
		{ "latency.p75 <= 750ms", M_LATENCY, false, false },
		{ "correct.mean >= 0.80", M_CORRECT, true, false },
		{ "latency.p75 <= 750ms", M_LATENCY, true, false },
		{ "correct.mean >= 0.80", M_CORRECT, false, true },
		{ "correct.mean worst{category} >= 0.80", M_CORRECT, false, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		struct rng r = rng_seed(20, str_c(rules[i].text), "false-pass");
		unsigned passes = 0, fails = 0;
		for (int run = 0; run < RUNS; run++) {
			struct world w;
			unsigned repeats = rules[i].clustered ? 3 : 1;
			world_init(&w, CASES, repeats);
			double x = 0;
			for (size_t k = 0; k < w.n; k++) {
				/* repeats of a case agree: the hardest dependence */
				if (k % repeats == 0)
					x = rng_unit(&r);
				w.o[k].weight = rules[i].weighted ? 1 + 4 * rng_unit(&r) : 1;
				set(&w, k, M_CORRECT, x < 0.8);
				set(&w, k, M_HARMFUL, x < 0.2);
				set(&w, k, M_GRADED, x);
				set(&w, k, M_LATENCY, 1000 * x);
			}
			demand(&w, rules[i].text);
			enum verdict_kind v = decide(&w)->verdict;
			passes += v == VERDICT_PASS;
			fails += v == VERDICT_FAIL;
			world_end(&w);
		}
		double most = RUNS * 0.05 + 3 * sqrt(RUNS * 0.05 * 0.95);
		if (passes > most || fails > most)
			fail_msg("%s: %u passes and %u fails of %d", rules[i].text, passes, fails,
				 RUNS);
	}
}

/* ---- the plan ---- */

static int plan(struct world *w, struct verdict_plan *p, struct diags *d, bool rows)
{
	struct verdict_suite_info info[2] = { { .streamed = true, .timed = true, .priced = true },
					      { .streamed = true, .timed = true, .priced = true } };
	struct verdict_plan_info i = { .suite = info };
	struct err err = ERR_INIT;
	struct verdict_table *t = verdict_table_new(&w->stage, &w->rec, &w->a);
	for (size_t k = 0; rows && k < w->n; k++)
		assert_int_equal(verdict_table_plan(t, &w->o[k], &err), 0);
	i.planned = rows ? t : NULL;
	diags_init(d, &w->a);
	return verdict_plan_check(p, &w->stage, &i, &w->rec, &w->a, d);
}

static void unreachable(void **state)
{
	(void)state;
	for (int rows = 0; rows < 2; rows++) {
		struct world w;
		struct verdict_plan p;
		struct diags d;
		world_init(&w, 20, 1);
		demand(&w, "correct.mean >= 0.95");
		demand(&w, "latency.p95 <= 800ms");
		demand(&w, "harmful.rate <= 0.01")->blocking = false;
		demand(&w, "correct.mean >= 0.85");
		demand(&w, "correct.mean >= 0.999")->observed = true;
		demand(&w, "correct.mean >= 100%");
		assert_int_equal(plan(&w, &p, &d, rows), 0);
		const struct finding *f = w.rec.finding;
		assert_int_equal(w.rec.nfinding, 6);
		assert_int_equal(p.blocking, 5);
		assert_int_equal(p.unreachable, 3);
		assert_true(f[0].unreachable);
		assert_int_equal(f[0].needed, 59);
		assert_non_null(strstr(f[0].note, "59 cases needed"));
		assert_non_null(strstr(f[0].note, "0.861"));
		assert_non_null(strstr(f[0].note, "decide: observed"));
		assert_int_equal(f[1].needed, 59);
		assert_non_null(strstr(f[1].note, "p86"));
		assert_true(f[2].unreachable);
		assert_int_equal(f[2].needed, 299);
		assert_false(f[3].unreachable);
		assert_false(f[4].unreachable);
		assert_true(f[5].unreachable);
		assert_int_equal(f[5].needed, 0);
		for (size_t k = 0; k < 6; k++) {
			assert_int_equal(f[k].n, 20);
			assert_verdict(f[k], VERDICT_UNDECIDED);
		}
		world_end(&w);
	}
}

static void plan_looks_into_slices(void **state)
{
	(void)state;
	struct world w;
	struct verdict_plan p;
	struct diags d;
	world_init(&w, 80, 1); /* 20 refunds, 60 billing */
	demand(&w, "correct.mean{category=refunds} >= 0.95");
	demand(&w, "correct.mean{category=billing} >= 0.95");
	demand(&w, "correct.mean worst{category} >= 0.95");
	assert_int_equal(plan(&w, &p, &d, true), 0);
	assert_int_equal(p.unreachable, 2);
	assert_true(w.rec.finding[0].unreachable);
	assert_false(w.rec.finding[1].unreachable);
	assert_string_equal(w.rec.finding[2].slice, "category=refunds");
	w.stage.nthreshold = 0;
	demand(&w, "correct.mean{category=refund} >= 0.95");
	demand(&w, "correct.mean worst{categorie} >= 0.95");
	assert_int_equal(plan(&w, &p, &d, true), -1);
	assert_int_equal(d.errors, 2);
	assert_string_equal(d.list.v[0].rule, "empty-slice");
	assert_string_equal(d.list.v[0].hint, "no case has category=refund");
	assert_string_equal(d.list.v[1].hint, "no case has 'categorie'");
	world_end(&w);
}

/* What the plan calls reachable is what perfect samples pass, for every rule. */
static void plan_agrees_with_decision(void **state)
{
	(void)state;
	static const char *const texts[] = { "correct.mean >= 0.93", "harmful.rate <= 0.02",
					     "grounded.mean >= 0.9", "latency.p90 <= 1s",
					     "latency.p50 >= 1ms",   "correct.pass^1 >= 0.9",
					     "grounded.mean >= 0.95" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		bool seen[2] = { false, false };
		for (size_t n = 2; n < 200; n += 7) {
			struct world w;
			struct verdict_plan p;
			struct diags d;
			world_init(&w, n, 1);
			fill(&w, M_CORRECT, n);
			fill(&w, M_GRADED, n);
			for (size_t k = 0; k < n; k++)
				set(&w, k, M_LATENCY, 10);
			demand(&w, texts[i]);
			assert_int_equal(plan(&w, &p, &d, true), 0);
			int64_t needed = w.rec.finding[0].needed;
			bool reachable = !p.unreachable;
			assert_int_equal(decide(&w)->verdict == VERDICT_PASS, reachable);
			assert_int_equal(reachable, needed > 0 && needed <= (int64_t)n);
			seen[reachable] = true;
			world_end(&w);
		}
		assert_true(seen[0] && seen[1]);
	}
}

static void plan_mistakes(void **state)
{
	(void)state;
	static const struct {
		const char *text, *rule, *word;
	} rows[] = {
		{ "corect.mean >= 0.9", "unknown-metric", "corect" },
		{ "answer/correct.mean >= 0.9", "unknown-suite", "answer" },
		{ "correct.mean >= 0.9", "ambiguous-metric", "answers/correct, red-team/correct" },
		{ "answers/correct.mean >= 90", "bound-out-of-range", "0 to 1" },
		{ "answers/correct.mean >= 90ms", "wrong-unit", "0 to 1" },
		{ "answers/latency.p95 <= 800", "wrong-unit", "800ms" },
		{ "answers/latency.p95 <= 80%", "wrong-unit", "800ms" },
		{ "answers/cost.p95 <= 800ms", "wrong-unit", "dollars" },
		{ "answers/correct.count >= 80%", "wrong-unit", "plain" },
		{ "answers/latency.rate >= 0.5", "wrong-aggregate", "measurement" },
		{ "answers/latency.mean <= 1s", "unbounded-mean", "range" },
		{ "answers/correct.pass@3 >= 0.9", "too-few-repeats", "3 repeats" },
		{ "answers/correct.mean >= 0", "always-true", "whatever" },
		{ "answers/correct.mean > 1", "never-true", "cannot" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct verdict_plan p;
		struct diags d;
		world_init(&w, 100, 1);
		w.rec.nsuite = 2;
		w.suite[1].planned = 0;
		demand(&w, rows[i].text);
		assert_int_equal(plan(&w, &p, &d, false), -1);
		if (d.errors != 1 || strcmp(d.list.v[0].rule, rows[i].rule) ||
		    !strstr(d.list.v[0].msg, rows[i].word))
			fail_msg("%s: %s: %s", rows[i].text, d.list.v[0].rule, d.list.v[0].msg);
		world_end(&w);
	}
}

static void value_texts(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	static const struct {
		double x;
		const char *unit, *want;
	} rows[] = { { 731.2, "ms", "731 ms" },	       { 12400, "ms", "12.4 s" },
		     { 0.0041, "usd", "$0.0041" },     { 5, "usd", "$5.00" },
		     { 1820, "tok", "1,820 tok" },     { 0.942, "", "0.942" },
		     { 31.26, "tok/s", "31.3 tok/s" }, { 12, "", "12" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(verdict_value_text(rows[i].x, rows[i].unit, &a), rows[i].want);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slowness_in_spells_is_few_blocks),
		cmocka_unit_test(steady_times_are_many_blocks),
		cmocka_unit_test(blocks_are_of_calls_of_this_run),
		cmocka_unit_test(blocks_of_the_worst_slice_are_its_own),
		cmocka_unit_test(gsm8k_numbers),
		cmocka_unit_test(screen_numbers),
		cmocka_unit_test(strict_and_twice_decided),
		cmocka_unit_test(unscored_at_worst_for_the_operator),
		cmocka_unit_test(all_unscored_or_empty_is_undecided),
		cmocka_unit_test(missing_outcomes_are_unscored),
		cmocka_unit_test(values_that_are_none_never_pass),
		cmocka_unit_test(more_unscored_never_passes),
		cmocka_unit_test(any_order_same_bits),
		cmocka_unit_test(percentiles),
		cmocka_unit_test(graded_and_clusters),
		cmocka_unit_test(pass_at_k),
		cmocka_unit_test(weights_bet_on_weighted_clusters),
		cmocka_unit_test(worst_slice),
		cmocka_unit_test(observed_rules),
		cmocka_unit_test(count_of_what_is_true),
		cmocka_unit_test(mean_in_a_range),
		cmocka_unit_test(spend_and_new_suites),
		cmocka_unit_test(builtins_hold_in_each_suite),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(false_passes),
		cmocka_unit_test(unreachable),
		cmocka_unit_test(plan_looks_into_slices),
		cmocka_unit_test(plan_agrees_with_decision),
		cmocka_unit_test(plan_mistakes),
		cmocka_unit_test(value_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
