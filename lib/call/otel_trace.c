#include "call/otel_trace.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/num.h"
#include "doc/jsonx.h"

enum { VALUE_DEPTH_MAX = 64 };

enum span_kind { SPAN_NONE, SPAN_TOOL, SPAN_RETRIEVAL, SPAN_MODEL, SPAN_AGENT, SPAN_GUARDRAIL };

struct span {
	const json_t *json;
	json_t *attributes; /* object: key → plain JSON */
	int64_t start_ns;
	size_t at;          /* its place in the document, for spans that begin at once */
	struct str id, parent;
	enum span_kind kind;
};

struct reading {
	struct arena *arena;
	struct err *err;
	VEC(struct span) span;
	struct map by_id;
	json_t *trajectory, *contexts;
	struct usage usage, agent_usage;
};

/* Protobuf's JSON has lowerCamelCase names, and its readers take the original ones too. */
static const json_t *member(const json_t *o, const char *camel, const char *snake)
{
	const json_t *v = json_object_get(o, camel);
	return v ? v : json_object_get(o, snake);
}

/* --- attributes --- */

static json_t *plain(const json_t *any, unsigned depth);

static json_t *plain_list(const json_t *values, unsigned depth)
{
	size_t i;
	json_t *v, *out = json_array();
	json_array_foreach((json_t *)(uintptr_t)values, i, v)
		json_array_append_new(out, plain(v, depth + 1));
	return out;
}

static json_t *plain_pairs(const json_t *pairs, unsigned depth)
{
	size_t i;
	json_t *pair, *out = json_object();
	json_array_foreach((json_t *)(uintptr_t)pairs, i, pair) {
		struct str key = json_get_str(pair, "key");
		if (key.p)
			json_object_setn_new(out, key.p, key.n,
					     plain(json_object_get(pair, "value"), depth + 1));
	}
	return out;
}

static json_t *plain_integer(const json_t *v)
{
	int64_t n;
	if (json_is_string(v) && num_parse_i64(json_str(v), &n))
		return json_integer(n);
	return json_incref((json_t *)(uintptr_t)v);
}

/* OTLP's AnyValue as the JSON it stands for; null for what is none. */
static json_t *plain(const json_t *any, unsigned depth)
{
	const json_t *v;
	if (depth > VALUE_DEPTH_MAX)
		return json_null();
	if ((v = member(any, "stringValue", "string_value")) || (v = member(any, "boolValue", "bool_value")) ||
	    (v = member(any, "doubleValue", "double_value")) || (v = member(any, "bytesValue", "bytes_value")))
		return json_incref((json_t *)(uintptr_t)v);
	if ((v = member(any, "intValue", "int_value")))
		return plain_integer(v);
	if ((v = member(any, "arrayValue", "array_value")))
		return plain_list(json_object_get(v, "values"), depth);
	if ((v = member(any, "kvlistValue", "kvlist_value")))
		return plain_pairs(json_object_get(v, "values"), depth);
	return json_null();
}

/* The first of the attributes that is there, and no null. */
static const json_t *attribute(const struct span *s, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_object_get(s->attributes, keys[i]);
		if (v && !json_is_null(v))
			return v;
	}
	return NULL;
}
#define ATTRIBUTE(s, ...)                                                                          \
	attribute(s, (const char *const[]){ __VA_ARGS__ },                                         \
		  sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* Instrumentation writes values as JSON text. */
static const json_t *unpacked(struct reading *r, const json_t *v)
{
	struct str s = str_trim(json_str(v));
	const char *why;
	if (!s.n || (s.p[0] != '{' && s.p[0] != '['))
		return v;
	const json_t *read = json_lenient(r->arena, s, &why);
	return read ? read : v;
}

static void set(json_t *o, const char *key, const json_t *v)
{
	if (v)
		json_object_set(o, key, (json_t *)(uintptr_t)v);
}

/* --- spans --- */

static bool is_one_of(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(s, str_c(list[i])))
			return true;
	return false;
}

