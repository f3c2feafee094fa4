/* Power of paired means against reference values, and of the rule that decides them. */
#include "base/arena.h"
#include "base/rng.h"
#include "stat/betting.h"
#include "stat/power.h"
#include "stat/special.h"

#include "statvec.h"

static void agree_with_reference(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "power.json"), *c;
	size_t i, powers = 0, zeros = 0;
	json_array_foreach(doc, i, c)
	{
		if (json_object_get(c, "zero_failures_n")) {
			double n = num(c, "zero_failures_n");
			near(cp_upper(0, (int64_t)n, 0.05), num(c, "upper95"), 1e-14);
			near(3 / n, num(c, "rule_of_three"), 1e-15);
			zeros++;
			continue;
		}
		struct power_spread s = { num(c, "omega2"), num(c, "sigmaA2"), num(c, "sigmaB2"),
					  num(c, "K") };
		double n = power_cases(s, num(c, "delta"), num(c, "alpha"), num(c, "power"));
		close_to(n, num(c, "n"), 1e-13);
		close_to(power_difference(s, n, num(c, "alpha"), num(c, "power")), num(c, "delta"),
			 1e-13);
		powers++;
	}
	assert_int_equal(powers, 24);
	assert_int_equal(zeros, 6);
	json_decref(doc);
}

static void ends(void **state)
{
	(void)state;
	struct power_spread s = { 0.1, 0, 0, 1 };
	assert_true(isnan(power_cases(s, 0, 0.05, 0.8)) && isnan(power_cases(s, 0.1, 0, 0.8)));
	assert_true(isnan(power_difference(s, 0, 0.05, 0.8)));
	s.repeats = 0;
	assert_true(isnan(power_cases(s, 0.1, 0.05, 0.8)));
}

/* The betting bound asks sqrt(2 ln(4 / alpha)) where the normal one asks 1.645: with that in its place the number
 * of cases has the power it should (verdict_margin.c). */
static void betting_has_that_power(void **state)
{
	(void)state;
	enum { RUNS = 400, CASES = 2000 };
	double x[CASES], risk = 2 * normal_cdf(-sqrt(2 * log(4 / 0.05)));
	struct arena a = ARENA_INIT;
	struct rng r = rng_seed(1, STR("betting"), "power");
	for (int differ = 1; differ <= 3; differ++) {
		struct power_spread s = { .between = differ / 10.0, .repeats = 1 };
		size_t n = (size_t)ceil(power_cases(s, 0.05 * differ, risk, 0.8));
		int passed = 0;
		assert_true(n <= CASES);
		for (int run = 0; run < RUNS; run++) {
			struct arena_mark mark = arena_mark(&a);
			struct betting b;
			struct err err = ERR_INIT;
			for (size_t i = 0; i < n; i++) {
				double u = rng_unit(&r);
				x[i] = u < s.between / 2 ? -1 : u < s.between;
			}
			assert_int_equal(betting_init(&b, &a, x, n, -1, 1, &err), 0);
			passed += betting_at_least(&b, 0, -0.05 * differ, 0.05, 1);
			arena_rewind(&a, mark);
		}
		print_message("%d of 10 differ, %zu cases: power %.3f\n", differ, n,
			      (double)passed / RUNS);
		assert_true(passed > 0.7 * RUNS && passed < 0.9 * RUNS);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agree_with_reference),
		cmocka_unit_test(ends),
		cmocka_unit_test(betting_has_that_power),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
