/* Bedrock's kind guardrail: a text is put to a guardrail (ApplyGuardrail), or to checks that need no stored
 * one (InvokeGuardrailChecks).  The reply's text is what the guardrail lets through or says instead; with
 * `scores`, and for checks, it is canonical JSON of numbers that json-path and numeric can read. */
#include "base/limits.h"
#include "doc/canon.h"
#include "doc/jsonx.h"
#include "provider/bedrock_guardrail.h"
#include "provider/bedrock_kind.h"
#include "provider/bedrock_passage.h"
#include "provider/bedrock_stream.h"
#include "provider/provider.h"

struct guardrail {
	struct bedrock_stream stream;
	const struct call *call;
};

static const json_t *checks_of(const struct endpoint *e)
{
	return json_object_get(e->config, "checks");
}

/* --- asking --- */

static int check(const struct endpoint *e, const char **member, struct err *err)
{
	static const char *const unread[] = { "model", "params", "tools", NULL };
	const json_t *g = json_object_get(e->config, "guardrail");
	*member = "guardrail";
	if (!g == !checks_of(e))
		return err_set(err, ERR_ARTIFACT, "kind 'guardrail' needs either `guardrail: {id, version}` or `checks`");
	if (bedrock_kind_no_draft(json_get_str(g, "version"), "a numbered version", err))
		return -1;
	return bedrock_kind_unread(e, unread, member, err);
}

static int check_call(const struct call *c, struct err *err)
{
	if (bedrock_kind_no_schema(c, err))
		return -1;
	for (size_t i = 0; i < c->nmessage; i++)
		if (c->message[i].role == ROLE_TOOL || c->message[i].tool_calls)
			return err_set(err, ERR_ARTIFACT, "kind 'guardrail' reads texts, and the prompt has tool calls");
	return 0;
}

/* What the part of a message is to the contextual grounding policy: the passages stand in the system
 * message, the question in the user's, the answer in the assistant's. */
static const char *qualifier(enum role role)
{
	return role == ROLE_SYSTEM ? "grounding_source" : role == ROLE_USER ? "query" : "guard_content";
}

static bool has_role(const struct call *c, enum role role)
{
	for (size_t i = 0; i < c->nmessage; i++)
		if (c->message[i].role == role)
			return true;
	return false;
}

