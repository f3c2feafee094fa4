#include "doc/template_args.h"

#include "base/utf8.h"
#include "doc/template_filter.h"

static int next(struct template_parser *p)
{
	return template_lex_next(&p->x);
}

static size_t count(const char *const *param)
{
	size_t n = 0;
	while (n < TEMPLATE_ARGS && param[n])
		n++;
	return n;
}

/* The slot of one argument: by keyword, or the next by position. */
static int slot(struct template_parser *p, const char *const *param, struct str key,
		size_t position, size_t offset, const char *what, size_t *out)
{
	size_t n = count(param), i = 0;
	if (!key.p && position >= n)
		return template_fail(p->x.e, offset, NULL, "%s takes at most %zu argument%s", what, n,
				     n == 1 ? "" : "s");
	if (!key.p) {
		*out = position;
		return 0;
	}
	while (i < n && !str_eqc(key, param[i]))
		i++;
	if (i == n)
		return template_fail(p->x.e, offset, NULL, "%s has no argument '%.*s'", what,
				     STR_ARGS(utf8_prefix(key, 40)));
	*out = i;
	return 0;
}

/* `key =` before an argument; *key stays absent otherwise. */
static int keyword(struct template_parser *p, struct str *key)
{
	struct template_lexer ahead = p->x;
	if (p->x.token.kind != TOKEN_NAME)
		return 0;
	if (template_lex_next(&ahead))
		return -1;
	if (!template_lex_is(&ahead, "="))
		return 0;
	*key = p->x.token.text;
	p->x = ahead;
	return next(p);
}

static int one_arg(struct template_parser *p, struct template_expr *n, const char *const *param,
		   size_t position, bool *keyed, const char *what)
{
	struct str key = { .p = NULL };
	size_t offset = p->x.token.offset, i = 0;
	if (keyword(p, &key))
		return -1;
	if (*keyed && !key.p)
		return template_fail(p->x.e, offset, NULL,
				     "%s has a plain argument after a named one", what);
	*keyed = key.p != NULL;
	if (slot(p, param, key, position, offset, what, &i))
		return -1;
	if (n->arg[i])
		return template_fail(p->x.e, offset, NULL, "%s gets its argument '%s' twice", what,
				     param[i]);
	return template_expr(p, &n->arg[i]);
}

int template_args(struct template_parser *p, struct template_expr *n, const char *const *param,
		  unsigned required, const char *what)
{
	bool keyed = false;
	size_t offset = p->x.token.offset;
	n->nargs = TEMPLATE_ARGS;
	n->arg = arena_array(p->x.a, struct template_expr *, TEMPLATE_ARGS);
	if (template_lex_is(&p->x, "(")) {
		if (template_enter(p) || next(p))
			return -1;
		for (size_t i = 0; !template_lex_is(&p->x, ")"); i++)
			if ((i && template_expect(p, ",")) ||
			    one_arg(p, n, param, i, &keyed, what))
				return -1;
		p->depth--;
		if (next(p))
			return -1;
	}
	for (unsigned i = 0; i < required; i++)
		if (!n->arg[i])
			return template_fail(p->x.e, offset, NULL, "%s needs its argument '%s'",
					     what, param[i]);
	return 0;
}

static int unknown(struct template_parser *p, size_t offset, const char *what, struct str name,
		   struct str near)
{
	const char *hint = near.p ? arena_fmt(p->x.a, "did you mean '%.*s'?", STR_ARGS(near)) :
				    "docs/templates.md lists what templates know";
	return template_fail(p->x.e, offset, hint, "unknown %s '%.*s'", what,
			     STR_ARGS(utf8_prefix(name, 60)));
}

/* Filters and tests named in an argument must be literal, so that they are known now. */
static int literal_name(struct template_parser *p, const struct template_expr *n, size_t i,
			const char *what, struct str *out)
{
	const struct template_expr *x = n->arg[i];
	if (x->kind != EXPR_LITERAL || !json_is_string(x->literal))
		return template_fail(p->x.e, x->offset, NULL, "the name of a %s must be a string",
				     what);
	*out = (struct str){ json_string_value(x->literal), json_string_length(x->literal) };
	return 0;
}

