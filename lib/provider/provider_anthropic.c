/* Provider anthropic: the Messages API, streamed (the default) or not, at Anthropic or at a gateway
 * that speaks it. */
#include "doc/jsonx.h"
#include "provider/anthropic_decode.h"
#include "provider/anthropic_encode.h"
#include "provider/provider.h"
#include "provider/reqkit.h"
#include "wire/url.h"

#define DEFAULT_HOST "api.anthropic.com"
#define DEFAULT_URL "https://" DEFAULT_HOST
#define DEFAULT_VERSION "2023-06-01"
#define ENV "ANTHROPIC_API_KEY"

/* base_url as Anthropic's own clients take it, without /v1; one that has it is understood too. */
static struct str encode_url(const struct endpoint *e, struct arena *a)
{
	struct str base = e->base_url.n ? e->base_url : STR(DEFAULT_URL);
	ptrdiff_t mark = str_chr(base, '?', 0);
	struct str path = str_sub(base, 0, mark < 0 ? base.n : (size_t)mark);
	while (path.n && path.p[path.n - 1] == '/')
		path.n--;
	bool versioned = str_ends(path, STR("/v1")) || str_ends(path, STR("/messages"));
	return reqkit_url(base, versioned ? "/messages" : "/v1/messages", a);
}

static struct str betas(const struct endpoint *e, struct arena *a)
{
	size_t i;
	const json_t *beta;
	const char *text = "";
	json_array_foreach(json_object_get(e->config, "betas"), i, beta)
		text = arena_fmt(a, "%s%s%.*s", text, i ? "," : "", STR_ARGS(json_str(beta)));
	return str_c(text);
}

static int encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const struct endpoint *e = c->endpoint;
	struct str version = json_get_str(e->config, "api_version");
	struct url u;
	*out = (struct wire_req){
		.method = "POST",
		.url = encode_url(e, a),
		.auth = WIRE_AUTH_HEADER,
		.auth_header = "x-api-key",
		.auth_env = ENV,
	};
	if (url_parse(&u, out->url, a, err))
		return err_wrap(err, "base_url of target '%s'", e->name ? e->name : "");
	out->auth_optional = !str_eqc(u.host, DEFAULT_HOST);
	if (anthropic_body(&out->body, c, a, err))
		return -1;
	reqkit_header(out, a, "Content-Type", STR("application/json"));
	reqkit_header(out, a, "Accept", e->stream ? STR("text/event-stream") : STR("application/json"));
	reqkit_header(out, a, "anthropic-version", version.n ? version : STR(DEFAULT_VERSION));
	reqkit_header(out, a, "anthropic-beta", betas(e, a));
	return 0;
}

#define TTL "{\"enum\":[\"5m\",\"1h\"]}"

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"required\":[\"model\"],"
	"\"properties\":{"
	"\"base_url\":{\"type\":\"string\",\"pattern\":\"^https?://\",\"description\":\"Where /v1/messages is "
	"found; the policy's trust.hosts must name the host\"},"
	"\"stream\":{\"type\":\"boolean\",\"default\":true},"
	"\"api_version\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9._-]+$\",\"default\":\"" DEFAULT_VERSION
	"\",\"description\":\"The anthropic-version header\"},"
	"\"betas\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9._-]+$\"},"
	"\"description\":\"Names for the anthropic-beta header\"},"
	"\"cache\":{\"type\":[\"array\",\"object\"],\"minItems\":1,\"minProperties\":1,\"uniqueItems\":true,"
	"\"items\":{\"enum\":[\"system\",\"tools\",\"messages\"]},\"additionalProperties\":false,\"properties\":{"
	"\"system\":" TTL ",\"tools\":" TTL ",\"messages\":" TTL "},\"description\":\"What of a request is "
	"cached, up to and with this\"},"
	"\"structured_output\":{\"enum\":[\"off\",\"native\"],\"default\":\"off\"}}}";

const struct provider_ops provider_anthropic = {
	.name = "anthropic",
	.help = "the Messages API of Anthropic and of gateways that speak it",
	.schema = schema,
	.default_host = DEFAULT_HOST,
	.default_env = ENV,
	.talks = true,
	.check = anthropic_check,
	.encode = encode,
	.state_size = sizeof(struct anthropic_decode),
	.begin = anthropic_begin,
	.feed = anthropic_feed,
	.finish = anthropic_finish,
};
