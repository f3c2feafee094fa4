/* struct gap: what a threshold that did not pass lacks, and how much of it each sample makes, so
 * that groups of failures can be weighed against each other.  Taken from the very samples, weights
 * and clusters that decided the row, in canonical order, so that neither -j nor the order of
 * arrival changes a bit of it.
 *
 * With e_i the weight of scored sample i in the estimate (all together 1; clusters count once):
 *
 *   aggregate               gap, in its unit                 part of sample i
 *   mean of scores, rate,   bound - estimate where more is   e_i (1 - x_i), or e_i x_i where
 *   pass, pass@k, pass^k    asked for, estimate - bound      less is asked for; x_i is the score,
 *                           where less is; points            or 1 or 0 for what rate and pass count.
 *                                                            Of pass@k: the case's own loss,
 *                                                            shared by its failing samples
 *   percentile q            share of samples past the bound  e_i when past it
 *                           minus the share that may be,
 *                           1 - q (q where >=); points
 *   mean of a measurement   estimate - bound (or turned);    e_i times how far past the bound
 *                           ms, usd, tok …
 *   count, sum of scores    the same; samples                1 (x_i for sum) or what is missing to it
 *   min, max                the same                         none: only which samples are past it
 *   mean, rate, pass        what new - old lacks to the      e_i times what the baseline did better
 *   against the baseline    margin                           on the same sample
 *   spend, baseline * r,    none                             none
 *   sum or count of
 *   measurements
 *
 * A gap of 0 or less: what was seen reaches the bar, and evidence is what is missing.  Under a judge's
 * word both are of what the judge said, not corrected.  Parts may add up to more than the
 * gap: a bar forgives some failures.  An unscored sample has no part; `width` is how far apart it
 * holds the two ends of the estimate. */
#ifndef VERDICT_FAILURE_GAP_H
#define VERDICT_FAILURE_GAP_H

#include "verdict/verdict_row.h"

struct gap_sample {
	size_t seq;
	double part, width; /* at least 0; NaN = none in this aggregate */
	bool scored;
};

struct gap {
	size_t finding;
	const struct row *row;
	double gap;	 /* NaN = none */
	int64_t samples; /* that many must turn out well to reach the bar; -1 = no such number */
	struct gap_sample *v; /* failing and unscored ones in canonical order */
	size_t n;
};

struct gaps {
	struct gap *v; /* blocking first, then failed before undecided, then by finding */
	size_t n;
};

/* What a sample of value x loses, before its weight; above 0: a failure in this row's eyes.
 * `high`: more is asked for. */
double gap_lost(const struct row *r, bool high, double bound, double x);
/* Of the findings that verdict_decide has just made of the same stage and table. */
void failure_gaps(struct gaps *out, const struct record *rec, const struct verdict_table *t,
		  const struct stage *s, struct arena *a);

#endif
