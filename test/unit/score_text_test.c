/* Scorers of plain text: equals, contains and kin, numeric. */
#include "scoretest.h"

#include "score/textnum.h"

static void equals(void **state)
{
	(void)state;
	EXPECT(1, "equals", "{'expected':'a b'}", "a b");
	EXPECT(0, "equals", "{'expected':'a b'}", "a b ");
	EXPECT(1, "equals", "{'value':'a b','trim':true}", " a b\n");
	EXPECT(0, "equals", "{'value':'Paris'}", "paris");
	EXPECT(1, "equals", "{'value':'Paris','ignore_case':true}", "paRIS");
	EXPECT(1, "equals", "{'value':''}", "");
	EXPECT(1, "equals", "{'value':{'a':[1,{'b':null}],'c':2}}", "{\"c\":2.0, \"a\":[1,{\"b\":null}]}");
	EXPECT(0, "equals", "{'value':{'a':1}}", "{\"a\":1,\"b\":2}");
	EXPECT(0, "equals", "{'value':{'a':1}}", "a: 1");
	EXPECT(1, "equals", "{'value':42}", "42");
	EXPECT(0, "equals", "{'value':42}", "\"42\"");
	EXPECT(0, "equals", "{'value':9007199254740993}", "9007199254740992");
	EXPECT(0, "equals", "{'value':true}", "false");
	EXPECT(-1, "equals", "{}", "false");
}

static void contains(void **state)
{
	(void)state;
	EXPECT(1, "contains", "{'value':'30 days'}", "within 30 days.");
	EXPECT(0, "contains", "{'value':'30 Days'}", "within 30 days.");
	EXPECT(1, "contains", "{'value':12.5}", "it is 12.5 %");
	EXPECT(-1, "contains", "{'value':''}", "anything");
	EXPECT(1, "icontains", "{'value':'30 Days'}", "WITHIN 30 DAYS.");
	EXPECT(1, "icontains", "{'value':'STRASSE'}", "In der Straße");
	EXPECT(1, "icontains", "{'value':'ÄRGER'}", "ärger \xff");
	EXPECT(0, "icontains", "{'value':'refund'}", "");
	EXPECT(1, "contains-all", "{'values':['a','b']}", "b a");
	EXPECT(0, "contains-all", "{'values':['a','b','c']}", "b a");
	EXPECT(1, "contains-all", "{'value':'a, \\\"b,c\\\"'}", "b,c and a");
	EXPECT(0, "contains-all", "{'value':'a, \\\"b,c\\\"'}", "b and a");
	EXPECT(-1, "contains-all", "{'value':'a,,b'}", "ab");
	EXPECT(-1, "contains-any", "{'values':[]}", "ab");
	EXPECT(-1, "contains-any", "{'values':['a','']}", "zz");
	EXPECT(1, "contains-any", "{'values':['z','b']}", "b a");
	EXPECT(0, "contains-any", "{'values':['x','y']}", "b a");
	EXPECT(1, "icontains-any", "{'values':['X','B']}", "b a");
	EXPECT(0, "icontains-all", "{'values':['X','B']}", "b a");
	EXPECT(1, "starts-with", "{'value':'Yes'}", "Yes, it is");
	EXPECT(0, "starts-with", "{'value':'Yes'}", " Yes, it is");
}

static void hostile_text_stays_on_one_line(void **state)
{
	(void)state;
	const char *why;
	st_score("equals", "{'value':'x'}", STR("a\x1b[31m\n::error::boo\xe2\x80\xae"), &why);
	assert_string_equal(why, "expected 'x', found 'a [31m ::error::boo '");
}

static void numbers_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		double last;
	} cases[] = {
		{ "A: 1,234", 1234 }, { "1,234,567.89", 1234567.89 }, { "$1,000.", 1000 },
		{ "-$5", -5 }, { "$-5", -5 }, { "\xe2\x88\x92" "3", -3 }, { "16-3", 3 },
		{ "16 - 3", 3 }, { "x = -3", -3 }, { "(-3)", -3 }, { "1.2e5", 120000 }, { "1.2 × 10^5", 120000 },
		{ "3\\times 10^{-2}", 0.03 }, { "3/4", 0.75 }, { "1 1/2", 1.5 }, { "-3/4", -0.75 },
		{ "\\frac{3}{4}", 0.75 }, { "\\boxed{42}", 42 }, { "50%", 50 }, { ".5", 0.5 },
		{ "5 apples and 3kg", 3 }, { "7 then H2O", 7 }, { "8, v1.2.3", 8 },
		{ "1, 2, 3", 3 }, { "1,2,3", 3 }, { "12,34,567", 1234567 }, { "1\xc2\xa0" "234", 1234 },
		{ "€3", 3 }, { "10:30", 30 }, { "1{,}500", 1500 }, { "+7", 7 }, { "0.0", 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct textnum t;
		if (!textnum_last(str_c(cases[i].text), '.', &t))
			fail_msg("no number in '%s'", cases[i].text);
		if (fabs(t.value - cases[i].last) > 1e-12 * fabs(cases[i].last))
			fail_msg("'%s': expected %g, got %g", cases[i].text, cases[i].last, t.value);
	}
	struct textnum t;
	assert_false(textnum_last(STR("none, H2O, v1.2.3"), '.', &t));
	assert_true(textnum_last(STR("1.234,5"), ',', &t));
	assert_true(t.value == 1234.5);
}

