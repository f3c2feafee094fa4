#include "run/targetcheck.h"

#include "base/suggest.h"
#include "doc/jsonx.h"
#include "doc/schema.h"
#include "provider/provider.h"
#include "suite/prompt.h"
#include "wire/url.h"

/* What gate itself reads of any target; the rest is the provider's to know. */
static const char *const common[] = { "provider", "description", "prompt", "model", "params", "tools",
				     "kind" };

static bool is_common(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		if (!strcmp(key, common[i]))
			return true;
	return false;
}

static void unknown_key(const struct target_conf *t, const char *key, const json_t *properties, struct diags *d)
{
	struct suggest s = SUGGEST_INIT(str_c(key));
	const char *name;
	json_t *v;
	diag_add(d, doc_pos_key(t->doc, t->config, key), "target-config",
		 "target '%s': provider '%s' has no '%s' and would ignore it", t->name,
		 t->endpoint.provider->name, key);
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		suggest_offer(&s, str_c(common[i]));
	json_object_foreach((json_t *)(uintptr_t)properties, name, v)
		suggest_offer(&s, str_c(name));
	struct str best = suggest_best(&s);
	if (best.p)
		diag_hint(d, "did you mean '%.*s'?", STR_ARGS(best));
	else
		diag_hint(d, "remove it, or take a provider that has it");
}

static void unknown_keys(const struct target_conf *t, const json_t *properties, struct diags *d)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)t->config, key, v)
		if (!is_common(key) && !json_object_get(properties, key))
			unknown_key(t, key, properties, d);
}

/* The place of the setting that a pointer leads into; of the target where it has none. */
static struct pos place_of(const struct target_conf *t, const char *pointer)
{
	struct str rest = str_c(*pointer == '/' ? pointer + 1 : pointer), key;
	const char *name;
	json_t *v;
	str_cut(&rest, '/', &key);
	json_object_foreach((json_t *)(uintptr_t)t->config, name, v)
		if (str_eqc(key, name))
			return doc_pos_member(t->doc, t->config, name);
	return t->at;
}

/* The settings with files read and bindings filled in; a model may come from the prompt's file. */
static void check_schema(const struct run *r, const struct target_conf *t, const json_t *own, struct diags *d)
{
	struct schema *schema;
	struct schema_report rep = { .arena = r->arena };
	struct err err = ERR_INIT;
	json_t *config = arena_json(r->arena, json_copy((json_t *)(uintptr_t)t->endpoint.config));
	if (t->endpoint.model.n && !json_object_get(config, "model"))
		json_object_set_new(config, "model", json_from_str(t->endpoint.model));
	if (schema_compile(&schema, own, NULL, r->arena, &err)) {
		diag_add(d, t->at, "bug", "provider '%s': its schema: %s", t->endpoint.provider->name, err.msg);
		return;
	}
	if (schema_valid(schema, config, &rep, r->arena))
		return;
	for (size_t i = 0; i < rep.list.n; i++)
		diag_add(d, place_of(t, rep.list.v[i].instance), "target-config", "target '%s': %s%s%s", t->name,
			 *rep.list.v[i].instance ? rep.list.v[i].instance + 1 : "",
			 *rep.list.v[i].instance ? ": " : "", rep.list.v[i].msg);
}

static void check_url(const struct run *r, const struct target_conf *t, struct diags *d)
{
	struct url u;
	struct err err = ERR_INIT;
	if (t->endpoint.base_url.n && url_parse(&u, t->endpoint.base_url, r->arena, &err))
		diag_add(d, place_of(t, "/base_url"), "target-config", "target '%s': base_url: %s", t->name, err.msg);
}

/* What the provider knows of its own settings and no schema can say. */
static void check_own(const struct target_conf *t, struct diags *d)
{
	const struct provider_ops *p = t->endpoint.provider;
	const char *member = NULL;
	struct err err = ERR_INIT;
	if (!p->check || !p->check(&t->endpoint, &member, &err))
		return;
	struct pos at = member && json_object_get(t->config, member) ?
				doc_pos_member(t->doc, t->config, member) : t->at;
	diag_add(d, at, "target-config", "target '%s': %s", t->name, err.msg);
}

/* A draft is not what was committed: it may change between this judgement and the next call. */
static void check_draft(const struct target_conf *t, struct diags *d)
{
	const json_t *guardrail = json_object_get(t->endpoint.config, "guardrail");
	if (!str_eqc(json_get_str(guardrail, "version"), "DRAFT"))
		return;
	diag_warn(d, place_of(t, "/guardrail"), "draft", "target '%s': the guardrail's DRAFT may change without a commit",
		  t->name);
	diag_hint(d, "name a numbered version");
}

