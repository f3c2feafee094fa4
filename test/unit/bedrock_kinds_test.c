/* The kinds of provider bedrock beside the model: what they send, and what they read at every split. */
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/provider.h"
#include "test/server/eventframe.h"
#include "wire/awshost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct aws_place place = { .region = STR_INIT("eu-west-1") };

struct asked {
	struct arena a;
	struct endpoint e;
	struct message message[4];
	struct call c;
	struct err err;
	const char *member;
};

static const struct provider_ops *ops(const char *kind)
{
	const struct provider_ops *p = provider_kind(provider_find(STR("bedrock")), str_c(kind));
	assert_non_null(p);
	return p;
}

/* A call of that kind with this configuration (JSON) and one user message. */
static void ask(struct asked *q, const char *kind, const char *config, const char *text)
{
	const char *why;
	*q = (struct asked){ .a = ARENA_INIT, .err = ERR_INIT };
	json_t *j = (json_t *)(uintptr_t)json_lenient(&q->a, str_c(config), &why);
	assert_non_null(j);
	json_object_set_new(j, "kind", json_string(kind));
	q->message[0] = (struct message){ .role = ROLE_USER, .text = str_c(text) };
	q->e = (struct endpoint){ .name = "t", .provider = ops(kind), .config = j, .aws = &place,
				  .model = json_get_str(j, "model"), .params = json_object_get(j, "params"),
				  .stream = !json_is_false(json_object_get(j, "stream")) };
	q->c = (struct call){ .endpoint = &q->e, .message = q->message, .nmessage = 1 };
}

static void done(struct asked *q)
{
	arena_release(&q->a);
}

static void encodes(struct asked *q, const char *url, const char *body)
{
	struct wire_req req;
	const char *why;
	if (q->e.provider->check)
		assert_int_equal(q->e.provider->check(&q->e, &q->member, &q->err), 0);
	if (q->e.provider->encode(&req, &q->c, &q->a, &q->err))
		fail_msg("%s", q->err.msg);
	assert_string_equal(arena_cstr(&q->a, req.url), url);
	assert_string_equal(req.method, "POST");
	assert_int_equal(req.auth, WIRE_AUTH_SIGV4);
	assert_string_equal(req.region, "eu-west-1");
	const json_t *is = json_lenient(&q->a, req.body, &why), *want = json_lenient(&q->a, str_c(body), &why);
	assert_non_null(want);
	if (!json_equal(is, want))
		fail_msg("body is %s", arena_cstr(&q->a, req.body));
}

static void refuses(struct asked *q, const char *words)
{
	struct wire_req req;
	int bad = q->e.provider->check ? q->e.provider->check(&q->e, &q->member, &q->err) : 0;
	if (!bad)
		bad = q->e.provider->encode(&req, &q->c, &q->a, &q->err);
	assert_int_equal(bad, -1);
	if (!strstr(q->err.msg, words))
		fail_msg("'%s' has no '%s'", q->err.msg, words);
	done(q);
}

/* --- reading --- */

static struct reply *decode(const struct asked *q, struct arena *a, int code, const char *type, struct str raw,
			    size_t cut, unsigned *events)
{
	const struct provider_ops *p = q->e.provider;
	struct wire_header h[] = { { STR("Content-Type"), str_c(type) },
				   { STR("x-amzn-RequestId"), STR("req-1") } };
	struct wire_status st = { .code = code, .header = h, .nheader = 2 };
	struct reply *r = arena_new(a, struct reply);
	void *state = arena_alloc(a, p->state_size);
	reply_init(r, a);
	*events = 0;
	assert_int_equal(p->begin(state, r, &st, &q->c), 0);
	size_t step = cut == SIZE_MAX ? 1 : raw.n;
	for (size_t at = 0, to = cut == SIZE_MAX ? 1 : cut; at < raw.n; at = to, to += step) {
		unsigned e = 0;
		int stop = p->feed(state, r, str_sub(raw, at, to), &e);
		*events |= e;
		if (stop)
			return r;
	}
	p->finish(state, r);
	return r;
}

static const char *picture(struct arena *a, const struct reply *r, unsigned events)
{
	struct buf b;
	buf_init(&b, MIB);
	reply_write(&b, r);
	char *s = arena_fmt(a, "%s %u %d", buf_cstr(&b), r->fail ? 0 : events, r->retryable);
	buf_release(&b);
	return s;
}

/* The reply to a body, the same at every split. */
static struct reply *reads(struct asked *q, int code, const char *type, struct str raw)
{
	unsigned events;
	struct reply *r = decode(q, &q->a, code, type, raw, raw.n, &events);
	const char *whole = picture(&q->a, r, events);
	for (size_t cut = 0; cut <= raw.n; cut++) {
		struct arena a = ARENA_INIT;
		unsigned other;
		struct reply *s = decode(q, &a, code, type, raw, cut == raw.n ? SIZE_MAX : cut, &other);
		assert_string_equal(picture(&a, s, other), whole);
		arena_release(&a);
	}
	return r;
}

static struct reply *reads_json(struct asked *q, const char *json)
{
	return reads(q, 200, "application/json", str_c(json));
}

/* Pairs of an event's type and payload; "!type" is an exception. */
static struct reply *reads_events(struct asked *q, const char *const *pairs)
{
	struct buf b;
	buf_init(&b, MIB);
	for (; *pairs; pairs += 2)
		eventframe_json(&b, **pairs == '!' ? "exception" : "event", *pairs + (**pairs == '!'),
				str_c(pairs[1]));
	struct str raw = arena_str(&q->a, buf_str(&b));
	buf_release(&b);
	return reads(q, 200, "application/vnd.amazon.eventstream", raw);
}

static void is_json(struct asked *q, const json_t *j, const char *want)
{
	const char *why;
	const json_t *w = json_lenient(&q->a, str_c(want), &why);
	assert_non_null(w);
	if (j && json_equal(j, w))
		return;
	struct buf b;
	buf_init(&b, MIB);
	json_write(&b, j);
	fail_msg("is %s, not %s", buf_cstr(&b), want);
}

