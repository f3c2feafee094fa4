/* Values while a template is evaluated: making, comparing and printing JSON. */
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "doc/template_eval.h"
#include "doc/template_node.h"

#include <math.h>

int template_step(struct template_run *r, size_t offset)
{
	if (r->steps++ < TEMPLATE_STEPS_MAX)
		return 0;
	return template_fail(r->e, offset, NULL, "the template takes more than %zu steps",
			     TEMPLATE_STEPS_MAX);
}

int template_work(struct template_run *r, size_t offset, size_t n)
{
	if (n <= TEMPLATE_WORK_MAX - r->work) {
		r->work += n;
		return 0;
	}
	r->work = TEMPLATE_WORK_MAX;
	return template_fail(r->e, offset, NULL, "the template works through more than %zu bytes",
			     TEMPLATE_WORK_MAX);
}

static void drop(void *j)
{
	json_decref(j);
}

const json_t *template_own(struct template_run *r, json_t *j)
{
	if (!j)
		die_oom();
	arena_defer(r->a, drop, j);
	return j;
}

int template_make_str(struct template_run *r, size_t offset, struct str s, const json_t **out)
{
	if (template_work(r, offset, s.n + 64))
		return -1;
	*out = template_own(r, json_stringn_nocheck(s.p ? s.p : "", s.n));
	return 0;
}

int template_take_buf(struct template_run *r, size_t offset, struct buf *b, const json_t **out)
{
	int rc = b->over ? template_fail(r->e, offset, NULL, "a value grows past %zu bytes", b->max) :
			   template_make_str(r, offset, buf_str(b), out);
	buf_release(b);
	return rc;
}

const json_t *template_make_bool(bool b)
{
	return b ? json_true() : json_false();
}

int template_make_number(struct template_run *r, size_t offset, double x, const json_t **out)
{
	if (!isfinite(x))
		return template_fail(r->e, offset, NULL, "the result is not a finite number");
	if (template_work(r, offset, 64))
		return -1;
	*out = template_own(r, x == floor(x) && fabs(x) < 9e15 ? json_integer((json_int_t)x) :
								   json_real(x));
	return 0;
}

bool template_truthy(const json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return json_object_size(j) > 0;
	case JSON_ARRAY:
		return json_array_size(j) > 0;
	case JSON_STRING:
		return json_string_length(j) > 0;
	case JSON_INTEGER:
	case JSON_REAL:
		return json_number_value(j) != 0;
	case JSON_TRUE:
		return true;
	case JSON_FALSE:
	case JSON_NULL:
		break;
	}
	return false;
}

bool template_is_number(const json_t *j)
{
	return json_is_number(j) || json_is_boolean(j);
}

double template_number(const json_t *j)
{
	return json_is_boolean(j) ? json_is_true(j) : json_number_value(j);
}

static bool same_number(const json_t *a, const json_t *b)
{
	if (json_is_integer(a) && json_is_integer(b))
		return json_integer_value(a) == json_integer_value(b);
	return template_number(a) == template_number(b);
}

static int same_array(struct template_run *r, size_t offset, const json_t *a, const json_t *b,
		      bool *out)
{
	*out = json_array_size(a) == json_array_size(b);
	for (size_t i = 0; *out && i < json_array_size(a); i++)
		if (template_same(r, offset, json_array_get(a, i), json_array_get(b, i), out))
			return -1;
	return 0;
}

static int same_object(struct template_run *r, size_t offset, const json_t *a, const json_t *b,
		       bool *out)
{
	*out = json_object_size(a) == json_object_size(b);
	json_t *object = (json_t *)a;
	for (void *i = json_object_iter(object); *out && i; i = json_object_iter_next(object, i)) {
		const json_t *other = json_object_getn(b, json_object_iter_key(i),
						       json_object_iter_key_len(i));
		*out = other != NULL;
		if (other && template_same(r, offset, json_object_iter_value(i), other, out))
			return -1;
	}
	return 0;
}

