#include "doc/template_expr.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "doc/template_args.h"

struct level {
	const char *token;
	enum template_op op;
};

static int next(struct template_parser *p)
{
	return template_lex_next(&p->x);
}

int template_expect(struct template_parser *p, const char *op)
{
	if (!template_lex_is(&p->x, op))
		return template_fail(p->x.e, p->x.token.offset, NULL, "expected '%s', found %s", op,
				     template_lex_show(&p->x));
	return next(p);
}

struct template_expr *template_expr_new(struct template_parser *p, enum template_expr_kind kind,
					size_t offset)
{
	struct template_expr *n = arena_new(p->x.a, struct template_expr);
	n->kind = kind;
	n->offset = offset;
	return n;
}

static unsigned above(const struct template_expr *n, unsigned height)
{
	return n && n->height >= height ? n->height + 1 : height;
}

/* Called once a node has its children. */
static int stack(struct template_parser *p, struct template_expr *n)
{
	n->height = above(n->a, above(n->b, above(n->c, 1)));
	for (size_t i = 0; i < n->nargs; i++)
		n->height = above(n->arg[i], n->height);
	if (n->height > TEMPLATE_EXPR_MAX)
		return template_fail(p->x.e, n->offset, "split it with {% set %}",
				     "this expression stacks more than %d operators",
				     TEMPLATE_EXPR_MAX);
	return 0;
}

static int literal(struct template_parser *p, json_t *j, struct template_expr **out)
{
	if (!j)
		die_oom();
	arena_defer(p->x.a, (void (*)(void *))json_decref, j);
	*out = template_expr_new(p, EXPR_LITERAL, p->x.token.offset);
	(*out)->literal = j;
	(*out)->height = 1;
	return next(p);
}

static int number(struct template_parser *p, struct template_expr **out)
{
	struct str t = p->x.token.text;
	char *digits = arena_alloc(p->x.a, t.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] != '_')
			digits[n++] = t.p[i];
	int64_t i;
	double d;
	if (num_parse_i64((struct str){ digits, n }, &i))
		return literal(p, json_integer(i), out);
	if (num_parse((struct str){ digits, n }, &d))
		return literal(p, json_real(d), out);
	return template_fail(p->x.e, p->x.token.offset, NULL, "number '%.*s' is too large",
			     STR_ARGS(str_sub(t, 0, 40)));
}

int template_enter(struct template_parser *p)
{
	if (++p->depth > TEMPLATE_DEPTH_MAX)
		return template_fail(p->x.e, p->x.token.offset, NULL,
				     "nested more than %d levels deep", TEMPLATE_DEPTH_MAX);
	return 0;
}

/* expression, expression … `close`; the opening bracket is the current token. */
static int sequence(struct template_parser *p, const char *close, bool dict,
		    struct template_expr *n)
{
	VEC(struct template_expr *) list = { 0 };
	if (template_enter(p) || next(p))
		return -1;
	while (!template_lex_is(&p->x, close)) {
		struct template_expr *item;
		if (list.n && template_expect(p, ","))
			return -1;
		if (template_lex_is(&p->x, close))
			break;
		if (template_expr(p, &item))
			return -1;
		*vec_push(&list, p->x.a) = item;
		if (!dict)
			continue;
		if (template_expect(p, ":") || template_expr(p, &item))
			return -1;
		*vec_push(&list, p->x.a) = item;
	}
	p->depth--;
	n->arg = list.v;
	n->nargs = list.n;
	return stack(p, n) || next(p) ? -1 : 0;
}

static int parenthesis(struct template_parser *p, struct template_expr **out)
{
	size_t offset = p->x.token.offset;
	if (template_enter(p) || next(p) || template_expr(p, out))
		return -1;
	if (template_lex_is(&p->x, ","))
		return template_fail(p->x.e, offset, "write a list: [a, b]",
				     "tuples are not supported");
	p->depth--;
	(*out)->paren = true;
	return template_expect(p, ")");
}

