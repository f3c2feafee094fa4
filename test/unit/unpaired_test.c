/* Two unpaired rates against statsmodels' values. */
#include "stat/unpaired.h"

#include "statvec.h"

#include <stdio.h>

/* The vectors' own statistic: statsmodels 0.13.5 multiplies the variance by N / (N - 1), and in the cubic
 * for the likeliest rates it has hits where Miettinen and Nurminen have cases. */
static double of_statsmodels(struct two_rates t, double delta)
{
	double n = (double)(t.n1 + t.n2), x = (double)(t.x1 + t.x2), x0 = (double)t.x2;
	double p2 = x / n, p1 = p2;
	if (delta != 0) {
		double b = ((double)t.n1 + 2 * (double)t.n2) * delta - n - x;
		double c = (x0 * delta - n - 2 * x0) * delta + x, d = x0 * delta * (1 - delta);
		double q = pow(b / (3 * n), 3) - c * b / (6 * n * n) + d / (2 * n);
		double u = copysign(sqrt(pow(b / (3 * n), 2) - c / (3 * n)), q);
		p2 = 2 * u * cos((acos(-1.0) + acos(q / (u * u * u))) / 3) - b / (3 * n);
		p1 = p2 + delta;
	}
	double variance = p1 * (1 - p1) / (double)t.n1 + p2 * (1 - p2) / (double)t.n2;
	return ((double)t.x1 / (double)t.n1 - (double)t.x2 / (double)t.n2 - delta) / sqrt(variance * n / (n - 1));
}

static double likelihood(struct two_rates t, double p1, double p2)
{
	double sum = 0;
	sum += t.x1 ? (double)t.x1 * log(p1) : 0;
	sum += t.n1 - t.x1 ? (double)(t.n1 - t.x1) * log1p(-p1) : 0;
	sum += t.x2 ? (double)t.x2 * log(p2) : 0;
	return sum + (t.n2 - t.x2 ? (double)(t.n2 - t.x2) * log1p(-p2) : 0);
}

/* The statistic with the likeliest rates found by trying them. */
static double by_search(struct two_rates t, double delta)
{
	double best = -INFINITY, at = 0;
	double lo = fmax(0, -delta), hi = fmin(1, 1 - delta);
	for (int round = 0; round < 4; round++) {
		double step = (hi - lo) / 1000, from = lo;
		for (int i = 0; i <= 1000; i++) {
			double p2 = from + i * step, l = likelihood(t, p2 + delta, p2);
			if (l > best) {
				best = l;
				at = p2;
			}
		}
		lo = fmax(lo, at - step);
		hi = fmin(hi, at + step);
	}
	double variance = (at + delta) * (1 - at - delta) / (double)t.n1 + at * (1 - at) / (double)t.n2;
	return ((double)t.x1 / (double)t.n1 - (double)t.x2 / (double)t.n2 - delta) / sqrt(variance);
}

/* Newcombe's interval and the statistic at 0 agree as they are.  At other margins the vectors are told by
 * their own formula, and ours by the likelihood itself. */
static void agree_with_statsmodels(void **state)
{
	(void)state;
	static const double margins[] = { 0, 0.02, 0.05, 0.1 };
	json_t *doc = vectors(VECTORS "two-proportions.json"), *c, *v;
	size_t i, scores = 0;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		struct two_rates t = { (int64_t)num(c, "x1"), (int64_t)num(c, "n1"), (int64_t)num(c, "x2"),
				       (int64_t)num(c, "n2") };
		double n = (double)(t.n1 + t.n2);
		struct bounds b = newcombe_interval(t, 0.05);
		near(b.lower, at(json_object_get(c, "ci95_newcomb"), 0), 1e-12);
		near(b.upper, at(json_object_get(c, "ci95_newcomb"), 1), 1e-12);
		for (int k = 0; k < 4; k++) {
			char key[60];
			snprintf(key, sizeof(key), "noninferior_score_margin_%g", margins[k]);
			v = json_object_get(c, key);
			if (!json_is_array(v))
				continue;
			near(of_statsmodels(t, -margins[k]), at(v, 0), 1e-9);
			near(unpaired_z(t, -margins[k]), by_search(t, -margins[k]), 1e-6);
			if (k == 0)
				near(unpaired_z(t, 0) * sqrt((n - 1) / n), at(v, 0), 1e-12);
			scores++;
		}
	}
	assert_true(scores > 20);
	json_decref(doc);
}

static void the_interval_inverts_the_test(void **state)
{
	(void)state;
	struct two_rates t = { 45, 50, 47, 50 };
	struct bounds b = unpaired_score_interval(t, 0.05);
	near(unpaired_z(t, b.lower), 1.959963984540054, 1e-9);
	near(unpaired_z(t, b.upper), -1.959963984540054, 1e-9);
}

static void ends(void **state)
{
	(void)state;
	assert_true(isnan(unpaired_z((struct two_rates){ 0, 0, 1, 2 }, 0)));
	assert_true(isnan(unpaired_z((struct two_rates){ 3, 2, 1, 2 }, 0)));
	assert_true(isnan(newcombe_interval((struct two_rates){ 1, 2, 0, 0 }, 0.05).lower));
	struct bounds alike = unpaired_score_interval((struct two_rates){ 20, 20, 20, 20 }, 0.05);
	assert_true(alike.estimate == 0 && alike.lower < -0.1 && alike.upper > 0.1);
	near(alike.lower, -alike.upper, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agree_with_statsmodels),
		cmocka_unit_test(the_interval_inverts_the_test),
		cmocka_unit_test(ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
