/* One target of gate.yaml with everything it names read in: what is sent, and its candidate id. */
#include "base/limits.h"
#include "suite/loader.h"

struct build {
	struct loader *l;
	const struct side *s;
	const json_t *config;
	struct target_conf *out;
	struct artifacts artifacts;
	json_t *id;       /* the config, files as {path, oid}, bindings as written */
	json_t *resolved; /* the config, files read, bindings filled in */
	struct prompt_settings set;
};

static void no_binding(struct build *b, const struct leaf *leaf, size_t offset)
{
	diag_add(b->l->d, leaf_pos(leaf, offset), "binding",
		 "target '%s' needs a binding, and no stage gives any here", b->out->name);
}

static void foreign_variable(const struct leaf *leaf, void *ctx)
{
	struct build *b = ctx;
	struct template_vars vars = { .list = { .v = NULL } };
	template_vars(leaf->t, &vars, b->l->a);
	for (size_t i = 0; i < vars.list.n; i++) {
		struct template_var *v = &vars.list.v[i];
		if (str_eqc(v->name, "bind") && b->l->o->bind)
			continue;
		if (str_eqc(v->name, "bind"))
			no_binding(b, leaf, v->offset);
		else
			diag_add(b->l->d, leaf_pos(leaf, v->offset), "binding",
				 "'%.*s' cannot stand in a target's settings; only {{bind.NAME}} can",
				 STR_ARGS(v->name));
	}
}

/* Fill {{bind.x}} into a value; NULL after a diag. */
static const json_t *bound(struct build *b, const struct doc *d, const json_t *container,
			   const char *key, const json_t *value)
{
	struct loader *l = b->l;
	size_t before = l->d->errors;
	struct err err = ERR_INIT;
	const json_t *out = NULL;
	struct leaf_node *n = leaf_node_build(d, container, key, 0, value, l->a, l->d);
	if (n->value)
		return n->value;
	leaf_node_each(n, foreign_variable, b);
	if (l->d->errors > before)
		return NULL;
	json_t *vars = arena_json(l->a, json_object());
	json_object_set(vars, "bind", (json_t *)(uintptr_t)l->o->bind);
	if (!leaf_node_render(n, vars, &out, l->a, &err))
		return out;
	diag_add(l->d, err.at, "binding", "%s", err.msg);
	diag_hint(l->d, "the stage's `bind:` in the policy gives the values");
	return NULL;
}

static void keep(struct build *b, const char *key, const json_t *value)
{
	if (value)
		json_object_set(b->resolved, key, (json_t *)(uintptr_t)value);
}

/* A member that is a file's name or the value itself. */
static void file_or_value(struct build *b, const char *key, const char *role, bool any_text_is_file)
{
	const json_t *value = json_object_get(b->config, key);
	struct ref_use use = { .role = role, .owner = b->out->name, .artifacts = &b->artifacts };
	struct ref r;
	struct doc *d;
	if (!value)
		return;
	if (!json_is_string(value) || (!any_text_is_file && !ref_is_doc(json_str(value)))) {
		keep(b, key, bound(b, b->s->doc, b->config, key, value));
		return;
	}
	json_object_del(b->resolved, key);
	use.at = doc_pos_member(b->s->doc, b->config, key);
	if (!ref_read(b->l, b->s, json_str(value), &use, ARTIFACT_BYTES_MAX, &r))
		return;
	json_object_set_new(b->id, key, ident_ref(&r));
	if (!ref_doc(b->l, &r, &d))
		return;
	if (!json_is_object(d->root)) {
		diag_add(b->l->d, (struct pos){ .file = r.label, .line = 1, .col = 1 }, "wrong-type",
			 "'%s' must hold an object, found %s", r.path, json_type_name(d->root));
		return;
	}
	keep(b, key, bound(b, d, NULL, NULL, d->root));
}

static void two_values(struct build *b, const char *what, struct str here, struct pos at,
		       struct str there, struct pos other)
{
	diag_add(b->l->d, at, "two-values",
		 "%s is '%.*s' here and '%.*s' at %s:%u:%u; write it once", what, STR_ARGS(here),
		 STR_ARGS(there), other.file ? other.file : "", other.line, other.col);
}

