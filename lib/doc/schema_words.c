/* Failures in a person's words, and which of several branches a person meant. */
#include "base/suggest.h"
#include "doc/schema_impl.h"

static const struct {
	const char *name, *word;
	unsigned bit;
} types[] = {
	{ "null", "null", TYPE_NULL },	     { "boolean", "boolean", TYPE_BOOLEAN },
	{ "object", "object", TYPE_OBJECT }, { "array", "list", TYPE_ARRAY },
	{ "number", "number", TYPE_NUMBER }, { "string", "string", TYPE_STRING },
	{ "integer", "integer", TYPE_INTEGER },
};

/* Members and values named in one message; more would not be read. */
enum { NAMES_SHOWN = 12, TEXT_SHOWN = 60 };

unsigned schema_type_bit(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_eqc(name, types[i].name))
			return types[i].bit;
	return 0;
}

static unsigned depth_of(const struct schema_at *at)
{
	unsigned n = 0;
	for (; at->up; at = at->up)
		n++;
	return n;
}

static const struct schema_at *copy_at(struct arena *a, const struct schema_at *at)
{
	struct schema_at *copy = arena_new(a, struct schema_at);
	*copy = *at;
	if (at->up)
		copy->up = copy_at(a, at->up);
	return copy;
}

static const char *name_of(struct arena *a, const struct schema_at *at)
{
	if (!at->up)
		return "this";
	if (at->key)
		return arena_fmt(a, "'%s'", at->key);
	const char *list = at->up->up && at->up->key ? arena_fmt(a, " of '%s'", at->up->key) : "";
	return arena_fmt(a, "item %zu%s", at->index + 1, list);
}

/* A value as text, cut when long. */
static const char *shown(struct arena *a, const json_t *j)
{
	struct buf b;
	buf_init(&b, 4096);
	json_write(&b, j);
	const char *more = b.n > TEXT_SHOWN || b.over ? "..." : "";
	struct str s = str_sub(buf_str(&b), 0, TEXT_SHOWN);
	while (s.n && ((unsigned char)s.p[s.n - 1] & 0x80) && *more)
		s.n--;
	const char *text = arena_fmt(a, "%.*s%s", STR_ARGS(s), more);
	buf_release(&b);
	return text;
}

static const char *found(struct arena *a, const json_t *j)
{
	if (json_is_object(j) || json_is_array(j))
		return json_is_object(j) ? "an object" : "a list";
	if (json_is_null(j))
		return "null";
	return arena_fmt(a, "%s %s", json_type_name(j), shown(a, j));
}

static const char *types_text(struct arena *a, unsigned bits)
{
	const char *text = "";
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (bits & types[i].bit)
			text = arena_fmt(a, "%s%s%s", text, *text ? " or " : "", types[i].word);
	return text;
}

static struct schema_fail *add(struct schema_eval *e, const struct schema_rule *r,
			       const struct schema_at *at, const char *id, const char *msg)
{
	struct schema_fail *f = vec_push(&e->list->list, e->arena);
	e->told++;
	*f = (struct schema_fail){ .at = copy_at(e->arena, at),
				   .rule = r,
				   .id = id,
				   .msg = msg,
				   .depth = depth_of(at) };
	return f;
}

struct values {
	VEC(const json_t *) list;
};

/* "must be one of …", with a hint when the text found is a slip of one of them. */
static void fail_values(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at,
			const struct values *v)
{
	struct arena *a = e->arena;
	struct suggest s = SUGGEST_INIT(json_str(at->value));
	const char *text = "";
	for (size_t i = 0; i < v->list.n; i++) {
		const json_t *j = v->list.v[i];
		if (json_is_string(j) && json_is_string(at->value))
			suggest_offer(&s, json_str(j));
		if (i < NAMES_SHOWN)
			text = arena_fmt(a, "%s%s%s", text, i ? ", " : "", shown(a, j));
	}
	const char *more = v->list.n > NAMES_SHOWN ? ", ..." : "";
	struct schema_fail *f =
		add(e, r, at, "not-allowed",
		    arena_fmt(a, "%s must be %s%s%s, found %s", name_of(a, at),
			      v->list.n > 1 ? "one of " : "", text, more, found(a, at->value)));
	struct str best = json_is_string(at->value) ? suggest_best(&s) : (struct str){ .p = NULL };
	if (best.p)
		f->hint = arena_fmt(a, "did you mean '%.*s'?", STR_ARGS(best));
}

