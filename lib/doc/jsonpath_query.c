/* The evaluator: depth first, which gives the RFC's order without lists between segments. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "doc/jsonpath_node.h"
#include "doc/jsonx.h"

/* How a value was reached; lives on the stack of the walk. */
struct place {
	const struct place *up;
	struct str name;
	size_t index;
	bool named;
};

struct walk {
	const json_t *root, *current; /* $ and @ */
	struct jsonpath_nodes *out;
	size_t want; /* stop at so many nodes */
	bool paths;
	size_t *steps;
	struct arena *a;
	struct err *err;
};

static int visit(struct walk *w, const json_t *j, const struct jsonpath_segment *seg,
		 const struct place *at);
static int holds(struct walk *w, const struct jsonpath_expr *e, bool *out);

static bool done(const struct walk *w)
{
	return w->out->list.n >= w->want;
}

/* Count n values, or work that costs as much. */
static int steps(struct walk *w, size_t n)
{
	*w->steps += n;
	if (*w->steps <= JSONPATH_STEPS_MAX)
		return 0;
	return err_set(w->err, ERR_ARTIFACT, "the JSONPath visits more than %zu values",
		       JSONPATH_STEPS_MAX);
}

static int step(struct walk *w)
{
	return steps(w, 1);
}

static void add_name(struct buf *b, struct str s)
{
	static const char from[] = "\b\t\n\f\r'\\", to[] = "btnfr'\\";
	buf_adds(b, "['");
	for (size_t i = 0; i < s.n; i++) {
		const char *hit = s.p[i] ? strchr(from, s.p[i]) : NULL;
		if (hit)
			buf_addf(b, "\\%c", to[hit - from]);
		else if ((unsigned char)s.p[i] < 0x20)
			buf_addf(b, "\\u%04x", (unsigned char)s.p[i]);
		else
			buf_addc(b, s.p[i]);
	}
	buf_adds(b, "']");
}

static struct str path_text(struct walk *w, const struct place *at)
{
	VEC(const struct place *) stack = { 0 };
	struct buf b;
	buf_init(&b, REPLY_BYTES_MAX);
	buf_addc(&b, '$');
	for (; at; at = at->up)
		*vec_push(&stack, w->a) = at;
	for (size_t i = stack.n; i--;)
		if (stack.v[i]->named)
			add_name(&b, stack.v[i]->name);
		else
			buf_addf(&b, "[%zu]", stack.v[i]->index);
	struct str s = arena_str(w->a, buf_str(&b));
	buf_release(&b);
	return s;
}

static int select_node(struct walk *w, const json_t *j, const struct place *at)
{
	if (w->out->list.n >= JSONPATH_NODES_MAX)
		return err_set(w->err, ERR_ARTIFACT, "the JSONPath selects more than %zu values",
			       JSONPATH_NODES_MAX);
	*vec_push(&w->out->list, w->a) =
		(struct jsonpath_node){ j, w->paths ? path_text(w, at) : (struct str){ .p = NULL } };
	return 0;
}

/* Call fn for every child until it fails or enough was found. */
static int children(struct walk *w, const json_t *j, const void *arg, const struct place *up,
		    int (*fn)(struct walk *w, const json_t *child, const void *arg,
			      const struct place *at))
{
	struct place at = { .up = up };
	for (; at.index < json_array_size(j) && !done(w); at.index++)
		if (fn(w, json_array_get(j, at.index), arg, &at))
			return -1;
	json_t *object = (json_t *)j;
	at.named = true;
	for (void *i = json_object_iter(object); i && !done(w); i = json_object_iter_next(object, i)) {
		at.name = (struct str){ json_object_iter_key(i), json_object_iter_key_len(i) };
		if (fn(w, json_object_iter_value(i), arg, &at))
			return -1;
	}
	return 0;
}

struct next {
	const struct jsonpath_segment *seg;
	const struct jsonpath_expr *filter;
};

