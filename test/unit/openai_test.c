/* Provider openai: what it sends, and what it reads of the transcripts in
 * vectors/sse/providers.json, whose texts the official clients agree with, at every split. */
#include "codectest.h"
#include "wire/awshost.h"

static const struct endpoint streaming = { .name = "t", .model = STR_INIT("m"), .stream = true };
static const struct endpoint whole = { .name = "t", .model = STR_INIT("m") };
static const struct codec codec = { .provider = "openai" };

static bool is_chat(struct str name)
{
	return !str_starts(name, STR("anthropic")) && !str_eqc(name, "openai-responses");
}

static void reads_the_transcripts_at_any_split(void **state)
{
	(void)state;
	codec_transcripts(&codec, is_chat, 10);
}

static struct reply *read_body(struct arena *a, int code, const char *body)
{
	unsigned events;
	return codec_read(&codec, a, code, "application/json", str_c(body), &events);
}

static void reads_whole_bodies(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply *r = read_body(&a, 200,
		"{\"id\":\"x1\",\"model\":\"served\",\"choices\":[{\"index\":1,\"message\":{\"content\":\"no\"}},"
		"{\"index\":0,\"message\":{\"content\":\"half \\ud83d and nul \\u0000.\"},"
		"\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,"
		"\"completion_tokens_details\":{\"reasoning_tokens\":2}}}");
	assert_int_equal(r->fail, FAIL_NONE);
	assert_true(str_eq(buf_str(&r->text), STR("half \xef\xbf\xbd and nul \0.")));
	assert_int_equal(r->finish, FINISH_LENGTH);
	assert_int_equal(r->usage.reasoning, 2);
	assert_int_equal(r->usage.cache_read, -1);
	assert_true(str_eqc(r->model, "served") && str_eqc(r->request_id, "x1"));
	r = read_body(&a, 200, "{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"I can't\"},"
			       "\"finish_reason\":\"stop\"}]}");
	assert_int_equal(r->finish, FINISH_REFUSED);
	assert_string_equal(buf_cstr(&r->text), "I can't");
	r = read_body(&a, 200, "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
			       "{\"type\":\"text\",\"text\":\"b\"}]},\"finish_reason\":\"content_filter\"}]}");
	assert_int_equal(r->finish, FINISH_BLOCKED);
	assert_string_equal(buf_cstr(&r->text), "ab");
	arena_release(&a);
}

