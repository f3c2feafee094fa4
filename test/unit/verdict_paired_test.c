/* Rows that compare with the baseline, end to end: a suite, its twin, outcomes of both. */
#include "base/arena.h"
#include "base/num.h"
#include "stat/margin.h"
#include "stat/special.h"
#include "verdict/verdict.h"

#include "statvec.h"

#include <stdio.h>
#include <string.h>

enum { METRICS = 4 };
enum { M_CORRECT, M_HARMFUL, M_GRADED, M_LATENCY };

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
};

struct world {
	struct arena a;
	struct policy policy;
	struct stage stage;
	struct record rec;
	struct suite_head suite[2];
	struct metric_head metric[2][METRICS];
	struct outcome *o; /* of the suite, then of its twin */
	size_t n;	   /* of each */
	struct cell *cell;
	struct tag *tag;
};

static void world_init(struct world *w, size_t cases, unsigned repeats)
{
	*w = (struct world){ .policy = { .confidence = 0.95 } };
	w->stage = (struct stage){ .name = "pre", .policy = &w->policy };
	w->stage.threshold = arena_array(&w->a, struct threshold, 32);
	w->n = cases * repeats;
	w->o = arena_array(&w->a, struct outcome, 2 * w->n + 1);
	w->cell = arena_array(&w->a, struct cell, 2 * w->n * METRICS + 1);
	w->tag = arena_array(&w->a, struct tag, 2 * w->n + 1);
	for (size_t s = 0; s < 2; s++) {
		memcpy(w->metric[s], metrics, sizeof metrics);
		w->suite[s] = (struct suite_head){ .name = s ? "answers@baseline" : "answers",
						   .role = s ? SUITE_BASELINE : SUITE_PLAIN,
						   .of = s ? "answers" : NULL,
						   .base = s ? BASE_NONE : BASE_TWIN,
						   .repeats = repeats,
						   .metric = w->metric[s],
						   .nmetric = METRICS,
						   .planned = w->n,
						   .cases = cases };
	}
	w->rec = (struct record){ .suite = w->suite, .nsuite = 2 };
	for (size_t i = 0; i < 2 * w->n; i++) {
		size_t at = i % w->n;
		const char *id = arena_fmt(&w->a, "case-%zu", at / repeats);
		w->o[i] = (struct outcome){ .seq = i,
					    .suite = i >= w->n,
					    .case_id = str_c(id),
					    .cluster = str_c(id),
					    .sample = (unsigned)(at % repeats),
					    .status = SAMPLE_SCORED,
					    .weight = 1,
					    .tag = &w->tag[i],
					    .ntag = 1,
					    .cell = &w->cell[i * METRICS] };
		w->tag[i] = (struct tag){ .key = STR("category"), .value = at % 4 ? STR("billing") : STR("refunds") };
		for (size_t m = 0; m < METRICS; m++)
			w->cell[i * METRICS + m].state = CELL_SCORED;
	}
}

static void set(struct world *w, bool old, size_t i, int metric, double value)
{
	w->cell[((old ? w->n : 0) + i) * METRICS + (size_t)metric] =
		(struct cell){ .state = CELL_SCORED, .value = value };
}

static void unset(struct world *w, bool old, size_t i, int metric)
{
	w->cell[((old ? w->n : 0) + i) * METRICS + (size_t)metric].state = CELL_UNSCORED;
}

/* The first `gained` cases rise from 0 to 1, the next `lost` fall, the next `ones` are 1 on both sides. */
static void flips(struct world *w, int metric, size_t gained, size_t lost, size_t ones)
{
	for (size_t i = 0; i < w->n; i++) {
		bool both = i >= gained + lost && i < gained + lost + ones;
		set(w, false, i, metric, i < gained || both);
		set(w, true, i, metric, (i >= gained && i < gained + lost) || both);
	}
}

static struct threshold *demand(struct world *w, const char *text)
{
	struct threshold_fault fault;
	struct threshold *t = &w->stage.threshold[w->stage.nthreshold++];
	if (threshold_parse(t, str_c(text), &w->a, &fault))
		fail_msg("%s: %s at %zu", text, fault.msg, fault.offset);
	return t;
}

static const struct finding *decide(struct world *w)
{
	struct err err = ERR_INIT;
	struct verdict_table *t = verdict_table_new(&w->stage, &w->rec, &w->a);
	for (size_t i = 0; i < 2 * w->n; i++)
		if (verdict_table_add(t, &w->o[i], &err))
			fail_msg("%s", err.msg);
	if (verdict_decide(&w->rec, t, &w->stage, &w->a, &err))
		fail_msg("%s", err.msg);
	return &w->rec.finding[0];
}

static void world_end(struct world *w)
{
	arena_release(&w->a);
}

#define assert_verdict(f, v) assert_int_equal((f)->verdict, v)

