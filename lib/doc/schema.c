#include "doc/schema.h"

#include "base/limits.h"
#include "doc/schema_impl.h"

enum want { ANY, SCHEMA, SCHEMAS, SCHEMA_MAP, NUMBER, COUNT, TEXT, LIST, FLAG, OBJECT };

/* Every keyword that does something, in the order it is checked: unevaluated* last. */
static const struct {
	const char *keyword;
	enum want want;
	signed char draft; /* -1 both */
	bool validation;   /* belongs to the validation vocabulary */
} keywords[] = {
	{ "$ref", TEXT, -1, false },
	{ "$dynamicRef", TEXT, SCHEMA_DRAFT_2020, false },
	{ "type", ANY, -1, true },
	{ "const", ANY, -1, true },
	{ "enum", LIST, -1, true },
	{ "multipleOf", NUMBER, -1, true },
	{ "maximum", NUMBER, -1, true },
	{ "exclusiveMaximum", NUMBER, -1, true },
	{ "minimum", NUMBER, -1, true },
	{ "exclusiveMinimum", NUMBER, -1, true },
	{ "maxLength", COUNT, -1, true },
	{ "minLength", COUNT, -1, true },
	{ "pattern", TEXT, -1, true },
	{ "format", TEXT, -1, false },
	{ "maxItems", COUNT, -1, true },
	{ "minItems", COUNT, -1, true },
	{ "uniqueItems", FLAG, -1, true },
	{ "maxProperties", COUNT, -1, true },
	{ "minProperties", COUNT, -1, true },
	{ "required", LIST, -1, true },
	{ "dependentRequired", OBJECT, SCHEMA_DRAFT_2020, true },
	{ "dependentSchemas", SCHEMA_MAP, SCHEMA_DRAFT_2020, false },
	{ "dependencies", OBJECT, -1, false },
	{ "propertyNames", SCHEMA, -1, false },
	{ "properties", SCHEMA_MAP, -1, false },
	{ "patternProperties", SCHEMA_MAP, -1, false },
	{ "additionalProperties", SCHEMA, -1, false },
	{ "prefixItems", SCHEMAS, SCHEMA_DRAFT_2020, false },
	{ "items", ANY, -1, false },
	{ "additionalItems", SCHEMA, SCHEMA_DRAFT_7, false },
	{ "contains", SCHEMA, -1, false },
	{ "allOf", SCHEMAS, -1, false },
	{ "anyOf", SCHEMAS, -1, false },
	{ "oneOf", SCHEMAS, -1, false },
	{ "not", SCHEMA, -1, false },
	{ "if", SCHEMA, -1, false },
	{ "unevaluatedItems", SCHEMA, SCHEMA_DRAFT_2020, false },
	{ "unevaluatedProperties", SCHEMA, SCHEMA_DRAFT_2020, false },
};

static bool is_schema(const json_t *j)
{
	return json_is_object(j) || json_is_boolean(j);
}

static bool has_shape(const json_t *v, enum want want)
{
	switch (want) {
	case ANY:
		return true;
	case SCHEMA:
		return is_schema(v);
	case SCHEMAS:
		for (size_t i = 0; i < json_array_size(v); i++)
			if (!is_schema(json_array_get(v, i)))
				return false;
		return json_is_array(v);
	case SCHEMA_MAP:
		for (void *it = json_object_iter((json_t *)(uintptr_t)v); it;
		     it = json_object_iter_next((json_t *)(uintptr_t)v, it))
			if (!is_schema(json_object_iter_value(it)))
				return false;
		return json_is_object(v);
	case NUMBER:
		return json_is_number(v);
	case COUNT:
		return json_is_number(v) && schema_is_integer(v) && json_number_value(v) >= 0;
	case TEXT:
		return json_is_string(v);
	case LIST:
		return json_is_array(v);
	case FLAG:
		return json_is_boolean(v);
	case OBJECT:
		return json_is_object(v);
	}
	return false;
}

static struct schema_node *node_for(struct schema *s, const json_t *j, struct schema_resource *r)
{
	if (json_is_boolean(j))
		return json_is_true(j) ? s->always : s->never;
	struct schema_node *n = map_get(&s->nodes, schema_key_of(&j));
	if (n)
		return n;
	n = arena_new(s->arena, struct schema_node);
	n->json = j;
	n->res = schema_resource_of(s, j);
	n->res = n->res ? n->res : r;
	n->res->touched = true;
	n->fixed = -1;
	map_put(&s->nodes, schema_key_of(&j), n);
	*vec_push(&s->pending, s->arena) = n;
	return n;
}

