#include "run/estimate.h"

#include "provider/provider.h"
#include "run/plan.h"

#include <math.h>
#include <unistd.h>

enum { BYTES_PER_TOKEN = 4 };

double estimate_max_tokens(const struct endpoint *e)
{
	static const char *const names[] = { "max_tokens", "max_completion_tokens", "maxTokens",
					     "max_output_tokens" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const json_t *v = json_object_get(e->params, names[i]);
		if (json_is_number(v))
			return json_number_value(v);
	}
	return NAN;
}

static int estimate_sample(struct estimate *out, struct run *r, const struct suite_plan *s,
			   const struct message *message, size_t n, unsigned sample,
			   struct arena *a, struct err *err)
{
	const struct endpoint *e = &s->conf->target->endpoint;
	struct call c = { .endpoint = e, .message = message, .nmessage = n, .sample = sample };
	size_t bytes = 0;
	for (size_t i = 0; i < n; i++)
		bytes += message[i].text.n;
	out->calls++;
	out->tokens_in += (double)bytes / BYTES_PER_TOKEN;
	out->tokens_out_max += estimate_max_tokens(e);
	if (!r->store || r->o.fresh)
		return 0;
	struct digest d = call_digest(&c);
	struct reply *reply = arena_new(a, struct reply); /* it releases its buffers with the arena */
	reply_init(reply, a);
	int found = store_reply_get(r->store, &d, reply, a, err);
	out->reused += found > 0;
	return found < 0 ? -1 : 0;
}

static int estimate_suite(struct estimate *out, struct run *r, const struct suite_plan *s,
			  struct arena *scratch, struct err *err)
{
	bool local = s->conf->target->endpoint.provider->local;
	for (size_t k = 0; k < s->nmetric; k++)
		if (s->metric[k].conf->judge && !s->metric[k].conf->judge->endpoint.provider->local)
			out->judge_calls += s->ncase * s->conf->repeats;
	for (size_t i = 0; i < s->ncase && !local; i++) {
		struct arena_mark m = arena_mark(scratch);
		struct tcase c;
		struct message *message;
		size_t n;
		int bad = cases_get(s->conf->cases, plan_case(s, i), &c, scratch, err) ||
			  prompt_render(&message, &n, &s->conf->target->prompt, c.vars, scratch, err);
		for (unsigned k = 0; k < s->conf->repeats && !bad; k++)
			bad = estimate_sample(out, r, s, message, n, k, scratch, err);
		arena_rewind(scratch, m);
		if (bad)
			return -1;
	}
	return 0;
}

int estimate_suites(struct estimate *out, struct run *r, struct err *err)
{
	struct arena scratch = ARENA_INIT;
	int bad = 0;
	if (r->o.store && !access(arena_fmt(r->arena, "%s/store.db", r->o.store), R_OK))
		bad = run_open_store(r, err);
	for (size_t i = 0; i < r->nsuite && !bad; i++) {
		out[i] = (struct estimate){ .calls = 0 };
		bad = estimate_suite(&out[i], r, &r->suite[i], &scratch, err);
	}
	arena_release(&scratch);
	return bad ? -1 : 0;
}
