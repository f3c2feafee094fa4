/* Agreement of raters against published values, and the correction of a judged rate. */
#include "base/arena.h"
#include "base/compiler.h"
#include "base/rng.h"
#include "stat/agreement.h"

#include "statvec.h"

#include <stdbool.h>

static void kappa_agrees_with_statsmodels(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "agreement.json"), *c;
	size_t i;
	assert_true(json_array_size(json_object_get(doc, "cohen")) > 4);
	json_array_foreach(json_object_get(doc, "cohen"), i, c)
	{
		json_t *rows = json_object_get(c, "table");
		size_t k = json_array_size(rows);
		int64_t table[25];
		assert_true(k <= 5);
		for (size_t j = 0; j < k * k; j++)
			table[j] = (int64_t)at(json_array_get(rows, j / k), j % k);
		near(cohen_kappa(table, k, KAPPA_PLAIN), num(c, "kappa"), 1e-12);
		near(cohen_kappa(table, k, KAPPA_LINEAR), num(c, "linear"), 1e-12);
		near(cohen_kappa(table, k, KAPPA_QUADRATIC), num(c, "quadratic"), 1e-12);
	}
	int64_t alike[] = { 9, 0, 0, 0 };
	assert_true(isnan(cohen_kappa(alike, 2, KAPPA_PLAIN)));
	json_decref(doc);
}

static void alpha_gives_krippendorffs_example(void **state)
{
	(void)state;
	static const char *const level[] = { "nominal", "ordinal", "interval", "ratio" };
	struct arena a = ARENA_INIT;
	json_t *doc = vectors(VECTORS "agreement.json");
	json_t *k = json_object_get(doc, "krippendorff"), *data = json_object_get(k, "data");
	size_t raters = json_array_size(data), units = json_array_size(json_array_get(data, 0));
	double value[100];
	assert_true(raters * units > 10 && raters * units <= 100);
	for (size_t i = 0; i < raters * units; i++) {
		json_t *v = json_array_get(json_array_get(data, i / units), i % units);
		value[i] = json_is_null(v) ? NAN : json_number_value(v);
	}
	for (size_t i = 0; i < ARRAY_LEN(level); i++)
		near(krippendorff_alpha(&a, value, raters, units, (enum alpha_level)i),
		     num(json_object_get(k, "expect"), level[i]), 1e-12);
	for (size_t i = 0; i < raters * units; i++)
		value[i] = 3;
	assert_true(isnan(krippendorff_alpha(&a, value, raters, units, ALPHA_NOMINAL)));
	assert_true(isnan(krippendorff_alpha(&a, value, 0, 0, ALPHA_NOMINAL)));
	json_decref(doc);
	arena_release(&a);
}

static void correction_agrees(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "rogan-gladen.json"), *c;
	size_t i;
	assert_true(json_array_size(doc) > 3);
	json_array_foreach(doc, i, c)
		near(rogan_gladen(num(c, "p_obs"), num(c, "se"), num(c, "sp")),
		     fmin(fmax(num(c, "p_true"), 0), 1), 1e-12);
	assert_true(isnan(rogan_gladen(0.5, 0.5, 0.5)));
	json_decref(doc);
}

static int64_t tosses(struct rng *r, int64_t n, double p)
{
	int64_t x = 0;
	for (int64_t i = 0; i < n; i++)
		x += rng_unit(r) < p;
	return x;
}

/* Where delta method and prediction-powered bounds break (sensitivity 1, specificity 0.6, few
 * labels), the corner keeps its promise. */
static void corner_keeps_its_promise(void **state)
{
	(void)state;
	struct rng r = rng_seed(1, STR("judge"), "corner");
	int below = 0, above = 0;
	for (int run = 0; run < 1000; run++) {
		struct ratio judged = { tosses(&r, 500, 0.9 + 0.1 * 0.4), 500 };
		struct ratio caught = { 90, 90 }, cleared = { tosses(&r, 30, 0.6), 30 };
		struct bounds b = judged_rate_bounds(judged, caught, cleared, 0.05);
		assert_true(b.lower <= b.upper && b.lower >= 0 && b.upper <= 1);
		below += b.lower > 0.9;
		above += b.upper < 0.9;
	}
	assert_true(below <= 50 && above <= 50);
	struct bounds chance = judged_rate_bounds((struct ratio){ 9, 10 }, (struct ratio){ 1, 2 },
						  (struct ratio){ 1, 2 }, 0.05);
	assert_true(chance.lower == 0 && chance.upper == 1);
	struct bounds sharp =
		judged_rate_bounds((struct ratio){ 900, 1000 }, (struct ratio){ 500, 500 },
				   (struct ratio){ 500, 500 }, 0.05);
	assert_true(sharp.lower > 0.87 && sharp.lower < 0.9 && sharp.upper > 0.9 &&
		    sharp.upper < 0.93);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kappa_agrees_with_statsmodels),
		cmocka_unit_test(alpha_gives_krippendorffs_example),
		cmocka_unit_test(correction_agrees),
		cmocka_unit_test(corner_keeps_its_promise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
