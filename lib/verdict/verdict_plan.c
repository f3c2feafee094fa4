#include "base/auto.h"
#include "base/num.h"
#include "stat/decide.h"
#include "verdict/policy_threshold.h"
#include "verdict/verdict_fill.h"
#include "verdict/verdict_margin.h"
#include "verdict/verdict_observed.h"
#include "verdict/verdict_worst.h"

#include <math.h>

struct check {
	const struct stage *s;
	const struct verdict_plan_info *info;
	const struct verdict_table *t;
	struct record *head;
	struct arena *arena, *scratch;
	struct diags *diags;
};

static struct pos place(const struct check *c, const struct threshold *t, size_t off)
{
	return c->s->policy->doc ? policy_threshold_pos(t, c->s->policy->doc, off) : t->at;
}

/* ---- what cannot be measured at all ---- */

static bool one_of(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, list[i]))
			return true;
	return false;
}

static void check_measured(struct check *c, const struct row *r)
{
	static const char *const streamed[] = { "ttft", "ttlt", "tpot", "tps" };
	static const char *const timed[] = { "ttft", "ttlt", "tpot", "tps", "latency" };
	const struct threshold *t = r->t;
	struct pos at = place(c, t, t->metric_off);
	for (size_t i = 0; c->info->suite && r->metric && r->metric->builtin && i < r->nsuite;
	     i++) {
		const struct verdict_suite_info *s = &c->info->suite[r->suite[i]];
		const char *suite = c->head->suite[r->suite[i]].name;
		if (!s->timed && one_of(t->metric, timed, ARRAY_LEN(timed))) {
			diag_add(c->diags, at, "not-measured",
				 "suite '%s' calls nothing, so '%s' is not measured", suite,
				 t->metric);
			diag_hint(c->diags, "name a suite with calls, as in SUITE/%s.%s", t->metric,
				  t->agg_text);
		} else if (!s->streamed && one_of(t->metric, streamed, ARRAY_LEN(streamed))) {
			diag_add(
				c->diags, at, "not-measured",
				"the target of suite '%s' does not stream, so '%s' is not measured",
				suite, t->metric);
			diag_hint(c->diags, "use latency, or set `stream: true`");
		} else if (!s->priced && !strcmp(t->metric, "cost")) {
			diag_add(c->diags, at, "not-measured",
				 "no price is known for the calls of suite '%s', so '%s' is not "
				 "measured",
				 suite, t->metric);
			diag_hint(c->diags, "add `prices: prices.yaml` to the policy (`gate help prices`), or bound "
					    "tokens, as in %s/tokens_out.p95 <= 500tok", suite);
		}
	}
}

/* ---- slices ---- */

static void list_values(const struct check *c, const struct threshold *t)
{
	for (size_t i = 0; i < t->nslice; i++) {
		const struct table_key *k = table_key(c->t, t->slice[i].key);
		if (!k)
			continue;
		bool have = false, value = false;
		for (size_t seq = 0; seq < c->t->n; seq++) {
			have |= k->id[seq] != TAG_NONE && k->id[seq] != TAG_UNKNOWN;
			value |= k->id[seq] == table_value_id(k, t->slice[i].value) &&
				 k->id[seq] >= TAG_FIRST;
		}
		if (!have)
			diag_hint(c->diags, "no case has '%s'", t->slice[i].key);
		else if (!value)
			diag_hint(c->diags, "no case has %s=%s", t->slice[i].key,
				  t->slice[i].value);
	}
}

static bool check_slice(struct check *c, const struct row *r, size_t n)
{
	const struct threshold *t = r->t;
	if (!c->info->planned || n || (!t->nslice && !t->worst))
		return true;
	size_t planned = 0;
	for (size_t i = 0; i < r->nsuite; i++)
		planned += c->t->suite[r->suite[i]].n;
	if (!planned)
		return true; /* the suite was left out of this run */
	diag_add(c->diags, place(c, t, t->slice_off), "empty-slice",
		 "the slice of '%s' holds no case", r->label);
	if (t->worst)
		diag_hint(c->diags, "no case has '%s'", t->worst);
	else
		list_values(c, t);
	return false;
}

/* ---- what no result could pass ---- */

struct reach {
	double bar;	/* the unit mean that must be shown, as ">=" */
	int64_t needed; /* 0 = no number of cases */
	double top;
};

