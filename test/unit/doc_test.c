/* Unit tests of documents with places. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "doc/doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct world {
	struct arena a;
	struct diags d;
	struct doc doc;
	struct buf out;
};

static int open_world(struct world *w, struct str text, const char *file)
{
	*w = (struct world){ .a = ARENA_INIT };
	diags_init(&w->d, &w->a);
	buf_init(&w->out, MIB);
	return doc_parse(&w->doc, text, doc_syntax_of(file), file, &w->a, &w->d);
}

static void close_world(struct world *w)
{
	buf_release(&w->out);
	arena_release(&w->a);
}

static void reads(const char *file, const char *text, const char *json)
{
	struct world w;
	int rc = open_world(&w, str_c(text), file);
	if (rc)
		print_error("%s\n", w.d.list.v[0].msg);
	assert_int_equal(rc, 0);
	assert_int_equal(w.d.list.n, 0);
	json_write(&w.out, w.doc.root);
	assert_string_equal(buf_cstr(&w.out), json);
	close_world(&w);
}

/* The first mistake is at line:col, has the rule, and its text holds `words`. */
static void refuses_n(const char *file, struct str text, unsigned line, unsigned col,
		      const char *rule, const char *words)
{
	struct world w;
	int rc = open_world(&w, text, file);
	assert_int_equal(rc, -1);
	assert_true(w.d.errors > 0);
	const struct diag *d = &w.d.list.v[0];
	if (d->at.line != line || d->at.col != col || !strstr(d->msg, words))
		print_error("%u:%u %s [%s]\n", d->at.line, d->at.col, d->msg, text.p);
	assert_string_equal(d->at.file, file);
	assert_int_equal(d->at.line, line);
	assert_int_equal(d->at.col, col);
	assert_string_equal(d->rule, rule);
	assert_non_null(strstr(d->msg, words));
	close_world(&w);
}

static void refuses(const char *file, const char *text, unsigned line, unsigned col,
		    const char *rule, const char *words)
{
	refuses_n(file, str_c(text), line, col, rule, words);
}

static void yaml_follows_the_core_schema(void **state)
{
	(void)state;
	reads("a.yaml", "[null, Null, ~, true, TRUE, False]",
	      "[null,null,null,true,true,false]");
	reads("a.yaml", "[yes, no, on, off, y, nULL, tRue]",
	      "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"nULL\",\"tRue\"]");
	reads("a.yaml", "[0, -7, +7, 012, 0o17, 0xfF, 0b1, 1_000, 190:20]",
	      "[0,-7,7,12,15,255,\"0b1\",\"1_000\",\"190:20\"]");
	reads("a.yaml", "[.5, 1., 1e3, -2.5E-1, 1.5.2, '.', 1e]",
	      "[0.5,1.0,1000.0,-0.25,\"1.5.2\",\".\",\"1e\"]");
	reads("a.yaml", "[\"1\", '2', ! 3, !!str 4, !!float 5, !!int \"6\"]",
	      "[\"1\",\"2\",\"3\",\"4\",5,6]");
	reads("a.yaml", "a:\nb: |\n  x\n  y\nc: >-\n  x\n  y\n",
	      "{\"a\":null,\"b\":\"x\\ny\\n\",\"c\":\"x y\"}");
	reads("a.yaml", "1: a\ntrue: b\n? ~\n: c\n", "{\"1\":\"a\",\"true\":\"b\",\"~\":\"c\"}");
	reads("a.yaml", "\xef\xbb\xbf# BOM\r\na: 1\r\nb: [2]\r\n", "{\"a\":1,\"b\":[2]}");
	reads("a.yaml", "2001-12-14", "\"2001-12-14\"");
}

static void yaml_shares_and_merges(void **state)
{
	(void)state;
	reads("a.yaml", "a: &x {k: 1}\nb: *x\nc: [*x, *x]\n",
	      "{\"a\":{\"k\":1},\"b\":{\"k\":1},\"c\":[{\"k\":1},{\"k\":1}]}");
	reads("a.yaml", "a: &a {k: 1, l: 2}\nb:\n  <<: *a\n  k: 3\n",
	      "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"k\":3,\"l\":2}}");
	reads("a.yaml", "- &a {k: 1}\n- &b {k: 2, m: 3}\n- <<: [*a, *b]\n",
	      "[{\"k\":1},{\"k\":2,\"m\":3},{\"k\":1,\"m\":3}]");
	reads("a.yaml", "'<<': 1\n", "{\"<<\":1}");
	reads("a.yaml", "&k key: *k\n", "{\"key\":\"key\"}");
	refuses("a.yaml", "a: *x\n", 1, 4, "yaml-syntax", "'*x' names no anchor");
	refuses("a.yaml", "a: &x [*x]\n", 1, 8, "yaml-syntax", "inside of what it names");
	refuses("a.yaml", "<<: 3\n", 1, 5, "yaml-syntax", "needs a mapping");
}

