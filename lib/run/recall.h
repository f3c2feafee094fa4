/* What the store remembers, told in the record of the run that ends: earlier verdicts on the very
 * candidate and suites, and failing cases that passed before.  To be asked before the run's own row and
 * marks are kept.  It changes no verdict. */
#ifndef RUN_RECALL_H
#define RUN_RECALL_H

#include "run/run.h"

/* Fills earlier_verdicts and flaky of the head. */
int recall(struct run *r, struct err *err) MUST_USE;

#endif
