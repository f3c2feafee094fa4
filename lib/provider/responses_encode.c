#include "provider/responses_encode.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/reqkit.h"

/* --- input ------------------------------------------------------------------------------------ */

/* Arguments are text here. */
static void encode_arguments(struct buf *b, const json_t *arguments)
{
	struct buf text;
	buf_init(&text, REQUEST_BYTES_MAX);
	if (json_is_string(arguments))
		buf_add(&text, json_str(arguments));
	else if (arguments)
		json_write(&text, arguments);
	else
		buf_adds(&text, "{}");
	reqkit_text(b, "arguments", buf_str(&text));
	b->over |= text.over;
	buf_release(&text);
}

static void encode_calls(struct buf *b, const struct message *m, bool more)
{
	size_t i;
	const json_t *call;
	json_array_foreach(m->tool_calls, i, call) {
		buf_adds(b, more || i ? ",{\"type\":\"function_call\"" : "{\"type\":\"function_call\"");
		reqkit_text(b, "call_id", json_get_str(call, "id"));
		reqkit_text(b, "name", json_get_str(call, "name"));
		encode_arguments(b, json_object_get(call, "arguments"));
		buf_addc(b, '}');
	}
}

static void encode_item(struct buf *b, const struct message *m)
{
	bool said = m->text.n || !json_array_size(m->tool_calls);
	if (m->role == ROLE_TOOL) {
		buf_adds(b, "{\"type\":\"function_call_output\"");
		reqkit_text(b, "call_id", m->tool_call_id);
		reqkit_text(b, "output", m->text);
		buf_addc(b, '}');
		return;
	}
	if (said) {
		buf_addf(b, "{\"role\":\"%s\"", role_name(m->role));
		reqkit_text(b, "content", m->text);
		buf_addc(b, '}');
	}
	encode_calls(b, m, said);
}

/* The system message that stands first is the instructions; one that stands later stays in its place. */
static void encode_input(struct buf *b, const struct call *c)
{
	size_t from = c->nmessage > 1 && c->message[0].role == ROLE_SYSTEM ? 1 : 0;
	if (from)
		reqkit_text(b, "instructions", c->message[0].text);
	buf_adds(b, ",\"input\":[");
	for (size_t i = from; i < c->nmessage; i++) {
		buf_adds(b, i > from ? "," : "");
		encode_item(b, &c->message[i]);
	}
	buf_addc(b, ']');
}

/* --- tools, shape of the answer, parameters ---------------------------------------------------- */

/* Ours are {name, description, parameters}, chat completions' are that inside of `function`; one that has this
 * API's own type is sent as it is.  `strict` is said, since the API's own default is not that of chat. */
static void encode_tools(struct buf *b, const json_t *tools)
{
	static const char *const type[] = { "type", NULL };
	size_t i;
	const json_t *tool;
	json_array_foreach(tools, i, tool) {
		const json_t *fn = json_object_get(tool, "function");
		buf_adds(b, i ? "," : ",\"tools\":[");
		if (!fn && json_object_get(tool, "type")) {
			json_write(b, tool);
			continue;
		}
		fn = fn ? fn : tool;
		buf_adds(b, "{\"type\":\"function\"");
		reqkit_params(b, fn, type);
		if (!json_object_get(fn, "strict"))
			buf_adds(b, ",\"strict\":false");
		buf_addc(b, '}');
	}
	buf_adds(b, json_array_size(tools) ? "]" : "");
}

static void encode_text(struct buf *b, const struct call *c, struct arena *a)
{
	const json_t *own = json_object_get(c->endpoint->params, "text");
	if (!c->response_schema || json_object_get(own, "format")) {
		reqkit_json(b, "text", own);
		return;
	}
	json_t *all = arena_json(a, json_is_object(own) ? json_copy((json_t *)(uintptr_t)own) : json_object());
	bool strict = json_is_false(json_object_get(c->response_schema, "additionalProperties"));
	json_t *format = json_pack("{s:s,s:s,s:b,s:O}", "type", "json_schema", "name", "answer", "strict", strict,
				   "schema", c->response_schema);
	if (json_object_set_new(all, "format", format))
		die_oom();
	reqkit_json(b, "text", all);
}

int responses_check(const struct endpoint *e, struct err *err)
{
	static const struct {
		const char *name, *why;
	} table[] = {
		{ "model", "which gate sets itself" },
		{ "input", "which gate sets itself" },
		{ "instructions", "which gate sets itself; write a system message" },
		{ "messages", "which gate sets itself" },
		{ "stream", "which gate sets itself" },
		{ "stream_options", "which gate sets itself" },
		{ "tools", "which gate sets itself" },
		{ "background", "and gate does not wait for answers in the background" },
		{ "n", "which the Responses API does not know; use the suite's repeats" },
		{ "stop", "which the Responses API does not know" },
		{ "seed", "which the Responses API does not know" },
		{ "frequency_penalty", "which the Responses API does not know" },
		{ "presence_penalty", "which the Responses API does not know" },
		{ "logit_bias", "which the Responses API does not know" },
		{ "max_completion_tokens", "which the Responses API does not know; write max_tokens" },
		{ "reasoning_effort", "which the Responses API does not know; write reasoning: {effort: …}" },
		{ "response_format", "which the Responses API does not know; write text: {format: …}" },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (json_object_get(e->params, table[i].name))
			return err_set(err, ERR_ARTIFACT, "params has '%s', %s", table[i].name, table[i].why);
	if (json_object_get(e->params, "max_tokens") && json_object_get(e->params, "max_output_tokens"))
		return err_set(err, ERR_ARTIFACT, "params has 'max_tokens' and 'max_output_tokens', which are the "
						  "same; write it once");
	return 0;
}

int responses_body(struct str *out, const struct call *c, struct arena *a, struct err *err)
{
	static const char *const apart[] = { "max_tokens", "text", NULL };
	const struct endpoint *e = c->endpoint;
	struct buf *b = reqkit_body(a);
	buf_adds(b, "{\"model\":");
	buf_add_json(b, e->model);
	encode_input(b, c);
	reqkit_params(b, e->params, apart);
	reqkit_json(b, "max_output_tokens", json_object_get(e->params, "max_tokens"));
	encode_tools(b, e->tools);
	encode_text(b, c, a);
	if (!json_object_get(e->params, "store"))
		buf_adds(b, ",\"store\":false");
	buf_adds(b, e->stream ? ",\"stream\":true}" : "}");
	return reqkit_end(out, b, err);
}
