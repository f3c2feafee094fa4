/* project_load: both sides' gate.yaml, the commit's targets, the protected suites and judges. */
#include "base/embed.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "doc/schema.h"
#include "suite/calibration.h"
#include "suite/loader.h"
#include "suite/overlay.h"
#include "suite/peek.h"

static const char *const default_names[] = { "gate.yaml", "gate.yml", "gate.json" };

static const char *find_config(struct loader *l)
{
	const char *found = NULL;
	if (l->o->config_path)
		return l->o->config_path;
	for (size_t i = 0; i < ARRAY_LEN(default_names); i++) {
		if (!tree_has(l->o->commit, default_names[i]))
			continue;
		if (found)
			diag_add(l->d, (struct pos){ .file = default_names[i], .line = 1, .col = 1 },
				 "config", "'%s' and '%s' are both here; keep one, or pass --config",
				 found, default_names[i]);
		else
			found = default_names[i];
	}
	return found ? found : default_names[0];
}

static int compile_schema(struct schema **out, struct arena *a, struct err *err)
{
	struct str text;
	json_error_t why;
	if (!embed_find("schema/gate.schema.json", &text))
		return err_set(err, ERR_BUG, "the schema of gate.yaml is not in this binary");
	json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		return err_set(err, ERR_BUG, "the schema of gate.yaml: %s", why.text);
	return schema_compile(out, arena_json(a, root), NULL, a, err);
}

/* The first two tokens of an instance pointer, when they name a target or a suite. */
static struct str part_of(const char *pointer)
{
	struct str p = str_c(pointer);
	ptrdiff_t first = str_chr(p, '/', 1), second = first < 0 ? -1 : str_chr(p, '/', (size_t)first + 1);
	struct str head = str_sub(p, 0, first < 0 ? 0 : (size_t)first);
	if (!str_eqc(head, "/targets") && !str_eqc(head, "/suites"))
		return (struct str){ .p = NULL };
	return second < 0 ? p : str_sub(p, 0, (size_t)second);
}

/* The file has mistakes, and they are listed.  Which targets and suites are of the wrong shape?  All
 * others are loaded, so that their mistakes show at once.  An unknown key harms nothing else.
 * False: the shape is wrong at the top. */
static bool mark_ill(struct loader *l, struct side *s, const struct schema *schema, const struct doc *d)
{
	struct schema_report rep = { .arena = l->a };
	struct arena scratch = ARENA_INIT;
	schema_valid(schema, d->root, &rep, &scratch);
	arena_release(&scratch);
	s->ill = arena_new(l->a, struct map);
	map_init(s->ill, l->a);
	for (size_t i = 0; i < rep.list.n; i++) {
		const struct schema_failure *f = &rep.list.v[i];
		struct str part = part_of(f->instance);
		if (!strcmp(f->keyword, "additionalProperties") ||
		    !strcmp(f->keyword, "unevaluatedProperties"))
			continue;
		if (!part.p)
			return false;
		map_put(s->ill, part, s->ill);
	}
	return json_is_object(d->root);
}

static bool is_ill(const struct loader *l, const struct side *s, const char *kind, struct str name)
{
	return s->ill && map_has(s->ill, str_c(arena_fmt(l->a, "/%s/%.*s", kind, STR_ARGS(name))));
}

/* Read and validate one side's gate.yaml.  False: it is absent or of no use. */
static bool read_config(struct loader *l, struct side *s, const struct schema *schema)
{
	struct err err = ERR_INIT;
	struct str text;
	char oid[OID_HEX];
	struct doc *d = arena_new(l->a, struct doc);
	struct pos at = { .file = l->config_path };
	if (tree_read(s->tree, l->config_path, ARTIFACT_BYTES_MAX, &text, oid, l->a, &err)) {
		loader_fail(l, s, at, &err);
		if (err.kind == ERR_ARTIFACT && !tree_has(s->tree, l->config_path))
			diag_hint(l->d, "`gate init` writes one; --config names another");
		return false;
	}
	const char *label = loader_label(l, s, l->config_path, oid);
	if (doc_parse(d, text, doc_syntax_of(l->config_path), label, l->a, l->d))
		return false;
	s->doc = d;
	return schema_check_doc(schema, d, l->d, "gate-yaml") || mark_ill(l, s, schema, d);
}

