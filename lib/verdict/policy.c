#include "verdict/policy.h"

#include "base/embed.h"
#include "base/num.h"
#include "base/suggest.h"
#include "doc/schema.h"
#include "verdict/policy_threshold.h"

#include <math.h>

struct load {
	struct policy *p;
	const struct doc *doc;
	struct arena *arena;
	struct diags *diags;
};

struct str policy_schema(void)
{
	struct str bytes = { .p = NULL };
	embed_find("schema/gate.policy.schema.json", &bytes);
	return bytes;
}

/* ---- small values ---- */

bool policy_duration(struct str s, int64_t *ms)
{
	return num_duration(s, ms);
}

bool policy_count(struct str s, int64_t *n)
{
	static const char *const unit[] = { "k", "M", "G", "" };
	static const double factor[] = { 1e3, 1e6, 1e9, 1 };
	return num_scaled(s, unit, factor, ARRAY_LEN(unit), n);
}

bool policy_rate(struct str s, double *per_minute)
{
	static const char *const unit[] = { "/s", "/m", "/min", "/h" };
	static const double factor[] = { 60, 1, 1, 1.0 / 60 };
	for (size_t i = 0; i < ARRAY_LEN(unit); i++) {
		int64_t n;
		struct str u = str_c(unit[i]);
		if (!str_ends(s, u) || !policy_count(str_sub(s, 0, s.n - u.n), &n) || n <= 0)
			continue;
		*per_minute = (double)n * factor[i];
		return true;
	}
	return false;
}

static const char *text_of(struct load *l, const json_t *j)
{
	return json_is_string(j) ? arena_cstr(l->arena, json_str(j)) : NULL;
}

/* A string or a list of strings; anything else was the schema's to tell. */
static const char **list_of(struct load *l, const json_t *j, size_t *n)
{
	*n = 0;
	size_t max = json_is_array(j) ? json_array_size(j) : json_is_string(j) ? 1 : 0;
	const char **v = arena_array(l->arena, const char *, max + 1);
	for (size_t i = 0; i < max; i++) {
		const json_t *item = json_is_array(j) ? json_array_get(j, i) : j;
		if (json_is_string(item))
			v[(*n)++] = text_of(l, item);
	}
	return v;
}

static void load_duration(struct load *l, const json_t *object, const char *key, int64_t *ms)
{
	*ms = -1;
	const json_t *j = json_object_get(object, key);
	if (json_is_string(j) && !policy_duration(json_str(j), ms)) {
		diag_add(l->diags, doc_pos_member(l->doc, object, key), "bad-duration",
			 "'%s' is no duration", text_of(l, j));
		diag_hint(l->diags, "a number and one of ms s m h d, as in 10m");
	}
}

/* ---- stages ---- */

static void load_budget(struct load *l, const json_t *j, struct budget *b)
{
	*b = (struct budget){ -1, -1, -1 };
	if (!json_is_object(j))
		return;
	const json_t *usd = json_object_get(j, "usd");
	if (json_is_number(usd))
		b->usd_micro = (int64_t)floor(json_number_value(usd) * 1e6);
	const json_t *tokens = json_object_get(j, "tokens");
	if (json_is_integer(tokens))
		b->tokens = json_integer_value(tokens);
	if (json_is_string(tokens) && !policy_count(json_str(tokens), &b->tokens)) {
		diag_add(l->diags, doc_pos_member(l->doc, j, "tokens"), "bad-count",
			 "'%s' is no count of tokens", text_of(l, tokens));
		diag_hint(l->diags, "a number, with k, M or G behind it if you like: 2M");
	}
	load_duration(l, j, "time", &b->time_ms);
}

static void load_lifecycle(const json_t *j, struct stage *s)
{
	const json_t *days = json_object_get(j, "days");
	s->lifecycle.block = str_eqc(json_get_str(j, "severity"), "block");
	s->lifecycle.days = json_is_integer(days) ? json_integer_value(days) : STAGE_LIFECYCLE_DAYS;
}

static void load_approvals(struct load *l, const json_t *j, struct stage *s)
{
	if (!json_is_object(j))
		return;
	s->approvals = (int)json_integer_value(json_object_get(j, "at_least"));
	const json_t *from = json_object_get(j, "from");
	s->approvers = list_of(l, from, &s->napprovers);
	for (size_t i = 0; i < s->napprovers; i++) {
		struct suggest sg = SUGGEST_INIT(str_c(s->approvers[i]));
		const char *name;
		json_t *value;
		if (json_object_get(l->p->trust.keys, s->approvers[i]))
			continue;
		diag_add(l->diags, doc_pos_item(l->doc, from, i), "unknown-key-name",
			 "'%s' is not among trust.keys, so its approval could never be checked",
			 s->approvers[i]);
		json_object_foreach((json_t *)l->p->trust.keys, name, value)
			suggest_offer(&sg, str_c(name));
		if (suggest_best(&sg).p)
			diag_hint(l->diags, "did you mean '%.*s'?", STR_ARGS(suggest_best(&sg)));
	}
}

