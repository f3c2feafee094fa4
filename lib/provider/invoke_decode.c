#include "provider/invoke_decode.h"

#include "base/b64.h"
#include "base/limits.h"
#include "base/num.h"
#include "doc/jsonx.h"
#include "provider/bedrock_common.h"
#include "provider/bedrock_guardrail.h"
#include "provider/provider.h"

/* --- what AWS adds to any family's answer ----------------------------------------------------- */

static void take_count(int64_t *to, const json_t *o, const char *key)
{
	int64_t n = answering_count(o, key);
	if (n >= 0)
		*to = n;
}

static void take_additions(struct invoke_decode *d, const json_t *root)
{
	const json_t *m = json_object_get(root, "amazon-bedrock-invocationMetrics");
	const json_t *trace = json_object_get(json_object_get(root, "amazon-bedrock-trace"), "guardrail");
	take_count(&d->in, m, "inputTokenCount");
	take_count(&d->out, m, "outputTokenCount");
	take_count(&d->latency_ms, m, "invocationLatency");
	if (str_eqc(json_get_str(root, "amazon-bedrock-guardrailAction"), "INTERVENED"))
		d->intervened = true;
	if (json_is_object(trace) && !d->trace)
		d->trace = arena_json(d->stream.in.reply->arena, json_deep_copy(trace));
}

static void header_count(int64_t *to, const struct wire_status *st, const char *name)
{
	struct str s = str_trim(wire_header_get(st, name));
	int64_t n;
	if (s.n && num_parse_i64(s, &n) && n >= 0)
		*to = n;
}

static struct str header_word(const struct wire_status *st, const char *name, struct arena *a)
{
	struct str s = str_trim(wire_header_get(st, name));
	return s.n ? arena_str(a, str_sub(s, 0, 64)) : (struct str){ .p = NULL };
}

/* input and outputs here, inputAssessment and outputAssessments in Converse. */
static void guardrail(struct invoke_decode *d)
{
	struct reply *r = d->stream.in.reply;
	const char *id;
	size_t i;
	json_t *v, *each;
	if (!d->guarded && !d->trace && !d->intervened)
		return;
	json_t *g = bedrock_guardrail(d->intervened, json_string_value(json_object_get(d->trace, "actionReason")), r->arena);
	json_object_foreach(json_object_get(d->trace, "input"), id, v)
		bedrock_guardrail_assess(g, v, "input", r->arena);
	json_array_foreach(json_object_get(d->trace, "outputs"), i, each)
		json_object_foreach(each, id, v)
			bedrock_guardrail_assess(g, v, "output", r->arena);
	r->guardrail = g;
}

/* --- Llama and Mistral ------------------------------------------------------------------------ */

static enum finish finish_of(struct str word)
{
	return str_eqc(word, "stop")   ? FINISH_STOP :
	       str_eqc(word, "length") ? FINISH_LENGTH :
					 FINISH_OTHER;
}

/* A whole answer, or a piece of one: they have the same members. */
static int take_plain(struct invoke_decode *d, const json_t *root)
{
	struct answering *in = &d->stream.in;
	const json_t *o = d->family == INVOKE_MISTRAL ? json_array_get(json_object_get(root, "outputs"), 0) : root;
	const json_t *text = json_object_get(o, d->family == INVOKE_MISTRAL ? "text" : "generation");
	struct str word = json_get_str(o, "stop_reason");
	if (text && !json_is_string(text)) {
		reply_fail(in->reply, FAIL_MALFORMED, false, "the answer's text is %s, not text", json_type_name(text));
		return -1;
	}
	answering_text(in, json_str(text));
	take_count(&d->in, root, "prompt_token_count");
	take_count(&d->out, root, "generation_token_count");
	if (word.n) {
		d->stopped = true;
		answering_finish(in, finish_of(word), word);
	}
	return answering_ceiling(in);
}

/* --- pieces for the inner decoder --------------------------------------------------------------- */

/* Line ends stand outside of strings in JSON, so they may be spaces. */
static int anthropic_piece(struct invoke_decode *d, struct str json)
{
	unsigned events = 0;
	struct buf b;
	buf_init(&b, json.n + 16);
	buf_adds(&b, "data: ");
	buf_add(&b, json);
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] == '\n' || b.p[i] == '\r')
			b.p[i] = ' ';
	buf_adds(&b, "\n\n");
	int result = anthropic_feed(&d->inner.anthropic, d->stream.in.reply, buf_str(&b), &events);
	buf_release(&b);
	d->stream.in.events |= events;
	d->stream.in.token |= d->inner.anthropic.in.token;
	return result;
}

/* {"contentBlockDelta": {…}}: the event's type is the member that Converse knows. */
static int nova_piece(struct invoke_decode *d, const json_t *root)
{
	struct converse_decode *c = &d->inner.converse;
	const char *key;
	json_t *v;
	int result = 0;
	c->stream.in.events = 0;
	json_object_foreach((json_t *)(uintptr_t)root, key, v) {
		struct buf b;
		if (result || !json_is_object(v))
			continue;
		buf_init(&b, REPLY_BYTES_MAX);
		json_write(&b, v);
		result = converse_event(&c->stream, str_c(key), buf_str(&b));
		buf_release(&b);
	}
	d->stream.in.events |= c->stream.in.events;
	d->stream.in.token |= c->stream.in.token;
	return result;
}

/* A piece that says nothing of the model's own. */
static bool only_additions(const json_t *root)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)root, key, v)
		if (!str_starts(str_c(key), STR("amazon-bedrock-")))
			return false;
	return true;
}

