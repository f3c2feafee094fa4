#include "net/loop.h"

#include "net/loop_wait.h"

#include <limits.h>
#include <stdlib.h>

enum { NS_PER_MS = 1000000 };

struct loop {
	struct arena arena;
	struct clock clock;
	int64_t now;
	struct loop_wait wait;
	VEC(struct loop_timer *) heap; /* the earliest first; a timer's slot is its index + 1 */
	struct loop_task *first, **last;
	VEC(size_t) free_slot;
	size_t nwatched;
	bool stop;
};

struct loop *loop_new(struct clock clock, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct loop *l = arena_new(&a, struct loop);
	l->arena = a;
	l->clock = clock;
	l->now = clock.mono_ns(clock.ctx);
	l->last = &l->first;
	l->wait = (struct loop_wait){ .arena = &l->arena, .fd = -1, .signal_fd = -1 };
	if (loop_wait_open(&l->wait, err)) {
		loop_free(l);
		return NULL;
	}
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	loop_wait_close(&l->wait);
	struct arena a = l->arena; /* l lives inside it */
	arena_release(&a);
}

int64_t loop_now(const struct loop *l)
{
	return l->now;
}

int64_t loop_clock_ns(const struct loop *l)
{
	return l->clock.mono_ns(l->clock.ctx);
}

static size_t take_slot(struct loop *l)
{
	if (l->free_slot.n)
		return l->free_slot.v[--l->free_slot.n];
	*vec_push(&l->wait.watch, &l->arena) = (struct loop_watch){ .io = NULL };
	return l->wait.watch.n;
}

int loop_io_set(struct loop *l, struct loop_io *io, unsigned want, struct err *err)
{
	if (!want) {
		loop_io_clear(l, io);
		return 0;
	}
	if (io->slot && io->want == want)
		return 0;
	unsigned was = io->slot ? io->want : 0;
	if (!io->slot) {
		io->slot = take_slot(l);
		l->wait.watch.v[io->slot - 1].io = io;
		l->nwatched++;
	}
	io->want = want;
	if (!loop_wait_change(&l->wait, io->slot, was, err))
		return 0;
	loop_io_clear(l, io);
	return -1;
}

void loop_io_clear(struct loop *l, struct loop_io *io)
{
	if (!io->slot)
		return;
	unsigned was = io->want;
	struct err ignored = ERR_INIT; /* a descriptor closed before it was cleared */
	io->want = 0;
	(void)!loop_wait_change(&l->wait, io->slot, was, &ignored);
	l->wait.watch.v[io->slot - 1].io = NULL;
	l->wait.watch.v[io->slot - 1].generation++;
	*vec_push(&l->free_slot, &l->arena) = io->slot;
	l->nwatched--;
	io->slot = 0;
}

static void heap_place(struct loop *l, struct loop_timer *t, size_t i)
{
	l->heap.v[i] = t;
	t->slot = i + 1;
}

static void heap_up(struct loop *l, struct loop_timer *t, size_t i)
{
	while (i && l->heap.v[(i - 1) / 2]->at_ns > t->at_ns) {
		heap_place(l, l->heap.v[(i - 1) / 2], i);
		i = (i - 1) / 2;
	}
	heap_place(l, t, i);
}

static void heap_down(struct loop *l, struct loop_timer *t, size_t i)
{
	for (size_t c; (c = 2 * i + 1) < l->heap.n; i = c) {
		if (c + 1 < l->heap.n && l->heap.v[c + 1]->at_ns < l->heap.v[c]->at_ns)
			c++;
		if (l->heap.v[c]->at_ns >= t->at_ns)
			break;
		heap_place(l, l->heap.v[c], i);
	}
	heap_place(l, t, i);
}

void loop_timer_clear(struct loop *l, struct loop_timer *t)
{
	if (!t->slot)
		return;
	size_t i = t->slot - 1;
	struct loop_timer *moved = l->heap.v[--l->heap.n];
	t->slot = 0;
	if (moved == t)
		return;
	if (i && l->heap.v[(i - 1) / 2]->at_ns > moved->at_ns)
		heap_up(l, moved, i);
	else
		heap_down(l, moved, i);
}

void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t at_ns)
{
	loop_timer_clear(l, t);
	t->at_ns = at_ns;
	*vec_push(&l->heap, &l->arena) = t;
	heap_up(l, t, l->heap.n - 1);
}

void loop_post(struct loop *l, struct loop_task *t)
{
	if (t->posted)
		return;
	t->posted = true;
	t->next = NULL;
	*l->last = t;
	l->last = &t->next;
}

void loop_unpost(struct loop *l, struct loop_task *t)
{
	struct loop_task **at = &l->first;
	if (!t->posted)
		return;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	if (!t->next)
		l->last = at;
	t->posted = false;
}

int loop_signals(struct loop *l, const sigset_t *set, void (*fn)(void *ctx, int signo), void *ctx,
		 struct err *err)
{
	if (l->wait.signals)
		return err_set(err, ERR_BUG, "the loop takes signals already");
	l->wait.set = *set;
	l->wait.on_signal = fn;
	l->wait.on_signal_ctx = ctx;
	return loop_wait_signals(&l->wait, err);
}

static int timeout_ms(const struct loop *l)
{
	if (l->first || l->stop)
		return 0;
	if (!l->heap.n)
		return -1;
	int64_t left = l->heap.v[0]->at_ns - l->clock.mono_ns(l->clock.ctx);
	if (left <= 0)
		return 0;
	int64_t ms = left / NS_PER_MS + (left % NS_PER_MS != 0);
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void run_timers(struct loop *l)
{
	while (l->heap.n && l->heap.v[0]->at_ns <= l->now) {
		struct loop_timer *t = l->heap.v[0];
		loop_timer_clear(l, t);
		t->fn(t);
	}
}

/* As many as were posted before: what they post waits for the next turn. */
static void run_tasks(struct loop *l)
{
	size_t n = 0;
	for (const struct loop_task *t = l->first; t; t = t->next)
		n++;
	while (n-- && l->first) {
		struct loop_task *t = l->first;
		loop_unpost(l, t);
		t->fn(t); /* may post or free it */
	}
}

int loop_turn(struct loop *l, struct err *err)
{
	int n = loop_wait_for(&l->wait, timeout_ms(l), err);
	if (n < 0)
		return -1;
	l->now = l->clock.mono_ns(l->clock.ctx);
	loop_wait_dispatch(&l->wait, n);
	run_timers(l);
	run_tasks(l);
	return 0;
}

int loop_run(struct loop *l, struct err *err)
{
	l->stop = false;
	while (!l->stop && (l->nwatched || l->heap.n || l->first))
		if (loop_turn(l, err))
			return -1;
	return 0;
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}
