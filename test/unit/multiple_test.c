/* Adjusted p-values against statsmodels', and the prediction-powered mean against its paper's formula. */
#include "stat/multiple.h"
#include "stat/ppi.h"

#include "statvec.h"

enum { MOST = 4000 };

static size_t numbers(double *out, const json_t *list)
{
	size_t n = json_array_size(list);
	assert_true(n <= MOST);
	for (size_t i = 0; i < n; i++)
		out[i] = at(list, i);
	return n;
}

static void agree_with_statsmodels(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		enum multiple how;
	} methods[] = { { "holm", MULTIPLE_HOLM }, { "bonferroni", MULTIPLE_BONFERRONI },
			{ "simes-hochberg", MULTIPLE_HOCHBERG }, { "fdr_bh", MULTIPLE_BH } };
	json_t *doc = vectors(VECTORS "multiple-tests.json"), *c;
	struct arena a = ARENA_INIT;
	double p[64];
	size_t i;
	assert_true(json_array_size(json_object_get(doc, "cases")) > 4);
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		size_t n = numbers(p, json_object_get(c, "p"));
		for (size_t k = 0; k < 4; k++) {
			const double *got = multiple_adjust(methods[k].how, p, n, &a);
			for (size_t j = 0; j < n; j++)
				near(got[j], at(json_object_get(c, methods[k].key), j), 1e-12);
		}
	}
	arena_release(&a);
	json_decref(doc);
}

static void ends(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const double p[] = { (double)NAN, 0.001 };
	const double *got = multiple_adjust(MULTIPLE_HOLM, p, 2, &a);
	assert_true(got[0] == 1);
	near(got[1], 0.002, 1e-15);
	assert_non_null(multiple_adjust(MULTIPLE_BH, p, 0, &a));
	arena_release(&a);
}

static void prediction_powered(void **state)
{
	(void)state;
	json_t *doc = vectors(VECTORS "ppi-mean.json"), *c;
	static double judged[MOST], of_judge[MOST], of_human[MOST];
	size_t i;
	json_array_foreach(json_object_get(doc, "cases"), i, c)
	{
		size_t n = numbers(judged, json_object_get(c, "judge_unlabelled"));
		size_t m = numbers(of_judge, json_object_get(c, "judge_labelled"));
		assert_int_equal(numbers(of_human, json_object_get(c, "human")), m);
		struct bounds b = ppi_mean(judged, n, of_judge, of_human, m, 0.05);
		near(b.estimate, num(c, "theta"), 1e-12);
		near((b.upper - b.lower) / 2, 1.959963984540054 * num(c, "se"), 1e-12);
		near(b.lower, at(json_object_get(c, "ci95"), 0), 1e-12);
	}
	assert_true(i == 2);
	assert_true(isnan(ppi_mean(judged, 0, of_judge, of_human, 1, 0.05).lower));
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agree_with_statsmodels),
		cmocka_unit_test(ends),
		cmocka_unit_test(prediction_powered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
