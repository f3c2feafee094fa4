/* Samples to evidence: what each sample of a row, or each case for pass@k and pass^k, gives to the mean that
 * the rules bound.  An unscored sample may be anything from 0 to 1.  For the rules only. */
#ifndef VERDICT_VERDICT_EVIDENCE_H
#define VERDICT_VERDICT_EVIDENCE_H

#include "verdict/verdict_unit.h"

/* The row's aggregate is of cases, not of samples. */
bool evidence_of_cases(const struct row *r);
/* What a case of n repeats of which c passed gives to it, and how many repeats that takes. */
double evidence_of_case(const struct row *r, int64_t n, int64_t c);
int64_t evidence_repeats(const struct row *r);
/* `bound` is where a percentile counts.  Not finished yet: unit_finish. */
struct unit evidence_unit(const struct row *r, const struct taken *k, double bound, struct arena *scratch);
/* The same of samples, not of cases, into room for k->n: for another bound. */
void evidence_fill(struct unit_obs *v, const struct row *r, const struct taken *k, double bound);
/* The baseline's side, in the same order. */
struct taken evidence_old(const struct taken *k, struct arena *scratch);

#endif
