/* Composites: pass rules, unscored children, judges inside, the CSV mini-syntax; and what must
 * hold of every scorer in the registry. */
#include "scoretest.h"

#include "doc/schema.h"
#include "score/score_assert.h"

#include <unistd.h>

#define HAS(x) "{'type':'contains','value':'" x "'}"
#define LOST "{'type':'cost','max':1}" /* unpriced: cannot be scored */

static void rules(void **state)
{
	(void)state;
	EXPECT(1, "all", "{'of':[" HAS("a") "," HAS("b") "]}", "ab");
	EXPECT(0, "all", "{'of':[" HAS("a") "," HAS("x") "]}", "ab");
	EXPECT(1, "any", "{'of':[" HAS("x") "," HAS("b") "]}", "ab");
	EXPECT(0, "any", "{'of':[" HAS("x") "," HAS("y") "]}", "ab");
	EXPECT(0, "assert", "{'assert':[" HAS("a") "," HAS("x") "]}", "ab");
	EXPECT(1, "assert", "{'assert':[" HAS("a") "," HAS("x") "],'threshold':0.5}", "ab");
	EXPECT(0, "assert", "{'assert':[" HAS("a") "," HAS("x") "],'threshold':0.51}", "ab");
	EXPECT(1, "assert-set", "{'assert':[{'type':'contains','value':'a','weight':3}," HAS("x") "],'threshold':0.75}", "ab");
	EXPECT(1, "assert", "{'assert':[" HAS("a") ",{'type':'contains','value':'x','weight':0}]}", "ab");
	EXPECT(1, "all", "{'of':[{'type':'not-contains','value':'x'}]}", "ab");
	EXPECT(0, "all", "{'of':[{'type':'not-contains','value':'a'}]}", "ab");
	EXPECT(1, "all", "{'of':[{'scorer':'any','of':[" HAS("x") "," HAS("a") "]}]}", "ab");
	EXPECT(1, "all", "{'of':[{'type':'token-f1','value':'x y','threshold':0.5}]}", "b c d y x");
	EXPECT(0, "all", "{'of':[{'type':'token-f1','value':'x y','threshold':0.6}]}", "b c d y x");
}

/* Fail closed: a child that cannot score decides nothing, and nothing is decided over it. */
static void lost_children(void **state)
{
	(void)state;
	EXPECT(-1, "all", "{'of':[" HAS("a") "," LOST "]}", "ab");
	EXPECT(0, "all", "{'of':[" HAS("x") "," LOST "]}", "ab");
	EXPECT(1, "any", "{'of':[" HAS("a") "," LOST "]}", "ab");
	EXPECT(-1, "any", "{'of':[" HAS("x") "," LOST "]}", "ab");
	EXPECT(-1, "assert", "{'assert':[" HAS("a") "," LOST "]}", "ab");
	EXPECT(1, "assert", "{'assert':[" HAS("a") "," LOST "],'threshold':0.5}", "ab");
	EXPECT(-1, "assert", "{'assert':[" HAS("a") "," LOST "],'threshold':0.6}", "ab");
	EXPECT(0, "assert", "{'assert':[" HAS("x") "," LOST "],'threshold':0.6}", "ab");
	EXPECT(-1, "all", "{'of':[{'type':'not-cost','max':1}]}", "ab");
	EXPECT(1, "all", "{'of':[" HAS("a") ",{'type':'cost','max':1,'weight':0}]}", "ab");
	EXPECT(-1, "all", "{'of':[{'type':'any','of':[" HAS("x") "," LOST "]}]}", "ab");
}

static void bad_lists(void **state)
{
	(void)state;
	const char *why;
	EXPECT(-1, "all", "{'of':[]}", "");
	EXPECT(-1, "all", "{'of':[5]}", "");
	EXPECT(-1, "all", "{'of':[{'type':'contains'}]}", "");
	EXPECT(-1, "all", "{'of':[{'type':'contains','value':'a','vaule':1}]}", "");
	EXPECT(-1, "all", "{'of':[{'type':'contains','value':'a','weight':0}]}", "a");
	EXPECT(-1, "all", "{'of':[{'type':'contains','value':'a','weight':-1}]}", "a");
	EXPECT(-1, "assert", "{'assert':[" HAS("x") "],'threshold':0}", "a");
	st_score("all", "{'of':[{'type':'contians','value':'a'}]}", STR(""), &why);
	assert_string_equal(why, "assertion 1: assertion type 'contians' is unknown, did you mean 'contains'");
}

