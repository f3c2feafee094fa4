/* The plan of a run: every name in the project bound to the code that answers to it, every config
 * validated by its owner's schema, the cases chosen, the samples counted, and the plan's digest.
 * Nothing here opens a socket. */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include "run/run.h"

/* Providers of targets; scorers of metrics; their configs; the judges they need.  Errors in *d. */
void plan_bind(struct run *r, struct diags *d);
/* The scorer's own schema, with the keys that every metric may carry. */
json_t *plan_metric_schema(const struct scorer_ops *op, struct arena *a);
/* Choose the cases (filter, sample); F4: nothing left is an error in *d. */
int plan_select(struct run *r, struct diags *d, struct err *err) MUST_USE;
/* The heads of the suites: metric columns, counts. */
void plan_heads(struct run *r);
/* Match the stage's thresholds with the plan (verdict_plan_check), slices and all. */
int plan_thresholds(struct run *r, struct diags *d, struct err *err) MUST_USE;
/* What was planned, as one digest: two runs of one plan may share stored outcomes. */
void plan_digest(struct run *r);

/* The case behind a position of the suite's chosen cases. */
static inline size_t plan_case(const struct suite_plan *s, size_t i)
{
	return s->pick ? s->pick[i] : i;
}
/* Tags of a case: its scalar variables, for slices. */
const struct tag *plan_tags(const json_t *vars, size_t *n, struct arena *a);
/* Is its quarantine in force at `now_ms`?  One without a readable date is not. */
bool plan_quarantined(const struct tcase *c, int64_t now_ms);
/* The head-less part of an outcome: identity, cluster, weight, tags, place. */
void plan_outcome(struct outcome *out, const struct run *r, size_t suite, size_t at,
		  unsigned sample, const struct tcase *c, struct arena *a);

#endif
