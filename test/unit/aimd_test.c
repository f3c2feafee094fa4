/* The adaptive window under a clock of our own. */
#include "net/aimd.h"
#include "net/bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define S ((int64_t)1000000000)

static void round_of(struct aimd *a, int64_t now)
{
	unsigned n = aimd_window(a);
	for (unsigned i = 0; i < n; i++)
		aimd_good(a, now, n);
}

static void doubles_until_it_is_throttled(void **state)
{
	(void)state;
	struct aimd a;
	aimd_init(&a, 4, 100);
	static const unsigned want[] = { 8, 16, 32, 64, 100, 100 };
	for (unsigned i = 0; i < 6; i++) {
		round_of(&a, 1 * S);
		assert_int_equal(aimd_window(&a), want[i]);
	}
	assert_true(aimd_throttled(&a, 2 * S, -1));
	assert_int_equal(aimd_window(&a), 80);
	/* One episode, one cut, whatever is still on its way. */
	for (int i = 0; i < 80; i++)
		assert_false(aimd_throttled(&a, 3 * S, -1));
	assert_int_equal(aimd_window(&a), 80);
	round_of(&a, 10 * S);
	assert_int_equal(aimd_window(&a), 80); /* the cooldown lasts */
	round_of(&a, 18 * S);
	assert_int_equal(aimd_window(&a), 84); /* 5 % for a clean round */
	assert_true(aimd_throttled(&a, 20 * S, -1));
	assert_int_equal(aimd_window(&a), 67);
}

static void obeys_retry_after(void **state)
{
	(void)state;
	struct aimd a;
	aimd_init(&a, 10, 10);
	assert_int_equal(aimd_start_ns(&a, 5 * S), 5 * S);
	aimd_throttled(&a, 5 * S, 30000);
	assert_int_equal(aimd_start_ns(&a, 6 * S), 35 * S);
	assert_false(aimd_throttled(&a, 34 * S, -1)); /* longer than the usual cooldown */
	assert_true(aimd_throttled(&a, 36 * S, -1));
	aimd_init(&a, 10, 10);
	aimd_trouble(&a, 5 * S, 2000);
	assert_int_equal(aimd_start_ns(&a, 5 * S), 7 * S);
	assert_int_equal(aimd_window(&a), 10);
}

static void trouble_pauses_growth(void **state)
{
	(void)state;
	struct aimd a;
	aimd_init(&a, 4, 100);
	aimd_trouble(&a, 1 * S, -1);
	round_of(&a, 2 * S);
	assert_int_equal(aimd_window(&a), 4);
	round_of(&a, 7 * S);
	assert_int_equal(aimd_window(&a), 8);
}

static void never_below_one_nor_grown_unused(void **state)
{
	(void)state;
	struct aimd a;
	aimd_init(&a, 1, 0);
	for (int64_t t = 0; t < 100; t++)
		aimd_throttled(&a, t * 20 * S, -1);
	assert_int_equal(aimd_window(&a), 1);
	aimd_init(&a, 20, 100);
	for (int i = 0; i < 1000; i++)
		aimd_good(&a, S, 2);
	assert_int_equal(aimd_window(&a), 20);
}

static void reads_the_quota(void **state)
{
	(void)state;
	struct aimd a;
	aimd_init(&a, 50, 100);
	aimd_quota_seen(&a, S, (struct aimd_quota){ 100, 50, 1000 }, 50);
	assert_int_equal(aimd_window(&a), 50);
	aimd_quota_seen(&a, S, (struct aimd_quota){ -1, -1, -1 }, 50);
	aimd_quota_seen(&a, S, (struct aimd_quota){ 0, 0, 0 }, 50);
	assert_int_equal(aimd_window(&a), 50);
	aimd_quota_seen(&a, S, (struct aimd_quota){ 100, 5, 60000 }, 20);
	assert_int_equal(aimd_window(&a), 25);
	assert_int_equal(aimd_start_ns(&a, S), S);
	aimd_quota_seen(&a, S, (struct aimd_quota){ 100, 0, 60000 }, 20);
	assert_int_equal(aimd_start_ns(&a, S), S + 601 * (S / 1000)); /* one of a hundred's share */
}

static void bucket_lets_through_at_its_rate(void **state)
{
	(void)state;
	struct bucket b;
	bucket_init(&b, 0, 0);
	assert_int_equal(bucket_take(&b, 1e9, 0), 0);
	bucket_init(&b, 600, 0); /* ten a second */
	for (int i = 0; i < 10; i++)
		assert_int_equal(bucket_take(&b, 1, 0), 0);
	int64_t wait = bucket_take(&b, 1, 0);
	assert_true(wait > S / 10 - 10 && wait < S / 10 + 10);
	assert_int_equal(bucket_take(&b, 1, wait), 0);
	assert_true(bucket_take(&b, 1, wait) > 0);
	int n = 0;
	for (int64_t t = S; t < 61 * S; t += S / 1000)
		n += bucket_take(&b, 1, t) == 0;
	assert_true(n >= 600 && n <= 611);
	bucket_init(&b, 60, 0);
	assert_int_equal(bucket_take(&b, 30, 0), 0); /* more than fits: into debt */
	assert_true(bucket_take(&b, 1, S) > 28 * S);
	bucket_adjust(&b, -30);
	assert_int_equal(bucket_take(&b, 1, S), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_until_it_is_throttled),
		cmocka_unit_test(obeys_retry_after),
		cmocka_unit_test(trouble_pauses_growth),
		cmocka_unit_test(never_below_one_nor_grown_unused),
		cmocka_unit_test(reads_the_quota),
		cmocka_unit_test(bucket_lets_through_at_its_rate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
