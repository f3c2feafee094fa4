/* Unit tests of doc/template.h: 70 vectors rendered by Nunjucks and Jinja2, then our own. */
#include "doc/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char vectors[] = "../shared/vectors/templates/nunjucks-jinja2-mustache.json";

/* Where the two engines agree only because they print nothing for what is undefined. */
static const char *const undefined_in_both[] = { "{{ missing }}" };

/* Where the two differ: what we chose (docs/templates.md), NULL for an error. */
static const struct {
	const char *text, *ours;
} chosen[] = {
	{ "{{ t }} {{ f }}", "true false" },
	{ "{{ z }}", "" },
	{ "{{ xs }}", "[1,\"a\"]" },
	{ "{{ o }}", "{\"k\":1}" },
	{ "{% if a %}yes{% else %}no{% endif %}", "no" },
	{ "{% for k, v in o.items() %}{{ k }}={{ v }};{% endfor %}", "a=1;b=2;" },
	{ "{% for k, v in o %}{{ k }}={{ v }};{% endfor %}", "a=1;" },
	{ "{{ n | round }} {{ n | int }}", "3 2" },
	{ "{{ o | dump }}", "{\"a\":[1,\"x\"]}" },
	{ "{{ o | tojson }}", "{\"a\":[1,\"x<\"]}" },
	{ "{{ s[:3] }}", "abc" },
	{ "{{ s | truncate(5) }}", "abcde..." },
	{ "{{ x is defined }} {{ y is defined }}", "true false" },
	{ "{{ name }", NULL },
	{ "{% if x %}unclosed", NULL },
	{ "{{ x.y.z }}", NULL },
	{ "{{ xs.0 }}", "a" },
};

/* The rendering in the arena, or NULL with *e set. */
static const char *render(struct arena *a, const char *text, size_t n, const json_t *vars,
			  enum template_syntax syntax, struct template_error *e)
{
	struct template *t;
	struct buf out;
	const char *kept = NULL;
	*e = (struct template_error){ 0 };
	buf_init(&out, 1 << 20);
	if (!template_compile(&t, (struct str){ text, n }, syntax, a, e) &&
	    !template_render(t, vars, &out, e))
		kept = arena_cstr(a, buf_str(&out));
	buf_release(&out);
	return kept;
}

static const char *ours_of(const char *text, bool *known)
{
	for (size_t i = 0; i < ARRAY_LEN(chosen); i++)
		if (!strcmp(chosen[i].text, text)) {
			*known = true;
			return chosen[i].ours;
		}
	*known = false;
	return NULL;
}

static bool must_fail(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(undefined_in_both); i++)
		if (!strcmp(undefined_in_both[i], text))
			return true;
	return false;
}

static void one_vector(const json_t *c, size_t *agreed, size_t *differ)
{
	struct arena a = ARENA_INIT;
	struct template_error e;
	const char *text = json_string_value(json_object_get(c, "template"));
	const char *want = json_string_value(json_object_get(json_object_get(c, "nunjucks"), "ok"));
	const char *got = render(&a, text, strlen(text), json_object_get(c, "context"),
				 TEMPLATE_JINJA, &e);
	bool known = true;
	if (json_is_true(json_object_get(c, "agree_nunjucks_jinja2"))) {
		++*agreed;
		want = must_fail(text) ? NULL : want;
	} else {
		++*differ;
		want = ours_of(text, &known);
	}
	if (!known || !want != !got || (want && strcmp(want, got)))
		fail_msg("%s: got %s (%s), want %s", text, got ? got : "an error", e.msg,
			 want ? want : "an error");
	arena_release(&a);
}

static void agrees_with_nunjucks_and_jinja2(void **state)
{
	(void)state;
	json_error_t why;
	json_t *all = json_load_file(vectors, 0, &why);
	if (!all) {
		print_message("# no %s\n", vectors);
		skip();
	}
	const json_t *cases = json_object_get(all, "cases");
	size_t agreed = 0, differ = 0;
	for (size_t i = 0; i < json_array_size(cases); i++)
		one_vector(json_array_get(cases, i), &agreed, &differ);
	assert_int_equal(agreed, 52);
	assert_int_equal(differ, 18);
	json_decref(all);
}