static double paired(const struct finding *f, const char *key)
{
	return json_number_value(json_object_get(f->paired, key));
}

static enum verdict_kind of_flips(const char *text, size_t n, size_t gained, size_t lost, size_t ones)
{
	struct world w;
	world_init(&w, n, 1);
	flips(&w, text[0] == 'h' ? M_HARMFUL : M_CORRECT, gained, lost, ones);
	demand(&w, text);
	enum verdict_kind v = decide(&w)->verdict;
	world_end(&w);
	return v;
}

/* ---- right or wrong ---- */

/* statsmodels' McNemar and Tango's interval; the row's verdict is what the exact test says. */
static void vectors_agree(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "paired-binary.json"), *c;
	size_t i;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		size_t n = (size_t)num(c, "n"), gained = (size_t)num(c, "new_only_right");
		size_t lost = (size_t)num(c, "old_only_right"), ones = (size_t)num(c, "both_right");
		struct world w;
		world_init(&w, n, 1);
		w.policy.confidence = 0.975; /* so that both ends together are at 0.05 */
		flips(&w, M_CORRECT, gained, lost, ones);
		demand(&w, "correct.mean not-below baseline");
		demand(&w, "correct.mean >= baseline - 0.05");
		const struct finding *f = decide(&w);
		near(f[0].estimate, num(c, "diff"), 1e-12);
		near(paired(&f[0], "p"), num(c, "mcnemar_exact_new_worse_one_sided"), 1e-12);
		assert_int_equal(paired(&f[0], "gained"), gained);
		assert_int_equal(paired(&f[0], "lost"), lost);
		assert_int_equal(paired(&f[0], "pairs"), n);
		json_t *ci = json_object_get(c, "tango_ci95");
		if (ci) {
			near(f[1].lower, at(ci, 0), 1e-9);
			near(f[1].upper, at(ci, 1), 1e-9);
		}
		struct pairs p = { (int64_t)n, (int64_t)gained, (int64_t)lost };
		near(paired(&f[1], "p"),
		     margin_above_p(p, -0.05) <= 0.025 || !margin_below(p, -0.05, 0.025) ? margin_above_p(p, -0.05)
											  : margin_below_p(p, -0.05),
		     1e-12);
		bool pass = margin_above_p(p, -0.05) <= 0.025;
		assert_true((f[1].verdict == VERDICT_PASS) == pass);
		world_end(&w);
	}
	json_decref(doc);
}

/* With no flip n pairs prove a margin x when (1-x)^n <= 0.05: 0.02 takes 149, 0.05 takes 59. */
static void margins_without_flips(void **state)
{
	(void)state;
	assert_int_equal(of_flips("correct.mean >= baseline - 0.02", 149, 0, 0, 100), VERDICT_PASS);
	assert_int_equal(of_flips("correct.mean >= baseline - 0.02", 148, 0, 0, 100), VERDICT_UNDECIDED);
	assert_int_equal(of_flips("correct.mean > baseline - 0.05", 59, 0, 0, 0), VERDICT_PASS);
	assert_int_equal(of_flips("correct.mean >= baseline - 0.05", 58, 0, 0, 0), VERDICT_UNDECIDED);
	assert_int_equal(of_flips("harmful.rate <= baseline + 0.02", 149, 0, 0, 3), VERDICT_PASS);
	assert_int_equal(of_flips("harmful.rate < baseline + 0.02", 148, 0, 0, 3), VERDICT_UNDECIDED);
	assert_int_equal(of_flips("correct.mean >= baseline", 1000, 0, 0, 900), VERDICT_UNDECIDED);
	assert_int_equal(of_flips("correct.mean >= baseline", 1000, 40, 10, 900), VERDICT_PASS);
	assert_int_equal(of_flips("correct.mean >= baseline", 1000, 10, 40, 900), VERDICT_FAIL);
	assert_int_equal(of_flips("correct.mean >= baseline - 0.02", 500, 0, 40, 400), VERDICT_FAIL);
	assert_int_equal(of_flips("harmful.rate <= baseline + 0.02", 500, 40, 0, 4), VERDICT_FAIL);
	assert_int_equal(of_flips("correct.mean >= baseline + 0.05", 200, 60, 5, 100), VERDICT_PASS);
	assert_int_equal(of_flips("correct.mean <= baseline + 0.05", 200, 60, 5, 100), VERDICT_FAIL);
}

