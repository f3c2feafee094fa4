#include "serve_anthropic.h"

#include "doc/jsonx.h"
#include "serve_wire.h"

static struct str stop_reason(const struct rule *r)
{
	return r->finish.p	? r->finish :
	       r->refusal.p	? STR("refusal") :
	       r->tool_calls	? STR("tool_use") :
				  STR("end_turn");
}

struct str anthropic_error(int status)
{
	switch (status) {
	case 400:
		return STR("{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
			   "\"max_tokens: too large\"},\"request_id\":\"req_e\"}");
	case 401:
		return STR("{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":"
			   "\"invalid x-api-key\"},\"request_id\":\"req_e\"}");
	case 429:
		return STR("{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":"
			   "\"This request would exceed your rate limit\"},\"request_id\":\"req_e\"}");
	case 529:
		return STR("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
			   "\"Overloaded\"},\"request_id\":\"req_e\"}");
	default:
		return STR("{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":"
			   "\"Internal server error\"},\"request_id\":\"req_e\"}");
	}
}

static void message_head(struct buf *b, const struct rule *r)
{
	buf_adds(b, "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
	buf_add_json(b, wire_model(r));
}

static void add_usage(struct buf *b, const struct rule *r, int64_t out)
{
	if (!r->usage)
		return;
	buf_addf(b, ",\"usage\":{\"input_tokens\":%lld,\"cache_creation_input_tokens\":0,"
		    "\"cache_read_input_tokens\":0,\"output_tokens\":%lld,\"service_tier\":\"standard\"}",
		 (long long)r->tokens_in, (long long)out);
}

static void add_block(struct buf *b, bool *more, const char *type, const char *key, struct str text)
{
	buf_addf(b, "%s{\"type\":\"%s\",\"%s\":", *more ? "," : "", type, key);
	buf_add_json(b, text);
	buf_addc(b, '}');
	*more = true;
}

static void tool_head(struct buf *b, const json_t *call)
{
	buf_adds(b, "{\"type\":\"tool_use\",\"id\":");
	buf_add_json(b, json_get_str(call, "id"));
	buf_adds(b, ",\"name\":");
	buf_add_json(b, wire_tool_name(call));
	buf_adds(b, ",\"input\":");
}

/* --- one body --------------------------------------------------------------------------------- */

static void answer_whole(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	bool more = false;
	size_t i;
	const json_t *call;
	buf_init(&b, WIRE_BODY_MAX);
	message_head(&b, r);
	buf_adds(&b, ",\"content\":[");
	if (r->reasoning.p)
		add_block(&b, &more, "thinking", "thinking", r->reasoning);
	if (text.n)
		add_block(&b, &more, "text", "text", text);
	json_array_foreach(r->tool_calls, i, call) {
		buf_adds(&b, more ? "," : "");
		tool_head(&b, call);
		buf_add(&b, wire_tool_arguments(call));
		buf_addc(&b, '}');
		more = true;
	}
	buf_adds(&b, "],\"stop_reason\":");
	buf_add_json(&b, stop_reason(r));
	buf_adds(&b, ",\"stop_sequence\":null");
	add_usage(&b, r, wire_count(text));
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
		buf_addf(b, ",\"index\":%d", index);
}

static void event_end(struct plan *p, struct buf *b)
{
	buf_adds(b, "}\n\n");
	plan_body(p, buf_str(b));
}

static void event_delta(struct plan *p, struct buf *b, int index, const char *type, const char *key,
			struct str value)
{
	event_start(b, "content_block_delta", index);
	buf_addf(b, ",\"delta\":{\"type\":\"%s\",\"%s\":", type, key);
	buf_add_json(b, value);
	buf_addc(b, '}');
	event_end(p, b);
}

static void event_block(struct plan *p, struct buf *b, int index, const char *type, const char *key)
{
	event_start(b, "content_block_start", index);
	buf_addf(b, ",\"content_block\":{\"type\":\"%s\",\"%s\":\"\"}", type, key);
	event_end(p, b);
}

static void event_stop(struct plan *p, struct buf *b, int index)
{
	event_start(b, "content_block_stop", index);
	event_end(p, b);
}

/* Arguments come in two pieces, as a model writes them. */
static void event_tools(struct plan *p, struct buf *b, const struct rule *r, int index)
{
	size_t i;
	const json_t *call;
	json_array_foreach(r->tool_calls, i, call) {
		struct str arguments = wire_tool_arguments(call);
		event_start(b, "content_block_start", index);
		buf_adds(b, ",\"content_block\":");
		tool_head(b, call);
		buf_adds(b, "{}}");
		event_end(p, b);
		event_delta(p, b, index, "input_json_delta", "partial_json",
			    str_sub(arguments, 0, arguments.n / 2));
		event_delta(p, b, index, "input_json_delta", "partial_json",
			    str_sub(arguments, arguments.n / 2, arguments.n));
		event_stop(p, b, index++);
	}
}

/* The text is block 1 when thinking stood before it. */
static int text_index(const struct rule *r)
{
	return r->reasoning.p ? 1 : 0;
}

static void event_token(struct plan *p, struct buf *b, const struct rule *r, struct str token)
{
	event_delta(p, b, text_index(r), "text_delta", "text", token);
}

static const struct wire_stream wire = {
	.token = event_token,
	.half = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"del",
	.bad = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\": oops}\n\n",
	.error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
		 "\"message\":\"Overloaded\"}}\n\n",
};

static void stream_begin(struct plan *p, struct buf *b, const struct rule *r)
{
	plan_head(p, r->status, "text/event-stream", r->headers ? r->headers : "", -1);
	event_start(b, "message_start", -1);
	buf_adds(b, ",\"message\":");
	message_head(b, r);
	buf_adds(b, ",\"content\":[],\"stop_reason\":null");
	add_usage(b, r, 1);
	buf_addc(b, '}');
	event_end(p, b);
	event_start(b, "ping", -1);
	event_end(p, b);
	if (!r->reasoning.p)
		return;
	event_block(p, b, 0, "thinking", "thinking");
	event_delta(p, b, 0, "thinking_delta", "thinking", r->reasoning);
	event_delta(p, b, 0, "signature_delta", "signature", STR("c2ln"));
	event_stop(p, b, 0);
}

static void stream_end(struct plan *p, struct buf *b, const struct rule *r, struct str text)
{
	event_start(b, "message_delta", -1);
	buf_adds(b, ",\"delta\":{\"stop_reason\":");
	buf_add_json(b, stop_reason(r));
	buf_adds(b, ",\"stop_sequence\":null}");
	if (r->usage)
		buf_addf(b, ",\"usage\":{\"output_tokens\":%lld}", (long long)wire_count(text));
	event_end(p, b);
	if (r->fault != FAULT_NO_DONE) {
		event_start(b, "message_stop", -1);
		event_end(p, b);
	}
	plan_end(p);
}

static void answer_stream(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	buf_init(&b, WIRE_BODY_MAX);
	stream_begin(p, &b, r);
	if (text.n)
		event_block(p, &b, text_index(r), "text", "text");
	if (wire_tokens(p, &b, r, text, &wire)) {
		if (text.n)
			event_stop(p, &b, text_index(r));
		event_tools(p, &b, r, text_index(r) + (text.n ? 1 : 0));
		stream_end(p, &b, r, text);
	}
	buf_release(&b);
}

void anthropic_answer(struct plan *p, const struct rule *r, struct str text, bool stream)
{
	struct str said = r->refusal.p ? r->refusal : text;
	if (stream)
		answer_stream(p, r, said);
	else
		answer_whole(p, r, said);
	wire_tail(p, r);
}