static void yaml_mistakes_have_places(void **state)
{
	(void)state;
	refuses("a.yaml", "a: 1\nb: 2\na: 3\n", 3, 1, "duplicate-key", "first on line 1, column 1");
	refuses("a.yaml", "a: .inf\n", 1, 4, "yaml-syntax", "no finite number");
	refuses("a.yaml", "a: -.INF\n", 1, 4, "yaml-syntax", "no finite number");
	refuses("a.yaml", "a: .nan\n", 1, 4, "yaml-syntax", "no finite number");
	refuses("a.yaml", "a: 1e999\n", 1, 4, "yaml-syntax", "too large");
	refuses("a.yaml", "a: 99999999999999999999\n", 1, 4, "yaml-syntax", "too large");
	refuses("a.yaml", "a:\n\tb: 1\n", 2, 1, "yaml-syntax", "tab");
	refuses("a.yaml", "a: \"x\nb: 1\n", 3, 1, "yaml-syntax", "never closed");
	refuses("a.yaml", "a: b: c\n", 1, 5, "yaml-syntax", "':' is not allowed here");
	refuses("a.yaml", "a: @x\n", 1, 4, "yaml-syntax", "cannot start with this character");
	refuses("a.yaml", "a: [1, 2\nb: 3\n", 2, 2, "yaml-syntax", "in a list");
	refuses("a.yaml", "a: 1\n---\nb: 2\n", 2, 1, "yaml-syntax", "second document");
	refuses("a.yaml", "a: !foo 1\n", 1, 4, "yaml-syntax", "tag '!foo'");
	refuses("a.yaml", "a: !!binary eA==\n", 1, 4, "yaml-syntax", "tag");
	refuses("a.yaml", "a: !!int x\n", 1, 4, "yaml-syntax", "is no int");
	refuses("a.yaml", "{a: 1}: 2\n", 1, 1, "yaml-syntax", "a key must be text");
	refuses("a.yaml", "", 1, 1, "yaml-syntax", "empty");
	refuses("a.yaml", "\xc3\xa9: \xff\n", 1, 4, "yaml-syntax", "0xff is not UTF-8");
	refuses_n("a.yaml", STR("\xff\xfe" "a\0"), 1, 1, "yaml-syntax", "UTF-16");
	refuses_n("a.yaml", STR("a: x\0y\n"), 1, 5, "yaml-syntax", "control character");
	refuses("a.yaml", "a: \"\\q\"\n", 1, 5, "yaml-syntax", "unknown escape");
}

static void every_mistake_is_told(void **state)
{
	(void)state;
	struct world w;
	assert_int_equal(open_world(&w, STR("a: 1\na: 2\nb: .nan\nc: *no\n"), "x.yaml"), -1);
	assert_int_equal(w.d.errors, 3);
	close_world(&w);
}

static void json_mistakes_have_places(void **state)
{
	(void)state;
	reads("a.json", " {\"a\": [1, -2.5e1, true, null, \"\\u00e9\\ud83d\\ude00\\n\"]} ",
	      "{\"a\":[1,-25.0,true,null,\"\xc3\xa9\xf0\x9f\x98\x80\\n\"]}");
	refuses("a.json", "{\"a\": 1,\n \"a\": 2}", 2, 2, "duplicate-key", "first on line 1, column 2");
	refuses("a.json", "[1,\n2,]", 2, 2, "json-syntax", "trailing comma");
	refuses("a.json", "{\"a\": 1,}", 1, 8, "json-syntax", "trailing comma");
	refuses("a.json", "[\"abc\n\"]", 1, 2, "json-syntax", "not closed");
	refuses("a.json", "[\"abc", 1, 2, "json-syntax", "never closed");
	refuses("a.json", "[1 2]", 1, 4, "json-syntax", "expected ',' or ']' in this list, found '2'");
	refuses("a.json", "{a: 1}", 1, 2, "json-syntax", "expected a key in double quotes");
	refuses("a.json", "{\"a\" 1}", 1, 6, "json-syntax", "expected ':'");
	refuses("a.json", "{\"a\": 1", 1, 1, "json-syntax", "never closed");
	refuses("a.json", "[01]", 1, 2, "json-syntax", "not a JSON number");
	refuses("a.json", "[1.]", 1, 2, "json-syntax", "not a JSON number");
	refuses("a.json", "[NaN]", 1, 2, "json-syntax", "found 'NaN'");
	refuses("a.json", "[9223372036854775808]", 1, 2, "json-syntax", "too large");
	refuses("a.json", "[\"\\ud800\"]", 1, 3, "json-syntax", "surrogate");
	refuses("a.json", "[\"\\x\"]", 1, 3, "json-syntax", "unknown escape");
	refuses("a.json", "{} {}", 1, 4, "json-syntax", "expected the end");
	refuses("a.json", "", 1, 1, "json-syntax", "empty");
	refuses("a.json", "// x\n{}", 1, 1, "json-syntax", "expected a value");
	refuses("a.json", "[\"\t\"]", 1, 3, "json-syntax", "U+0009");
}