static void names_what_went_wrong(void **state)
{
	(void)state;
	static const struct {
		int code;
		const char *body;
		enum fail fail;
		bool retryable;
	} table[] = {
		{ 200, "", FAIL_MALFORMED, false },
		{ 200, "[1]", FAIL_MALFORMED, false },
		{ 200, "{}", FAIL_MALFORMED, false },
		{ 200, "{\"choices\":[]}", FAIL_MALFORMED, false },
		{ 200, "{\"error\":\"overloaded\"}", FAIL_SERVER, true },
		{ 200, "{\"error\":{\"type\":\"invalid_request_error\"}}", FAIL_REQUEST_REFUSED, false },
		{ 400, "{\"object\":\"error\",\"message\":\"too long\",\"code\":400}", FAIL_REQUEST_REFUSED, false },
		{ 401, "", FAIL_AUTH, false },
		{ 404, "<html>", FAIL_NOT_FOUND, false },
		{ 408, "", FAIL_SERVER, true },
		{ 429, "{}", FAIL_RATE_LIMITED, true },
		{ 429, "{\"error\":{\"type\":\"insufficient_quota\"}}", FAIL_RATE_LIMITED, false },
		{ 503, "", FAIL_SERVER, true },
		{ 501, "", FAIL_SERVER, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		const struct reply *r = read_body(&a, table[i].code, table[i].body);
		if (r->fail != table[i].fail || r->retryable != table[i].retryable)
			fail_msg("%d '%s': %s", table[i].code, table[i].body, fail_name(r->fail));
		assert_true(r->fail_text.n > 0);
		arena_release(&a);
	}
}

static const char *encoded(struct arena *a, const struct endpoint *e, const json_t *schema,
			   struct wire_req *req)
{
	struct message m[] = {
		{ .role = ROLE_SYSTEM, .text = STR_INIT("be \"kind\"") },
		{ .role = ROLE_USER, .text = STR_INIT("hi\n") },
	};
	struct call c = { .endpoint = e, .message = m, .nmessage = 2, .response_schema = schema };
	struct err err = ERR_INIT;
	if (provider_find(STR("openai"))->encode(req, &c, a, &err))
		return arena_fmt(a, "%s", err.msg);
	return arena_cstr(a, req->body);
}

static const json_t *parsed(struct arena *a, const char *text)
{
	const char *why = "";
	const json_t *j = json_lenient(a, str_c(text), &why);
	if (!j)
		fail_msg("%s: %s", text, why);
	return j;
}

/* What check says of it; "" when nothing. */
static const char *checked(const struct endpoint *e)
{
	static struct err err;
	const char *member;
	err = (struct err)ERR_INIT;
	return provider_find(STR("openai"))->check(e, &member, &err) ? err.msg : "";
}

static void speaks_to_each_host_its_way(void **state)
{
	(void)state;
	static const struct {
		const char *base_url, *url, *env, *service, *region;
		enum wire_auth auth;
		bool optional;
	} table[] = {
		{ "https://r.services.ai.azure.com/openai/v1/",
		  "https://r.services.ai.azure.com/openai/v1/chat/completions", "AZURE_OPENAI_API_KEY", NULL, NULL,
		  WIRE_AUTH_HEADER, false },
		{ "https://bedrock-mantle.us-east-1.api.aws/v1",
		  "https://bedrock-mantle.us-east-1.api.aws/v1/chat/completions", "AWS_BEARER_TOKEN_BEDROCK",
		  "bedrock-mantle", "us-east-1", WIRE_AUTH_SIGV4, false },
		{ "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1",
		  "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/chat/completions",
		  "AWS_BEARER_TOKEN_BEDROCK", "bedrock", "eu-west-1", WIRE_AUTH_SIGV4, false },
		{ "https://bedrock-runtime.us-east-1.amazonaws.com.example.com/v1",
		  "https://bedrock-runtime.us-east-1.amazonaws.com.example.com/v1/chat/completions",
		  "OPENAI_API_KEY", NULL, NULL, WIRE_AUTH_BEARER, true },
		{ "https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/chat/completions", "OPENAI_API_KEY",
		  NULL, NULL, WIRE_AUTH_BEARER, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		struct wire_req req;
		struct endpoint e = streaming;
		e.base_url = str_c(table[i].base_url);
		encoded(&a, &e, NULL, &req);
		if (!str_eqc(req.url, table[i].url) || req.auth != table[i].auth ||
		    strcmp(req.auth_env, table[i].env) != 0 || req.auth_optional != table[i].optional)
			fail_msg("%s: %.*s %d %s", table[i].base_url, STR_ARGS(req.url), req.auth, req.auth_env);
		if (table[i].region) {
			assert_string_equal(req.region, table[i].region);
			assert_string_equal(req.service, awshost_signing_name(i == 1 ? AWS_BEDROCK_MANTLE : AWS_BEDROCK_RUNTIME));
		}
		arena_release(&a);
	}
}

static void sends_a_guardrail_to_bedrock_alone(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	struct endpoint e = streaming;
	e.config = parsed(&a, "{\"guardrail\":{\"id\":\"gr1\",\"version\":4,\"trace\":\"enabled\"}}");
	assert_non_null(strstr(checked(&e), "Bedrock's hosts only"));
	e.base_url = STR("https://bedrock-runtime.us-east-1.amazonaws.com/v1");
	assert_string_equal(checked(&e), "");
	encoded(&a, &e, NULL, &req);
	struct wire_status sent = { .header = req.header.v, .nheader = req.header.n };
	assert_true(str_eqc(wire_header_get(&sent, "X-Amzn-Bedrock-GuardrailIdentifier"), "gr1"));
	assert_true(str_eqc(wire_header_get(&sent, "X-Amzn-Bedrock-GuardrailVersion"), "4"));
	assert_true(str_eqc(wire_header_get(&sent, "X-Amzn-Bedrock-Trace"), "ENABLED"));
	arena_release(&a);
}

#define CHUNK(rest) "data: {\"id\":\"c\",\"model\":\"m\"," rest "}\n\n"
#define DELTA(delta) CHUNK("\"choices\":[{\"index\":0,\"delta\":{" delta "},\"finish_reason\":null}]")
#define FINISH(word) CHUNK("\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" word "\"}]") "data: [DONE]\n\n"

static const struct reply *streamed(struct arena *a, const char *raw)
{
	unsigned events;
	return codec_read(&codec, a, 200, "text/event-stream", str_c(raw), &events);
}

static void puts_tool_calls_together(void **state)
{
	(void)state;
	static const char *const table[] = {
		/* OpenAI: by index, in turns */
		DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]")
		DELTA("\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{\\\"y\\\":\"}}]")
		DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"x\\\":1}\"}},{\"index\":1,\"function\":{\"arguments\":\"2}\"}}]")
		FINISH("tool_calls"),
		/* vLLM: id and name are repeated */
		DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\"\"}}]")
		DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\":1}\"}}]")
		DELTA("\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{\\\"y\\\":2}\"}}]")
		FINISH("tool_calls"),
		/* no index, or always 0: another id is another call */
		DELTA("\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"}}]")
		DELTA("\"tool_calls\":[{\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":{\"y\":2}}}]")
		FINISH("tool_calls"),
		DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"}}]")
		DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{\\\"y\\\"\"}}]")
		DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\":2}\"}}]")
		FINISH("stop"),
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		const struct reply *r = streamed(&a, table[i]);
		const json_t *want = parsed(&a, "[{\"id\":\"a\",\"name\":\"f\",\"arguments\":{\"x\":1}},"
						"{\"id\":\"b\",\"name\":\"g\",\"arguments\":{\"y\":2}}]");
		struct buf got;
		buf_init(&got, MIB);
		json_write(&got, r->tool_calls ? r->tool_calls : json_null());
		if (!json_equal(r->tool_calls, want))
			fail_msg("%zu: %s", i, buf_cstr(&got));
		buf_release(&got);
		arena_release(&a);
	}
	struct arena a = ARENA_INIT;
	const struct reply *r = streamed(&a, DELTA("\"function_call\":{\"name\":\"f\",\"arguments\":\"{\"}")
					     DELTA("\"function_call\":{\"arguments\":\"}\"}") FINISH("function_call"));
	assert_int_equal(r->finish, FINISH_TOOL);
	assert_true(json_equal(r->tool_calls, parsed(&a, "[{\"id\":\"\",\"name\":\"f\",\"arguments\":{}}]")));
	arena_release(&a);
}

