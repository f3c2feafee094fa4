/* Bedrock's kind flow: a flow's alias is run on one document.  What its output nodes give is the answer,
 * joined by line breaks; the steps of its trace are the trajectory.  A flow that asks back ends
 * with its question as the answer. */
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/bedrock_common.h"
#include "provider/bedrock_kind.h"
#include "provider/bedrock_passage.h"
#include "provider/bedrock_stream.h"
#include "provider/bedrock_trace.h"
#include "provider/provider.h"

struct flow {
	struct bedrock_stream stream;
	bool completed;
};

/* --- asking --- */

static const json_t *flow_of(const struct endpoint *e)
{
	return json_object_get(e->config, "flow");
}

static int check(const struct endpoint *e, const char **member, struct err *err)
{
	static const char *const unread[] = { "model", "params", "tools", NULL };
	*member = "flow";
	if (bedrock_kind_no_draft(json_get_str(flow_of(e), "alias"), "an alias of a version", err))
		return -1;
	return bedrock_kind_unread(e, unread, member, err);
}

static struct str or_else(struct str s, const char *usual)
{
	return s.n ? s : str_c(usual);
}

/* The document of the input node: the message's text, or the JSON that it is. */
static int write_document(struct jsonw *w, const struct call *c, struct str text, struct arena *a, struct err *err)
{
	const char *why = "";
	if (!str_eqc(json_get_str(flow_of(c->endpoint), "input"), "json")) {
		jsonw_str(w, "document", text);
		return 0;
	}
	const json_t *document = json_lenient(a, text, &why);
	if (!document)
		return err_set(err, ERR_ARTIFACT, "the user message is no JSON, as `input: json` has it: %s", why);
	jsonw_json(w, "document", document);
	return 0;
}

static int encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const json_t *f = flow_of(c->endpoint);
	struct str text;
	if (bedrock_kind_question(&text, c, err) ||
	    bedrock_kind_post(out, c, AWS_BEDROCK_AGENT_RUNTIME, a, err, "/flows/%s/aliases/%s", json_get_str(f, "id"),
			      json_get_str(f, "alias")))
		return -1;
	struct jsonw w = bedrock_kind_body(a);
	jsonw_open(&w, "inputs", '[');
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "nodeName", or_else(json_get_str(f, "node"), "FlowInputNode"));
	jsonw_str(&w, "nodeOutputName", or_else(json_get_str(f, "output"), "document"));
	jsonw_open(&w, "content", '{');
	if (write_document(&w, c, text, a, err))
		return -1;
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
	jsonw_close(&w, ']');
	jsonw_bool(&w, "enableTrace", !json_is_false(json_object_get(f, "trace")));
	struct str latency = json_get_str(f, "latency");
	if (latency.n) {
		jsonw_open(&w, "modelPerformanceConfiguration", '{');
		jsonw_open(&w, "performanceConfig", '{');
		jsonw_str(&w, "latency", latency);
		jsonw_close(&w, '}');
		jsonw_close(&w, '}');
	}
	return bedrock_kind_body_end(out, &w, err);
}

/* --- reading --- */

static int say_document(struct bedrock_stream *s, const json_t *root)
{
	const json_t *document = json_object_get(json_object_get(root, "content"), "document");
	struct buf *text = &s->in.reply->text;
	if (!document) {
		reply_fail(s->in.reply, FAIL_MALFORMED, false, "an output of the flow has no 'content.document'");
		return -1;
	}
	buf_adds(text, text->n ? "\n" : "");
	if (json_is_string(document))
		return bedrock_kind_text(s, json_str(document));
	struct buf b;
	buf_init(&b, REPLY_BYTES_MAX);
	json_write(&b, document);
	int result = bedrock_kind_text(s, buf_str(&b));
	buf_release(&b);
	return result;
}

static json_t *step(struct reply *r, const char *kind, const json_t *trace)
{
	json_t *o = json_object();
	bedrock_kind_set(o, "kind", json_string(kind));
	bedrock_kind_set_str(o, "name", json_get_str(trace, "nodeName"));
	bedrock_kind_append(bedrock_kind_list(r, &r->trajectory), o);
	return o;
}

/* The fields of a node's trace, as {name: document}. */
static json_t *fields_of(const json_t *trace)
{
	json_t *all = json_object();
	const json_t *field;
	size_t i;
	json_array_foreach(json_object_get(trace, "fields"), i, field) {
		const char *key = json_string_value(json_object_get(field, "nodeInputName"));
		if (!key)
			key = json_string_value(json_object_get(field, "nodeOutputName"));
		if (key)
			bedrock_kind_set_copy(all, key,
					      json_object_get(json_object_get(field, "content"), "document"));
	}
	return all;
}

/* The step that waits for this node's result, or a new one. */
static json_t *step_of(struct reply *r, const json_t *trace)
{
	const json_t *all = r->trajectory;
	for (size_t i = json_array_size(all); i--;) {
		json_t *o = json_array_get(all, i);
		if (str_eqc(json_get_str(o, "kind"), "node") && !json_object_get(o, "result") &&
		    str_eq(json_get_str(o, "name"), json_get_str(trace, "nodeName")))
			return o;
	}
	return step(r, "node", trace);
}

/* A node that asked a knowledge base: its passages are the answer's contexts, too. */
static bool take_passages(struct reply *r, const json_t *response)
{
	const json_t *results = json_object_get(response, "retrievalResults"), *x;
	size_t i;
	json_array_foreach(results, i, x)
		bedrock_passage_add(r, x, true);
	return json_is_array(results);
}

