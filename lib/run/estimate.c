#include "run/estimate.h"

#include "provider/provider.h"
#include "run/plan.h"
#include "run/programid.h"
#include "run/sample.h"
#include "target/target.h"

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

/* The stored reply of that call; NULL when there is none. */
static int stored_reply(struct reply **out, struct run *r, const struct call *c, struct arena *a,
			struct err *err)
{
	*out = NULL;
	if (!r->store || r->o.fresh)
		return 0;
	struct digest call = call_digest(c), d = programid_key(c->endpoint, &call);
	struct reply *reply = arena_new(a, struct reply); /* it releases its buffers with the arena */
	reply_init(reply, a);
	int found = store_reply_get(r->store, &d, reply, a, err);
	*out = found > 0 ? reply : NULL;
	return found < 0 ? -1 : 0;
}

static double bytes_of(const struct call *c)
{
	double bytes = 0;
	for (size_t i = 0; i < c->nmessage; i++)
		bytes += (double)c->message[i].text.n;
	return bytes;
}

static void add_calls(struct estimate *out, const struct call *c, unsigned n)
{
	out->calls += n;
	out->tokens_in += n * bytes_of(c) / BYTES_PER_TOKEN;
	out->tokens_out_max += n * estimate_max_tokens(c->endpoint);
}

/* Play the sample as far as the store has its replies; of a conversation that goes on, `planned` calls are
 * told in all. */
static int estimate_sample(struct estimate *out, struct run *r, struct target_input in, unsigned planned,
			   struct arena *a, struct err *err)
{
	const struct target_ops *ops = target_for(&in);
	void *state = arena_alloc(a, ops->state_size);
	struct reply *reply = NULL, *answer = NULL;
	for (unsigned calls = 1;; calls++) {
		struct ask ask = { .arena = a };
		if (ops->step(state, &in, &ask, &answer, err) != STEP_ASK || !ask.item.n)
			return err->kind == ERR_NONE ? 0 : -1;
		const struct call *c = &ask.item.v[0].call;
		if (stored_reply(&reply, r, c, a, err))
			return -1;
		add_calls(out, c, reply || calls >= planned ? 1 : planned - calls + 1);
		if (!reply)
			return 0;
		out->reused++;
		struct reply **list = arena_new(a, struct reply *);
		*list = reply;
		in.reply = list;
		in.nreply = 1;
	}
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
		for (unsigned k = 0; k < s->conf->repeats && !bad; k++) {
			struct target_input in = {
				.endpoint = &s->conf->target->endpoint,
				.message = message,
				.nmessage = n,
				.talk = c.talk,
				.given = sample_given(s->conf, &c, scratch),
				.sample = k,
			};
			bad = estimate_sample(out, r, in, talk_calls(c.talk, sample_asks(message, n)), scratch, err);
		}
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
	if (!r->store && r->o.store && !access(arena_fmt(r->arena, "%s/store.db", r->o.store), R_OK))
		bad = run_open_store(r, err);
	for (size_t i = 0; i < r->nsuite && !bad; i++) {
		out[i] = (struct estimate){ .calls = 0 };
		bad = estimate_suite(&out[i], r, &r->suite[i], &scratch, err);
	}
	arena_release(&scratch);
	return bad ? -1 : 0;
}