/* Exact McNemar: 0 of 5 is 0.031, 0 of 4 is 0.0625, 1 of 8 is 0.035, 1 of 7 is 0.0625. */
static void regressions(void **state)
{
	(void)state;
	assert_int_equal(of_flips("correct.mean not-below baseline", 100, 0, 5, 80), VERDICT_FAIL);
	assert_int_equal(of_flips("correct.mean not-below baseline", 100, 0, 4, 80), VERDICT_PASS);
	assert_int_equal(of_flips("correct.mean not-below baseline", 100, 1, 7, 80), VERDICT_FAIL);
	assert_int_equal(of_flips("correct.mean not-below baseline", 100, 1, 6, 80), VERDICT_PASS);
	assert_int_equal(of_flips("correct.mean not-below baseline", 100, 5, 0, 80), VERDICT_PASS);
	assert_int_equal(of_flips("harmful.rate not-above baseline", 100, 5, 0, 0), VERDICT_FAIL);
	assert_int_equal(of_flips("harmful.rate not-above baseline", 100, 0, 5, 0), VERDICT_PASS);
	assert_int_equal(of_flips("harmful.pass not-below baseline", 100, 5, 0, 0), VERDICT_FAIL);
	/* five pairs prove only that all were lost: that is no sight */
	assert_int_equal(of_flips("correct.mean not-below baseline", 5, 0, 0, 5), VERDICT_UNDECIDED);
	assert_int_equal(of_flips("correct.mean not-below baseline", 3, 0, 0, 3), VERDICT_UNDECIDED);
	assert_int_equal(of_flips("correct.mean not-below baseline", 6, 0, 0, 6), VERDICT_PASS);
}

static void no_regression_says_what_it_could_see(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 100, 1);
	flips(&w, M_CORRECT, 0, 2, 90);
	demand(&w, "correct.mean not-below baseline");
	const struct finding *f = decide(&w);
	assert_verdict(f, VERDICT_PASS);
	assert_string_equal(f->method, "mcnemar");
	near(paired(f, "least"), 0.05, 1e-12);
	assert_non_null(strstr(f->note, "no drop shown; one of 0.050 would have been proven"));
	assert_string_equal(f->observed_text, "90/100, was 92/100");
	const json_t *lost = json_object_get(json_object_get(f->paired, "flips"), "lost");
	assert_int_equal(json_array_size(lost), 2);
	assert_string_equal(json_string_value(json_array_get(lost, 0)), "case-0");
	assert_string_equal(json_string_value(json_array_get(lost, 1)), "case-1");
	world_end(&w);
}

/* harmful: 1 is wrong, so a rise of the rate is a case lost. */
static void flips_go_by_the_good_side(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 200, 1);
	flips(&w, M_HARMFUL, 3, 1, 0);
	demand(&w, "harmful.rate <= baseline + 0.05");
	const struct finding *f = decide(&w);
	assert_int_equal(paired(f, "lost"), 3);
	assert_int_equal(paired(f, "gained"), 1);
	near(f->estimate, 2.0 / 200, 1e-12);
	const json_t *flip = json_object_get(f->paired, "flips");
	assert_int_equal(json_array_size(json_object_get(flip, "lost")), 3);
	assert_string_equal(json_string_value(json_array_get(json_object_get(flip, "gained"), 0)), "case-3");
	world_end(&w);
}

/* ---- unscored on either side ---- */

static void open_sides_are_at_their_worst(void **state)
{
	(void)state;
	for (int old = 0; old < 2; old++) {
		struct world w;
		world_init(&w, 149, 1);
		flips(&w, M_CORRECT, 0, 0, 100);
		/* an open side could be a loss only where the other is known to be right (new) or wrong (old) */
		unset(&w, old, old ? 140 : 0, M_CORRECT);
		demand(&w, "correct.mean >= baseline - 0.02");
		demand(&w, "correct.mean not-below baseline");
		const struct finding *f = decide(&w);
		assert_verdict(&f[0], VERDICT_UNDECIDED);
		assert_verdict(&f[1], VERDICT_PASS); /* one loss proves no drop */
		assert_int_equal(paired(&f[0], "pairs"), 148);
		assert_int_equal(paired(&f[0], "old_unscored"), old);
		world_end(&w);
	}
	struct world w;
	world_init(&w, 149, 1);
	flips(&w, M_CORRECT, 0, 0, 100);
	unset(&w, false, 140, M_CORRECT); /* old is 0: whatever new is, nothing is lost */
	demand(&w, "correct.mean >= baseline - 0.02");
	assert_verdict(decide(&w), VERDICT_PASS);
	world_end(&w);
	/* four losses and an open answer to a case that was right: five would be a proven drop */
	world_init(&w, 100, 1);
	flips(&w, M_CORRECT, 0, 4, 90);
	unset(&w, false, 50, M_CORRECT);
	demand(&w, "correct.mean not-below baseline");
	const struct finding *f = decide(&w);
	assert_verdict(f, VERDICT_UNDECIDED);
	assert_non_null(strstr(f->note, "1 unscored pair could turn it"));
	/* five losses are one whatever the open answer was */
	set(&w, true, 98, M_CORRECT, 1);
	assert_verdict(decide(&w), VERDICT_FAIL);
	world_end(&w);
}

