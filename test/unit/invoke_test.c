/* Provider bedrock with `api: invoke`: each family's own form, out and back, at every split. */
#include "base/b64.h"
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/provider.h"
#include "test/server/eventframe.h"
#include "wire/awshost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct aws_place place = { .region = STR_INIT("us-east-1") };

static const json_t *js(struct arena *a, const char *text)
{
	char *p = arena_cstr(a, str_c(text));
	for (char *c = p; *c; c++)
		if (*c == '\'')
			*c = '"';
	json_error_t why;
	json_t *j = json_loads(p, JSON_DECODE_ANY, &why);
	if (!j)
		fail_msg("bad test JSON: %s: %s", p, why.text);
	return arena_json(a, j);
}

static struct endpoint endpoint_of(struct arena *a, const char *config)
{
	const json_t *j = js(a, config), *model = json_object_get(j, "model");
	json_object_set_new((json_t *)(uintptr_t)j, "api", json_string("invoke"));
	return (struct endpoint){
		.name = "t",
		.provider = provider_find(STR("bedrock")),
		.model = json_is_string(model) ? json_str(model) : json_get_str(model, "id"),
		.params = json_object_get(j, "params"),
		.tools = json_object_get(j, "tools"),
		.config = j,
		.aws = &place,
		.stream = !json_is_false(json_object_get(j, "stream")),
	};
}

static struct str header(const struct wire_req *req, const char *name)
{
	struct wire_status st = { .header = req->header.v, .nheader = req->header.n };
	return wire_header_get(&st, name);
}

static const char *sent(struct arena *a, const char *config, size_t from, struct wire_req *req)
{
	static const struct message m[] = {
		{ .role = ROLE_SYSTEM, .text = STR_INIT("s") },
		{ .role = ROLE_USER, .text = STR_INIT("u") },
	};
	struct endpoint *e = arena_new(a, struct endpoint);
	struct err err = ERR_INIT;
	const char *member;
	*e = endpoint_of(a, config);
	e->metadata = js(a, "{'gate-run':'r'}");
	struct call c = { .endpoint = e, .message = m + from, .nmessage = 2 - from };
	if (e->provider->check(e, &member, &err) || e->provider->encode(req, &c, a, &err))
		return arena_fmt(a, "%s", err.msg);
	return arena_cstr(a, req->body);
}

static void writes_each_familys_form(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	assert_string_equal(sent(&a, "{'model':{'id':'eu.anthropic.claude-x-v1:0','tier':'flex','latency':'optimized'},"
				     "'params':{'max_tokens':5,'top_k':3},'betas':['b1'],"
				     "'guardrail':{'id':'g','version':'2','stream_mode':'async'}}", 0, &req),
			    "{\"system\":\"s\",\"messages\":[{\"role\":\"user\",\"content\":\"u\"}],\"max_tokens\":5,"
			    "\"top_k\":3,\"anthropic_version\":\"bedrock-2023-05-31\",\"anthropic_beta\":[\"b1\"],"
			    "\"amazon-bedrock-guardrailConfig\":{\"streamProcessingMode\":\"ASYNCHRONOUS\"}}");
	assert_true(str_eqc(req.url, "https://bedrock-runtime.us-east-1.amazonaws.com/model/eu.anthropic.claude-x-v1%3A0/"
				     "invoke-with-response-stream"));
	assert_true(str_eqc(header(&req, "x-amzn-bedrock-guardrailidentifier"), "g"));
	assert_true(str_eqc(header(&req, "x-amzn-bedrock-guardrailversion"), "2"));
	assert_true(str_eqc(header(&req, "x-amzn-bedrock-trace"), "ENABLED"));
	assert_true(str_eqc(header(&req, "x-amzn-bedrock-service-tier"), "flex"));
	assert_true(str_eqc(header(&req, "x-amzn-bedrock-performanceconfig-latency"), "optimized"));
	assert_true(str_eqc(header(&req, "x-amzn-bedrock-request-metadata"), "{\"gate-run\":\"r\"}"));
	assert_true(str_eqc(header(&req, "x-amzn-bedrock-accept"), "application/json"));
	assert_string_equal(sent(&a, "{'model':'amazon.nova-lite-v1:0','stream':false,'params':{'max_tokens':5,'stop':'X',"
				     "'additional_model_request_fields':{'inferenceConfig':{'topK':2}}}}", 0, &req),
			    "{\"schemaVersion\":\"messages-v1\",\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"u\"}]}],"
			    "\"system\":[{\"text\":\"s\"}],\"inferenceConfig\":{\"maxTokens\":5,\"stopSequences\":[\"X\"],"
			    "\"topK\":2}}");
	assert_true(str_ends(req.url, STR("/invoke")));
	assert_string_equal(sent(&a, "{'model':'us.meta.llama3-1-8b-instruct-v1:0','params':{'max_tokens':5,'top_p':1}}", 1,
				 &req), "{\"prompt\":\"u\",\"max_gen_len\":5,\"top_p\":1}");
	assert_string_equal(sent(&a, "{'model':'mistral.mistral-large-2402-v1:0','params':{'max_tokens':5,'stop':'X'}}", 1,
				 &req), "{\"prompt\":\"u\",\"max_tokens\":5,\"stop\":[\"X\"]}");
	arena_release(&a);
}

