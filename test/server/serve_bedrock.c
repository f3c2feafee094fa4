#include "serve_bedrock.h"

#include "doc/jsonx.h"
#include "eventframe.h"

#include <stdio.h>

enum { BODY_MAX = 256 * 1024 * 1024 };

/* --- frames ----------------------------------------------------------------------------------- */

/* `flip` is added to the checksum's last byte: 0 for one that holds. */
static void frame(struct buf *b, const char *kind, struct str type, struct str payload, int flip)
{
	char name[128];
	snprintf(name, sizeof(name), "%.*s", STR_ARGS(type));
	eventframe_json(b, kind, name, payload);
	if (b->n)
		b->p[b->n - 1] = (char)(b->p[b->n - 1] + flip);
}

void bedrock_frame(struct plan *p, const char *kind, struct str type, struct str payload)
{
	struct buf b;
	buf_init(&b, BODY_MAX);
	frame(&b, kind, type, payload, 0);
	plan_body(p, buf_str(&b));
	buf_release(&b);
}

/* --- errors ----------------------------------------------------------------------------------- */

static const char *usual_error(int status)
{
	switch (status) {
	case 400: return "ValidationException";
	case 401:
	case 403: return "AccessDeniedException";
	case 404: return "ResourceNotFoundException";
	case 408: return "ModelTimeoutException";
	case 424: return "ModelErrorException";
	case 429: return "ThrottlingException";
	case 503: return "ServiceUnavailableException";
	default: return "InternalServerException";
	}
}

void bedrock_error(struct plan *p, const struct rule *r)
{
	struct str type = r->exception.p ? r->exception : str_c(usual_error(r->status));
	struct buf head;
	const char *body = "{\"message\":\"the test server says no\"}";
	buf_init(&head, 65536);
	buf_addf(&head, "x-amzn-RequestId: req-1\r\nx-amzn-ErrorType: %.*s:http://internal.example.com/x/\r\n%s",
		 STR_ARGS(type), r->headers ? r->headers : "");
	plan_head(p, r->status, "application/json", buf_cstr(&head), (int64_t)strlen(body));
	plan_body(p, str_c(body));
	buf_release(&head);
}

/* --- parts of answers --------------------------------------------------------------------------- */

static struct str finish_word(const struct rule *r)
{
	return r->finish.p ? r->finish : r->refusal.p ? STR("refusal") : r->tool_calls ? STR("tool_use") : STR("end_turn");
}

/* The next token of *rest: a word with the white space before it. */
static bool next_token(struct str *rest, struct str *token)
{
	size_t i = 0;
	while (i < rest->n && rest->p[i] == ' ')
		i++;
	while (i < rest->n && rest->p[i] != ' ')
		i++;
	*token = str_sub(*rest, 0, i);
	*rest = str_sub(*rest, i, rest->n);
	return i > 0;
}

static int64_t count_tokens(struct str text)
{
	int64_t n = 0;
	struct str token;
	while (next_token(&text, &token))
		n++;
	return n;
}

/* "usage":…,"metrics":… and the rule's own `extra`, which may say them otherwise. */
static void add_facts(struct buf *b, const struct rule *r, int64_t out)
{
	const char *key;
	json_t *v;
	if (r->usage && !json_object_get(r->extra, "usage"))
		buf_addf(b, "\"usage\":{\"inputTokens\":%lld,\"outputTokens\":%lld,\"totalTokens\":%lld},",
			 (long long)r->tokens_in, (long long)out, (long long)(r->tokens_in + out));
	buf_adds(b, "\"metrics\":{\"latencyMs\":12}");
	if (r->model.p) {
		buf_adds(b, ",\"trace\":{\"promptRouter\":{\"invokedModelId\":");
		buf_add_json(b, r->model);
		buf_adds(b, "}}");
	}
	json_object_foreach((json_t *)(uintptr_t)r->extra, key, v) {
		buf_addf(b, ",\"%s\":", key);
		json_write(b, v);
	}
}

/* A script's tool call is OpenAI's, or {id, name, arguments}. */
static struct str tool_word(const json_t *call, const char *key)
{
	struct str s = json_get_str(json_object_get(call, "function"), key);
	return s.p ? s : json_get_str(call, key);
}

