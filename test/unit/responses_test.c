/* Provider openai with `api: responses`: what it sends, and what it reads of the shared transcript and of
 * answers made here, at every split. */
#include "codectest.h"

static const json_t *parsed(struct arena *a, const char *text)
{
	const char *why = "";
	const json_t *j = json_lenient(a, str_c(text), &why);
	if (!j)
		fail_msg("%s: %s", text, why);
	return j;
}

static struct codec codec_of(struct arena *a)
{
	return (struct codec){ .provider = "openai", .config = parsed(a, "{\"api\":\"responses\"}") };
}

static bool is_responses(struct str name)
{
	return str_eqc(name, "openai-responses");
}

static void reads_the_transcript_at_any_split(void **state)
{
	(void)state;
	codec_need();
	struct arena a = ARENA_INIT;
	struct codec codec = codec_of(&a);
	codec_transcripts(&codec, is_responses, 1);
	arena_release(&a);
}

#define EVENT(type, rest) "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define CREATED EVENT("response.created", ",\"response\":{\"id\":\"resp_1\",\"status\":\"in_progress\",\"model\":\"served\"}")
#define TEXT(text) EVENT("response.output_text.delta", ",\"output_index\":0,\"delta\":\"" text "\"")
#define END(word, rest) EVENT("response." word, ",\"response\":{\"id\":\"resp_1\",\"status\":\"" word "\"" rest "}")
#define ITEM(when, index, item) EVENT("response.output_item." when, ",\"output_index\":" index ",\"item\":{" item "}")
#define ARGUMENTS(index, text) EVENT("response.function_call_arguments.delta", ",\"output_index\":" index ",\"delta\":\"" text "\"")

static struct reply *stream(struct arena *a, const char *raw, unsigned *events)
{
	struct codec codec = codec_of(a);
	return codec_read(&codec, a, 200, "text/event-stream", str_c(raw), events);
}

