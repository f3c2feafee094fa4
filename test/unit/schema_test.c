/* Unit tests of the JSON Schema validator: the official suites, and our own words. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"
#include "doc/jsonx.h"
#include "doc/schema.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define SUITE "../shared/vectors/json-schema/"

struct run {
	struct arena a;
	struct schema_opts opts;
	VEC(struct schema_extra) extra;
	size_t passed, failed;
	bool quiet;
};

static json_t *load(struct run *r, const char *path)
{
	struct str text;
	struct err err;
	json_t *j = NULL;
	if (!fs_read(&text, path, 64 * MIB, &r->a, &err))
		j = json_lenient(&r->a, text, NULL);
	if (!j)
		fail_msg("cannot read %s", path);
	return j;
}

static void load_remotes(struct run *r, const char *dir, const char *uri)
{
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		const char *path = arena_fmt(&r->a, "%s/%s", dir, e->d_name);
		const char *name = arena_fmt(&r->a, "%s/%s", uri, e->d_name);
		if (!str_ends(str_c(path), STR(".json")))
			load_remotes(r, path, name);
		else
			*vec_push(&r->extra, &r->a) =
				(struct schema_extra){ .uri = name, .root = load(r, path) };
	}
	closedir(d);
}

static void run_group(struct run *r, const char *file, const json_t *group)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct schema *s = NULL;
	json_t *tests = json_object_get(group, "tests"), *t;
	size_t i;
	int rc = schema_compile(&s, json_object_get(group, "schema"), &r->opts, &a, &err);
	json_array_foreach(tests, i, t) {
		const json_t *data = json_object_get(t, "data");
		bool want = json_is_true(json_object_get(t, "valid"));
		struct schema_report rep = { .arena = &a };
		bool got = !rc && schema_valid(s, data, NULL, &a);
		bool told = !rc && schema_valid(s, data, &rep, &a);
		bool good = !rc && got == want && told == want && (want || rep.list.n > 0);
		*(good ? &r->passed : &r->failed) += 1;
		if (!good && !r->quiet)
			print_error("%s: %s: %s: %s\n", file,
				    json_string_value(json_object_get(group, "description")),
				    json_string_value(json_object_get(t, "description")),
				    rc ? err.msg : rep.list.n ? rep.list.v[0].msg : "");
	}
	arena_release(&a);
}

static void run_dir(struct run *r, const char *dir)
{
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));) {
		const char *path = arena_fmt(&r->a, "%s/%s", dir, e->d_name);
		if (!str_ends(str_c(path), STR(".json")))
			continue;
		json_t *groups = load(r, path), *g;
		size_t i;
		json_array_foreach(groups, i, g)
			run_group(r, e->d_name, g);
	}
	closedir(d);
}

static void run_suite(struct run *r, enum schema_draft draft, const char *dir, bool format)
{
	*r = (struct run){ .a = ARENA_INIT };
	const char *own = draft == SCHEMA_DRAFT_7 ? "/draft7" : "/draft2020-12";
	load_remotes(r, arena_fmt(&r->a, SUITE "remotes%s", own),
		     arena_fmt(&r->a, "http://localhost:1234%s", own));
	load_remotes(r, SUITE "remotes/baseUriChange", "http://localhost:1234/baseUriChange");
	load_remotes(r, SUITE "remotes/baseUriChangeFolder", "http://localhost:1234/baseUriChangeFolder");
	load_remotes(r, SUITE "remotes/baseUriChangeFolderInSubschema",
		     "http://localhost:1234/baseUriChangeFolderInSubschema");
	load_remotes(r, SUITE "remotes/nested", "http://localhost:1234/nested");
	*vec_push(&r->extra, &r->a) = (struct schema_extra){
		.uri = "http://localhost:1234/integer.json", .root = load(r, SUITE "remotes/integer.json") };
	r->opts = (struct schema_opts){ .draft = draft,
					.extra = r->extra.v,
					.n_extra = r->extra.n,
					.assert_format = format };
	r->quiet = format && !getenv("SCHEMA_TEST_LOUD");
	run_dir(r, arena_fmt(&r->a, SUITE "tests/%s", dir));
	print_message("%s: %zu passed, %zu failed\n", dir, r->passed, r->failed);
	arena_release(&r->a);
}

static void need_shared(void)
{
	if (access(SUITE, R_OK)) {
		print_message("skipped: " SUITE " is not here\n");
		skip();
	}
}

static void draft_2020_12_suite(void **state)
{
	(void)state;
	struct run r;
	need_shared();
	run_suite(&r, SCHEMA_DRAFT_2020, "draft2020-12", false);
	assert_int_equal(r.failed, 0);
	assert_int_equal(r.passed, 1299);
}

static void draft_7_suite(void **state)
{
	(void)state;
	struct run r;
	need_shared();
	run_suite(&r, SCHEMA_DRAFT_7, "draft7", false);
	assert_int_equal(r.failed, 0);
	assert_int_equal(r.passed, 927);
}

/* No requirement: the count may only grow. */
static void format_suites(void **state)
{
	(void)state;
	struct run r;
	need_shared();
	run_suite(&r, SCHEMA_DRAFT_2020, "draft2020-12/optional/format", true);
	assert_true(r.passed > 2 * r.failed);
	run_suite(&r, SCHEMA_DRAFT_7, "draft7/optional/format", true);
	assert_true(r.passed > 2 * r.failed);
}

