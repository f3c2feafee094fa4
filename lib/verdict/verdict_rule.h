/* The rules: what a row's samples say, as bounds on the aggregate, and whether they decide the
 * threshold.  One function for what has been measured and for what a plan could reach at best.
 * For verdict.c and verdict_plan.c only. */
#ifndef VERDICT_VERDICT_RULE_H
#define VERDICT_VERDICT_RULE_H

#include "verdict/verdict_take.h"
#include "verdict/verdict_unit.h"

/* A row against the baseline: what finding.paired shows.  NaN = none. */
struct pairing {
	double now, old;		      /* both aggregates */
	const char *now_text, *old_text;      /* "455/500", "731 ms" */
	double difference, lower, upper;      /* new - old (new - r old), one-sided bounds at the row's risk */
	double shown_lower, shown_upper;      /* Tango's interval, where both sides are right or wrong */
	size_t pairs;			      /* both sides known */
	size_t old_unscored;
	bool counted;			      /* gained and lost mean something */
	size_t gained, lost;
	double least;			      /* the smallest drop that would have been proven */
	double p;			      /* of the test that decides */
	uint32_t *gain, *loss; /* cases as take.tcase counts them, ascending, PAIRING_FLIPS at most of each */
	size_t ngain, nloss;
};
enum { PAIRING_FLIPS = 50 };

struct ruling {
	enum verdict_kind verdict;
	double estimate, lower, upper; /* NaN = none; in the aggregate's unit */
	size_t n, clusters, scored, unscored, absent, quarantined, surplus;
	double hits;
	bool counted;	    /* hits of scored is what was observed */
	const char *method; /* static */
	const char *note;
	double detects; /* distance from the bar or margin that so many cases decide 4 times of 5; NaN = not told */
	int64_t needed; /* -1 not known, 0 none would decide */
	struct pairing *paired; /* NULL: no comparison */
	struct judged *judge;	/* NULL: no judge that people's labels measure */
};

struct rule_ask {
	const struct row *row;
	double alpha;
	bool look_ahead;	       /* say how many cases would decide */
	struct arena *arena, *scratch; /* notes; everything else */
};

/* A bound on the unit's own scale. */
struct rule_bar {
	enum threshold_op op;
	double at;
	bool one_way; /* only failing can be proven */
};
/* The evidence of a row that no baseline is asked for, as a finished unit, and its bar. */
void rule_unit(struct unit *out, struct rule_bar *bar, const struct rule_ask *ask, const struct taken *k);

/* Decide on what was taken. */
int rule_decide(struct ruling *out, const struct rule_ask *ask, const struct taken *k,
		struct err *err) MUST_USE;
/* Decide as if every sample in the denominator were perfect. */
int rule_at_best(struct ruling *out, const struct rule_ask *ask, const struct taken *k,
		 struct err *err) MUST_USE;
/* Compare an aggregate known to lie in [lower, upper] with the bound.  A NaN decides nothing. */
enum verdict_kind rule_compare(enum threshold_op op, double bound, double lower, double upper);

#endif
