/* The loop: timers in order, tasks once, descriptors, signals. */
#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define MS ((int64_t)1000000)

static void next_in_order(struct loop_timer *t)
{
	int64_t *last = t->ctx;
	assert_true(*last <= t->at_ns);
	*last = t->at_ns;
}

static void timers_come_in_order(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct loop *l = loop_new(clock_system(), &err);
	struct loop_timer t[500];
	int64_t last = 0, now = loop_now(l);
	for (int i = 0; i < 500; i++) {
		t[i] = (struct loop_timer){ .fn = next_in_order, .ctx = &last };
		loop_timer_set(l, &t[i], now + (i * 7919 % 500) * (MS / 50));
	}
	for (int i = 0; i < 500; i += 3)
		loop_timer_clear(l, &t[i]);
	loop_timer_set(l, &t[1], now + 20 * MS);
	assert_int_equal(loop_run(l, &err), 0);
	assert_int_equal(last, now + 20 * MS);
	assert_true(loop_now(l) >= now + 20 * MS);
	loop_free(l);
}

struct again {
	struct loop *loop;
	int left, ran;
};

static void again(struct loop_task *t)
{
	struct again *a = t->ctx;
	a->ran++;
	if (--a->left > 0)
		loop_post(a->loop, t);
}

static void tasks_run_once_per_post(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct again a = { .loop = loop_new(clock_system(), &err), .left = 3 };
	struct loop_task t = { .fn = again, .ctx = &a }, never = t;
	loop_post(a.loop, &t);
	loop_post(a.loop, &t);
	loop_post(a.loop, &never);
	loop_unpost(a.loop, &never);
	assert_int_equal(loop_turn(a.loop, &err), 0);
	assert_int_equal(a.ran, 1);
	assert_int_equal(loop_run(a.loop, &err), 0);
	assert_int_equal(a.ran, 3);
	loop_free(a.loop);
}

struct pair {
	struct loop *loop;
	struct loop_io a, b;
	int calls;
};

/* Whichever is first clears both: the other's event of the same turn must not come. */
static void clear_both(struct loop_io *io, unsigned ready)
{
	struct pair *p = io->ctx;
	assert_int_equal(ready, LOOP_READ);
	p->calls++;
	loop_io_clear(p->loop, &p->a);
	loop_io_clear(p->loop, &p->b);
}

static void a_cleared_watch_is_silent(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct pair p = { .loop = loop_new(clock_system(), &err) };
	int x[2], y[2];
	assert_int_equal(pipe(x) | pipe(y), 0);
	p.a = (struct loop_io){ .fd = x[0], .fn = clear_both, .ctx = &p };
	p.b = (struct loop_io){ .fd = y[0], .fn = clear_both, .ctx = &p };
	assert_int_equal(loop_io_set(p.loop, &p.a, LOOP_READ, &err), 0);
	assert_int_equal(loop_io_set(p.loop, &p.b, LOOP_READ, &err), 0);
	assert_int_equal(write(x[1], "1", 1) + write(y[1], "1", 1), 2);
	assert_int_equal(loop_run(p.loop, &err), 0);
	assert_int_equal(p.calls, 1);
	struct loop_io bad = { .fd = 9999, .fn = clear_both, .ctx = &p };
	assert_int_equal(loop_io_set(p.loop, &bad, LOOP_READ, &err), -1);
	assert_int_equal(bad.slot, 0);
	for (int i = 0; i < 2; i++) {
		close(x[i]);
		close(y[i]);
	}
	loop_free(p.loop);
}

static void got_signal(void *ctx, int signo)
{
	struct again *a = ctx;
	a->ran = signo;
	loop_stop(a->loop);
}

static void signals_are_events(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct again a = { .loop = loop_new(clock_system(), &err) };
	struct loop_timer guard = { .fn = next_in_order, .ctx = &(int64_t){ 0 } };
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(loop_signals(a.loop, &set, got_signal, &a, &err), 0);
	assert_int_equal(loop_signals(a.loop, &set, got_signal, &a, &err), -1);
	loop_timer_set(a.loop, &guard, loop_now(a.loop) + 5000 * MS);
	kill(getpid(), SIGUSR1);
	assert_int_equal(loop_run(a.loop, &err), 0);
	assert_int_equal(a.ran, SIGUSR1);
	loop_free(a.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_come_in_order),
		cmocka_unit_test(tasks_run_once_per_post),
		cmocka_unit_test(a_cleared_watch_is_silent),
		cmocka_unit_test(signals_are_events),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
