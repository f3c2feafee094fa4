/* Unit tests of doc/jsonpath.h: the compliance suite of RFC 9535, then errors and caps. */
#include "doc/jsonpath.h"

#include "doc/jsonx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char suite[] = "../shared/vectors/jsonpath/cts.json";

static bool is_result(const struct jsonpath_nodes *nodes, const json_t *values, const json_t *paths)
{
	if (nodes->list.n != json_array_size(values) || nodes->list.n != json_array_size(paths))
		return false;
	for (size_t i = 0; i < nodes->list.n; i++)
		if (!json_equal(nodes->list.v[i].value, json_array_get(values, i)) ||
		    !str_eq(nodes->list.v[i].path, json_str(json_array_get(paths, i))))
			return false;
	return true;
}

/* One of the results that the suite allows. */
static bool is_any(const json_t *t, const struct jsonpath_nodes *nodes)
{
	const json_t *all = json_object_get(t, "results"), *paths = json_object_get(t, "results_paths");
	if (json_object_get(t, "result"))
		return is_result(nodes, json_object_get(t, "result"), json_object_get(t, "result_paths"));
	for (size_t i = 0; i < json_array_size(all); i++)
		if (is_result(nodes, json_array_get(all, i), json_array_get(paths, i)))
			return true;
	return false;
}

static bool passes(const json_t *t)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct jsonpath *p;
	struct jsonpath_nodes nodes, plain;
	bool ok;
	int rc = jsonpath_compile(&p, json_get_str(t, "selector"), &a, &err);
	if (json_is_true(json_object_get(t, "invalid_selector")))
		ok = rc && err.at.col && err.msg[0];
	else
		ok = !rc && !jsonpath_query_paths(p, json_object_get(t, "document"), &nodes, &a, &err) &&
		     !jsonpath_query(p, json_object_get(t, "document"), &plain, &a, &err) &&
		     plain.list.n == nodes.list.n && is_any(t, &nodes);
	arena_release(&a);
	return ok;
}

static void passes_the_compliance_suite(void **state)
{
	(void)state;
	json_error_t why;
	json_t *all = json_load_file(suite, JSON_ALLOW_NUL, &why);
	if (!all) {
		print_message("# no %s\n", suite);
		skip();
	}
	const json_t *tests = json_object_get(all, "tests");
	size_t failed = 0, invalid = 0;
	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *t = json_array_get(tests, i);
		invalid += json_is_true(json_object_get(t, "invalid_selector"));
		if (passes(t))
			continue;
		failed++;
		print_message("# %s: %s\n", json_string_value(json_object_get(t, "name")),
			      json_string_value(json_object_get(t, "selector")));
	}
	assert_int_equal(failed, 0);
	assert_int_equal(json_array_size(tests), 703);
	assert_int_equal(invalid, 247);
	json_decref(all);
}

static void errors_have_their_place(void **state)
{
	(void)state;
	static const struct {
		const char *path, *msg;
		unsigned col;
	} rows[] = {
		{ "answer", "starts with '$'", 1 },
		{ "$.\xc3\xa9[", "expected a quoted name", 5 },
		{ "$[0", "never closed", 2 },
		{ "$.a b", "expected '.', '['", 4 },
		{ "$[?@.a = 1]", "expected ',' or ']'", 8 },
		{ "$[?len(@.a) > 1]", "unknown function 'len'", 4 },
		{ "$[?match(@.a, '(')]", "bad pattern", 14 },
		{ "$[?@..a == 1]", "only one value", 4 },
		{ "$['\\ud800']", "surrogate", 6 },
		{ "$[01]", "leading zeros", 3 },
		{ "$[?@.a == 1e999]", "too large", 11 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct err err = ERR_INIT;
		struct jsonpath *p;
		assert_int_equal(jsonpath_compile(&p, str_c(rows[i].path), &a, &err), -1);
		if (!strstr(err.msg, rows[i].msg) || err.at.col != rows[i].col)
			fail_msg("%s: %s at %u", rows[i].path, err.msg, err.at.col);
		arena_release(&a);
	}
}

static int query(struct arena *a, const char *path, const json_t *doc, struct jsonpath_nodes *out,
		 struct err *err)
{
	struct jsonpath *p;
	return jsonpath_compile(&p, str_c(path), a, err) ? -1 : jsonpath_query(p, doc, out, a, err);
}

static void caps_are_errors(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct jsonpath_nodes nodes;
	json_t *list = json_array();
	for (int i = 0; i < 3000; i++)
		assert_int_equal(json_array_append_new(list, json_integer(i)), 0);
	assert_int_equal(query(&a, "$[?count($[?count($[*])>0])>0]", list, &nodes, &err), -1);
	assert_non_null(strstr(err.msg, "visits more than"));
	assert_int_equal(query(&a, "$[?@>10]", list, &nodes, &err), 0);
	assert_int_equal(nodes.list.n, 2989);
	struct buf b;
	buf_init(&b, 1 << 20);
	buf_addc(&b, '$');
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "[?@");
	assert_int_equal(query(&a, buf_cstr(&b), list, &nodes, &err), -1);
	assert_non_null(strstr(err.msg, "levels deep"));
	buf_reset(&b);
	buf_addc(&b, '$');
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "..*");
	assert_int_equal(query(&a, buf_cstr(&b), list, &nodes, &err), -1);
	assert_non_null(strstr(err.msg, "segments"));
	buf_reset(&b);
	buf_adds(&b, "$[?@<0");
	for (int i = 0; i < 20000; i++)
		buf_adds(&b, "||@<0");
	buf_addc(&b, ']');
	assert_int_equal(query(&a, buf_cstr(&b), list, &nodes, &err), -1);
	assert_non_null(strstr(err.msg, "visits more than"));
	buf_release(&b);
	json_decref(list);
	arena_release(&a);
}

static void knows_singular_queries(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct jsonpath *p;
	assert_int_equal(jsonpath_compile(&p, STR("$.choices[0]['message'].content"), &a, &err), 0);
	assert_true(jsonpath_is_singular(p));
	assert_int_equal(jsonpath_compile(&p, STR("$.a[*]"), &a, &err), 0);
	assert_false(jsonpath_is_singular(p));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_the_compliance_suite),
		cmocka_unit_test(errors_have_their_place),
		cmocka_unit_test(caps_are_errors),
		cmocka_unit_test(knows_singular_queries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
