/* Rows on a judge's word: the correction's rate by simulation, bad judges, missing and open labels. */
#include "base/arena.h"
#include "base/num.h"
#include "base/rng.h"
#include "doc/jsonx.h"
#include "verdict/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

enum { G_METRIC, G_LABEL, G_LABEL_1, G_LABEL_2, G_LABEL_3, G_METRICS };

static const struct metric_head binary = {
	.name = "grounded", .scorer = "judge", .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER,
	.cut = 0.5, .unit = "", .judged = true, .weight = 1
};

/* Suite "answers" with one judged metric, and its calibration. */
struct world {
	struct arena a;
	struct policy policy;
	struct stage stage;
	struct record rec;
	struct suite_head suite[3];
	struct metric_head own[1], labelled[G_METRICS];
	struct outcome *o;
	struct cell *cell;
	size_t n, labels;
};

static void world_init(struct world *w, size_t n, size_t good, size_t bad)
{
	static const char *const label[] = { "label", "label.1", "label.2", "label.3" };
	*w = (struct world){ .policy = { .confidence = 0.95, .judge = { .asked = true } }, .n = n, .labels = good + bad };
	w->stage = (struct stage){ .name = "pre", .policy = &w->policy };
	w->stage.threshold = arena_array(&w->a, struct threshold, 32);
	w->own[0] = w->labelled[G_METRIC] = binary;
	for (size_t i = 0; i < 4; i++)
		w->labelled[G_LABEL + i] = (struct metric_head){ .name = label[i], .scorer = "", .cut = 0.5, .unit = "" };
	w->suite[0] = (struct suite_head){ .name = "answers", .repeats = 1, .metric = w->own, .nmetric = 1, .planned = n };
	w->suite[1] = (struct suite_head){ .name = "answers/grounded@calibration", .repeats = 1, .metric = w->labelled,
					   .nmetric = G_METRICS, .planned = good + bad, .good = good, .bad = bad,
					   .role = SUITE_CALIBRATION, .of = "answers", .of_metric = "grounded" };
	w->rec = (struct record){ .suite = w->suite, .nsuite = 2 };
	w->o = arena_array(&w->a, struct outcome, n + good + bad + 1);
	w->cell = arena_array(&w->a, struct cell, n + G_METRICS * (good + bad) + 1);
	for (size_t i = 0; i < n + good + bad; i++) {
		const char *id = arena_fmt(&w->a, "case-%zu", i);
		w->o[i] = (struct outcome){ .seq = i, .suite = i >= n, .case_id = str_c(id), .cluster = str_c(id), .weight = 1,
					    .cell = i < n ? &w->cell[i] : &w->cell[n + G_METRICS * (i - n)] };
	}
	for (size_t i = 0; i < n; i++)
		w->cell[i] = (struct cell){ .state = CELL_SCORED, .value = 1 };
	for (size_t i = 0; i < good + bad; i++)
		for (size_t k = G_METRIC; k <= G_LABEL; k++)
			w->cell[n + G_METRICS * i + k] = (struct cell){ .state = CELL_SCORED, .value = i < good };
}

static struct cell *labelled(struct world *w, size_t i, size_t metric)
{
	return &w->cell[w->n + G_METRICS * i + metric];
}

static void demand(struct world *w, const char *text)
{
	struct threshold_fault fault;
	struct threshold *t = &w->stage.threshold[w->stage.nthreshold++];
	if (threshold_parse(t, str_c(text), &w->a, &fault))
		fail_msg("%s: %s at %zu", text, fault.msg, fault.offset);
}

static const struct finding *decide(struct world *w)
{
	struct err err = ERR_INIT;
	struct verdict_table *t = verdict_table_new(&w->stage, &w->rec, &w->a);
	for (size_t i = 0; i < w->n + w->labels; i++)
		if (verdict_table_add(t, &w->o[i], &err))
			fail_msg("%s", err.msg);
	if (verdict_decide(&w->rec, t, &w->stage, &w->a, &err))
		fail_msg("%s", err.msg);
	return w->rec.finding;
}

static void expect_note(const struct finding *f, const char *word)
{
	if (!f->note || !strstr(f->note, word))
		fail_msg("%s: '%s' is not in: %s", f->text, word, f->note ? f->note : "(none)");
}

