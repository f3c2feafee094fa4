#include "serve_conn.h"

#include "base/limits.h"
#include "base/num.h"
#include "doc/jsonx.h"
#include "serve_anthropic.h"
#include "serve_app.h"
#include "serve_bedrock.h"
#include "serve_bedrock_kinds.h"
#include "serve_openai.h"
#include "serve_responses.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024 };
#define REQUEST_MAX (128 * MIB)
#define NS_PER_MS ((int64_t)1000000)

struct conn {
	struct server *server;
	struct conn *next, **at; /* in the server's list */
	struct loop_io io;
	struct loop_timer timer;
	struct arena arena; /* of the current request */
	struct buf in;
	size_t taken; /* bytes of `in` that belong to answered requests */
	struct plan plan;
	size_t sent, step, drip;
	size_t served; /* its place in the server's list, from 1; 0: none */
	bool busy, closing;
};

static void conn_free(struct conn *c, bool reset)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	if (reset)
		setsockopt(c->io.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	loop_io_clear(c->server->loop, &c->io);
	loop_timer_clear(c->server->loop, &c->timer);
	close(c->io.fd);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	c->server->open--;
	if (c->busy)
		c->server->live--;
	plan_release(&c->plan);
	buf_release(&c->in);
	arena_release(&c->arena);
	free(c);
}

static void want(struct conn *c, unsigned events)
{
	struct err err = ERR_INIT;
	(void)!loop_io_set(c->server->loop, &c->io, events, &err);
}

/* --- requests ------------------------------------------------------------------------------- */

struct request {
	struct str path, head, body;
	bool authorized, close;
};

/* A header's value, by its lower-case name with colon. */
static struct str header(struct str head, const char *name)
{
	struct str line;
	size_t n = strlen(name);
	while (str_line(&head, &line))
		if (line.n > n && str_ieq(str_sub(line, 0, n), str_c(name)))
			return str_trim(str_sub(line, n, line.n));
	return (struct str){ .p = NULL };
}

/* 1: whole; 0: more is needed; -1: no HTTP that this server speaks. */
static int parse_request(struct str in, struct request *r, size_t *size)
{
	ptrdiff_t end = str_find(in, STR("\r\n\r\n"), 0);
	int64_t length = 0;
	if (end < 0)
		return in.n > 64 * KIB ? -1 : 0;
	r->head = str_sub(in, 0, (size_t)end + 2);
	struct str value = header(r->head, "content-length:");
	if (value.p && (!num_parse_i64(value, &length) || length < 0 || (size_t)length > REQUEST_MAX))
		return -1;
	*size = (size_t)end + 4 + (size_t)length;
	if (in.n < *size)
		return 0;
	r->body = str_sub(in, (size_t)end + 4, *size);
	ptrdiff_t from = str_chr(r->head, ' ', 0);
	ptrdiff_t to = from < 0 ? -1 : str_chr(r->head, ' ', (size_t)from + 1);
	if (to < 0)
		return -1;
	r->path = str_sub(r->head, (size_t)from + 1, (size_t)to);
	r->authorized = header(r->head, "authorization:").n || header(r->head, "api-key:").n ||
			header(r->head, "x-api-key:").n;
	r->close = str_ieq(header(r->head, "connection:"), STR("close"));
	return 1;
}

static void count(struct map *m, struct str key)
{
	uint64_t *n = map_get(m, key);
	if (!n) {
		n = arena_new(m->arena, uint64_t);
		map_put(m, key, n);
	}
	++*n;
}

static void add_counts(struct buf *b, const char *name, const struct map *m)
{
	buf_addf(b, ",\"%s\":{", name);
	for (size_t i = 0; i < m->entry.n; i++) {
		buf_adds(b, i ? "," : "");
		buf_add_json(b, m->entry.v[i].key);
		buf_addf(b, ":%llu", *(unsigned long long *)m->entry.v[i].value);
	}
	buf_addc(b, '}');
}

/* A line a request: status, microseconds of here, first and last byte, and the user's words as JSON. */
static void add_times(struct buf *b, const struct server *s)
{
	for (size_t i = 0; i < s->served.n; i++) {
		const struct served *x = &s->served.v[i];
		buf_addf(b, "%d\t%lld\t%lld\t%lld\t", x->status, (long long)(x->here_ns / 1000),
			 (long long)(x->first_ns / 1000), (long long)(x->last_ns / 1000));
		buf_add_json(b, str_c(x->user));
		buf_addc(b, '\n');
	}
}

