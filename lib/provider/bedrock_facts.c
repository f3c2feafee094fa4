#include "provider/bedrock_facts.h"

#include "base/clock.h"
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/bedrock_common.h"
#include "provider/bedrock_kind.h"

/* --- what a model id is --- */

/* Areas that AWS's own inference profiles begin with: "us.anthropic.…". */
static bool has_area(struct str id)
{
	static const char *const areas[] = { "us", "eu", "apac", "global", "us-gov", "jp", "au", "ca", "sa", "me", "af",
					     "il", "uk", "in", "kr", "mx" };
	struct str rest = id, area;
	if (!str_cut(&rest, '.', &area) || !rest.n)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(areas); i++)
		if (str_eqc(area, areas[i]))
			return true;
	return false;
}

static bool is_arn(struct str s)
{
	return str_starts(s, STR("arn:"));
}

static bool has_part(struct str arn, const char *part)
{
	return is_arn(arn) && str_find(arn, str_c(part), 0) > 0;
}

static bool is_profile(struct str model)
{
	return has_part(model, ":inference-profile/") || has_part(model, ":application-inference-profile/") ||
	       (!is_arn(model) && has_area(model));
}

/* The id in a foundation model's ARN, or the id itself; absent for what is none (a router, a deployment). */
static struct str foundation_id(struct str model)
{
	struct str mark = STR(":foundation-model/");
	ptrdiff_t at = is_arn(model) ? str_find(model, mark, 0) : -1;
	if (at > 0)
		return str_sub(model, (size_t)at + mark.n, model.n);
	return is_arn(model) ? (struct str){ .p = NULL } : model;
}

struct str bedrock_facts_foundation(struct str model)
{
	struct str area;
	if (!is_arn(model) && has_area(model))
		(void)str_cut(&model, '.', &area);
	return foundation_id(model);
}

/* "…:prompt/ABCDEFGHIJ:3": the id and the version, which is absent for the draft. */
static struct str prompt_id(struct str arn, struct str *version)
{
	struct str mark = STR(":prompt/");
	struct str rest = str_sub(arn, (size_t)str_find(arn, mark, 0) + mark.n, arn.n), id;
	(void)str_cut(&rest, ':', &id);
	*version = rest;
	return id;
}

/* --- asking --- */

static int get(struct fact_ask *out, const struct endpoint *e, enum aws_service service, struct str path,
	       struct arena *a, struct err *err)
{
	return bedrock_request(&out->req, e, service, "GET", path, a, err) ? -1 : 1;
}

static int ask_path(struct fact_ask *out, const struct endpoint *e, const char *name, const char *permission,
		    const char *before, struct str id, struct arena *a, struct err *err)
{
	struct buf path;
	*out = (struct fact_ask){ .name = name, .permission = permission };
	buf_init(&path, 16 * KIB);
	buf_adds(&path, before);
	bedrock_path_add(&path, id);
	int result = get(out, e, AWS_BEDROCK, buf_str(&path), a, err);
	buf_release(&path);
	return result;
}

static int ask_prompt(struct fact_ask *out, const struct endpoint *e, struct arena *a, struct err *err)
{
	struct str version, id = prompt_id(e->model, &version);
	struct buf path;
	*out = (struct fact_ask){ .name = "prompt", .permission = "bedrock:GetPrompt" };
	buf_init(&path, 16 * KIB);
	buf_adds(&path, "/prompts/");
	bedrock_path_add(&path, id);
	buf_adds(&path, "/?promptVersion=");
	bedrock_path_add(&path, version);
	int result = get(out, e, AWS_BEDROCK_AGENT, buf_str(&path), a, err);
	buf_release(&path);
	return result;
}

int bedrock_facts_ask(struct fact_ask *out, const struct endpoint *e, const json_t *known, struct arena *a,
		      struct err *err)
{
	struct str model = e->model;
	const json_t *prompt = json_object_get(known, "prompt"), *profile = json_object_get(known, "profile");
	if (has_part(model, ":prompt/")) {
		if (!prompt)
			return ask_prompt(out, e, a, err);
		model = json_get_str(prompt, "model");
	}
	if (is_profile(model)) {
		if (!profile)
			return ask_path(out, e, "profile", "bedrock:GetInferenceProfile", "/inference-profiles/", model, a,
					err);
		model = json_str(json_array_get(json_object_get(profile, "models"), 0));
	}
	struct str id = foundation_id(model);
	if (!id.n || json_object_get(known, "model"))
		return 0;
	return ask_path(out, e, "model", "bedrock:GetFoundationModel", "/foundation-models/", id, a, err);
}

