#include "stat/cluster.h"

#include <math.h>

static int by_cluster_then_value(const void *a, const void *b)
{
	const struct cluster_obs *x = a, *y = b;
	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->weight > y->weight) - (x->weight < y->weight);
}

/* One cluster's samples o[0..n-1], in sorted order. */
static double weighted_mean(const struct cluster_obs *o, size_t n)
{
	double sum = 0, weight = 0;
	for (size_t i = 0; i < n; i++) {
		if (!(o[i].weight > 0) || !isfinite(o[i].weight))
			return NAN;
		sum += o[i].weight * o[i].value;
		weight += o[i].weight;
	}
	/* A weighted mean never leaves its values; its rounding may. */
	return fmin(fmax(sum / weight, o[0].value), o[n - 1].value);
}

struct cluster_means cluster_means(struct arena *a, const struct cluster_obs *obs, size_t n,
				   double fill)
{
	struct cluster_obs *o = arena_array(a, struct cluster_obs, n + 1);
	double *mean = arena_array(a, double, n + 1);
	size_t *size = arena_array(a, size_t, n + 1), k = 0;
	for (size_t i = 0; i < n; i++) {
		o[i] = obs[i];
		if (!o[i].scored)
			o[i].value = fill;
		if (isnan(o[i].value))
			o[i].weight = NAN;
	}
	qsort(o, n, sizeof(*o), by_cluster_then_value);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && o[end].cluster == o[i].cluster;)
			end++;
		mean[k] = weighted_mean(o + i, end - i);
		size[k++] = end - i;
	}
	return (struct cluster_means){ .n = k, .mean = mean, .size = size };
}

double cluster_effective_n(double n, double mean_size, double rho)
{
	return n / (1 + (mean_size - 1) * rho);
}
