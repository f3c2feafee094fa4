#include "run/surplus.h"

#include "record/record_read.h"
#include "run/plan.h"

/* The line of a sample that nothing depended on.  What was answered of it all the same stays in the store,
 * so that the record does not depend on how many calls were in the air. */
static int put_line(struct engine *e, size_t suite, size_t at, struct err *err)
{
	struct run *r = e->r;
	const struct suite_plan *s = &r->suite[suite];
	unsigned repeats = s->conf->repeats;
	struct arena_mark m = arena_mark(&e->scratch);
	struct tcase c;
	struct outcome o;
	int bad = cases_get(s->conf->cases, plan_case(s, at / repeats), &c, &e->scratch, err);
	if (!bad) {
		plan_outcome(&o, r, suite, at / repeats, (unsigned)(at % repeats), &c, &e->scratch);
		if (o.status == SAMPLE_SCORED)
			o.status = SAMPLE_SURPLUS;
		o.cell = arena_array(&e->scratch, struct cell, r->head.suite[suite].nmetric);
		reply_init(&o.reply, &e->scratch);
		reply_fail(&o.reply, FAIL_NOT_CALLED, false, "not needed: the verdict was settled before");
		bad = sample_keep(e, &o, false, err);
	}
	arena_rewind(&e->scratch, m);
	return bad;
}

static int put_suite(struct engine *e, const struct stopper *stop, size_t suite, struct err *err)
{
	const struct suite_plan *s = &e->r->suite[suite];
	for (size_t at = stopper_reach(stop, suite); at < stop->early.suite[suite].n; at++) {
		size_t sample = stopper_place(stop, suite, at);
		if (put_line(e, suite, sample, err) || (s->base == BASE_TWIN && put_line(e, s->twin, sample, err)))
			return -1;
	}
	return 0;
}

static int count_line(void *ctx, size_t seq, struct str line, struct err *err)
{
	struct engine *e = ctx;
	struct outcome o;
	struct arena_mark m = arena_mark(&e->scratch);
	(void)seq;
	int bad = record_read_outcome(&o, &e->r->head, str_trim(line), &e->scratch, err);
	if (!bad) {
		sample_count(&e->r->head.suite[o.suite], o.status);
		failures_add(e->failures, &o);
	}
	arena_rewind(&e->scratch, m);
	return bad;
}

int surplus_settle(struct engine *e, const struct stopper *stop, struct err *err)
{
	struct run *r = e->r;
	for (size_t i = 0; i < r->nplain; i++)
		if (stopper_done(stop, i) && put_suite(e, stop, i, err))
			return -1;
	for (size_t i = 0; i < r->nsuite; i++) {
		struct suite_head *h = &r->head.suite[i];
		h->scored = h->unscored = h->quarantined = h->surplus = 0;
	}
	r->failures = e->failures = failures_new(&r->head, r->stage, r->arena);
	return store_flush(r->store, err) || store_outcomes_each(r->store, count_line, e, err) ? -1 : 0;
}
