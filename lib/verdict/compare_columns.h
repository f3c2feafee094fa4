/* struct compare_columns: the samples of one record as columns of numbers, by suite, and the pairs
 * that two suites have in common.  For lib/verdict/compare*.c only.  Case ids are the one text that
 * is kept; everything lives in the arena given. */
#ifndef VERDICT_COMPARE_COLUMNS_H
#define VERDICT_COMPARE_COLUMNS_H

#include "verdict/compare.h"

struct compare_sample {
	struct str case_id;
	uint64_t cluster; /* a hash: two that collide count as one */
	double weight;
	uint32_t sample, line; /* line: position in the record's outcomes */
	bool counts; /* neither quarantined nor surplus */
};

struct compare_column {
	double *value;
	unsigned char *state; /* enum cell_state; a value that the metric cannot have is unscored */
};

struct compare_rows {
	const char *name; /* of a baseline's suite: the plain one's; NULL: not of this side, empty */
	const struct suite_head *head;
	size_t n, cap;
	struct compare_sample *sample;
	struct compare_column *column; /* parallel to head->metric */
};

struct compare_columns {
	const struct compare_side *side;
	struct compare_rows *suite; /* parallel to side->head->suite */
};

/* One pass over the outcomes.  -1 when they do not fit their head. */
int compare_columns_read(struct compare_columns *out, const struct compare_side *side, struct arena *a,
			 struct err *err) MUST_USE;
/* The suites of that side's role; NULL for others. */
const char *compare_suite_name(const struct compare_side *side, const struct suite_head *s);
/* NULL when the side has no such suite. */
const struct compare_rows *compare_rows_find(const struct compare_columns *c, const char *suite);

struct compare_match {
	uint32_t before, after; /* positions in the two suites */
};

struct compare_matches {
	struct compare_match *v; /* samples of one case stand together */
	size_t n, only_before, only_after, left_out;
};

int compare_match_rows(struct compare_matches *out, const struct compare_rows *before,
		       const struct compare_rows *after, struct arena *a, struct err *err) MUST_USE;

#endif
