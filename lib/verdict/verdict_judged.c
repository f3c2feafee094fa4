#include "verdict/verdict_judged.h"

#include "base/limits.h"
#include "base/num.h"
#include "stat/agreement.h"
#include "stat/ppi.h"
#include "verdict/verdict_paired.h"
#include "verdict/verdict_take.h"
#include "verdict/verdict_unit.h"

#include <math.h>

enum { LABELS_LEAST = 20 };

/* ---- which rows ---- */

enum use {
	USE_SHARE,    /* the share of good answers: corrected */
	USE_OBSERVED, /* a fact about what the judge said */
	USE_COMPARED, /* two shares by the same judge */
	USE_NONE,     /* nothing is known of how the judge's errors move it */
};

static bool is_share(const struct row *r)
{
	enum aggregate g = r->t->agg;
	return g == AGG_RATE || g == AGG_PASS || (g == AGG_MEAN && r->metric->kind == METRIC_BINARY);
}

static enum use use_of(const struct row *r)
{
	if (row_is_observed(r))
		return USE_OBSERVED;
	if (!is_share(r))
		return USE_NONE;
	if (!threshold_needs_baseline(r->t))
		return USE_SHARE;
	return r->t->bound.change == '*' && r->t->bound.value != 1 ? USE_NONE : USE_COMPARED;
}

/* Does a value of 1 in the row's unit stand for a good answer? */
static bool counts_good(const struct row *r)
{
	return r->t->agg == AGG_PASS || r->metric->direction != LOWER_IS_BETTER;
}

static const char *no_use(const struct row *r)
{
	if (is_share(r))
		return "a judge's errors move `baseline *` in a way that is not known: write `baseline -`, `baseline +` or "
		       "`not-below baseline`";
	return "only a share of good answers can be corrected for the judge's errors: write .pass or .rate";
}

/* ---- taking the labelled answers ---- */

static int column_of(const struct suite_head *s, const char *name)
{
	for (size_t i = 0; i < s->nmetric; i++)
		if (!strcmp(s->metric[i].name, name))
			return (int)i;
	return -1;
}

static const struct table_suite *calibration_of(const struct verdict_table *t, const char *suite, const char *metric)
{
	for (size_t i = 0; i < t->nsuite; i++) {
		const struct suite_head *s = t->suite[i].head;
		if (s->role == SUITE_CALIBRATION && s->of && s->of_metric && !strcmp(s->of, suite) &&
		    !strcmp(s->of_metric, metric))
			return &t->suite[i];
	}
	return NULL;
}

/* It is measured on the same metric, and has labels. */
static bool fits(const struct suite_head *s, const struct metric_head *m)
{
	int at = column_of(s, m->name);
	return at >= 0 && column_of(s, "label") >= 0 && s->metric[at].judged && s->metric[at].kind == m->kind &&
	       s->metric[at].direction == m->direction && s->metric[at].cut == m->cut;
}

static bool cell_at(double *x, const struct verdict_table *t, const struct table_suite *s, int column, size_t at)
{
	const struct table_column *c = &s->column[column];
	bool there = c->state && t->status[s->base + at] == TABLE_OPEN && c->state[at] == CELL_SCORED + 1;
	*x = there ? c->value[at] : NAN;
	return there;
}

static signed char truth(double x)
{
	return x == 1 ? 1 : x == 0 ? 0 : -1;
}

static void take_case(struct judged_case *out, const struct verdict_table *t, const struct table_suite *s,
		      const struct metric_head *m, size_t at)
{
	double label, said;
	*out = (struct judged_case){ .cluster = t->cluster[s->base + at], .label = -1, .verdict = -1 };
	if (t->status[s->base + at] == TABLE_UNTOLD)
		out->cluster = at;
	if (cell_at(&label, t, s, column_of(s->head, "label"), at))
		out->label = truth(label);
	if (cell_at(&said, t, s, column_of(s->head, m->name), at) && said >= 0 && said <= 1 &&
	    (m->kind != METRIC_BINARY || truth(said) >= 0))
		out->verdict = metric_passes(m, said);
}

/* Columns "label.1", "label.2" …: each person's. */
static void take_raters(struct judging *j, const struct verdict_table *t, const struct table_suite *s,
			struct arena *scratch)
{
	double *rated = arena_array(scratch, double, s->n * s->head->nmetric + 1);
	for (size_t k = 0; k < s->head->nmetric; k++) {
		if (strncmp(s->head->metric[k].name, "label.", 6) != 0)
			continue;
		for (size_t at = 0; at < s->n; at++)
			cell_at(&rated[j->raters * s->n + at], t, s, (int)k, at);
		j->raters++;
	}
	j->rated = rated;
}