static int visit_child(struct walk *w, const json_t *child, const void *arg, const struct place *at)
{
	const struct next *n = arg;
	bool yes = true;
	if (n->filter) {
		/* Nothing that a filter makes outlives its answer. */
		struct arena_mark mark = arena_mark(w->a);
		struct walk inner = *w;
		inner.current = child;
		if (holds(&inner, n->filter, &yes))
			return -1;
		arena_rewind(w->a, mark);
	}
	return yes ? visit(w, child, n->seg, at) : 0;
}

static int visit_item(struct walk *w, const json_t *j, const struct jsonpath_segment *seg, size_t i,
		      const struct place *up)
{
	struct place at = { .up = up, .index = i };
	return visit(w, json_array_get(j, i), seg, &at);
}

static int64_t clamp(int64_t i, int64_t n, int64_t low, int64_t high)
{
	if (i < 0)
		i += n;
	return i < low ? low : i > high ? high : i;
}

static int slice(struct walk *w, const json_t *j, const struct jsonpath_selector *s,
		 const struct jsonpath_segment *seg, const struct place *up)
{
	int64_t n = (int64_t)json_array_size(j);
	if (s->step > 0) {
		int64_t from = s->has_from ? clamp(s->from, n, 0, n) : 0;
		int64_t to = s->has_to ? clamp(s->to, n, 0, n) : n;
		for (int64_t i = from; i < to && !done(w); i += s->step)
			if (visit_item(w, j, seg, (size_t)i, up))
				return -1;
	} else if (s->step < 0) {
		int64_t from = s->has_from ? clamp(s->from, n, -1, n - 1) : n - 1;
		int64_t to = s->has_to ? clamp(s->to, n, -1, n - 1) : -1;
		for (int64_t i = from; i > to && !done(w); i += s->step)
			if (visit_item(w, j, seg, (size_t)i, up))
				return -1;
	}
	return 0;
}

static int apply(struct walk *w, const json_t *j, const struct jsonpath_selector *s,
		 const struct jsonpath_segment *seg, const struct place *up)
{
	struct place at = { .up = up, .name = s->name, .named = true };
	struct next next = { seg, s->filter };
	const json_t *child;
	int64_t i;
	switch (s->kind) {
	case SELECT_NAME:
		child = json_is_object(j) ? json_object_getn(j, s->name.p, s->name.n) : NULL;
		return child ? visit(w, child, seg, &at) : 0;
	case SELECT_INDEX:
		i = s->from < 0 ? s->from + (int64_t)json_array_size(j) : s->from;
		return i >= 0 && i < (int64_t)json_array_size(j) ? visit_item(w, j, seg, (size_t)i, up) :
								   0;
	case SELECT_SLICE:
		return slice(w, j, s, seg, up);
	case SELECT_ALL:
	case SELECT_FILTER:
		break;
	}
	return children(w, j, &next, up, visit_child);
}

/* The segment's selectors on j, then on everything below it. */
static int descend(struct walk *w, const json_t *j, const void *arg, const struct place *at)
{
	const struct jsonpath_segment *seg = arg;
	if (step(w))
		return -1;
	for (const struct jsonpath_selector *s = seg->selector; s && !done(w); s = s->next)
		if (apply(w, j, s, seg->next, at))
			return -1;
	return children(w, j, seg, at, descend);
}

static int visit(struct walk *w, const json_t *j, const struct jsonpath_segment *seg,
		 const struct place *at)
{
	if (step(w))
		return -1;
	if (!seg)
		return select_node(w, j, at);
	if (seg->descend)
		return descend(w, j, seg, at);
	for (const struct jsonpath_selector *s = seg->selector; s && !done(w); s = s->next)
		if (apply(w, j, s, seg->next, at))
			return -1;
	return 0;
}

/* ---- filters ---- */

/* At most `want` nodes of a query inside a filter. */
static int inner_query(struct walk *w, const struct jsonpath *q, size_t want,
		       struct jsonpath_nodes *out)
{
	struct walk inner = *w;
	*out = (struct jsonpath_nodes){ 0 };
	inner.out = out;
	inner.want = want;
	inner.paths = false;
	return visit(&inner, q->relative ? w->current : w->root, q->segment, NULL);
}

