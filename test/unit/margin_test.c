/* The margin test: its size by enumeration, published and computed cases, and the order of its
 * statistic on which the proof of its size rests. */
#include "stat/margin.h"
#include "stat/special.h"

#include "statvec.h"

#include <time.h>

#define ALPHA 0.05

/* The fewest gains that are proven with so many losses, n - lost + 1 when none are. */
static int64_t least_proven(int64_t n, int64_t lost, double delta, int64_t from)
{
	int64_t lo = from, hi = n - lost + 1;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		if (margin_above((struct pairs){ n, mid, lost }, delta, ALPHA))
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* The true chance of "proven" where the truth lies on the margin, at its largest over a fine grid. */
static double size_of(int64_t n, double delta)
{
	int64_t least[128], from = 0;
	double worst = 0;
	for (int64_t lost = 0; lost <= n; lost++)
		from = least[lost] =
			least_proven(n, lost, delta, from > n - lost + 1 ? n - lost + 1 : from);
	for (int i = 0; i <= 2000; i++) {
		double lo = fmax(0, -delta), rate = lo + ((1 - delta) / 2 - lo) * i / 2000, sum = 0;
		for (int64_t lost = 0; lost <= n; lost++)
			if (least[lost] <= n - lost)
				sum += binomial_pmf(lost, n, rate) *
				       binomial_sf(least[lost] - 1, n - lost,
						   fmin(1, (rate + delta) / (1 - rate)));
		worst = fmax(worst, sum);
	}
	return worst;
}

static void keeps_its_size(void **state)
{
	(void)state;
	static const double deltas[] = { -0.1, -0.05, -0.02, 0, 0.05 };
	for (size_t i = 0; i < sizeof(deltas) / sizeof(*deltas); i++)
		for (int64_t n = 20; n <= 100; n += n < 44 ? 12 : 56) {
			double size = size_of(n, deltas[i]);
			if (size > ALPHA + 1e-6)
				print_error("n %lld delta %g: size %.6f\n", (long long)n, deltas[i],
					    size);
			assert_true(size <= ALPHA + 1e-6);
		}
	/* Not by proving nothing. */
	assert_true(size_of(44, -0.1) > 0.02);
}

/* Barnard's convexity: without it the largest chance might lie inside the hypothesis. */
static void the_statistic_is_ordered(void **state)
{
	(void)state;
	static const double deltas[] = { -0.3, -0.1, -0.02, 0, 0.02, 0.1 };
	for (size_t i = 0; i < sizeof(deltas) / sizeof(*deltas); i++)
		for (int64_t g = 0; g < 40; g++)
			for (int64_t l = 0; g + l < 40; l++) {
				double z = tango_z((struct pairs){ 40, g, l }, deltas[i]);
				assert_true(tango_z((struct pairs){ 40, g + 1, l }, deltas[i]) >=
					    z - 1e-12);
				assert_true(tango_z((struct pairs){ 40, g, l + 1 }, deltas[i]) <=
					    z + 1e-12);
			}
}

/* Without a flip the likeliest truth on the margin has losses alone: (1 - margin)^n. */
static void no_flip(void **state)
{
	(void)state;
	near(margin_above_p((struct pairs){ 149, 0, 0 }, -0.02), pow(0.98, 149), 1e-9);
	assert_true(margin_above((struct pairs){ 149, 0, 0 }, -0.02, ALPHA));
	assert_false(margin_above((struct pairs){ 148, 0, 0 }, -0.02, ALPHA));
	assert_false(
		margin_above((struct pairs){ 133, 0, 0 }, -0.02, ALPHA)); /* Tango's own would */
}

/* At delta 0 Suissa and Shuster's test, which is McNemar's without the condition: never as blunt. */
static void no_difference(void **state)
{
	(void)state;
	struct pairs p = { 60, 3, 14 };
	assert_true(margin_below_p(p, 0) < mcnemar_drop(p));
	assert_true(margin_below(p, 0, ALPHA) && !margin_above(p, 0, ALPHA));
	near(margin_above_p((struct pairs){ 60, 14, 3 }, 0), margin_below_p(p, 0), 1e-12);
}

static void many_pairs(void **state)
{
	(void)state;
	/* Above MARGIN_FULL_N the search is narrower and pays for it: close to the normal p-value. */
	struct pairs p = { 20000, 900, 1000 };
	double normal = 1 - normal_cdf(tango_z(p, -0.01)), exact = margin_above_p(p, -0.01);
	assert_true(exact > normal - 1e-4 && exact < normal + 2e-3);
	assert_true(margin_above((struct pairs){ 100000, 5000, 5100 }, -0.005, ALPHA));
	assert_true(margin_below((struct pairs){ 100000, 4000, 5100 }, -0.005, ALPHA));
	assert_false(margin_below((struct pairs){ 100000, 5000, 5450 }, -0.005, ALPHA));
	assert_false(margin_above((struct pairs){ 100000, 5000, 5450 }, -0.005, ALPHA));
}

static void nothing_proves_nothing(void **state)
{
	(void)state;
	assert_true(isnan(margin_above_p((struct pairs){ 0, 0, 0 }, -0.02)));
	assert_false(margin_above((struct pairs){ 0, 0, 0 }, -0.02, ALPHA));
	assert_false(margin_above((struct pairs){ 10, 8, 8 }, -0.02, ALPHA));
	assert_false(margin_above((struct pairs){ 10, 0, 0 }, -1, ALPHA));
	assert_false(margin_above((struct pairs){ 10, 0, 0 }, (double)NAN, ALPHA));
}

static void what_it_could_have_seen(void **state)
{
	(void)state;
	near(mcnemar_least_drop((struct pairs){ 100, 0, 0 }, ALPHA), 0.05,
	     1e-12); /* 5 losses, 0 gains */
	near(mcnemar_least_drop((struct pairs){ 100, 4, 6 }, ALPHA), 0.08,
	     1e-12); /* 9 of 10: 0.0107 */
	assert_true(mcnemar_least_drop((struct pairs){ 4, 0, 0 }, ALPHA) == 1);
	struct pairs p = { 200, 10, 20 };
	double drop = mcnemar_least_drop(p, ALPHA);
	int64_t lost = (int64_t)llround((30 + drop * 200) / 2);
	assert_true(mcnemar_drop((struct pairs){ 200, 30 - lost, lost }) <= ALPHA);
	assert_true(mcnemar_drop((struct pairs){ 200, 31 - lost, lost - 1 }) > ALPHA);
}

/* A decision that proves something looks at every rate of losses: a hundred thousand pairs still take
 * milliseconds.  The bound has room for sanitizers and a busy machine. */
static void is_quick(void **state)
{
	(void)state;
	clock_t start = clock();
	assert_true(margin_above((struct pairs){ 100000, 14148, 15852 }, -0.02, ALPHA));
	assert_true(margin_above((struct pairs){ 100000, 9121, 10879 }, -0.02, ALPHA));
	assert_true(margin_above((struct pairs){ 2000, 301, 299 }, -0.02, ALPHA));
	assert_false(margin_below((struct pairs){ 100000, 14148, 15852 }, -0.02, ALPHA));
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 0.5);
}

