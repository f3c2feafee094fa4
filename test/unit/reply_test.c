/* Replies and the key of a call. */
#include "base/b64.h"
#include "call/call.h"
#include "base/limits.h"
#include "call/reply.h"
#include "crypto/sha256.h"
#include "doc/jsonx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void names_go_both_ways(void **state)
{
	(void)state;
	for (int i = 0; i < FAIL_COUNT; i++)
		assert_int_equal(fail_parse(str_c(fail_name((enum fail)i))), i);
	for (int i = FINISH_NONE; i <= FINISH_OTHER; i++)
		assert_int_equal(finish_parse(str_c(finish_name((enum finish)i))), i);
	assert_int_equal(fail_parse(STR("nonsense")), -1);
	assert_int_equal(role_parse(STR("developer")), ROLE_SYSTEM);
	assert_int_equal(role_parse(STR("tool")), ROLE_TOOL);
	assert_int_equal(role_parse(STR("robot")), -1);
}

static void a_reply_survives_json(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply r, back;
	reply_init(&r, &a);
	buf_add(&r.text, STR("nul \0 and caf\xc3\xa9"));
	buf_adds(&r.reasoning, "hm");
	r.tool_calls = arena_json(&a, json_pack("[{s:s,s:s}]", "id", "c1", "name", "f"));
	r.thinking = arena_json(&a, json_pack("[{s:s}]", "signature", "x"));
	r.finish = FINISH_TOOL;
	r.contexts = arena_json(&a, json_pack("[{s:s}]", "text", "passage"));
	r.trajectory = arena_json(&a, json_pack("[{s:s}]", "kind", "tool"));
	r.guardrail = arena_json(&a, json_pack("{s:s}", "action", "none"));
	r.detail = arena_json(&a, json_pack("{s:i}", "version", 3));
	r.tier = STR("flex");
	r.speed = STR("optimized");
	r.usage.cache_write = 7;
	r.usage.cache_write_1h = 5;
	r.finish_raw = STR("tool_calls");
	r.usage.in = 3;
	r.model = STR("m");
	r.http_status = 200;
	r.attempts = 2;
	r.streamed = true;
	struct buf text;
	const char *why;
	buf_init(&text, MIB);
	reply_write(&text, &r);
	json_t *j = json_lenient(&a, buf_str(&text), &why);
	buf_release(&text);
	assert_non_null(j);
	assert_int_equal(reply_from_json(&back, j, &a), 0);
	assert_true(str_eq(buf_str(&back.text), buf_str(&r.text)));
	assert_true(str_eq(buf_str(&back.reasoning), STR("hm")));
	assert_true(json_equal((json_t *)(uintptr_t)back.tool_calls, (json_t *)(uintptr_t)r.tool_calls));
	assert_true(json_equal((json_t *)(uintptr_t)back.thinking, (json_t *)(uintptr_t)r.thinking));
	assert_int_equal(back.finish, FINISH_TOOL);
	assert_true(json_equal((json_t *)(uintptr_t)back.contexts, (json_t *)(uintptr_t)r.contexts));
	assert_true(json_equal((json_t *)(uintptr_t)back.trajectory, (json_t *)(uintptr_t)r.trajectory));
	assert_true(json_equal((json_t *)(uintptr_t)back.guardrail, (json_t *)(uintptr_t)r.guardrail));
	assert_true(json_equal((json_t *)(uintptr_t)back.detail, (json_t *)(uintptr_t)r.detail));
	assert_true(str_eqc(back.tier, "flex") && str_eqc(back.speed, "optimized"));
	assert_true(back.usage.cache_write == 7 && back.usage.cache_write_1h == 5);
	assert_true(str_eqc(back.finish_raw, "tool_calls") && str_eqc(back.model, "m"));
	assert_int_equal(back.usage.in, 3);
	assert_int_equal(back.usage.out, -1);
	assert_int_equal(back.attempts, 2);
	assert_true(back.streamed);
	assert_int_equal(back.time.latency, -1);
	json_object_set_new(j, "fail", json_string("of-a-later-version"));
	assert_int_equal(reply_from_json(&back, j, &a), -1);
	arena_release(&a);
}

