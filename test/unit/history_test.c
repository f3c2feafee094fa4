/* What the store keeps of runs that ended: earlier verdicts, marks, their bounds, and older stores. */
#include "store/history.h"

#include "record/past.h"
#include "record/record_write.h"
#include "base/limits.h"
#include "doc/jsonx.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct metric_head metrics[] = {
	{ .name = "right", .scorer = "equals", .kind = METRIC_BINARY, .cut = 1, .unit = "" },
	{ .name = "latency", .scorer = "", .kind = METRIC_VALUE, .direction = LOWER_IS_BETTER, .unit = "ms", .builtin = true },
	{ .name = "bad", .scorer = "harmful", .kind = METRIC_GRADED, .direction = LOWER_IS_BETTER, .cut = 0.5, .unit = "" },
};

static struct suite_head plain = {
	.name = "main", .target = "t", .repeats = 2, .metric = metrics, .nmetric = 3, .planned = 6, .scored = 6, .cases = 3,
};

static struct record head_of(const char *id, enum verdict_kind verdict, struct suite_head *suite, size_t n)
{
	return (struct record){
		.version = 1, .gate_version = "0", .config_path = "gate.yaml", .run_id = id, .start_ms = 1795417200000,
		.end_ms = 1795417200000, .stage = "pre", .policy_path = "p", .suite = suite, .nsuite = n,
		.verdict = verdict, .exit_code = verdict == VERDICT_PASS ? 0 : verdict == VERDICT_FAIL ? 1 : 3,
		.spend = { .calls = 6, .reused = 2 }, .confidence = 0.95,
	};
}

static void put_run(struct store *s, const struct record *r)
{
	struct err err = ERR_INIT;
	struct buf b;
	buf_init(&b, MIB);
	record_write_head(&b, r);
	assert_int_equal(store_run_begin(s, r, false, &err), 0);
	assert_int_equal(store_run_end(s, r, buf_str(&b), NULL, false, &err), 0);
	buf_release(&b);
}

/* Samples of three cases, two each, for each suite: `right` passed '+' or failed '-' ('P' and 'F' by a reused reply), had no
 * score '?', or was never called '.'. */
static struct marks *saw(const struct record *r, const char *marks, struct arena *a)
{
	static const char *const ids[] = { "a", "b", "c" };
	struct marks *m = marks_new(r, a);
	for (size_t i = 0; marks[i]; i++) {
		char x = marks[i];
		struct cell cell[3] = {
			{ .state = CELL_SCORED, .value = x == '+' || x == 'P' },
			{ .state = CELL_SCORED, .value = 9 },
			{ .state = CELL_SCORED, .value = 0.1 },
		};
		if (x == '?' || x == '.')
			cell[0].state = CELL_UNSCORED;
		struct outcome o = {
			.seq = i, .case_id = str_c(ids[i / 2 % ARRAY_LEN(ids)]), .sample = (unsigned)(i % 2), .cell = cell,
			.reply = { .reused = x == 'P' || x == 'F', .fail = x == '.' ? FAIL_NOT_CALLED : FAIL_NONE },
		};
		marks_add(m, &o);
	}
	return m;
}

static void keep(struct store *s, const struct record *r, const char *marks)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	assert_int_equal(history_put(s, r, saw(r, marks, &a), &err), 0);
	assert_int_equal(store_flush(s, &err), 0);
	arena_release(&a);
}

