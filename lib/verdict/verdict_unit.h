/* struct unit: evidence reduced to what every rule bounds: a mean of independent values in [0, 1],
 * each known exactly or only to lie between two ends.  Declared-binary values of one sample a
 * cluster go to Clopper-Pearson, everything else through cluster means to the betting bound;
 * unequal weights bet on r_i (x_i - m) with r_i = weight / largest weight, whose capital
 * against "the weighted mean is at most m" still has expectation at most 1 (1 + z <= e^z),
 * given the weights.  For the rules only. */
#ifndef VERDICT_VERDICT_UNIT_H
#define VERDICT_VERDICT_UNIT_H

#include "stat/betting.h"
#include "stat/cluster.h"
#include "verdict/verdict_take.h"

struct unit_obs {
	double lo, hi; /* equal when known */
	uint64_t cluster;
	double weight;
	bool same; /* of a pair: one answer stands on both sides */
};

/* Which of its values a cluster's mean is of. */
enum unit_end { UNIT_LOW, UNIT_HIGH, UNIT_KNOWN, UNIT_ENDS };

struct unit {
	struct unit_obs *v;
	size_t n;
	size_t open; /* lo < hi */
	size_t hits; /* known and 1 */
	size_t clusters;
	bool binary; /* every end is 0 or 1 by construction, not by luck */
	bool weighted;
	struct cluster_groups groups;
	struct cluster_means *means; /* by enum unit_end, without sizes, made when first asked for */
	double estimate;
	double *weight; /* of the clusters, when weighted */
};

/* Sorts out clusters; u->v and u->n, binary and weighted are set by the caller. */
void unit_finish(struct unit *u, struct arena *scratch);
/* The same where a finished unit of the same samples in the same order has found the clusters and their
 * weights already; without an estimate. */
void unit_finish_like(struct unit *u, const struct unit *like, struct arena *scratch);
/* Of a finished unit's clusters, in the order of its groups. */
const struct cluster_means *unit_means(const struct unit *u, enum unit_end end, struct arena *scratch);
bool unit_is_exact(const struct unit *u);
/* The mean of the known values; NaN without any. */
double unit_estimate(const struct unit *u);
/* Its standard error over clusters; NaN with weights or fewer than two. */
double unit_error(const struct unit *u, struct arena *scratch);
/* One-sided bounds at risk alpha.  -1 when a value is none (ERR_BUG). */
int unit_bounds(struct bounds *out, const struct unit *u, double alpha, struct arena *scratch,
		struct err *err) MUST_USE;
/* Is lower >= bar (upper <= bar)?  The test at one bar, without a search for the bound. */
int unit_shows(bool *out, const struct unit *u, bool at_least, double bar, double alpha,
	       struct arena *scratch, struct err *err) MUST_USE;
/* Cases that would decide `mean >= bar` (or <=) at what was seen; 0 = none would, -1 = not
 * known. */
int64_t unit_needed(const struct unit *u, bool at_least, double bar, double alpha,
		    struct arena *scratch);

#endif
