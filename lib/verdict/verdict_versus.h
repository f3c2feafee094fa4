/* struct versus: the two sides of a row that compares with the baseline, answer by answer: what each gives to
 * the aggregate, known or open, and what the row asks of new - ratio * old.  An open side may be anything;
 * where one answer stands on both sides (the same candidate) it is the same anything.  For the rules of
 * pairs only; everything lives in the scratch arena of the ask. */
#ifndef VERDICT_VERDICT_VERSUS_H
#define VERDICT_VERDICT_VERSUS_H

#include "stat/paired.h"
#include "verdict/verdict_rule.h"
#include "verdict/verdict_unit.h"

struct versus {
	const struct rule_ask *ask;
	const struct row *row;
	const struct taken *k;	  /* the candidate's samples */
	struct taken old;	  /* the baseline's, in the same order */
	struct unit now, was;	  /* the same as evidence; finished */
	double ratio, margin;	  /* new - ratio * old against margin, in the aggregate's unit */
	bool high;		  /* the row is better off with a larger difference */
	bool regress;		  /* not-below, not-above */
	size_t pairs, open;	  /* both sides known, or not */
};

/* Where open sides stand: as far as they can be from, or towards, what the row wants. */
enum versus_end { VERSUS_WORST, VERSUS_BEST, VERSUS_KNOWN };

void versus_init(struct versus *v, const struct rule_ask *ask, const struct taken *k);
/* Pairs of ones and zeros, an independent one each: only these are decided by counts. */
bool versus_is_exact(const struct versus *v);
/* How many pairs rise from 0 to 1 and fall from 1 to 0; VERSUS_KNOWN leaves open ones out. */
struct pairs versus_counts(const struct versus *v, enum versus_end end);
/* new - ratio * old, scaled to [0, 1]; finished.  VERSUS_KNOWN keeps both ends of what is open. */
struct unit versus_differences(const struct versus *v, enum versus_end end);
/* Between that scale and the aggregate's own unit. */
double versus_scaled(const struct versus *v, double difference);
double versus_unscaled(const struct versus *v, double z);
/* Fill in pairs, gained, lost and the flips: by the metric's good side. */
void versus_flips(const struct versus *v, struct pairing *p);

#endif
