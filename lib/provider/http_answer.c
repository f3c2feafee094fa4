#include "provider/http_answer.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/appanswer.h"
#include "provider/errorbody.h"
#include "provider/provider.h"

enum { ID_MAX = 256 };

/* --- where things are --------------------------------------------------------------------------- */

struct path_at {
	const char *member, *inside; /* of the target; of the object there, or NULL */
	size_t at;
};
#define PATH(m, i, field) { m, i, offsetof(struct http_paths, field) }

static const struct path_at paths[] = {
	PATH("answer", NULL, answer),	      PATH("contexts", NULL, contexts),
	PATH("tool_calls", NULL, tool_calls), PATH("trajectory", NULL, trajectory),
	PATH("usage", "in", in),	      PATH("usage", "out", out),
	PATH("request_id", NULL, request_id), PATH("finish", NULL, finish),
	PATH("blocked", NULL, blocked),	      PATH("refused", NULL, refused),
	PATH("error", NULL, error),	      PATH("stream", "delta", delta),
	PATH("stream", "done_path", done_path),
};

/* A model is a path when it begins like one; else its id. */
static struct str model_path(const json_t *config)
{
	struct str text = json_get_str(config, "model");
	return str_starts(text, STR("$")) ? text : (struct str){ .p = NULL };
}

int http_paths_read(struct http_paths *out, const json_t *config, struct arena *a, const char **member,
		    struct err *err)
{
	const json_t *stream = json_object_get(config, "stream");
	*out = (struct http_paths){ .done = json_get_str(stream, "done") };
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		const struct path_at *p = &paths[i];
		const json_t *v = json_object_get(config, p->member);
		struct str text = json_str(p->inside ? json_object_get(v, p->inside) : v);
		struct apppath *to = (struct apppath *)(void *)((char *)out + p->at);
		*member = p->member;
		if (apppath_compile(to, text, a, err))
			return err_wrap(err, "%s%s%s", p->member, p->inside ? "." : "",
					p->inside ? p->inside : "");
	}
	*member = "model";
	if (apppath_compile(&out->model, model_path(config), a, err))
		return err_wrap(err, "model");
	out->done_event = json_get_str(stream, "done_event");
	out->events = json_object_get(stream, "events");
	return 0;
}

/* --- failures ----------------------------------------------------------------------------------- */

static int too_large(struct reply *r)
{
	reply_fail(r, FAIL_TOO_LARGE, false, "the answer is larger than %zu bytes", REPLY_BYTES_MAX);
	return -1;
}

static int finds_nothing(struct reply *r, const char *what, const struct apppath *p, const json_t *root,
			 struct arena *a)
{
	reply_fail(r, FAIL_MALFORMED, false, "%s '%.*s' finds nothing: %s", what, STR_ARGS(p->text),
		   appanswer_members(root, a));
	return -1;
}

static struct error_body error_of(const json_t *value)
{
	struct error_body e = error_body_of(value);
	if (json_is_string(value))
		e.message = json_str(value);
	return e;
}

/* An error inside a 200: once something was said, asking again would be rolling the dice again. */
static int fail_inside(struct http_answer *h, const json_t *value)
{
	struct error_body e = error_of(value);
	error_body_fail(h->reply, 0, &e, !h->said);
	return -1;
}

/* --- one JSON value ------------------------------------------------------------------------------- */

static int find(struct http_answer *h, const struct apppath *p, const json_t *root, struct jsonpath_nodes *out)
{
	struct err err = ERR_INIT;
	if (!apppath_find(p, root, out, &h->scratch, &err))
		return 0;
	reply_fail(h->reply, FAIL_MALFORMED, false, "'%.*s': %s", STR_ARGS(p->text), err.msg);
	return -1;
}

