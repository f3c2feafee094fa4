/* Bedrock's kind retrieve-and-generate: a knowledge base answers a question by itself, with citations.  Its
 * stream has no terminal event: it is whole when HTTP says so.  The service reports no tokens. */
#include "doc/jsonx.h"
#include "provider/bedrock_facts.h"
#include "provider/bedrock_common.h"
#include "provider/bedrock_kind.h"
#include "provider/bedrock_passage.h"
#include "provider/bedrock_stream.h"
#include "provider/provider.h"

struct generate {
	struct bedrock_stream stream;
	bool said;
	bool intervened;
	struct str action;
};

/* --- asking --- */

/* Our names of what the service lets one set, and its own. */
static const struct {
	const char *ours, *theirs;
} settings[] = {
	{ "temperature", "temperature" },
	{ "top_p", "topP" },
	{ "max_tokens", "maxTokens" },
	{ "stop", "stopSequences" },
};

static int check_params(const json_t *params, struct err *err)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)params, key, v) {
		bool known = false;
		for (size_t i = 0; i < ARRAY_LEN(settings); i++)
			known = known || !strcmp(key, settings[i].ours);
		if (!known)
			return err_set(err, ERR_ARTIFACT,
				       "params: kind 'retrieve-and-generate' has no '%s' and would ignore it; it takes "
				       "temperature, top_p, max_tokens and stop",
				       key);
	}
	return 0;
}

static int check(const struct endpoint *e, const char **member, struct err *err)
{
	static const char *const unread[] = { "tools", NULL };
	*member = "guardrail";
	if (bedrock_kind_no_draft(json_get_str(json_object_get(e->config, "guardrail"), "version"),
				  "a numbered version", err))
		return -1;
	*member = "retrieval";
	if (bedrock_passage_check(json_object_get(e->config, "retrieval"), err))
		return -1;
	*member = "params";
	if (check_params(e->params, err))
		return -1;
	return bedrock_kind_unread(e, unread, member, err);
}

static void write_params(struct jsonw *w, const json_t *params)
{
	if (!json_object_size(params))
		return;
	jsonw_open(w, "inferenceConfig", '{');
	jsonw_open(w, "textInferenceConfig", '{');
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const json_t *v = json_object_get(params, settings[i].ours);
		bool one = v && json_is_string(v) && !strcmp(settings[i].ours, "stop");
		if (one)
			jsonw_open(w, settings[i].theirs, '[');
		jsonw_json(w, one ? NULL : settings[i].theirs, v);
		if (one)
			jsonw_close(w, ']');
	}
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static void write_generation(struct jsonw *w, const struct endpoint *e, struct arena *a)
{
	const json_t *generation = json_object_get(e->config, "generation");
	struct str template = json_get_str(generation, "prompt_template"), latency = json_get_str(generation, "latency");
	jsonw_open(w, "generationConfiguration", '{');
	if (template.n) {
		jsonw_open(w, "promptTemplate", '{');
		jsonw_str(w, "textPromptTemplate", template);
		jsonw_close(w, '}');
	}
	bedrock_passage_guardrail(w, json_object_get(e->config, "guardrail"), a);
	write_params(w, e->params);
	if (latency.n) {
		jsonw_open(w, "performanceConfig", '{');
		jsonw_str(w, "latency", latency);
		jsonw_close(w, '}');
	}
	jsonw_json(w, "additionalModelRequestFields", json_object_get(generation, "fields"));
	jsonw_close(w, '}');
	if (json_is_true(json_object_get(generation, "decompose"))) {
		jsonw_open(w, "orchestrationConfiguration", '{');
		jsonw_open(w, "queryTransformationConfiguration", '{');
		jsonw_text(w, "type", "QUERY_DECOMPOSITION");
		jsonw_close(w, '}');
		jsonw_close(w, '}');
	}
}

static void write_base(struct jsonw *w, const struct endpoint *e, struct arena *a)
{
	const json_t *retrieval = json_object_get(e->config, "retrieval");
	jsonw_open(w, "retrieveAndGenerateConfiguration", '{');
	jsonw_text(w, "type", "KNOWLEDGE_BASE");
	jsonw_open(w, "knowledgeBaseConfiguration", '{');
	jsonw_str(w, "knowledgeBaseId", json_get_str(retrieval, "knowledge_base"));
	jsonw_str(w, "modelArn", e->model);
	bedrock_passage_search(w, retrieval);
	write_generation(w, e, a);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static int encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const struct endpoint *e = c->endpoint;
	struct str question, user = json_get_str(json_object_get(e->config, "retrieval"), "user");
	if (bedrock_kind_question(&question, c, err) ||
	    bedrock_kind_post(out, c, AWS_BEDROCK_AGENT_RUNTIME, a, err,
			      e->stream ? "/retrieveAndGenerateStream" : "/retrieveAndGenerate"))
		return -1;
	struct jsonw w = bedrock_kind_body(a);
	jsonw_open(&w, "input", '{');
	jsonw_str(&w, "text", question);
	jsonw_close(&w, '}');
	write_base(&w, e, a);
	if (user.n) {
		jsonw_open(&w, "userContext", '{');
		jsonw_str(&w, "userId", user);
		jsonw_close(&w, '}');
	}
	return bedrock_kind_body_end(out, &w, err);
}

