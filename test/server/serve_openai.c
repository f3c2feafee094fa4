#include "serve_openai.h"

#include "doc/jsonx.h"

enum { BODY_MAX = 256 * 1024 * 1024 };

static struct str finish_word(const struct rule *r)
{
	return r->finish.p ? r->finish : r->tool_calls ? STR("tool_calls") : STR("stop");
}

static struct str model(const struct rule *r)
{
	return r->model.p ? r->model : STR("test-model");
}

/* The next token of *rest: a word with the white space before it. */
static bool next_token(struct str *rest, struct str *token)
{
	size_t i = 0;
	if (!rest->n)
		return false;
	while (i < rest->n && (rest->p[i] == ' ' || rest->p[i] == '\n'))
		i++;
	while (i < rest->n && rest->p[i] != ' ' && rest->p[i] != '\n')
		i++;
	*token = str_sub(*rest, 0, i);
	*rest = str_sub(*rest, i, rest->n);
	return true;
}

static int64_t count_tokens(struct str text)
{
	int64_t n = 0;
	struct str token;
	while (next_token(&text, &token))
		n++;
	return n;
}

static void add_usage(struct buf *b, const struct rule *r, int64_t out)
{
	buf_addf(b, "\"usage\":{\"prompt_tokens\":%lld,\"completion_tokens\":%lld,\"total_tokens\":%lld}",
		 (long long)r->tokens_in, (long long)out, (long long)(r->tokens_in + out));
}

/* --- one body --------------------------------------------------------------------------------- */

static void whole_body(struct buf *b, const struct rule *r, struct str text)
{
	buf_adds(b, "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":");
	buf_add_json(b, model(r));
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
		add_usage(b, r, count_tokens(text));
	}
	buf_addc(b, '}');
}

static void answer_whole(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	buf_init(&b, BODY_MAX);
	whole_body(&b, r, text);
	if (r->fault == FAULT_MALFORMED)
		b.n = b.n * 2 / 3;
	bool drip = r->fault == FAULT_DRIP;
	int64_t length = (int64_t)b.n + (r->fault == FAULT_SHORT_BODY ? 100 : 0);
	plan_head(p, r->status, "application/json", r->headers ? r->headers : "", drip ? -1 : length);
	size_t head = p->bytes.n;
	plan_body(p, buf_str(&b));
	size_t at = head + (r->after >= 0 ? (size_t)r->after : b.n / 2);
	if (r->fault == FAULT_CUT || r->fault == FAULT_STALL || r->fault == FAULT_RESET_MIDWAY)
		plan_cut(p, at);
	if (drip) {
		plan_cut(p, head);
		p->drip = "1\r\n \r\n";
	}
	buf_release(&b);
}

/* --- a stream --------------------------------------------------------------------------------- */

static void event_start(struct buf *b, const struct rule *r)
{
	buf_reset(b);
	buf_adds(b, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
		    "\"model\":");
	buf_add_json(b, model(r));
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

/* True when the fault ends the stream here. */
static bool stream_fault(struct plan *p, const struct rule *r)
{
	switch ((int)r->fault) {
	case FAULT_STALL:
	case FAULT_RESET_MIDWAY:
		return true;
	case FAULT_CUT:
		plan_body(p, STR("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ne"));
		plan_cut(p, p->bytes.n - 7); /* in the middle of a chunk */
		return true;
	case FAULT_DRIP:
		p->drip = "4\r\n: .\n\r\n";
		return true;
	case FAULT_NO_FINISH:
		plan_end(p);
		return true;
	case FAULT_MALFORMED:
		plan_body(p, STR("data: {\"choices\":[{\"delta\":{\"content\": oops}}]}\n\n"));
		return false;
	case FAULT_ERROR_IN_STREAM:
		plan_body(p, STR("data: {\"error\":{\"message\":\"The server had an error\",\"type\":"
				 "\"server_error\",\"param\":null,\"code\":null}}\n\n"));
		plan_end(p);
		return true;
	default:
		return false;
	}
}

static bool stream_tokens(struct plan *p, struct buf *b, const struct rule *r, struct str text)
{
	const char *key = r->refusal.p ? "refusal" : "content";
	int64_t n = 0, after = r->after >= 0 ? r->after : (count_tokens(text) + 1) / 2;
	struct str token;
	while (next_token(&text, &token)) {
		if (n == after && stream_fault(p, r))
			return false;
		if (n++)
			plan_pause(p, r->token_ms);
		event_delta(p, b, r, key, token, (struct str){ .p = NULL });
	}
	return n > after || !stream_fault(p, r);
}

static void answer_stream(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	struct str none = { .p = NULL };
	buf_init(&b, BODY_MAX);
	plan_head(p, r->status, "text/event-stream", r->headers ? r->headers : "", -1);
	event_delta(p, &b, r, "role", STR("assistant"), none);
	if (r->reasoning.p)
		event_delta(p, &b, r, "reasoning_content", r->reasoning, none);
	if (r->tool_calls)
		event_tools(p, &b, r);
	if (stream_tokens(p, &b, r, r->refusal.p ? r->refusal : text)) {
		event_delta(p, &b, r, NULL, none, finish_word(r));
		if (r->usage)
			event_usage(p, &b, r, count_tokens(text));
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
	if (r->fault == FAULT_CUT || r->fault == FAULT_SHORT_BODY)
		p->tail = TAIL_CLOSE;
	if (r->fault == FAULT_STALL)
		p->tail = TAIL_HANG;
	if (r->fault == FAULT_RESET_MIDWAY)
		p->tail = TAIL_RESET;
	if (r->fault == FAULT_DRIP) {
		p->tail = TAIL_DRIP;
		p->drip_ms = r->drip_ms;
	}
}