/* The commit's side with some members of a target replaced; the policy's side is the file as it is. */
static bool lay_over(struct loader *l)
{
	const struct overlay *o = l->o->overlay;
	if (!o || !l->commit.doc)
		return true;
	const struct doc *policy = l->policy.doc ? l->policy.doc : l->commit.doc;
	if (!overlay_apply(&l->commit.doc, l->commit.doc, o, l->a, l->d))
		return false;
	overlay_check(o, json_object_get(policy->root, "suites"), l->config_path, l->d);
	return true;
}

/* Both sides.  A policy ref without gate.yaml is no mistake: every suite is new then. */
static bool read_sides(struct loader *l, struct err *err)
{
	struct schema *schema;
	const struct project_opts *o = l->o;
	if (compile_schema(&schema, l->a, err)) {
		l->failed = true;
		return false;
	}
	l->commit = (struct side){ .tree = o->commit };
	bool ok = read_config(l, &l->commit, schema);
	if (o->policy == o->commit || !o->policy) {
		l->policy = l->commit;
		return ok && lay_over(l);
	}
	l->policy = (struct side){ .tree = o->policy, .policy = true };
	if (tree_has(o->policy, l->config_path))
		ok = read_config(l, &l->policy, schema) && ok;
	return ok && lay_over(l);
}

/* --- targets --- */

struct load {
	struct loader *l;
	struct project *out;
	VEC(struct target_conf) target;
	VEC(const json_t *) target_id; /* beside target */
};

static size_t find_target(const struct load *x, const char *name, const struct doc *doc)
{
	for (size_t i = 0; i < x->target.n; i++)
		if (x->target.v[i].doc == doc && !strcmp(x->target.v[i].name, name))
			return i;
	return SIZE_MAX;
}

static void add_target(struct load *x, const struct side *s, const char *name)
{
	if (find_target(x, name, s->doc) != SIZE_MAX || is_ill(x->l, s, "targets", str_c(name)))
		return;
	const json_t **id = vec_push(&x->target_id, x->l->a);
	target_load(x->l, s, name, vec_push(&x->target, x->l->a), id);
}

static const json_t *members(const struct side *s, const char *key)
{
	return s->doc ? json_object_get(s->doc->root, key) : NULL;
}

/* Which side a suite is read from; NULL when it is on neither. */
static const struct side *suite_side(const struct loader *l, const char *name)
{
	bool here = json_object_get(members(&l->commit, "suites"), name) != NULL;
	bool there = json_object_get(members(&l->policy, "suites"), name) != NULL;
	if (l->o->proposed && here)
		return &l->commit;
	return there ? &l->policy : here ? &l->commit : NULL;
}

/* Judges are protected even for a suite that is new. */
static const struct side *judge_side(const struct loader *l, const struct side *suite,
				     const char *name)
{
	if (!l->o->proposed && json_object_get(members(&l->policy, "targets"), name))
		return &l->policy;
	return json_object_get(members(suite, "targets"), name) ? suite : NULL;
}

static void add_judges(struct load *x, const struct side *s, const json_t *suite)
{
	const char *name;
	json_t *m;
	json_object_foreach(json_object_get(suite, "metrics"), name, m) {
		struct str with = json_get_str(m, "with");
		const char *judge = with.p ? arena_cstr(x->l->a, with) : "";
		const struct side *from = with.p ? judge_side(x->l, s, judge) : NULL;
		const char *key;
		json_t *v;
		/* The name lives as long as the document that spells it. */
		json_object_foreach((json_t *)(uintptr_t)(from ? members(from, "targets") : NULL), key,
				    v)
			if (str_eqc(with, key))
				add_target(x, from, key);
	}
}

/* Of a baseline only what a suite that is compared calls. */
static bool is_needed(const struct loader *l, const char *target)
{
	bool needed = !l->o->baseline;
	for (size_t i = 0; i < l->o->nonly && !needed; i++) {
		const json_t *suite = json_object_get(members(&l->policy, "suites"), l->o->only[i]);
		needed = str_eqc(json_get_str(suite, "target"), target);
	}
	return needed;
}

static void load_targets(struct load *x)
{
	const char *name;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)members(&x->l->commit, "targets"), name, v)
		if (is_needed(x->l, name))
			add_target(x, &x->l->commit, name);
	const struct side *sides[] = { &x->l->policy, &x->l->commit };
	for (size_t i = 0; i < ARRAY_LEN(sides); i++)
		json_object_foreach((json_t *)(uintptr_t)members(sides[i], "suites"), name, v)
			if (!x->l->o->baseline && suite_side(x->l, name) == sides[i])
				add_judges(x, sides[i], v);
	x->out->target = x->target.v;
	x->out->ntarget = x->target.n;
}

