/* Prices by hand: what a table says, what it costs, and what stays unpriced. */
#include "call/price.h"
#include "call/wild.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW INT64_C(1794000000000) /* November 2026 */

struct rig {
	struct arena arena;
	struct diags diags;
	struct doc doc;
	struct price_table t;
	int bad;
};

static void load(struct rig *r, const char *rows)
{
	*r = (struct rig){ .bad = -1 };
	diags_init(&r->diags, &r->arena);
	const char *text = arena_fmt(&r->arena, "currency: USD\ndate: 2026-10-01\nsource: test\nrows:\n%s", rows);
	assert_int_equal(doc_parse(&r->doc, str_c(text), DOC_YAML, "prices.yaml", &r->arena, &r->diags), 0);
	r->bad = price_load(&r->t, &r->doc, r->doc.root, NOW, &r->arena, &r->diags);
}

static struct reply served(const char *model, struct usage u)
{
	return (struct reply){ .model = str_c(model), .usage = u };
}

static struct usage usage(int64_t in, int64_t out)
{
	struct usage u = USAGE_UNKNOWN;
	u.in = in;
	u.out = out;
	return u;
}

static struct price cost(struct rig *r, const char *asked, const struct reply *reply)
{
	struct price_ask ask = { .provider = STR("bedrock"), .model = str_c(asked), .region = STR("us-east-1") };
	return price_reply(&r->t, &ask, reply, &r->arena);
}

static const char CLAUDE[] =
	" - {model: claude, input: 3, output: 15, cache_read: 0.3, cache_write: 3.75, cache_write_1h: 6}\n"
	" - {model: claude, tier: priority, input: 5.25, output: 26.25}\n"
	" - {model: claude, speed: optimized, input: 4, output: 20}\n"
	" - {model: claude, batch: true, input: 1.5, output: 7.5}\n";

/* 1,000,000 pico-dollars are a micro-dollar; 3 dollars a million are 3,000,000 pico-dollars a token. */
static void counts_by_hand(void **state)
{
	(void)state;
	struct rig r;
	load(&r, CLAUDE);
	assert_int_equal(r.bad, 0);
	struct reply a = served("claude", usage(1000, 100));
	assert_int_equal(cost(&r, "x", &a).pico, 1000 * INT64_C(3000000) + 100 * INT64_C(15000000));
	/* 10,000 read: 6,000 from the cache, 3,000 written to it, 1,000 of them for an hour; 1,000 plain. */
	a.usage = (struct usage){ .in = 10000, .out = 200, .cache_read = 6000, .cache_write = 3000,
				  .cache_write_1h = 1000, .reasoning = 50 };
	assert_int_equal(cost(&r, "x", &a).pico, INT64_C(1000) * 3000000 + INT64_C(6000) * 300000 +
							 INT64_C(2000) * 3750000 + INT64_C(1000) * 6000000 +
							 INT64_C(200) * 15000000);
	/* = $0.003 + 0.0018 + 0.0075 + 0.006 + 0.003 */
	assert_true(price_usd(cost(&r, "x", &a).pico) == 0.0213);
	arena_release(&r.arena);
}

static void tier_and_speed_as_served(void **state)
{
	(void)state;
	struct rig r;
	load(&r, CLAUDE);
	struct reply a = served("claude", usage(1000000, 0));
	assert_true(price_usd(cost(&r, "claude", &a).pico) == 3);
	a.tier = STR("priority");
	assert_true(price_usd(cost(&r, "claude", &a).pico) == 5.25);
	a.tier = STR("standard"); /* an ordinary tier by another name */
	assert_true(price_usd(cost(&r, "claude", &a).pico) == 3);
	a.speed = STR("optimized");
	assert_true(price_usd(cost(&r, "claude", &a).pico) == 4);
	a.tier = STR("flex");
	struct price p = cost(&r, "claude", &a);
	assert_int_equal(p.pico, -1);
	assert_string_equal(p.why, "unpriced: model 'claude' at tier flex at speed optimized is not in 'prices.yaml'");
	arena_release(&r.arena);
}

