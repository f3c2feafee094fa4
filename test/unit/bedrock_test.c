/* Provider bedrock, its models: what Converse is sent, and what is read of its answers, at every split. */
#include "base/b64.h"
#include "base/fs.h"
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

#define VECTORS "../shared/vectors/eventstream/eventstream-vectors.json"
#define MODEL "us.anthropic.claude-haiku-4-5-20251001-v1:0"
#define ARN "arn:aws:bedrock:us-east-1:123456789012:"

static const struct aws_place place = { .region = STR_INIT("us-east-1") };

/* JSON with ' for ". */
static const json_t *js(struct arena *a, const char *text)
{
	char *p = arena_cstr(a, str_c(text));
	for (char *c = p; *c; c++)
		if (*c == '\'')
			*c = '"';
	json_error_t why;
	json_t *j = json_loads(p, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	if (!j)
		fail_msg("bad test JSON: %s: %s", p, why.text);
	return arena_json(a, j);
}

/* A target's configuration, as run makes an endpoint of it. */
static struct endpoint endpoint_of(struct arena *a, const char *config)
{
	const json_t *j = js(a, config), *model = json_object_get(j, "model");
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

/* --- what goes out ---------------------------------------------------------------------------- */

static const char *sent(struct arena *a, const struct endpoint *e, const struct message *m, size_t n,
			const json_t *schema, struct wire_req *req)
{
	struct call c = { .endpoint = e, .message = m, .nmessage = n, .response_schema = schema };
	struct err err = ERR_INIT;
	if (e->provider->encode(req, &c, a, &err))
		return arena_fmt(a, "%s", err.msg);
	return arena_cstr(a, req->body);
}

static void writes_what_it_was_told(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	const struct message m[] = {
		{ .role = ROLE_SYSTEM, .text = STR_INIT("be \"kind\"") },
		{ .role = ROLE_USER, .text = STR_INIT("hi\n") },
	};
	struct endpoint e = endpoint_of(&a, "{'model':'" MODEL "'}");
	assert_string_equal(sent(&a, &e, m, 2, NULL, &req),
			    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hi\\n\"}]}],"
			    "\"system\":[{\"text\":\"be \\\"kind\\\"\"}]}");
	assert_true(str_eqc(req.url, "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
				     "us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream"));
	assert_int_equal(req.auth, WIRE_AUTH_SIGV4);
	assert_string_equal(req.service, "bedrock");
	assert_string_equal(req.region, "us-east-1");
	assert_string_equal(req.auth_env, "AWS_BEARER_TOKEN_BEDROCK");
	e = endpoint_of(&a, "{'model':{'id':'" MODEL "','tier':'flex','latency':'optimized'},'stream':false,"
			    "'params':{'temperature':0,'top_p':0.5,'max_tokens':9,'stop':'END','effort':'low',"
			    "'additional_model_request_fields':{'top_k':3},"
			    "'additional_model_response_field_paths':['/x']},"
			    "'guardrail':{'id':'g1','version':4}}");
	e.metadata = js(&a, "{'gate-run':'r1'}");
	assert_string_equal(
		sent(&a, &e, m + 1, 1, NULL, &req),
		"{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hi\\n\"}]}],"
		"\"inferenceConfig\":{\"maxTokens\":9,\"temperature\":0,\"topP\":0.5,\"stopSequences\":[\"END\"]},"
		"\"guardrailConfig\":{\"guardrailIdentifier\":\"g1\",\"guardrailVersion\":\"4\",\"trace\":\"enabled\"},"
		"\"additionalModelRequestFields\":{\"top_k\":3},\"additionalModelResponseFieldPaths\":[\"/x\"],"
		"\"requestMetadata\":{\"gate-run\":\"r1\"},\"performanceConfig\":{\"latency\":\"optimized\"},"
		"\"serviceTier\":{\"type\":\"flex\"},\"outputConfig\":{\"effort\":\"low\"}}");
	assert_true(str_ends(req.url, STR("%3A0/converse")));
	e.aws = NULL;
	assert_non_null(strstr(sent(&a, &e, m, 2, NULL, &req), "no AWS region"));
	arena_release(&a);
}

static void writes_conversations_with_tools(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	const json_t *thinking = js(&a, "[{'reasoningText':{'text':'hm','signature':'xx'}}]");
	const json_t *calls = js(&a, "[{'id':'c1','name':'f','arguments':{'x':1}},"
				     "{'id':'c2','name':'g','arguments':'{\\\"y\\\":2}'},{'id':'c3','name':'h'}]");
	const struct message m[] = {
		{ .role = ROLE_USER, .text = STR_INIT("a") },
		{ .role = ROLE_USER, .text = STR_INIT("b") },
		{ .role = ROLE_ASSISTANT, .tool_calls = calls, .thinking = thinking },
		{ .role = ROLE_TOOL, .text = STR_INIT("r1"), .tool_call_id = STR_INIT("c1") },
		{ .role = ROLE_TOOL, .text = STR_INIT("r2"), .tool_call_id = STR_INIT("c2") },
		{ .role = ROLE_USER, .text = STR_INIT("go on") },
	};
	struct endpoint e = endpoint_of(&a,
		"{'model':'m','cache':{'tools':'1h','messages':'5m'},'params':{'tool_choice':{'name':'f'}},'tools':["
		"{'name':'f','description':'d','parameters':{'type':'object'}},{'name':'g'},"
		"{'type':'function','function':{'name':'h','parameters':{}}},{'systemTool':{'name':'s'}}]}");
	assert_string_equal(
		sent(&a, &e, m, 6, NULL, &req),
		"{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\"},{\"text\":\"b\"}]},"
		"{\"role\":\"assistant\",\"content\":["
		"{\"reasoningContent\":{\"reasoningText\":{\"text\":\"hm\",\"signature\":\"xx\"}}},{\"toolUse\":{\"toolUseId\":\"c1\",\"name\":\"f\",\"input\":{\"x\":1}}},"
		"{\"toolUse\":{\"toolUseId\":\"c2\",\"name\":\"g\",\"input\":{\"y\":2}}},"
		"{\"toolUse\":{\"toolUseId\":\"c3\",\"name\":\"h\",\"input\":{}}}]},"
		"{\"role\":\"user\",\"content\":[{\"toolResult\":{\"toolUseId\":\"c1\",\"content\":[{\"text\":\"r1\"}]}},"
		"{\"toolResult\":{\"toolUseId\":\"c2\",\"content\":[{\"text\":\"r2\"}]}},{\"text\":\"go on\"},"
		"{\"cachePoint\":{\"type\":\"default\",\"ttl\":\"5m\"}}]}],"
		"\"toolConfig\":{\"tools\":["
		"{\"toolSpec\":{\"name\":\"f\",\"description\":\"d\",\"inputSchema\":{\"json\":{\"type\":\"object\"}}}},"
		"{\"toolSpec\":{\"name\":\"g\",\"inputSchema\":{\"json\":{\"type\":\"object\"}}}},"
		"{\"toolSpec\":{\"name\":\"h\",\"inputSchema\":{\"json\":{}}}},{\"systemTool\":{\"name\":\"s\"}},"
		"{\"cachePoint\":{\"type\":\"default\",\"ttl\":\"1h\"}}],\"toolChoice\":{\"tool\":{\"name\":\"f\"}}}}");
	arena_release(&a);
}

static void writes_a_schema_and_a_cache_point(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	const struct message m[] = {
		{ .role = ROLE_SYSTEM, .text = STR_INIT("s") },
		{ .role = ROLE_USER, .text = STR_INIT("u") },
	};
	struct endpoint e = endpoint_of(&a, "{'model':'m','cache':['system'],'structured_output':'native'}");
	const json_t *schema = js(&a, "{'type':'object','properties':{'score':{'type':'number','maximum':1}}}");
	assert_string_equal(
		sent(&a, &e, m, 2, schema, &req),
		"{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"u\"}]}],"
		"\"system\":[{\"text\":\"s\"},{\"cachePoint\":{\"type\":\"default\"}}],"
		"\"outputConfig\":{\"textFormat\":{\"type\":\"json_schema\",\"structure\":{\"jsonSchema\":{\"schema\":"
		"\"{\\\"type\\\":\\\"object\\\",\\\"properties\\\":{\\\"score\\\":{\\\"type\\\":\\\"number\\\"}}}\","
		"\"name\":\"answer\"}}}}}");
	assert_non_null(strstr(sent(&a, &e, m + 1, 1, schema, &req), "there is no system message"));
	e = endpoint_of(&a, "{'model':'m'}");
	assert_null(strstr(sent(&a, &e, m, 2, schema, &req), "outputConfig"));
	arena_release(&a);
}

static void refuses_what_it_would_ignore(void **state)
{
	(void)state;
	static const struct {
		const char *config, *member, *text;
	} table[] = {
		{ "{'model':'m','params':{'temprature':0}}", "params", "did you mean 'temperature'" },
		{ "{'model':'m','params':{'top_k':0}}", "params", "additional_model_request_fields" },
		{ "{'model':'m','params':{'top_p':0,'topP':0}}", "params", "are the same" },
		{ "{'model':'m','params':{'max_tokens':0}}", "params", "above 0" },
		{ "{'model':'m','params':{'stop':[1]}}", "params", "list of texts" },
		{ "{'model':'m','params':{'tool_choice':'auto'}}", "params", "has none" },
		{ "{'model':'m','params':{'tool_choice':'none'}}", "params", "must be auto" },
		{ "{'model':'m','cache':['tools']}", "cache", "has none" },
		{ "{'model':'m','cache':{'tools':'1h'}}", "cache", "has none" },
		{ "{'model':'m','stream':false,'guardrail':{'id':'g','version':'1','stream_mode':'sync'}}", "guardrail",
		  "is for streams" },
		{ "{'model':'m','prompt_variables':{'x':'y'}}", "prompt_variables", "the model is none" },
		{ "{'model':'" ARN "prompt/ABCDEFGHIJ'}", "model", "DRAFT" },
		{ "{'model':'" ARN "prompt/ABCDEF1234'}", "model", "DRAFT" },
		{ "{'model':'" ARN "prompt/ABCDEFGHIJ:DRAFT'}", "model", "DRAFT" },
		{ "{'model':'" ARN "prompt/ABCDEFGHIJ:3','params':{'temperature':0}}", "params", "its own params" },
		{ "{'model':'" ARN "prompt/ABCDEFGHIJ:3','tools':[{'name':'f'}]}", "tools", "its own tools" },
		{ "{'model':'" ARN "prompt/ABCDEFGHIJ:3','cache':['messages']}", "cache", "its own cache" },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		struct endpoint e = endpoint_of(&a, table[i].config);
		struct err err = ERR_INIT;
		const char *member = NULL;
		assert_int_equal(e.provider->check(&e, &member, &err), -1);
		assert_string_equal(member, table[i].member);
		if (!strstr(err.msg, table[i].text))
			fail_msg("%s: %s", table[i].config, err.msg);
		arena_release(&a);
	}
}

static void writes_the_variables_of_a_stored_prompt(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	struct err err = ERR_INIT;
	const char *member;
	struct endpoint e = endpoint_of(&a, "{'model':'" ARN "prompt/ABCDEFGHIJ:3','prompt_variables':{'topic':'{{t}}','n':'{{n}}'}}");
	const struct message m[] = { { .role = ROLE_SYSTEM, .text = STR_INIT("s") } };
	struct call c = { .endpoint = &e, .given = js(&a, "{'t':'hi {{x}}','n':[1]}") };
	assert_int_equal(e.provider->check(&e, &member, &err), 0);
	assert_true(e.provider->prompted(&e));
	assert_int_equal(e.provider->encode(&req, &c, &a, &err), 0);
	assert_true(str_eqc(req.body, "{\"promptVariables\":{\"topic\":{\"text\":\"hi {{x}}\"},\"n\":{\"text\":\"[1]\"}}}"));
	assert_true(str_eqc(req.url, "https://bedrock-runtime.us-east-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aus-east-1"
				     "%3A123456789012%3Aprompt%2FABCDEFGHIJ%3A3/converse-stream"));
	c.message = m;
	c.nmessage = 1;
	assert_int_equal(e.provider->encode(&req, &c, &a, &err), -1);
	e = endpoint_of(&a, "{'model':'" ARN "default-prompt-router/x:1'}");
	assert_false(e.provider->prompted(&e));
	arena_release(&a);
}

/* --- what comes back -------------------------------------------------------------------------- */

struct got {
	struct reply *r;
	unsigned events;
};

/* Decode a body in two pieces, cut after `cut` bytes (every byte alone when cut is SIZE_MAX). */
static struct got decode(struct arena *a, const struct endpoint *e, const struct wire_status *st, struct str raw,
			 size_t cut)
{
	struct call call = { .endpoint = e };
	struct got g = { .r = arena_new(a, struct reply) };
	void *state = arena_alloc(a, e->provider->state_size);
	reply_init(g.r, a);
	assert_int_equal(e->provider->begin(state, g.r, st, &call), 0);
	size_t step = cut == SIZE_MAX ? 1 : raw.n;
	for (size_t at = 0, to = cut == SIZE_MAX ? 1 : cut; at < raw.n; at = to, to += step) {
		unsigned now = 0;
		int stop = e->provider->feed(state, g.r, str_sub(raw, at, to), &now);
		g.events |= now;
		if (stop)
			return g;
	}
	e->provider->finish(state, g.r);
	return g;
}

static struct got read_as(struct arena *a, const char *config, int code, const char *type, const char *error_type,
			  struct str raw, size_t cut)
{
	struct endpoint *e = arena_new(a, struct endpoint);
	const struct wire_header h[] = {
		{ STR("Content-Type"), str_c(type) },
		{ STR("x-amzn-RequestId"), STR("req-1") },
		{ STR("x-amzn-ErrorType"), str_c(error_type) },
	};
	*e = endpoint_of(a, config);
	struct wire_status st = { .code = code, .header = h, .nheader = error_type ? 3 : 2 };
	return decode(a, e, &st, raw, cut);
}

static struct got read_stream(struct arena *a, struct str raw, size_t cut)
{
	return read_as(a, "{'model':'m'}", 200, "application/vnd.amazon.eventstream", NULL, raw, cut);
}

static struct reply *read_body(struct arena *a, int code, const char *error_type, const char *body)
{
	return read_as(a, "{'model':'m','stream':false}", code, "application/json", error_type, str_c(body), 3).r;
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

static void same_at_any_split(const char *want, struct str raw)
{
	struct arena a = ARENA_INIT;
	assert_string_equal(picture(&a, read_stream(&a, raw, SIZE_MAX)), want);
	for (size_t cut = 1; cut < raw.n; cut++) {
		struct arena b = ARENA_INIT;
		assert_string_equal(picture(&b, read_stream(&b, raw, cut)), want);
		arena_release(&b);
	}
	arena_release(&a);
}

static void event(struct buf *b, struct arena *a, const char *type, const char *json)
{
	struct buf text;
	buf_init(&text, MIB);
	json_write(&text, js(a, json));
	eventframe_json(b, "event", type, buf_str(&text));
	buf_release(&text);
}

static void reads_the_vectors_stream(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct str text;
	struct err err = ERR_INIT;
	const char *why;
	if (fs_read(&text, VECTORS, 16 * MIB, &a, &err)) {
		print_message("bedrock_test: no " VECTORS "\n");
		skip();
	}
	const json_t *v;
	size_t i, seen = 0;
	json_array_foreach(json_lenient(&a, text, &why), i, v) {
		struct str name = json_get_str(v, "name"), hex = json_get_str(v, "encoded_hex");
		bool failing = str_starts(name, STR("made/exception-")) || str_eqc(name, "made/unmodeled-error");
		if (!failing && !str_eqc(name, "made/converse-stream-all"))
			continue;
		unsigned char *bytes = arena_alloc(&a, hex.n / 2);
		assert_true(hex_decode(hex, bytes, hex.n / 2));
		struct str raw = { .p = (const char *)bytes, .n = hex.n / 2 };
		struct got g = read_stream(&a, raw, raw.n);
		same_at_any_split(picture(&a, g), raw);
		seen++;
		if (failing) {
			assert_int_not_equal(g.r->fail, FAIL_NONE);
			assert_int_equal(g.r->retryable, g.r->fail == FAIL_SERVER || g.r->fail == FAIL_RATE_LIMITED ?
							 !strstr(name.p, "modelStream") : 0);
			continue;
		}
		assert_int_equal(g.r->fail, FAIL_NONE);
		assert_true(str_eqc(buf_str(&g.r->text), "Hello \xe2\x80\x94 \xe4\xb8\x96\xe7\x95\x8c"));
		const json_t *call = json_array_get(g.r->tool_calls, 0);
		assert_true(str_eqc(json_get_str(call, "name"), "get_weather"));
		assert_true(str_eqc(json_get_str(json_object_get(call, "arguments"), "city"), "Oslo"));
		assert_int_equal(g.r->finish, FINISH_TOOL);
		assert_int_equal(g.r->usage.in, 12);
		assert_int_equal(g.r->usage.out, 7);
		assert_int_equal(g.events, FEED_FIRST_TOKEN | FEED_FIRST_VISIBLE | FEED_TERMINAL);
	}
	assert_int_equal(seen, 7);
	arena_release(&a);
}

static void reads_every_kind_of_block(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct buf b;
	buf_init(&b, MIB);
	event(&b, &a, "messageStart", "{'role':'assistant'}");
	event(&b, &a, "contentBlockDelta", "{'contentBlockIndex':0,'delta':{'reasoningContent':{'text':'hm'}}}");
	event(&b, &a, "contentBlockDelta", "{'contentBlockIndex':0,'delta':{'reasoningContent':{'signature':'xx'}}}");
	event(&b, &a, "contentBlockStart",
	      "{'contentBlockIndex':1,'start':{'toolUse':{'toolUseId':'s1','name':'web','type':'server_tool_use'}}}");
	event(&b, &a, "contentBlockDelta", "{'contentBlockIndex':1,'delta':{'toolUse':{'input':''}}}");
	event(&b, &a, "contentBlockStart", "{'contentBlockIndex':2,'start':{'toolResult':{'toolUseId':'s1'}}}");
	event(&b, &a, "contentBlockDelta", "{'contentBlockIndex':2,'delta':{'toolResult':[{'text':'found'}]}}");
	event(&b, &a, "contentBlockDelta", "{'contentBlockIndex':3,'delta':{'text':'It is \\ud83d\\ude00 '},'p':'ab'}");
	event(&b, &a, "contentBlockDelta", "{'delta':{'citation':{'title':'T','sourceContent':[{'text':'passage'}],"
					   "'location':{'web':{'url':'https://x.example'}}}},'contentBlockIndex':3}");
	event(&b, &a, "contentBlockDelta", "{'contentBlockIndex':4,'delta':{'text':'so.'}}");
	event(&b, &a, "somethingNew", "{'x':1}");
	event(&b, &a, "messageStop", "{'stopReason':'end_turn','additionalModelResponseFields':{'k':1}}");
	event(&b, &a, "metadata",
	      "{'usage':{'inputTokens':5,'outputTokens':6,'totalTokens':20,'cacheReadInputTokens':4,"
	      "'cacheWriteInputTokens':5,'cacheDetails':[{'ttl':'5m','inputTokens':2},{'ttl':'1h','inputTokens':3}]},"
	      "'metrics':{'latencyMs':431},'trace':{'promptRouter':{'invokedModelId':'arn:x'}},"
	      "'performanceConfig':{'latency':'standard'},'serviceTier':{'type':'flex'}}");
	struct got g = read_stream(&a, buf_str(&b), b.n);
	assert_string_equal(
		picture(&a, g),
		"{\"text\":\"It is \xf0\x9f\x98\x80 so.\",\"reasoning\":\"hm\","
		"\"thinking\":[{\"reasoningText\":{\"text\":\"hm\",\"signature\":\"xx\"}}],"
		"\"contexts\":[{\"text\":\"passage\",\"source\":\"https://x.example\"}],"
		"\"trajectory\":[{\"kind\":\"tool\",\"name\":\"web\",\"arguments\":{},\"result\":\"found\"}],"
		"\"detail\":{\"latency_ms\":431,\"additional\":{\"k\":1}},\"finish\":\"stop\",\"finish_raw\":\"end_turn\","
		"\"usage\":{\"in\":14,\"out\":6,\"cache_read\":4,\"cache_write\":5,\"cache_write_1h\":3},\"times\":{},"
		"\"model\":\"arn:x\",\"tier\":\"flex\",\"speed\":\"standard\",\"request_id\":\"req-1\",\"http_status\":200,"
		"\"attempts\":0,\"streamed\":true} 7 0");
	same_at_any_split(picture(&a, g), buf_str(&b));
	buf_release(&b);
	arena_release(&a);
}

static void a_guardrail_is_an_answer_without_what_matched(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct got g = read_as(&a, "{'model':'m','stream':false,'guardrail':{'id':'g','version':'1'}}", 200,
			       "application/json", NULL,
			       STR("{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"Sorry.\"}]}},"
				   "\"stopReason\":\"guardrail_intervened\",\"trace\":{\"guardrail\":{"
				   "\"actionReason\":\"Guardrail blocked.\",\"inputAssessment\":{\"g\":{"
				   "\"sensitiveInformationPolicy\":{\"piiEntities\":[{\"type\":\"US_SSN\",\"match\":\"078-05-1120\","
				   "\"action\":\"BLOCKED\",\"detected\":true}],\"regexes\":[]},"
				   "\"wordPolicy\":{\"customWords\":[{\"match\":\"darn\",\"action\":\"BLOCKED\"}],"
				   "\"managedWordLists\":[]}}},"
				   "\"outputAssessments\":{\"g\":[{\"contextualGroundingPolicy\":{\"filters\":[{"
				   "\"type\":\"GROUNDING\",\"threshold\":0.7,\"score\":0.25,\"action\":\"BLOCKED\"}]}}]}}}}"),
			       7);
	assert_int_equal(g.r->fail, FAIL_NONE);
	assert_int_equal(g.r->finish, FINISH_BLOCKED);
	const char *text = picture(&a, g);
	assert_non_null(strstr(text, "\"guardrail\":{\"action\":\"intervened\",\"reason\":\"Guardrail blocked.\",\"policies\":["
				     "{\"policy\":\"word\",\"on\":\"input\",\"action\":\"blocked\"},"
				     "{\"policy\":\"sensitive-information\",\"on\":\"input\",\"name\":\"us-ssn\","
				     "\"action\":\"blocked\",\"detected\":true},"
				     "{\"policy\":\"contextual-grounding\",\"on\":\"output\",\"name\":\"grounding\","
				     "\"action\":\"blocked\",\"score\":0.25,\"threshold\":0.7"));
	assert_null(strstr(text, "078-05"));
	assert_null(strstr(text, "darn"));
	/* Asked for, and silent. */
	g = read_as(&a, "{'model':'m','stream':false,'guardrail':{'id':'g','version':'1'}}", 200, "application/json", NULL,
		    STR("{\"output\":{\"message\":{\"content\":[{\"text\":\"x\"}]}},\"stopReason\":\"end_turn\"}"), 9);
	assert_true(str_eqc(json_get_str(g.r->guardrail, "action"), "none"));
	arena_release(&a);
}

static void reads_whole_bodies(void **state)
{
	(void)state;
	static const struct {
		const char *stop;
		enum finish finish;
	} table[] = {
		{ "end_turn", FINISH_STOP },	  { "stop_sequence", FINISH_STOP },
		{ "tool_use", FINISH_TOOL },	  { "max_tokens", FINISH_LENGTH },
		{ "content_filtered", FINISH_BLOCKED }, { "model_context_window_exceeded", FINISH_LENGTH },
		{ "refusal", FINISH_REFUSED },	  { "of_tomorrow", FINISH_OTHER },
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const struct reply *r = read_body(&a, 200, NULL, arena_fmt(&a,
			"{\"output\":{\"message\":{\"content\":[]}},\"stopReason\":\"%s\"}", table[i].stop));
		assert_int_equal(r->fail, FAIL_NONE);
		assert_int_equal(r->finish, table[i].finish);
		assert_int_equal(r->usage.in, -1);
	}
	struct reply *r = read_body(&a, 200, NULL,
		"{\"output\":{\"message\":{\"content\":[{\"reasoningContent\":{\"reasoningText\":{\"text\":\"hm\"}}},"
		"{\"reasoningContent\":{\"redactedContent\":\"QUJD\"}},"
		"{\"text\":\"a \\ud83d\"},{\"image\":{\"format\":\"png\"}},{\"citationsContent\":{\"content\":[{\"text\":\"b\"}],"
		"\"citations\":[{\"source\":\"doc\",\"sourceContent\":[{\"text\":\"p\"}]}]}},"
		"{\"toolUse\":{\"toolUseId\":\"1\",\"name\":\"f\",\"input\":{\"x\":[1]}}}]}},\"stopReason\":\"tool_use\"}");
	assert_int_equal(r->fail, FAIL_NONE);
	assert_string_equal(buf_cstr(&r->text), "a \xef\xbf\xbd" "b");
	assert_string_equal(buf_cstr(&r->reasoning), "hm");
	assert_int_equal(json_array_size(r->thinking), 1);
	assert_true(str_eqc(json_get_str(json_array_get(r->thinking, 0), "redactedContent"), "QUJD"));
	assert_int_equal(json_integer_value(json_object_get(r->detail, "other_blocks")), 1);
	assert_int_equal(json_array_size(r->contexts), 1);
	assert_true(json_is_array(json_object_get(json_object_get(json_array_get(r->tool_calls, 0), "arguments"), "x")));
	arena_release(&a);
}

static void names_what_went_wrong(void **state)
{
	(void)state;
	static const struct {
		int code;
		const char *type, *body;
		enum fail fail;
		bool retryable;
	} table[] = {
		{ 200, NULL, "", FAIL_MALFORMED, false },
		{ 200, NULL, "[1]", FAIL_MALFORMED, false },
		{ 200, NULL, "{}", FAIL_MALFORMED, false },
		{ 200, NULL, "{\"output\":{\"message\":{\"content\":[{\"text\":\"x\"}]}}}", FAIL_MALFORMED, false },
		{ 200, NULL, "{\"output\":{\"message\":{\"content\":[{\"text\":7}]}},\"stopReason\":\"end_turn\"}",
		  FAIL_MALFORMED, false },
		{ 200, NULL, "{\"output\":{\"message\":{\"content\":[]}},\"stopReason\":\"malformed_tool_use\"}",
		  FAIL_MALFORMED, false },
		{ 200, NULL, "{\"message\":\"an error\"}", FAIL_SERVER, false },
		{ 200, NULL, "{\"__type\":\"a.b#ThrottlingException\"}", FAIL_RATE_LIMITED, true },
		{ 200, "InternalServerException", "{}", FAIL_SERVER, true },
		{ 400, "ValidationException:http://x/", "{\"message\":\"no\"}", FAIL_REQUEST_REFUSED, false },
		{ 400, "ServiceQuotaExceededException", "", FAIL_RATE_LIMITED, false },
		{ 400, NULL, "{\"__type\":\"IncompleteSignatureException\"}", FAIL_AUTH, false },
		{ 400, "ExpiredTokenException", "", FAIL_AUTH, false },
		{ 403, "AccessDeniedException", "{\"Message\":\"x\"}", FAIL_AUTH, false },
		{ 403, NULL, "", FAIL_AUTH, false },
		{ 404, "ResourceNotFoundException", "", FAIL_NOT_FOUND, false },
		{ 404, "FTUFormNotFilled", "", FAIL_NOT_FOUND, false },
		{ 408, "ModelTimeoutException", "", FAIL_SERVER, true },
		{ 409, "ConflictException", "", FAIL_SERVER, true },
		{ 424, "ModelErrorException", "{\"originalStatusCode\":400}", FAIL_SERVER, false },
		{ 424, "ModelErrorException", "{\"originalStatusCode\":503}", FAIL_SERVER, true },
		{ 424, "ModelNotReadyException", "", FAIL_SERVER, true },
		{ 429, "ThrottlingException", "{\"message\":\"slow\"}", FAIL_RATE_LIMITED, true },
		{ 429, "ModelNotReadyException", "", FAIL_SERVER, true },
		{ 429, NULL, "<html>", FAIL_RATE_LIMITED, true },
		{ 500, "InternalServerException", "", FAIL_SERVER, true },
		{ 503, "ServiceUnavailableException", "", FAIL_SERVER, true },
		{ 501, NULL, "", FAIL_SERVER, false },
		{ 302, NULL, "", FAIL_REQUEST_REFUSED, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		const struct reply *r = read_body(&a, table[i].code, table[i].type, table[i].body);
		if (r->fail != table[i].fail || r->retryable != table[i].retryable)
			fail_msg("%zu: %d '%s': %s %d: %.*s", i, table[i].code, table[i].body, fail_name(r->fail),
				 r->retryable, STR_ARGS(r->fail_text));
		assert_true(r->fail_text.n > 0);
		arena_release(&a);
	}
}

/* Once something was said, asking again would be rolling the dice again. */
static void a_stream_that_breaks_is_no_answer(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct buf b;
	buf_init(&b, MIB);
	event(&b, &a, "messageStart", "{'role':'assistant'}");
	size_t begin = b.n;
	eventframe_json(&b, "exception", "throttlingException", STR("{\"message\":\"slow\"}"));
	struct got g = read_stream(&a, buf_str(&b), b.n);
	assert_int_equal(g.r->fail, FAIL_RATE_LIMITED);
	assert_true(g.r->retryable);
	same_at_any_split(picture(&a, g), buf_str(&b));
	buf_cut(&b, begin);
	event(&b, &a, "contentBlockDelta", "{'contentBlockIndex':0,'delta':{'text':'a'}}");
	size_t said = b.n;
	eventframe_json(&b, "exception", "throttlingException", STR("{}"));
	g = read_stream(&a, buf_str(&b), b.n);
	assert_int_equal(g.r->fail, FAIL_RATE_LIMITED);
	assert_false(g.r->retryable);
	buf_cut(&b, said);
	g = read_stream(&a, buf_str(&b), b.n);
	assert_int_equal(g.r->fail, FAIL_CUT);
	g = read_stream(&a, str_sub(buf_str(&b), 0, b.n - 5), b.n);
	assert_int_equal(g.r->fail, FAIL_CUT);
	eventframe_json(&b, "event", "contentBlockDelta", STR("{oops"));
	g = read_stream(&a, buf_str(&b), b.n);
	assert_int_equal(g.r->fail, FAIL_MALFORMED);
	buf_cut(&b, said);
	b.p[b.n - 1]++;
	g = read_stream(&a, buf_str(&b), b.n);
	assert_int_equal(g.r->fail, FAIL_MALFORMED);
	b.p[b.n - 1]--;
	event(&b, &a, "messageStop", "{'stopReason':'end_turn'}");
	g = read_stream(&a, buf_str(&b), b.n);
	assert_int_equal(g.r->fail, FAIL_NONE); /* without metadata: an answer without usage */
	assert_int_equal(g.r->usage.in, -1);
	assert_int_equal(g.events & FEED_TERMINAL, 0);
	buf_release(&b);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_it_was_told),
		cmocka_unit_test(writes_conversations_with_tools),
		cmocka_unit_test(writes_a_schema_and_a_cache_point),
		cmocka_unit_test(writes_the_variables_of_a_stored_prompt),
		cmocka_unit_test(refuses_what_it_would_ignore),
		cmocka_unit_test(reads_the_vectors_stream),
		cmocka_unit_test(reads_every_kind_of_block),
		cmocka_unit_test(a_guardrail_is_an_answer_without_what_matched),
		cmocka_unit_test(reads_whole_bodies),
		cmocka_unit_test(names_what_went_wrong),
		cmocka_unit_test(a_stream_that_breaks_is_no_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
