/* The store: replies, the run under way, history, and what a kill leaves. */
#include "store/history.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct record head_of(const char *id, unsigned char plan)
{
	struct record r = { .run_id = id, .start_ms = 5, .verdict = VERDICT_PASS };
	r.plan_digest.b[0] = plan;
	return r;
}

static int count_lines(void *ctx, size_t seq, struct str line, struct err *err)
{
	size_t *n = ctx;
	(void)err;
	assert_true(line.n > 0);
	assert_true(*n == 0 || seq > 0);
	++*n;
	return 0;
}

static size_t lines(struct store *s)
{
	struct err err = ERR_INIT;
	size_t n = 0;
	assert_int_equal(store_outcomes_each(s, count_lines, &n, &err), 0);
	return n;
}

static void replies_come_back_with_their_times(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	struct reply r, back, again;
	struct digest key = { .b = { 1 } }, other = { .b = { 2 } };
	assert_int_equal(store_open_memory(&s, &a, &err), 0);
	reply_init(&r, &a);
	reply_init(&back, &a);
	reply_init(&again, &a);
	buf_adds(&r.text, "hello \xff");
	r.finish = FINISH_STOP;
	r.usage.out = 3;
	r.time.latency = 77;
	assert_int_equal(store_reply_put(s, &key, &r, &err), 0);
	assert_int_equal(store_reply_get(s, &other, &back, &a, &err), 0);
	assert_int_equal(store_reply_get(s, &key, &back, &a, &err), 1);
	assert_int_equal(back.usage.out, 3);
	assert_int_equal(back.finish, FINISH_STOP);
	assert_true(back.reused);
	assert_int_equal(back.time.latency, 77);
	assert_int_equal(back.time.ttft, -1);
	/* A fresh run sees what it put itself, also under a call that was there before. */
	assert_int_equal(store_reply_hide(s, &err), 0);
	assert_int_equal(store_reply_get(s, &key, &again, &a, &err), 0);
	assert_int_equal(store_reply_put(s, &key, &r, &err), 0);
	assert_int_equal(store_reply_get(s, &key, &again, &a, &err), 1);
	arena_release(&a);
}

static void a_suspended_run_keeps_what_was_settled(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	struct record r = head_of("one", 1);
	const char *id;
	int64_t start;
	assert_int_equal(store_open_memory(&s, &a, &err), 0);
	assert_int_equal(store_run_begin(s, &r, false, &err), 0);
	assert_int_equal(store_outcome_put(s, 0, STR("{}\n"), true, &err), 0);
	assert_int_equal(store_outcome_put(s, 1, STR("{}\n"), false, &err), 0);
	assert_int_equal(lines(s), 2);
	assert_int_equal(store_run_end(s, &r, STR("{}"), NULL, true, &err), 0);
	assert_int_equal(lines(s), 1);
	assert_int_equal(store_run_unfinished(s, &r.plan_digest, &id, &start, &a, &err), 1);
	assert_string_equal(id, "one");
	struct record other = head_of("two", 2);
	assert_int_equal(store_run_unfinished(s, &other.plan_digest, &id, &start, &a, &err), 0);
	assert_int_equal(store_run_begin(s, &other, false, &err), 0);
	assert_int_equal(lines(s), 0);
	assert_int_equal(store_run_end(s, &other, STR("{}"), NULL, false, &err), 0);
	struct store_run *run;
	size_t n;
	assert_int_equal(store_history(s, 10, &run, &n, &a, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(run[0].run_id, "two");
	arena_release(&a);
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

static void a_kill_loses_only_what_was_not_flushed(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	char dir[] = "/tmp/gate-store-XXXXXX";
	assert_non_null(mkdtemp(dir));
	pid_t child = fork();
	if (!child) {
		struct record r = head_of("one", 1);
		if (store_open(&s, dir, &a, &err) || store_run_begin(s, &r, false, &err) ||
		    store_outcome_put(s, 0, STR("{}\n"), true, &err) || store_flush(s, &err) ||
		    store_outcome_put(s, 1, STR("{}\n"), true, &err))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	struct record r = head_of("one", 1);
	const char *id;
	int64_t start;
	assert_int_equal(store_open(&s, dir, &a, &err), 0);
	assert_int_equal(lines(s), 0);
	assert_int_equal(store_run_unfinished(s, &r.plan_digest, &id, &start, &a, &err), 1);
	assert_int_equal(lines(s), 1);
	arena_release(&a);
	remove_store(dir);
}

/* Two processes, one plan, one store: each sees its own outcomes, and a living run is not taken up. */
static void a_living_run_is_its_own(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct record r = head_of("one", 1), mine = head_of("two", 1);
	struct store *s;
	char dir[] = "/tmp/gate-store-XXXXXX", byte;
	int ready[2], over[2];
	assert_non_null(mkdtemp(dir));
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(over), 0);
	pid_t child = fork();
	if (!child) {
		close(over[1]);
		if (store_open(&s, dir, &a, &err) || store_run_begin(s, &r, false, &err) ||
		    store_outcome_put(s, 0, STR("{}\n"), true, &err) || store_flush(s, &err) ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		(void)!read(over[0], &byte, 1);
		_exit(lines(s) != 1);
	}
	const char *id;
	int64_t start;
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(store_open(&s, dir, &a, &err), 0);
	assert_int_equal(store_run_unfinished(s, &r.plan_digest, &id, &start, &a, &err), 0);
	assert_int_equal(store_run_begin(s, &mine, false, &err), 0);
	assert_int_equal(lines(s), 0);
	assert_int_equal(store_outcome_put(s, 0, STR("{}\n"), true, &err), 0);
	assert_int_equal(store_outcome_put(s, 1, STR("{}\n"), true, &err), 0);
	assert_int_equal(lines(s), 2);
	close(over[1]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(lines(s), 2);
	arena_release(&a);
	remove_store(dir);
}

static void a_file_that_is_no_store_is_refused(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *s;
	assert_int_equal(store_open(&s, "/proc/nope", &a, &err), -1);
	assert_int_equal(err.kind, ERR_SYSTEM);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_come_back_with_their_times),
		cmocka_unit_test(a_suspended_run_keeps_what_was_settled),
		cmocka_unit_test(a_kill_loses_only_what_was_not_flushed),
		cmocka_unit_test(a_living_run_is_its_own),
		cmocka_unit_test(a_file_that_is_no_store_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
