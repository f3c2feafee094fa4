#include "provider/openai_encode.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/reqkit.h"

static void encode_arguments(struct buf *b, const json_t *arguments)
{
	struct buf text;
	buf_init(&text, REQUEST_BYTES_MAX);
	if (json_is_string(arguments))
		buf_add(&text, json_str(arguments));
	else if (arguments)
		json_write(&text, arguments);
	reqkit_text(b, "arguments", buf_str(&text));
	b->over |= text.over;
	buf_release(&text);
}

static void encode_tool_calls(struct buf *b, const json_t *calls)
{
	size_t i;
	const json_t *call;
	buf_adds(b, ",\"tool_calls\":[");
	json_array_foreach(calls, i, call) {
		buf_adds(b, i ? ",{\"type\":\"function\"" : "{\"type\":\"function\"");
		reqkit_text(b, "id", json_get_str(call, "id"));
		buf_adds(b, ",\"function\":{\"name\":");
		buf_add_json(b, json_get_str(call, "name"));
		encode_arguments(b, json_object_get(call, "arguments"));
		buf_adds(b, "}}");
	}
	buf_addc(b, ']');
}

static void encode_messages(struct buf *b, const struct call *c)
{
	buf_adds(b, ",\"messages\":[");
	for (size_t i = 0; i < c->nmessage; i++) {
		const struct message *m = &c->message[i];
		buf_addf(b, "%s{\"role\":\"%s\"", i ? "," : "", role_name(m->role));
		if (m->tool_calls && !m->text.n)
			buf_adds(b, ",\"content\":null");
		else
			reqkit_text(b, "content", m->text);
		if (m->tool_calls)
			encode_tool_calls(b, m->tool_calls);
		if (m->tool_call_id.p)
			reqkit_text(b, "tool_call_id", m->tool_call_id);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

/* Ours are {name, description, parameters}; one written in OpenAI's form is sent as it is. */
static void encode_tools(struct buf *b, const json_t *tools)
{
	size_t i;
	const json_t *tool;
	buf_adds(b, ",\"tools\":[");
	json_array_foreach(tools, i, tool) {
		bool whole = json_object_get(tool, "type") && json_object_get(tool, "function");
		buf_adds(b, i ? "," : "");
		buf_adds(b, whole ? "" : "{\"type\":\"function\",\"function\":");
		json_write(b, tool);
		buf_adds(b, whole ? "" : "}");
	}
	buf_addc(b, ']');
}

/* Strict mode takes only closed objects; anything else is best effort on the server's side. */
static void encode_schema(struct buf *b, const json_t *schema)
{
	buf_adds(b, ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\"");
	if (json_is_false(json_object_get(schema, "additionalProperties")))
		buf_adds(b, ",\"strict\":true");
	buf_adds(b, ",\"schema\":");
	json_write(b, schema);
	buf_adds(b, "}}");
}

int openai_body(struct str *out, const struct call *c, struct arena *a, struct err *err)
{
	const struct endpoint *e = c->endpoint;
	struct buf *b = reqkit_body(a);
	buf_adds(b, "{\"model\":");
	buf_add_json(b, e->model);
	encode_messages(b, c);
	reqkit_params(b, e->params, NULL);
	if (json_array_size(e->tools))
		encode_tools(b, e->tools);
	if (c->response_schema && !json_object_get(e->params, "response_format"))
		encode_schema(b, c->response_schema);
	if (e->stream)
		buf_adds(b, ",\"stream\":true,\"stream_options\":{\"include_usage\":true}");
	buf_addc(b, '}');
	return reqkit_end(out, b, err);
}

/* Members that gate itself writes; the same thing said twice has no meaning. */
int openai_check(const struct endpoint *e, struct err *err)
{
	static const char *const ours[] = { "model",	"messages", "stream", "stream_options",
					    "tools", "n" };
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (json_object_get(e->params, ours[i]))
			return err_set(err, ERR_ARTIFACT, "params has '%s', which gate sets itself%s",
				       ours[i], i == 5 ? "; use the suite's repeats" : "");
	return 0;
}
