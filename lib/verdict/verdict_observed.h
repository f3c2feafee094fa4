/* What was seen, without a claim beyond this run: the plain value of an aggregate, and how far
 * unscored samples could have moved it.  For the rules only. */
#ifndef VERDICT_VERDICT_OBSERVED_H
#define VERDICT_VERDICT_OBSERVED_H

#include "verdict/verdict_take.h"

struct observed {
	double estimate;     /* of the scored samples; NaN without any */
	double lower, upper; /* unscored at either end; infinite where their range has no end */
};

struct observed observed_values(const struct row *r, const struct taken *k, struct arena *scratch);

#endif
