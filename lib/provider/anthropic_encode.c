#include "provider/anthropic_encode.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/reqkit.h"

/* --- prompt caching ----------------------------------------------------------------------------- */

/* `cache: [system, tools]`, or `cache: {system: 1h}`: the time to live, true for the API's own; NULL: none. */
static const json_t *cache_of(const struct endpoint *e, const char *place)
{
	size_t i;
	const json_t *v, *cache = json_object_get(e->config, "cache");
	json_array_foreach(cache, i, v)
		if (str_eqc(json_str(v), place))
			return json_true();
	return json_object_get(cache, place);
}

/* The mark that ends what is cached; inside of a block that is still open. */
static void cache_mark(struct buf *b, const struct endpoint *e, const char *place)
{
	const json_t *ttl = cache_of(e, place);
	if (!ttl)
		return;
	buf_adds(b, ",\"cache_control\":{\"type\":\"ephemeral\"");
	if (json_is_string(ttl))
		reqkit_text(b, "ttl", json_str(ttl));
	buf_addc(b, '}');
}

/* --- messages ----------------------------------------------------------------------------------- */

static void text_block(struct buf *b, struct str text)
{
	buf_adds(b, "{\"type\":\"text\"");
	reqkit_text(b, "text", text);
}

static int encode_system(struct buf *b, const struct call *c, size_t n, struct err *err)
{
	bool cached = cache_of(c->endpoint, "system");
	if (cached && !n)
		return err_set(err, ERR_ARTIFACT, "cache names 'system', and the prompt has no system message");
	if (n == 1 && !cached) {
		reqkit_text(b, "system", c->message[0].text);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, i ? "}," : ",\"system\":[");
		text_block(b, c->message[i].text);
	}
	cache_mark(b, c->endpoint, "system");
	buf_adds(b, n ? "}]" : "");
	return 0;
}

static int tool_use(struct buf *b, const json_t *call, struct arena *a, struct err *err)
{
	const json_t *input = reqkit_arguments(json_object_get(call, "arguments"), a);
	struct str name = json_get_str(call, "name");
	if (!input)
		return err_set(err, ERR_ARTIFACT, "the arguments of tool call '%.*s' are no JSON object",
			       STR_ARGS(name));
	buf_adds(b, "{\"type\":\"tool_use\"");
	reqkit_text(b, "id", json_get_str(call, "id"));
	reqkit_text(b, "name", name);
	reqkit_json(b, "input", input);
	return 0;
}

static void tool_result(struct buf *b, const struct message *m)
{
	buf_adds(b, "{\"type\":\"tool_result\"");
	reqkit_text(b, "tool_use_id", m->tool_call_id);
	reqkit_text(b, "content", m->text);
}

/* The blocks of one message; the last is left open. */
static int encode_blocks(struct buf *b, const struct message *m, struct arena *a, struct err *err)
{
	size_t i;
	const json_t *call;
	bool said = m->role != ROLE_TOOL && (m->text.n || !json_array_size(m->tool_calls));
	if (m->role == ROLE_TOOL)
		tool_result(b, m);
	if (said)
		text_block(b, m->text);
	json_array_foreach(m->tool_calls, i, call) {
		buf_adds(b, said || i ? "}," : "");
		if (tool_use(b, call, a, err))
			return -1;
	}
	return 0;
}

/* A tool's result is said by the user, and neighbours of one side are one message. */
static bool is_assistant(const struct message *m)
{
	return m->role == ROLE_ASSISTANT;
}

static int encode_turn(struct buf *b, const struct message *m, size_t n, const struct endpoint *cached,
		       struct arena *a, struct err *err)
{
	buf_addf(b, "{\"role\":\"%s\"", is_assistant(m) ? "assistant" : "user");
	if (n == 1 && m->role != ROLE_TOOL && !m->tool_calls && !cached) {
		reqkit_text(b, "content", m->text);
		buf_addc(b, '}');
		return 0;
	}
	buf_adds(b, ",\"content\":[");
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, i ? "}," : "");
		if (encode_blocks(b, &m[i], a, err))
			return -1;
	}
	if (cached)
		cache_mark(b, cached, "messages");
	buf_adds(b, "}]}");
	return 0;
}