static void take_list(struct schema *s, struct schema_rule *r, const json_t *v)
{
	r->n = json_array_size(v);
	r->list = arena_array(s->arena, struct schema_node *, r->n);
	for (size_t i = 0; i < r->n; i++)
		r->list[i] = node_for(s, json_array_get(v, i), r->owner->res);
}

static void take_members(struct schema *s, struct schema_rule *r, const json_t *v)
{
	json_t *o = (json_t *)(uintptr_t)v;
	map_init(&r->members, s->arena);
	for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it))
		if (is_schema(json_object_iter_value(it)))
			map_put(&r->members, str_c(json_object_iter_key(it)),
				node_for(s, json_object_iter_value(it), r->owner->res));
}

static int take_patterns(struct schema *s, struct schema_rule *r, const json_t *v, struct err *err)
{
	json_t *o = (json_t *)(uintptr_t)v;
	r->pattern = arena_array(s->arena, struct schema_pattern, json_object_size(v));
	for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it)) {
		struct schema_pattern *p = &r->pattern[r->n_pattern++];
		p->text = str_c(json_object_iter_key(it));
		p->node = node_for(s, json_object_iter_value(it), r->owner->res);
		if (regex_compile(&p->re, p->text, 0, s->arena, err))
			return -1;
	}
	return 0;
}

static int take_types(struct schema_rule *r, const json_t *v, struct err *err)
{
	size_t n = json_is_array(v) ? json_array_size(v) : 1;
	for (size_t i = 0; i < n; i++) {
		struct str name = json_str(json_is_array(v) ? json_array_get(v, i) : v);
		unsigned bit = schema_type_bit(name);
		if (!bit)
			return err_set(err, ERR_ARTIFACT, "'type' of a schema names no JSON type");
		r->types |= bit;
	}
	return 0;
}

static int take_ref(struct schema *s, struct schema_rule *r, const json_t *v, struct err *err)
{
	const json_t *target;
	struct schema_resource *res;
	struct str dynamic;
	if (schema_resolve(s, r->owner->res, json_str(v), &target, &res, &dynamic, err))
		return -1;
	r->node = node_for(s, target, res);
	if (!strcmp(r->keyword, "$dynamicRef") && dynamic.p) {
		r->dynamic = dynamic;
		*vec_push(&s->dynamic_names, s->arena) = dynamic;
	}
	return 0;
}

static int take_pattern(struct schema *s, struct schema_rule *r, const json_t *v, struct err *err)
{
	r->pattern = arena_new(s->arena, struct schema_pattern);
	r->n_pattern = 1;
	r->pattern->text = json_str(v);
	return regex_compile(&r->pattern->re, json_str(v), 0, s->arena, err);
}

static void take_contains(struct schema_rule *r)
{
	const json_t *min = json_object_get(r->owner->json, "minContains");
	const json_t *max = json_object_get(r->owner->json, "maxContains");
	bool counts = r->owner->res->draft == SCHEMA_DRAFT_2020 && r->owner->res->validates;
	r->low = counts && json_is_number(min) ? json_number_value(min) : 1;
	r->high = counts && json_is_number(max) ? json_number_value(max) : 1e300;
}

static void take_if(struct schema *s, struct schema_rule *r)
{
	const json_t *branch[2] = { json_object_get(r->owner->json, "then"),
				    json_object_get(r->owner->json, "else") };
	r->n = 2;
	r->list = arena_array(s->arena, struct schema_node *, 2);
	for (size_t i = 0; i < 2; i++)
		r->list[i] = is_schema(branch[i]) ? node_for(s, branch[i], r->owner->res) : s->always;
}

static int take_items(struct schema *s, struct schema_rule *r, const json_t *v, struct err *err)
{
	if (is_schema(v))
		r->node = node_for(s, v, r->owner->res);
	else if (r->owner->res->draft == SCHEMA_DRAFT_7 && has_shape(v, SCHEMAS))
		take_list(s, r, v);
	else
		return err_set(err, ERR_ARTIFACT, "'items' of a schema must be a schema");
	return 0;
}

