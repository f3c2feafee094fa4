#include "provider/converse_decode.h"

#include "base/limits.h"
#include "doc/jsonscan.h"
#include "doc/jsonx.h"
#include "provider/bedrock_common.h"
#include "provider/bedrock_guardrail.h"
#include "provider/provider.h"

enum { ID_MAX = 256, RESULTS_MAX = 256 };

static void set(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(o, key, value))
		die_oom();
}

static int text_said(struct converse_decode *d, struct str text)
{
	answering_text(&d->stream.in, text);
	return answering_ceiling(&d->stream.in);
}

/* Text that is something else is no answer. */
static int text_value(struct converse_decode *d, const json_t *text)
{
	if (json_is_string(text))
		return text_said(d, json_str(text));
	reply_fail(d->stream.in.reply, FAIL_MALFORMED, false, "the answer's text is %s, not text", json_type_name(text));
	return -1;
}

static int thought_said(struct converse_decode *d, struct str text)
{
	answering_thought(&d->stream.in, text);
	return answering_ceiling(&d->stream.in);
}

/* --- reasoning ------------------------------------------------------------------------------ */

static void release_thought(void *p)
{
	struct converse_thought *t = p;
	buf_release(&t->text);
	buf_release(&t->signature);
	buf_release(&t->redacted);
}

static struct converse_thought *thought_at(struct converse_decode *d, size_t index)
{
	struct arena *a = d->stream.in.reply->arena;
	for (size_t i = 0; i < d->thought.n; i++)
		if (d->thought.v[i]->index == index)
			return d->thought.v[i];
	struct converse_thought *t = arena_new(a, struct converse_thought);
	t->index = index;
	buf_init(&t->text, REPLY_BYTES_MAX);
	buf_init(&t->signature, REPLY_BYTES_MAX);
	buf_init(&t->redacted, REPLY_BYTES_MAX);
	arena_defer(a, release_thought, t);
	*vec_push(&d->thought, a) = t;
	return t;
}

/* {text, signature}, whole or in pieces; or {redactedContent}. */
static int take_thought(struct converse_decode *d, const json_t *said, const json_t *redacted, size_t index)
{
	struct str text = json_get_str(said, "text"), signature = json_get_str(said, "signature");
	if ((text.n || signature.n || json_str(redacted).n) && (d->thought.n < RESULTS_MAX)) {
		struct converse_thought *t = thought_at(d, index);
		buf_add(&t->text, text);
		buf_add(&t->signature, signature);
		buf_add(&t->redacted, json_str(redacted));
		answering_said(&d->stream.in, false);
	}
	return thought_said(d, text);
}

/* Those that are signed, or hidden, as they go back. */
static const json_t *thinking(const struct converse_decode *d)
{
	json_t *list = NULL;
	for (size_t i = 0; i < d->thought.n; i++) {
		const struct converse_thought *t = d->thought.v[i];
		json_t *o = NULL;
		if (t->redacted.n)
			o = json_pack("{s:o}", "redactedContent", json_from_str(buf_str(&t->redacted)));
		else if (t->signature.n)
			o = json_pack("{s:{s:o,s:o}}", "reasoningText", "text", json_from_str(buf_str(&t->text)), "signature",
				      json_from_str(buf_str(&t->signature)));
		else
			continue;
		if (!list)
			list = arena_json(d->stream.in.reply->arena, json_array());
		if (json_array_append_new(list, o))
			die_oom();
	}
	return list;
}

/* --- tools ---------------------------------------------------------------------------------- */

static int tool_begins(struct converse_decode *d, const json_t *use, size_t index)
{
	struct answer_tool *t = answering_tool(&d->stream.in, index);
	if (t) {
		if (!t->id.n)
			buf_add(&t->id, json_get_str(use, "toolUseId"));
		if (!t->name.n)
			buf_add(&t->name, json_get_str(use, "name"));
		t->served = str_eqc(json_get_str(use, "type"), "server_tool_use");
	}
	return answering_tool_said(&d->stream.in, t);
}

