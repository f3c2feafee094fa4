/* Provider bedrock: a model of Amazon Bedrock through Converse, streamed (the default) or not.  Its other
 * kinds are files provider_bedrock_<kind>.c, one line each in bedrock_kinds.def. */
#include "provider/converse_decode.h"
#include "provider/converse_encode.h"
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
	.talks = true,
	.check = converse_check,
	.prompted = converse_prompted,
	.encode = converse_encode,
	.state_size = sizeof(struct converse_decode),
	.begin = converse_begin,
	.feed = converse_feed,
	.finish = converse_finish,
};