static void load_suites(struct load *l, const json_t *j, struct stage *s)
{
	s->suite = list_of(l, j, &s->nsuite);
	s->suite_at = arena_array(l->arena, struct pos, s->nsuite + 1);
	for (size_t i = 0, at = 0; json_is_array(j) && i < json_array_size(j); i++)
		if (json_is_string(json_array_get(j, i)))
			s->suite_at[at++] = doc_pos_item(l->doc, j, i);
}

static void load_thresholds(struct load *l, const json_t *j, struct stage *s)
{
	if (!json_is_array(j))
		return;
	s->threshold = arena_array(l->arena, struct threshold, json_array_size(j));
	for (size_t i = 0; i < json_array_size(j); i++)
		if (!policy_threshold(&s->threshold[s->nthreshold], l->doc, j, i, l->arena,
				      l->diags))
			s->nthreshold++;
}

/* Does anything here decide?  Thresholds that did not parse count, so that one mistake is not
 * told as two. */
static bool has_blocking(const struct stage *s, const json_t *thresholds)
{
	if (json_array_size(thresholds) > s->nthreshold)
		return true;
	for (size_t i = 0; i < s->nthreshold; i++)
		if (s->threshold[i].blocking && s->threshold[i].agg != AGG_SPEND)
			return true;
	return false;
}

static void check_stage(struct load *l, struct stage *s, const json_t *thresholds)
{
	bool verified = s->nneeds || s->approvals;
	s->kind = s->nsuite ? STAGE_RUNNABLE : STAGE_VERIFIED;
	if (s->nthreshold && !s->nsuite) {
		diag_add(l->diags, s->at, "no-suites",
			 "stage '%s' has thresholds and no 'suites' to measure", s->name);
		diag_hint(l->diags, "list the suites of gate.yaml that the stage runs");
	} else if (s->nsuite && !has_blocking(s, thresholds)) {
		diag_add(l->diags, s->at, "judges-nothing",
			 "stage '%s' runs suites and has no blocking threshold on them: it could "
			 "only pass",
			 s->name);
		diag_hint(l->diags, "add one, as in correct.mean >= 0.90");
	} else if (!s->nsuite && !verified) {
		diag_add(l->diags, s->at, "judges-nothing",
			 "stage '%s' has neither suites with a blocking threshold nor 'needs' or "
			 "'approvals': it could only pass",
			 s->name);
		diag_hint(l->diags, "add suites and thresholds, or needs and approvals");
	}
}

static void load_stage(struct load *l, struct stage *s, const char *name, const json_t *j,
		       const json_t *stages)
{
	*s = (struct stage){
		.name = arena_cstr(l->arena, str_c(name)),
		.at = doc_pos_key(l->doc, stages, name),
		.policy = l->p,
		.json = j,
		.judge = json_object_get(l->doc->root, "judge"),
		.budget = { -1, -1, -1 },
		.max_age_ms = -1,
	};
	if (!json_is_object(j))
		return;
	load_suites(l, json_object_get(j, "suites"), s);
	load_thresholds(l, json_object_get(j, "thresholds"), s);
	load_budget(l, json_object_get(j, "budget"), &s->budget);
	s->bind = json_object_get(j, "bind");
	s->needs = list_of(l, json_object_get(j, "needs"), &s->nneeds);
	load_duration(l, j, "max_age", &s->max_age_ms);
	load_approvals(l, json_object_get(j, "approvals"), s);
	load_lifecycle(json_object_get(j, "model_lifecycle"), s);
	s->early = str_eqc(json_get_str(j, "stop"), "early");
	check_stage(l, s, json_object_get(j, "thresholds"));
}

const struct stage *policy_find_stage(const struct policy *p, struct str name)
{
	for (size_t i = 0; i < p->nstage; i++)
		if (str_eqc(name, p->stage[i].name))
			return &p->stage[i];
	return NULL;
}

/* Is s reachable from itself over needs? */
static bool needs_itself(struct load *l, const struct stage *s)
{
	const struct policy *p = l->p;
	const struct stage **queue = arena_array(l->arena, const struct stage *, p->nstage + 1);
	bool *seen = arena_array(l->arena, bool, p->nstage);
	size_t n = 0;
	queue[n++] = s;
	for (size_t at = 0; at < n; at++) {
		for (size_t i = 0; i < queue[at]->nneeds; i++) {
			const struct stage *next = policy_find_stage(p, str_c(queue[at]->needs[i]));
			if (next == s)
				return true;
			if (!next || seen[next - p->stage])
				continue;
			seen[next - p->stage] = true;
			queue[n++] = next;
		}
	}
	return false;
}

