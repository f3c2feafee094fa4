/* Rows on a judge's word.  A policy with `judge:` decides such a row on shares that are corrected for the judge's
 * errors, and not at all below its minimum; without it the judge's word is taken and the row says so.  For
 * verdict_rule.c and verdict_plan.c. */
#ifndef VERDICT_VERDICT_JUDGED_H
#define VERDICT_VERDICT_JUDGED_H

#include "verdict/verdict_judging.h"

struct ruling;
struct rule_ask;
struct taken;
struct unit;

/* Is the row's aggregate a share that is corrected?  Then the unit's bounds are taken at … */
bool judged_corrects(const struct row *r, const struct judging *j);
/* … a third of the risk, and become those of the true share.  Else nothing happens. */
int judged_correct(struct bounds *b, struct ruling *out, const struct rule_ask *ask, const struct taken *k,
		   struct err *err) MUST_USE;
/* The paired rule, with a slack margin made smaller by the judge's skill: errors do not cancel, they hide
 * differences. */
int judged_paired(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err) MUST_USE;
/* After the rule: nothing is decided by a judge that does not meet the minimum, and the row says what it is. */
int judged_settle(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err) MUST_USE;

/* Before any call: what `gate check` refuses (at: the threshold's aggregate) … */
void judged_check(const struct row *r, const struct judge_demand *demand, struct pos at, struct diags *d);
/* … and, with `j` taken as planned, why even a judge that is always right could not make the row pass, or NULL.
 * `best`: the row decided at its best, or NULL. */
/* … and how many cases, each of them perfect, would pass; -1: not known, or none would. */
int judged_needed(int64_t *needed, const struct rule_ask *ask, const struct judging *j, struct err *err) MUST_USE;
int judged_unreachable(const char **why, const struct rule_ask *ask, const struct judging *j,
		       const struct ruling *best, struct err *err) MUST_USE;

#endif
