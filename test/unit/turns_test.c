/* The machine that plays conversations, stepped by hand: what it asks, when it ends, what it sums up. */
#include "scoretest.h"

#include "provider/provider.h"
#include "target/target.h"

struct play {
	struct arena a;
	struct endpoint endpoint;
	struct talk talk;
	struct target_input in;
	const struct target_ops *ops;
	void *state;
	struct ask ask;
	struct reply *slot, *answer;
	struct err err;
};

static void start(struct play *p, const char *turns, const char *tools, unsigned max_steps)
{
	*p = (struct play){ .a = ARENA_INIT, .err = ERR_INIT };
	static const struct message prompt[] = {
		{ .role = ROLE_SYSTEM, .text = STR_INIT("Be kind.") },
		{ .role = ROLE_USER, .text = STR_INIT("first") },
	};
	p->endpoint.provider = provider_find(STR("openai"));
	p->talk = (struct talk){ .max_steps = max_steps };
	p->talk.turns = turns ? st_json(&p->a, turns) : NULL;
	p->talk.tools = tools ? st_json(&p->a, tools) : NULL;
	p->in = (struct target_input){ .endpoint = &p->endpoint, .message = prompt, .nmessage = 2, .talk = &p->talk };
	p->ops = target_for(&p->in);
	assert_string_equal(p->ops->name, "turns");
	p->state = arena_alloc(&p->a, p->ops->state_size);
}

static int step(struct play *p)
{
	p->ask = (struct ask){ .arena = &p->a };
	return p->ops->step(p->state, &p->in, &p->ask, &p->answer, &p->err);
}

/* A reply with these tool calls (or none), as the next input. */
static struct reply *says(struct play *p, const char *text, const char *calls)
{
	struct reply *r = arena_new(&p->a, struct reply);
	reply_init(r, &p->a);
	buf_adds(&r->text, text);
	r->tool_calls = calls ? st_json(&p->a, calls) : NULL;
	r->finish = calls ? FINISH_TOOL : FINISH_STOP;
	r->usage.in = 10;
	r->usage.out = 2;
	r->attempts = 1;
	r->streamed = true;
	p->slot = r;
	p->in.reply = &p->slot;
	p->in.nreply = 1;
	return r;
}

/* "role:text" of the messages that are asked. */
static const char *asked(struct play *p)
{
	const char *out = "";
	assert_int_equal(p->ask.item.n, 1);
	const struct call *c = &p->ask.item.v[0].call;
	for (size_t i = 0; i < c->nmessage; i++)
		out = arena_fmt(&p->a, "%s%s%s:%.*s", out, i ? "|" : "", role_name(c->message[i].role),
				STR_ARGS(c->message[i].text));
	return out;
}

static const char *ended(struct play *p)
{
	return json_string_value(json_object_get(json_object_get(p->answer->detail, "conversation"), "ended"));
}

static void users(void **state)
{
	(void)state;
	struct play p;
	start(&p, "[{'user':'second'}]", NULL, 10);
	assert_int_equal(step(&p), STEP_ASK);
	assert_string_equal(asked(&p), "system:Be kind.|user:first");
	struct reply *one = says(&p, "one", NULL);
	one->time = (struct times){ .ttft = 5000, .ttfv = 6000, .latency = 10000, .decode = -1, .connect = 1, .wait = 0, .begun_ms = 7 };
	assert_int_equal(step(&p), STEP_ASK);
	assert_string_equal(asked(&p), "system:Be kind.|user:first|assistant:one|user:second");
	struct reply *two = says(&p, "two", NULL);
	two->time = (struct times){ .ttft = 3000, .ttfv = 3000, .latency = 4000, .decode = -1, .connect = -1, .wait = 2, .begun_ms = 9 };
	two->reused = true;
	assert_int_equal(step(&p), STEP_DONE);
	assert_true(str_eqc(buf_str(&p.answer->text), "two"));
	assert_int_equal(p.answer->usage.in, 20);
	assert_int_equal(p.answer->usage.out, 4);
	assert_int_equal(p.answer->time.latency, 14000);
	assert_int_equal(p.answer->time.ttft, 5000);
	assert_int_equal(p.answer->time.ttfv, 6000);
	assert_int_equal(p.answer->time.decode, 6000); /* 5000 + 1000 */
	assert_int_equal(p.answer->time.wait, 2);
	assert_int_equal(p.answer->time.begun_ms, 7);
	assert_int_equal(p.answer->calls, 2);
	assert_int_equal(p.answer->attempts, 2);
	assert_true(p.answer->streamed && p.answer->reused);
	assert_null(p.answer->tool_calls);
	assert_int_equal(json_array_size(p.answer->trajectory), 4);
	assert_string_equal(ended(&p), "complete");
	arena_release(&p.a);
}