/* The list that stands there, or the several things that were found as one.  NULL: nothing is there. */
static const json_t *as_list(struct http_answer *h, const struct jsonpath_nodes *n, bool single)
{
	if (!n->list.n || (n->list.n == 1 && json_is_null(n->list.v[0].value)))
		return NULL;
	if (n->list.n == 1 && (single || json_is_array(n->list.v[0].value)))
		return n->list.v[0].value;
	json_t *list = arena_json(&h->scratch, json_array());
	for (size_t i = 0; i < n->list.n; i++)
		json_array_append(list, (json_t *)(uintptr_t)n->list.v[i].value);
	return list;
}

static int take_list(struct http_answer *h, const struct apppath *p, const json_t *root,
		     int (*take)(struct reply *r, const json_t *list), bool *found)
{
	struct jsonpath_nodes nodes;
	if (find(h, p, root, &nodes))
		return -1;
	*found = *found || nodes.list.n;
	const json_t *list = as_list(h, &nodes, p->query && jsonpath_is_singular(p->query));
	return list ? take(h->reply, list) : 0;
}

static int take_counts(struct http_answer *h, const json_t *root)
{
	const json_t *in = apppath_first(&h->path.in, root, &h->scratch);
	const json_t *out = apppath_first(&h->path.out, root, &h->scratch);
	return appanswer_count(h->reply, &h->reply->usage.in, in, "usage.in") ||
			       appanswer_count(h->reply, &h->reply->usage.out, out, "usage.out") ?
		       -1 : 0;
}

static void take_word(struct http_answer *h, const struct apppath *p, const json_t *root, struct str *out)
{
	struct str word = json_str(apppath_first(p, root, &h->scratch));
	if (word.n)
		*out = arena_str(h->reply->arena, str_sub(word, 0, ID_MAX));
}

/* All but the text: the same for a whole answer and for an event of a stream. */
static int take_facts(struct http_answer *h, const json_t *root)
{
	struct reply *r = h->reply;
	const struct http_paths *p = &h->path;
	bool ignored = false;
	if (apppath_holds(&p->error, root, &h->scratch))
		return fail_inside(h, apppath_first(&p->error, root, &h->scratch));
	if (take_counts(h, root) || take_list(h, &p->contexts, root, appanswer_contexts, &h->contexts) ||
	    take_list(h, &p->tool_calls, root, appanswer_tools, &ignored) ||
	    take_list(h, &p->trajectory, root, appanswer_steps, &ignored))
		return -1;
	take_word(h, &p->model, root, &r->model);
	take_word(h, &p->request_id, root, &r->request_id);
	appanswer_finish(r, json_str(apppath_first(&p->finish, root, &h->scratch)));
	if (apppath_holds(&p->refused, root, &h->scratch))
		r->finish = FINISH_REFUSED;
	if (apppath_holds(&p->blocked, root, &h->scratch))
		r->finish = FINISH_BLOCKED;
	return 0;
}

/* Texts that were found are put together; anything else is its JSON. */
static void add_text(struct buf *to, const struct jsonpath_nodes *n)
{
	bool texts = true;
	for (size_t i = 0; i < n->list.n; i++)
		texts = texts && json_is_string(n->list.v[i].value);
	if (!texts && n->list.n > 1)
		buf_addc(to, '[');
	for (size_t i = 0; i < n->list.n; i++) {
		if (texts) {
			buf_add(to, json_str(n->list.v[i].value));
			continue;
		}
		buf_adds(to, i ? "," : "");
		json_write(to, n->list.v[i].value);
	}
	if (!texts && n->list.n > 1)
		buf_addc(to, ']');
}

static bool says_nothing(const struct jsonpath_nodes *n)
{
	return !n->list.n || (n->list.n == 1 && json_is_null(n->list.v[0].value));
}

/* No text is an answer only where something else is. */
static bool needs_no_text(const struct reply *r)
{
	return r->finish == FINISH_BLOCKED || r->finish == FINISH_REFUSED || json_array_size(r->tool_calls);
}

static int is_null(struct reply *r, const struct apppath *p)
{
	reply_fail(r, FAIL_MALFORMED, false, "answer '%.*s' is null, and nothing says why", STR_ARGS(p->text));
	return -1;
}