static void keep_request(struct conn *c, struct str body, int status)
{
	struct server *s = c->server;
	c->served = 0;
	if (!s->times)
		return;
	*vec_push(&s->served, &s->arena) = (struct served){
		.user = arena_cstr(&s->arena, script_user(body, &c->arena)),
		.status = status,
		.here_ns = loop_clock_ns(s->loop),
	};
	c->served = s->served.n;
}

static void keep_sent(struct conn *c)
{
	if (!c->served)
		return;
	struct served *x = &c->server->served.v[c->served - 1];
	int64_t now = loop_clock_ns(c->server->loop);
	if (!x->first_ns)
		x->first_ns = now;
	x->last_ns = now;
}

static void answer_control(struct conn *c, const struct request *r)
{
	const struct server *s = c->server;
	struct buf b;
	buf_init(&b, REQUEST_MAX);
	if (str_eqc(r->path, "/_last")) {
		buf_add(&b, buf_str(&s->last));
	} else if (str_eqc(r->path, "/_times")) {
		add_times(&b, s);
	} else {
		buf_addf(&b, "{\"requests\":%llu,\"connections\":%llu,\"authorized\":%llu,\"open\":%u,"
			     "\"live\":%u,\"max_concurrent\":%u",
			 (unsigned long long)s->requests, (unsigned long long)s->connections,
			 (unsigned long long)s->authorized, s->open, s->live, s->most_live);
		add_counts(&b, "paths", &s->paths);
		add_counts(&b, "statuses", &s->statuses);
		buf_adds(&b, "}\n");
	}
	plan_head(&c->plan, 200, "application/json", "", (int64_t)b.n);
	plan_body(&c->plan, buf_str(&b));
	buf_release(&b);
}

static void plain(struct plan *p, const struct rule *r, const char *type, struct str body)
{
	plan_head(p, r->status, r->type ? r->type : type, r->headers ? r->headers : "",
		  (int64_t)body.n);
	plan_body(p, body);
}

static bool asks_stream(struct str body)
{
	return str_find(body, STR("\"stream\":true"), 0) >= 0 ||
	       str_find(body, STR("\"stream\": true"), 0) >= 0;
}

static bool is_messages(struct str path)
{
	return str_find(path, STR("/v1/messages"), 0) >= 0;
}

static struct str error_body(const struct rule *r, struct str path)
{
	if (is_messages(path))
		return anthropic_error(r->status);
	switch (r->status) {
	case 401:
		return STR("{\"error\":{\"message\":\"Incorrect API key provided\",\"type\":"
			   "\"invalid_request_error\",\"code\":\"invalid_api_key\"}}");
	case 403:
		return STR("{\"error\":{\"message\":\"Not allowed\",\"code\":\"forbidden\"}}");
	case 429:
		return STR("{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\","
			   "\"code\":\"rate_limit_exceeded\"}}");
	default:
		return STR("{\"error\":{\"message\":\"The server had an error\",\"type\":"
			   "\"server_error\"}}");
	}
}

/* "{{head}}" in a text is the request's head in one line: a server that says back what it was sent. */
static struct str with_head(struct conn *c, struct str text, const struct request *q)
{
	struct str mark = STR("{{head}}");
	ptrdiff_t at = str_find(text, mark, 0);
	if (at < 0)
		return text;
	char *head = arena_cstr(&c->arena, q->head);
	for (char *p = head; *p; p++)
		*p = *p == '\r' || *p == '\n' || *p == '"' || *p == '\\' ? ' ' : *p;
	return str_c(arena_fmt(&c->arena, "%.*s%s%.*s", STR_ARGS(str_sub(text, 0, (size_t)at)), head,
			       STR_ARGS(str_sub(text, (size_t)at + mark.n, text.n))));
}

static struct str answer_text(struct conn *c, struct rule *r, const struct request *q)
{
	return with_head(c, script_answer(&c->server->script, r, q->body, &c->arena), q);
}