static void refuses_what_it_cannot_say(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{ "{'model':'cohere.command-r-v1:0'}", "use `api: converse`" },
		{ "{'model':'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc'}", "use `api: converse`" },
		{ "{'model':'x.y.anthropic.claude'}", "use `api: converse`" },
		{ "{'model':'anthropic.claude-x'}", "must have 'max_tokens'" },
		{ "{'model':'meta.llama3','params':{'max_tokens':1}}", "one user message" },
		{ "{'model':'meta.llama3','params':{'stop':'x'}}", "no 'stop'" },
		{ "{'model':'mistral.x','tools':[{'name':'f'}]}", "no 'tools'" },
		{ "{'model':'amazon.nova-lite','structured_output':'native'}", "no 'structured_output'" },
		{ "{'model':'amazon.nova-lite','betas':['x']}", "'betas'" },
		{ "{'model':'amazon.nova-lite','params':{'effort':'low'}}", "Converse's" },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		struct wire_req req;
		const char *text = sent(&a, table[i][0], 0, &req);
		if (!strstr(text, table[i][1]))
			fail_msg("%s: %s", table[i][0], text);
		arena_release(&a);
	}
}

struct got {
	struct reply *r;
	unsigned events;
};

static struct got decode(struct arena *a, const char *config, bool framed, struct str raw, size_t step)
{
	struct endpoint *e = arena_new(a, struct endpoint);
	const struct wire_header h[] = {
		{ STR("Content-Type"), framed ? STR("application/vnd.amazon.eventstream") : STR("application/json") },
		{ STR("X-Amzn-Bedrock-Input-Token-Count"), STR("21") },
		{ STR("X-Amzn-Bedrock-Output-Token-Count"), STR("22") },
		{ STR("X-Amzn-Bedrock-Service-Tier"), STR("default") },
	};
	struct wire_status st = { .code = 200, .header = h, .nheader = ARRAY_LEN(h) };
	*e = endpoint_of(a, config);
	struct call call = { .endpoint = e };
	struct got g = { .r = arena_new(a, struct reply) };
	void *state = arena_alloc(a, e->provider->state_size);
	reply_init(g.r, a);
	e->provider->begin(state, g.r, &st, &call);
	for (size_t at = 0; at < raw.n; at += step) {
		unsigned now = 0;
		int stop = e->provider->feed(state, g.r, str_sub(raw, at, at + step), &now);
		g.events |= now;
		if (stop)
			return g;
	}
	e->provider->finish(state, g.r);
	return g;
}

static const char *picture(struct arena *a, struct got g)
{
	struct buf b;
	buf_init(&b, MIB);
	reply_write(&b, g.r);
	char *s = arena_fmt(a, "%s %u %d", buf_cstr(&b), g.events, g.r->retryable);
	buf_release(&b);
	return s;
}

static void chunk(struct buf *b, struct arena *a, const char *json)
{
	struct buf text, out;
	buf_init(&text, MIB);
	buf_init(&out, MIB);
	json_write(&text, js(a, json));
	buf_adds(&out, "{\"bytes\":\"");
	b64_encode(&out, buf_str(&text));
	buf_adds(&out, "\",\"p\":\"abc\"}");
	eventframe_json(b, "event", "chunk", buf_str(&out));
	buf_release(&text);
	buf_release(&out);
}