static void is_text(const struct reply *r, const char *want)
{
	if (r->fail)
		fail_msg("failed: %.*s", STR_ARGS(r->fail_text));
	assert_string_equal(buf_cstr(&r->text), want);
}

static void is_failure(const struct reply *r, enum fail why, bool again, const char *words)
{
	assert_string_equal(fail_name(r->fail), fail_name(why));
	assert_int_equal(r->retryable, again);
	if (str_find(r->fail_text, str_c(words), 0) < 0)
		fail_msg("'%.*s' has no '%s'", STR_ARGS(r->fail_text), words);
}

/* --- retrieve --- */

#define KB "{\"retrieval\":{\"knowledge_base\":\"KB12345678\"}}"

static void retrieve_asks(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "retrieve", KB, "why?");
	encodes(&q, "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/knowledgebases/KB12345678/retrieve",
		"{\"retrievalQuery\":{\"text\":\"why?\"}}");
	done(&q);
	ask(&q, "retrieve", "{\"retrieval\":{\"knowledge_base\":\"K\",\"managed\":true,\"results\":2}}", "why?");
	encodes(&q, "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/knowledgebases/K/retrieve",
		"{\"retrievalQuery\":{\"text\":\"why?\"},\"retrievalConfiguration\":{\"managedSearchConfiguration\":{\"numberOfResults\":2}}}");
	done(&q);
	ask(&q, "retrieve", "{\"retrieval\":{\"knowledge_base\":\"K\",\"managed\":true,\"search\":\"hybrid\"}}", "why?");
	refuses(&q, "has no 'search' and would ignore it");
	ask(&q, "retrieve",
	    "{\"retrieval\":{\"knowledge_base\":\"arn:aws:x:kb/1\",\"results\":7,\"search\":\"hybrid\",\"user\":\"u1\","
	    "\"filter\":{\"equals\":{\"key\":\"a\",\"value\":1}},\"rerank\":{\"model\":\"arn:r\",\"results\":3}},"
	    "\"guardrail\":{\"id\":\"g1\",\"version\":\"2\"}}", "a \"b\"\n");
	encodes(&q, "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/knowledgebases/arn%3Aaws%3Ax%3Akb%2F1/retrieve",
		"{\"retrievalQuery\":{\"text\":\"a \\\"b\\\"\\n\"},\"retrievalConfiguration\":{\"vectorSearchConfiguration\":"
		"{\"numberOfResults\":7,\"overrideSearchType\":\"HYBRID\",\"filter\":{\"equals\":{\"key\":\"a\",\"value\":1}},"
		"\"rerankingConfiguration\":{\"type\":\"BEDROCK_RERANKING_MODEL\",\"bedrockRerankingConfiguration\":"
		"{\"modelConfiguration\":{\"modelArn\":\"arn:r\"},\"numberOfRerankedResults\":3}}}},"
		"\"guardrailConfiguration\":{\"guardrailId\":\"g1\",\"guardrailVersion\":\"2\"},"
		"\"userContext\":{\"userId\":\"u1\"}}");
	done(&q);
}

static void what_would_be_ignored_is_refused(void **state)
{
	(void)state;
	struct asked q;
	static const char *const kinds[][2] = {
		{ "retrieve", "\"retrieval\":{\"knowledge_base\":\"K\"}" },
		{ "flow", "\"flow\":{\"id\":\"F\",\"alias\":\"A\"}" },
		{ "agent", "\"agent\":{\"id\":\"F\",\"alias\":\"A\"}" },
		{ "agentcore", "\"runtime\":{\"arn\":\"arn:r\"}" },
		{ "guardrail", "\"guardrail\":{\"id\":\"F\",\"version\":\"1\"}" },
	};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char config[200];
		snprintf(config, sizeof(config), "{%s,\"params\":{\"temperature\":0}}", kinds[i][1]);
		ask(&q, kinds[i][0], config, "q");
		refuses(&q, "has no 'params' and would ignore it");
		snprintf(config, sizeof(config), "{%s}", kinds[i][1]);
		ask(&q, kinds[i][0], config, "q");
		q.c.response_schema = q.e.config;
		refuses(&q, "cannot be held to a schema");
		if (!strcmp(kinds[i][0], "guardrail"))
			continue;
		ask(&q, kinds[i][0], config, "q");
		q.message[1] = q.message[0];
		q.message[0] = (struct message){ .role = ROLE_SYSTEM, .text = STR("be kind") };
		q.c.nmessage = 2;
		refuses(&q, i == 2 ? "instructions of its own" : "one user message and nothing else");
	}
	ask(&q, "retrieve-and-generate", "{\"retrieval\":{\"knowledge_base\":\"K\"},\"model\":\"m\",\"params\":{\"seed\":1}}", "q");
	refuses(&q, "has no 'seed' and would ignore it");
	ask(&q, "retrieve", KB, "q");
	q.e.aws = NULL;
	refuses(&q, "region");
}

static void drafts_are_refused(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "flow", "{\"flow\":{\"id\":\"F\",\"alias\":\"TSTALIASID\"}}", "q");
	refuses(&q, "'TSTALIASID' is the working draft");
	ask(&q, "agent", "{\"agent\":{\"id\":\"F\",\"alias\":\"TSTALIASID\"}}", "q");
	refuses(&q, "name an alias of a version");
	ask(&q, "guardrail", "{\"guardrail\":{\"id\":\"F\",\"version\":\"DRAFT\"}}", "q");
	refuses(&q, "name a numbered version");
	ask(&q, "retrieve", "{\"retrieval\":{\"knowledge_base\":\"K\"},\"guardrail\":{\"id\":\"F\",\"version\":\"DRAFT\"}}", "q");
	refuses(&q, "name a numbered version");
}