/* --- answers --- */

/* AWS writes times as text, or as seconds since 1970. */
static void keep_time(json_t *to, const char *key, const json_t *v)
{
	char text[CLOCK_TEXT];
	int64_t ms;
	if (json_is_string(v) && clock_parse(json_str(v), &ms))
		bedrock_kind_set(to, key, json_string(clock_rfc3339(ms, text)));
	else if (json_is_number(v) && json_number_value(v) > 0 && json_number_value(v) < 1e11)
		bedrock_kind_set(to, key, json_string(clock_rfc3339((int64_t)(json_number_value(v) * 1000), text)));
}

static const json_t *take_prompt(const json_t *answer, struct arena *a, struct err *err)
{
	struct str version = json_get_str(answer, "version");
	const json_t *variants = json_object_get(answer, "variants");
	if (!version.n || !json_is_array(variants)) {
		err_set(err, ERR_REMOTE, "GetPrompt answered without 'version' and 'variants'");
		return NULL;
	}
	if (str_eqc(version, "DRAFT")) {
		err_set(err, ERR_ARTIFACT, "the prompt is a working draft, which may change while it is judged; make a version "
					   "of it and name that in the ARN");
		return NULL;
	}
	json_t *o = arena_json(a, json_object());
	bedrock_kind_set_str(o, "id", json_get_str(answer, "id"));
	bedrock_kind_set_str(o, "version", version);
	bedrock_kind_set_str(o, "model", json_get_str(json_array_get(variants, 0), "modelId"));
	keep_time(o, "updated", json_object_get(answer, "updatedAt"));
	bedrock_kind_set_copy(o, FACT_CONTENT, variants);
	return o;
}

static const json_t *take_profile(const json_t *answer, struct arena *a, struct err *err)
{
	const json_t *models = json_object_get(answer, "models"), *m;
	json_t *o = arena_json(a, json_object()), *ids = json_array();
	size_t i;
	json_array_foreach(models, i, m) {
		struct str id = foundation_id(json_get_str(m, "modelArn"));
		bool there = false;
		for (size_t k = 0; k < json_array_size(ids); k++)
			there = there || str_eq(json_str(json_array_get(ids, k)), id);
		if (id.n && !there)
			bedrock_kind_append(ids, json_from_str(id));
	}
	bedrock_kind_set_str(o, "id", json_get_str(answer, "inferenceProfileId"));
	if (json_get_str(answer, "type").n)
		bedrock_kind_set_str(o, "type", bedrock_word(a, json_get_str(answer, "type")));
	bedrock_kind_set(o, "models", ids);
	if (json_array_size(ids))
		return o;
	err_set(err, ERR_REMOTE, "GetInferenceProfile named no foundation model");
	return NULL;
}

static const json_t *take_model(const json_t *answer, struct arena *a, struct err *err)
{
	const json_t *details = json_object_get(answer, "modelDetails");
	const json_t *life = json_object_get(details, "modelLifecycle");
	json_t *o = arena_json(a, json_object());
	if (!json_get_str(details, "modelId").n) {
		err_set(err, ERR_REMOTE, "GetFoundationModel answered without 'modelDetails'");
		return NULL;
	}
	bedrock_kind_set_str(o, "id", json_get_str(details, "modelId"));
	if (json_get_str(life, "status").n)
		bedrock_kind_set_str(o, "status", bedrock_word(a, json_get_str(life, "status")));
	keep_time(o, "legacy", json_object_get(life, "legacyTime"));
	keep_time(o, "extended_access", json_object_get(life, "publicExtendedAccessTime"));
	keep_time(o, "end_of_life", json_object_get(life, "endOfLifeTime"));
	return o;
}

const json_t *bedrock_facts_take(const struct fact_ask *ask, const json_t *answer, struct arena *a, struct err *err)
{
	if (!strcmp(ask->name, "prompt"))
		return take_prompt(answer, a, err);
	if (!strcmp(ask->name, "profile"))
		return take_profile(answer, a, err);
	return take_model(answer, a, err);
}
