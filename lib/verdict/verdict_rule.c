#include "verdict/verdict_rule.h"

#include "base/num.h"
#include "stat/passk.h"
#include "stat/quantile.h"
#include "verdict/verdict_observed.h"
#include "verdict/verdict_paired.h"
#include "verdict/verdict_unit.h"

#include <math.h>
#include <stdlib.h>

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

/* ---- samples to a unit ---- */

/* Is x on the side of the bound that the share of a percentile counts?  p95 <= b speaks of
 * P(X <= b), p95 >= b of P(X < b). */
static bool below(enum threshold_op op, double x, double b)
{
	return op == OP_LE || op == OP_GT ? x <= b : x < b;
}

static double sample_value(const struct row *r, double x, double bound)
{
	switch (r->t->agg) {
	case AGG_RATE:
		return x >= r->metric->cut;
	case AGG_PASS:
	case AGG_PASS_AT:
	case AGG_PASS_ALL:
		return metric_passes(r->metric, x);
	case AGG_QUANTILE:
		return below(r->t->op, x, bound);
	case AGG_MEAN:
	case AGG_MIN:
	case AGG_MAX:
	case AGG_SUM:
	case AGG_COUNT:
	case AGG_SPEND:
		break;
	}
	return row_is_score(r) ? x : (x - r->lo) / (r->hi - r->lo);
}

static bool is_pass_k(const struct row *r)
{
	return r->t->agg == AGG_PASS_AT || r->t->agg == AGG_PASS_ALL;
}

static struct unit unit_of(const struct row *r, const struct taken *k, double bound,
			   struct arena *scratch)
{
	struct unit u = {
		.v = arena_array(scratch, struct unit_obs, k->n + 1),
		.n = k->n,
		.weighted = k->weighted,
		.binary = r->t->agg != AGG_MEAN || r->metric->kind == METRIC_BINARY,
	};
	for (size_t i = 0; i < k->n; i++) {
		const struct take *s = &k->v[i];
		double x = s->scored ? sample_value(r, s->value, bound) : 0;
		u.v[i] = (struct unit_obs){
			.lo = x, .hi = s->scored ? x : 1, .cluster = s->cluster, .weight = s->weight
		};
	}
	return u;
}

/* pass@k and pass^k: one value a case, its unscored repeats failing at the low end. */
static double of_case(const struct row *r, int64_t n, int64_t c)
{
	int64_t k = r->t->k;
	return r->t->agg == AGG_PASS_AT ? passk_any(n, c, k) : passk_all(n, c, k);
}

static struct unit unit_of_cases(const struct row *r, const struct taken *k, struct arena *scratch)
{
	struct unit u = unit_of(r, k, 0, scratch);
	size_t n = 0, to;
	for (size_t from = 0; from < k->n; from = to) {
		int64_t low = 0, high = 0;
		struct unit_obs first = u.v[from];
		for (to = from; to < k->n && k->v[to].tcase == k->v[from].tcase; to++) {
			low += u.v[to].lo == 1;
			high += u.v[to].hi == 1;
		}
		int64_t repeats = (int64_t)(to - from);
		first.lo = 0;
		first.hi = 1;
		u.binary &= repeats == (int64_t)r->t->k;
		if (repeats >= (int64_t)r->t->k) {
			first.lo = of_case(r, repeats, low);
			first.hi = of_case(r, repeats, high);
		}
		u.v[n++] = first;
	}
	u.n = n;
	return u;
}

/* Whatever was seen, had it been perfect. */
static void make_perfect(struct unit *u, double value)
{
	for (size_t i = 0; i < u->n; i++)
		u->v[i].lo = u->v[i].hi = value;
}

/* ---- the rules ---- */

struct bar {
	enum threshold_op op;
	double at;
};