#define RESULTS                                                                                         \
	"{\"retrievalResults\":["                                                                       \
	"{\"content\":{\"type\":\"TEXT\",\"text\":\"one\"},\"score\":0.75,\"documentId\":\"d1\","       \
	"\"location\":{\"type\":\"S3\",\"s3Location\":{\"uri\":\"s3://b/1.txt\"}}},"                    \
	"{\"content\":{\"type\":\"ROW\",\"row\":[{\"columnName\":\"a\",\"columnValue\":\"1\"},"         \
	"{\"columnName\":\"b\",\"columnValue\":\"2\"}]},\"location\":{\"type\":\"SQL\","                \
	"\"sqlLocation\":{\"query\":\"select\"}},\"metadata\":{\"x-amz-bedrock-kb-chunk-id\":\"c2\"}}," \
	"{\"content\":{\"audio\":{\"s3Uri\":\"s3://a\",\"transcription\":\"said\"}},"                   \
	"\"location\":{\"type\":\"WEB\",\"webLocation\":{\"url\":\"https://w\"}}}]"

static void retrieve_reads_passages(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "retrieve", KB, "q");
	struct reply *r = reads_json(&q, RESULTS ",\"nextToken\":\"x\",\"guardrailAction\":\"NONE\"}");
	is_text(r, "one\n\na: 1, b: 2\n\nsaid");
	is_json(&q, r->contexts,
		"[{\"text\":\"one\",\"source\":\"s3://b/1.txt\",\"score\":0.75,\"id\":\"d1\"},"
		"{\"text\":\"a: 1, b: 2\",\"source\":\"select\",\"id\":\"c2\"},{\"text\":\"said\",\"source\":\"https://w\"}]");
	is_json(&q, r->detail, "{\"more\":true}");
	is_json(&q, r->guardrail, "{\"action\":\"none\"}");
	assert_int_equal(r->finish, FINISH_STOP);
	assert_false(r->streamed);
	assert_true(str_eqc(r->request_id, "req-1"));
	r = reads_json(&q, "{\"retrievalResults\":[],\"guardrailAction\":\"INTERVENED\"}");
	is_text(r, "");
	is_json(&q, r->contexts, "[]");
	assert_int_equal(r->finish, FINISH_BLOCKED);
	is_failure(reads_json(&q, "{\"results\":[]}"), FAIL_MALFORMED, false, "no list 'retrievalResults'");
	is_failure(reads_json(&q, "[1"), FAIL_MALFORMED, false, "no JSON");
	is_failure(reads(&q, 403, "application/json", STR("{\"message\":\"no\"}")), FAIL_AUTH, false, "no");
	is_failure(reads(&q, 429, "application/json", STR("{\"__type\":\"ThrottlingException\"}")), FAIL_RATE_LIMITED, true,
		   "Throttling");
	is_failure(reads(&q, 502, "text/html", STR("<html>")), FAIL_SERVER, true, "502");
	done(&q);
}

/* --- retrieve-and-generate --- */

#define RAG "\"retrieval\":{\"knowledge_base\":\"K\",\"results\":2},\"model\":\"arn:m\""

static void generate_asks(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "retrieve-and-generate", "{" RAG "}", "why?");
	encodes(&q, "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/retrieveAndGenerateStream",
		"{\"input\":{\"text\":\"why?\"},\"retrieveAndGenerateConfiguration\":{\"type\":\"KNOWLEDGE_BASE\","
		"\"knowledgeBaseConfiguration\":{\"knowledgeBaseId\":\"K\",\"modelArn\":\"arn:m\",\"retrievalConfiguration\":"
		"{\"vectorSearchConfiguration\":{\"numberOfResults\":2}},\"generationConfiguration\":{}}}}");
	done(&q);
	ask(&q, "retrieve-and-generate",
	    "{" RAG ",\"stream\":false,\"params\":{\"temperature\":0,\"max_tokens\":9,\"stop\":\"x\"},"
	    "\"guardrail\":{\"id\":\"g\",\"version\":\"1\"},\"generation\":{\"prompt_template\":\"$search_results$\","
	    "\"latency\":\"optimized\",\"decompose\":true,\"fields\":{\"top_k\":3}}}", "why?");
	encodes(&q, "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/retrieveAndGenerate",
		"{\"input\":{\"text\":\"why?\"},\"retrieveAndGenerateConfiguration\":{\"type\":\"KNOWLEDGE_BASE\","
		"\"knowledgeBaseConfiguration\":{\"knowledgeBaseId\":\"K\",\"modelArn\":\"arn:m\",\"retrievalConfiguration\":"
		"{\"vectorSearchConfiguration\":{\"numberOfResults\":2}},\"generationConfiguration\":{\"promptTemplate\":"
		"{\"textPromptTemplate\":\"$search_results$\"},\"guardrailConfiguration\":{\"guardrailId\":\"g\",\"guardrailVersion\":"
		"\"1\"},\"inferenceConfig\":{\"textInferenceConfig\":{\"temperature\":0,\"maxTokens\":9,\"stopSequences\":[\"x\"]}},"
		"\"performanceConfig\":{\"latency\":\"optimized\"},\"additionalModelRequestFields\":{\"top_k\":3}},"
		"\"orchestrationConfiguration\":{\"queryTransformationConfiguration\":{\"type\":\"QUERY_DECOMPOSITION\"}}}}}");
	done(&q);
}

#define PART(a, b) "\"generatedResponsePart\":{\"textResponsePart\":{\"text\":\"t\",\"span\":{\"start\":" #a ",\"end\":" #b "}}}"
#define REFERENCE(text) "{\"content\":{\"text\":\"" text "\"},\"location\":{\"type\":\"S3\",\"s3Location\":{\"uri\":\"s3://b\"}}}"