static double in_judge(const struct finding *f, const char *key, const char *side)
{
	return json_number_value(json_object_get(json_object_get(f->judge, key), side));
}

/* ---- the rate ---- */

struct judge {
	double sensitivity, specificity;
};

static void throw_cells(struct world *w, struct rng *r, const struct judge *j, double truth)
{
	for (size_t i = 0; i < w->n + w->labels; i++) {
		bool label = i < w->n ? rng_unit(r) < truth : i - w->n < w->suite[1].good;
		bool said = rng_unit(r) < (label ? j->sensitivity : 1 - j->specificity);
		struct cell *c = i < w->n ? &w->cell[i] : labelled(w, i - w->n, G_METRIC);
		*c = (struct cell){ .state = CELL_SCORED, .value = said };
	}
}

/* The share of runs that pass with the truth on the bar. */
static double false_passes(struct judge j, size_t labels, double bar, const char *text, int rounds)
{
	struct rng r = rng_seed(labels, str_c(text), "judged");
	int passed = 0;
	for (int i = 0; i < rounds; i++) {
		struct world w;
		world_init(&w, 400, labels / 2, labels - labels / 2);
		throw_cells(&w, &r, &j, bar);
		demand(&w, text);
		passed += decide(&w)->verdict == VERDICT_PASS;
		arena_release(&w.a);
	}
	return (double)passed / rounds;
}

static void truth_on_the_bar_passes_rarely(void **state)
{
	(void)state;
	static const struct judge judges[] = { { 1, 0.6 }, { 0.98, 0.8 }, { 0.9, 0.9 }, { 0.8, 0.9 } };
	static const size_t labels[] = { 40, 100, 200 };
	enum { ROUNDS = 400 };
	for (size_t j = 0; j < ARRAY_LEN(judges); j++)
		for (size_t k = 0; k < ARRAY_LEN(labels); k++) {
			double p = false_passes(judges[j], labels[k], 0.9, "grounded.mean >= 0.9", ROUNDS);
			if (p > 0.05 + 3 * sqrt(0.05 * 0.95 / ROUNDS))
				fail_msg("judge %g/%g, %zu labels: passes in %g of runs", judges[j].sensitivity,
					 judges[j].specificity, labels[k], p);
		}
}

/* The noisy judges pass what is truly good often enough to be of use. */
static void a_good_change_can_pass(void **state)
{
	(void)state;
	struct judge noisy = { 0.9, 0.9 };
	struct rng r = rng_seed(3, STR("good"), "judged");
	int passed = 0;
	for (int i = 0; i < 100; i++) {
		struct world w;
		world_init(&w, 400, 100, 100);
		throw_cells(&w, &r, &noisy, 0.97);
		demand(&w, "grounded.mean >= 0.8");
		passed += decide(&w)->verdict == VERDICT_PASS;
		arena_release(&w.a);
	}
	assert_true(passed >= 90);
}

/* ---- against the baseline ---- */

/* The old one's answers to the same cases behind the labels. */
static void add_baseline(struct world *w)
{
	size_t first = w->n + w->labels;
	struct outcome *o = arena_array(&w->a, struct outcome, first + w->n + 1);
	struct cell *cell = arena_array(&w->a, struct cell, w->n + 1);
	memcpy(o, w->o, first * sizeof *o);
	w->suite[0].base = BASE_TWIN;
	w->suite[2] = w->suite[0];
	w->suite[2].name = "answers@baseline";
	w->suite[2].base = BASE_NONE;
	w->suite[2].role = SUITE_BASELINE;
	w->suite[2].of = "answers";
	w->rec.nsuite = 3;
	for (size_t i = 0; i < w->n; i++) {
		o[first + i] = w->o[i];
		o[first + i].seq = first + i;
		o[first + i].suite = 2;
		o[first + i].cell = &cell[i];
	}
	w->o = o;
}

static enum verdict_kind decide_pair(struct world *w)
{
	struct err err = ERR_INIT;
	struct verdict_table *t = verdict_table_new(&w->stage, &w->rec, &w->a);
	for (size_t i = 0; i < 2 * w->n + w->labels; i++)
		if (verdict_table_add(t, &w->o[i], &err))
			fail_msg("%s", err.msg);
	if (verdict_decide(&w->rec, t, &w->stage, &w->a, &err))
		fail_msg("%s", err.msg);
	return w->rec.finding[0].verdict;
}

