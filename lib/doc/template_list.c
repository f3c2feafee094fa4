/* The filters about lists and objects. */
#include "base/limits.h"
#include "base/num.h"
#include "doc/template_filter.h"

#include <stdlib.h>

static struct str text_of(const json_t *j)
{
	return (struct str){ json_string_value(j), json_string_length(j) };
}

static int subject(struct template_run *r, const struct template_expr *at, const json_t *in,
		   const json_t **out)
{
	return template_items(r, at, in, arena_fmt(r->a, "filter '%s'", at->filter->name), out);
}

/* Member `path` (a.b.0) of an item; NULL when some part is missing. */
static int attribute(struct template_run *r, const struct template_expr *at, const json_t *item,
		     const json_t *path, const json_t **out)
{
	struct str rest, part;
	if (template_scalar_text(r, at, path, "'attribute'", &rest))
		return -1;
	*out = item;
	while (*out && str_cut(&rest, '.', &part))
		*out = template_member(*out, part);
	return 0;
}

/* The item, or its attribute when one is asked for; missing is an error. */
static int item_key(struct template_run *r, const struct template_expr *at, const json_t *item,
		    const json_t *path, const json_t **out)
{
	*out = item;
	if (!path || json_is_null(path))
		return 0;
	if (attribute(r, at, item, path, out))
		return -1;
	if (*out)
		return 0;
	struct buf b;
	const json_t *name;
	buf_init(&b, 256);
	template_add_text(&b, path);
	if (template_take_buf(r, at->offset, &b, &name))
		return -1;
	return template_fail(r->e, at->offset, NULL, "filter '%s': an item has no attribute '%.*s'",
			     at->filter->name, STR_ARGS(text_of(name)));
}

TEMPLATE_FILTER(join)
{
	struct str sep = STR("");
	const json_t *list, *item;
	struct buf b;
	if (subject(r, at, in, &list) ||
	    (arg[0] && template_scalar_text(r, at, arg[0], "'d'", &sep)))
		return -1;
	buf_init(&b, TEMPLATE_OUT_MAX);
	for (size_t i = 0; i < json_array_size(list) && !b.over; i++) {
		if (item_key(r, at, json_array_get(list, i), arg[1], &item)) {
			buf_release(&b);
			return -1;
		}
		if (i)
			buf_add(&b, sep);
		template_add_text(&b, item);
	}
	return template_take_buf(r, at->offset, &b, out);
}

TEMPLATE_FILTER(first)
{
	const json_t *list;
	(void)arg;
	if (subject(r, at, in, &list))
		return -1;
	*out = json_array_get(list, 0);
	return 0;
}

TEMPLATE_FILTER(last)
{
	const json_t *list;
	(void)arg;
	if (subject(r, at, in, &list))
		return -1;
	*out = json_array_size(list) ? json_array_get(list, json_array_size(list) - 1) : NULL;
	return 0;
}

TEMPLATE_FILTER(list)
{
	(void)arg;
	return subject(r, at, in, out);
}

TEMPLATE_FILTER(reverse)
{
	const json_t *list;
	struct buf b;
	(void)arg;
	if (subject(r, at, in, &list))
		return -1;
	json_t *back = json_array();
	*out = template_own(r, back);
	for (size_t i = json_array_size(list); i--;)
		if (template_append(r, at->offset, back, json_array_get(list, i)))
			return -1;
	if (!json_is_string(in))
		return 0;
	buf_init(&b, TEMPLATE_OUT_MAX);
	for (size_t i = 0; i < json_array_size(back); i++)
		template_add_text(&b, json_array_get(back, i));
	return template_take_buf(r, at->offset, &b, out);
}

struct sorted {
	const json_t *item, *key;
	size_t at;
	int sign;
};

static int compare(const json_t *a, const json_t *b)
{
	if (json_is_string(a))
		return str_cmp(text_of(a), text_of(b));
	if (json_is_integer(a) && json_is_integer(b)) {
		json_int_t i = json_integer_value(a), k = json_integer_value(b);
		return (i > k) - (i < k);
	}
	double x = template_number(a), y = template_number(b);
	return (x > y) - (x < y);
}

