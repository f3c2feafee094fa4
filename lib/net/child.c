#include "net/child.h"

#include "base/auto.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "net/child_spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000, GRACE_MS = 1000, PARALLEL = 32 };
/* How often a program is looked at where the kernel has no descriptor for it; and for how long one that
 * SIGKILL does not end at once is waited for. */
enum { LOOK_MS = 5, LINGER_MS = 1000 };
/* Read at one go, so that one program's flood does not hold up the others. */
enum { READ_MAX = 65536, READS = 16 };
/* Kept of stderr before it is redacted; and shown of it afterwards, so that no cut leaves a part of a
 * secret that would not be recognised. */
#define SAID_KEPT (64 * KIB)
#define SAID_SHOWN ((size_t)4096)

struct child {
	struct arena arena;
	struct child_opts o;
	struct child_slot *live, *idle;
	int64_t tasks; /* of this user when the first program was started; -1 = not looked */
	char piece[READ_MAX];
};

struct child_slot {
	struct child *child;
	struct child_xfer *x; /* NULL: nobody waits any more */
	struct child_slot *next, *prev;
	pid_t pid;
	struct loop_io in, out, err, exit;
	struct loop_timer deadline, kill, look;
	struct buf said;
	size_t written, got;
	enum child_end end;
	bool ending, killed; /* told to end; with SIGKILL */
};

struct child *child_new(const struct child_opts *o)
{
	struct arena a = ARENA_INIT;
	struct child *c = arena_new(&a, struct child);
	c->arena = a;
	c->o = *o;
	c->tasks = -1;
	if (!c->o.grace_ms)
		c->o.grace_ms = GRACE_MS;
	if (!c->o.parallel)
		c->o.parallel = PARALLEL;
	return c;
}

/* --- slots ---------------------------------------------------------------------------------------- */

static void close_io(struct child *c, struct loop_io *io)
{
	loop_io_clear(c->o.loop, io);
	auto_fd(&io->fd);
	io->fd = -1;
}

static void release_buf(void *p)
{
	buf_release(p);
}

static struct child_slot *slot_take(struct child *c)
{
	struct child_slot *s = c->idle;
	struct buf said = { .p = NULL };
	if (s) {
		c->idle = s->next;
		said = s->said;
	} else {
		s = arena_new(&c->arena, struct child_slot);
		buf_init(&said, 2 * SAID_KEPT);
		arena_defer(&c->arena, release_buf, &s->said);
	}
	buf_reset(&said);
	*s = (struct child_slot){ .child = c, .said = said, .next = c->live };
	if (c->live)
		c->live->prev = s;
	c->live = s;
	return s;
}

static void slot_give(struct child_slot *s)
{
	struct child *c = s->child;
	*(s->prev ? &s->prev->next : &c->live) = s->next;
	if (s->next)
		s->next->prev = s->prev;
	s->next = c->idle;
	s->prev = NULL;
	c->idle = s;
}

static void close_all(struct child_slot *s)
{
	struct child *c = s->child;
	close_io(c, &s->in);
	close_io(c, &s->out);
	close_io(c, &s->err);
	close_io(c, &s->exit);
	loop_timer_clear(c->o.loop, &s->deadline);
	loop_timer_clear(c->o.loop, &s->kill);
	loop_timer_clear(c->o.loop, &s->look);
}

/* --- ending it ------------------------------------------------------------------------------------ */

static void signal_group(const struct child_slot *s, int signo)
{
	if (kill(-s->pid, signo))
		kill(s->pid, signo);
}

static void kill_now(struct loop_timer *t)
{
	struct child_slot *s = t->ctx;
	signal_group(s, SIGKILL);
	s->killed = true;
}

/* The first cause stays. */
static void tell_to_end(struct child_slot *s, enum child_end why)
{
	struct child *c = s->child;
	if (s->ending)
		return;
	s->ending = true;
	s->end = why;
	close_io(c, &s->in);
	close_io(c, &s->out);
	signal_group(s, SIGTERM);
	loop_timer_clear(c->o.loop, &s->deadline);
	s->kill = (struct loop_timer){ .fn = kill_now, .ctx = s };
	loop_timer_set(c->o.loop, &s->kill, loop_now(c->o.loop) + c->o.grace_ms * NS_PER_MS);
}

static void on_deadline(struct loop_timer *t)
{
	tell_to_end(t->ctx, CHILD_DEADLINE);
}

/* --- its three streams ---------------------------------------------------------------------------- */

