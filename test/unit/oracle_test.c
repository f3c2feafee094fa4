/* The members of vectors/stats that no rule and no view of the product uses: each formula is written out
 * here, so that the file is known to be right as a whole; and the ledger: every member of every file is
 * read by a test, here or in the one that is named. */
#include "base/compiler.h"
#include "stat/proportion.h"
#include "stat/quantile.h"
#include "stat/special.h"
#include "stat/unpaired.h"

#include "statvec.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define Z95 1.959963984540054
enum { MOST = 4000 };

static void pair_near(double lower, double upper, const json_t *want, double tolerance)
{
	assert_int_equal(json_array_size(want), 2);
	near(lower, at(want, 0), tolerance);
	near(upper, at(want, 1), tolerance);
}

static double square(double x)
{
	return x * x;
}

/* ---- agreement ---- */

/* Fleiss, Cohen, Everitt (1969). */
static double kappa_error(const double *p, size_t k, double n)
{
	double row[5] = { 0 }, column[5] = { 0 }, seen = 0, chance = 0, on = 0, off = 0;
	for (size_t i = 0; i < k * k; i++) {
		row[i / k] += p[i];
		column[i % k] += p[i];
	}
	for (size_t i = 0; i < k; i++) {
		seen += p[i * k + i];
		chance += row[i] * column[i];
	}
	double kappa = (seen - chance) / (1 - chance);
	for (size_t i = 0; i < k; i++)
		for (size_t j = 0; j < k; j++)
			if (i == j)
				on += p[i * k + i] * square(1 - (row[i] + column[i]) * (1 - kappa));
			else
				off += p[i * k + j] * square((column[i] + row[j]) * (1 - kappa));
	double variance = on + off - square(kappa - chance * (1 - kappa));
	return sqrt(fmax(0, variance) / n) / (1 - chance);
}

static void cohen_error(const json_t *c)
{
	json_t *rows = json_object_get(c, "table");
	size_t k = json_array_size(rows);
	double p[25], n = 0;
	assert_true(k <= 5);
	for (size_t i = 0; i < k * k; i++)
		n += p[i] = at(json_array_get(rows, i / k), i % k);
	for (size_t i = 0; i < k * k; i++)
		p[i] /= n;
	near(kappa_error(p, k, n), num(c, "std"), 1e-7);
}

static void fleiss_kappa(const json_t *c)
{
	json_t *rows = json_object_get(c, "table"), *first = json_array_get(rows, 0);
	size_t units = json_array_size(rows), k = json_array_size(first);
	double raters = 0, alike = 0, chance = 0;
	for (size_t j = 0; j < k; j++)
		raters += at(first, j);
	for (size_t j = 0; j < k; j++) {
		double share = 0;
		for (size_t i = 0; i < units; i++) {
			double x = at(json_array_get(rows, i), j);
			share += x / ((double)units * raters);
			alike += x * (x - 1) / (raters * (raters - 1) * (double)units);
		}
		chance += share * share;
	}
	near((alike - chance) / (1 - chance), num(c, "kappa"), 1e-12);
}

static void agreement(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "agreement.json"), *c;
	size_t i;
	json_array_foreach(json_object_get(doc, "cohen"), i, c) cohen_error(c);
	json_array_foreach(json_object_get(doc, "fleiss"), i, c) fleiss_kappa(c);
	json_decref(doc);
}

/* ---- standard errors of clustered means (Miller 2024, 2.2) ---- */

struct cluster_sums {
	double n, mean, square, between, of_means, mean_of_means;
	size_t clusters;
};

static struct cluster_sums cluster_sums(const json_t *clusters)
{
	struct cluster_sums s = { .clusters = json_array_size(clusters) };
	json_t *q, *v;
	size_t i, k;
	json_array_foreach(clusters, i, q)
	{
		double sum = 0;
		json_array_foreach(q, k, v) sum += json_number_value(v);
		s.n += (double)k;
		s.mean += sum;
		s.mean_of_means += sum / (double)k / (double)s.clusters;
	}
	s.mean /= s.n;
	json_array_foreach(clusters, i, q)
	{
		double sum = 0;
		json_array_foreach(q, k, v)
		{
			sum += json_number_value(v) - s.mean;
			s.square += square(json_number_value(v) - s.mean);
		}
		s.between += sum * sum;
		s.of_means += square(sum / (double)k + s.mean - s.mean_of_means);
	}
	return s;
}