/* What is unknown of one call is unknown of the sum; a part that only some mention is not. */
static void unknown(void **state)
{
	(void)state;
	struct play p;
	start(&p, "[{'user':'b'},{'user':'c'}]", NULL, 10);
	step(&p);
	says(&p, "1", NULL)->usage.cache_read = 3;
	step(&p);
	struct reply *r = says(&p, "2", NULL);
	r->usage.out = -1;
	r->streamed = false;
	step(&p);
	says(&p, "3", NULL);
	assert_int_equal(step(&p), STEP_DONE);
	assert_int_equal(p.answer->usage.in, 30);
	assert_int_equal(p.answer->usage.out, -1);
	assert_int_equal(p.answer->usage.cache_read, 3);
	assert_int_equal(p.answer->usage.cache_write, -1);
	assert_int_equal(p.answer->time.latency, -1);
	assert_false(p.answer->streamed);
	arena_release(&p.a);
}

/* Two calls at once: the script's results in their order, then what always holds; no id, text arguments. */
static void tools(void **state)
{
	(void)state;
	struct play p;
	start(&p, "[{'tool':'get','when':{'id':2},'result':'two'},{'tool':'get','result':{'n':1}},{'user':'go on'},{'tool':'get','result':'late'}]",
	      "{'get':[{'when':{'id':9},'result':'nine'},{'result':'else'}]}", 10);
	step(&p);
	says(&p, "", "[{'name':'get','arguments':'{\\'id\\':1}'},{'id':'x','name':'get','arguments':{'id':2.0}},{'id':'y','name':'get','arguments':{'id':3}}]");
	assert_int_equal(step(&p), STEP_ASK);
	assert_string_equal(asked(&p), "system:Be kind.|user:first|assistant:|tool:{\"n\":1}|tool:two|tool:else");
	const struct message *m = &p.ask.item.v[0].call.message[2];
	assert_int_equal(json_array_size(m[0].tool_calls), 3);
	assert_true(str_eq(json_get_str(json_array_get(m[0].tool_calls, 0), "id"), m[1].tool_call_id));
	assert_true(m[1].tool_call_id.n > 0 && str_eqc(m[2].tool_call_id, "x"));
	assert_true(json_is_object(json_object_get(json_array_get(m[0].tool_calls, 0), "arguments")));
	says(&p, "", "[{'id':'z','name':'get','arguments':{'id':9}}]");
	assert_int_equal(step(&p), STEP_ASK);
	says(&p, "done", NULL);
	assert_int_equal(step(&p), STEP_ASK); /* the user goes on */
	says(&p, "bye", NULL);
	assert_int_equal(step(&p), STEP_DONE);
	assert_int_equal(json_array_size(p.answer->tool_calls), 4);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(p.answer->detail, "conversation"), "results_not_used")), 1);
	arena_release(&p.a);
}

