/* Which URI, anchor and dialect stands where in the documents of a schema. */
#include "base/embed.h"
#include "base/limits.h"
#include "doc/pointer.h"
#include "doc/schema_impl.h"

enum shape { SHAPE_ONE, SHAPE_LIST, SHAPE_MAP, SHAPE_ONE_OR_LIST };

static const struct {
	const char *keyword;
	enum shape shape;
} places[] = {
	{ "additionalItems", SHAPE_ONE },
	{ "additionalProperties", SHAPE_ONE },
	{ "allOf", SHAPE_LIST },
	{ "anyOf", SHAPE_LIST },
	{ "contains", SHAPE_ONE },
	{ "contentSchema", SHAPE_ONE },
	{ "$defs", SHAPE_MAP },
	{ "definitions", SHAPE_MAP },
	{ "dependencies", SHAPE_MAP },
	{ "dependentSchemas", SHAPE_MAP },
	{ "else", SHAPE_ONE },
	{ "if", SHAPE_ONE },
	{ "items", SHAPE_ONE_OR_LIST },
	{ "not", SHAPE_ONE },
	{ "oneOf", SHAPE_LIST },
	{ "patternProperties", SHAPE_MAP },
	{ "prefixItems", SHAPE_LIST },
	{ "properties", SHAPE_MAP },
	{ "propertyNames", SHAPE_ONE },
	{ "then", SHAPE_ONE },
	{ "unevaluatedItems", SHAPE_ONE },
	{ "unevaluatedProperties", SHAPE_ONE },
};

#define META_2020 "https://json-schema.org/draft/2020-12/"
#define META_7 "http://json-schema.org/draft-07/schema"

struct str schema_key_of(const json_t *const *j)
{
	return (struct str){ .p = (const char *)j, .n = sizeof(*j) };
}

struct schema_resource *schema_resource_of(const struct schema *s, const json_t *j)
{
	return map_get(&s->by_json, schema_key_of(&j));
}

static const json_t *member(const json_t *j, const char *key)
{
	return json_object_get(j, key);
}

static struct str text_of(const json_t *j, const char *key)
{
	return json_get_str(j, key);
}

static const json_t *extra_named(const struct schema *s, struct str uri)
{
	for (size_t i = 0; s->opts && i < s->opts->n_extra; i++)
		if (str_eqc(uri, s->opts->extra[i].uri))
			return s->opts->extra[i].root;
	return NULL;
}

/* Draft and vocabularies by `$schema`. */
static void set_dialect(struct schema *s, struct schema_resource *r)
{
	struct str fragment, uri = schema_uri_cut(text_of(r->root, "$schema"), &fragment, s->arena);
	if (!uri.n)
		return;
	if (str_starts(uri, STR(META_2020)))
		r->draft = SCHEMA_DRAFT_2020;
	else if (str_eqc(uri, META_7))
		r->draft = SCHEMA_DRAFT_7;
	r->validates = true;
	const json_t *vocabulary = member(extra_named(s, uri), "$vocabulary");
	if (!json_is_object(vocabulary))
		return;
	r->validates = member(vocabulary, META_2020 "vocab/validation") != NULL;
	r->formats = r->formats || member(vocabulary, META_2020 "vocab/format-assertion");
}

static struct schema_resource *add_resource(struct schema *s, const json_t *j, struct str uri,
					    const struct schema_resource *parent,
					    enum schema_draft draft)
{
	struct schema_resource *r = arena_new(s->arena, struct schema_resource);
	r->uri = arena_str(s->arena, uri);
	r->root = j;
	r->draft = parent ? parent->draft : draft;
	r->validates = parent ? parent->validates : true;
	r->formats = parent ? parent->formats : s->opts && s->opts->assert_format;
	map_init(&r->anchor, s->arena);
	map_init(&r->dynamic, s->arena);
	set_dialect(s, r);
	if (!map_has(&s->by_uri, uri))
		map_put(&s->by_uri, uri, r);
	*vec_push(&s->resources, s->arena) = r;
	return r;
}

struct walk {
	const json_t *json;
	struct schema_resource *res;
};

struct todo {
	VEC(struct walk) list;
};

static void later(struct schema *s, struct todo *t, const json_t *j, struct schema_resource *r)
{
	if (json_is_object(j) && !schema_resource_of(s, j))
		*vec_push(&t->list, s->arena) = (struct walk){ .json = j, .res = r };
}

static void visit_children(struct schema *s, struct todo *t, const json_t *j,
			   struct schema_resource *r)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		json_t *v = json_object_get(j, places[i].keyword);
		if (json_is_array(v))
			for (size_t k = 0; k < json_array_size(v); k++)
				later(s, t, json_array_get(v, k), r);
		else if (places[i].shape != SHAPE_MAP)
			later(s, t, v, r);
		else
			for (void *it = json_object_iter(v); it; it = json_object_iter_next(v, it))
				later(s, t, json_object_iter_value(it), r);
	}
}

static void put_anchor(struct schema *s, struct map *m, struct str name, const json_t *j)
{
	(void)s;
	if (name.n && !map_has(m, name))
		map_put(m, name, (void *)(uintptr_t)j);
}