static int constant(struct template_parser *p, struct template_expr **out, bool *hit)
{
	*hit = true;
	if (template_lex_is_name(&p->x, "true") || template_lex_is_name(&p->x, "True"))
		return literal(p, json_true(), out);
	if (template_lex_is_name(&p->x, "false") || template_lex_is_name(&p->x, "False"))
		return literal(p, json_false(), out);
	if (template_lex_is_name(&p->x, "none") || template_lex_is_name(&p->x, "None") ||
	    template_lex_is_name(&p->x, "null"))
		return literal(p, json_null(), out);
	*hit = false;
	return 0;
}

static bool reserved(struct str name)
{
	static const char *const words[] = { "and", "or", "not", "in", "is", "if", "else" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eqc(name, words[i]))
			return true;
	return false;
}

static int name(struct template_parser *p, struct template_expr **out)
{
	bool hit;
	if (constant(p, out, &hit))
		return -1;
	if (hit)
		return 0;
	if (reserved(p->x.token.text))
		return template_fail(p->x.e, p->x.token.offset, NULL,
				     "expected a value, found %s", template_lex_show(&p->x));
	*out = template_expr_new(p, EXPR_NAME, p->x.token.offset);
	(*out)->name = p->x.token.text;
	(*out)->height = 1;
	return next(p);
}

static int primary(struct template_parser *p, struct template_expr **out)
{
	*out = NULL;
	struct template_lexer *x = &p->x;
	if (x->token.kind == TOKEN_NAME)
		return name(p, out);
	if (x->token.kind == TOKEN_NUMBER)
		return number(p, out);
	if (x->token.kind == TOKEN_STRING)
		return literal(p, json_stringn_nocheck(x->token.text.p, x->token.text.n), out);
	if (template_lex_is(x, "("))
		return parenthesis(p, out);
	if (template_lex_is(x, "[")) {
		*out = template_expr_new(p, EXPR_LIST, x->token.offset);
		return sequence(p, "]", false, *out);
	}
	if (template_lex_is(x, "{")) {
		*out = template_expr_new(p, EXPR_DICT, x->token.offset);
		return sequence(p, "}", true, *out);
	}
	return template_fail(x->e, x->token.offset, NULL, "expected a value, found %s",
			     template_lex_show(x));
}

static int member(struct template_parser *p, struct template_expr **out)
{
	struct template_expr *n = template_expr_new(p, EXPR_MEMBER, p->x.token.offset);
	if (next(p))
		return -1;
	/* In `xs.0.1` the lexer sees the number 0.1. */
	if (p->x.token.kind == TOKEN_NUMBER && str_chr(p->x.token.text, '.', 0) > 0) {
		size_t dot = (size_t)str_chr(p->x.token.text, '.', 0);
		p->x.at = p->x.token.offset + dot;
		p->x.token.text = str_sub(p->x.token.text, 0, dot);
	}
	if (p->x.token.kind != TOKEN_NAME && p->x.token.kind != TOKEN_NUMBER)
		return template_fail(p->x.e, p->x.token.offset, NULL,
				     "expected a member's name after '.', found %s",
				     template_lex_show(&p->x));
	n->name = p->x.token.text;
	n->a = *out;
	*out = n;
	return stack(p, n) || next(p) ? -1 : 0;
}

/* a[b], a[b:c], a[:c], a[b:], a[:] */
static int subscript(struct template_parser *p, struct template_expr **out)
{
	struct template_expr *n = template_expr_new(p, EXPR_INDEX, p->x.token.offset);
	n->a = *out;
	*out = n;
	if (template_enter(p) || next(p))
		return -1;
	if (!template_lex_is(&p->x, ":") && template_expr(p, &n->b))
		return -1;
	if (template_lex_is(&p->x, ":")) {
		n->kind = EXPR_SLICE;
		if (next(p))
			return -1;
		bool open_end = template_lex_is(&p->x, "]") || template_lex_is(&p->x, ":");
		if (!open_end && template_expr(p, &n->c))
			return -1;
		if (template_lex_is(&p->x, ":"))
			return template_fail(p->x.e, p->x.token.offset, "use the filter 'reverse'",
					     "slices with a step are not supported");
	}
	p->depth--;
	return stack(p, n) || template_expect(p, "]") ? -1 : 0;
}