static void the_first_failure_stays_on_one_line(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply r;
	reply_init(&r, &a);
	reply_fail(&r, FAIL_CUT, true, "two\nlines\x1b[31m");
	reply_fail(&r, FAIL_AUTH, false, "later");
	assert_int_equal(r.fail, FAIL_CUT);
	assert_true(r.retryable);
	assert_true(str_eqc(r.fail_text, "two lines [31m"));
	reply_reset(&r);
	assert_int_equal(r.fail, FAIL_NONE);
	arena_release(&a);
}

static const char *key(struct arena *a, const struct call *c)
{
	struct digest d = call_digest(c);
	return digest_hex(&d, arena_alloc(a, DIGEST_HEX));
}

/* The key is the digest of a canonical text that can be written by hand. */
static void the_key_of_a_call(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	json_t *config = json_pack("{s:s,s:s,s:s}", "provider", "openai", "model", "m", "prompt", "p.md");
	json_t *params = json_pack("{s:i,s:f}", "top_k", 1, "temperature", 0.5);
	struct endpoint e = { .model = STR_INIT("m"), .config = config, .params = params };
	struct message m = { .role = ROLE_USER, .text = STR_INIT("hi \"you\"") };
	struct call c = { .endpoint = &e, .message = &m, .nmessage = 1, .sample = 2 };
	struct digest want;
	sha256(&want, STR("{\"base_url\":\"\",\"config\":{\"model\":\"m\",\"provider\":\"openai\"},"
			  "\"messages\":[{\"role\":\"user\",\"text\":\"hi \\\"you\\\"\"}],\"model\":\"m\","
			  "\"params\":{\"temperature\":0.5,\"top_k\":1},\"sample\":2}"));
	char hex[DIGEST_HEX];
	const char *first = key(&a, &c);
	assert_string_equal(first, digest_hex(&want, hex));
	json_object_set_new(config, "prompt", json_string("other.md"));
	assert_string_equal(key(&a, &c), first); /* its text is in the messages */
	c.sample = 3;
	assert_string_not_equal(key(&a, &c), first);
	c.sample = 2;
	e.base_url = STR("https://x/");
	assert_string_not_equal(key(&a, &c), first);
	json_decref(config);
	json_decref(params);
	arena_release(&a);
}

static void what_a_server_says_loses_its_secrets(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct redactor red;
	struct reply r;
	redactor_init(&red, &a);
	redactor_learn(&red, STR("sk-\"quoted\"-1234567890"));
	reply_init(&r, &a);
	buf_add(&r.text, STR("key sk-\"quoted\"-1234567890!"));
	buf_add(&r.reasoning, STR("clean"));
	r.tool_calls = arena_json(&a, json_pack("[{s:s}]", "name", "sk-\"quoted\"-1234567890"));
	r.request_id = STR("sk-\"quoted\"-1234567890");
	r.model = STR("m");
	reply_scrub(&r, &red);
	assert_true(str_eqc(buf_str(&r.text), "key [redacted]!"));
	assert_true(str_eqc(buf_str(&r.reasoning), "clean"));
	assert_true(str_eqc(r.request_id, "[redacted]"));
	assert_true(str_eqc(r.model, "m"));
	assert_true(str_eqc(json_get_str(json_array_get(r.tool_calls, 0), "name"), "[redacted]"));
	assert_true(r.scrubbed);
	reply_reset(&r);
	buf_add(&r.text, STR("nothing of ours"));
	reply_scrub(&r, &red);
	assert_false(r.scrubbed);
	reply_scrub(&r, NULL);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_server_says_loses_its_secrets),
		cmocka_unit_test(names_go_both_ways),
		cmocka_unit_test(a_reply_survives_json),
		cmocka_unit_test(the_first_failure_stays_on_one_line),
		cmocka_unit_test(the_key_of_a_call),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
