/* Independent blocks of a series: chains whose autocorrelation is known, and spells of one length. */
#include "stat/blocks.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MANY = 100000 };

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena = (struct arena)ARENA_INIT;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static double blocks_of(const char *text)
{
	bool slow[64];
	size_t n = 0;
	for (; text[n]; n++)
		slow[n] = text[n] == '#';
	return blocks_effective(slow, n, &arena);
}

static void near(double got, double want, double share)
{
	if (!(fabs(got - want) <= want * share))
		fail_msg("got %.4f, expected %.4f", got, want);
}

/* A chain of two states that keeps the last with probability rho and draws anew else: r_k = rho^k. */
static double chain(double rho, double share, const char *purpose)
{
	struct rng rng = rng_seed(11, STR("blocks"), purpose);
	bool *slow = arena_array(&arena, bool, MANY);
	for (size_t i = 0; i < MANY; i++)
		slow[i] = i && rng_unit(&rng) < rho ? slow[i - 1] : rng_unit(&rng) < share;
	return blocks_effective(slow, MANY, &arena);
}

static void independent_calls_are_as_many_as_they_are(void **state)
{
	(void)state;
	near(chain(0, 0.5, "half"), MANY, 0.06);
	near(chain(0, 0.05, "few"), MANY, 0.06);
}

static void a_chain_loses_what_theory_says(void **state)
{
	(void)state;
	near(chain(0.5, 0.5, "half"), MANY * 0.5 / 1.5, 0.15);
	near(chain(0.9, 0.5, "half"), MANY * 0.1 / 1.9, 0.15);
	near(chain(0.9, 0.1, "few"), MANY * 0.1 / 1.9, 0.2);
	near(chain(0.99, 0.5, "half"), MANY * 0.01 / 1.99, 0.3);
}

static void spells_of_one_length_count_once_each(void **state)
{
	(void)state;
	static const size_t length[] = { 2, 5, 40, 63, 64, 65, 200 };
	for (size_t k = 0; k < sizeof(length) / sizeof(length[0]); k++) {
		struct rng rng = rng_seed(5, STR("blocks"), "spells");
		bool *slow = arena_array(&arena, bool, MANY), now = false;
		for (size_t i = 0; i < MANY; i++) {
			if (i % length[k] == 0)
				now = rng_unit(&rng) < 0.5;
			slow[i] = now;
		}
		near(blocks_effective(slow, MANY, &arena), (double)MANY / (double)length[k], 0.3);
	}
}

/* By hand: ...##### has n 10, m 1/2, r_1 = (9/4 - 1/2)/(10/4) = 0.7, r_2 = 0.4, r_3 = 0.1, r_4 = -0.2; pairs 1.7, 0.5,
 * then -0.7: 10 / (2 * 2.2 - 1). */
static void short_ones_by_hand(void **state)
{
	(void)state;
	near(blocks_of(".....#####"), 10 / 3.4, 1e-12);
	near(blocks_of("#####....."), 10 / 3.4, 1e-12);
	near(blocks_of(".#.#.#.#.#"), 10, 1e-12);
	near(blocks_of("#.........") , 10, 1e-12);
	near(blocks_of(".........."), 10, 1e-12);
	near(blocks_of("##########"), 10, 1e-12);
	near(blocks_of("#"), 1, 1e-12);
	near(blocks_of(".#"), 2, 1e-12);
	assert_true(blocks_effective(NULL, 0, &arena) == 0);
}

/* The sum that the header gives, lag by lag and without bits. */
static double plainly(const bool *s, size_t n)
{
	double mean = 0, var = 0, sum = -1;
	for (size_t i = 0; i < n; i++)
		mean += s[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		var += (s[i] - mean) * (s[i] - mean);
	for (size_t lag = 0; lag < n; lag += 2) {
		double pair = 0;
		for (size_t k = lag; k < lag + 2; k++)
			for (size_t i = 0; i + k < n; i++)
				pair += (s[i] - mean) * (s[i + k] - mean) / var;
		if (!(pair > 0))
			break;
		sum += 2 * pair;
	}
	return fmax(1, fmin((double)n, sum > 0 ? (double)n / sum : (double)n));
}

static void bits_sum_what_the_formula_says(void **state)
{
	(void)state;
	struct rng rng = rng_seed(3, STR("blocks"), "bits");
	for (int turn = 0; turn < 300; turn++) {
		bool slow[300];
		size_t n = 2 + (size_t)rng_below(&rng, 298);
		double rho = rng_unit(&rng);
		for (size_t i = 0; i < n; i++)
			slow[i] = i && rng_unit(&rng) < rho ? slow[i - 1] : rng_unit(&rng) < 0.4;
		slow[0] = true;
		slow[n - 1] = false;
		near(blocks_effective(slow, n, &arena), plainly(slow, n), 1e-9);
	}
}

/* One long spell asks for the most lags. */
static void a_hundred_thousand_are_no_burden(void **state)
{
	(void)state;
	enum { N = 100000 };
	bool *slow = arena_array(&arena, bool, N);
	for (size_t i = N / 2; i < N; i++)
		slow[i] = true;
	near(blocks_effective(slow, N, &arena), 3, 0.2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(independent_calls_are_as_many_as_they_are),
		cmocka_unit_test(a_chain_loses_what_theory_says),
		cmocka_unit_test(spells_of_one_length_count_once_each),
		cmocka_unit_test(short_ones_by_hand),
		cmocka_unit_test(bits_sum_what_the_formula_says),
		cmocka_unit_test(a_hundred_thousand_are_no_burden),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