static void write_content(struct jsonw *w, const struct call *c, bool qualified)
{
	jsonw_open(w, "content", '[');
	for (size_t i = 0; i < c->nmessage; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_open(w, "text", '{');
		jsonw_str(w, "text", c->message[i].text);
		if (qualified) {
			jsonw_open(w, "qualifiers", '[');
			jsonw_text(w, NULL, qualifier(c->message[i].role));
			jsonw_close(w, ']');
		}
		jsonw_close(w, '}');
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static int encode_apply(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const json_t *g = json_object_get(c->endpoint->config, "guardrail");
	struct str source = json_get_str(g, "source");
	bool output = str_eqc(source, "output");
	if (bedrock_kind_post(out, c, AWS_BEDROCK_RUNTIME, a, err, "/guardrail/%s/version/%s/apply",
			      json_get_str(g, "id"), bedrock_kind_version(g, a)))
		return -1;
	struct jsonw w = bedrock_kind_body(a);
	jsonw_text(&w, "source", output ? "OUTPUT" : "INPUT");
	write_content(&w, c, output && has_role(c, ROLE_ASSISTANT));
	jsonw_text(&w, "outputScope", str_eqc(json_get_str(g, "scope"), "interventions") ? "INTERVENTIONS" : "FULL");
	return bedrock_kind_body_end(out, &w, err);
}

/* Our groups of checks, the service's, and the words around what is asked of each. */
static const struct {
	const char *ours, *theirs, *list, *item, *score;
} groups[] = {
	{ "content_filter", "contentFilter", "categories", "category", "severityScore" },
	{ "prompt_attack", "promptAttack", "categories", "category", "severityScore" },
	{ "sensitive_information", "sensitiveInformation", "entities", "type", "confidenceScore" },
};

static void write_checks(struct jsonw *w, const json_t *checks)
{
	jsonw_open(w, "checks", '{');
	for (size_t k = 0; k < ARRAY_LEN(groups); k++) {
		const json_t *list = json_object_get(checks, groups[k].ours), *x;
		size_t i;
		if (!list)
			continue;
		jsonw_open(w, groups[k].theirs, '{');
		jsonw_open(w, groups[k].list, '[');
		json_array_foreach(list, i, x) {
			jsonw_open(w, NULL, '{');
			jsonw_str(w, groups[k].item, json_str(x));
			jsonw_close(w, '}');
		}
		jsonw_close(w, ']');
		jsonw_close(w, '}');
	}
	jsonw_close(w, '}');
}

static int encode_checks(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	if (bedrock_kind_post(out, c, AWS_BEDROCK_RUNTIME, a, err, "/guardrail-checks/invoke"))
		return -1;
	struct jsonw w = bedrock_kind_body(a);
	jsonw_open(&w, "messages", '[');
	for (size_t i = 0; i < c->nmessage; i++) {
		jsonw_open(&w, NULL, '{');
		jsonw_text(&w, "role", role_name(c->message[i].role));
		jsonw_open(&w, "content", '[');
		jsonw_open(&w, NULL, '{');
		jsonw_str(&w, "text", c->message[i].text);
		jsonw_close(&w, '}');
		jsonw_close(&w, ']');
		jsonw_close(&w, '}');
	}
	jsonw_close(&w, ']');
	write_checks(&w, checks_of(c->endpoint));
	return bedrock_kind_body_end(out, &w, err);
}

static int encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	if (check_call(c, err))
		return -1;
	return checks_of(c->endpoint) ? encode_checks(out, c, a, err) : encode_apply(out, c, a, err);
}

/* --- reading --- */

static void say_json(struct bedrock_stream *s, json_t *scores)
{
	canon_write(&s->in.reply->text, scores);
	json_decref(scores);
	answering_said(&s->in, true);
}

/* How sure a filter was, as a number: NONE 0, LOW 1/3, MEDIUM 2/3, HIGH 1. */
static double level(struct str word)
{
	static const char *const levels[] = { "none", "low", "medium", "high" };
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (str_ieq(word, str_c(levels[i])))
			return (double)i / 3;
	return 1;
}

static double score_of(const json_t *finding)
{
	const json_t *score = json_object_get(finding, "score");
	struct str confidence = json_get_str(finding, "confidence");
	if (json_is_number(score))
		return json_number_value(score);
	if (confidence.n)
		return level(confidence);
	return json_is_false(json_object_get(finding, "detected")) ? 0 : 1;
}

static void keep_most(json_t *group, const char *name, double score)
{
	const json_t *was = json_object_get(group, name);
	if (!was || json_number_value(was) < score)
		bedrock_kind_set(group, name, json_real(score));
}

static void say_scores(struct bedrock_stream *s, bool intervened)
{
	json_t *all = json_object();
	const json_t *found;
	size_t i;
	bedrock_kind_set(all, "intervened", json_boolean(intervened));
	json_array_foreach(json_object_get(s->in.reply->guardrail, "policies"), i, found) {
		const char *policy = json_string_value(json_object_get(found, "policy"));
		if (!json_object_get(all, policy))
			bedrock_kind_set(all, policy, json_object());
		const char *name = json_string_value(json_object_get(found, "name"));
		keep_most(json_object_get(all, policy), name ? name : "any", score_of(found));
	}
	say_json(s, all);
}

/* What the guardrail says in place of the text; where it says nothing, the text itself. */
static void say_outputs(struct bedrock_stream *s, const json_t *outputs, const struct call *c)
{
	const json_t *out;
	size_t i;
	json_array_foreach(outputs, i, out) {
		buf_adds(&s->in.reply->text, i ? "\n" : "");
		if (bedrock_kind_text(s, json_get_str(out, "text")))
			return;
	}
	if (!json_array_size(outputs) && c->nmessage)
		(void)bedrock_kind_text(s, c->message[c->nmessage - 1].text);
}

static void keep_units(struct reply *r, const json_t *usage)
{
	if (json_object_size(usage))
		bedrock_kind_set_copy(bedrock_kind_object(r, &r->detail), "units", usage);
}

static void whole_apply(struct bedrock_stream *s, const json_t *root)
{
	struct guardrail *g = s->state;
	struct reply *r = s->in.reply;
	struct str action = json_get_str(root, "action");
	bool intervened = str_eqc(action, "GUARDRAIL_INTERVENED");
	const json_t *one;
	size_t i;
	if (!intervened && !str_eqc(action, "NONE")) {
		reply_fail(r, FAIL_MALFORMED, false, "the answer's 'action' is neither NONE nor GUARDRAIL_INTERVENED");
		return;
	}
	json_t *kept = bedrock_guardrail(intervened, json_string_value(json_object_get(root, "actionReason")), r->arena);
	r->guardrail = kept;
	json_array_foreach(json_object_get(root, "assessments"), i, one)
		bedrock_guardrail_assess(kept, one, NULL, r->arena);
	if (json_is_true(json_object_get(json_object_get(g->call->endpoint->config, "guardrail"), "scores")))
		say_scores(s, intervened);
	else
		say_outputs(s, json_object_get(root, "outputs"), g->call);
	keep_units(r, json_object_get(root, "usage"));
	bedrock_kind_finish(r, bedrock_kind_blocked(r) ? FINISH_BLOCKED : FINISH_STOP, action);
}

/* What was asked for and not found is 0, so that a path to it always finds a number. */
static json_t *asked(const json_t *list)
{
	json_t *o = json_object();
	const json_t *x;
	size_t i;
	json_array_foreach(list, i, x)
		bedrock_kind_set(o, json_string_value(x), json_real(0));
	return o;
}

static void whole_checks(struct bedrock_stream *s, const json_t *root)
{
	struct guardrail *g = s->state;
	struct reply *r = s->in.reply;
	const json_t *checks = checks_of(g->call->endpoint), *results = json_object_get(root, "results"), *x;
	json_t *all = json_object();
	size_t i;
	for (size_t k = 0; k < ARRAY_LEN(groups); k++) {
		const json_t *list = json_object_get(checks, groups[k].ours);
		const json_t *group = json_object_get(results, groups[k].theirs);
		if (!list)
			continue;
		if (!json_is_array(json_object_get(group, "results"))) {
			reply_fail(r, FAIL_MALFORMED, false, "the answer has no results of '%s', which was asked for",
				   groups[k].theirs);
			json_decref(all);
			return;
		}
		json_t *scores = asked(list);
		bedrock_kind_set(all, groups[k].ours, scores);
		json_array_foreach(json_object_get(group, "results"), i, x) {
			const char *name = json_string_value(json_object_get(x, groups[k].item));
			const json_t *score = json_object_get(x, groups[k].score);
			if (!name || !json_is_number(score)) {
				/* What was found and has no number is not 0. */
				reply_fail(r, FAIL_MALFORMED, false, "a result of '%s' is without '%s' or '%s'",
					   groups[k].theirs, groups[k].item, groups[k].score);
				json_decref(all);
				return;
			}
			keep_most(scores, name, json_number_value(score));
		}
		if (json_is_true(json_object_get(group, "truncated")))
			bedrock_kind_set(bedrock_kind_object(r, &r->detail), "truncated", json_true());
	}
	say_json(s, all);
	keep_units(r, json_object_get(root, "usage"));
	bedrock_kind_finish(r, FINISH_STOP, (struct str){ .p = NULL });
}

static void whole(struct bedrock_stream *s, const json_t *root)
{
	const struct guardrail *g = s->state;
	if (checks_of(g->call->endpoint))
		whole_checks(s, root);
	else
		whole_apply(s, root);
}

static const struct bedrock_reader reader = { .whole = whole };

static int begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct guardrail *g = state;
	g->call = c;
	bedrock_kind_whole(&g->stream, &reader, g, r, st, c);
	return 0;
}

