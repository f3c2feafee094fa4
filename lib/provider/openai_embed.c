#include "provider/openai_embed.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/errorbody.h"
#include "provider/reqkit.h"

int openai_embed_body(struct str *out, const struct call *c, struct arena *a, struct err *err)
{
	static const char *const ours[] = { "model", "input", "encoding_format" };
	const struct endpoint *e = c->endpoint;
	struct buf *b = reqkit_body(a);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (json_object_get(e->params, ours[i]))
			return err_set(err, ERR_ARTIFACT, "params has '%s', which gate sets itself", ours[i]);
	if (!c->nmessage || c->nmessage > VECTORS_MAX)
		return err_set(err, ERR_BUG, "%zu texts to embed in one call", c->nmessage);
	buf_adds(b, "{\"model\":");
	buf_add_json(b, e->model);
	buf_adds(b, ",\"input\":[");
	for (size_t i = 0; i < c->nmessage; i++) {
		buf_adds(b, i ? "," : "");
		buf_add_json(b, c->message[i].text);
	}
	buf_adds(b, "],\"encoding_format\":\"float\"");
	reqkit_params(b, e->params, NULL);
	buf_addc(b, '}');
	return reqkit_end(out, b, err);
}

static int no_event(void *ctx, const struct sse_event *ev)
{
	(void)ctx;
	(void)ev;
	return 0;
}

/* Embeddings never stream. */
int openai_embed_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct openai_embed *d = state;
	answering_begin(&d->in, r, st, c, no_event, d);
	if (d->in.body == ANSWER_SSE)
		d->in.body = ANSWER_JSON;
	r->streamed = false;
	d->texts = c->nmessage;
	return 0;
}

int openai_embed_feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct openai_embed *d = state;
	return answering_feed(&d->in, r, piece, events);
}

/* Each text has its vector, once, at the index that it says or at its place; all have one length. */
static bool take_vectors(struct openai_embed *d, const json_t *data)
{
	struct vectors *to = &d->in.reply->vectors;
	bool seen[VECTORS_MAX] = { false };
	size_t i;
	const json_t *item;
	size_t dim = json_array_size(json_object_get(json_array_get(data, 0), "embedding"));
	if (json_array_size(data) != d->texts || vectors_init(to, d->texts, dim, d->in.reply->arena))
		return false;
	json_array_foreach(data, i, item) {
		int64_t index = answering_count(item, "index");
		size_t at = index < 0 ? i : (size_t)index;
		if (at >= d->texts || seen[at] || vectors_set(to, at, json_object_get(item, "embedding")))
			return false;
		seen[at] = true;
	}
	return true;
}

static void take_answer(struct openai_embed *d, const json_t *root)
{
	struct reply *r = d->in.reply;
	const json_t *error = json_object_get(root, "error");
	const json_t *usage = json_object_get(root, "usage");
	if (error && !json_is_null(error)) {
		struct error_body e = error_body_of(root);
		error_body_fail(r, 0, &e, true);
		return;
	}
	answering_served(&d->in, json_get_str(root, "model"), json_get_str(root, "id"));
	r->usage.in = answering_count(usage, "prompt_tokens");
	r->usage.out = r->usage.in >= 0 ? 0 : -1;
	r->finish = FINISH_STOP;
	if (take_vectors(d, json_object_get(root, "data")))
		return;
	r->vectors = (struct vectors){ .n = 0 };
	reply_fail(r, FAIL_MALFORMED, false, "the answer has no vector of numbers for each of the %zu texts", d->texts);
}

void openai_embed_finish(void *state, struct reply *r)
{
	struct openai_embed *d = state;
	struct arena scratch = ARENA_INIT;
	d->in.reply = r;
	if (d->in.body == ANSWER_ERROR) {
		if (answering_blocked(&d->in, NULL)) /* no vector came of it, so it is no answer here */
			reply_fail(r, FAIL_REQUEST_REFUSED, false, "the provider's filter blocked the text");
	} else {
		const json_t *root = answering_json(&d->in, &scratch);
		if (root)
			take_answer(d, root);
	}
	arena_release(&scratch);
}
