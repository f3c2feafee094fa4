/* Cluster means: the answers to one source case (repeats, transforms, translations, turns of
 * one conversation) hang together, so the cluster and not the sample is what the bounds count.
 * Each cluster gives one mean; the means go through the graded bound.  A sample without a score
 * enters at `fill`, the worst or the best value of its range: call once for each side.
 * Clusters are any numbers; neither their order nor the samples' changes a bit of the result.
 * With one sample a cluster its value comes back untouched. */
#ifndef STAT_CLUSTER_H
#define STAT_CLUSTER_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cluster_obs {
	uint64_t cluster;
	double value;
	double weight; /* > 0; equal weights give the plain mean */
	bool scored;   /* else value is ignored */
};

struct cluster_means {
	size_t n;	    /* clusters */
	const double *mean; /* by ascending cluster number */
	const size_t *size; /* samples of each */
};

/* Weights must be positive and finite (anything else makes the mean a NaN, which the bounds
 * refuse). */
struct cluster_means cluster_means(struct arena *a, const struct cluster_obs *obs, size_t n,
				   double fill);

/* The same in two steps: which samples hang together is found once, for any number of values. */
struct cluster_groups {
	size_t n;	       /* clusters, by ascending number */
	const uint32_t *order; /* samples, those of one cluster side by side */
	const uint32_t *from;  /* n + 1 places in order */
};
struct cluster_groups cluster_groups(struct arena *a, const uint64_t *cluster, size_t n);
size_t cluster_largest(const struct cluster_groups *g);
/* Of one cluster's samples, all scored; puts them in order of their values.  NaN when a value or weight is none. */
double cluster_mean(struct cluster_obs *o, size_t n);

/* Pearson's intraclass shrink: the number of independent samples that carry as much as n
 * samples in clusters of mean size k with intraclass correlation rho, n / (1 + (k - 1) rho).
 * For show. */
double cluster_effective_n(double n, double mean_size, double rho);

#endif
