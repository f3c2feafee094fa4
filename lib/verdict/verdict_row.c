#include "verdict/verdict_row.h"

#include "base/suggest.h"
#include "verdict/policy_threshold.h"

#include <math.h>

struct match {
	struct rows *out;
	size_t cap;
	const struct stage *s;
	const struct record *head;
	size_t nplain; /* suites of the stage; their twins stand behind them */
	const char *const *all;
	size_t nall;
	struct arena *arena;
	struct diags *diags;
};

bool row_is_score(const struct row *r)
{
	return r->metric && r->metric->kind != METRIC_VALUE;
}

bool row_is_share(const struct row *r)
{
	return row_is_score(r) && r->t->agg != AGG_SUM && r->t->agg != AGG_COUNT;
}

bool row_is_observed(const struct row *r)
{
	enum aggregate g = r->t->agg;
	return r->t->observed || g == AGG_MIN || g == AGG_MAX || g == AGG_SUM || g == AGG_COUNT ||
	       g == AGG_SPEND;
}

bool row_is_timing(const struct row *r)
{
	return r->metric && metric_is_time(r->metric);
}

const char *row_unit(const struct row *r)
{
	if (r->t->agg == AGG_SPEND)
		return !strcmp(r->t->agg_text, "usd")	   ? "usd"
		       : !strcmp(r->t->agg_text, "tokens") ? "tok"
							   : "";
	return r->t->agg == AGG_COUNT || !r->metric->unit ? "" : r->metric->unit;
}

static struct pos place(const struct match *m, const struct threshold *t, size_t off)
{
	return m->s->policy && m->s->policy->doc ? policy_threshold_pos(t, m->s->policy->doc, off)
						 : t->at;
}

static int metric_of(const struct suite_head *s, const char *name)
{
	for (size_t i = 0; i < s->nmetric; i++)
		if (!strcmp(s->metric[i].name, name))
			return (int)i;
	return -1;
}

/* ---- labels ---- */

static const char *slice_text(const struct threshold *t, struct arena *a)
{
	const char *out = "";
	for (size_t i = 0; i < t->nslice; i++)
		out = arena_fmt(a, "%s%s%s=%s", out, i ? ", " : "", t->slice[i].key,
				t->slice[i].value);
	return out;
}

static const char *label_of(const struct threshold *t, const char *suite, struct arena *a)
{
	const char *slice = t->nslice ? arena_fmt(a, "{%s}", slice_text(t, a)) : "";
	const char *worst = t->worst ? arena_fmt(a, " worst{%s}", t->worst) : "";
	const char *require = t->require ? arena_fmt(a, " %u of %u", t->require, t->require_of) : "";
	return arena_fmt(a, "%s%s%s.%s%s%s%s", suite ? suite : "", suite ? "/" : "", t->metric,
			 t->agg_text, require, slice, worst);
}

struct finding row_finding(const struct row *r, const struct record *rec, struct arena *a)
{
	const struct threshold *t = r->t;
	bool spend = t->agg == AGG_SPEND;
	return (struct finding){
		.text = t->text,
		.label = r->label,
		.at = t->at,
		.suite = spend		  ? ""
			 : r->nsuite == 1 ? rec->suite[r->suite[0]].name
					  : "*",
		.metric = t->metric,
		.aggregate = t->agg_text,
		.slice = slice_text(t, a),
		.op = threshold_op_text(t->op),
		.bound = t->bound.baseline ? NAN : t->bound.value,
		.bound_text = t->bound.text,
		.unit = row_unit(r),
		.blocking = t->blocking,
		.observed_only = row_is_observed(r),
		.confidence = 1 - r->risk,
		.verdict = VERDICT_UNDECIDED,
		.estimate = NAN,
		.lower = NAN,
		.upper = NAN,
		.method = "none",
		.because = t->because,
		.detects = NAN,
		.needed = -1,
	};
}

/* ---- does the threshold fit its metric? ---- */

static const char *unit_words(const char *unit)
{
	if (!strcmp(unit, "ms"))
		return "a time, as in 800ms or 1.5s";
	if (!strcmp(unit, "usd"))
		return "dollars, as in $0.004";
	if (!strcmp(unit, "tok"))
		return "tokens, as in 500tok";
	if (!strcmp(unit, "tok/s"))
		return "tokens a second, as in 30tok/s";
	return "a plain number";
}

