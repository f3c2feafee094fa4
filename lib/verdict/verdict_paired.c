#include "verdict/verdict_paired.h"

#include "base/limits.h"
#include "base/num.h"
#include "stat/margin.h"
#include "stat/quantile.h"
#include "stat/special.h"
#include "verdict/verdict_evidence.h"
#include "verdict/verdict_observed.h"
#include "verdict/verdict_power.h"
#include "verdict/verdict_quantile.h"
#include "verdict/verdict_versus.h"

#include <float.h>
#include <math.h>

bool paired_same_holds(const struct threshold *t)
{
	bool high = threshold_wants_high(t), strict = t->op == OP_GT || t->op == OP_LT;
	double x = t->bound.value;
	switch (t->bound.change) {
	case '+':
		return x == 0 ? !strict : high == (x < 0);
	case '-':
		return x == 0 ? !strict : high == (x > 0);
	case '*':
		return x == 1 ? !strict : high == (x < 1);
	default:
		return !strict;
	}
}

static void say(struct ruling *out, const struct versus *v, const char *note)
{
	struct arena *a = v->ask->arena;
	out->note = out->note ? arena_fmt(a, "%s; %s", out->note, note) : arena_cstr(a, str_c(note));
}

static const char *word(const struct versus *v)
{
	return v->high ? "drop" : "rise";
}

/* A difference as people read it: points of a share, else in the metric's unit. */
static const char *amount(const struct versus *v, double x)
{
	return verdict_value_text(x, row_unit(v->row), v->ask->arena);
}

/* "no drop shown": not a proof that there is none, and never said to be one. */
static void say_none_shown(struct ruling *out, const struct versus *v)
{
	double least = out->paired->least;
	if (isnan(least))
		say(out, v, arena_fmt(v->ask->scratch, "no %s shown", word(v)));
	else
		say(out, v, arena_fmt(v->ask->scratch, "no %s shown; one of %s would have been proven", word(v),
				      amount(v, least)));
}

static void say_blind(struct ruling *out, const struct versus *v)
{
	say(out, v, arena_fmt(v->ask->scratch, "too few pairs to prove any %s", word(v)));
}

static void say_open(struct ruling *out, const struct versus *v)
{
	char n[32];
	verdict_count_text(n, v->open);
	say(out, v, arena_fmt(v->ask->scratch, "%s unscored pair%s could turn it", n, num_s(v->open)));
}

/* not-below and not-above: `proven` with open sides at their best and at their worst for the row. */
static void rule_regress(struct ruling *out, const struct versus *v, bool at_best, bool at_worst, bool blind)
{
	if (at_best) {
		out->verdict = VERDICT_FAIL;
	} else if (blind) {
		say_blind(out, v);
	} else if (at_worst) {
		say_open(out, v);
	} else {
		out->verdict = VERDICT_PASS;
		say_none_shown(out, v);
	}
}

/* ---- right or wrong: counts ---- */

static struct pairs mirrored(struct pairs p)
{
	return (struct pairs){ p.n, p.lost, p.gained };
}

/* As if a larger difference were what the row wants. */
static struct pairs turned(const struct versus *v, enum versus_end end)
{
	struct pairs p = versus_counts(v, end);
	return v->high ? p : mirrored(p);
}

static void exact_regress(struct ruling *out, const struct versus *v)
{
	double alpha = v->ask->alpha;
	struct pairs worst = turned(v, VERSUS_WORST), best = turned(v, VERSUS_BEST);
	double p_best = mcnemar_drop(best), p_worst = mcnemar_drop(worst);
	out->method = "mcnemar";
	out->paired->least = mcnemar_least_drop(worst, alpha);
	rule_regress(out, v, p_best <= alpha, p_worst <= alpha, !(out->paired->least < 1));
	out->detects = out->paired->least + power_stray_pairs(versus_counts(v, VERSUS_KNOWN));
	out->paired->p = out->verdict == VERDICT_FAIL ? p_best : p_worst;
}

