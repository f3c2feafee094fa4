/* Provider http: what it sends, and what it reads of an application's answer, at every split. */
#include "codectest.h"

#include "provider/apppath.h"

static const json_t *config_of(struct arena *a, const char *text)
{
	const char *why = "";
	const json_t *j = json_lenient(a, str_c(text), &why);
	if (!j)
		fail_msg("%s: %s", text, why);
	return j;
}

static const char full[] =
	"{\"url\":\"http://h/\",\"answer\":\"$.a.text\",\"contexts\":\"$.a.docs\",\"tool_calls\":\"a.tools\","
	"\"trajectory\":\"$.steps\",\"usage\":{\"in\":\"u.in\",\"out\":\"u.out\"},\"model\":\"$.m\","
	"\"request_id\":\"id\",\"finish\":\"a.finish\",\"blocked\":\"a.blocked\",\"refused\":\"a.refused\","
	"\"error\":\"error\",\"stream\":{\"delta\":\"d\",\"done\":\"[DONE]\",\"done_event\":\"end\","
	"\"done_path\":\"done\"}}";

static struct reply *read_as(struct arena *a, const char *config, int code, const char *type, const char *body)
{
	struct codec codec = { .provider = "http", .config = config_of(a, config) };
	unsigned events;
	return codec_read(&codec, a, code, type, str_c(body), &events);
}

static const char *json_text(struct arena *a, const json_t *j)
{
	struct buf b;
	buf_init(&b, MIB);
	json_write(&b, j);
	const char *s = arena_cstr(a, buf_str(&b));
	buf_release(&b);
	return s;
}

static void reads_a_whole_answer(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply *r = read_as(&a, full, 200, "application/json",
		"{\"id\":\"r-1\",\"m\":\"served\",\"u\":{\"in\":3,\"out\":4.0},\"steps\":[{\"type\":\"retrieval\"},"
		"{\"name\":\"look\",\"args\":\"{\\\"q\\\":1}\",\"output\":[1]}],\"a\":{\"text\":\"hallo\",\"finish\":"
		"\"MAX_TOKENS\",\"docs\":[\"one\",{\"page_content\":\"two\",\"uri\":\"s\",\"score\":0.5,\"id\":7}],"
		"\"tools\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"},\"id\":\"c\"},"
		"{\"name\":\"g\"},{\"name\":\"h\",\"input\":\"no json\"},{\"name\":\"i\",\"args\":[1]}]}}");
	assert_int_equal(r->fail, FAIL_NONE);
	assert_string_equal(buf_cstr(&r->text), "hallo");
	assert_string_equal(json_text(&a, r->contexts),
			    "[{\"text\":\"one\"},{\"text\":\"two\",\"source\":\"s\",\"score\":0.5,\"id\":7}]");
	assert_string_equal(json_text(&a, r->tool_calls),
			    "[{\"id\":\"c\",\"name\":\"f\",\"arguments\":{\"x\":1}},{\"id\":\"\",\"name\":\"g\","
			    "\"arguments\":{}},{\"id\":\"\",\"name\":\"h\",\"arguments\":\"no json\"},"
			    "{\"id\":\"\",\"name\":\"i\",\"arguments\":\"[1]\"}]");
	assert_string_equal(json_text(&a, r->trajectory),
			    "[{\"kind\":\"retrieval\"},{\"kind\":\"tool\",\"name\":\"look\",\"arguments\":{\"q\":1},"
			    "\"result\":[1]}]");
	assert_int_equal(r->usage.in, 3);
	assert_int_equal(r->usage.out, 4);
	assert_int_equal(r->finish, FINISH_LENGTH);
	assert_true(str_eqc(r->model, "served") && str_eqc(r->request_id, "r-1"));
	assert_false(r->streamed);
	arena_release(&a);
}