static void ends(void **state)
{
	(void)state;
	struct play p;
	/* a tool that the case does not know */
	start(&p, "[{'user':'never'}]", "{'a':[{'result':1}]}", 10);
	step(&p);
	says(&p, "hm", "[{'id':'1','name':'a'},{'id':'2','name':'b'}]");
	assert_int_equal(step(&p), STEP_DONE);
	assert_string_equal(ended(&p), "missing-result");
	assert_int_equal(p.answer->finish, FINISH_TOOL);
	assert_true(str_eqc(buf_str(&p.answer->text), "hm"));
	arena_release(&p.a);
	/* two rounds are allowed, the third call is not answered */
	start(&p, NULL, "{'a':[{'result':1}]}", 2);
	step(&p);
	for (int i = 0; i < 2; i++) {
		says(&p, "", "[{'id':'1','name':'a'}]");
		assert_int_equal(step(&p), STEP_ASK);
	}
	says(&p, "", "[{'id':'1','name':'a'}]");
	assert_int_equal(step(&p), STEP_DONE);
	assert_string_equal(ended(&p), "max-steps");
	assert_int_equal(p.answer->finish, FINISH_OTHER);
	assert_true(str_eqc(p.answer->finish_raw, "max-steps"));
	assert_int_equal(json_array_size(p.answer->tool_calls), 3);
	arena_release(&p.a);
	/* cut */
	start(&p, "[{'user':'never'}]", "{'a':[{'result':1}]}", 2);
	step(&p);
	says(&p, "half", "[{'id':'1','name':'a'}]")->finish = FINISH_LENGTH;
	assert_int_equal(step(&p), STEP_DONE);
	assert_string_equal(ended(&p), "truncated");
	assert_int_equal(p.answer->finish, FINISH_LENGTH);
	arena_release(&p.a);
	/* withheld with nothing to say ends it; a guardrail's own text, and a refusal, do not */
	start(&p, "[{'user':'more'},{'user':'and more'},{'user':'never'}]", NULL, 2);
	step(&p);
	says(&p, "I may not.", NULL)->finish = FINISH_BLOCKED;
	assert_int_equal(step(&p), STEP_ASK);
	says(&p, "No.", NULL)->finish = FINISH_REFUSED;
	assert_int_equal(step(&p), STEP_ASK);
	says(&p, "", NULL)->finish = FINISH_BLOCKED;
	assert_int_equal(step(&p), STEP_DONE);
	assert_string_equal(ended(&p), "blocked");
	assert_int_equal(p.answer->finish, FINISH_BLOCKED);
	arena_release(&p.a);
	/* failed */
	start(&p, "[{'user':'more'}]", NULL, 2);
	step(&p);
	says(&p, "fine", NULL);
	step(&p);
	reply_fail(says(&p, "", NULL), FAIL_SERVER, false, "oops");
	assert_int_equal(step(&p), STEP_DONE);
	assert_int_equal(p.answer->fail, FAIL_SERVER);
	assert_true(str_eqc(p.answer->fail_text, "call 2 of the conversation: oops"));
	arena_release(&p.a);
}

static void machines(void **state)
{
	(void)state;
	struct target_input in = { .talk = NULL };
	assert_string_equal(target_for(&in)->name, "model");
	struct talk t = { .max_steps = 3 };
	assert_int_equal(talk_calls(NULL, true), 1);
	assert_int_equal(talk_calls_max(NULL, true), 1);
	struct arena a = ARENA_INIT;
	t.turns = st_json(&a, "[{'user':'a'},{'tool':'x','result':1},{'user':'b'}]");
	assert_int_equal(talk_calls(&t, true), 4);
	assert_int_equal(talk_calls(&t, false), 3);
	assert_int_equal(talk_calls_max(&t, true), 12);
	t.turns = st_json(&a, "[{'user':'a'}]");
	assert_int_equal(talk_calls_max(&t, true), 2);
	arena_release(&a);
}

/* Nobody speaks. */
static void nobody(void **state)
{
	(void)state;
	struct play p;
	start(&p, NULL, "{'a':[{'result':1}]}", 2);
	p.in.nmessage = 1;
	assert_int_equal(step(&p), -1);
	assert_non_null(strstr(p.err.msg, "user message"));
	arena_release(&p.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users), cmocka_unit_test(unknown),  cmocka_unit_test(tools),
		cmocka_unit_test(ends),  cmocka_unit_test(machines), cmocka_unit_test(nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