struct row {
	const char *text, *want; /* want NULL: an error that holds `msg` at `offset` */
	const char *msg;
	size_t offset;
};

static const char vars_text[] =
	"{\"name\":\"Ann\",\"n\":3,\"neg\":-7,\"pi\":3.14159,\"zero\":0,\"yes\":true,\"no\":false,"
	"\"nil\":null,\"empty\":\"\",\"bare\":[],\"xs\":[3,1,2],\"words\":[\"b\",\"A\",\"a\"],"
	"\"o\":{\"b\":1,\"a\":{\"c\":[10,20]}},\"html\":\"<a href='x'>\\\"&\",\"evil\":\"{{ name }}{% if\","
	"\"people\":[{\"name\":\"Bo\",\"age\":5,\"in\":true},{\"name\":\"Al\",\"age\":9,\"in\":false}],"
	"\"json\":\"{\\\"k\\\": [1, 2]}\",\"num\":\" 42 \",\"text\":\"one two three\",\"pairs\":[[1,2],[3,4]],"
	"\"uni\":\"stra\xc3\x9f\x65 \xc3\xa9\",\"big\":9223372036854775807}";

static void run_rows(const struct row *rows, size_t n, enum template_syntax syntax)
{
	json_t *vars = json_loads(vars_text, 0, NULL);
	assert_non_null(vars);
	for (size_t i = 0; i < n; i++) {
		struct arena a = ARENA_INIT;
		struct template_error e;
		const struct row *r = &rows[i];
		const char *got = render(&a, r->text, strlen(r->text), vars, syntax, &e);
		if (!r->want != !got || (got && strcmp(got, r->want)))
			fail_msg("%s: got %s (%s), want %s", r->text, got ? got : "an error", e.msg,
				 r->want ? r->want : "an error");
		if (!r->want && (!strstr(e.msg, r->msg) || e.offset != r->offset))
			fail_msg("%s: error '%s' at %zu, want '%s' at %zu", r->text, e.msg, e.offset,
				 r->msg, r->offset);
		arena_release(&a);
	}
	json_decref(vars);
}

