#include "verdict/verdict_observed.h"

#include "base/num.h"
#include "stat/ascending.h"
#include "stat/quantile.h"
#include "verdict/verdict_evidence.h"

#include <math.h>
#include <stdio.h>

struct ends {
	double lo, hi;
};

/* What an unscored sample could have been. */
static struct ends unscored_ends(const struct row *r)
{
	enum aggregate g = r->t->agg;
	if (row_is_score(r) || g == AGG_COUNT)
		return (struct ends){ 0, 1 };
	if (r->has_range)
		return (struct ends){ r->lo, r->hi };
	/* Times, tokens and dollars are not negative. */
	bool natural = r->metric->builtin;
	return (struct ends){ natural ? 0 : -INFINITY, INFINITY };
}

static double value_of(const struct row *r, double x)
{
	const struct metric_head *m = r->metric;
	switch (r->t->agg) {
	case AGG_RATE:
		return x >= m->cut;
	case AGG_PASS:
	case AGG_PASS_AT:
	case AGG_PASS_ALL:
		return m->direction == LOWER_IS_BETTER ? x < m->cut : x >= m->cut;
	case AGG_COUNT:
		return m->kind == METRIC_BINARY ? x >= m->cut : 1;
	case AGG_MEAN:
	case AGG_QUANTILE:
	case AGG_MIN:
	case AGG_MAX:
	case AGG_SUM:
	case AGG_SPEND:
		break;
	}
	return x;
}

/* Mean over cases of pass@k or pass^k, cases told apart by k->v[].tcase. */
static double mean_of_cases(const struct row *r, const struct taken *k, const double *v)
{
	double sum = 0;
	size_t cases = 0, to;
	for (size_t from = 0; from < k->n; from = to) {
		int64_t hits = 0, n = 0;
		for (to = from; to < k->n && k->v[to].tcase == k->v[from].tcase; to++) {
			if (isnan(v[to]))
				continue;
			n++;
			hits += v[to] == 1;
		}
		if (n < evidence_repeats(r))
			continue;
		sum += evidence_of_case(r, n, hits);
		cases++;
	}
	return cases ? sum / (double)cases : NAN;
}

static double weighted_mean(const struct taken *k, const double *v)
{
	double sum = 0, total = 0;
	for (size_t i = 0; i < k->n; i++) {
		if (isnan(v[i]))
			continue;
		sum += k->v[i].weight * v[i];
		total += k->v[i].weight;
	}
	return total > 0 ? sum / total : NAN;
}

/* The aggregate of v[0..n), where NaN means "left out". */
static double aggregate_of(const struct row *r, const struct taken *k, const double *v,
			   struct arena *scratch)
{
	enum aggregate g = r->t->agg;
	if (evidence_of_cases(r))
		return mean_of_cases(r, k, v);
	if (g == AGG_MEAN || g == AGG_RATE || g == AGG_PASS)
		return weighted_mean(k, v);
	double *kept = arena_array(scratch, double, k->n + 1);
	double sum = 0;
	size_t n = 0;
	for (size_t i = 0; i < k->n; i++) {
		if (isnan(v[i]))
			continue;
		sum += v[i];
		kept[n++] = v[i];
	}
	if (g == AGG_SUM || g == AGG_COUNT)
		return sum;
	if (!n)
		return NAN;
	ascending(kept, n, scratch);
	return g == AGG_MIN   ? kept[0]
	       : g == AGG_MAX ? kept[n - 1]
			      : quantile_estimate(kept, n, r->t->q);
}

static double with_unscored_at(const struct row *r, const struct taken *k, double fill,
			       struct arena *scratch)
{
	double *v = arena_array(scratch, double, k->n + 1);
	for (size_t i = 0; i < k->n; i++)
		v[i] = k->v[i].scored ? value_of(r, k->v[i].value) : fill;
	return aggregate_of(r, k, v, scratch);
}

struct observed observed_values(const struct row *r, const struct taken *k, struct arena *scratch)
{
	struct ends e = unscored_ends(r);
	return (struct observed){
		.estimate = with_unscored_at(r, k, NAN, scratch),
		.lower = with_unscored_at(r, k, e.lo, scratch),
		.upper = with_unscored_at(r, k, e.hi, scratch),
	};
}

/* ---- texts ---- */

void verdict_count_text(char out[32], uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	char *p = out;
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = 0;
}

static const char *time_text(double ms, struct arena *a)
{
	if (ms < 10)
		return arena_fmt(a, "%.1f ms", ms);
	if (ms < 9999.5)
		return arena_fmt(a, "%.0f ms", ms);
	if (ms < 600e3)
		return arena_fmt(a, "%.1f s", ms / 1e3);
	return arena_fmt(a, "%.1f m", ms / 60e3);
}

static const char *count_text(double x, const char *unit, struct arena *a)
{
	char n[32];
	if (x >= 0 && x < 1e15 && (x >= 100 || x == floor(x))) {
		verdict_count_text(n, (uint64_t)(x + 0.5));
		return arena_fmt(a, "%s%s%s", n, *unit ? " " : "", unit);
	}
	return arena_fmt(a, "%.1f%s%s", x, *unit ? " " : "", unit);
}

/* Four decimals below a dollar, six where four say too little of a small amount. */
static const char *usd_text(double x, struct arena *a)
{
	bool fine = fabs(x) < 0.01 && fabs(x - round(x * 1e4) / 1e4) > 0.002 * fabs(x);
	return arena_fmt(a, fabs(x) >= 1 ? "$%.2f" : fine ? "$%.6f" : "$%.4f", x);
}

const char *verdict_value_text(double x, const char *unit, struct arena *a)
{
	if (isnan(x))
		return "–";
	if (!strcmp(unit, "ms"))
		return time_text(x, a);
	if (!strcmp(unit, "usd"))
		return usd_text(x, a);
	if (!strcmp(unit, "tok/s"))
		return arena_fmt(a, "%.1f tok/s", x);
	if (!strcmp(unit, "tok"))
		return count_text(x, unit, a);
	if (fabs(x) <= 1)
		return arena_fmt(a, "%.3f", x);
	return x == floor(x) ? count_text(x, unit, a)
			     : arena_fmt(a, "%.3f%s%s", x, *unit ? " " : "", unit);
}
