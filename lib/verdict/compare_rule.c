#include "verdict/compare_rule.h"

#include "stat/bca.h"
#include "stat/paired.h"
#include "stat/quantile.h"
#include "stat/special.h"
#include "stat/unpaired.h"
#include "verdict/verdict_unit.h"

#include <math.h>
#include <stdlib.h>

bool compare_is_right(const struct metric_head *m, double x)
{
	return (x >= m->cut) == (m->direction != LOWER_IS_BETTER);
}

static bool within_one(const struct metric_head *m)
{
	return m->kind != METRIC_VALUE;
}

/* ---- means ---- */

/* How a sample's number enters the unit interval: itself, or a difference in -1 … 1. */
static struct unit unit_of(const struct compare_obs *a, const struct compare_obs *minus, size_t n,
			   bool binary, struct arena *scratch)
{
	struct unit u = { .n = n, .binary = binary && !minus };
	u.v = arena_array(scratch, struct unit_obs, n + 1);
	for (size_t i = 0; i < n; i++) {
		double x = minus ? (a[i].value - minus[i].value + 1) / 2 : a[i].value;
		u.v[i] = (struct unit_obs){ .lo = x, .hi = x, .cluster = a[i].cluster, .weight = a[i].weight };
		u.weighted |= a[i].weight != 1;
	}
	return u;
}

struct moments {
	size_t n; /* clusters */
	double mean, error;
	const double *each; /* of the clusters */
	bool weighted;
};

/* The bootstrap follows a skew that Student's t does not see.  Below, it has too little to draw from;
 * above, the two are alike. */
enum { BOOTSTRAP_LEAST = 20, BOOTSTRAP_MOST = 5000 };

/* Of cluster means; the standard error is NaN for one cluster, and where weights differ. */
static struct moments moments_of(const struct compare_obs *a, const struct compare_obs *minus, size_t n,
				 struct arena *scratch)
{
	struct cluster_obs *obs = arena_array(scratch, struct cluster_obs, n + 1);
	struct moments m = { .n = 0, .mean = NAN, .error = NAN };
	double sum = 0, squares = 0, total = 0;
	for (size_t i = 0; i < n; i++) {
		double x = a[i].value - (minus ? minus[i].value : 0);
		obs[i] = (struct cluster_obs){ a[i].cluster, x, a[i].weight, true };
		m.weighted |= a[i].weight != 1;
		sum += a[i].weight * x;
		total += a[i].weight;
	}
	struct cluster_means c = cluster_means(scratch, obs, n, 0);
	m.n = c.n;
	m.each = c.mean;
	if (m.weighted || !n) {
		m.mean = n ? sum / total : NAN;
		return m;
	}
	sum = 0;
	for (size_t i = 0; i < c.n; i++)
		sum += c.mean[i];
	m.mean = sum / (double)c.n;
	for (size_t i = 0; i < c.n; i++)
		squares += (c.mean[i] - m.mean) * (c.mean[i] - m.mean);
	if (c.n > 1)
		m.error = sqrt(squares / (double)(c.n - 1) / (double)c.n);
	return m;
}

static double mean_of(const struct metric_head *h, const struct compare_obs *v, size_t n,
		      struct arena *scratch)
{
	struct arena_mark before = arena_mark(scratch);
	double mean;
	if (n && within_one(h)) {
		struct unit u = unit_of(v, NULL, n, h->kind == METRIC_BINARY, scratch);
		unit_finish(&u, scratch);
		mean = unit_estimate(&u);
	} else {
		mean = moments_of(v, NULL, n, scratch).mean;
	}
	arena_rewind(scratch, before);
	return mean;
}

int compare_rule_mean(struct bounds *out, const struct metric_head *m, const struct compare_obs *v,
		      size_t n, size_t unscored, struct arena *scratch, struct err *err)
{
	*out = (struct bounds){ NAN, NAN, NAN };
	if (within_one(m)) {
		struct unit u = unit_of(v, NULL, n, m->kind == METRIC_BINARY, scratch);
		struct unit_obs *all = arena_array(scratch, struct unit_obs, n + unscored + 1);
		for (size_t i = 0; i < n; i++)
			all[i] = u.v[i];
		/* Whose case it was is not asked: each counts as one of its own. */
		for (size_t i = 0; i < unscored; i++)
			all[n + i] = (struct unit_obs){ .lo = 0, .hi = 1, .cluster = i, .weight = 1 };
		u.v = all;
		u.n += unscored;
		unit_finish(&u, scratch);
		return unit_bounds(out, &u, COMPARE_RISK / 2, scratch, err);
	}
	struct moments x = moments_of(v, NULL, n, scratch);
	double t = x.n > 1 ? student_quantile(1 - COMPARE_RISK / 2, (double)(x.n - 1)) : NAN;
	*out = (struct bounds){ x.mean, x.mean - t * x.error, x.mean + t * x.error };
	return 0;
}

