#include "provider/answering.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/errorbody.h"
#include "provider/provider.h"

/* Tool calls of one answer, the bytes of a call's id or name, and of what is kept of a word. */
enum { TOOLS_MAX = 256, TOOL_NAME_MAX = 4096, ID_MAX = 256, WORD_MAX = 64 };

/* --- the body --------------------------------------------------------------------------------- */

static void release_answering(void *p)
{
	struct answering *a = p;
	sse_release(&a->sse);
	buf_release(&a->text);
}

static bool is_sse(const struct wire_status *st, const struct call *c)
{
	struct str type = wire_header_get(st, "content-type");
	struct str want = STR("text/event-stream");
	if (!type.n)
		return c->endpoint->stream;
	return str_ieq(str_trim(str_sub(type, 0, want.n)), want);
}

void answering_begin(struct answering *a, struct reply *r, const struct wire_status *st,
		     const struct call *c, sse_fn *fn, void *ctx)
{
	static const char *const ids[] = { "x-request-id", "apim-request-id", "request-id",
					   "x-amzn-requestid" };
	bool good = st->code >= 200 && st->code <= 299;
	a->reply = r;
	a->body = !good ? ANSWER_ERROR : is_sse(st, c) ? ANSWER_SSE : ANSWER_JSON;
	sse_init(&a->sse, SSE_EVENT_MAX, fn, ctx);
	buf_init(&a->text, good ? REPLY_BYTES_MAX : ERROR_BODY_MAX);
	arena_defer(r->arena, release_answering, a);
	r->http_status = st->code;
	r->streamed = a->body == ANSWER_SSE;
	for (size_t i = 0; i < ARRAY_LEN(ids) && !r->request_id.n; i++)
		r->request_id = arena_str(r->arena, str_sub(wire_header_get(st, ids[i]), 0, ID_MAX));
}

static int too_large(struct answering *a)
{
	reply_fail(a->reply, FAIL_TOO_LARGE, false, "the answer is larger than %zu bytes",
		   REPLY_BYTES_MAX);
	return -1;
}

static int feed_sse(struct answering *a, struct str piece)
{
	enum sse_result result = sse_feed(&a->sse, piece);
	if (result == SSE_TOO_LARGE)
		reply_fail(a->reply, FAIL_TOO_LARGE, false,
			   "an event of the stream is larger than %zu bytes", SSE_EVENT_MAX);
	return result == SSE_OK ? 0 : -1;
}

int answering_feed(struct answering *a, struct reply *r, struct str piece, unsigned *events)
{
	int result = 0;
	a->reply = r;
	a->events = 0;
	if (a->body == ANSWER_SSE) {
		result = feed_sse(a, piece);
	} else if (a->body == ANSWER_ERROR) {
		buf_add(&a->text, str_sub(piece, 0, a->text.max - a->text.n));
	} else {
		buf_add(&a->text, piece);
		result = a->text.over ? too_large(a) : 0;
	}
	*events = a->events;
	return result;
}

const json_t *answering_json(struct answering *a, struct arena *scratch)
{
	const char *why = "";
	const json_t *root = json_lenient(scratch, buf_str(&a->text), &why);
	if (!root && a->body != ANSWER_ERROR)
		reply_fail(a->reply, FAIL_MALFORMED, false, "the answer is no JSON: %s", why);
	return root;
}

const json_t *answering_event(struct answering *a, struct str data, struct arena *scratch)
{
	const char *why = "";
	const json_t *root = json_lenient(scratch, data, &why);
	if (!root)
		reply_fail(a->reply, FAIL_MALFORMED, false, "an event of the stream is no JSON: %s", why);
	return root;
}

bool answering_blocked(struct answering *a, struct contentfilter *filter)
{
	struct reply *r = a->reply;
	struct arena scratch = ARENA_INIT;
	struct error_body e = error_body_of(answering_json(a, &scratch));
	bool blocked = e.content_filter && r->http_status == 400;
	if (blocked && filter)
		contentfilter_take(filter, e.filter_results);
	if (!blocked)
		error_body_fail(r, r->http_status, &e, wire_code_retryable(r->http_status));
	arena_release(&scratch);
	return blocked;
}

/* --- text ------------------------------------------------------------------------------------- */

void answering_said(struct answering *a, bool visible)
{
	a->token = true;
	a->events |= FEED_FIRST_TOKEN | (visible ? (unsigned)FEED_FIRST_VISIBLE : 0u);
}

