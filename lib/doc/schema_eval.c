/* The keywords.  Each check says yes or no; where failures are collected it also goes on to
 * find all of them. */
#include "base/limits.h"
#include "base/utf8.h"
#include "doc/schema_impl.h"

static bool search(struct schema_eval *e, const struct schema_at *at, const struct schema_pattern *p,
		   struct str text)
{
	struct err err;
	int found = regex_search(p->re, text, NULL, &err);
	if (found < 0)
		schema_fail_limit(e, at, err.msg);
	return found > 0;
}

static bool fail(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at)
{
	schema_fail(e, r, at);
	return false;
}

/* Should a check go on after a failure?  Only where all failures are wanted or marks are kept. */
static bool goes_on(const struct schema_eval *e)
{
	return e->list && !e->limit && e->told < SCHEMA_FAILS_MAX;
}

static void merge_marks(struct schema_eval *e, struct schema_marks *into, struct schema_marks *from,
			const json_t *value)
{
	for (size_t i = 0; i < from->keys.entry.n; i++)
		map_put(&into->keys, from->keys.entry.v[i].key, into);
	if (from->n_items > into->n_items)
		into->n_items = from->n_items;
	if (!from->items)
		return;
	if (!into->items)
		into->items = arena_array(e->arena, bool, json_array_size(value));
	for (size_t i = 0; i < json_array_size(value); i++)
		into->items[i] = into->items[i] || from->items[i];
}

/* Another schema on the same value: what it looked at counts when it holds. */
static bool in_place(struct schema_eval *e, const struct schema_node *n, const struct schema_at *at,
		     struct schema_marks *m)
{
	if (!m)
		return schema_eval_node(e, n, at, NULL);
	struct schema_marks own = { .items = NULL };
	map_init(&own.keys, e->arena);
	bool ok = schema_eval_node(e, n, at, &own);
	if (ok)
		merge_marks(e, m, &own, at->value);
	return ok;
}

/* The same, its failures put aside in *fails. */
static bool aside(struct schema_eval *e, const struct schema_node *n, const struct schema_at *at,
		  struct schema_marks *m, struct schema_fails *fails)
{
	struct schema_fails *list = e->list;
	e->list = list ? fails : NULL;
	bool ok = in_place(e, n, at, m);
	e->list = list;
	return ok;
}

static struct schema_marks *marks_new(struct schema_eval *e)
{
	if (!e->schema->marks)
		return NULL;
	struct schema_marks *m = arena_new(e->arena, struct schema_marks);
	map_init(&m->keys, e->arena);
	return m;
}

static bool on_member(struct schema_eval *e, const struct schema_node *n, const struct schema_at *at,
		      const char *key, const json_t *v)
{
	const struct schema_at child = { .up = at, .value = v, .key = key };
	return schema_eval_node(e, n, &child, marks_new(e));
}

static bool on_item(struct schema_eval *e, const struct schema_node *n, const struct schema_at *at,
		    size_t i)
{
	const struct schema_at child = { .up = at, .value = json_array_get(at->value, i), .index = i };
	return schema_eval_node(e, n, &child, marks_new(e));
}

static void mark_key(struct schema_marks *m, const char *key)
{
	if (m)
		map_put(&m->keys, str_c(key), m);
}

#define CHECK(name)                                                                              \
	static bool name(struct schema_eval *e, const struct schema_rule *r,                     \
			 const struct schema_at *at, struct schema_marks *m)
#define EACH_MEMBER(it, object)                                                                  \
	for (void *it = json_object_iter((json_t *)(uintptr_t)(object)); it;                     \
	     it = json_object_iter_next((json_t *)(uintptr_t)(object), it))

CHECK(check_ref)
{
	const struct schema_node *n = r->node;
	for (size_t i = 0; r->dynamic.p && i < e->n_scope; i++) {
		const json_t *j = map_get(&e->scope[i]->dynamic, r->dynamic);
		const struct schema_node *found = j ? map_get(&e->schema->nodes, schema_key_of(&j)) : NULL;
		if (found) {
			n = found;
			break;
		}
	}
	return in_place(e, n, at, m);
}

