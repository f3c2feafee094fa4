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

/* Pearson's intraclass shrink: the number of independent samples that carry as much as n
 * samples in clusters of mean size k with intraclass correlation rho, n / (1 + (k - 1) rho).
 * For show. */
double cluster_effective_n(double n, double mean_size, double rho);

#endif