static void expressions(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "{{ -7 // 2 }} {{ -7 % 3 }} {{ 2**3**2 }} {{ -2 ** 2 }}", "-4 2 64 4", NULL, 0 },
		{ "{{ 4 / 2 }} {{ 1.5 * 2 }} {{ 0.1 + 0.2 }}", "2 3 0.30000000000000004", NULL, 0 },
		{ "{{ big + 1 }}", "9.223372036854776e+18", NULL, 0 },
		{ "{{ 8 / 2 * 3 }} {{ 2 * 7 // 3 }}", "12 4", NULL, 0 },
		{ "{{ 1 == 1.0 }} {{ '1' == 1 }} {{ yes == 1 }} {{ [1,[2]] == [1,[2.0]] }}",
		  "true false true true", NULL, 0 },
		{ "{{ {'a': 1, 'b': [2]} == {'b': [2], 'a': 1} }}", "true", NULL, 0 },
		{ "{{ 'abc' < 'abd' and 2 >= 2 }}", "true", NULL, 0 },
		{ "{{ zero or empty or name }}{{ n and 'x' }}", "Annx", NULL, 0 },
		{ "{{ 'b' in o }} {{ 'z' not in o }} {{ 'wo' in text }} {{ 9 in xs }}",
		  "true true true false", NULL, 0 },
		{ "{{ o.a.c[1] }} {{ o['a']['c'][-1] }} {{ o.a.c.0 }} {{ pairs.1.0 }}", "20 20 10 3",
		  NULL, 0 },
		{ "{{ name[0] }}{{ name[-1] }} {{ name[1:] }} {{ xs[:-1] }} {{ uni[4:6] }}",
		  "An nn [3,1] \xc3\x9f\x65", NULL, 0 },
		{ "{{ 'a' if no }}|{{ 1 if no else 2 if no else 3 }}", "|3", NULL, 0 },
		{ "{{ {'k': {'m': [1, 2]}}.k.m[1] }}", "2", NULL, 0 },
		{ "{{ not yes }} {{ not n > 5 }}", "false true", NULL, 0 },
		{ "{{ \"\\u00e9\\x41\\n\" }}", "\xc3\xa9" "A\n", NULL, 0 },
		{ "{{ o.keys() | join(',') }} {{ o.values() | first }}", "b,a 1", NULL, 0 },
		{ "{{ range(5, 0, -2) | join }} {{ range(2) }}", "531 [0,1]", NULL, 0 },
		{ "{{ 1 ~ 2 + 3 ~ nil ~ yes }}", "15true", NULL, 0 },
		{ "{{ 'x' + 'y' }} {{ [1] + [2] }}", "xy [1,2]", NULL, 0 },
		{ "{{ 1 + '2' }}", NULL, "'+' cannot work on a number and text", 5 },
		{ "{{ 1 / zero }}", NULL, "division by zero", 5 },
		{ "{{ n < name }}", NULL, "'<' cannot work on", 5 },
		{ "{{ 1 < n < 5 }}", NULL, "cannot be chained", 9 },
		{ "{{ n + 1 is odd }}", NULL, "two ways", 9 },
		{ "{{ (n + 1) is even }} {{ n is divisibleby(3) }}", "true true", NULL, 0 },
		{ "{{ xs.sort() }}", NULL, "calls are not supported", 5 },
		{ "{{ xs[::-1] }}", NULL, "step", 7 },
		{ "{{ name.constructor }}", NULL, "'name' (text) has no member 'constructor'", 7 },
		{ "{{ xs.length }}", NULL, "has no member 'length'", 5 },
		{ "{{ 10 ** 400 }}", NULL, "not a finite number", 6 },
	};
	run_rows(rows, ARRAY_LEN(rows), TEMPLATE_JINJA);
}

static void undefined_is_an_error(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "Hi {{ nmae }}", NULL, "undefined variable 'nmae'", 6 },
		{ "{{ o.a.d }}", NULL, "'o.a' (an object) has no member 'd'", 6 },
		{ "{{ o.x.y }}", NULL, "'o' (an object) has no member 'x'", 4 },
		{ "{{ xs[7] }}", NULL, "xs has no item 7", 5 },
		{ "{{ o['zz'] }}", NULL, "has no member 'zz'", 4 },
		{ "{% if nope %}x{% endif %}", NULL, "undefined variable 'nope'", 6 },
		{ "{% for x in nope %}x{% endfor %}", NULL, "undefined variable 'nope'", 12 },
		{ "{{ nope | upper }}", NULL, "undefined variable 'nope'", 3 },
		{ "{{ nope == 1 }}", NULL, "undefined variable 'nope'", 3 },
		{ "{{ nope ~ '' }}", NULL, "undefined variable 'nope'", 3 },
		{ "{{ [nope] }}", NULL, "undefined variable 'nope'", 4 },
		{ "{{ nope or 'x' }}", NULL, "undefined variable 'nope'", 3 },
		{ "{% set x = nope %}", NULL, "undefined variable 'nope'", 11 },
		{ "{{ bare | first }}", NULL, "result of 'first' is undefined", 10 },
		{ "{{ loop.index }}", NULL, "undefined variable 'loop'", 3 },
		{ "{{ env.HOME }}", NULL, "undefined variable 'env'", 3 },
		{ "{{ nope | default(nope2) }}", NULL, "undefined variable 'nope2'", 18 },
		{ "{{ nope | d('x') }}{{ o.q.r | default('y') }}{{ bare | first | default('z') }}",
		  "xyz", NULL, 0 },
		{ "{{ nope | default }}|{{ name | default(nope) }}", "|Ann", NULL, 0 },
		{ "{{ nope is defined }}{{ o.a.c is defined }}{{ o.q is undefined }}",
		  "falsetruetrue", NULL, 0 },
		{ "{% if nope is defined and nope > 1 %}a{% else %}b{% endif %}", "b", NULL, 0 },
		{ "{{ nope if no else 'x' }}", "x", NULL, 0 },
		{ "{% for x in xs %}{% set y = x %}{% endfor %}{{ y }}", NULL, "variable 'y'", 47 },
		{ "{{ people | map(attribute='nam') | join }}", NULL, "has no attribute 'nam'", 12 },
	};
	run_rows(rows, ARRAY_LEN(rows), TEMPLATE_JINJA);
}

