#include "doc/template_eval.h"

#include "base/limits.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "doc/template_filter.h"
#include "doc/template_node.h"

static struct str text_of(const json_t *j)
{
	return (struct str){ json_string_value(j), json_string_length(j) };
}

/* {index, index0, …} of the innermost loop. */
static const json_t *loop_value(struct template_run *r, struct template_scope *s)
{
	if (s->loop_value)
		return s->loop_value;
	json_int_t i = (json_int_t)s->index, n = (json_int_t)s->length;
	s->loop_value = template_own(
		r, json_pack("{s:I,s:I,s:I,s:I,s:b,s:b,s:I}", "index", i + 1, "index0", i, "revindex",
			     n - i, "revindex0", n - i - 1, "first", i == 0, "last", i + 1 == n,
			     "length", n));
	return s->loop_value;
}

static const json_t *lookup(struct template_run *r, struct str name)
{
	for (struct template_scope *s = r->scope; s; s = s->up) {
		for (struct template_binding *b = s->first; b; b = b->next)
			if (str_eq(b->name, name))
				return b->value;
		if (s->loop && str_eqc(name, "loop"))
			return loop_value(r, s);
	}
	const json_t *found = r->vars ? json_object_getn(r->vars, name.p, name.n) : NULL;
	/* Members whose names are no identifiers: {{ case['2nd answer'] }} */
	return found || !str_eqc(name, "case") ? found : r->vars;
}

static void offer_members(struct suggest *near, const json_t *j)
{
	json_t *object = (json_t *)j;
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
		suggest_offer(near, (struct str){ json_object_iter_key(i),
						  json_object_iter_key_len(i) });
}

static const char *near_hint(struct template_run *r, const struct suggest *near, struct str name)
{
	struct str best = suggest_best(near);
	if (best.p)
		return arena_fmt(r->a, "did you mean '%.*s'?", STR_ARGS(best));
	if (str_eqc(name, "env"))
		return "templates cannot read the environment; pass the value as a variable";
	return "give it a value, or write {{ x | default('') }} when it may be absent";
}

static int undefined_name(struct template_run *r, const struct template_expr *x)
{
	struct suggest near = SUGGEST_INIT(x->name);
	for (struct template_scope *s = r->scope; s; s = s->up)
		for (struct template_binding *b = s->first; b; b = b->next)
			suggest_offer(&near, b->name);
	offer_members(&near, r->vars);
	return template_fail(r->e, x->offset, near_hint(r, &near, x->name),
			     "undefined variable '%.*s'", STR_ARGS(utf8_prefix(x->name, 100)));
}

/* The source of an expression of names and members, for messages: a.b */
static const char *path_of(struct template_run *r, const struct template_expr *x)
{
	if (x->kind == EXPR_NAME)
		return arena_fmt(r->a, "%.*s", STR_ARGS(utf8_prefix(x->name, 60)));
	if (x->kind != EXPR_MEMBER)
		return "the value";
	return arena_fmt(r->a, "%s.%.*s", path_of(r, x->a), STR_ARGS(utf8_prefix(x->name, 60)));
}

/* Say why x is undefined: the first missing link of a chain. */
static int undefined(struct template_run *r, const struct template_expr *x)
{
	const json_t *base = NULL, *key = NULL;
	if (x->kind == EXPR_NAME)
		return undefined_name(r, x);
	if (x->kind != EXPR_MEMBER && x->kind != EXPR_INDEX)
		return template_fail(r->e, x->offset, "add default(…)", "the %s is undefined",
				     x->kind == EXPR_FILTER ? arena_fmt(r->a, "result of '%s'", x->filter->name) :
							      "value");
	if (template_eval(r, x->a, &base))
		return -1;
	struct str name = x->name;
	if (x->kind == EXPR_INDEX && template_eval(r, x->b, &key))
		return -1;
	if (key && json_is_string(key))
		name = text_of(key);
	else if (key)
		return template_fail(r->e, x->offset, NULL, "%s has no item %s", path_of(r, x->a),
				     json_is_integer(key) ?
					     arena_fmt(r->a, "%" JSON_INTEGER_FORMAT,
						       json_integer_value(key)) :
					     "of this kind");
	struct suggest near = SUGGEST_INIT(name);
	offer_members(&near, base);
	return template_fail(r->e, x->offset, near_hint(r, &near, (struct str){ .p = NULL }),
			     "undefined: '%s' (%s) has no member '%.*s'", path_of(r, x->a),
			     template_type(base), STR_ARGS(utf8_prefix(name, 100)));
}

int template_eval(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	if (template_eval_maybe(r, x, out))
		return -1;
	return *out ? 0 : undefined(r, x);
}

/* Counts from the end when negative. */
static bool at_index(json_int_t i, size_t n, size_t *out)
{
	json_int_t k = i < 0 ? i + (json_int_t)n : i;
	*out = (size_t)k;
	return k >= 0 && k < (json_int_t)n;
}

