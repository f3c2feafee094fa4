/* The threshold grammar: what it takes, and where it says what is wrong. */
#include "base/arena.h"
#include "base/num.h"
#include "verdict/threshold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

static void good_texts(void **state)
{
	(void)state;
	static const struct {
		const char *text, *suite, *metric, *agg;
		enum threshold_op op;
		double value;
		enum bound_unit unit;
		const char *shown;
	} rows[] = {
		{ "correct.mean >= 0.90", NULL, "correct", "mean", OP_GE, 0.9, BOUND_PLAIN,
		  "0.90" },
		{ "correct.mean>=0.90", NULL, "correct", "mean", OP_GE, 0.9, BOUND_PLAIN, "0.90" },
		{ "  a.sum == 3  ", NULL, "a", "sum", OP_EQ, 3, BOUND_PLAIN, "3" },
		{ "harmful.rate <= 1%", NULL, "harmful", "rate", OP_LE, 0.01, BOUND_PERCENT, "1%" },
		{ "x.mean > 90 %", NULL, "x", "mean", OP_GT, 0.9, BOUND_PERCENT, "90%" },
		{ "answers/ttft.p95 <= 800ms", "answers", "ttft", "p95", OP_LE, 800, BOUND_MS,
		  "800 ms" },
		{ "*/ttft.p99 < 1.5 s", "*", "ttft", "p99", OP_LT, 1500, BOUND_MS, "1.5 s" },
		{ "latency.max <= 2m", NULL, "latency", "max", OP_LE, 120000, BOUND_MS, "2 m" },
		{ "latency.max <= 1h", NULL, "latency", "max", OP_LE, 3600000, BOUND_MS, "1 h" },
		{ "cost.mean <= $0.004", NULL, "cost", "mean", OP_LE, 0.004, BOUND_USD, "$0.004" },
		{ "tokens_out.p50 <= 500tok", NULL, "tokens_out", "p50", OP_LE, 500, BOUND_TOK,
		  "500 tok" },
		{ "tokens_out.sum <= 2M", NULL, "tokens_out", "sum", OP_LE, 2e6, BOUND_TOK,
		  "2M tok" },
		{ "tps.p75 >= 30 tok/s", NULL, "tps", "p75", OP_GE, 30, BOUND_TOK_S, "30 tok/s" },
		{ "red-team/not-leaked.pass >= 1", "red-team", "not-leaked", "pass", OP_GE, 1,
		  BOUND_PLAIN, "1" },
		{ "a.p90 >= -1.5e3", NULL, "a", "p90", OP_GE, -1500, BOUND_PLAIN, "-1.5e3" },
		{ "spend.usd <= $5", NULL, "spend", "usd", OP_LE, 5, BOUND_USD, "$5" },
		{ "größe.min >= 1", NULL, "größe", "min", OP_GE, 1, BOUND_PLAIN, "1" },
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct threshold_fault f;
		struct threshold t;
		if (threshold_parse(&t, str_c(rows[i].text), &a, &f))
			fail_msg("%s: %s at %zu", rows[i].text, f.msg, f.offset);
		assert_string_equal(t.suite ? t.suite : "-", rows[i].suite ? rows[i].suite : "-");
		assert_string_equal(t.metric, rows[i].metric);
		assert_string_equal(t.agg_text, rows[i].agg);
		assert_int_equal(t.op, rows[i].op);
		assert_true(t.bound.value == rows[i].value);
		assert_int_equal(t.bound.unit, rows[i].unit);
		assert_string_equal(t.bound.text, rows[i].shown);
		assert_string_equal(t.text, rows[i].text);
		assert_false(t.bound.baseline);
		assert_true(t.blocking && !t.observed && isnan(t.confidence));
	}
	arena_release(&a);
}

static struct threshold parsed(const char *text, struct arena *a)
{
	struct threshold_fault f;
	struct threshold t = { .text = NULL };
	if (threshold_parse(&t, str_c(text), a, &f))
		fail_msg("%s: %s at %zu", text, f.msg, f.offset);
	return t;
}