static void a_judge_inside_is_asked_only_when_it_matters(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const struct endpoint judge = { .name = "j" };
	static const struct {
		const char *answer, *reply;
		int first;
		double value;
	} cases[] = {
		{ "a", "{\"pass\":true,\"score\":1,\"reason\":\"ok\"}", STEP_ASK, 1 },
		{ "a", "{\"pass\":false,\"score\":0,\"reason\":\"no\"}", STEP_ASK, 0 },
		{ "a", "{}", STEP_ASK, -1 },
		{ "x", NULL, STEP_DONE, 0 },
	};
	const json_t *config = st_json(&a, "{'of':[" HAS("a") ",{'type':'llm-rubric','value':'good?'},"
				       "{'type':'judge','rubric':'kind?','votes':1}]}");
	const struct scorer_ops *ops = scorer_find(STR("all"));
	assert_true(score_needs(ops, config) & NEEDS_JUDGE);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct evidence ev = { .arena = &a, .config = config, .judge = &judge,
				       .answer = str_c(cases[i].answer), .case_id = STR("c") };
		struct ask ask = { .arena = &a };
		struct score s;
		struct err err = ERR_INIT;
		void *st = arena_alloc(&a, ops->state_size);
		assert_int_equal(ops->prepare(&ev.prepared, config, &a, &err), 0);
		int rc = ops->step(st, &ev, &ask, &s, &err);
		assert_int_equal(rc, cases[i].first);
		if (rc == STEP_ASK) {
			assert_int_equal(ask.item.n, 2);
			struct reply *r = arena_array(&a, struct reply, 2);
			for (int k = 0; k < 2; k++) {
				reply_init(&r[k], &a);
				buf_adds(&r[k].text, cases[i].reply);
			}
			ev.answers = r;
			ev.nanswer = 2;
			struct ask next = { .arena = &a };
			rc = ops->step(st, &ev, &next, &s, &err);
		}
		assert_true((rc < 0 ? -1 : s.value) == cases[i].value);
	}
	arena_release(&a);
}

static void csv_cells(void **state)
{
	(void)state;
	static const struct {
		const char *cell, *want; /* NULL: an error */
	} cases[] = {
		{ "Paris", "{'type':'equals','value':'Paris'}" },
		{ "contains:Paris", "{'type':'contains','value':'Paris'}" },
		{ "not-icontains: sorry", "{'type':'not-icontains','value':'sorry'}" },
		{ "levenshtein(2):kitten", "{'type':'levenshtein','threshold':2,'value':'kitten'}" },
		{ "latency(800)", "{'type':'latency','threshold':800}" },
		{ "is-refusal", "{'type':'is-refusal'}" },
		{ "any", "{'type':'equals','value':'any'}" },
		{ "grade: is polite", "{'type':'grade','value':'is polite'}" },
		{ "10:30", "{'type':'equals','value':'10:30'}" },
		{ "Answer: 5", "{'type':'equals','value':'Answer: 5'}" },
		{ "contains-any:a,b", "{'type':'contains-any','value':'a,b'}" },
		{ "contians:Paris", NULL },
		{ "fn:output.length", NULL },
		{ "python:x.py", NULL },
		{ "levenshtein(two):kitten", NULL },
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		const json_t *got = score_assert_from_text(str_c(cases[i].cell), &a, &err);
		if (!got != !cases[i].want)
			fail_msg("'%s': %s", cases[i].cell, got ? "was taken" : err.msg);
		if (got && !json_equal(got, st_json(&a, cases[i].want)))
			fail_msg("'%s' became something else", cases[i].cell);
	}
	arena_release(&a);
}

static void every_scorer_is_whole(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const struct scorer_ops *const *all = scorer_all();
	for (size_t i = 0; all[i]; i++) {
		const struct scorer_ops *o = all[i];
		struct err err = ERR_INIT;
		struct schema *schema;
		assert_ptr_equal(scorer_find(str_c(o->name)), o);
		assert_true(strlen(o->help) > 10);
		assert_non_null(o->step);
		assert_non_null(o->traits.unit);
		json_t *text = json_loads(o->schema, JSON_REJECT_DUPLICATES, NULL);
		if (!text)
			fail_msg("schema of %s is no JSON", o->name);
		arena_json(&a, text);
		if (schema_compile(&schema, text, NULL, &a, &err) < 0)
			fail_msg("schema of %s: %s", o->name, err.msg);
		const json_t *unknown = st_json(&a, "{'no-such-key':1}");
		if (schema_valid(schema, unknown, NULL, &a))
			fail_msg("schema of %s takes unknown keys", o->name);
		assert_int_equal(score_check_config(o, unknown, &a, &err), -1);
		char path[128];
		snprintf(path, sizeof(path), "docs/scorers/%s.md", o->name);
		if (access(path, R_OK) != 0)
			fail_msg("no page %s", path);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),
		cmocka_unit_test(lost_children),
		cmocka_unit_test(bad_lists),
		cmocka_unit_test(a_judge_inside_is_asked_only_when_it_matters),
		cmocka_unit_test(csv_cells),
		cmocka_unit_test(every_scorer_is_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