static unsigned type_of(const json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return TYPE_OBJECT;
	case JSON_ARRAY:
		return TYPE_ARRAY;
	case JSON_STRING:
		return TYPE_STRING;
	case JSON_INTEGER:
	case JSON_REAL:
		return TYPE_NUMBER | (schema_is_integer(j) ? TYPE_INTEGER : 0);
	case JSON_TRUE:
	case JSON_FALSE:
		return TYPE_BOOLEAN;
	case JSON_NULL:
		return TYPE_NULL;
	}
	return 0;
}

CHECK(check_type)
{
	(void)m;
	return (type_of(at->value) & r->types) || fail(e, r, at);
}

CHECK(check_const)
{
	(void)m;
	return schema_equal(r->value, at->value) || fail(e, r, at);
}

CHECK(check_enum)
{
	(void)m;
	for (size_t i = 0; i < json_array_size(r->value); i++)
		if (schema_equal(json_array_get(r->value, i), at->value))
			return true;
	return fail(e, r, at);
}

CHECK(check_number)
{
	(void)m;
	const char *k = r->keyword;
	if (!json_is_number(at->value))
		return true;
	bool ok;
	if (!strcmp(k, "multipleOf"))
		ok = schema_multiple(at->value, r->value);
	else if (!strcmp(k, "maximum"))
		ok = schema_compare(at->value, r->value) <= 0;
	else if (!strcmp(k, "minimum"))
		ok = schema_compare(at->value, r->value) >= 0;
	else if (!strcmp(k, "exclusiveMaximum"))
		ok = schema_compare(at->value, r->value) < 0;
	else
		ok = schema_compare(at->value, r->value) > 0;
	return ok || fail(e, r, at);
}

CHECK(check_size)
{
	(void)m;
	const char *what = r->keyword + 3;
	double n, limit = json_number_value(r->value);
	if (!strcmp(what, "Length") && json_is_string(at->value))
		n = (double)utf8_count(json_str(at->value));
	else if (!strcmp(what, "Items") && json_is_array(at->value))
		n = (double)json_array_size(at->value);
	else if (!strcmp(what, "Properties") && json_is_object(at->value))
		n = (double)json_object_size(at->value);
	else
		return true;
	return (r->keyword[1] == 'a' ? n <= limit : n >= limit) || fail(e, r, at);
}

CHECK(check_pattern)
{
	(void)m;
	if (!json_is_string(at->value))
		return true;
	return search(e, at, r->pattern, json_str(at->value)) || fail(e, r, at);
}

CHECK(check_format)
{
	(void)m;
	if (!json_is_string(at->value) || schema_format_ok(r->format, json_str(at->value)))
		return true;
	return fail(e, r, at);
}

struct hashed {
	uint64_t hash;
	const json_t *value;
};

static int by_hash(const void *a, const void *b)
{
	uint64_t x = ((const struct hashed *)a)->hash, y = ((const struct hashed *)b)->hash;
	return x < y ? -1 : x > y;
}

CHECK(check_unique)
{
	(void)m;
	size_t n = json_array_size(at->value);
	if (!json_is_true(r->value) || n < 2)
		return true;
	struct hashed *h = arena_array(e->arena, struct hashed, n);
	for (size_t i = 0; i < n; i++)
		h[i] = (struct hashed){ schema_hash(json_array_get(at->value, i)),
					json_array_get(at->value, i) };
	qsort(h, n, sizeof(*h), by_hash);
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n && h[k].hash == h[i].hash; k++)
			if (schema_equal(h[i].value, h[k].value))
				return fail(e, r, at);
	return true;
}

