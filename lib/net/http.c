#include "net/http.h"

#include "base/limits.h"
#include "net/cafile.h"
#include "net/creds_aws.h"
#include "net/http_sign.h"

enum { NS_PER_MS = 1000000, CONNECTIONS = 64 };

/* --- curl's sockets and timer in our loop ------------------------------------------------------ */

/* Finished attempts are reported once per turn, after every ready socket was read. */
static void kick(struct http *h, curl_socket_t fd, int events)
{
	int running;
	curl_multi_socket_action(h->multi, fd, events, &running);
	loop_post(h->o.loop, &h->drain);
}

static void on_ready(struct loop_io *io, unsigned ready)
{
	struct http_watch *w = io->ctx;
	kick(w->http, io->fd, (ready & LOOP_READ ? CURL_CSELECT_IN : 0) |
				      (ready & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_timeout(struct loop_timer *t)
{
	kick(t->ctx, CURL_SOCKET_TIMEOUT, 0);
}

static struct http_watch *watch_take(struct http *h)
{
	struct http_watch *w = h->free_watch;
	if (w)
		h->free_watch = w->next;
	else
		w = arena_new(&h->arena, struct http_watch);
	*w = (struct http_watch){ .http = h, .io = { .fn = on_ready, .ctx = w } };
	return w;
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *of_socket)
{
	(void)easy;
	struct http *h = ctx;
	struct http_watch *w = of_socket;
	struct err err = ERR_INIT;
	if (what == CURL_POLL_REMOVE) {
		if (!w)
			return 0;
		loop_io_clear(h->o.loop, &w->io);
		w->next = h->free_watch;
		h->free_watch = w;
		curl_multi_assign(h->multi, fd, NULL);
		return 0;
	}
	if (!w) {
		w = watch_take(h);
		w->io.fd = fd;
		curl_multi_assign(h->multi, fd, w);
	}
	unsigned want = (what & CURL_POLL_IN ? LOOP_READ : 0u) |
			(what & CURL_POLL_OUT ? (unsigned)LOOP_WRITE : 0u);
	return loop_io_set(h->o.loop, &w->io, want, &err);
}

static int watch_timer(CURLM *multi, long ms, void *ctx)
{
	(void)multi;
	struct http *h = ctx;
	if (ms < 0)
		loop_timer_clear(h->o.loop, &h->timer);
	else
		loop_timer_set(h->o.loop, &h->timer, loop_now(h->o.loop) + ms * NS_PER_MS);
	return 0;
}

/* --- the end of an attempt ----------------------------------------------------------------------- */

static const char *end_text(const struct http_slot *s, enum http_end end, CURLcode code)
{
	struct arena *a = s->x->arena;
	const char *curl = s->error[0] ? s->error : curl_easy_strerror(code);
	switch (end) {
	case HTTP_DENIED:
		return arena_fmt(a, "the name points to address %s, which is link-local or private; name "
				    "the host in the policy's trust.hosts to allow a private one",
				 s->refused);
	case HTTP_TOO_LARGE:
		return arena_fmt(a, "the answer is larger than %zu bytes", s->x->body_max);
	case HTTP_UNTRUSTED:
		return s->http->ca_file ?
			       arena_fmt(a, "%s (trusted: '%s'; SSL_CERT_FILE names another file)", curl,
					 s->http->ca_file) :
			       "no file of trusted certificates was found; set SSL_CERT_FILE";
	case HTTP_DEADLINE:
		return "the call's deadline passed";
	case HTTP_NETWORK:
	case HTTP_CUT:
	case HTTP_MALFORMED:
		return arena_fmt(a, "%s", curl);
	case HTTP_DONE:
	case HTTP_STOPPED:
		break;
	}
	return NULL;
}

static void detach(struct http_slot *s)
{
	struct http *h = s->http;
	curl_multi_remove_handle(h->multi, s->easy);
	loop_timer_clear(h->o.loop, &s->deadline);
	s->x->slot = NULL;
	http_slot_give(s);
}

static void finish(struct http_slot *s, enum http_end end, CURLcode code)
{
	struct http_xfer *x = s->x;
	const struct redactor *redactor = s->http->o.redactor;
	const char *why = end_text(s, end, code);
	x->end = end;
	x->end_ns = http_slot_now(s);
	if (why && redactor)
		why = arena_cstr(x->arena, redact(redactor, str_c(why), x->arena));
	x->why = why;
	detach(s);
	x->on_done(x);
}

/* Once more from the start: nothing of the refusal was shown. */
static void resend(struct http_slot *s)
{
	struct http_xfer *x = s->x;
	struct http *h = s->http;
	struct err err = ERR_INIT;
	detach(s);
	x->resent++;
	x->status = 0;
	x->sent = false;
	x->request_ns = x->first_ns = 0;
	if (http_start(h, x, &err))
		http_sign_refused(x, &err);
}

static void drain(struct loop_task *t)
{
	struct http *h = t->ctx;
	CURLMsg *m;
	int left;
	while ((m = curl_multi_info_read(h->multi, &left))) {
		struct http_slot *s = NULL;
		if (m->msg != CURLMSG_DONE)
			continue;
		CURLcode code = m->data.result;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&s);
		if (s && s->x && s->resend)
			resend(s);
		else if (s && s->x)
			finish(s, http_slot_end(s, code), code);
	}
}

static void on_deadline(struct loop_timer *t)
{
	finish(t->ctx, HTTP_DEADLINE, CURLE_OPERATION_TIMEDOUT);
}

/* --- public -------------------------------------------------------------------------------------- */

static void multi_setup(struct http *h)
{
	long connections = h->o.max_connections ? (long)h->o.max_connections : CONNECTIONS;
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, watch_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, connections);
}

struct http *http_new(const struct http_opts *o, struct err *err)
{
	/* Counted by curl itself; http_free gives it back. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		err_set(err, ERR_SYSTEM, "cannot start libcurl");
		return NULL;
	}
	struct arena a = ARENA_INIT;
	struct http *h = arena_new(&a, struct http);
	h->arena = a;
	h->o = *o;
	h->timer = (struct loop_timer){ .fn = on_timeout, .ctx = h };
	h->drain = (struct loop_task){ .fn = drain, .ctx = h };
	h->user_agent = str_c(o->user_agent ? o->user_agent : "gate/" GATE_VERSION);
	proxy_read(&h->proxy, o->getenv, o->getenv_ctx, o->redactor, &h->arena);
	(void)!cafile_find(&h->ca_file, o->getenv, o->getenv_ctx, &h->arena, &h->ca_err);
	h->multi = curl_multi_init();
	if (!h->multi) {
		err_set(err, ERR_SYSTEM, "cannot start libcurl's multi handle");
		http_free(h);
		return NULL;
	}
	multi_setup(h);
	return h;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	for (struct http_slot *s = h->all; s; s = s->next_all) {
		if (s->x)
			detach(s);
		curl_easy_cleanup(s->easy);
		buf_release(&s->head);
	}
	curl_multi_cleanup(h->multi);
	loop_timer_clear(h->o.loop, &h->timer);
	loop_unpost(h->o.loop, &h->drain);
	struct arena a = h->arena; /* h lives inside it */
	arena_release(&a);
	curl_global_cleanup();
}

static int check(struct http *h, const struct http_xfer *x, struct url *u, struct hosts_grant *grant,
		 struct http_auth *auth, struct err *err)
{
	*auth = (struct http_auth){ .line = NULL };
	if (url_parse(u, x->req->url, x->arena, err))
		return -1;
	if (x->door)
		*grant = *x->door;
	else if (hosts_check(h->o.hosts, u, grant, err))
		return -1;
	if (u->tls && h->ca_err.kind) {
		*err = h->ca_err;
		return -1;
	}
	return creds_header(h->o.creds, x->req, u, &auth->line, x->arena, err);
}

static int launch(struct http *h, struct http_xfer *x, const struct url *u, struct hosts_grant grant,
		  const struct http_auth *auth, struct err *err)
{
	struct http_slot *s = http_slot_take(h);
	if (!s)
		return err_set(err, ERR_SYSTEM, "curl has no handle left");
	s->x = x;
	s->grant = grant;
	s->signed_id = auth->key_id;
	s->signed_host = u->host;
	s->signed_ms = auth->stamp_ms;
	x->slot = s;
	x->start_ns = loop_now(h->o.loop);
	if (http_slot_shape(s, u, auth, err) || curl_multi_add_handle(h->multi, s->easy)) {
		if (!err->kind)
			err_set(err, ERR_SYSTEM, "curl takes no more requests");
		x->slot = NULL;
		http_slot_give(s);
		return -1;
	}
	if (x->deadline_ns) {
		s->deadline = (struct loop_timer){ .fn = on_deadline, .ctx = s };
		loop_timer_set(h->o.loop, &s->deadline, x->deadline_ns);
	}
	return 0;
}

int http_start(struct http *h, struct http_xfer *x, struct err *err)
{
	struct url u;
	struct hosts_grant grant;
	struct http_auth auth;
	x->end = HTTP_DENIED;
	x->http = h;
	if (check(h, x, &u, &grant, &auth, err))
		return -1;
	if (x->req->auth == WIRE_AUTH_SIGV4 && !auth.line) {
		int signs = http_sign(x, &u, &auth, err);
		if (signs != HTTP_SIGNED)
			return signs;
	}
	return launch(h, x, &u, grant, &auth, err);
}

void http_cancel(struct http *h, struct http_xfer *x)
{
	(void)h;
	if (x->slot)
		detach(x->slot);
	http_sign_cancel(x);
}

const char *http_ca_file(const struct http *h)
{
	return h->ca_file;
}

const char *http_proxy(const struct http *h)
{
	return h->proxied ? h->proxy.shown : NULL;
}
