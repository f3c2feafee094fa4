/* Waiting by epoll and signalfd. */
#include "net/loop_wait.h"

#if defined(__linux__) && !defined(LOOP_POLL)

#include "base/auto.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { BATCH = 256 };
/* The data of the signal descriptor; slots count from 1. */
enum { SIGNAL_SLOT = 0 };

int loop_wait_open(struct loop_wait *w, struct err *err)
{
	w->fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->fd < 0)
		return err_set(err, ERR_SYSTEM, "cannot create an epoll descriptor: %s",
			       strerror(errno));
	w->scratch = arena_array(w->arena, struct epoll_event, BATCH);
	w->nscratch = BATCH;
	return 0;
}

void loop_wait_close(struct loop_wait *w)
{
	if (w->signals)
		sigprocmask(SIG_SETMASK, &w->former, NULL);
	auto_fd(&w->signal_fd);
	auto_fd(&w->fd);
}

int loop_wait_change(struct loop_wait *w, size_t slot, unsigned was, struct err *err)
{
	struct loop_watch *watch = &w->watch.v[slot - 1];
	unsigned want = watch->io->want;
	struct epoll_event ev = {
		.events = (want & LOOP_READ ? EPOLLIN | EPOLLRDHUP : 0u) |
			  (want & LOOP_WRITE ? (unsigned)EPOLLOUT : 0u),
		.data.u64 = (uint64_t)watch->generation << 32 | (uint32_t)slot,
	};
	int op = !was ? EPOLL_CTL_ADD : want ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
	if (!epoll_ctl(w->fd, op, watch->io->fd, &ev))
		return 0;
	/* A library may close a descriptor and get the same number again before it tells us. */
	if (op == EPOLL_CTL_MOD && errno == ENOENT &&
	    !epoll_ctl(w->fd, EPOLL_CTL_ADD, watch->io->fd, &ev))
		return 0;
	return err_set(err, ERR_SYSTEM, "cannot watch descriptor %d: %s", watch->io->fd,
		       strerror(errno));
}

int loop_wait_signals(struct loop_wait *w, struct err *err)
{
	if (sigprocmask(SIG_BLOCK, &w->set, &w->former))
		return err_set(err, ERR_SYSTEM, "cannot block signals: %s", strerror(errno));
	w->signals = true;
	w->signal_fd = signalfd(-1, &w->set, SFD_NONBLOCK | SFD_CLOEXEC);
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = SIGNAL_SLOT };
	if (w->signal_fd < 0 || epoll_ctl(w->fd, EPOLL_CTL_ADD, w->signal_fd, &ev))
		return err_set(err, ERR_SYSTEM, "cannot watch signals: %s", strerror(errno));
	return 0;
}

int loop_wait_for(struct loop_wait *w, int timeout_ms, struct err *err)
{
	int n = epoll_wait(w->fd, w->scratch, (int)w->nscratch, timeout_ms);
	if (n < 0 && errno != EINTR)
		return err_set(err, ERR_SYSTEM, "cannot wait for events: %s", strerror(errno));
	return n < 0 ? 0 : n;
}

static void take_signals(struct loop_wait *w)
{
	struct signalfd_siginfo info;
	while (read(w->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		w->on_signal(w->on_signal_ctx, (int)info.ssi_signo);
}

void loop_wait_dispatch(struct loop_wait *w, int n)
{
	const struct epoll_event *ev = w->scratch;
	for (int i = 0; i < n; i++) {
		uint32_t slot = (uint32_t)ev[i].data.u64;
		if (slot == SIGNAL_SLOT) {
			take_signals(w);
			continue;
		}
		struct loop_watch *watch = &w->watch.v[slot - 1];
		if (!watch->io || watch->generation != (uint32_t)(ev[i].data.u64 >> 32))
			continue;
		unsigned e = ev[i].events, ready = 0;
		if (e & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
			ready |= LOOP_READ;
		if (e & (EPOLLOUT | EPOLLHUP | EPOLLERR))
			ready |= LOOP_WRITE;
		watch->io->fn(watch->io, ready & watch->io->want ? ready & watch->io->want : ready);
	}
}

#endif
