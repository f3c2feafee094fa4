/* The same through the verdict itself: a policy's threshold as text, outcomes as a record has them, the
 * baseline's answers in the suite's twin, the judge's labelled ones in its calibration. */
#include "sim.h"
#include "verdict/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CORRECT, GROUNDED, LATENCY, METRICS };
enum { JUDGE_SAYS, PEOPLE_SAY, LABELS = 5, CELLS = LABELS };

static const struct metric_head heads[METRICS] = {
	[CORRECT] = { .name = "correct",
		      .scorer = "numeric",
		      .kind = METRIC_BINARY,
		      .direction = HIGHER_IS_BETTER,
		      .cut = 0.5,
		      .unit = "" },
	[GROUNDED] = { .name = "grounded",
		       .scorer = "similarity",
		       .kind = METRIC_GRADED,
		       .direction = HIGHER_IS_BETTER,
		       .cut = 0.5,
		       .unit = "" },
	[LATENCY] = { .name = "latency",
		      .scorer = "",
		      .kind = METRIC_VALUE,
		      .direction = LOWER_IS_BETTER,
		      .unit = "ms",
		      .builtin = true },
};

static const struct metric_head judged_head = { .name = "grounded",
						.scorer = "judge",
						.kind = METRIC_BINARY,
						.direction = HIGHER_IS_BETTER,
						.cut = 0.5,
						.unit = "",
						.judged = true,
						.weight = 1 };

static const char *const label_names[LABELS] = { "", "label", "label.1", "label.2", "label.3" };

/* A suite of n samples and a second one of `more`, which is what `second` says. */
struct stage_world {
	struct policy policy;
	struct stage stage;
	struct record rec;
	struct suite_head suite[2];
	struct outcome *o;
	struct cell *cell; /* CELLS of each */
	size_t n, more;
};

static void world_init(struct stage_world *w, struct suite_head second, size_t n, size_t more,
		       struct arena *a)
{
	*w = (struct stage_world){ .policy = { .confidence = 0.95 }, .n = n, .more = more };
	w->stage = (struct stage){ .name = "pre", .policy = &w->policy };
	w->stage.threshold = arena_array(a, struct threshold, 1);
	w->suite[0] =
		(struct suite_head){ .name = "answers", .repeats = 1, .planned = n, .cases = n };
	w->suite[1] = second;
	w->suite[1].of = "answers";
	w->suite[1].repeats = 1;
	w->suite[1].planned = w->suite[1].cases = more;
	w->rec = (struct record){ .suite = w->suite, .nsuite = 2 };
	w->o = arena_array(a, struct outcome, n + more);
	w->cell = arena_array(a, struct cell, (n + more) * CELLS);
}

static void suite_metrics(struct suite_head *s, const struct metric_head *from, size_t n,
			  struct arena *a)
{
	struct metric_head *m = arena_array(a, struct metric_head, n);
	memcpy(m, from, n * sizeof(*m));
	s->metric = m;
	s->nmetric = n;
}

/* Outcome i; case ids number the second suite's again from 0 where it is a twin. */
static void outcome_init(struct stage_world *w, size_t i, bool twin, struct arena *a)
{
	const char *id = arena_fmt(a, "case-%zu", twin && i >= w->n ? i - w->n : i);
	w->o[i] = (struct outcome){ .seq = i,
				    .suite = i >= w->n,
				    .case_id = str_c(id),
				    .cluster = str_c(id),
				    .status = SAMPLE_SCORED,
				    .weight = 1,

				    .cell = &w->cell[i * CELLS] };
}

static void put(struct stage_world *w, size_t i, size_t metric, double x, bool lost)
{
	w->cell[i * CELLS + metric] =
		(struct cell){ .state = lost ? CELL_UNSCORED : CELL_SCORED, .value = lost ? 0 : x };
}

/* `early`: the plan is told first, as the order of play follows from it. */
static struct sim_run decide_once(struct stage_world *w, bool early, struct arena *a)
{
	struct err err = ERR_INIT;
	w->stage.early = early;
	struct verdict_table *t = verdict_table_new(&w->stage, &w->rec, a);
	for (size_t i = 0; early && i < w->n + w->more; i++)
		if (verdict_table_plan(t, &w->o[i], &err))
			abort();
	for (size_t i = 0; i < w->n + w->more; i++)
		if (verdict_table_add(t, &w->o[i], &err))
			abort();
	if (verdict_decide(&w->rec, t, &w->stage, a, &err))
		abort();
	struct sim_run r =
		sim_decided(w->rec.verdict == VERDICT_PASS, w->rec.verdict == VERDICT_FAIL);
	const struct finding *f = &w->rec.finding[0];
	if (early && strcmp(f->method, "martingale") == 0)
		r.used = (double)f->n / (double)w->n;
	return r;
}