static struct reach reach_of(const struct row *r, const struct ruling *best)
{
	const struct threshold *t = r->t;
	bool exact = strcmp(best->method, "betting") != 0 &&
		     strcmp(best->method, "rate-test, betting") != 0;
	struct reach out = { .bar = t->bound.value };
	if (!row_is_score(r))
		out.bar = (out.bar - r->lo) / (r->hi - r->lo);
	if (!threshold_wants_high(t))
		out.bar = 1 - out.bar;
	if (t->agg == AGG_QUANTILE)
		out.bar = threshold_wants_high(t) ? 1 - t->q : t->q;
	int64_t n = (int64_t)best->clusters;
	out.needed = exact ? decide_least_rate(out.bar, r->alpha)
			   : decide_least_graded(out.bar, r->alpha);
	out.needed = out.needed == DECIDE_NEVER ? 0 : out.needed;
	if (n)
		out.top = exact ? decide_top_rate(n, r->alpha) : decide_top_graded(n, r->alpha);
	return out;
}

/* The highest bar that this many perfect cases prove, in the threshold's own terms. */
static const char *best_bound(const struct row *r, const struct reach *reach, const char *unit,
			      struct arena *a)
{
	const struct threshold *t = r->t;
	bool high = threshold_wants_high(t);
	if (t->agg == AGG_QUANTILE)
		return arena_fmt(a, "they can prove a bound on p%.0f at most",
				 floor(100 * (high ? 1 - reach->top : reach->top)));
	double x = high ? reach->top : 1 - reach->top;
	if (!row_is_score(r))
		x = r->lo + x * (r->hi - r->lo);
	return arena_fmt(a, "the %s bar they can prove is %s", high ? "highest" : "lowest",
			 verdict_value_text(x, unit, a));
}

static void say_unreachable(struct finding *f, const struct row *r, const struct ruling *best,
			    struct arena *a)
{
	struct reach reach = reach_of(r, best);
	char n[32], needed[32];
	f->unreachable = true;
	f->verdict = VERDICT_UNDECIDED;
	f->needed = reach.needed;
	verdict_count_text(n, best->clusters);
	verdict_count_text(needed, (uint64_t)reach.needed);
	const char *ways = reach.needed ? arena_fmt(a, "%s case%s needed", needed,
						    num_s((uint64_t)reach.needed))
					: "no number of cases proves it";
	const char *note = arena_fmt(
		a, "unreachable: %s perfect case%s cannot prove it: %s, %s, or `decide: observed`",
		n, num_s(best->clusters), ways, best->clusters ? best_bound(r, &reach, f->unit, a) : "there is none");
	f->note = f->note ? arena_fmt(a, "%s; %s", note, f->note) : note;
}

/* A judge that cannot meet the policy's minimum with the labels there are; what its errors cost in cases. */
static bool check_judge(struct finding *f, struct check *c, const struct rule_ask *ask, const struct ruling *best)
{
	struct err err = ERR_INIT;
	const char *why = NULL;
	const struct judging *j = judging_take(ask->row, c->t, true, c->scratch);
	judged_check(ask->row, &c->s->policy->judge, place(c, ask->row->t, ask->row->t->agg_off), c->diags);
	if (judged_unreachable(&why, ask, j, best, &err) ||
	    (!why && f->needed > 0 && judged_corrects(ask->row, j) && judged_needed(&f->needed, ask, j, &err)))
		diag_add(c->diags, ask->row->t->at, "bug", "cannot plan '%s': %s", ask->row->label, err.msg);
	if (!why)
		return false;
	f->unreachable = true;
	f->needed = -1;
	f->note = why;
	return true;
}

static int rule_planned(struct ruling *best, const char **slice, const struct check *c,
			const struct rule_ask *ask, struct err *err)
{
	if (ask->row->t->worst && c->info->planned)
		return worst_decide(best, slice, ask, c->t, true, err);
	struct take_filter filter = take_filter_of(ask->row, c->t);
	struct taken k = take_samples(ask->row, c->t, &filter, true, ask->scratch);
	return rule_at_best(best, ask, &k, err);
}

static void count_planned(struct ruling *out, const struct check *c, const struct row *r)
{
	struct take_filter filter = take_filter_of(r, c->t);
	struct taken k = take_samples(r, c->t, &filter, true, c->scratch);
	*out = (struct ruling){ .verdict = VERDICT_UNDECIDED,
				.estimate = NAN,
				.lower = NAN,
				.upper = NAN,
				.n = k.n,
				.clusters = k.n,
				.method = "observed",
				.detects = NAN,
				.needed = -1 };
}

/* ---- against the baseline ---- */

static const char *number(struct check *c, int64_t n)
{
	char text[32];
	verdict_count_text(text, (uint64_t)n);
	return arena_cstr(c->arena, str_c(text));
}

