/* Statements: text, {{ }}, {% %} and {# #}. */
#include "base/limits.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "doc/template_expr.h"

struct parse {
	struct template_parser p;
	struct str text;
	size_t at;         /* the next byte of text */
	bool trim;         /* white space at `at` belongs to the tag before */
	struct str ending; /* the tag that stopped a body: endif, else…; absent at the end */
	size_t ending_at;
};

static const char *const known[] = { "if",	"elif",	  "elseif", "else",	"endif",
				     "for",	"endfor", "set",    "endset",	"raw",
				     "endraw",	"verbatim", "endverbatim" };
static const char *const refused[] = { "macro",	  "endmacro", "extends",   "include",  "import",
				       "from",	  "block",    "endblock",  "call",     "endcall",
				       "filter",  "endfilter", "autoescape", "switch", "case",
				       "asyncEach", "asyncAll", "ifAsync",  "with",    "endwith",
				       "do",	  "trans",    "break",	   "continue", "debug" };

static int body(struct parse *s, struct template_stmt **out);

static bool listed(const char *const *list, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqc(name, list[i]))
			return true;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct template_stmt *statement(struct parse *s, enum template_stmt_kind kind,
				       size_t offset, struct template_stmt ***tail)
{
	struct template_stmt *n = arena_new(s->p.x.a, struct template_stmt);
	n->kind = kind;
	n->offset = offset;
	if (tail) {
		**tail = n;
		*tail = &n->next;
	}
	return n;
}

/* Text [s->at, end), trimmed where tags ask for it. */
static void add_text(struct parse *s, size_t end, bool trim_end, struct template_stmt ***tail)
{
	size_t from = s->at;
	while (s->trim && from < end && is_space(s->text.p[from]))
		from++;
	size_t to = end;
	while (trim_end && to > from && is_space(s->text.p[to - 1]))
		to--;
	s->trim = false;
	if (from < to)
		statement(s, STMT_TEXT, from, tail)->text = str_sub(s->text, from, to);
}

/* Offset of the next {{, {% or {#, or the end. */
static size_t next_tag(const struct parse *s)
{
	for (size_t i = s->at; i + 1 < s->text.n; i++) {
		const char *hit = memchr(s->text.p + i, '{', s->text.n - 1 - i);
		if (!hit)
			break;
		i = (size_t)(hit - s->text.p);
		char c = s->text.p[i + 1];
		if (c == '{' || c == '%' || c == '#')
			return i;
	}
	return s->text.n;
}

/* Expect the tag to end here and leave it. */
static int leave(struct parse *s)
{
	if (s->p.x.token.kind != TOKEN_CLOSE)
		return template_fail(s->p.x.e, s->p.x.token.offset, NULL,
				     "expected the end of the tag, found %s",
				     template_lex_show(&s->p.x));
	s->at = s->p.x.at;
	s->trim = s->p.x.trim_next;
	return 0;
}

static int comment(struct parse *s, size_t open)
{
	ptrdiff_t end = str_find(s->text, STR("#}"), open + 2);
	if (end < 0)
		return template_fail(s->p.x.e, open, "close it with #}",
				     "this comment is never closed");
	s->at = (size_t)end + 2;
	s->trim = (size_t)end > open + 2 && s->text.p[end - 1] == '-';
	return 0;
}

static int expect_end(struct parse *s, const char *tag, size_t open, const char *wanted)
{
	if (!s->ending.p)
		return template_fail(s->p.x.e, open, arena_fmt(s->p.x.a, "close it with {%% %s %%}", wanted),
				     "'%s' is never closed", tag);
	if (!str_eqc(s->ending, wanted))
		return template_fail(s->p.x.e, s->ending_at, NULL, "expected '%s', found '%.*s'",
				     wanted, STR_ARGS(s->ending));
	s->ending = (struct str){ .p = NULL };
	return leave(s);
}

/* Nested bodies count as depth. */
static int inner_body(struct parse *s, size_t open, struct template_stmt **out)
{
	if (leave(s))
		return -1;
	if (++s->p.depth > TEMPLATE_DEPTH_MAX)
		return template_fail(s->p.x.e, open, NULL, "nested more than %d levels deep",
				     TEMPLATE_DEPTH_MAX);
	int rc = body(s, out);
	s->p.depth--;
	return rc;
}