static int feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct guardrail *g = state;
	return bedrock_stream_feed(&g->stream, r, piece, events);
}

static void finish(void *state, struct reply *r)
{
	struct guardrail *g = state;
	bedrock_stream_finish(&g->stream, r);
}

#define LIST(name, words)                                                                           \
	"\"" name "\":{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true,\"items\":" words "}"

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"properties\":{"
	"\"region\":{\"type\":\"string\"},"
	"\"guardrail\":{\"type\":\"object\",\"required\":[\"id\",\"version\"],\"additionalProperties\":false,"
	"\"properties\":{\"id\":{\"type\":\"string\",\"minLength\":1},"
	"\"version\":" BEDROCK_PASSAGE_VERSION ","
	"\"source\":{\"enum\":[\"input\",\"output\"]},"
	"\"scope\":{\"enum\":[\"full\",\"interventions\"]},"
	"\"scores\":{\"type\":\"boolean\"}}},"
	"\"checks\":{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":false,\"properties\":{"
	LIST("content_filter", "{\"enum\":[\"VIOLENCE\",\"HATE\",\"SEXUAL\",\"MISCONDUCT\",\"INSULTS\"]}") ","
	LIST("prompt_attack", "{\"enum\":[\"JAILBREAK\",\"PROMPT_INJECTION\",\"PROMPT_LEAKAGE\"]}") ","
	LIST("sensitive_information", "{\"type\":\"string\",\"pattern\":\"^[A-Z][A-Z0-9_]+$\"}") "}}}}";

const struct provider_ops provider_bedrock_guardrail = {
	.name = "bedrock",
	.kind = "guardrail",
	.help = "a Bedrock guardrail, or its checks, by itself",
	.schema = schema,
	.aws = true,
	.no_model = true,
	.one_piece = true,
	.check = check,
	.encode = encode,
	.state_size = sizeof(struct guardrail),
	.begin = begin,
	.feed = feed,
	.finish = finish,
};
