/* One small HTTP exchange of the chain: a request, a ceiling on the answer, a timeout, a few tries. */
#include "base/limits.h"
#include "net/creds_aws_impl.h"
#include "net/retry.h"

enum { NS_PER_MS = 1000000, TIMEOUT_MS = 10000, TRIES = 3, PAUSE_MS = 200 };

struct creds_fetch *creds_fetch_new(struct creds_aws *c, const char *method, struct str url)
{
	struct creds_fetch *f = &c->fetch;
	buf_release(&f->body);
	*f = (struct creds_fetch){
		.c = c,
		.req = { .method = method, .url = arena_str(&c->work, url), .auth = WIRE_AUTH_NONE },
		.door = { .private_ok = true },
		.timeout_ms = TIMEOUT_MS,
		.tries = TRIES,
	};
	buf_init(&f->body, CREDS_ANSWER_MAX);
	return f;
}

void creds_fetch_header(struct creds_fetch *f, const char *name, struct str value)
{
	struct arena *a = &f->c->work;
	*vec_push(&f->req.header, a) = (struct wire_header){ str_c(name), arena_str(a, value) };
}

static int on_head(struct http_xfer *x, const struct wire_status *st)
{
	struct creds_fetch *f = x->ctx;
	f->date_ms = retry_date_ms(st);
	return 0;
}

static int on_body(struct http_xfer *x, struct str piece, int64_t now_ns)
{
	struct creds_fetch *f = x->ctx;
	(void)now_ns;
	buf_add(&f->body, piece);
	return 0;
}

static void attempt(struct creds_fetch *f);

static void try_again(struct loop_timer *t)
{
	attempt(t->ctx);
}

static void ended(struct creds_fetch *f, int status, const char *why)
{
	bool passing = !status || status == 429 || status >= 500;
	if (passing && f->tried < f->tries) {
		struct loop *loop = f->c->o.loop;
		f->again = (struct loop_timer){ .fn = try_again, .ctx = f };
		loop_timer_set(loop, &f->again,
			       loop_now(loop) + ((int64_t)PAUSE_MS << f->tried) * NS_PER_MS);
		return;
	}
	f->done(f->c, status, buf_str(&f->body), why);
}

static void on_done(struct http_xfer *x)
{
	struct creds_fetch *f = x->ctx;
	if (x->end == HTTP_DONE)
		ended(f, x->status, NULL);
	else if (x->end == HTTP_DEADLINE)
		ended(f, 0, arena_fmt(&f->c->work, "no answer in %d s", (int)(f->timeout_ms / 1000)));
	else
		ended(f, 0, x->why ? x->why : "the answer could not be read");
}

static void attempt(struct creds_fetch *f)
{
	struct creds_aws *c = f->c;
	struct err err = ERR_INIT;
	f->tried++;
	f->date_ms = 0;
	secret_wipe(f->body.p, f->body.n);
	buf_reset(&f->body);
	f->xfer = (struct http_xfer){
		.req = &f->req,
		.door = &f->door,
		.arena = &c->work,
		.body_max = CREDS_ANSWER_MAX,
		.deadline_ns = loop_now(c->o.loop) + f->timeout_ms * NS_PER_MS,
		.on_head = on_head,
		.on_body = on_body,
		.on_done = on_done,
		.ctx = f,
	};
	if (http_start(c->o.http, &f->xfer, &err))
		f->done(c, 0, STR(""), arena_fmt(&c->work, "%s", err.msg));
}

/* Tokens and what is given for them do not cross a network in the clear; the container's and the machine's
 * own services have been looked at by who asks them. */
static bool in_the_clear(const struct creds_fetch *f)
{
	struct url u;
	struct err ignored = ERR_INIT;
	return !f->door.no_proxy && !url_parse(&u, f->req.url, &f->c->work, &ignored) && !u.tls &&
	       url_host_net(u.host) != URL_NET_LOOPBACK;
}

void creds_fetch_go(struct creds_fetch *f)
{
	if (in_the_clear(f))
		f->done(f->c, 0, STR(""), "its endpoint (AWS_ENDPOINT_URL…) must be https");
	else
		attempt(f);
}

void creds_fetch_cancel(struct creds_fetch *f)
{
	if (!f->c)
		return;
	http_cancel(f->c->o.http, &f->xfer);
	loop_timer_clear(f->c->o.loop, &f->again);
	secret_wipe(f->body.p, f->body.n);
	buf_release(&f->body);
}
