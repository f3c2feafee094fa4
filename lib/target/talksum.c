#include "target/talksum.h"

#include "doc/jsonx.h"

void talksum_init(struct talksum *t, struct arena *a)
{
	*t = (struct talksum){
		.arena = a,
		.trajectory = arena_json(a, json_array()),
		.tool_calls = arena_json(a, json_array()),
		.contexts = arena_json(a, json_array()),
		.usage = USAGE_UNKNOWN,
		.time = TIMES_UNKNOWN,
		.streamed = true,
		.ended = "complete",
	};
}

static json_t *add_event(struct talksum *t, const char *kind)
{
	json_t *o = json_object();
	json_object_set_new(o, "kind", json_string(kind));
	json_array_append_new(t->trajectory, o);
	return o;
}

void talksum_user(struct talksum *t, struct str text)
{
	json_object_set_new(add_event(t, "user"), "text", json_from_str(text));
}

/* --- sums --- */

/* A sum with an unknown part is unknown. */
static void add_known(struct talksum *t, int64_t *sum, int64_t x)
{
	*sum = t->calls == 1 ? x : *sum < 0 || x < 0 ? -1 : *sum + x;
}

/* A part that is mentioned only where there is any. */
static void add_said(int64_t *sum, int64_t x)
{
	if (x >= 0)
		*sum = *sum < 0 ? x : *sum + x;
}

static void add_usage(struct talksum *t, const struct usage *u)
{
	add_known(t, &t->usage.in, u->in);
	add_known(t, &t->usage.out, u->out);
	add_said(&t->usage.cache_read, u->cache_read);
	add_said(&t->usage.cache_write, u->cache_write);
	add_said(&t->usage.cache_write_1h, u->cache_write_1h);
	add_said(&t->usage.reasoning, u->reasoning);
}

/* The first token that was waited for longest: each call has someone waiting for it. */
static void take_longest(struct talksum *t, int64_t *longest, int64_t x)
{
	if (t->calls == 1 || x < 0 || (*longest >= 0 && x > *longest))
		*longest = x;
}

static void add_times(struct talksum *t, const struct times *x)
{
	int64_t decode = x->latency >= 0 && x->ttft >= 0 ? x->latency - x->ttft : -1;
	add_known(t, &t->time.latency, x->latency);
	add_known(t, &t->time.decode, decode);
	add_said(&t->time.connect, x->connect);
	add_said(&t->time.wait, x->wait);
	take_longest(t, &t->time.ttft, x->ttft);
	take_longest(t, &t->time.ttfv, x->ttfv);
	if (t->calls == 1)
		t->time.begun_ms = x->begun_ms;
}

/* --- replies --- */

static void set_ms(json_t *o, const char *key, int64_t ns)
{
	if (ns >= 0)
		json_object_set_new(o, key, json_real((double)(ns / 1000) / 1000));
}

static void add_model(struct talksum *t, const struct reply *r)
{
	json_t *o = add_event(t, "model"), *times = json_object();
	json_object_set_new(o, "text", json_from_str(buf_str(&r->text)));
	json_object_set_new(o, "finish", json_string(finish_name(r->finish)));
	set_ms(times, "ttft_ms", r->time.ttft);
	set_ms(times, "latency_ms", r->time.latency);
	if (json_object_size(times))
		json_object_set_new(o, "times", times);
	else
		json_decref(times);
}

/* What was done inside of the call comes before what was said at its end. */
static void add_inside(struct talksum *t, const struct reply *r)
{
	json_array_extend(t->trajectory, (json_t *)(uintptr_t)r->trajectory);
	if (!json_array_size(r->contexts))
		return;
	json_array_extend(t->contexts, (json_t *)(uintptr_t)r->contexts);
	if (!r->trajectory)
		json_object_set(add_event(t, "retrieval"), "result", (json_t *)(uintptr_t)r->contexts);
}