/* The share of runs with that verdict when new answers are good in p - drop, old ones in p, and each is judged alone. */
static double pair_share(const char *text, struct judge j, double p, double drop, bool asked, enum verdict_kind want,
			 int rounds)
{
	struct rng r = rng_seed(7, str_c(text), "paired");
	int seen = 0;
	for (int i = 0; i < rounds; i++) {
		struct world w;
		world_init(&w, 600, 100, 100);
		w.policy.judge.asked = asked;
		add_baseline(&w);
		throw_cells(&w, &r, &j, 0.5);
		for (size_t k = 0; k < w.n; k++) {
			double u = rng_unit(&r);
			bool was = u < p, is = u < p - drop;
			struct cell *new = &w.cell[k], *old = (struct cell *)(uintptr_t)w.o[w.n + w.labels + k].cell;
			*new = (struct cell){ .state = CELL_SCORED,
					      .value = rng_unit(&r) < (is ? j.sensitivity : 1 - j.specificity) };
			*old = (struct cell){ .state = CELL_SCORED,
					      .value = rng_unit(&r) < (was ? j.sensitivity : 1 - j.specificity) };
		}
		demand(&w, text);
		seen += decide_pair(&w) == want;
		arena_release(&w.a);
	}
	return (double)seen / rounds;
}

/* A judge that is wrong hides differences: the margin shrinks with it.  Uncorrected the same rows would pass. */
static void a_drop_that_the_judge_hides(void **state)
{
	(void)state;
	enum { ROUNDS = 80 };
	double most = 0.05 + 3 * sqrt(0.05 * 0.95 / ROUNDS);
	struct judge dull = { 0.9, 0.6 };
	assert_true(pair_share("grounded.pass >= baseline - 0.2", dull, 0.8, 0.2, true, VERDICT_PASS, ROUNDS) <= most);
	assert_true(pair_share("grounded.pass >= baseline - 0.2", dull, 0.8, 0.2, false, VERDICT_PASS, ROUNDS) > 0.3);
	assert_true(pair_share("grounded.pass >= baseline - 0.3", dull, 0.8, 0, true, VERDICT_PASS, ROUNDS) > 0.5);
	assert_true(pair_share("grounded.pass >= baseline - 0.05", dull, 0.8, 0.4, true, VERDICT_FAIL, ROUNDS) > 0.5);
	assert_true(pair_share("grounded.pass >= baseline + 0.2", dull, 0.6, -0.2, true, VERDICT_PASS, ROUNDS) <= most);
	assert_true(pair_share("grounded.pass >= baseline", dull, 0.8, 0, true, VERDICT_PASS, ROUNDS) <= most);
	assert_true(pair_share("grounded.pass not-below baseline", dull, 0.8, 0.4, true, VERDICT_FAIL, ROUNDS) > 0.9);
	assert_true(pair_share("grounded.pass not-below baseline", dull, 0.8, 0, true, VERDICT_FAIL, ROUNDS) <= most);
}

static void a_factor_is_not_decided(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 100, 100);
	add_baseline(&w);
	demand(&w, "grounded.pass >= baseline * 0.5");
	assert_int_equal(decide_pair(&w), VERDICT_UNDECIDED);
	expect_note(w.rec.finding, "`baseline *`");
	assert_true(w.rec.finding->judge != NULL);
	arena_release(&w.a);
}

/* ---- bad, noisy and honest ---- */

static void always_yes_unblocks_nothing(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"grounded.mean >= 0.9", "grounded.mean >= 0.5", "grounded.mean > 0.01", "grounded.rate >= 0.99",
		"grounded.pass >= 0.8", "grounded.pass > 0.5", "grounded.rate <= 0.99", "grounded.pass <= 0.5",
		"grounded.min >= 1", "grounded.count >= 1", "grounded.sum >= 10", "grounded.max >= 1",
		"grounded.p50 >= 1", "grounded.p95 >= 0.5", "grounded.mean < 1", "*/grounded.mean >= 0.5",
		"answers/grounded.mean >= 0.5", "grounded.pass^1 >= 0.5", "grounded.pass@1 >= 0.5", "grounded.rate > 0",
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int minimum = 0; minimum < 2; minimum++) {
			struct world w;
			world_init(&w, 500, 40, 40);
			w.policy.judge.min_bad = minimum ? 0.8 : 0;
			for (size_t k = 0; k < 80; k++)
				labelled(&w, k, G_METRIC)->value = 1;
			demand(&w, rows[i]);
			const struct finding *f = decide(&w);
			assert_int_equal(f->verdict, VERDICT_UNDECIDED);
			assert_int_equal(w.rec.verdict, VERDICT_UNDECIDED);
			arena_release(&w.a);
		}
}

