/* The part of struct loop that differs between systems: waiting for descriptors and signals.
 * loop_epoll.c has it for Linux, loop_poll.c for the rest; exactly one of them is not empty.  For
 * loop.c alone; nobody else includes this. */
#ifndef NET_LOOP_WAIT_H
#define NET_LOOP_WAIT_H

#include "base/arena.h"
#include "base/err.h"
#include "net/loop.h"

struct loop_watch {
	struct loop_io *io; /* NULL: a free place */
	uint32_t generation; /* tells a late event for a former owner */
};

struct loop_wait {
	struct arena *arena;
	VEC(struct loop_watch) watch; /* index = slot - 1 */
	int fd, signal_fd;            /* epoll and signalfd; -1 */
	void *scratch;                /* the back end's event array */
	size_t nscratch;
	bool signals;
	sigset_t set, former;
	void (*on_signal)(void *ctx, int signo);
	void *on_signal_ctx;
};

int loop_wait_open(struct loop_wait *w, struct err *err) MUST_USE;
void loop_wait_close(struct loop_wait *w);
/* The watch's want has changed from `was`; 0 = none. */
int loop_wait_change(struct loop_wait *w, size_t slot, unsigned was, struct err *err) MUST_USE;
int loop_wait_signals(struct loop_wait *w, struct err *err) MUST_USE;
/* Wait at most timeout_ms (-1 = for ever) and return how many events are in scratch. */
int loop_wait_for(struct loop_wait *w, int timeout_ms, struct err *err) MUST_USE;
/* Call back for the first n events in scratch. */
void loop_wait_dispatch(struct loop_wait *w, int n);

#endif