static void generate_reads_citations(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "retrieve-and-generate", "{" RAG "}", "q");
	static const char *const events[] = {
		"output", "{\"text\":\"Because \"}",
		"citation", "{" PART(0, 7) ",\"retrievedReferences\":[" REFERENCE("p1") "," REFERENCE("p2") "]}",
		"output", "{\"text\":\"of it.\",\"p\":\"pad\"}",
		"citation", "{\"citation\":{" PART(8, 14) ",\"retrievedReferences\":[" REFERENCE("p1") "]}}",
		"guardrail", "{\"action\":\"NONE\"}", NULL };
	struct reply *r = reads_events(&q, events);
	is_text(r, "Because of it.");
	assert_true(r->streamed);
	is_json(&q, r->contexts, "[{\"text\":\"p1\",\"source\":\"s3://b\"},{\"text\":\"p2\",\"source\":\"s3://b\"}]");
	is_json(&q, r->detail,
		"{\"citations\":[{\"start\":0,\"end\":7,\"contexts\":[0,1]},{\"start\":8,\"end\":14,\"contexts\":[0]}]}");
	assert_true(r->usage.in == -1 && r->usage.out == -1);
	r = reads_json(&q, "{\"output\":{\"text\":\"A.\"},\"sessionId\":\"s\",\"guardrailAction\":\"INTERVENED\",\"citations\":[{"
			   PART(0, 2) ",\"retrievedReferences\":[" REFERENCE("p1") "]}]}");
	is_text(r, "A.");
	assert_int_equal(r->finish, FINISH_BLOCKED);
	is_json(&q, r->contexts, "[{\"text\":\"p1\",\"source\":\"s3://b\"}]");
	static const char *const thrown[] = { "output", "{\"text\":\"Be\"}", "!throttlingException",
					      "{\"message\":\"slow down\"}", NULL };
	is_failure(reads_events(&q, thrown), FAIL_RATE_LIMITED, false, "slow down");
	is_failure(reads_events(&q, thrown + 2), FAIL_RATE_LIMITED, true, "slow down");
	static const char *const empty[] = { "guardrail", "{\"action\":\"NONE\"}", NULL };
	is_failure(reads_events(&q, empty), FAIL_CUT, false, "without any output");
	is_failure(reads_json(&q, "{\"sessionId\":\"s\"}"), FAIL_MALFORMED, false, "no 'output.text'");
	done(&q);
}

/* --- flow --- */

#define FLOW "{\"flow\":{\"id\":\"FLOW123456\",\"alias\":\"PROD\"}}"

static void flow_asks(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "flow", FLOW, "go");
	encodes(&q, "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/flows/FLOW123456/aliases/PROD",
		"{\"inputs\":[{\"nodeName\":\"FlowInputNode\",\"nodeOutputName\":\"document\",\"content\":{\"document\":\"go\"}}],"
		"\"enableTrace\":true}");
	done(&q);
	ask(&q, "flow", "{\"flow\":{\"id\":\"arn:f/1\",\"alias\":\"A\",\"node\":\"In\",\"output\":\"doc\",\"input\":\"json\","
			"\"trace\":false,\"latency\":\"optimized\"}}", "{\"a\": [1]}");
	encodes(&q, "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/flows/arn%3Af%2F1/aliases/A",
		"{\"inputs\":[{\"nodeName\":\"In\",\"nodeOutputName\":\"doc\",\"content\":{\"document\":{\"a\":[1]}}}],"
		"\"enableTrace\":false,\"modelPerformanceConfiguration\":{\"performanceConfig\":{\"latency\":\"optimized\"}}}");
	done(&q);
	ask(&q, "flow", "{\"flow\":{\"id\":\"F\",\"alias\":\"A\",\"input\":\"json\"}}", "{a}");
	refuses(&q, "the user message is no JSON");
}

static void flow_reads_outputs_and_steps(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "flow", FLOW, "go");
	static const char *const events[] = {
		"flowTraceEvent", "{\"trace\":{\"nodeInputTrace\":{\"nodeName\":\"P\",\"fields\":[{\"nodeInputName\":\"topic\","
				  "\"content\":{\"document\":\"sun\"}}]}}}",
		"flowTraceEvent", "{\"trace\":{\"nodeActionTrace\":{\"nodeName\":\"K\",\"serviceName\":\"bedrock\",\"operationName\":"
				  "\"Retrieve\",\"requestId\":\"r\",\"operationRequest\":{\"q\":1},\"operationResponse\":"
				  "{\"retrievalResults\":[" REFERENCE("p") "]}}}}",
		"flowTraceEvent", "{\"trace\":{\"nodeOutputTrace\":{\"nodeName\":\"P\",\"fields\":[{\"nodeOutputName\":\"out\","
				  "\"content\":{\"document\":{\"x\":1}}}]}}}",
		"flowTraceEvent", "{\"trace\":{\"conditionNodeResultTrace\":{\"nodeName\":\"C\",\"satisfiedConditions\":"
				  "[{\"conditionName\":\"yes\"}]}}}",
		"flowOutputEvent", "{\"nodeName\":\"Out\",\"nodeType\":\"FlowOutputNode\",\"content\":{\"document\":\"bright\"}}",
		"flowOutputEvent", "{\"nodeName\":\"Out2\",\"content\":{\"document\":{\"n\":2}}}",
		"flowCompletionEvent", "{\"completionReason\":\"SUCCESS\"}", NULL };
	struct reply *r = reads_events(&q, events);
	is_text(r, "bright\n{\"n\":2}");
	assert_int_equal(r->finish, FINISH_STOP);
	is_json(&q, r->trajectory,
		"[{\"kind\":\"node\",\"name\":\"P\",\"arguments\":{\"topic\":\"sun\"},\"result\":{\"out\":{\"x\":1}}},"
		"{\"kind\":\"retrieval\",\"name\":\"K\",\"arguments\":{\"service\":\"bedrock\",\"operation\":\"Retrieve\","
		"\"request\":{\"q\":1}},\"result\":1},"
		"{\"kind\":\"condition\",\"name\":\"C\",\"result\":[\"yes\"]}]");
	is_json(&q, r->contexts, "[{\"text\":\"p\",\"source\":\"s3://b\"}]");
	is_json(&q, r->detail, "{\"flow\":\"FLOW123456\",\"alias\":\"PROD\"}");
	is_failure(reads_events(&q, (const char *const[]){ events[8], events[9], NULL }), FAIL_CUT, false, "flowCompletionEvent");
	static const char *const asks_back[] = {
		"flowMultiTurnInputRequestEvent", "{\"nodeName\":\"A\",\"nodeType\":\"AgentNode\",\"content\":{\"document\":\"Which city?\"}}",
		"flowCompletionEvent", "{\"completionReason\":\"INPUT_REQUIRED\"}", NULL };
	r = reads_events(&q, asks_back);
	is_text(r, "Which city?");
	assert_int_equal(r->finish, FINISH_OTHER);
	assert_true(str_eqc(r->finish_raw, "INPUT_REQUIRED"));
	static const char *const thrown[] = { "!dependencyFailedException", "{\"message\":\"lambda\"}", NULL };
	is_failure(reads_events(&q, thrown), FAIL_SERVER, true, "lambda");
	const char *const late[] = { events[0], events[1], "!internalServerException", "{\"message\":\"oops\"}", NULL };
	is_failure(reads_events(&q, late), FAIL_SERVER, false, "oops");
	is_failure(reads_json(&q, "{}"), FAIL_MALFORMED, false, "not with an event stream");
	done(&q);
}

