#include "provider/bedrock_trace.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/answering.h"
#include "provider/bedrock_guardrail.h"
#include "provider/bedrock_kind.h"
#include "provider/bedrock_passage.h"

/* Bytes of the names of models that one answer lists. */
enum { MODELS_MAX = 1024 };

/* --- names and arguments --- */

static struct str first_of(const json_t *o, const char *a, const char *b)
{
	struct str s = json_get_str(o, a);
	return s.n ? s : json_get_str(o, b);
}

json_t *bedrock_trace_name(const json_t *input)
{
	struct buf b;
	struct str group = first_of(input, "actionGroupName", "actionGroup");
	struct str verb = first_of(input, "verb", "httpMethod"), path = json_get_str(input, "apiPath");
	buf_init(&b, 8 * KIB);
	buf_add(&b, group);
	buf_adds(&b, group.n ? "/" : "");
	if (path.n) {
		buf_add(&b, verb);
		buf_adds(&b, verb.n ? " " : "");
		buf_add(&b, path);
	} else {
		buf_add(&b, json_get_str(input, "function"));
	}
	json_t *name = json_from_str(buf_str(&b));
	buf_release(&b);
	return name;
}

/* A value is sent as text with its type beside: a number and a truth value become what they are. */
static json_t *typed(const json_t *parameter)
{
	struct str type = json_get_str(parameter, "type"), value = json_get_str(parameter, "value");
	struct arena scratch = ARENA_INIT;
	const char *why;
	json_t *out = NULL;
	if (type.n && !str_ieq(type, STR("string"))) {
		const json_t *j = json_lenient(&scratch, value, &why);
		out = j ? json_deep_copy(j) : NULL;
	}
	arena_release(&scratch);
	return out ? out : json_from_str(value);
}

static void add_parameters(json_t *o, const json_t *list)
{
	const json_t *p;
	size_t i;
	json_array_foreach(list, i, p) {
		const char *name = json_string_value(json_object_get(p, "name"));
		if (name)
			bedrock_kind_set(o, name, typed(p));
	}
}

json_t *bedrock_trace_arguments(const json_t *input)
{
	json_t *o = json_object(), *v;
	const char *type;
	add_parameters(o, json_object_get(input, "parameters"));
	/* By content type: a list of parameters, in a returned call under "properties". */
	json_object_foreach(json_object_get(json_object_get(input, "requestBody"), "content"), type, v)
		add_parameters(o, json_is_array(v) ? v : json_object_get(v, "properties"));
	return o;
}

/* --- steps --- */

static json_t *step(struct reply *r, const char *kind, json_t *name, json_t *arguments)
{
	json_t *o = json_object();
	bedrock_kind_set(o, "kind", json_string(kind));
	if (name)
		bedrock_kind_set(o, "name", name);
	if (arguments)
		bedrock_kind_set(o, "arguments", arguments);
	bedrock_kind_append(bedrock_kind_list(r, &r->trajectory), o);
	return o;
}

static json_t *texts(const json_t *o, const char *key)
{
	json_t *made = json_object();
	bedrock_kind_set_str(made, key, json_get_str(o, key));
	return made;
}

static void take_input(struct reply *r, const json_t *in)
{
	const json_t *action = json_object_get(in, "actionGroupInvocationInput");
	const json_t *lookup = json_object_get(in, "knowledgeBaseLookupInput");
	const json_t *agent = json_object_get(in, "agentCollaboratorInvocationInput");
	const json_t *code = json_object_get(in, "codeInterpreterInvocationInput");
	if (action)
		step(r, "tool", bedrock_trace_name(action), bedrock_trace_arguments(action));
	if (lookup)
		step(r, "retrieval", json_from_str(json_get_str(lookup, "knowledgeBaseId")), texts(lookup, "text"));
	if (agent)
		step(r, "agent", json_from_str(json_get_str(agent, "agentCollaboratorName")),
		     texts(json_object_get(agent, "input"), "text"));
	if (code)
		step(r, "tool", json_string("code-interpreter"), texts(code, "code"));
}

/* The latest step of that kind that still waits for what came back. */
static void give_result(struct reply *r, const char *kind, json_t *result)
{
	for (size_t i = json_array_size(r->trajectory); i--;) {
		json_t *o = json_array_get(r->trajectory, i);
		if (!json_object_get(o, "result") && str_eqc(json_get_str(o, "kind"), kind)) {
			bedrock_kind_set(o, "result", result);
			return;
		}
	}
	bedrock_kind_set(step(r, kind, NULL, NULL), "result", result);
}

