/* Provider openai: what it sends, and what it reads of the transcripts in
 * vectors/sse/providers.json, whose texts the official clients agree with, at every split. */
#include "codectest.h"

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
	assert_non_null(strstr(encoded(&a, &e, NULL, &req), "'stream'"));
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
		cmocka_unit_test(writes_requests),
		cmocka_unit_test(schemas_are_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
