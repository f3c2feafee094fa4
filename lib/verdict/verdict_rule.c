#include "verdict/verdict_rule.h"

#include "base/num.h"
#include "verdict/verdict_evidence.h"
#include "verdict/verdict_observed.h"
#include "verdict/verdict_paired.h"
#include "verdict/verdict_power.h"
#include "verdict/verdict_quantile.h"
#include "verdict/verdict_unit.h"

#include <math.h>

enum verdict_kind rule_compare(enum threshold_op op, double bound, double lower, double upper)
{
	bool pass = false, fail = false;
	switch (op) {
	case OP_GE:
		pass = lower >= bound;
		fail = upper < bound;
		break;
	case OP_GT:
		pass = lower > bound;
		fail = upper <= bound;
		break;
	case OP_LE:
		pass = upper <= bound;
		fail = lower > bound;
		break;
	case OP_LT:
		pass = upper < bound;
		fail = lower >= bound;
		break;
	case OP_EQ:
		pass = lower == bound && upper == bound;
		fail = lower > bound || upper < bound;
		break;
	case OP_NOT_BELOW:
	case OP_NOT_ABOVE:
		break; /* there is no baseline to compare with */
	}
	return pass ? VERDICT_PASS : fail ? VERDICT_FAIL : VERDICT_UNDECIDED;
}

/* Whatever was seen, had it been perfect. */
static void make_perfect(struct unit *u, double value)
{
	for (size_t i = 0; i < u->n; i++)
		u->v[i].lo = u->v[i].hi = value;
}

/* ---- the rules ---- */

/* The bound on the unit's own scale. */
static struct rule_bar bar_of(const struct row *r)
{
	const struct threshold *t = r->t;
	struct rule_bar b = { .op = t->op, .at = t->bound.value };
	if (t->agg == AGG_QUANTILE) {
		/* p95 <= b: P(X <= b) >= 0.95.  p95 >= b: P(X < b) <= 0.95. */
		b.op = threshold_wants_high(t) ? OP_LE : OP_GE;
		b.at = t->q;
	} else if (!row_is_score(r)) {
		b.at = (b.at - r->lo) / (r->hi - r->lo);
	}
	return b;
}

static void say(struct ruling *out, const struct rule_ask *ask, const char *note)
{
	out->note = out->note ? arena_fmt(ask->arena, "%s; %s", out->note, note)
			      : arena_cstr(ask->arena, str_c(note));
}

static const char *method_of(const struct row *r, const struct unit *u, bool judged)
{
	bool exact = unit_is_exact(u);
	if (judged)
		return exact ? "judge-corrected" : "judge-corrected, betting";
	if (r->t->agg == AGG_QUANTILE)
		return exact ? "rate-test" : "rate-test, betting";
	return exact ? "clopper-pearson" : "betting";
}

static double finite_or_nan(double x)
{
	return isfinite(x) ? x : NAN;
}

static int quantile_values(struct ruling *out, const struct rule_ask *ask, const struct taken *k,
			   const struct unit *u, struct err *err)
{
	struct bounds b;
	if (verdict_quantile(&b, ask->row, k, u, ask->alpha, ask->scratch, err))
		return -1;
	out->estimate = b.estimate;
	out->lower = b.lower;
	out->upper = b.upper;
	return 0;
}

static void look_ahead(struct ruling *out, const struct rule_ask *ask, const struct unit *u,
		       const struct rule_bar *bar)
{
	bool at_least = bar->op == OP_GE || bar->op == OP_GT;
	out->needed = unit_needed(u, at_least, bar->at, ask->alpha, ask->scratch);
	char n[32];
	if (out->needed == 0) {
		say(out, ask, "the truth may lie on the bar: no number of cases is sure to decide");
	} else if (out->needed > (int64_t)u->clusters) {
		verdict_count_text(n, (uint64_t)out->needed);
		say(out, ask, arena_fmt(ask->scratch, "≈ %s case%s at this rate would decide", n,
					num_s((uint64_t)out->needed)));
	} else if (u->open) {
		verdict_count_text(n, out->unscored);
		say(out, ask, arena_fmt(ask->scratch, "%s unscored could turn it", n));
	}
}

