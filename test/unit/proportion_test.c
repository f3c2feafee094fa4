/* Proportion bounds and the searches over n, against vectors/stats and published figures. */
#include "base/arena.h"
#include "stat/decide.h"
#include "stat/proportion.h"
#include "stat/special.h"

#include "statvec.h"

static void proportions_agree_with_scipy(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "proportion-ci.json"), *c;
	size_t i, n_cases = 0;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		int64_t x = (int64_t)num(c, "x"), n = (int64_t)num(c, "n");
		double alpha = num(c, "alpha");
		struct bounds w = wilson_interval(x, n, alpha);
		json_t *wv = json_object_get(c, "wilson"),
		       *cv = json_object_get(c, "clopper_pearson");
		near(w.lower, fmax(at(wv, 0), 0), 1e-10);
		near(w.upper, at(wv, 1), 1e-10);
		near(cp_lower(x, n, alpha / 2), at(cv, 0), 1e-10);
		near(cp_upper(x, n, alpha / 2), at(cv, 1), 1e-10);
		near(cp_lower(x, n, alpha), num(c, "cp_lower_one_sided"), 1e-10);
		near(cp_upper(x, n, alpha), num(c, "cp_upper_one_sided"), 1e-10);
		near(binomial_sf(x - 1, n, 0.95), num(c, "binom_p_ge_0.95_greater"), 1e-10);
		near(binomial_cdf(x, n, 0.95), num(c, "binom_p_ge_0.95_less"), 1e-10);
		n_cases++;
	}
	assert_true(n_cases > 20);
	json_decref(doc);
}

static void ends_and_huge_samples(void **state)
{
	(void)state;
	assert_true(cp_lower(0, 0, 0.05) == 0 && cp_upper(0, 0, 0.05) == 1);
	assert_true(cp_lower(0, 9, 0.05) == 0 && cp_upper(9, 9, 0.05) == 1);
	assert_true(isnan(cp_lower(3, 2, 0.05)) && isnan(cp_lower(1, 2, 0)) &&
		    isnan(cp_upper(-1, 2, 0.05)));
	near(cp_upper(0, 59, 0.05), 1 - pow(0.05, 1.0 / 59), 1e-13);
	near(cp_upper(0, 10000000, 0.05) * 1e7, 2.9957318, 1e-6);
	/* The gamma quantiles 4.743864518 and 0.05129329439 for one event. */
	near(cp_upper(1, 10000000, 0.05) * 1e7, 4.743864518, 1e-6);
	near(cp_lower(1, 10000000, 0.05) * 1e7, 0.05129329439, 1e-6);
	/* Half of 1e7: the normal approximation is good to 1e-9 there. */
	near(cp_lower(5000000, 10000000, 0.05), 0.5 - 1.6448536269514722 * 0.5 / sqrt(1e7) - 0.5e-7,
	     1e-9);
	assert_true(cp_at_least(0, 5, 0, 0.05) && !cp_at_least(5, 5, 1, 0.05));
	assert_true(!cp_at_least(0, 0, 0.5, 0.05) && cp_at_most(3, 3, 1, 0.05) &&
		    !cp_at_most(0, 3, 0, 0.05));
}

static void tests_and_bounds_agree(void **state)
{
	(void)state;
	for (int64_t n = 1; n <= 60; n += 7)
		for (int64_t x = 0; x <= n; x++)
			for (double bar = 0.005; bar < 1; bar += 0.0317) {
				assert_int_equal(cp_at_least(x, n, bar, 0.05),
						 cp_lower(x, n, 0.05) >= bar);
				assert_int_equal(cp_below(x, n, bar, 0.05),
						 cp_upper(x, n, 0.05) < bar);
				assert_int_equal(cp_at_most(x, n, bar, 0.05),
						 cp_upper(x, n, 0.05) <= bar);
			}
}