static void statements(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "{% set t = 0 %}{% for x in xs %}{% set t = t + x %}{% endfor %}{{ t }}", "6", NULL, 0 },
		{ "{% set x %}a{{ n }}{% endset %}[{{ x }}]", "[a3]", NULL, 0 },
		{ "{% for a, b in pairs %}{{ a }}{{ b }} {% endfor %}", "12 34 ", NULL, 0 },
		{ "{% for k in o %}{{ k }}{% endfor %}", "ba", NULL, 0 },
		{ "{% for c in name %}{{ c }}.{% endfor %}", "A.n.n.", NULL, 0 },
		{ "{% for x in xs %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}"
		  "{{ loop.length }} {% endfor %}",
		  "03true3 12false3 21false3 ", NULL, 0 },
		{ "{% for x in xs %}{% for y in pairs %}{{ loop.index }}{% endfor %}{{ loop.index }} "
		  "{% endfor %}",
		  "121 122 123 ", NULL, 0 },
		{ "{% if no %}1{% elseif no %}2{% elif yes %}3{% else %}4{% endif %}", "3", NULL, 0 },
		{ "a  {#- c -#}  b{{- n -}} \n c", "ab3c", NULL, 0 },
		{ "{%- raw -%}  {{ x }} {% y {%- endraw %} z", "{{ x }} {% y z", NULL, 0 },
		{ "{% verbatim %}{{x}}{% endverbatim %}", "{{x}}", NULL, 0 },
		{ "{{ evil }}", "{{ name }}{% if", NULL, 0 },
		{ "{% set e = evil %}{{ e ~ '!' }}", "{{ name }}{% if!", NULL, 0 },
		{ "}} %} #} {", "}} %} #} {", NULL, 0 },
		{ "{{ '}}' }}{{ \"%}\" }}", "}}%}", NULL, 0 },
		{ "{% for x in n %}{% endfor %}", NULL, "a loop wants a list, found a number", 12 },
		{ "{% for a, b in xs %}{% endfor %}", NULL, "the loop has 2 names", 0 },
		{ "{% macro f() %}{% endmacro %}", NULL, "tag 'macro' is not supported", 3 },
		{ "{% include 'x' %}", NULL, "tag 'include' is not supported", 3 },
		{ "{% esle %}", NULL, "unknown tag 'esle'", 3 },
		{ "{% endif %}", NULL, "'endif' without its opening tag", 3 },
		{ "x{% if n %}", NULL, "'if' is never closed", 1 },
		{ "{% if n %}{% endfor %}", NULL, "expected 'endif', found 'endfor'", 13 },
		{ "{% if n %}{% else %}{% else %}{% endif %}", NULL, "expected 'endif'", 23 },
		{ "{% for x in xs if x %}{% endfor %}", NULL, "head of a loop", 15 },
		{ "a {# b", NULL, "comment is never closed", 2 },
		{ "a {{ b", NULL, "the text ends inside a tag", 6 },
		{ "{{ }}", NULL, "expected a value", 3 },
		{ "{{ n n }}", NULL, "expected the end of the tag, found 'n'", 5 },
		{ "{{ n | uper }}", NULL, "unknown filter 'uper'", 7 },
		{ "{{ n | random }}", NULL, "filter 'random' is not supported", 7 },
		{ "{{ n is definde }}", NULL, "unknown test 'definde'", 8 },
		{ "{{ 'abc }}", NULL, "string is never closed", 3 },
		{ "{{ '\\q' }}", NULL, "unknown escape", 4 },
		{ "{{ n ? 1 }}", NULL, "cannot stand in a tag", 5 },
	};
	run_rows(rows, ARRAY_LEN(rows), TEMPLATE_JINJA);
}