static int64_t number_of(const char *path, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *q;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static void run_sql(const char *path, const char *sql)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void remove_store(const char *dir)
{
	struct arena a = ARENA_INIT;
	static const char *const left[] = { "store.db", ".gitignore", "store.db-wal", "store.db-shm",
					    "store.lock" };
	for (size_t i = 0; i < ARRAY_LEN(left); i++)
		unlink(arena_fmt(&a, "%s/%s", dir, left[i]));
	arena_release(&a);
	rmdir(dir);
}

static void earlier_verdicts_are_of_the_same_thing(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	struct earlier_list list;
	struct suite_head two[2] = { plain, plain }, swapped[2], other = plain, twin[2] = { plain, plain };
	two[1].name = "second";
	two[1].suite_id.b[0] = 7;
	swapped[0] = two[1];
	swapped[1] = two[0];
	other.candidate_id.b[0] = 9;
	twin[1].role = SUITE_BASELINE;
	twin[1].candidate_id.b[0] = 5;
	assert_int_equal(store_open_memory(&s, &a, &err), 0);
	struct record now = head_of("now", VERDICT_PASS, &plain, 1), r;
	assert_int_equal(history_earlier(s, &now, 50, &list, &a, &err), 0);
	assert_int_equal(list.total, 0);
	const enum verdict_kind said[] = { VERDICT_FAIL, VERDICT_UNDECIDED, VERDICT_PASS, VERDICT_FAIL };
	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		r = head_of(arena_fmt(&a, "run-%zu", i), said[i], &plain, 1);
		r.policy_digest.b[0] = (unsigned char)i;
		put_run(s, &r);
	}
	/* None of these is of the same thing. */
	r = head_of("candidate", VERDICT_FAIL, &other, 1);
	put_run(s, &r);
	r = head_of("suites", VERDICT_FAIL, two, 2);
	put_run(s, &r);
	r = head_of("stage", VERDICT_FAIL, &plain, 1);
	r.stage = "other";
	put_run(s, &r);
	r = head_of("part", VERDICT_UNDECIDED, &plain, 1);
	r.filtered = true;
	put_run(s, &r);
	r = head_of("measure", VERDICT_NA, &plain, 1);
	r.measure = true;
	put_run(s, &r);
	r = head_of("refused", VERDICT_UNDECIDED, &plain, 1);
	r.stopped = "unreachable";
	put_run(s, &r);
	assert_int_equal(history_earlier(s, &now, 3, &list, &a, &err), 0);
	assert_int_equal(list.total, 4);
	assert_int_equal(list.failed, 2);
	assert_int_equal(list.passed, 1);
	assert_int_equal(list.undecided, 1);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.run[0].run_id, "run-3");
	assert_string_equal(list.run[2].run_id, "run-1");
	assert_int_equal(list.run[0].calls, 4);
	assert_true(list.run[0].has_policy);
	assert_int_equal(list.run[0].policy.b[0], 3);
	/* Not itself, when it is resumed. */
	r = head_of("run-3", VERDICT_FAIL, &plain, 1);
	assert_int_equal(history_earlier(s, &r, 50, &list, &a, &err), 0);
	assert_int_equal(list.total, 3);
	/* Whatever the order of its suites; a twin is no suite of the stage. */
	r = head_of("swapped", VERDICT_FAIL, swapped, 2);
	assert_int_equal(history_earlier(s, &r, 50, &list, &a, &err), 0);
	assert_int_equal(list.total, 1);
	r = head_of("twin", VERDICT_FAIL, twin, 2);
	assert_int_equal(history_earlier(s, &r, 50, &list, &a, &err), 0);
	assert_int_equal(list.total, 4);
	r.measure = true;
	assert_int_equal(history_earlier(s, &r, 50, &list, &a, &err), 0);
	assert_int_equal(list.total, 0);
	arena_release(&a);
}

static struct tally_count counted(struct store *s, const char *id, const char *metric)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct tally t;
	struct record r = head_of("asks", VERDICT_PASS, &plain, 1);
	tally_init(&t, &a);
	assert_int_equal(history_tally(s, &r, 0, &t, &err), 0);
	const struct tally_count *c = tally_get(&t, str_c(id), str_c(metric));
	struct tally_count out = c ? *c : (struct tally_count){ .pass = 0 };
	arena_release(&a);
	return out;
}

