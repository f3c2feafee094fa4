#include "verdict/verdict_unit.h"

#include "base/auto.h"
#include "stat/decide.h"
#include "stat/products.h"
#include "stat/proportion.h"

#include <math.h>

/* Halvings of [0, 1] when a weighted bound is searched: past the printed digits by far. */
enum { BISECTIONS = 24 };

/* One mean a cluster; one without a known value has none. */
static struct cluster_means means_of(const struct unit *u, enum unit_end end, struct arena *scratch)
{
	const struct cluster_groups *g = &u->groups;
	double *mean = arena_array(scratch, double, g->n + 1);
	struct arena_mark mark = arena_mark(scratch);
	struct cluster_obs *o = arena_array(scratch, struct cluster_obs, cluster_largest(g));
	size_t clusters = 0;
	for (size_t k = 0; k < g->n; k++) {
		size_t n = 0;
		for (uint32_t i = g->from[k]; i < g->from[k + 1]; i++) {
			const struct unit_obs *v = &u->v[g->order[i]];
			if (end == UNIT_KNOWN && v->lo != v->hi)
				continue;
			o[n].value = end == UNIT_HIGH ? v->hi : v->lo;
			o[n++].weight = v->weight;
		}
		if (n)
			mean[clusters++] = cluster_mean(o, n);
	}
	arena_rewind(scratch, mark);
	return (struct cluster_means){ .n = clusters, .mean = mean };
}

/* Many units are decided without some of them, or without any. */
const struct cluster_means *unit_means(const struct unit *u, enum unit_end end, struct arena *scratch)
{
	if (!u->open)
		end = UNIT_LOW;
	if (!u->means[end].mean)
		u->means[end] = means_of(u, end, scratch);
	return &u->means[end];
}

/* A cluster weighs as much as its mean sample: repeats do not count twice. */
static double *cluster_weights(const struct unit *u, struct arena *scratch)
{
	const struct cluster_groups *g = &u->groups;
	double *w = arena_array(scratch, double, g->n + 1), top = 0;
	struct arena_mark mark = arena_mark(scratch);
	struct cluster_obs *o = arena_array(scratch, struct cluster_obs, cluster_largest(g));
	for (size_t k = 0; k < g->n; k++) {
		uint32_t from = g->from[k], n = g->from[k + 1] - from;
		for (uint32_t i = 0; i < n; i++) {
			o[i].value = u->v[g->order[from + i]].weight;
			o[i].weight = 1;
		}
		w[k] = cluster_mean(o, n);
		top = w[k] > top ? w[k] : top;
	}
	for (size_t k = 0; k < g->n; k++)
		w[k] /= top;
	arena_rewind(scratch, mark);
	return w;
}

static struct cluster_groups groups_of(const struct unit *u, struct arena *scratch)
{
	struct arena tmp AUTO(arena_release) = ARENA_INIT;
	uint64_t *cluster = arena_array(&tmp, uint64_t, u->n + 1);
	for (size_t i = 0; i < u->n; i++)
		cluster[i] = u->v[i].cluster;
	return cluster_groups(scratch, cluster, u->n);
}

static void finish(struct unit *u, const struct unit *like, struct arena *scratch)
{
	u->open = u->hits = 0;
	u->means = arena_array(scratch, struct cluster_means, UNIT_ENDS);
	for (size_t i = 0; i < u->n; i++) {
		u->open += u->v[i].lo != u->v[i].hi;
		u->hits += u->v[i].lo == 1 && u->v[i].hi == 1;
	}
	u->groups = like ? like->groups : groups_of(u, scratch);
	u->clusters = u->groups.n;
	if (u->weighted)
		u->weight = like ? like->weight : cluster_weights(u, scratch);
}

bool unit_is_exact(const struct unit *u)
{
	return u->binary && !u->weighted && u->clusters == u->n;
}

static double weighted_mean(const struct unit *u)
{
	double sum = 0, total = 0;
	for (size_t i = 0; i < u->n; i++) {
		if (u->v[i].lo != u->v[i].hi)
			continue;
		sum += u->v[i].weight * u->v[i].lo;
		total += u->v[i].weight;
	}
	return total > 0 ? sum / total : NAN;
}

static double estimate(const struct unit *u, struct arena *scratch)
{
	if (u->n == u->open)
		return NAN;
	if (unit_is_exact(u))
		return (double)u->hits / (double)(u->n - u->open);
	if (u->weighted && u->open)
		return weighted_mean(u);
	const struct cluster_means *known = unit_means(u, UNIT_KNOWN, scratch);
	double sum = 0, total = 0;
	for (size_t i = 0; i < known->n; i++) {
		double w = u->weighted ? u->weight[i] : 1;
		sum += w * known->mean[i];
		total += w;
	}
	return sum / total;
}

void unit_finish(struct unit *u, struct arena *scratch)
{
	finish(u, NULL, scratch);
	u->estimate = estimate(u, scratch);
}

void unit_finish_like(struct unit *u, const struct unit *like, struct arena *scratch)
{
	finish(u, like, scratch);
	u->estimate = NAN;
}

double unit_estimate(const struct unit *u)
{
	return u->estimate;
}

