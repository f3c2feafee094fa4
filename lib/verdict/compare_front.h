/* struct compare_front: gathers one point a record and suite for the frontier while records are read
 * one after the other.  For lib/verdict/compare*.c only. */
#ifndef VERDICT_COMPARE_FRONT_H
#define VERDICT_COMPARE_FRONT_H

#include "verdict/compare.h"
#include "verdict/compare_columns.h"
#include "verdict/pareto.h"

struct compare_front {
	const struct compare_side *side;
	size_t nside;
	struct str suite, metric; /* asked for; absent: every suite, its first metric */
	struct pareto *table;
	size_t ntable;
	struct arena *arena;
};

/* `metric` is "[suite/]metric" or NULL. */
void compare_front_init(struct compare_front *f, const struct compare_side *side, size_t nside,
			const char *metric, struct arena *a);
int compare_front_add(struct compare_front *f, size_t side, const struct compare_columns *c,
		      struct err *err) MUST_USE;
/* Tables of at least two points, solved.  -1 when the metric asked for is nowhere. */
int compare_front_end(struct compare_front *f, struct pareto **out, size_t *n,
		      struct err *err) MUST_USE;

#endif