static bool unit_fits(const struct row *r)
{
	const char *unit = row_unit(r);
	switch (r->t->bound.unit) {
	case BOUND_PLAIN:
		return strcmp(unit, "ms") != 0;
	case BOUND_PERCENT:
		return row_is_share(r);
	case BOUND_MS:
		return !strcmp(unit, "ms");
	case BOUND_USD:
		return !strcmp(unit, "usd");
	case BOUND_TOK:
		return !strcmp(unit, "tok");
	case BOUND_TOK_S:
		return !strcmp(unit, "tok/s");
	}
	return false;
}

static bool check_unit(struct match *m, const struct row *r)
{
	const struct threshold *t = r->t;
	bool bare = t->bound.baseline && (!t->bound.change || t->bound.change == '*');
	if (bare || unit_fits(r))
		return true;
	diag_add(m->diags, place(m, t, t->bound_off), "wrong-unit",
		 "'%s' does not fit '%s': expected %s", t->bound.text, r->label,
		 row_is_share(r) ? "a number from 0 to 1, or %" : unit_words(row_unit(r)));
	return false;
}

/* Two shares are at most 1 apart. */
static void check_slack(struct match *m, const struct row *r)
{
	const struct threshold *t = r->t;
	bool slack = (t->bound.change == '-') == threshold_wants_high(t);
	if ((t->bound.change != '-' && t->bound.change != '+') || t->bound.value < 1)
		return;
	diag_add(m->diags, place(m, t, t->bound_off), slack ? "always-true" : "never-true",
		 slack ? "'%s %s %s' holds whatever is measured" : "'%s %s %s' cannot hold: scores lie in 0 to 1", r->label,
		 threshold_op_text(t->op), t->bound.text);
}

static void check_share(struct match *m, const struct row *r)
{
	const struct threshold *t = r->t;
	double b = t->bound.value;
	if (!row_is_share(r))
		return;
	if (t->bound.baseline) {
		check_slack(m, r);
		return;
	}
	bool high = threshold_wants_high(t);
	if (!(b >= 0 && b <= 1)) {
		diag_add(m->diags, place(m, t, t->bound_off), "bound-out-of-range",
			 "'%s' is outside of 0 to 1, where every %s of '%s' lies", t->bound.text,
			 t->agg_text, t->metric);
		if (b > 1 && b <= 100)
			diag_hint(m->diags, "did you mean %g%%?", b);
	} else if ((t->op == OP_GE && b <= 0) || (t->op == OP_LE && b >= 1)) {
		diag_add(m->diags, place(m, t, t->bound_off), "always-true",
			 "'%s %s %s' holds whatever is measured", r->label,
			 threshold_op_text(t->op), t->bound.text);
	} else if ((t->op == OP_GT && b >= 1) || (t->op == OP_LT && b <= 0)) {
		diag_add(m->diags, place(m, t, t->bound_off), "never-true",
			 "'%s %s %s' cannot hold: scores lie in 0 to 1", r->label,
			 threshold_op_text(t->op), t->bound.text);
	} else if (r->metric->direction != NO_DIRECTION && t->agg != AGG_PASS &&
		   t->agg != AGG_PASS_AT && t->agg != AGG_PASS_ALL && t->op != OP_EQ &&
		   high != (r->metric->direction == HIGHER_IS_BETTER)) {
		diag_warn(m->diags, place(m, t, t->op_off), "wrong-way",
			  "'%s' is better when %s, and this asks for the other side", t->metric,
			  high ? "lower" : "higher");
	}
}

static void check_aggregate(struct match *m, const struct row *r)
{
	const struct threshold *t = r->t;
	struct pos at = place(m, t, t->agg_off);
	enum aggregate g = t->agg;
	bool pass = g == AGG_PASS || g == AGG_PASS_AT || g == AGG_PASS_ALL;
	if ((pass || g == AGG_RATE) && !row_is_score(r)) {
		diag_add(m->diags, at, "wrong-aggregate",
			 "'%s' is a measurement, and '%s' needs a score", t->metric, t->agg_text);
		diag_hint(m->diags, "use mean, a percentile, min, max, sum or count");
		return;
	}
	if (pass && r->metric->direction == NO_DIRECTION)
		diag_add(m->diags, at, "wrong-aggregate",
			 "'%s' has no good side, so '%s' means nothing; use rate", t->metric,
			 t->agg_text);
	for (size_t i = 0; i < r->nsuite && (g == AGG_PASS_AT || g == AGG_PASS_ALL); i++) {
		const struct suite_head *s = &m->head->suite[r->suite[i]];
		if (s->repeats >= t->k)
			continue;
		diag_add(m->diags, at, "too-few-repeats",
			 "'%s' needs at least %u repeats of each case, suite '%s' has %u",
			 t->agg_text, t->k, s->name, s->repeats);
		diag_hint(m->diags, "set `repeats: %u` in the suite", t->k);
	}
}