static void slices_baselines_and_k(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct threshold t =
		parsed("correct.mean{category=refunds, k2=\"v \\\"w\\\", x\"} >= .8", &a);
	assert_int_equal(t.nslice, 2);
	assert_string_equal(t.slice[0].key, "category");
	assert_string_equal(t.slice[0].value, "refunds");
	assert_string_equal(t.slice[1].key, "k2");
	assert_string_equal(t.slice[1].value, "v \"w\", x");
	assert_true(t.bound.value == 0.8);
	t = parsed("a/correct.mean {lang=pt BR} worst{ user.tier } >= 0.8", &a);
	assert_string_equal(t.slice[0].value, "pt BR");
	assert_string_equal(t.worst, "user.tier");
	t = parsed("correct.mean >= baseline - 0.02", &a);
	assert_true(t.bound.baseline && t.bound.change == '-' && t.bound.value == 0.02);
	assert_string_equal(t.bound.text, "baseline - 0.02");
	t = parsed("cost.mean <= baseline*1.10", &a);
	assert_true(t.bound.change == '*' && t.bound.value == 1.10);
	t = parsed("ttft.p95 <= baseline + 50ms", &a);
	assert_true(t.bound.change == '+' && t.bound.unit == BOUND_MS);
	t = parsed("correct.mean not-below baseline", &a);
	assert_true(t.op == OP_NOT_BELOW && threshold_needs_baseline(&t) &&
		    threshold_wants_high(&t));
	t = parsed("cost.mean not-above baseline", &a);
	assert_true(t.op == OP_NOT_ABOVE && !threshold_wants_high(&t));
	t = parsed("correct.pass@3 >= 0.9", &a);
	assert_true(t.agg == AGG_PASS_AT && t.k == 3);
	assert_string_equal(t.agg_text, "pass@3");
	t = parsed("correct.pass^10 >= 0.9", &a);
	assert_true(t.agg == AGG_PASS_ALL && t.k == 10);
	/* a percentage is the double that the fraction is */
	assert_true(parsed("a.mean >= 95%", &a).bound.value == 0.95);
	assert_true(parsed("a.mean >= 7%", &a).bound.value == 0.07);
	arena_release(&a);
}

