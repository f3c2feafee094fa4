/* The betting bound: published figures, its own definition, and the properties decisions rest on. */
#include "base/arena.h"
#include "base/rng.h"
#include "stat/betting.h"
#include "stat/decide.h"

#include "statvec.h"

static struct betting bets(struct arena *a, const double *x, size_t n, double lo, double hi)
{
	struct betting b;
	struct err e = ERR_INIT;
	assert_int_equal(betting_init(&b, a, x, n, lo, hi, &e), 0);
	return b;
}

static double *ones_and_zeros(struct arena *a, size_t ones, size_t n)
{
	double *x = arena_array(a, double, n + 1);
	for (size_t i = 0; i < ones; i++)
		x[i] = 1;
	return x;
}

/* The figures that fix what the formula means (reference/review.md, 15). */
static void proves_what_was_computed_elsewhere(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct betting b = bets(&a, ones_and_zeros(&a, 20, 20), 20, 0, 1);
	near(betting_lower(&b, 0, 0.05), 0.860, 5e-4);
	b = bets(&a, ones_and_zeros(&a, 59, 59), 59, 0, 1);
	near(betting_lower(&b, 0, 0.05), 0.950, 5e-4);
	b = bets(&a, ones_and_zeros(&a, 742, 1319), 1319, 0, 1);
	near(betting_lower(&b, 0, 0.05), 0.522, 5e-4);
	near(b.mean, 742.0 / 1319, 1e-15);
	arena_release(&a);
}

/* The definition, term by term in logarithms, on the values as they came. */
static double plain_log_capital(const double *x, size_t n, double m, double alpha)
{
	double sum[4], top = -INFINITY, capital = 0;
	for (int j = 0; j < 4; j++) {
		double bet = fmin(0.99 / m,
				  sqrt(2 * log(4 / alpha) / ((double)n * m * (1 - m) / pow(4, j))));
		sum[j] = 0;
		for (size_t i = 0; i < n; i++)
			sum[j] += log(1 + bet * (x[i] - m));
		top = fmax(top, sum[j]);
	}
	for (int j = 0; j < 4; j++)
		capital += exp(sum[j] - top);
	return top + log(capital / 4);
}

/* Scores of several shapes: 0 uniform, 1 five points, 2 bimodal, 3 near 1. */
static void draw(struct rng *r, int shape, double *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double u = rng_unit(r);
		if (shape == 1)
			u = (double)rng_below(r, 5) / 4;
		else if (shape == 2)
			u = rng_below(r, 4) ? 0.9 + u / 10 : u / 10;
		else if (shape == 3)
			u = pow(u, 0.02);
		x[i] = u;
	}
}

static void is_the_point_where_capital_reaches_20(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct rng r = rng_seed(1, STR("betting"), "definition");
	double x[700];
	for (int shape = 0; shape < 4; shape++)
		for (size_t n = 5; n <= 700; n = n * 2 + 3) {
			draw(&r, shape, x, n);
			struct betting b = bets(&a, x, n, 0, 1);
			double m = betting_lower(&b, 0, 0.05);
			assert_true(m > 0 && m < b.mean);
			assert_true(plain_log_capital(x, n, m - 1e-9, 0.05) > log(20));
			assert_true(plain_log_capital(x, n, m + 1e-9, 0.05) < log(20));
			assert_true(betting_at_least(&b, 0, m, 0.05, 1) &&
				    !betting_at_least(&b, 0, m + 1e-9, 0.05, 1));
			double up = betting_upper(&b, 0, 0.05);
			assert_true(betting_at_most(&b, 0, up + 1e-12, 0.05, 1) &&
				    !betting_at_most(&b, 0, up - 1e-9, 0.05, 1));
			assert_true(up > b.mean && up < 1);
		}
	arena_release(&a);
}

