/* Percentiles, clusters and pass@k against their vectors. */
#include "base/arena.h"
#include "base/rng.h"
#include "stat/ascending.h"
#include "stat/cluster.h"
#include "stat/passk.h"
#include "stat/quantile.h"

#include "statvec.h"

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void ranks_agree_with_scipy(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		double alpha;
	} conf[] = { { "conf0.9", 0.1 }, { "conf0.95", 0.05 } };
	json_t *doc = vectors(VECTORS "quantile-order-ci.json"), *c;
	size_t i;
	assert_true(json_array_size(json_object_get(doc, "cases")) > 20);
	json_array_foreach(json_object_get(doc, "cases"), i, c) for (int k = 0; k < 2; k++)
	{
		json_t *want = json_object_get(c, conf[k].key);
		int64_t n = (int64_t)num(c, "n");
		double p = num(c, "p");
		json_t *up = json_object_get(want, "upper_one_sided_rank");
		json_t *low = json_object_get(want, "lower_one_sided_rank");
		assert_non_null(up);
		assert_int_equal(quantile_upper_rank(n, p, conf[k].alpha), json_integer_value(up));
		assert_int_equal(quantile_lower_rank(n, p, conf[k].alpha), json_integer_value(low));
	}
	json_decref(doc);
}

static void type_7_agrees_with_numpy(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "quantile-order-ci.json"), *c;
	size_t i;
	assert_true(json_array_size(json_object_get(doc, "estimators")) > 10);
	json_array_foreach(json_object_get(doc, "estimators"), i, c)
	{
		json_t *list = json_object_get(c, "x");
		size_t n = json_array_size(list);
		double x[1000];
		assert_true(n <= 1000);
		for (size_t k = 0; k < n; k++)
			x[k] = at(list, k);
		qsort(x, n, sizeof(x[0]), by_value);
		near(quantile_estimate(x, n, num(c, "q") / 100), num(c, "linear_type7"), 1e-10);
	}
	json_decref(doc);
}

static void least_samples(void **state)
{
	(void)state;
	assert_int_equal(quantile_least_n(0.95, 0.05), 59);
	assert_int_equal(quantile_least_n(0.99, 0.05), 299);
	assert_int_equal(quantile_least_n(0.5, 0.05), 5);
	assert_int_equal(quantile_least_n(1, 0.05), INT64_MAX);
	assert_int_equal(quantile_upper_rank(0, 0.95, 0.05), 0);
	assert_int_equal(quantile_lower_rank(0, 0.95, 0.05), 0);
	/* Ranks of the sample screen: n = 500, 467th to 484th. */
	assert_int_equal(quantile_lower_rank(500, 0.95, 0.05), 467);
	assert_int_equal(quantile_upper_rank(500, 0.95, 0.05), 484);
}

/* `p95 <= b` by the rate test and by the order statistic, with and without unscored samples. */
static void rate_test_is_the_order_statistic(void **state)
{
	(void)state;
	struct rng r = rng_seed(1, STR("quantile"), "same");
	double x[400];
	for (size_t n = 1; n < 400; n += 13)
		for (size_t unscored = 0; unscored < 4; unscored++) {
			for (size_t i = 0; i < n; i++)
				x[i] = -log(1 - rng_unit(&r));
			qsort(x, n, sizeof(x[0]), by_value);
			struct bounds b = quantile_bounds(x, n, unscored, 0.9, 0.05);
			assert_true(b.lower <= b.estimate && b.estimate <= b.upper);
			for (double bar = 0.5; bar < 5; bar += 0.1) {
				int64_t over = 0;
				for (size_t i = 0; i < n; i++)
					over += x[i] > bar;
				int64_t all = (int64_t)(n + unscored),
					bad = over + (int64_t)unscored;
				assert_int_equal(quantile_at_most(bad, all, 0.9, 0.05),
						 b.upper <= bar);
				assert_int_equal(quantile_above(over, all, 0.9, 0.05),
						 b.lower > bar);
			}
		}
	double late[] = { 1, 2, INFINITY, INFINITY };
	assert_true(isinf(quantile_estimate(late, 4, 0.9)) &&
		    isinf(quantile_estimate(late, 4, 0.5)));
	assert_true(quantile_estimate(late, 4, 1.0 / 3) == 2 &&
		    isnan(quantile_estimate(late, 0, 0.5)));
}

static void cluster_means_are_plain_and_orderless(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct rng r = rng_seed(1, STR("cluster"), "order");
	struct cluster_obs o[60], alone[60];
	for (size_t i = 0; i < 60; i++) {
		o[i] = (struct cluster_obs){ 1 + i % 7, rng_unit(&r), 1, i % 5 != 0 };
		alone[i] = (struct cluster_obs){ 900 - i, rng_unit(&r), 1 + rng_unit(&r), true };
	}
	struct cluster_means m = cluster_means(&a, o, 60, 0),
			     same = cluster_means(&a, alone, 60, 0);
	double first = 0;
	for (size_t i = 0; i < 60; i += 7)
		first += o[i].scored ? o[i].value : 0;
	assert_int_equal(m.n, 7);
	assert_int_equal(m.size[0], 9);
	near(m.mean[0], first / 9, 1e-15);
	assert_int_equal(same.n, 60);
	for (size_t i = 0; i < 60; i++)
		assert_true(same.mean[59 - i] == alone[i].value);
	for (size_t i = 59; i > 0; i--) {
		size_t j = rng_below(&r, i + 1);
		struct cluster_obs t = o[i];
		o[i] = o[j];
		o[j] = t;
	}
	struct cluster_means again = cluster_means(&a, o, 60, 0),
			     best = cluster_means(&a, o, 60, 1);
	for (size_t i = 0; i < 7; i++)
		assert_true(again.mean[i] == m.mean[i] && best.mean[i] > m.mean[i]);
	o[3].weight = 0;
	struct cluster_means bad = cluster_means(&a, o, 60, 0);
	assert_true(isnan(bad.mean[o[3].cluster - 1]));
	assert_int_equal(cluster_means(&a, o, 0, 0).n, 0);
	arena_release(&a);
}

