/* Provider exec: what a program is told, and what its output means, at every split. */
#include "codectest.h"

static struct reply *said(struct arena *a, const char *config, const char *out)
{
	const char *why;
	struct codec codec = { .provider = "exec", .config = json_lenient(a, str_c(config), &why) };
	unsigned events;
	return codec_read(&codec, a, 0, "", str_c(out), &events);
}

static void text_is_the_answer(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	static const struct {
		const char *out, *want;
	} table[] = { { "yes\n", "yes" }, { "yes\r\n", "yes" }, { "a\n\n", "a\n" }, { "a\r", "a\r" }, { "{\"answer\":1}", "{\"answer\":1}" } };
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct reply *r = said(&a, "{\"output\":\"text\"}", table[i].out);
		assert_int_equal(r->fail, FAIL_NONE);
		assert_string_equal(buf_cstr(&r->text), table[i].want);
	}
	assert_int_equal(said(&a, "{\"output\":\"text\"}", "\n")->fail, FAIL_MALFORMED);
	assert_int_equal(said(&a, "{\"output\":\"text\"}", "")->fail, FAIL_MALFORMED);
	arena_release(&a);
}

static void json_says_all(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply *r = said(&a, "{\"output\":\"json\"}",
		" {\"output\":\"yes\",\"contexts\":[\"c\"],\"tool_calls\":null,\"trajectory\":[{\"kind\":\"model\"}],"
		"\"usage\":{\"in\":1,\"out\":2,\"cache_read\":1},\"model\":\"m\",\"finish\":\"length\",\"blocked\":false,"
		"\"request_id\":\"i\",\"error\":null,\"detail\":{\"a\":1}}\n");
	assert_int_equal(r->fail, FAIL_NONE);
	assert_string_equal(buf_cstr(&r->text), "yes");
	assert_int_equal(json_array_size(r->contexts), 1);
	assert_int_equal(json_array_size(r->trajectory), 1);
	assert_int_equal(r->usage.cache_read, 1);
	assert_int_equal(r->finish, FINISH_LENGTH);
	assert_true(json_is_object(r->detail));
	r = said(&a, "{\"output\":\"json\"}", "{\"answer\":{\"deep\":[1]}}");
	assert_string_equal(buf_cstr(&r->text), "{\"deep\":[1]}");
	r = said(&a, "{\"output\":\"json\"}", "{\"refused\":true}");
	assert_int_equal(r->fail, FAIL_NONE);
	assert_int_equal(r->finish, FINISH_REFUSED);
	arena_release(&a);
}

static void what_is_no_answer(void **state)
{
	(void)state;
	static const struct {
		const char *out;
		enum fail fail;
		const char *text;
	} table[] = {
		{ "", FAIL_MALFORMED, "nothing" },
		{ "yes", FAIL_MALFORMED, "no JSON" },
		{ "\"yes\"", FAIL_MALFORMED, "string" },
		{ "{}", FAIL_MALFORMED, "no 'answer'" },
		{ "{\"answer\":null}", FAIL_MALFORMED, "no 'answer'" },
		{ "{\"answer\":1,\"output\":2}", FAIL_MALFORMED, "both" },
		{ "{\"answer\":\"a\",\"answer\":\"b\"}", FAIL_MALFORMED, "" },
		{ "{\"answer\":\"a\",\"cost\":1}", FAIL_MALFORMED, "'cost'" },
		{ "{\"answer\":\"a\",\"usage\":{\"input\":1}}", FAIL_MALFORMED, "usage" },
		{ "{\"answer\":\"a\",\"usage\":7}", FAIL_MALFORMED, "'usage'" },
		{ "{\"answer\":\"a\",\"finish\":7}", FAIL_MALFORMED, "'finish'" },
		{ "{\"answer\":\"a\",\"blocked\":1}", FAIL_MALFORMED, "'blocked'" },
		{ "{\"answer\":\"a\",\"detail\":[]}", FAIL_MALFORMED, "'detail'" },
		{ "{\"answer\":\"a\",\"contexts\":\"c\"}", FAIL_MALFORMED, "passages" },
		{ "{\"answer\":\"a\",\"tool_calls\":[1]}", FAIL_MALFORMED, "tool call 1" },
		{ "{\"answer\":\"a\",\"error\":\"broke\"}", FAIL_PROGRAM, "broke" },
		{ "{\"error\":{\"code\":1}}", FAIL_PROGRAM, "failed" },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		const struct reply *r = said(&a, "{\"output\":\"json\"}", table[i].out);
		if (r->fail != table[i].fail || str_find(r->fail_text, str_c(table[i].text), 0) < 0)
			fail_msg("%s: %s: %.*s", table[i].out, fail_name(r->fail), STR_ARGS(r->fail_text));
		assert_false(r->retryable);
		arena_release(&a);
	}
}

static void tells_the_case(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	const char *why;
	const struct provider_ops *p = provider_find(STR("exec"));
	const struct message message[] = { { .role = ROLE_USER, .text = STR("a \"b\"") } };
	struct endpoint e = { .provider = p, .params = json_lenient(&a, STR("{\"t\":0}"), &why) };
	e.config = json_lenient(&a, STR("{\"command\":[\"p\",\"-{{q}}\",\"{{bind.x}}\",\"{{prompt}}\"],\"memory\":\"1K\","
					"\"timeout\":\"1.5s\",\"cpu\":\"100ms\",\"files\":9}"), &why);
	struct call call = { .endpoint = &e, .message = message, .nmessage = 1, .sample = 2 };
	call.given = json_lenient(&a, STR("{\"q\":\"$(x) ;\",\"bind\":{\"x\":\"y\"}}"), &why);
	struct wire_req req;
	assert_int_equal(p->encode(&req, &call, &a, &err), 0);
	assert_string_equal(req.exec->argv[0], "p");
	assert_string_equal(req.exec->argv[1], "-$(x) ;");
	assert_string_equal(req.exec->argv[2], "y");
	assert_string_equal(req.exec->argv[3], "a \"b\"");
	assert_null(req.exec->argv[4]);
	assert_true(str_eqc(req.body, "{\"case\":{\"q\":\"$(x) ;\"},\"prompt\":\"a \\\"b\\\"\",\"messages\":[{\"role\":"
				      "\"user\",\"content\":\"a \\\"b\\\"\"}],\"params\":{\"t\":0},\"sample\":2}\n"));
	assert_int_equal(req.exec->memory_bytes, 1024);
	assert_int_equal(req.exec->timeout_ms, 1500);
	assert_int_equal(req.exec->cpu_s, 1);
	assert_int_equal(req.exec->files, 9);
	assert_int_equal(req.exec->processes, 128);
	call.given = json_lenient(&a, STR("{\"q\":\"nul \\u0000\",\"bind\":{\"x\":\"y\"}}"), &why);
	assert_int_equal(p->encode(&req, &call, &a, &err), -1);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_the_answer),
		cmocka_unit_test(json_says_all),
		cmocka_unit_test(what_is_no_answer),
		cmocka_unit_test(tells_the_case),
	};
	return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
