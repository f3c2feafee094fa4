#include "provider/responses_decode.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/errorbody.h"
#include "provider/provider.h"

static void take_usage(struct reply *r, const json_t *u)
{
	const json_t *in = json_object_get(u, "input_tokens_details");
	if (!json_is_object(u))
		return;
	r->usage.in = answering_count(u, "input_tokens");
	r->usage.out = answering_count(u, "output_tokens");
	r->usage.cache_read = answering_count(in, "cached_tokens");
	r->usage.cache_write = answering_count(in, "cache_write_tokens");
	r->usage.reasoning = answering_count(json_object_get(u, "output_tokens_details"), "reasoning_tokens");
}

/* --- items of the output ---------------------------------------------------------------------- */

enum item_kind { ITEM_OTHER, ITEM_MESSAGE, ITEM_REASONING, ITEM_CALL, ITEM_STEP };

/* What an item is, and where its arguments stand.  Steps are run by the server itself. */
static enum item_kind kind_of(struct str type, const char **arguments)
{
	static const struct {
		const char *type;
		enum item_kind kind;
		const char *arguments;
	} table[] = {
		{ "message", ITEM_MESSAGE, NULL },
		{ "reasoning", ITEM_REASONING, NULL },
		{ "function_call", ITEM_CALL, "arguments" },
		{ "custom_tool_call", ITEM_CALL, "input" },
		{ "computer_call", ITEM_CALL, "action" },
		{ "local_shell_call", ITEM_CALL, "action" },
		{ "shell_call", ITEM_CALL, "action" },
		{ "apply_patch_call", ITEM_CALL, "operation" },
		{ "web_search_call", ITEM_STEP, "action" },
		{ "file_search_call", ITEM_STEP, "queries" },
		{ "code_interpreter_call", ITEM_STEP, "code" },
		{ "image_generation_call", ITEM_STEP, "action" },
		{ "mcp_call", ITEM_STEP, "arguments" },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_eqc(type, table[i].type)) {
			*arguments = table[i].arguments;
			return table[i].kind;
		}
	return ITEM_OTHER;
}

/* A tool without a name of its own is called by its type: "web_search". */
static struct str tool_name(const json_t *item)
{
	struct str name = json_get_str(item, "name"), type = json_get_str(item, "type");
	return name.n ? name : str_sub(type, 0, type.n - (str_ends(type, STR("_call")) ? 5 : 0));
}

/* Text comes in deltas too; what is no text comes whole, and the later word counts. */
static void take_arguments(struct buf *to, const json_t *arguments, const char *member)
{
	if (json_is_string(arguments) && !to->n)
		buf_add(to, json_str(arguments));
	if (!json_array_size(arguments) && !json_object_size(arguments))
		return;
	buf_reset(to);
	if (json_is_array(arguments))
		buf_addf(to, "{\"%s\":", member);
	json_write(to, arguments);
	buf_adds(to, json_is_array(arguments) ? "}" : "");
}

/* Read when the item begins, with arguments still empty, and again when it is whole. */
static int take_tool(struct responses_decode *d, const json_t *item, size_t index, enum item_kind kind,
		     const char *member)
{
	struct answer_tool *t = answering_tool(&d->in, index);
	struct str id = json_get_str(item, "call_id");
	d->called |= kind == ITEM_CALL;
	if (t) {
		t->served = kind == ITEM_STEP;
		if (!t->id.n)
			buf_add(&t->id, id.n ? id : json_get_str(item, "id"));
		if (!t->name.n)
			buf_add(&t->name, tool_name(item));
		take_arguments(&t->arguments, json_object_get(item, member), member);
	}
	return answering_tool_said(&d->in, t);
}

static void take_passages(struct responses_decode *d, const json_t *results)
{
	size_t i;
	const json_t *from;
	json_array_foreach(results, i, from) {
		json_t *passage = json_pack("{s:O}", "text", json_object_get(from, "text"));
		const json_t *file = json_object_get(from, "filename"), *score = json_object_get(from, "score");
		if (!passage)
			continue;
		if (json_is_string(file))
			json_object_set(passage, "source", (json_t *)(uintptr_t)file);
		if (json_is_number(score))
			json_object_set(passage, "score", (json_t *)(uintptr_t)score);
		if (!d->contexts)
			d->contexts = arena_json(d->in.reply->arena, json_array());
		json_array_append_new(d->contexts, passage);
	}
}