/* Rounded up: what is named must be shown by the cases there are. */
static const char *slack_text(struct check *c, const struct row *r, double x)
{
	if (!row_is_score(r))
		return verdict_value_text(x, row_unit(r), c->arena);
	return arena_fmt(c->arena, "%.3f", ceil(x * 1000 - 1e-9) / 1000);
}

static void warn_demand(struct check *c, const struct row *r, const struct margin_plan *m)
{
	const struct threshold *t = r->t;
	bool high = threshold_wants_high(t);
	diag_warn(c->diags, place(c, t, t->bound_off), "no-margin",
		  "'%s %s baseline' demands proven improvement: a candidate as good as its baseline does not pass", r->label,
		  threshold_op_text(t->op));
	if (m->shows < 1)
		diag_hint(c->diags, "write `baseline %c %s`, the least that these cases prove when no answer changes, or "
				    "`not-%s baseline`", high ? '-' : '+', slack_text(c, r, m->shows),
			  high ? "below" : "above");
	else
		diag_hint(c->diags, "grant a margin, or write `not-%s baseline`", high ? "below" : "above");
}

static void warn_narrow(struct check *c, const struct row *r, const struct ruling *best, const struct margin_plan *m)
{
	const struct threshold *t = r->t;
	diag_warn(c->diags, place(c, t, t->bound_off), "narrow-margin",
		  "%s case%s cannot show '%s' even when no answer changes%s", number(c, (int64_t)best->clusters),
		  num_s(best->clusters), t->bound.text,
		  m->least > 0 ? arena_fmt(c->arena, ": it takes %s", number(c, m->least)) : "");
	diag_hint(c->diags, "the narrowest margin they show is %s", slack_text(c, r, m->shows));
}

static const char *margin_text(struct check *c, const struct margin_plan *m, double discordant, const char *seen)
{
	const char *least = m->least > 0 ? arena_fmt(c->arena, "%s when no answer changes", number(c, m->least)) : NULL;
	const char *most = m->powered > 0 ? arena_fmt(c->arena, "≈ %s to pass 4 times of 5 when %.3g %% do (%s)",
						      number(c, m->powered), 100 * discordant, seen)
					  : NULL;
	if (!least && !most)
		return NULL;
	return arena_fmt(c->arena, "cases needed: %s%s%s", least ? least : "", least && most ? ", " : "", most ? most : "");
}

static void say_blind(struct finding *f, struct check *c, const struct ruling *best)
{
	f->unreachable = true;
	f->note = arena_fmt(c->arena, "unreachable: %s pair%s of answers prove nothing, whatever they are: more cases, or "
				      "`decide: observed`", number(c, (int64_t)best->clusters), num_s(best->clusters));
}

/* How often two candidates answered differently when they were last compared. */
static double discordance(const struct check *c, const struct row *r, const char **seen)
{
	const struct record *past = c->info->past;
	for (size_t i = 0; past && i < past->nfinding; i++) {
		const struct finding *f = &past->finding[i];
		double pairs = json_number_value(json_object_get(f->paired, "pairs"));
		if (strcmp(f->label, r->label) != 0 || !(pairs > 0) || !json_object_get(f->paired, "lost"))
			continue;
		*seen = "as in the run before";
		return (json_number_value(json_object_get(f->paired, "lost")) +
			json_number_value(json_object_get(f->paired, "gained"))) / pairs;
	}
	*seen = "assumed";
	return MARGIN_DISCORDANCE;
}

static void plan_paired(struct finding *f, struct check *c, const struct rule_ask *ask, const struct ruling *best,
			const char *slice)
{
	const struct row *r = ask->row;
	const char *seen;
	double often = discordance(c, r, &seen);
	struct margin_plan m = margin_plan(r, best, often, c->scratch);
	verdict_fill(f, best, slice, r, c->arena);
	f->detects = NAN;
	f->observed_text = "–";
	f->verdict = VERDICT_UNDECIDED;
	f->hits = 0;
	f->unscored = 0;
	if (r->is_new)
		f->note = "a new suite: takes effect after merge";
	if (r->is_new || row_is_observed(r))
		return;
	if (margin_demands_change(r))
		warn_demand(c, r, &m);
	else if (m.margin > 0 && m.shows > m.margin)
		warn_narrow(c, r, best, &m);
	if (r->vs == BASE_SAME || r->vs == BASE_ABSENT)
		return;
	if (best->verdict != VERDICT_PASS && best->n) {
		say_blind(f, c, best);
		return;
	}
	if (!c->t->weight)
		f->needed = m.least > 0 ? m.least : -1;
	f->note = margin_text(c, &m, often, seen);
}