static int character(struct template_run *r, const struct template_expr *x, const json_t *s,
		     json_int_t i, const json_t **out)
{
	const json_t *list;
	size_t k;
	if (template_items(r, x, s, "an index", &list))
		return -1;
	*out = at_index(i, json_array_size(list), &k) ? json_array_get(list, k) : NULL;
	return 0;
}

static int index_of(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	const json_t *base, *key;
	size_t k;
	if (template_eval_maybe(r, x->a, &base) || template_eval(r, x->b, &key))
		return -1;
	*out = NULL;
	if (!base)
		return 0;
	if (json_is_string(key))
		*out = json_is_object(base) ? template_member(base, text_of(key)) : NULL;
	else if (json_is_integer(key) && json_is_array(base))
		*out = at_index(json_integer_value(key), json_array_size(base), &k) ?
			       json_array_get(base, k) :
			       NULL;
	else if (json_is_integer(key) && json_is_string(base))
		return character(r, x, base, json_integer_value(key), out);
	return 0;
}

/* A bound of a slice, clamped. */
static int bound(struct template_run *r, const struct template_expr *x, size_t n, size_t absent,
		 size_t *out)
{
	const json_t *j;
	*out = absent;
	if (!x)
		return 0;
	if (template_eval(r, x, &j))
		return -1;
	if (!json_is_integer(j))
		return template_fail(r->e, x->offset, NULL, "a slice wants whole numbers, found %s",
				     template_type(j));
	json_int_t i = json_integer_value(j), size = (json_int_t)n;
	i = i < -size ? 0 : i < 0 ? i + size : i > size ? size : i;
	*out = (size_t)i;
	return 0;
}

static int slice(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	const json_t *base, *list;
	size_t from, to;
	if (template_eval(r, x->a, &base))
		return -1;
	if (!json_is_array(base) && !json_is_string(base))
		return template_fail(r->e, x->offset, NULL, "a slice wants a list or text, found %s",
				     template_type(base));
	if (template_items(r, x, base, "a slice", &list) ||
	    bound(r, x->b, json_array_size(list), 0, &from) ||
	    bound(r, x->c, json_array_size(list), json_array_size(list), &to))
		return -1;
	struct buf text;
	json_t *part = json_array();
	*out = template_own(r, part);
	buf_init(&text, TEMPLATE_OUT_MAX);
	for (size_t i = from; i < to; i++) {
		template_add_text(&text, json_is_string(base) ? json_array_get(list, i) : json_null());
		if (json_is_array(base) &&
		    template_append(r, x->offset, part, json_array_get(list, i)))
			return -1;
	}
	return json_is_string(base) ? template_take_buf(r, x->offset, &text, out) : 0;
}

static int list_literal(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	json_t *list = json_array();
	const json_t *item;
	*out = template_own(r, list);
	for (size_t i = 0; i < x->nargs; i++)
		if (template_eval(r, x->arg[i], &item) || template_append(r, x->offset, list, item))
			return -1;
	return template_check_depth(r, x->offset, list);
}

static int dict_literal(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	json_t *object = json_object();
	const json_t *key, *value;
	*out = template_own(r, object);
	for (size_t i = 0; i + 1 < x->nargs; i += 2) {
		struct str k;
		if (template_eval(r, x->arg[i], &key) || template_eval(r, x->arg[i + 1], &value) ||
		    template_scalar_text(r, x->arg[i], key, "an object's key", &k) ||
		    template_work(r, x->offset, 64))
			return -1;
		if (json_object_setn_nocheck(object, k.p ? k.p : "", k.n, (json_t *)value))
			die_oom();
	}
	return template_check_depth(r, x->offset, object);
}

static int range(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	json_int_t v[3] = { 0, 0, 1 };
	for (size_t i = 0; i < 3; i++) {
		const json_t *j;
		if (!x->arg[i])
			continue;
		if (template_eval(r, x->arg[i], &j))
			return -1;
		if (!json_is_integer(j))
			return template_fail(r->e, x->arg[i]->offset, NULL,
					     "'range' wants whole numbers, found %s",
					     template_type(j));
		v[i] = json_integer_value(j);
	}
	if (!x->arg[1]) {
		v[1] = v[0];
		v[0] = 0;
	}
	if (!v[2])
		return template_fail(r->e, x->offset, NULL, "'range' cannot step by zero");
	json_t *list = json_array();
	*out = template_own(r, list);
	for (json_int_t i = v[0]; v[2] > 0 ? i < v[1] : i > v[1];) {
		if (template_step(r, x->offset) ||
		    template_append(r, x->offset, list, template_own(r, json_integer(i))))
			return -1;
		if (__builtin_add_overflow(i, v[2], &i))
			break;
	}
	return 0;
}