static int take_answer(struct http_answer *h, const json_t *root)
{
	struct reply *r = h->reply;
	struct jsonpath_nodes nodes;
	if (take_facts(h, root) || find(h, &h->path.answer, root, &nodes))
		return -1;
	if (!says_nothing(&nodes))
		add_text(&r->text, &nodes);
	else if (!needs_no_text(r) && nodes.list.n)
		return is_null(r, &h->path.answer);
	else if (!needs_no_text(r))
		return finds_nothing(r, "answer", &h->path.answer, root, &h->scratch);
	return r->text.over ? too_large(r) : 0;
}

/* A place that is written out must be there; one that is searched for may be empty. */
static void check_contexts(struct http_answer *h, const json_t *root)
{
	const struct apppath *p = &h->path.contexts;
	if (h->reply->fail || !p->query || h->contexts || needs_no_text(h->reply))
		return;
	if (jsonpath_is_singular(p->query))
		finds_nothing(h->reply, "contexts", p, root, &h->scratch);
	else
		h->reply->contexts = arena_json(h->reply->arena, json_array());
}

/* --- a stream ------------------------------------------------------------------------------------ */

static void add_said(struct http_answer *h, struct str text)
{
	h->spoken = true;
	if (!text.n)
		return;
	buf_add(&h->reply->text, text);
	h->said = true;
	h->events |= FEED_FIRST_TOKEN | FEED_FIRST_VISIBLE;
}

static void set_done(struct http_answer *h)
{
	h->done = true;
	h->events |= FEED_TERMINAL;
}

static bool carries_answer(const struct http_answer *h, struct str event)
{
	size_t i;
	const json_t *name;
	if (!h->path.events)
		return true;
	if (json_is_string(h->path.events))
		return str_eq(json_str(h->path.events), event);
	json_array_foreach(h->path.events, i, name)
		if (str_eq(json_str(name), event))
			return true;
	return false;
}

static int take_delta(struct http_answer *h, const json_t *root)
{
	struct jsonpath_nodes nodes;
	struct buf text;
	if (find(h, &h->path.delta, root, &nodes))
		return -1;
	if (says_nothing(&nodes)) {
		h->spoken = h->spoken || nodes.list.n;
		if (!h->seen)
			h->seen = appanswer_members(root, h->reply->arena);
		return 0;
	}
	buf_init(&text, REPLY_BYTES_MAX);
	add_text(&text, &nodes);
	add_said(h, buf_str(&text));
	bool over = text.over || h->reply->text.over;
	buf_release(&text);
	return over ? too_large(h->reply) : 0;
}

static int bad_event(struct http_answer *h, const char *why)
{
	reply_fail(h->reply, FAIL_MALFORMED, false, "an event of the stream is no JSON: %s", why);
	return -1;
}

/* An event, or a line of JSON lines, whose event is absent. */
static int take_event(struct http_answer *h, struct str event, struct str data)
{
	bool carries = carries_answer(h, event), text = carries && !h->path.delta.query;
	const char *why = "";
	size_t tools = json_array_size(h->reply->tool_calls);
	if (h->path.done.p && str_eq(str_trim(data), h->path.done)) {
		set_done(h);
		return 0;
	}
	const json_t *root = json_lenient(&h->scratch, data, &why);
	if (str_eqc(event, "error") && !(h->path.events && carries))
		return fail_inside(h, root ? root : arena_json(&h->scratch, json_from_str(data)));
	if (text)
		add_said(h, data);
	else if (!root && carries)
		return bad_event(h, why);
	if (root && !text && take_facts(h, root))
		return -1;
	if (root && carries && h->path.delta.query && take_delta(h, root))
		return -1;
	if (json_array_size(h->reply->tool_calls) > tools) {
		h->said = true;
		h->events |= FEED_FIRST_TOKEN;
	}
	if ((h->path.done_event.p && str_eq(event, h->path.done_event)) ||
	    (root && apppath_holds(&h->path.done_path, root, &h->scratch)))
		set_done(h);
	return h->reply->text.over ? too_large(h->reply) : 0;
}

