/* The quick reader of outcome lines against the full one: every line of the fixtures, and those lines
 * bent at random. */
#include "test/fuzz/outcomesame.h"

#include "base/fs.h"
#include "base/limits.h"
#include "record/record_write.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define RECORDS "fixtures/records/"

enum { BENDS = 300 };

static uint64_t roll(uint64_t *seed, uint64_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % n;
}

/* Something that means something in JSON, put in, put over or taken out. */
static struct str bend(uint64_t *seed, struct str line, struct arena *a)
{
	static const char *const bits[] = {
		"\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "1e2", "-0", "-0.0", "0", "1.", ".5", "e9",
		"1e400", "99999999999999999999", "0.30000000000000004", "\\u0000", "\\ud800", "\\u00e9", "\\n", "\xff",
		"\xc3\xa9", "\x01", " ", "\"value\":1,", "\"value\":", "\"correct\":{\"value\":0.1},", "\"suite\":",
		"\"seq\":1,", "\"tags\":{},", "\"times\":{},", "\"begun_ms\":7,", "\"reused\":true,", "{}", "[]", "123456789012345678.9012345678901234567890123",
	};
	size_t at = roll(seed, line.n + 1), out = roll(seed, 3) ? 0 : roll(seed, 8);
	struct str in = str_c(bits[roll(seed, ARRAY_LEN(bits))]);
	if (!roll(seed, 4)) { /* a piece of the line itself */
		size_t from = roll(seed, line.n + 1);
		in = str_sub(line, from, from + roll(seed, 40));
	}
	struct str head = str_sub(line, 0, at), tail = str_sub(line, at + out, line.n);
	char *p = arena_alloc(a, head.n + in.n + tail.n + 1);
	memcpy(p, head.p, head.n);
	memcpy(p + head.n, in.p, in.n);
	memcpy(p + head.n + in.n, tail.p, tail.n);
	return (struct str){ .p = p, .n = head.n + in.n + tail.n };
}

static void bend_often(struct outcome_scan *s, const struct record *head, struct str line, uint64_t *seed,
		       size_t *taken)
{
	for (int i = 0; i < BENDS; i++) {
		struct arena a = ARENA_INIT;
		struct str bent = bend(seed, line, &a);
		for (uint64_t more = roll(seed, 3); more; more--)
			bent = bend(seed, bent, &a);
		int same = outcomesame(s, head, bent, &a);
		if (!same)
			fail_msg("read otherwise: %.*s", STR_ARGS(bent));
		*taken += same > 0;
		arena_release(&a);
	}
}

static void fixtures_are_read_the_same(void **state)
{
	(void)state;
	static const char *const names[] = { "fail",	"filtered",  "measured", "pass", "quarantined",
					     "repeats", "undecided", "unscored", "wide" };
	uint64_t seed = 7;
	size_t lines = 0, bent = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct arena a = ARENA_INIT;
		struct err err = ERR_INIT;
		struct str text, line;
		struct record_file f;
		assert_int_equal(record_open(&f, arena_fmt(&a, RECORDS "%s", names[i]), &a, &err), 0);
		assert_int_equal(fs_read(&text, arena_fmt(&a, RECORDS "%s/outcomes.jsonl", names[i]), MIB, &a, &err), 0);
		struct outcome_scan *s = outcome_scan_new(&f.head, &a);
		for (; str_line(&text, &line); lines++) {
			assert_int_equal(outcomesame(s, &f.head, line, &a), 1);
			bend_often(s, &f.head, line, &seed, &bent);
		}
		arena_release(&a);
	}
	assert_true(lines > 30);
	assert_true(bent > lines * BENDS / 20); /* not only refusals were looked at */
}

/* --- what the fixtures lack --- */

static struct metric_head metrics[] = { { .name = "correct" }, { .name = "latency", .unit = "ms", .builtin = true } };
static struct suite_head suites[] = { { .name = "answers", .metric = metrics, .nmetric = 2 } };
static const struct record one = { .suite = suites, .nsuite = 1 };

#define HEX64 "abababababababababababababababababababababababababababababababab"
#define LINE(tags, scores, times)                                                                                \
	"{\"seq\":3,\"suite\":\"answers\",\"case\":\"a\\n\\u00e9\\\"\",\"sample\":0,\"status\":\"scored\"," \
	"\"weight\":2.5e-3,\"tags\":{" tags "},\"scores\":{" scores "},\"call\":\"" HEX64 "\",\"times\":{" times "}}"

static int same(const char *line)
{
	struct arena a = ARENA_INIT;
	int got = outcomesame(outcome_scan_new(&one, &a), &one, str_c(line), &a);
	arena_release(&a);
	return got;
}

