/* Scorers of tool use, with values worked out by hand. */
#include "scoretest.h"

static const char *why;

/* Score of `calls` (a trajectory of {n: NAME, a: ARGUMENTS} as 'name' or ['name', {…}]); NULL: none told. */
static double on(const char *name, const char *config, const char *calls, bool traced, const char *finish_raw)
{
	static char text[1024];
	struct arena a = ARENA_INIT;
	struct reply *r = arena_new(&a, struct reply);
	reply_init(r, &a);
	r->finish = FINISH_STOP;
	r->finish_raw = str_c(finish_raw);
	if (calls) {
		json_t *list = arena_json(&a, json_array());
		const json_t *in = st_json(&a, calls);
		for (size_t i = 0; i < json_array_size(in); i++) {
			json_t *x = json_array_get(in, i), *o = json_pack("{ss}", "kind", "tool");
			json_object_set(o, "name", json_is_array(x) ? json_array_get(x, 0) : x);
			if (json_is_array(x))
				json_object_set(o, "arguments", json_array_get(x, 1));
			json_array_append_new(list, o);
		}
		r->trajectory = list;
	}
	struct evidence ev = { .reply = r, .arena = &a, .config = st_json(&a, config), .traced = traced,
			       .tools = st_json(&a, "[{'name':'get','parameters':{'type':'object','required':['id'],"
						    "'properties':{'id':{'type':'integer'}}}},{'name':'free'}]") };
	struct score s;
	struct err err = ERR_INIT;
	if (score_check_config(scorer_find(str_c(name)), ev.config, &a, &err) < 0)
		fail_msg("%s %s: %s", name, config, err.msg);
	int rc = st_run_ev(&ev, name, &s, &err);
	if (rc < 0)
		snprintf(text, sizeof(text), "%s", err.msg);
	else
		snprintf(text, sizeof(text), "%.*s", STR_ARGS(s.reason));
	why = text;
	arena_release(&a);
	return rc < 0 ? -1 : s.value;
}

static const char *said(const char *calls)
{
	return calls ? calls : "nothing";
}

#define IS(want, name, config, calls)                                                              \
	do {                                                                                       \
		double got_ = on(name, config, calls, false, NULL);                                \
		if (fabs(got_ - (want)) > 1e-9)                                                    \
			fail_msg("%s %s on %s: expected %g, got %g: %s", name, config,              \
				 said(calls), (double)(want), got_, why);            \
	} while (0)

static void f1(void **state)
{
	(void)state;
	IS(1, "tool-call-f1", "{'expected':['a','b']}", "['b','a','a']");
	IS(2.0 / 3, "tool-call-f1", "{'expected':['a','b']}", "['a']");	    /* p 1, r 1/2 */
	IS(0.8, "tool-call-f1", "{'value':'a, b'}", "['a','b','c']");	    /* p 2/3, r 1 */
	IS(0.5, "tool-call-f1", "{'value':[{'name':'a'},'b']}", "['a','c']"); /* p 1/2, r 1/2 */
	IS(0, "tool-call-f1", "{'expected':['a']}", "[]");
	IS(0, "tool-call-f1", "{'expected':[]}", "['a']");
	IS(1, "tool-call-f1", "{'expected':[]}", "[]");
	IS(-1, "tool-call-f1", "{'expected':''}", "['a']");
	IS(-1, "tool-call-f1", "{'expected':['a']}", NULL);
	assert_non_null(strstr(why, "trajectory is unknown"));
	/* A model that reports its calls and made none. */
	assert_true(on("tool-call-f1", "{'expected':['a']}", NULL, true, NULL) == 0);
}

static void arguments(void **state)
{
	(void)state;
	const char *calls = "[['get',{'id':1,'deep':{'x':2,'y':3}}],['get',{'id':2}]]";
	IS(1, "tool-args", "{'expected':{'name':'get','arguments':{'id':1.0}}}", calls);
	IS(1, "tool-args", "{'expected':{'name':'get','arguments':{'deep':{'x':2}}}}", calls);
	IS(0, "tool-args", "{'expected':{'name':'get','arguments':{'id':1}},'match':'exact'}", calls);
	IS(1, "tool-args", "{'value':{'pattern':'g*','args':{'id':2},'mode':'exact'}}", calls);
	IS(0.5, "tool-args", "{'expected':[{'name':'get','arguments':{'id':2}},{'name':'get','arguments':{'id':3}}]}", calls);
	/* The first wanted call fits both; it has to leave the second to the other. */
	IS(1, "tool-args", "{'expected':[{'name':'get','arguments':{}},{'name':'get','arguments':{'id':1}}]}", calls);
	IS(1.0 / 2, "tool-args", "{'expected':[{'name':'get','arguments':{'id':2}},{'name':'get','arguments':{'id':2}}]}", calls);
	IS(1, "tool-args", "{'expected':{'name':'free','arguments':{}},'match':'exact'}", "['free']");
	IS(1, "tool-args", "{'expected':{'name':'s','arguments':{'id':1}}}", "[['s','{\\'id\\': 1}']]");
	IS(0, "tool-args", "{'expected':{'name':'s','arguments':{'id':1}}}", "[['s','{ not']]");
	IS(-1, "tool-args", "{'expected':['get']}", calls);
	IS(-1, "tool-args", "{'expected':[]}", calls);
}