/* ---- percentiles ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double *ascending(const struct compare_obs *v, size_t n, struct arena *scratch)
{
	double *x = arena_array(scratch, double, n + 1);
	for (size_t i = 0; i < n; i++)
		x[i] = v[i].value;
	qsort(x, n, sizeof(*x), by_value);
	return x;
}

double compare_percentile(const struct compare_obs *v, size_t n, double p, struct arena *scratch)
{
	return quantile_estimate(ascending(v, n, scratch), n, p);
}

/* Both sides' bounds at a quarter of the risk each hold together at all of it. */
static void add_quantiles(struct compare_metric *m, const struct compare_obs *before, size_t nbefore,
			  const struct compare_obs *after, size_t nafter, bool bounded,
			  struct arena *scratch)
{
	static const double p[COMPARE_QUANTILES] = { 0.5, 0.95 };
	const double *x = ascending(before, nbefore, scratch), *y = ascending(after, nafter, scratch);
	m->nquantile = COMPARE_QUANTILES;
	for (size_t i = 0; i < COMPARE_QUANTILES; i++) {
		struct bounds b = quantile_bounds(x, nbefore, 0, p[i], COMPARE_RISK / 4);
		struct bounds a = quantile_bounds(y, nafter, 0, p[i], COMPARE_RISK / 4);
		m->quantile[i] = (struct compare_quantile){
			.p = p[i],
			.before = b.estimate,
			.after = a.estimate,
			.lower = bounded ? a.lower - b.upper : -INFINITY,
			.upper = bounded ? a.upper - b.lower : INFINITY,
		};
	}
}

/* ---- paired ---- */

static struct pairs count_pairs(struct compare_metric *m, const struct compare_obs *before,
				const struct compare_obs *after, size_t n)
{
	struct pairs p = { .n = (int64_t)n };
	for (size_t i = 0; i < n; i++) {
		bool was = before[i].value >= m->head->cut, is = after[i].value >= m->head->cut;
		p.gained += is && !was;
		p.lost += was && !is;
	}
	bool lower = m->head->direction == LOWER_IS_BETTER;
	m->better = (size_t)(lower ? p.lost : p.gained);
	m->worse = (size_t)(lower ? p.gained : p.lost);
	m->has_flips = m->head->direction != NO_DIRECTION;
	return p;
}

static int paired_unit(struct compare_metric *m, const struct compare_obs *before,
		       const struct compare_obs *after, size_t n, struct arena *scratch, struct err *err)
{
	bool binary = m->head->kind == METRIC_BINARY;
	struct pairs p = count_pairs(m, before, after, n);
	struct unit u = unit_of(after, before, n, binary, scratch);
	struct bounds b;
	unit_finish(&u, scratch);
	m->clusters = u.clusters;
	if (binary && !u.weighted && u.clusters == n) {
		b = tango_interval(p, COMPARE_RISK);
		m->method = "tango";
		m->p = mcnemar_two_sided(p);
	} else {
		if (unit_bounds(&b, &u, COMPARE_RISK / 2, scratch, err))
			return -1;
		b.lower = 2 * b.lower - 1;
		b.upper = 2 * b.upper - 1;
		m->method = "betting";
	}
	m->diff = m->after.mean - m->before.mean;
	m->lower = b.lower;
	m->upper = b.upper;
	return 0;
}

/* Seeded by the metric's name: the same records show the same interval. */
static void add_bootstrap(struct compare_metric *m, const struct moments *d, struct arena *scratch)
{
	if (d->weighted || d->n < BOOTSTRAP_LEAST || d->n > BOOTSTRAP_MOST)
		return;
	struct rng r = rng_seed(0, str_c(m->head->name), "compare");
	struct bounds b = bca_mean(d->each, d->n, COMPARE_RISK, &r, scratch);
	if (!isfinite(b.lower) || !isfinite(b.upper))
		return;
	m->lower = b.lower;
	m->upper = b.upper;
	m->method = "bca";
}