static void plan_row(struct finding *f, struct check *c, const struct row *r)
{
	struct rule_ask ask = {
		.row = r, .alpha = r->alpha, .arena = c->arena, .scratch = c->scratch
	};
	struct ruling best;
	struct err err = ERR_INIT;
	const char *slice = NULL;
	*f = row_finding(r, c->head, c->arena);
	f->observed_text = "–";
	if (r->t->agg == AGG_SPEND)
		return;
	check_measured(c, r);
	if (row_is_observed(r)) {
		count_planned(&best, c, r);
	} else if (rule_planned(&best, &slice, c, &ask, &err)) {
		diag_add(c->diags, r->t->at, "bug", "cannot plan '%s': %s", r->label, err.msg);
		return;
	}
	if (!check_slice(c, r, best.n))
		return;
	if (threshold_needs_baseline(r->t)) {
		plan_paired(f, c, &ask, &best, slice);
		check_judge(f, c, &ask, NULL);
		return;
	}
	bool out_of_reach = !row_is_observed(r) && best.n && best.verdict != VERDICT_PASS;
	const struct ruling at_best = best;
	best.judge = NULL;
	/* Perfect answers do not stray: only of shares is it known what so many cases detect. */
	if (strcmp(best.method, "clopper-pearson"))
		best.detects = NAN;
	best.estimate = best.lower = best.upper = NAN;
	verdict_fill(f, &best, slice, r, c->arena);
	f->hits = 0;
	f->unscored = 0;
	f->verdict = VERDICT_UNDECIDED;
	/* Weights make some cases count less: then no number of them is told. */
	if (!row_is_observed(r) && best.n && !c->t->weight)
		f->needed = reach_of(r, &best).needed;
	if (r->is_new)
		f->note = "a new suite: takes effect after merge";
	else if (check_judge(f, c, &ask, at_best.n ? &at_best : NULL))
		return;
	else if (out_of_reach)
		say_unreachable(f, r, &best, c->arena);
}

/* ---- suites that nothing judges ---- */

static void check_judged(struct check *c, const struct rows *rows)
{
	for (size_t i = 0; i < c->head->nsuite; i++) {
		const struct suite_head *s = &c->head->suite[i];
		bool judged = s->is_new || s->role != SUITE_PLAIN;
		for (size_t k = 0; k < rows->n; k++)
			for (size_t j = 0; j < rows->v[k].nsuite; j++)
				judged |= rows->v[k].suite[j] == i;
		if (judged)
			continue;
		struct pos at = c->s->at;
		for (size_t k = 0; k < c->s->nsuite; k++)
			if (!strcmp(c->s->suite[k], s->name))
				at = c->s->suite_at[k];
		diag_warn(c->diags, at, "not-judged",
			  "suite '%s' is run and no threshold looks at it", s->name);
	}
}

static void plan_rows(struct verdict_plan *out, struct check *c, const struct rows *rows)
{
	struct finding *f = arena_array(c->arena, struct finding, rows->n + 1);
	for (size_t i = 0; i < rows->n; i++) {
		struct arena_mark mark = arena_mark(c->scratch);
		plan_row(&f[i], c, &rows->v[i]);
		arena_rewind(c->scratch, mark);
		out->blocking += f[i].blocking;
		out->unreachable += f[i].blocking && f[i].unreachable;
	}
	c->head->finding = f;
	c->head->nfinding = rows->n;
	c->head->verdict = VERDICT_UNDECIDED;
}

int verdict_plan_check(struct verdict_plan *out, const struct stage *s,
		       const struct verdict_plan_info *info, struct record *head, struct arena *a,
		       struct diags *d)
{
	struct arena scratch AUTO(arena_release) = ARENA_INIT;
	struct check c = { .s = s,
			   .info = info,
			   .t = info->planned,
			   .head = head,
			   .arena = a,
			   .scratch = &scratch,
			   .diags = d };
	struct rows rows;
	size_t before = d->errors;
	*out = (struct verdict_plan){ .blocking = 0 };
	if (!c.t)
		c.t = verdict_table_new(s, head, a);
	bool matched = !rows_match(&rows, s, head, info->all_suites, info->nall_suites, a, d);
	/* Rows that do not fit have been told; the others are planned all the same. */
	if (matched)
		plan_rows(out, &c, &rows);
	check_judged(&c, &rows);
	return d->errors > before ? -1 : 0;
}
