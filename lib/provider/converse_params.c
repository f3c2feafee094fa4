/* What no schema can say of a target's settings: the parameters that Converse knows, each under our name and
 * its own, what a prompt of Prompt management brings itself, and what would go nowhere. */
#include "base/suggest.h"
#include "doc/jsonx.h"
#include "provider/converse_encode.h"

enum kind { NUMBER, COUNT, STOPS, TEXT, OBJECT, LIST, CHOICE };

static const struct param {
	const char *name[3]; /* ours first */
	enum kind kind;
	const char *expected;
} table[] = {
	{ { "temperature" }, NUMBER, "a number" },
	{ { "top_p", "topP" }, NUMBER, "a number" },
	{ { "max_tokens", "maxTokens" }, COUNT, "a whole number above 0" },
	{ { "stop", "stop_sequences", "stopSequences" }, STOPS, "a text or a list of texts" },
	{ { "effort" }, TEXT, "a text" },
	{ { "tool_choice", "toolChoice" }, CHOICE, "auto, required, or {name: TOOL}" },
	{ { "additional_model_request_fields", "additionalModelRequestFields" }, OBJECT, "an object" },
	{ { "additional_model_response_field_paths", "additionalModelResponseFieldPaths" }, LIST, "a list of texts" },
};

static const struct param *param_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		for (size_t k = 0; k < 3 && table[i].name[k]; k++)
			if (!strcmp(table[i].name[k], name))
				return &table[i];
	return NULL;
}

const json_t *converse_param(const json_t *params, const char *name)
{
	const struct param *p = param_find(name);
	const json_t *v = NULL;
	for (size_t k = 0; p && k < 3 && p->name[k] && !v; k++)
		v = json_object_get(params, p->name[k]);
	return v;
}

static bool texts_only(const json_t *list)
{
	size_t i;
	const json_t *v;
	json_array_foreach(list, i, v)
		if (!json_is_string(v))
			return false;
	return json_is_array(list);
}

static bool fits(const struct param *p, const json_t *v)
{
	switch (p->kind) {
	case NUMBER:
		return json_is_number(v);
	case COUNT:
		return json_is_integer(v) && json_integer_value(v) > 0;
	case TEXT:
		return json_is_string(v);
	case STOPS:
		return json_is_string(v) || texts_only(v);
	case LIST:
		return texts_only(v);
	case OBJECT:
		return json_is_object(v);
	case CHOICE:
		return json_is_object(v) || str_eqc(json_str(v), "auto") || str_eqc(json_str(v), "any") ||
		       str_eqc(json_str(v), "required");
	}
	return false;
}

/* Known elsewhere, and no slip of one that is known here. */
static bool is_models_own(const char *key)
{
	static const char *const names[] = { "top_k", "topK", "seed", "n", "thinking", "reasoning", "min_p" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(key, names[i]))
			return true;
	return false;
}

static int unknown(const char *key, struct err *err)
{
	struct suggest s = SUGGEST_INIT(is_models_own(key) ? STR("") : str_c(key));
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		for (size_t k = 0; k < 3 && table[i].name[k]; k++)
			suggest_offer(&s, str_c(table[i].name[k]));
	struct str best = suggest_best(&s);
	if (best.p)
		return err_set(err, ERR_ARTIFACT, "params: Converse has no '%s'; did you mean '%.*s'?", key, STR_ARGS(best));
	return err_set(err, ERR_ARTIFACT, "params: Converse has no '%s'; what the model itself knows goes into "
					  "'additional_model_request_fields', under the model's own name for it", key);
}

static int params_check(const json_t *params, struct err *err)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)params, key, v) {
		const struct param *p = param_find(key);
		if (!p)
			return unknown(key, err);
		for (size_t k = 0; k < 3 && p->name[k]; k++)
			if (strcmp(p->name[k], key) != 0 && json_object_get(params, p->name[k]))
				return err_set(err, ERR_ARTIFACT, "params: '%s' and '%s' are the same; write one", key,
					       p->name[k]);
		if (!fits(p, v))
			return err_set(err, ERR_ARTIFACT, "params: '%s' must be %s, found %s", key, p->expected,
				       json_type_name(v));
	}
	return 0;
}

/* --- the target ----------------------------------------------------------------------------- */

bool converse_prompted(const struct endpoint *e)
{
	return str_starts(e->model, STR("arn:")) && str_find(e->model, STR(":prompt/"), 0) > 0;
}

/* The prompt's ARN ends in ":NUMBER"; without it, it is the draft. */
static int check_version(struct str arn, struct err *err)
{
	size_t digits = 0;
	while (digits < arn.n && arn.p[arn.n - 1 - digits] >= '0' && arn.p[arn.n - 1 - digits] <= '9')
		digits++;
	size_t id = (size_t)str_find(arn, STR(":prompt/"), 0) + 8;
	ptrdiff_t colon = str_chr(arn, ':', id);
	if (digits && colon >= 0 && (size_t)colon + 1 + digits == arn.n)
		return 0;
	return err_set(err, ERR_ARTIFACT, "the prompt '%.*s' is a DRAFT, which changes without a commit; name a version: "
					  "'…:prompt/ID:1'", STR_ARGS(str_sub(arn, id, arn.n)));
}

static int check_prompt(const struct endpoint *e, const char **member, struct err *err)
{
	static const char *const own[] = { "params", "tools", "cache" };
	*member = "model";
	if (check_version(e->model, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		const json_t *v = json_object_get(e->config, *member = own[i]);
		if (v && (json_object_size(v) || json_array_size(v)))
			return err_set(err, ERR_ARTIFACT, "a prompt of Prompt management brings its own %s; Converse takes none "
							  "beside it", own[i]);
	}
	return 0;
}

int converse_check(const struct endpoint *e, const char **member, struct err *err)
{
	*member = "betas";
	if (json_object_get(e->config, *member))
		return err_set(err, ERR_ARTIFACT, "'betas' are for Claude with `api: invoke`; Converse takes them as params: "
						  "{additional_model_request_fields: {anthropic_beta: […]}}");
	*member = NULL;
	if (converse_prompted(e))
		return check_prompt(e, member, err);
	*member = "prompt_variables";
	if (json_object_get(e->config, *member))
		return err_set(err, ERR_ARTIFACT, "'prompt_variables' are for a prompt of Prompt management, and the model is "
						  "none: expected an ARN with ':prompt/'");
	*member = "params";
	if (params_check(e->params, err))
		return -1;
	if (converse_param(e->params, "tool_choice") && !json_array_size(e->tools))
		return err_set(err, ERR_ARTIFACT, "params: 'tool_choice' chooses among tools, and the target has none");
	*member = "guardrail";
	if (!e->stream && json_object_get(json_object_get(e->config, *member), "stream_mode"))
		return err_set(err, ERR_ARTIFACT, "the guardrail's stream_mode is for streams, and the target has `stream: false`");
	*member = "cache";
	if (converse_cache(e, "tools") && !json_array_size(e->tools))
		return err_set(err, ERR_ARTIFACT, "cache names 'tools', and the target has none");
	return 0;
}
