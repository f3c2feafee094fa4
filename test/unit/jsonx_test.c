/* Unit tests of jsonx, canon, pointer and regex. */
#include "base/arena.h"
#include "base/buf.h"
#include "doc/canon.h"
#include "doc/jsonx.h"
#include "doc/pointer.h"
#include "doc/regex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void check_lenient(const char *text, const char *expected)
{
	struct arena a = ARENA_INIT;
	struct buf b;
	buf_init(&b, 10000);
	const char *why = NULL;
	json_t *j = json_lenient(&a, str_c(text), &why);
	if (!j) {
		assert_null(expected);
		assert_non_null(why);
	} else {
		json_write(&b, j);
		assert_string_equal(buf_cstr(&b), expected ? expected : "(none)");
	}
	buf_release(&b);
	arena_release(&a);
}

static void lenient_reads_what_models_write(void **state)
{
	(void)state;
	check_lenient("{\"a\":1,\"b\":[true,null,-2.5]}", "{\"a\":1,\"b\":[true,null,-2.5]}");
	check_lenient("\"x\\u0000y\"", "\"x\\u0000y\"");
	check_lenient("[\"\\ud800\", 1]", "[\"\xef\xbf\xbd\",1]");
	check_lenient("[\"\\ud83d\\ude00\\udc00\"]", "[\"\xf0\x9f\x98\x80\xef\xbf\xbd\"]");
	check_lenient("[9223372036854775807]", "[9223372036854775807]");
	check_lenient("[9223372036854775808,7]", "[9.223372036854776e+18,7]");
	check_lenient("[1e400,-1e400]", "[1.7976931348623157e+308,-1.7976931348623157e+308]");
	check_lenient("{\"a\\u0000\":1e999}", "{\"a\xef\xbf\xbd\":1.7976931348623157e+308}");
	check_lenient("[\"\xff\"]", "[\"\xef\xbf\xbd\"]");
	check_lenient("\xef\xbb\xbf 3", "3");
	check_lenient("[1,]", NULL);
	check_lenient("{} x", NULL);
	check_lenient("[01e999]", NULL);
	check_lenient("[1.e999]", NULL);
	check_lenient("", NULL);
	check_lenient("\"\\ud800", NULL);
}

static void lenient_keeps_a_depth_cap(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	const char *why = NULL;
	char *text = arena_alloc(&a, 200001);
	memset(text, '[', 200000);
	assert_null(json_lenient(&a, str_c(text), &why));
	assert_non_null(why);
	arena_release(&a);
}

static void strings_survive_any_bytes(void **state)
{
	(void)state;
	json_t *j = json_from_str(STR("a\0\xff\xc3\xa9"));
	assert_true(str_eq(json_str(j), STR("a\0\xef\xbf\xbd\xc3\xa9")));
	json_decref(j);
	assert_null(json_str(NULL).p);
	struct arena a = ARENA_INIT;
	assert_null(json_lenient(&a, STR("{\"a\":12\0}"), NULL));
	arena_release(&a);
}

static void check_canon(const char *text, const char *expected)
{
	json_t *j = json_loads(text, JSON_DECODE_ANY, NULL);
	struct buf b;
	buf_init(&b, 10000);
	canon_write(&b, j);
	assert_string_equal(buf_cstr(&b), expected);
	buf_release(&b);
	json_decref(j);
}

