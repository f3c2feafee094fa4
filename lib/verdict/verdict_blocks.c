#include "verdict/verdict_blocks.h"

#include "base/num.h"
#include "stat/ascending.h"
#include "stat/blocks.h"
#include "stat/quantile.h"

#include <math.h>
#include <stdlib.h>

/* The calls whose start is known, as they followed each other. */
struct line {
	const struct take **v;
	size_t n;
};

static int by_start(const void *a, const void *b)
{
	const struct take *x = *(const struct take *const *)a, *y = *(const struct take *const *)b;
	if (x->begun != y->begun)
		return x->begun < y->begun ? -1 : 1;
	return x < y ? -1 : x > y; /* in canonical order */
}

static struct line line_of(const struct taken *k, struct arena *scratch)
{
	struct line l = { .v = arena_array(scratch, const struct take *, k->n + 1) };
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].begun)
			l.v[l.n++] = &k->v[i];
	qsort(l.v, l.n, sizeof(*l.v), by_start);
	return l;
}

/* NaN without values: then only what has none is slow. */
static double median(const struct line *l, struct arena *scratch)
{
	double *v = arena_array(scratch, double, l->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i]->scored && isfinite(l->v[i]->value))
			v[n++] = l->v[i]->value;
	ascending(v, n, scratch);
	return quantile_estimate(v, n, 0.5);
}

/* A call without a time counts as slow, as it does for the bound.  How many are slow. */
static size_t mark_slow(bool *slow, const struct line *l, bool high, double bar)
{
	size_t sum = 0;
	for (size_t i = 0; i < l->n; i++) {
		const struct take *x = l->v[i];
		slow[i] = !x->scored || (high ? x->value < bar : x->value > bar);
		sum += slow[i];
	}
	return sum;
}

/* Where the bar parts nothing, or is none of one call, the median does. */
static bool *slow_calls(const struct line *l, const struct row *r, struct arena *scratch)
{
	bool *slow = arena_array(scratch, bool, l->n + 1);
	bool high = threshold_wants_high(r->t), barred = r->t->agg == AGG_QUANTILE && !r->t->bound.baseline;
	size_t n = barred ? mark_slow(slow, l, high, r->t->bound.value) : 0;
	if (!n || n == l->n)
		mark_slow(slow, l, high, median(l, scratch));
	return slow;
}

static struct take_filter filter_of(const struct row *r, const struct verdict_table *t, const char *slice)
{
	struct take_filter f = take_filter_of(r, t);
	const struct table_key *k = slice ? table_key(t, r->t->worst) : NULL;
	if (k)
		f.term[f.n++] = (struct take_term){ .key = k, .id = table_value_id(k, slice) };
	return f;
}

static const char *say(size_t blocks, size_t known, size_t all, struct arena *a)
{
	char n[32], calls[32];
	verdict_count_text(n, blocks);
	verdict_count_text(calls, known);
	const char *of = known < all ? arena_fmt(a, " in the %s call%s of this run", calls, num_s(known)) : "";
	if (blocks >= VERDICT_BLOCKS_FEW)
		return arena_fmt(a, VERDICT_INDEPENDENT "; about %s blocks%s", n, of);
	return arena_fmt(a, VERDICT_INDEPENDENT "; only about %s independent block%s of time%s: slowness comes in spells, "
			 "and the bound may be too narrow", n, num_s(blocks), of);
}

const char *verdict_blocks(struct finding *f, const struct row *r, const struct verdict_table *t, const char *slice,
			   struct arena *a, struct arena *scratch)
{
	struct take_filter filter = filter_of(r, t, slice);
	struct taken k = take_samples(r, t, &filter, false, scratch);
	struct line l = line_of(&k, scratch);
	if (!l.n)
		return VERDICT_INDEPENDENT;
	f->blocks = (size_t)blocks_effective(slow_calls(&l, r, scratch), l.n, scratch);
	return say(f->blocks, l.n, k.n, a);
}
