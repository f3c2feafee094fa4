#include "verdict/compare_flips.h"

#include "base/map.h"
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

/* One case: the samples that have a value on both sides.  False when it did not flip on balance. */
static bool weigh(struct found *f, const struct compare_metric *m, const struct compare_match *v,
		  size_t n, const struct compare_column *before, const struct compare_column *after)
{
	struct compare_flip *x = &f->flip;
	*f = (struct found){ .at = v[0].before };
	for (size_t i = 0; i < n; i++) {
		if (before->state[v[i].before] != CELL_SCORED || after->state[v[i].after] != CELL_SCORED)
			continue;
		double was = before->value[v[i].before], is = after->value[v[i].after];
		x->right_before += compare_is_right(m->head, was);
		x->right_after += compare_is_right(m->head, is);
		x->before += was;
		x->after += is;
		x->samples++;
		f->at = v[i].before < f->at ? v[i].before : f->at;
	}
	x->before /= x->samples ? x->samples : 1;
	x->after /= x->samples ? x->samples : 1;
	x->worse = x->right_after < x->right_before;
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
	const struct compare_column *x = &before->column[column_before];
	const struct compare_column *y = &after->column[column_after];
	struct found *v = arena_array(scratch, struct found, match->n + 1);
	size_t n = 0;
	for (size_t i = 0, end; i < match->n; i = end) {
		struct str id = after->sample[match->v[i].after].case_id;
		for (end = i + 1; end < match->n; end++)
			if (!str_eq(after->sample[match->v[end].after].case_id, id))
				break;
		if (!weigh(&v[n], m, match->v + i, end - i, x, y))
			continue;
		v[n++].flip.case_id = id;
	}
	qsort(v, n, sizeof(*v), worst_first);
	keep_worst(m, v, n, limit, a);
}

/* ---- explaining ---- */

struct wanted {
	struct compare_metric *metric;
	struct compare_flip *flip;
	struct wanted *next; /* of the same case */
};

static struct str key_of(const char *suite, struct str id, struct arena *a)
{
	size_t n = strlen(suite);
	char *p = arena_alloc(a, n + 1 + id.n + 1);
	memcpy(p, suite, n + 1);
	if (id.n)
		memcpy(p + n + 1, id.p, id.n);
	return (struct str){ .p = p, .n = n + 1 + id.n };
}

static size_t want(struct map *all, const struct compare_pair *p, bool worse, struct arena *scratch)
{
	size_t n = 0;
	for (size_t s = 0; s < p->nsuite; s++)
		for (size_t i = 0; i < p->suite[s].nmetric; i++) {
			struct compare_metric *m = &p->suite[s].metric[i];
			for (size_t k = 0; k < m->nflip; k++) {
				if (m->flip[k].worse != worse)
					continue;
				struct wanted *w = arena_new(scratch, struct wanted);
				struct str key = key_of(p->suite[s].name, m->flip[k].case_id, scratch);
				*w = (struct wanted){ m, &m->flip[k], map_get(all, key) };
				map_put(all, key, w);
				n++;
			}
		}
	return n;
}

static const struct cell *cell_of(const struct record *head, const struct outcome *o, const char *metric)
{
	const struct suite_head *s = &head->suite[o->suite];
	for (size_t i = 0; o->cell && i < s->nmetric; i++)
		if (!strcmp(s->metric[i].name, metric))
			return &o->cell[i];
	return NULL;
}

static void explain(const struct wanted *w, const struct record *head, const struct outcome *o,
		    struct arena *a)
{
	for (; w; w = w->next) {
		const struct cell *c = cell_of(head, o, w->metric->head->name);
		if (!c || c->state != CELL_SCORED || w->flip->reason.n ||
		    compare_is_right(w->metric->head, c->value))
			continue;
		w->flip->reason = arena_str(a, utf8_prefix(c->reason, REASON_MAX));
	}
}

static int explain_side(const struct compare_pair *p, bool worse, struct arena *a, struct err *err)
{
	const struct compare_side *side = worse ? p->after : p->before;
	struct arena keys = ARENA_INIT, scratch = ARENA_INIT;
	struct map all;
	struct outcome o;
	int got = 0;
	map_init(&all, &keys);
	if (want(&all, p, worse, &keys))
		got = side->outcomes->rewind(side->outcomes, err) ? -1 : 1;
	while (got > 0 && (got = side->outcomes->next(side->outcomes, &o, &scratch, err)) > 0) {
		const char *suite = compare_suite_name(side, &side->head->suite[o.suite]);
		if (suite)
			explain(map_get(&all, key_of(suite, o.case_id, &scratch)), side->head, &o, a);
		arena_rewind(&scratch, (struct arena_mark){ .top = NULL });
	}
	arena_release(&scratch);
	arena_release(&keys);
	return got;
}

int compare_flips_explain(struct compare_pair *p, struct arena *a, struct err *err)
{
	return explain_side(p, true, a, err) || explain_side(p, false, a, err) ? -1 : 0;
}