static void clustered(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "clustered-se.json"), *c;
	size_t i;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		struct cluster_sums s = cluster_sums(json_object_get(c, "clusters"));
		double k = (double)s.clusters, error = sqrt(s.of_means / (k * (k - 1)));
		double clt = s.square / (s.n - 1) / s.n;
		near(sqrt(clt), num(c, "se_clt"), 1e-12);
		near(sqrt(clt + (s.between - s.square) / square(s.n)),
		     num(c, "se_clustered_miller_ddof1"), 1e-12);
		near(sqrt(s.between) / s.n, num(c, "se_clustered_cr0"), 1e-12);
		near(error, num(c, "se_cluster_means"), 1e-12);
		/* scipy 1.10's Student quantile is 6e-9 off (special_test). */
		double half = student_quantile(0.975, k - 1) * error;
		pair_near(s.mean_of_means - half, s.mean_of_means + half,
			  json_object_get(c, "t95_cluster_means"), 1e-8);
	}
	json_decref(doc);
}

/* ---- chi-squared ---- */

/* P(X <= x) by the series of the incomplete gamma function. */
static double chi2_cdf(double x, double df)
{
	double a = df / 2, y = x / 2, term = 1 / a, sum = term;
	for (int i = 1; i < 2000 && term > sum * 1e-17; i++)
		sum += term *= y / (a + i);
	return sum * exp(-y + a * log(y) - log_gamma(a));
}

static void chi_squared(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "distributions.json"), *r;
	size_t i;
	json_array_foreach(json_object_get(doc, "chi2_ppf"), i, r)
	{
		near(chi2_cdf(at(r, 2), at(r, 0)), at(r, 1), 1e-12);
		if (at(r, 0) == 1)
			near(square(normal_quantile((1 + at(r, 1)) / 2)), at(r, 2), 1e-10);
	}
	assert_true(i > 5);
	json_decref(doc);
}

/* ---- several tests ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Sidak's step-down: 1 - (1 - p)^(tests not yet rejected), never falling. */
static void holm_sidak(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "multiple-tests.json"), *c;
	size_t i;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		json_t *p = json_object_get(c, "p");
		size_t n = json_array_size(p);
		double sorted[64], adjusted[64], top = 0;
		assert_true(n <= 64);
		for (size_t k = 0; k < n; k++)
			sorted[k] = at(p, k);
		qsort(sorted, n, sizeof(*sorted), by_value);
		for (size_t k = 0; k < n; k++)
			adjusted[k] = top = fmax(top, -expm1((double)(n - k) * log1p(-sorted[k])));
		for (size_t k = 0; k < n; k++)
			for (size_t j = 0; j < n; j++)
				if (sorted[j] == at(p, k))
					near(adjusted[j], at(json_object_get(c, "holm-sidak"), k),
					     1e-12);
	}
	json_decref(doc);
}

/* ---- what people alone say ---- */

static void labels_alone(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "ppi-mean.json"), *c, *v;
	size_t i, k;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		double sum = 0;
		json_array_foreach(json_object_get(c, "human"), k, v) sum += json_number_value(v);
		near(sum / (double)k, num(c, "classical"), 1e-12);
	}
	json_decref(doc);
}

/* ---- pairs ---- */