static int by_key(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int c = compare(x->key, y->key) * x->sign;
	return c ? c : x->at < y->at ? -1 : x->at > y->at;
}

/* Fold text unless case matters, and make sure that all keys can be compared. */
static int sort_keys(struct template_run *r, const struct template_expr *at, struct sorted *v,
		     size_t n, bool case_sensitive)
{
	const json_t *none[TEMPLATE_ARGS] = { NULL };
	for (size_t i = 0; i < n; i++) {
		bool text = json_is_string(v[i].key), text0 = json_is_string(v[0].key);
		if (text != text0 || (!text && !template_is_number(v[i].key)))
			return template_fail(r->e, at->offset, NULL,
					     "filter '%s' cannot order %s and %s", at->filter->name,
					     template_type(v[0].key), template_type(v[i].key));
		if (text && !case_sensitive && template_lower(r, at, v[i].key, none, &v[i].key))
			return -1;
		/* What comparing it costs, some twenty times over. */
		if (template_work(r, at->offset, 64 + (text ? json_string_length(v[i].key) : 0)))
			return -1;
	}
	return 0;
}

static int sorted_items(struct template_run *r, const struct template_expr *at, const json_t *list,
			const json_t *path, bool case_sensitive, bool down, struct sorted **out)
{
	size_t n = json_array_size(list);
	struct sorted *v = arena_array(r->a, struct sorted, n + 1);
	for (size_t i = 0; i < n; i++) {
		v[i] = (struct sorted){ json_array_get(list, i), NULL, i, down ? -1 : 1 };
		if (item_key(r, at, v[i].item, path, &v[i].key))
			return -1;
	}
	if (sort_keys(r, at, v, n, case_sensitive))
		return -1;
	qsort(v, n, sizeof(*v), by_key);
	*out = v;
	return 0;
}

TEMPLATE_FILTER(sort)
{
	const json_t *list;
	struct sorted *v;
	if (subject(r, at, in, &list) ||
	    sorted_items(r, at, list, arg[2], arg[1] && template_truthy(arg[1]),
			 arg[0] && template_truthy(arg[0]), &v))
		return -1;
	json_t *made = json_array();
	*out = template_own(r, made);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (template_append(r, at->offset, made, v[i].item))
			return -1;
	return 0;
}

static int extreme(struct template_run *r, const struct template_expr *at, const json_t *in,
		   const json_t *path, bool down, const json_t **out)
{
	const json_t *list;
	struct sorted *v;
	if (subject(r, at, in, &list) || sorted_items(r, at, list, path, false, down, &v))
		return -1;
	*out = v[0].item;
	return 0;
}

TEMPLATE_FILTER(min)
{
	return extreme(r, at, in, arg[0], false, out);
}

TEMPLATE_FILTER(max)
{
	return extreme(r, at, in, arg[0], true, out);
}

TEMPLATE_FILTER(sum)
{
	const json_t *list, *item, *total = arg[1] ? arg[1] : template_own(r, json_integer(0));
	struct template_expr add = { .kind = EXPR_BINARY, .op = OP_ADD, .offset = at->offset };
	if (subject(r, at, in, &list))
		return -1;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (item_key(r, at, json_array_get(list, i), arg[0], &item) ||
		    template_binary(r, &add, total, item, &total))
			return -1;
	*out = total;
	return 0;
}

static int listed(struct template_run *r, const struct template_expr *at, const json_t *list,
		  const json_t *item, bool *out)
{
	*out = false;
	for (size_t i = 0; !*out && i < json_array_size(list); i++)
		if (template_same(r, at->offset, json_array_get(list, i), item, out))
			return -1;
	return 0;
}

/* Text that differs in case alone counts as the same unless asked, as in Jinja2. */
TEMPLATE_FILTER(unique)
{
	const json_t *list, *key, *none[TEMPLATE_ARGS] = { NULL };
	bool seen, exact = arg[0] && template_truthy(arg[0]);
	json_t *made = json_array(), *keys = json_array();
	*out = template_own(r, made);
	(void)template_own(r, keys);
	if (subject(r, at, in, &list))
		return -1;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		if (item_key(r, at, item, arg[1], &key))
			return -1;
		if (!exact && json_is_string(key) && template_lower(r, at, key, none, &key))
			return -1;
		if (listed(r, at, keys, key, &seen))
			return -1;
		if (!seen && (template_append(r, at->offset, keys, key) ||
			      template_append(r, at->offset, made, item)))
			return -1;
	}
	return 0;
}