static void an_honest_judge_decides(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 60, 60);
	w.policy.judge = (struct judge_demand){ .asked = true, .min_good = 0.8, .min_bad = 0.8, .min_agreement = 0.6 };
	demand(&w, "grounded.mean >= 0.9");
	demand(&w, "grounded.pass >= 0.999");
	demand(&w, "grounded.mean <= 0.5");
	const struct finding *f = decide(&w);
	assert_int_equal(f[0].verdict, VERDICT_PASS);
	assert_string_equal(f[0].method, "judge-corrected");
	assert_string_equal(f[0].observed_text, "500/500");
	expect_note(&f[0], "sensitivity 1.000 (lower bound 0.934)");
	expect_note(&f[0], "kappa 1.000 by 120 labels");
	assert_true(f[0].lower > 0.98 && f[0].lower < 0.992);
	assert_true(f[0].upper == 1);
	assert_int_equal(f[1].verdict, VERDICT_UNDECIDED);
	assert_int_equal(f[2].verdict, VERDICT_FAIL);
	assert_true(json_is_true(json_object_get(f[0].judge, "met")));
	assert_true(fabs(in_judge(&f[0], "powered", "estimate") - 1) < 1e-9);
	arena_release(&w.a);
}

/* 450 of 500 judged good, 80 % and 90 %: the true share is all of them and more. */
static void a_noisy_judge_is_corrected(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 100, 100);
	for (size_t i = 0; i < 20; i++)
		labelled(&w, i, G_METRIC)->value = 0;
	for (size_t i = 100; i < 110; i++)
		labelled(&w, i, G_METRIC)->value = 1;
	for (size_t i = 0; i < 150; i++)
		w.cell[i].value = 0;
	demand(&w, "grounded.mean >= 0.75");
	const struct finding *f = decide(&w);
	assert_true(fabs(in_judge(f, "judged", "estimate") - 0.7) < 1e-12);
	assert_true(fabs(in_judge(f, "corrected", "estimate") - (0.7 + 0.9 - 1) / 0.7) < 1e-12);
	assert_true(f->lower < 0.75 && f->lower > 0.65 && f->upper > 0.95);
	assert_int_equal(f->verdict, VERDICT_UNDECIDED);
	expect_note(f, "judged 0.700, corrected for the judge's errors 0.857");
	expect_note(f, "more labels, not more cases");
	w.policy.judge.min_good = 0.8;
	f = decide(&w);
	assert_int_equal(f->verdict, VERDICT_UNDECIDED);
	expect_note(f, "judge: sensitivity 0.800 (lower bound 0.70");
	expect_note(f, "below min_good 0.8");
	w.policy.judge = (struct judge_demand){ .asked = true, .min_agreement = 0.75 };
	expect_note(decide(&w), "judge: kappa 0.700 is below min_agreement 0.75");
	arena_release(&w.a);
}

/* A degree of harm: 1 is bad. */
static void the_bad_side_is_corrected_too(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 60, 60);
	w.own[0].direction = w.labelled[G_METRIC].direction = LOWER_IS_BETTER;
	for (size_t i = 0; i < 500; i++)
		w.cell[i].value = 0;
	for (size_t i = 0; i < 120; i++)
		labelled(&w, i, G_METRIC)->value = i >= 60;
	demand(&w, "grounded.rate <= 0.02");
	demand(&w, "grounded.pass >= 0.98");
	const struct finding *f = decide(&w);
	assert_int_equal(f[0].verdict, VERDICT_PASS);
	assert_int_equal(f[1].verdict, VERDICT_PASS);
	assert_true(fabs(f[0].upper - (1 - f[1].lower)) < 1e-12);
	assert_true(f[0].lower == 0 && f[0].upper > 0.008 && f[0].upper < 0.02);
	/* a judge that sees no harm anywhere proves nothing */
	for (size_t i = 60; i < 120; i++)
		labelled(&w, i, G_METRIC)->value = 0;
	f = decide(&w);
	assert_int_equal(f[0].verdict, VERDICT_UNDECIDED);
	expect_note(&f[0], "no better than chance");
	arena_release(&w.a);
}

