/* The other side of the trial: which commit (or record) the thresholds on `baseline` compare with, and the
 * twin suites that play its targets beside the candidate's.  Suites, datasets, rubrics and judges are those
 * of the candidate's run, so the two sides differ in the target's artifacts alone. */
#ifndef RUN_BASELINE_H
#define RUN_BASELINE_H

#include "run/run.h"

/* Before the plan is bound: add a twin for each suite that a threshold compares, or tell why it has none
 * (suite_plan.base).  Errors in *d (a baseline that cannot be read or used) or *err. */
int baseline_plan(struct run *r, struct diags *d, struct err *err) MUST_USE;

/* One twin's outcomes from the record that was given, in the twin's own order: each() gets them as if this
 * run had played them (seq, suite, cells by this run's columns, reply.reused).  0, or -1 when the
 * record does not have them all. */
typedef int baseline_each_fn(void *ctx, const struct outcome *o, struct err *err);
int baseline_outcomes(struct run *r, size_t twin, baseline_each_fn *each, void *ctx, struct err *err) MUST_USE;

#endif