static bool has_all(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at,
		    const json_t *names)
{
	bool ok = true;
	for (size_t i = 0; i < json_array_size(names) && (ok || goes_on(e)); i++) {
		const char *key = json_string_value(json_array_get(names, i));
		if (!key || json_object_get(at->value, key))
			continue;
		schema_fail_key(e, r, at, key);
		ok = false;
	}
	return ok;
}

CHECK(check_required)
{
	(void)m;
	return !json_is_object(at->value) || has_all(e, r, at, r->value);
}

/* dependentRequired, dependentSchemas, and both as draft 7's dependencies. */
CHECK(check_dependent)
{
	bool ok = true;
	if (!json_is_object(at->value))
		return true;
	EACH_MEMBER(it, r->value) {
		const char *key = json_object_iter_key(it);
		if (!json_object_get(at->value, key))
			continue;
		const json_t *v = json_object_iter_value(it);
		const struct schema_node *n = json_is_array(v) || !r->members.arena ?
						      NULL :
						      map_get(&r->members, str_c(key));
		if (json_is_array(v))
			ok = has_all(e, r, at, v) && ok;
		else if (n)
			ok = in_place(e, n, at, m) && ok;
		if (!ok && !goes_on(e))
			return false;
	}
	return ok;
}

CHECK(check_names)
{
	(void)m;
	bool ok = true;
	EACH_MEMBER(it, at->value) {
		const char *key = json_object_iter_key(it);
		json_t *name = arena_json(e->arena, json_string_nocheck(key));
		const struct schema_at child = { .up = at, .value = name, .key = key };
		struct schema_fails own = { .list = { .n = 0 } };
		if (aside(e, r->node, &child, NULL, &own))
			continue;
		schema_fail_key(e, r, at, key);
		ok = false;
		if (!goes_on(e))
			break;
	}
	return ok;
}

CHECK(check_properties)
{
	bool ok = true;
	if (!json_is_object(at->value))
		return true;
	for (size_t i = 0; i < r->members.entry.n && (ok || goes_on(e)); i++) {
		const struct map_entry *x = &r->members.entry.v[i];
		const json_t *v = json_object_getn(at->value, x->key.p, x->key.n);
		if (!v)
			continue;
		mark_key(m, x->key.p);
		ok = on_member(e, x->value, at, x->key.p, v) && ok;
	}
	return ok;
}

CHECK(check_patterns)
{
	bool ok = true;
	EACH_MEMBER(it, at->value) {
		const char *key = json_object_iter_key(it);
		for (size_t i = 0; i < r->n_pattern && (ok || goes_on(e)); i++) {
			if (!search(e, at, &r->pattern[i], str_c(key)))
				continue;
			mark_key(m, key);
			ok = on_member(e, r->pattern[i].node, at, key, json_object_iter_value(it)) && ok;
		}
	}
	return ok && !e->limit;
}

static const struct schema_rule *sibling(const struct schema_rule *r, const char *keyword)
{
	for (size_t i = 0; i < r->owner->rule.n; i++)
		if (!strcmp(r->owner->rule.v[i].keyword, keyword))
			return &r->owner->rule.v[i];
	return NULL;
}

static bool is_named(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at,
		     const char *key)
{
	const struct schema_rule *named = sibling(r, "properties");
	const struct schema_rule *like = sibling(r, "patternProperties");
	if (named && map_has(&named->members, str_c(key)))
		return true;
	for (size_t i = 0; like && i < like->n_pattern; i++)
		if (search(e, at, &like->pattern[i], str_c(key)))
			return true;
	return false;
}

CHECK(check_additional)
{
	bool ok = true;
	EACH_MEMBER(it, at->value) {
		const char *key = json_object_iter_key(it);
		if (is_named(e, r, at, key))
			continue;
		mark_key(m, key);
		if (!r->node->fixed)
			schema_fail_key(e, r, at, key);
		else if (on_member(e, r->node, at, key, json_object_iter_value(it)))
			continue;
		ok = false;
		if (!goes_on(e))
			break;
	}
	return ok && !e->limit;
}

