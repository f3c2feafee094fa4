#include "stat/agreement.h"

#include <math.h>
#include <stdbool.h>

static double kappa_cost(size_t i, size_t j, enum kappa_weight weight)
{
	double d = fabs((double)i - (double)j);
	switch (weight) {
	case KAPPA_LINEAR:
		return d;
	case KAPPA_QUADRATIC:
		return d * d;
	case KAPPA_PLAIN:
		break;
	}
	return d > 0;
}

static double row_sum(const int64_t *table, size_t k, size_t i)
{
	double sum = 0;
	for (size_t j = 0; j < k; j++)
		sum += (double)table[i * k + j];
	return sum;
}

static double column_sum(const int64_t *table, size_t k, size_t j)
{
	double sum = 0;
	for (size_t i = 0; i < k; i++)
		sum += (double)table[i * k + j];
	return sum;
}

/* One minus observed over expected disagreement. */
double cohen_kappa(const int64_t *table, size_t k, enum kappa_weight weight)
{
	double seen = 0, expected = 0, n = 0;
	for (size_t i = 0; i < k; i++)
		n += row_sum(table, k, i);
	for (size_t i = 0; i < k; i++)
		for (size_t j = 0; j < k; j++) {
			double cost = kappa_cost(i, j, weight);
			seen += cost * (double)table[i * k + j];
			expected += cost * row_sum(table, k, i) * column_sum(table, k, j) / n;
		}
	return expected > 0 ? 1 - seen / expected : NAN;
}

/* The values that occur, ascending, and the coincidences of their pairs within units. */
struct coincidence {
	double *value; /* k of them */
	double *pairs; /* k by k */
	double *total; /* of each row */
	size_t k;
	double n;
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static size_t index_of(const struct coincidence *c, double x)
{
	size_t lo = 0, hi = c->k;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;
		if (c->value[mid] <= x)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static void count_unit(struct coincidence *c, const double *value, size_t raters, size_t units)
{
	double said = 0;
	for (size_t r = 0; r < raters; r++)
		said += !isnan(value[r * units]);
	for (size_t r = 0; r < raters && said > 1; r++)
		for (size_t s = 0; s < raters; s++) {
			double x = value[r * units], y = value[s * units];
			if (r == s || isnan(x) || isnan(y))
				continue;
			c->pairs[index_of(c, x) * c->k + index_of(c, y)] += 1 / (said - 1);
		}
}

static struct coincidence count_pairs(struct arena *a, const double *value, size_t raters,
				      size_t units)
{
	struct coincidence c = { .value = arena_array(a, double, raters *units + 1) };
	size_t n = 0;
	for (size_t i = 0; i < raters * units; i++)
		if (!isnan(value[i]))
			c.value[n++] = value[i];
	qsort(c.value, n, sizeof(*c.value), by_value);
	for (size_t i = 0; i < n; i++)
		if (!c.k || c.value[i] != c.value[c.k - 1])
			c.value[c.k++] = c.value[i];
	c.pairs = arena_array(a, double, c.k *c.k + 1);
	c.total = arena_array(a, double, c.k + 1);
	for (size_t u = 0; u < units; u++)
		count_unit(&c, value + u, raters, units);
	for (size_t i = 0; i < c.k; i++)
		for (size_t j = 0; j < c.k; j++)
			c.total[i] += c.pairs[i * c.k + j];
	for (size_t i = 0; i < c.k; i++)
		c.n += c.total[i];
	return c;
}

/* Squared distance of values i < j. */
static double distance(const struct coincidence *c, size_t i, size_t j, enum alpha_level level)
{
	double x = c->value[i], y = c->value[j], d = y - x;
	switch (level) {
	case ALPHA_ORDINAL:
		d = -(c->total[i] + c->total[j]) / 2;
		for (size_t g = i; g <= j; g++)
			d += c->total[g];
		break;
	case ALPHA_RATIO:
		d /= x + y;
		break;
	case ALPHA_NOMINAL:
		d = 1;
		break;
	case ALPHA_INTERVAL:
		break;
	}
	return d * d;
}

double krippendorff_alpha(struct arena *scratch, const double *value, size_t raters, size_t units,
			  enum alpha_level level)
{
	struct coincidence c = count_pairs(scratch, value, raters, units);
	double seen = 0, expected = 0;
	for (size_t i = 0; i < c.k; i++)
		for (size_t j = i + 1; j < c.k; j++) {
			double d = distance(&c, i, j, level);
			seen += d * c.pairs[i * c.k + j];
			expected += d * c.total[i] * c.total[j];
		}
	return expected > 0 ? 1 - (c.n - 1) * seen / expected : NAN;
}

double rogan_gladen(double judged, double sensitivity, double specificity)
{
	double skill = sensitivity + specificity - 1;
	return skill > 0 ? fmin(fmax((judged + specificity - 1) / skill, 0), 1) : NAN;
}

/* The correction is a quotient of linear terms in each of its three arguments, so while the skill
 * stays positive its extremes lie at corners. */
struct bounds judged_bounds(struct bounds judged, struct bounds sensitivity, struct bounds specificity)
{
	const struct bounds *in[3] = { &judged, &sensitivity, &specificity };
	double end[3][2];
	for (int i = 0; i < 3; i++) {
		end[i][0] = in[i]->lower;
		end[i][1] = in[i]->upper;
	}
	struct bounds b = { rogan_gladen(judged.estimate, sensitivity.estimate, specificity.estimate), 0, 1 };
	if (!(end[1][0] + end[2][0] > 1))
		return b;
	b.lower = 1;
	b.upper = 0;
	for (int k = 0; k < 8; k++) {
		double x = rogan_gladen(end[0][k & 1], end[1][k >> 1 & 1], end[2][k >> 2]);
		b.lower = fmin(b.lower, x);
		b.upper = fmax(b.upper, x);
	}
	return b;
}

static struct bounds ratio_bounds(struct ratio r, double alpha)
{
	return (struct bounds){ (double)r.x / (double)r.n, cp_lower(r.x, r.n, alpha), cp_upper(r.x, r.n, alpha) };
}

struct bounds judged_rate_bounds(struct ratio judged, struct ratio caught, struct ratio cleared,
				 double alpha)
{
	return judged_bounds(ratio_bounds(judged, alpha / 3), ratio_bounds(caught, alpha / 3),
			     ratio_bounds(cleared, alpha / 3));
}