static void lines_of_moderate_shape_are_taken(void **state)
{
	(void)state;
	assert_int_equal(same(LINE("", "", "")), 1);
	assert_int_equal(same(LINE("\"k\":\"a\\tb\"", "\"correct\":{\"unscored\":true}", "\"latency\":{\"value\":1}")), 1);
	assert_int_equal(same(LINE("", "\"latency\":{\"value\":-0}", "\"attempts\":1")), 1);
	assert_int_equal(same(LINE("", "\"latency\":{\"value\":-0.0},\"correct\":{\"value\":0.30000000000000004}", "")), 1);
	assert_int_equal(same(LINE("", "\"correct\":{\"value\":1e-07}", "")), 1);
	assert_int_equal(same(LINE("", "\"correct\":{\"value\":9007199254740993.0}", "")), 1);
	assert_int_equal(same(LINE("", "\"correct\":{\"value\":999999999999999999}", "")), 1);
	assert_int_equal(same(LINE("", "\"correct\":{\"value\":2.2250738585072011e-30}", "")), 1);
	assert_int_equal(same(LINE("", "", "\"begun_ms\":1234,\"attempts\":1,\"reused\":true")), 1);
	assert_int_equal(same(LINE("", "", "\"begun_ms\":0,\"reused\":false")), 1);
	assert_int_equal(same(LINE("", "", "\"begun_ms\":4000000001,\"reused\":\"true\"")), 1);
	assert_int_equal(same(LINE("", "", "\"latency\":{\"reason\":\"\\ud83d\\ude00\"}")), -1);
}

/* The last of two members counts for the full reader, and no metric is left out when it is named twice. */
static void odd_lines_are_left_to_the_full_reader(void **state)
{
	(void)state;
	static const char *const odd[] = {
		"", "{}", "[]", "{", LINE("", "", "") "x",
		LINE("\"k\":\"a\",\"k\":\"b\"", "", ""),
		LINE("\"k\":1", "", ""),
		LINE("\"\\u006b\":\"1\"", "", ""),
		LINE("", "\"correct\":{\"value\":0},\"correct\":{\"value\":1}", ""),
		LINE("", "\"correct\":{\"value\":0},\"correct\":1", ""),
		LINE("", "\"correct\":{\"value\":0,\"value\":1}", ""),
		LINE("", "\"correct\":{\"value\":null}", ""),
		LINE("", "\"correct\":{\"value\":1e999}", ""),
		LINE("", "\"latency\":{\"value\":0}", "\"latency\":{\"value\":1}"),
		LINE("", "\"correct\":{\"value\":01}", ""),
		LINE("", "", "\"begun_ms\":1,\"begun_ms\":2"),
		LINE("", "", "\"begun_ms\":1.5"),
		LINE("", "", "\"begun_ms\":-1"),
		LINE("", "", "\"begun_ms\":{\"value\":1}"),
		LINE("", "", "\"reused\":true,\"reused\":false"),
		LINE("", "\"correct\":{\"value\":99999999999999999999}", ""),
	};
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		assert_int_equal(same(odd[i]), -1);
	struct metric_head twins[] = { { .name = "correct" }, { .name = "correct" } };
	struct suite_head suite = { .name = "answers", .metric = twins, .nmetric = 2 };
	struct record head = { .suite = &suite, .nsuite = 1 };
	struct arena a = ARENA_INIT;
	assert_int_equal(outcomesame(outcome_scan_new(&head, &a), &head, str_c(LINE("", "", "")), &a), -1);
	arena_release(&a);
}

/* Every number that is written reads back the same on both ways. */
static void numbers_are_read_to_the_bit(void **state)
{
	(void)state;
	uint64_t seed = 11;
	struct buf line;
	buf_init(&line, MIB);
	for (int i = 0; i < 20000; i++) {
		struct arena a = ARENA_INIT;
		uint64_t bits = roll(&seed, (uint64_t)1 << 31) << 33 ^ roll(&seed, (uint64_t)1 << 31) << 9 ^ roll(&seed, 512);
		struct cell cell[2] = { { .state = CELL_SCORED }, { .state = CELL_SCORED } };
		struct outcome o = { .case_id = STR("c"), .cluster = STR("c"), .weight = 1, .cell = cell };
		memcpy(&cell[0].value, &bits, sizeof(bits));
		cell[0].value = isfinite(cell[0].value) ? cell[0].value : 1;
		cell[1].value = (double)(int64_t)roll(&seed, 1 << 20) / (double)(1 + roll(&seed, 1 << 20));
		buf_reset(&line);
		record_write_outcome(&line, &one, &o);
		assert_int_not_equal(outcomesame(outcome_scan_new(&one, &a), &one, str_trim(buf_str(&line)), &a), 0);
		cell[0].value = cell[1].value * (i % 2 ? 1e-9 : -1);
		buf_reset(&line);
		record_write_outcome(&line, &one, &o);
		assert_int_equal(outcomesame(outcome_scan_new(&one, &a), &one, str_trim(buf_str(&line)), &a), 1);
		arena_release(&a);
	}
	buf_release(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixtures_are_read_the_same),
		cmocka_unit_test(lines_of_moderate_shape_are_taken),
		cmocka_unit_test(odd_lines_are_left_to_the_full_reader),
		cmocka_unit_test(numbers_are_read_to_the_bit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