static void model(struct build *b)
{
	struct endpoint *e = &b->out->endpoint;
	file_or_value(b, "model", "model", false);
	const json_t *m = json_object_get(b->resolved, "model");
	e->model = json_is_string(m) ? json_str(m) : json_get_str(m, "id");
	struct str own = json_get_str(b->resolved, "base_url"), theirs = json_get_str(m, "base_url");
	struct pos at = member_pos(b->s->doc, b->config, "base_url");
	if (own.p && theirs.p && !str_eq(own, theirs))
		two_values(b, "base_url", own, at, theirs,
			   doc_pos_member(b->s->doc, b->config, "model"));
	e->base_url = own.p ? own : theirs;
	if (!b->set.model.p)
		return;
	if (!e->model.p) {
		e->model = b->set.model;
		keep(b, "model", json_object_get(b->set.object, b->set.model_key));
		return;
	}
	if (!str_eq(e->model, b->set.model))
		two_values(b, "the model", e->model, doc_pos_member(b->s->doc, b->config, "model"),
			   b->set.model, doc_pos_member(b->set.doc, b->set.object, b->set.model_key));
}

static const char *our_name(const char *const *names, const char *theirs)
{
	for (size_t i = 0; names[i]; i += 2)
		if (!strcmp(names[i], theirs) || !strcmp(names[i + 1], theirs))
			return names[i + 1];
	return NULL;
}

static struct str as_text(struct arena *a, const json_t *j)
{
	struct buf b;
	buf_init(&b, KIB);
	json_write(&b, j);
	struct str out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* Add what the prompt file sets to the target's own parameters. */
static void merge_params(struct build *b, json_t *params)
{
	const json_t *source = b->set.params_source;
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)source, key, v) {
		const char *name = our_name(b->set.params_name, key);
		struct pos at = doc_pos_key(b->set.doc, source, key);
		if (!name) {
			diag_add(b->l->d, at, "unknown-key",
				 "'%s' is no parameter that a prompt file can set", key);
			continue;
		}
		const json_t *own = json_object_get(params, name);
		if (own && !json_equal(own, v))
			two_values(b, name, as_text(b->l->a, v), at, as_text(b->l->a, own),
				   doc_pos_member(b->s->doc, b->config, "params"));
		json_object_set(params, name, v);
	}
}

static void params(struct build *b)
{
	file_or_value(b, "params", "params", true);
	const json_t *own = json_object_get(b->resolved, "params");
	if (!json_object_size(b->set.params_source)) {
		b->out->endpoint.params = own;
		return;
	}
	json_t *all = arena_json(b->l->a, own ? json_copy((json_t *)(uintptr_t)own) : json_object());
	merge_params(b, all);
	keep(b, "params", all);
	b->out->endpoint.params = all;
}

/* `answer` and `trace` are templates over the case's variables: only compiled here. */
static const struct leaf *case_leaf(struct build *b, const char *key)
{
	const json_t *text = json_object_get(b->config, key);
	if (!json_is_string(text))
		return NULL;
	struct leaf *leaf = arena_new(b->l->a, struct leaf);
	*leaf = (struct leaf){ .text = json_str(text), .doc = b->s->doc, .container = b->config,
			       .key = key };
	return leaf_compile(leaf, TEMPLATE_JINJA, b->l->a, b->l->d) ? leaf : NULL;
}

/* --- every other setting --- */

/* Members that read themselves, or whose text is never filled in. */
static const char *const own_way[] = { "prompt", "model", "params",	"tools",
				       "answer", "trace", "description" };
/* A file or the object itself, with the file's role. */
static const char *const file_or_object[] = { "guardrail", "retrieval", "generation", "flow",
					      "agent",	   "runtime",	"checks" };
/* Settings of applications that may read a case's variables: filled in for each case. */
static const char *const per_case[] = { "body",	 "url",	  "headers", "contexts", "session",
					"input", "turns", "command", "prompt_variables" };