static void take_refusal(struct responses_decode *d, struct str text)
{
	d->refused = true;
	answering_text(&d->in, text);
}

/* The parts of a message or of thinking, in an answer that did not stream. */
static void take_parts(struct responses_decode *d, const json_t *parts, bool thought)
{
	size_t i;
	const json_t *part;
	json_array_foreach(parts, i, part) {
		if (thought)
			answering_thought(&d->in, json_get_str(part, "text"));
		else if (json_get_str(part, "refusal").p)
			take_refusal(d, json_get_str(part, "refusal"));
		else
			answering_text(&d->in, json_get_str(part, "text"));
	}
}

/* `text`: its text is read here, and not from deltas. */
static int take_item(struct responses_decode *d, const json_t *item, size_t index, bool text)
{
	const char *member = NULL;
	enum item_kind kind = kind_of(json_get_str(item, "type"), &member);
	if (kind == ITEM_CALL || kind == ITEM_STEP) {
		take_passages(d, json_object_get(item, "results"));
		return take_tool(d, item, index, kind, member);
	}
	if (text && kind == ITEM_MESSAGE)
		take_parts(d, json_object_get(item, "content"), false);
	if (text && kind == ITEM_REASONING) {
		take_parts(d, json_object_get(item, "summary"), true);
		take_parts(d, json_object_get(item, "content"), true);
	}
	return answering_ceiling(&d->in);
}

/* --- responses -------------------------------------------------------------------------------- */

static int take_error(struct responses_decode *d, const json_t *root)
{
	struct error_body e = error_body_of(root);
	if (!e.content_filter) {
		/* Once something was said, asking again would be rolling the dice again. */
		error_body_fail(d->in.reply, 0, &e, !d->in.token);
		return -1;
	}
	answering_finish(&d->in, FINISH_BLOCKED, STR("content_filter"));
	d->done = true;
	d->in.events |= FEED_TERMINAL;
	return 0;
}

static void take_status(struct responses_decode *d, const json_t *response, struct str status)
{
	struct str reason = json_get_str(json_object_get(response, "incomplete_details"), "reason");
	if (str_eqc(status, "completed"))
		answering_finish(&d->in, d->called ? FINISH_TOOL : FINISH_STOP, status);
	else
		answering_finish(&d->in, str_eqc(reason, "max_output_tokens") ? FINISH_LENGTH :
					 str_eqc(reason, "content_filter")    ? FINISH_BLOCKED :
										FINISH_OTHER,
				 reason.n ? reason : status);
	d->done = true;
	d->in.events |= FEED_TERMINAL;
}

static void take_head(struct responses_decode *d, const json_t *response)
{
	answering_served(&d->in, json_get_str(response, "model"), json_get_str(response, "id"));
	answering_tier(&d->in, json_get_str(response, "service_tier"));
}

/* A response that has ended: of the last event, or a whole body.  Its output is read where no delta came. */
static int take_end(struct responses_decode *d, const json_t *response)
{
	size_t i;
	const json_t *item;
	struct str status = json_get_str(response, "status");
	const json_t *error = json_object_get(response, "error");
	bool text = !d->in.reply->text.n && !d->in.reply->reasoning.n && !d->refused;
	take_head(d, response);
	take_usage(d->in.reply, json_object_get(response, "usage"));
	if (str_eqc(status, "failed") || (error && !json_is_null(error)))
		return take_error(d, response);
	json_array_foreach(json_object_get(response, "output"), i, item)
		if ((text || !d->in.token) && take_item(d, item, i, text))
			return -1;
	if (str_eqc(status, "completed") || str_eqc(status, "incomplete")) {
		take_status(d, response, status);
		return 0;
	}
	reply_fail(d->in.reply, FAIL_MALFORMED, false, "the response has status '%.*s', which is no end",
		   STR_ARGS(str_sub(status, 0, 64)));
	return -1;
}

