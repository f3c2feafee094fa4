/* Power of paired means against reference values. */
#include "stat/power.h"
#include "stat/proportion.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agree_with_reference),
		cmocka_unit_test(ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