static void reads_what_servers_add(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	unsigned events;
	const struct reply *r = streamed(&a,
		DELTA("\"reasoning\":\"hm\",\"reasoning_content\":\"hm\"") DELTA("\"content\":\"a\"")
		CHUNK("\"service_tier\":\"flex\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,"
		      "\"prompt_tokens_details\":{\"cached_tokens\":4,\"cache_write_tokens\":3}}")
		FINISH("stop"));
	assert_true(str_eqc(buf_str(&r->reasoning), "hm"));
	assert_true(str_eqc(r->tier, "flex"));
	assert_int_equal(r->usage.cache_read, 4);
	assert_int_equal(r->usage.cache_write, 3);
	assert_null(r->guardrail);
	r = streamed(&a,
		CHUNK("\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0,\"content_filter_results\":"
		      "{\"hate\":{\"filtered\":false,\"severity\":\"safe\"}}}]")
		CHUNK("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"content_filter_results\":{}}]")
		CHUNK("\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"content_filter\",\"content_filter_results\":"
		      "{\"violence\":{\"filtered\":true,\"severity\":\"high\"},\"hate\":{\"filtered\":false}}}]")
		"data: [DONE]\n\n");
	assert_int_equal(r->finish, FINISH_BLOCKED);
	const char *blocked = "{\"action\":\"intervened\",\"policies\":[{\"policy\":\"content-filter\",\"name\":"
			      "\"violence\",\"action\":\"blocked\",\"severity\":\"high\"}]}";
	assert_true(json_equal(r->guardrail, parsed(&a, blocked)));
	r = codec_read(&codec, &a, 400, "application/json", STR(
		"{\"error\":{\"message\":\"The response was filtered\",\"type\":null,\"code\":\"content_filter\",\"status\":400,"
		"\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\",\"content_filter_result\":{\"violence\":"
		"{\"filtered\":true,\"severity\":\"high\"},\"jailbreak\":{\"detected\":false,\"filtered\":false}}}}}"), &events);
	assert_int_equal(r->fail, FAIL_NONE);
	assert_int_equal(r->finish, FINISH_BLOCKED);
	assert_true(json_equal(r->guardrail, parsed(&a, blocked)));
	r = streamed(&a, DELTA("\"content\":\"Sorry\"")
		CHUNK("\"amazon-bedrock-guardrailAction\":\"INTERVENED\",\"choices\":[{\"index\":0,\"delta\":{},"
		      "\"finish_reason\":\"stop\"}]") "data: [DONE]\n\n");
	assert_int_equal(r->finish, FINISH_BLOCKED);
	assert_true(str_eqc(json_get_str(r->guardrail, "action"), "intervened"));
	arena_release(&a);
}