/* What is spared of the bisection of many values changes no bit: fifty halvings, each asked. */
static void many_values_are_bisected_to_the_same_bit(void **state)
{
	(void)state;
	enum { N = 3000 };
	struct arena a = ARENA_INIT;
	struct rng r = rng_seed(9, STR("betting"), "spared");
	double *x = arena_array(&a, double, N);
	for (int round = 0; round < 40; round++) {
		size_t n = 300 + rng_below(&r, N - 300), unscored = round % 3 ? 0 : rng_below(&r, n);
		double alpha = round % 2 ? 0.05 : 1e-4, lo = 1e-9, hi = 1;
		draw(&r, round % 4, x, n);
		struct betting b = bets(&a, x, n, 0, 1);
		for (int i = 0; i < 50; i++) {
			double m = lo + (hi - lo) / 2;
			if (betting_at_least(&b, unscored, m, alpha, 1))
				lo = m;
			else
				hi = m;
		}
		assert_true(betting_lower(&b, unscored, alpha) == lo);
		lo = 1e-9, hi = 1;
		for (int i = 0; i < 50; i++) {
			double m = lo + (hi - lo) / 2;
			if (betting_at_most(&b, unscored, 1 - m, alpha, 1))
				lo = m;
			else
				hi = m;
		}
		near(betting_upper(&b, unscored, alpha), 1 - lo, 1e-14);
	}
	arena_release(&a);
}

/* Bisection is right because the capital falls in m. */
static void capital_falls_as_the_mean_grows(void **state)
{
	(void)state;
	struct rng r = rng_seed(2, STR("betting"), "monotone in m");
	double x[50];
	for (int k = 0; k < 40; k++) {
		draw(&r, k % 4, x, 50);
		double before = INFINITY;
		for (double m = 0.001; m < 1; m += 0.0013) {
			double c = plain_log_capital(x, 50, m, 0.05);
			assert_true(c <= before + 1e-9);
			before = c;
		}
	}
}

/* What makes "unscored at its worst" exact. */
static void no_bound_falls_when_a_value_rises(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct rng r = rng_seed(3, STR("betting"), "monotone in x");
	double x[60];
	for (int k = 0; k < 2000; k++) {
		struct arena_mark mark = arena_mark(&a);
		size_t n = 1 + rng_below(&r, 60), i = rng_below(&r, n);
		draw(&r, k % 4, x, n);
		struct betting b = bets(&a, x, n, 0, 1);
		x[i] += (1 - x[i]) * rng_unit(&r);
		struct betting c = bets(&a, x, n, 0, 1);
		assert_true(betting_lower(&c, 0, 0.05) >= betting_lower(&b, 0, 0.05) - 1e-13);
		assert_true(betting_upper(&c, 0, 0.05) >= betting_upper(&b, 0, 0.05) - 1e-13);
		arena_rewind(&a, mark);
	}
	arena_release(&a);
}

static void unscored_are_taken_at_both_ends(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct rng r = rng_seed(4, STR("betting"), "unscored");
	double x[100];
	draw(&r, 0, x, 90);
	struct betting b = bets(&a, x, 90, 0, 1);
	for (size_t i = 90; i < 100; i++)
		x[i] = 0;
	struct betting worst = bets(&a, x, 100, 0, 1);
	for (size_t i = 90; i < 100; i++)
		x[i] = 1;
	struct betting best = bets(&a, x, 100, 0, 1);
	near(betting_lower(&b, 10, 0.05), betting_lower(&worst, 0, 0.05), 1e-13);
	near(betting_upper(&b, 10, 0.05), betting_upper(&best, 0, 0.05), 1e-13);
	struct betting none = bets(&a, x, 0, 0, 1);
	assert_true(isnan(none.mean) && betting_lower(&none, 0, 0.05) == 0 &&
		    betting_upper(&none, 0, 0.05) == 1);
	assert_true(betting_lower(&none, 1000, 0.05) == 0 && betting_upper(&none, 1000, 0.05) == 1);
	assert_true(betting_at_least(&none, 5, 0, 0.05, 1) &&
		    !betting_at_least(&none, 5, 0.1, 0.05, 1));
	arena_release(&a);
}

static void order_changes_no_bit(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct rng r = rng_seed(5, STR("betting"), "order");
	double x[501];
	for (int k = 0; k < 20; k++) {
		draw(&r, k % 4, x, 501);
		struct betting b = bets(&a, x, 501, 0, 1);
		for (size_t i = 500; i > 0; i--) {
			size_t j = rng_below(&r, i + 1);
			double t = x[i];
			x[i] = x[j];
			x[j] = t;
		}
		struct betting c = bets(&a, x, 501, 0, 1);
		assert_true(betting_lower(&b, 3, 0.05) == betting_lower(&c, 3, 0.05));
		assert_true(betting_upper(&b, 3, 0.05) == betting_upper(&c, 3, 0.05));
		assert_true(b.mean == c.mean);
	}
	arena_release(&a);
}

