#include "provider/converse_encode.h"

#include "base/limits.h"
#include "call/appvars.h"
#include "doc/jsonx.h"
#include "provider/apprender.h"
#include "provider/bedrock_common.h"

/* --- small parts ---------------------------------------------------------------------------- */

static void cache_point(struct jsonw *w, const json_t *ttl)
{
	jsonw_open(w, NULL, '{');
	jsonw_open(w, "cachePoint", '{');
	jsonw_text(w, "type", "default");
	if (json_is_string(ttl))
		jsonw_json(w, "ttl", ttl);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

/* `cache: [system, tools]`, or `cache: {system: 1h}`: the point's time to live, true for AWS's own; NULL: none. */
const json_t *converse_cache(const struct endpoint *e, const char *where)
{
	const json_t *v, *cache = json_object_get(e->config, "cache");
	size_t i;
	json_array_foreach(cache, i, v)
		if (str_eqc(json_str(v), where))
			return v;
	return json_object_get(cache, where);
}

static const json_t *ttl_of(const struct endpoint *e, const char *where)
{
	return json_is_object(json_object_get(e->config, "cache")) ? converse_cache(e, where) : NULL;
}

static void text_block(struct jsonw *w, struct str text)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "text", text);
	jsonw_close(w, '}');
}

/* --- messages ------------------------------------------------------------------------------- */

/* Arguments are an object; a text that holds one is read. */
static void tool_use(struct jsonw *w, const json_t *call)
{
	struct arena scratch = ARENA_INIT;
	const char *why;
	const json_t *arguments = json_object_get(call, "arguments");
	const json_t *read = json_is_string(arguments) ? json_lenient(&scratch, json_str(arguments), &why) : NULL;
	jsonw_open(w, NULL, '{');
	jsonw_open(w, "toolUse", '{');
	jsonw_str(w, "toolUseId", json_get_str(call, "id"));
	jsonw_str(w, "name", json_get_str(call, "name"));
	if (json_is_object(read))
		arguments = read;
	if (arguments) {
		jsonw_json(w, "input", arguments);
	} else {
		jsonw_open(w, "input", '{');
		jsonw_close(w, '}');
	}
	jsonw_close(w, '}');
	jsonw_close(w, '}');
	arena_release(&scratch);
}