/* Sources of AWS credentials, and models that want a signature; false: the rule answers. */
static bool answer_aws(struct conn *c, const struct rule *r, const struct request *q)
{
	struct aws_rules *rules = &c->server->script.aws;
	struct aws_request x = { .path = q->path, .head = q->head, .body = q->body };
	x.method = str_sub(q->head, 0, (size_t)str_chr(q->head, ' ', 0));
	if (r->body.p || r->status >= 300)
		return false;
	if (aws_path(q->path)) {
		aws_answer(&c->plan, rules, &x, &c->arena);
		return true;
	}
	return (bedrock_path(q->path) || bedrock_kinds_path(q->path)) &&
	       !aws_admits(&c->plan, rules, &x, &c->arena);
}

/* Which wire is spoken shows in the path. */
static void answer_model(struct conn *c, struct rule *r, const struct request *q)
{
	if (str_find(q->path, STR("/embeddings"), 0) >= 0) {
		openai_embeddings(&c->plan, r, q->body, &c->arena);
		return;
	}
	struct str text = answer_text(c, r, q);
	bool stream = r->stream < 0 ? asks_stream(q->body) : r->stream;
	if (is_messages(q->path))
		anthropic_answer(&c->plan, r, text, stream);
	else if (str_find(q->path, STR("/responses"), 0) >= 0)
		responses_answer(&c->plan, r, text, stream);
	else
		openai_answer(&c->plan, r, text, stream);
}

static void answer_rule(struct conn *c, struct rule *r, const struct request *q)
{
	struct plan *p = &c->plan;
	plan_pause(p, r->latency_ms + c->server->latency_ms);
	switch ((int)r->fault) {
	case FAULT_HANG:
		p->tail = TAIL_HANG;
		return;
	case FAULT_RESET:
		p->tail = TAIL_RESET;
		return;
	case FAULT_GARBAGE:
		buf_add(&p->bytes, STR("\x16\x03\x01 this is no HTTP\r\n\r\n"));
		p->tail = TAIL_CLOSE;
		return;
	case FAULT_EMPTY:
		plain(p, r, "application/json", STR(""));
		return;
	case FAULT_HTML:
		plain(p, r, "text/html", STR("<html><body>Bad gateway</body></html>"));
		return;
	case FAULT_JSON_ERROR:
		if (bedrock_path(q->path) || bedrock_kinds_path(q->path)) {
			bedrock_error(p, r);
			return;
		}
		plain(p, r, "application/json", error_body(r, q->path));
		return;
	default:
		break;
	}
	if (answer_aws(c, r, q))
		return;
	if (r->body.p)
		plain(p, r, "application/json", with_head(c, r->body, q));
	else if (r->status >= 300 && (bedrock_path(q->path) || bedrock_kinds_path(q->path)))
		bedrock_error(p, r);
	else if (r->status >= 300)
		plain(p, r, "application/json", error_body(r, q->path));
	else if (bedrock_kinds_path(q->path))
		bedrock_kinds_answer(p, r, q->path, answer_text(c, r, q));
	else if (app_path(q->path))
		app_answer(p, r, q->path, answer_text(c, r, q), q->body);
	else if (bedrock_path(q->path))
		bedrock_answer(p, r, q->path, answer_text(c, r, q));
	else
		answer_model(c, r, q);
}

static void answer(struct conn *c, const struct request *q, struct str whole)
{
	struct server *s = c->server;
	plan_clear(&c->plan);
	c->sent = c->step = c->drip = 0;
	c->closing = q->close;
	c->served = 0;
	if (str_starts(q->path, STR("/_"))) {
		answer_control(c, q);
		return;
	}
	struct rule *r = script_match(&s->script, q->path, q->body);
	char code[8];
	snprintf(code, sizeof(code), "%d", r->status);
	s->requests++;
	s->authorized += q->authorized;
	count(&s->paths, q->path);
	count(&s->statuses, str_c(code));
	buf_reset(&s->last);
	buf_add(&s->last, whole);
	keep_request(c, q->body, r->status);
	answer_rule(c, r, q);
}

/* --- playing -------------------------------------------------------------------------------- */

static void next_request(struct conn *c);

/* False when the client is gone and c with it. */
static bool send_to(struct conn *c, size_t end)
{
	while (c->sent < end) {
		ssize_t n = send(c->io.fd, c->plan.bytes.p + c->sent, end - c->sent, MSG_NOSIGNAL);
		if (n > 0) {
			c->sent += (size_t)n;
			keep_sent(c);
			continue;
		}
		if (n < 0 && errno == EAGAIN) {
			want(c, LOOP_READ | LOOP_WRITE);
			return true;
		}
		conn_free(c, false);
		return false;
	}
	return true;
}