static struct sim_run decide(struct stage_world *w, const struct sim_row *row, struct sim *s)
{
	struct threshold_fault fault;
	if (threshold_parse(&w->stage.threshold[w->stage.nthreshold++], str_c(row->rule), s->a,
			    &fault))
		abort();
	w->rec.seed = rng_u64(&s->r);
	struct sim_run r = decide_once(w, row->early, s->a);
	if (row->early)
		r.fixed = decide_once(w, false, s->a).decided;
	return r;
}

/* ---- a bar ---- */

static struct sim_run by_bar(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	struct stage_world w;
	double half = SIM_Z * sqrt(row->bar * (1 - row->bar) / (double)row->n);
	world_init(&w, (struct suite_head){ .name = "none" }, row->n, 0, s->a);
	w.rec.nsuite = 1;
	suite_metrics(&w.suite[0], heads, METRICS, s->a);
	for (size_t i = 0; i < row->n; i++) {
		double x = sim_bernoulli(&s->r, row->bar + at.way * half);
		outcome_init(&w, i, false, s->a);
		put(&w, i, CORRECT, x, sim_is_lost(s, at, x == 0));
	}
	return decide(&w, row, s);
}

/* ---- against the baseline ---- */

/* One case on both sides; mu: what the metric's draw takes. */
struct two_sides {
	double was, is;
	int metric;
};

static struct sim_run both_sides(const struct sim_row *row, struct sim_at at, struct sim *s,
				 struct two_sides t, double scale)
{
	struct stage_world w;
	world_init(&w, (struct suite_head){ .name = "answers@baseline", .role = SUITE_BASELINE },
		   row->n, row->n, s->a);
	w.suite[0].base = BASE_TWIN;
	for (int k = 0; k < 2; k++)
		suite_metrics(&w.suite[k], heads, METRICS, s->a);
	for (size_t i = 0; i < 2 * row->n; i++)
		outcome_init(&w, i, true, s->a);
	for (size_t i = 0; i < row->n; i++) {
		/* Half of the cases have the same luck on both sides. */
		bool shared = t.metric != LATENCY && rng_unit(&s->r) < 0.5;
		struct rng again = s->r;
		double old = row->draw(&s->r, t.was),
		       new = row->draw(shared ? &again : &s->r, t.is) * scale;
		bool poor = t.metric == LATENCY ? new > scale : new < old;
		put(&w, i, (size_t)t.metric, new, sim_is_lost(s, at, poor));
		put(&w, row->n + i, (size_t)t.metric, old, sim_is_lost(s, at, false));
	}
	return decide(&w, row, s);
}

/* with[0]: the old mean; the bar is the difference.  Half of the way is none.  With early stop with[1] is the
 * share of cases that differ. */
static struct sim_run by_margin(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double half = SIM_Z * sqrt(row->with[1] / (double)row->n);
	double gain = row->early ? row->bar + at.way * half : row->bar * (1 - 2 * at.way);
	struct two_sides t = { row->with[0], row->with[0] + gain,
			       row->draw == sim_bernoulli ? CORRECT : GROUNDED };
	return both_sides(row, at, s, t, 1);
}

static struct sim_run not_below(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	struct two_sides t = { row->with[0], row->with[0] - 0.2 * at.way,
			       row->draw == sim_bernoulli ? CORRECT : GROUNDED };
	return both_sides(row, at, s, t, 1);
}

static struct sim_run by_ratio(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double on = row->bar * row->with[0];
	return both_sides(row, at, s,
			  (struct two_sides){ row->with[0], on + (1 - on) * at.way, GROUNDED }, 1);
}

/* with[0]: the percentile. */
static struct sim_run by_percentile(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double p = row->with[0];
	return both_sides(row, at, s, (struct two_sides){ p, p + (1 - p) * at.way, LATENCY },
			  row->bar);
}

/* ---- judges ---- */

/* with: sensitivity, specificity, labels of each kind. */
static struct sim_run by_judge(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	struct stage_world w;
	struct metric_head labelled[LABELS] = { judged_head };
	size_t each = (size_t)row->with[2];
	struct suite_head second = { .name = "answers/grounded@calibration",
				     .role = SUITE_CALIBRATION,
				     .of_metric = "grounded",
				     .good = each,
				     .bad = each };
	for (size_t k = PEOPLE_SAY; k < LABELS; k++)
		labelled[k] = (struct metric_head){
			.name = label_names[k], .scorer = "", .cut = 0.5, .unit = ""
		};
	world_init(&w, second, row->n, 2 * each, s->a);
	w.policy.judge.asked = true;
	suite_metrics(&w.suite[0], &judged_head, 1, s->a);
	suite_metrics(&w.suite[1], labelled, LABELS, s->a);
	for (size_t i = 0; i < w.n + w.more; i++) {
		bool good =
			i < w.n ? sim_bernoulli(&s->r, sim_truth(row, at)) != 0 : i - w.n < each;
		bool yes = rng_unit(&s->r) < (good ? row->with[0] : 1 - row->with[1]);
		outcome_init(&w, i, false, s->a);
		put(&w, i, JUDGE_SAYS, yes, i < w.n && sim_is_lost(s, at, !yes));
		if (i >= w.n)
			put(&w, i, PEOPLE_SAY, good, false);
	}
	return decide(&w, row, s);
}

