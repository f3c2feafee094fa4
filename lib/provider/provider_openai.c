/* Provider openai: chat completions and responses of OpenAI, Azure OpenAI, Bedrock's endpoint and every
 * server that speaks the same wire, streamed (the default) or not. */
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/openai_decode.h"
#include "provider/openai_embed.h"
#include "provider/openai_encode.h"
#include "provider/provider.h"
#include "provider/reqkit.h"
#include "provider/responses_decode.h"
#include "provider/responses_encode.h"
#include "wire/awshost.h"
#include "wire/url.h"

#define DEFAULT_HOST "api.openai.com"
#define DEFAULT_URL "https://" DEFAULT_HOST "/v1"

/* --- which wire ------------------------------------------------------------------------------- */

struct wire_ops {
	const char *tail; /* of the path */
	int (*body)(struct str *out, const struct call *c, struct arena *a, struct err *err);
	int (*begin)(void *state, struct reply *r, const struct wire_status *st, const struct call *c);
	int (*feed)(void *state, struct reply *r, struct str piece, unsigned *events);
	void (*finish)(void *state, struct reply *r);
};

static const struct wire_ops chat = {
	.tail = "/chat/completions",
	.body = openai_body,
	.begin = openai_begin,
	.feed = openai_feed,
	.finish = openai_finish,
};

static const struct wire_ops responses = {
	.tail = "/responses",
	.body = responses_body,
	.begin = responses_begin,
	.feed = responses_feed,
	.finish = responses_finish,
};

static const struct wire_ops embed = {
	.tail = "/embeddings",
	.body = openai_embed_body,
	.begin = openai_embed_begin,
	.feed = openai_embed_feed,
	.finish = openai_embed_finish,
};

static bool is_responses(const struct endpoint *e)
{
	return str_eqc(json_get_str(e->config, "api"), "responses");
}

static const struct wire_ops *wire_of(const struct call *c)
{
	return c->kind == CALL_EMBED ? &embed : is_responses(c->endpoint) ? &responses : &chat;
}

/* --- asking ----------------------------------------------------------------------------------- */

/* base_url with the wire's path put before its query, and Azure's api-version added. */
static struct str encode_url(const struct endpoint *e, const char *tail, struct arena *a)
{
	struct str url = reqkit_url(e->base_url.n ? e->base_url : STR(DEFAULT_URL), tail, a);
	struct str version = json_get_str(e->config, "api_version");
	struct buf encoded;
	if (!version.n)
		return url;
	buf_init(&encoded, 4 * KIB);
	url_encode(&encoded, version, "");
	url = str_c(arena_fmt(a, "%.*s%sapi-version=%s", STR_ARGS(url), str_chr(url, '?', 0) < 0 ? "?" : "&",
			      buf_cstr(&encoded)));
	buf_release(&encoded);
	return url;
}

static bool is_azure(struct str host)
{
	static const char *const ends[] = { ".openai.azure.com", ".cognitiveservices.azure.com",
					    ".services.ai.azure.com", ".openai.azure.us" };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (str_ends(host, str_c(ends[i])))
			return true;
	return false;
}

/* The key of a host's own kind; a server of one's own may need none. */
static void encode_auth(struct wire_req *out, struct str host, struct arena *a)
{
	struct awshost aws;
	out->auth = WIRE_AUTH_BEARER;
	out->auth_env = "OPENAI_API_KEY";
	out->auth_optional = !str_eqc(host, DEFAULT_HOST);
	if (is_azure(host)) {
		out->auth = WIRE_AUTH_HEADER;
		out->auth_header = "api-key";
		out->auth_optional = false;
		out->auth_env = "AZURE_OPENAI_API_KEY";
	} else if (awshost_parse(&aws, host)) {
		out->auth = WIRE_AUTH_SIGV4;
		out->auth_optional = false;
		out->auth_env = awshost_takes_bearer(aws.service) ? "AWS_BEARER_TOKEN_BEDROCK" : NULL;
		out->service = awshost_signing_name(aws.service);
		out->region = arena_cstr(a, aws.region);
	}
}

/* A guardrail of Bedrock goes along in headers. */
static void encode_guardrail(struct wire_req *out, const json_t *guardrail, struct arena *a)
{
	const json_t *version = json_object_get(guardrail, "version");
	struct str text = json_str(version);
	if (!guardrail)
		return;
	if (json_is_integer(version))
		text = str_c(arena_fmt(a, "%lld", (long long)json_integer_value(version)));
	reqkit_header(out, a, "X-Amzn-Bedrock-GuardrailIdentifier", json_get_str(guardrail, "id"));
	reqkit_header(out, a, "X-Amzn-Bedrock-GuardrailVersion", text);
	struct str trace = json_get_str(guardrail, "trace");
	char *upper = arena_cstr(a, trace);
	for (size_t i = 0; i < trace.n; i++)
		upper[i] = (char)(upper[i] >= 'a' && upper[i] <= 'z' ? upper[i] - 0x20 : upper[i]);
	reqkit_header(out, a, "X-Amzn-Bedrock-Trace", str_c(upper));
}