static void filters(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "{{ uni | upper }} {{ 'ÉA' | lower }} {{ 'élan VITAL' | title }}",
		  "STRASSE \xc3\x89 éa Élan Vital", NULL, 0 },
		{ "{{ words | sort | join }} {{ words | sort(case_sensitive=true) | join }} "
		  "{{ xs | sort(reverse=true) | join }}",
		  "Aab Aab 321", NULL, 0 },
		{ "{{ words | sort(true) | join(',') }}", "b,A,a", NULL, 0 },
		{ "{{ people | sort(attribute='name') | map(attribute='age') | join(' ') }}", "9 5",
		  NULL, 0 },
		{ "{{ people | join(', ', 'name') }} {{ people | sum('age') }}", "Bo, Al 14", NULL, 0 },
		{ "{{ people | selectattr('in') | map(attribute='name') | first }}", "Bo", NULL, 0 },
		{ "{{ people | rejectattr('age', 'gt', 6) | length }}", "1", NULL, 0 },
		{ "{{ xs | select('odd') | list }} {{ xs | reject('odd') | list }}", "[3,1] [2]", NULL, 0 },
		{ "{{ words | map('upper') | join }} {{ words | unique | join }}", "BAA bA", NULL, 0 },
		{ "{{ xs | min }} {{ xs | max }} {{ xs | sum }} {{ bare | max | d('-') }}", "1 3 6 -",
		  NULL, 0 },
		{ "{{ xs | batch(2, 0) }} {{ xs | batch(2) }}", "[[3,1],[2,0]] [[3,1],[2]]", NULL, 0 },
		{ "{{ name | reverse }} {{ xs | last }} {{ name | first }}", "nnA 2 A", NULL, 0 },
		{ "{{ neg | abs }} {{ pi | round(2) }} {{ 2.5 | round }} {{ pi | round(1, 'ceil') }}",
		  "7 3.14 3 3.2", NULL, 0 },
		{ "{{ num | int + 1 }} {{ '2.9' | int }} {{ 'x' | int(5) }} {{ '1.50' | float }}",
		  "43 2 5 1.5", NULL, 0 },
		{ "{{ 'x' | int }}", NULL, "no number", 9 },
		{ "{{ 'banana' | replace('a', 'o', 2) }} {{ 'ab' | replace('', '-') }}", "bonona -a-b-",
		  NULL, 0 },
		{ "{{ text | truncate(8) }} {{ text | truncate(5, true, '') }} {{ text | truncate }}",
		  "one two... one t one two three", NULL, 0 },
		{ "{{ 'a\\n\\nb' | indent }}|{{ 'a\\nb' | indent(1, true) }}|{{ 'a\\n\\nb' | indent('> ', "
		  "blank=true) }}",
		  "a\n\n    b| a\n b|a\n> \n> b", NULL, 0 },
		{ "{{ html | e }}", "&lt;a href=&#39;x&#39;&gt;&quot;&amp;", NULL, 0 },
		{ "{{ 'a b/\xc3\xa9' | urlencode }}", "a%20b%2F%C3%A9", NULL, 0 },
		{ "{{ (json | load).k[1] }} {{ 'x' | string | length }}", "2 1", NULL, 0 },
		{ "{{ '{' | load }}", NULL, "got no JSON", 9 },
		{ "{{ o.a | dump(2) }}", "{\n  \"c\": [\n    10,\n    20\n  ]\n}", NULL, 0 },
		{ "{{ o | dictsort }} {{ o.a | items }}", "[[\"a\",{\"c\":[10,20]}],[\"b\",1]] "
							   "[[\"c\",[10,20]]]",
		  NULL, 0 },
		{ "{{ \"don't stop\" | wordcount }} {{ '' | wordcount }}", "3 0", NULL, 0 },
		{ "{{ '\xc2\xa0 x ' | trim }}|", "x|", NULL, 0 },
		{ "{{ xs | upper }}", NULL, "filter 'upper' wants text, found a list", 8 },
		{ "{{ n | length }}", NULL, "wants a list or text", 7 },
		{ "{{ [1, 'a'] | sort }}", NULL, "cannot order a number and text", 14 },
		{ "{{ n | upper(1) }}", NULL, "takes at most 0 arguments", 13 },
		{ "{{ n | replace('a') }}", NULL, "needs its argument 'new'", 14 },
		{ "{{ n | default(defualt=1) }}", NULL, "has no argument 'defualt'", 15 },
		{ "{{ xs | map('uper') }}", NULL, "unknown filter 'uper'", 12 },
		{ "{{ xs | select('od') }}", NULL, "unknown test 'od'", 15 },
		{ "{{ 'A' is upper }} {{ 'A' is lower }} {{ n is eq(3) }} {{ n is in(xs) }}",
		  "true false true true", NULL, 0 },
		{ "{{ nil is none }}{{ n is not string }}{{ o is mapping }}{{ xs is sequence }}",
		  "truetruetruetrue", NULL, 0 },
	};
	run_rows(rows, ARRAY_LEN(rows), TEMPLATE_JINJA);
}

