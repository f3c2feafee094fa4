/* Bounds for one rate: x of n answers had the property, each answer independent.  Exact
 * one-sided Clopper-Pearson bounds decide; the two-sided Wilson interval is for show only.
 * alpha is the risk of one side (0.05 for 95 % confidence).  Sources: Clopper, Pearson (1934);
 * Wilson (1927).  A sample without an answer is the caller's: count it in n for the lower
 * bound and in both x and n for the upper (rate_bounds does), which is exact because both
 * bounds rise with x.  With n = 0 nothing is known: 0 and 1. */
#ifndef STAT_PROPORTION_H
#define STAT_PROPORTION_H

#include <stdbool.h>
#include <stdint.h>

/* What a sample says about the population.  `estimate` is NaN when nothing was observed. */
struct bounds {
	double estimate, lower, upper;
};

double cp_lower(int64_t x, int64_t n, double alpha);
double cp_upper(int64_t x, int64_t n, double alpha);

/* The same bounds as tests, without an inversion: lower >= bar, upper <= bar, lower > bar and
 * upper < bar.  A decision and a search over n use these. */
bool cp_at_least(int64_t x, int64_t n, double bar, double alpha);
bool cp_at_most(int64_t x, int64_t n, double bar, double alpha);
bool cp_above(int64_t x, int64_t n, double bar, double alpha);
bool cp_below(int64_t x, int64_t n, double bar, double alpha);

/* x of `scored` answers, and `unscored` samples that could have been anything. */
struct bounds rate_bounds(int64_t x, int64_t scored, int64_t unscored, double alpha);

/* Wilson's score interval at two-sided risk alpha. */
struct bounds wilson_interval(int64_t x, int64_t n, double alpha);

#endif