static void check_stream(const char *model, const char *const *events, const char *usage)
{
	struct arena a = ARENA_INIT;
	struct buf b;
	const char *config = arena_fmt(&a, "{'model':'%s'}", model);
	buf_init(&b, MIB);
	for (size_t i = 0; events[i]; i++)
		chunk(&b, &a, events[i]);
	struct got g = decode(&a, config, true, buf_str(&b), b.n);
	const char *want = picture(&a, g);
	if (g.r->fail || !str_eqc(buf_str(&g.r->text), "Hi there") || g.r->finish != FINISH_STOP || !g.r->streamed ||
	    !strstr(want, usage) || !strstr(want, "\"tier\":\"default\""))
		fail_msg("%s: %s", model, want);
	for (size_t step = 1; step < 40; step++)
		assert_string_equal(picture(&a, decode(&a, config, true, buf_str(&b), step)), want);
	/* An exception after the first word is no answer, and is not tried again. */
	size_t had = b.n;
	eventframe_json(&b, "exception", "modelTimeoutException", STR("{}"));
	g = decode(&a, config, true, buf_str(&b), b.n);
	assert_int_equal(g.r->fail, FAIL_SERVER);
	assert_false(g.r->retryable);
	/* Cut inside of a message, and before its end. */
	g = decode(&a, config, true, str_sub(buf_str(&b), 0, had - 9), b.n);
	assert_int_equal(g.r->fail, FAIL_CUT);
	buf_reset(&b);
	chunk(&b, &a, events[0]);
	g = decode(&a, config, true, buf_str(&b), b.n);
	assert_int_equal(g.r->fail, FAIL_CUT);
	buf_release(&b);
	arena_release(&a);
}

static void reads_each_familys_stream(void **state)
{
	(void)state;
	static const char *const claude[] = {
		"{'type':'message_start','message':{'id':'m1','model':'claude-x','content':[],'usage':{'input_tokens':3}}}",
		"{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'Hi'}}",
		"{'amazon-bedrock-guardrailAction':'NONE'}",
		"{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':' there'}}",
		"{'type':'message_delta','delta':{'stop_reason':'end_turn'},'usage':{'output_tokens':4}}",
		"{'type':'message_stop','amazon-bedrock-invocationMetrics':{'inputTokenCount':9,'outputTokenCount':9}}", NULL,
	};
	static const char *const nova[] = {
		"{'messageStart':{'role':'assistant'}}",
		"{'contentBlockDelta':{'delta':{'text':'Hi'},'contentBlockIndex':0}}",
		"{'contentBlockDelta':{'delta':{'text':' there'},'contentBlockIndex':0}}",
		"{'messageStop':{'stopReason':'end_turn'}}",
		"{'metadata':{'usage':{'inputTokens':3,'outputTokens':4},'metrics':{}}}", NULL,
	};
	static const char *const llama[] = {
		"{'generation':'Hi','prompt_token_count':3,'generation_token_count':1,'stop_reason':null}",
		"{'generation':' there','prompt_token_count':null,'generation_token_count':4,'stop_reason':'stop'}", NULL,
	};
	static const char *const mistral[] = {
		"{'outputs':[{'text':'Hi','stop_reason':null}]}",
		"{'outputs':[{'text':' there','stop_reason':'stop'}],'amazon-bedrock-invocationMetrics':{'inputTokenCount':3,"
		"'outputTokenCount':4,'invocationLatency':7}}", NULL,
	};
	check_stream("us.anthropic.claude-x-v1:0", claude, "\"usage\":{\"in\":3,\"out\":4}");
	check_stream("amazon.nova-lite-v1:0", nova, "\"usage\":{\"in\":3,\"out\":4}");
	check_stream("meta.llama3-8b-instruct-v1:0", llama, "\"usage\":{\"in\":3,\"out\":4}");
	check_stream("mistral.mistral-7b", mistral, "\"usage\":{\"in\":3,\"out\":4}");
}

