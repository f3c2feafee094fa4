/* What a record says of the time before it: verdicts on the very candidate and suites, and failing
 * cases that passed before.  Both were looked up when the run ended and stand under `times`, since
 * they differ from machine to machine; no verdict depends on them.  These are the words for people,
 * the same in every report; texts belong to the caller's arena. */
#ifndef RECORD_PAST_H
#define RECORD_PAST_H

#include "base/buf.h"
#include "record/record.h"

/* "judged 3 times before: fail, fail, undecided", newest first; NULL when it never was. */
const char *past_verdicts(const struct record *r, struct arena *a);
/* Of a pass that others were not: what a re-roll is, and who will ask; else NULL. */
const char *past_reroll(const struct record *r, struct arena *a);
/* "flaky: passed 3 of 7 before" of a case that failed; NULL when it never passed before. */
const char *past_flaky(const struct record *r, struct str suite, struct str case_id, struct str metric,
		       struct arena *a);

/* "judge of main/good: agrees with 68 of 80 labels (85 %), was 91 % on 2026-11-01"; NULL where there is no i-th, or it was
 * never measured before and asked anew.  *changed: the difference is proven. */
const char *past_judge(const struct record *r, size_t i, bool *changed, struct arena *a);
/* How many there are. */
size_t past_judges(const struct record *r);

/* "scored", or "quarantined until 2027-01-31 (ann: the rule changes)". */
void past_status(struct buf *out, const struct outcome *o);

#endif
