#include "verdict/compare_flips.h"

#include "base/utf8.h"
#include "verdict/compare_rule.h"

#include <math.h>
#include <stdlib.h>

/* Bytes of a reason that are kept: enough for a line of a table. */
enum { REASON_MAX = 400 };

/* ---- finding ---- */

struct found {
	struct compare_flip flip;
	uint32_t at; /* the case's first sample, for a stable order */
};

static double drop_of(const struct found *f)
{
	const struct compare_flip *x = &f->flip;
	return fabs((double)x->right_after - (double)x->right_before) / (double)x->samples;
}

static int worst_first(const void *x, const void *y)
{
	const struct found *a = x, *b = y;
	double drop = drop_of(b) - drop_of(a);
	double change = fabs(b->flip.after - b->flip.before) - fabs(a->flip.after - a->flip.before);
	if (a->flip.worse != b->flip.worse)
		return a->flip.worse ? -1 : 1;
	if (drop != 0)
		return drop < 0 ? -1 : 1;
	if (change != 0)
		return change < 0 ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

/* A metric's column on one side. */
struct flip_side {
	const struct compare_rows *rows;
	const struct compare_column *column;
};

/* One case: the samples that have a value on both sides.  False when it did not flip on balance. */
static bool weigh(struct found *f, const struct compare_metric *m, const struct compare_match *v,
		  size_t n, struct flip_side before, struct flip_side after)
{
	struct compare_flip *x = &f->flip;
	uint32_t wrong_before = UINT32_MAX, wrong_after = UINT32_MAX;
	*f = (struct found){ .at = v[0].before };
	for (size_t i = 0; i < n; i++) {
		uint32_t b = v[i].before, c = v[i].after;
		if (before.column->state[b] != CELL_SCORED || after.column->state[c] != CELL_SCORED)
			continue;
		bool was = compare_is_right(m->head, before.column->value[b]);
		bool is = compare_is_right(m->head, after.column->value[c]);
		x->right_before += was;
		x->right_after += is;
		x->before += before.column->value[b];
		x->after += after.column->value[c];
		x->samples++;
		f->at = b < f->at ? b : f->at;
		if (!was && before.rows->sample[b].line < wrong_before)
			wrong_before = before.rows->sample[b].line;
		if (!is && after.rows->sample[c].line < wrong_after)
			wrong_after = after.rows->sample[c].line;
	}
	x->before /= x->samples ? x->samples : 1;
	x->after /= x->samples ? x->samples : 1;
	x->worse = x->right_after < x->right_before;
	x->wrong_at = x->worse ? wrong_after : wrong_before;
	return x->right_after != x->right_before;
}

static void keep_worst(struct compare_metric *m, const struct found *v, size_t n, size_t limit,
		       struct arena *a)
{
	size_t shown[2] = { 0 };
	for (size_t i = 0; i < n; i++)
		*(v[i].flip.worse ? &m->worse_cases : &m->better_cases) += 1;
	size_t most = m->worse_cases < limit ? m->worse_cases : limit;
	most += m->better_cases < limit ? m->better_cases : limit;
	m->flip = arena_array(a, struct compare_flip, most + 1);
	for (size_t i = 0; i < n; i++) {
		if (shown[v[i].flip.worse]++ >= limit)
			continue;
		m->flip[m->nflip] = v[i].flip;
		m->flip[m->nflip++].case_id = arena_str(a, v[i].flip.case_id);
	}
}

void compare_flips_find(struct compare_metric *m, const struct compare_rows *before,
			const struct compare_rows *after, size_t column_before, size_t column_after,
			const struct compare_matches *match, size_t limit, struct arena *a,
			struct arena *scratch)
{
	const struct flip_side x = { before, &before->column[column_before] };
	const struct flip_side y = { after, &after->column[column_after] };
	VEC(struct found) all = { .n = 0 };
	for (size_t i = 0, end; i < match->n; i = end) {
		struct found f;
		struct str id = after->sample[match->v[i].after].case_id;
		for (end = i + 1; end < match->n; end++)
			if (!str_eq(after->sample[match->v[end].after].case_id, id))
				break;
		if (!weigh(&f, m, match->v + i, end - i, x, y))
			continue;
		f.flip.case_id = id;
		*vec_push(&all, scratch) = f;
	}
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), worst_first);
	keep_worst(m, all.v, all.n, limit, a);
}

/* ---- explaining ---- */

struct wanted {
	struct compare_flip *flip;
	const char *metric;
};

static int by_line(const void *x, const void *y)
{
	const struct wanted *a = x, *b = y;
	return (a->flip->wrong_at > b->flip->wrong_at) - (a->flip->wrong_at < b->flip->wrong_at);
}

/* The flips of one direction in the order of their lines. */
static struct wanted *want(size_t *n, const struct compare_pair *p, bool worse, struct arena *scratch)
{
	VEC(struct wanted) all = { .n = 0 };
	for (size_t s = 0; s < p->nsuite; s++)
		for (size_t i = 0; i < p->suite[s].nmetric; i++) {
			struct compare_metric *m = &p->suite[s].metric[i];
			for (size_t k = 0; k < m->nflip; k++)
				if (m->flip[k].worse == worse)
					*vec_push(&all, scratch) = (struct wanted){ &m->flip[k], m->head->name };
		}
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_line);
	*n = all.n;
	return all.v;
}

static void explain(const struct wanted *w, const struct record *head, const struct outcome *o,
		    struct arena *a)
{
	const struct suite_head *s = &head->suite[o->suite];
	for (size_t i = 0; o->cell && i < s->nmetric; i++)
		if (!strcmp(s->metric[i].name, w->metric))
			w->flip->reason = arena_str(a, utf8_prefix(o->cell[i].reason, REASON_MAX));
}

/* Lines that nobody asks about are only skimmed, what stands behind the last one is not read. */
static int explain_side(const struct compare_pair *p, bool worse, struct arena *a, struct err *err)
{
	const struct compare_side *side = worse ? p->after : p->before;
	struct outcomes *it = side->outcomes;
	struct arena list = ARENA_INIT, scratch = ARENA_INIT;
	struct outcome o;
	size_t n, at = 0;
	const struct wanted *w = want(&n, p, worse, &list);
	int got = n && it->rewind(it, err) ? -1 : 1;
	for (uint32_t line = 0; got > 0 && at < n; line++) {
		it->brief = w[at].flip->wrong_at != line;
		got = it->next(it, &o, &scratch, err);
		for (; got > 0 && at < n && w[at].flip->wrong_at == line; at++)
			explain(&w[at], side->head, &o, a);
		arena_rewind(&scratch, (struct arena_mark){ .top = NULL });
	}
	arena_release(&scratch);
	arena_release(&list);
	return got < 0 ? -1 : 0;
}

int compare_flips_explain(struct compare_pair *p, struct arena *a, struct err *err)
{
	return explain_side(p, true, a, err) || explain_side(p, false, a, err) ? -1 : 0;
}