static void take_perfect(struct judging *j, const struct suite_head *s, struct arena *scratch)
{
	j->n = s->good + s->bad;
	j->v = arena_array(scratch, struct judged_case, j->n + 1);
	for (size_t i = 0; i < j->n; i++) {
		signed char good = i < s->good;
		j->v[i] = (struct judged_case){ .cluster = i, .label = good, .verdict = good };
	}
}

const struct judging *judged_take(const struct row *r, const struct verdict_table *t, bool planned,
				  struct arena *scratch)
{
	if (!r->metric || !r->metric->judged)
		return NULL;
	struct judging *j = arena_new(scratch, struct judging);
	*j = (struct judging){ .demand = &t->stage->policy->judge, .pooled = r->nsuite > 1 };
	const struct table_suite *s = calibration_of(t, t->suite[r->suite[0]].head->name, r->t->metric);
	j->labelled = !j->pooled && s && fits(s->head, r->metric);
	if (!j->labelled)
		return j;
	if (planned) {
		take_perfect(j, s->head, scratch);
		return j;
	}
	j->n = s->n;
	j->v = arena_array(scratch, struct judged_case, s->n + 1);
	for (size_t at = 0; at < s->n; at++)
		take_case(&j->v[at], t, s, r->metric, at);
	take_raters(j, t, s, scratch);
	return j;
}

/* ---- the judge against people ---- */

/* Of the cases that people gave this label, the share that the judge gave it too.  A case without a label may be
 * among them, on the wrong side. */
static int skill(struct bounds *out, const struct judging *j, signed char label, double risk, struct arena *scratch,
		 struct err *err)
{
	struct unit u = { .v = arena_array(scratch, struct unit_obs, j->n + 1), .binary = true };
	for (size_t i = 0; i < j->n; i++) {
		const struct judged_case *c = &j->v[i];
		bool open = c->label < 0 || c->verdict < 0;
		if (c->label >= 0 && c->label != label)
			continue;
		u.v[u.n++] = (struct unit_obs){
			.lo = open ? 0 : c->verdict == label,
			.hi = open ? 1 : c->verdict == label,
			.cluster = c->cluster,
			.weight = 1,
		};
	}
	unit_finish(&u, scratch);
	return unit_bounds(out, &u, risk, scratch, err);
}

/* What has no verdict or no label agrees with nobody. */
static double kappa_of(const struct judging *j)
{
	int64_t table[4] = { 0 };
	for (size_t i = 0; i < j->n; i++) {
		int label = j->v[i].label, verdict = j->v[i].verdict;
		if (label < 0 && verdict < 0)
			label = 1;
		if (label < 0)
			label = !verdict;
		if (verdict < 0)
			verdict = !label;
		table[verdict * 2 + label]++;
	}
	return j->n ? cohen_kappa(table, 2, KAPPA_PLAIN) : (double)NAN;
}

static int measure(struct judged *out, const struct judging *j, double risk, struct arena *scratch, struct err *err)
{
	*out = (struct judged){ .kappa = kappa_of(j), .alpha = NAN };
	for (size_t i = 0; i < j->n; i++) {
		out->good += j->v[i].label == 1;
		out->bad += j->v[i].label == 0;
		out->disputed += j->v[i].label < 0;
		out->unscored += j->v[i].verdict < 0;
	}
	if (j->raters > 1)
		out->alpha = krippendorff_alpha(scratch, j->rated, j->raters, j->n, ALPHA_NOMINAL);
	if (skill(&out->sensitivity, j, 1, risk, scratch, err) || skill(&out->specificity, j, 0, risk, scratch, err))
		return -1;
	const struct judge_demand *d = j->demand;
	out->met = d->asked && out->good >= LABELS_LEAST && out->bad >= LABELS_LEAST &&
		   out->sensitivity.lower >= d->min_good && out->specificity.lower >= d->min_bad &&
		   (d->min_agreement <= 0 || out->kappa >= d->min_agreement) &&
		   out->sensitivity.lower + out->specificity.lower > 1;
	return 0;
}

static struct judged *measured(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err)
{
	if (!k->judging->labelled || out->judge)
		return out->judge;
	struct judged *j = arena_new(ask->arena, struct judged);
	if (measure(j, k->judging, ask->alpha / 3, ask->scratch, err))
		return NULL;
	out->judge = j;
	return j;
}