static void check_require(struct match *m, const struct row *r)
{
	const struct threshold *t = r->t;
	for (size_t i = 0; i < r->nsuite && t->require; i++) {
		const struct suite_head *s = &m->head->suite[r->suite[i]];
		if (s->repeats == t->require_of)
			continue;
		diag_add(m->diags, place(m, t, t->agg_off), "too-few-repeats",
			 "'require: %u of %u' needs %u repeats of each case, suite '%s' has %u", t->require, t->require_of,
			 t->require_of, s->name, s->repeats);
		diag_hint(m->diags, "set `repeats: %u` in the suite", t->require_of);
	}
}

static void check_range(struct match *m, const struct row *r)
{
	const struct threshold *t = r->t;
	if (t->has_range && (row_is_score(r) || t->agg != AGG_MEAN)) {
		diag_add(m->diags, t->at, "bad-range",
			 "'range' is for the mean of a measurement, not for '%s'", r->label);
		return;
	}
	if (t->agg != AGG_MEAN || row_is_score(r) || t->observed || r->has_range)
		return;
	diag_add(m->diags, place(m, t, t->agg_off), "unbounded-mean",
		 "the mean of '%s' has no known range, so no number of cases bounds it", t->metric);
	diag_hint(m->diags,
		  "give `range: [lowest, highest]`, or `decide: observed`, or use a percentile");
}

static void check_row(struct match *m, const struct row *r)
{
	size_t before = m->diags->errors;
	if (r->t->agg != AGG_SPEND) {
		check_aggregate(m, r);
		check_require(m, r);
		check_range(m, r);
	}
	if (m->diags->errors == before && check_unit(m, r))
		check_share(m, r);
}

/* ---- matching ---- */

static struct row *new_row(struct match *m, const struct threshold *t)
{
	struct row *r = &m->out->v[m->out->n++];
	double confidence = isnan(t->confidence) ? m->s->policy->confidence : t->confidence;
	*r = (struct row){ .t = t, .alpha = 1 - confidence, .risk = 1 - confidence };
	r->early = m->s->early && t->agg != AGG_SPEND && !row_is_observed(r);
	if (r->early)
		r->alpha = r->risk / 2;
	r->suite = arena_array(m->arena, unsigned, m->nplain + 1);
	r->column = arena_array(m->arena, unsigned, m->nplain + 1);
	r->base = arena_array(m->arena, unsigned, m->nplain + 1);
	r->base_column = arena_array(m->arena, unsigned, m->nplain + 1);
	return r;
}

/* The range of a measurement: the widest of its suites, unless the threshold says. */
static void take_range(struct row *r, const struct metric_head *h, bool first)
{
	r->has_range = (first || r->has_range) && (h->has_range || r->t->has_range);
	r->lo = first || h->lo < r->lo ? h->lo : r->lo;
	r->hi = first || h->hi > r->hi ? h->hi : r->hi;
	if (r->t->has_range) {
		r->lo = r->t->lo;
		r->hi = r->t->hi;
	}
}

/* How one suite's share in the comparison tells on the whole row's: all must be there.  A pool of which a part
 * has no baseline is not "none yet": that would hide a drop in the rest. */
static enum suite_base worse_base(enum suite_base a, enum suite_base b)
{
	if (a != b && (a == BASE_ABSENT || b == BASE_ABSENT))
		return BASE_NONE;
	static const int rank[] = { [BASE_SAME] = 0, [BASE_TWIN] = 1, [BASE_ABSENT] = 2, [BASE_NONE] = 3 };
	return rank[a] > rank[b] ? a : b;
}

/* Do both sides measure the same thing?  A record that was changed may say otherwise. */
static bool alike(const struct metric_head *a, const struct metric_head *b)
{
	return a->kind == b->kind && a->direction == b->direction && a->cut == b->cut && !strcmp(a->unit, b->unit);
}

static bool is_twin(const struct suite_head *s, const struct suite_head *twin, int column, const char *metric)
{
	int at = twin && twin->planned == s->planned && twin->repeats == s->repeats ? metric_of(twin, metric) : -1;
	return at >= 0 && alike(&s->metric[column], &twin->metric[at]);
}

