/* What the quick reader of outcome lines takes, the full reader reads as the same: to the bit, in all that
 * deciding looks at.  Shared by the fuzz target and the unit test. */
#ifndef FUZZ_OUTCOMESAME_H
#define FUZZ_OUTCOMESAME_H

#include "record/outcome_scan.h"
#include "record/record_read.h"

static inline bool outcomesame_double(double a, double b)
{
	return (a != a && b != b) || !memcmp(&a, &b, sizeof(a));
}

static inline bool outcomesame_text(struct str a, struct str b)
{
	return str_eq(a, b) && !a.p == !b.p;
}

static inline bool outcomesame_lists(const struct outcome *a, const struct outcome *b, size_t cells)
{
	if (a->ntag != b->ntag)
		return false;
	for (size_t i = 0; i < a->ntag; i++)
		if (!outcomesame_text(a->tag[i].key, b->tag[i].key) ||
		    !outcomesame_text(a->tag[i].value, b->tag[i].value))
			return false;
	for (size_t i = 0; i < cells; i++)
		if (a->cell[i].state != b->cell[i].state ||
		    (a->cell[i].state != CELL_ABSENT && !outcomesame_double(a->cell[i].value, b->cell[i].value)))
			return false;
	return true;
}

/* -1: the quick reader leaves it to the full one; 1: both say the same; 0: they do not. */
static inline int outcomesame(struct outcome_scan *s, const struct record *head, struct str line, struct arena *a)
{
	struct err err = ERR_INIT;
	struct outcome q, f;
	if (!outcome_scan_line(s, &q, line, a))
		return -1;
	return !record_read_outcome(&f, head, line, a, &err) && q.seq == f.seq && q.suite == f.suite &&
	       q.sample == f.sample && q.status == f.status && outcomesame_text(q.case_id, f.case_id) &&
	       outcomesame_text(q.cluster, f.cluster) && outcomesame_double(q.weight, f.weight) &&
	       q.reply.reused == f.reply.reused && q.reply.time.begun_ms == f.reply.time.begun_ms &&
	       digest_eq(&q.call, &f.call) && outcomesame_lists(&q, &f, head->suite[q.suite].nmetric);
}

#endif
