/* A suite's metrics: scorer, judge's name, and the scorer's settings with files read in and
 * templates compiled.  Which scorers there are, and what they want, is not known here. */
#include "base/limits.h"
#include "suite/loader.h"
#include "suite/prompt.h"

struct reader {
	struct loader *l;
	const struct side *s;
	struct suite_conf *suite;
	struct artifacts *artifacts;
	json_t *id; /* of this metric */
};

static const char *const own_keys[] = { "scorer", "with", "weight", "description", "calibration" };

static bool is_own(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(own_keys); i++)
		if (!strcmp(own_keys[i], key))
			return true;
	return false;
}

static bool has_space(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr(" \t\r\n", s.p[i], 4))
			return true;
	return false;
}

/* The file that a setting names, or the absent string.  A rubric without any white space is a
 * file's name: no rubric is one word. */
static struct str file_of(const char *key, struct str value)
{
	static const struct str scheme = STR_INIT("file://");
	if (str_starts(value, scheme))
		return str_sub(value, scheme.n, value.n);
	if (!strcmp(key, "schema") || (!strcmp(key, "rubric") && value.n && !has_space(value)))
		return value;
	return (struct str){ .p = NULL };
}

static struct leaf_node *text_node(struct reader *r, struct leaf leaf, enum template_syntax syntax)
{
	struct arena *a = r->l->a;
	struct leaf_node *n = leaf_node_const(arena_json(a, json_from_str(leaf.text)), a);
	if (!leaf_compile(&leaf, syntax, a, r->l->d) || !leaf.t)
		return n;
	n->value = NULL;
	n->leaf = arena_new(a, struct leaf);
	*n->leaf = leaf;
	return n;
}

static struct leaf_node *schema_node(struct reader *r, const struct ref *f)
{
	struct doc *d;
	return ref_doc(r->l, f, &d) ? leaf_node_const(d->root, r->l->a) : NULL;
}

static struct leaf_node *file_node(struct reader *r, const json_t *raw, const char *key,
				   struct str path)
{
	bool schema = !strcmp(key, "schema");
	struct ref f;
	struct ref_use use = { .role = schema ? "schema" : "rubric", .owner = r->suite->name,
			       .artifacts = r->artifacts,
			       .at = doc_pos_member(r->s->doc, raw, key) };
	if (!ref_read(r->l, r->s, path, &use, ARTIFACT_BYTES_MAX, &f))
		return NULL;
	json_object_set_new(r->id, key, ident_ref(&f));
	if (schema)
		return schema_node(r, &f);
	if (!ref_text(r->l, &f))
		return NULL;
	struct leaf leaf = { .text = f.text, .file = f.label, .whole = f.text };
	if (str_ends(leaf.text, STR("\n")))
		leaf.text.n--;
	return text_node(r, leaf, template_syntax_of(f.path));
}

/* `target.prompt` stands for the candidate's own prompt, so a new prompt's leak is seen. */
static struct leaf_node *prompt_node(struct reader *r, const json_t *raw, const char *key)
{
	const struct target_conf *t = r->suite->target;
	struct pos at = doc_pos_member(r->s->doc, raw, key);
	if (!t)
		return NULL; /* already an error */
	struct str text = t->prompt.system.p ? t->prompt.system : t->prompt.text;
	const struct leaf *part = prompt_canary(&t->prompt);
	if (!text.p) {
		diag_add(r->l->d, at, "reference", "target '%s' has no prompt for 'target.prompt'",
			 t->name);
		return NULL;
	}
	if (part) {
		struct leaf_node *n = leaf_node_const(arena_json(r->l->a, json_from_str(part->text)),
						      r->l->a);
		n->leaf = (struct leaf *)(uintptr_t)part;
		if (part->t)
			n->value = NULL;
		return n;
	}
	struct leaf leaf = { .text = text, .doc = r->s->doc, .container = raw, .key = key };
	return text_node(r, leaf, TEMPLATE_JINJA);
}

static struct leaf_node *setting(struct reader *r, const json_t *raw, const char *key,
				 const json_t *value)
{
	struct str text = json_str(value);
	struct str path = text.p ? file_of(key, text) : text;
	if (path.p)
		return file_node(r, raw, key, path);
	if (text.p && str_eqc(text, "target.prompt"))
		return prompt_node(r, raw, key);
	/* A schema is data: braces in its patterns are no templates. */
	if (!strcmp(key, "schema"))
		return leaf_node_const(value, r->l->a);
	return leaf_node_build(r->s->doc, raw, key, 0, value, r->l->a, r->l->d);
}

/* What a config looks like before any case: templates as their text. */
static const json_t *as_written(const struct leaf_node *n, struct arena *a)
{
	if (n->value)
		return n->value;
	if (n->leaf)
		return arena_json(a, json_from_str(n->leaf->text));
	json_t *made = arena_json(a, n->key ? json_object() : json_array());
	for (size_t i = 0; i < n->n; i++) {
		json_t *v = (json_t *)(uintptr_t)as_written(n->child[i], a);
		if (n->key)
			json_object_set(made, n->key[i], v);
		else
			json_array_append(made, v);
	}
	return made;
}

static void settings(struct reader *r, struct metric_conf *m)
{
	size_t size = json_object_size(m->raw), n = 0;
	const char **key = arena_array(r->l->a, const char *, size);
	struct leaf_node **child = arena_array(r->l->a, struct leaf_node *, size);
	const char *k;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)m->raw, k, v) {
		if (is_own(k))
			continue;
		child[n] = setting(r, m->raw, k, v);
		if (!child[n])
			continue;
		key[n++] = k;
	}
	struct leaf_node *node = leaf_node_object(key, child, n, r->l->a);
	m->node = node;
	m->has_template = !node->value;
	m->config = as_written(node, r->l->a);
}

static void read_metric(struct reader *r, const json_t *metrics, const char *name,
			const json_t *value, struct metric_conf *m)
{
	const struct doc *d = r->s->doc;
	*m = (struct metric_conf){ .name = name, .doc = d, .weight = 1 };
	m->at = doc_pos_key(d, metrics, name);
	m->raw = json_is_object(value) ? value : arena_json(r->l->a, json_object());
	m->scorer = json_is_object(value) ? json_get_str(value, "scorer") : json_str(value);
	m->scorer_at = json_is_object(value) ? member_pos(d, value, "scorer") :
					       doc_pos_member(d, metrics, name);
	m->negated = str_starts(m->scorer, STR("not-"));
	if (m->negated)
		m->scorer = str_sub(m->scorer, strlen("not-"), m->scorer.n);
	if (json_is_number(json_object_get(m->raw, "weight")))
		m->weight = json_number_value(json_object_get(m->raw, "weight"));
	struct str with = json_get_str(m->raw, "with");
	m->with = with.p ? arena_cstr(r->l->a, with) : NULL;
	settings(r, m);
}

void metrics_load(struct loader *l, const struct side *s, const json_t *suite,
		  struct suite_conf *out, struct artifacts *artifacts, json_t *id)
{
	const json_t *metrics = json_object_get(suite, "metrics");
	const char *name;
	json_t *value;
	out->metric = arena_array(l->a, struct metric_conf, json_object_size(metrics));
	json_object_foreach((json_t *)(uintptr_t)metrics, name, value) {
		struct reader r = { .l = l, .s = s, .suite = out, .artifacts = artifacts };
		r.id = json_is_object(value) ? json_copy(value) : json_pack("{sO}", "scorer", value);
		read_metric(&r, metrics, name, value, &out->metric[out->nmetric++]);
		json_object_set_new(id, name, r.id);
	}
}