static void puts_texts_together(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const char *all = "{\"answer\":\"$.parts[*].t\"}", *root = "{\"answer\":\"$\"}";
	assert_string_equal(buf_cstr(&read_as(&a, all, 200, "application/json",
					      "{\"parts\":[{\"t\":\"a\"},{},{\"t\":\"b\"}]}")->text), "ab");
	assert_string_equal(buf_cstr(&read_as(&a, all, 200, "application/json",
					      "{\"parts\":[{\"t\":\"a\"},{\"t\":2}]}")->text), "[\"a\",2]");
	assert_string_equal(buf_cstr(&read_as(&a, root, 200, "application/json", "\"yes\"")->text), "yes");
	assert_string_equal(buf_cstr(&read_as(&a, root, 200, "application/json", "{\"b\":[1, 2]}")->text), "{\"b\":[1,2]}");
	assert_string_equal(buf_cstr(&read_as(&a, "{}", 200, "text/plain", "as it is\n")->text), "as it is\n");
	arena_release(&a);
}

static void reads_streams(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	static const char *const streams[] = {
		"data: {\"d\":\"Grü\"}\n\n: ping\n\ndata: {\"d\":\"ße\",\"a\":{\"tools\":[{\"name\":\"f\"}]}}\n\n"
		"event: x\r\ndata: {\"u\":{\"in\":1,\"out\":2},\"a\":{\"docs\":[\"p\"]}}\r\n\r\ndata: [DONE]\n\n",
		"data: {\"d\":\"Grüße\",\"a\":{\"tools\":[{\"name\":\"f\"}],\"docs\":[\"p\"]},\"u\":{\"in\":1,\"out\":2}}\n\n"
		"event: end\ndata: {}\n\ndata: oops\n\n",
		"data: {\"d\":null,\"a\":{\"docs\":[\"p\"]}}\n\ndata: {\"d\":\"Grüße\",\"done\":true,\"a\":{\"tools\":"
		"[{\"name\":\"f\"}]},\"u\":{\"in\":1,\"out\":2}}\n\n",
	};
	for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
		const struct reply *r = read_as(&a, full, 200, "text/event-stream", streams[i]);
		if (r->fail)
			fail_msg("%zu: %.*s", i, STR_ARGS(r->fail_text));
		assert_string_equal(buf_cstr(&r->text), "Grüße");
		assert_int_equal(json_array_size(r->tool_calls), 1);
		assert_int_equal(json_array_size(r->contexts), 1);
		assert_int_equal(r->usage.out, 2);
		assert_true(r->streamed);
	}
	struct reply *r = read_as(&a, full, 200, "application/x-ndjson",
				  "{\"d\":\"a\"}\n\n  {\"d\":\"b\",\"a\":{\"docs\":[]}}\r\n{\"done\":1,\"a\":{\"finish\":\"stop\"}}");
	assert_int_equal(r->fail, FAIL_NONE);
	assert_string_equal(buf_cstr(&r->text), "ab");
	r = read_as(&a, "{\"stream\":{\"events\":[\"t\"],\"done_event\":\"e\"}}", 200, "text/event-stream",
		    "event: t\ndata: two\ndata: lines\n\nevent: u\ndata: no\n\nevent: e\ndata\n\n");
	assert_int_equal(r->fail, FAIL_NONE);
	assert_string_equal(buf_cstr(&r->text), "two\nlines");
	arena_release(&a);
}

struct wrong {
	int code;
	const char *type, *body;
	enum fail fail;
	const char *text;
};

