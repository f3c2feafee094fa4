/* Judges over time: this run's agreement with people beside that of the newest earlier run of the store with the
 * same calibration (same judge, rubric and labels), answer by answer.  What differs is tested by McNemar's exact test.
 * To be asked when the outcomes are written and before the run's own row is kept.  It changes no verdict. */
#ifndef RUN_DRIFT_H
#define RUN_DRIFT_H

#include "run/run.h"

/* Fills `judges` of the head. */
int drift(struct run *r, struct err *err) MUST_USE;

#endif