static void pairs(void **state)
{
	(void)state;
	static const char *const margins[] = { "0.02", "0.05", "0.1" };
	json_t *doc = vectors(VECTORS "paired-binary.json"), *c, *v;
	size_t i, without = 0;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		double b = num(c, "new_only_right"), l = num(c, "old_only_right"), n = num(c, "n");
		assert_true(num(c, "both_right") + num(c, "both_wrong") + b + l == n);
		double p = (b + 1) / (n + 2), q = (l + 1) / (n + 2), d = p - q;
		double half = Z95 * sqrt((p + q - d * d) / (n + 2));
		pair_near(d - half, d + half, json_object_get(c, "bonett_price_ci95"), 1e-12);
		for (size_t k = 0; k < ARRAY_LEN(margins); k++) {
			char key[60];
			snprintf(key, sizeof(key), "tango_noninferior_margin_%s", margins[k]);
			v = json_object_get(c, key);
			near(normal_cdf(-at(v, 0)), at(v, 1), 1e-12);
		}
		if (b + l == 0) {
			assert_null(json_object_get(c, "mcnemar_asymptotic"));
			without++;
			continue;
		}
		double z = square(b - l) / (b + l), cc = square(fmax(0, fabs(b - l) - 1)) / (b + l);
		pair_near(z, 2 * normal_cdf(-sqrt(z)), json_object_get(c, "mcnemar_asymptotic"),
			  1e-12);
		v = json_object_get(c, "mcnemar_cc");
		/* statsmodels squares |b - l| - 1 where it is below 0, too. */
		cc = b == l ? 1 / (b + l) : cc;
		pair_near(cc, 2 * normal_cdf(-sqrt(cc)), v, 1e-12);
	}
	print_message("%zu cases, %zu without a flip: no asymptotic McNemar statistic\n", i,
		      without);
	json_decref(doc);
}

/* ---- one proportion ---- */

static void one_proportion(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "proportion-ci.json"), *c;
	size_t i;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		int64_t hits = (int64_t)num(c, "x"), cases = (int64_t)num(c, "n");
		double x = (double)hits, n = (double)cases, alpha = num(c, "alpha"), p = x / n;
		double z = normal_quantile(1 - alpha / 2), wald = z * sqrt(p * (1 - p) / n);
		pair_near(fmax(0, p - wald), fmin(1, p + wald), json_object_get(c, "wald"), 1e-10);
		double q = (x + z * z / 2) / (n + z * z),
		       half = z * sqrt(q * (1 - q) / (n + z * z));
		pair_near(fmax(0, q - half), fmin(1, q + half), json_object_get(c, "agresti_coull"),
			  1e-10);
		pair_near(beta_quantile(alpha / 2, x + 0.5, n - x + 0.5),
			  beta_quantile(1 - alpha / 2, x + 0.5, n - x + 0.5),
			  json_object_get(c, "jeffreys"), 1e-10);
		struct bounds one = wilson_interval(hits, cases, 2 * alpha);
		near(fmax(0, one.lower), num(c, "wilson_lower_one_sided"), 1e-10);
		near(fmin(1, one.upper), num(c, "wilson_upper_one_sided"), 1e-10);
	}
	json_decref(doc);
}

/* ---- order statistics ---- */

static void rank_near(int64_t rank, const json_t *want)
{
	if (json_is_null(want))
		assert_int_equal(rank, 0);
	else
		assert_int_equal(rank, json_integer_value(want));
}

static void two_sided_ranks(const json_t *c)
{
	static const struct {
		const char *key;
		double alpha;
	} conf[] = { { "conf0.9", 0.1 }, { "conf0.95", 0.05 } };
	for (size_t k = 0; k < ARRAY_LEN(conf); k++) {
		json_t *want = json_object_get(json_object_get(c, conf[k].key), "two_sided_ranks");
		int64_t n = (int64_t)num(c, "n");
		rank_near(quantile_lower_rank(n, num(c, "p"), conf[k].alpha / 2),
			  json_array_get(want, 0));
		rank_near(quantile_upper_rank(n, num(c, "p"), conf[k].alpha / 2),
			  json_array_get(want, 1));
	}
}

/* The value at place `at` of the ascending x, counted from 1, with what lies between interpolated. */
static double place(const double *x, size_t n, double at)
{
	double low = floor(at + 1e-9);
	if (low < 1)
		return x[0];
	if (low >= (double)n)
		return x[n - 1];
	return x[(size_t)low - 1] + (at - low) * (x[(size_t)low] - x[(size_t)low - 1]);
}