static int tool_input(struct converse_decode *d, const json_t *input, size_t index)
{
	struct answer_tool *t = answering_tool(&d->stream.in, index);
	if (t && json_is_string(input))
		buf_add(&t->arguments, json_str(input));
	else if (t && input)
		json_write(&t->arguments, input);
	return answering_tool_said(&d->stream.in, t);
}

static void release_result(void *p)
{
	struct converse_result *v = p;
	buf_release(&v->text);
}

static struct converse_result *result_at(struct converse_decode *d, size_t index)
{
	struct arena *a = d->stream.in.reply->arena;
	for (size_t i = 0; i < d->result.n; i++)
		if (d->result.v[i]->index == index)
			return d->result.v[i];
	if (d->result.n == RESULTS_MAX)
		return NULL;
	struct converse_result *v = arena_new(a, struct converse_result);
	v->index = index;
	buf_init(&v->text, REPLY_BYTES_MAX);
	arena_defer(a, release_result, v);
	*vec_push(&d->result, a) = v;
	return v;
}

static int result_begins(struct converse_decode *d, const json_t *result, size_t index)
{
	struct converse_result *v = result_at(d, index);
	if (v)
		v->id = arena_str(d->stream.in.reply->arena, str_sub(json_get_str(result, "toolUseId"), 0, ID_MAX));
	return 0;
}

static int result_said(struct converse_decode *d, const json_t *content, size_t index)
{
	struct converse_result *v = result_at(d, index);
	size_t i;
	const json_t *part;
	json_array_foreach(content, i, part) {
		const json_t *json = json_object_get(part, "json");
		if (v && json)
			json_write(&v->text, json);
		else if (v)
			buf_add(&v->text, json_get_str(part, "text"));
	}
	return 0;
}

/* The steps that the service took itself get what they came to. */
static void join_results(struct converse_decode *d)
{
	struct answering *in = &d->stream.in;
	size_t step = 0;
	for (size_t i = 0; i < in->tool.n; i++) {
		if (!in->tool.v[i]->served)
			continue;
		json_t *o = json_array_get(in->reply->trajectory, step++);
		for (size_t k = 0; k < d->result.n; k++)
			if (str_eq(d->result.v[k]->id, buf_str(&in->tool.v[i]->id)))
				set(o, "result", json_from_str(buf_str(&d->result.v[k]->text)));
	}
}

/* --- citations ------------------------------------------------------------------------------ */

static struct str source_of(const json_t *citation)
{
	const json_t *web = json_object_get(json_object_get(citation, "location"), "web");
	struct str s = json_get_str(web, "url");
	if (!s.n)
		s = json_get_str(citation, "source");
	return s.n ? s : json_get_str(citation, "title");
}

/* A passage that the answer rests on. */
static int cited(struct converse_decode *d, const json_t *citation)
{
	struct arena *a = d->stream.in.reply->arena;
	const json_t *part;
	size_t i;
	struct buf b;
	buf_init(&b, REPLY_BYTES_MAX);
	json_array_foreach(json_object_get(citation, "sourceContent"), i, part)
		buf_add(&b, json_get_str(part, "text"));
	if (b.n) {
		json_t *o = json_object();
		struct str source = source_of(citation);
		set(o, "text", json_from_str(buf_str(&b)));
		if (source.n)
			set(o, "source", json_from_str(source));
		if (!d->contexts)
			d->contexts = arena_json(a, json_array());
		json_array_append_new(d->contexts, o);
	}
	buf_release(&b);
	return 0;
}

static int cited_text(struct converse_decode *d, const json_t *block)
{
	const json_t *part;
	size_t i;
	json_array_foreach(json_object_get(block, "content"), i, part)
		if (text_said(d, json_get_str(part, "text")))
			return -1;
	json_array_foreach(json_object_get(block, "citations"), i, part)
		cited(d, part);
	return 0;
}

