/* Several tests at once, for views that flag what differs: each p-value adjusted so that comparing it
 * with alpha keeps the chance of any false flag (Holm, Bonferroni, Hochberg), or the share of false
 * flags (Benjamini, Hochberg), at alpha.  A stage needs none: all of its thresholds must pass.
 * Sources: Holm (1979); Hochberg (1988); Benjamini, Hochberg (1995). */
#ifndef STAT_MULTIPLE_H
#define STAT_MULTIPLE_H

#include "base/arena.h"

#include <stddef.h>

enum multiple { MULTIPLE_HOLM, MULTIPLE_BONFERRONI, MULTIPLE_HOCHBERG, MULTIPLE_BH };

/* Adjusted p-values in the order given, in `a`.  A NaN counts as a test and comes back as 1. */
const double *multiple_adjust(enum multiple how, const double *p, size_t n, struct arena *a);

#endif