static void nothing_scored_decides_nothing(void **state)
{
	(void)state;
	static const char *const texts[] = { "correct.mean >= baseline - 0.9", "correct.mean not-below baseline",
					     "correct.mean <= baseline * 1.9", "latency.p95 <= baseline * 9",
					     "latency.p95 not-above baseline", "grounded.mean >= baseline - 0.9",
					     "grounded.mean not-below baseline", "latency.max <= baseline * 9" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		for (int side = 0; side < 3; side++) {
			struct world w;
			world_init(&w, 400, 1);
			for (size_t k = 0; k < 2 * w.n; k++)
				if (side == 2 || side == (k >= w.n))
					w.o[k].cell = NULL;
			demand(&w, texts[i]);
			assert_verdict(decide(&w), VERDICT_UNDECIDED);
			world_end(&w);
		}
	}
}

static void values_that_are_none_decide_nothing(void **state)
{
	(void)state;
	static const double bad[] = { 0.5, 2, -1, INFINITY, NAN };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		for (int old = 0; old < 2; old++) {
			struct world w;
			world_init(&w, 400, 1);
			flips(&w, M_CORRECT, 0, 0, 300);
			set(&w, old, 7, M_CORRECT, bad[i]);
			demand(&w, "correct.mean >= baseline - 0.5");
			demand(&w, "correct.mean not-below baseline");
			const struct finding *f = decide(&w);
			assert_verdict(&f[0], VERDICT_UNDECIDED);
			assert_verdict(&f[1], VERDICT_UNDECIDED);
			world_end(&w);
		}
	}
}

/* ---- graded, clusters, contrasts ---- */

static void graded_differences(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 300, 1);
	for (size_t i = 0; i < w.n; i++) {
		set(&w, true, i, M_GRADED, 0.8);
		set(&w, false, i, M_GRADED, i % 2 ? 0.82 : 0.76); /* -0.01 on average */
	}
	demand(&w, "grounded.mean >= baseline - 0.1");
	demand(&w, "grounded.mean not-below baseline");
	demand(&w, "grounded.mean >= baseline + 0.1");
	demand(&w, "grounded.mean >= baseline * 0.85");
	const struct finding *f = decide(&w);
	assert_string_equal(f[0].method, "betting, differences");
	near(f[0].estimate, -0.01, 1e-9);
	assert_verdict(&f[0], VERDICT_PASS);
	assert_true(f[0].lower > -0.1 && f[0].lower < -0.01 && f[0].upper > -0.01 && f[0].upper < 0.1);
	assert_verdict(&f[1], VERDICT_PASS);
	near(paired(&f[1], "least"), f[1].upper + 0.01, 1e-9);
	assert_verdict(&f[2], VERDICT_FAIL);
	assert_string_equal(f[3].method, "betting, contrast");
	near(f[3].estimate, 0.79 - 0.85 * 0.8, 1e-9);
	assert_verdict(&f[3], VERDICT_PASS);
	assert_string_equal(f[0].observed_text, "0.790, was 0.800");
	world_end(&w);
	/* a drop of 0.3 on 300 cases is proven, and an open side changes nothing */
	world_init(&w, 300, 1);
	for (size_t i = 0; i < w.n; i++) {
		set(&w, true, i, M_GRADED, 0.8);
		set(&w, false, i, M_GRADED, 0.5);
	}
	unset(&w, true, 5, M_GRADED);
	demand(&w, "grounded.mean not-below baseline");
	assert_verdict(decide(&w), VERDICT_FAIL);
	world_end(&w);
}

/* 60 cases of 5 alike repeats are 60 observations: 0.05 takes 59 without a flip as single ones, not by betting. */
static void repeats_are_clusters(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 60, 5);
	flips(&w, M_CORRECT, 0, 0, 250);
	demand(&w, "correct.mean >= baseline - 0.05");
	demand(&w, "correct.mean >= baseline - 0.5");
	demand(&w, "correct.pass^5 >= baseline - 0.05");
	demand(&w, "correct.pass@5 not-below baseline");
	demand(&w, "correct.pass@2 >= baseline - 0.5");
	const struct finding *f = decide(&w);
	assert_string_equal(f[0].method, "betting, differences");
	assert_int_equal(f[0].clusters, 60);
	assert_verdict(&f[0], VERDICT_UNDECIDED);
	assert_verdict(&f[1], VERDICT_PASS);
	assert_string_equal(f[2].method, "margin-exact"); /* all of five repeats: one 0 or 1 a case */
	assert_verdict(&f[2], VERDICT_PASS);
	assert_string_equal(f[2].observed_text, "50/60, was 50/60");
	assert_string_equal(f[3].method, "mcnemar");
	assert_verdict(&f[3], VERDICT_PASS);
	assert_string_equal(f[4].method, "betting, differences");
	assert_verdict(&f[4], VERDICT_PASS);
	world_end(&w);
}