/* --- reading --- */

static int take_event(struct bedrock_stream *s, struct str type, const json_t *root)
{
	struct generate *g = s->state;
	if (str_eqc(type, "output")) {
		g->said = true;
		return bedrock_kind_text(s, json_get_str(root, "text"));
	}
	if (str_eqc(type, "citation")) {
		/* An older form has it one level deeper, and may be sent beside. */
		const json_t *c = json_object_get(root, "retrievedReferences") ? root :
										 json_object_get(root, "citation");
		bedrock_passage_cite(s->in.reply, json_object_get(c, "generatedResponsePart"),
				     json_object_get(c, "retrievedReferences"));
		answering_said(&s->in, false);
	}
	if (str_eqc(type, "guardrail")) {
		g->intervened = g->intervened || str_eqc(json_get_str(root, "action"), "INTERVENED");
		g->action = g->intervened ? STR("INTERVENED") : STR("NONE");
	}
	return 0;
}

static void ended(struct bedrock_stream *s)
{
	const struct generate *g = s->state;
	if (!g->said && !g->intervened)
		reply_fail(s->in.reply, FAIL_CUT, false, "the stream ended without any output");
	else
		bedrock_passage_intervened(s->in.reply, g->action);
}

static void whole(struct bedrock_stream *s, const json_t *root)
{
	struct reply *r = s->in.reply;
	const json_t *one, *citations = json_object_get(root, "citations");
	struct str text = json_get_str(json_object_get(root, "output"), "text");
	size_t i;
	if (!text.p) {
		reply_fail(r, FAIL_MALFORMED, false, "the answer has no 'output.text'");
		return;
	}
	if (bedrock_kind_text(s, text))
		return;
	json_array_foreach(citations, i, one)
		bedrock_passage_cite(r, json_object_get(one, "generatedResponsePart"),
				     json_object_get(one, "retrievedReferences"));
	bedrock_passage_intervened(r, json_get_str(root, "guardrailAction"));
}

static const struct bedrock_reader reader = { .object = take_event, .whole = whole, .end = ended };

static int begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct generate *g = state;
	bedrock_stream_begin(&g->stream, &reader, g, r, st, c);
	return 0;
}

static int feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct generate *g = state;
	return bedrock_stream_feed(&g->stream, r, piece, events);
}

static void finish(void *state, struct reply *r)
{
	struct generate *g = state;
	bedrock_stream_finish(&g->stream, r);
	/* No passage was cited: none is known, which is not the same as not asked. */
	if (!r->fail)
		bedrock_kind_list(r, &r->contexts);
}

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"required\":[\"retrieval\",\"model\"],"
	"\"properties\":{"
	"\"region\":{\"type\":\"string\"},"
	"\"stream\":{\"type\":\"boolean\",\"default\":true},"
	"\"retrieval\":{\"type\":\"object\",\"required\":[\"knowledge_base\"],"
	"\"additionalProperties\":false,\"properties\":{"
	"\"knowledge_base\":{\"type\":\"string\",\"minLength\":1}," BEDROCK_PASSAGE_SEARCH "}},"
	"\"generation\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
	"\"prompt_template\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":4000},"
	"\"latency\":{\"enum\":[\"standard\",\"optimized\"]},"
	"\"decompose\":{\"type\":\"boolean\"},"
	"\"fields\":{\"type\":\"object\"}}},"
	BEDROCK_PASSAGE_GUARDRAIL "}}";

const struct provider_ops provider_bedrock_generate = {
	.name = "bedrock",
	.kind = "retrieve-and-generate",
	.help = "a Bedrock knowledge base that answers by itself",
	.schema = schema,
	.aws = true,
	.one_message = true,
	.check = check,
	.encode = encode,
	.fact_ask = bedrock_facts_ask,
	.fact_take = bedrock_facts_take,
	.state_size = sizeof(struct generate),
	.begin = begin,
	.feed = feed,
	.finish = finish,
};
