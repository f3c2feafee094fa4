/* The early-stop martingale: hand-computed capital, its size under every look, and what it saves. */
#include "stat/martingale.h"

#include "base/rng.h"
#include "stat/proportion.h"

#include "statvec.h"

static void by_hand(void **state)
{
	(void)state;
	struct martingale g;
	martingale_init(&g, 0.5, 400, 0.05);
	near(g.bet[0], 0.38, 1e-12); /* 3.8 / sqrt(400 / 4) */
	near(g.bet[1], 0.8, 1e-12);
	near(martingale_capital(&g), 0, 1e-12);
	martingale_feed(&g, 1);
	martingale_feed(&g, 0);
	double sum = 0.7 * 1.19 * 0.81 + 0.2 * 1.4 * 0.6 + 0.1 * 1.11 * 0.89;
	near(martingale_capital(&g), log(sum), 1e-12);
	assert_false(martingale_reached(&g));
	for (int i = 0; i < 40; i++)
		martingale_feed(&g, 1);
	assert_true(martingale_reached(&g));
	martingale_feed(&g, (double)NAN);
	assert_false(martingale_reached(&g));
}

static void extremes(void **state)
{
	(void)state;
	struct martingale g;
	martingale_init(&g, 0, 10, 0.05); /* "the mean is 0": one score above refutes it slowly, none never */
	for (int i = 0; i < 10; i++)
		martingale_feed(&g, 0);
	assert_false(martingale_reached(&g));
	martingale_init(&g, 1, 10, 0.05); /* nothing lies above 1 */
	martingale_feed(&g, 1);
	assert_false(martingale_reached(&g));
	martingale_init(&g, 0.5, 0, 0.05);
	martingale_feed(&g, 1);
	assert_false(martingale_reached(&g));
	martingale_init(&g, 0.999, 1000, 0.05);
	for (int i = 0; i < 1000; i++)
		martingale_feed(&g, 1);
	assert_false(martingale_reached(&g));
}

static void looks(void **state)
{
	(void)state;
	int64_t at[EARLY_LOOKS];
	for (int64_t n = 1; n < 300; n++) {
		size_t k = early_looks(n, at);
		assert_true(k > 0 && k <= EARLY_LOOKS && at[k - 1] == n && at[0] > 0);
		for (size_t i = 1; i < k; i++)
			assert_true(at[i] > at[i - 1]);
	}
	assert_int_equal(early_looks(2000, at), 39);
	assert_int_equal(at[0], 100);
}

struct trial {
	double rate, saved; /* how often it was reached; share of the scores not needed, on average */
};

/* Bernoulli scores at `truth` against "at most m": as the early stop does it, alpha / 2 for these
 * looks and alpha / 2 for the exact rule at the end. */
static struct trial try(double truth, double m, int64_t n, int runs, uint64_t seed)
{
	struct rng r = rng_seed(seed, STR("martingale"), "test");
	struct trial t = { 0, 0 };
	int64_t at[EARLY_LOOKS];
	size_t nlook = early_looks(n, at);
	for (int i = 0; i < runs; i++) {
		struct martingale g;
		size_t look = 0;
		int64_t hits = 0;
		bool pass = false;
		martingale_init(&g, m, n, 0.025);
		for (int64_t k = 1; k <= n && !pass; k++) {
			double x = rng_unit(&r) < truth;
			hits += x > 0;
			martingale_feed(&g, x);
			if (k == at[look] && look < nlook) {
				look++;
				pass = martingale_reached(&g);
				t.saved += pass ? (double)(n - k) / (double)n : 0;
			}
		}
		pass = pass || cp_at_least(hits, n, m, 0.025);
		t.rate += pass;
	}
	t.rate /= runs;
	t.saved /= runs;
	return t;
}

static void keeps_its_size(void **state)
{
	(void)state;
	static const double bars[] = { 0.5, 0.9, 0.99 };
	static const int64_t sizes[] = { 20, 100, 500 };
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++) {
			struct trial t = try(bars[i], bars[i], sizes[k], 4000, 7 + i * 3 + k);
			assert_true(t.rate <= 0.05 + 3 * sqrt(0.05 * 0.95 / 4000));
		}
}

static void saves(void **state)
{
	(void)state;
	static const int64_t sizes[] = { 200, 500, 2000 };
	for (size_t k = 0; k < 3; k++) {
		double half = 1.6449 * sqrt(0.8 * 0.2 / (double)sizes[k]);
		struct trial three = try(0.8 + 3 * half, 0.8, sizes[k], 600, k);
		struct trial two = try(0.8 + 2 * half, 0.8, sizes[k], 600, k + 9);
		print_message("n %lld: three half-widths save %.2f, two %.2f (pass %.3f)\n", (long long)sizes[k],
			      three.saved, two.saved, two.rate);
		assert_true(three.saved >= 0.5 && three.rate > 0.99);
		assert_true(two.saved >= 0.2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),	  cmocka_unit_test(extremes), cmocka_unit_test(looks),
		cmocka_unit_test(keeps_its_size), cmocka_unit_test(saves),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
