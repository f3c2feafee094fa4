/* struct failure_tags: how often each value of each case variable occurs, for variables that are
 * categories (a few short values).  A variable with more is dropped as a whole, so the result does
 * not depend on the order of arrival.  For failures.c only. */
#ifndef VERDICT_FAILURE_TAGS_H
#define VERDICT_FAILURE_TAGS_H

#include "base/arena.h"
#include "record/record.h"

enum { FAILURE_KEYS_MAX = 24, FAILURE_VALUES_MAX = 12, FAILURE_VALUE_BYTES = 60 };

struct failure_tag {
	struct str value;
	size_t count;
};

struct failure_key {
	struct str key;
	bool dropped;
	size_t n;
	struct failure_tag value[FAILURE_VALUES_MAX];
};

struct failure_tags {
	VEC(struct failure_key) list;
	bool dropped;
};

void failure_tags_add(struct failure_tags *t, const struct outcome *o, struct arena *a);
/* [{key, value, count, of}]: values that most of the group's `count` samples have and that are at
 * least half as common again there as among all `total`.  Caller owns it. */
json_t *failure_tags_json(const struct failure_tags *group, size_t count,
			  const struct failure_tags *all, size_t total);

#endif