static int one_event(struct http_answer *h, struct str event, struct str data)
{
	struct arena_mark m = arena_mark(&h->scratch);
	int bad = h->done ? 0 : take_event(h, event, data);
	arena_rewind(&h->scratch, m);
	return bad;
}

static int on_sse(void *ctx, const struct sse_event *ev)
{
	return one_event(ctx, ev->event.p ? ev->event : STR("message"), ev->data);
}

static int one_line(struct http_answer *h)
{
	struct str line = str_trim(buf_str(&h->text));
	int bad = 0;
	if (h->text.over) {
		reply_fail(h->reply, FAIL_TOO_LARGE, false, "a line of the stream is larger than %zu bytes",
			   SSE_EVENT_MAX);
		return -1;
	}
	if (line.n)
		bad = one_event(h, (struct str){ .p = NULL }, line);
	buf_reset(&h->text);
	return bad;
}

static int feed_lines(struct http_answer *h, struct str piece)
{
	while (piece.n) {
		ptrdiff_t end = str_chr(piece, '\n', 0);
		size_t n = end < 0 ? piece.n : (size_t)end;
		buf_add(&h->text, str_sub(piece, 0, n));
		if ((end >= 0 || h->text.over) && one_line(h))
			return -1;
		piece = str_sub(piece, end < 0 ? n : n + 1, piece.n);
	}
	return 0;
}

static int feed_sse(struct http_answer *h, struct str piece)
{
	enum sse_result result = sse_feed(&h->sse, piece);
	if (result == SSE_TOO_LARGE)
		reply_fail(h->reply, FAIL_TOO_LARGE, false, "an event of the stream is larger than %zu bytes",
			   SSE_EVENT_MAX);
	return result == SSE_OK ? 0 : -1;
}

/* --- the body ------------------------------------------------------------------------------------- */

static void release(void *p)
{
	struct http_answer *h = p;
	sse_release(&h->sse);
	buf_release(&h->text);
	arena_release(&h->scratch);
}

/* "text/html" of "text/html; charset=utf-8". */
static struct str media_type(const struct wire_status *st)
{
	struct str type = wire_header_get(st, "content-type"), head = { .p = "", .n = 0 };
	str_cut(&type, ';', &head);
	return str_trim(head);
}

static bool is_lines(struct str type)
{
	static const char *const names[] = { "application/x-ndjson", "application/ndjson", "application/jsonl",
					     "application/x-jsonlines", "application/jsonlines",
					     "application/stream+json" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_ieq(type, str_c(names[i])))
			return true;
	return false;
}

static bool is_json(struct str type)
{
	return str_ieq(type, STR("application/json")) ||
	       (type.n > 5 && str_ieq(str_sub(type, type.n - 5, type.n), STR("+json")));
}

static int refuse_type(struct reply *r, struct str type, const char *what)
{
	reply_fail(r, FAIL_MALFORMED, false, "the answer is of type '%.*s', %s", STR_ARGS(str_sub(type, 0, 80)),
		   what);
	return -1;
}

/* Bytes in another encoding would be scored as something that nobody said. */
static int check_charset(struct reply *r, const struct wire_status *st)
{
	struct str rest = wire_header_get(st, "content-type"), part, key;
	while (str_cut(&rest, ';', &part)) {
		if (!str_cut(&part, '=', &key) || !str_ieq(str_trim(key), STR("charset")))
			continue;
		struct str name = str_trim(part);
		if (name.n > 1 && name.p[0] == '"' && name.p[name.n - 1] == '"')
			name = str_sub(name, 1, name.n - 1);
		if (!name.n || str_ieq(name, STR("utf-8")) || str_ieq(name, STR("utf8")) ||
		    str_ieq(name, STR("us-ascii")))
			continue;
		reply_fail(r, FAIL_MALFORMED, false, "the answer is in '%.*s': gate reads UTF-8",
			   STR_ARGS(str_sub(name, 0, 80)));
		return -1;
	}
	return 0;
}