/* --- blocks --------------------------------------------------------------------------------- */

/* One block of a whole message: a union, so it has one member. */
static int take_block(struct converse_decode *d, const json_t *block, size_t index)
{
	const json_t *v;
	if ((v = json_object_get(block, "text")))
		return text_value(d, v);
	if ((v = json_object_get(block, "reasoningContent")))
		return take_thought(d, json_object_get(v, "reasoningText"), json_object_get(v, "redactedContent"), index);
	if ((v = json_object_get(block, "toolUse")))
		return tool_begins(d, v, index) || tool_input(d, json_object_get(v, "input"), index) ? -1 : 0;
	if ((v = json_object_get(block, "toolResult")))
		return result_begins(d, v, index) || result_said(d, json_object_get(v, "content"), index) ? -1 : 0;
	if ((v = json_object_get(block, "citationsContent")))
		return cited_text(d, v);
	d->other++;
	return 0;
}

static int take_start(struct converse_decode *d, const json_t *start, size_t index)
{
	const json_t *v;
	if ((v = json_object_get(start, "toolUse")))
		return tool_begins(d, v, index);
	if ((v = json_object_get(start, "toolResult")))
		return result_begins(d, v, index);
	d->other += json_object_get(start, "image") != NULL;
	return 0;
}

static int take_delta(struct converse_decode *d, const json_t *delta, size_t index)
{
	const json_t *v;
	if ((v = json_object_get(delta, "text")))
		return text_value(d, v);
	if ((v = json_object_get(delta, "reasoningContent")))
		return take_thought(d, v, json_object_get(v, "redactedContent"), index);
	if ((v = json_object_get(delta, "toolUse")))
		return tool_input(d, json_object_get(v, "input"), index);
	if ((v = json_object_get(delta, "toolResult")))
		return result_said(d, v, index);
	if ((v = json_object_get(delta, "citation")))
		return cited(d, v);
	return 0;
}

/* --- how it ended, what it took --------------------------------------------------------------- */

static enum finish finish_of(struct str word)
{
	static const struct {
		const char *word;
		enum finish finish;
	} table[] = {
		{ "end_turn", FINISH_STOP },
		{ "stop_sequence", FINISH_STOP },
		{ "tool_use", FINISH_TOOL },
		{ "max_tokens", FINISH_LENGTH },
		{ "model_context_window_exceeded", FINISH_LENGTH },
		{ "guardrail_intervened", FINISH_BLOCKED },
		{ "content_filtered", FINISH_BLOCKED },
		{ "refusal", FINISH_REFUSED },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_eqc(word, table[i].word))
			return table[i].finish;
	return FINISH_OTHER;
}

static void take_stop(struct converse_decode *d, const json_t *root)
{
	struct str word = json_get_str(root, "stopReason");
	const json_t *more = json_object_get(root, "additionalModelResponseFields");
	if (word.n) {
		d->stopped = true;
		answering_finish(&d->stream.in, finish_of(word), word);
	}
	if (json_is_object(more) && json_object_size(more))
		d->additional = arena_json(d->stream.in.reply->arena, json_deep_copy(more));
}

/* Sums stay far from the end of the numbers. */
static int64_t tokens(const json_t *u, const char *key)
{
	int64_t n = answering_count(u, key);
	return n < (int64_t)1 << 52 ? n : -1;
}

