/* The parser: text to tree, with the RFC's rules on types. */
#include "doc/jsonpath.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "doc/jsonpath_lex.h"
#include "doc/jsonpath_node.h"
#include "doc/jsonx.h"

struct parser {
	struct jsonpath_lexer x;
	unsigned depth;
};

static int logical(struct parser *p, struct jsonpath_expr **out);

static int enter(struct parser *p)
{
	if (++p->depth > JSONPATH_DEPTH_MAX)
		return jsonpath_fail(&p->x, p->x.at, "filters nest more than %d levels deep",
				     JSONPATH_DEPTH_MAX);
	return 0;
}

static struct jsonpath_expr *expr_new(struct parser *p, enum jsonpath_expr_kind kind)
{
	struct jsonpath_expr *e = arena_new(p->x.a, struct jsonpath_expr);
	e->kind = kind;
	return e;
}

static bool starts_int(const struct parser *p)
{
	char c = jsonpath_peek(&p->x);
	return c == '-' || (c >= '0' && c <= '9');
}

/* [from] : [to] [: [step]]; the cursor is on the first colon. */
static int slice(struct parser *p, struct jsonpath_selector *s)
{
	s->kind = SELECT_SLICE;
	s->step = 1;
	p->x.at++;
	jsonpath_blanks(&p->x);
	s->has_to = starts_int(p);
	if (s->has_to && jsonpath_int(&p->x, &s->to))
		return -1;
	jsonpath_blanks(&p->x);
	if (!jsonpath_take(&p->x, ":"))
		return 0;
	jsonpath_blanks(&p->x);
	return starts_int(p) ? jsonpath_int(&p->x, &s->step) : 0;
}

static int selector(struct parser *p, struct jsonpath_selector *s)
{
	char c = jsonpath_peek(&p->x);
	if (c == '\'' || c == '"') {
		s->kind = SELECT_NAME;
		return jsonpath_string(&p->x, &s->name);
	}
	if (jsonpath_take(&p->x, "*")) {
		s->kind = SELECT_ALL;
		return 0;
	}
	if (jsonpath_take(&p->x, "?")) {
		s->kind = SELECT_FILTER;
		jsonpath_blanks(&p->x);
		return logical(p, &s->filter);
	}
	s->kind = SELECT_INDEX;
	s->has_from = starts_int(p);
	if (!s->has_from && c != ':')
		return jsonpath_fail(&p->x, p->x.at,
				     "expected a quoted name, an index, a slice, '*' or '?'");
	if (s->has_from && jsonpath_int(&p->x, &s->from))
		return -1;
	size_t end = p->x.at;
	jsonpath_blanks(&p->x);
	if (jsonpath_peek(&p->x) == ':')
		return slice(p, s);
	p->x.at = end;
	return 0;
}

/* [a, b, …]; the cursor is past the bracket. */
static int bracketed(struct parser *p, struct jsonpath_segment *seg)
{
	struct jsonpath_selector **tail = &seg->selector;
	size_t open = p->x.at - 1;
	if (enter(p))
		return -1;
	do {
		*tail = arena_new(p->x.a, struct jsonpath_selector);
		jsonpath_blanks(&p->x);
		if (selector(p, *tail))
			return -1;
		tail = &(*tail)->next;
		jsonpath_blanks(&p->x);
	} while (jsonpath_take(&p->x, ","));
	p->depth--;
	if (jsonpath_take(&p->x, "]"))
		return 0;
	return p->x.at < p->x.text.n ? jsonpath_fail(&p->x, p->x.at, "expected ',' or ']'") :
				       jsonpath_fail(&p->x, open, "this '[' is never closed");
}

static int shorthand(struct parser *p, struct jsonpath_segment *seg)
{
	struct jsonpath_selector *s = seg->selector = arena_new(p->x.a, struct jsonpath_selector);
	s->kind = SELECT_ALL;
	if (jsonpath_take(&p->x, "*"))
		return 0;
	s->kind = SELECT_NAME;
	s->name = jsonpath_name(&p->x);
	if (s->name.p)
		return 0;
	return jsonpath_fail(&p->x, p->x.at,
			     "expected a member's name or '*'; other names are written ['…']");
}

static int segment(struct parser *p, struct jsonpath_segment *seg)
{
	seg->descend = jsonpath_take(&p->x, "..");
	if (jsonpath_take(&p->x, "["))
		return bracketed(p, seg);
	if (!seg->descend)
		p->x.at++;
	return shorthand(p, seg);
}

static bool is_singular(const struct jsonpath *q)
{
	for (const struct jsonpath_segment *s = q->segment; s; s = s->next)
		if (s->descend || s->selector->next ||
		    (s->selector->kind != SELECT_NAME && s->selector->kind != SELECT_INDEX))
			return false;
	return true;
}