static void writes_requests(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	struct endpoint e = streaming;
	json_t *params = json_pack("{s:i,s:f}", "seed", 7, "top_k", 0.5);
	json_t *tools = json_pack("[{s:s}]", "name", "f");
	json_t *schema = json_pack("{s:s,s:b}", "type", "object", "additionalProperties", 0);
	e.params = params;
	e.tools = tools;
	assert_string_equal(encoded(&a, &e, schema, &req),
		"{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"be \\\"kind\\\"\"},"
		"{\"role\":\"user\",\"content\":\"hi\\n\"}],\"seed\":7,\"top_k\":0.5,"
		"\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],"
		"\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\","
		"\"strict\":true,\"schema\":{\"type\":\"object\",\"additionalProperties\":false}}},"
		"\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
	assert_true(str_eqc(req.url, "https://api.openai.com/v1/chat/completions"));
	assert_false(req.auth_optional);
	e = whole;
	e.base_url = STR("http://localhost:8000/v1/?a=b");
	encoded(&a, &e, NULL, &req);
	assert_true(str_eqc(req.url, "http://localhost:8000/v1/chat/completions?a=b"));
	assert_true(req.auth_optional);
	json_t *config = json_pack("{s:s}", "api_version", "2024-10-21");
	e.config = config;
	e.base_url = STR("https://r.openai.azure.com/openai/deployments/d");
	encoded(&a, &e, NULL, &req);
	assert_true(str_eqc(req.url, "https://r.openai.azure.com/openai/deployments/d/chat/completions"
				     "?api-version=2024-10-21"));
	assert_string_equal(req.auth_header, "api-key");
	json_object_set_new(params, "stream", json_true());
	e.params = params;
	assert_non_null(strstr(checked(&e), "'stream'"));
	json_decref(params);
	json_decref(tools);
	json_decref(schema);
	json_decref(config);
	arena_release(&a);
}

static void schemas_are_json(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const char *why;
	for (size_t i = 0; provider_all()[i]; i++)
		assert_true(json_is_object(json_lenient(&a, str_c(provider_all()[i]->schema), &why)));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_transcripts_at_any_split),
		cmocka_unit_test(reads_whole_bodies),
		cmocka_unit_test(names_what_went_wrong),
		cmocka_unit_test(speaks_to_each_host_its_way),
		cmocka_unit_test(sends_a_guardrail_to_bedrock_alone),
		cmocka_unit_test(puts_tool_calls_together),
		cmocka_unit_test(reads_what_servers_add),
		cmocka_unit_test(writes_requests),
		cmocka_unit_test(schemas_are_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
