#include "verdict/verdict_unit.h"

#include "stat/decide.h"
#include "stat/proportion.h"

#include <math.h>

/* Halvings of [0, 1] when a weighted bound is searched: past the printed digits by far. */
enum { BISECTIONS = 24 };

enum end { END_LOW, END_HIGH, END_KNOWN };

static struct cluster_means means_of(const struct unit *u, enum end end, struct arena *scratch)
{
	struct cluster_obs *obs = arena_array(scratch, struct cluster_obs, u->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < u->n; i++) {
		const struct unit_obs *v = &u->v[i];
		if (end == END_KNOWN && v->lo != v->hi)
			continue;
		obs[n++] = (struct cluster_obs){
			.cluster = v->cluster,
			.value = end == END_HIGH ? v->hi : v->lo,
			.weight = v->weight,
			.scored = true,
		};
	}
	return cluster_means(scratch, obs, n, 0);
}

/* A cluster weighs as much as its mean sample: repeats do not count twice. */
static double *cluster_weights(const struct unit *u, struct arena *scratch)
{
	struct cluster_obs *obs = arena_array(scratch, struct cluster_obs, u->n + 1);
	for (size_t i = 0; i < u->n; i++)
		obs[i] = (struct cluster_obs){ .cluster = u->v[i].cluster,
					       .value = u->v[i].weight,
					       .weight = 1,
					       .scored = true };
	struct cluster_means m = cluster_means(scratch, obs, u->n, 0);
	double *w = arena_array(scratch, double, m.n + 1);
	double top = 0;
	for (size_t i = 0; i < m.n; i++)
		top = m.mean[i] > top ? m.mean[i] : top;
	for (size_t i = 0; i < m.n; i++)
		w[i] = m.mean[i] / top;
	return w;
}

void unit_finish(struct unit *u, struct arena *scratch)
{
	u->open = u->hits = 0;
	for (size_t i = 0; i < u->n; i++) {
		u->open += u->v[i].lo != u->v[i].hi;
		u->hits += u->v[i].lo == 1 && u->v[i].hi == 1;
	}
	u->low = means_of(u, END_LOW, scratch);
	u->high = u->open ? means_of(u, END_HIGH, scratch) : u->low;
	u->known = u->open ? means_of(u, END_KNOWN, scratch) : u->low;
	u->clusters = u->low.n;
	if (u->weighted)
		u->weight = cluster_weights(u, scratch);
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

double unit_estimate(const struct unit *u)
{
	if (u->n == u->open)
		return NAN;
	if (unit_is_exact(u))
		return (double)u->hits / (double)(u->n - u->open);
	if (u->weighted && u->open)
		return weighted_mean(u);
	double sum = 0, total = 0;
	for (size_t i = 0; i < u->known.n; i++) {
		double w = u->weighted ? u->weight[i] : 1;
		sum += w * u->known.mean[i];
		total += w;
	}
	return sum / total;
}

/* ---- weighted ---- */

enum { BETS = 4 };

/* The capital of stat/betting.h with every gain scaled by the cluster's weight: does it reach
 * 1 / alpha against "the weighted mean is at most m"?  `turned`: of the values 1 - x.  A value
 * outside [0, 1] refutes nothing. */
static bool refuted(const struct unit *u, const struct cluster_means *c, bool turned, double m,
		    double alpha)
{
	double bet[BETS], sum[BETS] = { 0 }, top = -INFINITY, capital = 0;
	double base = sqrt(2 * log(BETS / alpha) / ((double)c->n * m * (1 - m)));
	for (int j = 0; j < BETS; j++)
		bet[j] = fmin(0.99 / m, base * (double)(1 << j));
	for (size_t i = 0; i < c->n; i++) {
		double x = turned ? 1 - c->mean[i] : c->mean[i];
		if (!(x >= 0 && x <= 1))
			return false;
		for (int j = 0; j < BETS; j++)
			sum[j] += log1p(bet[j] * u->weight[i] * (x - m));
	}
	for (int j = 0; j < BETS; j++)
		top = fmax(top, sum[j]);
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
	*out = (struct bounds){ .estimate = unit_estimate(u), .lower = 0, .upper = 1 };
	if (!u->n)
		return 0;
	if (unit_is_exact(u)) {
		*out = rate_bounds((int64_t)u->hits, (int64_t)(u->n - u->open), (int64_t)u->open,
				   alpha);
		return 0;
	}
	if (u->weighted) {
		out->lower = weighted_lower(u, &u->low, false, alpha);
		out->upper = 1 - weighted_lower(u, &u->high, true, alpha);
		return 0;
	}
	struct betting low, high;
	if (betting_init(&low, scratch, u->low.mean, u->low.n, 0, 1, err) ||
	    betting_init(&high, scratch, u->high.mean, u->high.n, 0, 1, err))
		return -1;
	out->lower = betting_lower(&low, 0, alpha);
	out->upper = betting_upper(&high, 0, alpha);
	return 0;
}

int unit_shows(bool *out, const struct unit *u, bool at_least, double bar, double alpha,
	       struct arena *scratch, struct err *err)
{
	const struct cluster_means *c = at_least ? &u->low : &u->high;
	struct bounds b;
	struct betting bet;
	bool inside = bar > 0 && bar < 1;
	if (u->weighted && inside) {
		*out = refuted(u, c, !at_least, at_least ? bar : 1 - bar, alpha);
		return 0;
	}
	if (u->n && inside && !unit_is_exact(u)) {
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
	else if (betting_init(&b, scratch, u->known.mean, u->known.n, 0, 1, &err))
		return -1;
	else
		n = decide_graded(&b, bar, alpha);
	return n == DECIDE_NEVER ? 0 : n;
}
