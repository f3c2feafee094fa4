#include "run/tokencount.h"

#include "base/rng.h"
#include "provider/provider.h"
#include "run/fetch.h"
#include "run/outside.h"
#include "run/plan.h"
#include "run/sample.h"
#include "target/target.h"

enum { CASES_MAX_COUNTED = 200, ALL_MS = 120000, NS_PER_MS = 1000000 };

struct counter {
	struct run *r;
	struct fetch fetch;
};

static void note(struct counter *c, const struct suite_plan *s, const char *why)
{
	json_t *notes = (json_t *)(uintptr_t)c->r->head.notes;
	const char *text = arena_fmt(c->r->arena, "suite '%s': its tokens are estimated, not counted: %s", s->conf->name, why);
	json_array_append_new(notes, json_string(text));
}

/* The first call that playing this case makes; -1 with *err. */
static int first_call(struct call *out, struct counter *c, const struct suite_plan *s, size_t at, struct arena *a,
		      struct err *err)
{
	const struct target_conf *t = s->conf->target;
	struct tcase tc;
	struct message *message;
	struct reply *answer = NULL;
	struct ask ask = { .arena = a };
	size_t n;
	(void)c;
	if (cases_get(s->conf->cases, plan_case(s, at), &tc, a, err) ||
	    prompt_render(&message, &n, &t->prompt, tc.vars, a, err))
		return -1;
	struct target_input in = { .endpoint = &t->endpoint, .message = message, .nmessage = n, .talk = tc.talk,
				   .given = sample_given(s->conf, &tc, a) };
	const struct target_ops *ops = target_for(&in);
	if (ops->step(arena_alloc(a, ops->state_size), &in, &ask, &answer, err) != STEP_ASK || !ask.item.n)
		return err->kind ? -1 : err_set(err, ERR_REMOTE, "a case makes no call");
	*out = ask.item.v[0].call;
	return 0;
}

static int count_case(int64_t *tokens, struct counter *c, const struct suite_plan *s, size_t at, struct arena *a,
		      struct err *err)
{
	const struct provider_ops *p = s->conf->target->endpoint.provider;
	struct call call;
	struct wire_req req;
	const json_t *answer;
	if (first_call(&call, c, s, at, a, err) || p->count_encode(&req, &call, a, err) ||
	    fetch_json(&answer, &c->fetch, &req, a, err))
		return -1;
	*tokens = p->count_take(answer);
	return *tokens < 0 ? err_set(err, ERR_REMOTE, "the answer has no count") : 0;
}

/* All cases, or one drawn from each of as many equal parts. */
static size_t pick(struct rng *rng, size_t i, size_t n, size_t of)
{
	if (n == of)
		return i;
	size_t at = (size_t)(((double)i + rng_unit(rng)) * (double)of / (double)n);
	return at < of ? at : of - 1;
}

static void count_suite(struct estimate *e, struct counter *c, const struct suite_plan *s)
{
	size_t n = s->ncase < CASES_MAX_COUNTED ? s->ncase : CASES_MAX_COUNTED;
	struct rng rng = rng_seed(c->r->o.seed, str_c(s->conf->name), "count-tokens");
	struct arena scratch = ARENA_INIT;
	struct err err = ERR_INIT;
	double sum = 0;
	size_t i;
	for (i = 0; i < n; i++) {
		struct arena_mark m = arena_mark(&scratch);
		int64_t tokens = 0;
		int bad = count_case(&tokens, c, s, pick(&rng, i, n, s->ncase), &scratch, &err);
		arena_rewind(&scratch, m);
		if (bad)
			break;
		sum += (double)tokens;
	}
	arena_release(&scratch);
	if (err.kind) {
		note(c, s, err.msg);
	} else if (n) {
		e->counted = n;
		e->tokens_in = sum / (double)n * (double)e->calls;
	}
}

static void count_suites(struct estimate *e, struct counter *c)
{
	for (size_t i = 0; i < c->r->nsuite; i++) {
		const struct suite_plan *s = &c->r->suite[i];
		const struct provider_ops *p = s->conf->target->endpoint.provider;
		if (p->local || !e[i].calls)
			continue;
		if (!p->count_encode)
			note(c, s, arena_fmt(c->r->arena, "provider '%s'%s%s has no counter", p->name, p->kind ? " " : "",
					     p->kind ? p->kind : ""));
		else if (s->conf->max_calls > 1)
			note(c, s, "a conversation is read again at each of its calls");
		else
			count_suite(&e[i], c, s);
	}
}

int tokencount(struct estimate *e, struct run *r, struct err *err)
{
	struct outside out = { .http = NULL };
	struct loop *loop = loop_new(r->o.clock, err);
	if (!loop)
		return -1;
	int bad = outside_open(&out, r, loop, true, err);
	if (!bad) {
		struct counter c = { .r = r };
		c.fetch = (struct fetch){
			.loop = loop,
			.http = out.http,
			.redactor = &r->redactor,
			.deadline_ns = loop_clock_ns(loop) + (int64_t)ALL_MS * NS_PER_MS,
		};
		count_suites(e, &c);
	}
	outside_close(&out);
	loop_free(loop);
	return bad;
}