/* ---- what is missing ---- */

static void without_labels(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 40, 40);
	demand(&w, "grounded.mean >= 0.9");
	w.rec.nsuite = 1;
	w.labels = 0;
	const struct finding *f = decide(&w);
	assert_int_equal(f->verdict, VERDICT_UNDECIDED);
	expect_note(f, "has no `calibration`");
	w.policy.judge.asked = false;
	f = decide(&w);
	assert_int_equal(f->verdict, VERDICT_PASS);
	expect_note(f, "the judge is not calibrated");
	w.rec.nsuite = 2;
	w.labels = 80;
	f = decide(&w);
	assert_int_equal(f->verdict, VERDICT_PASS);
	assert_string_equal(f->method, "clopper-pearson");
	expect_note(f, "not corrected: the policy has no `judge:`");
	arena_release(&w.a);
}

static void too_few_labels(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 19, 40);
	demand(&w, "grounded.mean >= 0.5");
	const struct finding *f = decide(&w);
	assert_int_equal(f->verdict, VERDICT_UNDECIDED);
	expect_note(f, "19 good and 40 bad labels");
	arena_release(&w.a);
}

/* Each open verdict or label can only widen; when all are open nothing is known. */
static void open_cells_are_at_their_worst(void **state)
{
	(void)state;
	double before = 1;
	for (size_t open = 0; open <= 60; open += 20) {
		for (size_t which = G_METRIC; which <= G_LABEL; which++) {
			struct world w;
			world_init(&w, 500, 60, 60);
			for (size_t i = 0; i < open; i++) {
				labelled(&w, i, which)->state = CELL_UNSCORED;
				labelled(&w, i + 60, which)->state = CELL_UNSCORED;
			}
			demand(&w, "grounded.mean >= 0.95");
			const struct finding *f = decide(&w);
			assert_true(f->lower <= before);
			if (which == G_LABEL)
				before = f->lower;
			if (open == 60) {
				assert_int_equal(f->verdict, VERDICT_UNDECIDED);
				assert_true(f->lower == 0 && f->upper == 1);
			}
			if (!open)
				assert_int_equal(f->verdict, VERDICT_PASS);
			arena_release(&w.a);
		}
	}
}

/* Values that no judge gives and no label has are not taken for one. */
static void strange_cells(void **state)
{
	(void)state;
	static const double strange[] = { NAN, INFINITY, -1, 2, 0.5 };
	for (size_t i = 0; i < ARRAY_LEN(strange); i++)
		for (size_t which = G_METRIC; which <= G_LABEL; which++) {
			struct world w;
			world_init(&w, 500, 30, 30);
			for (size_t k = 0; k < 60; k++)
				labelled(&w, k, which)->value = strange[i];
			demand(&w, "grounded.mean >= 0.5");
			assert_int_equal(decide(&w)->verdict, VERDICT_UNDECIDED);
			arena_release(&w.a);
		}
}

/* Labels of another metric, or of another cut, measure nothing here. */
static void labels_of_something_else(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct world w;
		world_init(&w, 500, 60, 60);
		if (i == 0)
			w.suite[1].of_metric = "other";
		if (i == 1)
			w.suite[1].of = "others";
		if (i == 2)
			w.labelled[G_METRIC].cut = 0.6;
		if (i == 3)
			w.labelled[G_METRIC].direction = LOWER_IS_BETTER;
		if (i == 4)
			w.labelled[G_LABEL].name = "lable";
		demand(&w, "grounded.mean >= 0.5");
		const struct finding *f = decide(&w);
		assert_int_equal(f->verdict, VERDICT_UNDECIDED);
		expect_note(f, "has no `calibration`");
		arena_release(&w.a);
	}
}

static void several_people(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 40, 40);
	for (size_t i = 0; i < 80; i++)
		for (size_t k = G_LABEL_1; k <= G_LABEL_3; k++)
			*labelled(&w, i, k) = (struct cell){ .state = CELL_SCORED, .value = i < 40 };
	for (size_t i = 0; i < 80; i += 8)
		labelled(&w, i, G_LABEL_3)->value = i >= 40;
	demand(&w, "grounded.mean >= 0.9");
	const struct finding *f = decide(&w);
	double alpha = json_number_value(json_object_get(f->judge, "alpha"));
	assert_true(alpha > 0.7 && alpha < 0.95);
	expect_note(f, "people among themselves alpha");
	assert_int_equal(f->verdict, VERDICT_PASS);
	arena_release(&w.a);
}