/* ---- shares ---- */

bool judged_corrects(const struct row *r, const struct judging *j)
{
	return j && j->demand->asked && j->labelled && use_of(r) == USE_SHARE;
}

static struct bounds turned(struct bounds b, bool turn)
{
	return turn ? (struct bounds){ 1 - b.estimate, 1 - b.upper, 1 - b.lower } : b;
}

/* Judged answers and labelled ones alike, with 1 for what the row counts. */
static struct bounds powered(const struct rule_ask *ask, const struct taken *k)
{
	const struct judging *j = k->judging;
	const struct row *r = ask->row;
	double *judged = arena_array(ask->scratch, double, k->n + 1);
	double *of_judge = arena_array(ask->scratch, double, j->n + 1);
	double *of_human = arena_array(ask->scratch, double, j->n + 1);
	bool good = counts_good(r);
	size_t n = 0, m = 0;
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].scored)
			judged[n++] = metric_passes(r->metric, k->v[i].value) == good;
	for (size_t i = 0; i < j->n; i++) {
		if (j->v[i].label < 0 || j->v[i].verdict < 0)
			continue;
		of_judge[m] = (j->v[i].verdict == 1) == good;
		of_human[m++] = (j->v[i].label == 1) == good;
	}
	return ppi_mean(judged, n, of_judge, of_human, m, ask->alpha);
}

int judged_correct(struct bounds *b, struct ruling *out, const struct rule_ask *ask, const struct taken *k,
		   struct err *err)
{
	if (!judged_corrects(ask->row, k->judging))
		return 0;
	struct judged *j = measured(out, ask, k, err);
	if (!j)
		return -1;
	bool turn = !counts_good(ask->row);
	j->corrects = true;
	j->share = *b;
	j->corrected = turned(judged_bounds(turned(*b, turn), j->sensitivity, j->specificity), turn);
	j->powered = powered(ask, k);
	b->lower = j->corrected.lower;
	b->upper = j->corrected.upper;
	return 0;
}

/* ---- against the baseline ---- */

static int paired_at(struct ruling *out, const struct rule_ask *ask, const struct taken *k, double margin,
		     struct err *err)
{
	struct threshold t = *ask->row->t;
	struct row r = *ask->row;
	struct rule_ask again = *ask;
	t.bound.value = margin;
	r.t = &t;
	again.row = &r;
	again.alpha = ask->alpha / 3;
	return paired_decide(out, &again, k, err);
}

/* The judged difference is the true one times the skill.  A pass must hold at the least favourable skill, and so must
 * a failure; each at a third of the risk, the other two are the skill's. */
static int paired_margin(struct ruling *out, const struct rule_ask *ask, const struct taken *k,
			 const struct judged *j, struct err *err)
{
	const struct threshold *t = ask->row->t;
	double least = fmax(j->sensitivity.lower + j->specificity.lower - 1, 0);
	double most = j->sensitivity.upper + j->specificity.upper - 1;
	bool slack = threshold_wants_high(t) == (t->bound.change == '-');
	struct ruling fails = *out;
	if (paired_at(out, ask, k, t->bound.value * (slack ? least : most), err) ||
	    paired_at(&fails, ask, k, t->bound.value * (slack ? most : least), err))
		return -1;
	if (out->verdict == VERDICT_FAIL)
		out->verdict = VERDICT_UNDECIDED;
	if (fails.verdict == VERDICT_FAIL && out->verdict != VERDICT_PASS)
		*out = fails;
	return 0;
}

int judged_paired(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err)
{
	const struct judging *j = k->judging;
	bool margin = ask->row->t->bound.change && ask->row->t->bound.change != '*';
	if (!j->demand->asked || !j->labelled || !margin || use_of(ask->row) != USE_COMPARED)
		return paired_decide(out, ask, k, err);
	struct judged *m = measured(out, ask, k, err);
	return m ? paired_margin(out, ask, k, m, err) : -1;
}

/* ---- words ---- */

static void say(struct ruling *out, const struct rule_ask *ask, const char *note)
{
	out->note = out->note ? arena_fmt(ask->arena, "%s; %s", out->note, note) : arena_cstr(ask->arena, str_c(note));
}

static const char *share(double x, struct arena *a)
{
	return isnan(x) ? "not known" : arena_fmt(a, "%.3f", x);
}

