#include "serve_bedrock_kinds.h"

#include "base/b64.h"
#include "doc/jsonx.h"
#include "serve_bedrock.h"

enum { BODY_MAX = 64 * 1024 * 1024 };

/* --- which ------------------------------------------------------------------------------------ */

enum what { NOTHING, RETRIEVE, GENERATE, GENERATE_STREAM, FLOW, AGENT, RUNTIME, APPLY, CHECKS, PROMPT, MODEL, PROFILE, COUNT };

static enum what what_of(struct str path)
{
	static const struct {
		const char *prefix;
		enum what what;
	} table[] = {
		{ "/knowledgebases/", RETRIEVE }, { "/retrieveAndGenerateStream", GENERATE_STREAM },
		{ "/retrieveAndGenerate", GENERATE }, { "/flows/", FLOW }, { "/agents/", AGENT },
		{ "/runtimes/", RUNTIME }, { "/guardrail/", APPLY }, { "/guardrail-checks/", CHECKS },
		{ "/prompts/", PROMPT }, { "/foundation-models/", MODEL }, { "/inference-profiles/", PROFILE },
	};
	if (str_starts(path, STR("/model/")) && str_ends(path, STR("/count-tokens")))
		return COUNT;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_starts(path, str_c(table[i].prefix)))
			return table[i].what;
	return NOTHING;
}

bool bedrock_kinds_path(struct str path)
{
	return what_of(path) != NOTHING;
}

struct str bedrock_kinds_question(const json_t *body)
{
	const json_t *input = json_array_get(json_object_get(body, "inputs"), 0);
	const json_t *content = json_object_get(body, "content");
	struct str found[] = {
		json_get_str(json_object_get(body, "retrievalQuery"), "text"),
		json_get_str(json_object_get(body, "input"), "text"),
		json_get_str(json_object_get(input, "content"), "document"),
		json_get_str(body, "inputText"),
		json_get_str(body, "prompt"),
		json_get_str(json_object_get(json_array_get(content, json_array_size(content) - 1), "text"), "text"),
	};
	for (size_t i = 0; i < ARRAY_LEN(found); i++)
		if (found[i].p)
			return found[i];
	return (struct str){ .p = NULL };
}

/* --- bodies ------------------------------------------------------------------------------------- */

