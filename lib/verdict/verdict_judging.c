#include "verdict/verdict_judging.h"

#include "base/limits.h"
#include "stat/agreement.h"
#include "verdict/verdict_unit.h"

#include <math.h>

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

const struct judging *judging_take(const struct row *r, const struct verdict_table *t, bool planned,
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

int judging_measure(struct judged *out, const struct judging *j, double risk, struct arena *scratch, struct err *err)
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
	out->met = d->asked && out->good >= LABELS_EACH_LEAST && out->bad >= LABELS_EACH_LEAST &&
		   out->sensitivity.lower >= d->min_good && out->specificity.lower >= d->min_bad &&
		   (d->min_agreement <= 0 || out->kappa >= d->min_agreement) &&
		   out->sensitivity.lower + out->specificity.lower > 1;
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

const json_t *judging_json(const struct judged *j, struct arena *a)
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