static void the_served_model_decides(void **state)
{
	(void)state;
	struct rig r;
	load(&r, " - {model: gpt-4o, input: 2.5, output: 10}\n - {model: mini, input: 0.15, output: 0.6}\n"
		 " - {model: gpt-4o-2024-05-13, input: 5, output: 15}\n");
	struct reply a = served("mini", usage(1000000, 0));
	assert_true(price_usd(cost(&r, "gpt-4o", &a).pico) == 0.15);
	a.model = STR("gpt-4o-2024-08-06"); /* a snapshot of what was asked */
	assert_true(price_usd(cost(&r, "gpt-4o", &a).pico) == 2.5);
	a.model = STR("gpt-4o-2024-05-13"); /* with a row of its own */
	assert_true(price_usd(cost(&r, "gpt-4o", &a).pico) == 5);
	a.model = STR("gpt-4o-mini");
	assert_string_equal(cost(&r, "gpt-4o", &a).why,
			    "unpriced: model 'gpt-4o-mini', which served 'gpt-4o', is not in 'prices.yaml'");
	a.model = STR("");
	struct price p = cost(&r, "gpt-4o", &a);
	assert_true(price_usd(p.pico) == 2.5 && p.why);
	arena_release(&r.arena);
}

static void the_best_row(void **state)
{
	(void)state;
	struct rig r;
	load(&r, " - {model: '*', input: 99, output: 99}\n"
		 " - {model: 'us.anthropic.*', input: 3, output: 0}\n"
		 " - {model: 'us.anthropic.haiku*', input: 1, output: 0}\n"
		 " - {model: 'us.anthropic.haiku*', region: [eu-west-1, us-east-1], input: 2, output: 0}\n"
		 " - {model: us.anthropic.haiku-9, input: 4, output: 0}\n");
	assert_int_equal(r.bad, 0);
	static const struct {
		const char *model;
		double usd;
	} want[] = {
		{ "us.anthropic.sonnet", 3 }, { "us.anthropic.haiku-4", 2 }, { "us.anthropic.haiku-9", 4 },
		{ "eu.anthropic.haiku-9", 99 },
		{ "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.haiku-9", 4 },
		{ "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/us.anthropic.haiku-9", 99 },
	};
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		struct reply a = served(want[i].model, usage(1000000, 0));
		assert_true(price_usd(cost(&r, "x", &a).pico) == want[i].usd);
	}
	arena_release(&r.arena);
}

static void what_is_not_known_is_unpriced(void **state)
{
	(void)state;
	struct rig r;
	load(&r, " - {model: m, input: 1, output: 2}\n - {model: kb, request: 0.0025}\n"
		 " - {model: both, input: 1, output: 1, request: 0.01, reasoning: 3}\n");
	struct reply a = served("m", usage(-1, 5));
	assert_string_equal(cost(&r, "m", &a).why, "unpriced: the provider reported no usage");
	a.usage = usage(10, 5);
	a.usage.cache_read = 4;
	assert_non_null(strstr(cost(&r, "m", &a).why, "no 'cache_read'"));
	a.usage.cache_read = 0;
	assert_int_equal(cost(&r, "m", &a).pico, 20000000);
	a.usage.cache_write = 11;
	assert_non_null(strstr(cost(&r, "m", &a).why, "contradicts itself"));
	a = served("kb", usage(-1, -1));
	assert_int_equal(cost(&r, "kb", &a).pico, INT64_C(2500000000));
	a = served("both", usage(100, 50));
	a.usage.reasoning = 40;
	assert_int_equal(cost(&r, "both", &a).pico, INT64_C(10000000000) + 100000000 + 10000000 + 120000000);
	struct price_ask ask = { .model = STR("m") };
	a = served("m", usage(1, 1));
	assert_string_equal(price_reply(NULL, &ask, &a, &r.arena).why, "unpriced: the policy names no prices");
	arena_release(&r.arena);
}

static void long_contexts_cost_more(void **state)
{
	(void)state;
	struct rig r;
	load(&r, " - {model: m, input: 3, output: 15, above: {tokens: 200000, input: 6, output: 22.5}}\n");
	struct reply a = served("m", usage(200000, 1000));
	assert_true(price_usd(cost(&r, "m", &a).pico) == 0.615);
	a.usage.in = 200001;
	assert_int_equal(cost(&r, "m", &a).pico, INT64_C(200001) * 6000000 + 1000 * INT64_C(22500000));
	arena_release(&r.arena);
}

/* A million calls of 7 tokens at 0.035 dollars a million: no step of it is rounded. */
static void nothing_drifts(void **state)
{
	(void)state;
	struct rig r;
	load(&r, " - {model: m, input: 0.035, output: 0.140001}\n - {model: dear, input: 1000000, output: 1000000}\n");
	struct reply a = served("m", usage(7, 3));
	int64_t sum = 0;
	for (int i = 0; i < 1000000; i++)
		sum = price_add(sum, cost(&r, "m", &a).pico);
	assert_int_equal(sum, INT64_C(1000000) * (7 * 35000 + 3 * 140001));
	assert_true(price_usd(sum) == 0.665003);
	a = served("dear", usage(INT64_C(9000000000000), 1));
	assert_int_equal(cost(&r, "dear", &a).pico, PRICE_MAX);
	assert_int_equal(price_add(PRICE_MAX, PRICE_MAX), PRICE_MAX);
	arena_release(&r.arena);
}

