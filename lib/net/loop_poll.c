/* Waiting by poll(2), for systems without epoll: macOS.  Signals are blocked and looked for
 * between waits, so a signal is seen within SIGNAL_MS. */
#include "net/loop_wait.h"

#if !defined(__linux__) || defined(LOOP_POLL)

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { SIGNAL_MS = 100 };

struct poll_scratch {
	VEC(struct pollfd) fd;
	VEC(struct loop_watch) was; /* who was watched when the wait began */
	VEC(uint32_t) slot;
};

int loop_wait_open(struct loop_wait *w, struct err *err)
{
	(void)err;
	w->scratch = arena_new(w->arena, struct poll_scratch);
	return 0;
}

void loop_wait_close(struct loop_wait *w)
{
	if (w->signals)
		sigprocmask(SIG_SETMASK, &w->former, NULL);
}

int loop_wait_change(struct loop_wait *w, size_t slot, unsigned was, struct err *err)
{
	(void)w, (void)slot, (void)was, (void)err; /* the set is built at each wait */
	return 0;
}

int loop_wait_signals(struct loop_wait *w, struct err *err)
{
	if (sigprocmask(SIG_BLOCK, &w->set, &w->former))
		return err_set(err, ERR_SYSTEM, "cannot block signals: %s", strerror(errno));
	w->signals = true;
	return 0;
}

int loop_wait_for(struct loop_wait *w, int timeout_ms, struct err *err)
{
	struct poll_scratch *s = w->scratch;
	s->fd.n = s->was.n = s->slot.n = 0;
	for (size_t i = 0; i < w->watch.n; i++) {
		const struct loop_io *io = w->watch.v[i].io;
		if (!io)
			continue;
		int events = (io->want & LOOP_READ ? POLLIN : 0) | (io->want & LOOP_WRITE ? POLLOUT : 0);
		*vec_push(&s->fd, w->arena) = (struct pollfd){ .fd = io->fd, .events = (short)events };
		*vec_push(&s->was, w->arena) = w->watch.v[i];
		*vec_push(&s->slot, w->arena) = (uint32_t)i;
	}
	if (w->signals && (timeout_ms < 0 || timeout_ms > SIGNAL_MS))
		timeout_ms = SIGNAL_MS;
	int n = poll(s->fd.v, (nfds_t)s->fd.n, timeout_ms);
	if (n < 0 && errno != EINTR)
		return err_set(err, ERR_SYSTEM, "cannot wait for events: %s", strerror(errno));
	return n > 0 ? (int)s->fd.n : 0;
}

static void take_signals(struct loop_wait *w)
{
	sigset_t pending;
	if (!w->signals || sigpending(&pending))
		return;
	for (int signo = 1; signo < NSIG; signo++) {
		sigset_t one;
		int got;
		if (sigismember(&w->set, signo) != 1 || sigismember(&pending, signo) != 1)
			continue;
		sigemptyset(&one);
		sigaddset(&one, signo);
		if (!sigwait(&one, &got))
			w->on_signal(w->on_signal_ctx, got);
	}
}

void loop_wait_dispatch(struct loop_wait *w, int n)
{
	struct poll_scratch *s = w->scratch;
	take_signals(w);
	for (int i = 0; i < n; i++) {
		int e = s->fd.v[i].revents;
		const struct loop_watch *watch = &w->watch.v[s->slot.v[i]];
		if (!e || watch->io != s->was.v[i].io || watch->generation != s->was.v[i].generation)
			continue;
		unsigned ready = 0;
		if (e & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
			ready |= LOOP_READ;
		if (e & (POLLOUT | POLLHUP | POLLERR | POLLNVAL))
			ready |= LOOP_WRITE;
		watch->io->fn(watch->io, ready);
	}
}

#endif
