/* Unit tests of lib/base. */
#include "base/arena.h"
#include "base/b64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/map.h"
#include "base/num.h"
#include "base/rng.h"
#include "base/secret.h"
#include "base/suggest.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void count_call(void *p)
{
	++*(int *)p;
}

static void arena_rewinds_and_defers(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	int calls = 0;
	arena_defer(&a, count_call, &calls);
	struct arena_mark m = arena_mark(&a);
	for (int i = 0; i < 1000; i++) {
		char *p = arena_alloc(&a, 777);
		assert_int_equal(p[776], 0);
		memset(p, 1, 777);
	}
	arena_defer(&a, count_call, &calls);
	arena_rewind(&a, m);
	assert_int_equal(calls, 1);
	assert_int_equal(a.bytes, m.bytes);
	arena_release(&a);
	assert_int_equal(calls, 2);
}

static void buf_keeps_its_ceiling(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 5);
	buf_adds(&b, "hello");
	assert_false(b.over);
	buf_addc(&b, '!');
	assert_true(b.over);
	assert_string_equal(buf_cstr(&b), "hello");
	buf_release(&b);
	buf_init(&b, 100);
	buf_add_int(&b, INT64_MIN);
	buf_add_int(&b, 0);
	buf_add_int(&b, 731);
	assert_string_equal(buf_cstr(&b), "-92233720368547758080731");
	buf_reset(&b);
	buf_add_json(&b, STR("a\"\\\n\x01\xff\xe2\x82\xac\0z"));
	assert_string_equal(buf_cstr(&b), "\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\xe2\x82\xac\\u0000z\"");
	buf_release(&b);
}

static void utf8_refuses_what_the_standard_refuses(void **state)
{
	(void)state;
	assert_int_equal(utf8_bad(STR("a\xc3\xa9\xf0\x9f\x98\x80")), -1);
	assert_int_equal(utf8_bad(STR("a\xc0\xaf")), 1);
	assert_int_equal(utf8_bad(STR("\xed\xa0\x80")), 0);
	assert_int_equal(utf8_bad(STR("\xf4\x90\x80\x80")), 0);
	assert_int_equal(utf8_bad(STR("ab\xe2\x82")), 2);
	assert_int_equal(utf8_count(STR("\xe2\x82\xac\xff!")), 3);
	assert_int_equal(utf8_prefix(STR("\xe2\x82\xac!"), 2).n, 0);
}

static void map_keeps_order_and_replaces(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct map m;
	int x[500];
	map_init(&m, &a);
	for (int i = 0; i < 500; i++)
		assert_true(map_put(&m, str_c(arena_fmt(&a, "k%d", i)), &x[i]));
	assert_false(map_put(&m, STR("k7"), &x[0]));
	assert_ptr_equal(map_get(&m, STR("k7")), &x[0]);
	assert_ptr_equal(map_get(&m, STR("k499")), &x[499]);
	assert_null(map_get(&m, STR("nope")));
	assert_true(str_eqc(m.entry.v[3].key, "k3"));
	arena_release(&a);
}

static void numbers_read_and_write(void **state)
{
	(void)state;
	double x;
	int64_t i;
	char text[NUM_TEXT];
	assert_true(num_parse(STR("-1.5e3"), &x) && x == -1500);
	assert_true(num_parse(STR(".5"), &x) && x == 0.5);
	assert_false(num_parse(STR("1e"), &x) || num_parse(STR(""), &x) || num_parse(STR("0x1"), &x));
	assert_false(num_parse(STR("inf"), &x) || num_parse(STR("1e999"), &x));
	assert_true(num_parse_i64(STR("-9223372036854775808"), &i) && i == INT64_MIN);
	assert_false(num_parse_i64(STR("9223372036854775808"), &i) || num_parse_i64(STR("-"), &i));
	assert_string_equal(num_fmt(0.1, text), "0.1");
	assert_string_equal(num_fmt(-0.0, text), "0");
	assert_string_equal(num_fmt(1.0 / 3, text), "0.3333333333333333");
	assert_string_equal(num_fmt(1e20, text), "1e+20");
}

/* The quick form of thousandths must be what reads back, and the shortest. */
static void thousandths_read_back(void **state)
{
	(void)state;
	struct rng r = rng_seed(7, STR("num"), "thousandths");
	char text[NUM_TEXT], wanted[NUM_TEXT];
	for (int i = 0; i < 200000; i++) {
		double x = (double)((int64_t)rng_below(&r, 20000000) - 10000000) / 1000, back;
		assert_true(num_parse(str_c(num_fmt(x, text)), &back) && back == x);
		snprintf(wanted, sizeof(wanted), "%.12g", x);
		assert_true(strlen(text) <= strlen(wanted));
	}
	assert_string_equal(num_fmt(731.12, text), "731.12");
	assert_string_equal(num_fmt(-0.5, text), "-0.5");
	assert_string_equal(num_fmt(0.0004, text), "0.0004");
	assert_string_equal(num_fmt(0.001, text), "0.001");
	assert_string_equal(num_fmt(0.1 + 0.2, text), "0.30000000000000004");
}