/* --- agent --- */

#define AGENT "{\"agent\":{\"id\":\"AGENT12345\",\"alias\":\"LIVE123456\"}}"

static const char *session_of(struct asked *q)
{
	struct digest d = call_digest(&q->c);
	char hex[DIGEST_HEX];
	return arena_fmt(&q->a, "gate-%s", digest_hex(&d, hex));
}

static void agent_asks(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "agent", AGENT, "go");
	const char *first = session_of(&q);
	encodes(&q, arena_fmt(&q.a, "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/agents/AGENT12345/agentAliases/"
				    "LIVE123456/sessions/%s/text", first),
		"{\"inputText\":\"go\",\"enableTrace\":true,\"streamingConfigurations\":{\"streamFinalResponse\":true}}");
	q.c.sample = 1;
	assert_string_not_equal(session_of(&q), first);
	done(&q);
	ask(&q, "agent", "{\"stream\":false,\"agent\":{\"id\":\"A\",\"alias\":\"L\",\"trace\":false,\"session_attributes\":"
			 "{\"user\":\"u\"},\"prompt_attributes\":{\"day\":\"d\"}}}", "hello");
	q.message[1] = (struct message){ .role = ROLE_ASSISTANT, .text = STR("hi") };
	q.message[2] = (struct message){ .role = ROLE_USER, .text = STR("go") };
	q.c.nmessage = 3;
	encodes(&q, arena_fmt(&q.a, "https://bedrock-agent-runtime.eu-west-1.amazonaws.com/agents/A/agentAliases/L/sessions/%s/text",
			      session_of(&q)),
		"{\"inputText\":\"go\",\"enableTrace\":false,\"sessionState\":{\"sessionAttributes\":{\"user\":\"u\"},"
		"\"promptSessionAttributes\":{\"day\":\"d\"},\"conversationHistory\":{\"messages\":["
		"{\"role\":\"user\",\"content\":[{\"text\":\"hello\"}]},{\"role\":\"assistant\",\"content\":[{\"text\":\"hi\"}]}]}}}");
	done(&q);
	ask(&q, "agent", AGENT, "x");
	q.message[0].role = ROLE_ASSISTANT;
	refuses(&q, "the last one is none");
}

#define TRACE(part) "{\"agentVersion\":\"3\",\"trace\":{\"orchestrationTrace\":{" part "}}}"

static void agent_reads_its_way(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "agent", AGENT, "go");
	static const char *const events[] = {
		"trace", TRACE("\"modelInvocationInput\":{\"foundationModel\":\"anthropic.claude\",\"text\":\"secret prompt\"}"),
		"trace", TRACE("\"modelInvocationOutput\":{\"metadata\":{\"usage\":{\"inputTokens\":100,\"outputTokens\":20}}}"),
		"trace", TRACE("\"invocationInput\":{\"invocationType\":\"ACTION_GROUP\",\"actionGroupInvocationInput\":"
			       "{\"actionGroupName\":\"orders\",\"function\":\"find\",\"parameters\":[{\"name\":\"id\",\"type\":\"integer\","
			       "\"value\":\"7\"},{\"name\":\"note\",\"type\":\"string\",\"value\":\"8\"}]}}"),
		"trace", TRACE("\"observation\":{\"type\":\"ACTION_GROUP\",\"actionGroupInvocationOutput\":{\"text\":\"{\\\"ok\\\":1}\"}}"),
		"trace", TRACE("\"invocationInput\":{\"knowledgeBaseLookupInput\":{\"knowledgeBaseId\":\"KB\",\"text\":\"returns\"}}"),
		"trace", TRACE("\"observation\":{\"knowledgeBaseLookupOutput\":{\"retrievedReferences\":[" REFERENCE("p") "]}}"),
		"trace", TRACE("\"invocationInput\":{\"agentCollaboratorInvocationInput\":{\"agentCollaboratorName\":\"helper\","
			       "\"input\":{\"type\":\"TEXT\",\"text\":\"do\"}}}"),
		"trace", TRACE("\"observation\":{\"agentCollaboratorInvocationOutput\":{\"output\":{\"text\":\"did\"}}}"),
		"trace", TRACE("\"modelInvocationOutput\":{\"metadata\":{\"usage\":{\"inputTokens\":50,\"outputTokens\":5}}}"),
		"chunk", "{\"bytes\":\"R3LDvMOf\"}",
		"chunk", "{\"bytes\":\"ZSE=\",\"attribution\":{\"citations\":[{" PART(0, 3) ",\"retrievedReferences\":[" REFERENCE("p") "]}]}}",
		NULL };
	struct reply *r = reads_events(&q, events);
	is_text(r, "Gr\xc3\xbc\xc3\x9f" "e!");
	assert_int_equal(r->finish, FINISH_STOP);
	assert_int_equal(r->usage.in, 150);
	assert_int_equal(r->usage.out, 25);
	assert_true(str_eqc(r->model, "anthropic.claude"));
	is_json(&q, r->trajectory,
		"[{\"kind\":\"model\",\"name\":\"anthropic.claude\"},"
		"{\"kind\":\"tool\",\"name\":\"orders/find\",\"arguments\":{\"id\":7,\"note\":\"8\"},\"result\":\"{\\\"ok\\\":1}\"},"
		"{\"kind\":\"retrieval\",\"name\":\"KB\",\"arguments\":{\"text\":\"returns\"},\"result\":[0]},"
		"{\"kind\":\"agent\",\"name\":\"helper\",\"arguments\":{\"text\":\"do\"},\"result\":\"did\"}]");
	is_json(&q, r->contexts, "[{\"text\":\"p\",\"source\":\"s3://b\"}]");
	is_json(&q, r->detail, "{\"agent\":\"AGENT12345\",\"alias\":\"LIVE123456\",\"version\":\"3\","
			       "\"citations\":[{\"start\":0,\"end\":3,\"contexts\":[0]}]}");
	is_failure(reads_events(&q, (const char *const[]){ events[0], events[1], NULL }), FAIL_CUT, false, "without an answer");
	const char *const two[] = { events[0], events[1], "trace", TRACE("\"modelInvocationInput\":{\"foundationModel\":\"amazon.nova\"}"),
					   events[0], events[1], "chunk", "{\"bytes\":\"Tm8u\"}", NULL };
	assert_true(str_eqc(reads_events(&q, two)->model, "anthropic.claude + amazon.nova"));
	is_failure(reads_events(&q, (const char *const[]){ "chunk", "{\"bytes\":\"%\"}", NULL }), FAIL_MALFORMED, false, "base64");
	is_failure(reads_events(&q, (const char *const[]){ events[0], events[1], "!throttlingException", "{}", NULL }),
		   FAIL_RATE_LIMITED, false, "hrottling");
	done(&q);
}