static void tool_result(struct jsonw *w, const struct message *m)
{
	jsonw_open(w, NULL, '{');
	jsonw_open(w, "toolResult", '{');
	jsonw_str(w, "toolUseId", m->tool_call_id);
	jsonw_open(w, "content", '[');
	text_block(w, m->text);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static void message_blocks(struct jsonw *w, const struct message *m)
{
	size_t i;
	const json_t *call;
	if (m->role == ROLE_TOOL) {
		tool_result(w, m);
		return;
	}
	json_array_foreach(m->thinking, i, call) {
		jsonw_open(w, NULL, '{');
		jsonw_json(w, "reasoningContent", call);
		jsonw_close(w, '}');
	}
	/* Blank text is refused where there is something else to say. */
	if (m->text.n || !json_array_size(m->tool_calls))
		text_block(w, m->text);
	json_array_foreach(m->tool_calls, i, call)
		tool_use(w, call);
}

static const char *turn_of(const struct message *m)
{
	return m->role == ROLE_TOOL ? "user" : role_name(m->role);
}

/* System texts that stand before everything else are the system prompt. */
static size_t first_turn(const struct call *c)
{
	size_t i = 0;
	while (i < c->nmessage && c->message[i].role == ROLE_SYSTEM)
		i++;
	return i;
}

static size_t last_user(const struct call *c)
{
	size_t i = c->nmessage;
	while (i > 0 && strcmp(turn_of(&c->message[i - 1]), "user") != 0)
		i--;
	return i; /* one past it */
}

/* Converse wants turns that alternate, and all results of one turn's tools in the next: neighbours of one
 * role are one turn. */
void converse_messages(struct jsonw *w, const struct call *c, bool cache)
{
	const struct endpoint *e = c->endpoint;
	size_t mark = cache && converse_cache(e, "messages") ? last_user(c) : 0;
	jsonw_open(w, "messages", '[');
	for (size_t i = first_turn(c); i < c->nmessage; ) {
		const char *role = turn_of(&c->message[i]);
		jsonw_open(w, NULL, '{');
		jsonw_text(w, "role", role);
		jsonw_open(w, "content", '[');
		for (; i < c->nmessage && !strcmp(turn_of(&c->message[i]), role); i++)
			message_blocks(w, &c->message[i]);
		if (mark && i == mark)
			cache_point(w, ttl_of(e, "messages"));
		jsonw_close(w, ']');
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static bool system_said(const struct call *c)
{
	for (size_t i = first_turn(c); i-- > 0; )
		if (c->message[i].text.n)
			return true;
	return false;
}

void converse_system(struct jsonw *w, const struct call *c, bool cache)
{
	size_t n = first_turn(c);
	if (!system_said(c))
		return;
	jsonw_open(w, "system", '[');
	for (size_t i = 0; i < n; i++)
		if (c->message[i].text.n)
			text_block(w, c->message[i].text);
	if (cache && converse_cache(c->endpoint, "system"))
		cache_point(w, ttl_of(c->endpoint, "system"));
	jsonw_close(w, ']');
}

/* --- tools ---------------------------------------------------------------------------------- */

/* Ours are {name, description, parameters}; Bedrock's and OpenAI's forms are known by their members. */
static void one_tool(struct jsonw *w, const json_t *tool)
{
	static const char *const whole[] = { "toolSpec", "systemTool", "cachePoint" };
	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (json_object_get(tool, whole[i])) {
			jsonw_json(w, NULL, tool);
			return;
		}
	const json_t *fn = json_object_get(tool, "function");
	if (json_is_object(fn))
		tool = fn;
	const json_t *parameters = json_object_get(tool, "parameters");
	jsonw_open(w, NULL, '{');
	jsonw_open(w, "toolSpec", '{');
	jsonw_json(w, "name", json_object_get(tool, "name"));
	if (json_get_str(tool, "description").n)
		jsonw_json(w, "description", json_object_get(tool, "description"));
	jsonw_open(w, "inputSchema", '{');
	if (parameters) {
		jsonw_json(w, "json", parameters);
	} else {
		jsonw_open(w, "json", '{');
		jsonw_text(w, "type", "object");
		jsonw_close(w, '}');
	}
	jsonw_close(w, '}');
	jsonw_json(w, "strict", json_object_get(tool, "strict"));
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static void empty_object(struct jsonw *w, const char *key)
{
	jsonw_open(w, key, '{');
	jsonw_close(w, '}');
}

/* auto, required or any; {name}; OpenAI's {type, function: {name}}; or Converse's own object. */
static void tool_choice(struct jsonw *w, const json_t *choice)
{
	struct str name = json_get_str(choice, "name");
	if (!name.n)
		name = json_get_str(json_object_get(choice, "function"), "name");
	if (!choice)
		return;
	if (json_is_object(choice) && !name.n) {
		jsonw_json(w, "toolChoice", choice);
		return;
	}
	jsonw_open(w, "toolChoice", '{');
	if (name.n) {
		jsonw_open(w, "tool", '{');
		jsonw_str(w, "name", name);
		jsonw_close(w, '}');
	} else {
		empty_object(w, str_eqc(json_str(choice), "auto") ? "auto" : "any");
	}
	jsonw_close(w, '}');
}

void converse_tools(struct jsonw *w, const struct endpoint *e)
{
	size_t i;
	const json_t *tool;
	if (!json_array_size(e->tools))
		return;
	jsonw_open(w, "toolConfig", '{');
	jsonw_open(w, "tools", '[');
	json_array_foreach(e->tools, i, tool)
		one_tool(w, tool);
	if (converse_cache(e, "tools"))
		cache_point(w, ttl_of(e, "tools"));
	jsonw_close(w, ']');
	tool_choice(w, converse_param(e->params, "tool_choice"));
	jsonw_close(w, '}');
}

/* --- settings ------------------------------------------------------------------------------- */

static void inference(struct jsonw *w, const json_t *params)
{
	const json_t *stop = converse_param(params, "stop");
	const json_t *max = converse_param(params, "max_tokens");
	const json_t *temperature = converse_param(params, "temperature"), *top_p = converse_param(params, "top_p");
	if (!stop && !max && !temperature && !top_p)
		return;
	jsonw_open(w, "inferenceConfig", '{');
	jsonw_json(w, "maxTokens", max);
	jsonw_json(w, "temperature", temperature);
	jsonw_json(w, "topP", top_p);
	if (json_is_string(stop)) {
		jsonw_open(w, "stopSequences", '[');
		jsonw_json(w, NULL, stop);
		jsonw_close(w, ']');
	} else {
		jsonw_json(w, "stopSequences", stop);
	}
	jsonw_close(w, '}');
}

static void guardrail(struct jsonw *w, const struct endpoint *e)
{
	const json_t *g = json_object_get(e->config, "guardrail"), *version = json_object_get(g, "version");
	char number[32];
	struct str trace = json_get_str(g, "trace");
	if (!json_is_object(g))
		return;
	snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(version));
	jsonw_open(w, "guardrailConfig", '{');
	jsonw_json(w, "guardrailIdentifier", json_object_get(g, "id"));
	jsonw_str(w, "guardrailVersion", json_is_string(version) ? json_str(version) : str_c(number));
	jsonw_str(w, "trace", trace.n ? trace : STR("enabled"));
	if (e->stream)
		jsonw_json(w, "streamProcessingMode", json_object_get(g, "stream_mode"));
	jsonw_close(w, '}');
}

/* Bounds that the structured output of models does not take; who asked for the schema checks them anyway. */
static json_t *loosened(const json_t *schema)
{
	static const char *const bounds[] = { "minimum",   "maximum",	"exclusiveMinimum", "exclusiveMaximum",
					      "multipleOf", "minLength", "maxLength",	     "maxItems" };
	json_t *made = json_deep_copy(schema), *v;
	const char *key;
	if (!made)
		die_oom();
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
		if (json_is_number(json_object_get(made, bounds[i])))
			json_object_del(made, bounds[i]);
	json_object_foreach(json_object_get(made, "properties"), key, v)
		json_object_set_new(json_object_get(made, "properties"), key, loosened(v));
	return made;
}

static void output(struct jsonw *w, const struct call *c)
{
	const json_t *effort = converse_param(c->endpoint->params, "effort");
	bool format = c->response_schema && str_eqc(json_get_str(c->endpoint->config, "structured_output"), "native");
	struct buf text;
	if (!effort && !format)
		return;
	jsonw_open(w, "outputConfig", '{');
	if (format) {
		json_t *schema = loosened(c->response_schema);
		buf_init(&text, ARTIFACT_BYTES_MAX);
		json_write(&text, schema);
		json_decref(schema);
		jsonw_open(w, "textFormat", '{');
		jsonw_text(w, "type", "json_schema");
		jsonw_open(w, "structure", '{');
		jsonw_open(w, "jsonSchema", '{');
		jsonw_str(w, "schema", buf_str(&text));
		jsonw_text(w, "name", "answer");
		jsonw_close(w, '}');
		jsonw_close(w, '}');
		jsonw_close(w, '}');
		w->out->over |= text.over;
		buf_release(&text);
	}
	jsonw_json(w, "effort", effort);
	jsonw_close(w, '}');
}

/* {name: {one_key: value}} when there is a value. */
static void wrapped(struct jsonw *w, const char *name, const char *key, const json_t *value)
{
	if (!value)
		return;
	jsonw_open(w, name, '{');
	jsonw_json(w, key, value);
	jsonw_close(w, '}');
}

/* A variable that is no text is sent as its JSON. */
static void prompt_variables(struct jsonw *w, const json_t *all)
{
	const char *key;
	json_t *v;
	if (!json_object_size(all))
		return;
	jsonw_open(w, "promptVariables", '{');
	json_object_foreach((json_t *)(uintptr_t)all, key, v) {
		struct buf text;
		buf_init(&text, REQUEST_BYTES_MAX);
		if (!json_is_string(v))
			json_write(&text, v);
		jsonw_open(w, key, '{');
		jsonw_str(w, "text", json_is_string(v) ? json_str(v) : buf_str(&text));
		jsonw_close(w, '}');
		buf_release(&text);
	}
	jsonw_close(w, '}');
}

/* --- the request ------------------------------------------------------------------------------ */

static void body(struct buf *b, const struct call *c, const json_t *variables)
{
	const struct endpoint *e = c->endpoint;
	const json_t *model = json_object_get(e->config, "model");
	struct jsonw w = { .out = b };
	jsonw_open(&w, NULL, '{');
	prompt_variables(&w, variables);
	if (c->nmessage > first_turn(c))
		converse_messages(&w, c, true);
	converse_system(&w, c, true);
	inference(&w, e->params);
	converse_tools(&w, e);
	guardrail(&w, e);
	jsonw_json(&w, "additionalModelRequestFields", converse_param(e->params, "additional_model_request_fields"));
	jsonw_json(&w, "additionalModelResponseFieldPaths",
		   converse_param(e->params, "additional_model_response_field_paths"));
	if (json_object_size(e->metadata))
		jsonw_json(&w, "requestMetadata", e->metadata);
	wrapped(&w, "performanceConfig", "latency", json_object_get(model, "latency"));
	wrapped(&w, "serviceTier", "type", json_object_get(model, "tier"));
	output(&w, c);
	jsonw_close(&w, '}');
}

int converse_encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const struct endpoint *e = c->endpoint;
	const json_t *variables = json_object_get(e->config, "prompt_variables");
	struct buf path, *b = bedrock_body_new(a);
	if (variables && apprender_value(&variables, variables, appvars(c->given, c->message, c->nmessage, a), a, err))
		return err_wrap(err, "prompt_variables");
	if (converse_cache(e, "system") && !system_said(c))
		return err_set(err, ERR_ARTIFACT, "target '%s': cache names 'system', and there is no system message", e->name);
	if (converse_prompted(e) && first_turn(c))
		return err_set(err, ERR_ARTIFACT, "target '%s' is a prompt of Prompt management, which brings its own system "
						  "text; take the system message out", e->name);
	buf_init(&path, SIGV4_URL_MAX);
	buf_adds(&path, "/model/");
	bedrock_path_add(&path, e->model);
	buf_adds(&path, e->stream ? "/converse-stream" : "/converse");
	int bad = bedrock_request(out, e, AWS_BEDROCK_RUNTIME, "POST", buf_str(&path), a, err);
	buf_release(&path);
	if (bad)
		return -1;
	body(b, c, variables);
	bedrock_header(out, a, "Accept", e->stream ? STR("application/vnd.amazon.eventstream") : STR("application/json"));
	return bedrock_body(out, b, err);
}

