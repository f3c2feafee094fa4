/* Numbers put in ascending order, in time that grows with their count alone: verdicts sort a hundred
 * thousand at a time, many times over.  Equal numbers (0 and -0 too) keep their order; there
 * must be no NaN. */
#ifndef STAT_ASCENDING_H
#define STAT_ASCENDING_H

#include "base/arena.h"

void ascending(double *v, size_t n, struct arena *scratch);

#endif