static void paired_value(struct compare_metric *m, const struct compare_obs *before,
			 const struct compare_obs *after, size_t n, struct arena *scratch)
{
	struct moments d = moments_of(after, before, n, scratch);
	m->clusters = d.n;
	m->diff = d.mean;
	if (isfinite(d.error)) {
		double t = student_quantile(1 - COMPARE_RISK / 2, (double)(d.n - 1));
		m->lower = d.mean - t * d.error;
		m->upper = d.mean + t * d.error;
		m->method = "t";
	}
	add_bootstrap(m, &d, scratch);
	add_quantiles(m, before, n, after, n, d.n == n && !d.weighted, scratch);
}

static void start(struct compare_metric *m, bool paired)
{
	m->paired = paired;
	m->diff = m->lower = m->upper = m->p = m->p_holm = NAN;
	m->before.mean = m->after.mean = NAN;
	m->method = NULL;
}

int compare_rule_paired(struct compare_metric *m, const struct compare_obs *before,
			const struct compare_obs *after, size_t n, struct arena *scratch,
			struct err *err)
{
	start(m, true);
	m->n = m->before.n = m->after.n = n;
	if (!n)
		return 0;
	m->before.mean = mean_of(m->head, before, n, scratch);
	m->after.mean = mean_of(m->head, after, n, scratch);
	if (within_one(m->head))
		return paired_unit(m, before, after, n, scratch, err);
	paired_value(m, before, after, n, scratch);
	return 0;
}

/* ---- unpaired ---- */

static bool is_exact(const struct unit *u)
{
	return unit_is_exact(u) && !u->open;
}

static int unpaired_unit(struct compare_metric *m, const struct compare_obs *before, size_t nbefore,
			 const struct compare_obs *after, size_t nafter, struct arena *scratch,
			 struct err *err)
{
	bool binary = m->head->kind == METRIC_BINARY;
	struct unit x = unit_of(before, NULL, nbefore, binary, scratch);
	struct unit y = unit_of(after, NULL, nafter, binary, scratch);
	struct bounds b, a;
	unit_finish(&x, scratch);
	unit_finish(&y, scratch);
	if (is_exact(&x) && is_exact(&y)) {
		struct two_rates t = { (int64_t)y.hits, (int64_t)y.n, (int64_t)x.hits, (int64_t)x.n };
		b = unpaired_score_interval(t, COMPARE_RISK);
		m->lower = b.lower;
		m->upper = b.upper;
		m->method = "score";
		return 0;
	}
	if (unit_bounds(&b, &x, COMPARE_RISK / 4, scratch, err) ||
	    unit_bounds(&a, &y, COMPARE_RISK / 4, scratch, err))
		return -1;
	m->lower = a.lower - b.upper;
	m->upper = a.upper - b.lower;
	m->method = "bounds";
	return 0;
}

/* Welch's interval, degrees of freedom by Satterthwaite. */
static void unpaired_value(struct compare_metric *m, const struct compare_obs *before, size_t nbefore,
			   const struct compare_obs *after, size_t nafter, struct arena *scratch)
{
	struct moments x = moments_of(before, NULL, nbefore, scratch);
	struct moments y = moments_of(after, NULL, nafter, scratch);
	double a = x.error * x.error, b = y.error * y.error;
	bool bounded = x.n == nbefore && y.n == nafter && !x.weighted && !y.weighted;
	if (isfinite(a + b)) {
		double df = (a + b) * (a + b) / (a * a / (double)(x.n - 1) + b * b / (double)(y.n - 1));
		double t = a + b > 0 ? student_quantile(1 - COMPARE_RISK / 2, df) : 0;
		m->lower = m->diff - t * sqrt(a + b);
		m->upper = m->diff + t * sqrt(a + b);
		m->method = "welch";
	}
	add_quantiles(m, before, nbefore, after, nafter, bounded, scratch);
}

int compare_rule_unpaired(struct compare_metric *m, const struct compare_obs *before, size_t nbefore,
			  const struct compare_obs *after, size_t nafter, struct arena *scratch,
			  struct err *err)
{
	start(m, false);
	m->before.n = nbefore;
	m->after.n = nafter;
	m->before.mean = mean_of(m->head, before, nbefore, scratch);
	m->after.mean = mean_of(m->head, after, nafter, scratch);
	m->diff = m->after.mean - m->before.mean;
	if (!nbefore || !nafter)
		return 0;
	if (within_one(m->head))
		return unpaired_unit(m, before, nbefore, after, nafter, scratch, err);
	unpaired_value(m, before, nbefore, after, nafter, scratch);
	return 0;
}