static void weights_go_by_betting(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 400, 1);
	flips(&w, M_CORRECT, 0, 0, 300);
	for (size_t i = 0; i < 2 * w.n; i++)
		w.o[i].weight = i % 2 ? 2 : 1;
	demand(&w, "correct.mean >= baseline - 0.2");
	const struct finding *f = decide(&w);
	assert_string_equal(f->method, "betting, differences");
	assert_verdict(f, VERDICT_PASS);
	world_end(&w);
}

/* ---- measurements ---- */

static void percentiles(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 300, 1);
	for (size_t i = 0; i < w.n; i++) {
		set(&w, true, i, M_LATENCY, 500 + (double)i);
		set(&w, false, i, M_LATENCY, 510 + (double)i);
	}
	demand(&w, "latency.p95 <= baseline * 1.10");
	demand(&w, "latency.p95 <= baseline + 50ms");
	demand(&w, "latency.p95 <= baseline + 1ms");
	demand(&w, "latency.p95 not-above baseline");
	demand(&w, "latency.p50 >= baseline + 200ms");
	const struct finding *f = decide(&w);
	assert_string_equal(f[0].method, "two-bounds");
	assert_verdict(&f[0], VERDICT_PASS);
	assert_verdict(&f[1], VERDICT_PASS);
	assert_verdict(&f[2], VERDICT_UNDECIDED);
	near(f[1].estimate, 10, 1e-9);
	/* order statistics 277 and 293 of 300 at 0.025 */
	near(f[1].lower, (510 + 276) - (500 + 292), 3);
	near(f[1].upper, (510 + 292) - (500 + 276), 3);
	assert_verdict(&f[3], VERDICT_PASS);
	assert_non_null(strstr(f[3].note, "no rise shown; one of"));
	assert_verdict(&f[4], VERDICT_FAIL);
	world_end(&w);
	/* p95 takes 72 on each side at half the risk */
	for (size_t n = 71; n <= 72; n++) {
		world_init(&w, n, 1);
		for (size_t i = 0; i < n; i++) {
			set(&w, true, i, M_LATENCY, 500);
			set(&w, false, i, M_LATENCY, 400);
		}
		demand(&w, "latency.p95 <= baseline * 1.10");
		assert_verdict(decide(&w), n == 72 ? VERDICT_PASS : VERDICT_UNDECIDED);
		world_end(&w);
	}
}

static void times_of_another_day_are_no_times(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 300, 1);
	for (size_t i = 0; i < w.n; i++) {
		set(&w, true, i, M_LATENCY, 500);
		set(&w, false, i, M_LATENCY, 400);
		w.o[w.n + i].reply.reused = true;
	}
	demand(&w, "latency.p95 <= baseline * 1.10");
	const struct finding *f = decide(&w);
	assert_verdict(f, VERDICT_UNDECIDED);
	assert_non_null(strstr(f->note, "300 answers were reused, so their times cannot be compared: --fresh"));
	world_end(&w);
}

static void facts_of_the_run_are_compared_as_they_are(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 10, 1);
	for (size_t i = 0; i < w.n; i++) {
		set(&w, true, i, M_LATENCY, 500 + (double)i);
		set(&w, false, i, M_LATENCY, 400 + (double)i);
	}
	flips(&w, M_CORRECT, 0, 1, 5);
	demand(&w, "latency.max <= baseline");
	demand(&w, "latency.max > baseline");
	demand(&w, "correct.count not-below baseline");
	demand(&w, "correct.mean >= baseline - 0.15")->observed = true;
	const struct finding *f = decide(&w);
	assert_verdict(&f[0], VERDICT_PASS);
	assert_verdict(&f[1], VERDICT_FAIL);
	assert_verdict(&f[2], VERDICT_FAIL);
	assert_verdict(&f[3], VERDICT_PASS);
	assert_string_equal(f[0].observed_text, "409 ms, was 509 ms");
	unset(&w, false, 3, M_LATENCY);
	assert_verdict(&decide(&w)[0], VERDICT_UNDECIDED);
	world_end(&w);
}

/* ---- slices ---- */

static void slices_are_paired(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 400, 1);
	flips(&w, M_CORRECT, 0, 0, 300);
	for (size_t i = 0; i < 40; i += 4)
		set(&w, false, i, M_CORRECT, 0); /* refunds lose ten of a hundred */
	demand(&w, "correct.mean{category=refunds} not-below baseline");
	demand(&w, "correct.mean{category=billing} >= baseline - 0.02");
	demand(&w, "correct.mean worst{category} not-below baseline");
	demand(&w, "correct.mean worst{category} >= baseline - 0.5");
	const struct finding *f = decide(&w);
	assert_verdict(&f[0], VERDICT_FAIL);
	assert_int_equal(paired(&f[0], "lost"), 10);
	assert_verdict(&f[1], VERDICT_PASS);
	assert_verdict(&f[2], VERDICT_FAIL);
	assert_non_null(strstr(f[2].slice, "refunds"));
	assert_verdict(&f[3], VERDICT_PASS);
	world_end(&w);
}

