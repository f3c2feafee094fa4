#include "run/stopper.h"

void stopper_init(struct stopper *s, struct run *r, const size_t *left)
{
	*s = (struct stopper){ .r = r, .left = left, .on = r->stage && r->stage->early && !r->refused };
	if (!s->on)
		return;
	early_order(&s->early, r->table, r->o.seed, r->arena);
	s->seen = arena_array(r->arena, size_t, r->nplain);
	s->ahead = arena_array(r->arena, size_t, r->nplain);
	s->done = arena_array(r->arena, bool, r->nplain);
	s->look = (struct early_look){ .rec = &r->head, .t = r->table, .s = r->stage, .early = &s->early };
	s->look.row = arena_array(r->arena, enum verdict_kind, r->head.nfinding + 1);
	for (size_t i = 0; i < r->head.nfinding; i++)
		s->look.row[i] = VERDICT_UNDECIDED;
}

size_t stopper_place(const struct stopper *s, size_t suite, size_t at)
{
	return s->on && suite < s->r->nplain ? s->early.suite[suite].order[at] : at;
}

bool stopper_done(const struct stopper *s, size_t suite)
{
	return s->on && suite < s->r->nplain && s->done[suite];
}

size_t stopper_reach(const struct stopper *s, size_t suite)
{
	const struct early_suite *e = &s->early.suite[suite];
	return s->seen[suite] ? e->prefix[s->seen[suite] - 1] : 0;
}

static void stop_suite(struct stopper *s, size_t suite)
{
	if (s->done[suite] || s->seen[suite] == s->early.suite[suite].nlook)
		return;
	s->done[suite] = s->any = true;
	early_mask(&s->early, s->r->table, suite, s->seen[suite]);
}

static bool labels_came(const struct stopper *s)
{
	for (size_t i = 0; i < s->r->nsuite; i++)
		if (s->r->suite[i].role == SUITE_CALIBRATION && s->left[i])
			return false;
	return true;
}

static int take_look(struct stopper *s, size_t suite, struct err *err)
{
	struct run *r = s->r;
	bool *settled = arena_array(r->arena, bool, r->nplain);
	enum verdict_kind stage;
	s->seen[suite]++;
	early_mask(&s->early, r->table, suite, s->seen[suite]);
	if (early_look(&stage, settled, &s->look, suite, err))
		return -1;
	early_unmask(&s->early, r->table, suite);
	for (size_t i = 0; i < r->nplain; i++)
		if (stage == VERDICT_FAIL || (settled[i] && i == suite))
			stop_suite(s, i);
	return 0;
}

int stopper_look(struct stopper *s, struct err *err)
{
	if (!s->on || !labels_came(s))
		return 0;
	for (size_t i = 0; i < s->r->nplain; i++) {
		const struct early_suite *e = &s->early.suite[i];
		if (s->done[i])
			continue;
		size_t reached = early_reached(e, s->r->table, i, &s->ahead[i]);
		while (s->seen[i] < reached && !s->done[i])
			if (take_look(s, i, err))
				return -1;
		if (!s->done[i] && s->seen[i] < e->nlook)
			return 0;
	}
	return 0;
}
