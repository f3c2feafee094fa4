/* struct taken: the samples one row is about, taken from the table in canonical order: what is in
 * the denominator, and how many stayed out and why.  For the rules only. */
#ifndef VERDICT_VERDICT_TAKE_H
#define VERDICT_VERDICT_TAKE_H

#include "verdict/verdict_judged.h"
#include "verdict/verdict_row.h"
#include "verdict/verdict_table.h"

struct take {
	double value;
	uint64_t cluster;
	double weight;
	uint32_t tcase; /* number of the case within the run, for pass@k */
	uint32_t begun; /* which millisecond of the run its call began in, 0 = not known; rows on times only */
	bool scored;
	bool old_scored;
	bool same; /* the same answer stands on both sides */
	double old; /* the same case and sample on the baseline's side; rows that ask only */
};

struct taken {
	struct take *v;
	size_t n; /* the denominator: scored and unscored */
	size_t scored, unscored;
	size_t surplus; /* of the unscored: not played, as nothing depended on them */
	size_t absent, quarantined;
	size_t old_scored, old_unscored; /* of the baseline's side */
	size_t aged; /* times that were measured in another run than this: unscored where compared */
	size_t bad; /* scored values that the metric cannot have: no number, out of range */
	bool weighted;
	const struct judging *judging; /* NULL: no judge's word */
};

/* One slice: a case variable and the id of its value in the table. */
struct take_term {
	const struct table_key *key;
	unsigned id;
};

enum { TAKE_TERMS_MAX = 9 };
struct take_filter {
	struct take_term term[TAKE_TERMS_MAX];
	size_t n;
};

/* The filter of the row's own slice. */
struct take_filter take_filter_of(const struct row *r, const struct verdict_table *t);
/* A sample of which nothing is known may belong to any slice. */
bool take_has(const struct take_filter *f, size_t seq);
/* `planned`: nothing has come yet, every sample in the denominator counts as unscored. */
struct taken take_samples(const struct row *r, const struct verdict_table *t,
			  const struct take_filter *f, bool planned, struct arena *scratch);

#endif