/* The bracket of a call is the current token: only range() and three methods exist. */
static int call(struct template_parser *p, struct template_expr **out)
{
	struct template_expr *f = *out, *n = NULL;
	static const char *const range[TEMPLATE_ARGS] = { "start", "stop", "step" };
	if (f->kind == EXPR_NAME && str_eqc(f->name, "range")) {
		*out = n = template_expr_new(p, EXPR_RANGE, f->offset);
		return template_args(p, n, range, 1, "'range'") ? -1 : stack(p, n);
	}
	if (f->kind == EXPR_MEMBER && (str_eqc(f->name, "items") || str_eqc(f->name, "keys") ||
				       str_eqc(f->name, "values"))) {
		f->kind = EXPR_METHOD;
		return next(p) || template_expect(p, ")") ? -1 : 0;
	}
	return template_fail(p->x.e, f->offset,
			     "templates call range() and the .items(), .keys(), .values() of an "
			     "object; filters do the rest",
			     "calls are not supported");
}

static int postfix(struct template_parser *p, struct template_expr **out)
{
	if (primary(p, out))
		return -1;
	for (;;) {
		int rc;
		if (template_lex_is(&p->x, "."))
			rc = member(p, out);
		else if (template_lex_is(&p->x, "["))
			rc = subscript(p, out);
		else if (template_lex_is(&p->x, "("))
			rc = call(p, out);
		else
			return 0;
		if (rc)
			return -1;
	}
}

static int unary(struct template_parser *p, bool filters, struct template_expr **out)
{
	bool minus = template_lex_is(&p->x, "-");
	if (!minus && !template_lex_is(&p->x, "+")) {
		if (postfix(p, out))
			return -1;
	} else {
		struct template_expr *n = template_expr_new(p, minus ? EXPR_NEGATE : EXPR_PLUS,
							    p->x.token.offset);
		if (template_enter(p) || next(p) || unary(p, false, &n->a))
			return -1;
		p->depth--;
		*out = n;
		if (stack(p, n))
			return -1;
	}
	while (filters && (template_lex_is(&p->x, "|") || template_lex_is_name(&p->x, "is")))
		if (template_lex_is(&p->x, "|") ? template_filter_expr(p, out) || stack(p, *out) :
						  template_test_expr(p, out) || stack(p, *out))
			return -1;
	return 0;
}

/* Nunjucks reads `a + b is odd` as (a + b) is odd, Jinja2 as a + (b is odd). */
static int unambiguous(struct template_parser *p, const struct template_expr *n)
{
	if (n->kind != EXPR_TEST || n->paren)
		return 0;
	return template_fail(p->x.e, n->offset, "put parentheses around what is tested",
			     "'is' beside an operator can be read in two ways");
}

static int binary(struct template_parser *p, struct template_expr **out, enum template_op op,
		  int (*right)(struct template_parser *p, struct template_expr **out))
{
	struct template_expr *n = template_expr_new(p, EXPR_BINARY, p->x.token.offset);
	n->op = op;
	n->a = *out;
	*out = n;
	if (next(p) || right(p, &n->b) || unambiguous(p, n->a) || unambiguous(p, n->b))
		return -1;
	return stack(p, n);
}

static bool at_level(struct template_parser *p, const struct level *l, size_t n,
		     enum template_op *op)
{
	for (size_t i = 0; i < n; i++)
		if (template_lex_is(&p->x, l[i].token)) {
			*op = l[i].op;
			return true;
		}
	return false;
}

static int filtered(struct template_parser *p, struct template_expr **out)
{
	return unary(p, true, out);
}

/* Left to right at every level, `**` too: both engines have it so. */
static int climb(struct template_parser *p, struct template_expr **out, const struct level *l,
		 size_t n, int (*below)(struct template_parser *p, struct template_expr **out))
{
	enum template_op op;
	if (below(p, out))
		return -1;
	while (at_level(p, l, n, &op))
		if (binary(p, out, op, below))
			return -1;
	return 0;
}

static int power(struct template_parser *p, struct template_expr **out)
{
	static const struct level l[] = { { "**", OP_POW } };
	return climb(p, out, l, ARRAY_LEN(l), filtered);
}