static int encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const struct endpoint *e = c->endpoint;
	const struct wire_ops *wire = wire_of(c);
	struct url u;
	*out = (struct wire_req){ .method = "POST", .url = encode_url(e, wire->tail, a) };
	if (url_parse(&u, out->url, a, err))
		return err_wrap(err, "base_url of target '%s'", e->name ? e->name : "");
	encode_auth(out, u.host, a);
	if (wire->body(&out->body, c, a, err))
		return -1;
	reqkit_header(out, a, "Content-Type", STR("application/json"));
	reqkit_header(out, a, "Accept", e->stream && wire != &embed ? STR("text/event-stream") :
								 STR("application/json"));
	reqkit_header(out, a, "OpenAI-Organization", json_get_str(e->config, "organization"));
	reqkit_header(out, a, "OpenAI-Project", json_get_str(e->config, "project"));
	encode_guardrail(out, json_object_get(e->config, "guardrail"), a);
	return 0;
}

static bool is_aws_url(struct str text)
{
	struct arena scratch = ARENA_INIT;
	struct err err = ERR_INIT;
	struct awshost aws;
	struct url u;
	bool is = text.n && !url_parse(&u, text, &scratch, &err) && awshost_parse(&aws, u.host);
	arena_release(&scratch);
	return is;
}

static int check(const struct endpoint *e, const char **member, struct err *err)
{
	*member = "guardrail";
	if (json_object_get(e->config, "guardrail") && !is_aws_url(e->base_url))
		return err_set(err, ERR_ARTIFACT, "a guardrail goes to Bedrock's hosts only, and base_url is none; "
						  "set base_url: https://bedrock-runtime.REGION.amazonaws.com/v1");
	*member = "params";
	return is_responses(e) ? responses_check(e, err) : openai_check(e, err);
}

/* --- answering -------------------------------------------------------------------------------- */

struct state {
	const struct wire_ops *wire;
	union {
		struct openai_decode chat;
		struct responses_decode responses;
		struct openai_embed embed;
	} of;
};

static int begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c)
{
	struct state *s = state;
	s->wire = wire_of(c);
	return s->wire->begin(&s->of, r, st, c);
}

static int feed(void *state, struct reply *r, struct str piece, unsigned *events)
{
	struct state *s = state;
	return s->wire->feed(&s->of, r, piece, events);
}

static void finish(void *state, struct reply *r)
{
	struct state *s = state;
	s->wire->finish(&s->of, r);
}

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"required\":[\"model\"],"
	"\"properties\":{"
	"\"base_url\":{\"type\":\"string\",\"pattern\":\"^https?://\",\"description\":\"Where "
	"/chat/completions or /responses is found; the policy's trust.hosts must name the host\"},"
	"\"api\":{\"enum\":[\"chat\",\"responses\"],\"default\":\"chat\"},"
	"\"stream\":{\"type\":\"boolean\",\"default\":true},"
	"\"api_version\":{\"type\":\"string\",\"description\":\"Azure OpenAI's api-version\"},"
	"\"guardrail\":{\"type\":\"object\",\"required\":[\"id\",\"version\"],"
	"\"additionalProperties\":false,\"properties\":{\"id\":{\"type\":\"string\",\"pattern\":"
	"\"^[A-Za-z0-9:/_.-]+$\"},\"version\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^([1-9][0-9]{0,7}|DRAFT)$\"},"
	"{\"type\":\"integer\",\"minimum\":1}]},\"trace\":{\"enum\":[\"enabled\",\"disabled\",\"enabled_full\"]}},"
	"\"description\":\"A guardrail, at Bedrock's hosts\"},"
	"\"organization\":{\"type\":\"string\"},"
	"\"project\":{\"type\":\"string\"}}}";

const struct provider_ops provider_openai = {
	.name = "openai",
	.help = "chat completions and responses of OpenAI, Azure, Bedrock, vLLM, llama.cpp, Ollama and such servers",
	.schema = schema,
	.default_host = DEFAULT_HOST,
	.default_env = "OPENAI_API_KEY",
	.talks = true,
	.embeds = true,
	.check = check,
	.encode = encode,
	.state_size = sizeof(struct state),
	.begin = begin,
	.feed = feed,
	.finish = finish,
};