static void tells_each_mistake_once(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct diags d;
	struct doc doc;
	struct schema *s;
	struct err err = ERR_INIT;
	static const char schema[] =
		"{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"version\",\"target\"],"
		"\"properties\":{\"version\":{\"const\":1},\"target\":{\"type\":\"string\"},"
		"\"mode\":{\"enum\":[\"fast\",\"slow\"]},\"limit\":{\"type\":\"number\",\"minimum\":0},"
		"\"cases\":{\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":\"string\"},"
		"{\"type\":\"object\",\"required\":[\"type\",\"value\"],\"additionalProperties\":false,"
		"\"properties\":{\"type\":{\"const\":\"equals\"},\"value\":{\"type\":\"string\"}}},"
		"{\"type\":\"object\",\"required\":[\"type\",\"max\"],\"additionalProperties\":false,"
		"\"properties\":{\"type\":{\"const\":\"latency\"},\"max\":{\"type\":\"number\"}}}]}},"
		"\"size\":{\"oneOf\":[{\"type\":\"number\"},{\"type\":\"string\"}]}}}";
	static const char text[] = "version: 1\n"
				   "tarrget: x\n"
				   "mode: fsat\n"
				   "limit: -1\n"
				   "size: []\n"
				   "cases:\n"
				   "  - ok\n"
				   "  - 3\n"
				   "  - {type: latency, max: soon}\n"
				   "  - {type: equals, valu: x}\n"
				   "  - {type: equal, value: x}\n"
				   "zzz: 1\n";
	static const struct {
		unsigned line, col;
		const char *rule, *msg, *hint;
	} want[] = {
		{ 2, 1, "unknown-key", "key 'tarrget' is not known", "did you mean 'target'?" },
		{ 3, 7, "not-allowed", "'mode' must be one of \"fast\", \"slow\", found string \"fsat\"",
		  "did you mean 'fast'?" },
		{ 4, 8, "schema", "'limit' must be at least 0, found integer -1", NULL },
		{ 5, 7, "wrong-type", "'size': expected number or string, found a list", NULL },
		{ 8, 5, "wrong-type", "item 2 of 'cases': expected object or string, found integer 3", NULL },
		{ 9, 26, "wrong-type", "'max': expected number, found string \"soon\"", NULL },
		{ 10, 20, "unknown-key", "key 'valu' is not known in item 4 of 'cases'",
		  "did you mean 'value'?" },
		{ 11, 12, "not-allowed", "'type' must be \"equals\", found string \"equal\"",
		  "did you mean 'equals'?" },
		{ 12, 1, "unknown-key", "key 'zzz' is not known",
		  "known keys: version, target, mode, limit, cases, size" },
	};
	diags_init(&d, &a);
	json_t *j = json_lenient(&a, str_c(schema), NULL);
	assert_int_equal(schema_compile(&s, j, NULL, &a, &err), 0);
	assert_int_equal(doc_parse(&doc, str_c(text), DOC_YAML, "gate.yaml", &a, &d), 0);
	assert_false(schema_check_doc(s, &doc, &d, "schema"));
	diags_sort(&d);
	for (size_t i = 0; i < d.list.n && i < ARRAY_LEN(want); i++) {
		const struct diag *x = &d.list.v[i];
		assert_string_equal(x->msg, want[i].msg);
		assert_int_equal(x->at.line, want[i].line);
		assert_int_equal(x->at.col, want[i].col);
		assert_string_equal(x->rule, want[i].rule);
		assert_string_equal(x->hint ? x->hint : "", want[i].hint ? want[i].hint : "");
	}
	assert_int_equal(d.list.n, ARRAY_LEN(want));
	arena_release(&a);
}

static void check_compile(const char *schema, const char *words)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct schema *s;
	int rc = schema_compile(&s, json_lenient(&a, str_c(schema), NULL), NULL, &a, &err);
	assert_int_equal(rc, -1);
	if (!strstr(err.msg, words))
		print_error("%s\n", err.msg);
	assert_non_null(strstr(err.msg, words));
	arena_release(&a);
}

static void wrong_schemas_are_refused(void **state)
{
	(void)state;
	check_compile("3", "must be an object, found integer");
	check_compile("{\"type\":\"strnig\"}", "names no JSON type");
	check_compile("{\"pattern\":\"(\"}", "pattern '('");
	check_compile("{\"$ref\":\"#/nowhere\"}", "names no schema");
	check_compile("{\"$ref\":\"http://example.com/x\"}", "nothing is fetched");
	check_compile("{\"properties\":{\"a\":{\"minimum\":\"3\"}}}", "'minimum'");
	check_compile("{\"multipleOf\":0}", "above 0");
}

static void endless_schemas_end(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct schema *s;
	struct schema_report rep = { .arena = &a };
	json_t *j = json_lenient(&a, STR("{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},"
					 "\"b\":{\"anyOf\":[{\"$ref\":\"#/$defs/a\"},"
					 "{\"$ref\":\"#/$defs/a\"}]}}}"), NULL);
	assert_int_equal(schema_compile(&s, j, NULL, &a, &err), 0);
	assert_false(schema_valid(s, j, &rep, &a));
	assert_string_equal(rep.list.v[rep.list.n - 1].keyword, "limit");
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draft_2020_12_suite),	   cmocka_unit_test(draft_7_suite),
		cmocka_unit_test(format_suites),	   cmocka_unit_test(tells_each_mistake_once),
		cmocka_unit_test(wrong_schemas_are_refused), cmocka_unit_test(endless_schemas_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