static void agent_gives_control_back(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "agent", AGENT, "go");
	static const char *const events[] = {
		"returnControl", "{\"invocationId\":\"i1\",\"invocationInputs\":["
			"{\"functionInvocationInput\":{\"actionGroup\":\"g\",\"function\":\"f\",\"parameters\":[{\"name\":\"on\",\"type\":\"boolean\",\"value\":\"true\"}]}},"
			"{\"apiInvocationInput\":{\"actionGroup\":\"g\",\"apiPath\":\"/o/{id}\",\"httpMethod\":\"POST\",\"requestBody\":{\"content\":"
			"{\"application/json\":{\"properties\":[{\"name\":\"n\",\"type\":\"number\",\"value\":\"1.5\"}]}}}}}]}", NULL };
	struct reply *r = reads_events(&q, events);
	is_text(r, "");
	assert_int_equal(r->finish, FINISH_TOOL);
	is_json(&q, r->tool_calls, "[{\"id\":\"i1\",\"name\":\"g/f\",\"arguments\":{\"on\":true}},"
				   "{\"id\":\"i1\",\"name\":\"g/POST /o/{id}\",\"arguments\":{\"n\":1.5}}]");
	static const char *const blocked[] = {
		"trace", "{\"trace\":{\"guardrailTrace\":{\"action\":\"INTERVENED\",\"inputAssessments\":[{\"contentPolicy\":{\"filters\":"
			 "[{\"type\":\"HATE\",\"confidence\":\"HIGH\",\"action\":\"BLOCKED\"}]},\"wordPolicy\":{\"customWords\":[{\"match\":\"darn\",\"action\":\"BLOCKED\"}]}}]}}}",
		"chunk", "{\"bytes\":\"Tm8u\"}", NULL };
	r = reads_events(&q, blocked);
	is_text(r, "No.");
	assert_int_equal(r->finish, FINISH_BLOCKED);
	assert_true(str_eqc(json_get_str(r->guardrail, "action"), "intervened"));
	assert_null(strstr(picture(&q.a, r, 0), "darn"));
	done(&q);
}

/* --- agentcore --- */

#define ARN "arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/a-1"
#define URL "https://bedrock-agentcore.eu-west-1.amazonaws.com/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aeu-west-1%3A123456789012%3Aruntime%2Fa-1/invocations?qualifier="

static void agentcore_asks(void **state)
{
	(void)state;
	struct asked q;
	struct wire_req req;
	ask(&q, "agentcore", "{\"runtime\":{\"arn\":\"" ARN "\"}}", "go");
	encodes(&q, URL "DEFAULT", "{\"prompt\":\"go\"}");
	assert_int_equal(q.e.provider->encode(&req, &q.c, &q.a, &q.err), 0);
	assert_string_equal(req.service, "bedrock-agentcore");
	struct wire_status st = { .header = req.header.v, .nheader = req.header.n };
	struct str session = wire_header_get(&st, "x-amzn-bedrock-agentcore-runtime-session-id");
	assert_true(session.n >= 33 && str_eqc(session, session_of(&q)));
	done(&q);
	ask(&q, "agentcore", "{\"runtime\":{\"arn\":\"" ARN "\",\"qualifier\":\"PRE PROD\",\"input\":\"messages\"}}", "go");
	q.message[1] = (struct message){ .role = ROLE_ASSISTANT, .text = STR("ok") };
	q.c.nmessage = 2;
	encodes(&q, URL "PRE%20PROD", "{\"messages\":[{\"role\":\"user\",\"content\":\"go\"},{\"role\":\"assistant\",\"content\":\"ok\"}]}");
	done(&q);
	ask(&q, "agentcore", "{\"runtime\":{\"arn\":\"" ARN "\"},\"body\":{\"q\":\"{{question}}\",\"n\":\"{{n}}\",\"k\":[1]}}", "");
	q.c.nmessage = 0;
	const char *why;
	q.c.given = json_lenient(&q.a, STR("{\"question\":\"a \\\"b\\\", \\\"k\\\": 2\",\"n\":7}"), &why);
	encodes(&q, URL "DEFAULT", "{\"q\":\"a \\\"b\\\", \\\"k\\\": 2\",\"n\":7,\"k\":[1]}");
	q.c.nmessage = 1;
	refuses(&q, "the target has both");
	ask(&q, "agentcore", "{\"runtime\":{\"arn\":\"" ARN "\"}}", "");
	q.c.nmessage = 0;
	refuses(&q, "needs a 'prompt' or a 'body'");
	ask(&q, "agentcore", "{\"runtime\":{\"arn\":\"" ARN "\",\"answer\":\"$.[\"}}", "go");
	refuses(&q, "answer: ");
}