static void take_lookup(struct reply *r, const json_t *lookup)
{
	const json_t *references = json_object_get(lookup, "retrievedReferences"), *x;
	json_t *places = json_array();
	size_t i;
	json_array_foreach(references, i, x)
		bedrock_kind_append(places, json_integer((json_int_t)bedrock_passage_add(r, x, true)));
	/* Which of the contexts it gave. */
	give_result(r, "retrieval", places);
}

static void take_observation(struct reply *r, const json_t *seen)
{
	const json_t *action = json_object_get(seen, "actionGroupInvocationOutput");
	const json_t *lookup = json_object_get(seen, "knowledgeBaseLookupOutput");
	const json_t *agent = json_object_get(seen, "agentCollaboratorInvocationOutput");
	const json_t *code = json_object_get(seen, "codeInterpreterInvocationOutput");
	if (action)
		give_result(r, "tool", json_from_str(json_get_str(action, "text")));
	if (lookup)
		take_lookup(r, lookup);
	if (agent)
		give_result(r, "agent", json_from_str(json_get_str(json_object_get(agent, "output"), "text")));
	if (code)
		give_result(r, "tool", json_from_str(first_of(code, "executionOutput", "executionError")));
}

/* --- models and guardrails --- */

static void sum(int64_t *to, int64_t n)
{
	if (n >= 0)
		*to = (*to < 0 ? 0 : *to) + n;
}

/* Tokens of several models are added up, so no one model's price is theirs: all are named. */
static void add_model(struct reply *r, struct str model)
{
	if (!r->model.n)
		r->model = arena_str(r->arena, model);
	else if (str_find(r->model, model, 0) < 0 && r->model.n < MODELS_MAX)
		r->model = str_c(arena_fmt(r->arena, "%.*s + %.*s", STR_ARGS(r->model), STR_ARGS(model)));
}

static void take_models(struct reply *r, const json_t *part)
{
	const json_t *in = json_object_get(part, "modelInvocationInput");
	const json_t *out = json_object_get(part, "modelInvocationOutput");
	struct str model = json_get_str(in, "foundationModel");
	if (model.n) {
		step(r, "model", json_from_str(model), NULL);
		add_model(r, str_sub(model, 0, 256));
	}
	const json_t *usage = json_object_get(json_object_get(out, "metadata"), "usage");
	sum(&r->usage.in, answering_count(usage, "inputTokens"));
	sum(&r->usage.out, answering_count(usage, "outputTokens"));
}

/* A trace each for what goes in and what comes out: they add up. */
static void take_guardrail(struct reply *r, const json_t *trace)
{
	bool intervened = str_eqc(json_get_str(trace, "action"), "INTERVENED");
	const json_t *x;
	size_t i;
	json_t *kept = (json_t *)(uintptr_t)r->guardrail;
	if (!kept)
		r->guardrail = kept = bedrock_guardrail(intervened, NULL, r->arena);
	if (intervened)
		bedrock_kind_set(kept, "action", json_string("intervened"));
	json_array_foreach(json_object_get(trace, "inputAssessments"), i, x)
		bedrock_guardrail_assess(kept, x, "input", r->arena);
	json_array_foreach(json_object_get(trace, "outputAssessments"), i, x)
		bedrock_guardrail_assess(kept, x, "output", r->arena);
}

void bedrock_trace_take(struct reply *r, const json_t *trace)
{
	static const char *const parts[] = { "preProcessingTrace", "routingClassifierTrace", "orchestrationTrace",
					     "postProcessingTrace" };
	const json_t *failure = json_object_get(trace, "failureTrace");
	const json_t *guardrail = json_object_get(trace, "guardrailTrace");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const json_t *part = json_object_get(trace, parts[i]);
		take_models(r, part);
		take_input(r, json_object_get(part, "invocationInput"));
		take_observation(r, json_object_get(part, "observation"));
	}
	if (failure)
		bedrock_kind_set(step(r, "failure", NULL, NULL), "result",
				 json_from_str(json_get_str(failure, "failureReason")));
	if (guardrail)
		take_guardrail(r, guardrail);
}