static void used(void **state)
{
	(void)state;
	IS(1, "tool-used", "{'expected':'a'}", "['b','a']");
	IS(0, "tool-used", "{'expected':'a'}", "['A']");
	IS(1, "tool-used", "{'value':{'pattern':'sea*','min':2}}", "['search','b','seal']");
	IS(0, "tool-used", "{'value':{'pattern':'sea*','max':1}}", "['search','b','seal']");
	IS(1, "tool-used", "{'expected':'a','max':0}", "['b']");
	IS(0, "tool-used", "{'expected':'a','max':0}", "['a']");
	IS(-1, "tool-used", "{'expected':'a','min':2,'max':1}", "['a']");
	IS(-1, "tool-used", "{'expected':'a','min':0}", "['a']");
	IS(-1, "tool-used", "{'value':{'min':1}}", "['a']");
}

static void order(void **state)
{
	(void)state;
	const char *abc = "['a','x','b','a']";
	IS(1, "trajectory", "{'expected':['a','b']}", abc);
	IS(1, "trajectory", "{'expected':['a','b','a']}", abc);
	IS(0, "trajectory", "{'expected':['b','a','a']}", abc);
	IS(0, "trajectory", "{'expected':['a','b'],'match':'exact'}", abc);
	IS(1, "trajectory", "{'expected':['a','?','b','a'],'match':'exact'}", abc);
	IS(0, "trajectory", "{'expected':['a','x','b','a','a'],'match':'exact'}", abc);
	IS(1, "trajectory", "{'expected':['b','a'],'match':'any-order'}", abc);
	IS(0, "trajectory", "{'expected':['b','b'],'match':'any-order'}", abc);
	IS(1, "trajectory", "{'expected':['b','a','a','x','y'],'match':'subset'}", abc);
	IS(0, "trajectory", "{'expected':['b','a','x'],'match':'subset'}", abc);
	IS(1, "trajectory", "{'expected':[],'match':'exact'}", "[]");
	IS(0, "trajectory", "{'expected':[],'match':'exact'}", "['a']");
	IS(1, "trajectory", "{'expected':[],'match':'subset'}", "[]");
	IS(-1, "trajectory", "{'expected':[]}", "[]");
	IS(1, "trajectory:tool-sequence", "{'value':{'mode':'exact','steps':['a',{'name':'b','args':{'i':1}}]}}", "['a',['b',{'i':1,'j':2}]]");
	IS(0, "trajectory:tool-sequence", "{'value':{'mode':'exact','steps':['a','b']}}", abc);
	IS(-1, "trajectory", "{'expected':{'mode':'exact','steps':['a']},'match':'exact'}", "['a']");
}

static void counts(void **state)
{
	(void)state;
	IS(3, "step-count", "{}", "['a','b','a']");
	IS(2, "step-count", "{'tool':'a'}", "['a','b','a']");
	IS(1, "step-count", "{'max':3}", "['a','b','a']");
	IS(0, "step-count", "{'max':2}", "['a','b','a']");
	IS(0, "step-count", "{'min':4}", "['a','b','a']");
	IS(1, "trajectory:step-count", "{'value':{'type':'tool','pattern':'b*','min':1,'max':1}}", "['a','b','a']");
	IS(0, "step-count", "{'kind':'model'}", "['a']");
	IS(-1, "step-count", "{'kind':'model'}", NULL);
	assert_true(on("step-count", "{'kind':'model'}", NULL, true, NULL) == 1);
	IS(-1, "step-count", "{'min':2,'max':1}", "[]");
	IS(-1, "step-count", "{'min':0}", "[]");
	struct score_traits t;
	struct arena a = ARENA_INIT;
	score_traits_of(&t, scorer_find(STR("step-count")), st_json(&a, "{}"), false);
	assert_int_equal(t.kind, METRIC_VALUE);
	score_traits_of(&t, scorer_find(STR("step-count")), st_json(&a, "{'max':1}"), false);
	assert_int_equal(t.kind, METRIC_BINARY);
	arena_release(&a);
}