static void agentcore_reads_any_form(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "agentcore", "{\"runtime\":{\"arn\":\"" ARN "\"}}", "go");
	is_text(reads_json(&q, "\"a string\""), "a string");
	is_text(reads_json(&q, "{\"result\":1}"), "{\"result\":1}");
	is_text(reads(&q, 200, "text/plain", STR("plain words")), "plain words");
	struct reply *r = reads(&q, 200, "text/event-stream", STR("data: \"Hel\"\n\ndata: \"lo\"\n\n"));
	is_text(r, "Hello");
	assert_true(r->streamed);
	is_json(&q, r->detail, "{\"runtime\":\"" ARN "\",\"qualifier\":\"DEFAULT\"}");
	is_failure(reads_json(&q, ""), FAIL_MALFORMED, false, "empty body");
	is_failure(reads(&q, 424, "application/json", STR("{\"message\":\"x\",\"__type\":\"RuntimeClientError\"}")), FAIL_SERVER, false, "RuntimeClientError");
	is_failure(reads(&q, 200, "text/event-stream", STR("data: \"He\"\n\ndata: {\"error\":\"boom\",\"error_type\":\"KeyError\"}\n\n")),
		   FAIL_SERVER, false, "KeyError: boom");
	is_failure(reads(&q, 200, "text/event-stream", STR(": ping\n\n")), FAIL_CUT, false, "without an answer");
	is_failure(reads(&q, 200, "text/event-stream", STR("data: \"He\"\n\ndata: \"llo\"\n")), FAIL_CUT, false,
		   "inside of an event");
	is_failure(reads(&q, 200, "text/event-stream", STR("data: \"He\"\n\ndata: \"l")), FAIL_CUT, false,
		   "inside of an event");
	done(&q);
	ask(&q, "agentcore", "{\"runtime\":{\"arn\":\"" ARN "\",\"answer\":\"$.result.text\",\"contexts\":\"$.docs\",\"tool_calls\":\"$.calls\","
			     "\"tokens_in\":\"$.usage.in\",\"tokens_out\":\"$.usage.out\"}}", "go");
	r = reads_json(&q, "{\"result\":{\"text\":\"Yes\"},\"docs\":[\"d1\",{\"text\":\"d2\",\"source\":\"s\",\"score\":1}],"
			   "\"calls\":[{\"name\":\"f\",\"arguments\":{\"x\":1}}],\"usage\":{\"in\":4,\"out\":2}}");
	is_text(r, "Yes");
	is_json(&q, r->contexts, "[{\"text\":\"d1\"},{\"text\":\"d2\",\"source\":\"s\",\"score\":1}]");
	assert_true(str_eqc(json_get_str(json_array_get(r->tool_calls, 0), "name"), "f"));
	assert_true(r->usage.in == 4 && r->usage.out == 2);
	is_failure(reads_json(&q, "{\"result\":{}}"), FAIL_MALFORMED, false, "nothing stands at 'runtime.answer'");
	is_failure(reads_json(&q, "oops"), FAIL_MALFORMED, false, "no JSON");
	r = reads(&q, 200, "text/event-stream",
		  STR("data: {\"result\":{\"text\":\"a\"}}\n\ndata: {\"ping\":1}\n\ndata: {\"result\":{\"text\":\"b\"},\"usage\":{\"in\":1,\"out\":2}}\n\n"));
	is_text(r, "ab");
	assert_int_equal(r->usage.out, 2);
	done(&q);
}

/* --- guardrail --- */

static void guardrail_asks(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "guardrail", "{\"guardrail\":{\"id\":\"gr1\",\"version\":\"4\"}}", "text");
	encodes(&q, "https://bedrock-runtime.eu-west-1.amazonaws.com/guardrail/gr1/version/4/apply",
		"{\"source\":\"INPUT\",\"content\":[{\"text\":{\"text\":\"text\"}}],\"outputScope\":\"FULL\"}");
	done(&q);
	ask(&q, "guardrail", "{\"guardrail\":{\"id\":\"arn:g/1\",\"version\":\"4\",\"source\":\"output\",\"scope\":\"interventions\"}}", "passages");
	q.message[0].role = ROLE_SYSTEM;
	q.message[1] = (struct message){ .role = ROLE_USER, .text = STR("question") };
	q.message[2] = (struct message){ .role = ROLE_ASSISTANT, .text = STR("answer") };
	q.c.nmessage = 3;
	encodes(&q, "https://bedrock-runtime.eu-west-1.amazonaws.com/guardrail/arn%3Ag%2F1/version/4/apply",
		"{\"source\":\"OUTPUT\",\"content\":[{\"text\":{\"text\":\"passages\",\"qualifiers\":[\"grounding_source\"]}},"
		"{\"text\":{\"text\":\"question\",\"qualifiers\":[\"query\"]}},{\"text\":{\"text\":\"answer\",\"qualifiers\":[\"guard_content\"]}}],"
		"\"outputScope\":\"INTERVENTIONS\"}");
	done(&q);
	ask(&q, "guardrail", "{\"checks\":{\"content_filter\":[\"HATE\",\"VIOLENCE\"],\"sensitive_information\":[\"EMAIL\"]}}", "text");
	encodes(&q, "https://bedrock-runtime.eu-west-1.amazonaws.com/guardrail-checks/invoke",
		"{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"text\"}]}],\"checks\":{\"contentFilter\":{\"categories\":"
		"[{\"category\":\"HATE\"},{\"category\":\"VIOLENCE\"}]},\"sensitiveInformation\":{\"entities\":[{\"type\":\"EMAIL\"}]}}}");
	done(&q);
	ask(&q, "guardrail", "{}", "text");
	refuses(&q, "needs either");
}

