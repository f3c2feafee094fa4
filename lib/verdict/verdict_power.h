/* What so many cases could have detected: the smallest distance of the truth from the bar that the rule decides
 * with a chance of POWER.  Exact for shares; for means and pairs the width of the bound plus what the estimate
 * strays, by the normal approximation.  Shown, never decided on.  For the rules only. */
#ifndef VERDICT_VERDICT_POWER_H
#define VERDICT_VERDICT_POWER_H

#include "stat/paired.h"
#include "verdict/verdict_unit.h"

#define POWER 0.80

/* Of `mean >= bar` (at_least) or `<= bar`, on the unit's own scale; `b` are its bounds.  NaN: not told. */
double power_of_unit(const struct unit *u, const struct bounds *b, bool at_least, double bar, double alpha,
		     struct arena *scratch);
/* Of a margin on pairs that differ as often as these. */
double power_of_pairs(struct pairs p, double alpha);
/* How far an estimate strays below the truth, at most, in POWER of the runs. */
double power_stray(const struct unit *u, struct arena *scratch);
double power_stray_pairs(struct pairs p);

#endif