static void plain_templates(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "{{name}} {% if %} {# x #} {{ o.a.c.1 }}", "Ann {% if %} {# x #} 20", NULL, 0 },
		{ "{{nope}}", NULL, "undefined variable 'nope'", 0 },
		{ "{{ name | upper }}", NULL, "no name", 0 },
		{ "x {{name", NULL, "never closed", 2 },
		{ "{{}}", NULL, "without a name", 0 },
	};
	run_rows(rows, ARRAY_LEN(rows), TEMPLATE_PLAIN);
}

static void bombs_are_defused(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "{% for i in range(2000) %}{% for j in range(2000) %}{% endfor %}{% endfor %}", NULL,
		  "more than", 38 },
		{ "{% set s = 'xxxxxxxx' %}{% for i in range(60) %}{% set s = s ~ s %}{% endfor %}", NULL,
		  "grows past", 61 },
		{ "{% set s = [1] %}{% for i in range(900) %}{% set s = [s] %}{% endfor %}", NULL,
		  "nested more than", 53 },
		{ "{{ range(9999999999) }}", NULL, "more than", 3 },
		{ "{% set x = range(1000) | join('yyyyyyyyyyyyyyyy') %}{% for i in range(100000) %}"
		  "{% set z = x | replace('y', 'zzzz') %}{% endfor %}",
		  NULL, "works through more than", 95 },
	};
	run_rows(rows, ARRAY_LEN(rows), TEMPLATE_JINJA);
	static const char *const open[] = { "(", "[", "-", "not ", "{% if 1 %}", "{{ x|d(", "x if " };
	for (size_t i = 0; i < ARRAY_LEN(open); i++) {
		struct arena a = ARENA_INIT;
		struct template_error e;
		struct buf b;
		buf_init(&b, 1 << 24);
		if (open[i][0] != '{')
			buf_adds(&b, "{{ ");
		for (int k = 0; k < 100000; k++)
			buf_adds(&b, open[i] + (k && open[i][1] == '{' ? 3 : 0));
		assert_null(render(&a, b.p, b.n, NULL, TEMPLATE_JINJA, &e));
		assert_non_null(strstr(e.msg, i == 5 || i == 6 ? "" : "levels deep"));
		buf_reset(&b);
		buf_adds(&b, "{{ 1");
		for (int k = 0; k < 100000; k++)
			buf_adds(&b, i & 1 ? " + 1" : ".a");
		buf_adds(&b, " }}");
		assert_null(render(&a, b.p, b.n, NULL, TEMPLATE_JINJA, &e));
		assert_non_null(strstr(e.msg, i & 1 ? "stacks more" : ""));
		buf_release(&b);
		arena_release(&a);
	}
}