/* The bound on the unit's own scale. */
static struct bar bar_of(const struct row *r)
{
	const struct threshold *t = r->t;
	struct bar b = { .op = t->op, .at = t->bound.value };
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

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double finite_or_nan(double x)
{
	return isfinite(x) ? x : NAN;
}

/* Does the row's rule show that the percentile is at most (at least) x?  For bounds of clustered
 * samples, by asking the rule itself. */
static int shows(bool *out, const struct rule_ask *ask, const struct taken *k, bool at_most,
		 double x, struct err *err)
{
	struct arena_mark mark = arena_mark(ask->scratch);
	struct threshold t = *ask->row->t;
	struct row r = *ask->row;
	t.op = at_most ? OP_LE : OP_GE;
	r.t = &t;
	struct unit u = unit_of(&r, k, x, ask->scratch);
	unit_finish(&u, ask->scratch);
	if (unit_shows(out, &u, at_most, t.q, ask->alpha, ask->scratch, err))
		return -1;
	arena_rewind(ask->scratch, mark);
	return 0;
}

/* The smallest value shown to be an upper bound, or the largest shown to be a lower one. */
static int search_bound(double *out, const struct rule_ask *ask, const struct taken *k,
			const double *v, size_t n, bool upper, struct err *err)
{
	size_t lo = 0, hi = n; /* upper: first index that shows; lower: one past the last */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		bool yes;
		if (shows(&yes, ask, k, upper, v[mid], err))
			return -1;
		if (yes == upper)
			hi = mid;
		else
			lo = mid + 1;
	}
	*out = upper ? (lo < n ? v[lo] : NAN) : (lo > 0 ? v[lo - 1] : NAN);
	return 0;
}

static int quantile_values(struct ruling *out, const struct rule_ask *ask, const struct taken *k,
			   const struct unit *u, struct err *err)
{
	double *v = arena_array(ask->scratch, double, k->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].scored)
			v[n++] = k->v[i].value;
	qsort(v, n, sizeof *v, ascending);
	struct bounds b = quantile_bounds(v, n, k->unscored, ask->row->t->q, ask->alpha);
	out->estimate = b.estimate;
	out->lower = finite_or_nan(b.lower);
	out->upper = finite_or_nan(b.upper);
	if (unit_is_exact(u))
		return 0;
	return search_bound(&out->lower, ask, k, v, n, false, err) ||
			       search_bound(&out->upper, ask, k, v, n, true, err)
		       ? -1
		       : 0;
}

static void look_ahead(struct ruling *out, const struct rule_ask *ask, const struct unit *u,
		       const struct bar *bar)
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
	struct bar bar = bar_of(r);
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
	out->hits = (double)u->hits;
	out->counted = unit_is_exact(u) && r->t->agg != AGG_QUANTILE;
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
		.n = k->n,
		.clusters = k->n,
		.scored = k->scored,
		.unscored = k->unscored,
		.absent = k->absent,
		.quarantined = k->quarantined,
		.method = "none",
		.needed = -1,
	};
}

/* A bad value would end betting_init with an error; it is evidence of nothing instead. */
static void drop_bad(struct taken *k)
{
	if (!k->bad)
		return;
	for (size_t i = 0; i < k->n; i++)
		k->v[i].scored = false;
	k->scored = 0;
}

static int decide_by_rule(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err)
{
	const struct row *r = ask->row;
	if (threshold_needs_baseline(r->t))
		return k->judging ? judged_paired(out, ask, k, err) : paired_decide(out, ask, k, err);
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
	struct unit u = is_pass_k(r) ? unit_of_cases(r, k, ask->scratch)
				     : unit_of(r, k, r->t->bound.value, ask->scratch);
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
	struct bar bar = bar_of(r);
	*out = ruling_of(k);
	struct unit u =
		is_pass_k(r) ? unit_of_cases(r, k, ask->scratch) : unit_of(r, k, 0, ask->scratch);
	make_perfect(&u, bar.op == OP_GE || bar.op == OP_GT);
	return decide_unit(out, ask, k, &u, err);
}
