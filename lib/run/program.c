/* An attempt that is a program instead of an exchange. */
#include "base/limits.h"
#include "run/flight.h"

enum { NS_PER_MS = 1000000 };
/* What is shown of its last words, so that the whole text still fits the screen's two lines. */
enum { SAID_MAX = 240 };

static int on_out(struct child_xfer *x, struct str piece)
{
	struct caller_flight *f = x->ctx;
	return flight_feed(f, piece, loop_now(f->caller->o.loop));
}

/* The last line that it wrote to stderr, which is where most say what is wrong; redacted already. */
static struct str last_words(struct str said)
{
	struct str line = said;
	for (ptrdiff_t at; (at = str_chr(line, '\n', 0)) >= 0; )
		line = str_sub(line, (size_t)at + 1, line.n);
	size_t from = line.n > SAID_MAX ? line.n - SAID_MAX : 0;
	while (from && from < line.n && ((unsigned char)line.p[from] & 0xc0) == 0x80)
		from++;
	return str_trim(str_sub(line, from, line.n));
}

static void fail(struct caller_flight *f, enum fail kind, const char *why)
{
	struct str said = last_words(f->program.said);
	reply_fail(&f->job->reply, kind, false, "%s%s%.*s", why, said.n ? ": " : "", STR_ARGS(said));
}

static void judge(struct caller_flight *f)
{
	const struct child_xfer *x = &f->program;
	switch (x->end) {
	case CHILD_EXITED:
		if (x->status)
			fail(f, FAIL_PROGRAM, x->why);
		else
			f->lane->provider->finish(f->state, &f->job->reply);
		return;
	case CHILD_SIGNALLED:
		fail(f, FAIL_PROGRAM, x->why);
		return;
	case CHILD_TOO_LARGE:
		fail(f, FAIL_TOO_LARGE, x->why);
		return;
	case CHILD_DEADLINE:
		fail(f, FAIL_DEADLINE, arena_fmt(f->job->arena, "no end within the deadline of %lld ms",
						 (long long)((x->deadline_ns - f->began_ns) / NS_PER_MS)));
		return;
	case CHILD_STOPPED:
		fail(f, FAIL_MALFORMED, "the output could not be read");
		return;
	}
}

static void on_done(struct child_xfer *x)
{
	struct caller_flight *f = x->ctx;
	f->xfer.start_ns = f->xfer.request_ns = x->start_ns;
	f->xfer.end_ns = x->end_ns;
	judge(f);
	flight_ended(f);
}

int program_start(struct caller_flight *f, struct err *err)
{
	const struct caller_programs *p = f->caller->o.programs;
	const struct wire_exec *e = f->req.exec;
	const struct wire_status good = { .code = 0 };
	const char *path;
	if (!p)
		return err_set(err, ERR_TRUST, "this run may not run programs");
	if (child_find(&path, e->argv[0], p->path, f->job->arena, err))
		return -1;
	int64_t now = loop_now(f->caller->o.loop), end = now + e->timeout_ms * NS_PER_MS;
	f->program = (struct child_xfer){
		.path = path,
		.argv = e->argv,
		.env = p->env,
		.dir = p->dir,
		.input = f->req.body,
		.limits = { .memory_bytes = e->memory_bytes, .files = e->files, .processes = e->processes,
			    .cpu_s = e->cpu_s },
		.arena = f->job->arena,
		.out_max = REPLY_BYTES_MAX,
		.deadline_ns = e->timeout_ms && end < f->deadline_ns ? end : f->deadline_ns,
		.on_out = on_out,
		.on_done = on_done,
		.ctx = f,
	};
	if (f->lane->provider->begin(f->state, &f->job->reply, &good, f->job->call))
		return err_set(err, ERR_BUG, "the codec does not begin");
	return child_start(p->child, &f->program, err);
}