static void other_estimators(const json_t *c)
{
	static double x[MOST];
	json_t *list = json_object_get(c, "x");
	size_t n = json_array_size(list);
	double q = num(c, "q") / 100, size = (double)n;
	for (size_t i = 0; i < n; i++)
		x[i] = at(list, i);
	qsort(x, n, sizeof(*x), by_value);
	near(place(x, n, ceil(size * q - 1e-9)), num(c, "nearest_rank_type1"), 1e-10);
	near(place(x, n, (size + 1) * q), num(c, "type6"), 1e-10);
	near(place(x, n, (size + 1.0 / 3) * q + 1.0 / 3), num(c, "type8"), 1e-10);
}

static void order_statistics(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "quantile-order-ci.json"), *c;
	size_t i;
	json_array_foreach(json_object_get(doc, "cases"), i, c) two_sided_ranks(c);
	json_array_foreach(json_object_get(doc, "estimators"), i, c) other_estimators(c);
	json_decref(doc);
}

/* ---- two proportions ---- */

static void around(double d, double variance, const json_t *want)
{
	double half = Z95 * sqrt(variance);
	pair_near(d - half, d + half, want, 1e-12);
}

/* The statistic as statsmodels 0.13.5 has it: see unpaired_test, which holds ours to the likelihood. */
static double of_statsmodels(struct two_rates t, double delta)
{
	double n = (double)(t.n1 + t.n2), x = (double)(t.x1 + t.x2), x0 = (double)t.x2;
	double b = ((double)t.n1 + 2 * (double)t.n2) * delta - n - x;
	double c = (x0 * delta - n - 2 * x0) * delta + x, d = x0 * delta * (1 - delta);
	double q = pow(b / (3 * n), 3) - c * b / (6 * n * n) + d / (2 * n);
	double u = copysign(sqrt(pow(b / (3 * n), 2) - c / (3 * n)), q);
	double p2 = 2 * u * cos((acos(-1.0) + acos(q / (u * u * u))) / 3) - b / (3 * n),
	       p1 = p2 + delta;
	double variance = p1 * (1 - p1) / (double)t.n1 + p2 * (1 - p2) / (double)t.n2;
	return ((double)t.x1 / (double)t.n1 - (double)t.x2 / (double)t.n2 - delta) /
	       sqrt(variance * n / (n - 1));
}

/* The file's interval inverts that statistic; ours the corrected one, so it lies elsewhere by a little. */
static void score_interval(struct two_rates t, const json_t *want)
{
	struct bounds b = unpaired_score_interval(t, 0.05);
	near(of_statsmodels(t, at(want, 0)), Z95, 1e-9);
	near(of_statsmodels(t, at(want, 1)), -Z95, 1e-9);
	near(unpaired_z(t, b.lower), Z95, 1e-9);
	near(unpaired_z(t, b.upper), -Z95, 1e-9);
	print_message("%lld/%lld, %lld/%lld: score interval %.5f to %.5f, statsmodels 0.13.5 (hits "
		      "for cases in its "
		      "cubic) %.5f to %.5f\n",
		      (long long)t.x1, (long long)t.n1, (long long)t.x2, (long long)t.n2, b.lower,
		      b.upper, at(want, 0), at(want, 1));
	near(b.lower, at(want, 0), 0.01);
	near(b.upper, at(want, 1), 0.01);
}

