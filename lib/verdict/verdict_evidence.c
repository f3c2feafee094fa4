#include "verdict/verdict_evidence.h"

#include "stat/passk.h"

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

void evidence_fill(struct unit_obs *v, const struct row *r, const struct taken *k, double bound)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct take *s = &k->v[i];
		double x = s->scored ? sample_value(r, s->value, bound) : 0;
		v[i] = (struct unit_obs){
			.lo = x, .hi = s->scored ? x : 1, .cluster = s->cluster, .weight = s->weight,
			.same = s->same
		};
	}
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
	evidence_fill(u.v, r, k, bound);
	return u;
}

int64_t evidence_repeats(const struct row *r)
{
	return r->t->require ? (int64_t)r->t->require_of : (int64_t)r->t->k;
}

double evidence_of_case(const struct row *r, int64_t n, int64_t c)
{
	int64_t k = r->t->k;
	if (r->t->require)
		return c >= (int64_t)r->t->require;
	return r->t->agg == AGG_PASS_AT ? passk_any(n, c, k) : passk_all(n, c, k);
}

/* One value a case, its unscored repeats failing at the low end. */
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
		int64_t repeats = (int64_t)(to - from), need = evidence_repeats(r);
		first.lo = 0;
		first.hi = 1;
		u.binary &= repeats == need || r->t->require;
		if (repeats >= need) {
			first.lo = evidence_of_case(r, repeats, low);
			first.hi = evidence_of_case(r, repeats, high);
		}
		u.v[n++] = first;
	}
	u.n = n;
	return u;
}

bool evidence_of_cases(const struct row *r)
{
	return r->t->agg == AGG_PASS_AT || r->t->agg == AGG_PASS_ALL || r->t->require;
}

struct unit evidence_unit(const struct row *r, const struct taken *k, double bound, struct arena *scratch)
{
	return evidence_of_cases(r) ? unit_of_cases(r, k, scratch) : unit_of(r, k, bound, scratch);
}

struct taken evidence_old(const struct taken *k, struct arena *scratch)
{
	struct taken old = *k;
	old.v = arena_array(scratch, struct take, k->n + 1);
	old.scored = old.unscored = 0;
	for (size_t i = 0; i < k->n; i++) {
		old.v[i] = k->v[i];
		old.v[i].value = k->v[i].old;
		old.v[i].scored = k->v[i].old_scored;
		old.scored += old.v[i].scored;
		old.unscored += !old.v[i].scored;
	}
	return old;
}
