/* What is asked about a model of Bedrock before it is called, and what the answers say. */
#include "doc/jsonx.h"
#include "provider/provider.h"
#include "wire/awshost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct aws_place place = { .region = STR_INIT("us-east-1") };
#define CONTROL "https://bedrock.us-east-1.amazonaws.com"
#define AGENT "https://bedrock-agent.us-east-1.amazonaws.com"

/* The URL of the next question about this model, or "" when there is none. */
static const char *next(struct arena *a, const char *model, const char *known)
{
	const char *why;
	struct err err = ERR_INIT;
	struct fact_ask ask;
	struct endpoint e = { .name = "t", .provider = provider_find(STR("bedrock")), .model = str_c(model), .aws = &place };
	int more = e.provider->fact_ask(&ask, &e, json_lenient(a, str_c(known), &why), a, &err);
	assert_true(more >= 0);
	if (!more)
		return "";
	assert_string_equal(ask.req.method, "GET");
	assert_int_equal(ask.req.auth, WIRE_AUTH_SIGV4);
	return arena_cstr(a, ask.req.url);
}

static void asks_until_all_is_known(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	assert_string_equal(next(&a, "amazon.nova-lite-v1:0", "{}"), CONTROL "/foundation-models/amazon.nova-lite-v1%3A0");
	assert_string_equal(next(&a, "amazon.nova-lite-v1:0", "{\"model\":{\"unknown\":\"x\"}}"), "");
	assert_string_equal(next(&a, "us.amazon.nova-lite-v1:0", "{}"), CONTROL "/inference-profiles/us.amazon.nova-lite-v1%3A0");
	assert_string_equal(next(&a, "us.amazon.nova-lite-v1:0", "{\"profile\":{\"models\":[\"m1\",\"m2\"]}}"),
			    CONTROL "/foundation-models/m1");
	assert_string_equal(next(&a, "us.amazon.nova-lite-v1:0", "{\"profile\":{\"unknown\":\"x\"}}"), "");
	assert_string_equal(next(&a, "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", "{}"),
			    CONTROL "/inference-profiles/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fabc");
	assert_string_equal(next(&a, "arn:aws:bedrock:us-east-1::foundation-model/meta.x", "{}"), CONTROL "/foundation-models/meta.x");
	assert_string_equal(next(&a, "arn:aws:bedrock:us-east-1:1:provisioned-model/abc", "{}"), "");
	const char *prompt = "arn:aws:bedrock:us-east-1:1:prompt/PROMPT1234:3";
	assert_string_equal(next(&a, prompt, "{}"), AGENT "/prompts/PROMPT1234/?promptVersion=3");
	assert_string_equal(next(&a, prompt, "{\"prompt\":{\"model\":\"eu.m\"}}"), CONTROL "/inference-profiles/eu.m");
	assert_string_equal(next(&a, prompt, "{\"prompt\":{\"unknown\":\"403\"}}"), "");
	arena_release(&a);
}

/* The fact as text, or what is wrong. */
static const char *take(struct arena *a, const char *name, const char *answer)
{
	const char *why;
	struct err err = ERR_INIT;
	struct fact_ask ask = { .name = name };
	struct buf b;
	const json_t *fact = provider_find(STR("bedrock"))->fact_take(&ask, json_lenient(a, str_c(answer), &why), a, &err);
	if (!fact)
		return arena_fmt(a, "%d %s", err.kind == ERR_ARTIFACT, err.msg);
	buf_init(&b, 4096);
	json_write(&b, fact);
	const char *text = arena_cstr(a, buf_str(&b));
	buf_release(&b);
	return text;
}

