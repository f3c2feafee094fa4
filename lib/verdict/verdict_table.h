/* The columns behind struct verdict_table, for the rules of lib/verdict only.  A column holds one
 * metric of one suite, by position in canonical order; metrics and case variables that no
 * threshold names are not kept.  Clusters are kept as 64-bit hashes: two that collide count as one
 * cluster, which can only make a verdict more careful. */
#ifndef VERDICT_VERDICT_TABLE_H
#define VERDICT_VERDICT_TABLE_H

#include "base/map.h"
#include "verdict/verdict.h"

enum table_status {
	TABLE_UNTOLD, /* nothing is known of this sample: it counts as unscored everywhere */
	TABLE_PLANNED,
	TABLE_OPEN, /* came, scored or not: the cells say */
	TABLE_QUARANTINED,
	TABLE_SURPLUS,
};

struct table_column {
	double *value;
	unsigned char *state; /* enum cell_state + 1; 0 = never came: unscored */
};

struct table_suite {
	size_t base, n;
	unsigned repeats;
	const struct suite_head *head;
	struct table_column *column; /* parallel to head->metric; value NULL when not kept */
	const char **case_id;	     /* by case, for flips; NULL when no threshold asks for a baseline */
	bool masked;		     /* early stop: clusters whose key is above `limit` count as not played */
	uint64_t salt, limit;
	uint32_t *begun;	     /* by sample: the run's millisecond, from 1; NULL when no time is asked for */
	unsigned char *aged;	     /* by sample: its answer is one of an earlier run; kept like case_id */
};

/* Values of one case variable.  Ids: 0 = unknown, 1 = the case lacks it, 2 = a value nobody
 * asked for, 3 … = value[id - 3]. */
enum { TAG_UNKNOWN, TAG_NONE, TAG_OTHER, TAG_FIRST };
/* Values of one key that worst{key} may spread over: a key with more is no category. */
enum { TABLE_VALUES_MAX = 1000 };

struct table_key {
	const char *key;
	bool all; /* worst{key}: every value counts */
	bool full;
	VEC(const char *) value;
	struct map index; /* value → its name in `value` */
	uint16_t *id;	  /* by seq */
};

struct verdict_table {
	struct arena *arena;
	const struct stage *stage;
	struct table_suite *suite;
	size_t nsuite, n;
	unsigned char *status; /* enum table_status, by seq */
	uint64_t *cluster;
	double *weight; /* NULL while every weight is 1 */
	struct table_key *key;
	size_t nkey;
};

/* Where a cluster stands in the order of an early stop. */
uint64_t table_key_of(uint64_t salt, uint64_t cluster);
/* Is the sample beyond what early stop lets count? */
bool table_is_surplus(const struct verdict_table *t, const struct table_suite *s, size_t at);

/* NULL when no threshold asks for this key. */
const struct table_key *table_key(const struct verdict_table *t, const char *key);
/* The id of a value, TAG_OTHER when no sample has it. */
unsigned table_value_id(const struct table_key *k, const char *value);

#endif