/* Without a type nobody says that it is none. */
static bool is_text(struct str type)
{
	static const char *const names[] = { "application/xml", "application/yaml", "application/x-yaml" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_ieq(type, str_c(names[i])))
			return true;
	return !type.n || str_ieq(str_sub(type, 0, 5), STR("text/")) ||
	       (type.n > 4 && str_ieq(str_sub(type, type.n - 4, type.n), STR("+xml")));
}

/* What kind of body this is, from its type and from what the target says it has. */
static int pick_body(struct http_answer *h, struct str type, const struct call *c)
{
	bool object = json_is_object(json_object_get(c->endpoint->config, "stream"));
	bool events = str_ieq(type, STR("text/event-stream"));
	if (events || is_lines(type)) {
		h->body = events ? HTTP_BODY_SSE : HTTP_BODY_LINES;
		return object ? 0 :
				refuse_type(h->reply, type, "and the target does not say how to read a stream: "
							    "`stream: {delta, done}`");
	}
	if (str_ieq(type, STR("text/html")) || str_ieq(type, STR("application/xhtml+xml")))
		return refuse_type(h->reply, type, "a web page where an answer was expected");
	if (h->streams && !object && !is_json(type)) {
		if (!is_text(type))
			return refuse_type(h->reply, type, "no text");
		h->body = HTTP_BODY_CHUNKS;
		return 0;
	}
	if (h->path.answer.query || is_json(type)) {
		h->body = HTTP_BODY_JSON;
		return h->path.answer.query || h->path.error.query ?
			       0 :
			       refuse_type(h->reply, type, "and the target does not say where in it the answer is: "
							   "`answer: $.…`");
	}
	if (h->streams)
		return refuse_type(h->reply, type, "no stream that gate can read");
	if (!is_text(type))
		return refuse_type(h->reply, type, "no text; where it is JSON the target says where the answer is: "
						   "`answer: $.…`");
	h->body = HTTP_BODY_TEXT;
	return 0;
}

int http_answer_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	static const char *const ids[] = { "x-request-id", "request-id", "x-amzn-requestid", "x-correlation-id" };
	struct http_answer *h = state;
	bool good = st->code >= 200 && st->code <= 299;
	const char *member;
	struct err err = ERR_INIT;
	h->reply = r;
	h->streams = c->endpoint->stream;
	sse_init(&h->sse, SSE_EVENT_MAX, on_sse, h);
	buf_init(&h->text, good ? REPLY_BYTES_MAX : ERROR_BODY_MAX);
	arena_defer(r->arena, release, h);
	r->http_status = st->code;
	for (size_t i = 0; i < ARRAY_LEN(ids) && !r->request_id.n; i++)
		r->request_id = arena_str(r->arena, str_sub(wire_header_get(st, ids[i]), 0, ID_MAX));
	if (http_paths_read(&h->path, c->endpoint->config, r->arena, &member, &err)) {
		reply_fail(r, FAIL_MALFORMED, false, "%s", err.msg);
		return -1;
	}
	h->body = HTTP_BODY_ERROR;
	if (good && (check_charset(r, st) || pick_body(h, media_type(st), c)))
		return -1;
	if (h->body == HTTP_BODY_LINES) {
		buf_release(&h->text);
		buf_init(&h->text, SSE_EVENT_MAX);
	}
	r->streamed = h->body == HTTP_BODY_SSE || h->body == HTTP_BODY_LINES || h->body == HTTP_BODY_CHUNKS;
	return 0;
}

