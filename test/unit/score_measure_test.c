/* Scorers against published vectors: Levenshtein, SQuAD; and the small ones. */
#include "scoretest.h"

#include "score/editdist.h"
#include "score/squad.h"
#include "score/textfold.h"

static const json_t *load(const char *path, struct arena *a)
{
	struct str text = st_file(path, a);
	const json_t *j = arena_json(a, json_loadb(text.p, text.n, 0, NULL));
	return json_is_array(j) ? j : json_object_get(j, "cases");
}

static void squad_vectors(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const json_t *cases = load("../shared/vectors/text-metrics/squad.json", &a);
	assert_true(json_array_size(cases) > 5);
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *c = json_array_get(cases, i);
		struct squad p, g;
		squad_normalise(&p, json_get_str(c, "prediction"), &a);
		squad_normalise(&g, json_get_str(c, "gold"), &a);
		assert_true(str_eq(p.text, json_get_str(c, "norm_prediction")));
		assert_true(str_eq(g.text, json_get_str(c, "norm_gold")));
		json_t *config = arena_json(&a, json_object());
		json_object_set(config, "expected", json_object_get(c, "gold"));
		struct evidence ev = { .arena = &a, .config = config,
				       .answer = json_get_str(c, "prediction") };
		struct score s;
		struct err err = ERR_INIT;
		assert_int_equal(st_run_ev(&ev, "exact-match", &s, &err), STEP_DONE);
		assert_true(s.value == json_number_value(json_object_get(c, "em")));
		assert_int_equal(st_run_ev(&ev, "token-f1", &s, &err), STEP_DONE);
		if (fabs(s.value - json_number_value(json_object_get(c, "f1_v2"))) > 1e-12)
			fail_msg("case %zu: f1 %g", i, s.value);
	}
	arena_release(&a);
	EXPECT(1, "exact-match", "{'expected':['no','The Tower!']}", "tower");
	EXPECT(0, "token-f1", "{'expected':'x'}", "");
	EXPECT(-1, "exact-match", "{'expected':[]}", "");
}

static void levenshtein_vectors(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const json_t *cases = load("../shared/vectors/text-metrics/levenshtein.json", &a);
	assert_true(json_array_size(cases) > 5);
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *c = json_array_get(cases, i);
		size_t nx, ny;
		uint32_t *x = textfold_nfc(json_get_str(c, "a"), &nx, &a);
		uint32_t *y = textfold_nfc(json_get_str(c, "b"), &ny, &a);
		size_t want = (size_t)json_integer_value(json_object_get(c, "nfc_distance"));
		assert_int_equal(editdist(x, nx, y, ny, &a), want);
		assert_int_equal(editdist(y, ny, x, nx, &a), want);
	}
	arena_release(&a);
	EXPECT(1, "levenshtein", "{'expected':'kitten'}", "sitting");
	EXPECT(0, "levenshtein", "{'expected':'kitten','threshold':2}", "sitting");
	EXPECT(1 - 3.0 / 7, "levenshtein", "{'expected':'kitten','graded':true}", "sitting");
	EXPECT(0, "levenshtein", "{'expected':''}", "sitting");
	EXPECT(1, "levenshtein", "{'expected':'','graded':true}", "");
	EXPECT(-1, "levenshtein", "{'expected':'x','graded':true,'threshold':5}", "x");
}

/* The plain dynamic programme, for comparison over several blocks. */
static size_t slow(const uint32_t *a, size_t na, const uint32_t *b, size_t nb, size_t *row)
{
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t up = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
			best = up + 1 < best ? up + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			diagonal = up;
			row[j] = best;
		}
	}
	return row[nb];
}

static void bit_parallel_equals_plain(void **state)
{
	(void)state;
	static uint32_t x[400], y[400];
	static size_t row[401];
	uint64_t seed = 1;
	struct arena a = ARENA_INIT;
	for (int round = 0; round < 400; round++) {
		size_t n[2];
		for (int k = 0; k < 2; k++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			n[k] = (seed >> 33) % 400;
		}
		for (int k = 0; k < 2; k++)
			for (size_t i = 0; i < n[k]; i++) {
				seed = seed * 6364136223846793005u + 1442695040888963407u;
				(k ? y : x)[i] = (uint32_t)(seed >> 33) % (round % 2 ? 3 : 20);
			}
		assert_int_equal(editdist(x, n[0], y, n[1], &a), slow(x, n[0], y, n[1], row));
	}
	arena_release(&a);
}

