/* Provider anthropic: what it sends, and what it reads of the shared transcripts and of answers made
 * here, at every split. */
#include "codectest.h"

static const struct codec codec = { .provider = "anthropic" };

static bool is_messages(struct str name)
{
	return str_starts(name, STR("anthropic"));
}

static void reads_the_transcripts_at_any_split(void **state)
{
	(void)state;
	codec_transcripts(&codec, is_messages, 2);
}

#define START(usage)                                                                                 \
	"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":"   \
	"\"message\",\"role\":\"assistant\",\"model\":\"served\",\"content\":[],\"stop_reason\":null,"       \
	"\"usage\":{" usage "}}}\n\n"
#define EVENT(type, rest) "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define BLOCK(index, block) EVENT("content_block_start", ",\"index\":" index ",\"content_block\":{" block "}")
#define DELTA(index, delta) EVENT("content_block_delta", ",\"index\":" index ",\"delta\":{" delta "}")
#define END(reason, usage)                                                                           \
	EVENT("message_delta", ",\"delta\":{\"stop_reason\":\"" reason "\"},\"usage\":{" usage "}")           \
	EVENT("message_stop", "")

static struct reply *stream(struct arena *a, const char *raw, unsigned *events)
{
	return codec_read(&codec, a, 200, "text/event-stream", str_c(raw), events);
}

static void reads_thinking_tools_and_usage(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	unsigned events;
	const struct reply *r = stream(&a,
		START("\"input_tokens\":10,\"cache_creation_input_tokens\":30,\"cache_read_input_tokens\":200,"
		      "\"cache_creation\":{\"ephemeral_5m_input_tokens\":10,\"ephemeral_1h_input_tokens\":20},"
		      "\"output_tokens\":1,\"service_tier\":\"priority\"")
		BLOCK("0", "\"type\":\"thinking\",\"thinking\":\"\"")
		DELTA("0", "\"type\":\"thinking_delta\",\"thinking\":\"hm\"")
		DELTA("0", "\"type\":\"signature_delta\",\"signature\":\"c2ln\"")
		EVENT("content_block_stop", ",\"index\":0")
		BLOCK("1", "\"type\":\"text\",\"text\":\"\"") DELTA("1", "\"type\":\"text_delta\",\"text\":\"I look\"")
		DELTA("1", "\"type\":\"citations_delta\",\"citation\":{}")
		BLOCK("2", "\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"look\",\"input\":{}")
		DELTA("2", "\"type\":\"input_json_delta\",\"partial_json\":\"\"")
		DELTA("2", "\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"at\\\":\"")
		BLOCK("3", "\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"now\",\"input\":{}")
		DELTA("2", "\"type\":\"input_json_delta\",\"partial_json\":\"1}\"")
		BLOCK("4", "\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"web_search\",\"input\":{}")
		DELTA("4", "\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"query\\\":\\\"x\\\"}\"")
		BLOCK("5", "\"type\":\"web_search_tool_result\",\"content\":[{\"text\":\"not the answer\"}]")
		EVENT("brand_new", ",\"x\":1")
		END("tool_use", "\"output_tokens\":42"), &events);
	assert_int_equal(r->fail, FAIL_NONE);
	assert_int_equal(events, FEED_FIRST_TOKEN | FEED_FIRST_VISIBLE | FEED_TERMINAL);
	assert_string_equal(buf_cstr(&((struct reply *)(uintptr_t)r)->text), "I look");
	assert_true(str_eqc(buf_str(&r->reasoning), "hm"));
	assert_int_equal(r->finish, FINISH_TOOL);
	assert_int_equal(r->usage.in, 240);
	assert_int_equal(r->usage.out, 42);
	assert_int_equal(r->usage.cache_read, 200);
	assert_int_equal(r->usage.cache_write, 30);
	assert_int_equal(r->usage.cache_write_1h, 20);
	assert_int_equal(r->usage.reasoning, -1);
	assert_true(str_eqc(r->tier, "priority") && str_eqc(r->model, "served") && str_eqc(r->request_id, "msg_1"));
	json_t *calls = json_pack("[{s:s,s:s,s:{s:i}},{s:s,s:s,s:{}}]", "id", "t1", "name", "look", "arguments",
				  "at", 1, "id", "t2", "name", "now", "arguments");
	assert_true(json_equal(r->tool_calls, calls));
	json_t *steps = json_pack("[{s:s,s:s,s:{s:s}}]", "kind", "tool", "name", "web_search", "arguments", "query", "x");
	assert_true(json_equal(r->trajectory, steps));
	json_decref(calls);
	json_decref(steps);
	arena_release(&a);
}