static int if_tag(struct parse *s, size_t open, struct template_stmt ***tail)
{
	struct template_stmt *branch = statement(s, STMT_IF, open, tail);
	if (template_lex_next(&s->p.x) || template_expr(&s->p, &branch->expr) ||
	    inner_body(s, open, &branch->body))
		return -1;
	while (str_eqc(s->ending, "elif") || str_eqc(s->ending, "elseif")) {
		branch = branch->other = statement(s, STMT_IF, s->ending_at, NULL);
		if (template_expr(&s->p, &branch->expr) || inner_body(s, open, &branch->body))
			return -1;
	}
	if (str_eqc(s->ending, "else")) {
		branch->other = statement(s, STMT_IF, s->ending_at, NULL);
		if (inner_body(s, open, &branch->other->body))
			return -1;
	}
	return expect_end(s, "if", open, "endif");
}

/* name, name … after the tag's word. */
static int targets(struct parse *s, struct template_stmt *n)
{
	VEC(struct str) list = { 0 };
	do {
		if (template_lex_next(&s->p.x))
			return -1;
		if (s->p.x.token.kind != TOKEN_NAME)
			return template_fail(s->p.x.e, s->p.x.token.offset, NULL,
					     "expected a name, found %s",
					     template_lex_show(&s->p.x));
		*vec_push(&list, s->p.x.a) = s->p.x.token.text;
		if (template_lex_next(&s->p.x))
			return -1;
	} while (template_lex_is(&s->p.x, ","));
	n->target = list.v;
	n->ntarget = list.n;
	return 0;
}

static int for_tag(struct parse *s, size_t open, struct template_stmt ***tail)
{
	struct template_stmt *n = statement(s, STMT_FOR, open, tail);
	if (targets(s, n))
		return -1;
	if (!template_lex_is_name(&s->p.x, "in"))
		return template_fail(s->p.x.e, s->p.x.token.offset, "write {% for x in list %}",
				     "expected 'in', found %s", template_lex_show(&s->p.x));
	if (template_lex_next(&s->p.x) || template_expr_plain(&s->p, &n->expr))
		return -1;
	if (template_lex_is_name(&s->p.x, "if"))
		return template_fail(s->p.x.e, s->p.x.token.offset,
				     "use an {% if %} inside the loop, or parentheses for a choice "
				     "of lists",
				     "'if' in the head of a loop is not supported");
	if (template_lex_is_name(&s->p.x, "recursive"))
		return template_fail(s->p.x.e, s->p.x.token.offset, NULL,
				     "recursive loops are not supported");
	if (inner_body(s, open, &n->body))
		return -1;
	if (str_eqc(s->ending, "else") && inner_body(s, open, &n->other))
		return -1;
	return expect_end(s, "for", open, "endfor");
}

static int set_tag(struct parse *s, size_t open, struct template_stmt ***tail)
{
	struct template_stmt *n = statement(s, STMT_SET, open, tail);
	if (targets(s, n))
		return -1;
	if (n->ntarget > 1)
		return template_fail(s->p.x.e, open, "use one {% set %} for each",
				     "setting several names at once is not supported");
	if (template_lex_is(&s->p.x, "="))
		return template_lex_next(&s->p.x) || template_expr(&s->p, &n->expr) ? -1 : leave(s);
	n->kind = STMT_SET_BLOCK;
	return inner_body(s, open, &n->body) ? -1 : expect_end(s, "set", open, "endset");
}

