/* Programs: what they get and say, how they end, and that nothing of them is left. */
#include "net/child.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MS ((int64_t)1000000)
/* The tests' own end, should a program outlive what it should. */
#define BOUND_MS 20000

struct play {
	struct arena arena;
	struct loop *loop;
	struct child *child;
	struct redactor redactor;
	struct buf out;
	struct child_xfer x;
	bool done;
	int refuse; /* on_out says stop */
};

static int take_out(struct child_xfer *x, struct str piece)
{
	struct play *p = x->ctx;
	buf_add(&p->out, piece);
	return p->refuse;
}

static void note_done(struct child_xfer *x)
{
	struct play *p = x->ctx;
	p->done = true;
}

static void setup(struct play *p)
{
	struct err err = ERR_INIT;
	*p = (struct play){ .arena = ARENA_INIT };
	signal(SIGPIPE, SIG_IGN);
	redactor_init(&p->redactor, &p->arena);
	redactor_learn(&p->redactor, str_c("canary-0123456789"));
	p->loop = loop_new(clock_system(), &err);
	struct child_opts o = { .loop = p->loop, .redactor = &p->redactor, .grace_ms = 200 };
	p->child = child_new(&o);
	buf_init(&p->out, 256 * MIB);
}

static void teardown(struct play *p)
{
	child_free(p->child);
	loop_free(p->loop);
	buf_release(&p->out);
	arena_release(&p->arena);
}

static int start(struct play *p, const char *script, struct err *err)
{
	static const char *const env[] = { "PATH=/usr/bin:/bin", "GIVEN=yes", NULL };
	const char **argv = arena_array(&p->arena, const char *, 4);
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	p->x.path = p->x.path ? p->x.path : "/bin/sh";
	p->x.argv = argv;
	p->x.env = env;
	p->x.arena = &p->arena;
	p->x.out_max = p->x.out_max ? p->x.out_max : MIB;
	p->x.on_out = take_out;
	p->x.on_done = note_done;
	p->x.ctx = p;
	return child_start(p->child, &p->x, err);
}

static void wait_done(struct play *p)
{
	struct err err = ERR_INIT;
	int64_t end = loop_clock_ns(p->loop) + BOUND_MS * MS;
	while (!p->done && loop_clock_ns(p->loop) < end)
		assert_int_equal(loop_turn(p->loop, &err), 0);
	assert_true(p->done);
}

static void run_script(struct play *p, const char *script)
{
	struct err err = ERR_INIT;
	assert_int_equal(start(p, script, &err), 0);
	wait_done(p);
}

static void reads_stdin_and_answers(void **state)
{
	(void)state;
	struct play p;
	setup(&p);
	char *big = arena_alloc(&p.arena, 300000);
	memset(big, 'x', 300000);
	p.x.input = (struct str){ .p = big, .n = 300000 };
	run_script(&p, "cat; echo said >&2");
	assert_int_equal(p.x.end, CHILD_EXITED);
	assert_int_equal(p.x.status, 0);
	assert_null(p.x.why);
	assert_int_equal(p.out.n, 300000);
	assert_true(str_eqc(p.x.said, "said"));
	assert_true(p.x.end_ns >= p.x.start_ns);
	teardown(&p);
}

static void has_only_the_given_environment(void **state)
{
	(void)state;
	struct play p;
	setup(&p);
	setenv("CANARY", "canary", 1);
	run_script(&p, "env; pwd; for i in 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$i ] || echo open $i; done");
	assert_true(str_find(buf_str(&p.out), STR("GIVEN=yes\n"), 0) >= 0);
	assert_true(str_find(buf_str(&p.out), STR("canary"), 0) < 0);
	assert_true(str_find(buf_str(&p.out), STR("HOME="), 0) < 0);
	assert_true(str_find(buf_str(&p.out), STR("\n/\n"), 0) >= 0);
	/* No descriptor of ours but the standard three. */
	assert_true(str_find(buf_str(&p.out), STR("open"), 0) < 0);
	teardown(&p);
}

static void says_how_it_ended(void **state)
{
	(void)state;
	struct play p;
	setup(&p);
	run_script(&p, "echo half; echo 'key canary-0123456789' >&2; exit 3");
	assert_int_equal(p.x.end, CHILD_EXITED);
	assert_int_equal(p.x.status, 3);
	assert_string_equal(p.x.why, "exit code 3");
	assert_true(str_eqc(p.x.said, "key [redacted]"));
	teardown(&p);
	setup(&p);
	run_script(&p, "kill -SEGV $$");
	assert_int_equal(p.x.end, CHILD_SIGNALLED);
	assert_int_equal(p.x.signal, SIGSEGV);
	teardown(&p);
}

