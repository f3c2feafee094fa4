/* The bootstrap interval against scipy's, on the resamples that it drew itself. */
#include "stat/bca.h"
#include "stat/quantile.h"

#include "statvec.h"

#include <stdlib.h>

enum { MOST = 1000 };

static size_t numbers(double out[MOST], const json_t *list)
{
	size_t n = json_array_size(list);
	assert_true(n > 0 && n <= MOST);
	for (size_t i = 0; i < n; i++)
		out[i] = at(list, i);
	return n;
}

static void pair(double lower, double upper, const json_t *c, const char *key)
{
	near(lower, at(json_object_get(c, key), 0), 1e-12);
	near(upper, at(json_object_get(c, key), 1), 1e-12);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void agrees_with_scipy(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "bca.json"), *c;
	double x[MOST], star[MOST], without[MOST];
	size_t i;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		size_t n = numbers(x, json_object_get(c, "data"));
		size_t nstar = numbers(star, json_object_get(c, "theta_star"));
		assert_int_equal(numbers(without, json_object_get(c, "jackknife")), n);
		double alpha = 1 - num(c, "confidence"), estimate = num(c, "theta_hat"), sum = 0;
		for (size_t k = 0; k < n; k++)
			sum += x[k];
		near(sum / (double)n, estimate, 1e-12);
		for (size_t k = 0; k < n; k++)
			near((sum - x[k]) / (double)(n - 1), without[k], 1e-12);
		qsort(star, nstar, sizeof(*star), by_value);
		struct bca b = bca_of(estimate, star, nstar, without, n, alpha);
		near(b.bias, num(c, "z0"), 1e-12);
		near(b.acceleration, num(c, "acceleration"), 1e-12);
		pair(b.level[0], b.level[1], c, "alphas");
		pair(b.interval.lower, b.interval.upper, c, "bca");
		/* Two that are not shown anywhere: what it corrects. */
		double lower = quantile_estimate(star, nstar, alpha / 2);
		double upper = quantile_estimate(star, nstar, 1 - alpha / 2);
		pair(lower, upper, c, "percentile");
		pair(2 * estimate - upper, 2 * estimate - lower, c, "basic");
	}
	assert_int_equal(i, 6);
	json_decref(doc);
}

static void ends_and_seeds(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const double x[] = { 0.1, -0.2, 0.4, 0, 0, 0.3, -0.1, 0.25 }, same[] = { 0.5, 0.5, 0.5 };
	struct rng r = rng_seed(1, STR("x"), "bca"), again = r,
		   other = rng_seed(2, STR("x"), "bca");
	struct bounds b = bca_mean(x, 8, 0.05, &r, &a), c = bca_mean(x, 8, 0.05, &again, &a);
	assert_true(b.lower == c.lower && b.upper == c.upper);
	assert_true(b.lower < b.estimate && b.estimate < b.upper);
	near(b.estimate, 0.09375, 1e-15);
	c = bca_mean(x, 8, 0.05, &other, &a);
	near(c.lower, b.lower, 0.02);
	assert_true(isnan(bca_mean(x, 1, 0.05, &r, &a).lower) &&
		    isnan(bca_mean(x, 0, 0.05, &r, &a).estimate));
	assert_true(isnan(bca_mean(same, 3, 0.05, &r, &a).lower));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_scipy),
		cmocka_unit_test(ends_and_seeds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