static void base64_and_hex(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct str out;
	struct buf b;
	buf_init(&b, 64);
	b64_encode(&b, STR("foob"));
	assert_string_equal(buf_cstr(&b), "Zm9vYg==");
	assert_true(b64_decode(&a, STR("Zm9vYg"), &out) && str_eqc(out, "foob"));
	assert_true(b64_decode(&a, STR("-_-_"), &out) && out.n == 3);
	assert_false(b64_decode(&a, STR("Zm9vY"), &out) || b64_decode(&a, STR("Zm 9"), &out));
	unsigned char bytes[2];
	assert_true(hex_decode(STR("aF09"), bytes, 2) && bytes[0] == 0xaf);
	assert_false(hex_decode(STR("aF0g"), bytes, 2));
	buf_release(&b);
	arena_release(&a);
}

static void dates(void **state)
{
	(void)state;
	int64_t t;
	char text[CLOCK_TEXT];
	assert_true(clock_parse(STR("2026-11-23T07:00:00.250+01:00"), &t));
	assert_string_equal(clock_rfc3339(t, text), "2026-11-23T06:00:00.250Z");
	assert_true(clock_parse(STR("1970-01-02"), &t) && t == 86400000);
	assert_false(clock_parse(STR("2026-02-30"), &t) || clock_parse(STR("2026-1-2"), &t));
}

static void errors_are_one_bounded_line(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	char big[2000];
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(err_set(&e, ERR_REMOTE, "%s", big), -1);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	err_set(&e, ERR_TRUST, "no key");
	err_wrap(&e, "stage '%s'", "prod");
	assert_string_equal(e.msg, "stage 'prod': no key");
	assert_int_equal(e.kind, ERR_TRUST);
}

static void diags_sort_and_drop_repeats(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct diags d;
	diags_init(&d, &a);
	diag_add(&d, (struct pos){ "b.yaml", 1, 1 }, "x", "second");
	diag_add(&d, (struct pos){ "a.yaml", 9, 1 }, "x", "first");
	diag_add(&d, (struct pos){ "b.yaml", 1, 1 }, "x", "second");
	diags_sort(&d);
	assert_int_equal(d.list.n, 2);
	assert_int_equal(d.errors, 2);
	assert_string_equal(d.list.v[0].msg, "first");
	arena_release(&a);
}

static void suggests_only_slips(void **state)
{
	(void)state;
	struct suggest s = SUGGEST_INIT(STR("icontians"));
	suggest_offer(&s, STR("contains"));
	suggest_offer(&s, STR("icontains"));
	assert_true(str_eqc(suggest_best(&s), "icontains"));
	struct suggest far = SUGGEST_INIT(STR("zebra"));
	suggest_offer(&far, STR("icontains"));
	assert_null(suggest_best(&far).p);
}

static void secrets_vanish_in_every_form(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct redactor r;
	redactor_init(&r, &a);
	redactor_learn(&r, STR("s3cr/t+\"key\"="));
	struct str clean = redact(&r, STR("x s3cr/t+\"key\"= y s3cr%2Ft%2B%22key%22%3D s3cr/t+\\\"key\\\"="), &a);
	assert_int_equal(str_find(clean, STR("key"), 0), -1);
	struct buf b;
	buf_init(&b, 200);
	b64_encode(&b, STR("user:s3cr/t+\"key\"="));
	assert_true(str_find(redact(&r, buf_str(&b), &a), STR("[redacted]"), 0) >= 0);
	buf_release(&b);
	arena_release(&a);
}

static void rng_repeats_itself(void **state)
{
	(void)state;
	struct rng a = rng_seed(1, STR("case"), "p"), b = rng_seed(1, STR("case"), "p");
	struct rng c = rng_seed(1, STR("case2"), "p");
	uint64_t x = rng_u64(&a);
	assert_true(x == rng_u64(&b) && x != rng_u64(&c));
	double sum = 0;
	for (int i = 0; i < 100000; i++)
		sum += rng_unit(&a);
	assert_true(sum > 49500 && sum < 50500);
	assert_true(rng_below(&a, 3) < 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_rewinds_and_defers),
		cmocka_unit_test(buf_keeps_its_ceiling),
		cmocka_unit_test(utf8_refuses_what_the_standard_refuses),
		cmocka_unit_test(map_keeps_order_and_replaces),
		cmocka_unit_test(numbers_read_and_write),
		cmocka_unit_test(thousandths_read_back),
		cmocka_unit_test(base64_and_hex),
		cmocka_unit_test(dates),
		cmocka_unit_test(errors_are_one_bounded_line),
		cmocka_unit_test(diags_sort_and_drop_repeats),
		cmocka_unit_test(suggests_only_slips),
		cmocka_unit_test(secrets_vanish_in_every_form),
		cmocka_unit_test(rng_repeats_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