/* $… or @…; the cursor is past the sign.  Blanks after the last segment are left alone. */
static int query(struct parser *p, bool relative, struct jsonpath **out)
{
	struct jsonpath *q = arena_new(p->x.a, struct jsonpath);
	struct jsonpath_segment **tail = &q->segment;
	q->relative = relative;
	for (unsigned n = 0;; n++) {
		size_t end = p->x.at;
		jsonpath_blanks(&p->x);
		if (jsonpath_peek(&p->x) != '.' && jsonpath_peek(&p->x) != '[') {
			p->x.at = end;
			break;
		}
		if (n == JSONPATH_SEGMENTS_MAX)
			return jsonpath_fail(&p->x, p->x.at, "more than %d segments",
					     JSONPATH_SEGMENTS_MAX);
		*tail = arena_new(p->x.a, struct jsonpath_segment);
		if (segment(p, *tail))
			return -1;
		tail = &(*tail)->next;
	}
	q->singular = is_singular(q);
	*out = q;
	return 0;
}

struct signature {
	const char *name;
	enum jsonpath_function function;
	unsigned args;
	bool nodes;   /* its argument is a list of nodes, else values */
	bool logical; /* what it gives */
};

static const struct signature signatures[] = {
	{ "length", CALL_LENGTH, 1, false, false }, { "count", CALL_COUNT, 1, true, false },
	{ "match", CALL_MATCH, 2, false, true },    { "search", CALL_SEARCH, 2, false, true },
	{ "value", CALL_VALUE, 1, true, false },
};

static bool gives_logical(const struct jsonpath_expr *e)
{
	return e->function == CALL_MATCH || e->function == CALL_SEARCH;
}

/* May stand where one value is wanted. */
static bool is_value(const struct jsonpath_expr *e)
{
	return e->kind == TERM_LITERAL || (e->kind == TERM_QUERY && e->query->singular) ||
	       (e->kind == TERM_CALL && !gives_logical(e));
}

static int term(struct parser *p, struct jsonpath_expr **out);

static int argument(struct parser *p, const struct signature *f, struct jsonpath_expr **out)
{
	jsonpath_blanks(&p->x);
	size_t at = p->x.at;
	if (term(p, out))
		return -1;
	jsonpath_blanks(&p->x);
	if (f->nodes ? (*out)->kind == TERM_QUERY : is_value(*out))
		return 0;
	return jsonpath_fail(&p->x, at, "function '%s' wants %s here", f->name,
			     f->nodes ? "a query" : "one value, not a list of nodes or a test");
}

static int literal_pattern(struct parser *p, struct jsonpath_expr *e, size_t at)
{
	if (!gives_logical(e) || e->b->kind != TERM_LITERAL || !json_is_string(e->b->literal))
		return 0;
	struct err why = ERR_INIT;
	if (!jsonpath_regex(&e->regex, json_str(e->b->literal), e->function == CALL_MATCH, p->x.a,
			    &why))
		return 0;
	return jsonpath_fail(&p->x, at, "bad pattern: %s", why.msg);
}

/* name(…); the cursor is past the bracket. */
static int call(struct parser *p, struct str name, size_t at, struct jsonpath_expr **out)
{
	const struct signature *f = NULL;
	for (size_t i = 0; i < ARRAY_LEN(signatures); i++)
		if (str_eqc(name, signatures[i].name))
			f = &signatures[i];
	if (!f)
		return jsonpath_fail(&p->x, at,
				     "unknown function '%.*s': there are length, count, match, search "
				     "and value",
				     STR_ARGS(utf8_prefix(name, 40)));
	struct jsonpath_expr *e = *out = expr_new(p, TERM_CALL);
	e->function = f->function;
	if (enter(p) || argument(p, f, &e->a))
		return -1;
	size_t second = p->x.at + 1;
	if (f->args == 2) {
		if (!jsonpath_take(&p->x, ","))
			return jsonpath_fail(&p->x, p->x.at, "function '%s' takes two arguments", f->name);
		if (argument(p, f, &e->b))
			return -1;
	}
	p->depth--;
	if (!jsonpath_take(&p->x, ")"))
		return jsonpath_fail(&p->x, p->x.at, "function '%s' takes %u argument%s: expected ')'",
				     f->name, f->args, f->args == 1 ? "" : "s");
	return literal_pattern(p, e, second);
}

static int word(struct parser *p, struct jsonpath_expr **out)
{
	size_t at = p->x.at;
	struct str name = jsonpath_name(&p->x);
	if (name.p && jsonpath_take(&p->x, "("))
		return call(p, name, at, out);
	*out = expr_new(p, TERM_LITERAL);
	if (str_eqc(name, "true"))
		(*out)->literal = json_true();
	else if (str_eqc(name, "false"))
		(*out)->literal = json_false();
	else if (str_eqc(name, "null"))
		(*out)->literal = json_null();
	else
		return jsonpath_fail(&p->x, at, "expected '@', '$', a literal or a function");
	return 0;
}

