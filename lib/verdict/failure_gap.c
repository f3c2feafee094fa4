#include "verdict/failure_gap.h"

#include "base/auto.h"
#include "stat/passk.h"
#include "verdict/verdict_take.h"

#include <math.h>
#include <stdlib.h>

struct loss {
	uint32_t seq, tcase; /* CASES_MAX fits */
	uint64_t cluster;
	double weight;
	double known, all; /* weight in the estimate; in it, had every sample been scored */
	double lost;	   /* of 1, or of the unit; first its value */
	double old;	   /* the baseline's value */
	double open;	   /* of an unscored one: how far apart its two ends are */
	bool scored, counted; /* counted: in the estimate */
};

struct losses {
	struct loss *v;
	size_t n, scored;
	bool weighted;
};

/* ---- what a sample loses ---- */

enum scale { SCALE_NONE, SCALE_SHARE, SCALE_UNIT, SCALE_COUNT, SCALE_EXTREME };

static enum scale scale_of(const struct row *r)
{
	if (threshold_needs_baseline(r->t) &&
	    (r->vs != BASE_TWIN || r->t->bound.change == '*' ||
	     (r->t->agg != AGG_MEAN && r->t->agg != AGG_RATE && r->t->agg != AGG_PASS)))
		return SCALE_NONE;
	switch (r->t->agg) {
	case AGG_MEAN:
		return row_is_score(r) ? SCALE_SHARE : SCALE_UNIT;
	case AGG_RATE:
	case AGG_PASS:
	case AGG_PASS_AT:
	case AGG_PASS_ALL:
	case AGG_QUANTILE:
		return SCALE_SHARE;
	case AGG_COUNT:
		return r->metric->kind == METRIC_BINARY ? SCALE_COUNT : SCALE_NONE;
	case AGG_SUM:
		return row_is_score(r) ? SCALE_COUNT : SCALE_NONE;
	case AGG_MIN:
	case AGG_MAX:
		return SCALE_EXTREME;
	case AGG_SPEND:
		break;
	}
	return SCALE_NONE;
}

/* Of a row against the baseline: on the scale of new - old, as its estimate is. */
static double bound_of(const struct row *r, const struct finding *f)
{
	if (!threshold_needs_baseline(r->t))
		return f->bound;
	return !r->t->bound.change ? 0 : r->t->bound.change == '-' ? -r->t->bound.value
								    : r->t->bound.value;
}

/* Which way the bar wants it to go from here. */
static bool wants_high(const struct row *r, const struct finding *f)
{
	if (r->t->op == OP_EQ)
		return f->estimate < f->bound;
	return threshold_wants_high(r->t);
}

static bool is_past(enum threshold_op op, bool high, double x, double bound)
{
	bool strict = op == OP_GT || op == OP_LT;
	if (high)
		return strict ? x <= bound : x < bound;
	return strict ? x >= bound : x > bound;
}

double gap_lost(const struct row *r, bool high, double bound, double x)
{
	const struct metric_head *m = r->metric;
	bool good;
	switch (r->t->agg) {
	case AGG_PASS:
	case AGG_PASS_AT:
	case AGG_PASS_ALL:
		good = m->direction == LOWER_IS_BETTER ? x < m->cut : x >= m->cut;
		return good != high;
	case AGG_RATE:
	case AGG_COUNT:
		return (x >= m->cut) != high;
	case AGG_QUANTILE:
	case AGG_MIN:
	case AGG_MAX:
		return is_past(r->t->op, high, x, bound);
	case AGG_MEAN:
	case AGG_SUM:
	case AGG_SPEND:
		break;
	}
	if (row_is_score(r))
		return high ? 1 - x : x;
	return fmax(0, high ? bound - x : x - bound);
}