/* What stands before the conversation, and whether the rest can be said here. */
static int check_order(const struct call *c, size_t *system, struct err *err)
{
	size_t n = 0;
	while (n < c->nmessage && c->message[n].role == ROLE_SYSTEM)
		n++;
	*system = n;
	if (n == c->nmessage)
		return err_set(err, ERR_ARTIFACT, "the prompt has no user message, and the Messages API needs one");
	for (; n < c->nmessage; n++)
		if (c->message[n].role == ROLE_SYSTEM)
			return err_set(err, ERR_ARTIFACT, "a system message stands after the conversation began; "
							  "the Messages API takes it at the beginning only");
	return 0;
}

static int encode_messages(struct buf *b, const struct call *c, size_t system, struct arena *a, struct err *err)
{
	const struct message *m = c->message + system, *end = c->message + c->nmessage, *last = NULL;
	bool cached = cache_of(c->endpoint, "messages");
	for (const struct message *x = m; x < end; x++)
		last = is_assistant(x) || !cached ? last : x;
	buf_adds(b, ",\"messages\":[");
	for (bool first = true; m < end; first = false) {
		const struct message *next = m + 1;
		while (next < end && is_assistant(next) == is_assistant(m))
			next++;
		buf_adds(b, first ? "" : ",");
		if (encode_turn(b, m, (size_t)(next - m), last && last >= m && last < next ? c->endpoint : NULL, a, err))
			return -1;
		m = next;
	}
	buf_addc(b, ']');
	return 0;
}

/* --- tools -------------------------------------------------------------------------------------- */

/* Ours are {name, description, parameters}; OpenAI's are that inside of `function`; one written in this
 * API's own form is sent as it is. */
static void encode_tool(struct buf *b, const json_t *tool)
{
	static const char *const renamed[] = { "parameters", "name", NULL };
	const json_t *fn = json_object_get(tool, "function");
	if (!fn && (json_object_get(tool, "input_schema") || json_object_get(tool, "type"))) {
		struct buf own;
		buf_init(&own, ARTIFACT_BYTES_MAX);
		json_write(&own, tool);
		buf_add(b, str_sub(buf_str(&own), 0, own.n ? own.n - 1 : 0)); /* left open, as below */
		b->over |= own.over;
		buf_release(&own);
		return;
	}
	fn = fn ? fn : tool;
	buf_adds(b, "{\"name\":");
	buf_add_json(b, json_get_str(fn, "name"));
	reqkit_params(b, fn, renamed);
	if (json_object_get(fn, "parameters"))
		reqkit_json(b, "input_schema", json_object_get(fn, "parameters"));
	else
		buf_adds(b, ",\"input_schema\":{\"type\":\"object\"}");
}

static void encode_tools(struct buf *b, const struct endpoint *e)
{
	size_t i, n = json_array_size(e->tools);
	const json_t *tool;
	json_array_foreach(e->tools, i, tool) {
		buf_adds(b, i ? "," : ",\"tools\":[");
		encode_tool(b, tool);
		if (i + 1 == n)
			cache_mark(b, e, "tools");
		buf_addc(b, '}');
	}
	buf_adds(b, n ? "]" : "");
}

/* --- the answer's shape ------------------------------------------------------------------------- */

/* The API refuses a schema with bounds in it; whoever asked for the schema checks them in the answer. */
static json_t *without_bounds(const json_t *schema)
{
	static const char *const bounds[] = { "minimum",   "maximum",	"exclusiveMinimum", "exclusiveMaximum",
					      "multipleOf", "minLength", "maxLength",	     "minItems",
					      "maxItems",   "uniqueItems" };
	json_t *o = json_copy((json_t *)(uintptr_t)schema), *v;
	const char *key;
	size_t i;
	if (!o)
		die_oom();
	for (i = 0; json_is_object(o) && i < ARRAY_LEN(bounds); i++)
		if (!json_is_object(json_object_get(o, bounds[i]))) /* a property may have that name */
			json_object_del(o, bounds[i]);
	json_object_foreach(o, key, v)
		json_object_set_new(o, key, without_bounds(v));
	json_array_foreach(o, i, v)
		json_array_set_new(o, i, without_bounds(v));
	return o;
}

