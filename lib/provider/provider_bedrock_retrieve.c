/* Bedrock's kind retrieve: a question to a knowledge base, passages as the answer.  The reply's text is
 * the passages one after the other, an empty line between them, best first. */
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/bedrock_common.h"
#include "provider/bedrock_kind.h"
#include "provider/bedrock_passage.h"
#include "provider/bedrock_stream.h"
#include "provider/provider.h"

static int check(const struct endpoint *e, const char **member, struct err *err)
{
	static const char *const unread[] = { "model", "params", "tools", NULL };
	*member = "guardrail";
	if (bedrock_kind_no_draft(json_get_str(json_object_get(e->config, "guardrail"), "version"),
				  "a numbered version", err))
		return -1;
	*member = "retrieval";
	if (bedrock_passage_check(json_object_get(e->config, "retrieval"), err))
		return -1;
	return bedrock_kind_unread(e, unread, member, err);
}

static int encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const json_t *config = c->endpoint->config, *retrieval = json_object_get(config, "retrieval");
	struct str question, user = json_get_str(retrieval, "user");
	if (bedrock_kind_question(&question, c, err) ||
	    bedrock_kind_post(out, c, AWS_BEDROCK_AGENT_RUNTIME, a, err, "/knowledgebases/%s/retrieve",
			      json_get_str(retrieval, "knowledge_base")))
		return -1;
	struct jsonw w = bedrock_kind_body(a);
	jsonw_open(&w, "retrievalQuery", '{');
	jsonw_str(&w, "text", question);
	jsonw_close(&w, '}');
	bedrock_passage_search(&w, retrieval);
	bedrock_passage_guardrail(&w, json_object_get(config, "guardrail"), a);
	if (user.n) {
		jsonw_open(&w, "userContext", '{');
		jsonw_str(&w, "userId", user);
		jsonw_close(&w, '}');
	}
	return bedrock_kind_body_end(out, &w, err);
}

static void whole(struct bedrock_stream *s, const json_t *root)
{
	struct reply *r = s->in.reply;
	const json_t *results = json_object_get(root, "retrievalResults"), *one;
	size_t i;
	if (!json_is_array(results)) {
		reply_fail(r, FAIL_MALFORMED, false, "the answer has no list 'retrievalResults'");
		return;
	}
	const json_t *all = bedrock_kind_list(r, &r->contexts);
	json_array_foreach(results, i, one) {
		bedrock_passage_add(r, one, false);
		struct str text = json_get_str(json_array_get(all, json_array_size(all) - 1), "text");
		buf_adds(&r->text, r->text.n && text.n ? "\n\n" : "");
		if (bedrock_kind_text(s, text))
			return;
	}
	if (json_get_str(root, "nextToken").n)
		bedrock_kind_set(bedrock_kind_object(r, &r->detail), "more", json_true());
	bedrock_passage_intervened(r, json_get_str(root, "guardrailAction"));
}

static const struct bedrock_reader reader = { .whole = whole };

static int begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	bedrock_kind_whole(state, &reader, state, r, st, c);
	return 0;
}

static int feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	return bedrock_stream_feed(state, r, piece, events);
}

static void finish(void *state, struct reply *r)
{
	bedrock_stream_finish(state, r);
}

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"required\":[\"retrieval\"],"
	"\"properties\":{"
	"\"region\":{\"type\":\"string\"},"
	"\"retrieval\":{\"type\":\"object\",\"required\":[\"knowledge_base\"],"
	"\"additionalProperties\":false,\"properties\":{"
	"\"knowledge_base\":{\"type\":\"string\",\"minLength\":1}," BEDROCK_PASSAGE_SEARCH "}},"
	BEDROCK_PASSAGE_GUARDRAIL "}}";

const struct provider_ops provider_bedrock_retrieve = {
	.name = "bedrock",
	.kind = "retrieve",
	.help = "passages of a Bedrock knowledge base",
	.schema = schema,
	.aws = true,
	.one_message = true,
	.no_model = true,
	.one_piece = true,
	.check = check,
	.encode = encode,
	.state_size = sizeof(struct bedrock_stream),
	.begin = begin,
	.feed = feed,
	.finish = finish,
};