static void takes_what_the_record_keeps(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	assert_string_equal(take(&a, "model", "{\"modelDetails\":{\"modelId\":\"m\",\"modelLifecycle\":{\"status\":\"LEGACY\","
					      "\"endOfLifeTime\":\"2026-12-01T00:00:00Z\",\"legacyTime\":1700000000}}}"),
			    "{\"id\":\"m\",\"status\":\"legacy\",\"legacy\":\"2023-11-14T22:13:20.000Z\","
			    "\"end_of_life\":\"2026-12-01T00:00:00.000Z\"}");
	assert_string_equal(take(&a, "model", "{\"modelDetails\":{\"modelId\":\"m\"}}"), "{\"id\":\"m\"}");
	assert_non_null(strstr(take(&a, "model", "{}"), "without 'modelDetails'"));
	assert_string_equal(take(&a, "profile", "{\"inferenceProfileId\":\"us.m\",\"type\":\"SYSTEM_DEFINED\",\"models\":["
						"{\"modelArn\":\"arn:aws:bedrock:us-east-1::foundation-model/m\"},"
						"{\"modelArn\":\"arn:aws:bedrock:us-west-2::foundation-model/m\"}]}"),
			    "{\"id\":\"us.m\",\"type\":\"system-defined\",\"models\":[\"m\"]}");
	assert_non_null(strstr(take(&a, "profile", "{\"models\":[]}"), "no foundation model"));
	assert_string_equal(take(&a, "prompt", "{\"id\":\"P\",\"version\":\"3\",\"updatedAt\":\"2026-01-01T00:00:00Z\",\"variants\":"
					       "[{\"name\":\"v\",\"modelId\":\"m\"}]}"),
			    "{\"id\":\"P\",\"version\":\"3\",\"model\":\"m\",\"updated\":\"2026-01-01T00:00:00.000Z\","
			    "\"content\":[{\"name\":\"v\",\"modelId\":\"m\"}]}");
	assert_non_null(strstr(take(&a, "prompt", "{\"id\":\"P\",\"version\":\"DRAFT\",\"variants\":[]}"), "1 the prompt is a working draft"));
	assert_non_null(strstr(take(&a, "prompt", "{}"), "0 GetPrompt answered without"));
	arena_release(&a);
}

/* What CountTokens is sent for this target and one user message, or what is wrong. */
static const char *count(struct arena *a, const char *config)
{
	const char *why;
	struct err err = ERR_INIT;
	struct wire_req req;
	const json_t *j = json_lenient(a, str_c(config), &why);
	struct endpoint e = { .name = "t", .provider = provider_find(STR("bedrock")), .model = json_get_str(j, "model"),
			      .config = j, .params = json_object_get(j, "params"), .aws = &place };
	struct message m = { .role = ROLE_USER, .text = STR("hi") };
	struct call c = { .endpoint = &e, .message = &m, .nmessage = 1 };
	if (e.provider->count_encode(&req, &c, a, &err))
		return arena_cstr(a, str_c(err.msg));
	return arena_fmt(a, "%.*s %.*s", STR_ARGS(req.url), STR_ARGS(req.body));
}

static void counts_what_would_be_sent(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	assert_string_equal(count(&a, "{\"model\":\"us.anthropic.x\",\"params\":{\"temperature\":0}}"),
			    "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.x/count-tokens "
			    "{\"input\":{\"converse\":{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hi\"}]}]}}}");
	const char *invoke = count(&a, "{\"model\":\"anthropic.x\",\"api\":\"invoke\",\"params\":{\"max_tokens\":5}}");
	assert_non_null(strstr(invoke, "/count-tokens {\"input\":{\"invokeModel\":{\"body\":\"ey"));
	assert_non_null(strstr(count(&a, "{\"model\":\"arn:aws:bedrock:us-east-1:1:application-inference-profile/x\"}"), "is none"));
	assert_int_equal(provider_find(STR("bedrock"))->count_take(json_lenient(&a, STR("{\"inputTokens\":7}"), &(const char *){ NULL })), 7);
	assert_int_equal(provider_find(STR("bedrock"))->count_take(NULL), -1);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_until_all_is_known),
		cmocka_unit_test(takes_what_the_record_keeps),
		cmocka_unit_test(counts_what_would_be_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
