/* Calibrations in the plan: each metric's labelled answers as a twin of its suite, whose target only hands the answers
 * out and whose judge is the metric's own.  Beside the judge's word a sample has the metric `label`, what most people
 * said, and with several people `label.1`, `label.2` … */
#ifndef RUN_LABELLED_H
#define RUN_LABELLED_H

#include "run/run.h"

/* Once the suites and their baselines are known. */
void labelled_plan(struct run *r);
/* The metrics of one such twin, once those of its suite are bound. */
void labelled_bind(struct run *r, struct suite_plan *s);
/* A calibration measures a judge; anything else has none. */
void labelled_check(const struct metric_plan *m, struct diags *d);
/* What people said of this case: absent where nobody did, or as many good as bad. */
struct cell labelled_cell(const struct metric_plan *m, const struct tcase *c);

#endif