static void encode_output(struct buf *b, const struct call *c, struct arena *a)
{
	const json_t *own = json_object_get(c->endpoint->params, "output_config");
	bool native = str_eqc(json_get_str(c->endpoint->config, "structured_output"), "native");
	if (!c->response_schema || !native || json_object_get(own, "format")) {
		reqkit_json(b, "output_config", own);
		return;
	}
	json_t *all = arena_json(a, json_is_object(own) ? json_copy((json_t *)(uintptr_t)own) : json_object());
	json_t *format = json_pack("{s:s,s:o}", "type", "json_schema", "schema",
				   without_bounds(c->response_schema));
	if (json_object_set_new(all, "format", format))
		die_oom();
	reqkit_json(b, "output_config", all);
}

/* --- parameters --------------------------------------------------------------------------------- */

static void encode_stop(struct buf *b, const json_t *stop)
{
	if (!stop)
		return;
	buf_adds(b, ",\"stop_sequences\":");
	buf_adds(b, json_is_array(stop) ? "" : "[");
	json_write(b, stop);
	buf_adds(b, json_is_array(stop) ? "" : "]");
}

int anthropic_check(const struct endpoint *e, const char **member, struct err *err)
{
	static const char *const ours[] = { "model", "messages", "system", "tools", "stream" };
	static const char *const foreign[][2] = {
		{ "max_completion_tokens", "max_tokens" },
		{ "response_format", "output_config" },
		{ "reasoning_effort", "thinking" },
		{ "seed", NULL },
		{ "n", NULL },
		{ "frequency_penalty", NULL },
		{ "presence_penalty", NULL },
		{ "logit_bias", NULL },
	};
	const json_t *max = json_object_get(e->params, "max_tokens");
	*member = "params";
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (json_object_get(e->params, ours[i]))
			return err_set(err, ERR_ARTIFACT, "params has '%s', which gate sets itself", ours[i]);
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
		if (json_object_get(e->params, foreign[i][0]))
			return err_set(err, ERR_ARTIFACT, "params has '%s', which the Messages API does not know%s%s",
				       foreign[i][0], foreign[i][1] ? "; write " : "",
				       foreign[i][1] ? foreign[i][1] : "");
	if (!json_is_integer(max) || json_integer_value(max) < 1)
		return err_set(err, ERR_ARTIFACT, "params must have 'max_tokens', a whole number above 0: the "
						  "Messages API has no default");
	if (json_object_get(e->params, "stop") && json_object_get(e->params, "stop_sequences"))
		return err_set(err, ERR_ARTIFACT, "params has 'stop' and 'stop_sequences', which are the same; "
						  "write it once");
	*member = "cache";
	if (cache_of(e, "tools") && !json_array_size(e->tools))
		return err_set(err, ERR_ARTIFACT, "cache names 'tools', and the target has none");
	return 0;
}

int anthropic_body(struct str *out, const struct call *c, struct arena *a, struct err *err)
{
	static const char *const apart[] = { "stop", "output_config", NULL };
	const struct endpoint *e = c->endpoint;
	struct buf *b = reqkit_body(a);
	size_t system;
	buf_adds(b, "{\"model\":");
	buf_add_json(b, e->model);
	if (check_order(c, &system, err) || encode_system(b, c, system, err) ||
	    encode_messages(b, c, system, a, err))
		return -1;
	reqkit_params(b, e->params, apart);
	encode_stop(b, json_object_get(e->params, "stop"));
	encode_tools(b, e);
	encode_output(b, c, a);
	buf_adds(b, e->stream ? ",\"stream\":true}" : "}");
	return reqkit_end(out, b, err);
}