static void ceilings(void **state)
{
	(void)state;
	struct rig r;
	struct price_rates most;
	int64_t request;
	load(&r, CLAUDE);
	struct price_ask ask = { .model = STR("claude") };
	assert_true(price_dearest(&most, &request, &r.t, &ask, false));
	assert_int_equal(most.input, 5250000);
	assert_int_equal(most.output, 26250000);
	assert_true(price_dearest(&most, &request, &r.t, &ask, true));
	assert_int_equal(most.input, 6000000);
	assert_int_equal(price_most(&most, request, 10, 2), 10 * INT64_C(6000000) + 2 * INT64_C(26250000));
	assert_int_equal(price_most(&most, request, 1e300, 0), PRICE_MAX);
	ask.model = STR("other");
	assert_false(price_dearest(&most, &request, &r.t, &ask, false));
	arena_release(&r.arena);
}

static void refused(const char *rows, const char *rule, const char *part)
{
	struct rig r;
	load(&r, rows);
	assert_int_equal(r.bad, -1);
	assert_string_equal(r.diags.list.v[0].rule, rule);
	assert_non_null(strstr(r.diags.list.v[0].msg, part));
	assert_true(r.diags.list.v[0].at.line > 4);
	arena_release(&r.arena);
}

static void bad_tables(void **state)
{
	(void)state;
	refused(" - {model: a, input: 1, output: 1}\n - {model: [b, a], input: 2, output: 2}\n", "price-twice",
		"prices.yaml:5:4");
	refused(" - {model: 'a*', input: 1, output: 1}\n - {model: '*b', input: 2, output: 2}\n", "price-twice",
		"'*b'");
	refused(" - {model: a, tier: standard, input: 1, output: 1}\n - {model: a, input: 2, output: 2}\n",
		"price-twice", "'a'");
	refused(" - {model: a, input: 0.0000001, output: 1}\n", "price", "six decimals");
	refused(" - {model: a, input: -1, output: 1}\n", "price", "");
	refused(" - {model: a, input: 1}\n", "missing-key", "output");
	refused(" - {model: a, inputs: 1, output: 1}\n", "unknown-key", "inputs");
	refused(" - {model: a, input: 1, output: 1, date: 2026-13-01}\n", "price", "no day");
	struct rig r;
	load(&r, " - {model: a, input: 1, output: 1, date: 2026-01-01}\n - {model: b, input: 1, output: 1}\n");
	assert_int_equal(r.bad, 0);
	assert_int_equal(r.diags.warnings, 1);
	assert_string_equal(r.diags.list.v[0].rule, "price-age");
	arena_release(&r.arena);
}

static void patterns(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	assert_true(wild_match(STR("a*c"), STR("abc")) && wild_match(STR("*"), STR("")));
	assert_true(wild_match(STR("a*b*c"), STR("aXbXbYc")) && !wild_match(STR("a*b*c"), STR("aXcXb")));
	assert_false(wild_match(STR("abc"), STR("abcd")) || wild_match(STR("a*"), STR("b")));
	assert_true(wild_meet(STR("a*"), STR("*b"), &a) && wild_meet(STR("*"), STR("x"), &a));
	assert_true(wild_meet(STR("a*c*e"), STR("ab*de"), &a));
	assert_false(wild_meet(STR("a*"), STR("b*"), &a) || wild_meet(STR("a*x"), STR("*y"), &a));
	assert_false(wild_meet(STR("abc"), STR("abd"), &a));
	assert_true(wild_rank(STR("abc")) > wild_rank(STR("abcdef*")));
	assert_true(wild_rank(STR("ab*")) > wild_rank(STR("a*")));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_by_hand),
		cmocka_unit_test(tier_and_speed_as_served),
		cmocka_unit_test(the_served_model_decides),
		cmocka_unit_test(the_best_row),
		cmocka_unit_test(what_is_not_known_is_unpriced),
		cmocka_unit_test(long_contexts_cost_more),
		cmocka_unit_test(nothing_drifts),
		cmocka_unit_test(ceilings),
		cmocka_unit_test(bad_tables),
		cmocka_unit_test(patterns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
