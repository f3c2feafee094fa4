/* A judge against people: how well two raters agree, how well many do, and what a judged rate
 * says about the true one when the judge errs.  Pure numbers; NaN where nothing is defined (no
 * pairs, no variation).  Matrices are row by row and only read; scratch is the arena's.
 * Sources: Cohen (1960, 1968); Krippendorff (2011); Rogan, Gladen (1978). */
#ifndef STAT_AGREEMENT_H
#define STAT_AGREEMENT_H

#include "base/arena.h"
#include "stat/proportion.h"

#include <stddef.h>
#include <stdint.h>

enum kappa_weight { KAPPA_PLAIN, KAPPA_LINEAR, KAPPA_QUADRATIC };

/* table[i * k + j] answers were called i by one rater and j by the other. */
double cohen_kappa(const int64_t *table, size_t k, enum kappa_weight weight);

enum alpha_level { ALPHA_NOMINAL, ALPHA_ORDINAL, ALPHA_INTERVAL, ALPHA_RATIO };

/* value[r * units + u] is what rater r says of unit u, NaN where silent. */
double krippendorff_alpha(struct arena *scratch, const double *value, size_t raters, size_t units,
			  enum alpha_level level);

/* The true rate behind a judged rate, given the judge's sensitivity and specificity; NaN where
 * the judge is no better than chance. */
double rogan_gladen(double judged, double sensitivity, double specificity);

/* x of n. */
struct ratio {
	int64_t x, n;
};

/* The true rate at one-sided risk alpha: the worst corner of three Clopper-Pearson bounds at
 * alpha / 3, so the rate holds whatever the sample sizes.  `caught` of the labelled good were
 * judged good, `cleared` of the labelled bad were judged bad; 0 to 1 where the judge may be no
 * better than chance.  Assumes labels exchangeable with the judged answers. */
struct bounds judged_rate_bounds(struct ratio judged, struct ratio caught, struct ratio cleared,
				 double alpha);
/* The same from bounds that were found in any way, each at a third of the risk; their estimates give
 * the estimate.  Valid one-sided: at the truth the rate falls with the sensitivity and rises with the
 * other two, so one end of each decides a side. */
struct bounds judged_bounds(struct bounds judged, struct bounds sensitivity, struct bounds specificity);

#endif