static void reads_whole_bodies(void **state)
{
	(void)state;
	static const struct {
		const char *model, *body;
		enum fail fail;
		enum finish finish;
		int64_t in;
	} table[] = {
		{ "anthropic.c", "{'type':'message','content':[{'type':'text','text':'Hi'}],'stop_reason':'max_tokens',"
				 "'usage':{'input_tokens':3,'output_tokens':4}}", FAIL_NONE, FINISH_LENGTH, 3 },
		{ "anthropic.c", "{'type':'message','content':[{'type':'text','text':'Hi'}],'stop_reason':'end_turn',"
				 "'amazon-bedrock-guardrailAction':'INTERVENED'}", FAIL_NONE, FINISH_BLOCKED, 21 },
		{ "anthropic.c", "{'completion':'Hi'}", FAIL_MALFORMED, FINISH_NONE, -1 },
		{ "amazon.nova-x", "{'output':{'message':{'content':[{'text':'Hi'}]}},'stopReason':'end_turn'}", FAIL_NONE,
		  FINISH_STOP, 21 },
		{ "amazon.nova-x", "{'output':{'message':{'content':[{'text':'Hi'}]}},'stopReason':'guardrail_intervened'}",
		  FAIL_NONE, FINISH_BLOCKED, 21 },
		{ "meta.llama3", "{'generation':'Hi','prompt_token_count':3,'stop_reason':'length'}", FAIL_NONE, FINISH_LENGTH, 3 },
		{ "meta.llama3", "{'generation':'Hi'}", FAIL_MALFORMED, FINISH_NONE, -1 },
		{ "meta.llama3", "{'generation':{},'stop_reason':'stop'}", FAIL_MALFORMED, FINISH_NONE, -1 },
		{ "mistral.m", "{'outputs':[{'text':'Hi','stop_reason':'stop'}]}", FAIL_NONE, FINISH_STOP, 21 },
		{ "mistral.m", "{'outputs':[]}", FAIL_MALFORMED, FINISH_NONE, -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		struct buf b;
		buf_init(&b, MIB);
		json_write(&b, js(&a, table[i].body));
		const char *config = arena_fmt(&a, "{'model':'%s','stream':false}", table[i].model);
		struct got g = decode(&a, config, false, buf_str(&b), 5);
		if (g.r->fail != table[i].fail || (!g.r->fail && (g.r->finish != table[i].finish || g.r->usage.in != table[i].in ||
								  !str_eqc(buf_str(&g.r->text), "Hi"))))
			fail_msg("%zu: %s: %s", i, table[i].body, picture(&a, g));
		buf_release(&b);
		arena_release(&a);
	}
}

static void a_guardrail_may_end_the_stream(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct buf b;
	buf_init(&b, MIB);
	chunk(&b, &a, "{'type':'message_start','message':{'content':[],'usage':{'input_tokens':3}}}");
	chunk(&b, &a, "{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'Sorry'},"
		      "'amazon-bedrock-guardrailAction':'INTERVENED'}");
	struct got g = decode(&a, "{'model':'anthropic.c'}", true, buf_str(&b), 7);
	assert_int_equal(g.r->fail, FAIL_NONE);
	assert_int_equal(g.r->finish, FINISH_BLOCKED);
	assert_string_equal(buf_cstr(&g.r->text), "Sorry");
	buf_release(&b);
	arena_release(&a);
}

static void the_guardrails_trace_is_read(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const char *body = "{\"generation\":\"Sorry\",\"stop_reason\":\"stop\",\"amazon-bedrock-guardrailAction\":\"INTERVENED\","
			   "\"amazon-bedrock-trace\":{\"guardrail\":{\"input\":{\"g\":{\"wordPolicy\":{\"customWords\":["
			   "{\"match\":\"darn\",\"action\":\"BLOCKED\"}]}}},\"outputs\":[{\"g\":{\"topicPolicy\":{\"topics\":["
			   "{\"name\":\"Tax\",\"action\":\"NONE\"}]}}}]}}}";
	const char *text = picture(&a, decode(&a, "{'model':'meta.llama3','stream':false}", false, str_c(body), 50));
	assert_non_null(strstr(text, "\"guardrail\":{\"action\":\"intervened\",\"policies\":[{\"policy\":\"word\",\"on\":\"input\","
				     "\"action\":\"blocked\"},{\"policy\":\"topic\",\"on\":\"output\",\"name\":\"Tax\","
				     "\"action\":\"none\"}]}"));
	assert_null(strstr(text, "darn"));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_each_familys_form),
		cmocka_unit_test(refuses_what_it_cannot_say),
		cmocka_unit_test(reads_each_familys_stream),
		cmocka_unit_test(reads_whole_bodies),
		cmocka_unit_test(a_guardrail_may_end_the_stream),
		cmocka_unit_test(the_guardrails_trace_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
