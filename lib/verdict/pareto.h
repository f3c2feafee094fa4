/* struct pareto: which of several records nobody beats.  One table for a suite: quality (a metric's
 * mean), cost of a case and latency.  A record is beaten by another that is at least as good on every
 * axis and better on one; an axis that some record of the table lacks (nothing was timed, no price)
 * counts for none.  Point estimates are compared: the intervals beside them say how far they are
 * sure.  Plain data in the arena of whoever fills it. */
#ifndef VERDICT_PARETO_H
#define VERDICT_PARETO_H

#include "record/record.h"

enum pareto_axis { PARETO_QUALITY, PARETO_COST, PARETO_P50, PARETO_P95, PARETO_AXES };
/* "quality" "cost" "latency p50" "latency p95" */
const char *pareto_axis_name(enum pareto_axis axis);

struct pareto_point {
	size_t side;
	bool same_suite;	   /* the suite of the table's first record, byte for byte */
	double axis[PARETO_AXES];  /* NaN where unknown; cost of a case in usd, latency in ms */
	double lower, upper;	   /* of quality */
	size_t n, unscored;	   /* of quality */
	size_t cases;
	size_t beaten_by;	   /* index + 1 of the first point that beats it; 0: on the frontier */
};

struct pareto {
	const char *suite;
	const struct metric_head *metric;
	struct digest suite_id; /* of the first point */
	struct pareto_point *point;
	size_t npoint;
	bool counts[PARETO_AXES]; /* known for every point */
};

/* Fills counts and beaten_by from the points' axes. */
void pareto_solve(struct pareto *p);

#endif