static void words_and_patterns(void **state)
{
	(void)state;
	EXPECT(1, "word-count", "{'value':3}", " one two\nthree ");
	EXPECT(1, "word-count", "{'value':'3'}", "one two three");
	EXPECT(0, "word-count", "{'value':{'min':4}}", "one two three");
	EXPECT(1, "word-count", "{'min':1,'max':3}", "one two three");
	EXPECT(0, "word-count", "{'max':2}", "one two three");
	EXPECT(-1, "word-count", "{'min':0}", "one two three");
	EXPECT(1, "regex", "{'pattern':'^\\\\d{4}$'}", "2024");
	EXPECT(0, "regex", "{'value':'^\\\\d{4}$'}", "20245");
	EXPECT(1, "regex", "{'value':'PARIS','ignore_case':true}", "in Paris");
	EXPECT(-1, "regex", "{'value':'(['}", "in Paris");
	EXPECT(-1, "regex", "{'value':'^(a+)+$'}", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
}

static double operations(const char *name, const char *config, const struct reply *r, double usd)
{
	struct arena a = ARENA_INIT;
	struct evidence ev = { .arena = &a, .config = st_json(&a, config), .reply = r,
			       .cost_usd = usd, .answer = STR("hi") };
	struct score s;
	struct err err = ERR_INIT;
	double value = st_run_ev(&ev, name, &s, &err) < 0 ? -1 : s.value;
	arena_release(&a);
	return value;
}

static void of_the_call(void **state)
{
	(void)state;
	struct reply r = { .finish = FINISH_LENGTH, .time = TIMES_UNKNOWN };
	assert_true(operations("latency", "{'max':800}", &r, 0) == -1);
	r.time.latency = 800000000;
	assert_true(operations("latency", "{'max':800}", &r, 0) == 1);
	assert_true(operations("latency", "{'threshold':799.9}", &r, 0) == 0);
	assert_true(operations("latency", "{}", &r, 0) == -1);
	r.reused = true;
	assert_true(operations("latency", "{'max':800}", &r, 0) == -1);
	assert_true(operations("cost", "{'max':0.01}", &r, NAN) == -1);
	assert_true(operations("cost", "{'max':0.01}", &r, 0.01) == 1);
	assert_true(operations("cost", "{'value':'0.01'}", &r, 0.011) == 0);
	assert_true(operations("finish-reason", "{'value':'length'}", &r, 0) == 1);
	assert_true(operations("finish-reason", "{'value':['stop','tool_calls']}", &r, 0) == 0);
	assert_true(operations("finish-reason", "{'value':'stopp'}", &r, 0) == -1);
	r.finish = FINISH_NONE;
	assert_true(operations("finish-reason", "{'value':'stop'}", &r, 0) == -1);
	r.finish = FINISH_BLOCKED;
	assert_true(operations("is-refusal", "{}", &r, 0) == 1);
}

static void refusals(void **state)
{
	(void)state;
	EXPECT(1, "is-refusal", "{}", "I’m sorry, but I can’t help with that.");
	EXPECT(1, "refusal", "{}", "I cannot assist with this request.");
	EXPECT(1, "is-refusal", "{}", "Es tut mir leid, aber ich kann das nicht.");
	EXPECT(1, "is-refusal", "{}", "抱歉，我无法提供");
	EXPECT(1, "is-refusal", "{}", "  ");
	EXPECT(1, "is-refusal", "{}", "I'm not able to do that. Is there anything else?");
	EXPECT(0, "is-refusal", "{}", "Sorry for the delay! Your refund was sent on Monday.");
	EXPECT(0, "is-refusal", "{}", "You cannot return an item after 30 days.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(squad_vectors),
		cmocka_unit_test(levenshtein_vectors),
		cmocka_unit_test(bit_parallel_equals_plain),
		cmocka_unit_test(words_and_patterns),
		cmocka_unit_test(of_the_call),
		cmocka_unit_test(refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
