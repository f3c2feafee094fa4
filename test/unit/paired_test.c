/* Paired comparisons against statsmodels' and published values. */
#include "stat/paired.h"

#include "statvec.h"

#include <stdio.h>

static struct pairs pairs_of(const json_t *c)
{
	return (struct pairs){ (int64_t)num(c, "n"), (int64_t)num(c, "new_only_right"),
			       (int64_t)num(c, "old_only_right") };
}

static void agree_with_statsmodels(void **state)
{
	(void)state;
	static const double margins[] = { 0.02, 0.05, 0.1 };
	json_t *doc = vectors(VECTORS "paired-binary.json"), *c;
	size_t i, intervals = 0;
	assert_true(json_array_size(json_object_get(doc, "cases")) > 5);
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		struct pairs p = pairs_of(c);
		struct bounds b = tango_interval(p, 0.05);
		near(b.estimate, num(c, "diff"), 1e-12);
		near(mcnemar_two_sided(p), num(c, "mcnemar_exact_two_sided"), 1e-12);
		near(mcnemar_drop(p), num(c, "mcnemar_exact_new_worse_one_sided"), 1e-12);
		near(mcnemar_mid_p(p), num(c, "mcnemar_midp_two_sided"), 1e-12);
		json_t *ci = json_object_get(c, "tango_ci95");
		if (ci) {
			near(b.lower, at(ci, 0), 1e-9);
			near(b.upper, at(ci, 1), 1e-9);
			intervals++;
		}
		for (int k = 0; k < 3; k++) {
			char key[60];
			snprintf(key, sizeof(key), "tango_noninferior_margin_%g", margins[k]);
			near(tango_z(p, -margins[k]), at(json_object_get(c, key), 0), 1e-10);
		}
	}
	assert_true(intervals > 5);
	json_decref(doc);
}

/* Tango (1998): 43 of 44 alike, one lost, margin 0.1. */
static void published_example(void **state)
{
	(void)state;
	near(tango_z((struct pairs){ 44, 0, 1 }, -0.1), 1.709, 5e-4);
}

static void ends(void **state)
{
	(void)state;
	struct bounds none = tango_interval((struct pairs){ 0, 0, 0 }, 0.05);
	assert_true(isnan(none.estimate) && none.lower == -1 && none.upper == 1);
	struct bounds alike = tango_interval((struct pairs){ 50, 0, 0 }, 0.05);
	assert_true(alike.estimate == 0 && alike.lower < -0.05 && alike.upper > 0.05);
	near(alike.lower, -alike.upper, 1e-12);
	assert_true(tango_interval((struct pairs){ 9, 9, 0 }, 0.05).upper == 1);
	assert_true(tango_interval((struct pairs){ 9, 0, 9 }, 0.05).lower == -1);
	assert_true(mcnemar_drop((struct pairs){ 50, 0, 0 }) == 1);
	assert_true(isnan(mcnemar_drop((struct pairs){ 5, 3, 3 })) &&
		    isnan(tango_z((struct pairs){ 5, 1, 1 }, 1)));
}

/* Turning the sides round mirrors everything; the interval is where the statistic says. */
static void mirrors_and_inverts(void **state)
{
	(void)state;
	for (int64_t n = 1; n < 400; n = n * 3 + 1)
		for (int64_t b = 0; b <= n; b += 1 + n / 5)
			for (int64_t c = 0; b + c <= n; c += 1 + n / 7) {
				struct pairs p = { n, b, c }, q = { n, c, b };
				struct bounds x = tango_interval(p, 0.1),
					      y = tango_interval(q, 0.1);
				near(x.lower, -y.upper, 1e-9);
				assert_true(x.lower <= x.estimate && x.estimate <= x.upper);
				if (x.lower > -0.999)
					near(tango_z(p, x.lower), 1.6448536269514722, 1e-6);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agree_with_statsmodels),
		cmocka_unit_test(published_example),
		cmocka_unit_test(ends),
		cmocka_unit_test(mirrors_and_inverts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
