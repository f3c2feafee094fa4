/* struct row: one threshold matched with the suites and the metric it speaks of.  An unqualified
 * built-in gives one row per suite; `*` and a single suite give one.  For verdict.c and
 * verdict_plan.c: both match by the same function, so what was checked is what is decided. */
#ifndef VERDICT_VERDICT_ROW_H
#define VERDICT_VERDICT_ROW_H

#include "verdict/verdict.h"

#include <limits.h>

#define ROW_NO_BASE UINT_MAX

struct row {
	const struct threshold *t;
	const struct metric_head *metric; /* of the first suite; NULL for spend */
	unsigned *suite, *column;	  /* indices into record.suite and its metric[] */
	size_t nsuite;
	unsigned *base, *base_column; /* parallel: the other side (the suite itself where it is the same
				       * candidate), or ROW_NO_BASE */
	enum suite_base vs;  /* what it is compared with: BASE_NONE unless the threshold asks */
	const char *label;
	double alpha;	     /* at which the ordinary rule decides: half of the risk with early stop */
	double risk;	     /* of the row: 1 - confidence */
	bool early;	     /* the other half is spent on looks */
	bool is_new; /* on a suite that only the change has */
	bool has_range;
	double lo, hi; /* of the mean of a measurement */
};

struct rows {
	struct row *v;
	size_t n;
};

/* 0, or -1 with an error in *d for every threshold that matches nothing or does not fit. */
int rows_match(struct rows *out, const struct stage *s, const struct record *head,
	       const char *const *all_suites, size_t nall_suites, struct arena *a,
	       struct diags *d) MUST_USE;
/* It is a score in [0, 1], not a measurement. */
bool row_is_score(const struct row *r);
/* The aggregate is in [0, 1]: a mean, share, percentile or extreme of scores. */
bool row_is_share(const struct row *r);
/* It is a measured time, built in. */
bool row_is_timing(const struct row *r);
/* Decided by comparing what was seen: asked for, or a fact of the run by nature. */
bool row_is_observed(const struct row *r);
/* The unit its estimate is shown in: "" for scores and counts. */
const char *row_unit(const struct row *r);
/* An empty finding for this row: names, bound, place. */
struct finding row_finding(const struct row *r, const struct record *rec, struct arena *a);

#endif