static int value_of(struct walk *w, const struct jsonpath_expr *e, const json_t **out);

static int same(struct walk *w, const json_t *a, const json_t *b, bool *out);

static int same_members(struct walk *w, const json_t *a, const json_t *b, bool *out)
{
	json_t *object = (json_t *)a;
	*out = json_object_size(a) == json_object_size(b);
	for (void *i = json_object_iter(object); *out && i; i = json_object_iter_next(object, i)) {
		const json_t *other = json_object_getn(b, json_object_iter_key(i),
						       json_object_iter_key_len(i));
		*out = other != NULL;
		if (other && same(w, json_object_iter_value(i), other, out))
			return -1;
	}
	return 0;
}

/* Neither is NULL. */
static int same(struct walk *w, const json_t *a, const json_t *b, bool *out)
{
	if (step(w))
		return -1;
	*out = false;
	if (json_is_integer(a) && json_is_integer(b))
		*out = json_integer_value(a) == json_integer_value(b);
	else if (json_is_number(a) && json_is_number(b))
		*out = json_number_value(a) == json_number_value(b);
	else if (json_typeof(a) != json_typeof(b))
		return 0;
	else if (json_is_string(a)) {
		*out = str_eq(json_str(a), json_str(b));
		return *out ? steps(w, json_string_length(a) / 64) : 0;
	} else if (json_is_object(a))
		return same_members(w, a, b, out);
	else
		*out = json_array_size(a) == json_array_size(b);
	for (size_t i = 0; *out && i < json_array_size(a); i++)
		if (same(w, json_array_get(a, i), json_array_get(b, i), out))
			return -1;
	return 0;
}

static bool less(const json_t *a, const json_t *b)
{
	if (json_is_string(a) && json_is_string(b))
		return str_cmp(json_str(a), json_str(b)) < 0;
	if (json_is_integer(a) && json_is_integer(b))
		return json_integer_value(a) < json_integer_value(b);
	return json_is_number(a) && json_is_number(b) && json_number_value(a) < json_number_value(b);
}

/* NULL is the RFC's Nothing: equal to itself, ordered with none. */
static int compare(struct walk *w, const struct jsonpath_expr *e, bool *out)
{
	const json_t *a, *b;
	bool equal = false;
	if (value_of(w, e->a, &a) || value_of(w, e->b, &b))
		return -1;
	enum jsonpath_compare op = e->compare;
	if (op != COMPARE_LT && op != COMPARE_GT) {
		if (!a || !b)
			equal = !a && !b;
		else if (same(w, a, b, &equal))
			return -1;
	}
	bool below = (op == COMPARE_LT || op == COMPARE_LE) && less(a, b);
	bool over = (op == COMPARE_GT || op == COMPARE_GE) && less(b, a);
	*out = op == COMPARE_NE ? !equal : equal || below || over;
	return 0;
}

/* A pattern from the document that is none matches nothing. */
static int matches(struct walk *w, const struct jsonpath_expr *e, bool *out)
{
	const json_t *text, *pattern;
	struct arena scratch = ARENA_INIT;
	struct regex *re = e->regex;
	struct err ignored = ERR_INIT;
	*out = false;
	if (value_of(w, e->a, &text) || value_of(w, e->b, &pattern))
		return -1;
	if (!json_is_string(text) || !json_is_string(pattern))
		return 0;
	/* Compiling and matching cost some hundred looks at a value, and each byte its share. */
	if (steps(w, 100 + (json_string_length(text) + json_string_length(pattern)) / 8))
		return -1;
	int found = 0;
	if (re || !jsonpath_regex(&re, json_str(pattern), e->function == CALL_MATCH, &scratch, &ignored))
		found = regex_search(re, json_str(text), NULL, w->err);
	arena_release(&scratch);
	*out = found > 0;
	return found < 0 ? -1 : 0;
}

