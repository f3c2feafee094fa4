#include "verdict/verdict_judged.h"

#include "base/limits.h"
#include "base/num.h"
#include "stat/agreement.h"
#include "stat/ppi.h"
#include "verdict/verdict_paired.h"
#include "verdict/verdict_take.h"
#include "verdict/verdict_unit.h"

#include <math.h>

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

static struct judged *measured(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err)
{
	if (!k->judging->labelled || out->judge)
		return out->judge;
	struct judged *j = arena_new(ask->arena, struct judged);
	if (judging_measure(j, k->judging, ask->alpha / 3, ask->scratch, err))
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
	out->detects = NAN; /* the judge's own errors are not in it */
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
	if (j->good < LABELS_EACH_LEAST || j->bad < LABELS_EACH_LEAST)
		return arena_fmt(a, "judge: %zu good and %zu bad labels, at least %d of each are needed", j->good, j->bad,
				 LABELS_EACH_LEAST);
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
	if (judging_measure(&m, j, ask->alpha / 3, ask->scratch, err))
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
	if (judging_measure(&m, j, ask->alpha / 3, ask->scratch, err))
		return -1;
	const char *shortfall = falls_short(&m, j->demand, ask->scratch);
	if (shortfall)
		*why = arena_fmt(ask->arena, "unreachable, were the judge right on every label; %s", shortfall);
	else if (best && best->judge && best->verdict != VERDICT_PASS)
		*why = out_of_reach(ask, best);
	return 0;
}
