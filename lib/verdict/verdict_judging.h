/* struct judging: what is known of the judge whose word a row is about: answers that people labelled, each with
 * the judge's own verdict in this run, taken from the suite's calibration twin.  struct judged: what they show of
 * it.  What is open (no verdict, as many good as bad labels) is at its worst.  Everything lives in the arena given.
 * For verdict_judged.c, verdict_take.c and verdict_fill. */
#ifndef VERDICT_VERDICT_JUDGING_H
#define VERDICT_VERDICT_JUDGING_H

#include "stat/proportion.h"
#include "verdict/verdict_row.h"
#include "verdict/verdict_table.h"

struct judged_case {
	uint64_t cluster;
	signed char label, verdict; /* 1 good, 0 bad, -1 not known */
};

struct judging {
	const struct judge_demand *demand;
	bool pooled;  /* over suites: whose judge would it be? */
	bool labelled; /* there is a calibration that fits the metric */
	struct judged_case *v;
	size_t n;
	const double *rated; /* [rater * n + case]: 1, 0, NaN; for alpha */
	size_t raters;
};

/* What the row's judge showed; finding.judge is made of it. */
struct judged {
	size_t good, bad, disputed, unscored;
	struct bounds sensitivity, specificity; /* each side at a third of the row's risk */
	double kappa, alpha;			/* NaN: not defined, not asked */
	bool met;
	bool corrects; /* the three below are there */
	struct bounds share, corrected, powered;
};

/* NULL when the row's metric is no judge's.  `planned`: as if the judge were perfect. */
const struct judging *judging_take(const struct row *r, const struct verdict_table *t, bool planned,
				   struct arena *scratch);
/* Each bound at `risk`; `met` by the policy's minimum. */
int judging_measure(struct judged *out, const struct judging *j, double risk, struct arena *scratch,
		    struct err *err) MUST_USE;
/* finding.judge, or NULL. */
const json_t *judging_json(const struct judged *j, struct arena *a);

#endif