int template_same(struct template_run *r, size_t offset, const json_t *a, const json_t *b, bool *out)
{
	if (template_work(r, offset, 1))
		return -1;
	if (template_is_number(a) && template_is_number(b)) {
		*out = same_number(a, b);
		return 0;
	}
	*out = json_typeof(a) == json_typeof(b);
	if (!*out || json_is_null(a))
		return 0;
	if (json_is_array(a))
		return same_array(r, offset, a, b, out);
	if (json_is_object(a))
		return same_object(r, offset, a, b, out);
	struct str x = { json_string_value(a), json_string_length(a) };
	*out = str_eq(x, (struct str){ json_string_value(b), json_string_length(b) });
	return *out ? template_work(r, offset, x.n) : 0;
}

static void add_number(struct buf *b, const json_t *j)
{
	char text[NUM_TEXT];
	if (json_is_integer(j))
		buf_addf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(j));
	else
		buf_adds(b, num_fmt(json_real_value(j), text));
}

static void add_break(struct buf *b, unsigned indent, unsigned depth)
{
	if (!indent)
		return;
	buf_addc(b, '\n');
	for (size_t i = 0; i < (size_t)indent * depth && !b->over; i++)
		buf_addc(b, ' ');
}

static void add_json(struct buf *b, const json_t *j, unsigned indent, unsigned depth);

static void add_array(struct buf *b, const json_t *j, unsigned indent, unsigned depth)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < json_array_size(j) && !b->over; i++) {
		if (i)
			buf_addc(b, ',');
		add_break(b, indent, depth + 1);
		add_json(b, json_array_get(j, i), indent, depth + 1);
	}
	if (json_array_size(j))
		add_break(b, indent, depth);
	buf_addc(b, ']');
}

static void add_object(struct buf *b, const json_t *j, unsigned indent, unsigned depth)
{
	json_t *object = (json_t *)j;
	bool first = true;
	buf_addc(b, '{');
	for (void *i = json_object_iter(object); i && !b->over;
	     i = json_object_iter_next(object, i)) {
		if (!first)
			buf_addc(b, ',');
		first = false;
		add_break(b, indent, depth + 1);
		buf_add_json(b, (struct str){ json_object_iter_key(i), json_object_iter_key_len(i) });
		buf_adds(b, indent ? ": " : ":");
		add_json(b, json_object_iter_value(i), indent, depth + 1);
	}
	if (!first)
		add_break(b, indent, depth);
	buf_addc(b, '}');
}

static void add_json(struct buf *b, const json_t *j, unsigned indent, unsigned depth)
{
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		add_object(b, j, indent, depth);
		break;
	case JSON_ARRAY:
		add_array(b, j, indent, depth);
		break;
	case JSON_STRING:
		buf_add_json(b, (struct str){ json_string_value(j), json_string_length(j) });
		break;
	case JSON_INTEGER:
	case JSON_REAL:
		add_number(b, j);
		break;
	case JSON_TRUE:
		buf_adds(b, "true");
		break;
	case JSON_FALSE:
		buf_adds(b, "false");
		break;
	case JSON_NULL:
		buf_adds(b, "null");
		break;
	}
}

void template_add_json(struct buf *b, const json_t *j, unsigned indent)
{
	add_json(b, j, indent, 0);
}

void template_add_text(struct buf *b, const json_t *j)
{
	if (json_is_string(j))
		buf_add(b, (struct str){ json_string_value(j), json_string_length(j) });
	else if (!json_is_null(j))
		add_json(b, j, 0, 0);
}