static void faults_have_columns(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t offset;
		const char *msg, *hint;
	} rows[] = {
		{ "", 0, "expected a metric, found the end", "metric.aggregate" },
		{ ">= 0.9", 0, "expected a metric, found '>='", "" },
		{ "correct >= 0.9", 7,
		  "expected '.' and an aggregate after 'correct', found a space", "mean" },
		{ "correct. >= 0.9", 8, "expected an aggregate after '.'", "" },
		{ "correct.meen >= 0.9", 8, "unknown aggregate 'meen'", "did you mean 'mean'?" },
		{ "correct.avg >= 0.9", 8, "unknown aggregate 'avg'", "'mean'" },
		{ "ttft.p80 <= 1s", 5, "unknown aggregate 'p80'", "" },
		{ "ttft.median <= 1s", 5, "unknown aggregate 'median'", "'p50'" },
		{ "a/.mean >= 1", 2, "expected a metric after 'a/'", "" },
		{ "*ttft.p95 <= 1s", 1, "expected '/' after '*'", "pools" },
		{ "correct.pass@ >= 1", 13, "expected k", "pass@3" },
		{ "correct.pass@0 >= 1", 13, "expected k", "" },
		{ "correct.pass^k >= 1", 13, "expected k", "pass^3" },
		{ "correct.mean", 12, "expected one of >= > <= <", "" },
		{ "correct.mean => 0.9", 13, "found '=>'", "did you mean '>='?" },
		{ "correct.mean = 0.9", 13, "found '='", "'=='" },
		{ "correct.mean \xe2\x89\xa5 0.9", 13, "found '\xe2\x89\xa5'", "'>='" },
		{ "correct.mean == 0.9", 13, "'==' is for count", ">= or <=" },
		{ "correct.mean >=", 15, "expected a number, found the end", "" },
		{ "correct.mean >= high", 16, "expected a number, found 'high'", "" },
		{ "correct.mean >= basline", 16, "expected a number", "" },
		{ "correct.mean >= 0,9", 17, "found ','", "decimal point" },
		{ "correct.mean >= 1.2.3", 16, "expected a number", "" },
		{ "correct.mean >= 0x10", 17, "unknown unit", "units are" },
		{ "correct.mean >= nan", 16, "expected a number", "" },
		{ "correct.mean >= 1e999", 16, "expected a number", "" },
		{ "ttft.p95 <= 800 msec", 16, "unknown unit", "ms" },
		{ "cost.mean <= $", 14, "expected a number", "" },
		{ "correct.mean >= 0.9 please", 20, "unknown unit or text", "" },
		{ "correct.mean{} >= 1", 13, "expected key=value", "category" },
		{ "correct.mean{category} >= 1", 21, "expected '=' after 'category', found '}'",
		  "" },
		{ "correct.mean{category=} >= 1", 22, "expected a value", "" },
		{ "correct.mean{category==x} >= 1", 22, "one '='", "" },
		{ "correct.mean{a=1, a=2} >= 1", 18, "'a' appears twice", "" },
		{ "correct.mean{a=1 >= 1", 18, "expected ',' or '}'", "close the slice" },
		{ "correct.mean{a=1", 12, "not closed", "" },
		{ "correct.mean{a=\"1} >= 1", 15, "quoted value is not closed", "" },
		{ "correct.mean worst >= 1", 19, "expected '{' after 'worst'", "worst{category}" },
		{ "correct.mean worst{} >= 1", 19, "name of a case variable", "" },
		{ "correct.mean worst{a=b} >= 1", 20, "found '='", "every value" },
		{ "correct.mean worst{a", 18, "not closed", "" },
		{ "correct.mean not-below 0.9", 23, "takes 'baseline' alone", ">= or <=" },
		{ "correct.mean not-below baseline - 0.1", 23, "takes 'baseline' alone", "" },
		{ "correct.mean >= baseline - 2%", 27, "points or a share", "baseline - 0.02" },
		{ "correct.mean >= baseline 0.2", 25, "expected '-', '+' or '*'", "" },
		{ "correct.mean >= baseline * 0", 27, "factor above 0", "" },
		{ "correct.mean >= baseline * 2ms", 27, "factor above 0", "" },
		{ "correct.mean >= baseline - -0.2", 27, "without a sign", "" },
		{ "a.sum == baseline", 9, "not 'baseline'", "" },
		{ "spend.euro <= 5", 6, "usd tokens calls", "" },
		{ "x/spend.usd <= 5", 0, "not a suite", "" },
		{ "spend.usd{a=b} <= 5", 9, "no slices", "" },
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct threshold_fault f = { .offset = 999 };
		struct threshold t;
		if (!threshold_parse(&t, str_c(rows[i].text), &a, &f))
			fail_msg("'%s' was taken", rows[i].text);
		if (f.offset != rows[i].offset || !strstr(f.msg, rows[i].msg) ||
		    !strstr(f.hint, rows[i].hint))
			fail_msg("'%s': %zu: %s (%s)", rows[i].text, f.offset, f.msg, f.hint);
	}
	arena_release(&a);
}

/* Every prefix of a good text is taken or refused with a place inside it. */
static void prefixes_are_safe(void **state)
{
	(void)state;
	static const char text[] = "a-b/c.p95{k=v, k2=\"v w\"} worst{z} <= baseline * 1.10";
	struct arena a = ARENA_INIT;
	for (size_t n = 0; n < sizeof text; n++) {
		struct threshold_fault f = { .offset = 0 };
		struct threshold t;
		if (threshold_parse(&t, (struct str){ .p = text, .n = n }, &a, &f))
			assert_true(f.offset <= n && f.msg[0]);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_texts),
		cmocka_unit_test(slices_baselines_and_k),
		cmocka_unit_test(faults_have_columns),
		cmocka_unit_test(prefixes_are_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