/* With the same share of flips: Tango's statistic grows as the root of the number of pairs. */
static void exact_look_ahead(struct ruling *out, const struct versus *v, double margin)
{
	struct pairs seen = turned(v, VERSUS_KNOWN);
	double z = tango_z(seen, margin), need = normal_quantile(1 - v->ask->alpha);
	double n = ceil((double)seen.n * (need / z) * (need / z));
	char text[32];
	if (!seen.n || isnan(z))
		return;
	out->needed = z != 0 && n <= (double)DECIDE_CASES_MAX ? (int64_t)fmax(n, 1) : 0;
	if (out->needed && out->needed <= seen.n && v->open) {
		say_open(out, v);
		out->needed = -1;
		return;
	}
	/* The exact test asks for a little more than the approximation. */
	while (out->needed && out->needed <= MARGIN_FULL_N) {
		double k = (double)out->needed / (double)seen.n;
		struct pairs more = { out->needed, llround((double)seen.gained * k), llround((double)seen.lost * k) };
		if (out->needed > seen.n &&
		    (z > 0 ? margin_above(more, margin, v->ask->alpha) : margin_below(more, margin, v->ask->alpha)))
			break;
		out->needed += 1 + out->needed / 20;
	}
	if (!out->needed) {
		say(out, v, "the truth may lie on the margin: no number of cases is sure to decide");
		return;
	}
	verdict_count_text(text, (uint64_t)out->needed);
	say(out, v, arena_fmt(v->ask->scratch, "≈ %s cases with flips as often as here would decide", text));
}

static void exact_margin(struct ruling *out, const struct versus *v)
{
	double alpha = v->ask->alpha, margin = v->high ? v->margin : -v->margin;
	struct pairs worst = turned(v, VERSUS_WORST), best = turned(v, VERSUS_BEST);
	out->method = "margin-exact";
	out->detects = power_of_pairs(versus_counts(v, VERSUS_KNOWN), alpha);
	out->paired->p = margin_above_p(worst, margin);
	if (out->paired->p <= alpha) {
		out->verdict = VERDICT_PASS;
	} else if (margin_below(best, margin, alpha)) {
		out->verdict = VERDICT_FAIL;
		out->paired->p = margin_below_p(best, margin);
	} else if (v->ask->look_ahead) {
		exact_look_ahead(out, v, margin);
	}
}

/* Tango's interval, its ends at the row's risk each, open sides at either end. */
static void show_tango(struct ruling *out, const struct versus *v)
{
	double risk = 2 * v->ask->alpha;
	struct bounds low = tango_interval(versus_counts(v, v->high ? VERSUS_WORST : VERSUS_BEST), risk);
	struct bounds high = tango_interval(versus_counts(v, v->high ? VERSUS_BEST : VERSUS_WORST), risk);
	struct pairing *p = out->paired;
	struct pairs seen = versus_counts(v, VERSUS_KNOWN);
	p->difference = seen.n ? (double)(seen.gained - seen.lost) / (double)seen.n : NAN;
	p->shown_lower = out->lower = low.lower;
	p->shown_upper = out->upper = high.upper;
	out->estimate = p->difference;
}

static void decide_exact(struct ruling *out, const struct versus *v)
{
	show_tango(out, v);
	out->clusters = v->now.clusters;
	if (v->regress)
		exact_regress(out, v);
	else
		exact_margin(out, v);
}

/* ---- graded: bounds on differences ---- */

/* Is a drop (a rise) proven by these differences? */
static int is_proven(bool *out, const struct versus *v, const struct unit *u, struct err *err)
{
	struct bounds b;
	if (unit_bounds(&b, u, v->ask->alpha, v->ask->scratch, err))
		return -1;
	double none = versus_scaled(v, 0);
	*out = v->high ? b.upper < none : b.lower > none;
	return 0;
}

/* The same with every difference as bad as it can be: is there anything that these could prove? */
static int is_blind(bool *out, const struct versus *v, const struct unit *like, struct err *err)
{
	struct unit u = *like;
	u.v = arena_array(v->ask->scratch, struct unit_obs, u.n + 1);
	for (size_t i = 0; i < u.n; i++) {
		u.v[i] = like->v[i];
		u.v[i].lo = u.v[i].hi = v->high ? 0 : 1;
	}
	unit_finish(&u, v->ask->scratch);
	bool proven;
	if (is_proven(&proven, v, &u, err))
		return -1;
	*out = !proven;
	return 0;
}