static bool is_one_of(const char *const *list, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], key))
			return true;
	return false;
}

/* True when the template reads nothing but bindings. */
static bool binds_only(struct build *b, const struct leaf *leaf)
{
	struct template_vars vars = { .list = { .v = NULL } };
	size_t others = 0;
	template_vars(leaf->t, &vars, b->l->a);
	for (size_t i = 0; i < vars.list.n; i++)
		others += !str_eqc(vars.list.v[i].name, "bind");
	for (size_t i = 0; others && !b->l->o->bind && i < vars.list.n; i++)
		if (str_eqc(vars.list.v[i].name, "bind"))
			no_binding(b, leaf, vars.list.v[i].offset);
	return vars.list.n && !others;
}

static void bind_leaf(struct build *b, struct leaf_node *n)
{
	struct loader *l = b->l;
	struct err err = ERR_INIT;
	size_t before = l->d->errors;
	foreign_variable(n->leaf, b);
	if (l->d->errors > before)
		return;
	json_t *vars = arena_json(l->a, json_object());
	json_object_set(vars, "bind", (json_t *)(uintptr_t)l->o->bind);
	if (!leaf_value(n->leaf, vars, &n->value, l->a, &err)) {
		n->leaf = NULL;
		return;
	}
	diag_add(l->d, err.at, "binding", "%s", err.msg);
	diag_hint(l->d, "the stage's `bind:` in the policy gives the values");
}

/* Fill in what bindings alone decide; the rest stays a template. */
static void bind_leaves(struct build *b, struct leaf_node *n)
{
	if (n->value)
		return;
	if (n->leaf && binds_only(b, n->leaf))
		bind_leaf(b, n);
	for (size_t i = 0; !n->leaf && i < n->n; i++)
		bind_leaves(b, n->child[i]);
}

/* The value with templates that wait for a case as their text. */
static const json_t *as_far_as_known(const struct leaf_node *n, struct arena *a)
{
	if (n->value)
		return n->value;
	if (n->leaf)
		return arena_json(a, json_from_str(n->leaf->text));
	json_t *made = arena_json(a, n->key ? json_object() : json_array());
	for (size_t i = 0; i < n->n; i++) {
		json_t *v = (json_t *)(uintptr_t)as_far_as_known(n->child[i], a);
		if (n->key)
			json_object_set(made, n->key[i], v);
		else
			json_array_append(made, v);
	}
	return made;
}

struct case_settings {
	const char **key;
	struct leaf_node **node;
	size_t n;
};

static void case_setting(struct build *b, const char *key, const json_t *value, struct case_settings *out)
{
	struct loader *l = b->l;
	struct leaf_node *n = leaf_node_build(b->s->doc, b->config, key, 0, value, l->a, l->d);
	bind_leaves(b, n);
	keep(b, key, as_far_as_known(n, l->a));
	out->key[out->n] = key;
	out->node[out->n++] = n;
}

struct reads {
	struct arena *a;
	VEC(struct str) name;
};

static void collect_reads(const struct leaf *leaf, void *ctx)
{
	struct reads *r = ctx;
	struct template_vars vars = { .list = { .v = NULL } };
	if (!leaf->t)
		return;
	template_vars(leaf->t, &vars, r->a);
	for (size_t i = 0; i < vars.list.n; i++) {
		bool known = false;
		for (size_t k = 0; k < r->name.n; k++)
			known = known || str_eq(r->name.v[k], vars.list.v[i].name);
		if (!known)
			*vec_push(&r->name, r->a) = vars.list.v[i].name;
	}
}

static void read_vars(struct build *b)
{
	struct reads r = { .a = b->l->a };
	if (b->out->per_case)
		leaf_node_each(b->out->per_case, collect_reads, &r);
	b->out->reads = r.name.v;
	b->out->nreads = r.name.n;
}