static void whole_expressions_keep_their_type(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "{{ n }}", "3", NULL, 0 },
		{ "{{ o.a }}", "{\"c\": [10, 20]}", NULL, 0 },
		{ "{{ yes }}", "true", NULL, 0 },
		{ "{{ nil }}", "null", NULL, 0 },
		{ "{{ xs | length > 2 }}", "true", NULL, 0 },
		{ " {{ n }}", "\" 3\"", NULL, 0 },
		{ "{{ n }}{{ n }}", "\"33\"", NULL, 0 },
		{ "plain", "\"plain\"", NULL, 0 },
		{ "", "\"\"", NULL, 0 },
		{ "{{ evil }}", "\"{{ name }}{% if\"", NULL, 0 },
	};
	json_t *vars = json_loads(vars_text, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct template *t;
		struct template_error e;
		const json_t *j;
		assert_int_equal(template_compile(&t, str_c(rows[i].text), TEMPLATE_JINJA, &a, &e), 0);
		assert_int_equal(template_value(t, vars, &a, &j, &e), 0);
		char *text = json_dumps(j, JSON_ENCODE_ANY);
		assert_string_equal(text, rows[i].want);
		free(text);
		arena_release(&a);
	}
	json_decref(vars);
}

static void names_what_it_needs(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct template *t;
	struct template_error e;
	struct template_vars v;
	struct str text = STR("{{ a.b }}{% for x in xs %}{{ x }}{{ loop.index }}{{ y }}{% endfor %}{{ x }}"
			      "{% set z = q %}{{ z }}{{ o.p | default(d) }}{% if g is defined %}{{ g }}{% endif %}");
	assert_int_equal(template_compile(&t, text, TEMPLATE_JINJA, &a, &e), 0);
	template_vars(t, &v, &a);
	struct buf b;
	buf_init(&b, 1000);
	for (size_t i = 0; i < v.list.n; i++)
		buf_addf(&b, "%.*s%s ", STR_ARGS(v.list.v[i].name), v.list.v[i].optional ? "?" : "");
	assert_string_equal(buf_cstr(&b), "a xs y x q o? d g? ");
	assert_int_equal(v.list.v[0].offset, 3);
	buf_release(&b);
	arena_release(&a);
}

static void knows_places_and_neighbours(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct template_error e;
	json_t *vars = json_loads(vars_text, 0, NULL);
	const char text[] = "one\r\ntwo \xc3\xa9 {{ nmae }}\n";
	assert_null(render(&a, text, sizeof(text) - 1, vars, TEMPLATE_JINJA, &e));
	assert_string_equal(e.hint, "did you mean 'name'?");
	struct pos at = template_pos("p.txt", STR(text), e.offset);
	assert_int_equal(at.line, 2);
	assert_int_equal(at.col, 10);
	assert_true(template_is_plain(STR("a { b } %} }} {")));
	assert_false(template_is_plain(STR("a{#")));
	assert_false(template_is_plain(STR("{{{")));
	assert_true(template_is_plain(STR("")));
	assert_int_equal(template_syntax_of("x/y.mustache"), TEMPLATE_MUSTACHE);
	assert_int_equal(template_syntax_of("mustache.txt"), TEMPLATE_JINJA);
	json_decref(vars);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_nunjucks_and_jinja2),
		cmocka_unit_test(expressions),
		cmocka_unit_test(undefined_is_an_error),
		cmocka_unit_test(statements),
		cmocka_unit_test(filters),
		cmocka_unit_test(plain_templates),
		cmocka_unit_test(bombs_are_defused),
		cmocka_unit_test(whole_expressions_keep_their_type),
		cmocka_unit_test(names_what_it_needs),
		cmocka_unit_test(knows_places_and_neighbours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
