/* Retry-After in its forms, and when another attempt is made. */
#include "net/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int64_t after(const char *name, const char *value)
{
	struct wire_header h = { .name = { name, strlen(name) }, .value = { value, strlen(value) } };
	struct wire_status st = { .code = 429, .header = &h, .nheader = 1 };
	/* Sun, 06 Nov 1994 08:49:37 GMT, RFC 9110's own example. */
	return retry_after_ms(&st, 784111777000);
}

static void reads_retry_after(void **state)
{
	(void)state;
	assert_int_equal(after("Retry-After", "2"), 2000);
	assert_int_equal(after("retry-after", "0.5"), 500);
	assert_int_equal(after("retry-after", "0"), 0);
	assert_int_equal(after("retry-after-ms", "1500.2"), 1501);
	assert_int_equal(after("x-amz-retry-after", "1500"), 1500);
	assert_int_equal(after("Retry-After", "Sun, 06 Nov 1994 08:50:00 GMT"), 23000);
	assert_int_equal(after("Retry-After", "Sun, 06 Nov 1994 08:00:00 GMT"), 0);
	assert_int_equal(after("Retry-After", "soon"), -1);
	assert_int_equal(after("Retry-After", "-3"), -1);
	assert_int_equal(after("X-Other", "3"), -1);
	assert_int_equal(after("Retry-After", "1e300"), 24 * 3600 * 1000);
}

static void reads_durations(void **state)
{
	(void)state;
	assert_int_equal(retry_duration_ms(STR("12ms")), 12);
	assert_int_equal(retry_duration_ms(STR("1s")), 1000);
	assert_int_equal(retry_duration_ms(STR("6m0s")), 360000);
	assert_int_equal(retry_duration_ms(STR("1h2m3.5s")), 3723500);
	assert_int_equal(retry_duration_ms(STR("7")), 7000);
	assert_int_equal(retry_duration_ms(STR("250us")), 1);
	assert_int_equal(retry_duration_ms(STR("-1")), -1);
	assert_int_equal(retry_duration_ms(STR("1x")), -1);
	assert_int_equal(retry_duration_ms(STR("")), -1);
}

static void decides(void **state)
{
	(void)state;
	struct rng rng = rng_seed(1, STR("x"), "test");
	struct retry_in in = { .attempt = 1, .attempts = 4, .retryable = true, .advice = -1,
			       .after_ms = -1, .left_ms = 100000 };
	int64_t wait, most = 0;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(retry_next(&in, &rng, &wait), RETRY_AGAIN);
		assert_true(wait >= 0 && wait < 500);
		most = wait > most ? wait : most;
	}
	assert_true(most > 450);
	in.attempt = 3;
	most = 0;
	for (int i = 0; i < 1000; i++) {
		retry_next(&in, &rng, &wait);
		most = wait > most ? wait : most;
	}
	assert_true(most > 1900 && most < 2000);
	in.attempt = 4;
	assert_int_equal(retry_next(&in, &rng, &wait), RETRY_SPENT);
	in.attempt = 1;
	in.after_ms = 7000;
	assert_int_equal(retry_next(&in, &rng, &wait), RETRY_AGAIN);
	assert_int_equal(wait, 7000);
	in.left_ms = 7000;
	assert_int_equal(retry_next(&in, &rng, &wait), RETRY_TOO_LATE);
	in.advice = 0;
	assert_int_equal(retry_next(&in, &rng, &wait), RETRY_USELESS);
	in = (struct retry_in){ .attempt = 1, .attempts = 4, .advice = 1, .after_ms = -1, .left_ms = 9000 };
	assert_int_equal(retry_next(&in, &rng, &wait), RETRY_AGAIN);
	in.advice = -1;
	assert_int_equal(retry_next(&in, &rng, &wait), RETRY_USELESS);
}

/* Many that wait are spread over the more time; what the server asks for is never cut short. */
static void crowds_are_spread(void **state)
{
	(void)state;
	struct rng rng = rng_seed(1, STR("x"), "crowd");
	struct retry_in in = { .attempt = 1, .attempts = 4, .retryable = true, .advice = -1, .after_ms = -1,
			       .left_ms = 100000, .waiting = 200 };
	int64_t wait, most = 0, least = 1000000;
	unsigned first_half = 0;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(retry_next(&in, &rng, &wait), RETRY_AGAIN);
		most = wait > most ? wait : most;
		first_half += wait < 2000;
	}
	assert_true(most > 3900 && most < 4000);
	assert_in_range(first_half, 450, 550);
	in.waiting = 100000;
	for (int i = 0; i < 1000; i++) {
		retry_next(&in, &rng, &wait);
		assert_true(wait < 8000);
	}
	in.waiting = 50;
	in.after_ms = 2000;
	for (int i = 0; i < 1000; i++) {
		retry_next(&in, &rng, &wait);
		least = wait < least ? wait : least;
		assert_true(wait >= 2000 && wait < 3000);
	}
	assert_true(least < 2050);
	in.left_ms = 2001;
	assert_int_equal(retry_next(&in, &rng, &wait), RETRY_AGAIN);
	assert_int_equal(wait, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_retry_after),
		cmocka_unit_test(reads_durations),
		cmocka_unit_test(decides),
		cmocka_unit_test(crowds_are_spread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
