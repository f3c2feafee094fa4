/* struct loop: one thread's events.  Descriptors, timers, signals and tasks; the clock is read once per
 * turn, right after waiting, so that everything that was ready together carries one
 * time.  Watches, timers and tasks are owned by whoever embeds them and must be cleared before they
 * die; callbacks may add and remove any of them.  The loop never sleeps while a task is due. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/clock.h"
#include "base/err.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop_io {
	int fd;
	unsigned want;
	void (*fn)(struct loop_io *io, unsigned ready);
	void *ctx;
	size_t slot; /* the loop's; 0 = not watched */
};

struct loop_timer {
	int64_t at_ns;
	void (*fn)(struct loop_timer *t);
	void *ctx;
	size_t slot; /* the loop's; 0 = not set */
};

/* Run once, at the end of this turn or of the next one, never from the post itself.  Posting a
 * posted task is nothing. */
struct loop_task {
	void (*fn)(struct loop_task *t);
	void *ctx;
	struct loop_task *next;
	bool posted;
};

struct loop *loop_new(struct clock clock, struct err *err) MUST_USE;
void loop_free(struct loop *l);

/* Monotonic nanoseconds of this turn; before the first turn, of loop_new. */
int64_t loop_now(const struct loop *l);
/* The clock itself, for the few stamps that a turn's time would make too early. */
int64_t loop_clock_ns(const struct loop *l);

/* Watch io->fd for `want`, or change what is wanted.  0 want = clear. */
int loop_io_set(struct loop *l, struct loop_io *io, unsigned want, struct err *err) MUST_USE;
void loop_io_clear(struct loop *l, struct loop_io *io);

void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t at_ns);
void loop_timer_clear(struct loop *l, struct loop_timer *t);

void loop_post(struct loop *l, struct loop_task *t);
void loop_unpost(struct loop *l, struct loop_task *t);

/* Take these signals from now on (they are blocked for the process) and call fn for each.  Once
 * per loop; loop_free restores the former mask. */
int loop_signals(struct loop *l, const sigset_t *set, void (*fn)(void *ctx, int signo), void *ctx,
		 struct err *err) MUST_USE;

/* One turn: wait (at most until the next timer), stamp, descriptors, timers, tasks. */
int loop_turn(struct loop *l, struct err *err) MUST_USE;
/* Turns until loop_stop, or until nothing is watched, set or posted. */
int loop_run(struct loop *l, struct err *err) MUST_USE;
void loop_stop(struct loop *l);

#endif
