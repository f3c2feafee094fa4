/* A percentile of a row's samples with bounds: by order statistics where every sample stands for itself, by
 * asking the rate test where they come in clusters.  For the rules only. */
#ifndef VERDICT_VERDICT_QUANTILE_H
#define VERDICT_VERDICT_QUANTILE_H

#include "verdict/verdict_unit.h"

/* At the risk alpha each; NaN where none is to be had.  `u` is the row's unit, finished. */
int verdict_quantile(struct bounds *out, const struct row *r, const struct taken *k, const struct unit *u,
		     double alpha, struct arena *scratch, struct err *err) MUST_USE;

#endif