TEMPLATE_FILTER(batch)
{
	const json_t *list;
	json_int_t n = json_integer_value(arg[0]);
	if (!json_is_integer(arg[0]) || n < 1 || n > 1000000)
		return template_fail(r->e, at->offset, NULL,
				     "filter 'batch' wants a whole number from 1 to 1000000");
	if (subject(r, at, in, &list))
		return -1;
	json_t *made = json_array(), *row = NULL;
	*out = template_own(r, made);
	size_t size = json_array_size(list);
	for (size_t i = 0; i < size || (arg[1] && i % (size_t)n); i++) {
		if (i % (size_t)n == 0) {
			row = json_array();
			if (template_append(r, at->offset, made, template_own(r, row)))
				return -1;
		}
		if (template_append(r, at->offset, row, i < size ? json_array_get(list, i) : arg[1]))
			return -1;
	}
	return template_check_depth(r, at->offset, made);
}

TEMPLATE_FILTER(items_filter)
{
	(void)arg;
	return template_pairs(r, at, in, out);
}

/* Pairs by key, case folded. */
TEMPLATE_FILTER(dictsort)
{
	const json_t *pairs;
	struct sorted *v;
	(void)arg;
	if (template_pairs(r, at, in, &pairs) ||
	    sorted_items(r, at, pairs, template_own(r, json_string("0")), false, false, &v))
		return -1;
	json_t *made = json_array();
	*out = template_own(r, made);
	for (size_t i = 0; i < json_array_size(pairs); i++)
		if (template_append(r, at->offset, made, v[i].item))
			return -1;
	return 0;
}

TEMPLATE_FILTER(map)
{
	const json_t *list, *none[TEMPLATE_ARGS] = { NULL };
	if (subject(r, at, in, &list))
		return -1;
	json_t *made = json_array();
	*out = template_own(r, made);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i), *one = NULL;
		struct template_expr inner = *at;
		inner.filter = at->inner_filter;
		if (template_step(r, at->offset))
			return -1;
		int rc = at->inner_filter ? inner.filter->apply(r, &inner, item, none, &one) :
			 arg[2]		  ? attribute(r, at, item, arg[1], &one) :
					    item_key(r, at, item, arg[1], &one);
		if (rc)
			return -1;
		if (!one && !arg[2])
			return template_fail(r->e, at->offset, NULL,
					     "filter 'map': item %zu gives nothing", i + 1);
		if (template_append(r, at->offset, made, one ? one : arg[2]))
			return -1;
	}
	return 0;
}

/* Keep the items for which the test (or truth) of the item or its attribute is `wanted`. */
static int sift(struct template_run *r, const struct template_expr *at, const json_t *in,
		const json_t *path, const json_t *value, bool wanted, const json_t **out)
{
	const json_t *list, *key;
	if (subject(r, at, in, &list))
		return -1;
	json_t *made = json_array();
	*out = template_own(r, made);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		bool yes = false, absent = at->test && at->test->takes_undefined;
		if (template_step(r, at->offset))
			return -1;
		key = item;
		if (path && (absent ? attribute(r, at, item, path, &key) :
				      item_key(r, at, item, path, &key)))
			return -1;
		if (!at->test)
			yes = template_truthy(key);
		else if (at->test->holds(r, at, key, value, &yes))
			return -1;
		if (yes == wanted && template_append(r, at->offset, made, item))
			return -1;
	}
	return 0;
}

TEMPLATE_FILTER(select)
{
	return sift(r, at, in, NULL, arg[1], true, out);
}

TEMPLATE_FILTER(reject)
{
	return sift(r, at, in, NULL, arg[1], false, out);
}

TEMPLATE_FILTER(selectattr)
{
	return sift(r, at, in, arg[0], arg[2], true, out);
}

TEMPLATE_FILTER(rejectattr)
{
	return sift(r, at, in, arg[0], arg[2], false, out);
}