static int take(struct schema *s, struct schema_rule *r, const json_t *v, enum want want,
		struct err *err)
{
	const char *k = r->keyword;
	if (!strcmp(k, "$ref") || !strcmp(k, "$dynamicRef"))
		return take_ref(s, r, v, err);
	if (!strcmp(k, "type"))
		return take_types(r, v, err);
	if (!strcmp(k, "pattern"))
		return take_pattern(s, r, v, err);
	if (!strcmp(k, "patternProperties"))
		return take_patterns(s, r, v, err);
	if (!strcmp(k, "items"))
		return take_items(s, r, v, err);
	if (!strcmp(k, "multipleOf") && json_number_value(v) <= 0)
		return err_set(err, ERR_ARTIFACT, "'multipleOf' of a schema must be above 0");
	if (!strcmp(k, "format"))
		r->format = schema_format_id(json_str(v));
	if (want == SCHEMAS)
		take_list(s, r, v);
	if (want == SCHEMA_MAP || !strcmp(k, "dependencies"))
		take_members(s, r, v);
	if (want == SCHEMA)
		r->node = node_for(s, v, r->owner->res);
	if (!strcmp(k, "if"))
		take_if(s, r);
	if (!strcmp(k, "contains"))
		take_contains(r);
	if (!strncmp(k, "unevaluated", 11))
		s->marks = true;
	return 0;
}

/* Does keyword i of the table count for this node? */
static bool applies(const struct schema_node *n, size_t i)
{
	const struct schema_resource *res = n->res;
	if (keywords[i].draft >= 0 && keywords[i].draft != (int)res->draft)
		return false;
	if (keywords[i].validation && !res->validates)
		return false;
	if (!strcmp(keywords[i].keyword, "format") && !res->formats)
		return false;
	bool only_ref = res->draft == SCHEMA_DRAFT_7 && json_is_string(json_object_get(n->json, "$ref"));
	return !only_ref || i == 0;
}

static int compile_node(struct schema *s, struct schema_node *n, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		const json_t *v = json_object_get(n->json, keywords[i].keyword);
		if (!v || !applies(n, i))
			continue;
		if (!has_shape(v, keywords[i].want))
			return err_set(err, ERR_ARTIFACT, "'%s' of a schema cannot be %s %s",
				       keywords[i].keyword, json_is_array(v) ? "this" : "a",
				       json_type_name(v));
		struct schema_rule *r = vec_push(&n->rule, s->arena);
		*r = (struct schema_rule){ .keyword = keywords[i].keyword,
					   .check = schema_check_named(keywords[i].keyword),
					   .value = v,
					   .owner = n };
		if (take(s, r, v, keywords[i].want, err))
			return -1;
	}
	return 0;
}

static int drain(struct schema *s, struct err *err)
{
	while (s->pending.n)
		if (compile_node(s, s->pending.v[--s->pending.n], err))
			return -1;
	return 0;
}

/* A $dynamicRef may land in any resource on the way to it that has its anchor. */
static void add_dynamic_targets(struct schema *s)
{
	for (size_t i = 0; i < s->dynamic_names.n; i++)
		for (size_t k = 0; k < s->resources.n; k++) {
			struct schema_resource *r = s->resources.v[k];
			const json_t *j = r->touched ? map_get(&r->dynamic, s->dynamic_names.v[i]) : NULL;
			if (j)
				node_for(s, j, r);
		}
}

static int compile_all(struct schema *s, struct err *err)
{
	do {
		if (drain(s, err))
			return -1;
		add_dynamic_targets(s);
	} while (s->pending.n);
	return 0;
}

int schema_compile(struct schema **out, const json_t *schema, const struct schema_opts *opts,
		   struct arena *a, struct err *err)
{
	struct schema *s = arena_new(a, struct schema);
	static const struct schema_opts plain = { .draft = SCHEMA_DRAFT_2020 };
	s->arena = a;
	s->opts = opts ? opts : &plain;
	map_init(&s->by_uri, a);
	map_init(&s->by_json, a);
	map_init(&s->nodes, a);
	s->always = arena_new(a, struct schema_node);
	s->always->fixed = 1;
	s->never = arena_new(a, struct schema_node);
	if (!is_schema(schema))
		return err_set(err, ERR_ARTIFACT, "a schema must be an object, found %s",
			       json_type_name(schema));
	for (size_t i = 0; i < s->opts->n_extra; i++) {
		const struct schema_extra *x = &s->opts->extra[i];
		if (json_is_object(x->root) &&
		    schema_index_document(s, x->root, str_c(x->uri), s->opts->draft, err))
			return -1;
	}
	if (json_is_object(schema) && schema_index_document(s, schema, STR(""), s->opts->draft, err))
		return -1;
	s->root = node_for(s, schema, NULL);
	if (compile_all(s, err))
		return -1;
	s->opts = NULL;
	*out = s;
	return 0;
}
