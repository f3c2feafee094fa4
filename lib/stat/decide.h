/* How many cases a rule needs: before a run (can this suite reach its bar at all?) and after an
 * undecided one (how many cases would decide?).  Pure searches over proportion.h and betting.h;
 * a rule `<= b` is the rule `>= 1 - b` of the other answers (or of 1 - score), so every function
 * speaks of `>=`.  Work is bounded: nothing is looked for beyond
 * DECIDE_CASES_MAX cases. */
#ifndef STAT_DECIDE_H
#define STAT_DECIDE_H

#include "base/limits.h"
#include "stat/betting.h"

#include <stdint.h>

/* The answer "no number of cases up to DECIDE_CASES_MAX decides". */
#define DECIDE_NEVER ((int64_t)-1)

/* The smallest n with which n perfect answers prove `rate >= bar`, or `mean >= bar` of scores in
 * [0, 1] (scale a range first).  At least 1; DECIDE_NEVER for bar >= 1. */
int64_t decide_least_rate(double bar, double alpha);
int64_t decide_least_graded(double bar, double alpha);

/* The highest bar that n perfect answers prove. */
double decide_top_rate(int64_t n, double alpha);
double decide_top_graded(int64_t n, double alpha);

/* The smallest n with which `wrong` answers on the wrong side, and no more, still prove
 * `rate >= bar`: at bar 0.99, 0 wrong 299, 1 wrong 473, 2 wrong 628. */
int64_t decide_rate_with(int64_t wrong, double bar, double alpha);

/* The smallest N > 0 such that round(N x / n) of N answers decide `rate >= bar`, one way or the
 * other, at N and at every larger number of cases.  DECIDE_NEVER when the observed rate is on
 * the bar, or too near to it. */
int64_t decide_rate(int64_t x, int64_t n, double bar, double alpha);

/* The same for a graded mean, `>= bar` or `<= bar`, with the observed distribution held. */
int64_t decide_graded(const struct betting *b, double bar, double alpha);

#endif