static void names_what_went_wrong(void **state)
{
	(void)state;
	static const char json[] = "application/json", sse[] = "text/event-stream", lines[] = "application/jsonl";
	static const struct wrong table[] = {
		{ 200, json, "", FAIL_MALFORMED, "no JSON: the body is empty" },
		{ 200, "application/json; charset=UTF-8", "{}", FAIL_MALFORMED, "finds nothing" },
		{ 200, json, "{\"a\":{\"txt\":1},\"b\":2}", FAIL_MALFORMED, "'$.a.text' finds nothing: the answer has 'a', 'b'" },
		{ 200, json, "[1]", FAIL_MALFORMED, "the answer is no object but array" },
		{ 200, json, "{\"a\":{\"text\":null}}", FAIL_MALFORMED, "'$.a.text' is null" },
		{ 200, json, "{\"a\":{\"text\":\"x\"}}", FAIL_MALFORMED, "contexts '$.a.docs' finds nothing" },
		{ 200, json, "{\"a\":{\"text\":\"x\",\"docs\":{}}}", FAIL_MALFORMED, "passages must be a list" },
		{ 200, json, "{\"a\":{\"text\":\"x\",\"docs\":[{\"t\":1}]}}", FAIL_MALFORMED, "passage 1" },
		{ 200, json, "{\"a\":{\"text\":\"x\",\"docs\":[],\"tools\":[{\"name\":\"\"}]}}", FAIL_MALFORMED, "tool call 1" },
		{ 200, json, "{\"a\":{\"text\":\"x\",\"docs\":[]},\"steps\":[{}]}", FAIL_MALFORMED, "step 1" },
		{ 200, json, "{\"a\":{\"text\":\"x\",\"docs\":[]},\"u\":{\"in\":1.5}}", FAIL_MALFORMED, "usage.in" },
		{ 200, json, "{\"a\":{\"text\":\"x\",\"docs\":[]},\"error\":{\"message\":\"broke\"}}", FAIL_SERVER, "broke" },
		{ 200, json, "{\"error\":true}", FAIL_SERVER, "status 200" },
		{ 302, json, "", FAIL_REQUEST_REFUSED, "redirects" },
		{ 401, json, "{\"error\":\"who\"}", FAIL_AUTH, "HTTP 401: who" },
		{ 404, "text/html", "<html>", FAIL_NOT_FOUND, "HTTP 404" },
		{ 429, json, "{}", FAIL_RATE_LIMITED, "HTTP 429" },
		{ 503, json, "", FAIL_SERVER, "HTTP 503" },
		{ 503, json, "{\"a\":{\"blocked\":true}}", FAIL_SERVER, "HTTP 503" },
		{ 200, sse, "data: {\"d\":\"x\"}\n\n", FAIL_CUT, "ended without" },
		{ 200, sse, "data: {\"d\":\"x\"}\n\ndata: [DONE]\n", FAIL_CUT, "ended without" },
		{ 200, sse, "data: {\"e\":1}\n\ndata: [DONE]\n\n", FAIL_MALFORMED, "at 'd': of the first, the answer has 'e'" },
		{ 200, sse, "data: {\"d\":\n\n", FAIL_MALFORMED, "no JSON" },
		{ 200, sse, "data: {\"d\":\"x\"}\n\nevent: error\ndata: overloaded\n\n", FAIL_SERVER, "overloaded" },
		{ 200, sse, "data: {\"d\":\"x\"}\n\ndata: {\"error\":{\"message\":\"late\"}}\n\n", FAIL_SERVER, "late" },
		{ 200, sse, "data: {\"d\":\"x\"}\n\ndata: [DONE]\n\n", FAIL_MALFORMED, "contexts" },
		{ 200, lines, "{\"d\":\"x\"}\n{\"d\"", FAIL_MALFORMED, "no JSON" },
		{ 200, lines, "{\"d\":\"x\",\"done\":false}\n", FAIL_CUT, "ended without" },
		{ 200, lines, "", FAIL_CUT, "ended without" },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		const struct reply *r = read_as(&a, full, table[i].code, table[i].type, table[i].body);
		if (r->fail != table[i].fail || str_find(r->fail_text, str_c(table[i].text), 0) < 0)
			fail_msg("%d '%s': %s: %.*s", table[i].code, table[i].body, fail_name(r->fail),
				 STR_ARGS(r->fail_text));
		if (r->fail == FAIL_SERVER && table[i].code == 200)
			assert_int_equal(r->retryable, !r->text.n);
		arena_release(&a);
	}
}

