/* struct judging: what is known of the judge whose word a row is about: answers that people labelled, each with
 * the judge's own verdict in this run, taken from the suite's calibration twin.  A policy with `judge:` decides such
 * a row on shares that are corrected for the judge's errors, and not at all below its minimum; without it the
 * judge's word is taken and the row says so.  What is open (no verdict, as many good as bad labels) is at its worst.
 * Everything lives in the arena given.  For verdict_rule.c, verdict_take.c, verdict_fill and verdict_plan.c. */
#ifndef VERDICT_VERDICT_JUDGED_H
#define VERDICT_VERDICT_JUDGED_H

#include "stat/proportion.h"
#include "verdict/verdict_row.h"
#include "verdict/verdict_table.h"

struct ruling;
struct rule_ask;
struct taken;
struct unit;

struct judged_case {
	uint64_t cluster;
	signed char label, verdict; /* 1 good, 0 bad, -1 not known */
};

struct judging {
	const struct judge_demand *demand;
	bool pooled;  /* over suites: whose judge would it be? */
	bool labelled; /* there is a calibration that fits the metric */
	struct judged_case *v;
	size_t n;
	const double *rated; /* [rater * n + case]: 1, 0, NaN; for alpha */
	size_t raters;
};

/* What the row's judge showed; finding.judge is made of it. */
struct judged {
	size_t good, bad, disputed, unscored;
	struct bounds sensitivity, specificity; /* each side at a third of the row's risk */
	double kappa, alpha;			/* NaN: not defined, not asked */
	bool met;
	bool corrects; /* the three below are there */
	struct bounds share, corrected, powered;
};

/* NULL when the row's metric is no judge's.  `planned`: as if the judge were perfect. */
const struct judging *judged_take(const struct row *r, const struct verdict_table *t, bool planned,
				  struct arena *scratch);

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

/* finding.judge, or NULL. */
const json_t *judged_json(const struct judged *j, struct arena *a);

/* Before any call: what `gate check` refuses (at: the threshold's aggregate) … */
void judged_check(const struct row *r, const struct judge_demand *demand, struct pos at, struct diags *d);
/* … and, with `j` taken as planned, why even a judge that is always right could not make the row pass, or NULL.
 * `best`: the row decided at its best, or NULL. */
/* … and how many cases, each of them perfect, would pass; -1: not known, or none would. */
int judged_needed(int64_t *needed, const struct rule_ask *ask, const struct judging *j, struct err *err) MUST_USE;
int judged_unreachable(const char **why, const struct rule_ask *ask, const struct judging *j,
		       const struct ruling *best, struct err *err) MUST_USE;

#endif