/* A suite whose candidate is the same on both sides is its own other side: nothing differs there. */
static void a_pool_may_hold_an_unchanged_suite(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 80, 1);
	flips(&w, M_CORRECT, 0, 0, 60);
	/* answers (compared), safety (unchanged), answers@baseline */
	struct suite_head three[3] = { w.suite[0], w.suite[0], w.suite[1] };
	struct outcome *o = arena_array(&w.a, struct outcome, 3 * w.n);
	three[1].name = "safety";
	three[1].base = BASE_SAME;
	for (size_t i = 0; i < 3 * w.n; i++) {
		size_t part = i / w.n;
		o[i] = w.o[part == 2 ? i - w.n : i % w.n];
		o[i].seq = i;
		o[i].suite = (unsigned)part;
		if (part == 1) { /* open on both sides at once: still the same */
			static const struct cell open[METRICS] = { { .state = CELL_UNSCORED } };
			const char *id = arena_fmt(&w.a, "safety-%zu", i);
			o[i].case_id = o[i].cluster = str_c(id);
			o[i].cell = i % 8 ? o[i].cell : open;
		}
	}
	w.rec = (struct record){ .suite = three, .nsuite = 3 };
	demand(&w, "*/correct.mean >= baseline - 0.02");
	demand(&w, "*/correct.mean >= baseline * 0.2");
	struct err err = ERR_INIT;
	struct verdict_table *t = verdict_table_new(&w.stage, &w.rec, &w.a);
	for (size_t i = 0; i < 3 * w.n; i++)
		assert_int_equal(verdict_table_add(t, &o[i], &err), 0);
	assert_int_equal(verdict_decide(&w.rec, t, &w.stage, &w.a, &err), 0);
	const struct finding *f = w.rec.finding;
	assert_int_equal(f[0].n, 160);
	assert_int_equal(f[0].unscored, 10);
	assert_verdict(&f[0], VERDICT_PASS); /* 149 take no flip */
	assert_int_equal(paired(&f[0], "lost"), 0);
	assert_verdict(&f[1], VERDICT_PASS);
	/* A suite without a baseline makes neither the pool nor its rest pass, nor lets it stand aside. */
	three[1].base = BASE_ABSENT;
	assert_int_equal(verdict_decide(&w.rec, t, &w.stage, &w.a, &err), 0);
	assert_verdict(&w.rec.finding[0], VERDICT_UNDECIDED);
	three[0].base = BASE_ABSENT;
	assert_int_equal(verdict_decide(&w.rec, t, &w.stage, &w.a, &err), 0);
	assert_verdict(&w.rec.finding[0], VERDICT_NA);
	world_end(&w);
}

static void margins_that_mean_nothing_are_refused(void **state)
{
	(void)state;
	static const char *const texts[][2] = { { "correct.mean >= baseline - 1", "always-true" },
						{ "harmful.rate <= baseline + 1.5", "always-true" },
						{ "correct.mean >= baseline + 1", "never-true" } };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct world w;
		struct verdict_plan p;
		struct diags d;
		struct verdict_plan_info info = { .suite = NULL };
		world_init(&w, 10, 1);
		demand(&w, texts[i][0]);
		diags_init(&d, &w.a);
		assert_int_equal(verdict_plan_check(&p, &w.stage, &info, &w.rec, &w.a, &d), -1);
		assert_string_equal(d.list.v[0].rule, texts[i][1]);
		world_end(&w);
	}
}

/* ---- k of n repeats ---- */

static void cases_that_need_most_of_their_repeats(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 60, 10);
	for (size_t i = 0; i < w.n; i++) {
		set(&w, false, i, M_CORRECT, i % 10 < (i / 10 < 55 ? 8 : 7)); /* 55 cases pass 8 of 10, 5 pass 7 */
		set(&w, true, i, M_CORRECT, i % 10 < 8);
	}
	struct threshold *t = demand(&w, "correct.pass >= 0.8");
	t->require = 8;
	t->require_of = 10;
	t = demand(&w, "correct.pass >= baseline - 0.2");
	t->require = 8;
	t->require_of = 10;
	t = demand(&w, "correct.pass >= 0.91");
	t->require = 8;
	t->require_of = 10;
	t->observed = true;
	const struct finding *f = decide(&w);
	assert_string_equal(f[0].observed_text, "55/60");
	assert_string_equal(f[0].method, "clopper-pearson");
	assert_string_equal(f[0].label, "correct.pass 8 of 10");
	assert_int_equal(f[0].clusters, 60);
	near(f[0].lower, cp_lower(55, 60, 0.05), 1e-12);
	assert_verdict(&f[0], VERDICT_PASS);
	assert_string_equal(f[1].observed_text, "55/60, was 60/60");
	assert_string_equal(f[1].method, "margin-exact");
	assert_verdict(&f[2], VERDICT_PASS);
	/* an unscored repeat of a case that has its eight without it changes nothing; of another it is open */
	unset(&w, false, 9, M_CORRECT);
	assert_int_equal(decide(&w)[0].hits, 55);
	unset(&w, false, 0, M_CORRECT);
	assert_int_equal(decide(&w)[0].hits, 54);
	assert_verdict(&w.rec.finding[2], VERDICT_UNDECIDED);
	world_end(&w);
}