/* Names of one object; returns the resource it belongs to. */
static struct schema_resource *visit(struct schema *s, const json_t *j, struct schema_resource *r)
{
	struct str id = text_of(j, "$id"), fragment;
	bool shadowed = r->draft == SCHEMA_DRAFT_7 && member(j, "$ref");
	if (id.n && j != r->root && !shadowed) {
		struct str uri = schema_uri_cut(schema_uri_join(r->uri, id, s->arena), &fragment, s->arena);
		if (id.p[0] != '#')
			r = add_resource(s, j, uri, r, r->draft);
	} else if (id.n) {
		schema_uri_cut(id, &fragment, s->arena);
	}
	if (id.n && !shadowed && r->draft == SCHEMA_DRAFT_7)
		put_anchor(s, &r->anchor, fragment, j);
	if (r->draft == SCHEMA_DRAFT_2020) {
		put_anchor(s, &r->anchor, text_of(j, "$anchor"), j);
		put_anchor(s, &r->anchor, text_of(j, "$dynamicAnchor"), j);
		put_anchor(s, &r->dynamic, text_of(j, "$dynamicAnchor"), j);
	}
	map_put(&s->by_json, schema_key_of(&j), r);
	return r;
}

static void index_from(struct schema *s, const json_t *j, struct schema_resource *r)
{
	struct todo t = { .list = { .n = 0 } };
	later(s, &t, j, r);
	while (t.list.n) {
		struct walk w = t.list.v[--t.list.n];
		if (schema_resource_of(s, w.json))
			continue;
		visit_children(s, &t, w.json, visit(s, w.json, w.res));
	}
}

int schema_index_document(struct schema *s, const json_t *j, struct str uri, enum schema_draft draft,
			  struct err *err)
{
	struct str fragment, id = text_of(j, "$id");
	(void)err;
	/* `$id` is resolved against the URI the document was found at. */
	struct str base = schema_uri_cut(schema_uri_join(uri, id, s->arena), &fragment, s->arena);
	struct schema_resource *r = add_resource(s, j, base, NULL, draft);
	if (r->draft == SCHEMA_DRAFT_7 && member(j, "$ref") && uri.n)
		r->uri = uri;
	if (uri.n && !map_has(&s->by_uri, uri))
		map_put(&s->by_uri, uri, r);
	index_from(s, j, r);
	return 0;
}

bool schema_meta_load(struct schema *s, struct str uri)
{
	const char *name = NULL;
	struct str bytes;
	if (str_eqc(uri, META_7))
		name = "schema/meta/draft-07.json";
	else if (str_eqc(uri, META_2020 "schema"))
		name = "schema/meta/2020-12/schema.json";
	else if (str_starts(uri, STR(META_2020 "meta/")))
		name = arena_fmt(s->arena, "schema/meta/2020-12/%.*s.json",
				 STR_ARGS(str_sub(uri, sizeof(META_2020 "meta/") - 1, uri.n)));
	if (!name || !embed_find(name, &bytes))
		return false;
	const json_t *j = json_lenient(s->arena, bytes, NULL);
	return j && !schema_index_document(s, j, uri, SCHEMA_DRAFT_2020, NULL);
}

static struct schema_resource *find_resource(struct schema *s, struct str uri)
{
	struct schema_resource *r = map_get(&s->by_uri, uri);
	if (!r && schema_meta_load(s, uri))
		r = map_get(&s->by_uri, uri);
	return r;
}

/* Follow a JSON Pointer; what it passes may belong to other resources. */
static const json_t *follow(struct schema *s, struct schema_resource **res, struct str pointer)
{
	const json_t *j = (*res)->root;
	struct str token;
	size_t i;
	while (j && pointer.n) {
		if (!pointer_next(&pointer, &token, s->arena))
			return NULL;
		if (json_is_object(j))
			j = json_object_getn(j, token.p, token.n);
		else if (json_is_array(j) && pointer_index(token, json_array_size(j), &i))
			j = json_array_get(j, i);
		else
			return NULL;
		struct schema_resource *r = json_is_object(j) ? schema_resource_of(s, j) : NULL;
		*res = r ? r : *res;
	}
	if (json_is_object(j) && !schema_resource_of(s, j))
		index_from(s, j, *res);
	if (json_is_object(j))
		*res = schema_resource_of(s, j);
	return j;
}

int schema_resolve(struct schema *s, struct schema_resource *from, struct str ref,
		   const json_t **target, struct schema_resource **res, struct str *dynamic,
		   struct err *err)
{
	struct str fragment;
	struct str uri = schema_uri_cut(schema_uri_join(from->uri, ref, s->arena), &fragment, s->arena);
	struct schema_resource *r = str_eq(uri, from->uri) ? from : find_resource(s, uri);
	*dynamic = (struct str){ .p = NULL };
	if (!r)
		return err_set(err, ERR_ARTIFACT, "reference '%.*s' names a document that is not here; "
			       "nothing is fetched", STR_ARGS(ref));
	if (!fragment.n || fragment.p[0] == '/') {
		*target = follow(s, &r, fragment);
	} else {
		*target = map_get(&r->anchor, fragment);
		if (map_has(&r->dynamic, fragment))
			*dynamic = fragment;
	}
	if (!json_is_object(*target) && !json_is_boolean(*target))
		return err_set(err, ERR_ARTIFACT, "reference '%.*s' names no schema", STR_ARGS(ref));
	*res = r;
	return 0;
}