static void loops(void **state)
{
	(void)state;
	IS(1, "loop", "{}", "['x','a','a','a']");
	IS(0, "loop", "{}", "['a','a','b','a']");
	IS(0, "loop", "{}", "[['a',{'i':1}],['a',{'i':2}],['a',{'i':3}]]");
	IS(1, "loop", "{}", "['a','b','a','b','a','b']");
	IS(0, "loop", "{}", "['a','b','a','b','a']");
	IS(1, "loop", "{'times':2}", "['a','b','a','b']");
	IS(0, "loop", "{'period':1}", "['a','b','a','b','a','b']");
	IS(1, "loop", "{}", "['s','a','b','c','a','b','c','a','b','c']");
	IS(0, "loop", "{}", "[]");
	assert_true(on("loop", "{}", "['a']", false, "max-steps") == 1);
}

static void forbidden(void **state)
{
	(void)state;
	IS(1, "forbidden-tool", "{'tools':['delete_*']}", "['get','Delete_user']");
	IS(0, "forbidden-tool", "{'tools':['delete_*']}", "['get']");
	IS(0, "forbidden-tool", "{'tools':['x']}", "[]");
	IS(1, "forbidden-tool", "{'value':{'name':'refund','arguments':{'ok':false}}}", "[['refund',{'ok':true}],['refund',{'ok':false}]]");
	IS(0, "forbidden-tool", "{'value':{'name':'refund','arguments':{'ok':false}}}", "[['refund',{'ok':true}]]");
	IS(1, "forbidden-tool", "{'allowed':['get']}", "['get','got']");
	IS(1, "forbidden-tool", "{'allowed':['get']}", "['Get']");
	IS(0, "forbidden-tool", "{'allowed':['get']}", "['get']");
	IS(1, "forbidden-tool", "{'allowed':[]}", "['get']");
	IS(0, "forbidden-tool", "{'allowed':[]}", "[]");
	IS(1, "forbidden-tool", "{'tools':['refund']}", "['refund\\u0000x']");
	IS(1, "forbidden-tool", "{'allowed':['refund']}", "['refund\\u0000x']");
	IS(-1, "forbidden-tool", "{'tools':[]}", "[]");
	IS(-1, "forbidden-tool", "{'tools':['x']}", NULL);
}

static void valid_calls(void **state)
{
	(void)state;
	IS(1, "is-valid-openai-tools-call", "{}", "[['get',{'id':1}],'free']");
	IS(0, "is-valid-openai-tools-call", "{}", "[['get',{'id':'1'}]]");
	IS(0, "is-valid-openai-tools-call", "{}", "['get']");
	IS(0, "is-valid-function-call", "{}", "['other']");
	IS(0, "is-valid-openai-function-call", "{}", "[['free','{ not json']]");
	IS(0, "is-valid-openai-tools-call", "{}", "[]");
	IS(1, "is-valid-openai-tools-call", "{'tools':[{'type':'function','function':{'name':'o'}}]}", "['o']");
	IS(-1, "is-valid-openai-tools-call", "{'tools':[{'name':'o','parameters':{'type':7}}]}", "['o']");
}

/* The calls of an answer that its trajectory lacks count too, and those it has count once. */
static void both_sources(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply *r = arena_new(&a, struct reply);
	struct evidence ev = { .reply = r, .arena = &a, .config = st_json(&a, "{}") };
	struct score s;
	struct err err = ERR_INIT;
	reply_init(r, &a);
	r->trajectory = st_json(&a, "[{'kind':'tool','name':'a','id':'1'},{'kind':'tool','name':'b','arguments':{'i':1}},{'kind':'model','name':'a'}]");
	r->tool_calls = st_json(&a, "[{'id':'1','name':'a'},{'id':'2','name':'b','arguments':'{\\'i\\':1}'},{'id':'3','name':'c'}]");
	assert_int_equal(st_run_ev(&ev, "step-count", &s, &err), STEP_DONE);
	assert_true(s.value == 3);
	r->trajectory = NULL;
	assert_int_equal(st_run_ev(&ev, "step-count", &s, &err), STEP_DONE);
	assert_true(s.value == 3);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(f1),	    cmocka_unit_test(arguments), cmocka_unit_test(used),
		cmocka_unit_test(order),    cmocka_unit_test(counts),	 cmocka_unit_test(loops),
		cmocka_unit_test(forbidden), cmocka_unit_test(valid_calls), cmocka_unit_test(both_sources),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