static void check_needs(struct load *l, const struct stage *s)
{
	for (size_t i = 0; i < s->nneeds; i++) {
		struct suggest sg = SUGGEST_INIT(str_c(s->needs[i]));
		struct pos at = doc_pos_member(l->doc, s->json, "needs");
		if (policy_find_stage(l->p, str_c(s->needs[i])))
			continue;
		diag_add(l->diags, at, "unknown-stage",
			 "'needs' names stage '%s', which is not here", s->needs[i]);
		for (size_t k = 0; k < l->p->nstage; k++)
			suggest_offer(&sg, str_c(l->p->stage[k].name));
		if (suggest_best(&sg).p)
			diag_hint(l->diags, "did you mean '%.*s'?", STR_ARGS(suggest_best(&sg)));
	}
	if (needs_itself(l, s))
		diag_add(l->diags, s->at, "needs-cycle", "stage '%s' needs itself", s->name);
}

static void load_stages(struct load *l, const json_t *j)
{
	const char *name;
	json_t *value;
	if (!json_is_object(j))
		return;
	l->p->stage = arena_array(l->arena, struct stage, json_object_size(j));
	json_object_foreach((json_t *)j, name, value)
		load_stage(l, &l->p->stage[l->p->nstage++], name, value, j);
	for (size_t i = 0; i < l->p->nstage; i++)
		check_needs(l, &l->p->stage[i]);
}

/* ---- trust ---- */

static void load_credentials(struct load *l, const json_t *j, struct trust *t)
{
	t->credential = arena_array(l->arena, struct credential, json_array_size(j) + 1);
	for (size_t i = 0; i < json_array_size(j); i++) {
		const json_t *c = json_array_get(j, i);
		const char *host = text_of(l, json_object_get(c, "host"));
		const char *env = text_of(l, json_object_get(c, "env"));
		const char *header = text_of(l, json_object_get(c, "header"));
		if (host && env)
			t->credential[t->ncredential++] = (struct credential){
				.host = host,
				.env = env,
				.header = header,
				.at = doc_pos_of(l->doc, c),
			};
	}
}

static void load_exec(struct load *l, const json_t *j, struct trust *t)
{
	t->allow_exec = json_is_true(j) || json_is_object(j);
	t->has_programs = json_object_get(j, "programs") != NULL;
	t->program = list_of(l, json_object_get(j, "programs"), &t->nprogram);
	t->exec_env = list_of(l, json_object_get(j, "env"), &t->nexec_env);
	t->exec_dir = text_of(l, json_object_get(j, "dir"));
}

static void load_trust(struct load *l, const json_t *j)
{
	struct trust *t = &l->p->trust;
	if (!json_is_object(j))
		return;
	t->keys = json_object_get(j, "keys");
	t->has_hosts = json_object_get(j, "hosts") != NULL;
	t->host = list_of(l, json_object_get(j, "hosts"), &t->nhost);
	load_credentials(l, json_object_get(j, "credentials"), t);
	load_exec(l, json_object_get(j, "allow_exec"), t);
}

/* ---- limits ---- */

static double load_rate(struct load *l, const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);
	double x = 0;
	if (!json_is_string(j) || policy_rate(json_str(j), &x))
		return x;
	diag_add(l->diags, doc_pos_member(l->doc, o, key), "bad-rate", "'%s' is no rate", text_of(l, j));
	diag_hint(l->diags, "a count and one of /s /m /h, as in 100/m or 200k/m");
	return 0;
}

static void load_limits(struct load *l, const json_t *j)
{
	l->p->limit = arena_array(l->arena, struct policy_limit, json_array_size(j) + 1);
	for (size_t i = 0; i < json_array_size(j); i++) {
		const json_t *o = json_array_get(j, i);
		l->p->limit[l->p->nlimit++] = (struct policy_limit){
			.provider = arena_str(l->arena, json_get_str(o, "provider")),
			.model = arena_str(l->arena, json_get_str(o, "model")),
			.requests = load_rate(l, o, "requests"),
			.tokens = load_rate(l, o, "tokens"),
			.concurrency = (unsigned)json_integer_value(json_object_get(o, "concurrency")),
			.burndown = json_number_value(json_object_get(o, "burndown")),
			.at = doc_pos_of(l->doc, o),
		};
	}
}

/* ---- judge ---- */

static double least(const json_t *j, const char *key)
{
	const json_t *x = json_object_get(j, key);
	return json_is_number(x) ? json_number_value(x) : 0;
}