/* Against the baseline only what it did better is lost. */
static double lost_of(const struct row *r, const struct finding *f, const struct loss *v)
{
	bool high = wants_high(r, f);
	double to = high ? INFINITY : -INFINITY;
	if (!threshold_needs_baseline(r->t))
		return gap_lost(r, high, f->bound, v->lost);
	if (!row_is_score(r))
		return fmax(0, high ? v->old - v->lost : v->lost - v->old);
	return fmax(0, gap_lost(r, high, to, v->lost) - gap_lost(r, high, to, v->old));
}

static double open_of(const struct row *r, enum scale scale)
{
	if (scale == SCALE_UNIT)
		return r->has_range ? r->hi - r->lo : NAN;
	return scale == SCALE_EXTREME ? NAN : 1;
}

/* ---- the samples of a row ---- */

/* What the baseline scored there; a pair of which one side is unknown is open. */
static void take_old(struct loss *v, const struct row *r, const struct verdict_table *t,
		     size_t which, size_t at)
{
	if (!threshold_needs_baseline(r->t) || r->base[which] == ROW_NO_BASE)
		return;
	const struct table_suite *old = &t->suite[r->base[which]];
	const struct table_column *c = &old->column[r->base_column[which]];
	v->scored &= c->state && c->state[at] == CELL_SCORED + 1 &&
		     t->status[old->base + at] == TABLE_OPEN;
	v->old = c->value ? c->value[at] : 0;
}

static void take_suite(struct losses *out, const struct row *r, const struct verdict_table *t,
		       const struct take_filter *filter, size_t which)
{
	const struct table_suite *s = &t->suite[r->suite[which]];
	const struct table_column *c = &s->column[r->column[which]];
	for (size_t at = 0; at < s->n; at++) {
		size_t seq = s->base + at;
		unsigned char state = c->state ? c->state[at] : 0;
		if (t->status[seq] == TABLE_QUARANTINED || t->status[seq] == TABLE_SURPLUS ||
		    state == CELL_ABSENT + 1 || !take_has(filter, seq))
			continue;
		out->v[out->n++] = (struct loss){
			.seq = (uint32_t)seq,
			.tcase = (uint32_t)(s->base + at / s->repeats),
			.cluster = t->cluster[seq],
			.weight = t->weight ? t->weight[seq] : 1,
			.lost = state == CELL_SCORED + 1 ? c->value[at] : 0,
			.scored = state == CELL_SCORED + 1,
		};
		take_old(&out->v[out->n - 1], r, t, which, at);
	}
}

/* Of worst{key} the slice that decided, by the finding's own words. */
static void add_worst(struct take_filter *filter, const struct row *r, const struct finding *f,
		      const struct verdict_table *t, struct arena *a)
{
	const struct table_key *k = r->t->worst ? table_key(t, r->t->worst) : NULL;
	struct str slice = str_c(f->slice);
	for (size_t i = 0; k && i < k->value.n; i++) {
		const char *last = arena_fmt(a, "%s=%s", k->key, k->value.v[i]);
		if (!(r->t->nslice ? str_ends(slice, str_c(arena_fmt(a, ", %s", last)))
				   : str_eqc(slice, last)))
			continue;
		filter->term[filter->n++] =
			(struct take_term){ .key = k, .id = (unsigned)i + TAG_FIRST };
		return;
	}
}

static struct losses take_losses(const struct row *r, const struct finding *f,
				 const struct verdict_table *t, struct arena *a)
{
	struct losses out = { .n = 0 };
	struct take_filter filter = take_filter_of(r, t);
	size_t max = 0;
	add_worst(&filter, r, f, t, a);
	for (size_t i = 0; i < r->nsuite; i++)
		max += t->suite[r->suite[i]].n;
	out.v = arena_array(a, struct loss, max + 1);
	for (size_t i = 0; i < r->nsuite; i++)
		take_suite(&out, r, t, &filter, i);
	for (size_t i = 0; i < out.n; i++) {
		struct loss *v = &out.v[i];
		out.scored += v->scored;
		out.weighted |= v->weight != 1;
		v->counted = v->scored;
		v->open = v->scored ? 0 : open_of(r, scale_of(r));
		v->lost = v->scored ? lost_of(r, f, v) : 0;
	}
	return out;
}