static void reads_whole_messages(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	unsigned events;
	const struct reply *r = codec_read(&codec, &a, 200, "application/json", STR(
		"{\"type\":\"message\",\"id\":\"m\",\"model\":\"c\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"t\"},"
		"{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"n\",\"input\":{\"k\":[1]}},"
		"{\"type\":\"text\",\"text\":\"b\"}],\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"#\","
		"\"usage\":{\"input_tokens\":5,\"output_tokens\":6}}"), &events);
	assert_int_equal(r->fail, FAIL_NONE);
	assert_true(str_eqc(buf_str(&r->text), "ab"));
	assert_int_equal(r->finish, FINISH_STOP);
	assert_int_equal(r->usage.in, 5);
	assert_int_equal(r->usage.cache_read, -1);
	assert_int_equal(json_array_size(r->tool_calls), 1);
	r = codec_read(&codec, &a, 200, "application/json", STR(
		"{\"content\":[],\"stop_reason\":\"refusal\",\"stop_details\":{\"category\":\"cyber\"}}"), &events);
	assert_int_equal(r->fail, FAIL_NONE);
	assert_int_equal(r->finish, FINISH_REFUSED);
	assert_true(str_eqc(json_get_str(json_object_get(r->detail, "stop_details"), "category"), "cyber"));
	r = codec_read(&codec, &a, 400, "application/json", STR(
		"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
		"\"Output blocked by content filtering policy\"}}"), &events);
	assert_int_equal(r->fail, FAIL_NONE);
	assert_int_equal(r->finish, FINISH_BLOCKED);
	arena_release(&a);
}

static void knows_how_it_finished(void **state)
{
	(void)state;
	static const struct {
		const char *raw;
		enum finish finish;
	} table[] = {
		{ START("") END("end_turn", ""), FINISH_STOP },
		{ START("") END("max_tokens", ""), FINISH_LENGTH },
		{ START("") END("model_context_window_exceeded", ""), FINISH_LENGTH },
		{ START("") END("refusal", ""), FINISH_REFUSED },
		{ START("") END("pause_turn", ""), FINISH_OTHER },
		{ START("") EVENT("error", ",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
				  "\"Output blocked by content filtering policy\"}"), FINISH_BLOCKED },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		unsigned events;
		const struct reply *r = stream(&a, table[i].raw, &events);
		if (r->fail || r->finish != table[i].finish)
			fail_msg("%zu: %s %s", i, fail_name(r->fail), finish_name(r->finish));
		arena_release(&a);
	}
}

#define SAID BLOCK("0", "\"type\":\"text\",\"text\":\"\"") DELTA("0", "\"type\":\"text_delta\",\"text\":\"x\"")
#define OVERLOADED EVENT("error", ",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}")
#define ERROR(type) "{\"type\":\"error\",\"error\":{\"type\":\"" type "\",\"message\":\"m\"}}"

