#include "provider/openai_decode.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/bedrock_guardrail.h"
#include "provider/errorbody.h"
#include "provider/openai_chunk.h"
#include "provider/provider.h"

/* --- the neutral words ----------------------------------------------------------------------- */

static enum finish finish_of(struct str word)
{
	static const struct {
		const char *word;
		enum finish finish;
	} table[] = {
		{ "stop", FINISH_STOP },
		{ "length", FINISH_LENGTH },
		{ "max_tokens", FINISH_LENGTH },
		{ "tool_calls", FINISH_TOOL },
		{ "function_call", FINISH_TOOL },
		{ "content_filter", FINISH_BLOCKED },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_eqc(word, table[i].word))
			return table[i].finish;
	return FINISH_OTHER;
}

static void take_usage(struct reply *r, const json_t *u)
{
	if (!json_is_object(u))
		return;
	r->usage.in = answering_count(u, "prompt_tokens");
	r->usage.out = answering_count(u, "completion_tokens");
	const json_t *in = json_object_get(u, "prompt_tokens_details");
	r->usage.cache_read = answering_count(in, "cached_tokens");
	r->usage.cache_write = answering_count(in, "cache_write_tokens");
	r->usage.reasoning =
		answering_count(json_object_get(u, "completion_tokens_details"), "reasoning_tokens");
}

/* --- growing the reply ----------------------------------------------------------------------- */

/* A string, or the list of parts that some servers send. */
static void take_content(struct openai_decode *d, const json_t *content)
{
	size_t i;
	const json_t *part;
	answering_text(&d->in, json_str(content));
	json_array_foreach(content, i, part)
		answering_text(&d->in, json_get_str(part, "text"));
}

/* Where this piece belongs: most servers say the index, some leave it out or say 0 for all, and then another
 * id is another call. */
static struct answer_tool *tool_of(struct openai_decode *d, const json_t *call, struct str id, size_t position)
{
	int64_t index = answering_count(call, "index");
	size_t at = index < 0 ? position : (size_t)index;
	struct answer_tool *t = answering_tool(&d->in, at);
	if (t && id.n && t->id.n && !str_eq(id, buf_str(&t->id)))
		return answering_tool_add(&d->in, at);
	return t;
}

static int take_function(struct openai_decode *d, struct answer_tool *t, struct str id, const json_t *fn)
{
	const json_t *arguments = json_object_get(fn, "arguments");
	if (t) {
		/* The id and the name come once; a server that repeats them says the same. */
		if (!t->id.n)
			buf_add(&t->id, id);
		if (!t->name.n)
			buf_add(&t->name, json_get_str(fn, "name"));
		if (json_is_object(arguments))
			json_write(&t->arguments, arguments);
		else
			buf_add(&t->arguments, json_str(arguments));
	}
	return answering_tool_said(&d->in, t);
}

static int take_tools(struct openai_decode *d, const json_t *said)
{
	size_t i;
	const json_t *call, *old = json_object_get(said, "function_call");
	json_array_foreach(json_object_get(said, "tool_calls"), i, call) {
		struct str id = json_get_str(call, "id");
		if (take_function(d, tool_of(d, call, id, i), id, json_object_get(call, "function")))
			return -1;
	}
	if (!json_is_object(old)) /* what there was before tools */
		return 0;
	return take_function(d, answering_tool(&d->in, 0), (struct str){ .p = NULL }, old);
}

static void take_finish(struct openai_decode *d, struct str word)
{
	if (!word.n)
		return;
	d->finished = true;
	answering_finish(&d->in, finish_of(word), word);
}

/* `said` is a chunk's delta or a whole answer's message. */
static int take_choice(struct openai_decode *d, const json_t *choice, const json_t *said)
{
	struct str refusal = json_get_str(said, "refusal");
	const json_t *content = json_object_get(said, "content");
	d->choice = true;
	if (content && !json_is_string(content) && !json_is_array(content) && !json_is_null(content)) {
		reply_fail(d->in.reply, FAIL_MALFORMED, false, "the answer's content is %s, not text",
			   json_type_name(content));
		return -1;
	}
	struct str thought = json_get_str(said, "reasoning_content"); /* some servers say it under both names */
	answering_thought(&d->in, thought.n ? thought : json_get_str(said, "reasoning"));
	take_content(d, content);
	if (refusal.n) {
		d->refused = true;
		answering_text(&d->in, refusal);
	}
	if (take_tools(d, said))
		return -1;
	contentfilter_take(&d->filter, json_object_get(choice, "content_filter_results"));
	take_finish(d, json_get_str(choice, "finish_reason"));
	return answering_ceiling(&d->in);
}

static void take_error(struct openai_decode *d, const json_t *root)
{
	struct error_body e = error_body_of(root);
	if (e.content_filter) {
		contentfilter_take(&d->filter, e.filter_results);
		take_finish(d, STR("content_filter"));
		d->choice = d->done = true;
		d->in.events |= FEED_TERMINAL;
		return;
	}
	/* Once something was said, asking again would be rolling the dice again. */
	error_body_fail(d->in.reply, 0, &e, !d->in.token);
}