static enum span_kind kind_of(const struct span *s)
{
	static const char *const models[] = { "chat", "text_completion", "generate_content", "LLM" };
	static const char *const tools[] = { "execute_tool", "TOOL" };
	static const char *const retrievals[] = { "retrieval", "RETRIEVER" };
	static const char *const agents[] = { "invoke_agent", "AGENT" };
	struct str said = json_str(ATTRIBUTE(s, "gen_ai.operation.name", "openinference.span.kind",
					     "traceloop.span.kind"));
	if (is_one_of(said, tools, ARRAY_LEN(tools)))
		return SPAN_TOOL;
	if (is_one_of(said, models, ARRAY_LEN(models)))
		return SPAN_MODEL;
	if (is_one_of(said, retrievals, ARRAY_LEN(retrievals)))
		return SPAN_RETRIEVAL;
	if (is_one_of(said, agents, ARRAY_LEN(agents)))
		return SPAN_AGENT;
	if (str_ieq(said, STR("GUARDRAIL")))
		return SPAN_GUARDRAIL;
	return !said.n && ATTRIBUTE(s, "gen_ai.tool.name", "ai.toolCall.name") ? SPAN_TOOL : SPAN_NONE;
}

static int add_span(struct reading *r, const json_t *json)
{
	const json_t *start = member(json, "startTimeUnixNano", "start_time_unix_nano");
	struct str name = json_get_str(json, "name");
	struct span s = { .json = json, .at = r->span.n };
	if (r->span.n >= TRACE_SPANS_MAX)
		return err_set(r->err, ERR_ARTIFACT, "the trace has more than %zu spans", TRACE_SPANS_MAX);
	if (json_is_integer(start))
		s.start_ns = json_integer_value(start);
	else if (!json_is_string(start) || !num_parse_i64(json_str(start), &s.start_ns))
		return err_set(r->err, ERR_ARTIFACT, "span '%.*s' of the trace has no startTimeUnixNano",
			       (int)(name.n > 60 ? 60 : name.n), name.p ? name.p : "");
	s.id = json_str(member(json, "spanId", "span_id"));
	s.parent = json_str(member(json, "parentSpanId", "parent_span_id"));
	s.attributes = arena_json(r->arena, plain_pairs(json_object_get(json, "attributes"), 0));
	s.kind = kind_of(&s);
	*vec_push(&r->span, r->arena) = s;
	return 0;
}