/* ---- power ---- */

/* 500 cases prove 0.90 with 462 hits or more, which a true 0.9324 gives in 4 runs of 5. */
static void rows_say_what_they_could_see(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 1);
	flips(&w, M_CORRECT, 5, 5, 465);
	for (size_t i = 0; i < w.n; i++) {
		set(&w, true, i, M_GRADED, 0.5);
		set(&w, false, i, M_GRADED, i % 2 ? 0.6 : 0.4);
	}
	demand(&w, "correct.mean >= 0.90");
	demand(&w, "correct.mean >= baseline - 0.02");
	demand(&w, "correct.mean not-below baseline");
	demand(&w, "grounded.mean >= baseline - 0.2");
	const struct finding *f = decide(&w);
	int64_t k = 0;
	while (cp_lower(k, 500, 0.05) < 0.90)
		k++;
	near(binomial_sf(k - 1, 500, 0.90 + f[0].detects), 0.80, 1e-6);
	/* sd of a difference: sqrt(10/500)/sqrt(500); 1.6449 + 0.8416 of it */
	near(f[1].detects, 2.4865 * sqrt(0.02 / 500), 1e-5);
	near(f[2].detects, paired(&f[2], "least") + 0.8416 * sqrt(0.02 / 500), 1e-5);
	near(f[3].detects, -f[3].lower + 0.8416 * 0.1 / sqrt(500), 1e-4);
	world_end(&w);
}

/* ---- more cases ---- */

static void says_how_many_cases(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 200, 1);
	flips(&w, M_CORRECT, 6, 6, 150);
	demand(&w, "correct.mean >= baseline - 0.02");
	const struct finding *f = decide(&w);
	assert_verdict(f, VERDICT_UNDECIDED);
	assert_non_null(strstr(f->note, "cases with flips as often as here would decide"));
	size_t n = (size_t)f->needed;
	assert_true(n > 300 && n < 600);
	world_end(&w);
	size_t k = (size_t)round(6.0 * (double)n / 200);
	assert_int_equal(of_flips("correct.mean >= baseline - 0.02", n, k, k, n / 2), VERDICT_PASS);
	assert_int_equal(of_flips("correct.mean >= baseline - 0.02", n * 4 / 5, k * 4 / 5, k * 4 / 5, n / 2),
			 VERDICT_UNDECIDED);
}

/* ---- before any call ---- */

static const struct finding *plan(struct world *w, struct diags *d)
{
	struct verdict_suite_info info[2] = { { .streamed = true, .timed = true, .priced = true },
					      { .streamed = true, .timed = true, .priced = true } };
	struct verdict_plan_info i = { .suite = info };
	struct verdict_plan p;
	struct err err = ERR_INIT;
	struct verdict_table *t = verdict_table_new(&w->stage, &w->rec, &w->a);
	for (size_t k = 0; k < 2 * w->n; k++)
		assert_int_equal(verdict_table_plan(t, &w->o[k], &err), 0);
	i.planned = t;
	diags_init(d, &w->a);
	assert_int_equal(verdict_plan_check(&p, &w->stage, &i, &w->rec, &w->a, d), 0);
	return w->rec.finding;
}

/* One row on n cases: how many warnings with this rule, and what the plan says of the row. */
static struct finding planned(struct world *w, size_t n, unsigned repeats, const char *text, const char *rule,
			      size_t warnings)
{
	struct diags d;
	size_t seen = 0;
	world_init(w, n, repeats);
	demand(w, text);
	const struct finding *f = plan(w, &d);
	for (size_t i = 0; i < d.list.n; i++)
		seen += !strcmp(d.list.v[i].rule, rule);
	if (seen != warnings)
		fail_msg("%s on %zu cases: %zu warnings of %s", text, n, seen, rule);
	return *f;
}