void answering_text(struct answering *a, struct str text)
{
	if (!text.n)
		return;
	buf_add(&a->reply->text, text);
	answering_said(a, true);
}

void answering_thought(struct answering *a, struct str text)
{
	if (!text.n)
		return;
	buf_add(&a->reply->reasoning, text);
	answering_said(a, false);
}

int answering_ceiling(struct answering *a)
{
	return a->reply->text.over || a->reply->reasoning.over ? too_large(a) : 0;
}

/* --- tool calls ------------------------------------------------------------------------------- */

static void release_tool(void *p)
{
	struct answer_tool *t = p;
	buf_release(&t->id);
	buf_release(&t->name);
	buf_release(&t->arguments);
}

struct answer_tool *answering_tool_find(const struct answering *a, size_t index)
{
	for (size_t i = a->tool.n; i-- > 0; )
		if (a->tool.v[i]->index == index)
			return a->tool.v[i];
	return NULL;
}

struct answer_tool *answering_tool_add(struct answering *a, size_t index)
{
	struct arena *arena = a->reply->arena;
	if (a->tool.n == TOOLS_MAX)
		return NULL;
	struct answer_tool *t = arena_new(arena, struct answer_tool);
	t->index = index;
	buf_init(&t->id, TOOL_NAME_MAX);
	buf_init(&t->name, TOOL_NAME_MAX);
	buf_init(&t->arguments, REPLY_BYTES_MAX);
	arena_defer(arena, release_tool, t);
	*vec_push(&a->tool, arena) = t;
	return t;
}

struct answer_tool *answering_tool(struct answering *a, size_t index)
{
	struct answer_tool *t = answering_tool_find(a, index);
	return t ? t : answering_tool_add(a, index);
}

int answering_tool_said(struct answering *a, const struct answer_tool *t)
{
	if (!t || t->id.over || t->name.over || t->arguments.over) {
		reply_fail(a->reply, FAIL_TOO_LARGE, false,
			   "the answer has more than %d tool calls, or one is too large", TOOLS_MAX);
		return -1;
	}
	answering_said(a, false);
	return 0;
}

static void set(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(o, key, value))
		die_oom();
}

static json_t *tool_json(struct answering *a, const struct answer_tool *t)
{
	const char *why;
	json_t *o = json_object();
	json_t *arguments = json_lenient(a->reply->arena, buf_str(&t->arguments), &why);
	if (t->served)
		set(o, "kind", json_from_str(STR("tool")));
	else
		set(o, "id", json_from_str(buf_str(&t->id)));
	set(o, "name", json_from_str(buf_str(&t->name)));
	set(o, "arguments", json_is_object(arguments) ? json_incref(arguments) :
							json_from_str(buf_str(&t->arguments)));
	return o;
}

static const json_t *tool_list(struct answering *a, bool served)
{
	json_t *list = NULL;
	for (size_t i = 0; i < a->tool.n; i++) {
		if (a->tool.v[i]->served != served)
			continue;
		if (!list)
			list = arena_json(a->reply->arena, json_array());
		if (json_array_append_new(list, tool_json(a, a->tool.v[i])))
			die_oom();
	}
	return list;
}

void answering_tools_end(struct answering *a)
{
	a->reply->tool_calls = tool_list(a, false);
	a->reply->trajectory = tool_list(a, true);
}

/* --- words and numbers ------------------------------------------------------------------------ */

void answering_served(struct answering *a, struct str model, struct str id)
{
	struct reply *r = a->reply;
	if (model.n && !r->model.n)
		r->model = arena_str(r->arena, str_sub(model, 0, ID_MAX));
	if (id.n && !r->request_id.n)
		r->request_id = arena_str(r->arena, str_sub(id, 0, ID_MAX));
}

void answering_tier(struct answering *a, struct str tier)
{
	struct reply *r = a->reply;
	if (tier.n && !str_eq(tier, r->tier))
		r->tier = arena_str(r->arena, str_sub(tier, 0, WORD_MAX));
}

int64_t answering_count(const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);
	return json_is_integer(j) && json_integer_value(j) >= 0 ? json_integer_value(j) : -1;
}

void answering_finish(struct answering *a, enum finish finish, struct str word)
{
	a->reply->finish = finish;
	a->reply->finish_raw = arena_str(a->reply->arena, str_sub(word, 0, WORD_MAX));
}
