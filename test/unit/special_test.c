/* Special functions against scipy's values and their own identities. */
#include "stat/special.h"

#include "statvec.h"

typedef double (*row_fn)(const json_t *row);

static double row_norm_ppf(const json_t *r)
{
	return normal_quantile(at(r, 0));
}

static double row_norm_cdf(const json_t *r)
{
	return normal_cdf(at(r, 0));
}

static double row_beta_ppf(const json_t *r)
{
	return beta_quantile(at(r, 2), at(r, 0), at(r, 1));
}

static double row_beta_cdf(const json_t *r)
{
	return beta_cdf(at(r, 2), at(r, 0), at(r, 1));
}

static double row_t_ppf(const json_t *r)
{
	return student_quantile(at(r, 1), at(r, 0));
}

static double row_t_cdf(const json_t *r)
{
	return student_cdf(at(r, 1), at(r, 0));
}

static double row_binom_cdf(const json_t *r)
{
	return binomial_cdf((int64_t)at(r, 0), (int64_t)at(r, 1), at(r, 2));
}

static double row_lgamma(const json_t *r)
{
	return log_gamma(at(r, 0));
}

static void distributions_agree_with_scipy(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		row_fn row;
		double tolerance;
	} t[] = {
		{ "norm_ppf", row_norm_ppf, 1e-10 },
		{ "norm_cdf", row_norm_cdf, 1e-10 },
		{ "beta_ppf", row_beta_ppf, 1e-10 },
		{ "beta_cdf", row_beta_cdf, 1e-10 },
		/* scipy 1.10's own error is 6e-9; student_has_its_closed_forms checks ours to 1e-12. */
		{ "t_ppf", row_t_ppf, 1e-8 },
		{ "t_cdf", row_t_cdf, 1e-10 },
		{ "binom_cdf", row_binom_cdf, 1e-10 },
		{ "lgamma", row_lgamma, 1e-10 },
	};
	json_t *doc = vectors(VECTORS "distributions.json"), *row;
	for (size_t i = 0, k; i < sizeof(t) / sizeof(t[0]); i++) {
		json_t *rows = json_object_get(doc, t[i].name);
		assert_true(json_array_size(rows) > 5);
		json_array_foreach(rows, k, row)
		{
			double want = at(row, json_array_size(row) - 1), got = t[i].row(row);
			if (fabs(got - want) > t[i].tolerance * fmax(1, fabs(want)))
				fail_msg("%s, row %zu: got %.17g, want %.17g", t[i].name, k, got,
					 want);
		}
	}
	json_decref(doc);
}

/* Closed forms: I_x(1, b) = 1 - (1-x)^b, I_x(a, 1) = x^a, and the arcsine law. */
static void beta_has_its_closed_forms(void **state)
{
	(void)state;
	for (double x = 1e-9; x < 1; x = x * 3 + 1e-4)
		for (double a = 0.25; a < 1e7; a *= 7) {
			close_to(beta_cdf(x, 1, a), -expm1(a * log1p(-x)), 2e-12);
			if (a * -log(x) < 600)
				close_to(beta_cdf(x, a, 1), exp(a * log(x)), 2e-12 + a * 1e-15);
			near(beta_cdf(x, a, 3.5) + beta_sf(x, a, 3.5), 1, 1e-12);
		}
	close_to(beta_cdf(0.3, 0.5, 0.5), 2 / acos(-1) * asin(sqrt(0.3)), 1e-13);
	assert_true(beta_cdf(0, 2, 3) == 0 && beta_cdf(1, 2, 3) == 1);
	assert_true(isnan(beta_cdf(0.5, 0, 3)) && isnan(beta_cdf(-1, 1, 3)) &&
		    isnan(beta_quantile(2, 1, 1)));
}

static void quantile_undoes_the_distribution(void **state)
{
	(void)state;
	static const double p[] = { 1e-200, 1e-12, 0.001, 0.05, 0.3, 0.5, 0.9, 0.999999 };
	static const double shape[] = { 0.1, 1, 2.5, 40, 1000, 3e6 };
	for (size_t i = 0; i < 8; i++)
		for (size_t a = 0; a < 6; a++)
			for (size_t b = 0; b < 6; b++) {
				double x = beta_quantile(p[i], shape[a], shape[b]);
				assert_true(x >= 0 && x <= 1);
				if (x > 1e-290 && x < 1 - 1e-3)
					near(beta_cdf(x, shape[a], shape[b]) / p[i], 1,
					     1e-11 + 3e-16 * shape[b] + 3e-16 * shape[a]);
			}
	assert_true(beta_quantile(0, 2, 3) == 0 && beta_quantile(1, 2, 3) == 1);
	for (double q = 1e-300; q < 0.5; q *= 1e7)
		close_to(normal_cdf(normal_quantile(q)), q, 1e-12);
	assert_true(isinf(normal_quantile(0)) && isinf(normal_quantile(1)) &&
		    isnan(normal_quantile(-1)));
}

