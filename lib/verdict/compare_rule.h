/* The numbers of one metric on two sides, from its values alone: means, the difference with its
 * interval, exact McNemar, percentiles.  Which method: a rate with one sample a cluster gets Tango's
 * interval (unpaired: Miettinen and Nurminen's score interval); other values in [0, 1] get the
 * betting bound on their cluster means (unpaired: both sides' bounds, each at a quarter of the risk);
 * values with a unit the bootstrap (BCa) of cluster means, or Student's t where clusters are few or
 * a great many (unpaired: Welch).  Tango, score, bootstrap and t are approximations, for show.  For lib/verdict/compare*.c only. */
#ifndef VERDICT_COMPARE_RULE_H
#define VERDICT_COMPARE_RULE_H

#include "stat/proportion.h"
#include "verdict/compare.h"

struct compare_obs {
	double value;
	uint64_t cluster;
	double weight;
};

/* before[i] and after[i] are one sample; m->head and m->before.unscored … are set by the caller. */
int compare_rule_paired(struct compare_metric *m, const struct compare_obs *before,
			const struct compare_obs *after, size_t n, struct arena *scratch,
			struct err *err) MUST_USE;
int compare_rule_unpaired(struct compare_metric *m, const struct compare_obs *before, size_t nbefore,
			  const struct compare_obs *after, size_t nafter, struct arena *scratch,
			  struct err *err) MUST_USE;
/* Mean and two-sided interval of one side; `unscored` samples more may be anything in the metric's
 * range, where it has one. */
int compare_rule_mean(struct bounds *out, const struct metric_head *m, const struct compare_obs *v,
		      size_t n, size_t unscored, struct arena *scratch, struct err *err) MUST_USE;
/* On the good side of its cut? */
bool compare_is_right(const struct metric_head *m, double x);
/* Percentile of unsorted values; NaN without any. */
double compare_percentile(const struct compare_obs *v, size_t n, double p, struct arena *scratch);

#endif