#define ASSESSMENTS                                                                                          \
	"\"assessments\":[{\"topicPolicy\":{\"topics\":[{\"name\":\"Advice\",\"type\":\"DENY\",\"action\":"  \
	"\"BLOCKED\",\"detected\":true}]},\"contentPolicy\":{\"filters\":[{\"type\":\"HATE\",\"confidence\":"\
	"\"MEDIUM\",\"filterStrength\":\"LOW\",\"action\":\"NONE\",\"detected\":false}]},"                   \
	"\"sensitiveInformationPolicy\":{\"piiEntities\":[{\"type\":\"EMAIL\",\"match\":\"ann@x.example\","  \
	"\"action\":\"ANONYMIZED\"}],\"regexes\":[]},\"contextualGroundingPolicy\":{\"filters\":[{\"type\":" \
	"\"GROUNDING\",\"threshold\":0.5,\"score\":0.25,\"action\":\"BLOCKED\"}]}}]"

static void guardrail_reads_what_it_found(void **state)
{
	(void)state;
	struct asked q;
	ask(&q, "guardrail", "{\"guardrail\":{\"id\":\"gr1\",\"version\":\"4\"}}", "my text");
	struct reply *r = reads_json(&q, "{\"action\":\"NONE\",\"outputs\":[],\"assessments\":[{}],\"usage\":{\"topicPolicyUnits\":1}}");
	is_text(r, "my text");
	assert_int_equal(r->finish, FINISH_STOP);
	is_json(&q, r->detail, "{\"units\":{\"topicPolicyUnits\":1}}");
	r = reads_json(&q, "{\"action\":\"GUARDRAIL_INTERVENED\",\"actionReason\":\"Guardrail blocked.\",\"outputs\":[{\"text\":\"Sorry.\"}]," ASSESSMENTS "}");
	is_text(r, "Sorry.");
	assert_int_equal(r->finish, FINISH_BLOCKED);
	assert_null(strstr(picture(&q.a, r, 0), "ann@x.example"));
	assert_int_equal(json_array_size(json_object_get(r->guardrail, "policies")), 4);
	r = reads_json(&q, "{\"action\":\"GUARDRAIL_INTERVENED\",\"outputs\":[{\"text\":\"{EMAIL}\"}],\"assessments\":[{\"sensitiveInformationPolicy\":"
			   "{\"piiEntities\":[{\"type\":\"EMAIL\",\"match\":\"a@b.example\",\"action\":\"ANONYMIZED\"}]}}]}");
	is_text(r, "{EMAIL}");
	assert_int_equal(r->finish, FINISH_STOP);
	is_failure(reads_json(&q, "{\"outputs\":[]}"), FAIL_MALFORMED, false, "'action'");
	done(&q);
	ask(&q, "guardrail", "{\"guardrail\":{\"id\":\"gr1\",\"version\":\"4\",\"scores\":true}}", "my text");
	r = reads_json(&q, "{\"action\":\"GUARDRAIL_INTERVENED\",\"outputs\":[{\"text\":\"Sorry.\"}]," ASSESSMENTS "}");
	is_text(r, "{\"content\":{\"hate\":0.6666666666666666},\"contextual-grounding\":{\"grounding\":0.25},\"intervened\":true,"
		   "\"sensitive-information\":{\"email\":1},\"topic\":{\"Advice\":1}}");
	done(&q);
	ask(&q, "guardrail", "{\"checks\":{\"content_filter\":[\"HATE\",\"VIOLENCE\"],\"sensitive_information\":[\"EMAIL\",\"NAME\"]}}", "x");
	r = reads_json(&q, "{\"results\":{\"contentFilter\":{\"results\":[{\"category\":\"HATE\",\"severityScore\":0.5}]},"
			   "\"sensitiveInformation\":{\"results\":[{\"type\":\"EMAIL\",\"confidenceScore\":0.2},{\"type\":\"EMAIL\",\"confidenceScore\":0.9}],"
			   "\"truncated\":true}},\"usage\":{\"contentFilter\":{\"textUnits\":1}}}");
	is_text(r, "{\"content_filter\":{\"HATE\":0.5,\"VIOLENCE\":0},\"sensitive_information\":{\"EMAIL\":0.9,\"NAME\":0}}");
	is_json(&q, r->detail, "{\"truncated\":true,\"units\":{\"contentFilter\":{\"textUnits\":1}}}");
	is_failure(reads_json(&q, "{\"results\":{}}"), FAIL_MALFORMED, false, "no results of 'contentFilter'");
	is_failure(reads_json(&q, "{\"results\":{\"contentFilter\":{\"results\":[{\"category\":\"HATE\"}]},"
				  "\"sensitiveInformation\":{\"results\":[]}}}"),
		   FAIL_MALFORMED, false, "without 'category' or 'severityScore'");
	done(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retrieve_asks),
		cmocka_unit_test(what_would_be_ignored_is_refused),
		cmocka_unit_test(drafts_are_refused),
		cmocka_unit_test(retrieve_reads_passages),
		cmocka_unit_test(generate_asks),
		cmocka_unit_test(generate_reads_citations),
		cmocka_unit_test(flow_asks),
		cmocka_unit_test(flow_reads_outputs_and_steps),
		cmocka_unit_test(agent_asks),
		cmocka_unit_test(agent_reads_its_way),
		cmocka_unit_test(agent_gives_control_back),
		cmocka_unit_test(agentcore_asks),
		cmocka_unit_test(agentcore_reads_any_form),
		cmocka_unit_test(guardrail_asks),
		cmocka_unit_test(guardrail_reads_what_it_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
