/* The built-in measurements of one sample: what is a value, what is unscored, what does not apply. */
#include "provider/provider.h"
#include "run/builtin.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct provider_ops wire = { .name = "wire" }, local = { .name = "local", .local = true };

static struct reply answered(bool streamed)
{
	return (struct reply){
		.finish = FINISH_STOP,
		.streamed = streamed,
		.usage = { .in = 10, .out = 5, .cache_read = -1, .cache_write = -1, .reasoning = -1 },
		.time = { .ttft = streamed ? 100000000 : -1, .ttfv = -1, .latency = 500000000,
			  .connect = -1, .wait = -1 },
	};
}

static void a_streamed_answer_has_every_time(void **state)
{
	(void)state;
	struct endpoint e = { .provider = &wire, .stream = true };
	struct reply r = answered(true);
	struct cell c[BUILTIN_COUNT];
	builtin_cells(c, &r, &e, 0.25, NULL, false);
	assert_true(c[BUILTIN_TTFT].value == 100 && c[BUILTIN_LATENCY].value == 500);
	assert_true(c[BUILTIN_TPOT].value == 100 && c[BUILTIN_TPS].value == 10);
	assert_true(c[BUILTIN_COST].value == 0.25 && c[BUILTIN_UNSCORED].value == 0);
	for (size_t i = 0; i < BUILTIN_COUNT; i++)
		assert_int_equal(c[i].state, CELL_SCORED);
}

/* A server that drops streaming must not take its slow answers out of the percentile. */
static void an_answer_that_should_have_streamed_is_unscored(void **state)
{
	(void)state;
	struct endpoint e = { .provider = &wire, .stream = true };
	struct reply r = answered(false);
	struct cell c[BUILTIN_COUNT];
	builtin_cells(c, &r, &e, NAN, NULL, false);
	assert_int_equal(c[BUILTIN_TTFT].state, CELL_UNSCORED);
	assert_int_equal(c[BUILTIN_TPOT].state, CELL_UNSCORED);
	assert_int_equal(c[BUILTIN_COST].state, CELL_UNSCORED);
	assert_int_equal(c[BUILTIN_LATENCY].state, CELL_SCORED);
	e.stream = false;
	builtin_cells(c, &r, &e, NAN, NULL, false);
	assert_int_equal(c[BUILTIN_TTFT].state, CELL_ABSENT);
}

static void a_failed_call_is_unscored_in_all_but_one(void **state)
{
	(void)state;
	struct endpoint e = { .provider = &wire, .stream = true };
	struct reply r = { .fail = FAIL_CUT, .fail_text = STR("cut") };
	struct cell c[BUILTIN_COUNT];
	builtin_cells(c, &r, &e, NAN, NULL, true);
	for (size_t i = 0; i < BUILTIN_UNSCORED; i++)
		assert_int_equal(c[i].state, CELL_UNSCORED);
	assert_true(c[BUILTIN_UNSCORED].state == CELL_SCORED && c[BUILTIN_UNSCORED].value == 1);
}

static void recorded_answers_have_no_times(void **state)
{
	(void)state;
	struct endpoint e = { .provider = &local };
	struct reply r = { .usage = USAGE_UNKNOWN, .time = TIMES_UNKNOWN };
	struct cell c[BUILTIN_COUNT];
	builtin_cells(c, &r, &e, NAN, NULL, false);
	for (size_t i = 0; i <= BUILTIN_COST; i++)
		assert_int_equal(c[i].state, CELL_ABSENT);
	assert_int_equal(c[BUILTIN_TRUNCATED].state, CELL_SCORED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_streamed_answer_has_every_time),
		cmocka_unit_test(an_answer_that_should_have_streamed_is_unscored),
		cmocka_unit_test(a_failed_call_is_unscored_in_all_but_one),
		cmocka_unit_test(recorded_answers_have_no_times),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
