/* Unit tests of JSON Lines and CSV. */
#include "base/arena.h"
#include "base/buf.h"
#include "doc/csv.h"
#include "doc/jsonl.h"
#include "doc/jsonx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void check_text(const json_t *j, const char *expected)
{
	struct buf b;
	buf_init(&b, 100000);
	json_write(&b, j);
	assert_string_equal(buf_cstr(&b), expected);
	buf_release(&b);
}

static void jsonl_streams_rows(void **state)
{
	(void)state;
	struct str text = STR("\xef\xbb\xbf{\"a\":1}\r\n\n  \r\n[2]\n\"\\ud800\"");
	static const char *const expected[] = { "{\"a\":1}", "[2]", "\"\xef\xbf\xbd\"" };
	static const unsigned line[] = { 1, 4, 5 };
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct jsonl r;
	struct jsonl_row row = JSONL_ROW_INIT;
	jsonl_init(&r, text, "x.jsonl");
	for (size_t i = 0; i < 3; i++) {
		assert_true(jsonl_next(&r, &row));
		assert_int_equal(row.number, i);
		assert_int_equal(row.line, line[i]);
		check_text(jsonl_parse(text, &row, "x.jsonl", &a, &err), expected[i]);
	}
	assert_false(jsonl_next(&r, &row));
	arena_release(&a);
}

static void check_jsonl(struct str text, unsigned line, unsigned col, const char *words)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct jsonl r;
	struct jsonl_row row = JSONL_ROW_INIT;
	jsonl_init(&r, text, "x.jsonl");
	json_t *j = NULL;
	while (jsonl_next(&r, &row))
		if (!(j = jsonl_parse(text, &row, "x.jsonl", &a, &err)))
			break;
	assert_null(j);
	assert_string_equal(err.at.file, "x.jsonl");
	assert_int_equal(err.at.line, line);
	assert_int_equal(err.at.col, col);
	if (!strstr(err.msg, words))
		print_error("%s\n", err.msg);
	assert_non_null(strstr(err.msg, words));
	arena_release(&a);
}

static void jsonl_locates_mistakes(void **state)
{
	(void)state;
	check_jsonl(STR("{}\n\n{\"a\":1,\"a\":2}\n"), 3, 8, "key 'a' is here twice");
	check_jsonl(STR("[1,]\n"), 1, 3, "trailing comma");
	check_jsonl(STR("1\n\"\xc3\xa9\xff\"\n"), 2, 3, "0xff is not UTF-8");
	check_jsonl(STR("{} {}\n"), 1, 4, "expected the end");
}

static void csv_reads_what_the_rfc_has(void **state)
{
	(void)state;
	struct str text = STR("\xef\xbb\xbf" "a,b,c\r\n1,\"x, \"\"y\"\"\r\nz\",\r\n\r\n\xc3\xa9,,3");
	static const char *const expected[] = { "{\"a\":\"1\",\"b\":\"x, \\\"y\\\"\\r\\nz\",\"c\":\"\"}",
						"{\"a\":\"\xc3\xa9\",\"b\":\"\",\"c\":\"3\"}" };
	static const unsigned line[] = { 2, 5 };
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct csv c;
	struct csv_row row[2], none;
	assert_int_equal(csv_open(&c, text, 0, "x.csv", &a, &err), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(csv_next(&c, &row[i], &a, &err), 1);
		assert_int_equal(row[i].number, i);
		assert_int_equal(row[i].line, line[i]);
		check_text(csv_object(&c, &row[i], &a), expected[i]);
	}
	assert_int_equal(csv_next(&c, &none, &a, &err), 0);
	for (size_t i = 2; i-- > 0;) {
		struct csv_row again = { .offset = row[i].offset, .line = row[i].line };
		assert_int_equal(csv_at(&c, &again, &a, &err), 0);
		assert_int_equal(again.length, row[i].length);
		check_text(csv_object(&c, &again, &a), expected[i]);
	}
	arena_release(&a);
}

static void check_csv(const char *text, char delimiter, unsigned line, const char *words)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct csv c;
	struct csv_row row;
	int rc = csv_open(&c, str_c(text), delimiter, "x.csv", &a, &err);
	if (!rc)
		while ((rc = csv_next(&c, &row, &a, &err)) == 1)
			;
	assert_int_equal(rc, -1);
	assert_int_equal(err.at.line, line);
	if (!strstr(err.msg, words))
		print_error("%s\n", err.msg);
	assert_non_null(strstr(err.msg, words));
	arena_release(&a);
}

static void csv_locates_mistakes(void **state)
{
	(void)state;
	check_csv("a,b\n1,2\n\"x\ny\",2\n3\n", 0, 5, "row 3 has 1 fields, expected 2");
	check_csv("a;b\n1;2;3\n", ';', 2, "3 fields");
	check_csv("a,b\n1,\"x\n2,3\n", 0, 2, "never closed");
	check_csv("a,b\n1,x\"y\n", 0, 2, "quote stands inside");
	check_csv("a,b\n1,\"x\"y\n", 0, 2, "follows a closed quote");
	check_csv("a,a\n", 0, 1, "'a' is here twice");
	check_csv("a,,b\n", 0, 1, "column 2 has no name");
	check_csv("", 0, 1, "empty");
	check_csv("a\n\xff\n", 0, 2, "not UTF-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jsonl_streams_rows),
		cmocka_unit_test(jsonl_locates_mistakes),
		cmocka_unit_test(csv_reads_what_the_rfc_has),
		cmocka_unit_test(csv_locates_mistakes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
