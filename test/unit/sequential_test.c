/* Other ways to look early, from their papers: Wald's sequential test, spending of alpha over looks, and
 * confidence sequences.  The product has none of them: each is written out here, held to reference
 * values, and set against stat/martingale.h, which decides. */
#include "stat/martingale.h"
#include "stat/special.h"

#include "statvec.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 400 };

static size_t numbers(double out[MOST], const json_t *list)
{
	size_t n = json_array_size(list);
	assert_true(n > 0 && n <= MOST);
	for (size_t i = 0; i < n; i++)
		out[i] = at(list, i);
	return n;
}

static void all_near(const double *got, const json_t *want, size_t n)
{
	assert_int_equal(json_array_size(want), n);
	for (size_t i = 0; i < n; i++)
		near(got[i], at(want, i), 1e-12);
}

/* After how many scores ours refutes "at most m"; 0 for never. */
static size_t ours(const double *x, size_t n, double m, double alpha)
{
	struct martingale g;
	martingale_init(&g, m, (int64_t)n, alpha);
	for (size_t i = 0; i < n; i++) {
		martingale_feed(&g, x[i]);
		if (martingale_reached(&g))
			return i + 1;
	}
	return 0;
}

/* ---- Wald (1945) ---- */

static void sprt(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "sprt.json"), *c;
	double x[MOST], llr[MOST];
	size_t i;
	json_array_foreach(doc, i, c)
	{
		double p0 = num(c, "p0"), p1 = num(c, "p1"), alpha = num(c, "alpha"),
		       beta = num(c, "beta");
		double upper = log((1 - beta) / alpha), lower = log(beta / (1 - alpha)), sum = 0;
		size_t n = numbers(x, json_object_get(c, "seq")), first = 0;
		near(upper, num(c, "upper"), 1e-12);
		near(lower, num(c, "lower"), 1e-12);
		for (size_t k = 0; k < n; k++) {
			sum += x[k] > 0 ? log(p1 / p0) : log((1 - p1) / (1 - p0));
			llr[k] = sum;
			if (!first && (sum >= upper || sum <= lower))
				first = k + 1;
		}
		all_near(llr, json_object_get(c, "llr"), n);
		assert_int_equal(first, num(c, "at"));
		const char *decision = json_string_value(json_object_get(c, "decision"));
		assert_string_equal(decision, llr[first - 1] >= upper ? "H1" : "H0");
		/* Ours has no alternative to aim at: it may come later, never where Wald's says H0. */
		size_t mine = ours(x, n, p0, alpha);
		print_message("Wald: %s after %zu of %zu; the martingale: %s%zu\n", decision, first,
			      n, mine ? "above p0 after " : "undecided, ", mine);
		if (strcmp(decision, "H0") == 0)
			assert_true(mine == 0);
	}
	assert_int_equal(i, 4);
	json_decref(doc);
}

/* ---- Lan and DeMets (1983) ---- */

/* P(|S_k| stays within c sqrt(K) at every look k of K), S a walk of normal steps: by convolution on a
 * grid (Armitage, McPherson, Rowe 1969). */
static double stays_within(double c, int looks)
{
	enum { HALF = 600 };
	static double now[2 * HALF + 1], next[2 * HALF + 1];
	double reach = c * sqrt((double)looks), step = reach / HALF, sum = 0;
	for (int i = -HALF; i <= HALF; i++)
		now[i + HALF] = exp(-step * i * step * i / 2) / sqrt(2 * acos(-1.0));
	for (int k = 1; k < looks; k++) {
		for (int j = -HALF; j <= HALF; j++) {
			double density = 0;
			for (int i = -HALF; i <= HALF; i++) {
				double move = step * (j - i),
				       end = i == -HALF || i == HALF ? 0.5 : 1;
				density += end * now[i + HALF] * exp(-move * move / 2);
			}
			next[j + HALF] = density * step / sqrt(2 * acos(-1.0));
		}
		memcpy(now, next, sizeof(now));
	}
	for (int i = 0; i <= 2 * HALF; i++)
		sum += now[i] * step * (i == 0 || i == 2 * HALF ? 0.5 : 1);
	return sum;
}

static void alpha_spending(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "alpha-spending.json"), *c;
	size_t i, looks = 5;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		double alpha = num(c, "alpha"), t[MOST], fleming[MOST], pocock[MOST];
		size_t n = numbers(t, json_object_get(c, "t"));
		for (size_t k = 0; k < n; k++) {
			fleming[k] =
				2 - 2 * normal_cdf(normal_quantile(1 - alpha / 2) / sqrt(t[k]));
			pocock[k] = alpha * log1p(expm1(1) * t[k]);
		}
		all_near(fleming, json_object_get(c, "obf"), n);
		all_near(pocock, json_object_get(c, "pocock"), n);
	}
	assert_int_equal(i, 2);
	json_t *published = json_object_get(doc, "published_obf_two_sided_05_K5");
	assert_int_equal(json_array_size(published), looks);
	double last = at(published, looks - 1);
	for (size_t k = 0; k < looks; k++)
		near(at(published, k), last * sqrt((double)looks / (double)(k + 1)), 1e-4);
	near(stays_within(last, (int)looks), 0.95, 1e-4);
	json_decref(doc);
}

/* ---- confidence sequences (Waudby-Smith, Ramdas 2024) ---- */

