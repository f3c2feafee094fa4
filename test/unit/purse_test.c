/* The purse under a simulated run: whatever the order in which calls come back, what is paid never passes
 * the ceiling, and it is nearly used up. */
#include "base/rng.h"
#include "provider/provider.h"
#include "run/cost.h"
#include "run/purse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { LIVE = 64, SAMPLES = 4000, MAX_TOKENS = 200 };

static const struct provider_ops wire = { .name = "wire" };

struct flying {
	struct toll toll, held;
	struct message message;
	bool live;
};

struct rig {
	struct arena arena;
	struct policy policy;
	struct stage stage;
	struct run run;
	struct doc doc;
	struct price_table table;
	struct endpoint endpoint;
	struct target_conf target;
	struct suite_conf conf;
	struct suite_plan suite;
	struct purse purse;
	struct rng rng;
};

static void set_up(struct rig *r, int64_t usd_micro, int64_t tokens, uint64_t seed)
{
	struct diags d;
	*r = (struct rig){ .stage = { .budget = { usd_micro, tokens, -1 } } };
	diags_init(&d, &r->arena);
	assert_int_equal(doc_parse(&r->doc, STR("{\"currency\":\"USD\",\"date\":\"2026-10-01\",\"source\":\"t\","
		"\"rows\":[{\"model\":\"m\",\"input\":3,\"output\":15},{\"model\":\"m\",\"tier\":\"priority\","
		"\"input\":6,\"output\":30}]}"), DOC_JSON, "p.json", &r->arena, &d), 0);
	assert_int_equal(price_load(&r->table, &r->doc, r->doc.root, 0, &r->arena, &d), 0);
	r->run = (struct run){ .arena = &r->arena, .stage = &r->stage, .prices = &r->table };
	json_t *params = arena_json(&r->arena, json_pack("{si}", "max_tokens", MAX_TOKENS));
	r->target.endpoint = (struct endpoint){ .provider = &wire, .model = STR("m"), .params = params };
	r->conf = (struct suite_conf){ .target = &r->target };
	r->suite = (struct suite_plan){ .conf = &r->conf };
	r->rng = rng_seed(seed, STR("purse"), "test");
	purse_init(&r->purse, &r->run);
}

/* What comes back: fewer tokens in than bytes, an answer up to max_tokens, now and then none at all. */
static void land(struct rig *r, struct flying *f)
{
	struct call c = { .endpoint = &r->target.endpoint, .message = &f->message, .nmessage = 1 };
	struct reply reply = { .usage = USAGE_UNKNOWN, .model = STR("m") };
	uint64_t dice = rng_below(&r->rng, 20);
	if (dice == 0) {
		reply.fail = FAIL_CUT;
	} else if (dice == 1) {
		reply.fail = FAIL_SERVER;
	} else {
		reply.usage.in = 1 + (int64_t)rng_below(&r->rng, f->message.text.n + 16);
		reply.usage.out = dice < 10 ? MAX_TOKENS : (int64_t)rng_below(&r->rng, MAX_TOKENS + 1);
		if (dice == 2)
			reply.tier = STR("priority");
	}
	struct price p = reply.fail ? (struct price){ .pico = reply.fail == FAIL_SERVER ? 0 : -1 } :
				      cost_reply(&r->run, &r->target.endpoint, &reply, &r->arena);
	purse_pay(&r->purse, f->held, &c, &reply, p.pico, p.why);
	purse_release(&r->purse, f->toll);
	f->live = false;
}

static unsigned play(struct rig *r)
{
	static struct flying flying[LIVE];
	static const char text[4000];
	unsigned live = 0, begun = 0;
	memset(flying, 0, sizeof(flying));
	for (unsigned tries = 0; begun < SAMPLES && tries < 100 * SAMPLES; tries++) {
		struct flying *f = &flying[rng_below(&r->rng, LIVE)];
		if (f->live) {
			land(r, f);
			live--;
		} else {
			f->message = (struct message){ .text = { .p = text, .n = 1 + rng_below(&r->rng, 3000) } };
			f->toll = purse_sample(&r->purse, &r->suite, &f->message, 1, 1);
			if (purse_reserve(&r->purse, f->toll, !live)) {
				struct call c = { .endpoint = &r->target.endpoint, .message = &f->message,
						  .nmessage = 1 };
				assert_true(purse_part(&r->purse, &f->toll, purse_call(&r->purse, &c), &f->held));
				f->live = true;
				live++;
				begun++;
			} else if (!live && f->message.text.n < 100) {
				break; /* not even a small one */
			}
		}
		assert_true(r->purse.tokens < 0 || r->purse.spent.tokens <= r->purse.tokens);
		assert_true(r->purse.pico < 0 || r->purse.spent.pico <= r->purse.pico);
	}
	for (unsigned i = 0; i < LIVE; i++)
		if (flying[i].live)
			land(r, &flying[i]);
	return begun;
}

static void dollars_are_never_passed(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct rig r;
		set_up(&r, 250000 + (int64_t)seed * 100000, -1, seed);
		unsigned begun = play(&r);
		assert_in_range(begun, 40, SAMPLES - 1);
		assert_true(r.purse.spent.pico <= r.purse.pico && r.purse.spent.pico > r.purse.pico * 9 / 10);
		assert_true(r.purse.reserved.pico == 0 && r.purse.reserved.tokens == 0);
		arena_release(&r.arena);
	}
}

static void tokens_are_never_passed(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct rig r;
		set_up(&r, -1, 50000, seed);
		assert_in_range(play(&r), 20, SAMPLES - 1);
		assert_true(r.purse.spent.tokens <= 50000 && r.purse.spent.tokens > 45000);
		arena_release(&r.arena);
	}
}

static void what_has_no_price_ends_it(void **state)
{
	(void)state;
	struct rig r;
	set_up(&r, 1000000, -1, 0);
	struct message m = { .text = STR("hello") };
	struct call c = { .endpoint = &r.target.endpoint, .message = &m, .nmessage = 1 };
	struct toll most = purse_sample(&r.purse, &r.suite, &m, 1, 1), held = { 0 };
	struct reply reply = { .usage = { .in = 5, .out = 5 }, .model = STR("other") };
	assert_true(purse_reserve(&r.purse, most, true) && purse_part(&r.purse, &most, most, &held));
	struct price p = cost_reply(&r.run, &r.target.endpoint, &reply, &r.arena);
	assert_int_equal(p.pico, -1);
	purse_pay(&r.purse, held, &c, &reply, p.pico, p.why);
	assert_false(purse_reserve(&r.purse, purse_sample(&r.purse, &r.suite, &m, 1, 1), true));
	assert_non_null(strstr(purse_text(&r.purse, most, &r.arena), "model 'other'"));
	purse_close(&r.purse);
	assert_true(purse_reserve(&r.purse, most, true));
	arena_release(&r.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dollars_are_never_passed),
		cmocka_unit_test(tokens_are_never_passed),
		cmocka_unit_test(what_has_no_price_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