double unit_error(const struct unit *u, struct arena *scratch)
{
	const struct cluster_means *known = unit_means(u, UNIT_KNOWN, scratch);
	double sum = 0, squares = 0, n = (double)known->n;
	if (u->weighted || n < 2)
		return NAN;
	for (size_t i = 0; i < known->n; i++)
		sum += known->mean[i];
	for (size_t i = 0; i < known->n; i++)
		squares += (known->mean[i] - sum / n) * (known->mean[i] - sum / n);
	return sqrt(squares / (n - 1) / n);
}

/* ---- weighted ---- */

enum { BETS = PRODUCTS };
/* As in stat/betting.c: 1 / m stays a number. */
#define MEAN_MIN 1e-9

/* The capital of stat/betting.h with every gain scaled by the cluster's weight: does it reach
 * 1 / alpha against "the weighted mean is at most m"?  `turned`: of the values 1 - x.  A value
 * outside [0, 1] refutes nothing. */
static bool refuted(const struct unit *u, const struct cluster_means *c, bool turned, double m,
		    double alpha)
{
	double bet[BETS], sum[BETS], top = -INFINITY, capital = 0;
	struct products p = PRODUCTS_INIT;
	m = fmax(m, MEAN_MIN);
	double base = sqrt(2 * log(BETS / alpha) / ((double)c->n * m * (1 - m)));
	for (int j = 0; j < BETS; j++)
		bet[j] = fmin(0.99 / m, base * (double)(1 << j));
	for (size_t i = 0; i < c->n; i++) {
		double x = turned ? 1 - c->mean[i] : c->mean[i];
		if (!(x >= 0 && x <= 1))
			return false;
		for (int j = 0; j < BETS; j++)
			p.m[j] *= 1 + bet[j] * u->weight[i] * (x - m);
		if (i % PRODUCTS_BATCH == 0)
			products_settle(&p);
	}
	products_settle(&p);
	for (int j = 0; j < BETS; j++) {
		sum[j] = products_log(&p, j);
		top = fmax(top, sum[j]);
	}
	for (int j = 0; j < BETS; j++)
		capital += exp(sum[j] - top);
	return top + log(capital / BETS) >= -log(alpha);
}

/* The largest m found to be refuted: careful by at most 2^-BISECTIONS. */
static double weighted_lower(const struct unit *u, const struct cluster_means *c, bool turned,
			     double alpha)
{
	double lo = 0, hi = 1;
	for (int i = 0; i < BISECTIONS; i++) {
		double mid = lo + (hi - lo) / 2;
		if (refuted(u, c, turned, mid, alpha))
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* ---- all ---- */

int unit_bounds(struct bounds *out, const struct unit *u, double alpha, struct arena *scratch,
		struct err *err)
{
	*out = (struct bounds){ .estimate = u->estimate, .lower = 0, .upper = 1 };
	if (!u->n)
		return 0;
	if (unit_is_exact(u)) {
		*out = rate_bounds((int64_t)u->hits, (int64_t)(u->n - u->open), (int64_t)u->open,
				   alpha);
		return 0;
	}
	const struct cluster_means *low = unit_means(u, UNIT_LOW, scratch), *high = unit_means(u, UNIT_HIGH, scratch);
	if (u->weighted) {
		out->lower = weighted_lower(u, low, false, alpha);
		out->upper = 1 - weighted_lower(u, high, true, alpha);
		return 0;
	}
	struct betting l, h;
	if (betting_init(&l, scratch, low->mean, low->n, 0, 1, err))
		return -1;
	h = l;
	if (high != low && betting_init(&h, scratch, high->mean, high->n, 0, 1, err))
		return -1;
	out->lower = betting_lower(&l, 0, alpha);
	out->upper = betting_upper(&h, 0, alpha);
	return 0;
}

int unit_shows(bool *out, const struct unit *u, bool at_least, double bar, double alpha,
	       struct arena *scratch, struct err *err)
{
	struct bounds b;
	struct betting bet;
	if (u->n && !unit_is_exact(u) && bar > 0 && bar < 1) {
		const struct cluster_means *c = unit_means(u, at_least ? UNIT_LOW : UNIT_HIGH, scratch);
		if (u->weighted) {
			*out = refuted(u, c, !at_least, at_least ? bar : 1 - bar, alpha);
			return 0;
		}
		if (betting_init(&bet, scratch, c->mean, c->n, 0, 1, err))
			return -1;
		*out = at_least ? betting_at_least(&bet, 0, bar, alpha, 1)
				: betting_at_most(&bet, 0, bar, alpha, 1);
		return 0;
	}
	if (unit_bounds(&b, u, alpha, scratch, err))
		return -1;
	*out = at_least ? b.lower >= bar : b.upper <= bar;
	return 0;
}

int64_t unit_needed(const struct unit *u, bool at_least, double bar, double alpha,
		    struct arena *scratch)
{
	int64_t known = (int64_t)(u->n - u->open);
	int64_t x = (int64_t)u->hits;
	int64_t n = DECIDE_NEVER;
	struct err err = ERR_INIT;
	struct betting b;
	if (!known || u->weighted)
		return -1;
	if (unit_is_exact(u))
		n = at_least ? decide_rate(x, known, bar, alpha)
			     : decide_rate(known - x, known, 1 - bar, alpha);
	else if (betting_init(&b, scratch, unit_means(u, UNIT_KNOWN, scratch)->mean, unit_means(u, UNIT_KNOWN, scratch)->n, 0, 1,
			      &err))
		return -1;
	else
		n = decide_graded(&b, bar, alpha);
	return n == DECIDE_NEVER ? 0 : n;
}
