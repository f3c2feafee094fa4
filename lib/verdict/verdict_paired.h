/* Rules of rows that compare with the baseline: pairs of answers to the same case, the candidate's and the
 * baseline's, each known or open.  What is open is taken at its worst and best for the row's operator.
 *   right or wrong, each case by itself   exact margin test; `not-below` by exact McNemar
 *   graded, repeats, clusters, weights    betting bound on the differences, `* r` on new - r old
 *   percentiles                           a bound of each side at half the risk
 *   min max sum count, decide: observed   as observed
 * For verdict_rule.c and verdict_plan.c only. */
#ifndef VERDICT_VERDICT_PAIRED_H
#define VERDICT_VERDICT_PAIRED_H

#include "verdict/verdict_rule.h"

/* Decide a row whose taken samples carry the old values.  out->paired is what the record shows of it, but for
 * the names of the cases. */
int paired_decide(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err) MUST_USE;
/* Decide as if the candidate had gained all that can be gained: what does not pass now never will.  For
 * not-below as if it had lost everything: what cannot be seen now never will.  out->verdict is a pass where
 * the row is within reach. */
int paired_at_best(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err) MUST_USE;

/* The same candidate stands on both sides, so new and old are equal: does that satisfy the row? */
bool paired_same_holds(const struct threshold *t);

#endif
