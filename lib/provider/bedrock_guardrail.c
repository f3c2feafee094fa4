#include "provider/bedrock_guardrail.h"

#include "doc/jsonx.h"
#include "provider/bedrock_common.h"

static void set(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(o, key, value))
		die_oom();
}

/* Members that hold no text of the input or answer. */
static void copy(json_t *to, const json_t *from, const char *key, const char *as, struct arena *a)
{
	const json_t *v = json_object_get(from, key);
	if (json_is_string(v))
		set(to, as, json_from_str(bedrock_word(a, json_str(v))));
	else if (json_is_number(v) || json_is_boolean(v))
		set(to, as, json_incref((json_t *)(uintptr_t)v));
}

static json_t *finding(json_t *guardrail, const char *policy, const char *side)
{
	json_t *o = json_object();
	set(o, "policy", json_string(policy));
	if (side)
		set(o, "on", json_string(side));
	if (json_array_append_new(json_object_get(guardrail, "policies"), o))
		die_oom();
	return o;
}

struct group {
	const char *policy, *list, *name; /* the assessment's member, the list in it, what names an entry */
	const char *as;
	bool plain; /* the name is kept as the team wrote it */
};

/* `match` and `regex` are left out: the first is what somebody wrote, the second may show it. */
static const struct group groups[] = {
	{ "topicPolicy", "topics", "name", "topic", true },
	{ "contentPolicy", "filters", "type", "content", false },
	{ "wordPolicy", "customWords", NULL, "word", false },
	{ "wordPolicy", "managedWordLists", "type", "word", false },
	{ "sensitiveInformationPolicy", "piiEntities", "type", "sensitive-information", false },
	{ "sensitiveInformationPolicy", "regexes", "name", "sensitive-information", true },
	{ "contextualGroundingPolicy", "filters", "type", "contextual-grounding", false },
};

static void take_group(json_t *guardrail, const struct group *g, const json_t *assessment, const char *side,
		       struct arena *a)
{
	size_t i;
	const json_t *entry, *list = json_object_get(json_object_get(assessment, g->policy), g->list);
	json_array_foreach(list, i, entry) {
		json_t *o = finding(guardrail, g->as, side);
		struct str name = g->name ? json_get_str(entry, g->name) : (struct str){ .p = NULL };
		if (name.p)
			set(o, "name", json_from_str(g->plain ? str_sub(name, 0, 128) : bedrock_word(a, name)));
		copy(o, entry, "action", "action", a);
		copy(o, entry, "detected", "detected", a);
		copy(o, entry, "confidence", "confidence", a);
		copy(o, entry, "filterStrength", "strength", a);
		copy(o, entry, "score", "score", a);
		copy(o, entry, "threshold", "threshold", a);
	}
}

/* A finding of automated reasoning is an object with one member, whose name is the result. */
static void take_reasoning(json_t *guardrail, const json_t *assessment, const char *side)
{
	size_t i;
	const json_t *entry;
	const json_t *list = json_object_get(json_object_get(assessment, "automatedReasoningPolicy"), "findings");
	json_array_foreach(list, i, entry) {
		void *it = json_object_iter((json_t *)(uintptr_t)entry);
		json_t *o = finding(guardrail, "automated-reasoning", side);
		if (it)
			set(o, "name", json_from_str(str_sub(str_c(json_object_iter_key(it)), 0, 64)));
	}
}

json_t *bedrock_guardrail(bool intervened, const char *reason, struct arena *a)
{
	json_t *g = arena_json(a, json_object());
	set(g, "action", json_string(intervened ? "intervened" : "none"));
	if (reason && *reason)
		set(g, "reason", json_from_str(str_sub(str_c(reason), 0, 256)));
	set(g, "policies", json_array());
	return g;
}

void bedrock_guardrail_assess(json_t *guardrail, const json_t *assessment, const char *side, struct arena *a)
{
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		take_group(guardrail, &groups[i], assessment, side, a);
	take_reasoning(guardrail, assessment, side);
}

void bedrock_guardrail_trace(json_t *guardrail, const json_t *trace, struct arena *a)
{
	const char *id;
	size_t i;
	json_t *v, *one;
	json_object_foreach(json_object_get(trace, "inputAssessment"), id, v)
		bedrock_guardrail_assess(guardrail, v, "input", a);
	json_object_foreach(json_object_get(trace, "outputAssessments"), id, v)
		json_array_foreach(v, i, one)
			bedrock_guardrail_assess(guardrail, one, "output", a);
}
