/* Prediction-powered mean: many judged samples, a few of them labelled by people as well.  The judge's
 * mean is moved by what it was off on the labelled ones; the normal interval counts both errors.  It is
 * asymptotic and shown beside the judge's rate, never decided on.
 * Source: Angelopoulos, Bates, Fannjiang, Jordan, Zrnic (2023), lambda = 1. */
#ifndef STAT_PPI_H
#define STAT_PPI_H

#include "stat/proportion.h"

#include <stddef.h>

/* judged[0..n-1]: without labels.  of_judge and of_human, 0..m-1: on the same labelled samples.  Two-sided
 * at risk alpha; NaN when either side is empty. */
struct bounds ppi_mean(const double *judged, size_t n, const double *of_judge, const double *of_human, size_t m,
		       double alpha);

#endif