static void only_what_was_seen_anew_counts(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	struct record one = head_of("one", VERDICT_PASS, &plain, 1), two = head_of("two", VERDICT_PASS, &plain, 1);
	struct record old = head_of("old", VERDICT_PASS, &plain, 1);
	assert_int_equal(store_open_memory(&s, &a, &err), 0);
	keep(s, &one, "++--?.");
	keep(s, &old, "PPFFPF"); /* nothing new: no row */
	keep(s, &two, "-+PF+-");
	struct tally_count c = counted(s, "a", "right");
	assert_int_equal(c.pass, 3);
	assert_int_equal(c.fail, 1);
	assert_int_equal(c.runs, 2);
	assert_true(tally_flaky(&c));
	c = counted(s, "b", "right");
	assert_int_equal(c.pass, 0);
	assert_int_equal(c.fail, 2);
	assert_int_equal(c.runs, 1);
	assert_false(tally_flaky(&c));
	c = counted(s, "c", "right");
	assert_int_equal(c.unscored, 1);
	assert_int_equal(c.pass + c.fail, 2);
	/* Lower is better: 0.1 is below the cut. */
	assert_int_equal(counted(s, "a", "bad").pass, 4);
	assert_int_equal(counted(s, "a", "latency").pass, 0);
	assert_int_equal(counted(s, "z", "right").runs, 0);
	/* The run itself is left out: taken up again, it is counted once. */
	struct tally t;
	tally_init(&t, &a);
	assert_int_equal(history_tally(s, &one, 0, &t, &err), 0);
	assert_int_equal(tally_get(&t, STR("a"), STR("right"))->runs, 1);
	keep(s, &one, "++++++");
	assert_int_equal(counted(s, "a", "right").runs, 2);
	assert_int_equal(counted(s, "b", "right").fail, 0);

	struct case_run *run;
	size_t n;
	struct suite_head other = plain;
	other.candidate_id.b[0] = 1;
	assert_int_equal(history_case(s, &other, STR("b"), &run, &n, &a, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(run[0].run_id, "one");
	assert_false(run[0].same);
	assert_int_equal(history_case(s, &plain, STR("b"), &run, &n, &a, &err), 0);
	assert_true(run[0].same);
	assert_int_equal(run[1].nmetric, 2);
	assert_true(str_eqc(run[1].metric[0].mark, "pf"));
	assert_int_equal(history_case(s, &plain, STR("nope"), &run, &n, &a, &err), 0);
	assert_int_equal(n, 0);
	arena_release(&a);
}

static void the_most_flaky_come_first(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	struct flaky *f;
	size_t n;
	struct suite_head other = plain, twin[2] = { plain, plain };
	other.candidate_id.b[0] = 1;
	twin[1].name = "main baseline";
	twin[1].role = SUITE_BASELINE;
	assert_int_equal(store_open_memory(&s, &a, &err), 0);
	assert_int_equal(history_flaky(s, NULL, &f, &n, &a, &err), 0);
	assert_int_equal(n, 0);
	const char *const marks[] = { "+++-++", "+++-++", "+-++++" };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		struct record r = head_of(arena_fmt(&a, "r%zu", i), VERDICT_PASS, &plain, 1);
		keep(s, &r, marks[i]);
	}
	/* Each candidate always the same: not flaky, though they differ. */
	struct record r = head_of("x", VERDICT_PASS, &other, 1);
	keep(s, &r, "++++--");
	r = head_of("y", VERDICT_PASS, twin, 2);
	keep(s, &r, "++++++------");
	assert_int_equal(history_flaky(s, NULL, &f, &n, &a, &err), 0);
	assert_int_equal(n, 2);
	assert_true(str_eqc(f[0].case_id, "b"));
	assert_int_equal(f[0].count.fail, 2);
	assert_int_equal(f[0].count.pass, 6);
	assert_int_equal(f[0].candidates, 1);
	assert_true(str_eqc(f[1].case_id, "a"));
	assert_int_equal(history_flaky(s, "main", &f, &n, &a, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(history_flaky(s, "other", &f, &n, &a, &err), 0);
	assert_int_equal(n, 0);
	arena_release(&a);
}

static void the_last_runs_are_kept(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	assert_int_equal(store_open_memory(&s, &a, &err), 0);
	for (size_t i = 0; i < HISTORY_RUNS_MAX + 20; i++) {
		struct record r = head_of(arena_fmt(&a, "r%zu", i), VERDICT_PASS, &plain, 1);
		keep(s, &r, i < 20 ? "------" : "++++++");
	}
	struct tally_count c = counted(s, "a", "right");
	assert_int_equal(c.runs, HISTORY_RUNS_MAX);
	assert_int_equal(c.fail, 0);
	arena_release(&a);
}

/* 64 MiB in all, whatever the number of candidates. */
static void its_size_is_bounded(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	char dir[] = "/tmp/gate-history-XXXXXX";
	struct suite_head big = plain;
	enum { SAMPLES = 4000000 };
	big.repeats = SAMPLES / 2;
	big.planned = SAMPLES;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(store_open(&s, dir, &a, &err), 0);
	for (unsigned char i = 0; i < 20; i++) {
		struct arena scratch = ARENA_INIT;
		struct record r = head_of(arena_fmt(&scratch, "r%u", i), VERDICT_PASS, &big, 1);
		big.candidate_id.b[0] = i;
		assert_int_equal(history_put(s, &r, saw(&r, "+", &scratch), &err), 0);
		assert_int_equal(store_flush(s, &err), 0);
		arena_release(&scratch);
	}
	const char *db = arena_fmt(&a, "%s/store.db", dir);
	assert_in_range(number_of(db, "SELECT sum(bytes) FROM marks"), 1, 64 * MIB);
	assert_in_range(number_of(db, "SELECT count(*) FROM marks"), 6, 8);
	assert_int_equal(number_of(db, "SELECT min(run_id = 'r19') FROM (SELECT run_id FROM marks ORDER BY n DESC LIMIT 1)"), 1);
	arena_release(&a);
	remove_store(dir);
}

/* What lies in the file may be anything. */
static void damaged_rows_are_left_out(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	char dir[] = "/tmp/gate-history-XXXXXX";
	struct record one = head_of("one", VERDICT_PASS, &plain, 1), two = head_of("two", VERDICT_PASS, &plain, 1);
	assert_non_null(mkdtemp(dir));
	const char *db = arena_fmt(&a, "%s/store.db", dir);
	static const char *const bad[] = {
		"UPDATE marks SET marks = 'right' WHERE run_id = 'one'", "UPDATE marks SET marks = '' WHERE run_id = 'one'",
		"UPDATE marks SET marks = 'right' || char(10) || '+-' || char(10) WHERE run_id = 'one'",
		"UPDATE marks SET marks = x'00ff0a0a0a2b2b' WHERE run_id = 'one'", "UPDATE marks SET repeats = 0 WHERE run_id = 'one'",
		"UPDATE marks SET repeats = -1 WHERE run_id = 'one'", "UPDATE marks SET repeats = 9223372036854775807 WHERE run_id = 'one'",
		"UPDATE marks SET suite = x'00', ids = 77 WHERE run_id = 'one'", "UPDATE mark_ids SET ids = ''",
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct arena each = ARENA_INIT;
		struct flaky *f;
		struct case_run *run;
		size_t n;
		assert_int_equal(store_open(&s, dir, &each, &err), 0);
		keep(s, &one, "+-+-+-");
		keep(s, &two, "++++++");
		run_sql(db, bad[i]);
		assert_int_equal(counted(s, "a", "right").fail, 0);
		assert_int_equal(history_flaky(s, NULL, &f, &n, &each, &err), 0);
		assert_int_equal(n, 0);
		assert_int_equal(history_case(s, &plain, STR("a"), &run, &n, &each, &err), 0);
		arena_release(&each);
		remove_store(dir);
		assert_int_equal(mkdir(dir, 0777), 0);
	}
	arena_release(&a);
	rmdir(dir);
}

/* A store of version 1, as the gate before wrote it. */
static void make_old(const char *dir, struct arena *a)
{
	struct buf b;
	buf_init(&b, MIB);
	struct record r = head_of("old", VERDICT_FAIL, &plain, 1);
	record_write_head(&b, &r);
	const char *db = arena_fmt(a, "%s/store.db", dir);
	char *row = sqlite3_mprintf("INSERT INTO runs(run_id, stage, verdict, exit_code, candidate, plan, start_ms, head)"
				    " VALUES('old', 'pre', 'fail', 1, zeroblob(32), zeroblob(32), 5, %Q),"
				    " ('torn', 'pre', 'fail', 1, zeroblob(32), zeroblob(32), 5, '{')", buf_cstr(&b));
	run_sql(db, "CREATE TABLE replies(n INTEGER PRIMARY KEY, call BLOB NOT NULL, reply TEXT NOT NULL);"
		    "CREATE UNIQUE INDEX replies_call ON replies(call);"
		    "CREATE TABLE lines(key INTEGER PRIMARY KEY, line TEXT NOT NULL, settled INTEGER NOT NULL);"
		    "CREATE TABLE running(slot INTEGER PRIMARY KEY, plan BLOB NOT NULL, run_id TEXT NOT NULL, start_ms INTEGER NOT NULL);"
		    "CREATE TABLE runs(n INTEGER PRIMARY KEY, run_id TEXT UNIQUE NOT NULL, stage TEXT, commit_oid TEXT, branch TEXT,"
		    " verdict TEXT NOT NULL, exit_code INTEGER NOT NULL, candidate BLOB NOT NULL, plan BLOB NOT NULL,"
		    " start_ms INTEGER NOT NULL, folder TEXT, head TEXT NOT NULL); PRAGMA user_version=1");
	run_sql(db, row);
	sqlite3_free(row);
	buf_release(&b);
}

static void an_older_store_is_brought_up(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	struct earlier_list list;
	struct store_run *run;
	size_t n;
	char dir[] = "/tmp/gate-history-XXXXXX";
	assert_non_null(mkdtemp(dir));
	make_old(dir, &a);
	/* Two that come at once. */
	pid_t child[4];
	for (size_t i = 0; i < ARRAY_LEN(child); i++) {
		child[i] = fork();
		if (!child[i])
			_exit(store_open(&s, dir, &a, &err) != 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(child); i++) {
		int status;
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(store_open(&s, dir, &a, &err), 0);
	assert_int_equal(number_of(arena_fmt(&a, "%s/store.db", dir), "PRAGMA user_version"), 2);
	struct record now = head_of("now", VERDICT_PASS, &plain, 1);
	assert_int_equal(history_earlier(s, &now, 50, &list, &a, &err), 0);
	assert_int_equal(list.total, 1);
	assert_string_equal(list.run[0].run_id, "old");
	assert_int_equal(list.run[0].calls, 4);
	assert_int_equal(store_history(s, 10, &run, &n, &a, &err), 0);
	assert_int_equal(n, 2);
	keep(s, &now, "++----");
	assert_int_equal(counted(s, "b", "right").fail, 2);
	put_run(s, &now);
	arena_release(&a);
	remove_store(dir);
}

static void a_newer_store_is_left_alone(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	char dir[] = "/tmp/gate-history-XXXXXX";
	assert_non_null(mkdtemp(dir));
	run_sql(arena_fmt(&a, "%s/store.db", dir), "PRAGMA user_version=3");
	assert_int_equal(store_open(&s, dir, &a, &err), -1);
	assert_non_null(strstr(err.msg, "newer gate"));
	arena_release(&a);
	remove_store(dir);
}

/* Several processes end runs at one store: none is lost. */
static void runs_that_end_at_once_are_all_kept(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	struct earlier_list list;
	char dir[] = "/tmp/gate-history-XXXXXX";
	enum { PROCESSES = 4, EACH = 5 };
	pid_t child[PROCESSES];
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < PROCESSES; i++) {
		child[i] = fork();
		if (child[i])
			continue;
		if (store_open(&s, dir, &a, &err))
			_exit(1);
		for (int k = 0; k < EACH; k++) {
			struct record r = head_of(arena_fmt(&a, "r%d-%d", i, k), VERDICT_FAIL, &plain, 1);
			if (store_run_begin(s, &r, false, &err) || history_put(s, &r, saw(&r, "+-++++", &a), &err) ||
			    store_run_end(s, &r, STR("{}"), NULL, false, &err))
				_exit(2);
		}
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(store_open(&s, dir, &a, &err), 0);
	struct record now = head_of("now", VERDICT_PASS, &plain, 1);
	assert_int_equal(history_earlier(s, &now, 50, &list, &a, &err), 0);
	assert_int_equal(list.total, PROCESSES * EACH);
	assert_int_equal(counted(s, "a", "right").fail, PROCESSES * EACH);
	arena_release(&a);
	remove_store(dir);
}

static const json_t *past(struct arena *a, int passed, int failed, int undecided, bool fresh, const char *policy)
{
	json_t *runs = json_array();
	for (int i = 0; i < passed + failed + undecided; i++)
		json_array_append_new(runs, json_pack("{ss ss}", "verdict", i < failed ? "fail" : i < failed + undecided ?
						      "undecided" : "pass", "policy", policy));
	return arena_json(a, json_pack("{si si si si sb so}", "total", passed + failed + undecided, "passed", passed,
				       "failed", failed, "undecided", undecided, "fresh", fresh, "runs", runs));
}

static void the_words_for_people(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct record r = head_of("now", VERDICT_PASS, &plain, 1);
	const char *same = "0000000000000000000000000000000000000000000000000000000000000000";
	assert_null(past_verdicts(&r, &a));
	assert_null(past_reroll(&r, &a));
	r.earlier_verdicts = past(&a, 1, 0, 0, true, same);
	assert_string_equal(past_verdicts(&r, &a), "judged once before: pass");
	assert_null(past_reroll(&r, &a));
	r.earlier_verdicts = past(&a, 0, 2, 1, false, same);
	assert_string_equal(past_verdicts(&r, &a), "judged 3 times before: fail, fail, undecided");
	assert_non_null(strstr(past_reroll(&r, &a), "failed the same suites 2 times before: a pass after that is a re-roll"));
	r.earlier_verdicts = past(&a, 0, 1, 0, false, "11");
	assert_non_null(strstr(past_reroll(&r, &a), "(by another policy)"));
	r.verdict = VERDICT_FAIL;
	assert_null(past_reroll(&r, &a));
	r.verdict = VERDICT_PASS;
	r.earlier_verdicts = past(&a, 0, 0, 2, false, same);
	assert_null(past_reroll(&r, &a));
	r.earlier_verdicts = past(&a, 0, 0, 2, true, same);
	assert_non_null(strstr(past_reroll(&r, &a), "undecided 2 times before, and --fresh took new answers"));
	r.earlier_verdicts = past(&a, 30, 0, 0, true, same);
	assert_non_null(strstr(past_verdicts(&r, &a), "pass and 20 more"));
	/* A record from elsewhere may say anything there. */
	r.earlier_verdicts = arena_json(&a, json_pack("{si s[s{ss}]}", "total", 2, "runs", "x", "verdict", "\033[2J"));
	assert_string_equal(past_verdicts(&r, &a), "judged twice before: unknown, unknown");
	r.earlier_verdicts = arena_json(&a, json_pack("[s]", "fail"));
	assert_null(past_verdicts(&r, &a));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(earlier_verdicts_are_of_the_same_thing),
		cmocka_unit_test(only_what_was_seen_anew_counts),
		cmocka_unit_test(the_most_flaky_come_first),
		cmocka_unit_test(the_last_runs_are_kept),
		cmocka_unit_test(its_size_is_bounded),
		cmocka_unit_test(damaged_rows_are_left_out),
		cmocka_unit_test(an_older_store_is_brought_up),
		cmocka_unit_test(a_newer_store_is_left_alone),
		cmocka_unit_test(runs_that_end_at_once_are_all_kept),
		cmocka_unit_test(the_words_for_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