/* A query, a literal or a function. */
static int term(struct parser *p, struct jsonpath_expr **out)
{
	bool relative = jsonpath_peek(&p->x) == '@';
	if (relative || jsonpath_peek(&p->x) == '$') {
		p->x.at++;
		*out = expr_new(p, TERM_QUERY);
		return query(p, relative, &(*out)->query);
	}
	char c = jsonpath_peek(&p->x);
	if (c != '\'' && c != '"' && !starts_int(p))
		return word(p, out);
	json_t *j = NULL;
	struct str s;
	if (starts_int(p) ? jsonpath_number(&p->x, &j) : jsonpath_string(&p->x, &s))
		return -1;
	*out = expr_new(p, TERM_LITERAL);
	(*out)->literal = arena_json(p->x.a, j ? j : json_stringn_nocheck(s.p, s.n));
	return 0;
}

static bool compare_op(struct parser *p, enum jsonpath_compare *out)
{
	static const char *const sign[] = { "==", "!=", "<=", "<", ">=", ">" };
	static const enum jsonpath_compare op[] = { COMPARE_EQ, COMPARE_NE, COMPARE_LE,
						    COMPARE_LT, COMPARE_GE, COMPARE_GT };
	for (size_t i = 0; i < ARRAY_LEN(sign); i++)
		if (jsonpath_take(&p->x, sign[i])) {
			*out = op[i];
			return true;
		}
	return false;
}

static int check_value(struct parser *p, const struct jsonpath_expr *e, size_t at)
{
	if (is_value(e))
		return 0;
	return jsonpath_fail(&p->x, at, "only one value can be compared: %s",
			     e->kind == TERM_CALL ? "this function is a test" :
						    "this query may give several nodes");
}

/* A comparison, or a query or function that stands alone as a test. */
static int test(struct parser *p, bool negated, struct jsonpath_expr **out)
{
	struct jsonpath_expr *left, *e;
	enum jsonpath_compare op;
	size_t at = p->x.at;
	if (term(p, &left))
		return -1;
	size_t end = p->x.at;
	jsonpath_blanks(&p->x);
	if (!negated && compare_op(p, &op)) {
		*out = e = expr_new(p, TEST_COMPARE);
		e->a = left;
		e->compare = op;
		jsonpath_blanks(&p->x);
		size_t right = p->x.at;
		return term(p, &e->b) || check_value(p, left, at) || check_value(p, e->b, right) ? -1 : 0;
	}
	p->x.at = end;
	if (left->kind == TERM_LITERAL)
		return jsonpath_fail(&p->x, at, "a literal must be compared with something");
	if (left->kind == TERM_CALL && !gives_logical(left))
		return jsonpath_fail(&p->x, at, "the result of this function must be compared");
	*out = left;
	return 0;
}

static int basic(struct parser *p, struct jsonpath_expr **out)
{
	bool negated = jsonpath_take(&p->x, "!");
	if (negated)
		jsonpath_blanks(&p->x);
	if (jsonpath_take(&p->x, "(")) {
		if (enter(p))
			return -1;
		jsonpath_blanks(&p->x);
		if (logical(p, out))
			return -1;
		jsonpath_blanks(&p->x);
		p->depth--;
		if (!jsonpath_take(&p->x, ")"))
			return jsonpath_fail(&p->x, p->x.at, "expected ')'");
	} else if (test(p, negated, out)) {
		return -1;
	}
	if (!negated)
		return 0;
	struct jsonpath_expr *e = expr_new(p, TEST_NOT);
	e->a = *out;
	*out = e;
	return 0;
}

/* Chains lean right, so that evaluating them needs no recursion. */
static int chain(struct parser *p, const char *sign, enum jsonpath_expr_kind kind,
		 int (*below)(struct parser *p, struct jsonpath_expr **out),
		 struct jsonpath_expr **out)
{
	for (;;) {
		if (below(p, out))
			return -1;
		size_t end = p->x.at;
		jsonpath_blanks(&p->x);
		if (!jsonpath_take(&p->x, sign)) {
			p->x.at = end;
			return 0;
		}
		struct jsonpath_expr *e = expr_new(p, kind);
		e->a = *out;
		*out = e;
		out = &e->b;
		jsonpath_blanks(&p->x);
	}
}

static int conjunction(struct parser *p, struct jsonpath_expr **out)
{
	return chain(p, "&&", TEST_AND, basic, out);
}

static int logical(struct parser *p, struct jsonpath_expr **out)
{
	return chain(p, "||", TEST_OR, conjunction, out);
}

int jsonpath_compile(struct jsonpath **out, struct str path, struct arena *a, struct err *err)
{
	struct parser p = { .x = { .text = arena_str(a, path), .a = a, .err = err } };
	struct jsonpath *q = NULL;
	ptrdiff_t bad = utf8_bad(path);
	if (bad >= 0)
		return jsonpath_fail(&p.x, (size_t)bad, "the text is not UTF-8");
	if (!jsonpath_take(&p.x, "$"))
		return jsonpath_fail(&p.x, 0, "a JSONPath starts with '$'");
	if (query(&p, false, &q))
		return -1;
	if (p.x.at < p.x.text.n)
		return jsonpath_fail(&p.x, p.x.at, "expected '.', '[' or the end");
	*out = q;
	return 0;
}

bool jsonpath_is_singular(const struct jsonpath *p)
{
	return p->singular;
}