CHECK(check_unevaluated_members)
{
	bool ok = true, others = e->list && e->list->list.n;
	struct map known;
	if (others) {
		map_init(&known, e->arena);
		schema_known_names(r->owner, &known, 0);
	}
	EACH_MEMBER(it, at->value) {
		const char *key = json_object_iter_key(it);
		if (!m || map_has(&m->keys, str_c(key)))
			continue;
		bool hold = r->node->fixed && on_member(e, r->node, at, key, json_object_iter_value(it));
		if (!hold) {
			ok = false;
			/* A key that a failed branch would have known is no second mistake. */
			if (!r->node->fixed && !(others && map_has(&known, str_c(key))))
				schema_fail_key(e, r, at, key);
			if (!goes_on(e))
				break;
		}
		mark_key(m, key);
	}
	return ok;
}

static bool items_from(struct schema_eval *e, const struct schema_node *n, const struct schema_at *at,
		       size_t from)
{
	bool ok = true;
	for (size_t i = from; i < json_array_size(at->value) && (ok || goes_on(e)); i++)
		ok = on_item(e, n, at, i) && ok;
	return ok;
}

static bool tuple(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at,
		  struct schema_marks *m)
{
	bool ok = true;
	size_t n = json_array_size(at->value);
	for (size_t i = 0; i < r->n && i < n && (ok || goes_on(e)); i++)
		ok = on_item(e, r->list[i], at, i) && ok;
	if (m && m->n_items < r->n)
		m->n_items = r->n;
	return ok;
}

CHECK(check_items)
{
	if (!json_is_array(at->value))
		return true;
	if (r->list || !strcmp(r->keyword, "prefixItems"))
		return tuple(e, r, at, m);
	const struct schema_rule *prefix = sibling(r, "prefixItems");
	if (m)
		m->n_items = SIZE_MAX;
	return items_from(e, r->node, at, prefix ? prefix->n : 0);
}

CHECK(check_additional_items)
{
	const struct schema_rule *items = sibling(r, "items");
	if (!json_is_array(at->value) || !items || items->node)
		return true;
	if (m)
		m->n_items = SIZE_MAX;
	return items_from(e, r->node, at, items->n);
}

CHECK(check_contains)
{
	if (!json_is_array(at->value))
		return true;
	size_t n = json_array_size(at->value), hits = 0;
	if (m && !m->items)
		m->items = arena_array(e->arena, bool, n);
	struct schema_fails *list = e->list;
	e->list = NULL;
	for (size_t i = 0; i < n; i++) {
		if (!on_item(e, r->node, at, i))
			continue;
		hits++;
		if (m)
			m->items[i] = true;
	}
	e->list = list;
	return ((double)hits >= r->low && (double)hits <= r->high) || fail(e, r, at);
}

CHECK(check_unevaluated_items)
{
	bool ok = true;
	if (!json_is_array(at->value) || !m)
		return true;
	for (size_t i = m->n_items; i < json_array_size(at->value) && (ok || goes_on(e)); i++)
		if (!m->items || !m->items[i])
			ok = on_item(e, r->node, at, i) && ok;
	m->n_items = SIZE_MAX;
	return ok;
}

CHECK(check_all)
{
	bool ok = true;
	for (size_t i = 0; i < r->n && (ok || goes_on(e)); i++)
		ok = in_place(e, r->list[i], at, m) && ok;
	return ok;
}

CHECK(check_any)
{
	bool one = r->keyword[0] == 'o';
	size_t hits = 0;
	struct schema_fails *branch = e->list ? arena_array(e->arena, struct schema_fails, r->n) : NULL;
	for (size_t i = 0; i < r->n; i++) {
		hits += aside(e, r->list[i], at, m, branch ? &branch[i] : NULL);
		if (hits && !one && !m)
			break;
	}
	if (hits == 1 || (hits && !one))
		return true;
	if (hits)
		return fail(e, r, at);
	if (e->list && !e->limit)
		schema_fail_branches(e, r, at, branch, r->n);
	return false;
}