static void tool_use(struct buf *b, const json_t *call, bool whole)
{
	struct str arguments = tool_word(call, "arguments");
	buf_adds(b, "{\"toolUse\":{\"toolUseId\":");
	buf_add_json(b, tool_word(call, "id"));
	buf_adds(b, ",\"name\":");
	buf_add_json(b, tool_word(call, "name"));
	if (whole) {
		buf_adds(b, ",\"input\":");
		buf_add(b, arguments.n ? arguments : STR("{}"));
	}
	buf_adds(b, "}}");
}

/* --- one body ----------------------------------------------------------------------------------- */

static void whole_body(struct buf *b, const struct rule *r, struct str text)
{
	size_t i;
	const json_t *call;
	buf_adds(b, "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[");
	if (r->reasoning.p) {
		buf_adds(b, "{\"reasoningContent\":{\"reasoningText\":{\"text\":");
		buf_add_json(b, r->reasoning);
		buf_adds(b, ",\"signature\":\"c2ln\"}}},");
	}
	buf_adds(b, "{\"text\":");
	buf_add_json(b, text);
	buf_addc(b, '}');
	json_array_foreach(r->tool_calls, i, call) {
		buf_addc(b, ',');
		tool_use(b, call, true);
	}
	buf_adds(b, "]}},\"stopReason\":");
	buf_add_json(b, finish_word(r));
	buf_addc(b, ',');
	add_facts(b, r, count_tokens(text));
	buf_addc(b, '}');
}

static const char *head_of(const struct rule *r, struct arena *a)
{
	return arena_fmt(a, "x-amzn-RequestId: req-1\r\n%s", r->headers ? r->headers : "");
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
	plan_head(p, r->status, "application/json", head_of(r, p->arena), drip ? -1 : length);
	size_t head = p->bytes.n;
	plan_body(p, buf_str(&b));
	if (r->fault == FAULT_CUT || r->fault == FAULT_STALL || r->fault == FAULT_RESET_MIDWAY)
		plan_cut(p, head + (r->after >= 0 ? (size_t)r->after : b.n / 2));
	if (drip) {
		plan_cut(p, head);
		p->drip = "1\r\n \r\n";
	}
	buf_release(&b);
}

/* --- a stream ----------------------------------------------------------------------------------- */

static void event(struct plan *p, const char *type, const struct buf *b)
{
	bedrock_frame(p, "event", str_c(type), buf_str(b));
}

static void delta(struct plan *p, struct buf *b, int block, const char *before, struct str text, const char *after)
{
	buf_reset(b);
	buf_addf(b, "{\"contentBlockIndex\":%d,\"delta\":{%s", block, before);
	buf_add_json(b, text);
	buf_addf(b, "%s},\"p\":\"abcdefgh\"}", after);
	event(p, "contentBlockDelta", b);
}

static void block_stop(struct plan *p, struct buf *b, int block)
{
	buf_reset(b);
	buf_addf(b, "{\"contentBlockIndex\":%d}", block);
	event(p, "contentBlockStop", b);
}

/* The arguments come in two pieces. */
static void tool_events(struct plan *p, struct buf *b, const struct rule *r, int block)
{
	size_t i;
	const json_t *call;
	json_array_foreach(r->tool_calls, i, call) {
		struct str arguments = tool_word(call, "arguments");
		buf_reset(b);
		buf_addf(b, "{\"contentBlockIndex\":%d,\"start\":", block);
		tool_use(b, call, false);
		buf_addc(b, '}');
		event(p, "contentBlockStart", b);
		delta(p, b, block, "\"toolUse\":{\"input\":", str_sub(arguments, 0, arguments.n / 2), "}");
		delta(p, b, block, "\"toolUse\":{\"input\":", str_sub(arguments, arguments.n / 2, arguments.n), "}");
		block_stop(p, b, block++);
	}
}

