#include "doc/template.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "doc/mustache.h"
#include "doc/template_filter.h"
#include "doc/template_node.h"

#include <stdarg.h>
#include <stdio.h>

enum template_syntax template_syntax_of(const char *file)
{
	return str_ends(str_c(file), STR(".mustache")) ? TEMPLATE_MUSTACHE : TEMPLATE_JINJA;
}

bool template_is_plain(struct str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		const char *hit = memchr(s.p + i, '{', s.n - 1 - i);
		if (!hit)
			return true;
		i = (size_t)(hit - s.p);
		if (strchr("{%#", s.p[i + 1]) && s.p[i + 1])
			return false;
	}
	return true;
}

int template_fail(struct template_error *e, size_t offset, const char *hint, const char *fmt, ...)
{
	va_list ap;
	e->offset = offset;
	va_start(ap, fmt);
	/* Too long a text is cut: names in it were cut before. */
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	struct str kept = utf8_prefix(str_c(hint ? hint : ""), sizeof(e->hint) - 1);
	memcpy(e->hint, kept.p, kept.n);
	e->hint[kept.n] = '\0';
	return -1;
}

int template_compile(struct template **out, struct str text, enum template_syntax syntax,
		     struct arena *a, struct template_error *e)
{
	struct template *t = arena_new(a, struct template);
	int rc = 0;
	t->syntax = syntax;
	if (text.n > ARTIFACT_BYTES_MAX)
		return template_fail(e, 0, NULL, "a template may have at most %zu bytes",
				     ARTIFACT_BYTES_MAX);
	t->text = arena_str(a, text);
	if (syntax == TEMPLATE_MUSTACHE)
		rc = mustache_compile(&t->mustache, t->text, MUSTACHE_ALONE, a, e);
	else if (syntax == TEMPLATE_PLAIN)
		rc = template_parse_plain(t, a, e);
	else
		rc = template_parse(t, a, e);
	if (!rc)
		*out = t;
	return rc;
}

/* Names bound by enclosing loops and by sets so far. */
struct bound {
	struct str name;
	const struct bound *up;
};

struct collect {
	struct template_vars *out;
	struct arena *a;
};

static void add_var(struct collect *c, struct str name, size_t offset, bool optional)
{
	for (size_t i = 0; i < c->out->list.n; i++) {
		if (!str_eq(c->out->list.v[i].name, name))
			continue;
		c->out->list.v[i].optional |= optional;
		return;
	}
	*vec_push(&c->out->list, c->a) = (struct template_var){ name, offset, optional };
}

static bool is_bound(const struct bound *b, struct str name)
{
	for (; b; b = b->up)
		if (str_eq(b->name, name))
			return true;
	return false;
}

/* {{ case['a b'] }} and {{ case.a }} read the variable of that name. */
static struct str case_member(const struct bound *b, const struct template_expr *x)
{
	bool of_case = x->a && x->a->kind == EXPR_NAME && str_eqc(x->a->name, "case") &&
		       !is_bound(b, x->a->name);
	if (of_case && x->kind == EXPR_MEMBER)
		return x->name;
	if (of_case && x->kind == EXPR_INDEX && x->b && x->b->kind == EXPR_LITERAL &&
	    json_is_string(x->b->literal))
		return (struct str){ .p = json_string_value(x->b->literal),
				     .n = json_string_length(x->b->literal) };
	return (struct str){ .p = NULL };
}

static void in_expr(struct collect *c, const struct bound *b, const struct template_expr *x,
		    bool optional)
{
	if (!x)
		return;
	struct str member = case_member(b, x);
	if (member.p) {
		add_var(c, member, x->offset, optional);
		return;
	}
	if (x->kind == EXPR_NAME && !is_bound(b, x->name))
		add_var(c, x->name, x->offset, optional);
	bool passes = x->kind == EXPR_MEMBER || x->kind == EXPR_INDEX;
	bool lenient = (x->filter && x->filter->takes_undefined) ||
		       (x->kind == EXPR_TEST && x->test->takes_undefined);
	in_expr(c, b, x->a, lenient || (passes && optional));
	in_expr(c, b, x->b, false);
	in_expr(c, b, x->c, false);
	for (size_t i = 0; i < x->nargs; i++)
		in_expr(c, b, x->arg[i], false);
}

static const struct bound *bind(struct collect *c, const struct bound *b, struct str name)
{
	struct bound *n = arena_new(c->a, struct bound);
	n->name = name;
	n->up = b;
	return n;
}

