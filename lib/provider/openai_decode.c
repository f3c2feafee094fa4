#include "provider/openai_decode.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/errorbody.h"
#include "provider/openai_chunk.h"
#include "provider/provider.h"

/* Tool calls of one answer, and the bytes of a call's id or name. */
enum { TOOLS_MAX = 256, TOOL_NAME_MAX = 4096 };

/* --- the neutral words ----------------------------------------------------------------------- */

static enum finish finish_of(struct str word)
{
	static const struct {
		const char *word;
		enum finish finish;
	} table[] = {
		{ "stop", FINISH_STOP },
		{ "length", FINISH_LENGTH },
		{ "max_tokens", FINISH_LENGTH },
		{ "tool_calls", FINISH_TOOL },
		{ "function_call", FINISH_TOOL },
		{ "content_filter", FINISH_BLOCKED },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_eqc(word, table[i].word))
			return table[i].finish;
	return FINISH_OTHER;
}

static int64_t count_of(const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);
	return json_is_integer(j) && json_integer_value(j) >= 0 ? json_integer_value(j) : -1;
}

static void take_usage(struct reply *r, const json_t *u)
{
	if (!json_is_object(u))
		return;
	r->usage.in = count_of(u, "prompt_tokens");
	r->usage.out = count_of(u, "completion_tokens");
	r->usage.cache_read = count_of(json_object_get(u, "prompt_tokens_details"), "cached_tokens");
	r->usage.reasoning =
		count_of(json_object_get(u, "completion_tokens_details"), "reasoning_tokens");
}

/* --- growing the reply ----------------------------------------------------------------------- */

static void saw_token(struct openai_decode *d, bool visible)
{
	d->token = true;
	d->events |= FEED_FIRST_TOKEN | (visible ? (unsigned)FEED_FIRST_VISIBLE : 0u);
}

static void add_text(struct openai_decode *d, struct str text)
{
	if (!text.n)
		return;
	buf_add(&d->reply->text, text);
	saw_token(d, true);
}

static void add_reasoning(struct openai_decode *d, struct str text)
{
	if (!text.n)
		return;
	buf_add(&d->reply->reasoning, text);
	saw_token(d, false);
}

/* A string, or the list of parts that some servers send. */
static void take_content(struct openai_decode *d, const json_t *content)
{
	size_t i;
	const json_t *part;
	add_text(d, json_str(content));
	json_array_foreach(content, i, part)
		add_text(d, json_get_str(part, "text"));
}

static void release_tool(void *p)
{
	struct openai_tool *t = p;
	buf_release(&t->id);
	buf_release(&t->name);
	buf_release(&t->arguments);
}

static struct openai_tool *tool_at(struct openai_decode *d, size_t index)
{
	struct arena *a = d->reply->arena;
	for (size_t i = 0; i < d->tool.n; i++)
		if (d->tool.v[i]->index == index)
			return d->tool.v[i];
	if (d->tool.n == TOOLS_MAX)
		return NULL;
	struct openai_tool *t = arena_new(a, struct openai_tool);
	t->index = index;
	buf_init(&t->id, TOOL_NAME_MAX);
	buf_init(&t->name, TOOL_NAME_MAX);
	buf_init(&t->arguments, REPLY_BYTES_MAX);
	arena_defer(a, release_tool, t);
	*vec_push(&d->tool, a) = t;
	return t;
}

static int take_tool(struct openai_decode *d, const json_t *call, size_t position)
{
	int64_t index = count_of(call, "index");
	struct openai_tool *t = tool_at(d, index < 0 ? position : (size_t)index);
	const json_t *fn = json_object_get(call, "function");
	const json_t *arguments = json_object_get(fn, "arguments");
	if (t) {
		/* The id and the name come once; a server that repeats them says the same. */
		if (!t->id.n)
			buf_add(&t->id, json_get_str(call, "id"));
		if (!t->name.n)
			buf_add(&t->name, json_get_str(fn, "name"));
		if (json_is_object(arguments))
			json_write(&t->arguments, arguments);
		else
			buf_add(&t->arguments, json_str(arguments));
	}
	if (!t || t->id.over || t->name.over || t->arguments.over) {
		reply_fail(d->reply, FAIL_TOO_LARGE, false,
			   "the answer has more than %d tool calls, or one is too large", TOOLS_MAX);
		return -1;
	}
	saw_token(d, false);
	return 0;
}

static void take_finish(struct openai_decode *d, struct str word)
{
	if (!word.n)
		return;
	d->finished = true;
	d->reply->finish = finish_of(word);
	d->reply->finish_raw = arena_str(d->reply->arena, str_sub(word, 0, 64));
}

