#include "suite/leaf.h"

#include "base/limits.h"
#include "suite/suite.h"

struct pos leaf_pos(const struct leaf *l, size_t offset)
{
	if (l->file)
		return template_pos(l->file, l->whole, l->base + offset);
	return doc_pos_inside(l->doc, l->container, l->key, l->index, offset);
}

bool leaf_compile(struct leaf *l, enum template_syntax syntax, struct arena *a, struct diags *d)
{
	struct template_error e = { .offset = 0 };
	struct template *t = NULL;
	l->t = NULL;
	if (template_is_plain(l->text))
		return true;
	if (template_compile(&t, l->text, syntax, a, &e)) {
		diag_add(d, leaf_pos(l, e.offset), "template", "%s", e.msg);
		if (e.hint[0])
			diag_hint(d, "%s", e.hint);
		return false;
	}
	l->t = t;
	return true;
}

static int cannot_render(const struct leaf *l, const struct template_error *e, struct err *err)
{
	return err_at(err, leaf_pos(l, e->offset), "%s%s%s", e->msg, e->hint[0] ? "; " : "", e->hint);
}

int leaf_text(const struct leaf *l, const json_t *vars, struct str *out, struct arena *a,
	      struct err *err)
{
	struct template_error e = { .offset = 0 };
	struct buf b;
	if (!l->t) {
		*out = l->text;
		return 0;
	}
	buf_init(&b, TEMPLATE_OUT_MAX);
	int rc = template_render(l->t, vars, &b, &e);
	if (!rc && b.over)
		rc = err_at(err, leaf_pos(l, 0), "the rendered text is larger than %zu bytes",
			    TEMPLATE_OUT_MAX);
	else if (rc)
		cannot_render(l, &e, err);
	else
		*out = b.n ? arena_str(a, buf_str(&b)) : STR("");
	buf_release(&b);
	return rc ? -1 : 0;
}

int leaf_value(const struct leaf *l, const json_t *vars, const json_t **out, struct arena *a,
	       struct err *err)
{
	struct template_error e = { .offset = 0 };
	if (!l->t)
		*out = arena_json(a, json_from_str(l->text));
	else if (template_value(l->t, vars, a, out, &e))
		return cannot_render(l, &e, err);
	return 0;
}

struct leaf_node *leaf_node_const(const json_t *value, struct arena *a)
{
	struct leaf_node *n = arena_new(a, struct leaf_node);
	n->value = value;
	return n;
}

static struct leaf_node *string_node(const struct doc *doc, const json_t *container,
				     const char *key, size_t index, const json_t *value,
				     struct arena *a, struct diags *d)
{
	struct leaf_node *n = leaf_node_const(value, a);
	struct leaf l = { .text = json_str(value), .doc = doc, .container = container,
			  .key = key, .index = index };
	if (!leaf_compile(&l, TEMPLATE_JINJA, a, d) || !l.t)
		return n;
	n->value = NULL;
	n->leaf = arena_new(a, struct leaf);
	*n->leaf = l;
	return n;
}

/* A container needs rendering when one of its members does. */
static struct leaf_node *settle(struct leaf_node *n, const json_t *whole)
{
	for (size_t i = 0; i < n->n; i++)
		if (!n->child[i]->value)
			return n;
	n->value = whole;
	return n;
}

static struct leaf_node *array_node(const struct doc *doc, const json_t *value, struct arena *a,
				    struct diags *d)
{
	struct leaf_node *n = arena_new(a, struct leaf_node);
	n->n = json_array_size(value);
	n->child = arena_array(a, struct leaf_node *, n->n);
	for (size_t i = 0; i < n->n; i++)
		n->child[i] = leaf_node_build(doc, value, NULL, i, json_array_get(value, i), a, d);
	return settle(n, value);
}

static struct leaf_node *object_node(const struct doc *doc, const json_t *value, struct arena *a,
				     struct diags *d)
{
	struct leaf_node *n = arena_new(a, struct leaf_node);
	const char *key;
	json_t *v;
	size_t size = json_object_size(value);
	n->key = arena_array(a, const char *, size);
	n->child = arena_array(a, struct leaf_node *, size);
	json_object_foreach((json_t *)(uintptr_t)value, key, v) {
		n->key[n->n] = key;
		n->child[n->n++] = leaf_node_build(doc, value, key, 0, v, a, d);
	}
	return settle(n, value);
}

struct leaf_node *leaf_node_build(const struct doc *doc, const json_t *container, const char *key,
				  size_t index, const json_t *value, struct arena *a,
				  struct diags *d)
{
	if (json_is_string(value))
		return string_node(doc, container, key, index, value, a, d);
	if (json_is_array(value))
		return array_node(doc, value, a, d);
	if (json_is_object(value))
		return object_node(doc, value, a, d);
	return leaf_node_const(value, a);
}

struct leaf_node *leaf_node_object(const char **key, struct leaf_node **child, size_t n,
				   struct arena *a)
{
	struct leaf_node *node = arena_new(a, struct leaf_node);
	json_t *whole = arena_json(a, json_object());
	*node = (struct leaf_node){ .key = key, .child = child, .n = n };
	for (size_t i = 0; i < n; i++)
		if (child[i]->value)
			json_object_set(whole, key[i], (json_t *)(uintptr_t)child[i]->value);
	return settle(node, whole);
}

int leaf_node_render(const struct leaf_node *n, const json_t *vars, const json_t **out,
		     struct arena *a, struct err *err)
{
	if (n->value) {
		*out = n->value;
		return 0;
	}
	if (n->leaf)
		return leaf_value(n->leaf, vars, out, a, err);
	json_t *made = arena_json(a, n->key ? json_object() : json_array());
	for (size_t i = 0; i < n->n; i++) {
		const json_t *v = NULL;
		if (leaf_node_render(n->child[i], vars, &v, a, err))
			return -1;
		if (n->key)
			json_object_set(made, n->key[i], (json_t *)(uintptr_t)v);
		else
			json_array_append(made, (json_t *)(uintptr_t)v);
	}
	*out = made;
	return 0;
}

void leaf_node_each(const struct leaf_node *n, void (*fn)(const struct leaf *l, void *ctx),
		    void *ctx)
{
	if (n->leaf)
		fn(n->leaf, ctx);
	for (size_t i = 0; !n->value && i < n->n; i++)
		leaf_node_each(n->child[i], fn, ctx);
}

int config_render(const json_t **out, const struct metric_conf *m, const json_t *vars,
		  struct arena *a, struct err *err)
{
	if (!m->node || !m->has_template) {
		*out = m->config;
		return 0;
	}
	return leaf_node_render(m->node, vars, out, a, err);
}
