/* Bedrock's kind agent: an agent's alias answers in a session of its own.  Earlier messages go with the call as the
 * session's history, so that no sample finds what another left.  Its trace is the trajectory; calls that it wants
 * done elsewhere (return of control) are the reply's tool calls.  Its stream has no terminal event: it is whole
 * when HTTP says so. */
#include "base/b64.h"
#include "doc/jsonx.h"
#include "provider/bedrock_common.h"
#include "provider/bedrock_kind.h"
#include "provider/bedrock_passage.h"
#include "provider/bedrock_stream.h"
#include "provider/bedrock_trace.h"
#include "provider/provider.h"

struct agent {
	struct bedrock_stream stream;
	bool said;
};

/* --- asking --- */

static const json_t *agent_of(const struct endpoint *e)
{
	return json_object_get(e->config, "agent");
}

static int check(const struct endpoint *e, const char **member, struct err *err)
{
	static const char *const unread[] = { "model", "params", "tools", NULL };
	*member = "agent";
	if (bedrock_kind_no_draft(json_get_str(agent_of(e), "alias"), "an alias of a version", err))
		return -1;
	return bedrock_kind_unread(e, unread, member, err);
}

/* Users and the agent by turns, and the user last. */
static int check_messages(const struct call *c, struct err *err)
{
	if (bedrock_kind_no_schema(c, err))
		return -1;
	if (!c->nmessage || c->message[c->nmessage - 1].role != ROLE_USER)
		return err_set(err, ERR_ARTIFACT, "kind 'agent' answers a user message, and the last one is none");
	for (size_t i = 0; i < c->nmessage; i++) {
		const struct message *m = &c->message[i];
		if (m->role == ROLE_SYSTEM)
			return err_set(err, ERR_ARTIFACT,
				       "kind 'agent' has its instructions of its own, and the prompt has a system message; "
				       "take it out");
		if (m->role == ROLE_TOOL || m->tool_calls)
			return err_set(err, ERR_ARTIFACT, "kind 'agent' cannot be given results of tools");
	}
	return 0;
}

static void write_history(struct jsonw *w, const struct call *c)
{
	if (c->nmessage < 2)
		return;
	jsonw_open(w, "conversationHistory", '{');
	jsonw_open(w, "messages", '[');
	for (size_t i = 0; i + 1 < c->nmessage; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_text(w, "role", role_name(c->message[i].role));
		jsonw_open(w, "content", '[');
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "text", c->message[i].text);
		jsonw_close(w, '}');
		jsonw_close(w, ']');
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void write_state(struct jsonw *w, const struct call *c)
{
	const json_t *agent = agent_of(c->endpoint);
	const json_t *session = json_object_get(agent, "session_attributes");
	const json_t *prompt = json_object_get(agent, "prompt_attributes");
	if (!session && !prompt && c->nmessage < 2)
		return;
	jsonw_open(w, "sessionState", '{');
	jsonw_json(w, "sessionAttributes", session);
	jsonw_json(w, "promptSessionAttributes", prompt);
	write_history(w, c);
	jsonw_close(w, '}');
}

static int encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const json_t *agent = agent_of(c->endpoint);
	struct str latency = json_get_str(agent, "latency");
	if (check_messages(c, err) ||
	    bedrock_kind_post(out, c, AWS_BEDROCK_AGENT_RUNTIME, a, err, "/agents/%s/agentAliases/%s/sessions/%s/text",
			      json_get_str(agent, "id"), json_get_str(agent, "alias"), bedrock_kind_session(c, a)))
		return -1;
	struct jsonw w = bedrock_kind_body(a);
	jsonw_str(&w, "inputText", c->message[c->nmessage - 1].text);
	jsonw_bool(&w, "enableTrace", !json_is_false(json_object_get(agent, "trace")));
	write_state(&w, c);
	if (c->endpoint->stream) {
		jsonw_open(&w, "streamingConfigurations", '{');
		jsonw_bool(&w, "streamFinalResponse", true);
		jsonw_close(&w, '}');
	}
	if (latency.n) {
		jsonw_open(&w, "bedrockModelConfigurations", '{');
		jsonw_open(&w, "performanceConfig", '{');
		jsonw_str(&w, "latency", latency);
		jsonw_close(&w, '}');
		jsonw_close(&w, '}');
	}
	return bedrock_kind_body_end(out, &w, err);
}

/* --- reading --- */

static int take_chunk(struct bedrock_stream *s, const json_t *root)
{
	struct agent *g = s->state;
	const json_t *one;
	struct str bytes = json_get_str(root, "bytes"), text = { .p = NULL };
	struct arena scratch = ARENA_INIT;
	size_t i;
	int result = 0;
	g->said = true;
	if (bytes.n && !b64_decode(&scratch, bytes, &text)) {
		reply_fail(s->in.reply, FAIL_MALFORMED, false, "a chunk of the answer is no base64");
		result = -1;
	}
	if (!result)
		result = bedrock_kind_text(s, text);
	arena_release(&scratch);
	json_array_foreach(json_object_get(json_object_get(root, "attribution"), "citations"), i, one)
		bedrock_passage_cite(s->in.reply, json_object_get(one, "generatedResponsePart"),
				     json_object_get(one, "retrievedReferences"));
	return result;
}