/* `said` is a chunk's delta or a whole answer's message. */
static int take_choice(struct openai_decode *d, const json_t *choice, const json_t *said)
{
	size_t i;
	const json_t *call, *calls = json_object_get(said, "tool_calls");
	struct str refusal = json_get_str(said, "refusal");
	const json_t *content = json_object_get(said, "content");
	d->choice = true;
	if (content && !json_is_string(content) && !json_is_array(content) && !json_is_null(content)) {
		reply_fail(d->reply, FAIL_MALFORMED, false, "the answer's content is %s, not text",
			   json_type_name(content));
		return -1;
	}
	add_reasoning(d, json_get_str(said, "reasoning_content"));
	add_reasoning(d, json_get_str(said, "reasoning"));
	take_content(d, content);
	if (refusal.n) {
		d->refused = true;
		add_text(d, refusal);
	}
	json_array_foreach(calls, i, call)
		if (take_tool(d, call, i))
			return -1;
	take_finish(d, json_get_str(choice, "finish_reason"));
	if (!d->reply->text.over && !d->reply->reasoning.over)
		return 0;
	reply_fail(d->reply, FAIL_TOO_LARGE, false, "the answer is larger than %zu bytes",
		   REPLY_BYTES_MAX);
	return -1;
}

static void take_error(struct openai_decode *d, const json_t *root)
{
	struct error_body e = error_body_of(root);
	if (e.content_filter) {
		take_finish(d, STR("content_filter"));
		d->choice = d->done = true;
		d->events |= FEED_TERMINAL;
		return;
	}
	/* Once something was said, asking again would be rolling the dice again. */
	error_body_fail(d->reply, 0, &e, !d->token);
}

/* A chunk of a stream or a whole answer: they differ in one member's name. */
static int take_object(struct openai_decode *d, const json_t *root, const char *said)
{
	struct reply *r = d->reply;
	size_t i;
	const json_t *choice, *error = json_object_get(root, "error");
	if (!json_is_object(root)) {
		reply_fail(r, FAIL_MALFORMED, false, "the server sent JSON that is no object, but %s",
			   json_type_name(root));
		return -1;
	}
	if (error && !json_is_null(error)) {
		take_error(d, root);
		return r->fail ? -1 : 0;
	}
	struct str model = json_get_str(root, "model"), id = json_get_str(root, "id");
	if (model.n && !r->model.n)
		r->model = arena_str(r->arena, str_sub(model, 0, 256));
	if (id.n && !r->request_id.n)
		r->request_id = arena_str(r->arena, str_sub(id, 0, 256));
	take_usage(r, json_object_get(root, "usage"));
	json_array_foreach(json_object_get(root, "choices"), i, choice)
		if (count_of(choice, "index") <= 0 &&
		    take_choice(d, choice, json_object_get(choice, said)))
			return -1;
	return 0;
}

/* --- the three kinds of body ----------------------------------------------------------------- */

/* Most events, read in place; false leaves the reply as it was. */
static bool take_chunk(struct openai_decode *d, struct str text)
{
	struct reply *r = d->reply;
	struct openai_chunk c;
	size_t had = r->text.n;
	if (!openai_chunk_read(&c, text, &r->text) || r->text.over) {
		buf_cut(&r->text, had);
		return false;
	}
	if (c.model.n && !r->model.n)
		r->model = arena_str(r->arena, str_sub(c.model, 0, 256));
	if (c.id.n && !r->request_id.n)
		r->request_id = arena_str(r->arena, str_sub(c.id, 0, 256));
	if (c.usage)
		r->usage = (struct usage){ .in = c.tokens_in, .out = c.tokens_out, .cache_read = -1, .cache_write_1h = -1,
					   .cache_write = -1, .reasoning = -1 };
	d->choice |= c.choice;
	if (r->text.n > had)
		saw_token(d, true);
	take_finish(d, c.finish);
	return true;
}

static int on_event(void *ctx, const struct sse_event *ev)
{
	struct openai_decode *d = ctx;
	if (d->done)
		return 0;
	if (str_eqc(ev->data, "[DONE]")) {
		d->done = true;
		d->events |= FEED_TERMINAL;
		return 0;
	}
	if (!ev->data.n || take_chunk(d, ev->data))
		return 0;
	struct arena scratch = ARENA_INIT;
	const char *why = "";
	const json_t *root = json_lenient(&scratch, ev->data, &why);
	int result = -1;
	if (root)
		result = take_object(d, root, "delta");
	else
		reply_fail(d->reply, FAIL_MALFORMED, false, "an event of the stream is no JSON: %s", why);
	arena_release(&scratch);
	return result;
}

static void release_state(void *p)
{
	struct openai_decode *d = p;
	sse_release(&d->sse);
	buf_release(&d->body);
}

static bool is_sse(const struct wire_status *st, const struct call *c)
{
	struct str type = wire_header_get(st, "content-type");
	struct str want = STR("text/event-stream");
	if (!type.n)
		return c->endpoint->stream;
	return str_ieq(str_trim(str_sub(type, 0, want.n)), want);
}