/* {% raw %} … {% endraw %}: what stands between is text. */
static int raw_tag(struct parse *s, size_t open, const char *word, struct template_stmt ***tail)
{
	if (template_lex_next(&s->p.x) || leave(s))
		return -1;
	for (size_t i = s->at;; i++) {
		ptrdiff_t hit = str_find(s->text, STR("{%"), i);
		if (hit < 0)
			return template_fail(s->p.x.e, open, NULL, "'%s' is never closed", word);
		i = (size_t)hit;
		bool minus = i + 2 < s->text.n && s->text.p[i + 2] == '-';
		struct str rest = str_sub(s->text, i + 2 + minus, s->text.n);
		while (rest.n && is_space(rest.p[0]))
			rest = str_sub(rest, 1, rest.n);
		if (!str_starts(rest, STR("end")) || !str_starts(str_sub(rest, 3, rest.n), str_c(word)))
			continue;
		add_text(s, i, minus, tail);
		if (template_lex_open(&s->p.x, i + 2 + minus, '%') || template_lex_next(&s->p.x))
			return -1;
		return leave(s);
	}
}

static int unknown_tag(struct parse *s, size_t offset, struct str name)
{
	if (listed(refused, ARRAY_LEN(refused), name))
		return template_fail(s->p.x.e, offset, "templates have if, for, set and raw",
				     "tag '%.*s' is not supported", STR_ARGS(name));
	struct suggest near = SUGGEST_INIT(name);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		suggest_offer(&near, str_c(known[i]));
	struct str best = suggest_best(&near);
	return template_fail(s->p.x.e, offset,
			     best.p ? arena_fmt(s->p.x.a, "did you mean '%.*s'?", STR_ARGS(best)) :
				      "templates have if, for, set and raw",
			     "unknown tag '%.*s'", STR_ARGS(utf8_prefix(name, 60)));
}

/* One {% tag %}; s->ending is set when it belongs to an enclosing tag. */
static int block(struct parse *s, size_t open, size_t inside, struct template_stmt ***tail)
{
	if (template_lex_open(&s->p.x, inside, '%'))
		return -1;
	struct str name = s->p.x.token.text;
	size_t offset = s->p.x.token.offset;
	if (s->p.x.token.kind != TOKEN_NAME)
		return template_fail(s->p.x.e, offset, NULL, "expected a tag's name, found %s",
				     template_lex_show(&s->p.x));
	if (str_eqc(name, "if"))
		return if_tag(s, open, tail);
	if (str_eqc(name, "for"))
		return for_tag(s, open, tail);
	if (str_eqc(name, "set"))
		return set_tag(s, open, tail);
	if (str_eqc(name, "raw") || str_eqc(name, "verbatim"))
		return raw_tag(s, open, str_eqc(name, "raw") ? "raw" : "verbatim", tail);
	if (!listed(known, ARRAY_LEN(known), name))
		return unknown_tag(s, offset, name);
	s->ending = name;
	s->ending_at = offset;
	return template_lex_next(&s->p.x);
}

static int output(struct parse *s, size_t open, size_t inside, struct template_stmt ***tail)
{
	struct template_stmt *n = statement(s, STMT_OUT, open, tail);
	if (template_lex_open(&s->p.x, inside, '}') || template_expr(&s->p, &n->expr))
		return -1;
	return leave(s);
}

/* Statements up to a tag that ends or splits the enclosing one. */
static int body(struct parse *s, struct template_stmt **out)
{
	struct template_stmt **tail = out;
	s->ending = (struct str){ .p = NULL };
	while (s->at < s->text.n) {
		size_t open = next_tag(s);
		bool minus = open + 2 < s->text.n && s->text.p[open + 2] == '-';
		add_text(s, open, minus, &tail);
		if (open == s->text.n)
			break;
		char c = s->text.p[open + 1];
		/* {#-} is the comment's own minus only when another #} follows. */
		int rc = c == '#' ? comment(s, open) :
			 c == '{' ? output(s, open, open + 2 + minus, &tail) :
				    block(s, open, open + 2 + minus, &tail);
		if (rc)
			return -1;
		if (s->ending.p)
			return 0;
	}
	s->at = s->text.n;
	return 0;
}

int template_parse(struct template *t, struct arena *a, struct template_error *e)
{
	struct parse s = { .p = { .x = { .text = t->text, .a = a, .e = e } }, .text = t->text };
	if (body(&s, &t->body))
		return -1;
	if (!s.ending.p)
		return 0;
	return template_fail(e, s.ending_at, NULL, "'%.*s' without its opening tag",
			     STR_ARGS(s.ending));
}