static void a_block_is_an_answer(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply *r = read_as(&a, full, 403, "application/json", "{\"a\":{\"blocked\":1,\"text\":\"no\"},\"error\":\"x\"}");
	assert_int_equal(r->fail, FAIL_NONE);
	assert_int_equal(r->finish, FINISH_BLOCKED);
	assert_string_equal(buf_cstr(&r->text), "no");
	r = read_as(&a, full, 200, "application/json", "{\"a\":{\"refused\":\"policy\"}}");
	assert_int_equal(r->fail, FAIL_NONE);
	assert_int_equal(r->finish, FINISH_REFUSED);
	r = read_as(&a, full, 200, "application/json", "{\"a\":{\"tools\":[{\"name\":\"f\"}]}}");
	assert_int_equal(r->fail, FAIL_NONE);
	assert_int_equal(r->finish, FINISH_TOOL);
	arena_release(&a);
}

/* What is refused by its type alone. */
static void refuses_other_types(void **state)
{
	(void)state;
	static const struct {
		const char *config, *type;
	} table[] = {
		{ full, "text/html; charset=utf-8" },
		{ "{\"answer\":\"a\"}", "text/event-stream" },
		{ "{}", "application/json" },
		{ "{}", "application/problem+json" },
		{ "{\"stream\":true}", "application/x-ndjson" },
		{ "{\"stream\":true}", "audio/mpeg" },
		{ "{}", "application/xhtml+xml" },
		{ "{}", "image/png" },
		{ full, "application/json; a=b; Charset=\"ISO-8859-1\"" },
		{ full, "text/event-stream;charset=utf-16" },
		{ "{}", "text/plain; charset=latin1" },
		{ "{}", "application/octet-stream" },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		const struct provider_ops *p = provider_find(STR("http"));
		struct endpoint e = { .config = config_of(&a, table[i].config), .provider = p };
		struct call call = { .endpoint = &e };
		struct wire_header h = { .name = STR("Content-Type"), .value = str_c(table[i].type) };
		struct wire_status st = { .code = 200, .header = &h, .nheader = 1 };
		struct reply r;
		reply_init(&r, &a);
		assert_int_equal(p->begin(arena_alloc(&a, p->state_size), &r, &st, &call), -1);
		assert_int_equal(r.fail, FAIL_MALFORMED);
		arena_release(&a);
	}
}

static const char *path_error(const char *text)
{
	static struct arena a;
	struct apppath p;
	struct err err = ERR_INIT;
	return apppath_compile(&p, str_c(text), &a, &err) ? arena_fmt(&a, "%s", err.msg) : NULL;
}

static void short_paths_are_paths(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const char *why;
	const json_t *root = json_lenient(&a, STR("{\"a\":[{\"b c\":1},{\"it's\":[2]}],\"0\":3}"), &why);
	static const struct {
		const char *path;
		int want;
	} table[] = { { "a.0.b c", 1 }, { "a[0].b c", 1 }, { "a.1.it's[0]", 2 }, { "$['0']", 3 }, { "a[-1]['it\\'s'][0]", 2 } };
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct apppath p;
		struct err err = ERR_INIT;
		assert_int_equal(apppath_compile(&p, str_c(table[i].path), &a, &err), 0);
		assert_int_equal(json_integer_value(apppath_first(&p, root, &a)), table[i].want);
	}
	assert_non_null(path_error("a..b"));
	assert_non_null(path_error("$.a["));
	assert_non_null(path_error("a[x"));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_whole_answer),
		cmocka_unit_test(puts_texts_together),
		cmocka_unit_test(reads_streams),
		cmocka_unit_test(names_what_went_wrong),
		cmocka_unit_test(a_block_is_an_answer),
		cmocka_unit_test(refuses_other_types),
		cmocka_unit_test(short_paths_are_paths),
	};
	return cmocka_run_group_tests_name("http_app", tests, NULL, NULL);
}