static void reads_items_of_every_kind(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	unsigned events;
	const struct reply *r = stream(&a,
		CREATED EVENT("response.in_progress", "")
		ITEM("added", "0", "\"type\":\"reasoning\",\"summary\":[]")
		EVENT("response.reasoning_summary_text.delta", ",\"output_index\":0,\"delta\":\"hm\"")
		ITEM("done", "0", "\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"hm\"}]")
		ITEM("added", "1", "\"type\":\"file_search_call\",\"id\":\"fs\",\"queries\":[]")
		ITEM("done", "1", "\"type\":\"file_search_call\",\"id\":\"fs\",\"queries\":[\"q\"],\"results\":[{\"text\":\"found\","
				  "\"filename\":\"a.md\",\"score\":0.5}]")
		TEXT("a") ITEM("done", "2", "\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\"}]")
		ITEM("added", "3", "\"type\":\"function_call\",\"call_id\":\"c1\",\"id\":\"x\",\"name\":\"f\",\"arguments\":\"\"")
		ITEM("added", "4", "\"type\":\"function_call\",\"call_id\":\"c2\",\"name\":\"g\",\"arguments\":\"\"")
		ARGUMENTS("3", "{\\\"x\\\":") ARGUMENTS("3", "1}")
		ITEM("done", "3", "\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"")
		ITEM("done", "4", "\"type\":\"function_call\",\"call_id\":\"c2\",\"name\":\"g\",\"arguments\":\"{}\"")
		END("completed", ",\"service_tier\":\"flex\",\"output\":[{\"type\":\"message\",\"content\":[{\"text\":\"a\"}]}],\"usage\":"
		    "{\"input_tokens\":9,\"input_tokens_details\":{\"cached_tokens\":4,\"cache_write_tokens\":2},"
		    "\"output_tokens\":5,\"output_tokens_details\":{\"reasoning_tokens\":3}}"), &events);
	assert_int_equal(r->fail, FAIL_NONE);
	assert_int_equal(events, FEED_FIRST_TOKEN | FEED_FIRST_VISIBLE | FEED_TERMINAL);
	assert_true(str_eqc(buf_str(&r->text), "a"));
	assert_true(str_eqc(buf_str(&r->reasoning), "hm"));
	assert_int_equal(r->finish, FINISH_TOOL);
	assert_true(str_eqc(r->tier, "flex") && str_eqc(r->model, "served") && str_eqc(r->request_id, "resp_1"));
	assert_int_equal(r->usage.in, 9);
	assert_int_equal(r->usage.cache_read, 4);
	assert_int_equal(r->usage.cache_write, 2);
	assert_int_equal(r->usage.reasoning, 3);
	assert_true(json_equal(r->tool_calls, parsed(&a, "[{\"id\":\"c1\",\"name\":\"f\",\"arguments\":{\"x\":1}},"
							 "{\"id\":\"c2\",\"name\":\"g\",\"arguments\":{}}]")));
	assert_true(json_equal(r->trajectory, parsed(&a, "[{\"kind\":\"tool\",\"name\":\"file_search\","
							 "\"arguments\":{\"queries\":[\"q\"]}}]")));
	assert_true(json_equal(r->contexts, parsed(&a, "[{\"text\":\"found\",\"source\":\"a.md\",\"score\":0.5}]")));
	arena_release(&a);
}

static void knows_how_it_finished(void **state)
{
	(void)state;
	static const struct {
		const char *raw, *text;
		enum finish finish;
	} table[] = {
		{ CREATED TEXT("a") END("completed", ""), "a", FINISH_STOP },
		{ CREATED TEXT("a") END("incomplete", ",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}"), "a",
		  FINISH_LENGTH },
		{ CREATED TEXT("a") END("incomplete", ",\"incomplete_details\":{\"reason\":\"content_filter\"}"), "a",
		  FINISH_BLOCKED },
		{ CREATED EVENT("response.refusal.delta", ",\"delta\":\"no\"") END("completed", ""), "no", FINISH_REFUSED },
		/* a server that sends no deltas */
		{ END("completed", ",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"b\"}]}]"),
		  "b", FINISH_STOP },
		{ END("completed", ",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"refusal\",\"refusal\":\"no\"}]}]"),
		  "no", FINISH_REFUSED },
		{ CREATED EVENT("error", ",\"code\":\"content_filter\",\"message\":\"m\""), "", FINISH_BLOCKED },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		unsigned events;
		const struct reply *r = stream(&a, table[i].raw, &events);
		if (r->fail || r->finish != table[i].finish || !str_eqc(buf_str(&r->text), table[i].text))
			fail_msg("%zu: %s %s", i, fail_name(r->fail), finish_name(r->finish));
		assert_true(events & FEED_TERMINAL);
		arena_release(&a);
	}
}

static void names_what_went_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *type, *body;
		enum fail fail;
		bool retryable;
	} table[] = {
		{ "text/event-stream", CREATED, FAIL_CUT, false },
		{ "text/event-stream", CREATED TEXT("a"), FAIL_CUT, false },
		{ "text/event-stream", CREATED TEXT("a") "data: [DONE]\n\n", FAIL_CUT, false },
		{ "text/event-stream", "", FAIL_CUT, false },
		{ "text/event-stream", "data: {x\n\n", FAIL_MALFORMED, false },
		{ "text/event-stream", "data: {}\n\n", FAIL_MALFORMED, false },
		{ "text/event-stream", CREATED ARGUMENTS("0", "{"), FAIL_MALFORMED, false },
		{ "text/event-stream", CREATED EVENT("error", ",\"code\":\"server_error\",\"message\":\"m\""), FAIL_SERVER, true },
		{ "text/event-stream", CREATED TEXT("a") EVENT("error", ",\"code\":\"server_error\""), FAIL_SERVER, false },
		{ "text/event-stream", CREATED END("failed", ",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"m\"}"),
		  FAIL_RATE_LIMITED, true },
		{ "text/event-stream", CREATED END("failed", ""), FAIL_SERVER, true },
		{ "text/event-stream", "data: {\"error\":{\"message\":\"m\"}}\n\n", FAIL_SERVER, true },
		{ "application/json", "", FAIL_MALFORMED, false },
		{ "application/json", "{}", FAIL_MALFORMED, false },
		{ "application/json", "{\"choices\":[{\"message\":{\"content\":\"hi\"}}]}", FAIL_MALFORMED, false },
		{ "application/json", "{\"output\":[]}", FAIL_MALFORMED, false },
		{ "application/json", "{\"status\":\"queued\",\"output\":[]}", FAIL_MALFORMED, false },
		{ "application/json", "{\"status\":\"cancelled\",\"output\":[]}", FAIL_MALFORMED, false },
		{ "application/json", "{\"status\":\"failed\",\"output\":[],\"error\":{\"code\":\"server_error\"}}", FAIL_SERVER, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		unsigned events;
		struct codec codec = codec_of(&a);
		const struct reply *r = codec_decode(&codec, &a, 200, table[i].type, str_c(table[i].body), 1, &events);
		if (r->fail != table[i].fail || r->retryable != table[i].retryable)
			fail_msg("%zu: %s %d: %.*s", i, fail_name(r->fail), r->retryable, STR_ARGS(r->fail_text));
		assert_true(r->fail_text.n > 0);
		arena_release(&a);
	}
}