/* ---- weights in the estimate ---- */

struct member {
	uint64_t cluster;
	size_t at;
};

static int by_cluster(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static void weigh_plain(struct losses *l, bool all)
{
	double total = 0;
	for (size_t i = 0; i < l->n; i++)
		total += all || l->v[i].counted ? l->v[i].weight : 0;
	for (size_t i = 0; i < l->n; i++) {
		struct loss *v = &l->v[i];
		double e = total > 0 ? v->weight / total : 0;
		if (all)
			v->all = e;
		else
			v->known = v->counted ? e : 0;
	}
}

/* A cluster counts once, and where samples have weights as its mean sample. */
static void weigh_clusters(struct losses *l, bool all, struct arena *a)
{
	struct member *m = arena_array(a, struct member, l->n + 1);
	size_t n = 0, to;
	double total = 0;
	for (size_t i = 0; i < l->n; i++)
		if (all || l->v[i].counted)
			m[n++] = (struct member){ l->v[i].cluster, i };
	if (n)
		qsort(m, n, sizeof *m, by_cluster);
	for (size_t from = 0; from < n; from = to) {
		double sum = 0;
		for (to = from; to < n && m[to].cluster == m[from].cluster; to++)
			sum += l->v[m[to].at].weight;
		double whole = l->weighted ? sum / (double)(to - from) : 1;
		total += whole;
		for (size_t i = from; i < to; i++) {
			struct loss *v = &l->v[m[i].at];
			*(all ? &v->all : &v->known) = whole * v->weight / sum;
		}
	}
	for (size_t i = 0; i < n; i++)
		*(all ? &l->v[m[i].at].all : &l->v[m[i].at].known) /= total;
}

static void weigh(struct losses *l, const struct row *r, enum scale scale, struct arena *a)
{
	bool plain = row_is_observed(r);
	if (scale == SCALE_COUNT) {
		for (size_t i = 0; i < l->n; i++)
			l->v[i].known = l->v[i].all = 1;
		return;
	}
	if (plain || (l->weighted && l->scored < l->n))
		weigh_plain(l, false);
	else
		weigh_clusters(l, false, a);
	if (plain)
		weigh_plain(l, true);
	else
		weigh_clusters(l, true, a);
}

/* ---- pass@k: a case is what is lost ---- */

static double case_value(const struct row *r, size_t n, size_t hits)
{
	int64_t of = (int64_t)n, c = (int64_t)hits, k = r->t->k;
	return r->t->agg == AGG_PASS_AT ? passk_any(of, c, k) : passk_all(of, c, k);
}

static void spread_case(struct loss *v, size_t n, const struct row *r, bool high)
{
	size_t failing = 0, open = 0;
	for (size_t i = 0; i < n; i++) {
		open += !v[i].scored;
		failing += v[i].scored && v[i].lost > 0;
	}
	bool enough = n >= r->t->k;
	double best = enough ? case_value(r, n, n - failing) : 1;
	double worst = enough ? case_value(r, n, n - failing - open) : 0;
	double lost = open || !enough ? 0 : high ? 1 - best : best;
	for (size_t i = 0; i < n; i++) {
		v[i].counted = v[i].scored && !open && enough;
		v[i].open = v[i].scored ? 0 : (best - worst) * (double)n / (double)open;
		if (v[i].scored && failing)
			v[i].lost = v[i].lost > 0 ? lost * (double)n / (double)failing : 0;
	}
}

static void spread_cases(struct losses *l, const struct row *r, bool high)
{
	size_t to;
	for (size_t from = 0; from < l->n; from = to) {
		for (to = from; to < l->n && l->v[to].tcase == l->v[from].tcase;)
			to++;
		spread_case(&l->v[from], to - from, r, high);
	}
}

/* ---- the gap ---- */

static int64_t whole_samples(double x, bool strict)
{
	if (x <= 1e-9)
		return strict && x > -1e-9;
	return x > 1e15 ? -1 : strict ? (int64_t)floor(x + 1e-9) + 1 : (int64_t)ceil(x - 1e-9);
}

static void measure(struct gap *g, const struct losses *l, const struct finding *f, enum scale scale)
{
	const struct threshold *t = g->row->t;
	bool high = wants_high(g->row, f), strict = t->op == OP_GT || t->op == OP_LT;
	double bound = bound_of(g->row, f), gap = high ? bound - f->estimate : f->estimate - bound;
	if (t->agg == AGG_QUANTILE) {
		gap = -(high ? t->q : 1 - t->q);
		for (size_t i = 0; i < l->n; i++)
			gap += l->v[i].known * l->v[i].lost;
	}
	g->gap = isfinite(gap) && isfinite(bound) && l->scored ? gap : NAN;
	g->samples = -1;
	if (isnan(g->gap) || scale == SCALE_UNIT || scale == SCALE_EXTREME)
		return;
	g->samples = whole_samples(scale == SCALE_COUNT ? gap : gap * (double)l->scored, strict);
}

static void keep_lost(struct gap *g, const struct losses *l, enum scale scale, struct arena *a)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		n += !l->v[i].scored || l->v[i].lost > 0;
	g->v = arena_array(a, struct gap_sample, n + 1);
	for (size_t i = 0; i < l->n; i++) {
		const struct loss *v = &l->v[i];
		if (v->scored && !(v->lost > 0))
			continue;
		g->v[g->n++] = (struct gap_sample){
			.seq = v->seq,
			.part = scale == SCALE_EXTREME ? NAN : v->known * v->lost,
			.width = v->all * v->open,
			.scored = v->scored,
		};
	}
}