/* Clusters of labelled answers are one observation each. */
static void labels_in_clusters(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, 500, 60, 60);
	demand(&w, "grounded.mean >= 0.5");
	double alone = decide(&w)->lower;
	for (size_t i = 0; i < 120; i++)
		w.o[500 + i].cluster = str_c(arena_fmt(&w.a, "talk-%zu", i / 3));
	assert_true(decide(&w)->lower < alone);
	arena_release(&w.a);
}

/* ---- the plan ---- */

static struct verdict_plan plan(struct world *w, struct diags *d, const char *text)
{
	struct verdict_plan out;
	struct verdict_plan_info info = { .suite = NULL };
	demand(w, text);
	diags_init(d, &w->a);
	if (verdict_plan_check(&out, &w->stage, &info, &w->rec, &w->a, d) && !d->errors)
		fail_msg("refused without a reason");
	return out;
}

static void planned(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t good, bad;
		double min_good;
		bool labelled, graded, unreachable;
		const char *word;
	} rows[] = {
		{ "grounded.mean >= 0.9", 40, 40, 0, true, false, false, NULL },
		{ "grounded.mean >= 0.9", 40, 40, 0, false, false, true, "has no `calibration`" },
		{ "grounded.mean >= 0.9", 20, 20, 0.85, true, false, true, "below min_good 0.85" },
		{ "grounded.mean >= 0.999", 40, 40, 0, true, false, true, "the highest bar they can prove is 0.9" },
		{ "grounded.mean >= 0.9", 40, 40, 0, true, true, false, "write .pass or .rate" },
		{ "grounded.rate >= 0.9", 40, 40, 0, true, true, false, NULL },
		{ "grounded.p95 >= 0.9", 40, 40, 0, true, true, false, "write .pass or .rate" },
		{ "grounded.pass >= baseline * 0.9", 40, 40, 0, true, false, false, "not-below baseline" },
		{ "grounded.pass >= baseline - 0.1", 40, 40, 0, false, false, true, "has no `calibration`" },
		{ "grounded.count >= 1", 40, 40, 0, false, false, true, "has no `calibration`" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct diags d;
		world_init(&w, 500, rows[i].good, rows[i].bad);
		w.policy.judge.min_good = rows[i].min_good;
		w.rec.nsuite = rows[i].labelled ? 2 : 1;
		if (rows[i].graded)
			w.own[0].kind = w.labelled[G_METRIC].kind = METRIC_GRADED;
		struct verdict_plan p = plan(&w, &d, rows[i].text);
		bool refused = rows[i].word && !rows[i].unreachable;
		if (d.errors != refused || p.unreachable != rows[i].unreachable)
			fail_msg("%s: %zu errors, %zu unreachable: %s", rows[i].text, d.errors, p.unreachable,
				 w.rec.finding[0].note ? w.rec.finding[0].note : "");
		if (refused && !strstr(d.list.v[0].hint, rows[i].word))
			fail_msg("%s: %s", rows[i].text, d.list.v[0].hint);
		if (rows[i].unreachable)
			expect_note(&w.rec.finding[0], rows[i].word);
		arena_release(&w.a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truth_on_the_bar_passes_rarely),
		cmocka_unit_test(a_good_change_can_pass),
		cmocka_unit_test(a_drop_that_the_judge_hides),
		cmocka_unit_test(a_factor_is_not_decided),
		cmocka_unit_test(always_yes_unblocks_nothing),
		cmocka_unit_test(an_honest_judge_decides),
		cmocka_unit_test(a_noisy_judge_is_corrected),
		cmocka_unit_test(the_bad_side_is_corrected_too),
		cmocka_unit_test(without_labels),
		cmocka_unit_test(too_few_labels),
		cmocka_unit_test(open_cells_are_at_their_worst),
		cmocka_unit_test(strange_cells),
		cmocka_unit_test(labels_of_something_else),
		cmocka_unit_test(several_people),
		cmocka_unit_test(labels_in_clusters),
		cmocka_unit_test(planned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
