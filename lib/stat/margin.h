/* The margin test: is the new candidate's rate more than `delta` above the old one's, on the same
 * cases?  Exact and unconditional: the p-value is the largest chance, over every rate of losses that
 * agrees with "new - old = delta", of a Tango statistic at least as large as the one seen.  So its
 * size is at most alpha at every n, which Tango's own normal approximation does not keep (0.060 at
 * n = 300, delta = -0.02).  The statistic rises with every gain and falls with every loss (Barnard's
 * convexity), therefore the largest chance lies on the boundary of the hypothesis.
 * Up to MARGIN_FULL_N pairs the rate of losses is searched over its whole range; above, over an
 * interval that holds it with all but MARGIN_GAMMA, which is added (Berger, Boos 1994).
 * Pure numbers; pairs that make no sense give NaN, and prove nothing.
 * Sources: Tango (1998); Suissa, Shuster (1991); Chan (1998); Sidik (2003). */
#ifndef STAT_MARGIN_H
#define STAT_MARGIN_H

#include "stat/paired.h"

enum { MARGIN_FULL_N = 2000 };
#define MARGIN_GAMMA 1e-4

/* P-value of "new - old <= delta", -1 < delta < 1. */
double margin_above_p(struct pairs p, double delta);
/* P-value of "new - old >= delta". */
double margin_below_p(struct pairs p, double delta);
/* The same as decisions at risk alpha, which stop at the first rate of losses that forbids it. */
bool margin_above(struct pairs p, double delta, double alpha);
bool margin_below(struct pairs p, double delta, double alpha);

/* The smallest drop (as a rate, > 0) that exact McNemar would have proven on n pairs of which as many
 * differ as did here: what "no regression shown" could have seen.  1 when n is too small for any. */
double mcnemar_least_drop(struct pairs p, double alpha);
/* How many pairs prove "new - old > -margin" with that power when the two are equal and differ on
 * `discordant` of the cases: the normal approximation, corrected for continuity, for plans.  -1: none up to
 * DECIDE_CASES_MAX. */
int64_t margin_pairs_needed(double margin, double discordant, double alpha, double power);

#endif