/* Why this judge decides nothing; NULL when it may. */
static const char *falls_short(const struct judged *j, const struct judge_demand *d, struct arena *a)
{
	if (j->good < LABELS_LEAST || j->bad < LABELS_LEAST)
		return arena_fmt(a, "judge: %zu good and %zu bad labels, at least %d of each are needed", j->good, j->bad,
				 LABELS_LEAST);
	if (!(j->sensitivity.lower >= d->min_good))
		return arena_fmt(a, "judge: sensitivity %s (lower bound %.3f) is below min_good %g",
				 share(j->sensitivity.estimate, a), j->sensitivity.lower, d->min_good);
	if (!(j->specificity.lower >= d->min_bad))
		return arena_fmt(a, "judge: specificity %s (lower bound %.3f) is below min_bad %g",
				 share(j->specificity.estimate, a), j->specificity.lower, d->min_bad);
	if (d->min_agreement > 0 && !(j->kappa >= d->min_agreement))
		return arena_fmt(a, "judge: kappa %s is below min_agreement %g", share(j->kappa, a), d->min_agreement);
	if (!j->met)
		return arena_fmt(a, "judge: no better than chance for all its labels show: sensitivity %s (lower bound "
				    "%.3f), specificity %s (lower bound %.3f)",
				 share(j->sensitivity.estimate, a), j->sensitivity.lower,
				 share(j->specificity.estimate, a), j->specificity.lower);
	return NULL;
}

static const char *no_labels(const struct judging *j)
{
	return j->pooled ? "pooled over suites, and each has a judge of its own: name one suite" :
			   "the policy's `judge:` asks for labelled answers, and the metric has no `calibration`";
}

static const char *figures(const struct judged *j, struct arena *a)
{
	const char *alpha = isnan(j->alpha) ? "" : arena_fmt(a, ", people among themselves alpha %.2f", j->alpha);
	return arena_fmt(a, "judge: sensitivity %s (lower bound %.3f), specificity %s (%.3f), kappa %s by %zu labels%s",
			 share(j->sensitivity.estimate, a), j->sensitivity.lower, share(j->specificity.estimate, a),
			 j->specificity.lower, share(j->kappa, a), j->good + j->bad, alpha);
}

static void say_corrected(struct ruling *out, const struct rule_ask *ask, const struct judged *j)
{
	struct bounds sure = { j->share.estimate, j->share.estimate, j->share.estimate };
	bool turn = !counts_good(ask->row);
	struct bounds ever = turned(judged_bounds(turned(sure, turn), j->sensitivity, j->specificity), turn);
	double bar = ask->row->t->bound.value;
	say(out, ask, arena_fmt(ask->scratch, "judged %.3f, corrected for the judge's errors %.3f", j->share.estimate,
				j->corrected.estimate));
	if (out->verdict == VERDICT_UNDECIDED && ever.lower < bar && ever.upper >= bar)
		say(out, ask, "more labels, not more cases, would narrow it");
}

static void settle_demanded(struct ruling *out, const struct rule_ask *ask, const struct taken *k,
			    const struct judged *j)
{
	enum use use = use_of(ask->row);
	const char *why = j ? falls_short(j, k->judging->demand, ask->scratch) : no_labels(k->judging);
	if (use == USE_NONE)
		why = no_use(ask->row);
	if (why) {
		out->verdict = VERDICT_UNDECIDED;
		out->needed = -1;
		out->note = NULL; /* more cases would not help */
		say(out, ask, why);
		return;
	}
	if (use == USE_OBSERVED)
		say(out, ask, "what the judge said, not corrected for its errors");
	if (use == USE_COMPARED)
		say(out, ask, arena_fmt(ask->scratch, "a difference of judged shares: the true one is %.2f to %.2f times as large",
					1 / (j->sensitivity.upper + j->specificity.upper - 1),
					1 / (j->sensitivity.lower + j->specificity.lower - 1)));
	if (j->corrects && !isnan(j->share.estimate))
		say_corrected(out, ask, j);
	say(out, ask, figures(j, ask->scratch));
	say(out, ask, "labels are taken to be like these answers");
}

int judged_settle(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err)
{
	const struct judging *j = k->judging;
	if (!j)
		return 0;
	struct judged *m = measured(out, ask, k, err);
	if (!m && j->labelled)
		return -1;
	if (j->demand->asked)
		settle_demanded(out, ask, k, m);
	else if (m)
		say(out, ask, arena_fmt(ask->scratch, "%s; not corrected: the policy has no `judge:`",
					figures(m, ask->scratch)));
	else
		say(out, ask, "the judge is not calibrated");
	return 0;
}

