/* worst{key}: the row's samples spread over the values of a case variable, and the slice that
 * decides.  Every slice must pass, each at the row's own risk (all of them passing by luck is
 * rarer still); one fails the row when it fails at alpha / slices.  For verdict.c and
 * verdict_plan.c. */
#ifndef VERDICT_VERDICT_WORST_H
#define VERDICT_VERDICT_WORST_H

#include "verdict/verdict_rule.h"

struct worst_slice {
	const char *value;
	struct take_filter filter;
};

struct worst {
	struct worst_slice *v; /* in bytewise order of the value */
	size_t n;
	size_t missing; /* samples whose case lacks the variable */
	bool full;	/* more values than a category has */
};

struct worst worst_slices(const struct row *r, const struct verdict_table *t, struct arena *a);
/* Decide every slice; *out and *slice are the one that decides.  `planned`: at best. */
int worst_decide(struct ruling *out, const char **slice, const struct rule_ask *ask,
		 const struct verdict_table *t, bool planned, struct err *err) MUST_USE;

#endif