static void check_target(const struct run *r, const struct target_conf *t, struct diags *d)
{
	const struct provider_ops *p = t->endpoint.provider;
	if (!p)
		return;
	const json_t *own = arena_json(r->arena, json_loads(p->schema, 0, NULL));
	size_t before = d->errors;
	unknown_keys(t, json_object_get(own, "properties"), d);
	check_schema(r, t, own, d);
	if (d->errors == before)
		check_url(r, t, d);
	if (d->errors == before)
		check_own(t, d);
	if (d->errors == before)
		check_draft(t, d);
	if (d->errors == before && !p->local && !p->no_model && !t->endpoint.model.n) {
		diag_add(d, t->at, "target-config", "target '%s' names no model", t->name);
		diag_hint(d, "add `model: {id: …}`");
	}
}

/* What a prompt says beside its one question would never be sent. */
static void check_one_message(const struct target_conf *t, struct diags *d)
{
	const struct provider_ops *p = t->endpoint.provider;
	if (!p->one_message || (t->prompt.npart == 1 && t->prompt.part[0].role == ROLE_USER))
		return;
	diag_add(d, doc_pos_member(t->doc, t->config, "prompt"), "target-config",
		 "target '%s': %s %s takes one user message, and the prompt has %s", t->name, p->name,
		 p->kind ? p->kind : "", t->prompt.npart == 1 ? "another one" : "more");
	diag_hint(d, "write `prompt: FILE` with one text file: it is the question");
}

/* A suite's target is sent its prompt; one that only judges is sent the scorer's. */
static void check_prompts(const struct run *r, struct diags *d)
{
	size_t before = d->errors;
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct target_conf *t = r->suite[i].conf->target;
		if (t && t->endpoint.provider && t->prompt.npart)
			check_one_message(t, d);
		if (!t || !t->endpoint.provider || t->endpoint.provider->local ||
		    t->endpoint.provider->no_prompt || t->prompt.npart ||
		    (t->endpoint.provider->prompted && t->endpoint.provider->prompted(&t->endpoint)))
			continue;
		/* One that could not be read is told as that. */
		if (before && json_object_get(t->config, "prompt"))
			continue;
		diag_add(d, t->at, "target-config", "target '%s' has no prompt, so its calls would say nothing",
			 t->name);
		diag_hint(d, "add `prompt: FILE` or `prompt: {system: FILE, user: FILE}`");
	}
}

/* What would be sent a part of a conversation, or none of it, answers something else. */
static void check_talks(const struct run *r, struct diags *d)
{
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_conf *s = r->suite[i].conf;
		const struct target_conf *t = s->target;
		if (!s->talk_at.file || !t || !t->endpoint.provider || t->endpoint.provider->talks)
			continue;
		if (t->endpoint.provider->chats && !s->results_at.file)
			continue;
		bool chats = t->endpoint.provider->chats;
		const char *kind = t->endpoint.provider->kind;
		diag_add(d, chats ? s->results_at : s->talk_at, "turns",
			 "%s, and target '%s' (%s%s%s) is not sent any",
			 chats ? "the case has results of tools" : "'turns' and 'tool_results' play a conversation",
			 t->name, t->endpoint.provider->name, kind ? " " : "", kind ? kind : "");
		diag_hint(d, t->endpoint.provider->local ?
				     "answers that are recorded bring their conversation as 'trace'" :
				     "take a target that is a model");
	}
}

/* A judge is asked by its scorer: there is no case whose variables it could read. */
static void check_judge(const struct run *r, const struct target_conf *t, struct diags *d)
{
	static const struct message message[] = {
		{ .role = ROLE_SYSTEM, .text = STR_INIT("") },
		{ .role = ROLE_USER, .text = STR_INIT("") },
	};
	const struct provider_ops *p = t->endpoint.provider;
	struct call call = { .endpoint = &t->endpoint, .message = message, .nmessage = ARRAY_LEN(message) };
	struct wire_req req;
	struct err err = ERR_INIT;
	if (!p || p->given == GIVEN_NOTHING || !p->encode(&req, &call, r->arena, &err))
		return;
	diag_add(d, t->at, "target-config", "target '%s' judges, and its request cannot be made: %s", t->name, err.msg);
	diag_hint(d, "a judge is sent {{prompt}} or {{messages}} alone");
}

static void check_judges(const struct run *r, struct diags *d)
{
	for (size_t i = 0; i < r->nsuite; i++)
		for (size_t k = 0; k < r->suite[i].conf->nmetric; k++)
			if (r->suite[i].conf->metric[k].judge)
				check_judge(r, r->suite[i].conf->metric[k].judge, d);
}

void targetcheck(const struct run *r, struct diags *d)
{
	size_t before = d->errors;
	for (size_t i = 0; i < r->project.ntarget; i++)
		check_target(r, &r->project.target[i], d);
	check_prompts(r, d);
	check_talks(r, d);
	if (d->errors == before)
		check_judges(r, d);
}