static int take_piece(struct invoke_decode *d, struct str json, const json_t *root)
{
	take_additions(d, root);
	if (d->family == INVOKE_ANTHROPIC)
		return json_object_get(root, "type") || !only_additions(root) ? anthropic_piece(d, json) : 0;
	return d->family == INVOKE_NOVA ? nova_piece(d, root) : take_plain(d, root);
}

static int on_event(struct bedrock_stream *s, struct str type, struct str payload)
{
	struct invoke_decode *d = s->state;
	struct arena scratch = ARENA_INIT;
	struct str json;
	int result = -1;
	if (!str_eqc(type, "chunk"))
		return 0;
	const json_t *root = bedrock_stream_json(s, payload, &scratch);
	if (root && !b64_decode(&scratch, json_get_str(root, "bytes"), &json)) {
		reply_fail(s->in.reply, FAIL_MALFORMED, false, "a chunk of the stream holds no base64");
	} else if (root) {
		root = bedrock_stream_json(s, json, &scratch);
		result = root ? take_piece(d, json, root) : -1;
	}
	arena_release(&scratch);
	return result;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* What the inner decoder cannot know: AWS's count of tokens and its guardrail. */
static void complete(struct invoke_decode *d)
{
	struct reply *r = d->stream.in.reply;
	if (r->fail)
		return;
	if (r->usage.in < 0)
		r->usage.in = d->in;
	if (r->usage.out < 0)
		r->usage.out = d->out;
	d->intervened |= str_eqc(r->finish_raw, "guardrail_intervened");
	if (d->intervened)
		r->finish = FINISH_BLOCKED;
	guardrail(d);
	if (d->latency_ms >= 0 && !r->detail)
		r->detail = arena_json(r->arena, json_pack("{s:I}", "latency_ms", (json_int_t)d->latency_ms));
}

static void on_whole(struct bedrock_stream *s, const json_t *root)
{
	struct invoke_decode *d = s->state;
	struct reply *r = s->in.reply;
	unsigned events;
	take_additions(d, root);
	if (d->family == INVOKE_ANTHROPIC) {
		if (!anthropic_feed(&d->inner.anthropic, r, buf_str(&s->in.text), &events))
			anthropic_finish(&d->inner.anthropic, r);
	} else if (d->family == INVOKE_NOVA) {
		converse_whole(&d->inner.converse.stream, root);
	} else if (!take_plain(d, root) && !d->stopped) {
		reply_fail(r, FAIL_MALFORMED, false, "the answer has no stop_reason");
	}
	complete(d);
}

static bool inner_stopped(const struct invoke_decode *d)
{
	return d->family == INVOKE_ANTHROPIC ? d->inner.anthropic.done :
	       d->family == INVOKE_NOVA	     ? d->inner.converse.stopped :
					       d->stopped;
}

/* A guardrail that steps in may end the model's own stream before its end: that is an answer. */
static void on_end(struct bedrock_stream *s)
{
	struct invoke_decode *d = s->state;
	if (d->intervened && !inner_stopped(d))
		answering_finish(&s->in, FINISH_BLOCKED, STR("INTERVENED"));
	else if (d->family == INVOKE_ANTHROPIC)
		anthropic_finish(&d->inner.anthropic, s->in.reply);
	else if (d->family == INVOKE_NOVA)
		converse_end(&d->inner.converse.stream);
	else if (!d->stopped)
		reply_fail(s->in.reply, FAIL_CUT, false, "the stream ended without a stop_reason");
	complete(d);
}

static const struct bedrock_reader reader = { .event = on_event, .whole = on_whole, .end = on_end };

/* The inner decoder sees an answer of its own wire, streamed or not. */
static void begin_inner(struct invoke_decode *d, struct reply *r, const struct call *c)
{
	bool framed = d->stream.framed;
	struct wire_header type = { STR("content-type"), framed ? STR("text/event-stream") : STR("application/json") };
	struct wire_status good = { .code = 200, .header = &type, .nheader = 1 };
	struct str id = r->request_id;
	if (d->family == INVOKE_ANTHROPIC)
		anthropic_begin(&d->inner.anthropic, r, &good, c);
	else if (d->family == INVOKE_NOVA)
		converse_begin(&d->inner.converse, r, &good, c);
	r->request_id = id;
	r->streamed = framed;
}

int invoke_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct invoke_decode *d = state;
	d->in = d->out = d->latency_ms = -1;
	d->family = invoke_family_of(c->endpoint->model);
	d->guarded = json_is_object(json_object_get(c->endpoint->config, "guardrail"));
	bedrock_stream_begin(&d->stream, &reader, d, r, st, c);
	if (d->stream.in.body == ANSWER_ERROR)
		return 0;
	begin_inner(d, r, c);
	header_count(&d->in, st, "x-amzn-bedrock-input-token-count");
	header_count(&d->out, st, "x-amzn-bedrock-output-token-count");
	header_count(&d->latency_ms, st, "x-amzn-bedrock-invocation-latency");
	r->speed = header_word(st, "x-amzn-bedrock-performanceconfig-latency", r->arena);
	r->tier = header_word(st, "x-amzn-bedrock-service-tier", r->arena);
	return 0;
}

int invoke_feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct invoke_decode *d = state;
	return bedrock_stream_feed(&d->stream, r, piece, events);
}

void invoke_finish(void *state, struct reply *r)
{
	struct invoke_decode *d = state;
	bedrock_stream_finish(&d->stream, r);
}
