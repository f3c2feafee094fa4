#include "serve_responses.h"

#include "doc/jsonx.h"
#include "serve_wire.h"

/* `finish` of a rule is what the response is incomplete for. */
static const char *status(const struct rule *r)
{
	return r->finish.p ? "incomplete" : "completed";
}

/* --- pieces ----------------------------------------------------------------------------------- */

static void head(struct buf *b, const struct rule *r, const char *word)
{
	buf_adds(b, "{\"id\":\"resp_1\",\"object\":\"response\",\"service_tier\":\"default\",\"model\":");
	buf_add_json(b, wire_model(r));
	buf_addf(b, ",\"status\":\"%s\",\"error\":null,\"incomplete_details\":", word);
	if (r->finish.p && !strcmp(word, "incomplete")) {
		buf_adds(b, "{\"reason\":");
		buf_add_json(b, r->finish);
		buf_addc(b, '}');
	} else {
		buf_adds(b, "null");
	}
}

static void add_usage(struct buf *b, const struct rule *r, struct str text)
{
	long long out = (long long)wire_count(text);
	if (r->usage)
		buf_addf(b, ",\"usage\":{\"input_tokens\":%lld,\"input_tokens_details\":{\"cached_tokens\":0},"
			    "\"output_tokens\":%lld,\"output_tokens_details\":{\"reasoning_tokens\":0}}",
			 (long long)r->tokens_in, out);
}

static void item_reasoning(struct buf *b, struct str text)
{
	buf_adds(b, "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[{\"type\":\"summary_text\",\"text\":");
	buf_add_json(b, text);
	buf_adds(b, "}]}");
}

static void item_message(struct buf *b, const struct rule *r, struct str text)
{
	const char *what = r->refusal.p ? "refusal" : "text";
	buf_addf(b, "{\"type\":\"message\",\"id\":\"msg_1\",\"role\":\"assistant\",\"content\":[{\"type\":\"%s\",\"%s\":",
		 r->refusal.p ? "refusal" : "output_text", what);
	buf_add_json(b, text);
	buf_adds(b, "}]}");
}

static void item_call(struct buf *b, const json_t *call, struct str arguments)
{
	buf_adds(b, "{\"type\":\"function_call\",\"call_id\":");
	buf_add_json(b, json_get_str(call, "id"));
	buf_adds(b, ",\"name\":");
	buf_add_json(b, wire_tool_name(call));
	buf_adds(b, ",\"arguments\":");
	buf_add_json(b, arguments);
	buf_addc(b, '}');
}

static void output(struct buf *b, const struct rule *r, struct str text)
{
	size_t i;
	const json_t *call;
	bool more = r->reasoning.p;
	buf_adds(b, ",\"output\":[");
	if (r->reasoning.p)
		item_reasoning(b, r->reasoning);
	if (text.n) {
		buf_adds(b, more ? "," : "");
		item_message(b, r, text);
		more = true;
	}
	json_array_foreach(r->tool_calls, i, call) {
		buf_adds(b, more ? "," : "");
		item_call(b, call, wire_tool_arguments(call));
		more = true;
	}
	buf_addc(b, ']');
}

/* --- one body --------------------------------------------------------------------------------- */

static void answer_whole(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	buf_init(&b, WIRE_BODY_MAX);
	head(&b, r, status(r));
	output(&b, r, text);
	add_usage(&b, r, text);
	buf_addc(&b, '}');
	wire_whole(p, r, buf_str(&b));
	buf_release(&b);
}

/* --- a stream --------------------------------------------------------------------------------- */

static void event_start(struct buf *b, const char *type, int index)
{
	buf_reset(b);
	buf_addf(b, "event: %s\ndata: {\"type\":\"%s\"", type, type);
	if (index >= 0)
		buf_addf(b, ",\"output_index\":%d", index);
}

static void event_end(struct plan *p, struct buf *b)
{
	buf_adds(b, "}\n\n");
	plan_body(p, buf_str(b));
}

static void event_delta(struct plan *p, struct buf *b, const char *type, int index, struct str delta)
{
	event_start(b, type, index);
	buf_adds(b, ",\"delta\":");
	buf_add_json(b, delta);
	event_end(p, b);
}

static int text_index(const struct rule *r)
{
	return r->reasoning.p ? 1 : 0;
}

static void event_token(struct plan *p, struct buf *b, const struct rule *r, struct str token)
{
	event_delta(p, b, r->refusal.p ? "response.refusal.delta" : "response.output_text.delta", text_index(r),
		    token);
}

static const struct wire_stream wire = {
	.token = event_token,
	.half = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"del",
	.bad = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\": oops}\n\n",
	.error = "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"The server had an "
		 "error\",\"param\":null}\n\n",
};

static void event_item(struct plan *p, struct buf *b, const char *type, int index, const json_t *call,
		       struct str arguments)
{
	event_start(b, type, index);
	buf_adds(b, ",\"item\":");
	item_call(b, call, arguments);
	event_end(p, b);
}

/* Arguments come in two pieces, as a model writes them. */
static void event_tools(struct plan *p, struct buf *b, const struct rule *r, int index)
{
	static const char delta[] = "response.function_call_arguments.delta";
	size_t i;
	const json_t *call;
	json_array_foreach(r->tool_calls, i, call) {
		struct str arguments = wire_tool_arguments(call);
		event_item(p, b, "response.output_item.added", index, call, STR(""));
		event_delta(p, b, delta, index, str_sub(arguments, 0, arguments.n / 2));
		event_delta(p, b, delta, index, str_sub(arguments, arguments.n / 2, arguments.n));
		event_item(p, b, "response.output_item.done", index++, call, arguments);
	}
}

static void stream_begin(struct plan *p, struct buf *b, const struct rule *r)
{
	plan_head(p, r->status, "text/event-stream", r->headers ? r->headers : "", -1);
	event_start(b, "response.created", -1);
	buf_adds(b, ",\"response\":");
	head(b, r, "in_progress");
	buf_adds(b, ",\"output\":[]}");
	event_end(p, b);
	if (r->reasoning.p)
		event_delta(p, b, "response.reasoning_summary_text.delta", 0, r->reasoning);
}

static void stream_end(struct plan *p, struct buf *b, const struct rule *r, struct str text)
{
	event_start(b, r->finish.p ? "response.incomplete" : "response.completed", -1);
	buf_adds(b, ",\"response\":");
	head(b, r, status(r));
	output(b, r, text);
	add_usage(b, r, text);
	buf_addc(b, '}');
	event_end(p, b);
}

static void answer_stream(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	buf_init(&b, WIRE_BODY_MAX);
	stream_begin(p, &b, r);
	if (wire_tokens(p, &b, r, text, &wire)) {
		event_tools(p, &b, r, text_index(r) + (text.n ? 1 : 0));
		if (r->fault != FAULT_NO_DONE)
			stream_end(p, &b, r, text);
		plan_end(p);
	}
	buf_release(&b);
}

void responses_answer(struct plan *p, const struct rule *r, struct str text, bool stream)
{
	struct str said = r->refusal.p ? r->refusal : text;
	if (stream)
		answer_stream(p, r, said);
	else
		answer_whole(p, r, said);
	wire_tail(p, r);
}
