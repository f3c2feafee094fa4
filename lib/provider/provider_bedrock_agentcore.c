/* Bedrock's kind agentcore: an agent of AgentCore Runtime is invoked in a session of its own.  What it is sent and what
 * it answers is the agent's own form: JSON, server-sent events or plain text.  JSONPath says where the answer
 * stands; without one the answer is the whole text, or the JSON string that it is. */
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/appanswer.h"
#include "provider/apppath.h"
#include "provider/apprender.h"
#include "provider/bedrock_common.h"
#include "provider/bedrock_kind.h"
#include "provider/bedrock_stream.h"
#include "provider/provider.h"
#include "wire/sse.h"

struct agentcore {
	struct bedrock_stream stream;
	bool eventful;    /* server-sent events come in */
	bool found;       /* an answer was found in one */
	struct sse sse;
	struct apppath answer, contexts, tool_calls, tokens_in, tokens_out;
};

static const json_t *runtime_of(const struct endpoint *e)
{
	return json_object_get(e->config, "runtime");
}

static struct str qualifier_of(const struct endpoint *e)
{
	struct str s = json_get_str(runtime_of(e), "qualifier");
	return s.n ? s : STR("DEFAULT");
}

/* --- asking --- */

static int check(const struct endpoint *e, const char **member, struct err *err)
{
	static const char *const unread[] = { "model", "params", "tools", NULL };
	static const char *const paths[] = { "answer", "contexts", "tool_calls", "tokens_in", "tokens_out" };
	struct arena scratch = ARENA_INIT;
	int bad = 0;
	*member = "runtime";
	for (size_t i = 0; i < ARRAY_LEN(paths) && !bad; i++) {
		struct str path = json_get_str(runtime_of(e), paths[i]);
		struct apppath p;
		if (apppath_compile(&p, path, &scratch, err))
			bad = err_wrap(err, "%s", paths[i]);
	}
	arena_release(&scratch);
	return bad ? -1 : bedrock_kind_unread(e, unread, member, err);
}