/* --- suites --- */

static void offer_names(struct diags *d, struct str word, const json_t *object)
{
	struct suggest g = SUGGEST_INIT(word);
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)object, key, v)
		suggest_offer(&g, str_c(key));
	if (suggest_best(&g).p)
		diag_hint(d, "did you mean '%.*s'?", STR_ARGS(suggest_best(&g)));
}

/* Answers that lie in the cases are no calls: a change that swaps them in would choose its own
 * answers.  Any other provider is the candidate's to choose, within the policy's hosts. */
static void check_provider(struct loader *l, const struct target_conf *t)
{
	const json_t *before = json_object_get(members(&l->policy, "targets"), t->name);
	struct str old = json_get_str(before, "provider");
	if (!old.p || str_eq(old, t->provider_name))
		return;
	if (str_eqc(t->provider_name, "recorded")) {
		diag_add(l->d, t->provider_at, "provider-changed",
			 "target '%s' changes its provider from '%.*s' to 'recorded'", t->name,
			 STR_ARGS(old));
		diag_hint(l->d, "a change cannot bring its own answers; change the provider at the policy ref first");
		return;
	}
	diag_warn(l->d, t->provider_at, "provider-changed",
		  "target '%s' changes its provider from '%.*s' to '%.*s'", t->name, STR_ARGS(old),
		  STR_ARGS(t->provider_name));
}

/* The suite's target is always the commit's. */
static void bind_target(struct load *x, const struct side *s, const json_t *config,
			struct suite_conf *out)
{
	struct loader *l = x->l;
	struct str name = json_get_str(config, "target");
	size_t i = find_target(x, arena_cstr(l->a, name), l->commit.doc);
	if (i != SIZE_MAX) {
		out->target = &x->target.v[i];
		if (!l->o->baseline)
			check_provider(l, out->target);
		return;
	}
	if (l->o->baseline)
		return;
	if (is_ill(l, &l->commit, "targets", name))
		return;
	struct pos at = doc_pos_member(s->doc, config, "target");
	if (s->doc != l->commit.doc &&
	    json_object_get(members(s, "targets"), arena_cstr(l->a, name)))
		diag_add(l->d, at, "target-gone",
			 "suite '%s' evaluates target '%.*s', which the commit removed or renamed",
			 out->name, STR_ARGS(name));
	else
		diag_add(l->d, at, "unknown-target", "suite '%s' evaluates target '%.*s', which '%s' "
			 "does not have",
			 out->name, STR_ARGS(name), l->config_path);
	offer_names(l->d, name, members(&l->commit, "targets"));
}

static void bind_judges(struct load *x, const struct side *s, struct suite_conf *out, json_t *id)
{
	struct loader *l = x->l;
	for (size_t i = 0; i < out->nmetric; i++) {
		struct metric_conf *m = &out->metric[i];
		const struct side *from = m->with ? judge_side(l, s, m->with) : NULL;
		size_t k = from ? find_target(x, m->with, from->doc) : SIZE_MAX;
		if (!m->with)
			continue;
		if (k == SIZE_MAX && from && is_ill(l, from, "targets", str_c(m->with)))
			continue;
		if (k == SIZE_MAX) {
			diag_add(l->d, doc_pos_member(s->doc, m->raw, "with"), "unknown-target",
				 "metric '%s' is judged by target '%s', which '%s' does not have",
				 m->name, m->with, l->config_path);
			offer_names(l->d, str_c(m->with), members(s, "targets"));
			continue;
		}
		m->judge = &x->target.v[k];
		json_object_set(json_object_get(id, m->name), "with",
				(json_t *)(uintptr_t)x->target_id.v[k]);
	}
}

/* Reading rows is the dear part: only where the run will use them. */
static bool is_wanted(const struct project_opts *o, const char *name, const json_t *config)
{
	if (o->overlay)
		return overlay_wants(o->overlay, name, config);
	for (size_t i = 0; i < o->nonly; i++)
		if (!strcmp(o->only[i], name))
			return true;
	return !o->only || !o->nonly;
}

static void check_something_is_scored(struct load *x, const struct side *s, const json_t *config,
				      struct suite_conf *out)
{
	if (out->nmetric || out->has_asserts || !out->wanted || x->l->failed)
		return;
	struct pos at = json_object_get(config, "metrics") ?
				doc_pos_member(s->doc, config, "metrics") :
				out->at;
	diag_add(x->l->d, at, "nothing-scored",
		 "suite '%s' scores nothing: it has no metric and no case has an `assert`", out->name);
	diag_hint(x->l->d, "add `metrics:`, for example {correct: {scorer: exact-match, expected: "
			   "\"{{expected}}\"}}");
}