/* One degree of freedom is Cauchy, two and four have roots (Shaw 2006). */
static void student_has_its_closed_forms(void **state)
{
	(void)state;
	for (double p = 0.5000001; p < 1; p += 0.00917) {
		double a = 4 * p * (1 - p), q = cos(acos(sqrt(a)) / 3) / sqrt(a);
		close_to(student_quantile(p, 1), tan(acos(-1) * (p - 0.5)), 1e-9);
		close_to(student_quantile(p, 2), 2 * (p - 0.5) * sqrt(2 / a), 1e-9);
		near(student_quantile(p, 4), 2 * sqrt(q - 1), 1e-8);
		for (double df = 1; df < 1e6; df *= 3)
			near(student_cdf(student_quantile(p, df), df), p, 1e-12);
	}
	close_to(student_quantile(0.99, 2), 6.964556734283274, 1e-13);
	near(student_quantile(0.5, 7), 0, 0);
	assert_true(isinf(student_quantile(0, 3)) && isnan(student_quantile(0.5, 0)));
}

static void quantile_is_monotone(void **state)
{
	(void)state;
	double before = 0;
	for (int i = 1; i < 2000; i++) {
		double x = beta_quantile(i / 2000.0, 742, 578);
		assert_true(x > before);
		before = x;
	}
}

/* Weights summed one by one against the incomplete beta. */
static void binomial_sums_up(void **state)
{
	(void)state;
	static const int64_t sizes[] = { 1, 7, 59, 1319 };
	static const double rates[] = { 0, 0.003, 0.5, 0.95, 1 };
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 5; j++) {
			double sum = 0;
			for (int64_t k = -1; k <= sizes[i]; k++) {
				sum += binomial_pmf(k, sizes[i], rates[j]);
				near(binomial_cdf(k, sizes[i], rates[j]), sum, 1e-12);
				near(binomial_sf(k, sizes[i], rates[j]), 1 - sum, 1e-12);
			}
		}
	assert_true(binomial_cdf(0, 0, 0.3) == 1 && binomial_sf(-1, 0, 0.3) == 1);
	assert_true(isnan(binomial_cdf(1, 2, 1.5)) && isnan(binomial_pmf(1, -1, 0.5)));
}

/* Sums of products of binomial coefficients, exact (Python's integers). */
static void drawn_without_putting_back(void **state)
{
	(void)state;
	static const struct {
		int64_t k, n, marked, all;
		double p;
	} rows[] = {
		{ 8, 12, 20, 80, 0.00010099837227196038 },
		{ 0, 5, 3, 10, 0.9166666666666666 },
		{ 2, 3, 3, 10, 1.0 / 120 },
		{ 3, 3, 3, 10, 0 },
		{ -1, 5, 3, 10, 1 },
		{ 2, 5, 8, 10, 1 },
		{ 40, 100, 300, 1319, 1.614141835025573e-05 },
		{ 11, 57, 52, 200, 0.8832889720885799 },
		{ 36, 57, 52, 200, 2.574668926548942e-14 },
		{ 630, 20000, 3000, 100000, 0.0793750479484982 },
		{ 0, 0, 0, 0, 0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		near(hypergeometric_sf(rows[i].k, rows[i].n, rows[i].marked, rows[i].all), rows[i].p,
		     1e-11 * fmax(rows[i].p, 1e-3));
	near(hypergeometric_sf(36, 57, 52, 200) / 2.574668926548942e-14, 1, 1e-9);
	assert_true(isnan(hypergeometric_sf(1, 11, 3, 10)) && isnan(hypergeometric_sf(1, 3, -1, 10)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distributions_agree_with_scipy),
		cmocka_unit_test(beta_has_its_closed_forms),
		cmocka_unit_test(quantile_undoes_the_distribution),
		cmocka_unit_test(student_has_its_closed_forms),
		cmocka_unit_test(quantile_is_monotone),
		cmocka_unit_test(binomial_sums_up),
		cmocka_unit_test(drawn_without_putting_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