/* The suite's other side: its twin; itself where the candidate is the same. */
static void row_add_base(struct match *m, struct row *r, size_t suite, int column)
{
	const struct suite_head *s = &m->head->suite[suite];
	const struct suite_head *twin = record_twin(m->head, s->name, SUITE_BASELINE, NULL);
	enum suite_base vs = s->base;
	r->base[r->nsuite] = ROW_NO_BASE;
	if (!threshold_needs_baseline(r->t))
		return;
	if (vs == BASE_SAME) {
		r->base[r->nsuite] = (unsigned)suite;
		r->base_column[r->nsuite] = (unsigned)column;
	} else if (vs == BASE_TWIN && is_twin(s, twin, column, r->t->metric)) {
		r->base[r->nsuite] = (unsigned)(twin - m->head->suite);
		r->base_column[r->nsuite] = (unsigned)metric_of(twin, r->t->metric);
		take_range(r, &twin->metric[r->base_column[r->nsuite]], false);
	} else if (vs == BASE_TWIN) {
		vs = BASE_NONE;
	}
	r->vs = r->nsuite ? worse_base(r->vs, vs) : vs;
}

static void row_add_suite(struct match *m, struct row *r, size_t suite)
{
	const struct suite_head *s = &m->head->suite[suite];
	int at = metric_of(s, r->t->metric);
	const struct metric_head *h = &s->metric[at];
	if (!r->metric)
		r->metric = h;
	r->suite[r->nsuite] = (unsigned)suite;
	r->column[r->nsuite] = (unsigned)at;
	take_range(r, h, !r->nsuite);
	row_add_base(m, r, suite, at);
	r->nsuite++;
	r->is_new |= s->is_new;
}

static void unknown_suite(struct match *m, const struct threshold *t)
{
	struct suggest sg = SUGGEST_INIT(str_c(t->suite));
	for (size_t i = 0; i < m->nplain; i++)
		suggest_offer(&sg, str_c(m->head->suite[i].name));
	for (size_t i = 0; i < m->nall; i++) {
		if (strcmp(m->all[i], t->suite))
			continue;
		diag_add(m->diags, place(m, t, t->suite_off), "unknown-suite",
			 "suite '%s' is not among the suites of stage '%s'", t->suite, m->s->name);
		return;
	}
	diag_add(m->diags, place(m, t, t->suite_off), "unknown-suite",
		 "no suite '%s' in stage '%s'", t->suite, m->s->name);
	if (suggest_best(&sg).p)
		diag_hint(m->diags, "did you mean '%.*s'?", STR_ARGS(suggest_best(&sg)));
}

/* No suite in [from, to) has the metric. */
static void unknown_metric(struct match *m, const struct threshold *t, size_t from, size_t to)
{
	struct suggest sg = SUGGEST_INIT(str_c(t->metric));
	const char *names = "";
	for (size_t i = from; i < to; i++) {
		for (size_t k = 0; k < m->head->suite[i].nmetric; k++) {
			const struct metric_head *h = &m->head->suite[i].metric[k];
			suggest_offer(&sg, str_c(h->name));
			if (!h->builtin)
				names = arena_fmt(m->arena, "%s%s%s", names, *names ? ", " : "",
						  h->name);
		}
	}
	diag_add(m->diags, place(m, t, t->metric_off), "unknown-metric", "no metric '%s' in %s%s%s",
		 t->metric, to - from == 1 ? "suite '" : "the suites of this stage",
		 to - from == 1 ? m->head->suite[from].name : "", to - from == 1 ? "'" : "");
	if (suggest_best(&sg).p)
		diag_hint(m->diags, "did you mean '%.*s'?", STR_ARGS(suggest_best(&sg)));
	else if (*names)
		diag_hint(m->diags, "there is: %.300s, and the built-ins", names);
}

static void ambiguous(struct match *m, const struct threshold *t)
{
	const char *names = "";
	for (size_t i = 0; i < m->nplain; i++)
		if (metric_of(&m->head->suite[i], t->metric) >= 0)
			names = arena_fmt(m->arena, "%s%s%s/%s", names, *names ? ", " : "",
					  m->head->suite[i].name, t->metric);
	diag_add(m->diags, place(m, t, t->metric_off), "ambiguous-metric",
		 "several suites have a metric '%s': expected one of %.300s", t->metric, names);
	diag_hint(m->diags, "or */%s to pool their samples", t->metric);
}