static void names_what_went_wrong(void **state)
{
	(void)state;
	static const struct {
		int code;
		const char *body;
		enum fail fail;
		bool retryable;
	} table[] = {
		{ 0, START("") OVERLOADED, FAIL_SERVER, true },
		{ 0, START("") SAID OVERLOADED, FAIL_SERVER, false },
		{ 0, START("") EVENT("error", ",\"error\":{\"type\":\"rate_limit_error\"}"), FAIL_RATE_LIMITED, true },
		{ 0, START("") EVENT("error", ",\"error\":{\"type\":\"permission_error\"}"), FAIL_AUTH, false },
		{ 0, START("") SAID, FAIL_CUT, false },
		{ 0, START("") SAID EVENT("message_delta", ",\"delta\":{\"stop_reason\":\"end_turn\"}"), FAIL_CUT, false },
		{ 0, START("") SAID EVENT("message_stop", ""), FAIL_CUT, false },
		{ 0, EVENT("message_stop", ""), FAIL_CUT, false },
		{ 0, "", FAIL_CUT, false },
		{ 0, "data: {oops\n\n", FAIL_MALFORMED, false },
		{ 0, "data: {}\n\n", FAIL_MALFORMED, false },
		{ 0, EVENT("message_start", ""), FAIL_MALFORMED, false },
		{ 0, START("") DELTA("0", "\"type\":\"input_json_delta\",\"partial_json\":\"{\""), FAIL_MALFORMED, false },
		{ 200, "", FAIL_MALFORMED, false },
		{ 200, "[]", FAIL_MALFORMED, false },
		{ 200, "{\"choices\":[{\"message\":{\"content\":\"hi\"}}]}", FAIL_MALFORMED, false },
		{ 200, "{\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}", FAIL_MALFORMED, false },
		{ 200, ERROR("overloaded_error"), FAIL_SERVER, true },
		{ 400, ERROR("invalid_request_error"), FAIL_REQUEST_REFUSED, false },
		{ 401, ERROR("authentication_error"), FAIL_AUTH, false },
		{ 403, ERROR("permission_error"), FAIL_AUTH, false },
		{ 404, ERROR("not_found_error"), FAIL_NOT_FOUND, false },
		{ 413, ERROR("request_too_large"), FAIL_REQUEST_REFUSED, false },
		{ 429, ERROR("rate_limit_error"), FAIL_RATE_LIMITED, true },
		{ 500, ERROR("api_error"), FAIL_SERVER, true },
		{ 529, ERROR("overloaded_error"), FAIL_SERVER, true },
		{ 529, "<html>", FAIL_SERVER, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		unsigned events;
		const char *type = table[i].code ? "application/json" : "text/event-stream";
		const struct reply *r = codec_decode(&codec, &a, table[i].code ? table[i].code : 200, type,
						     str_c(table[i].body), 1, &events);
		if (r->fail != table[i].fail || r->retryable != table[i].retryable)
			fail_msg("%zu: %s %d: %.*s", i, fail_name(r->fail), r->retryable, STR_ARGS(r->fail_text));
		assert_true(r->fail_text.n > 0);
		arena_release(&a);
	}
}

/* --- requests --------------------------------------------------------------------------------- */

static const char *encoded(struct arena *a, const struct endpoint *e, const struct message *m, size_t n,
			   const json_t *schema, struct wire_req *req)
{
	struct call c = { .endpoint = e, .message = m, .nmessage = n, .response_schema = schema };
	struct err err = ERR_INIT;
	if (provider_find(STR("anthropic"))->encode(req, &c, a, &err))
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

static const struct message plain[] = {
	{ .role = ROLE_SYSTEM, .text = STR_INIT("be \"kind\"") },
	{ .role = ROLE_USER, .text = STR_INIT("hi\n") },
};

static void writes_requests(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	struct endpoint e = { .name = "t", .model = STR("m"), .stream = true };
	e.params = parsed(&a, "{\"max_tokens\":9,\"stop\":\"#\",\"top_k\":4,\"thinking\":{\"type\":\"disabled\"}}");
	e.tools = parsed(&a, "[{\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":\"object\"},\"strict\":true},"
			     "{\"type\":\"function\",\"function\":{\"name\":\"g\"}},"
			     "{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]");
	assert_string_equal(encoded(&a, &e, plain, 2, NULL, &req),
		"{\"model\":\"m\",\"system\":\"be \\\"kind\\\"\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\\n\"}],"
		"\"max_tokens\":9,\"top_k\":4,\"thinking\":{\"type\":\"disabled\"},\"stop_sequences\":[\"#\"],"
		"\"tools\":[{\"name\":\"f\",\"description\":\"d\",\"strict\":true,\"input_schema\":{\"type\":\"object\"}},"
		"{\"name\":\"g\",\"input_schema\":{\"type\":\"object\"}},"
		"{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}],\"stream\":true}");
	assert_true(str_eqc(req.url, "https://api.anthropic.com/v1/messages"));
	assert_string_equal(req.auth_header, "x-api-key");
	assert_string_equal(req.auth_env, "ANTHROPIC_API_KEY");
	assert_false(req.auth_optional);
	e = (struct endpoint){ .model = STR("m"), .params = parsed(&a, "{\"max_tokens\":9}") };
	e.config = parsed(&a, "{\"api_version\":\"2024-01-01\",\"betas\":[\"a\",\"b\"]}");
	e.base_url = STR("https://gw.example.com/anthropic/");
	encoded(&a, &e, plain, 2, NULL, &req);
	assert_true(str_eqc(req.url, "https://gw.example.com/anthropic/v1/messages"));
	assert_true(req.auth_optional);
	struct wire_status sent = { .header = req.header.v, .nheader = req.header.n };
	assert_true(str_eqc(wire_header_get(&sent, "anthropic-version"), "2024-01-01"));
	assert_true(str_eqc(wire_header_get(&sent, "anthropic-beta"), "a,b"));
	e.base_url = STR("http://localhost:1/v1?k=v");
	encoded(&a, &e, plain, 2, NULL, &req);
	assert_true(str_eqc(req.url, "http://localhost:1/v1/messages?k=v"));
	arena_release(&a);
}

static void writes_conversations(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	struct endpoint e = { .model = STR("m"), .config = parsed(&a, "{\"cache\":{\"system\":\"1h\",\"messages\":\"5m\"}}") };
	struct message m[] = {
		{ .role = ROLE_SYSTEM, .text = STR("s") },
		{ .role = ROLE_USER, .text = STR("u1") },
		{ .role = ROLE_USER, .text = STR("u2") },
		{ .role = ROLE_ASSISTANT, .text = STR(""),
		  .tool_calls = parsed(&a, "[{\"id\":\"1\",\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"},"
					   "{\"id\":\"2\",\"name\":\"g\"}]") },
		{ .role = ROLE_TOOL, .text = STR("r1"), .tool_call_id = STR("1") },
		{ .role = ROLE_TOOL, .text = STR("r2"), .tool_call_id = STR("2") },
		{ .role = ROLE_ASSISTANT, .text = STR("{") },
	};
	assert_string_equal(encoded(&a, &e, m, 7, NULL, &req),
		"{\"model\":\"m\",\"system\":[{\"type\":\"text\",\"text\":\"s\",\"cache_control\":{\"type\":\"ephemeral\","
		"\"ttl\":\"1h\"}}],\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"u1\"},"
		"{\"type\":\"text\",\"text\":\"u2\"}]},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
		"\"id\":\"1\",\"name\":\"f\",\"input\":{\"x\":1}},{\"type\":\"tool_use\",\"id\":\"2\",\"name\":\"g\","
		"\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"1\","
		"\"content\":\"r1\"},{\"type\":\"tool_result\",\"tool_use_id\":\"2\",\"content\":\"r2\",\"cache_control\":"
		"{\"type\":\"ephemeral\",\"ttl\":\"5m\"}}]},{\"role\":\"assistant\",\"content\":\"{\"}]}");
	m[3].tool_calls = parsed(&a, "[{\"id\":\"1\",\"name\":\"f\",\"arguments\":\"no\"}]");
	assert_non_null(strstr(encoded(&a, &e, m, 7, NULL, &req), "tool call 'f'"));
	m[3] = m[0];
	assert_non_null(strstr(encoded(&a, &e, m, 7, NULL, &req), "a system message stands after"));
	assert_non_null(strstr(encoded(&a, &e, m, 1, NULL, &req), "no user message"));
	assert_non_null(strstr(encoded(&a, &e, m + 1, 1, NULL, &req), "no system message"));
	e.config = parsed(&a, "{\"structured_output\":\"native\"}");
	e.params = parsed(&a, "{\"output_config\":{\"effort\":\"low\"}}");
	const json_t *schema = parsed(&a, "{\"type\":\"object\",\"properties\":{\"score\":{\"type\":\"number\",\"minimum\":0},"
					  "\"minimum\":{\"type\":\"string\",\"maxLength\":3}},\"required\":[\"score\"]}");
	const char *body = encoded(&a, &e, m + 1, 1, schema, &req);
	assert_non_null(strstr(body, "\"output_config\":{\"effort\":\"low\",\"format\":{\"type\":\"json_schema\",\"schema\":{"
				     "\"type\":\"object\",\"properties\":{\"score\":{\"type\":\"number\"},"
				     "\"minimum\":{\"type\":\"string\"}},\"required\":[\"score\"]}}}"));
	e.config = NULL;
	assert_null(strstr(encoded(&a, &e, m + 1, 1, schema, &req), "json_schema"));
	arena_release(&a);
}

static void checks_settings(void **state)
{
	(void)state;
	static const struct {
		const char *params, *config, *want;
	} table[] = {
		{ "{\"max_tokens\":1}", "{}", NULL },
		{ "{}", "{}", "must have 'max_tokens'" },
		{ "{\"max_tokens\":0}", "{}", "must have 'max_tokens'" },
		{ "{\"max_tokens\":\"9\"}", "{}", "must have 'max_tokens'" },
		{ "{\"max_tokens\":1,\"system\":\"x\"}", "{}", "which gate sets itself" },
		{ "{\"max_tokens\":1,\"seed\":1}", "{}", "'seed', which the Messages API does not know" },
		{ "{\"max_completion_tokens\":1}", "{}", "write max_tokens" },
		{ "{\"max_tokens\":1,\"stop\":\"a\",\"stop_sequences\":[\"b\"]}", "{}", "write it once" },
		{ "{\"max_tokens\":1}", "{\"cache\":[\"tools\"]}", "and the target has none" },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		struct err err = ERR_INIT;
		const char *member = NULL;
		struct endpoint e = { .params = parsed(&a, table[i].params), .config = parsed(&a, table[i].config) };
		int bad = provider_find(STR("anthropic"))->check(&e, &member, &err);
		assert_int_equal(bad, table[i].want ? -1 : 0);
		if (bad && !strstr(err.msg, table[i].want))
			fail_msg("%zu: %s", i, err.msg);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_transcripts_at_any_split),
		cmocka_unit_test(reads_thinking_tools_and_usage),
		cmocka_unit_test(reads_whole_messages),
		cmocka_unit_test(knows_how_it_finished),
		cmocka_unit_test(names_what_went_wrong),
		cmocka_unit_test(writes_requests),
		cmocka_unit_test(writes_conversations),
		cmocka_unit_test(checks_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
