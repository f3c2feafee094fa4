/* Unit tests of doc/mustache.h: the core of the Mustache specification, then strictness. */
#include "doc/mustache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct str partial_text(void *ctx, struct str name)
{
	const json_t *j = json_object_getn(ctx, name.p, name.n);
	return (struct str){ json_string_value(j), json_string_length(j) };
}

static const char *render(struct arena *a, const char *text, const json_t *vars, json_t *partials,
			  enum mustache_mode mode, struct template_error *e)
{
	struct mustache *m;
	struct mustache_partials from = { partial_text, partials };
	struct buf out;
	const char *kept = NULL;
	*e = (struct template_error){ 0 };
	buf_init(&out, 1 << 20);
	if (!mustache_compile(&m, str_c(text), mode, a, e) &&
	    !mustache_render(m, vars, partials ? &from : NULL, &out, e))
		kept = arena_cstr(a, buf_str(&out));
	buf_release(&out);
	return kept;
}

static size_t run_spec(const char *name)
{
	char path[200];
	json_error_t why;
	(void)snprintf(path, sizeof(path), "../shared/vectors/mustache/specs/%s.json", name);
	json_t *spec = json_load_file(path, 0, &why);
	if (!spec) {
		print_message("# no %s\n", path);
		skip();
	}
	const json_t *tests = json_object_get(spec, "tests");
	size_t n = json_array_size(tests);
	for (size_t i = 0; i < n; i++) {
		struct arena a = ARENA_INIT;
		struct template_error e;
		const json_t *t = json_array_get(tests, i);
		const char *want = json_string_value(json_object_get(t, "expected"));
		const char *got = render(&a, json_string_value(json_object_get(t, "template")),
					 json_object_get(t, "data"), json_object_get(t, "partials"),
					 MUSTACHE_LENIENT, &e);
		if (!got || strcmp(got, want))
			fail_msg("%s: %s: got '%s' (%s), want '%s'", name,
				 json_string_value(json_object_get(t, "name")), got ? got : "an error",
				 e.msg, want);
		arena_release(&a);
	}
	json_decref(spec);
	return n;
}

static void passes_the_core_specification(void **state)
{
	(void)state;
	assert_int_equal(run_spec("comments"), 12);
	assert_int_equal(run_spec("delimiters"), 14);
	assert_int_equal(run_spec("interpolation"), 42);
	assert_int_equal(run_spec("inverted"), 22);
	assert_int_equal(run_spec("partials"), 12);
	assert_int_equal(run_spec("sections"), 34);
}

static void strict_wants_every_name(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want, *msg;
		size_t offset;
	} rows[] = {
		{ "{{name}} {{&html}} {{html}} {{{o.p}}}", "Ann <'> &lt;&#39;&gt; 1", NULL, 0 },
		{ "ab {{nope}}", NULL, "undefined variable 'nope'", 3 },
		{ "{{o.q}}", NULL, "undefined variable 'o.q'", 0 },
		{ "{{{nope}}}", NULL, "undefined variable 'nope'", 0 },
		{ "{{#nope}}{{x}}{{/nope}}{{^nope}}none{{/nope}}", "none", NULL, 0 },
		{ "{{#o}}{{p}}{{name}}{{/o}}", "1Ann", NULL, 0 },
		{ "{{#xs}}{{.}}{{/xs}}", "12", NULL, 0 },
		{ "{{#xs}}{{nope}}{{/xs}}", NULL, "undefined variable 'nope'", 7 },
		{ "{{nil}}|", "|", NULL, 0 },
		{ "{{evil}}", "{{name}}", NULL, 0 },
		{ "a{{#o}}b", NULL, "section 'o' is never closed", 1 },
		{ "{{#o}}{{/p}}", NULL, "expected the end of section 'o', found 'p'", 6 },
		{ "{{/p}}", NULL, "never opened", 0 },
		{ "{{name", NULL, "never closed", 0 },
		{ "{{}}", NULL, "is no name", 0 },
		{ "{{a b}}", NULL, "is no name", 0 },
		{ "{{a..b}}", NULL, "is no name", 0 },
		{ "{{=x=}}", NULL, "two delimiters", 0 },
		{ "z{{>p}}", NULL, "unknown partial 'p'", 1 },
	};
	json_t *vars = json_loads("{\"name\":\"Ann\",\"html\":\"<'>\",\"o\":{\"p\":1},\"xs\":[1,2],"
				  "\"nil\":null,\"evil\":\"{{name}}\"}", 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct template_error e;
		const char *got = render(&a, rows[i].text, vars, NULL, MUSTACHE_STRICT, &e);
		if (!rows[i].want != !got || (got && strcmp(got, rows[i].want)))
			fail_msg("%s: got %s (%s)", rows[i].text, got ? got : "an error", e.msg);
		if (!got && (!strstr(e.msg, rows[i].msg) || e.offset != rows[i].offset))
			fail_msg("%s: error '%s' at %zu", rows[i].text, e.msg, e.offset);
		arena_release(&a);
	}
	json_decref(vars);
}

static void partials_cannot_run_away(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct template_error e;
	json_t *vars = json_object(), *partials = json_pack("{s:s}", "p", "x {{>p}}{{>p}}");
	assert_null(render(&a, "1234{{>p}}", vars, partials, MUSTACHE_STRICT, &e));
	assert_non_null(strstr(e.msg, "too deep"));
	assert_int_equal(e.offset, 4);
	assert_null(render(&a, "{{>p}}", vars, partials, MUSTACHE_ALONE, &e));
	assert_non_null(strstr(e.msg, "not supported here"));
	json_decref(vars);
	json_decref(partials);
	arena_release(&a);
}

static void names_what_it_needs(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct template *t;
	struct template_error e;
	struct template_vars v;
	assert_int_equal(template_compile(&t, STR("{{#s}}{{x}}{{y.z}}{{/s}}{{y}}{{.}}"), TEMPLATE_MUSTACHE,
					  &a, &e), 0);
	template_vars(t, &v, &a);
	assert_int_equal(v.list.n, 3);
	assert_true(str_eqc(v.list.v[0].name, "s") && v.list.v[0].optional);
	assert_true(str_eqc(v.list.v[1].name, "x") && v.list.v[1].optional);
	assert_true(str_eqc(v.list.v[2].name, "y") && !v.list.v[2].optional);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_the_core_specification),
		cmocka_unit_test(strict_wants_every_name),
		cmocka_unit_test(partials_cannot_run_away),
		cmocka_unit_test(names_what_it_needs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