static void gsm8k_and_screen_figures(void **state)
{
	(void)state;
	near(cp_lower(742, 1319, 0.05), 0.5396, 5e-5);
	near(cp_upper(742, 1319, 0.05), 0.5853, 5e-5);
	struct bounds b = rate_bounds(470, 499, 1, 0.05);
	near(b.lower, 0.919, 5e-4);
	near(b.upper, 0.958, 5e-4);
	near(rate_bounds(0, 220, 0, 0.05).upper, 0.0135, 5e-5);
	near(rate_bounds(0, 44, 0, 0.05).upper, 0.0658, 5e-5);
}

static void cases_that_would_decide(void **state)
{
	(void)state;
	assert_int_equal(decide_rate_with(0, 0.99, 0.05), 299);
	assert_int_equal(decide_rate_with(1, 0.99, 0.05), 473);
	assert_int_equal(decide_rate_with(2, 0.99, 0.05), 628);
	assert_int_equal(decide_least_rate(0.95, 0.05), 59);
	assert_int_equal(decide_least_rate(1, 0.05), DECIDE_NEVER);
	assert_int_equal(decide_rate(220, 220, 0.99, 0.05), 299);
	assert_int_equal(decide_rate(95, 100, 0.95, 0.05), DECIDE_NEVER);
	assert_int_equal(decide_rate(9500001, 10000000, 0.95, 0.05), DECIDE_NEVER);
	assert_int_equal(decide_rate(0, 0, 0.95, 0.05), DECIDE_NEVER);
	assert_int_equal(decide_rate(999999999, 1000000000, 0.95, 0.05), 59);
	assert_int_equal(decide_rate(1, 1000000000, 0.05, 0.05), 59);
	near(decide_top_rate(59, 0.05), 0.95049, 5e-6);
	near(decide_top_graded(20, 0.05), 0.860, 5e-4);
	near(decide_top_graded(59, 0.05), 0.950, 5e-4);
	int64_t n = decide_least_graded(0.95, 0.05);
	assert_true(decide_top_graded(n, 0.05) >= 0.95 && decide_top_graded(n - 1, 0.05) < 0.95);
}

static bool decided(int64_t x, int64_t n, int64_t size, double bar)
{
	int64_t good = (int64_t)floor((double)size * (double)x / (double)n + 0.5);
	return (double)x / (double)n > bar ? cp_at_least(good, size, bar, 0.05)
					   : cp_below(good, size, bar, 0.05);
}

/* Against the definition itself: the last undecided N up to 4n, plus one. */
static void deciding_n_is_what_counting_gives(void **state)
{
	(void)state;
	static const struct {
		int64_t x, n;
		double bar;
	} t[] = { { 219, 220, 0.99 },  { 318, 320, 0.99 },  { 90, 100, 0.85 }, { 90, 100, 0.95 },
		  { 742, 1319, 0.53 }, { 742, 1319, 0.60 }, { 3, 10, 0.2 },    { 3, 10, 0.5 },
		  { 1, 7, 0.1 },       { 1, 1, 0.5 },	    { 0, 3, 0.1 },     { 1, 2, 0.4 },
		  { 1, 2, 0.6 },       { 49, 50, 0.9 },	    { 0, 50, 0.02 },   { 7, 50, 0.1 } };
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		int64_t got = decide_rate(t[i].x, t[i].n, t[i].bar, 0.05), want = 1;
		assert_true(got > 0);
		for (int64_t n = 1; n <= 4 * got; n++)
			if (!decided(t[i].x, t[i].n, n, t[i].bar))
				want = n + 1;
		if (got != want)
			fail_msg("%lld/%lld at %g: got %lld, want %lld", (long long)t[i].x,
				 (long long)t[i].n, t[i].bar, (long long)got, (long long)want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proportions_agree_with_scipy),
		cmocka_unit_test(ends_and_huge_samples),
		cmocka_unit_test(tests_and_bounds_agree),
		cmocka_unit_test(gsm8k_and_screen_figures),
		cmocka_unit_test(cases_that_would_decide),
		cmocka_unit_test(deciding_n_is_what_counting_gives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
