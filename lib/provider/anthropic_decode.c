#include "provider/anthropic_decode.h"

#include "doc/jsonx.h"
#include "provider/errorbody.h"
#include "provider/provider.h"

/* --- the neutral words ----------------------------------------------------------------------- */

static enum finish finish_of(struct str word)
{
	static const struct {
		const char *word;
		enum finish finish;
	} table[] = {
		{ "end_turn", FINISH_STOP },
		{ "stop_sequence", FINISH_STOP },
		{ "max_tokens", FINISH_LENGTH },
		{ "model_context_window_exceeded", FINISH_LENGTH },
		{ "tool_use", FINISH_TOOL },
		{ "refusal", FINISH_REFUSED },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_eqc(word, table[i].word))
			return table[i].finish;
	return FINISH_OTHER;
}

static void take_count(int64_t *to, const json_t *o, const char *key)
{
	int64_t n = answering_count(o, key);
	if (n >= 0)
		*to = n;
}

static int64_t or_zero(int64_t n)
{
	return n > 0 ? n : 0;
}

/* The stream says it twice, and the later word counts.  input_tokens leaves out what the cache read and
 * kept; ours counts all that was read. */
static void take_usage(struct anthropic_decode *d, const json_t *u)
{
	struct usage *to = &d->in.reply->usage;
	take_count(&d->fresh, u, "input_tokens");
	take_count(&to->out, u, "output_tokens");
	take_count(&to->cache_read, u, "cache_read_input_tokens");
	take_count(&to->cache_write, u, "cache_creation_input_tokens");
	take_count(&to->cache_write_1h, json_object_get(u, "cache_creation"), "ephemeral_1h_input_tokens");
	if (d->fresh >= 0)
		to->in = d->fresh + or_zero(to->cache_read) + or_zero(to->cache_write);
	answering_tier(&d->in, json_get_str(u, "service_tier"));
}

/* `o` is a whole message, or the delta of message_delta. */
static void take_stop(struct anthropic_decode *d, const json_t *o)
{
	struct reply *r = d->in.reply;
	struct str word = json_get_str(o, "stop_reason");
	json_t *why = json_object_get(o, "stop_details");
	if (!word.n)
		return;
	d->finished = true;
	answering_finish(&d->in, finish_of(word), word);
	if (json_is_object(why))
		r->detail = arena_json(r->arena, json_pack("{s:O}", "stop_details", why));
}

/* --- content blocks -------------------------------------------------------------------------- */

/* Calls of tools that the server runs itself are steps on the way. */
static int take_tool(struct anthropic_decode *d, const json_t *block, struct str type, size_t index)
{
	struct answer_tool *t = answering_tool(&d->in, index);
	const json_t *input = json_object_get(block, "input");
	if (t) {
		t->served = !str_eqc(type, "tool_use");
		if (!t->id.n)
			buf_add(&t->id, json_get_str(block, "id"));
		if (!t->name.n)
			buf_add(&t->name, json_get_str(block, "name"));
		if (json_object_size(input))
			json_write(&t->arguments, input);
	}
	return answering_tool_said(&d->in, t);
}

/* A block of a whole message, or what a block of a stream begins with. */
static int take_block(struct anthropic_decode *d, const json_t *block, size_t index)
{
	struct str type = json_get_str(block, "type");
	if (str_eqc(type, "tool_use") || str_eqc(type, "server_tool_use") || str_eqc(type, "mcp_tool_use"))
		return take_tool(d, block, type, index);
	if (str_eqc(type, "text"))
		answering_text(&d->in, json_get_str(block, "text"));
	else if (str_eqc(type, "thinking"))
		answering_thought(&d->in, json_get_str(block, "thinking"));
	else if (str_eqc(type, "redacted_thinking"))
		answering_said(&d->in, false);
	return answering_ceiling(&d->in);
}

static int take_delta(struct anthropic_decode *d, const json_t *delta, size_t index)
{
	struct str type = json_get_str(delta, "type");
	if (str_eqc(type, "text_delta"))
		answering_text(&d->in, json_get_str(delta, "text"));
	else if (str_eqc(type, "thinking_delta"))
		answering_thought(&d->in, json_get_str(delta, "thinking"));
	if (!str_eqc(type, "input_json_delta"))
		return answering_ceiling(&d->in);
	struct answer_tool *t = answering_tool_find(&d->in, index);
	if (!t) {
		reply_fail(d->in.reply, FAIL_MALFORMED, false,
			   "the stream has arguments of a tool call that did not begin");
		return -1;
	}
	buf_add(&t->arguments, json_get_str(delta, "partial_json"));
	return answering_tool_said(&d->in, t);
}