int template_scalar_text(struct template_run *r, const struct template_expr *at, const json_t *j,
			 const char *what, struct str *out)
{
	if (json_is_string(j)) {
		*out = (struct str){ json_string_value(j), json_string_length(j) };
		return template_work(r, at->offset, out->n);
	}
	if (json_is_null(j) || json_is_array(j) || json_is_object(j))
		return template_fail(r->e, at->offset, NULL, "%s wants text, found %s", what,
				     template_type(j));
	struct buf b;
	const json_t *text;
	buf_init(&b, NUM_TEXT);
	template_add_text(&b, j);
	if (template_take_buf(r, at->offset, &b, &text))
		return -1;
	*out = (struct str){ json_string_value(text), json_string_length(text) };
	return 0;
}

int template_append(struct template_run *r, size_t offset, json_t *list, const json_t *item)
{
	if (template_work(r, offset, 16))
		return -1;
	if (json_array_append(list, (json_t *)item))
		die_oom();
	return 0;
}

static int characters(struct template_run *r, size_t offset, struct str s, json_t *list)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t n = utf8_decode(str_sub(s, i, s.n), &cp);
		const json_t *c;
		if (template_make_str(r, offset, str_sub(s, i, i + n), &c) ||
		    template_append(r, offset, list, c))
			return -1;
		i += n;
	}
	return 0;
}

int template_items(struct template_run *r, const struct template_expr *at, const json_t *j,
		   const char *what, const json_t **out)
{
	if (json_is_array(j)) {
		*out = j;
		return template_work(r, at->offset, json_array_size(j));
	}
	if (!json_is_string(j) && !json_is_object(j))
		return template_fail(r->e, at->offset, NULL, "%s wants a list, found %s", what,
				     template_type(j));
	json_t *list = json_array(), *object = (json_t *)j;
	*out = template_own(r, list);
	if (json_is_string(j))
		return characters(r, at->offset,
				  (struct str){ json_string_value(j), json_string_length(j) }, list);
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
		struct str key = { json_object_iter_key(i), json_object_iter_key_len(i) };
		const json_t *k;
		if (template_make_str(r, at->offset, key, &k) ||
		    template_append(r, at->offset, list, k))
			return -1;
	}
	return 0;
}

static int walk(struct template_run *r, size_t offset, const json_t *j, unsigned depth)
{
	if (depth > DOC_DEPTH_MAX)
		return template_fail(r->e, offset, NULL, "a value is nested more than %d levels deep",
				     DOC_DEPTH_MAX);
	if (template_work(r, offset, 1))
		return -1;
	for (size_t i = 0; i < json_array_size(j); i++)
		if (walk(r, offset, json_array_get(j, i), depth + 1))
			return -1;
	json_t *object = (json_t *)j;
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
		if (walk(r, offset, json_object_iter_value(i), depth + 1))
			return -1;
	return 0;
}

int template_check_depth(struct template_run *r, size_t offset, const json_t *j)
{
	return walk(r, offset, j, 1);
}

int template_pairs(struct template_run *r, const struct template_expr *at, const json_t *in,
		   const json_t **out)
{
	if (!json_is_object(in))
		return template_fail(r->e, at->offset, NULL, "items wants an object, found %s",
				     template_type(in));
	json_t *made = json_array(), *object = (json_t *)in;
	*out = template_own(r, made);
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
		struct str name = { json_object_iter_key(i), json_object_iter_key_len(i) };
		const json_t *key;
		json_t *pair = json_array();
		if (template_append(r, at->offset, made, template_own(r, pair)) ||
		    template_make_str(r, at->offset, name, &key) ||
		    template_append(r, at->offset, pair, key) ||
		    template_append(r, at->offset, pair, json_object_iter_value(i)))
			return -1;
	}
	return template_check_depth(r, at->offset, made);
}

const json_t *template_member(const json_t *j, struct str name)
{
	int64_t index;
	if (json_is_object(j))
		return json_object_getn(j, name.p, name.n);
	if (!json_is_array(j) || !num_parse_i64(name, &index) || index < 0)
		return NULL;
	return json_array_get(j, (size_t)index);
}

const char *template_type(const json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "text";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "a boolean";
	case JSON_NULL:
		break;
	}
	return "null";
}