static int product(struct template_parser *p, struct template_expr **out)
{
	static const struct level l[] = {
		{ "*", OP_MUL }, { "/", OP_DIV }, { "//", OP_FLOOR_DIV }, { "%", OP_MOD }
	};
	return climb(p, out, l, ARRAY_LEN(l), power);
}

static int addition(struct template_parser *p, struct template_expr **out)
{
	static const struct level l[] = { { "+", OP_ADD }, { "-", OP_SUB } };
	return climb(p, out, l, ARRAY_LEN(l), product);
}

static int concat(struct template_parser *p, struct template_expr **out)
{
	static const struct level l[] = { { "~", OP_CONCAT } };
	return climb(p, out, l, ARRAY_LEN(l), addition);
}

/* `in` and `not in`; the word before `in` is consumed when it is `not`. */
static int comparison_op(struct template_parser *p, enum template_op *op, bool *hit)
{
	static const struct level l[] = {
		{ "==", OP_EQ },  { "===", OP_EQ }, { "!=", OP_NE }, { "!==", OP_NE },
		{ "<=", OP_LE },  { ">=", OP_GE },  { "<", OP_LT },  { ">", OP_GT },
	};
	*hit = at_level(p, l, ARRAY_LEN(l), op);
	if (*hit)
		return 0;
	*hit = template_lex_is_name(&p->x, "in") || template_lex_is_name(&p->x, "not");
	*op = OP_IN;
	if (!template_lex_is_name(&p->x, "not"))
		return 0;
	*op = OP_NOT_IN;
	if (next(p))
		return -1;
	if (template_lex_is_name(&p->x, "in"))
		return 0;
	return template_fail(p->x.e, p->x.token.offset, NULL, "expected 'in' after 'not', found %s",
			     template_lex_show(&p->x));
}

static int comparison(struct template_parser *p, struct template_expr **out)
{
	enum template_op op = OP_EQ;
	bool hit;
	if (concat(p, out) || comparison_op(p, &op, &hit))
		return -1;
	if (!hit)
		return 0;
	if (binary(p, out, op, concat) || comparison_op(p, &op, &hit))
		return -1;
	if (!hit)
		return 0;
	return template_fail(p->x.e, p->x.token.offset, "write a < b and b < c",
			     "comparisons cannot be chained");
}

static int negation(struct template_parser *p, struct template_expr **out)
{
	if (!template_lex_is_name(&p->x, "not"))
		return comparison(p, out);
	struct template_expr *n = template_expr_new(p, EXPR_NOT, p->x.token.offset);
	if (template_enter(p) || next(p) || negation(p, &n->a))
		return -1;
	p->depth--;
	*out = n;
	return stack(p, n);
}

static int logic(struct template_parser *p, struct template_expr **out, const char *word,
		 enum template_expr_kind kind,
		 int (*below)(struct template_parser *p, struct template_expr **out))
{
	if (below(p, out))
		return -1;
	while (template_lex_is_name(&p->x, word)) {
		struct template_expr *n = template_expr_new(p, kind, p->x.token.offset);
		n->a = *out;
		*out = n;
		if (next(p) || below(p, &n->b) || stack(p, n))
			return -1;
	}
	return 0;
}

static int conjunction(struct template_parser *p, struct template_expr **out)
{
	return logic(p, out, "and", EXPR_AND, negation);
}

int template_expr_plain(struct template_parser *p, struct template_expr **out)
{
	return logic(p, out, "or", EXPR_OR, conjunction);
}

int template_expr(struct template_parser *p, struct template_expr **out)
{
	if (template_expr_plain(p, out))
		return -1;
	if (!template_lex_is_name(&p->x, "if"))
		return 0;
	struct template_expr *n = template_expr_new(p, EXPR_COND, p->x.token.offset);
	n->a = *out;
	*out = n;
	if (template_enter(p) || next(p) || template_expr_plain(p, &n->b))
		return -1;
	if (template_lex_is_name(&p->x, "else") && (next(p) || template_expr(p, &n->c)))
		return -1;
	p->depth--;
	return stack(p, n);
}