/* `format` with each '@' as the text in JSON, and the rule's `extra` as further members. */
static struct str fill(struct plan *p, const struct rule *r, const char *format, struct str text)
{
	struct buf b;
	const char *key;
	json_t *v;
	buf_init(&b, BODY_MAX);
	for (; *format; format++)
		if (*format == '@')
			buf_add_json(&b, text);
		else
			buf_addc(&b, *format);
	if (json_object_size(r->extra) && b.n && b.p[b.n - 1] == '}') {
		b.n--;
		json_object_foreach((json_t *)(uintptr_t)r->extra, key, v) {
			buf_adds(&b, b.n > 1 ? "," : "");
			buf_add_json(&b, str_c(key));
			buf_addc(&b, ':');
			json_write(&b, v);
		}
		buf_addc(&b, '}');
	}
	struct str out = arena_str(p->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

static void whole(struct plan *p, const struct rule *r, const char *format, struct str text)
{
	struct str body = fill(p, r, format, text);
	const char *head = arena_fmt(p->arena, "x-amzn-RequestId: req-1\r\n%s", r->headers ? r->headers : "");
	if (r->fault == FAULT_MALFORMED)
		body = str_sub(body, 0, body.n * 2 / 3);
	plan_head(p, r->status, r->type ? r->type : "application/json", head,
		  (int64_t)body.n + (r->fault == FAULT_SHORT_BODY ? 100 : 0));
	size_t at = p->bytes.n;
	plan_body(p, body);
	if (r->fault == FAULT_CUT || r->fault == FAULT_STALL)
		plan_cut(p, at + body.n / 2);
}

#define PASSAGE "{\"content\":{\"type\":\"TEXT\",\"text\":@},\"location\":{\"type\":\"S3\",\"s3Location\":{\"uri\":\"s3://docs/1.txt\"}}}"
#define CITED "\"generatedResponsePart\":{\"textResponsePart\":{\"text\":@,\"span\":{\"start\":0,\"end\":2}}},\"retrievedReferences\":[" PASSAGE "]"

static const char *body_of(enum what what, const struct rule *r)
{
	bool blocked = str_eqc(r->finish, "blocked");
	switch ((int)what) {
	case RETRIEVE:
		return "{\"retrievalResults\":[{\"content\":{\"type\":\"TEXT\",\"text\":@},\"score\":0.9,\"documentId\":\"d1\",\"location\":"
		       "{\"type\":\"S3\",\"s3Location\":{\"uri\":\"s3://docs/1.txt\"}}}]}";
	case GENERATE:
		return blocked ? "{\"output\":{\"text\":@},\"sessionId\":\"s1\",\"guardrailAction\":\"INTERVENED\",\"citations\":[]}" :
				 "{\"output\":{\"text\":@},\"sessionId\":\"s1\",\"citations\":[{" CITED "}]}";
	case RUNTIME:
		return "{\"result\":@}";
	case APPLY:
		return blocked ? "{\"action\":\"GUARDRAIL_INTERVENED\",\"actionReason\":\"Guardrail blocked.\",\"outputs\":[{\"text\":@}],"
				 "\"assessments\":[{\"contentPolicy\":{\"filters\":[{\"type\":\"HATE\",\"confidence\":\"HIGH\",\"action\":\"BLOCKED\"}]},"
				 "\"wordPolicy\":{\"customWords\":[{\"match\":\"the-word-that-matched\",\"action\":\"BLOCKED\"}],\"managedWordLists\":[]}}],"
				 "\"usage\":{\"contentPolicyUnits\":1}}" :
				 "{\"action\":\"NONE\",\"outputs\":[],\"assessments\":[{}],\"usage\":{\"contentPolicyUnits\":1}}";
	case CHECKS:
		return "{\"results\":{\"contentFilter\":{\"results\":[{\"category\":\"HATE\",\"severityScore\":0.75}]}},"
		       "\"usage\":{\"contentFilter\":{\"textUnits\":1}}}";
	case PROMPT:
		return "{\"name\":\"p\",\"id\":\"PROMPT1234\",\"arn\":\"arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT1234:3\",\"version\":\"3\","
		       "\"createdAt\":\"2026-01-01T00:00:00Z\",\"updatedAt\":\"2026-01-01T00:00:00Z\",\"variants\":[{\"name\":\"v\",\"templateType\":\"TEXT\","
		       "\"templateConfiguration\":{\"text\":{\"text\":\"Answer {{question}}\",\"inputVariables\":[{\"name\":\"question\"}]}},"
		       "\"modelId\":\"amazon.nova-lite-v1:0\"}]}";
	case MODEL:
		return "{\"modelDetails\":{\"modelArn\":\"arn:aws:bedrock:us-east-1::foundation-model/m\",\"modelId\":\"m\",\"modelName\":\"M\","
		       "\"modelLifecycle\":{\"status\":\"ACTIVE\"}}}";
	case PROFILE:
		return "{\"inferenceProfileId\":\"us.m\",\"inferenceProfileArn\":\"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.m\","
		       "\"inferenceProfileName\":\"n\",\"status\":\"ACTIVE\",\"type\":\"SYSTEM_DEFINED\",\"models\":[{\"modelArn\":"
		       "\"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0\"}]}";
	case COUNT:
		return "{\"inputTokens\":42}";
	default:
		return "{}";
	}
}

/* --- streams ------------------------------------------------------------------------------------ */

static void event(struct plan *p, const struct rule *r, const char *type, const char *format, struct str text)
{
	struct rule plain = { .extra = NULL };
	(void)r;
	bedrock_frame(p, "event", str_c(type), fill(p, &plain, format, text));
}

/* True when the fault ends the stream here, before the answer. */
static bool stream_fault(struct plan *p, const struct rule *r)
{
	switch ((int)r->fault) {
	case FAULT_STALL:
	case FAULT_RESET_MIDWAY:
		return true;
	case FAULT_CUT:
		event(p, r, "padding", "{}", STR(""));
		plan_cut(p, p->bytes.n - 9);
		return true;
	case FAULT_ERROR_IN_STREAM:
		bedrock_frame(p, "exception", r->exception.p ? r->exception : STR("internalServerException"),
			      STR("{\"message\":\"the test server stopped here\"}"));
		plan_end(p);
		return true;
	case FAULT_MALFORMED:
		bedrock_frame(p, "event", STR("chunk"), STR("{oops"));
		return false;
	default:
		return false;
	}
}

static void flow_events(struct plan *p, const struct rule *r, struct str text)
{
	bool asks = str_eqc(r->finish, "asks");
	event(p, r, asks ? "flowMultiTurnInputRequestEvent" : "flowOutputEvent",
	      "{\"nodeName\":\"FlowOutputNode\",\"nodeType\":\"FlowOutputNode\",\"content\":{\"document\":@}}", text);
	if (r->fault != FAULT_NO_DONE)
		event(p, r, "flowCompletionEvent",
		      asks ? "{\"completionReason\":\"INPUT_REQUIRED\"}" : "{\"completionReason\":\"SUCCESS\"}", text);
}

static void agent_events(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	if (r->tool_calls) {
		event(p, r, "returnControl", "{\"invocationId\":\"i1\",\"invocationInputs\":[{\"functionInvocationInput\":"
					     "{\"actionGroup\":\"orders\",\"function\":\"cancel\",\"parameters\":[]}}]}", text);
		return;
	}
	if (r->fault == FAULT_NO_DONE)
		return;
	buf_init(&b, BODY_MAX);
	b64_encode(&b, text);
	event(p, r, "chunk", "{\"bytes\":@}", buf_str(&b));
	buf_release(&b);
}

#define STEP(part) "{\"agentVersion\":\"7\",\"trace\":{\"orchestrationTrace\":{" part "}}}"

static void stream(struct plan *p, const struct rule *r, enum what what, struct str text)
{
	const char *head = arena_fmt(p->arena, "x-amzn-RequestId: req-1\r\nx-amz-bedrock-flow-execution-id: exec-1\r\n%s",
				     r->headers ? r->headers : "");
	plan_head(p, r->status, "application/vnd.amazon.eventstream", head, -1);
	if (r->fault == FAULT_ERROR_IN_STREAM && r->after == 0 && stream_fault(p, r))
		return;
	if (what == FLOW)
		event(p, r, "flowTraceEvent", "{\"trace\":{\"nodeInputTrace\":{\"nodeName\":\"Prompt_1\",\"fields\":[{\"nodeInputName\":\"q\","
					      "\"content\":{\"document\":@}}]}}}", text);
	if (what == AGENT) {
		event(p, r, "trace", STEP("\"invocationInput\":{\"actionGroupInvocationInput\":{\"actionGroupName\":\"orders\",\"function\":"
					  "\"find\",\"parameters\":[{\"name\":\"id\",\"type\":\"integer\",\"value\":\"7\"}]}}"), text);
		event(p, r, "trace", STEP("\"modelInvocationOutput\":{\"metadata\":{\"usage\":{\"inputTokens\":30,\"outputTokens\":4}}}"), text);
	}
	plan_pause(p, r->token_ms);
	if (stream_fault(p, r))
		return;
	if (what == FLOW)
		flow_events(p, r, text);
	if (what == AGENT)
		agent_events(p, r, text);
	if (what == GENERATE_STREAM) {
		event(p, r, "output", "{\"text\":@}", text);
		event(p, r, "citation", "{" CITED "}", text);
		event(p, r, "guardrail", str_eqc(r->finish, "blocked") ? "{\"action\":\"INTERVENED\"}" : "{\"action\":\"NONE\"}", text);
	}
	plan_end(p);
}

static void runtime_events(struct plan *p, const struct rule *r, struct str text)
{
	plan_head(p, r->status, "text/event-stream", r->headers ? r->headers : "", -1);
	plan_body(p, fill(p, r, "data: {\"result\":@}\n\n", text));
	if (r->fault == FAULT_ERROR_IN_STREAM)
		plan_body(p, STR("data: {\"error\":\"boom\",\"error_type\":\"ValueError\"}\n\n"));
	if (r->fault != FAULT_CUT)
		plan_end(p);
}

/* --- public ------------------------------------------------------------------------------------- */

void bedrock_kinds_answer(struct plan *p, const struct rule *r, struct str path, struct str text)
{
	enum what what = what_of(path);
	if (what == RUNTIME && r->stream > 0)
		runtime_events(p, r, text);
	else if (what == FLOW || what == AGENT || what == GENERATE_STREAM)
		stream(p, r, what, text);
	else
		whole(p, r, body_of(what, r), text);
	if (r->fault == FAULT_CUT || r->fault == FAULT_SHORT_BODY)
		p->tail = TAIL_CLOSE;
	if (r->fault == FAULT_STALL)
		p->tail = TAIL_HANG;
	if (r->fault == FAULT_RESET_MIDWAY)
		p->tail = TAIL_RESET;
}
