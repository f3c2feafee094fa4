/* Records: what is written reads back the same, and what was changed is found. */
#include "base/fs.h"
#include "base/limits.h"
#include "crypto/sha256.h"
#include "doc/jsonx.h"
#include "record/record_read.h"
#include "record/record_write.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct metric_head metrics[] = {
	{ .name = "correct", .scorer = "numeric", .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER,
	  .cut = 0.5, .unit = "", .weight = 1 },
	{ .name = "latency", .scorer = "", .kind = METRIC_VALUE, .direction = LOWER_IS_BETTER, .cut = 0.5,
	  .unit = "ms", .has_range = true, .hi = 120000, .builtin = true, .weight = 1 },
	{ .name = "unscored", .scorer = "", .kind = METRIC_BINARY, .direction = LOWER_IS_BETTER,
	  .cut = 0.5, .unit = "", .builtin = true, .weight = 1 },
};
static struct suite_head suites[] = {
	{ .name = "answers", .target = "support", .repeats = 2, .metric = metrics, .nmetric = 3,
	  .planned = 2, .scored = 1, .unscored = 1, .cases = 1, .usd = NAN },
};
static struct finding findings[] = {
	{ .text = "correct.mean >= 0.9", .label = "correct.mean", .at = { "gate.policy.yaml", 7, 9 },
	  .suite = "answers", .metric = "correct", .aggregate = "mean", .op = ">=", .bound = 0.9,
	  .bound_text = "0.90", .unit = "", .blocking = true, .confidence = 0.95,
	  .verdict = VERDICT_UNDECIDED, .has_estimate = true, .estimate = 1.0 / 3, .has_bounds = true,
	  .lower = 0.1, .upper = 1, .n = 2, .clusters = 1, .unscored = 1, .hits = 1,
	  .method = "clopper-pearson", .note = "more", .needed = 59, .blocks = 41 },
};

static struct record sample_record(void)
{
	return (struct record){
		.version = 1,
		.gate_version = "0.1.0",
		.run_id = "20261123T070000-abcdef",
		.start_ms = 1795417200000,
		.end_ms = 1795417201500,
		.commit = "3f2a9c1",
		.config_path = "gate.yaml",
		.stage = "pre-production",
		.policy_path = "gate.policy.yaml",
		.confidence = 0.95,
		.seed = 7,
		.suite = suites,
		.nsuite = 1,
		.finding = findings,
		.nfinding = 1,
		.verdict = VERDICT_UNDECIDED,
		.exit_code = 3,
		.spend = { .usd = NAN, .calls = 2, .attempts = 3 },
	};
}

static struct outcome sample_outcome(const struct cell *cells, const struct tag *tags)
{
	return (struct outcome){
		.seq = 1,
		.case_id = STR("c\0\xff 1"),
		.sample = 1,
		.cluster = STR("family"),
		.weight = 0.25,
		.tag = tags,
		.ntag = 1,
		.cell = cells,
		.input = STR("q"),
		.answer = STR("a\n\x01"),
		.reply = { .finish = FINISH_LENGTH,
			   .model = STR("m-1"),
			   .usage = { .in = 12, .out = 5, .cache_read = -1, .cache_write = -1, .reasoning = -1 },
			   .time = { .ttft = -1, .ttfv = 1234000, .latency = -1, .connect = -1, .wait = -1,
				     .begun_ms = 3999999999 },
			   .attempts = 2 },
		.cost_usd = 0.1 + 0.2,
		.judge_usd = 0,
		.at = { "a.jsonl", 3, 0 },
	};
}

