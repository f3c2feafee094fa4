/* Two candidates on the same cases, right or wrong: only the cases where they differ speak.
 * Exact McNemar test of a drop, and Tango's score statistic and interval for the difference of
 * rates.  Tango's is asymptotic and a little liberal (size up to 0.06 where few pairs differ):
 * it is shown, never decided on.  Pure numbers; counts below 0 or n too small give NaN.
 * Sources: McNemar (1947); Fagerland, Lydersen, Laake (2013) for mid-p; Tango (1998). */
#ifndef STAT_PAIRED_H
#define STAT_PAIRED_H

#include "stat/proportion.h"

#include <stdint.h>

/* n pairs; in `gained` only the new one is right, in `lost` only the old one. */
struct pairs {
	int64_t n, gained, lost;
};

/* P(at least so many losses | no change): small means that a drop is proven. */
double mcnemar_drop(struct pairs p);
double mcnemar_two_sided(struct pairs p);
/* Less conservative, not exact; label it where it is shown. */
double mcnemar_mid_p(struct pairs p);

/* The score statistic of "new - old = delta", -1 < delta < 1; large means new is better. */
double tango_z(struct pairs p, double delta);
/* Two-sided interval of new - old at risk alpha; NaN as estimate and -1 to 1 for n = 0. */
struct bounds tango_interval(struct pairs p, double alpha);

#endif
