#include "verdict/verdict_quantile.h"

#include "stat/ascending.h"
#include "stat/quantile.h"
#include "verdict/verdict_evidence.h"

#include <math.h>

struct search {
	const struct row *row;
	const struct taken *k;
	const struct unit *unit; /* of k, finished */
	struct unit_obs *v;	 /* room for k->n */
	double alpha;
	struct arena *scratch;
};

/* Does the row's rule show that the percentile is at most (at least) x?  For bounds of clustered
 * samples, by asking the rule itself. */
static int shows(bool *out, const struct search *s, bool at_most, double x, struct err *err)
{
	struct arena_mark mark = arena_mark(s->scratch);
	struct threshold t = *s->row->t;
	struct row r = *s->row;
	t.op = at_most ? OP_LE : OP_GE;
	r.t = &t;
	struct unit u = { .v = s->v, .n = s->k->n, .weighted = s->k->weighted, .binary = true };
	evidence_fill(u.v, &r, s->k, x);
	unit_finish_like(&u, s->unit, s->scratch);
	if (unit_shows(out, &u, at_most, t.q, s->alpha, s->scratch, err))
		return -1;
	arena_rewind(s->scratch, mark);
	return 0;
}

/* The smallest value shown to be an upper bound, or the largest shown to be a lower one. */
static int search_bound(double *out, const struct search *s, const double *v, size_t n, bool upper,
			struct err *err)
{
	size_t lo = 0, hi = n; /* upper: first index that shows; lower: one past the last */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		bool yes;
		if (shows(&yes, s, upper, v[mid], err))
			return -1;
		if (yes == upper)
			hi = mid;
		else
			lo = mid + 1;
	}
	*out = upper ? (lo < n ? v[lo] : NAN) : (lo > 0 ? v[lo - 1] : NAN);
	return 0;
}

int verdict_quantile(struct bounds *out, const struct row *r, const struct taken *k, const struct unit *u,
		     double alpha, struct arena *scratch, struct err *err)
{
	struct search s = { .row = r, .k = k, .unit = u, .alpha = alpha, .scratch = scratch };
	double *v = arena_array(scratch, double, k->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].scored)
			v[n++] = k->v[i].value;
	ascending(v, n, scratch);
	*out = quantile_bounds(v, n, k->unscored, r->t->q, alpha);
	out->lower = isfinite(out->lower) ? out->lower : NAN;
	out->upper = isfinite(out->upper) ? out->upper : NAN;
	if (unit_is_exact(u))
		return 0;
	s.v = arena_array(scratch, struct unit_obs, k->n + 1);
	return search_bound(&out->lower, &s, v, n, false, err) || search_bound(&out->upper, &s, v, n, true, err)
		       ? -1
		       : 0;
}