static void take_values(struct arena *a, struct values *v, const struct schema_rule *r)
{
	if (!strcmp(r->keyword, "const")) {
		*vec_push(&v->list, a) = r->value;
		return;
	}
	for (size_t i = 0; i < json_array_size(r->value); i++)
		*vec_push(&v->list, a) = json_array_get(r->value, i);
}

static void fail_types(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at,
		       unsigned bits)
{
	add(e, r, at, "wrong-type",
	    arena_fmt(e->arena, "%s: expected %s, found %s", name_of(e->arena, at),
		      types_text(e->arena, bits), found(e->arena, at->value)));
}

static const char *plain_text(struct arena *a, const struct schema_rule *r, const char *name)
{
	static const struct {
		const char *keyword, *before, *after;
	} text[] = {
		{ "maximum", "must be at most", "" },
		{ "minimum", "must be at least", "" },
		{ "exclusiveMaximum", "must be below", "" },
		{ "exclusiveMinimum", "must be above", "" },
		{ "multipleOf", "must be a multiple of", "" },
		{ "maxLength", "must have at most", " characters" },
		{ "minLength", "must have at least", " characters" },
		{ "maxItems", "must have at most", " items" },
		{ "minItems", "must have at least", " items" },
		{ "maxProperties", "must have at most", " keys" },
		{ "minProperties", "must have at least", " keys" },
		{ "pattern", "must match the pattern", "" },
		{ "format", "must have the format", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(text); i++)
		if (!strcmp(r->keyword, text[i].keyword))
			return arena_fmt(a, "%s %s %s%s", name, text[i].before, shown(a, r->value),
					 text[i].after);
	if (!strcmp(r->keyword, "uniqueItems"))
		return arena_fmt(a, "%s holds the same item twice", name);
	if (!strcmp(r->keyword, "contains"))
		return arena_fmt(a, "%s does not hold the items it must, or too many of them", name);
	if (!strcmp(r->keyword, "oneOf"))
		return arena_fmt(a, "%s fits more than one of the forms it may have", name);
	if (!strcmp(r->keyword, "false"))
		return arena_fmt(a, "%s is not allowed here", name);
	return arena_fmt(a, "%s has a form that is not allowed", name);
}

void schema_fail(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at)
{
	if (!e->list)
		return;
	if (!strcmp(r->keyword, "type")) {
		fail_types(e, r, at, r->types);
		return;
	}
	if (!strcmp(r->keyword, "enum") || !strcmp(r->keyword, "const")) {
		struct values v = { .list = { .n = 0 } };
		take_values(e->arena, &v, r);
		fail_values(e, r, at, &v);
		return;
	}
	const char *msg = plain_text(e->arena, r, name_of(e->arena, at));
	if (!json_is_object(at->value) && !json_is_array(at->value) && strcmp(r->keyword, "false"))
		msg = arena_fmt(e->arena, "%s, found %s", msg, found(e->arena, at->value));
	add(e, r, at, NULL, msg);
}

void schema_fail_limit(struct schema_eval *e, const struct schema_at *at, const char *what)
{
	static const struct schema_rule limit = { .keyword = "limit" };
	if (e->limit)
		return;
	e->limit = true;
	e->why = (struct schema_fail){
		.at = copy_at(e->arena, at),
		.rule = &limit,
		.msg = arena_fmt(e->arena, "%s: %s", name_of(e->arena, at), what),
	};
}

void schema_known_names(const struct schema_node *n, struct map *out, unsigned depth)
{
	if (depth > 16)
		return;
	for (size_t i = 0; i < n->rule.n; i++) {
		const struct schema_rule *r = &n->rule.v[i];
		if (!strcmp(r->keyword, "properties")) {
			for (size_t k = 0; k < r->members.entry.n; k++)
				if (((struct schema_node *)r->members.entry.v[k].value)->fixed)
					map_put(out, r->members.entry.v[k].key, out);
			continue;
		}
		bool same = strstr("$ref $dynamicRef allOf anyOf oneOf if", r->keyword) != NULL;
		if (same && r->node && strcmp(r->keyword, "if"))
			schema_known_names(r->node, out, depth + 1);
		for (size_t k = 0; same && k < r->n; k++)
			schema_known_names(r->list[k], out, depth + 1);
	}
}

static void unknown_key(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at,
			const char *key)
{
	struct arena *a = e->arena;
	struct map known;
	struct suggest s = SUGGEST_INIT(str_c(key));
	const char *list = "";
	map_init(&known, a);
	schema_known_names(r->owner, &known, 0);
	for (size_t i = 0; i < known.entry.n; i++) {
		suggest_offer(&s, known.entry.v[i].key);
		if (known.entry.n <= NAMES_SHOWN)
			list = arena_fmt(a, "%s%s%.*s", list, i ? ", " : "",
					 STR_ARGS(known.entry.v[i].key));
	}
	const char *in = at->up ? arena_fmt(a, " in %s", name_of(a, at)) : "";
	struct schema_fail *f =
		add(e, r, at, "unknown-key", arena_fmt(a, "key '%s' is not known%s", key, in));
	struct str best = suggest_best(&s);
	f->at_key = true;
	f->key = arena_cstr(a, str_c(key));
	if (best.p)
		f->hint = arena_fmt(a, "did you mean '%.*s'?", STR_ARGS(best));
	else if (*list)
		f->hint = arena_fmt(a, "known keys: %s", list);
}

void schema_fail_key(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at,
		     const char *key)
{
	if (!e->list)
		return;
	if (!strcmp(r->keyword, "additionalProperties") || !strcmp(r->keyword, "unevaluatedProperties")) {
		unknown_key(e, r, at, key);
		return;
	}
	struct arena *a = e->arena;
	bool name = !strcmp(r->keyword, "propertyNames");
	const char *in = at->up ? arena_fmt(a, " in %s", name_of(a, at)) : "";
	struct schema_fail *f =
		add(e, r, at, name ? NULL : "missing-key",
		    name ? arena_fmt(a, "key '%s'%s is not a name that is allowed here", key, in) :
			   arena_fmt(a, "key '%s' is missing%s", key, in));
	f->key = arena_cstr(a, str_c(key));
	f->at_key = name;
}

static bool is(const struct schema_fail *f, const char *id)
{
	return f->id && !strcmp(f->id, id);
}

/* How far a branch is from what was written: what tells branches apart weighs most. */
static unsigned long cost(const struct schema_fails *b, unsigned depth)
{
	unsigned long sum = 0;
	for (size_t i = 0; i < b->list.n; i++) {
		const struct schema_fail *f = &b->list.v[i];
		if (f->depth == depth && (is(f, "wrong-type") || !strcmp(f->rule->keyword, "false")))
			sum += 100000;
		else if (is(f, "not-allowed") && f->depth <= depth + 1)
			sum += f->hint ? 900 : 1000;
		else if (is(f, "unknown-key") && f->depth == depth)
			sum += f->hint && f->hint[0] == 'd' ? 40 : 60;
		else if (is(f, "missing-key") && f->depth == depth)
			sum += 50;
		else
			sum += f->depth == depth ? 10 : 1;
	}
	return sum;
}

/* Do all branches fail just here, each by one failure of this id? */
static bool all_are(const struct schema_fails *branch, size_t n, unsigned depth, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (branch[i].list.n != 1 || !is(&branch[i].list.v[0], id) ||
		    branch[i].list.v[0].depth != depth)
			return false;
	return n > 0;
}

static bool fail_union(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at,
		       struct schema_fails *branch, size_t n)
{
	unsigned depth = depth_of(at), bits = 0;
	struct arena *a = e->arena;
	struct values v = { .list = { .n = 0 } };
	const char *keys = "";
	bool type = all_are(branch, n, depth, "wrong-type");
	bool value = all_are(branch, n, depth, "not-allowed");
	bool key = all_are(branch, n, depth, "missing-key");
	for (size_t i = 0; i < n && (type || value || key); i++) {
		const struct schema_fail *f = &branch[i].list.v[0];
		if (value && !strcmp(f->rule->keyword, r->keyword))
			return false;
		if (type)
			bits |= f->rule->types;
		else if (value)
			take_values(a, &v, f->rule);
		else
			keys = arena_fmt(a, "%s%s'%s'", keys, i ? " or " : "", f->key);
	}
	if (type && bits)
		fail_types(e, r, at, bits);
	else if (value)
		fail_values(e, r, at, &v);
	else if (key)
		add(e, r, at, "missing-key", arena_fmt(a, "%s needs the key %s", name_of(a, at), keys));
	return (type && bits) || value || key;
}

void schema_fail_branches(struct schema_eval *e, const struct schema_rule *r,
			  const struct schema_at *at, struct schema_fails *branch, size_t n)
{
	unsigned depth = depth_of(at);
	size_t best = 0;
	if (n > 1 && fail_union(e, r, at, branch, n))
		return;
	for (size_t i = 1; i < n; i++)
		if (cost(&branch[i], depth) < cost(&branch[best], depth))
			best = i;
	if (!n || !branch[best].list.n) {
		schema_fail(e, r, at);
		return;
	}
	for (size_t i = 0; i < branch[best].list.n; i++)
		*vec_push(&e->list->list, e->arena) = branch[best].list.v[i];
}
