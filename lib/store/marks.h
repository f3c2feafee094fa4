/* struct marks: what one run saw of its cases, a character for each judged metric and sample, small
 * enough to keep for every run.  Fed one outcome at a time in any order; owns nothing but its
 * arena's memory, and decides nothing.  A reply that was reused is shown and is no new
 * observation; a call that was never made is none at all.  Suites that are another's twin have none. */
#ifndef STORE_MARKS_H
#define STORE_MARKS_H

#include "base/arena.h"
#include "base/buf.h"
#include "record/record.h"

/* The good or the bad side of the cut, or no score: seen anew, and below seen before. */
enum mark {
	MARK_NONE = '.',
	MARK_PASS = '+', MARK_FAIL = '-', MARK_UNSCORED = '?',
	MARK_OLD_PASS = 'p', MARK_OLD_FAIL = 'f', MARK_OLD_UNSCORED = 'u',
};

struct suite_marks {
	size_t first_seq;
	unsigned repeats;
	size_t ncase, nsample;
	struct str *id;          /* by case; absent where nothing was fed */
	char **mark;             /* by metric, NULL where it is not judged; then by sample */
	bool any_new;
};

struct marks {
	const struct record *head;
	struct suite_marks *suite; /* as the head's */
	struct arena *arena;
};

/* The head's suites, metrics and counts must stand. */
struct marks *marks_new(const struct record *head, struct arena *a);
void marks_add(struct marks *m, const struct outcome *o);
/* Has the metric a good and a bad side? */
bool marks_judged(const struct metric_head *m);
/* The ids of a suite's cases, a line each; and its marks: a line with the metric's name, a line
 * with its samples, case by case. */
void marks_write_ids(struct buf *out, const struct suite_marks *s);
void marks_write(struct buf *out, const struct suite_head *head, const struct suite_marks *s);
/* Take the next metric off *rest; false at the end, or where it is damaged. */
bool marks_next(struct str *rest, struct str *metric, struct str *mark);

#endif