/* What the caller is asked to do: a tool call each. */
static void take_control(struct bedrock_stream *s, const json_t *root)
{
	struct agent *g = s->state;
	struct reply *r = s->in.reply;
	json_t *calls = bedrock_kind_list(r, &r->tool_calls);
	const json_t *one;
	size_t i;
	g->said = true;
	json_array_foreach(json_object_get(root, "invocationInputs"), i, one) {
		const json_t *in = json_object_get(one, "functionInvocationInput");
		json_t *call = json_object();
		if (!in)
			in = json_object_get(one, "apiInvocationInput");
		bedrock_kind_set_str(call, "id", json_get_str(root, "invocationId"));
		bedrock_kind_set(call, "name", bedrock_trace_name(in));
		bedrock_kind_set(call, "arguments", bedrock_trace_arguments(in));
		bedrock_kind_append(calls, call);
	}
	answering_said(&s->in, false);
}

static void take_trace(struct bedrock_stream *s, const json_t *root)
{
	struct str version = json_get_str(root, "agentVersion");
	json_t *detail = bedrock_kind_object(s->in.reply, &s->in.reply->detail);
	bedrock_trace_take(s->in.reply, json_object_get(root, "trace"));
	if (version.n && !json_object_get(detail, "version"))
		bedrock_kind_set_str(detail, "version", version);
}

static int take_event(struct bedrock_stream *s, struct str type, const json_t *root)
{
	/* It may have acted by now: a failure is not tried again. */
	s->in.token = true;
	if (str_eqc(type, "chunk"))
		return take_chunk(s, root);
	if (str_eqc(type, "returnControl"))
		take_control(s, root);
	if (str_eqc(type, "trace"))
		take_trace(s, root);
	return 0;
}

static void ended(struct bedrock_stream *s)
{
	const struct agent *g = s->state;
	struct reply *r = s->in.reply;
	if (!g->said) {
		reply_fail(r, FAIL_CUT, false, "the stream ended without an answer of the agent");
		return;
	}
	if (r->tool_calls)
		bedrock_kind_finish(r, FINISH_TOOL, STR("returnControl"));
	else
		bedrock_kind_finish(r, bedrock_kind_blocked(r) ? FINISH_BLOCKED : FINISH_STOP, STR(""));
}

static void whole(struct bedrock_stream *s, const json_t *root)
{
	(void)root;
	reply_fail(s->in.reply, FAIL_MALFORMED, false, "the agent answered with JSON, and not with an event stream");
}

static const struct bedrock_reader reader = { .object = take_event, .whole = whole, .end = ended };

static int begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct agent *g = state;
	bedrock_stream_begin(&g->stream, &reader, g, r, st, c);
	json_t *detail = bedrock_kind_object(r, &r->detail);
	bedrock_kind_set_str(detail, "agent", json_get_str(agent_of(c->endpoint), "id"));
	bedrock_kind_set_str(detail, "alias", json_get_str(agent_of(c->endpoint), "alias"));
	return 0;
}

static int feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct agent *g = state;
	return bedrock_stream_feed(&g->stream, r, piece, events);
}

static void finish(void *state, struct reply *r)
{
	struct agent *g = state;
	bedrock_stream_finish(&g->stream, r);
}

#define ATTRIBUTES "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}"

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"required\":[\"agent\"],"
	"\"properties\":{"
	"\"region\":{\"type\":\"string\"},"
	"\"stream\":{\"type\":\"boolean\",\"default\":true},"
	"\"agent\":{\"type\":\"object\",\"required\":[\"id\",\"alias\"],\"additionalProperties\":false,"
	"\"properties\":{\"id\":{\"type\":\"string\",\"minLength\":1},"
	"\"alias\":{\"type\":\"string\",\"minLength\":1},"
	"\"trace\":{\"type\":\"boolean\"},"
	"\"latency\":{\"enum\":[\"standard\",\"optimized\"]},"
	"\"session_attributes\":" ATTRIBUTES ","
	"\"prompt_attributes\":" ATTRIBUTES "}}}}";

const struct provider_ops provider_bedrock_agent = {
	.name = "bedrock",
	.kind = "agent",
	.chats = true,
	.help = "an alias of a Bedrock agent",
	.schema = schema,
	.aws = true,
	.no_model = true,
	.check = check,
	.encode = encode,
	.state_size = sizeof(struct agent),
	.begin = begin,
	.feed = feed,
	.finish = finish,
};