static const struct bound *in_body(struct collect *c, const struct bound *b,
				   const struct template_stmt *s)
{
	for (; s; s = s->next) {
		in_expr(c, b, s->expr, false);
		const struct bound *inner = b;
		for (size_t i = 0; s->kind == STMT_FOR && i < s->ntarget; i++)
			inner = bind(c, inner, s->target[i]);
		if (s->kind == STMT_FOR)
			inner = bind(c, inner, STR("loop"));
		inner = in_body(c, inner, s->body);
		for (const struct template_stmt *o = s->other; o; o = o->other) {
			in_expr(c, b, s->kind == STMT_IF ? o->expr : NULL, false);
			if (s->kind == STMT_IF)
				inner = in_body(c, inner, o->body);
			else
				break;
		}
		if (s->kind == STMT_FOR)
			(void)in_body(c, b, s->other);
		/* What a branch sets may be set afterwards. */
		if (s->kind == STMT_IF)
			b = inner;
		if (s->kind == STMT_SET || s->kind == STMT_SET_BLOCK)
			b = bind(c, b, s->target[0]);
	}
	return b;
}

void template_vars(const struct template *t, struct template_vars *out, struct arena *a)
{
	struct collect c = { out, a };
	*out = (struct template_vars){ 0 };
	if (t->mustache)
		mustache_vars(t->mustache, out, a);
	else
		(void)in_body(&c, NULL, t->body);
}

struct pos template_pos(const char *file, struct str text, size_t offset)
{
	struct pos at = { .file = file, .line = 1, .col = 1 };
	size_t start = 0, end = offset < text.n ? offset : text.n;
	for (size_t i = 0; i < end; i++)
		if (text.p[i] == '\n') {
			at.line++;
			start = i + 1;
		}
	at.col = 1 + (unsigned)utf8_count(str_sub(text, start, end));
	return at;
}

/* {{ name }} and {{ a.b.0 }}; a name may hold anything but white space, dots and braces. */
static int plain_tag(struct template *t, size_t open, size_t close, struct arena *a,
		     struct template_error *e, struct template_expr **out)
{
	struct str rest = str_trim(str_sub(t->text, open + 2, close)), part;
	if (!rest.n)
		return template_fail(e, open, NULL, "a tag without a name");
	*out = NULL;
	while (str_cut(&rest, '.', &part)) {
		bool odd = !part.n;
		for (size_t i = 0; i < part.n; i++)
			odd |= strchr(" \t\r\n{}", part.p[i]) != NULL;
		if (odd)
			return template_fail(e, open, "this file knows only {{name}} and {{a.b}}",
					     "a tag that is no name");
		struct template_expr *n = arena_new(a, struct template_expr);
		*n = (struct template_expr){ .kind = *out ? EXPR_MEMBER : EXPR_NAME,
					     .offset = open, .name = part, .a = *out,
					     .height = *out ? (*out)->height + 1 : 1 };
		if (n->height > TEMPLATE_DEPTH_MAX)
			return template_fail(e, open, NULL, "nested more than %d levels deep",
					     TEMPLATE_DEPTH_MAX);
		*out = n;
	}
	return 0;
}

static struct template_stmt *plain_stmt(struct arena *a, enum template_stmt_kind kind,
					size_t offset, struct template_stmt ***tail)
{
	struct template_stmt *s = arena_new(a, struct template_stmt);
	s->kind = kind;
	s->offset = offset;
	**tail = s;
	*tail = &s->next;
	return s;
}

int template_parse_plain(struct template *t, struct arena *a, struct template_error *e)
{
	struct template_stmt **tail = &t->body;
	for (size_t at = 0; at < t->text.n;) {
		ptrdiff_t open = str_find(t->text, STR("{{"), at);
		size_t end = open < 0 ? t->text.n : (size_t)open;
		if (end > at)
			plain_stmt(a, STMT_TEXT, at, &tail)->text = str_sub(t->text, at, end);
		if (open < 0)
			break;
		ptrdiff_t close = str_find(t->text, STR("}}"), end + 2);
		if (close < 0)
			return template_fail(e, end, "close it with }}", "this tag is never closed");
		struct template_stmt *s = plain_stmt(a, STMT_OUT, end, &tail);
		if (plain_tag(t, end, (size_t)close, a, e, &s->expr))
			return -1;
		at = (size_t)close + 2;
	}
	return 0;
}