static void load_judge(const json_t *j, struct judge_demand *out)
{
	*out = (struct judge_demand){
		.asked = j != NULL,
		.min_good = least(j, "min_good"),
		.min_bad = least(j, "min_bad"),
		.min_agreement = least(j, "min_agreement"),
	};
}

/* ---- the whole ---- */

static int check_shape(struct load *l)
{
	struct err err = ERR_INIT;
	struct doc schema;
	struct schema *s;
	struct diags own;
	diags_init(&own, l->arena);
	if (doc_parse(&schema, policy_schema(), DOC_JSON, "gate.policy.schema.json", l->arena,
		      &own) ||
	    schema_compile(&s, schema.root, NULL, l->arena, &err)) {
		diag_add(l->diags, (struct pos){ .file = l->doc->file }, "bug",
			 "gate's own policy schema does not compile: %s", err.msg);
		return -1;
	}
	return schema_check_doc(s, l->doc, l->diags, "policy") ? 0 : -1;
}

int policy_load(struct policy *out, const struct doc *doc, struct arena *a, struct diags *d)
{
	size_t before = d->errors;
	*out = (struct policy){
		.doc = doc, .version = 1, .confidence = 0.95, .baseline = "merge-base",
		.baseline_max_age_ms = BASELINE_MAX_AGE_MS,
	};
	struct load l = { .p = out, .doc = doc, .arena = a, .diags = d };
	if (check_shape(&l) && !json_is_object(doc->root))
		return -1;
	const json_t *confidence = json_object_get(doc->root, "confidence");
	if (json_is_number(confidence))
		out->confidence = json_number_value(confidence);
	const char *baseline = text_of(&l, json_object_get(doc->root, "baseline"));
	if (baseline)
		out->baseline = baseline;
	if (json_object_get(doc->root, "baseline_max_age"))
		load_duration(&l, doc->root, "baseline_max_age", &out->baseline_max_age_ms);
	load_trust(&l, json_object_get(doc->root, "trust"));
	load_judge(json_object_get(doc->root, "judge"), &out->judge);
	load_stages(&l, json_object_get(doc->root, "stages"));
	out->prices = json_object_get(doc->root, "prices");
	load_limits(&l, json_object_get(doc->root, "limits"));
	out->runs = json_object_get(doc->root, "runs");
	return d->errors > before ? -1 : 0;
}

/* ---- which stage ---- */

static void stage_names(const struct policy *p, enum stage_kind kind, char *out, size_t room)
{
	size_t used = 0;
	out[0] = 0;
	for (size_t i = 0; i < p->nstage; i++)
		if (p->stage[i].kind == kind && used < room)
			used += (size_t)snprintf(out + used, room - used, "%s%s", used ? ", " : "",
						 p->stage[i].name);
}

static int only_stage(const struct stage **out, const struct policy *p, struct err *err)
{
	const struct stage *one = NULL;
	char names[200];
	stage_names(p, STAGE_RUNNABLE, names, sizeof names);
	for (size_t i = 0; i < p->nstage; i++) {
		if (p->stage[i].kind != STAGE_RUNNABLE)
			continue;
		if (one)
			return err_set(
				err, ERR_USAGE,
				"the policy has several stages to run: %s; pick one with --stage",
				names);
		one = &p->stage[i];
	}
	if (!one)
		return err_set(
			err, ERR_USAGE,
			"the policy has no stage to run: every stage is verified (`gate verify`)");
	*out = one;
	return 0;
}

int policy_stage(const struct stage **out, const struct policy *p, const char *name,
		 struct err *err)
{
	if (!name)
		return only_stage(out, p, err);
	const struct stage *s = policy_find_stage(p, str_c(name));
	char names[200];
	stage_names(p, STAGE_RUNNABLE, names, sizeof names);
	if (s && s->kind == STAGE_RUNNABLE) {
		*out = s;
		return 0;
	}
	if (s)
		return err_set(err, ERR_USAGE,
			       "stage '%s' has nothing to run: it is verified with `gate verify "
			       "--stage %s`; to run there is: %s",
			       name, name, names[0] ? names : "none");
	struct suggest sg = SUGGEST_INIT(str_c(name));
	for (size_t i = 0; i < p->nstage; i++)
		suggest_offer(&sg, str_c(p->stage[i].name));
	struct str best = suggest_best(&sg);
	return err_set(err, ERR_USAGE,
		       "no stage '%.100s' in the policy%s%.*s%s; to run there is: %s", name,
		       best.p ? ", did you mean '" : "", STR_ARGS(best), best.p ? "'?" : "",
		       names[0] ? names : "none");
}