static void two_proportions(void **state)
{
	(void)state;
	static const char *const margins[] = { "0", "0.02", "0.05", "0.1" };
	json_t *doc = vectors(VECTORS "two-proportions.json"), *c;
	size_t i, none = 0;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		struct two_rates t = { (int64_t)num(c, "x1"), (int64_t)num(c, "n1"),
				       (int64_t)num(c, "x2"), (int64_t)num(c, "n2") };
		double x1 = (double)t.x1, n1 = (double)t.n1, x2 = (double)t.x2, n2 = (double)t.n2;
		double p1 = x1 / n1, p2 = x2 / n2, q1 = (x1 + 1) / (n1 + 2),
		       q2 = (x2 + 1) / (n2 + 2);
		around(p1 - p2, p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2,
		       json_object_get(c, "ci95_wald"));
		around(q1 - q2, q1 * (1 - q1) / (n1 + 2) + q2 * (1 - q2) / (n2 + 2),
		       json_object_get(c, "ci95_agresti-caffo"));
		json_t *score = json_object_get(c, "ci95_score");
		if (json_is_array(score))
			score_interval(t, score);
		none += !json_is_array(score);
		for (size_t k = 0; k < ARRAY_LEN(margins); k++) {
			char key[60];
			snprintf(key, sizeof(key), "noninferior_score_margin_%s", margins[k]);
			json_t *v = json_object_get(c, key);
			if (json_is_array(v))
				near(normal_cdf(-at(v, 0)), at(v, 1), 1e-12);
			else /* alike and perfect: statsmodels gives none, for want of variance */
				assert_true(json_is_null(v) && t.x1 == t.n1 && t.x2 == t.n2);
		}
	}
	print_message("%zu of %zu cases: statsmodels gave no score interval (null in the file)\n",
		      none, i);
	json_decref(doc);
}

/* ---- the ledger ---- */

/* A member, and the test that reads it: its source must have the name in quotes.  NULL: only words. */
struct entry {
	const char *member, *test;
};

struct page {
	const char *file;
	struct entry entry[24];
};

