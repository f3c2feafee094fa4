/* Limits by hand: what a call counts before and after, and whom a rule fits. */
#include "provider/provider.h"
#include "run/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S ((int64_t)1000000000)

static const struct policy_limit any = { .requests = 60, .tokens = 6000 };

static void burndown(void **state)
{
	(void)state;
	static const struct {
		const char *provider, *model;
		double x;
	} want[] = {
		{ "bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", 5 },
		{ "bedrock", "anthropic.claude-3-7-sonnet-20250219-v1:0", 5 },
		{ "bedrock", "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-1-20250805-v1:0", 5 },
		{ "bedrock", "eu.anthropic.claude-3-5-sonnet-20240620-v1:0", 1 },
		{ "bedrock", "anthropic.claude-3-haiku-20240307-v1:0", 1 },
		{ "bedrock", "anthropic.claude-v2:1", 1 },
		{ "bedrock", "us.amazon.nova-pro-v1:0", 1 },
		{ "anthropic", "claude-sonnet-4-5", 1 },
		{ "openai", "anthropic.claude-sonnet-4-5", 1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_true(rate_burndown(&any, str_c(want[i].provider), str_c(want[i].model)) == want[i].x);
	struct policy_limit own = { .burndown = 3 };
	assert_true(rate_burndown(&own, STR("bedrock"), STR("anthropic.claude-v2:1")) == 3);
}

static void before_and_after(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct provider_ops wire = { .name = "wire" };
	struct message m = { .text = STR("123456789012") };
	struct endpoint e = { .provider = &wire };
	struct call c = { .endpoint = &e, .message = &m, .nmessage = 1 };
	assert_true(rate_ahead(&c, 0) == 4 + 1024 && rate_ahead(&c, 2000) == 4 + 2000);
	e.params = arena_json(&a, json_pack("{si}", "max_tokens", 300));
	assert_true(rate_ahead(&c, 2000) == 304);
	/* 10,000 read, 4,000 of them from a cache; what is written to one counts. */
	struct reply r = { .usage = { .in = 10000, .out = 100, .cache_read = 4000, .cache_write = 1000 } };
	assert_true(rate_taken(&r, 5, 304) == 6000 + 500);
	assert_true(rate_taken(&r, 1, 304) == 6100);
	r = (struct reply){ .usage = USAGE_UNKNOWN, .fail = FAIL_RATE_LIMITED };
	assert_true(rate_taken(&r, 5, 304) == 0);
	r.fail = FAIL_CUT;
	assert_true(rate_taken(&r, 5, 304) == 304);
	arena_release(&a);
}

static void who_draws_from_it(void **state)
{
	(void)state;
	struct policy_limit l = { .provider = STR("bedrock"), .model = STR("us.*") };
	assert_true(rate_fits(&l, STR("bedrock"), STR("us.x")) && !rate_fits(&l, STR("openai"), STR("us.x")));
	assert_false(rate_fits(&l, STR("bedrock"), STR("eu.x")));
	assert_true(rate_fits(&any, STR("openai"), STR("")));
}

/* A minute of calls through buckets that reserve more than is taken never passes the limit by more than the
 * second's worth that may go at once. */
static void a_minute_is_kept(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct rate *r = rate_new(&any, 1, 0, &a);
	double taken = 0, calls = 0;
	for (int64_t now = 0; now < 60 * S; now += S / 100) {
		if (bucket_wait(&r->requests, 1, now) || bucket_wait(&r->tokens, 300, now))
			continue;
		assert_int_equal(bucket_take(&r->requests, 1, now), 0);
		assert_int_equal(bucket_take(&r->tokens, 300, now), 0);
		bucket_adjust(&r->tokens, 120 - 300);
		taken += 120;
		calls++;
	}
	assert_true(taken <= 6000 + 300 && taken > 5000);
	assert_true(calls <= 61);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burndown),
		cmocka_unit_test(before_and_after),
		cmocka_unit_test(who_draws_from_it),
		cmocka_unit_test(a_minute_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
