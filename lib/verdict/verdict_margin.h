/* What a comparison with the baseline takes, before any call: is the row within reach, which margin do so many
 * cases show when nothing changes, how many cases does it take when some answers do.  For verdict_plan.c only. */
#ifndef VERDICT_VERDICT_MARGIN_H
#define VERDICT_VERDICT_MARGIN_H

#include "verdict/verdict_rule.h"

/* Share of answers that differ between two candidates, where no run has shown it yet. */
#define MARGIN_DISCORDANCE 0.10
#define MARGIN_POWER 0.80

struct margin_plan {
	bool exact;	  /* decided on counts, else by bounds on differences */
	double margin;	  /* the slack that the row grants, in the aggregate's unit; 0 or less: none */
	double shows;	  /* the smallest slack that the planned cases prove when no answer changes; NaN: not told */
	int64_t least;	  /* cases that prove the row's slack when no answer changes; -1 not told */
	int64_t powered;  /* … with MARGIN_POWER when `discordant` of the answers change to and fro; -1 */
};

/* `best` is what rule_at_best said of the row (its method and clusters). */
struct margin_plan margin_plan(const struct row *r, const struct ruling *best, double discordant,
			       struct arena *scratch);
/* A bare `>= baseline` (or <=): it demands that the change is proven better. */
bool margin_demands_change(const struct row *r);

#endif
