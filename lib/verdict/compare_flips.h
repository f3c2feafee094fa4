/* The cases that crossed a metric's cut between two sides, worst first, and why.  For
 * lib/verdict/compare*.c only. */
#ifndef VERDICT_COMPARE_FLIPS_H
#define VERDICT_COMPARE_FLIPS_H

#include "verdict/compare.h"
#include "verdict/compare_columns.h"

/* Fills m->flip, at most `limit` for each direction, and how many there are. */
void compare_flips_find(struct compare_metric *m, const struct compare_rows *before,
			const struct compare_rows *after, size_t column_before, size_t column_after,
			const struct compare_matches *match, size_t limit, struct arena *a,
			struct arena *scratch);
/* One pass over each side that has a wrong answer among the flips, for the reasons. */
int compare_flips_explain(struct compare_pair *p, struct arena *a, struct err *err) MUST_USE;

#endif
