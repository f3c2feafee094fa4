/* Early stop (`stop: early`): the order in which the samples of a suite are played, the prefixes of it after
 * which the verdict is looked at, and the rule of a look.
 *
 * The order is drawn by the seed, cluster by cluster: the answers to one case stay together, and a prefix ends
 * with a cluster.  Half of a row's risk goes to an i.i.d. test martingale that is looked at after these
 * prefixes alone (stat/martingale.h), half to the ordinary rule over all planned samples at the end, where
 * whatever was not played counts as unscored.  A row is settled at the first look that decides it; what comes
 * afterwards cannot change it, so the verdict does not depend on -j, or on when the run stopped.
 * All of it follows from the record: seed, clusters, outcomes. */
#ifndef VERDICT_VERDICT_EARLY_H
#define VERDICT_VERDICT_EARLY_H

#include "stat/martingale.h"
#include "verdict/verdict_rule.h"

struct early_suite {
	uint32_t *order; /* sample numbers within the suite, as they are played */
	size_t n, nlook;
	size_t prefix[EARLY_LOOKS]; /* samples before each look */
	uint64_t limit[EARLY_LOOKS]; /* clusters with at most this key are before the look */
	uint64_t salt;
};

struct early {
	struct early_suite *suite; /* of the plain suites; twins follow theirs */
	size_t nsuite;
};

/* The table must have been told of every planned sample. */
void early_order(struct early *out, const struct verdict_table *t, uint64_t seed, struct arena *a);
/* Looks that a suite has reached: all samples before them came, its twin's too.  *ahead, 0 at first, keeps how
 * far that is. */
size_t early_reached(const struct early_suite *s, const struct verdict_table *t, size_t suite, size_t *ahead);
/* From now on only what comes before this many looks counts in this suite and its twin, and all of it again. */
void early_mask(const struct early *e, struct verdict_table *t, size_t suite, size_t looks);
void early_unmask(const struct early *e, struct verdict_table *t, size_t suite);

/* May this row be settled by a look?  The others wait for the ordinary rule. */
bool early_fits(const struct row *r);
/* The first look of `reached` that settles the row: true with *out filled.  *open: it does not, and the rule at
 * the end cannot yet decide either, as what is missing may turn it.  -1: *err. */
int early_decide(bool *settled, bool *open, struct ruling *out, const struct rule_ask *ask, const struct taken *k,
		 const struct early_suite *s, size_t reached, struct err *err) MUST_USE;

/* One look at a run under way.  *stage is FAIL as soon as a blocking row fails; done[i]: nothing that is still
 * to come of suite i can change a blocking row.  Only rows that look at `suite` are decided anew. */
struct early_look {
	const struct record *rec;
	const struct verdict_table *t;
	const struct stage *s;
	const struct early *early;
	enum verdict_kind *row; /* by finding, kept between looks; UNDECIDED at first */
};
int early_look(enum verdict_kind *stage, bool *done, struct early_look *l, size_t suite, struct err *err) MUST_USE;

/* How one row stands now, what has not come being open (verdict.c). */
int verdict_row_now(enum verdict_kind *out, const struct row *r, const struct record *rec,
		    const struct verdict_table *t, const struct early *early, struct arena *a,
		    struct err *err) MUST_USE;

#endif