static const struct page ledger[] = {
	{ "agreement.json",
	  { { "generator", NULL },
	    { "krippendorff", "agreement" },
	    { "data", "agreement" },
	    { "expect", "agreement" },
	    { "source", NULL },
	    { "nominal", "agreement" },
	    { "ordinal", "agreement" },
	    { "interval", "agreement" },
	    { "ratio", "agreement" },
	    { "cohen", "agreement" },
	    { "table", "agreement" },
	    { "kappa", "agreement" },
	    { "linear", "agreement" },
	    { "quadratic", "agreement" },
	    { "std", "oracle" },
	    { "fleiss", "oracle" } } },
	{ "alpha-spending.json",
	  { { "note", NULL },
	    { "cases", "sequential" },
	    { "alpha", "sequential" },
	    { "t", "sequential" },
	    { "obf", "sequential" },
	    { "pocock", "sequential" },
	    { "published_obf_two_sided_05_K5", "sequential" } } },
	{ "bca.json",
	  { { "generator", NULL },
	    { "note", NULL },
	    { "cases", "bca" },
	    { "data", "bca" },
	    { "theta_hat", "bca" },
	    { "theta_star", "bca" },
	    { "jackknife", "bca" },
	    { "confidence", "bca" },
	    { "z0", "bca" },
	    { "acceleration", "bca" },
	    { "alphas", "bca" },
	    { "bca", "bca" },
	    { "percentile", "bca" },
	    { "basic", "bca" } } },
	{ "clustered-se.json",
	  { { "generator", NULL },
	    { "note", NULL },
	    { "cases", "oracle" },
	    { "clusters", "oracle" },
	    { "n", "quantile" },
	    { "mean", "quantile" },
	    { "se_clt", "oracle" },
	    { "se_clustered_miller_ddof1", "oracle" },
	    { "se_clustered_cr0", "oracle" },
	    { "se_cluster_means", "oracle" },
	    { "t95_cluster_means", "oracle" } } },
	{ "confidence-sequences.json",
	  { { "generator", NULL },
	    { "note", NULL },
	    { "cases", "sequential" },
	    { "name", "sequential" },
	    { "x", "sequential" },
	    { "alpha", "sequential" },
	    { "hoeffding", "sequential" },
	    { "empbern", "sequential" },
	    { "empbern_lower_one_sided", "sequential" },
	    { "wor_N", "sequential" },
	    { "empbern_lower_one_sided_wor", "sequential" },
	    { "betting_mart_m0.5", "sequential" },
	    { "betting_mart_m0.8", "sequential" },
	    { "betting_mart_m0.9", "sequential" },
	    { "betting_mart_m0.95", "sequential" } } },
	{ "distributions.json",
	  { { "generator", NULL },
	    { "norm_ppf", "special" },
	    { "norm_cdf", "special" },
	    { "beta_ppf", "special" },
	    { "beta_cdf", "special" },
	    { "t_ppf", "special" },
	    { "t_cdf", "special" },
	    { "chi2_ppf", "oracle" },
	    { "binom_cdf", "special" },
	    { "lgamma", "special" } } },
	{ "multiple-tests.json",
	  { { "generator", NULL },
	    { "cases", "multiple" },
	    { "p", "multiple" },
	    { "holm", "multiple" },
	    { "bonferroni", "multiple" },
	    { "fdr_bh", "multiple" },
	    { "simes-hochberg", "multiple" },
	    { "holm-sidak", "oracle" } } },
	{ "paired-binary.json",
	  { { "generator", NULL },
	    { "note", NULL },
	    { "cases", "paired" },
	    { "both_right", "oracle" },
	    { "both_wrong", "oracle" },
	    { "new_only_right", "paired" },
	    { "old_only_right", "paired" },
	    { "n", "paired" },
	    { "diff", "paired" },
	    { "mcnemar_exact_two_sided", "paired" },
	    { "mcnemar_exact_new_worse_one_sided", "paired" },
	    { "mcnemar_midp_two_sided", "paired" },
	    { "mcnemar_asymptotic", "oracle" },
	    { "mcnemar_cc", "oracle" },
	    { "bonett_price_ci95", "oracle" },
	    { "tango_ci95", "paired" },
	    { "tango_noninferior_margin_0.02", "paired" },
	    { "tango_noninferior_margin_0.05", "paired" },
	    { "tango_noninferior_margin_0.1", "paired" } } },
	{ "pass-at-k.json",
	  { { "note", NULL },
	    { "cases", "quantile" },
	    { "n", "quantile" },
	    { "c", "quantile" },
	    { "k", "quantile" },
	    { "pass_at_k", "quantile" },
	    { "pass_hat_k", "quantile" } } },
	{ "power.json",
	  { { "delta", "power" },
	    { "omega2", "power" },
	    { "sigmaA2", "power" },
	    { "sigmaB2", "power" },
	    { "K", "power" },
	    { "alpha", "power" },
	    { "power", "power" },
	    { "n", "power" },
	    { "zero_failures_n", "power" },
	    { "upper95", "power" },
	    { "rule_of_three", "power" } } },
	{ "ppi-mean.json",
	  { { "note", NULL },
	    { "cases", "multiple" },
	    { "judge_unlabelled", "multiple" },
	    { "judge_labelled", "multiple" },
	    { "human", "multiple" },
	    { "theta", "multiple" },
	    { "se", "multiple" },
	    { "ci95", "multiple" },
	    { "classical", "oracle" } } },
	{ "proportion-ci.json",
	  { { "generator", NULL },
	    { "cases", "proportion" },
	    { "x", "proportion" },
	    { "n", "proportion" },
	    { "alpha", "proportion" },
	    { "wilson", "proportion" },
	    { "clopper_pearson", "proportion" },
	    { "jeffreys", "oracle" },
	    { "agresti_coull", "oracle" },
	    { "wald", "oracle" },
	    { "cp_lower_one_sided", "proportion" },
	    { "cp_upper_one_sided", "proportion" },
	    { "wilson_lower_one_sided", "oracle" },
	    { "wilson_upper_one_sided", "oracle" },
	    { "binom_p_ge_0.95_less", "proportion" },
	    { "binom_p_ge_0.95_greater", "proportion" } } },
	{ "quantile-order-ci.json",
	  { { "generator", NULL },
	    { "note", NULL },
	    { "cases", "quantile" },
	    { "n", "quantile" },
	    { "p", "quantile" },
	    { "conf0.9", "quantile" },
	    { "conf0.95", "quantile" },
	    { "upper_one_sided_rank", "quantile" },
	    { "lower_one_sided_rank", "quantile" },
	    { "two_sided_ranks", "oracle" },
	    { "estimators", "quantile" },
	    { "x", "quantile" },
	    { "q", "quantile" },
	    { "linear_type7", "quantile" },
	    { "nearest_rank_type1", "oracle" },
	    { "type6", "oracle" },
	    { "type8", "oracle" } } },
	{ "rogan-gladen.json",
	  { { "p_obs", "agreement" },
	    { "se", "agreement" },
	    { "sp", "agreement" },
	    { "p_true", "agreement" } } },
	{ "sprt.json",
	  { { "p0", "sequential" },
	    { "p1", "sequential" },
	    { "alpha", "sequential" },
	    { "beta", "sequential" },
	    { "upper", "sequential" },
	    { "lower", "sequential" },
	    { "seq", "sequential" },
	    { "llr", "sequential" },
	    { "decision", "sequential" },
	    { "at", "sequential" } } },
	{ "two-proportions.json",
	  { { "generator", NULL },
	    { "note", NULL },
	    { "cases", "unpaired" },
	    { "x1", "unpaired" },
	    { "n1", "unpaired" },
	    { "x2", "unpaired" },
	    { "n2", "unpaired" },
	    { "ci95_newcomb", "unpaired" },
	    { "ci95_agresti-caffo", "oracle" },
	    { "ci95_wald", "oracle" },
	    { "ci95_score", "oracle" },
	    { "noninferior_score_margin_0", "unpaired" },
	    { "noninferior_score_margin_0.02", "unpaired" },
	    { "noninferior_score_margin_0.05", "unpaired" },
	    { "noninferior_score_margin_0.1", "unpaired" } } },
};

