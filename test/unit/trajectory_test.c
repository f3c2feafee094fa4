/* Trajectories as applications say them: lists of steps, OpenTelemetry traces. */
#include "scoretest.h"

#include "call/otel_trace.h"
#include "call/trajectory.h"

static struct str fixture(struct arena *a, const char *name)
{
	return st_file(arena_fmt(a, "fixtures/corpus/otel_trace/%s.json", name), a);
}

static const json_t *parse(struct arena *a, struct str text)
{
	const char *why;
	const json_t *j = json_lenient(a, text, &why);
	assert_non_null(j);
	return j;
}

/* The steps as JSON text. */
static const char *read_as(struct arena *a, struct reply *r, const json_t *value)
{
	struct err err = ERR_INIT;
	struct buf b;
	reply_init(r, a);
	if (trajectory_read(r, value, &err))
		return arena_fmt(a, "%s", err.msg);
	buf_init(&b, 1 << 20);
	json_write(&b, r->trajectory);
	const char *text = arena_cstr(a, buf_str(&b));
	buf_release(&b);
	return text;
}

static void genai(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply *r = arena_new(&a, struct reply);
	/* In the order of their starts, not of the document; the web request is no step; the model's
	 * tokens count, not the agent's sum. */
	assert_string_equal(read_as(&a, r, parse(&a, fixture(&a, "genai"))),
			    "[{\"kind\":\"agent\",\"name\":\"support\"},"
			    "{\"kind\":\"model\",\"name\":\"m1\",\"text\":\"Let me see.\"},"
			    "{\"kind\":\"tool\",\"name\":\"refund\",\"arguments\":{\"order\":\"A1\"},"
			    "\"error\":\"refused\"}]");
	assert_int_equal(r->usage.in, 40);
	assert_int_equal(r->usage.out, 7);
	assert_null(r->contexts);
	/* What the reply says itself is not replaced. */
	struct err err = ERR_INIT;
	reply_init(r, &a);
	r->usage.in = 3;
	assert_int_equal(trajectory_read(r, parse(&a, fixture(&a, "genai")), &err), 0);
	assert_int_equal(r->usage.in, 3);
	arena_release(&a);
}

static void openinference(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply *r = arena_new(&a, struct reply);
	/* Spans that begin at once keep the document's order; a tool's span inside of its own is one call. */
	assert_string_equal(read_as(&a, r, parse(&a, fixture(&a, "openinference"))),
			    "[{\"kind\":\"retrieval\",\"arguments\":{\"query\":\"refund rules\"},\"result\":["
			    "{\"text\":\"Thirty days.\",\"id\":\"d7\",\"score\":0.75},{\"text\":\"No shoes.\"}]},"
			    "{\"kind\":\"tool\",\"name\":\"lookup\",\"arguments\":{\"order\":7},\"result\":\"paid\"},"
			    "{\"kind\":\"model\",\"text\":\"Done.\"}]");
	assert_int_equal(json_array_size(r->contexts), 2);
	assert_int_equal(r->usage.in, 12);
	assert_string_equal(read_as(&a, r, parse(&a, fixture(&a, "snake"))),
			    "[{\"kind\":\"tool\",\"name\":\"x\"}]");
	arena_release(&a);
}

static void steps(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply *r = arena_new(&a, struct reply);
	struct str text = fixture(&a, "steps");
	const char *want = "[{\"name\":\"search\",\"kind\":\"tool\"},"
			   "{\"name\":\"refund\",\"arguments\":{\"order\":\"A1\"},\"kind\":\"tool\"},"
			   "{\"kind\":\"model\",\"text\":\"ok\"}]";
	assert_string_equal(read_as(&a, r, parse(&a, text)), want);
	assert_string_equal(read_as(&a, r, arena_json(&a, json_from_str(text))), want);
	assert_string_equal(read_as(&a, r, st_json(&a, "[]")), "[]");
	arena_release(&a);
}

static void refused(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct reply *r = arena_new(&a, struct reply);
	static const struct {
		const char *value, *why;
	} bad[] = {
		{ "{'steps':[]}", "a trajectory is a list" },
		{ "7", "a trajectory is a list" },
		{ "'no JSON'", "no JSON" },
		{ "[7]", "step 1 of the trajectory is no object but integer" },
		{ "['a',{'kind':'tool'}]", "step 2 of the trajectory names no tool" },
		{ "[{'kind':7,'name':'x'}]", "'kind' of step 1" },
		{ "[{'name':'x','tool':'y'}]", "two members for 'name'" },
		{ "{'resourceSpans':[]}", "no span" },
		{ "{'resourceSpans':{}}", "a trace must be" },
		{ "{'resourceSpans':[{'scopeSpans':[{'spans':[{'name':'x'}]}]}]}", "span 'x' of the trace has no startTimeUnixNano" },
		{ "{'resourceSpans':[{'scopeSpans':[{'spans':[{'startTimeUnixNano':'soon'}]}]}]}", "no startTimeUnixNano" },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *got = read_as(&a, r, st_json(&a, bad[i].value));
		if (!strstr(got, bad[i].why))
			fail_msg("%s: %s", bad[i].value, got);
		assert_null(r->trajectory);
	}
	arena_release(&a);
}

/* OpenTelemetry's own example: a span of a web server, so nothing that an agent did. */
static void published(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct otel_trace t;
	struct err err = ERR_INIT;
	struct str text = st_file("../shared/vectors/schemas/otlp-examples/trace.json", &a);
	assert_int_equal(otel_trace_read(&t, parse(&a, text), &a, &err), 0);
	assert_int_equal(t.spans, 1);
	assert_int_equal(json_array_size(t.trajectory), 0);
	assert_true(t.usage.in < 0);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(genai),   cmocka_unit_test(openinference), cmocka_unit_test(steps),
		cmocka_unit_test(refused), cmocka_unit_test(published),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