static void reads_whole_responses(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	unsigned events;
	struct codec codec = codec_of(&a);
	const struct reply *r = codec_read(&codec, &a, 200, "application/json", STR(
		"{\"id\":\"r\",\"model\":\"m\",\"status\":\"completed\",\"error\":null,\"output\":[{\"type\":\"reasoning\",\"summary\":["
		"{\"type\":\"summary_text\",\"text\":\"t\"}]},{\"type\":\"web_search_call\",\"action\":{\"query\":\"q\"}},"
		"{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\"},{\"type\":\"output_text\",\"text\":\"b\"}]},"
		"{\"type\":\"custom_tool_call\",\"call_id\":\"c\",\"name\":\"sql\",\"input\":\"SELECT 1\"}],"
		"\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}"), &events);
	assert_int_equal(r->fail, FAIL_NONE);
	assert_true(str_eqc(buf_str(&r->text), "ab"));
	assert_true(str_eqc(buf_str(&r->reasoning), "t"));
	assert_int_equal(r->finish, FINISH_TOOL);
	assert_true(json_equal(r->tool_calls, parsed(&a, "[{\"id\":\"c\",\"name\":\"sql\",\"arguments\":\"SELECT 1\"}]")));
	assert_true(json_equal(r->trajectory, parsed(&a, "[{\"kind\":\"tool\",\"name\":\"web_search\",\"arguments\":{\"query\":\"q\"}}]")));
	arena_release(&a);
}

static void writes_requests(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	struct err err = ERR_INIT;
	const struct provider_ops *p = provider_find(STR("openai"));
	struct endpoint e = { .model = STR("m"), .stream = true, .config = parsed(&a, "{\"api\":\"responses\"}") };
	struct message m[] = {
		{ .role = ROLE_SYSTEM, .text = STR("s") },
		{ .role = ROLE_USER, .text = STR("u") },
		{ .role = ROLE_ASSISTANT, .text = STR("t"),
		  .tool_calls = parsed(&a, "[{\"id\":\"1\",\"name\":\"f\",\"arguments\":{\"x\":1}},{\"id\":\"2\",\"name\":\"g\"}]") },
		{ .role = ROLE_TOOL, .text = STR("r1"), .tool_call_id = STR("1") },
		{ .role = ROLE_SYSTEM, .text = STR("late") },
	};
	struct call c = { .endpoint = &e, .message = m, .nmessage = 5 };
	e.params = parsed(&a, "{\"max_tokens\":7,\"text\":{\"verbosity\":\"low\"},\"store\":true}");
	e.tools = parsed(&a, "[{\"name\":\"f\",\"parameters\":{}},{\"type\":\"function\",\"function\":{\"name\":\"g\",\"strict\":true}},"
			     "{\"type\":\"web_search\"}]");
	c.response_schema = parsed(&a, "{\"type\":\"object\",\"additionalProperties\":false}");
	assert_int_equal(p->encode(&req, &c, &a, &err), 0);
	assert_string_equal(arena_cstr(&a, req.body),
		"{\"model\":\"m\",\"instructions\":\"s\",\"input\":[{\"role\":\"user\",\"content\":\"u\"},"
		"{\"role\":\"assistant\",\"content\":\"t\"},{\"type\":\"function_call\",\"call_id\":\"1\",\"name\":\"f\","
		"\"arguments\":\"{\\\"x\\\":1}\"},{\"type\":\"function_call\",\"call_id\":\"2\",\"name\":\"g\",\"arguments\":\"{}\"},"
		"{\"type\":\"function_call_output\",\"call_id\":\"1\",\"output\":\"r1\"},{\"role\":\"system\",\"content\":\"late\"}],"
		"\"store\":true,\"max_output_tokens\":7,\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{},"
		"\"strict\":false},{\"type\":\"function\",\"name\":\"g\",\"strict\":true},{\"type\":\"web_search\"}],"
		"\"text\":{\"verbosity\":\"low\",\"format\":{\"type\":\"json_schema\",\"name\":\"answer\",\"strict\":true,"
		"\"schema\":{\"type\":\"object\",\"additionalProperties\":false}}},\"stream\":true}");
	assert_true(str_eqc(req.url, "https://api.openai.com/v1/responses"));
	const char *member;
	e.params = parsed(&a, "{\"max_tokens\":1,\"max_output_tokens\":1}");
	assert_int_equal(p->check(&e, &member, &err), -1);
	assert_non_null(strstr(err.msg, "write it once"));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_transcript_at_any_split),
		cmocka_unit_test(reads_items_of_every_kind),
		cmocka_unit_test(knows_how_it_finished),
		cmocka_unit_test(names_what_went_wrong),
		cmocka_unit_test(reads_whole_responses),
		cmocka_unit_test(writes_requests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