static void outcome_reads_back(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct cell cells[3] = { { CELL_SCORED, 1, STR("why") },
				 { CELL_SCORED, 731.123, { NULL, 0 } },
				 { CELL_UNSCORED, NAN, STR("cut") } };
	struct tag tags[1] = { { STR("category"), STR("refunds") } };
	struct record head = sample_record();
	struct outcome o = sample_outcome(cells, tags), back;
	struct buf line, again;
	buf_init(&line, MIB);
	buf_init(&again, MIB);
	record_write_outcome(&line, &head, &o);
	assert_int_equal(record_read_outcome(&back, &head, str_trim(buf_str(&line)), &a, &err), 0);
	assert_int_equal(back.seq, 1);
	assert_true(back.cost_usd == 0.1 + 0.2);
	assert_true(back.cell[1].value == 731.123);
	assert_int_equal(back.cell[2].state, CELL_UNSCORED);
	assert_true(str_eqc(back.tag[0].value, "refunds"));
	assert_int_equal(back.reply.finish, FINISH_LENGTH);
	record_write_outcome(&again, &head, &back);
	assert_string_equal(buf_cstr(&line), buf_cstr(&again));
	assert_int_equal(back.reply.time.begun_ms, 3999999999);
	o.reply.reused = true; /* the start of an earlier run is none of this */
	buf_reset(&again);
	record_write_outcome(&again, &head, &o);
	assert_null(strstr(buf_cstr(&again), "begun_ms"));
	buf_release(&line);
	buf_release(&again);
	arena_release(&a);
}

/* A record folder under `dir` with one outcome. */
static void write_folder(const char *dir, struct arena *a)
{
	struct err err = ERR_INIT;
	struct cell cells[3] = { { .state = CELL_SCORED, .value = 1 } };
	struct record head = sample_record();
	struct outcome o = sample_outcome(cells, NULL);
	struct buf b;
	o.ntag = 0;
	buf_init(&b, MIB);
	record_write_outcome(&b, &head, &o);
	sha256(&head.outcomes_digest, buf_str(&b));
	head.noutcome = 1;
	assert_int_equal(fs_write_atomic(arena_fmt(a, "%s/outcomes.jsonl", dir), buf_str(&b), &err), 0);
	buf_reset(&b);
	record_write_head(&b, &head);
	assert_int_equal(fs_write_atomic(arena_fmt(a, "%s/record.json", dir), buf_str(&b), &err), 0);
	buf_release(&b);
}

static void head_reads_back_and_tampering_shows(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	char dir[] = "/tmp/gate-record-XXXXXX";
	assert_non_null(mkdtemp(dir));
	write_folder(dir, &a);
	struct record_file f;
	struct outcome o;
	assert_int_equal(record_open(&f, dir, &a, &err), 0);
	assert_true(f.head.finding[0].estimate == 1.0 / 3);
	assert_int_equal(f.head.finding[0].needed, 59);
	assert_int_equal(f.head.finding[0].blocks, 41);
	assert_int_equal(f.head.start_ms, 1795417200000);
	assert_true(isnan(f.head.suite[0].usd));
	assert_int_equal(f.outcomes.next(&f.outcomes, &o, &a, &err), 1);
	assert_int_equal(f.outcomes.next(&f.outcomes, &o, &a, &err), 0);

	const char *lines = arena_fmt(&a, "%s/outcomes.jsonl", dir);
	struct str bytes;
	assert_int_equal(fs_read(&bytes, lines, MIB, &a, &err), 0);
	((char *)(uintptr_t)bytes.p)[str_find(bytes, STR("\"value\":1"), 0) + 8] = '0';
	assert_int_equal(fs_write_atomic(lines, bytes, &err), 0);
	assert_int_equal(record_open(&f, dir, &a, &err), -1);
	assert_int_equal(err.kind, ERR_TRUST);
	unlink(lines);
	unlink(arena_fmt(&a, "%s/record.json", dir));
	rmdir(dir);
	arena_release(&a);
}

static void heads_that_are_none_are_refused(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct record r;
	static const char *const bad[] = { "", "{", "[]", "{}", "{\"schema\":\"gate-record\",\"version\":2}",
					   "{\"schema\":\"gate-record\",\"version\":1}" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;
		assert_int_equal(record_read_head(&r, str_c(bad[i]), "x", &a, &err), -1);
		assert_true(err.msg[0]);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcome_reads_back),
		cmocka_unit_test(head_reads_back_and_tampering_shows),
		cmocka_unit_test(heads_that_are_none_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