/* What Bedrock's endpoint adds when a guardrail was asked for. */
static void take_guardrail(struct openai_decode *d, const json_t *root)
{
	struct reply *r = d->in.reply;
	struct str action = json_get_str(root, "amazon-bedrock-guardrailAction");
	const json_t *trace = json_object_get(root, "amazon-bedrock-trace");
	json_t *guardrail;
	if (!action.n)
		return;
	d->intervened |= str_eqc(action, "INTERVENED");
	r->guardrail = guardrail = bedrock_guardrail(d->intervened, NULL, r->arena);
	if (json_is_object(json_object_get(trace, "guardrail")))
		bedrock_guardrail_trace(guardrail, json_object_get(trace, "guardrail"), r->arena);
}

/* A chunk of a stream or a whole answer: they differ in one member's name. */
static int take_object(struct openai_decode *d, const json_t *root, const char *said)
{
	struct reply *r = d->in.reply;
	size_t i;
	const json_t *choice, *error = json_object_get(root, "error");
	if (!json_is_object(root)) {
		reply_fail(r, FAIL_MALFORMED, false, "the server sent JSON that is no object, but %s",
			   json_type_name(root));
		return -1;
	}
	if (error && !json_is_null(error)) {
		take_error(d, root);
		return r->fail ? -1 : 0;
	}
	answering_served(&d->in, json_get_str(root, "model"), json_get_str(root, "id"));
	answering_tier(&d->in, json_get_str(root, "service_tier"));
	json_array_foreach(json_object_get(root, "prompt_filter_results"), i, choice)
		contentfilter_take(&d->filter, json_object_get(choice, "content_filter_results"));
	take_guardrail(d, root);
	take_usage(r, json_object_get(root, "usage"));
	json_array_foreach(json_object_get(root, "choices"), i, choice)
		if (answering_count(choice, "index") <= 0 &&
		    take_choice(d, choice, json_object_get(choice, said)))
			return -1;
	return 0;
}

/* --- the three kinds of body ----------------------------------------------------------------- */

/* Most events, read in place; false leaves the reply as it was. */
static bool take_chunk(struct openai_decode *d, struct str text)
{
	struct reply *r = d->in.reply;
	struct openai_chunk c;
	size_t had = r->text.n;
	if (!openai_chunk_read(&c, text, &r->text) || r->text.over) {
		buf_cut(&r->text, had);
		return false;
	}
	answering_served(&d->in, c.model, c.id);
	answering_tier(&d->in, c.tier);
	if (c.usage)
		r->usage = (struct usage){ .in = c.tokens_in, .out = c.tokens_out, .cache_read = -1, .cache_write_1h = -1,
					   .cache_write = -1, .reasoning = -1 };
	d->choice |= c.choice;
	if (r->text.n > had)
		answering_said(&d->in, true);
	take_finish(d, c.finish);
	return true;
}

static int on_event(void *ctx, const struct sse_event *ev)
{
	struct openai_decode *d = ctx;
	if (d->done)
		return 0;
	if (str_eqc(ev->data, "[DONE]")) {
		d->done = true;
		d->in.events |= FEED_TERMINAL;
		return 0;
	}
	if (!ev->data.n || take_chunk(d, ev->data))
		return 0;
	struct arena scratch = ARENA_INIT;
	const json_t *root = answering_event(&d->in, ev->data, &scratch);
	int result = root ? take_object(d, root, "delta") : -1;
	arena_release(&scratch);
	return result;
}

static void finish_json(struct openai_decode *d)
{
	struct arena scratch = ARENA_INIT;
	const json_t *root = answering_json(&d->in, &scratch);
	if (root && !take_object(d, root, "message") && !d->choice)
		reply_fail(d->in.reply, FAIL_MALFORMED, false, "the answer has no choices");
	/* Nothing said and no word why is not the same as an empty answer: many scorers would like it. */
	else if (!d->in.reply->fail && !d->finished && !d->in.token)
		reply_fail(d->in.reply, FAIL_MALFORMED, false, "the answer has neither text nor a finish_reason");
	arena_release(&scratch);
}

static void finish_sse(struct openai_decode *d)
{
	if (!d->done || !d->choice)
		reply_fail(d->in.reply, FAIL_CUT, false, "the stream ended without its [DONE]%s",
			   d->choice ? "" : " and without any answer");
	else if (!d->finished)
		reply_fail(d->in.reply, FAIL_CUT, false, "the stream ended without a finish_reason");
}

int openai_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct openai_decode *d = state;
	answering_begin(&d->in, r, st, c, on_event, d);
	return 0;
}

int openai_feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct openai_decode *d = state;
	return answering_feed(&d->in, r, piece, events);
}

void openai_finish(void *state, struct reply *r)
{
	struct openai_decode *d = state;
	d->in.reply = r;
	if (d->in.body == ANSWER_JSON)
		finish_json(d);
	else if (d->in.body == ANSWER_SSE)
		finish_sse(d);
	else if (answering_blocked(&d->in, &d->filter))
		take_finish(d, STR("content_filter"));
	if (r->fail)
		return;
	if (str_eqc(r->finish_raw, "error")) {
		reply_fail(r, FAIL_SERVER, false, "the server ended the answer with finish_reason 'error'");
		return;
	}
	answering_tools_end(&d->in);
	contentfilter_end(&d->filter, r);
	if (d->refused)
		r->finish = FINISH_REFUSED;
	if (d->intervened)
		r->finish = FINISH_BLOCKED;
}