#define SIZES(...)                                                                                 \
	{ __VA_ARGS__, .n = 50, .cost = 12, .brief = true },                                       \
		{ __VA_ARGS__, .n = 100, .cost = 12 },                                             \
	{                                                                                          \
		__VA_ARGS__, .n = 500, .cost = 12                                                  \
	}
#define MARGIN(text, world, f, delta, old)                                                         \
	text, world, .play = by_margin, .draw = (f), .bar = -(delta), .with = { old }
#define NOT_BELOW(text, world, f, old)                                                             \
	text, world, .play = not_below, .draw = (f), .with = { old }, .want = SIM_FAILS
#define RATIO(text, world, f, r, old)                                                              \
	text, world, .play = by_ratio, .draw = (f), .bar = (r), .with = { old }
#define TIMES(text, world, f, r, p)                                                                \
	text, world, .play = by_percentile, .draw = (f), .bar = (r), .with = { p }
#define JUDGE(text, world, at, sens, spec, labels)                                                 \
	text, world, .play = by_judge, .bar = (at), .with = { sens, spec, labels }

static const struct sim_row rows[] = {
	SIZES(MARGIN("correct.mean >= baseline - 0.05", "right or wrong", sim_bernoulli, 0.05,
		     0.8)),
	SIZES(MARGIN("grounded.mean >= baseline - 0.05", "five points", sim_likert, 0.05, 0.8)),
	SIZES(NOT_BELOW("correct.mean not-below baseline", "right or wrong", sim_bernoulli, 0.8)),
	SIZES(NOT_BELOW("grounded.mean not-below baseline", "bimodal", sim_bimodal, 0.8)),
	SIZES(RATIO("grounded.mean >= baseline * 0.9", "beta", sim_beta, 0.9, 0.8)),
	SIZES(TIMES("latency.p75 <= baseline * 1.1", "exponential", sim_exponential, 1.1, 0.75)),
	SIZES(TIMES("latency.p95 <= baseline * 1.1", "heavy tail", sim_log_logistic, 1.1, 0.95)),
	SIZES(JUDGE("grounded.mean >= 0.9", "judge 1.0 / 0.6, 20 + 20 labels", 0.9, 1, 0.6, 20)),
	SIZES(JUDGE("grounded.mean >= 0.9", "judge 0.98 / 0.8, 50 + 50 labels", 0.9, 0.98, 0.8,
		    50)),
	SIZES(JUDGE("grounded.mean >= 0.9", "judge 0.9 / 0.9, 100 + 100 labels", 0.9, 0.9, 0.9,
		    100)),
};

const struct sim_family sim_stage = {
	"Through the verdict",
	"Thresholds as text, decided on outcomes as a record has them: the baseline's in a twin of "
	"the suite, the judge's "
	"labelled answers in its calibration. Columns as above; samples are lost on both sides.",
	rows, ARRAY_LEN(rows)
};

#define EARLY(text, f, at, ...)                                                                    \
	text, "stop: early", .play = (f), .bar = (at), .cost = 25, .early = true, __VA_ARGS__

static const struct sim_row early_rows[] = {
	{ EARLY("correct.mean >= 0.8", by_bar, 0.8, .saves = true), .n = 100, .brief = true },
	{ EARLY("correct.mean >= 0.8", by_bar, 0.8, .saves = true), .n = 500 },
	{ EARLY("correct.mean >= 0.8", by_bar, 0.8, .saves = true), .n = 2000 },
	{ EARLY("correct.mean >= 0.95", by_bar, 0.95, .saves = true), .n = 500 },
	{ EARLY("correct.mean >= baseline - 0.05", by_margin, -0.05, .draw = sim_bernoulli,
		.with = { 0.7, 0.24 }),
	  .n = 100 },
	{ EARLY("correct.mean >= baseline - 0.05", by_margin, -0.05, .draw = sim_bernoulli,
		.with = { 0.7, 0.24 }),
	  .n = 500 },
};

const struct sim_family sim_early_stage = {
	"Early stop through the verdict",
	"Columns as under early stop; the order of play is drawn anew in every run.", early_rows,
	ARRAY_LEN(early_rows)
};