static int take_delta(struct responses_decode *d, struct str type, const json_t *root)
{
	struct str delta = json_get_str(root, "delta");
	int64_t index = answering_count(root, "output_index");
	if (str_eqc(type, "response.output_text.delta"))
		answering_text(&d->in, delta);
	else if (str_eqc(type, "response.refusal.delta"))
		take_refusal(d, delta);
	else if (str_starts(type, STR("response.reasoning_")))
		answering_thought(&d->in, delta);
	else if (str_eqc(type, "response.function_call_arguments.delta") ||
		 str_eqc(type, "response.custom_tool_call_input.delta") ||
		 str_eqc(type, "response.mcp_call_arguments.delta")) {
		struct answer_tool *t = answering_tool_find(&d->in, index < 0 ? 0 : (size_t)index);
		if (!t) {
			reply_fail(d->in.reply, FAIL_MALFORMED, false,
				   "the stream has arguments of a tool call that did not begin");
			return -1;
		}
		buf_add(&t->arguments, delta);
		return answering_tool_said(&d->in, t);
	}
	return answering_ceiling(&d->in);
}

static int take_event(struct responses_decode *d, const json_t *root)
{
	struct str type = json_get_str(root, "type");
	const json_t *response = json_object_get(root, "response");
	int64_t index = answering_count(root, "output_index");
	if (str_eqc(type, "error") || (!type.n && json_object_get(root, "error")))
		return take_error(d, root);
	if (str_eqc(type, "response.created"))
		take_head(d, response);
	else if (str_ends(type, STR(".delta")))
		return take_delta(d, type, root);
	else if (str_eqc(type, "response.output_item.added") || str_eqc(type, "response.output_item.done"))
		return take_item(d, json_object_get(root, "item"), index < 0 ? 0 : (size_t)index, false);
	else if (str_eqc(type, "response.completed") || str_eqc(type, "response.incomplete") ||
		 str_eqc(type, "response.failed"))
		return take_end(d, response);
	else if (!type.n) {
		reply_fail(d->in.reply, FAIL_MALFORMED, false, "an event of the stream has no type");
		return -1;
	}
	return 0; /* progress, what was said before in pieces, and what is new */
}

static int on_event(void *ctx, const struct sse_event *ev)
{
	struct responses_decode *d = ctx;
	if (d->done || !ev->data.n || str_eqc(ev->data, "[DONE]")) /* some servers end with the other wire's word */
		return 0;
	struct arena scratch = ARENA_INIT;
	const json_t *root = answering_event(&d->in, ev->data, &scratch);
	int result = root ? take_event(d, root) : -1;
	arena_release(&scratch);
	return result;
}

static void finish_json(struct responses_decode *d)
{
	struct arena scratch = ARENA_INIT;
	const json_t *root = answering_json(&d->in, &scratch);
	const json_t *error = json_object_get(root, "error");
	if (error && !json_is_null(error))
		take_error(d, root);
	else if (root && !json_is_array(json_object_get(root, "output")))
		reply_fail(d->in.reply, FAIL_MALFORMED, false, "the answer has no output");
	else if (root)
		take_end(d, root);
	arena_release(&scratch);
}

int responses_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct responses_decode *d = state;
	answering_begin(&d->in, r, st, c, on_event, d);
	return 0;
}

int responses_feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct responses_decode *d = state;
	return answering_feed(&d->in, r, piece, events);
}

void responses_finish(void *state, struct reply *r)
{
	struct responses_decode *d = state;
	struct contentfilter filter = { .seen = false };
	d->in.reply = r;
	if (d->in.body == ANSWER_JSON)
		finish_json(d);
	else if (d->in.body == ANSWER_ERROR && answering_blocked(&d->in, &filter))
		answering_finish(&d->in, FINISH_BLOCKED, STR("content_filter"));
	else if (d->in.body == ANSWER_SSE && !d->done)
		reply_fail(r, FAIL_CUT, false, "the stream ended without its response.completed");
	if (r->fail)
		return;
	answering_tools_end(&d->in);
	contentfilter_end(&filter, r);
	r->contexts = d->contexts;
	if (d->refused && r->finish == FINISH_STOP)
		r->finish = FINISH_REFUSED;
}
