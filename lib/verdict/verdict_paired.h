/* Rules of rows that compare with the baseline: pairs of answers to the same case, the candidate's and the
 * baseline's, each known or open.  What is open is taken at its worst and best for the row's operator.
 * For verdict_rule.c only. */
#ifndef VERDICT_VERDICT_PAIRED_H
#define VERDICT_VERDICT_PAIRED_H

#include "verdict/verdict_rule.h"

/* Decide a row whose taken samples carry the old values.  out->paired is what the record shows of it but for
 * the cases' names: those are the caller's (struct paired.flip holds positions in k->v). */
int paired_decide(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err) MUST_USE;

/* The same candidate stands on both sides, so new and old are equal: does that satisfy the row? */
bool paired_same_holds(const struct threshold *t);

#endif