static void ranges_scale_and_mirror(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct rng r = rng_seed(6, STR("betting"), "range");
	double x[80], y[80], z[80];
	draw(&r, 0, x, 80);
	for (int i = 0; i < 80; i++) {
		y[i] = -3 + 8 * x[i];
		z[i] = 1 - x[i];
	}
	struct betting b = bets(&a, x, 80, 0, 1), c = bets(&a, y, 80, -3, 5),
		       d = bets(&a, z, 80, 0, 1);
	near(betting_lower(&c, 2, 0.05), -3 + 8 * betting_lower(&b, 2, 0.05), 1e-12);
	near(betting_upper(&c, 2, 0.05), -3 + 8 * betting_upper(&b, 2, 0.05), 1e-12);
	near(betting_upper(&d, 2, 0.05), 1 - betting_lower(&b, 2, 0.05), 1e-12);
	struct err e = ERR_INIT;
	double bad[] = { 0.5, NAN };
	assert_int_equal(betting_init(&b, &a, bad, 2, 0, 1, &e), -1);
	bad[1] = 1.0000001;
	assert_int_equal(betting_init(&b, &a, bad, 2, 0, 1, &e), -1);
	assert_int_equal(betting_init(&b, &a, bad, 1, 1, 1, &e), -1);
	assert_int_equal(betting_init(&b, &a, bad, 1, 0, INFINITY, &e), -1);
	assert_int_equal(e.kind, ERR_BUG);
	arena_release(&a);
}

/* The same literal under gcc and clang, with and without optimisation. */
static void bits_do_not_depend_on_the_compiler(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	double x[97];
	for (int i = 0; i < 97; i++)
		x[i] = (i * 37 % 101) / 100.0;
	struct betting b = bets(&a, x, 97, 0, 1);
	char text[100];
	snprintf(text, sizeof(text), "%a %a", betting_lower(&b, 1, 0.05),
		 betting_upper(&b, 1, 0.05));
	assert_string_equal(text, "0x1.9fedcd8bfb754p-2 0x1.2c6ea9b2dbe1cp-1");
	arena_release(&a);
}

static void a_hundred_thousand_values_are_quick(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct rng r = rng_seed(7, STR("betting"), "speed");
	size_t n = 100000;
	double *x = arena_array(&a, double, n);
	draw(&r, 0, x, n);
	clock_t start = clock();
	struct betting b = bets(&a, x, n, 0, 1);
	struct bounds got = betting_bounds(&b, 0, 0.05);
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	assert_true(got.lower > 0.49 && got.upper < 0.51);
	print_message("# both bounds of 100000 distinct scores: %.3f s\n", seconds);
	assert_true(seconds < 10);
	arena_release(&a);
}

static void graded_cases_that_would_decide(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct rng r = rng_seed(8, STR("betting"), "decide");
	double x[200];
	for (int shape = 0; shape < 4; shape++) {
		draw(&r, shape, x, 200);
		struct betting b = bets(&a, x, 200, 0, 1);
		for (int k = -1; k <= 1; k += 2) {
			double bar = b.mean + k * 0.01;
			int64_t n = decide_graded(&b, bar, 0.05);
			if (bar >= 1)
				continue;
			assert_true(n > 1 && n < 1000000);
			for (int64_t m = n - 1; m < 3 * n; m += 1 + n / 40) {
				double scale = (double)m / 200;
				bool yes = k < 0 ? betting_at_least(&b, 0, bar, 0.05, scale)
						 : betting_at_most(&b, 0, bar, 0.05, scale);
				assert_int_equal(yes, m >= n);
			}
		}
		assert_int_equal(decide_graded(&b, b.mean, 0.05), DECIDE_NEVER);
		assert_int_equal(decide_graded(&b, b.mean + 1e-7, 0.05), DECIDE_NEVER);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proves_what_was_computed_elsewhere),
		cmocka_unit_test(is_the_point_where_capital_reaches_20),
		cmocka_unit_test(many_values_are_bisected_to_the_same_bit),
		cmocka_unit_test(capital_falls_as_the_mean_grows),
		cmocka_unit_test(no_bound_falls_when_a_value_rises),
		cmocka_unit_test(unscored_are_taken_at_both_ends),
		cmocka_unit_test(order_changes_no_bit),
		cmocka_unit_test(ranges_scale_and_mirror),
		cmocka_unit_test(bits_do_not_depend_on_the_compiler),
		cmocka_unit_test(a_hundred_thousand_values_are_quick),
		cmocka_unit_test(graded_cases_that_would_decide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