/* True when the fault ends the stream here. */
static bool stream_fault(struct plan *p, const struct rule *r)
{
	struct buf b;
	struct str payload = STR("{\"contentBlockIndex\":0,\"delta\":{\"text\":\"next\"}}");
	buf_init(&b, BODY_MAX);
	switch ((int)r->fault) {
	case FAULT_STALL:
	case FAULT_RESET_MIDWAY:
		break;
	case FAULT_CUT: /* in the middle of a message */
		frame(&b, "event", STR("contentBlockDelta"), payload, 0);
		plan_body(p, str_sub(buf_str(&b), 0, b.n - 20));
		break;
	case FAULT_NO_FINISH:
		plan_end(p);
		break;
	case FAULT_BAD_CRC:
		frame(&b, "event", STR("contentBlockDelta"), payload, 1);
		plan_body(p, buf_str(&b));
		buf_release(&b);
		return false;
	case FAULT_MALFORMED:
		bedrock_frame(p, "event", STR("contentBlockDelta"), STR("{\"delta\":{\"text\": oops}}"));
		buf_release(&b);
		return false;
	case FAULT_ERROR_IN_STREAM:
		bedrock_frame(p, "exception", r->exception.p ? r->exception : STR("internalServerException"),
			      STR("{\"message\":\"the test server stopped here\"}"));
		plan_end(p);
		break;
	default:
		buf_release(&b);
		return false;
	}
	buf_release(&b);
	return true;
}

static bool stream_tokens(struct plan *p, struct buf *b, const struct rule *r, struct str text, int block)
{
	int64_t n = 0, after = r->after >= 0 ? r->after : (count_tokens(text) + 1) / 2;
	struct str token;
	while (next_token(&text, &token)) {
		if (n == after && stream_fault(p, r))
			return false;
		if (n++)
			plan_pause(p, r->token_ms);
		delta(p, b, block, "\"text\":", token, "");
	}
	return n > after || !stream_fault(p, r);
}

static void stream_end(struct plan *p, struct buf *b, const struct rule *r, int64_t out)
{
	buf_reset(b);
	buf_adds(b, "{\"stopReason\":");
	buf_add_json(b, finish_word(r));
	buf_addc(b, '}');
	event(p, "messageStop", b);
	if (r->fault != FAULT_NO_DONE) {
		buf_reset(b);
		buf_addc(b, '{');
		add_facts(b, r, out);
		buf_addc(b, '}');
		event(p, "metadata", b);
	}
	plan_end(p);
}

static void answer_stream(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	int block = 0;
	buf_init(&b, BODY_MAX);
	plan_head(p, r->status, "application/vnd.amazon.eventstream", head_of(r, p->arena), -1);
	buf_adds(&b, "{\"role\":\"assistant\",\"p\":\"abc\"}");
	event(p, "messageStart", &b);
	if (r->reasoning.p) {
		delta(p, &b, block, "\"reasoningContent\":{\"text\":", r->reasoning, "}");
		delta(p, &b, block, "\"reasoningContent\":{\"signature\":", STR("c2ln"), "}");
		block_stop(p, &b, block++);
	}
	if (stream_tokens(p, &b, r, text, block)) {
		block_stop(p, &b, block++);
		tool_events(p, &b, r, block);
		stream_end(p, &b, r, count_tokens(text));
	}
	buf_release(&b);
}

/* --- public ------------------------------------------------------------------------------------- */

bool bedrock_path(struct str path)
{
	return str_starts(path, STR("/model/"));
}

void bedrock_answer(struct plan *p, const struct rule *r, struct str path, struct str text)
{
	bool stream = r->stream < 0 ? str_ends(path, STR("-stream")) : r->stream > 0;
	if (r->refusal.p)
		text = r->refusal;
	if (str_find(path, STR("/invoke"), 0) >= 0)
		invoke_answer(p, r, text, stream);
	else if (stream)
		answer_stream(p, r, text);
	else
		answer_whole(p, r, text);
	if (r->fault == FAULT_CUT || r->fault == FAULT_SHORT_BODY)
		p->tail = TAIL_CLOSE;
	if (r->fault == FAULT_STALL)
		p->tail = TAIL_HANG;
	if (r->fault == FAULT_RESET_MIDWAY)
		p->tail = TAIL_RESET;
	if (r->fault == FAULT_DRIP && !stream) {
		p->tail = TAIL_DRIP;
		p->drip_ms = r->drip_ms;
	}
}
