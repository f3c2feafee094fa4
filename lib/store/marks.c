#include "store/marks.h"

#include <math.h>

bool marks_judged(const struct metric_head *m)
{
	return !m->builtin && m->kind != METRIC_VALUE && m->direction != NO_DIRECTION;
}

static enum mark mark_of(const struct metric_head *m, const struct cell *c)
{
	if (c->state == CELL_ABSENT)
		return MARK_NONE;
	if (c->state == CELL_UNSCORED || !isfinite(c->value))
		return MARK_UNSCORED;
	return (c->value >= m->cut) == (m->direction == HIGHER_IS_BETTER) ? MARK_PASS : MARK_FAIL;
}

static enum mark older(enum mark m)
{
	return m == MARK_PASS	  ? MARK_OLD_PASS :
	       m == MARK_FAIL	  ? MARK_OLD_FAIL :
	       m == MARK_UNSCORED ? MARK_OLD_UNSCORED :
				    m;
}

struct marks *marks_new(const struct record *head, struct arena *a)
{
	struct marks *m = arena_new(a, struct marks);
	size_t seq = 0;
	*m = (struct marks){ .head = head, .arena = a };
	m->suite = arena_array(a, struct suite_marks, head->nsuite);
	for (size_t i = 0; i < head->nsuite; i++) {
		const struct suite_head *h = &head->suite[i];
		struct suite_marks *s = &m->suite[i];
		unsigned repeats = h->repeats ? h->repeats : 1;
		*s = (struct suite_marks){ .first_seq = seq, .repeats = repeats, .ncase = h->planned / repeats };
		s->nsample = s->ncase * repeats;
		s->id = arena_array(a, struct str, s->ncase);
		s->mark = arena_array(a, char *, h->nmetric);
		for (size_t k = 0; k < h->nmetric; k++) {
			if (h->role != SUITE_PLAIN || !marks_judged(&h->metric[k]))
				continue;
			s->mark[k] = arena_array(a, char, s->nsample);
			memset(s->mark[k], MARK_NONE, s->nsample);
		}
		seq += h->planned;
	}
	return m;
}

void marks_add(struct marks *m, const struct outcome *o)
{
	if (o->suite >= m->head->nsuite)
		return;
	const struct suite_head *h = &m->head->suite[o->suite];
	struct suite_marks *s = &m->suite[o->suite];
	size_t at = o->seq - s->first_seq;
	if (o->seq < s->first_seq || at >= s->nsample)
		return;
	if (!s->id[at / s->repeats].p)
		s->id[at / s->repeats] = arena_str(m->arena, o->case_id);
	if (o->reply.fail == FAIL_NOT_CALLED || !o->cell)
		return;
	for (size_t k = 0; k < h->nmetric; k++) {
		if (!s->mark[k])
			continue;
		enum mark x = mark_of(&h->metric[k], &o->cell[k]);
		s->any_new = s->any_new || (x != MARK_NONE && !o->reply.reused);
		s->mark[k][at] = (char)(o->reply.reused ? older(x) : x);
	}
}

void marks_write_ids(struct buf *out, const struct suite_marks *s)
{
	for (size_t i = 0; i < s->ncase; i++) {
		buf_add(out, s->id[i]);
		buf_addc(out, '\n');
	}
}

void marks_write(struct buf *out, const struct suite_head *head, const struct suite_marks *s)
{
	for (size_t k = 0; k < head->nmetric; k++) {
		if (!s->mark[k])
			continue;
		buf_addf(out, "%s\n", head->metric[k].name);
		buf_add(out, (struct str){ .p = s->mark[k], .n = s->nsample });
		buf_addc(out, '\n');
	}
}

bool marks_next(struct str *rest, struct str *metric, struct str *mark)
{
	return str_line(rest, metric) && metric->n && str_line(rest, mark);
}