static void load_suite(struct load *x, const struct side *s, const char *name,
		       struct suite_conf *out)
{
	struct loader *l = x->l;
	const json_t *suites = members(s, "suites"), *config = json_object_get(suites, name);
	const json_t *repeats = json_object_get(config, "repeats");
	struct artifacts artifacts = { .list = { .v = NULL } };
	json_t *id = arena_json(l->a, json_copy((json_t *)(uintptr_t)config));
	json_t *metric_ids = json_object(), *cases = NULL;
	*out = (struct suite_conf){ .name = name, .doc = s->doc, .config = config };
	out->at = doc_pos_key(s->doc, suites, name);
	out->is_new = l->o->policy && l->o->policy != l->o->commit &&
		      !json_object_get(members(&l->policy, "suites"), name);
	out->repeats = repeats ? (unsigned)json_integer_value(repeats) : 1;
	out->wanted = is_wanted(l->o, name, config);
	json_object_del(id, "target");
	json_object_set_new(id, "metrics", metric_ids);
	bind_target(x, s, config, out);
	if (l->o->baseline && !out->target)
		return;
	metrics_load(l, s, config, out, &artifacts, metric_ids);
	if (l->o->baseline)
		return;
	bind_judges(x, s, out, metric_ids);
	if (out->wanted && !l->failed)
		dataset_load(l, s, config, "cases", out, &artifacts, &cases);
	if (cases)
		json_object_set_new(id, "cases", cases);
	check_something_is_scored(x, s, config, out);
	peek_check(l, out);
	if (out->wanted)
		calibration_load(l, s, out, &artifacts, metric_ids);
	out->artifact = artifacts.list.v;
	out->nartifact = artifacts.list.n;
	ident_digest(&out->suite_id, id);
}

static void load_suites(struct load *x)
{
	struct loader *l = x->l;
	const json_t *there = members(&l->policy, "suites"), *here = members(&l->commit, "suites");
	const char *name;
	json_t *v;
	struct project *p = x->out;
	p->suite = arena_array(l->a, struct suite_conf,
			       json_object_size(there) + json_object_size(here));
	if (l->o->baseline)
		here = NULL;
	json_object_foreach((json_t *)(uintptr_t)there, name, v)
		if ((!l->o->baseline || is_wanted(l->o, name, v)) && !is_ill(l, suite_side(l, name), "suites", str_c(name)))
			load_suite(x, suite_side(l, name), name, &p->suite[p->nsuite++]);
	json_object_foreach((json_t *)(uintptr_t)here, name, v)
		if (!json_object_get(there, name) && !is_ill(l, &l->commit, "suites", str_c(name)))
			load_suite(x, &l->commit, name, &p->suite[p->nsuite++]);
}

void project_adopt(struct project *p, const struct target_conf *const *more, size_t n, struct arena *a)
{
	struct target_conf *all = arena_array(a, struct target_conf, p->ntarget + n);
	for (size_t i = 0; i < p->ntarget; i++)
		all[i] = p->target[i];
	for (size_t i = 0; i < n; i++)
		all[p->ntarget + i] = *more[i];
	for (size_t i = 0; i < p->nsuite; i++) {
		struct suite_conf *s = &p->suite[i];
		s->target = s->target ? &all[s->target - p->target] : NULL;
		for (size_t k = 0; k < s->nmetric; k++)
			s->metric[k].judge = s->metric[k].judge ? &all[s->metric[k].judge - p->target] : NULL;
	}
	p->target = all;
	p->ntarget += n;
}

int project_load(struct project *out, const struct project_opts *o, struct arena *a,
		 struct diags *d, struct err *err)
{
	size_t before = d->errors;
	struct loader l = { .o = o, .a = a, .d = d, .err = err };
	struct load x = { .l = &l, .out = out };
	*out = (struct project){ .config_path = NULL };
	l.config_path = out->config_path = find_config(&l);
	if (!read_sides(&l, err))
		return -1;
	out->doc = l.commit.doc;
	out->policy_side = l.policy.doc ? l.policy.doc : l.commit.doc;
	load_targets(&x);
	if (!l.failed)
		load_suites(&x);
	return l.failed || d->errors > before ? -1 : 0;
}