/* The samples of RFC 8785, §3.2.2 and §3.2.3. */
static void canon_follows_the_rfc(void **state)
{
	(void)state;
	check_canon("{\"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, "
		    "0.000000000000000000000000001],"
		    "\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
		    "\"literals\": [null, true, false]}",
		    "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,"
		    "0.002,1e-27],\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
	check_canon("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,"
		    "\"\\u0080\":6,\"\\u00f6\":7}",
		    "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,"
		    "\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}");
}

static double from_bits(uint64_t bits)
{
	double x;
	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* RFC 8785, appendix B. */
static void numbers_follow_ecmascript(void **state)
{
	(void)state;
	static const struct {
		uint64_t bits;
		const char *text;
	} v[] = {
		{ 0x0000000000000000, "0" },
		{ 0x8000000000000000, "0" },
		{ 0x0000000000000001, "5e-324" },
		{ 0x8000000000000001, "-5e-324" },
		{ 0x7fefffffffffffff, "1.7976931348623157e+308" },
		{ 0x4340000000000000, "9007199254740992" },
		{ 0xc340000000000000, "-9007199254740992" },
		{ 0x4430000000000000, "295147905179352830000" },
		{ 0x44b52d02c7e14af5, "9.999999999999997e+22" },
		{ 0x44b52d02c7e14af6, "1e+23" },
		{ 0x44b52d02c7e14af7, "1.0000000000000001e+23" },
		{ 0x444b1ae4d6e2ef4e, "999999999999999700000" },
		{ 0x444b1ae4d6e2ef4f, "999999999999999900000" },
		{ 0x444b1ae4d6e2ef50, "1e+21" },
		{ 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
		{ 0x3eb0c6f7a0b5ed8d, "0.000001" },
		{ 0x41b3de4355555553, "333333333.3333332" },
		{ 0x41b3de4355555557, "333333333.33333343" },
		{ 0xbecbf647612f3696, "-0.0000033333333333333333" },
		{ 0x43143ff3c1cb0959, "1424953923781206.2" },
	};
	char text[NUM_TEXT];
	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		assert_string_equal(canon_number(from_bits(v[i].bits), text), v[i].text);
}

/* RFC 6901, §5. */
static void pointers_follow_the_rfc(void **state)
{
	(void)state;
	json_t *j = json_loads("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
			       "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}",
			       0, NULL);
	assert_ptr_equal(pointer_get(j, STR("")), j);
	assert_true(str_eqc(json_str(pointer_get(j, STR("/foo/0"))), "bar"));
	static const char *const p[] = { "/",	 "/a~1b", "/c%d", "/e^f", "/g|h",
					 "/i\\j", "/k\"l", "/ ",   "/m~0n" };
	for (size_t i = 0; i < ARRAY_LEN(p); i++)
		assert_int_equal(json_integer_value(pointer_get(j, str_c(p[i]))), i);
	static const char *const none[] = { "foo", "/foo/2", "/foo/-", "/foo/01", "/m~n", "/foo/0/x",
					    "/m~", "/foo/+1" };
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_null(pointer_get(j, str_c(none[i])));
	json_decref(j);
}

static int search(const char *pattern, unsigned flags, const char *text, struct regex_match *m)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct regex *re;
	int rc = -2;
	if (!regex_compile(&re, str_c(pattern), flags, &a, &err))
		rc = regex_search(re, str_c(text), m, &err);
	if (rc < 0)
		assert_int_equal(err.kind, ERR_ARTIFACT);
	arena_release(&a);
	return rc;
}

static void regex_is_ecmascript(void **state)
{
	(void)state;
	struct regex_match m;
	assert_int_equal(search("b(c)?(d)", 0, "abd", &m), 1);
	assert_int_equal(m.n, 3);
	assert_int_equal(m.group[0].from, 1);
	assert_int_equal(m.group[0].to, 3);
	assert_true(m.group[1].from == REGEX_UNSET);
	assert_int_equal(m.group[2].from, 2);
	assert_int_equal(search("^a$", 0, "a\n", NULL), 0);
	assert_int_equal(search("^a$", REGEX_MULTILINE, "b\na\nc", NULL), 1);
	assert_int_equal(search("A.B", REGEX_ICASE | REGEX_DOTALL, "a\nb", NULL), 1);
	assert_int_equal(search("\\d", 0, "\xd9\xa3", NULL), 0);
	assert_int_equal(search("^\\s$", 0, "\xef\xbb\xbf", NULL), 1);
	assert_int_equal(search("^[\\S\\s]$", 0, "\n", NULL), 1);
	assert_int_equal(search("^\\p{Letter}+$", 0, "\xc3\xa9", NULL), 1);
	assert_int_equal(search("^[^]$", 0, "\n", NULL), 1);
	assert_int_equal(search("x", 0, "\xff x", NULL), 1);
	assert_int_equal(search("(", 0, "", NULL), -2);
	assert_int_equal(search("\\C", 0, "", NULL), -2);
}

static void regex_limits_are_errors(void **state)
{
	(void)state;
	assert_int_equal(search("^(a+)+$", 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lenient_reads_what_models_write),
		cmocka_unit_test(lenient_keeps_a_depth_cap),
		cmocka_unit_test(strings_survive_any_bytes),
		cmocka_unit_test(canon_follows_the_rfc),
		cmocka_unit_test(numbers_follow_ecmascript),
		cmocka_unit_test(pointers_follow_the_rfc),
		cmocka_unit_test(regex_is_ecmascript),
		cmocka_unit_test(regex_limits_are_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