/* Any mix of numbers, of many sizes: as qsort has them, to the last bit. */
static void numbers_ascend(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 1, 2, 63, 64, 65, 1000, 5000 };
	static const double odd[] = { 0, -0.0, INFINITY, -INFINITY, 1, -1, 5e-324, -5e-324, 1e308, 0.5 };
	struct rng r = rng_seed(3, STR("ascending"), "mix");
	struct arena a = ARENA_INIT;
	for (int kind = 0; kind < 4; kind++)
		for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
			size_t n = sizes[s];
			double *v = arena_array(&a, double, n + 1), *w = arena_array(&a, double, n + 1);
			for (size_t i = 0; i < n; i++)
				v[i] = kind == 0   ? rng_unit(&r)
				       : kind == 1 ? (double)rng_below(&r, 3) / 2
				       : kind == 2 ? odd[rng_below(&r, ARRAY_LEN(odd))]
						   : (rng_unit(&r) - 0.5) * pow(10, (double)rng_below(&r, 40) - 20);
			memcpy(w, v, n * sizeof(*v));
			qsort(w, n, sizeof(*w), by_value);
			ascending(v, n, &a);
			for (size_t i = 0; i < n; i++)
				assert_true(v[i] == w[i]);
			for (size_t i = 0; i < n; i++) /* sorted already */
				v[i] = w[i];
			ascending(v, n, &a);
			assert_true(!n || !memcmp(v, w, n * sizeof(*v)));
		}
	arena_release(&a);
}

/* Numbers that are no hashes, many in one bucket, many of one number: each group is all of its samples. */
static void groups_hold_who_belongs_together(void **state)
{
	(void)state;
	enum { N = 4000 };
	struct rng r = rng_seed(4, STR("groups"), "mix");
	struct arena a = ARENA_INIT;
	for (int kind = 0; kind < 4; kind++) {
		uint64_t *o = arena_array(&a, uint64_t, N);
		bool *seen = arena_array(&a, bool, N);
		for (size_t i = 0; i < N; i++)
			o[i] = kind == 0   ? i / 2
				       : kind == 1 ? rng_u64(&r)
				       : kind == 2 ? UINT64_MAX - rng_below(&r, 50)
						   : rng_below(&r, 900) << 55 | rng_below(&r, 2);
		struct cluster_groups g = cluster_groups(&a, o, N);
		assert_int_equal(g.from[0], 0);
		assert_int_equal(g.from[g.n], N);
		for (size_t k = 0; k < g.n; k++) {
			uint64_t cluster = o[g.order[g.from[k]]];
			assert_true(g.from[k] < g.from[k + 1]);
			assert_true(!k || cluster > o[g.order[g.from[k - 1]]]);
			for (size_t i = g.from[k]; i < g.from[k + 1]; i++) {
				assert_true(o[g.order[i]] == cluster && !seen[g.order[i]]);
				seen[g.order[i]] = true;
			}
		}
	}
	arena_release(&a);
}

static void cluster_means_agree_with_numpy(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	json_t *doc = vectors(VECTORS "clustered-se.json"), *c, *cluster;
	size_t i, k, cases = 0;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		struct cluster_obs o[2000];
		size_t n = 0, sizes = 0;
		json_array_foreach(json_object_get(c, "clusters"), k,
				   cluster) for (size_t j = 0; j < json_array_size(cluster); j++)
			o[n++] = (struct cluster_obs){ k, at(cluster, j), 1, true };
		struct cluster_means m = cluster_means(&a, o, n, 0);
		double sum = 0;
		for (k = 0; k < m.n; k++) {
			sum += m.mean[k] * (double)m.size[k];
			sizes += m.size[k];
		}
		assert_int_equal(m.n, json_array_size(json_object_get(c, "clusters")));
		assert_int_equal(sizes, num(c, "n"));
		near(sum / (double)n, num(c, "mean"), 1e-12);
		cases++;
	}
	assert_true(cases > 3);
	json_decref(doc);
	arena_release(&a);
}

static void pass_at_k_agrees(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "pass-at-k.json"), *c;
	size_t i;
	assert_true(json_array_size(json_object_get(doc, "cases")) > 50);
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		int64_t n = (int64_t)num(c, "n"), right = (int64_t)num(c, "c"),
			k = (int64_t)num(c, "k");
		near(passk_any(n, right, k), num(c, "pass_at_k"), 1e-12);
		near(passk_all(n, right, k), num(c, "pass_hat_k"), 1e-12);
	}
	assert_true(isnan(passk_any(3, 1, 4)) && isnan(passk_all(3, 4, 1)) &&
		    isnan(passk_all(3, 1, 0)));
	near(passk_all(1000000, 999999, 1000), 0.999, 1e-12);
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks_agree_with_scipy),
		cmocka_unit_test(type_7_agrees_with_numpy),
		cmocka_unit_test(least_samples),
		cmocka_unit_test(rate_test_is_the_order_statistic),
		cmocka_unit_test(cluster_means_are_plain_and_orderless),
		cmocka_unit_test(numbers_ascend),
		cmocka_unit_test(groups_hold_who_belongs_together),
		cmocka_unit_test(cluster_means_agree_with_numpy),
		cmocka_unit_test(pass_at_k_agrees),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