/* Servers that give no id, and arguments that a wire carries as text. */
static json_t *clean_call(struct talksum *t, const json_t *call, size_t i)
{
	const json_t *arguments = json_object_get(call, "arguments");
	struct str id = json_get_str(call, "id");
	const char *why;
	json_t *o = json_object();
	if (!id.n)
		id = str_c(arena_fmt(t->arena, "call_%u_%zu", t->calls, i + 1));
	if (json_is_string(arguments) && !json_string_length(arguments))
		arguments = NULL;
	if (json_is_string(arguments)) {
		const json_t *read = json_lenient(t->arena, json_str(arguments), &why);
		arguments = read ? read : arguments;
	}
	json_object_set_new(o, "id", json_from_str(id));
	json_object_set_new(o, "name", json_from_str(json_get_str(call, "name")));
	if (arguments)
		json_object_set(o, "arguments", (json_t *)(uintptr_t)arguments);
	else
		json_object_set_new(o, "arguments", json_object());
	return o;
}

const json_t *talksum_reply(struct talksum *t, const struct reply *r)
{
	size_t i;
	json_t *call;
	t->last = r;
	t->calls++;
	t->attempts += r->attempts;
	t->streamed = t->streamed && r->streamed;
	t->reused = t->reused || r->reused;
	t->scrubbed = t->scrubbed || r->scrubbed;
	add_usage(t, &r->usage);
	add_times(t, &r->time);
	if (r->fail != FAIL_NONE)
		return NULL;
	if (r->guardrail && (!t->guardrail ||
			     !str_eqc(json_get_str(t->guardrail, "action"), "intervened")))
		t->guardrail = r->guardrail;
	add_inside(t, r);
	add_model(t, r);
	if (!json_array_size(r->tool_calls))
		return NULL;
	json_t *calls = arena_json(t->arena, json_array());
	json_array_foreach((json_t *)(uintptr_t)r->tool_calls, i, call)
		json_array_append_new(calls, clean_call(t, call, i));
	json_array_extend(t->tool_calls, calls);
	return calls;
}

void talksum_tool(struct talksum *t, const json_t *call, const json_t *result)
{
	static const char *const keys[] = { "id", "name", "arguments" };
	json_t *o = add_event(t, "tool");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		json_object_set(o, keys[i], json_object_get(call, keys[i]));
	if (result)
		json_object_set(o, "result", (json_t *)(uintptr_t)result);
}

static const json_t *detail_of(const struct talksum *t)
{
	json_t *o = t->last->detail ? json_copy((json_t *)(uintptr_t)t->last->detail) : json_object();
	json_t *mine = json_pack("{sIss}", "calls", (json_int_t)t->calls, "ended", t->ended);
	if (t->unplayed)
		json_object_set_new(mine, "turns_not_played", json_integer((json_int_t)t->unplayed));
	if (t->unused)
		json_object_set_new(mine, "results_not_used", json_integer((json_int_t)t->unused));
	json_object_set_new(o, "conversation", mine);
	return arena_json(t->arena, o);
}

struct reply *talksum_answer(struct talksum *t)
{
	struct reply *r = arena_new(t->arena, struct reply);
	*r = *t->last; /* its texts stay where they are */
	r->attempts = t->attempts;
	r->usage = t->usage;
	r->reused = t->reused;
	r->scrubbed = t->scrubbed;
	if (r->fail != FAIL_NONE) {
		if (t->calls > 1)
			r->fail_text = str_c(arena_fmt(t->arena, "call %u of the conversation: %.*s",
						       t->calls, STR_ARGS(r->fail_text)));
		return r;
	}
	r->calls = t->calls;
	r->time = t->time;
	r->streamed = t->streamed;
	r->trajectory = t->trajectory;
	r->tool_calls = json_array_size(t->tool_calls) ? t->tool_calls : NULL;
	r->contexts = json_array_size(t->contexts) ? t->contexts : NULL;
	r->guardrail = t->guardrail;
	r->detail = detail_of(t);
	if (t->finish != FINISH_NONE && t->finish != r->finish) {
		r->finish = t->finish;
		r->finish_raw = str_c(t->ended);
	}
	return r;
}