static void match_named(struct match *m, const struct threshold *t)
{
	size_t i = 0;
	while (i < m->nplain && strcmp(m->head->suite[i].name, t->suite))
		i++;
	if (i == m->nplain) {
		unknown_suite(m, t);
		return;
	}
	if (metric_of(&m->head->suite[i], t->metric) < 0) {
		unknown_metric(m, t, i, i + 1);
		return;
	}
	struct row *r = new_row(m, t);
	row_add_suite(m, r, i);
	r->label = label_of(t, t->suite, m->arena);
	check_row(m, r);
}

static void check_pool(struct match *m, const struct row *r)
{
	for (size_t i = 1; i < r->nsuite; i++) {
		const struct metric_head *h = &m->head->suite[r->suite[i]].metric[r->column[i]];
		if (h->kind == r->metric->kind &&
		    !strcmp(row_unit(r), r->t->agg == AGG_COUNT ? "" : h->unit) &&
		    h->cut == r->metric->cut && h->direction == r->metric->direction)
			continue;
		diag_add(
			m->diags, place(m, r->t, r->t->metric_off), "unlike-metrics",
			"'%s' is not the same kind of number in '%s' and '%s' and cannot be pooled",
			r->t->metric, m->head->suite[r->suite[0]].name,
			m->head->suite[r->suite[i]].name);
	}
}

/* Suites that only the change has may not help a pool to pass. */
static void match_pooled(struct match *m, const struct threshold *t)
{
	struct row *r = NULL;
	for (int fresh = 0; fresh < 2 && !r; fresh++) {
		for (size_t i = 0; i < m->nplain; i++) {
			if (m->head->suite[i].is_new != (fresh == 1) ||
			    metric_of(&m->head->suite[i], t->metric) < 0)
				continue;
			r = r ? r : new_row(m, t);
			row_add_suite(m, r, i);
		}
	}
	if (!r) {
		unknown_metric(m, t, 0, m->nplain);
		return;
	}
	r->label = label_of(t, "*", m->arena);
	check_pool(m, r);
	check_row(m, r);
}

static void match_builtin(struct match *m, const struct threshold *t, bool fresh)
{
	for (size_t i = 0; i < m->nplain; i++) {
		const struct suite_head *s = &m->head->suite[i];
		int at = metric_of(s, t->metric);
		if (at < 0 || s->is_new != fresh || !s->metric[at].builtin)
			continue;
		struct row *r = new_row(m, t);
		row_add_suite(m, r, i);
		r->label = label_of(t, s->name, m->arena);
		check_row(m, r);
	}
}

static void match_any(struct match *m, const struct threshold *t)
{
	size_t found = 0, builtin = 0, protected = 0, one = 0;
	for (size_t i = 0; i < m->nplain; i++) {
		int at = metric_of(&m->head->suite[i], t->metric);
		if (at < 0)
			continue;
		found++;
		one = i;
		builtin += m->head->suite[i].metric[at].builtin;
		protected += !m->head->suite[i].is_new;
	}
	if (!found) {
		unknown_metric(m, t, 0, m->nplain);
	} else if (builtin == found) {
		match_builtin(m, t, !protected);
	} else if (found > 1) {
		ambiguous(m, t);
	} else {
		struct row *r = new_row(m, t);
		row_add_suite(m, r, one);
		r->label = label_of(t, NULL, m->arena);
		check_row(m, r);
	}
}

static void match_one(struct match *m, const struct threshold *t)
{
	if (t->agg == AGG_SPEND) {
		struct row *r = new_row(m, t);
		r->label = label_of(t, NULL, m->arena);
		check_row(m, r);
	} else if (!t->suite) {
		match_any(m, t);
	} else if (!strcmp(t->suite, "*")) {
		match_pooled(m, t);
	} else {
		match_named(m, t);
	}
}

int rows_match(struct rows *out, const struct stage *s, const struct record *head,
	       const char *const *all_suites, size_t nall_suites, struct arena *a, struct diags *d)
{
	struct match m = { .out = out,
			   .s = s,
			   .head = head,
			   .all = all_suites,
			   .nall = nall_suites,
			   .arena = a,
			   .diags = d };
	size_t before = d->errors;
	while (m.nplain < head->nsuite && head->suite[m.nplain].role == SUITE_PLAIN)
		m.nplain++;
	*out = (struct rows){
		.v = arena_array(a, struct row, (m.nplain + 1) * (s->nthreshold + 1)),
	};
	for (size_t i = 0; i < s->nthreshold; i++)
		match_one(&m, &s->threshold[i]);
	return d->errors > before ? -1 : 0;
}