static void gap_of(struct gap *g, const struct finding *f, const struct verdict_table *t,
		   struct arena *a)
{
	struct arena scratch AUTO(arena_release) = ARENA_INIT;
	const struct row *r = g->row;
	enum scale scale = scale_of(r);
	if (scale == SCALE_NONE || !isfinite(bound_of(r, f)))
		return;
	struct losses l = take_losses(r, f, t, &scratch);
	if (r->t->agg == AGG_PASS_AT || r->t->agg == AGG_PASS_ALL)
		spread_cases(&l, r, wants_high(r, f));
	weigh(&l, r, scale, &scratch);
	measure(g, &l, f, scale);
	keep_lost(g, &l, scale, a);
}

/* ---- which rows ---- */

static bool is_missed(const struct finding *f)
{
	return f->verdict == VERDICT_FAIL || f->verdict == VERDICT_UNDECIDED;
}

static void add_rows(struct gaps *out, const struct record *rec, const struct verdict_table *t,
		     const struct rows *rows, bool blocking, enum verdict_kind verdict,
		     struct arena *a)
{
	for (size_t i = 0; i < rows->n; i++) {
		const struct finding *f = &rec->finding[i];
		if (!is_missed(f) || f->blocking != blocking || f->verdict != verdict)
			continue;
		struct gap *g = &out->v[out->n];
		*g = (struct gap){ .finding = i, .row = &rows->v[i], .gap = NAN, .samples = -1 };
		gap_of(g, f, t, a);
		out->n += g->n > 0;
	}
}

void failure_gaps(struct gaps *out, const struct record *rec, const struct verdict_table *t,
		  const struct stage *s, struct arena *a)
{
	struct diags d;
	struct rows *rows = arena_new(a, struct rows);
	*out = (struct gaps){ .n = 0 };
	diags_init(&d, a);
	if (!t || rows_match(rows, s, rec, NULL, 0, a, &d) || rows->n != rec->nfinding)
		return;
	out->v = arena_array(a, struct gap, rows->n + 1);
	for (int blocking = 1; blocking >= 0; blocking--) {
		add_rows(out, rec, t, rows, blocking, VERDICT_FAIL, a);
		add_rows(out, rec, t, rows, blocking, VERDICT_UNDECIDED, a);
	}
}