static int inner_test(struct template_parser *p, struct template_expr *n, size_t i)
{
	struct str name;
	if (!n->arg[i])
		return 0;
	if (literal_name(p, n, i, "test", &name))
		return -1;
	n->test = template_test_find(name);
	if (!n->test)
		return unknown(p, n->arg[i]->offset, "test", name, template_test_near(name));
	if (!n->arg[i + 1] != !n->test->args)
		return template_fail(p->x.e, n->arg[i]->offset, NULL, "test '%s' %s", n->test->name,
				     n->test->args ? "needs an argument" : "takes no argument");
	return 0;
}

static int inner_filter(struct template_parser *p, struct template_expr *n)
{
	struct str name;
	if (!n->arg[0] == !n->arg[1])
		return template_fail(p->x.e, n->offset, "write map('upper') or map(attribute='name')",
				     "'map' needs the name of a filter or an attribute");
	if (!n->arg[0])
		return 0;
	if (literal_name(p, n, 0, "filter", &name))
		return -1;
	n->inner_filter = template_filter_find(name);
	if (!n->inner_filter)
		return unknown(p, n->arg[0]->offset, "filter", name, template_filter_near(name));
	if (n->inner_filter->required || n->inner_filter->inner != INNER_NONE)
		return template_fail(p->x.e, n->arg[0]->offset, "write a loop",
				     "'map' takes filters that need no argument");
	return 0;
}

static int inner(struct template_parser *p, struct template_expr *n)
{
	switch (n->filter->inner) {
	case INNER_MAP:
		return inner_filter(p, n);
	case INNER_SELECT:
		return inner_test(p, n, 0);
	case INNER_SELECT_ATTR:
		return inner_test(p, n, 1);
	case INNER_NONE:
		break;
	}
	return 0;
}

int template_filter_expr(struct template_parser *p, struct template_expr **out)
{
	if (next(p))
		return -1;
	struct template_expr *n = template_expr_new(p, EXPR_FILTER, p->x.token.offset);
	struct str name = p->x.token.text;
	if (p->x.token.kind != TOKEN_NAME)
		return template_fail(p->x.e, n->offset, NULL,
				     "expected a filter's name after '|', found %s",
				     template_lex_show(&p->x));
	n->filter = template_filter_find(name);
	if (!n->filter && template_filter_refused(name))
		return template_fail(p->x.e, n->offset, "docs/templates.md says why",
				     "filter '%.*s' is not supported", STR_ARGS(name));
	if (!n->filter)
		return unknown(p, n->offset, "filter", name, template_filter_near(name));
	n->a = *out;
	*out = n;
	if (next(p) || template_args(p, n, n->filter->param, n->filter->required,
				     arena_fmt(p->x.a, "filter '%s'", n->filter->name)))
		return -1;
	return inner(p, n);
}

/* Jinja2 lets one argument stand without brackets: is divisibleby 3. */
static bool starts_value(const struct template_lexer *x)
{
	return x->token.kind == TOKEN_STRING || x->token.kind == TOKEN_NUMBER ||
	       template_lex_is(x, "[");
}

int template_test_expr(struct template_parser *p, struct template_expr **out)
{
	static const char *const none[TEMPLATE_ARGS] = { NULL }, *const one[TEMPLATE_ARGS] = { "value" };
	struct template_expr *n = template_expr_new(p, EXPR_TEST, p->x.token.offset);
	if (next(p))
		return -1;
	n->negated = template_lex_is_name(&p->x, "not");
	if (n->negated && next(p))
		return -1;
	struct str name = p->x.token.text;
	if (p->x.token.kind != TOKEN_NAME)
		return template_fail(p->x.e, p->x.token.offset, NULL,
				     "expected a test's name after 'is', found %s",
				     template_lex_show(&p->x));
	n->test = template_test_find(name);
	if (!n->test)
		return unknown(p, p->x.token.offset, "test", name, template_test_near(name));
	n->a = *out;
	*out = n;
	if (next(p))
		return -1;
	if (n->test->args && starts_value(&p->x))
		return template_fail(p->x.e, p->x.token.offset, NULL,
				     "test '%s' wants its argument in parentheses", n->test->name);
	return template_args(p, n, n->test->args ? one : none, n->test->args,
			     arena_fmt(p->x.a, "test '%s'", n->test->name));
}