static void plans(void **state)
{
	(void)state;
	assert_int_equal(margin_pairs_needed(0.02, 0, ALPHA, 0.8), 149);
	int64_t n = margin_pairs_needed(0.05, 0.1, ALPHA, 0.8);
	assert_true(n > 260 && n < 290);
	assert_true(margin_pairs_needed(0, 0.1, ALPHA, 0.8) == -1);
}

/* The chance, exactly, that a candidate as good as the old one passes with that many pairs. */
static double power_of(int64_t n, double margin, double differ)
{
	double sum = 0;
	int64_t from = 0;
	for (int64_t lost = 0; lost <= n; lost++) {
		double chance = binomial_pmf(lost, n, differ / 2);
		if (chance < 1e-7)
			continue;
		from = least_proven(n, lost, -margin, from);
		if (from <= n - lost)
			sum += chance *
			       binomial_sf(from - 1, n - lost, differ / 2 / (1 - differ / 2));
	}
	return sum;
}

/* The plan's number is an approximation: what it promises is there to within a twentieth or so. */
static void plans_have_their_power(void **state)
{
	(void)state;
	static const double t[][2] = {
		{ 0.05, 0.1 }, { 0.05, 0.05 }, { 0.1, 0.3 }, { 0.1, 0.1 }, { 0.02, 0.02 }
	};
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		int64_t n = margin_pairs_needed(t[i][0], t[i][1], ALPHA, 0.8);
		double power = power_of(n, t[i][0], t[i][1]);
		print_message("margin %g, %g differ: %lld pairs, power %.3f\n", t[i][0], t[i][1],
			      (long long)n, power);
		assert_true(power > 0.74 && power < 0.88);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_its_size),
		cmocka_unit_test(the_statistic_is_ordered),
		cmocka_unit_test(no_flip),
		cmocka_unit_test(no_difference),
		cmocka_unit_test(many_pairs),
		cmocka_unit_test(nothing_proves_nothing),
		cmocka_unit_test(what_it_could_have_seen),
		cmocka_unit_test(plans),
		cmocka_unit_test(is_quick),
		cmocka_unit_test(plans_have_their_power),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