int http_answer_feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct http_answer *h = state;
	int bad = 0;
	h->reply = r;
	h->events = 0;
	switch (h->body) {
	case HTTP_BODY_SSE:
		bad = feed_sse(h, piece);
		break;
	case HTTP_BODY_LINES:
		bad = feed_lines(h, piece);
		break;
	case HTTP_BODY_CHUNKS:
		add_said(h, piece);
		bad = r->text.over ? too_large(r) : 0;
		break;
	case HTTP_BODY_ERROR:
		buf_add(&h->text, str_sub(piece, 0, h->text.max - h->text.n));
		break;
	case HTTP_BODY_JSON:
	case HTTP_BODY_TEXT:
		buf_add(&h->text, piece);
		bad = h->text.over ? too_large(r) : 0;
		break;
	}
	*events = h->events;
	return bad;
}

/* --- its end -------------------------------------------------------------------------------------- */

static void finish_stream(struct http_answer *h)
{
	struct reply *r = h->reply;
	if (h->body == HTTP_BODY_LINES && one_line(h))
		return;
	if (r->fail)
		return;
	if (!h->done)
		reply_fail(r, FAIL_CUT, false, "the stream ended without the end that `stream` names (done, "
					       "done_event or done_path)");
	else if (!h->spoken && !needs_no_text(r))
		reply_fail(r, FAIL_MALFORMED, false, "no event of the stream had anything at '%.*s'%s%s",
			   STR_ARGS(h->path.delta.text), h->seen ? ": of the first, " : "", h->seen ? h->seen : "");
	else
		check_contexts(h, NULL);
}

static void finish_json(struct http_answer *h)
{
	const char *why = "";
	const json_t *root = json_lenient(&h->scratch, buf_str(&h->text), &why);
	if (!root) {
		reply_fail(h->reply, FAIL_MALFORMED, false, "the answer is no JSON: %s",
			   str_trim(buf_str(&h->text)).n ? why : "the body is empty");
		return;
	}
	if (!h->path.answer.query) {
		if (!take_facts(h, root))
			finds_nothing(h->reply, "error", &h->path.error, root, &h->scratch);
		return;
	}
	if (!take_answer(h, root))
		check_contexts(h, root);
}

/* What the application declares blocked or refused is an answer, whatever its status. */
static bool declared(struct http_answer *h, const json_t *root)
{
	struct jsonpath_nodes nodes;
	struct reply *r = h->reply;
	bool blocked = apppath_holds(&h->path.blocked, root, &h->scratch);
	if (!blocked && !apppath_holds(&h->path.refused, root, &h->scratch))
		return false;
	r->finish = blocked ? FINISH_BLOCKED : FINISH_REFUSED;
	if (!find(h, &h->path.answer, root, &nodes) && !says_nothing(&nodes))
		add_text(&r->text, &nodes);
	return true;
}

static void finish_error(struct http_answer *h)
{
	struct reply *r = h->reply;
	const char *why;
	const json_t *root = json_lenient(&h->scratch, buf_str(&h->text), &why);
	if (root && r->http_status < 500 && declared(h, root))
		return;
	const json_t *value = apppath_first(&h->path.error, root, &h->scratch);
	struct error_body e = value ? error_of(value) : error_body_of(root);
	error_body_fail(r, r->http_status, &e, wire_code_retryable(r->http_status));
}

/* A body of nothing is no answer that somebody gave. */
static void check_text(struct reply *r)
{
	if (!r->text.n)
		reply_fail(r, FAIL_MALFORMED, false, "the body of the answer is empty");
}

void http_answer_finish(void *state, struct reply *r)
{
	struct http_answer *h = state;
	h->reply = r;
	if (r->fail)
		return;
	switch (h->body) {
	case HTTP_BODY_SSE:
	case HTTP_BODY_LINES:
		finish_stream(h);
		break;
	case HTTP_BODY_JSON:
		finish_json(h);
		break;
	case HTTP_BODY_TEXT:
		buf_add(&r->text, buf_str(&h->text));
		check_text(r);
		break;
	case HTTP_BODY_ERROR:
		finish_error(h);
		break;
	case HTTP_BODY_CHUNKS:
		check_text(r);
		break;
	}
	if (!r->fail && r->finish == FINISH_NONE)
		r->finish = json_array_size(r->tool_calls) && !r->text.n ? FINISH_TOOL : FINISH_STOP;
}