static void caps_hold(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, MIB);
	for (int i = 0; i < DOC_DEPTH_MAX + 1; i++)
		buf_addc(&b, '[');
	refuses("a.json", buf_cstr(&b), 1, DOC_DEPTH_MAX + 1, "document-too-deep", "128");
	refuses("a.yaml", buf_cstr(&b), 1, DOC_DEPTH_MAX + 1, "document-too-deep", "128");
	buf_reset(&b);
	buf_adds(&b, "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
	for (int i = 1; i < 10; i++) {
		buf_addf(&b, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			buf_addf(&b, "%s*a%d", k ? "," : "", i - 1);
		buf_adds(&b, "]\n");
	}
	refuses("a.yaml", buf_cstr(&b), 6, 38, "document-too-large", "aliases expanded");
	buf_release(&b);
}

static void is_at(struct pos p, unsigned line, unsigned col)
{
	assert_int_equal(p.line, line);
	assert_int_equal(p.col, col);
}

static void places_are_exact(void **state)
{
	(void)state;
	struct world w;
	const char *text = "a: true\n"
			   "\xc3\xa9: {x: true, y: [false, null]}\n"
			   "t: \"a\\nb\\u00e9c\"\n"
			   "s: 'it''s'\n"
			   "l: |\n"
			   "  one\n"
			   "\n"
			   "    two\n"
			   "p: plain text\n"
			   "q: &n \"tag\"\n";
	assert_int_equal(open_world(&w, str_c(text), "a.yaml"), 0);
	const json_t *root = w.doc.root, *e = json_object_get(root, "\xc3\xa9");
	is_at(doc_pos_of(&w.doc, NULL), 1, 1);
	is_at(doc_pos_member(&w.doc, root, "a"), 1, 4);
	is_at(doc_pos_key(&w.doc, root, "\xc3\xa9"), 2, 1);
	is_at(doc_pos_of(&w.doc, e), 2, 4);
	is_at(doc_pos_member(&w.doc, e, "x"), 2, 8);
	is_at(doc_pos_item(&w.doc, json_object_get(e, "y"), 1), 2, 25);
	is_at(doc_pos_pointer(&w.doc, STR("/\xc3\xa9/y/0")), 2, 18);
	is_at(doc_pos_pointer(&w.doc, STR("/\xc3\xa9/none/0")), 2, 4);
	is_at(doc_pos_inside(&w.doc, root, "t", 0, 2), 3, 8);
	is_at(doc_pos_inside(&w.doc, root, "t", 0, 5), 3, 15);
	is_at(doc_pos_inside(&w.doc, root, "s", 0, 3), 4, 9);
	is_at(doc_pos_inside(&w.doc, root, "l", 0, 0), 6, 3);
	is_at(doc_pos_inside(&w.doc, root, "l", 0, 7), 8, 5);
	is_at(doc_pos_inside(&w.doc, root, "p", 0, 6), 9, 10);
	is_at(doc_pos_inside(&w.doc, root, "q", 0, 1), 10, 9);
	close_world(&w);
	assert_int_equal(open_world(&w, STR("{\n  \"a\": {\"b\": [1,\n 2]}}"), "a.json"), 0);
	is_at(doc_pos_pointer(&w.doc, STR("/a/b/1")), 3, 2);
	is_at(doc_pos_pointer(&w.doc, STR("/a/b")), 2, 14);
	close_world(&w);
}

/* An aliased or merged value is where its anchor has it. */
static void places_of_shared_values(void **state)
{
	(void)state;
	struct world w;
	assert_int_equal(open_world(&w, STR("a: &x\n  k: 1\nb: *x\nc:\n  <<: *x\n"), "a.yaml"), 0);
	is_at(doc_pos_member(&w.doc, w.doc.root, "b"), 3, 4);
	is_at(doc_pos_pointer(&w.doc, STR("/b/k")), 2, 6);
	is_at(doc_pos_pointer(&w.doc, STR("/c/k")), 2, 6);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yaml_follows_the_core_schema),
		cmocka_unit_test(yaml_shares_and_merges),
		cmocka_unit_test(yaml_mistakes_have_places),
		cmocka_unit_test(every_mistake_is_told),
		cmocka_unit_test(json_mistakes_have_places),
		cmocka_unit_test(caps_hold),
		cmocka_unit_test(places_are_exact),
		cmocka_unit_test(places_of_shared_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