static void numeric(void **state)
{
	(void)state;
	EXPECT(1, "numeric", "{'expected':42}", "so it is 42.");
	EXPECT(1, "numeric", "{'expected':'42'}", "so it is 42.00 dollars");
	EXPECT(0, "numeric", "{'expected':42}", "42 or 43");
	EXPECT(1, "numeric", "{'expected':42,'pick':'first'}", "42 or 43");
	EXPECT(0, "numeric", "{'expected':42}", "forty-two");
	EXPECT(1, "numeric", "{'expected':42,'marker':'####'}", "1 2 #### 42 (not 43)");
	EXPECT(0, "numeric", "{'expected':42,'marker':'####'}", "it is 42");
	EXPECT(1, "numeric", "{'expected':3.14,'tolerance':0.01}", "3.15");
	EXPECT(0, "numeric", "{'expected':3.14,'tolerance':0.01}", "3.1501");
	EXPECT(1, "numeric", "{'expected':200,'relative':0.05}", "210");
	EXPECT(0, "numeric", "{'expected':200,'relative':0.05}", "210.5");
	EXPECT(0, "numeric", "{'expected':9007199254740993}", "9007199254740992");
	EXPECT(1, "numeric", "{'expected':'9007199254740993'}", "9,007,199,254,740,993");
	EXPECT(1, "numeric", "{'value':0.5}", "1/2");
	EXPECT(-1, "numeric", "{'expected':'many'}", "1");
	EXPECT(-1, "numeric", "{'expected':''}", "1");
	EXPECT(1, "numeric", "{'expected':'2+2=<<2+2=4>>4\\nA: 4'}", "A: 4");
	EXPECT(1, "numeric", "{'expected':1234.5,'decimal':','}", "1.234,5");
}

/* The publishers' own judgement of four systems on GSM8K's test set. */
static void numeric_agrees_with_gsm8k(void **state)
{
	(void)state;
	static const char *const systems[] = { "6b_finetuning", "6b_verification",
					       "175b_finetuning", "175b_verification" };
	static const unsigned right[] = { 286, 515, 458, 742 };
	unsigned got[4] = { 0 }, rows = 0, differ = 0;
	struct arena file = ARENA_INIT, a = ARENA_INIT;
	struct str text = st_file("../shared/data/gsm8k/example_model_solutions.jsonl", &file), line;
	for (; str_line(&text, &line); rows++) {
		json_t *row = arena_json(&a, json_loadb(line.p, line.n, 0, NULL));
		for (int i = 0; i < 4; i++) {
			const json_t *sys = json_object_get(row, systems[i]);
			json_t *config = arena_json(&a, json_object());
			json_object_set(config, "expected", json_object_get(row, "ground_truth"));
			struct evidence ev = { .arena = &a, .config = config,
					       .answer = json_get_str(sys, "solution") };
			struct score s;
			struct err err = ERR_INIT;
			assert_int_equal(st_run_ev(&ev, "numeric", &s, &err), STEP_DONE);
			got[i] += s.value == 1;
			bool want = json_is_true(json_object_get(sys, "is_correct"));
			if (want != (s.value == 1) && ++differ < 20)
				print_message("# row %u %s: %.*s | %.*s\n", rows, systems[i],
					      STR_ARGS(s.reason),
					      STR_ARGS(str_sub(ev.answer, ev.answer.n > 40 ? ev.answer.n - 40 : 0, ev.answer.n)));
		}
		arena_rewind(&a, (struct arena_mark){ .top = NULL });
	}
	assert_int_equal(rows, 1319);
	assert_int_equal(differ, 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(got[i], right[i]);
	arena_release(&a);
	arena_release(&file);
}

static void negation_turns_value_and_good_side(void **state)
{
	(void)state;
	struct score_traits t = { .kind = METRIC_BINARY, .direction = LOWER_IS_BETTER, .cut = 0.5 };
	struct score s = { .value = 1 };
	struct err err = ERR_INIT;
	assert_false(score_is_good(&t, 1));
	score_negate_traits(&t);
	assert_int_equal(score_finish(&s, scorer_find(STR("contains")), &t, true, &err), 0);
	assert_true(s.value == 0);
	assert_false(score_is_good(&t, 0));
	s.value = NAN;
	assert_int_equal(score_finish(&s, scorer_find(STR("contains")), &t, false, &err), -1);
	s.value = 0.5;
	assert_int_equal(score_finish(&s, scorer_find(STR("contains")), &t, false, &err), -1);
	struct str name = STR("not-contains");
	assert_true(score_cut_not(&name));
	assert_non_null(scorer_find(name));
	assert_true(str_eqc(score_suggest(STR("contians")), "contains"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals),
		cmocka_unit_test(contains),
		cmocka_unit_test(hostile_text_stays_on_one_line),
		cmocka_unit_test(numbers_are_read),
		cmocka_unit_test(numeric),
		cmocka_unit_test(numeric_agrees_with_gsm8k),
		cmocka_unit_test(negation_turns_value_and_good_side),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
