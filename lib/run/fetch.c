#include "run/fetch.h"

#include "base/limits.h"
#include "doc/jsonx.h"

enum { ATTEMPTS = 3, ATTEMPT_MS = 5000, BACK_OFF_MS = 200, NS_PER_MS = 1000000 };

struct attempt {
	struct buf body;
	struct str type; /* x-amzn-errortype */
	struct arena *arena;
	bool done;
};

static int on_head(struct http_xfer *x, const struct wire_status *st)
{
	struct attempt *t = x->ctx;
	t->type = arena_str(t->arena, str_sub(wire_header_get(st, "x-amzn-errortype"), 0, 100));
	return 0;
}

static int on_body(struct http_xfer *x, struct str piece, int64_t now_ns)
{
	struct attempt *t = x->ctx;
	(void)now_ns;
	buf_add(&t->body, piece);
	return t->body.over ? -1 : 0;
}

static void on_done(struct http_xfer *x)
{
	struct attempt *t = x->ctx;
	t->done = true;
}

static bool stopped(const struct fetch *f)
{
	return f->caller && caller_stopped_reason(f->caller);
}

static void ring(struct loop_timer *t)
{
	bool *rung = t->ctx;
	*rung = true;
}

/* False when it was stopped before. */
static bool pause_ms(const struct fetch *f, int64_t ms)
{
	bool rung = false;
	struct err err = ERR_INIT;
	struct loop_timer timer = { .fn = ring, .ctx = &rung };
	loop_timer_set(f->loop, &timer, loop_now(f->loop) + ms * NS_PER_MS);
	while (!rung && !stopped(f))
		if (loop_turn(f->loop, &err))
			break;
	loop_timer_clear(f->loop, &timer);
	return rung;
}

static int too_late(struct err *err)
{
	return err_set(err, ERR_REMOTE, "there was no time left to ask");
}

/* One exchange; the status, 0 when none came, -1 when it cannot be sent at all. */
static int exchange(const struct fetch *f, const struct wire_req *req, struct attempt *t, struct err *err)
{
	int64_t now = loop_clock_ns(f->loop), deadline = now + (int64_t)ATTEMPT_MS * NS_PER_MS;
	struct http_xfer x = {
		.req = req,
		.arena = t->arena,
		.body_max = MIB,
		.deadline_ns = deadline < f->deadline_ns ? deadline : f->deadline_ns,
		.on_head = on_head,
		.on_body = on_body,
		.on_done = on_done,
		.ctx = t,
	};
	if (http_start(f->http, &x, err))
		return -1;
	while (!t->done) {
		if (!stopped(f) && !loop_turn(f->loop, err))
			continue;
		if (!t->done)
			http_cancel(f->http, &x);
		return err->kind ? -1 : too_late(err);
	}
	if (x.end == HTTP_DONE)
		return x.status;
	err_set(err, ERR_REMOTE, "%s", x.why ? x.why : "no answer");
	/* A host that is not there is often one that this network does not let through: no second wait. */
	return x.end == HTTP_DENIED || x.end == HTTP_UNTRUSTED || x.end == HTTP_DEADLINE ? -1 : 0;
}

/* "HTTP 403 AccessDeniedException: …" in one line. */
static int refused(const struct fetch *f, int status, const struct attempt *t, struct arena *a, struct err *err)
{
	const char *why;
	struct str text = buf_str(&t->body);
	struct str message = json_get_str(json_lenient(a, text, &why), "message"), type = t->type;
	ptrdiff_t colon = str_chr(type, ':', 0);
	if (colon >= 0)
		type = str_sub(type, 0, (size_t)colon);
	if (f->redactor)
		message = redact(f->redactor, message, a);
	message = str_sub(message, 0, 200);
	return err_set(err, ERR_REMOTE, "HTTP %d%s%.*s%s%.*s", status, type.n ? " " : "", STR_ARGS(type),
		       message.n ? ": " : "", STR_ARGS(message));
}

static int parse(const json_t **out, const struct attempt *t, struct arena *a, struct err *err)
{
	const char *why = "";
	*out = json_lenient(a, buf_str(&t->body), &why);
	return json_is_object(*out) ? 0 : err_set(err, ERR_REMOTE, "the answer is no JSON object");
}

/* 1: worth another attempt. */
static int attempt(const json_t **out, const struct fetch *f, const struct wire_req *req, struct arena *a,
		   struct err *err)
{
	struct attempt t = { .arena = a };
	buf_init(&t.body, MIB);
	int status = exchange(f, req, &t, err), result = -1;
	if (status == 0)
		result = 1;
	else if (status >= 200 && status <= 299)
		result = parse(out, &t, a, err);
	else if (status > 0)
		result = refused(f, status, &t, a, err), result = wire_code_retryable(status) ? 1 : -1;
	buf_release(&t.body);
	return result;
}

int fetch_json(const json_t **out, const struct fetch *f, const struct wire_req *req, struct arena *a,
	       struct err *err)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		struct err one = ERR_INIT;
		if (loop_clock_ns(f->loop) >= f->deadline_ns || stopped(f))
			return err->kind ? -1 : too_late(err);
		int result = attempt(out, f, req, a, &one);
		if (result == 0)
			return 0;
		*err = one;
		if (result < 0 || (i + 1 < ATTEMPTS && !pause_ms(f, (int64_t)BACK_OFF_MS << i)))
			return -1;
	}
	return -1;
}
