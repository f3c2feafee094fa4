/* Provider http: any application that answers over HTTP. */
#include "doc/jsonx.h"
#include "doc/template.h"
#include "provider/http_answer.h"
#include "provider/http_request.h"
#include "provider/provider.h"

/* A stream of events needs an end that cannot be a connection's. */
static int check_stream(const json_t *config, struct err *err)
{
	const json_t *stream = json_object_get(config, "stream");
	if (!json_is_object(stream) || json_object_get(stream, "done") || json_object_get(stream, "done_event") ||
	    json_object_get(stream, "done_path"))
		return 0;
	return err_set(err, ERR_ARTIFACT, "stream: one of done, done_event and done_path says how the stream ends; without "
					  "it an answer that was cut looks whole");
}

static int check_constant(const json_t *config, const char *key, struct err *err)
{
	if (!json_is_string(json_object_get(config, key)) || template_is_plain(json_get_str(config, key)))
		return 0;
	return err_set(err, ERR_ARTIFACT, "%s: a path is the same for every case and holds no template", key);
}

static int check(const struct endpoint *e, const char **member, struct err *err)
{
	static const char *const nowhere[] = { "params", "tools" };
	struct http_paths paths;
	struct arena scratch = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(nowhere); i++) {
		*member = nowhere[i];
		if (json_object_get(e->config, nowhere[i]))
			return err_set(err, ERR_ARTIFACT, "'%s' would go nowhere; write it into the body", nowhere[i]);
	}
	int bad = http_request_check(e, member, err) || http_paths_read(&paths, e->config, &scratch, member, err);
	arena_release(&scratch);
	if (bad)
		return -1;
	static const char *const constant[] = { "contexts", "answer" };
	for (size_t i = 0; i < ARRAY_LEN(constant); i++) {
		*member = constant[i];
		if (check_constant(e->config, constant[i], err))
			return -1;
	}
	*member = "stream";
	return check_stream(e->config, err);
}

#define PATH(what)                                                                                 \
	"{\"type\":\"string\",\"minLength\":1,\"description\":\"" what "\"}"

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"required\":[\"url\"],"
	"\"properties\":{"
	"\"url\":{\"type\":\"string\",\"minLength\":1,\"description\":\"Where it listens; {{…}} is percent-encoded, "
	"the host is constant, the policy's trust.hosts must name it\"},"
	"\"method\":{\"enum\":[\"GET\",\"POST\",\"PUT\",\"PATCH\",\"DELETE\"]},"
	"\"headers\":{\"type\":\"object\",\"maxProperties\":16,\"additionalProperties\":{\"type\":\"string\"}},"
	"\"body\":{\"description\":\"JSON with templates in its texts, or a text\"},"
	"\"answer\":" PATH("Where in the JSON the answer is; absent: the body is the answer") ","
	"\"contexts\":" PATH("Where the retrieved passages are") ","
	"\"tool_calls\":" PATH("Where the tool calls are") ","
	"\"trajectory\":" PATH("Where the steps are") ","
	"\"usage\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
	"\"in\":" PATH("Where the tokens read are") ",\"out\":" PATH("Where the tokens written are") "}},"
	"\"model\":{\"type\":[\"string\",\"object\"],\"description\":\"The model it uses, or where it names it ($.…)\"},"
	"\"request_id\":" PATH("Where the answer's id is") ","
	"\"finish\":" PATH("Where it says how the answer ended") ","
	"\"blocked\":" PATH("Where it says that a guardrail blocked it") ","
	"\"refused\":" PATH("Where it says that it refuses") ","
	"\"error\":" PATH("Where it says that it failed") ","
	"\"stream\":{\"type\":[\"boolean\",\"object\"],\"additionalProperties\":false,\"properties\":{"
	"\"delta\":" PATH("Where in an event the next piece of the answer is; absent: the data is the piece") ","
	"\"events\":{\"type\":[\"string\",\"array\"],\"minItems\":1,\"items\":{\"type\":\"string\"}},"
	"\"done\":" PATH("The data that ends the stream") ","
	"\"done_event\":" PATH("The event that ends the stream") ","
	"\"done_path\":" PATH("Where an event says that it is the last") "}}}}";

const struct provider_ops provider_http = {
	.name = "http",
	.help = "any application that answers over HTTP: JSON, text, server-sent events, JSON lines",
	.schema = schema,
	.no_model = true,
	.no_prompt = true,
	.streams_if_said = true,
	.talks = true,
	.given = GIVEN_READ,
	.check = check,
	.encode = http_request_encode,
	.state_size = sizeof(struct http_answer),
	.begin = http_answer_begin,
	.feed = http_answer_feed,
	.finish = http_answer_finish,
};
