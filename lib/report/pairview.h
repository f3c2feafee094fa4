/* pairview: what a comparison with the baseline says, in words, for the views of a record.  It is read from
 * finding.paired as the record has it; the ids of cases are foreign text, and each view makes them harmless in
 * its own way. */
#ifndef REPORT_PAIRVIEW_H
#define REPORT_PAIRVIEW_H

#include "record/record.h"

/* A bound of the finding in its unit, with a sign where it is one of a difference. */
const char *pairview_value(const struct finding *f, double x, struct arena *a);
/* "difference +0.012 over 500 pairs, 7 lost, 13 gained, p 0.031"; NULL for what is no comparison. */
const char *pairview_text(const struct finding *f, struct arena *a);
/* "so many cases tell a distance of 0.034 from the bar 4 times of 5"; NULL where it is not known. */
const char *pairview_power(const struct finding *f, struct arena *a);
/* Does a pass of this row only mean that nothing was shown?  Then its note belongs to its verdict. */
bool pairview_is_silence(const struct finding *f);
/* The cases that flipped: "lost" were right and are wrong, "gained" the other way round.  An array of ids, at
 * most 50, or NULL; *more is how many there are beyond the first `shown`. */
const json_t *pairview_flips(const struct finding *f, const char *way, size_t shown, size_t *more);
/* Another row before this one shows the same flips. */
bool pairview_is_repeated(const struct record *r, size_t i);
/* Samples of one role, for the accounts; false: there is no such suite. */
bool pairview_account(const struct record *r, enum suite_role role, struct suite_head *sum);

#endif