/* --- messages, events, errors ---------------------------------------------------------------- */

static int take_error(struct anthropic_decode *d, const json_t *root)
{
	struct error_body e = error_body_of(root);
	if (!e.content_filter) {
		/* Once something was said, asking again would be rolling the dice again. */
		error_body_fail(d->in.reply, 0, &e, !d->in.token);
		return -1;
	}
	answering_finish(&d->in, FINISH_BLOCKED, STR("content_filter"));
	d->message = d->finished = d->done = true;
	d->in.events |= FEED_TERMINAL;
	return 0;
}

/* `whole`: a body that is the message; else the one of message_start, whose content comes later. */
static int take_message(struct anthropic_decode *d, const json_t *m, bool whole)
{
	size_t i;
	const json_t *block, *content = json_object_get(m, "content");
	if (!json_is_array(content)) {
		reply_fail(d->in.reply, FAIL_MALFORMED, false, "the server sent a message without content");
		return -1;
	}
	d->message = true;
	answering_served(&d->in, json_get_str(m, "model"), json_get_str(m, "id"));
	take_usage(d, json_object_get(m, "usage"));
	json_array_foreach(content, i, block)
		if (take_block(d, block, i))
			return -1;
	if (whole)
		take_stop(d, m);
	return 0;
}

static int take_event(struct anthropic_decode *d, const json_t *root)
{
	struct str type = json_get_str(root, "type");
	int64_t index = answering_count(root, "index");
	if (str_eqc(type, "error"))
		return take_error(d, root);
	if (str_eqc(type, "message_start"))
		return take_message(d, json_object_get(root, "message"), false);
	if (str_eqc(type, "content_block_start"))
		return take_block(d, json_object_get(root, "content_block"), index < 0 ? 0 : (size_t)index);
	if (str_eqc(type, "content_block_delta"))
		return take_delta(d, json_object_get(root, "delta"), index < 0 ? 0 : (size_t)index);
	if (str_eqc(type, "message_delta")) {
		take_usage(d, json_object_get(root, "usage"));
		take_stop(d, json_object_get(root, "delta"));
	} else if (str_eqc(type, "message_stop")) {
		d->done = true;
		d->in.events |= FEED_TERMINAL;
	} else if (!type.n) {
		reply_fail(d->in.reply, FAIL_MALFORMED, false, "an event of the stream has no type");
		return -1;
	}
	return 0; /* ping, content_block_stop, and what is new */
}

static int on_event(void *ctx, const struct sse_event *ev)
{
	struct anthropic_decode *d = ctx;
	if (d->done || !ev->data.n)
		return 0;
	struct arena scratch = ARENA_INIT;
	const json_t *root = answering_event(&d->in, ev->data, &scratch);
	int result = root ? take_event(d, root) : -1;
	arena_release(&scratch);
	return result;
}

static void finish_json(struct anthropic_decode *d)
{
	struct arena scratch = ARENA_INIT;
	const json_t *root = answering_json(&d->in, &scratch);
	bool error = json_object_get(root, "error") || str_eqc(json_get_str(root, "type"), "error");
	if (root && error)
		take_error(d, root);
	else if (root && !take_message(d, root, true) && !d->finished)
		reply_fail(d->in.reply, FAIL_MALFORMED, false, "the answer has no stop_reason");
	arena_release(&scratch);
}

static void finish_sse(struct anthropic_decode *d)
{
	if (!d->done || !d->message)
		reply_fail(d->in.reply, FAIL_CUT, false, "the stream ended without its message_stop%s",
			   d->message ? "" : " and without any message");
	else if (!d->finished)
		reply_fail(d->in.reply, FAIL_CUT, false, "the stream ended without a stop_reason");
}

int anthropic_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct anthropic_decode *d = state;
	d->fresh = -1;
	answering_begin(&d->in, r, st, c, on_event, d);
	return 0;
}

int anthropic_feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct anthropic_decode *d = state;
	return answering_feed(&d->in, r, piece, events);
}

void anthropic_finish(void *state, struct reply *r)
{
	struct anthropic_decode *d = state;
	d->in.reply = r;
	if (d->in.body == ANSWER_JSON)
		finish_json(d);
	else if (d->in.body == ANSWER_SSE)
		finish_sse(d);
	else if (answering_blocked(&d->in, NULL))
		answering_finish(&d->in, FINISH_BLOCKED, STR("content_filter"));
	if (r->fail)
		return;
	for (size_t i = 0; i < d->in.tool.n; i++) /* no arguments are none, and not a text */
		if (!d->in.tool.v[i]->arguments.n)
			buf_adds(&d->in.tool.v[i]->arguments, "{}");
	answering_tools_end(&d->in);
}
