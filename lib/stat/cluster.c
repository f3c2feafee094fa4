#include "stat/cluster.h"

#include <math.h>

static int by_value(const void *a, const void *b)
{
	const struct cluster_obs *x = a, *y = b;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->weight > y->weight) - (x->weight < y->weight);
}

/* One cluster's samples o[0..n-1], in sorted order. */
static double weighted_mean(const struct cluster_obs *o, size_t n)
{
	double sum = 0, weight = 0;
	for (size_t i = 0; i < n; i++) {
		if (!(o[i].weight > 0) || !isfinite(o[i].weight) || isnan(o[i].value))
			return NAN;
		sum += o[i].weight * o[i].value;
		weight += o[i].weight;
	}
	/* A weighted mean never leaves its values; its rounding may. */
	return fmin(fmax(sum / weight, o[0].value), o[n - 1].value);
}

/* --- who hangs together --- */

struct member {
	uint64_t cluster;
	uint32_t sample;
};

/* More in one bucket than this is sorted by the library. */
enum { BUCKET_MANY = 24, BUCKET_BITS_MAX = 20 };

static int by_cluster(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	return (x->sample > y->sample) - (x->sample < y->sample);
}

static void sort_bucket(struct member *m, size_t n)
{
	if (n > BUCKET_MANY) {
		qsort(m, n, sizeof(*m), by_cluster);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct member x = m[i];
		size_t k = i;
		for (; k > 0 && by_cluster(&m[k - 1], &x) > 0; k--)
			m[k] = m[k - 1];
		m[k] = x;
	}
}

/* Clusters are hashes as a rule: their highest bits spread them over as many buckets as there are
 * samples, a few in each. */
static void sort_members(struct member *to, const uint64_t *cluster, size_t n, struct arena *a)
{
	unsigned bits = 1;
	while (bits < BUCKET_BITS_MAX && (size_t)1 << bits < n)
		bits++;
	size_t buckets = (size_t)1 << bits;
	uint32_t *end = arena_array(a, uint32_t, buckets + 1);
	for (size_t i = 0; i < n; i++)
		end[(cluster[i] >> (64 - bits)) + 1]++;
	for (size_t k = 1; k <= buckets; k++)
		end[k] += end[k - 1];
	for (size_t i = 0; i < n; i++)
		to[end[cluster[i] >> (64 - bits)]++] = (struct member){ cluster[i], (uint32_t)i };
	for (size_t k = 0, from = 0; k < buckets; from = end[k++])
		sort_bucket(to + from, end[k] - from);
}

struct cluster_groups cluster_groups(struct arena *a, const uint64_t *cluster, size_t n)
{
	uint32_t *order = arena_array(a, uint32_t, n + 1), *from = arena_array(a, uint32_t, n + 1);
	struct arena_mark mark = arena_mark(a);
	struct member *m = arena_array(a, struct member, n + 1);
	size_t k = 0;
	sort_members(m, cluster, n, a);
	for (size_t i = 0; i < n; i++) {
		order[i] = m[i].sample;
		if (!i || m[i].cluster != m[i - 1].cluster)
			from[k++] = (uint32_t)i;
	}
	from[k] = (uint32_t)n;
	arena_rewind(a, mark);
	return (struct cluster_groups){ .n = k, .order = order, .from = from };
}

/* --- their means --- */

static void sort_values(struct cluster_obs *o, size_t n)
{
	if (n > BUCKET_MANY) {
		qsort(o, n, sizeof(*o), by_value);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct cluster_obs x = o[i];
		size_t k = i;
		for (; k > 0 && by_value(&o[k - 1], &x) > 0; k--)
			o[k] = o[k - 1];
		o[k] = x;
	}
}

double cluster_mean(struct cluster_obs *o, size_t n)
{
	sort_values(o, n);
	return weighted_mean(o, n);
}

size_t cluster_largest(const struct cluster_groups *g)
{
	size_t most = 0;
	for (size_t k = 0; k < g->n; k++)
		most = g->from[k + 1] - g->from[k] > most ? g->from[k + 1] - g->from[k] : most;
	return most;
}

struct cluster_means cluster_means(struct arena *a, const struct cluster_obs *obs, size_t n,
				   double fill)
{
	uint64_t *cluster = arena_array(a, uint64_t, n + 1);
	for (size_t i = 0; i < n; i++)
		cluster[i] = obs[i].cluster;
	struct cluster_groups g = cluster_groups(a, cluster, n);
	double *mean = arena_array(a, double, g.n + 1);
	size_t *size = arena_array(a, size_t, g.n + 1);
	struct cluster_obs *o = arena_array(a, struct cluster_obs, cluster_largest(&g));
	for (size_t k = 0; k < g.n; k++) {
		size[k] = g.from[k + 1] - g.from[k];
		for (size_t i = 0; i < size[k]; i++) {
			o[i] = obs[g.order[g.from[k] + i]];
			if (!o[i].scored)
				o[i].value = fill;
		}
		mean[k] = cluster_mean(o, size[k]);
	}
	return (struct cluster_means){ .n = g.n, .mean = mean, .size = size };
}

double cluster_effective_n(double n, double mean_size, double rho)
{
	return n / (1 + (mean_size - 1) * rho);
}
