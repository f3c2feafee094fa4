/* What early stop left out: the samples beyond the prefix that settled their suite get a line each that says
 * so, and the run's counts and failures become those of the samples that count. */
#ifndef RUN_SURPLUS_H
#define RUN_SURPLUS_H

#include "run/sample.h"
#include "run/stopper.h"

/* Once nothing is in the air any more. */
int surplus_settle(struct engine *e, const struct stopper *stop, struct err *err) MUST_USE;

#endif