CHECK(check_not)
{
	(void)m;
	struct schema_fails none = { .list = { .n = 0 } };
	struct schema_marks *own = marks_new(e);
	bool holds = aside(e, r->node, at, own, &none);
	return (!holds && !e->limit) || fail(e, r, at);
}

CHECK(check_if)
{
	struct schema_fails none = { .list = { .n = 0 } };
	bool yes = aside(e, r->node, at, m, &none);
	return in_place(e, r->list[yes ? 0 : 1], at, m);
}

schema_check *schema_check_named(const char *keyword)
{
	static const struct {
		const char *keyword;
		schema_check *check;
	} table[] = {
		{ "$ref", check_ref },
		{ "$dynamicRef", check_ref },
		{ "type", check_type },
		{ "const", check_const },
		{ "enum", check_enum },
		{ "pattern", check_pattern },
		{ "format", check_format },
		{ "uniqueItems", check_unique },
		{ "required", check_required },
		{ "dependentRequired", check_dependent },
		{ "dependentSchemas", check_dependent },
		{ "dependencies", check_dependent },
		{ "propertyNames", check_names },
		{ "properties", check_properties },
		{ "patternProperties", check_patterns },
		{ "additionalProperties", check_additional },
		{ "prefixItems", check_items },
		{ "items", check_items },
		{ "additionalItems", check_additional_items },
		{ "contains", check_contains },
		{ "allOf", check_all },
		{ "anyOf", check_any },
		{ "oneOf", check_any },
		{ "not", check_not },
		{ "if", check_if },
		{ "unevaluatedItems", check_unevaluated_items },
		{ "unevaluatedProperties", check_unevaluated_members },
		{ "maxLength", check_size },
		{ "minLength", check_size },
		{ "maxItems", check_size },
		{ "minItems", check_size },
		{ "maxProperties", check_size },
		{ "minProperties", check_size },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (!strcmp(table[i].keyword, keyword))
			return table[i].check;
	return check_number;
}

static void enter(struct schema_eval *e, const struct schema_resource *r)
{
	if (e->n_scope == e->cap_scope)
		e->scope = vec_grow(e->arena, e->scope, e->n_scope, &e->cap_scope, sizeof(*e->scope));
	e->scope[e->n_scope++] = r;
}

bool schema_eval_node(struct schema_eval *e, const struct schema_node *n, const struct schema_at *at,
		      struct schema_marks *m)
{
	static const struct schema_rule never = { .keyword = "false" };
	if (e->limit)
		return false;
	if (n->fixed >= 0)
		return n->fixed || fail(e, &never, at);
	if (++e->steps > SCHEMA_STEPS_MAX || e->depth >= SCHEMA_DEPTH_MAX) {
		schema_fail_limit(e, at, "this value and its schema are too deep or too much");
		return false;
	}
	size_t scope = e->n_scope;
	if (!scope || e->scope[scope - 1] != n->res)
		enter(e, n->res);
	e->depth++;
	bool ok = true;
	for (size_t i = 0; i < n->rule.n && (ok || goes_on(e)); i++) {
		const struct schema_rule *r = &n->rule.v[i];
		bool holds = r->check(e, r, at, m);
		ok = ok && holds;
		/* What else is wrong with a value of the wrong type is noise. */
		if (!holds && (r->check == check_type || r->check == check_const || r->check == check_enum))
			break;
	}
	e->depth--;
	e->n_scope = scope;
	return ok && !e->limit;
}

void schema_run(struct schema_eval *e, const struct schema *s, const json_t *value,
		struct schema_fails *fails, struct arena *a, bool *ok)
{
	const struct schema_at root = { .value = value };
	*e = (struct schema_eval){ .schema = s, .arena = a, .list = fails };
	*ok = schema_eval_node(e, s->root, &root, marks_new(e)) && !e->limit;
	if (!e->limit || !fails)
		return;
	fails->list.n = 0;
	*vec_push(&fails->list, a) = e->why;
}