static void plans_say_what_a_margin_takes(void **state)
{
	(void)state;
	struct world w;
	/* (1 - 0.02)^149 = 0.0493 */
	struct finding f = planned(&w, 149, 1, "correct.mean >= baseline - 0.02", "narrow-margin", 0);
	assert_int_equal(f.needed, 149);
	assert_false(f.unreachable);
	assert_non_null(strstr(f.note, "149 when no answer changes, ≈ "));
	assert_non_null(strstr(f.note, "to pass 4 times of 5 when 10 % do (assumed)"));
	world_end(&w);
	f = planned(&w, 148, 1, "correct.mean >= baseline - 0.02", "narrow-margin", 1);
	assert_false(f.unreachable); /* a better candidate passes */
	world_end(&w);
	f = planned(&w, 149, 1, "grounded.mean >= baseline - 0.05", "narrow-margin", 0);
	assert_non_null(strstr(f.note, "≈ 579 to pass 4 times of 5 when 10 % do (assumed)"));
	world_end(&w);
	planned(&w, 148, 1, "harmful.rate <= baseline + 0.02", "narrow-margin", 1);
	world_end(&w);
	planned(&w, 148, 1, "correct.mean >= baseline + 0.02", "narrow-margin", 0);
	world_end(&w);
	planned(&w, 100, 1, "correct.mean >= baseline", "no-margin", 1);
	world_end(&w);
	planned(&w, 100, 1, "harmful.rate < baseline", "no-margin", 1);
	world_end(&w);
	planned(&w, 100, 1, "correct.mean not-below baseline", "no-margin", 0);
	world_end(&w);
	planned(&w, 100, 1, "correct.count >= baseline", "no-margin", 0);
	world_end(&w);
	/* by the betting bound a margin takes more; what is told must hold */
	f = planned(&w, 60, 5, "correct.mean >= baseline - 0.05", "narrow-margin", 1);
	size_t n = (size_t)f.needed;
	world_end(&w);
	for (size_t k = n - 1; k <= n; k++) {
		world_init(&w, k, 2);
		flips(&w, M_CORRECT, 0, 0, k);
		demand(&w, "correct.mean >= baseline - 0.05");
		assert_verdict(decide(&w), k == n ? VERDICT_PASS : VERDICT_UNDECIDED);
		world_end(&w);
	}
}

static void plans_know_what_nothing_can_show(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t least; /* cases that can decide */
	} rows[] = { { "correct.mean not-below baseline", 6 },
		     { "harmful.rate not-above baseline", 6 },
		     { "latency.p95 <= baseline * 1.1", 72 },
		     { "latency.p95 not-above baseline", 72 },
		     { "latency.max <= baseline", 1 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int enough = 0; enough < 2; enough++) {
			struct world w;
			if (rows[i].least == 1 && !enough)
				continue;
			struct finding f = planned(&w, rows[i].least - !enough, 1, rows[i].text, "none", 0);
			if (f.unreachable == enough)
				fail_msg("%s on %zu cases: %s", rows[i].text, rows[i].least - !enough, f.note);
			world_end(&w);
		}
	}
}

static void plans_go_by_the_run_before(void **state)
{
	(void)state;
	struct world w, old;
	world_init(&old, 500, 1);
	flips(&old, M_CORRECT, 5, 5, 400);
	demand(&old, "correct.mean >= baseline - 0.02");
	decide(&old);
	world_init(&w, 500, 1);
	demand(&w, "correct.mean >= baseline - 0.02");
	struct verdict_plan_info i = { .past = &old.rec };
	struct verdict_plan p;
	struct diags d;
	diags_init(&d, &w.a);
	assert_int_equal(verdict_plan_check(&p, &w.stage, &i, &w.rec, &w.a, &d), 0);
	assert_non_null(strstr(w.rec.finding[0].note, "when 2 % do (as in the run before)"));
	world_end(&w);
	world_end(&old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_agree),
		cmocka_unit_test(margins_without_flips),
		cmocka_unit_test(regressions),
		cmocka_unit_test(no_regression_says_what_it_could_see),
		cmocka_unit_test(flips_go_by_the_good_side),
		cmocka_unit_test(open_sides_are_at_their_worst),
		cmocka_unit_test(nothing_scored_decides_nothing),
		cmocka_unit_test(values_that_are_none_decide_nothing),
		cmocka_unit_test(graded_differences),
		cmocka_unit_test(repeats_are_clusters),
		cmocka_unit_test(weights_go_by_betting),
		cmocka_unit_test(percentiles),
		cmocka_unit_test(times_of_another_day_are_no_times),
		cmocka_unit_test(facts_of_the_run_are_compared_as_they_are),
		cmocka_unit_test(slices_are_paired),
		cmocka_unit_test(a_pool_may_hold_an_unchanged_suite),
		cmocka_unit_test(margins_that_mean_nothing_are_refused),
		cmocka_unit_test(cases_that_need_most_of_their_repeats),
		cmocka_unit_test(rows_say_what_they_could_see),
		cmocka_unit_test(says_how_many_cases),
		cmocka_unit_test(plans_say_what_a_margin_takes),
		cmocka_unit_test(plans_know_what_nothing_can_show),
		cmocka_unit_test(plans_go_by_the_run_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
