/* Tokens as the provider counts them, for `gate plan --count-tokens`: the calls that a suite would make first are
 * put to its counter, which bills nothing.  Of large suites a share of the cases, and the rest by their mean. */
#ifndef RUN_TOKENCOUNT_H
#define RUN_TOKENCOUNT_H

#include "run/estimate.h"

/* Into tokens_in and `counted` of each suite's estimate.  A suite that cannot be counted keeps its estimate, and a
 * note in head.notes says why.  The only part of a plan that uses the network. */
int tokencount(struct estimate *e, struct run *r, struct err *err) MUST_USE;

#endif
