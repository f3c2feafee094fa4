/* An attempt that is a program instead of an exchange. */
#include "base/limits.h"
#include "base/utf8.h"
#include "run/flight.h"

enum { NS_PER_MS = 1000000 };
/* What is shown of its last words, so that the whole text still fits the screen's two lines. */
enum { SAID_MAX = 240 };

static int on_out(struct child_xfer *x, struct str piece)
{
	struct caller_flight *f = x->ctx;
	return flight_feed(f, piece, loop_now(f->caller->o.loop));
}

/* The end of what it said, from the beginning of a character; it is redacted already. */
static struct str last_words(struct str said)
{
	size_t from = said.n > SAID_MAX ? said.n - SAID_MAX : 0;
	while (from && from < said.n && ((unsigned char)said.p[from] & 0xc0) == 0x80)
		from++;
	return str_trim(str_sub(said, from, said.n));
}

static void judge(struct caller_flight *f)
{
	const struct child_xfer *x = &f->program;
	struct reply *r = &f->job->reply;
	struct str said = last_words(x->said);
	const char *colon = said.n ? ": " : "";
	switch (x->end) {
	case CHILD_EXITED:
		if (!x->status) {
			f->lane->provider->finish(f->state, r);
			return;
		}
		reply_fail(r, FAIL_PROGRAM, false, "program '%s': %s%s%.*s", x->argv[0], x->why, colon,
			   STR_ARGS(said));
		return;
	case CHILD_SIGNALLED:
		reply_fail(r, FAIL_PROGRAM, false, "program '%s': %s%s%.*s", x->argv[0], x->why, colon,
			   STR_ARGS(said));
		return;
	case CHILD_TOO_LARGE:
		reply_fail(r, FAIL_TOO_LARGE, false, "program '%s': %s", x->argv[0], x->why);
		return;
	case CHILD_DEADLINE:
		reply_fail(r, FAIL_DEADLINE, false, "program '%s' did not end within %lld ms%s%.*s", x->argv[0],
			   (long long)((x->deadline_ns - x->start_ns) / NS_PER_MS), colon, STR_ARGS(said));
		return;
	case CHILD_STOPPED:
		reply_fail(r, FAIL_MALFORMED, false, "what program '%s' wrote could not be read", x->argv[0]);
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