static void read_rest(struct build *b)
{
	const char *key;
	json_t *value;
	size_t size = json_object_size(b->config);
	struct case_settings each = { .key = arena_array(b->l->a, const char *, size),
				      .node = arena_array(b->l->a, struct leaf_node *, size) };
	json_object_foreach((json_t *)(uintptr_t)b->config, key, value) {
		if (is_one_of(own_way, ARRAY_LEN(own_way), key) ||
		    is_one_of(file_or_object, ARRAY_LEN(file_or_object), key))
			continue;
		if (is_one_of(per_case, ARRAY_LEN(per_case), key))
			case_setting(b, key, value, &each);
		else
			keep(b, key, bound(b, b->s->doc, b->config, key, value));
	}
	if (each.n)
		b->out->per_case = leaf_node_object(each.key, each.node, each.n, b->l->a);
	b->out->bind = b->l->o->bind;
	read_vars(b);
}

static bool is_read(const struct target_conf *t, const char *name)
{
	for (size_t i = 0; i < t->nreads; i++)
		if (str_eqc(t->reads[i], name))
			return true;
	return false;
}

static void add_bindings(json_t *given, const struct target_conf *t)
{
	if (t->bind && is_read(t, "bind"))
		json_object_set(given, "bind", (json_t *)(uintptr_t)t->bind);
}

const json_t *target_given(const struct target_conf *t, const json_t *vars, struct arena *a)
{
	json_t *given = arena_json(a, json_object());
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)vars, key, v)
		if (is_read(t, key))
			json_object_set(given, key, v);
	add_bindings(given, t);
	return given;
}

const json_t *suite_shown(const struct suite_conf *s, const json_t *vars, struct arena *a)
{
	json_t *given = arena_json(a, json_copy((json_t *)(uintptr_t)vars));
	for (size_t i = 0; i < s->nhidden; i++)
		json_object_deln(given, s->hidden[i].p, s->hidden[i].n);
	json_object_del(given, "bind");
	add_bindings(given, s->target);
	return given;
}

static void read_prompt(struct build *b)
{
	json_t *id;
	prompt_load(b->l, b->s, b->config, b->out->name, &b->artifacts, &b->out->prompt, &b->set,
		    &id);
	if (id)
		json_object_set_new(b->id, "prompt", id);
	json_object_del(b->resolved, "prompt");
}

static void read_tools(struct build *b)
{
	json_t *id;
	b->out->endpoint.tools =
		tools_load(b->l, b->s, b->config, b->out->name, &b->artifacts, &id);
	if (id)
		json_object_set_new(b->id, "tools", id);
	keep(b, "tools", b->out->endpoint.tools);
}

static void read_all(struct build *b)
{
	read_prompt(b);
	read_rest(b);
	model(b);
	params(b);
	for (size_t i = 0; i < ARRAY_LEN(file_or_object); i++)
		file_or_value(b, file_or_object[i], file_or_object[i], false);
	read_tools(b);
	b->out->answer = case_leaf(b, "answer");
	b->out->trace = case_leaf(b, "trace");
}

void target_load(struct loader *l, const struct side *s, const char *name, struct target_conf *out,
		 const json_t **id)
{
	const json_t *targets = json_object_get(s->doc->root, "targets");
	const json_t *config = json_object_get(targets, name);
	struct build b = { .l = l, .s = s, .config = config, .out = out };
	*out = (struct target_conf){ .name = name, .doc = s->doc, .config = config };
	out->at = doc_pos_key(s->doc, targets, name);
	out->from_policy = s->policy;
	out->provider_name = json_get_str(config, "provider");
	out->provider_at = member_pos(s->doc, config, "provider");
	b.id = arena_json(l->a, json_copy((json_t *)(uintptr_t)config));
	b.resolved = arena_json(l->a, json_copy((json_t *)(uintptr_t)config));
	read_all(&b);
	out->endpoint.name = name;
	out->endpoint.at = out->at;
	out->endpoint.config = b.resolved;
	out->endpoint.stream = !json_is_false(json_object_get(config, "stream"));
	out->artifact = b.artifacts.list.v;
	out->nartifact = b.artifacts.list.n;
	ident_digest(&out->candidate_id, b.id);
	*id = b.id;
}