static int decide_unit(struct ruling *out, const struct rule_ask *ask, const struct taken *k,
		       struct unit *u, struct err *err)
{
	const struct row *r = ask->row;
	struct rule_bar bar = bar_of(r);
	struct bounds b;
	bool judged = judged_corrects(r, k->judging);
	unit_finish(u, ask->scratch);
	if (unit_bounds(&b, u, judged ? ask->alpha / 3 : ask->alpha, ask->scratch, err) ||
	    judged_correct(&b, out, ask, k, err))
		return -1;
	out->method = method_of(r, u, judged);
	out->clusters = u->clusters;
	out->verdict = u->n && !k->bad ? rule_compare(bar.op, bar.at, b.lower, b.upper)
				       : VERDICT_UNDECIDED;
	double scale = row_is_score(r) ? 1 : r->hi - r->lo;
	double zero = row_is_score(r) ? 0 : r->lo;
	out->estimate = zero + scale * b.estimate;
	out->lower = zero + scale * b.lower;
	out->upper = zero + scale * b.upper;
	if (r->t->agg != AGG_QUANTILE && !judged)
		out->detects = scale * power_of_unit(u, &b, bar.op == OP_GE || bar.op == OP_GT, bar.at, ask->alpha,
							  ask->scratch);
	out->hits = (double)u->hits;
	out->counted = unit_is_exact(u) && r->t->agg != AGG_QUANTILE;
	if (out->counted)
		out->scored = u->n - u->open; /* cases, for pass^k and `require` */
	if (ask->look_ahead && out->verdict == VERDICT_UNDECIDED && !k->bad && !judged)
		look_ahead(out, ask, u, &bar);
	return 0;
}

/* Nothing that was not measured, and nothing that is no value, ever decides. */
static void guard(struct ruling *out, const struct rule_ask *ask, const struct taken *k)
{
	if (k->bad) {
		out->verdict = VERDICT_UNDECIDED;
		out->estimate = out->lower = out->upper = NAN;
		say(out, ask,
		    arena_fmt(ask->scratch, "%zu scored value%s no number or out of range", k->bad,
			      k->bad == 1 ? " is" : "s are"));
	} else if (!k->n) {
		out->verdict = VERDICT_UNDECIDED;
		say(out, ask, k->absent ? "no sample has a value of it" : "no sample");
	} else if (!k->scored && ask->row->t->agg != AGG_COUNT) {
		out->verdict = VERDICT_UNDECIDED;
		out->estimate = NAN;
		say(out, ask, "no sample was scored");
	}
}

static struct ruling ruling_of(const struct taken *k)
{
	return (struct ruling){
		.verdict = VERDICT_UNDECIDED,
		.estimate = NAN,
		.lower = NAN,
		.upper = NAN,
		.n = k->n - k->surplus,
		.clusters = k->n,
		.scored = k->scored,
		.unscored = k->unscored - k->surplus,
		.surplus = k->surplus,
		.absent = k->absent,
		.quarantined = k->quarantined,
		.method = "none",
		.detects = NAN,
		.needed = -1,
	};
}

/* A bad value would end betting_init with an error; it is evidence of nothing instead. */
static void drop_bad(struct taken *k)
{
	if (!k->bad)
		return;
	for (size_t i = 0; i < k->n; i++)
		k->v[i].scored = k->v[i].old_scored = false;
	k->scored = k->old_scored = 0;
}

void rule_unit(struct unit *out, struct rule_bar *bar, const struct rule_ask *ask, const struct taken *k)
{
	*out = evidence_unit(ask->row, k, ask->row->t->bound.value, ask->scratch);
	unit_finish(out, ask->scratch);
	*bar = bar_of(ask->row);
}

static int decide_by_rule(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err)
{
	const struct row *r = ask->row;
	if (threshold_needs_baseline(r->t)) {
		if (k->judging ? judged_paired(out, ask, k, err) : paired_decide(out, ask, k, err))
			return -1;
		guard(out, ask, k);
		return 0;
	}
	if (row_is_observed(r)) {
		struct observed o = observed_values(r, k, ask->scratch);
		out->verdict = rule_compare(r->t->op, r->t->bound.value, o.lower, o.upper);
		out->estimate = o.estimate;
		out->lower = finite_or_nan(o.lower);
		out->upper = finite_or_nan(o.upper);
		out->method = "observed";
		guard(out, ask, k);
		return 0;
	}
	struct unit u = evidence_unit(r, k, r->t->bound.value, ask->scratch);
	if (decide_unit(out, ask, k, &u, err))
		return -1;
	if (r->t->agg == AGG_QUANTILE && quantile_values(out, ask, k, &u, err))
		return -1;
	guard(out, ask, k);
	return 0;
}

int rule_decide(struct ruling *out, const struct rule_ask *ask, const struct taken *taken,
		struct err *err)
{
	struct taken k = *taken;
	*out = ruling_of(&k);
	drop_bad(&k);
	return decide_by_rule(out, ask, &k, err) || judged_settle(out, ask, &k, err) ? -1 : 0;
}

int rule_at_best(struct ruling *out, const struct rule_ask *ask, const struct taken *k,
		 struct err *err)
{
	const struct row *r = ask->row;
	struct rule_bar bar = bar_of(r);
	*out = ruling_of(k);
	if (threshold_needs_baseline(r->t))
		return paired_at_best(out, ask, k, err);
	struct unit u = evidence_unit(r, k, 0, ask->scratch);
	make_perfect(&u, bar.op == OP_GE || bar.op == OP_GT);
	return decide_unit(out, ask, k, &u, err);
}