static int graded_regress(struct ruling *out, const struct versus *v, const struct unit *seen, struct err *err)
{
	bool at_best, at_worst, blind;
	struct unit worst = v->open ? versus_differences(v, VERSUS_WORST) : *seen;
	if (is_proven(&at_best, v, seen, err) || is_proven(&at_worst, v, &worst, err) ||
	    is_blind(&blind, v, seen, err))
		return -1;
	struct pairing *p = out->paired;
	p->least = v->high ? p->upper - p->difference : p->difference - p->lower;
	rule_regress(out, v, at_best, at_worst, blind);
	return 0;
}

static void graded_look_ahead(struct ruling *out, const struct versus *v, const struct unit *u, double bar)
{
	char n[32];
	out->needed = unit_needed(u, v->high, bar, v->ask->alpha, v->ask->scratch);
	if (out->needed > (int64_t)u->clusters) {
		verdict_count_text(n, (uint64_t)out->needed);
		say(out, v, arena_fmt(v->ask->scratch, "≈ %s cases with such differences would decide", n));
	} else if (out->needed == 0) {
		say(out, v, "the truth may lie on the margin: no number of cases is sure to decide");
	} else if (v->open) {
		say_open(out, v);
	}
}

static double stray_of(const struct versus *v, const struct unit *u)
{
	double z = power_stray(u, v->ask->scratch);
	return versus_unscaled(v, z) - versus_unscaled(v, 0);
}

static int decide_graded(struct ruling *out, const struct versus *v, struct err *err)
{
	struct unit u = versus_differences(v, VERSUS_KNOWN);
	struct bounds b;
	double bar = versus_scaled(v, v->margin);
	struct pairing *p = out->paired;
	if (unit_bounds(&b, &u, v->ask->alpha, v->ask->scratch, err))
		return -1;
	out->method = v->ratio == 1 ? "betting, differences" : "betting, contrast";
	out->clusters = u.clusters;
	p->difference = out->estimate = versus_unscaled(v, b.estimate);
	p->lower = out->lower = versus_unscaled(v, b.lower);
	p->upper = out->upper = versus_unscaled(v, b.upper);
	out->detects = (v->high != v->regress ? p->difference - p->lower : p->upper - p->difference) +
		       stray_of(v, &u);
	if (v->regress)
		return graded_regress(out, v, &u, err);
	out->verdict = u.n ? rule_compare(v->row->t->op, bar, b.lower, b.upper) : VERDICT_UNDECIDED;
	if (v->ask->look_ahead && out->verdict == VERDICT_UNDECIDED)
		graded_look_ahead(out, v, &u, bar);
	return 0;
}

/* ---- percentiles: a bound of each side at half the risk ---- */

/* As `k`, with what is open at the end that is given. */
static struct taken filled(const struct versus *v, const struct taken *k, double fill)
{
	struct taken out = *k;
	out.v = arena_array(v->ask->scratch, struct take, k->n + 1);
	for (size_t i = 0; i < k->n; i++) {
		out.v[i] = k->v[i];
		out.v[i].value = k->v[i].scored ? k->v[i].value : fill;
		out.v[i].scored = true;
	}
	out.scored = k->n;
	out.unscored = 0;
	return out;
}

struct sides {
	struct bounds now, was;
	double lower, upper; /* of new - ratio * old; NaN = none */
};

static int bounds_of_sides(struct sides *out, const struct versus *v, const struct taken *now,
			   const struct taken *was, struct err *err)
{
	double half = v->ask->alpha / 2;
	struct arena *scratch = v->ask->scratch;
	if (verdict_quantile(&out->now, v->row, now, &v->now, half, scratch, err) ||
	    verdict_quantile(&out->was, v->row, was, &v->was, half, scratch, err))
		return -1;
	out->lower = out->now.lower - v->ratio * out->was.upper;
	out->upper = out->now.upper - v->ratio * out->was.lower;
	return 0;
}

static int quantile_regress(struct ruling *out, const struct versus *v, const struct sides *seen, struct err *err)
{
	struct taken now = filled(v, v->k, v->high ? -DBL_MAX : DBL_MAX);
	struct taken was = filled(v, &v->old, v->high ? DBL_MAX : -DBL_MAX);
	struct sides worst;
	if (bounds_of_sides(&worst, v, &now, &was, err))
		return -1;
	bool blind = isnan(v->high ? worst.upper : worst.lower);
	double least = v->high ? seen->upper - out->estimate : out->estimate - seen->lower;
	out->paired->least = least >= 0 ? least : NAN;
	rule_regress(out, v, v->high ? seen->upper < 0 : seen->lower > 0,
		     v->high ? worst.upper < 0 : worst.lower > 0, blind);
	return 0;
}