static void ends_at_its_deadline_with_all_that_it_started(void **state)
{
	(void)state;
	struct play p;
	int64_t pid;
	setup(&p);
	p.x.deadline_ns = loop_now(p.loop) + 2000 * MS;
	/* Both ignore SIGTERM; the grandchild keeps the streams open. */
	run_script(&p, "trap '' TERM; sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done' & "
		       "while :; do sleep 1; done");
	assert_int_equal(p.x.end, CHILD_DEADLINE);
	assert_true(p.x.end_ns - p.x.start_ns >= 2200 * MS - 5 * MS);
	assert_true(num_parse_i64(str_trim(buf_str(&p.out)), &pid));
	for (int i = 0; i < 2000 && !kill((pid_t)pid, 0); i++)
		usleep(1000);
	/* Dead, or a zombie that init has not taken yet. */
	char path[64], text[512] = "";
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "re");
	if (f) {
		assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
		fclose(f);
		assert_non_null(strstr(text, ") Z "));
	}
	teardown(&p);
}

static void a_grandchild_with_open_streams_is_not_waited_for(void **state)
{
	(void)state;
	struct play p;
	setup(&p);
	run_script(&p, "sleep 60 & echo answer");
	assert_int_equal(p.x.end, CHILD_EXITED);
	assert_true(str_eqc(buf_str(&p.out), "answer\n"));
	assert_true(p.x.end_ns - p.x.start_ns < 50000 * MS);
	teardown(&p);
}

static void a_flood_is_stopped(void **state)
{
	(void)state;
	struct play p;
	setup(&p);
	p.x.out_max = 1000000;
	run_script(&p, "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");
	assert_int_equal(p.x.end, CHILD_TOO_LARGE);
	assert_true(p.out.n <= 1000000);
	teardown(&p);
	setup(&p);
	p.refuse = -1;
	run_script(&p, "while :; do echo x; done");
	assert_int_equal(p.x.end, CHILD_STOPPED);
	teardown(&p);
}

static void stderr_is_bounded_and_its_end_kept(void **state)
{
	(void)state;
	struct play p;
	setup(&p);
	run_script(&p, "i=0; while [ $i -lt 20000 ]; do echo line $i canary-0123456789 >&2; i=$((i+1)); done; "
		       "echo last >&2; exit 1");
	assert_true(p.x.said.n <= 4096);
	assert_true(str_ends(p.x.said, STR("\nlast")));
	assert_true(str_find(p.x.said, STR("0123456789"), 0) < 0);
	assert_true(str_find(p.x.said, STR("[redacted]"), 0) > 0);
	teardown(&p);
}

static void cancelled_it_is_gone(void **state)
{
	(void)state;
	struct play p;
	struct err err = ERR_INIT;
	setup(&p);
	assert_int_equal(start(&p, "trap '' TERM; while :; do sleep 1; done", &err), 0);
	child_cancel(p.child, &p.x);
	child_cancel(p.child, &p.x);
	assert_int_equal(loop_run(p.loop, &err), 0); /* ends when the program has */
	assert_false(p.done);
	/* And when nobody turns the loop any more. */
	assert_int_equal(start(&p, "trap '' TERM; while :; do sleep 1; done", &err), 0);
	teardown(&p);
}

static void limits_hold(void **state)
{
	(void)state;
	struct play p;
	setup(&p);
	p.x.limits = (struct child_limits){ .files = 17, .cpu_s = 7, .memory_bytes = 64 * (int64_t)MIB };
	run_script(&p, "ulimit -n; ulimit -t; ulimit -d; ulimit -c");
	assert_true(str_eqc(buf_str(&p.out), "17\n7\n65536\n0\n"));
	teardown(&p);
	setup(&p);
	p.x.limits = (struct child_limits){ .cpu_s = 1 };
	run_script(&p, "while :; do :; done");
	assert_int_equal(p.x.end, CHILD_SIGNALLED);
	assert_int_equal(p.x.signal, SIGXCPU);
	teardown(&p);
}

static void what_cannot_run_says_why(void **state)
{
	(void)state;
	struct play p;
	struct err err = ERR_INIT;
	const char *found = NULL;
	setup(&p);
	p.x.path = "/nonexistent/program";
	assert_int_equal(start(&p, "", &err), -1);
	assert_string_equal(err.msg, "cannot run program '/nonexistent/program': No such file or directory");
	p.x.path = "/bin/sh";
	p.x.dir = "/nonexistent";
	assert_int_equal(start(&p, "", &err), -1);
	assert_string_equal(err.msg, "cannot enter folder '/nonexistent': No such file or directory");
	assert_int_equal(child_find(&found, "sh", "bin:/nonexistent:/bin", &p.arena, &err), 0);
	assert_string_equal(found, "/bin/sh");
	assert_int_equal(child_find(&found, "./sh", "/bin", &p.arena, &err), -1);
	assert_int_equal(child_find(&found, "no-such-program", "/bin:/usr/bin", &p.arena, &err), -1);
	teardown(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_stdin_and_answers),
		cmocka_unit_test(has_only_the_given_environment),
		cmocka_unit_test(says_how_it_ended),
		cmocka_unit_test(ends_at_its_deadline_with_all_that_it_started),
		cmocka_unit_test(a_grandchild_with_open_streams_is_not_waited_for),
		cmocka_unit_test(a_flood_is_stopped),
		cmocka_unit_test(stderr_is_bounded_and_its_end_kept),
		cmocka_unit_test(cancelled_it_is_gone),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(what_cannot_run_says_why),
	};
	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