static void write_messages(struct jsonw *w, const struct call *c)
{
	jsonw_open(w, "messages", '[');
	for (size_t i = 0; i < c->nmessage; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_text(w, "role", role_name(c->message[i].role));
		jsonw_str(w, "content", c->message[i].text);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

/* The agent's own form, filled in for this case. */
static int own_body(struct wire_req *out, const struct call *c, const json_t *body, struct arena *a,
		    struct err *err)
{
	const json_t *filled;
	struct buf *b = bedrock_body_new(a);
	if (c->nmessage)
		return err_set(err, ERR_ARTIFACT, "kind 'agentcore' is sent its 'body' or its 'prompt', and the target has both");
	if (apprender_value(&filled, body, c->given, a, err))
		return err_wrap(err, "body");
	json_write(b, filled);
	return bedrock_body(out, b, err);
}

static int payload(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const json_t *body = json_object_get(c->endpoint->config, "body");
	bool messages = str_eqc(json_get_str(runtime_of(c->endpoint), "input"), "messages");
	struct str text;
	if (body)
		return own_body(out, c, body, a, err);
	if (!c->nmessage)
		return err_set(err, ERR_ARTIFACT, "kind 'agentcore' needs a 'prompt' or a 'body' to send");
	if (!messages && bedrock_kind_question(&text, c, err))
		return -1;
	struct jsonw w = bedrock_kind_body(a);
	if (messages)
		write_messages(&w, c);
	else
		jsonw_str(&w, "prompt", text);
	return bedrock_kind_body_end(out, &w, err);
}

static int encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const json_t *runtime = runtime_of(c->endpoint);
	if (bedrock_kind_no_schema(c, err) ||
	    bedrock_kind_post(out, c, AWS_BEDROCK_AGENTCORE, a, err, "/runtimes/%s/invocations?qualifier=%s",
			      json_get_str(runtime, "arn"), qualifier_of(c->endpoint)) ||
	    payload(out, c, a, err))
		return -1;
	bedrock_header(out, a, "Accept", STR("application/json, text/event-stream"));
	bedrock_header(out, a, "X-Amzn-Bedrock-AgentCore-Runtime-Session-Id", bedrock_kind_session(c, a));
	bedrock_header(out, a, "X-Amzn-Bedrock-AgentCore-Runtime-User-Id", json_get_str(runtime, "user"));
	return 0;
}

/* --- reading --- */

static int say(struct agentcore *g, const json_t *value)
{
	struct buf b;
	if (json_is_string(value))
		return bedrock_kind_text(&g->stream, json_str(value));
	buf_init(&b, REPLY_BYTES_MAX);
	json_write(&b, value);
	int result = bedrock_kind_text(&g->stream, buf_str(&b));
	buf_release(&b);
	return result;
}

/* What stands beside the answer; in a stream, whenever an event has it. */
static int take_beside(struct agentcore *g, const json_t *root, struct arena *a)
{
	struct reply *r = g->stream.in.reply;
	const json_t *contexts = apppath_first(&g->contexts, root, a);
	const json_t *tool_calls = apppath_first(&g->tool_calls, root, a);
	if ((contexts && appanswer_contexts(r, contexts)) || (tool_calls && appanswer_tools(r, tool_calls)) ||
	    appanswer_count(r, &r->usage.in, apppath_first(&g->tokens_in, root, a), "tokens_in") ||
	    appanswer_count(r, &r->usage.out, apppath_first(&g->tokens_out, root, a), "tokens_out"))
		return -1;
	return 0;
}

/* What the runtime's own server sends in a stream of status 200 when the agent raised. */
static bool take_error(struct agentcore *g, const json_t *root)
{
	struct str error = json_get_str(root, "error"), type = json_get_str(root, "error_type");
	if (!error.p || !type.p)
		return false;
	reply_fail(g->stream.in.reply, FAIL_SERVER, false, "the agent failed: %.*s: %.*s", STR_ARGS(type),
		   STR_ARGS(error));
	return true;
}

/* One event: with a path only those that have an answer there say something. */
static int take_event(struct agentcore *g, struct str data, const json_t *root, struct arena *a)
{
	if (root && take_error(g, root))
		return -1;
	if (root && take_beside(g, root, a))
		return -1;
	if (!g->answer.text.p) {
		g->found = true;
		return root && json_is_string(root) ? say(g, root) : bedrock_kind_text(&g->stream, data);
	}
	const json_t *value = root ? apppath_first(&g->answer, root, a) : NULL;
	if (!value || json_is_null(value))
		return 0;
	g->found = true;
	return say(g, value);
}

static int on_sse(void *ctx, const struct sse_event *ev)
{
	struct agentcore *g = ctx;
	struct arena scratch = ARENA_INIT;
	const char *why;
	int result = ev->data.n ? take_event(g, ev->data, json_lenient(&scratch, ev->data, &why), &scratch) : 0;
	/* The agent has begun: a failure is not tried again. */
	g->stream.in.token = true;
	arena_release(&scratch);
	return result;
}

static void whole_text(struct bedrock_stream *s, struct str body)
{
	struct agentcore *g = s->state;
	struct reply *r = s->in.reply;
	struct arena scratch = ARENA_INIT;
	const char *why = "";
	const json_t *root = json_lenient(&scratch, body, &why);
	if (!body.n)
		reply_fail(r, FAIL_MALFORMED, false, "the agent answered with an empty body");
	else if (g->answer.text.p && !root)
		reply_fail(r, FAIL_MALFORMED, false, "the answer is no JSON, and 'runtime.answer' is a path: %s", why);
	else
		(void)take_event(g, body, root, &scratch);
	if (!r->fail && !g->found)
		reply_fail(r, FAIL_MALFORMED, false, "nothing stands at 'runtime.answer' in the agent's answer");
	arena_release(&scratch);
	if (!r->fail)
		bedrock_kind_finish(r, r->tool_calls && json_array_size(r->tool_calls) && !r->text.n ? FINISH_TOOL :
												       FINISH_STOP, STR(""));
}

static const struct bedrock_reader reader = { .text = whole_text };

static void release_sse(void *p)
{
	sse_release(p);
}

/* They compiled at check. */
static void compile(struct apppath *out, const json_t *runtime, const char *key, struct arena *a)
{
	struct err err = ERR_INIT;
	if (apppath_compile(out, json_get_str(runtime, key), a, &err))
		*out = (struct apppath){ .query = NULL };
}

static bool is_sse(const struct wire_status *st)
{
	struct str type = wire_header_get(st, "content-type"), want = STR("text/event-stream");
	return st->code >= 200 && st->code <= 299 && str_ieq(str_trim(str_sub(type, 0, want.n)), want);
}

static int begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct agentcore *g = state;
	const json_t *runtime = runtime_of(c->endpoint);
	bedrock_kind_whole(&g->stream, &reader, g, r, st, c);
	g->eventful = is_sse(st);
	r->streamed = g->eventful;
	sse_init(&g->sse, SSE_EVENT_MAX, on_sse, g);
	arena_defer(r->arena, release_sse, &g->sse);
	compile(&g->answer, runtime, "answer", r->arena);
	compile(&g->contexts, runtime, "contexts", r->arena);
	compile(&g->tool_calls, runtime, "tool_calls", r->arena);
	compile(&g->tokens_in, runtime, "tokens_in", r->arena);
	compile(&g->tokens_out, runtime, "tokens_out", r->arena);
	json_t *detail = bedrock_kind_object(r, &r->detail);
	bedrock_kind_set_str(detail, "runtime", json_get_str(runtime, "arn"));
	bedrock_kind_set_str(detail, "qualifier", qualifier_of(c->endpoint));
	return 0;
}