/* A key that is put together from a stem and a margin is looked for by its stem. */
static bool is_read(const char *member, const char *test)
{
	static char text[1 << 17];
	char path[100], quoted[100];
	snprintf(path, sizeof(path), "test/unit/%s_test.c", test);
	FILE *f = fopen(path, "re");
	if (!f)
		return false;
	text[fread(text, 1, sizeof(text) - 1, f)] = 0;
	fclose(f);
	const char *margin = strstr(member, "_margin_");
	snprintf(quoted, sizeof(quoted), margin ? "\"%.*s_margin_%%g\"" : "\"%.*s\"",
		 (int)(margin ? margin - member : (ptrdiff_t)strlen(member)), member);
	return strstr(text, quoted) != NULL;
}

static const struct entry *entry_of(const struct page *p, const char *member)
{
	for (const struct entry *e = p->entry; e->member; e++)
		if (strcmp(e->member, member) == 0)
			return e;
	return NULL;
}

static size_t members(const struct page *p, const json_t *v)
{
	size_t i, n = 0;
	const char *key;
	json_t *sub;
	if (json_is_array(v))
		json_array_foreach(v, i, sub) n += members(p, sub);
	if (json_is_object(v))
		json_object_foreach((json_t *)v, key, sub)
		{
			if (!entry_of(p, key))
				fail_msg("%s has '%s', which no test reads", p->file, key);
			n += 1 + members(p, sub);
		}
	return n;
}

static void every_member_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ledger); i++) {
		char path[100];
		snprintf(path, sizeof(path), VECTORS "%s", ledger[i].file);
		json_t *doc = vectors(path);
		for (const struct entry *e = ledger[i].entry; e->member; e++)
			if (e->test && !is_read(e->member, e->test))
				fail_msg("%s: %s_test.c does not read '%s'", ledger[i].file,
					 e->test, e->member);
		print_message("%s: %zu members\n", ledger[i].file, members(&ledger[i], doc));
		json_decref(doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agreement),	   cmocka_unit_test(clustered),
		cmocka_unit_test(chi_squared),	   cmocka_unit_test(holm_sidak),
		cmocka_unit_test(labels_alone),	   cmocka_unit_test(pairs),
		cmocka_unit_test(one_proportion),  cmocka_unit_test(order_statistics),
		cmocka_unit_test(two_proportions), cmocka_unit_test(every_member_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
