/* Provider bedrock: a model of Amazon Bedrock through Converse or InvokeModel, streamed (the default) or not.  Its other
 * kinds are files provider_bedrock_<kind>.c, one line each in bedrock_kinds.def. */
#include "provider/bedrock_count.h"
#include "provider/bedrock_facts.h"
#include "provider/converse_decode.h"
#include "provider/converse_encode.h"
#include "provider/invoke_decode.h"
#include "provider/invoke_encode.h"
#include "provider/provider.h"

#define BEDROCK_KIND(name) extern const struct provider_ops provider_bedrock_##name;
#include "provider/bedrock_kinds.def"
#undef BEDROCK_KIND

static const struct provider_ops *const kinds[] = {
#define BEDROCK_KIND(name) &provider_bedrock_##name,
#include "provider/bedrock_kinds.def"
#undef BEDROCK_KIND
	NULL,
};

struct state {
	bool invoke;
	union {
		struct converse_decode converse;
		struct invoke_decode invoke;
	} as;
};

/* "knowledge-base" of "arn:aws:bedrock:R:ACCOUNT:knowledge-base/ID"; *service is its "bedrock". */
static struct str arn_type(struct str arn, struct str *service)
{
	struct str part = { .p = NULL };
	*service = part;
	for (int i = 0; i < 5; i++) {
		if (!str_cut(&arn, ':', &part))
			return (struct str){ .p = NULL };
		if (i == 2)
			*service = part;
	}
	str_cut(&arn, '/', &part);
	return part;
}

/* Resources of Bedrock that are no model, and the kind that calls them. */
static const struct {
	const char *type, *kind;
} others[] = {
	{ "knowledge-base", "retrieve" }, { "agent", "agent" }, { "agent-alias", "agent" },
	{ "flow", "flow" }, { "guardrail", "guardrail" },
};

static int check_arn(struct str id, struct err *err)
{
	struct str service, type = arn_type(id, &service);
	if (!str_eqc(service, "bedrock") && !str_eqc(service, "sagemaker"))
		return err_set(err, ERR_ARTIFACT, "the model '%.*s' is an ARN of another service; expected one of Bedrock",
			       STR_ARGS(str_sub(id, 0, 120)));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (str_eqc(type, others[i].type))
			return err_set(err, ERR_ARTIFACT, "the model '%.*s' is no model; a target that calls it has `kind: %s`",
				       STR_ARGS(str_sub(id, 0, 120)), others[i].kind);
	return 0;
}

static bool is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* AWS would refuse each call alike. */
static int check_model(struct str id, struct err *err)
{
	bool ok = id.n && is_alnum((unsigned char)id.p[0]);
	for (size_t i = 0; i < id.n && ok; i++)
		ok = is_alnum((unsigned char)id.p[i]) ||
		     (id.p[i] && strchr("-._:/+@", id.p[i]));
	if (!ok)
		return err_set(err, ERR_ARTIFACT, "'%.*s' is no model's id; expected one like amazon.nova-lite-v1:0, or an ARN",
			       STR_ARGS(str_sub(id, 0, 120)));
	return str_starts(id, STR("arn:")) ? check_arn(id, err) : 0;
}

static int check(const struct endpoint *e, const char **member, struct err *err)
{
	*member = "model";
	if (check_model(e->model, err))
		return -1;
	*member = NULL;
	return invoke_wanted(e) ? invoke_check(e, member, err) : converse_check(e, member, err);
}

static int encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	return invoke_wanted(c->endpoint) ? invoke_encode(out, c, a, err) : converse_encode(out, c, a, err);
}

static int count_encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	struct wire_req req = { .body = { .p = NULL } };
	if (invoke_wanted(c->endpoint) && invoke_encode(&req, c, a, err))
		return -1;
	return bedrock_count_encode(out, c, req.body, a, err);
}

static int begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct state *s = state;
	s->invoke = invoke_wanted(c->endpoint);
	return s->invoke ? invoke_begin(&s->as.invoke, r, st, c) : converse_begin(&s->as.converse, r, st, c);
}

static int feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct state *s = state;
	return s->invoke ? invoke_feed(&s->as.invoke, r, piece, events) :
			   converse_feed(&s->as.converse, r, piece, events);
}

static void finish(void *state, struct reply *r)
{
	struct state *s = state;
	if (s->invoke)
		invoke_finish(&s->as.invoke, r);
	else
		converse_finish(&s->as.converse, r);
}

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"required\":[\"model\"],"
	"\"properties\":{"
	"\"model\":{\"type\":[\"string\",\"object\"],\"required\":[\"id\"],\"additionalProperties\":false,"
	"\"minLength\":1,\"maxLength\":2048,\"properties\":{"
	"\"id\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":2048},"
	"\"region\":{\"type\":\"string\",\"minLength\":1},"
	"\"tier\":{\"enum\":[\"priority\",\"default\",\"flex\",\"reserved\"]},"
	"\"latency\":{\"enum\":[\"standard\",\"optimized\"]}}},"
	"\"stream\":{\"type\":\"boolean\",\"default\":true},"
	"\"region\":{\"type\":\"string\",\"minLength\":1},"
	"\"api\":{\"enum\":[\"converse\",\"invoke\"],\"default\":\"converse\"},"
	"\"betas\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":1}},"
	"\"guardrail\":{\"type\":\"object\",\"required\":[\"id\",\"version\"],\"additionalProperties\":false,"
	"\"properties\":{"
	"\"id\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":2048},"
	"\"version\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^([1-9][0-9]{0,7}|DRAFT)$\"},"
	"{\"type\":\"integer\",\"minimum\":1}]},"
	"\"trace\":{\"enum\":[\"enabled\",\"disabled\",\"enabled_full\"]},"
	"\"stream_mode\":{\"enum\":[\"sync\",\"async\"]}}},"
	"\"cache\":{\"type\":[\"array\",\"object\"],\"minItems\":1,\"minProperties\":1,\"uniqueItems\":true,"
	"\"items\":{\"enum\":[\"system\",\"tools\",\"messages\"]},\"additionalProperties\":false,\"properties\":{"
	"\"system\":{\"enum\":[\"5m\",\"1h\"]},"
	"\"tools\":{\"enum\":[\"5m\",\"1h\"]},"
	"\"messages\":{\"enum\":[\"5m\",\"1h\"]}}},"
	"\"prompt_variables\":{\"type\":\"object\",\"minProperties\":1},"
	"\"structured_output\":{\"enum\":[\"off\",\"native\"],\"default\":\"off\"}}}";

const struct provider_ops provider_bedrock = {
	.name = "bedrock",
	.help = "models of Amazon Bedrock: Converse, inference profiles, prompts, routers, guardrails",
	.kinds = kinds,
	.schema = schema,
	.aws = true,
	.given = GIVEN_READ, /* by prompt_variables */
	.talks = true,
	.check = check,
	.prompted = converse_prompted,
	.encode = encode,
	.fact_ask = bedrock_facts_ask,
	.fact_take = bedrock_facts_take,
	.count_encode = count_encode,
	.count_take = bedrock_count_take,
	.state_size = sizeof(struct state),
	.begin = begin,
	.feed = feed,
	.finish = finish,
};
