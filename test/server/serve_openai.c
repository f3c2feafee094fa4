#include "serve_openai.h"

#include "doc/jsonx.h"
#include "serve_wire.h"

static struct str finish_word(const struct rule *r)
{
	return r->finish.p ? r->finish : r->tool_calls ? STR("tool_calls") : STR("stop");
}

static void add_usage(struct buf *b, const struct rule *r, int64_t out)
{
	if (r->tokens_out >= 0)
		out = r->tokens_out;
	buf_addf(b, "\"usage\":{\"prompt_tokens\":%lld,\"completion_tokens\":%lld,\"total_tokens\":%lld",
		 (long long)r->tokens_in, (long long)out, (long long)(r->tokens_in + out));
	if (r->cached)
		buf_addf(b, ",\"prompt_tokens_details\":{\"cached_tokens\":%lld}", (long long)r->cached);
	buf_addc(b, '}');
}

/* --- one body --------------------------------------------------------------------------------- */

static void whole_body(struct buf *b, const struct rule *r, struct str text)
{
	buf_adds(b, "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":");
	buf_add_json(b, wire_model(r));
	buf_adds(b, ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":");
	if (r->refusal.p || (r->tool_calls && !text.n))
		buf_adds(b, "null");
	else
		buf_add_json(b, text);
	buf_adds(b, ",\"refusal\":");
	if (r->refusal.p)
		buf_add_json(b, r->refusal);
	else
		buf_adds(b, "null");
	if (r->reasoning.p) {
		buf_adds(b, ",\"reasoning_content\":");
		buf_add_json(b, r->reasoning);
	}
	if (r->tool_calls) {
		buf_adds(b, ",\"tool_calls\":");
		json_write(b, r->tool_calls);
	}
	buf_adds(b, "},\"finish_reason\":");
	buf_add_json(b, finish_word(r));
	buf_adds(b, "}]");
	if (r->usage) {
		buf_addc(b, ',');
		add_usage(b, r, wire_count(text));
	}
	buf_addc(b, '}');
}

static void answer_whole(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	buf_init(&b, WIRE_BODY_MAX);
	whole_body(&b, r, text);
	wire_whole(p, r, buf_str(&b));
	buf_release(&b);
}

/* --- a stream --------------------------------------------------------------------------------- */

static void event_start(struct buf *b, const struct rule *r)
{
	buf_reset(b);
	buf_adds(b, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
		    "\"model\":");
	buf_add_json(b, wire_model(r));
}

/* One chunk with this delta, and a finish_reason or none. */
static void event_delta(struct plan *p, struct buf *b, const struct rule *r, const char *key,
			struct str value, struct str finish)
{
	event_start(b, r);
	buf_adds(b, ",\"choices\":[{\"index\":0,\"delta\":{");
	if (key) {
		buf_addf(b, "\"%s\":", key);
		buf_add_json(b, value);
	}
	buf_adds(b, "},\"logprobs\":null,\"finish_reason\":");
	if (finish.p)
		buf_add_json(b, finish);
	else
		buf_adds(b, "null");
	buf_adds(b, "}]}\n\n");
	plan_body(p, buf_str(b));
}

static void event_tools(struct plan *p, struct buf *b, const struct rule *r)
{
	size_t i;
	const json_t *call;
	json_array_foreach(r->tool_calls, i, call) {
		event_start(b, r);
		buf_adds(b, ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[");
		json_write(b, call);
		buf_adds(b, "]},\"finish_reason\":null}]}\n\n");
		plan_body(p, buf_str(b));
	}
}

static void event_usage(struct plan *p, struct buf *b, const struct rule *r, int64_t out)
{
	event_start(b, r);
	buf_adds(b, ",\"choices\":[],");
	add_usage(b, r, out);
	buf_adds(b, "}\n\n");
	plan_body(p, buf_str(b));
}

static void event_token(struct plan *p, struct buf *b, const struct rule *r, struct str token)
{
	event_delta(p, b, r, r->refusal.p ? "refusal" : "content", token, (struct str){ .p = NULL });
}

static const struct wire_stream wire = {
	.token = event_token,
	.half = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ne",
	.bad = "data: {\"choices\":[{\"delta\":{\"content\": oops}}]}\n\n",
	.error = "data: {\"error\":{\"message\":\"The server had an error\",\"type\":"
		 "\"server_error\",\"param\":null,\"code\":null}}\n\n",
};

static void answer_stream(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	struct str none = { .p = NULL };
	buf_init(&b, WIRE_BODY_MAX);
	plan_head(p, r->status, "text/event-stream", r->headers ? r->headers : "", -1);
	event_delta(p, &b, r, "role", STR("assistant"), none);
	if (r->reasoning.p)
		event_delta(p, &b, r, "reasoning_content", r->reasoning, none);
	if (r->tool_calls)
		event_tools(p, &b, r);
	if (wire_tokens(p, &b, r, r->refusal.p ? r->refusal : text, &wire)) {
		event_delta(p, &b, r, NULL, none, finish_word(r));
		if (r->usage)
			event_usage(p, &b, r, wire_count(text));
		if (r->fault != FAULT_NO_DONE)
			plan_body(p, STR("data: [DONE]\n\n"));
		plan_end(p);
	}
	buf_release(&b);
}

void openai_answer(struct plan *p, const struct rule *r, struct str text, bool stream)
{
	if (stream)
		answer_stream(p, r, text);
	else
		answer_whole(p, r, text);
	wire_tail(p, r);
}

/* --- embeddings ------------------------------------------------------------------------------- */

enum { DIM = 64 };

static void embedding(struct buf *b, struct str text)
{
	unsigned count[DIM] = { 0 };
	struct str token;
	while (wire_token(&text, &token)) {
		unsigned hash = 5381;
		token = str_trim(token);
		for (size_t i = 0; i < token.n; i++)
			hash = hash * 33 + (unsigned char)token.p[i];
		count[(hash >> 7) % DIM]++;
	}
	for (size_t i = 0; i < DIM; i++)
		buf_addf(b, "%s%u.0", i ? "," : "", count[i]);
}

void openai_embeddings(struct plan *p, const struct rule *r, struct str body, struct arena *a)
{
	const char *why;
	struct buf b;
	size_t i;
	const json_t *text, *input = json_object_get(json_lenient(a, body, &why), "input");
	int64_t tokens = 0;
	buf_init(&b, WIRE_BODY_MAX);
	buf_adds(&b, "{\"object\":\"list\",\"model\":");
	buf_add_json(&b, wire_model(r));
	buf_adds(&b, ",\"data\":[");
	json_array_foreach(input, i, text) {
		buf_addf(&b, "%s{\"object\":\"embedding\",\"index\":%zu,\"embedding\":[", i ? "," : "", i);
		embedding(&b, json_str(text));
		buf_adds(&b, "]}");
		tokens += wire_count(json_str(text));
	}
	buf_addf(&b, "],\"usage\":{\"prompt_tokens\":%lld,\"total_tokens\":%lld}}", (long long)tokens, (long long)tokens);
	wire_whole(p, r, buf_str(&b));
	wire_tail(p, r);
	buf_release(&b);
}