int openai_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	static const char *const ids[] = { "x-request-id", "apim-request-id", "request-id" };
	struct openai_decode *d = state;
	bool good = st->code >= 200 && st->code <= 299;
	d->reply = r;
	d->mode = !good ? OPENAI_ERROR : is_sse(st, c) ? OPENAI_SSE : OPENAI_JSON;
	sse_init(&d->sse, SSE_EVENT_MAX, on_event, d);
	buf_init(&d->body, good ? REPLY_BYTES_MAX : ERROR_BODY_MAX);
	arena_defer(r->arena, release_state, d);
	r->http_status = st->code;
	r->streamed = d->mode == OPENAI_SSE;
	for (size_t i = 0; i < ARRAY_LEN(ids) && !r->request_id.n; i++)
		r->request_id = arena_str(r->arena,
					  str_sub(wire_header_get(st, ids[i]), 0, 256));
	return 0;
}

static int feed_sse(struct openai_decode *d, struct str piece)
{
	enum sse_result result = sse_feed(&d->sse, piece);
	if (result == SSE_TOO_LARGE)
		reply_fail(d->reply, FAIL_TOO_LARGE, false,
			   "an event of the stream is larger than %zu bytes", SSE_EVENT_MAX);
	return result == SSE_OK ? 0 : -1;
}

int openai_feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct openai_decode *d = state;
	int result = 0;
	d->reply = r;
	d->events = 0;
	if (d->mode == OPENAI_SSE) {
		result = feed_sse(d, piece);
	} else if (d->mode == OPENAI_ERROR) {
		buf_add(&d->body, str_sub(piece, 0, d->body.max - d->body.n));
	} else {
		buf_add(&d->body, piece);
		if (d->body.over) {
			reply_fail(r, FAIL_TOO_LARGE, false, "the answer is larger than %zu bytes",
				   REPLY_BYTES_MAX);
			result = -1;
		}
	}
	*events = d->events;
	return result;
}

static void finish_error(struct openai_decode *d)
{
	struct reply *r = d->reply;
	struct arena scratch = ARENA_INIT;
	const char *why;
	struct error_body e = error_body_of(json_lenient(&scratch, buf_str(&d->body), &why));
	if (e.content_filter && r->http_status == 400)
		take_finish(d, STR("content_filter"));
	else
		error_body_fail(r, r->http_status, &e, wire_code_retryable(r->http_status));
	arena_release(&scratch);
}

static void finish_json(struct openai_decode *d)
{
	struct arena scratch = ARENA_INIT;
	const char *why = "";
	const json_t *root = json_lenient(&scratch, buf_str(&d->body), &why);
	if (!root)
		reply_fail(d->reply, FAIL_MALFORMED, false, "the answer is no JSON: %s", why);
	else if (!take_object(d, root, "message") && !d->choice)
		reply_fail(d->reply, FAIL_MALFORMED, false, "the answer has no choices");
	/* Nothing said and no word why is not the same as an empty answer: many scorers would like it. */
	else if (!d->reply->fail && !d->finished && !d->token)
		reply_fail(d->reply, FAIL_MALFORMED, false, "the answer has neither text nor a finish_reason");
	arena_release(&scratch);
}

static void finish_sse(struct openai_decode *d)
{
	if (!d->done || !d->choice)
		reply_fail(d->reply, FAIL_CUT, false, "the stream ended without its [DONE]%s",
			   d->choice ? "" : " and without any answer");
	else if (!d->finished)
		reply_fail(d->reply, FAIL_CUT, false, "the stream ended without a finish_reason");
}

static void set(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(o, key, value))
		die_oom();
}

/* Arguments that are a JSON object become one; anything else stays the text it is. */
static void finish_tools(struct openai_decode *d)
{
	struct reply *r = d->reply;
	if (!d->tool.n)
		return;
	json_t *calls = arena_json(r->arena, json_array());
	for (size_t i = 0; i < d->tool.n; i++) {
		const struct openai_tool *t = d->tool.v[i];
		const char *why;
		json_t *o = json_object();
		json_t *arguments = json_lenient(r->arena, buf_str(&t->arguments), &why);
		set(o, "id", json_from_str(buf_str(&t->id)));
		set(o, "name", json_from_str(buf_str(&t->name)));
		set(o, "arguments", json_is_object(arguments) ? json_incref(arguments) :
								json_from_str(buf_str(&t->arguments)));
		json_array_append_new(calls, o);
	}
	r->tool_calls = calls;
}

void openai_finish(void *state, struct reply *r)
{
	struct openai_decode *d = state;
	d->reply = r;
	if (d->mode == OPENAI_ERROR)
		finish_error(d);
	else if (d->mode == OPENAI_JSON)
		finish_json(d);
	else
		finish_sse(d);
	if (r->fail)
		return;
	if (str_eqc(r->finish_raw, "error")) {
		reply_fail(r, FAIL_SERVER, false, "the server ended the answer with finish_reason 'error'");
		return;
	}
	finish_tools(d);
	if (d->refused)
		r->finish = FINISH_REFUSED;
}