/* Bets that follow the variance seen so far, at most `most`. */
static void plug_in(double bet[MOST], const double *x, size_t n, double alpha, double most)
{
	double sum = 0, square = 0, variance = 0.25;
	for (size_t i = 0; i < n; i++) {
		double t = (double)(i + 1);
		bet[i] = fmin(most, sqrt(2 * log(1 / alpha) / (t * log1p(t) * variance)));
		sum += x[i];
		double off = x[i] - (0.5 + sum) / (t + 1);
		square += off * off;
		variance = (0.25 + square) / (t + 1);
	}
}

/* Lower ends.  `of`: a population of so many, drawn without return; 0: without end.  `turned`: of 1 - x. */
static void bernstein(double low[MOST], const double *given, size_t n, double alpha, double of,
		      bool turned)
{
	double x[MOST] = { 0 }, bet[MOST], seen = 0, bets = 0, weighted = 0, spread = 0;
	for (size_t i = 0; i < n; i++)
		x[i] = turned ? 1 - given[i] : given[i];
	plug_in(bet, x, n, alpha, 0.5);
	for (size_t i = 0; i < n; i++) {
		double t = (double)(i + 1), mean = i ? seen / (double)i : 0, off = x[i] - mean;
		double left = of - t + 1;
		bets += bet[i] * (of > 0 ? 1 + (t - 1) / left : 1);
		weighted += bet[i] * (of > 0 ? x[i] + seen / left : x[i]);
		spread += off * off * (-log1p(-bet[i]) - bet[i]);
		low[i] = fmax(0, (weighted - log(1 / alpha) - spread) / bets);
		seen += x[i];
	}
}

static void hoeffding(double low[MOST], const double *x, size_t n, double alpha, bool turned)
{
	double bets = 0, weighted = 0, spread = 0;
	for (size_t i = 0; i < n; i++) {
		double t = (double)(i + 1),
		       bet = fmin(1, sqrt(8 * log(1 / alpha) / (t * log1p(t))));
		bets += bet;
		weighted += bet * (turned ? 1 - x[i] : x[i]);
		spread += bet * bet / 8;
		low[i] = fmax(0, (weighted - log(1 / alpha) - spread) / bets);
	}
}

static void turn(double *low, size_t n)
{
	for (size_t i = 0; i < n; i++)
		low[i] = 1 - low[i];
}

static void bounds_of(const json_t *c, const double *x, size_t n, double alpha)
{
	double got[MOST];
	for (int side = 0; side < 2; side++) {
		hoeffding(got, x, n, alpha / 2, side);
		if (side)
			turn(got, n);
		all_near(got, json_array_get(json_object_get(c, "hoeffding"), (size_t)side), n);
		bernstein(got, x, n, alpha / 2, 0, side);
		if (side)
			turn(got, n);
		all_near(got, json_array_get(json_object_get(c, "empbern"), (size_t)side), n);
	}
	bernstein(got, x, n, alpha, num(c, "wor_N"), false);
	all_near(got, json_object_get(c, "empbern_lower_one_sided_wor"), n);
	bernstein(got, x, n, alpha, 0, false);
	all_near(got, json_object_get(c, "empbern_lower_one_sided"), n);
}

/* The mean that the file's scores were drawn with. */
static double truth_of(const json_t *c)
{
	static const struct {
		const char *name;
		double mean;
	} known[] = { { "bern.95", 0.95 }, { "bern.5", 0.5 }, { "zeros", 0 }, { "ones", 1 } };
	const char *name = json_string_value(json_object_get(c, "name"));
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].mean;
	return INFINITY; /* not said */
}

/* The same process as ours, with bets that are learnt instead of fixed: capital prod (1 + bet (x - m)). */
static void capital_of(const json_t *c, const double *x, size_t n, double alpha)
{
	static const char *const keys[] = { "betting_mart_m0.5", "betting_mart_m0.8",
					    "betting_mart_m0.9", "betting_mart_m0.95" };
	static const double means[] = { 0.5, 0.8, 0.9, 0.95 };
	double bet[MOST], low[MOST];
	bernstein(low, x, n, alpha, 0, false);
	for (size_t k = 0; k < 4; k++) {
		double capital = 1;
		size_t learnt = 0, bound = 0, mine = ours(x, n, means[k], alpha);
		json_t *want = json_object_get(c, keys[k]);
		assert_int_equal(json_array_size(want), n);
		plug_in(bet, x, n, alpha, 0.5 / means[k]);
		for (size_t i = 0; i < n; i++) {
			capital *= 1 + bet[i] * (x[i] - means[k]);
			close_to(capital, at(want, i), 1e-12);
			learnt = !learnt && capital >= 1 / alpha ? i + 1 : learnt;
			bound = !bound && low[i] > means[k] ? i + 1 : bound;
		}
		print_message("%s above %g: learnt bets after %zu, Bernstein after %zu, ours after "
			      "%zu of %zu\n",
			      json_string_value(json_object_get(c, "name")), means[k], learnt,
			      bound, mine, n);
		/* Ours is not later than the bound where half of the scores are enough for it, and never
		 * says what is not so. */
		if (bound && bound <= n / 2)
			assert_true(mine > 0 && mine <= bound);
		if (isfinite(truth_of(c)) && truth_of(c) <= means[k])
			assert_true(mine == 0);
	}
}

static void confidence_sequences(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "confidence-sequences.json"), *c;
	double x[MOST];
	size_t i;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		size_t n = numbers(x, json_object_get(c, "x"));
		double alpha = num(c, "alpha");
		bounds_of(c, x, n, alpha);
		capital_of(c, x, n, alpha);
	}
	assert_int_equal(i, 5);
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sprt),
		cmocka_unit_test(alpha_spending),
		cmocka_unit_test(confidence_sequences),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