static int feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct agentcore *g = state;
	if (!g->eventful)
		return bedrock_stream_feed(&g->stream, r, piece, events);
	g->stream.in.reply = r;
	g->stream.in.events = 0;
	enum sse_result result = sse_feed(&g->sse, piece);
	if (result == SSE_TOO_LARGE)
		reply_fail(r, FAIL_TOO_LARGE, false, "an event of the stream is larger than %zu bytes", SSE_EVENT_MAX);
	*events = g->stream.in.events;
	return result == SSE_OK ? 0 : -1;
}

static void finish(void *state, struct reply *r)
{
	struct agentcore *g = state;
	if (!g->eventful)
		bedrock_stream_finish(&g->stream, r);
	else if (g->sse.has_data || g->sse.line.n)
		reply_fail(r, FAIL_CUT, false, "the stream ended inside of an event");
	else if (!g->found)
		reply_fail(r, FAIL_CUT, false, "the stream ended without an answer of the agent");
	else
		bedrock_kind_finish(r, FINISH_STOP, STR(""));
}

#define PATH "{\"type\":\"string\",\"minLength\":1}"

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"required\":[\"runtime\"],"
	"\"properties\":{"
	"\"region\":{\"type\":\"string\"},"
	"\"body\":true,"
	"\"runtime\":{\"type\":\"object\",\"required\":[\"arn\"],\"additionalProperties\":false,"
	"\"properties\":{\"arn\":{\"type\":\"string\",\"pattern\":\"^arn:\"},"
	"\"qualifier\":{\"type\":\"string\",\"minLength\":1},"
	"\"user\":{\"type\":\"string\",\"minLength\":1},"
	"\"input\":{\"enum\":[\"prompt\",\"messages\"]},"
	"\"answer\":" PATH ",\"contexts\":" PATH ",\"tool_calls\":" PATH ","
	"\"tokens_in\":" PATH ",\"tokens_out\":" PATH "}}}}";

const struct provider_ops provider_bedrock_agentcore = {
	.name = "bedrock",
	.kind = "agentcore",
	.help = "an agent of Bedrock AgentCore Runtime",
	.schema = schema,
	.aws = true,
	.no_model = true,
	.no_prompt = true,
	.given = GIVEN_READ,
	.check = check,
	.encode = encode,
	.state_size = sizeof(struct agentcore),
	.begin = begin,
	.feed = feed,
	.finish = finish,
};