static int number(struct walk *w, size_t n, const json_t **out)
{
	*out = arena_json(w->a, json_integer((json_int_t)n));
	return 0;
}

static int call(struct walk *w, const struct jsonpath_expr *e, const json_t **out)
{
	struct jsonpath_nodes nodes;
	const json_t *j;
	*out = NULL;
	if (e->function == CALL_LENGTH) {
		if (value_of(w, e->a, &j))
			return -1;
		if (json_is_string(j))
			return number(w, utf8_count(json_str(j)), out);
		if (json_is_array(j) || json_is_object(j))
			return number(w, json_array_size(j) + json_object_size(j), out);
		return 0;
	}
	if (inner_query(w, e->a->query, SIZE_MAX, &nodes))
		return -1;
	if (e->function == CALL_COUNT)
		return number(w, nodes.list.n, out);
	*out = nodes.list.n == 1 ? nodes.list.v[0].value : NULL;
	return 0;
}

static int value_of(struct walk *w, const struct jsonpath_expr *e, const json_t **out)
{
	struct jsonpath_nodes nodes;
	if (e->kind == TERM_CALL)
		return call(w, e, out);
	*out = e->literal;
	if (e->kind != TERM_QUERY)
		return 0;
	if (inner_query(w, e->query, 1, &nodes))
		return -1;
	*out = nodes.list.n ? nodes.list.v[0].value : NULL;
	return 0;
}

static int holds(struct walk *w, const struct jsonpath_expr *e, bool *out)
{
	struct jsonpath_nodes nodes;
	if (step(w))
		return -1;
	for (; e->kind == TEST_OR || e->kind == TEST_AND; e = e->b) {
		if (holds(w, e->a, out))
			return -1;
		if (*out == (e->kind == TEST_OR))
			return 0;
	}
	if (e->kind == TEST_COMPARE)
		return compare(w, e, out);
	if (e->kind == TERM_CALL)
		return matches(w, e, out);
	if (e->kind == TEST_NOT) {
		if (holds(w, e->a, out))
			return -1;
		*out = !*out;
		return 0;
	}
	if (inner_query(w, e->query, 1, &nodes))
		return -1;
	*out = nodes.list.n > 0;
	return 0;
}

static int query(const struct jsonpath *p, const json_t *root, bool paths, struct jsonpath_nodes *out,
		 struct arena *a, struct err *err)
{
	size_t steps = 0;
	struct walk w = { .root = root, .current = root, .out = out, .want = SIZE_MAX,
			  .paths = paths, .steps = &steps, .a = a, .err = err };
	*out = (struct jsonpath_nodes){ 0 };
	return visit(&w, root, p->segment, NULL);
}

int jsonpath_query(const struct jsonpath *p, const json_t *root, struct jsonpath_nodes *out,
		   struct arena *a, struct err *err)
{
	return query(p, root, false, out, a, err);
}

int jsonpath_query_paths(const struct jsonpath *p, const json_t *root, struct jsonpath_nodes *out,
			 struct arena *a, struct err *err)
{
	return query(p, root, true, out, a, err);
}

/* A dot is any character but a line end; what else RFC 9485 has, ECMAScript has too. */
int jsonpath_regex(struct regex **out, struct str pattern, bool whole, struct arena *a,
		   struct err *err)
{
	struct buf b;
	bool inside = false;
	buf_init(&b, pattern.n * 8 + 16);
	if (whole)
		buf_adds(&b, "^(?:");
	for (size_t i = 0; i < pattern.n; i++) {
		char c = pattern.p[i];
		if (c == '.' && !inside) {
			buf_adds(&b, "[^\\n\\r]");
			continue;
		}
		inside = inside ? c != ']' : c == '[';
		buf_addc(&b, c);
		if (c == '\\' && i + 1 < pattern.n)
			buf_addc(&b, pattern.p[++i]);
	}
	if (whole)
		buf_adds(&b, ")$");
	int rc = regex_compile(out, buf_str(&b), 0, a, err);
	buf_release(&b);
	return rc;
}