/* inputTokens leaves out what a cache read or wrote; ours counts all that was read. */
static void take_usage(struct reply *r, const json_t *u)
{
	const json_t *part, *details = json_object_get(u, "cacheDetails");
	size_t i;
	if (!json_is_object(u))
		return;
	struct usage *out = &r->usage;
	out->in = tokens(u, "inputTokens");
	out->out = tokens(u, "outputTokens");
	out->cache_read = tokens(u, "cacheReadInputTokens");
	out->cache_write = tokens(u, "cacheWriteInputTokens");
	if (out->in >= 0)
		out->in += (out->cache_read > 0 ? out->cache_read : 0) + (out->cache_write > 0 ? out->cache_write : 0);
	json_array_foreach(details, i, part) {
		int64_t n = tokens(part, "inputTokens");
		if (!str_eqc(json_get_str(part, "ttl"), "1h") || n < 0)
			continue;
		out->cache_write_1h = (out->cache_write_1h > 0 ? out->cache_write_1h : 0) + n;
	}
}

static void take_word(struct converse_decode *d, struct str *to, const json_t *o, const char *key)
{
	struct str word = json_get_str(o, key);
	if (word.n)
		*to = arena_str(d->stream.in.reply->arena, str_sub(word, 0, 64));
}

/* What stands beside the message, in a whole answer or in the last event of a stream. */
static void take_facts(struct converse_decode *d, const json_t *root)
{
	struct reply *r = d->stream.in.reply;
	const json_t *trace = json_object_get(root, "trace");
	const json_t *router = json_object_get(trace, "promptRouter");
	const json_t *guardrail = json_object_get(trace, "guardrail");
	take_usage(r, json_object_get(root, "usage"));
	d->latency_ms = answering_count(json_object_get(root, "metrics"), "latencyMs");
	answering_served(&d->stream.in, json_get_str(router, "invokedModelId"), (struct str){ .p = NULL });
	take_word(d, &r->speed, json_object_get(root, "performanceConfig"), "latency");
	take_word(d, &r->tier, json_object_get(root, "serviceTier"), "type");
	if (json_is_object(guardrail))
		d->trace = arena_json(r->arena, json_deep_copy(guardrail));
}

/* --- readers -------------------------------------------------------------------------------- */

/* The usual event, read in place: {"contentBlockIndex":0,"delta":{"text":"…"},"p":"…"}.  False leaves the
 * reply as it was. */
static bool take_quickly(struct converse_decode *d, struct str payload)
{
	struct buf *text = &d->stream.in.reply->text;
	struct jsonscan j = jsonscan_of(payload);
	struct str key;
	size_t had = text->n;
	bool delta = false, said = false;
	if (!jsonscan_enter(&j, '{'))
		return false;
	while (jsonscan_member(&j, &key)) {
		if (!str_eqc(key, "delta")) {
			jsonscan_skip(&j);
			continue;
		}
		j.bad |= delta || !jsonscan_enter(&j, '{');
		delta = true;
		while (!j.bad && jsonscan_member(&j, &key)) {
			j.bad |= said || !str_eqc(key, "text");
			said = true;
			if (!j.bad)
				jsonscan_string(&j, text);
		}
	}
	if (!jsonscan_end(&j) || !said || text->over) {
		buf_cut(text, had);
		return false;
	}
	if (text->n > had)
		answering_said(&d->stream.in, true);
	return true;
}

static int take_event(struct converse_decode *d, struct str type, const json_t *root)
{
	int64_t index = answering_count(root, "contentBlockIndex");
	size_t at = index < 0 ? 0 : (size_t)index;
	if (str_eqc(type, "contentBlockDelta"))
		return take_delta(d, json_object_get(root, "delta"), at);
	if (str_eqc(type, "contentBlockStart"))
		return take_start(d, json_object_get(root, "start"), at);
	if (str_eqc(type, "messageStop")) {
		take_stop(d, root);
	} else if (str_eqc(type, "metadata")) {
		take_facts(d, root);
		if (d->stopped)
			d->stream.in.events |= FEED_TERMINAL;
	}
	return 0; /* messageStart, contentBlockStop, and what is new */
}