/* ---- record ---- */

static json_t *number(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static void put_interval(json_t *o, const char *key, struct bounds b)
{
	json_object_set_new(o, key, json_pack("{s:o, s:o, s:o}", "estimate", number(b.estimate), "lower",
					      number(b.lower), "upper", number(b.upper)));
}

const json_t *judged_json(const struct judged *j, struct arena *a)
{
	if (!j)
		return NULL;
	json_t *o = arena_json(a, json_object());
	json_object_set_new(o, "good", json_integer((json_int_t)j->good));
	json_object_set_new(o, "bad", json_integer((json_int_t)j->bad));
	json_object_set_new(o, "disputed", json_integer((json_int_t)j->disputed));
	json_object_set_new(o, "unscored", json_integer((json_int_t)j->unscored));
	put_interval(o, "sensitivity", j->sensitivity);
	put_interval(o, "specificity", j->specificity);
	json_object_set_new(o, "kappa", number(j->kappa));
	if (!isnan(j->alpha))
		json_object_set_new(o, "alpha", number(j->alpha));
	json_object_set_new(o, "met", json_boolean(j->met));
	if (!j->corrects)
		return o;
	put_interval(o, "judged", j->share);
	put_interval(o, "corrected", j->corrected);
	put_interval(o, "powered", j->powered);
	return o;
}

/* ---- the plan ---- */

void judged_check(const struct row *r, const struct judge_demand *demand, struct pos at, struct diags *d)
{
	if (!r->metric || !r->metric->judged || !demand->asked || !r->t->blocking || use_of(r) != USE_NONE)
		return;
	diag_add(d, at, "judge-share", "'%s' is a judge's word, and this threshold on it can never be decided", r->label);
	diag_hint(d, "%s", no_use(r));
}

static const char *out_of_reach(const struct rule_ask *ask, const struct ruling *best)
{
	bool high = threshold_wants_high(ask->row->t);
	return arena_fmt(ask->arena,
			 "unreachable: %zu perfect case%s and a judge that is right on all %zu labels cannot prove it: the "
			 "%s bar they can prove is %.4f; more labels, more cases, or `decide: observed`",
			 best->clusters, num_s(best->clusters), best->judge->good + best->judge->bad,
			 high ? "highest" : "lowest", high ? best->lower : best->upper);
}

static bool perfect_passes(const struct rule_ask *ask, const struct judged *m, int64_t n)
{
	bool high = threshold_wants_high(ask->row->t), turn = !counts_good(ask->row);
	double risk = ask->alpha / 3, bar = ask->row->t->bound.value;
	struct bounds b = high ? (struct bounds){ 1, cp_lower(n, n, risk), 1 } :
				 (struct bounds){ 0, 0, cp_upper(0, n, risk) };
	b = turned(judged_bounds(turned(b, turn), m->sensitivity, m->specificity), turn);
	return rule_compare(ask->row->t->op, bar, b.lower, b.upper) == VERDICT_PASS;
}

int judged_needed(int64_t *needed, const struct rule_ask *ask, const struct judging *j, struct err *err)
{
	struct judged m;
	int64_t lo = 0, hi = DECIDE_CASES_MAX;
	*needed = -1;
	if (measure(&m, j, ask->alpha / 3, ask->scratch, err))
		return -1;
	if (!perfect_passes(ask, &m, hi))
		return 0;
	while (hi - lo > 1) {
		int64_t mid = lo + (hi - lo) / 2;
		if (perfect_passes(ask, &m, mid))
			hi = mid;
		else
			lo = mid;
	}
	*needed = hi;
	return 0;
}

int judged_unreachable(const char **why, const struct rule_ask *ask, const struct judging *j,
		       const struct ruling *best, struct err *err)
{
	struct judged m;
	*why = NULL;
	if (!j || !j->demand->asked || use_of(ask->row) == USE_NONE)
		return 0;
	if (!j->labelled) {
		*why = arena_fmt(ask->arena, "unreachable: %s", no_labels(j));
		return 0;
	}
	if (measure(&m, j, ask->alpha / 3, ask->scratch, err))
		return -1;
	const char *shortfall = falls_short(&m, j->demand, ask->scratch);
	if (shortfall)
		*why = arena_fmt(ask->arena, "unreachable, were the judge right on every label; %s", shortfall);
	else if (best && best->judge && best->verdict != VERDICT_PASS)
		*why = out_of_reach(ask, best);
	return 0;
}