static void take_action(struct reply *r, const json_t *trace)
{
	bool retrieved = take_passages(r, json_object_get(trace, "operationResponse"));
	json_t *o = step(r, retrieved ? "retrieval" : "tool", trace), *arguments = json_object();
	bedrock_kind_set_str(arguments, "service", json_get_str(trace, "serviceName"));
	bedrock_kind_set_str(arguments, "operation", json_get_str(trace, "operationName"));
	bedrock_kind_set_copy(arguments, "request", json_object_get(trace, "operationRequest"));
	bedrock_kind_set(o, "arguments", arguments);
	if (retrieved)
		bedrock_kind_set(o, "result", json_integer((json_int_t)json_array_size(json_object_get(
						      json_object_get(trace, "operationResponse"), "retrievalResults"))));
	else
		bedrock_kind_set_copy(o, "result", json_object_get(trace, "operationResponse"));
}

static void take_condition(struct reply *r, const json_t *trace)
{
	json_t *o = step(r, "condition", trace), *names = json_array();
	const json_t *x;
	size_t i;
	json_array_foreach(json_object_get(trace, "satisfiedConditions"), i, x)
		bedrock_kind_append(names, json_from_str(json_get_str(x, "conditionName")));
	bedrock_kind_set(o, "result", names);
}

static void take_trace(struct reply *r, const json_t *trace)
{
	const json_t *in = json_object_get(trace, "nodeInputTrace"), *out = json_object_get(trace, "nodeOutputTrace");
	const json_t *action = json_object_get(trace, "nodeActionTrace");
	const json_t *condition = json_object_get(trace, "conditionNodeResultTrace");
	if (in)
		bedrock_kind_set(step(r, "node", in), "arguments", fields_of(in));
	if (out)
		bedrock_kind_set(step_of(r, out), "result", fields_of(out));
	if (action)
		take_action(r, action);
	if (condition)
		take_condition(r, condition);
	const json_t *agents = json_object_get(json_object_get(json_object_get(trace, "nodeDependencyTrace"),
							       "traceElements"), "agentTraces"), *part;
	size_t i;
	json_array_foreach(agents, i, part)
		bedrock_trace_take(r, json_object_get(part, "trace"));
}

static void complete(struct bedrock_stream *s, const json_t *root)
{
	struct flow *f = s->state;
	struct str reason = json_get_str(root, "completionReason");
	f->completed = true;
	bedrock_kind_finish(s->in.reply, str_eqc(reason, "SUCCESS") ? FINISH_STOP : FINISH_OTHER, reason);
	s->in.events |= FEED_TERMINAL;
}

static int take_event(struct bedrock_stream *s, struct str type, const json_t *root)
{
	/* Nodes have run by now: a failure is not tried again. */
	s->in.token = true;
	if (str_eqc(type, "flowOutputEvent") || str_eqc(type, "flowMultiTurnInputRequestEvent"))
		return say_document(s, root);
	if (str_eqc(type, "flowTraceEvent"))
		take_trace(s->in.reply, json_object_get(root, "trace"));
	if (str_eqc(type, "flowCompletionEvent"))
		complete(s, root);
	return 0;
}

static void ended(struct bedrock_stream *s)
{
	const struct flow *f = s->state;
	if (!f->completed)
		reply_fail(s->in.reply, FAIL_CUT, false, "the stream ended without its flowCompletionEvent");
}

static void whole(struct bedrock_stream *s, const json_t *root)
{
	(void)root;
	reply_fail(s->in.reply, FAIL_MALFORMED, false, "the flow answered with JSON, and not with an event stream");
}

static const struct bedrock_reader reader = { .object = take_event, .whole = whole, .end = ended };

static int begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct flow *f = state;
	struct str execution = wire_header_get(st, "x-amz-bedrock-flow-execution-id");
	bedrock_stream_begin(&f->stream, &reader, f, r, st, c);
	json_t *detail = bedrock_kind_object(r, &r->detail);
	bedrock_kind_set_str(detail, "flow", json_get_str(flow_of(c->endpoint), "id"));
	bedrock_kind_set_str(detail, "alias", json_get_str(flow_of(c->endpoint), "alias"));
	bedrock_kind_set_str(detail, "execution", str_sub(execution, 0, 128));
	return 0;
}

static int feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct flow *f = state;
	return bedrock_stream_feed(&f->stream, r, piece, events);
}

static void finish(void *state, struct reply *r)
{
	struct flow *f = state;
	bedrock_stream_finish(&f->stream, r);
}

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"required\":[\"flow\"],"
	"\"properties\":{"
	"\"region\":{\"type\":\"string\"},"
	"\"flow\":{\"type\":\"object\",\"required\":[\"id\",\"alias\"],\"additionalProperties\":false,"
	"\"properties\":{\"id\":{\"type\":\"string\",\"minLength\":1},"
	"\"alias\":{\"type\":\"string\",\"minLength\":1},"
	"\"node\":{\"type\":\"string\",\"minLength\":1},"
	"\"output\":{\"type\":\"string\",\"minLength\":1},"
	"\"input\":{\"enum\":[\"text\",\"json\"]},"
	"\"latency\":{\"enum\":[\"standard\",\"optimized\"]},"
	"\"trace\":{\"type\":\"boolean\"}}}}}";

const struct provider_ops provider_bedrock_flow = {
	.name = "bedrock",
	.kind = "flow",
	.help = "an alias of a Bedrock flow",
	.schema = schema,
	.aws = true,
	.one_message = true,
	.given = GIVEN_READ,
	.no_model = true,
	.check = check,
	.encode = encode,
	.state_size = sizeof(struct flow),
	.begin = begin,
	.feed = feed,
	.finish = finish,
};
