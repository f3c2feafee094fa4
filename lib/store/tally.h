/* struct tally: the runs of one candidate at one suite added up: how often each case passed, failed
 * or had no score, by metric.  Only what was seen anew counts.  It is fed rows of the store, which
 * may be damaged: what does not fit together is left out.  Owns nothing but its arena's memory. */
#ifndef STORE_TALLY_H
#define STORE_TALLY_H

#include "base/map.h"

#include <stdint.h>

struct tally_count {
	uint32_t pass, fail, unscored;
	uint32_t runs;   /* in which any of these was seen */
	int64_t last_ms; /* when the newest of them began */
};

/* The same candidate and suite gave both. */
static inline bool tally_flaky(const struct tally_count *c)
{
	return c->pass && c->fail;
}

struct tally_metric {
	struct str name;
	VEC(struct tally_count) of; /* by the position of the case */
};

struct tally {
	struct arena *arena;
	struct map position;        /* of a case's id, a uint32_t: cases in the order they were first seen */
	VEC(struct tally_metric) metric;
	int64_t ids;                /* the list that `index` is of; 0 none */
	VEC(uint32_t) index;        /* position of each of its cases */
};

void tally_init(struct tally *t, struct arena *a);
/* One run: its list of ids (`key` names the list, so that the same one is read once) and its marks. */
void tally_add(struct tally *t, int64_t key, struct str ids, size_t repeats, struct str marks, int64_t start_ms);
/* One run's samples of a case and metric. */
void tally_case(struct tally_count *c, struct str mark, int64_t start_ms);
/* NULL when the case or the metric was never seen. */
const struct tally_count *tally_get(const struct tally *t, struct str id, struct str metric);

#endif