/* Bounds of percentiles come together as the root of the number of cases. */
static void quantile_look_ahead(struct ruling *out, const struct versus *v)
{
	double gap = out->estimate - v->margin, half = gap > 0 ? out->estimate - out->lower : out->upper - out->estimate;
	double ratio = half / fabs(gap), n = ceil((double)v->k->n * ratio * ratio);
	char text[32];
	if (isnan(half)) {
		int64_t least = quantile_least_n(fmax(v->row->t->q, 1 - v->row->t->q), v->ask->alpha / 2);
		verdict_count_text(text, (uint64_t)least);
		say(out, v, arena_fmt(v->ask->scratch, "bounds of both sides take at least %s cases each", text));
	} else if (n > (double)v->k->n && n <= (double)DECIDE_CASES_MAX) {
		verdict_count_text(text, (uint64_t)n);
		out->needed = (int64_t)n;
		say(out, v, arena_fmt(v->ask->scratch, "≈ %s cases like these would decide", text));
	} else if (v->open) {
		say_open(out, v);
	} else {
		say(out, v, "the truth may lie on the margin: no number of cases is sure to decide");
	}
}

static int decide_quantile(struct ruling *out, const struct versus *v, struct err *err)
{
	struct sides s;
	struct pairing *p = out->paired;
	if (bounds_of_sides(&s, v, v->k, &v->old, err))
		return -1;
	out->method = "two-bounds";
	out->clusters = v->now.clusters;
	p->now = s.now.estimate;
	p->old = s.was.estimate;
	p->difference = out->estimate = p->now - v->ratio * p->old;
	p->lower = out->lower = s.lower;
	p->upper = out->upper = s.upper;
	if (v->regress)
		return quantile_regress(out, v, &s, err);
	out->verdict = v->k->n ? rule_compare(v->row->t->op, v->margin, s.lower, s.upper) : VERDICT_UNDECIDED;
	if (v->ask->look_ahead && out->verdict == VERDICT_UNDECIDED)
		quantile_look_ahead(out, v);
	return 0;
}

/* ---- as observed ---- */

static void decide_observed(struct ruling *out, const struct versus *v)
{
	struct observed now = observed_values(v->row, v->k, v->ask->scratch);
	struct observed was = observed_values(v->row, &v->old, v->ask->scratch);
	struct pairing *p = out->paired;
	enum threshold_op op = v->row->t->op;
	op = op == OP_NOT_BELOW ? OP_GE : op == OP_NOT_ABOVE ? OP_LE : op;
	out->method = "observed";
	p->now = now.estimate;
	p->old = was.estimate;
	p->difference = out->estimate = now.estimate - v->ratio * was.estimate;
	out->lower = now.lower - v->ratio * was.upper;
	out->upper = now.upper - v->ratio * was.lower;
	out->verdict = rule_compare(op, v->margin, out->lower, out->upper);
	if (out->verdict == VERDICT_UNDECIDED && v->open)
		say_open(out, v);
}

/* ---- all ---- */

static const char *side_text(const struct versus *v, const struct taken *k, const struct unit *u, double value)
{
	struct arena *a = v->ask->arena;
	if (unit_is_exact(u) && !row_is_observed(v->row) && v->row->t->agg != AGG_QUANTILE && u->n > u->open)
		return arena_fmt(a, "%zu/%zu", u->hits, u->n - u->open);
	return k->scored ? verdict_value_text(value, row_unit(v->row), a) : "–";
}

static double in_unit(const struct versus *v, const struct unit *u)
{
	double x = unit_estimate(u);
	bool measured = !row_is_score(v->row);
	return measured ? v->row->lo + x * (v->row->hi - v->row->lo) : x;
}