static void drip_again(struct loop_timer *t)
{
	struct conn *c = t->ctx;
	ssize_t n = send(c->io.fd, c->plan.drip, strlen(c->plan.drip), MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN) {
		conn_free(c, false);
		return;
	}
	loop_timer_set(c->server->loop, t, loop_now(c->server->loop) + c->plan.drip_ms * NS_PER_MS);
}

static void play_tail(struct conn *c)
{
	struct loop *loop = c->server->loop;
	switch (c->plan.tail) {
	case TAIL_HANG:
		want(c, LOOP_READ);
		return;
	case TAIL_DRIP:
		c->timer.fn = drip_again;
		loop_timer_set(loop, &c->timer, loop_now(loop) + c->plan.drip_ms * NS_PER_MS);
		return;
	case TAIL_KEEP:
		if (!c->closing)
			break;
		conn_free(c, false);
		return;
	case TAIL_CLOSE:
	case TAIL_RESET:
		conn_free(c, c->plan.tail == TAIL_RESET);
		return;
	}
	c->busy = false;
	c->server->live--;
	arena_release(&c->arena);
	c->plan.step.v = NULL;
	c->plan.step.n = c->plan.step.cap = 0;
	want(c, LOOP_READ);
	next_request(c);
}

static void play(struct conn *c);

static void play_step(struct loop_timer *t)
{
	play(t->ctx);
}

/* Send what is due; then wait for room, for the next step's time, or end. */
static void play(struct conn *c)
{
	struct plan *p = &c->plan;
	for (;;) {
		size_t end = c->step < p->step.n ? p->step.v[c->step].end : p->bytes.n;
		if (!send_to(c, end))
			return;
		if (c->sent < end)
			return;
		if (c->step + 1 >= p->step.n)
			break;
		int64_t ms = p->step.v[++c->step].delay_ms;
		c->timer.fn = play_step;
		loop_timer_set(c->server->loop, &c->timer,
			       loop_now(c->server->loop) + ms * NS_PER_MS);
		return;
	}
	play_tail(c);
}

static void next_request(struct conn *c)
{
	struct request q = { .close = false };
	size_t size;
	struct str in = str_sub(buf_str(&c->in), c->taken, c->in.n);
	if (!in.n) {
		buf_reset(&c->in);
		c->taken = 0;
		return;
	}
	int whole = parse_request(in, &q, &size);
	if (whole < 0) {
		conn_free(c, false);
		return;
	}
	if (!whole)
		return;
	c->busy = true;
	if (++c->server->live > c->server->most_live)
		c->server->most_live = c->server->live;
	c->taken += size;
	answer(c, &q, str_sub(in, 0, size));
	if (c->plan.step.n)
		c->plan.step.v[c->plan.step.n - 1].end = c->plan.bytes.n;
	play(c);
}

static void on_ready(struct loop_io *io, unsigned ready)
{
	struct conn *c = io->ctx;
	char bytes[READ_SIZE];
	if (ready & LOOP_READ) {
		ssize_t n = recv(io->fd, bytes, sizeof(bytes), 0);
		if (n == 0 || (n < 0 && errno != EAGAIN)) {
			conn_free(c, false);
			return;
		}
		if (n > 0)
			buf_add(&c->in, (struct str){ .p = bytes, .n = (size_t)n });
	}
	if ((ready & LOOP_WRITE) && c->busy && !c->timer.slot) {
		want(c, LOOP_READ);
		play(c);
		return;
	}
	if (!c->busy)
		next_request(c);
}

void conn_accept(struct server *s, int fd)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct err err = ERR_INIT;
	if (!c)
		die_oom();
	c->server = s;
	c->io = (struct loop_io){ .fd = fd, .fn = on_ready, .ctx = c };
	c->timer.ctx = c;
	c->at = &s->conns;
	c->next = s->conns;
	if (c->next)
		c->next->at = &c->next;
	s->conns = c;
	buf_init(&c->in, REQUEST_MAX + 128 * KIB);
	plan_init(&c->plan, &c->arena);
	s->open++;
	s->connections++;
	if (loop_io_set(s->loop, &c->io, LOOP_READ, &err))
		conn_free(c, false);
}

void conn_end_all(struct server *s)
{
	while (s->conns)
		conn_free(s->conns, false);
}