int converse_event(struct bedrock_stream *s, struct str type, struct str payload)
{
	struct converse_decode *d = s->state;
	struct arena scratch = ARENA_INIT;
	if (str_eqc(type, "contentBlockDelta") && take_quickly(d, payload))
		return 0;
	const json_t *root = bedrock_stream_json(s, payload, &scratch);
	int result = root ? take_event(d, type, root) : -1;
	arena_release(&scratch);
	return result;
}

/* What is left to say once all of it is here. */
static void complete(struct converse_decode *d)
{
	struct reply *r = d->stream.in.reply;
	bool intervened = str_eqc(r->finish_raw, "guardrail_intervened");
	if (str_starts(r->finish_raw, STR("malformed_"))) {
		reply_fail(r, FAIL_MALFORMED, false, "Bedrock could not read what the model wrote (stopReason '%.*s')",
			   STR_ARGS(r->finish_raw));
		return;
	}
	for (size_t i = 0; i < d->stream.in.tool.n; i++) /* no arguments are none, and not a text */
		if (!d->stream.in.tool.v[i]->arguments.n)
			buf_adds(&d->stream.in.tool.v[i]->arguments, "{}");
	answering_tools_end(&d->stream.in);
	join_results(d);
	r->contexts = d->contexts;
	r->thinking = thinking(d);
	if (d->guarded || d->trace || intervened) {
		const char *reason = json_string_value(json_object_get(d->trace, "actionReason"));
		json_t *g = bedrock_guardrail(intervened, reason, r->arena);
		bedrock_guardrail_trace(g, d->trace, r->arena);
		r->guardrail = g;
	}
	if (d->latency_ms < 0 && !d->additional && !d->other)
		return;
	json_t *detail = arena_json(r->arena, json_object());
	if (d->latency_ms >= 0)
		set(detail, "latency_ms", json_integer(d->latency_ms));
	if (d->additional)
		set(detail, "additional", json_incref(d->additional));
	if (d->other)
		set(detail, "other_blocks", json_integer(d->other));
	r->detail = detail;
}

void converse_whole(struct bedrock_stream *s, const json_t *root)
{
	struct converse_decode *d = s->state;
	const json_t *block, *content = json_object_get(json_object_get(json_object_get(root, "output"), "message"),
							"content");
	size_t i;
	if (!json_is_array(content) && !json_get_str(root, "stopReason").n) {
		if (json_get_str(root, "message").n)
			bedrock_fail(s->in.reply, 0, (struct str){ .p = NULL }, root, false);
		else
			reply_fail(s->in.reply, FAIL_MALFORMED, false, "the answer has neither a message nor a stopReason");
		return;
	}
	json_array_foreach(content, i, block)
		if (take_block(d, block, i))
			return;
	take_stop(d, root);
	take_facts(d, root);
	/* Nothing said and no word why is not the same as an empty answer: many scorers would like it. */
	if (!d->stopped)
		reply_fail(s->in.reply, FAIL_MALFORMED, false, "the answer has no stopReason");
	else
		complete(d);
}

void converse_end(struct bedrock_stream *s)
{
	struct converse_decode *d = s->state;
	if (!d->stopped)
		reply_fail(s->in.reply, FAIL_CUT, false, "the stream ended without its messageStop%s",
			   s->in.token ? "" : " and without any answer");
	else
		complete(d);
}

static const struct bedrock_reader reader = {
	.event = converse_event,
	.whole = converse_whole,
	.end = converse_end,
};

int converse_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct converse_decode *d = state;
	d->latency_ms = -1;
	d->guarded = json_is_object(json_object_get(c->endpoint->config, "guardrail"));
	bedrock_stream_begin(&d->stream, &reader, d, r, st, c);
	return 0;
}

int converse_feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct converse_decode *d = state;
	return bedrock_stream_feed(&d->stream, r, piece, events);
}

void converse_finish(void *state, struct reply *r)
{
	struct converse_decode *d = state;
	bedrock_stream_finish(&d->stream, r);
}
