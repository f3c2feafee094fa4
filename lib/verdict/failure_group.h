/* What failures.c gathers and failures_json.c reads: the failures of one (suite, metric, kind)
 * split by the shape of their reasons, and which sample is in which group, a byte each.  For these
 * two files only. */
#ifndef VERDICT_FAILURE_GROUP_H
#define VERDICT_FAILURE_GROUP_H

#include "verdict/failure_columns.h"
#include "verdict/failure_worst.h"
#include "verdict/failures.h"
#include "verdict/verdict_row.h"

/* Shapes told apart within one bucket; with more, a coarser shape is taken. */
enum { GROUPS_MAX = 32 };

/* KIND_MEASURE: past the bar of a threshold on a measurement. */
enum failure_kind { KIND_SCORE, KIND_UNSCORED, KIND_ERROR, KIND_MEASURE, KIND_SLICE };
enum { KINDS_OF_METRIC = 2 };

/* All three are kept side by side, and the finest that did not overflow is shown: so the result
 * does not depend on what came first. */
enum level { LEVEL_SHAPE, LEVEL_WORDS, LEVEL_ALL, LEVELS };

/* Whatever more than half of a stream is, one slot ends up with it, in any order (Boyer, Moore
 * 1981). */
struct majority {
	size_t lead;
	uint32_t hash;
	size_t n;
	char text[COLUMN_BYTES];
};

struct group {
	struct str pattern;
	size_t count;
	struct worst_cases worst;
	struct majority words[WORDS];
};

struct groups {
	VEC(struct group *) list;
	bool over;
	unsigned char *id; /* by place in the suite: 1 + index of its group, 0 = none */
};

struct bucket {
	unsigned suite;
	size_t metric; /* index; not of errors */
	const char *name; /* of the metric; "" for errors */
	enum failure_kind kind;
	size_t row; /* KIND_MEASURE: the threshold */
	struct groups level[LEVELS];
	struct worst_cases **slice; /* [COLUMN_KEYS * COLUMN_VALUES], of KIND_SCORE; or NULL */
};

/* A threshold on something measured: samples on its bad side are failures of it. */
struct bar {
	const struct row *row;
	size_t which; /* index into row->suite */
	struct bucket bucket;
};

struct failures {
	struct arena *arena;
	const struct record *head;
	const struct stage *stage; /* NULL: nothing is decided */
	size_t *base;		   /* first seq, by suite */
	struct bucket **bucket; /* by suite, then metric * KINDS_OF_METRIC + kind; errors last */
	struct failure_columns *columns; /* by suite */
	VEC(struct bar *) bar;
};

#endif