static void show_sides(struct ruling *out, const struct versus *v)
{
	struct pairing *p = out->paired;
	if (!row_is_observed(v->row) && v->row->t->agg != AGG_QUANTILE) {
		p->now = in_unit(v, &v->now);
		p->old = in_unit(v, &v->was);
	}
	p->now_text = side_text(v, v->k, &v->now, p->now);
	p->old_text = side_text(v, &v->old, &v->was, p->old);
	p->old_unscored = v->k->old_unscored;
	versus_flips(v, p);
}

static void say_missing(struct ruling *out, const struct versus *v)
{
	struct arena *a = v->ask->scratch;
	size_t aged = v->k->aged, missing = v->k->old_unscored;
	if (aged)
		say(out, v, arena_fmt(a, "%zu answer%s reused, so %s times cannot be compared: --fresh", aged,
				      aged == 1 ? " was" : "s were", aged == 1 ? "its" : "their"));
	if (missing && !v->k->old_scored && v->row->t->agg != AGG_COUNT) {
		out->verdict = VERDICT_UNDECIDED;
		say(out, v, "no answer of the baseline was scored");
	} else if (missing) {
		say(out, v, arena_fmt(a, "%zu of the baseline unscored", missing));
	}
}

static struct pairing *new_pairing(struct arena *a)
{
	struct pairing *p = arena_new(a, struct pairing);
	*p = (struct pairing){
		.now = NAN,
		.old = NAN,
		.difference = NAN,
		.lower = NAN,
		.upper = NAN,
		.shown_lower = NAN,
		.shown_upper = NAN,
		.least = NAN,
		.p = NAN,
	};
	return p;
}

static int decide_by_kind(struct ruling *out, const struct versus *v, struct err *err)
{
	if (row_is_observed(v->row)) {
		decide_observed(out, v);
		return 0;
	}
	if (v->row->t->agg == AGG_QUANTILE)
		return decide_quantile(out, v, err);
	if (!versus_is_exact(v))
		return decide_graded(out, v, err);
	decide_exact(out, v);
	return 0;
}

int paired_decide(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err)
{
	struct versus v;
	versus_init(&v, ask, k);
	out->paired = new_pairing(ask->arena);
	if (decide_by_kind(out, &v, err))
		return -1;
	show_sides(out, &v);
	say_missing(out, &v);
	return 0;
}

/* ---- before any call ---- */

/* A measurement that no bound of another side comes near. */
#define FAR 1e12

static struct taken as_scored(const struct taken *k, double now, double was, struct arena *scratch)
{
	struct taken out = *k;
	out.v = arena_array(scratch, struct take, k->n + 1);
	for (size_t i = 0; i < k->n; i++) {
		out.v[i] = k->v[i];
		out.v[i].value = now;
		out.v[i].old = was;
		out.v[i].scored = out.v[i].old_scored = true;
		out.v[i].same = false;
	}
	out.scored = out.old_scored = k->n;
	out.unscored = out.old_unscored = out.aged = 0;
	return out;
}

static void set_side(struct unit *u, double value, struct arena *scratch)
{
	for (size_t i = 0; i < u->n; i++)
		u->v[i].lo = u->v[i].hi = value;
	unit_finish(u, scratch);
}

int paired_at_best(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err)
{
	bool high = threshold_wants_high(ask->row->t);
	bool regress = ask->row->t->op == OP_NOT_BELOW || ask->row->t->op == OP_NOT_ABOVE;
	double top = row_is_score(ask->row) ? 1 : FAR;
	/* Equal sides pass not-below unless nothing could be seen; else the best is the largest change. */
	struct taken all = as_scored(k, high && !regress ? top : 0, !high && !regress ? top : 0, ask->scratch);
	struct versus v;
	versus_init(&v, ask, &all);
	if (ask->row->t->agg != AGG_QUANTILE && !row_is_observed(ask->row)) {
		set_side(&v.now, high && !regress, ask->scratch);
		set_side(&v.was, !high && !regress, ask->scratch);
	}
	out->paired = new_pairing(ask->arena);
	if (decide_by_kind(out, &v, err))
		return -1;
	if (row_is_observed(ask->row))
		out->verdict = VERDICT_PASS; /* whatever comes can be compared */
	if (!k->n)
		out->verdict = VERDICT_UNDECIDED;
	out->paired = NULL;
	out->note = NULL;
	out->estimate = out->lower = out->upper = NAN;
	return 0;
}