static int add_request(struct reading *r, const json_t *request)
{
	size_t i, k, n;
	json_t *resource, *scope, *span;
	const json_t *resources = member(request, "resourceSpans", "resource_spans");
	if (!json_is_array(resources))
		return err_set(r->err, ERR_ARTIFACT, "a trace must be {resourceSpans: […]}, found %s",
			       json_is_object(request) ? "another object" : json_type_name(request));
	json_array_foreach((json_t *)(uintptr_t)resources, i, resource)
		json_array_foreach((json_t *)(uintptr_t)member(resource, "scopeSpans", "scope_spans"), k, scope)
			json_array_foreach(json_object_get(scope, "spans"), n, span)
				if (add_span(r, span))
					return -1;
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	if (x->start_ns != y->start_ns)
		return x->start_ns < y->start_ns ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* --- steps --- */

static struct str tool_name(const struct span *s)
{
	struct str name = json_str(ATTRIBUTE(s, "gen_ai.tool.name", "tool.name", "ai.toolCall.name",
					     "traceloop.entity.name"));
	if (name.n)
		return name;
	name = json_get_str(s->json, "name");
	return str_starts(name, STR("execute_tool ")) ? str_sub(name, 13, name.n) : name;
}

/* Client and server of one call each write a span. */
static bool is_other_side(const struct reading *r, const struct span *s)
{
	const struct span *up = s->parent.n ? map_get(&r->by_id, s->parent) : NULL;
	return up && up != s && up->kind == SPAN_TOOL && s->kind == SPAN_TOOL &&
	       str_eq(tool_name(up), tool_name(s));
}

static json_t *add_step(struct reading *r, const char *kind, struct str name)
{
	json_t *o = json_object();
	json_object_set_new(o, "kind", json_string(kind));
	if (name.n)
		json_object_set_new(o, "name", json_from_str(name));
	json_array_append_new(r->trajectory, o);
	return o;
}

/* Status code 2 is an error, as number or as word. */
static void add_error(json_t *step, const struct span *s)
{
	const json_t *status = json_object_get(s->json, "status"), *code = json_object_get(status, "code");
	struct str message = json_get_str(status, "message");
	if (json_integer_value(code) == 2 || str_eqc(json_str(code), "STATUS_CODE_ERROR"))
		json_object_set_new(step, "error", json_from_str(message.n ? message : STR("error")));
}

static void add_tool(struct reading *r, const struct span *s)
{
	json_t *o = add_step(r, "tool", tool_name(s));
	const json_t *arguments = ATTRIBUTE(s, "gen_ai.tool.call.arguments", "ai.toolCall.args",
					    "traceloop.entity.input", "input.value");
	const json_t *result = ATTRIBUTE(s, "gen_ai.tool.call.result", "ai.toolCall.result",
					 "traceloop.entity.output", "output.value");
	set(o, "id", ATTRIBUTE(s, "gen_ai.tool.call.id", "tool_call.id", "ai.toolCall.id"));
	set(o, "arguments", arguments ? unpacked(r, arguments) : NULL);
	set(o, "result", result ? unpacked(r, result) : NULL);
	add_error(o, s);
}

static void add_context(struct reading *r, json_t *list, const json_t *text, const json_t *id,
			const json_t *score)
{
	json_t *o = json_object();
	if (!json_is_string(text)) {
		json_decref(o);
		return;
	}
	set(o, "text", text);
	set(o, "id", json_is_string(id) ? id : NULL);
	set(o, "score", json_is_number(score) ? score : NULL);
	json_array_append(list, o);
	json_array_append_new(r->contexts, o);
}

/* OpenInference flattens lists into names: retrieval.documents.0.document.content. */
static void add_documents(struct reading *r, json_t *list, const struct span *s)
{
	const json_t *documents = ATTRIBUTE(s, "gen_ai.retrieval.documents");
	size_t i;
	json_t *d;
	documents = documents ? unpacked(r, documents) : NULL;
	json_array_foreach((json_t *)(uintptr_t)documents, i, d) {
		const json_t *text = json_object_get(d, "content");
		add_context(r, list, text ? text : json_object_get(d, "text"), json_object_get(d, "id"),
			    json_object_get(d, "score"));
	}
	for (i = 0; !documents && i < TRACE_SPANS_MAX; i++) {
		struct arena_mark m = arena_mark(r->arena);
		const char *head = arena_fmt(r->arena, "retrieval.documents.%zu.document.", i);
		const json_t *text = json_object_get(s->attributes, arena_fmt(r->arena, "%scontent", head));
		add_context(r, list, text, json_object_get(s->attributes, arena_fmt(r->arena, "%sid", head)),
			    json_object_get(s->attributes, arena_fmt(r->arena, "%sscore", head)));
		arena_rewind(r->arena, m);
		if (!text)
			break;
	}
}

static void add_retrieval(struct reading *r, const struct span *s)
{
	json_t *o = add_step(r, "retrieval",
			     json_str(ATTRIBUTE(s, "gen_ai.data_source.id", "retriever.name")));
	json_t *list = json_array();
	const json_t *query = ATTRIBUTE(s, "gen_ai.retrieval.query.text", "input.value");
	if (query)
		json_object_set_new(o, "arguments", json_pack("{sO}", "query", query));
	add_documents(r, list, s);
	json_object_set_new(o, "result", list);
	add_error(o, s);
}

/* The text parts of gen_ai.output.messages: [{role, parts: [{type: text, content}]}]. */
static void add_parts(struct buf *b, const json_t *messages)
{
	size_t i, k;
	json_t *m, *part;
	json_array_foreach((json_t *)(uintptr_t)messages, i, m)
		json_array_foreach(json_object_get(m, "parts"), k, part)
			if (str_eqc(json_get_str(part, "type"), "text"))
				buf_add(b, json_get_str(part, "content"));
}

static void add_model(struct reading *r, const struct span *s)
{
	json_t *o = add_step(r, "model", json_str(ATTRIBUTE(s, "gen_ai.response.model",
							    "gen_ai.request.model", "llm.model_name")));
	const json_t *messages = ATTRIBUTE(s, "gen_ai.output.messages");
	const json_t *text = ATTRIBUTE(s, "llm.output_messages.0.message.content", "ai.response.text",
				       "gen_ai.completion.0.content", "output.value");
	struct buf b;
	buf_init(&b, REPLY_BYTES_MAX);
	add_parts(&b, messages ? unpacked(r, messages) : NULL);
	if (b.n)
		json_object_set_new(o, "text", json_from_str(buf_str(&b)));
	else if (json_is_string(text))
		set(o, "text", text);
	buf_release(&b);
	add_error(o, s);
}

static void add_named(struct reading *r, const struct span *s, const char *kind)
{
	struct str name = json_str(ATTRIBUTE(s, "gen_ai.agent.name", "agent.name", "graph.node.id"));
	json_t *o = add_step(r, kind, name.n ? name : json_get_str(s->json, "name"));
	add_error(o, s);
}

/* --- usage --- */

static void add_tokens(int64_t *sum, const json_t *n)
{
	if (json_is_integer(n) && json_integer_value(n) >= 0 && json_integer_value(n) < INT64_MAX / 2 &&
	    *sum < INT64_MAX / 2)
		*sum = (*sum < 0 ? 0 : *sum) + json_integer_value(n);
}

static void add_usage(struct usage *u, const struct span *s)
{
	add_tokens(&u->in, ATTRIBUTE(s, "gen_ai.usage.input_tokens", "llm.token_count.prompt",
				     "gen_ai.usage.prompt_tokens"));
	add_tokens(&u->out, ATTRIBUTE(s, "gen_ai.usage.output_tokens", "llm.token_count.completion",
				      "gen_ai.usage.completion_tokens"));
	add_tokens(&u->cache_read, ATTRIBUTE(s, "gen_ai.usage.cache_read.input_tokens",
					     "llm.token_count.prompt_details.cache_read"));
}

static bool has_usage(const struct usage *u)
{
	return u->in >= 0 || u->out >= 0;
}

static void take_span(struct reading *r, const struct span *s)
{
	if (s->kind == SPAN_TOOL && !is_other_side(r, s))
		add_tool(r, s);
	if (s->kind == SPAN_RETRIEVAL)
		add_retrieval(r, s);
	if (s->kind == SPAN_GUARDRAIL)
		add_named(r, s, "guardrail");
	if (s->kind == SPAN_MODEL) {
		add_model(r, s);
		add_usage(&r->usage, s);
	}
	if (s->kind == SPAN_AGENT) {
		add_named(r, s, "agent");
		if (!has_usage(&r->agent_usage)) /* of the whole run: those inside are parts of it */
			add_usage(&r->agent_usage, s);
	}
}

/* --- public --- */

bool otel_trace_is(const json_t *value)
{
	const json_t *one = json_is_array(value) ? json_array_get(value, 0) : value;
	return member(one, "resourceSpans", "resource_spans") != NULL;
}

int otel_trace_read(struct otel_trace *out, const json_t *value, struct arena *a, struct err *err)
{
	struct reading r = { .arena = a, .err = err, .usage = USAGE_UNKNOWN, .agent_usage = USAGE_UNKNOWN };
	size_t n = json_is_array(value) ? json_array_size(value) : 1;
	r.trajectory = arena_json(a, json_array());
	r.contexts = arena_json(a, json_array());
	map_init(&r.by_id, a);
	for (size_t i = 0; i < n; i++)
		if (add_request(&r, json_is_array(value) ? json_array_get(value, i) : value))
			return -1;
	if (!r.span.n)
		return err_set(err, ERR_ARTIFACT, "the trace has no span");
	qsort(r.span.v, r.span.n, sizeof(*r.span.v), by_start);
	for (size_t i = 0; i < r.span.n; i++)
		if (r.span.v[i].id.n)
			map_put(&r.by_id, r.span.v[i].id, &r.span.v[i]);
	for (size_t i = 0; i < r.span.n; i++)
		take_span(&r, &r.span.v[i]);
	*out = (struct otel_trace){
		.trajectory = r.trajectory,
		.contexts = json_array_size(r.contexts) ? r.contexts : NULL,
		.usage = has_usage(&r.usage) ? r.usage : r.agent_usage,
		.spans = r.span.n,
	};
	return 0;
}