static void on_in(struct loop_io *io, unsigned ready)
{
	struct child_slot *s = io->ctx;
	(void)ready;
	struct str rest = str_sub(s->x->input, s->written, s->x->input.n);
	ssize_t n = rest.n ? write(io->fd, rest.p, rest.n) : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* A program need not read what it is told: its answer counts, not this. */
	s->written = n < 0 ? s->x->input.n : s->written + (size_t)n;
	if (s->written == s->x->input.n)
		close_io(s->child, io);
}

/* Up to `reads` pieces.  False when more may be there. */
static bool read_out(struct child_slot *s, unsigned reads)
{
	struct child *c = s->child;
	while (s->out.fd >= 0 && reads--) {
		ssize_t n = read(s->out.fd, c->piece, sizeof(c->piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0) {
			close_io(c, &s->out);
			return true;
		}
		s->got += (size_t)n;
		if (s->got > s->x->out_max)
			tell_to_end(s, CHILD_TOO_LARGE);
		else if (s->x->on_out(s->x, (struct str){ .p = c->piece, .n = (size_t)n }))
			tell_to_end(s, CHILD_STOPPED);
	}
	return s->out.fd < 0;
}

static bool read_err(struct child_slot *s, unsigned reads)
{
	struct child *c = s->child;
	while (s->err.fd >= 0 && reads--) {
		ssize_t n = read(s->err.fd, c->piece, sizeof(c->piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0) {
			close_io(c, &s->err);
			return true;
		}
		if (s->said.n > SAID_KEPT) {
			memmove(s->said.p, s->said.p + s->said.n - SAID_KEPT, SAID_KEPT);
			buf_cut(&s->said, SAID_KEPT);
		}
		buf_add(&s->said, (struct str){ .p = c->piece, .n = (size_t)n });
	}
	return s->err.fd < 0;
}

static void on_out(struct loop_io *io, unsigned ready)
{
	(void)ready;
	read_out(io->ctx, READS);
}

static void on_err(struct loop_io *io, unsigned ready)
{
	(void)ready;
	read_err(io->ctx, READS);
}

/* --- its end -------------------------------------------------------------------------------------- */

static struct str last_of(struct str s, size_t n)
{
	if (s.n <= n)
		return s;
	s = str_sub(s, s.n - n, s.n);
	ptrdiff_t line = str_chr(s, '\n', 0);
	return line < 0 ? s : str_sub(s, (size_t)line + 1, s.n);
}

static void take_status(struct child_slot *s, int status)
{
	struct child_xfer *x = s->x;
	if (WIFSIGNALED(status)) {
		x->end = CHILD_SIGNALLED;
		x->signal = WTERMSIG(status);
	} else {
		x->end = CHILD_EXITED;
		x->status = WEXITSTATUS(status);
	}
	if (s->ending)
		x->end = s->end;
}

static const char *why_of(const struct child_xfer *x)
{
	switch (x->end) {
	case CHILD_EXITED:
		return x->status ? arena_fmt(x->arena, "exit code %d", x->status) : NULL;
	case CHILD_SIGNALLED:
		return arena_fmt(x->arena, "signal %d (%s)", x->signal,
				 x->signal == SIGXCPU ? "processor time" : strsignal(x->signal));
	case CHILD_TOO_LARGE:
		return arena_fmt(x->arena, "the output is larger than %zu bytes", x->out_max);
	case CHILD_DEADLINE:
		return "no end before the deadline";
	case CHILD_STOPPED:
		break;
	}
	return "the output could not be read";
}

/* Bytes of a secret may stand on both sides of where the kept part begins: what is shown is further in. */
static struct str said_of(const struct child_slot *s)
{
	struct str said = buf_str(&s->said);
	struct arena *a = s->x->arena;
	if (s->child->o.redactor)
		said = redact(s->child->o.redactor, said, a);
	return arena_str(a, last_of(str_trim(said), SAID_SHOWN));
}

/* It has ended and is not yet reaped, so its group's number is still its own: whatever is left of the
 * group goes.  What it wrote and nobody has read yet still counts. */
static void finish(struct child_slot *s)
{
	struct child_xfer *x = s->x;
	int status = 0;
	signal_group(s, SIGKILL);
	if (x && !s->ending)
		while (!read_out(s, READS))
			;
	if (x)
		read_err(s, READS);
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (x) {
		take_status(s, status);
		x->end_ns = loop_now(s->child->o.loop);
		x->why = why_of(x);
		x->said = said_of(s);
		x->slot = NULL;
	}
	close_all(s);
	slot_give(s);
	if (x)
		x->on_done(x);
}

static bool has_ended(const struct child_slot *s)
{
	siginfo_t info = { .si_pid = 0 };
	return waitid(P_PID, (id_t)s->pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid == s->pid;
}

static void on_exit_ready(struct loop_io *io, unsigned ready)
{
	(void)ready;
	if (has_ended(io->ctx))
		finish(io->ctx);
}

static void look(struct loop_timer *t)
{
	struct child_slot *s = t->ctx;
	struct loop *loop = s->child->o.loop;
	if (has_ended(s))
		finish(s);
	else
		loop_timer_set(loop, t, loop_now(loop) + LOOK_MS * NS_PER_MS);
}

/* --- public --------------------------------------------------------------------------------------- */

static int watch(struct child_slot *s, int pid_fd, struct err *err)
{
	struct loop *loop = s->child->o.loop;
	s->exit = (struct loop_io){ .fd = pid_fd, .fn = on_exit_ready, .ctx = s };
	s->look = (struct loop_timer){ .fn = look, .ctx = s };
	if (loop_io_set(loop, &s->out, LOOP_READ, err) || loop_io_set(loop, &s->err, LOOP_READ, err))
		return -1;
	if (!s->x->input.n)
		close_io(s->child, &s->in);
	else if (loop_io_set(loop, &s->in, LOOP_WRITE, err))
		return -1;
	if (pid_fd >= 0)
		return loop_io_set(loop, &s->exit, LOOP_READ, err);
	loop_timer_set(loop, &s->look, loop_now(loop) + LOOK_MS * NS_PER_MS);
	return 0;
}

/* Others of this user count, too, so the limit is set above what there is. */
static int64_t task_limit(struct child *c, const struct child_xfer *x)
{
	if (!x->limits.processes)
		return 0;
	if (c->tasks < 0)
		c->tasks = child_user_tasks();
	return c->tasks + x->limits.processes * c->o.parallel;
}

int child_start(struct child *c, struct child_xfer *x, struct err *err)
{
	struct child_ends ends;
	if (child_spawn(&ends, x, task_limit(c, x), err))
		return -1;
	struct child_slot *s = slot_take(c);
	s->x = x;
	s->pid = ends.pid;
	s->in = (struct loop_io){ .fd = ends.in, .fn = on_in, .ctx = s };
	s->out = (struct loop_io){ .fd = ends.out, .fn = on_out, .ctx = s };
	s->err = (struct loop_io){ .fd = ends.err, .fn = on_err, .ctx = s };
	x->slot = s;
	x->start_ns = loop_clock_ns(c->o.loop);
	if (watch(s, ends.pid_fd, err)) {
		s->x = NULL;
		x->slot = NULL;
		finish(s);
		return -1;
	}
	if (x->deadline_ns) {
		s->deadline = (struct loop_timer){ .fn = on_deadline, .ctx = s };
		loop_timer_set(c->o.loop, &s->deadline, x->deadline_ns);
	}
	return 0;
}

void child_cancel(struct child *c, struct child_xfer *x)
{
	struct child_slot *s = x->slot;
	if (!s)
		return;
	x->slot = NULL;
	s->x = NULL;
	close_io(c, &s->err);
	close_io(c, &s->in);
	close_io(c, &s->out);
	tell_to_end(s, CHILD_STOPPED);
}

/* Wait for all that have been told to end, at most that long. */
static void reap(struct child *c, int64_t ms)
{
	for (; c->live && ms > 0; ms -= LOOK_MS) {
		struct child_slot *next;
		for (struct child_slot *s = c->live; s; s = next) {
			next = s->next;
			if (has_ended(s))
				finish(s);
		}
		if (c->live)
			poll(NULL, 0, LOOK_MS);
	}
}

void child_free(struct child *c)
{
	if (!c)
		return;
	for (struct child_slot *s = c->live; s; s = s->next)
		if (s->x)
			child_cancel(c, s->x);
	reap(c, c->o.grace_ms);
	for (struct child_slot *s = c->live; s; s = s->next)
		kill_now(&(struct loop_timer){ .ctx = s });
	reap(c, LINGER_MS);
	while (c->live) {
		close_all(c->live);
		slot_give(c->live);
	}
	struct arena a = c->arena; /* c lives inside it */
	arena_release(&a);
}

static bool is_program(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

int child_find(const char **out, const char *program, const char *path, struct arena *a, struct err *err)
{
	struct str rest = str_c(path), folder;
	if (program[0] == '/') {
		*out = program;
		return 0;
	}
	if (!*program || strchr(program, '/'))
		return err_set(err, ERR_ARTIFACT, "program '%s' is neither an absolute path nor a plain name",
			       program);
	while (str_cut(&rest, ':', &folder)) {
		if (!str_starts(folder, STR("/")))
			continue;
		const char *full = arena_fmt(a, "%.*s/%s", STR_ARGS(folder), program);
		if (is_program(full)) {
			*out = full;
			return 0;
		}
	}
	return err_set(err, ERR_ARTIFACT, "program '%s' is in no folder of PATH '%s'", program, path);
}