/* o.items(), o.keys(), o.values() of an object. */
static int method(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	const json_t *base;
	if (template_eval(r, x->a, &base))
		return -1;
	if (!json_is_object(base))
		return template_fail(r->e, x->offset, NULL, "'.%.*s()' wants an object, found %s",
				     STR_ARGS(x->name), template_type(base));
	if (str_eqc(x->name, "keys"))
		return template_items(r, x, base, "keys()", out);
	if (str_eqc(x->name, "items"))
		return template_pairs(r, x, base, out);
	json_t *list = json_array(), *object = (json_t *)base;
	*out = template_own(r, list);
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
		if (template_append(r, x->offset, list, json_object_iter_value(i)))
			return -1;
	return 0;
}

static int logic(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	if (template_eval(r, x->a, out))
		return -1;
	if (template_truthy(*out) == (x->kind == EXPR_OR))
		return 0;
	return template_eval(r, x->b, out);
}

static int sign(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	if (template_eval(r, x->a, out))
		return -1;
	if (!json_is_number(*out))
		return template_fail(r->e, x->offset, NULL, "a sign wants a number, found %s",
				     template_type(*out));
	if (x->kind == EXPR_PLUS)
		return 0;
	json_int_t i = json_integer_value(*out);
	if (json_is_integer(*out) && i != INT64_MIN) {
		*out = template_own(r, json_integer(-i));
		return template_work(r, x->offset, 64);
	}
	return template_make_number(r, x->offset, -json_number_value(*out), out);
}

static int choice(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	const json_t *yes;
	if (template_eval(r, x->b, &yes))
		return -1;
	if (template_truthy(yes))
		return template_eval_maybe(r, x->a, out);
	if (x->c)
		return template_eval_maybe(r, x->c, out);
	return template_make_str(r, x->offset, STR(""), out);
}

static int filter(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	const json_t *in, *arg[TEMPLATE_ARGS] = { NULL };
	int (*eval)(struct template_run *, const struct template_expr *, const json_t **) =
		x->filter->takes_undefined ? template_eval_maybe : template_eval;
	if (eval(r, x->a, &in))
		return -1;
	*out = in;
	/* default(fallback): the fallback may itself be undefined when nobody needs it. */
	if (x->filter->takes_undefined && in && !x->arg[1])
		return 0;
	for (size_t i = 0; i < x->nargs; i++)
		if (x->arg[i] && template_eval(r, x->arg[i], &arg[i]))
			return -1;
	*out = NULL;
	return x->filter->apply(r, x, in, arg, out);
}

static int test(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	const json_t *in, *arg = NULL;
	bool yes = false;
	if ((x->test->takes_undefined ? template_eval_maybe : template_eval)(r, x->a, &in))
		return -1;
	if (x->arg[0] && template_eval(r, x->arg[0], &arg))
		return -1;
	if (x->test->holds(r, x, in, arg, &yes))
		return -1;
	*out = template_make_bool(yes != x->negated);
	return 0;
}

static int member(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	const json_t *base;
	if (template_eval_maybe(r, x->a, &base))
		return -1;
	*out = base ? template_member(base, x->name) : NULL;
	return 0;
}

int template_eval_maybe(struct template_run *r, const struct template_expr *x, const json_t **out)
{
	const json_t *a, *b;
	if (template_step(r, x->offset))
		return -1;
	switch (x->kind) {
	case EXPR_LITERAL:
		*out = x->literal;
		return 0;
	case EXPR_NAME:
		*out = lookup(r, x->name);
		return 0;
	case EXPR_MEMBER:
		return member(r, x, out);
	case EXPR_INDEX:
		return index_of(r, x, out);
	case EXPR_SLICE:
		return slice(r, x, out);
	case EXPR_LIST:
		return list_literal(r, x, out);
	case EXPR_DICT:
		return dict_literal(r, x, out);
	case EXPR_NEGATE:
	case EXPR_PLUS:
		return sign(r, x, out);
	case EXPR_NOT:
		if (template_eval(r, x->a, &a))
			return -1;
		*out = template_make_bool(!template_truthy(a));
		return 0;
	case EXPR_AND:
	case EXPR_OR:
		return logic(r, x, out);
	case EXPR_BINARY:
		if (template_eval(r, x->a, &a) || template_eval(r, x->b, &b))
			return -1;
		return template_binary(r, x, a, b, out);
	case EXPR_COND:
		return choice(r, x, out);
	case EXPR_FILTER:
		return filter(r, x, out);
	case EXPR_TEST:
		return test(r, x, out);
	case EXPR_RANGE:
		return range(r, x, out);
	case EXPR_METHOD:
		return method(r, x, out);
	}
	return template_fail(r->e, x->offset, NULL, "internal error: an unknown expression");
}
