#include "doc/mustache.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "doc/template_eval.h"
#include "doc/template_node.h"

enum node_kind { NODE_TEXT, NODE_ESCAPED, NODE_RAW, NODE_SECTION, NODE_INVERTED, NODE_PARTIAL };

struct node {
	enum node_kind kind;
	size_t offset;
	struct str text; /* the text; a name; */
	struct str indent; /* of a standalone partial */
	struct node *body, *next;
};

struct mustache {
	enum mustache_mode mode;
	struct node *body;
};

/* ---- compiling ---- */

struct parser {
	struct str text;
	size_t at;
	struct str open, close; /* delimiters */
	enum mustache_mode mode;
	unsigned depth;
	struct arena *a;
	struct template_error *e;
};

struct tag {
	char sigil; /* 0 for a plain name */
	struct str inside;
	size_t from, to; /* of the whole tag */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Nothing but blanks from the line's start to `from`; *start is the line's start. */
static bool blank_before(struct str t, size_t from, size_t *start)
{
	size_t i = from;
	while (i && is_blank(t.p[i - 1]))
		i--;
	*start = i;
	return !i || t.p[i - 1] == '\n';
}

/* Nothing but blanks up to the line's end; *end is past it. */
static bool blank_after(struct str t, size_t to, size_t *end)
{
	while (to < t.n && is_blank(t.p[to]))
		to++;
	if (to + 1 < t.n && t.p[to] == '\r' && t.p[to + 1] == '\n')
		to++;
	*end = to < t.n ? to + 1 : to;
	return to == t.n || t.p[to] == '\n';
}

static int scan_tag(struct parser *p, size_t from, struct tag *tag)
{
	size_t at = from + p->open.n;
	struct str close = p->close;
	char c = at < p->text.n ? p->text.p[at] : '\0';
	bool triple = c == '{' && str_eqc(p->open, "{{");
	tag->sigil = c && strchr("#^/!>&=", c) ? c : triple ? '{' : '\0';
	at += tag->sigil != '\0';
	if (triple)
		close = STR("}}}");
	else if (c == '=')
		close = (struct str){ arena_fmt(p->a, "=%.*s", STR_ARGS(p->close)), p->close.n + 1 };
	ptrdiff_t end = str_find(p->text, close, at);
	if (end < 0)
		return template_fail(p->e, from, NULL, "this tag is never closed: expected '%.*s'",
				     STR_ARGS(close));
	tag->inside = str_trim(str_sub(p->text, at, (size_t)end));
	tag->from = from;
	tag->to = (size_t)end + close.n;
	return 0;
}

static int set_delimiters(struct parser *p, const struct tag *tag)
{
	struct str s = tag->inside;
	size_t i = 0;
	while (i < s.n && !is_space(s.p[i]))
		i++;
	struct str open = str_sub(s, 0, i), close = str_trim(str_sub(s, i, s.n));
	bool bad = !open.n || !close.n || str_chr(s, '=', 0) >= 0;
	for (i = 0; i < close.n; i++)
		bad |= is_space(close.p[i]);
	if (bad)
		return template_fail(p->e, tag->from, "write {{=<% %>=}}",
				     "expected two delimiters without '='");
	p->open = open;
	p->close = close;
	return 0;
}

static struct node *add(struct parser *p, struct node ***tail, enum node_kind kind, size_t offset,
			struct str text)
{
	struct node *n = arena_new(p->a, struct node);
	n->kind = kind;
	n->offset = offset;
	n->text = text;
	**tail = n;
	*tail = &n->next;
	return n;
}

/* A name is `.` or parts joined by dots, none empty, no white space. */
static int check_name(struct parser *p, const struct tag *tag)
{
	struct str rest = tag->inside, part;
	bool bad = !rest.n;
	if (str_eqc(rest, "."))
		return 0;
	for (size_t i = 0; i < rest.n; i++)
		bad |= is_space(rest.p[i]);
	while (tag->sigil != '>' && str_cut(&rest, '.', &part))
		bad |= !part.n;
	if (!bad && !str_ends(tag->inside, STR(".")))
		return 0;
	return template_fail(p->e, tag->from, NULL, "'%.*s' is no name",
			     STR_ARGS(utf8_prefix(tag->inside, 60)));
}

static int nodes(struct parser *p, struct node **out, const struct tag *section);

static int tag_node(struct parser *p, const struct tag *tag, struct str indent, struct node ***tail)
{
	if (tag->sigil == '!')
		return 0;
	if (tag->sigil == '=')
		return set_delimiters(p, tag);
	if (check_name(p, tag))
		return -1;
	if (tag->sigil == '>') {
		if (p->mode == MUSTACHE_ALONE)
			return template_fail(p->e, tag->from, NULL, "partials are not supported here");
		add(p, tail, NODE_PARTIAL, tag->from, tag->inside)->indent = indent;
		return 0;
	}
	bool section = tag->sigil == '#', inverted = tag->sigil == '^';
	enum node_kind kind = section ? NODE_SECTION : inverted ? NODE_INVERTED :
			      tag->sigil ? NODE_RAW : NODE_ESCAPED;
	struct node *n = add(p, tail, kind, tag->from, tag->inside);
	if (!section && !inverted)
		return 0;
	if (++p->depth > TEMPLATE_DEPTH_MAX)
		return template_fail(p->e, tag->from, NULL, "nested more than %d levels deep",
				     TEMPLATE_DEPTH_MAX);
	int rc = nodes(p, &n->body, tag);
	p->depth--;
	return rc;
}

static int end_section(struct parser *p, const struct tag *tag, const struct tag *section)
{
	if (section && str_eq(tag->inside, section->inside))
		return 0;
	if (!section)
		return template_fail(p->e, tag->from, NULL, "'%.*s' is closed but was never opened",
				     STR_ARGS(utf8_prefix(tag->inside, 60)));
	return template_fail(p->e, tag->from, NULL, "expected the end of section '%.*s', found '%.*s'",
			     STR_ARGS(utf8_prefix(section->inside, 60)),
			     STR_ARGS(utf8_prefix(tag->inside, 60)));
}

/* Nodes up to the end of the section, or of the text. */
static int nodes(struct parser *p, struct node **out, const struct tag *section)
{
	struct node **tail = out;
	while (p->at < p->text.n) {
		ptrdiff_t open = str_find(p->text, p->open, p->at);
		size_t end = open < 0 ? p->text.n : (size_t)open, line, after;
		struct tag tag = { .sigil = '\0' };
		if (open >= 0 && scan_tag(p, end, &tag))
			return -1;
		bool alone = open >= 0 && tag.sigil && !strchr("&{", tag.sigil) &&
			     blank_before(p->text, end, &line) && blank_after(p->text, tag.to, &after);
		size_t text_end = alone && line > p->at ? line : alone ? p->at : end;
		if (text_end > p->at)
			add(p, &tail, NODE_TEXT, p->at, str_sub(p->text, p->at, text_end));
		if (open < 0) {
			p->at = p->text.n;
			break;
		}
		p->at = alone ? after : tag.to;
		if (tag.sigil == '/')
			return end_section(p, &tag, section);
		if (tag_node(p, &tag, alone ? str_sub(p->text, line, end) : STR(""), &tail))
			return -1;
	}
	if (!section)
		return 0;
	return template_fail(p->e, section->from, NULL, "section '%.*s' is never closed",
			     STR_ARGS(utf8_prefix(section->inside, 60)));
}

int mustache_compile(struct mustache **out, struct str text, enum mustache_mode mode,
		     struct arena *a, struct template_error *e)
{
	struct mustache *m = arena_new(a, struct mustache);
	struct parser p = { .text = text, .open = STR("{{"), .close = STR("}}"),
			    .mode = mode, .a = a, .e = e };
	m->mode = mode;
	if (nodes(&p, &m->body, NULL))
		return -1;
	*out = m;
	return 0;
}

/* ---- rendering ---- */

struct context {
	const json_t *value;
	const struct context *up;
};

struct render {
	bool strict;
	const struct mustache_partials *partials;
	struct arena *a;
	struct buf *out;
	struct template_error *e;
	size_t steps;
	size_t read; /* bytes of partials */
	unsigned depth;
	size_t tag_offset; /* of the outermost partial's tag; places inside partials are its */
};

static int fail_at(const struct render *r, const struct node *n, size_t *offset)
{
	*offset = r->depth ? r->tag_offset : n->offset;
	return -1;
}

/* The first part comes from the nearest context that has it, the rest from there alone. */
static const json_t *lookup(const struct context *c, struct str name)
{
	struct str part;
	const json_t *j = NULL;
	if (str_eqc(name, "."))
		return c->value;
	if (!str_cut(&name, '.', &part))
		return NULL;
	for (; c && !j; c = c->up)
		if (json_is_object(c->value))
			j = json_object_getn(c->value, part.p, part.n);
	while (j && str_cut(&name, '.', &part))
		j = template_member(j, part);
	return j;
}

static void add_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		const char *entity = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" :
				     c == '"' ? "&quot;" : c == '\'' ? "&#39;" : NULL;
		if (entity)
			buf_adds(out, entity);
		else
			buf_addc(out, c);
	}
}

static int body(struct render *r, const struct node *n, const struct context *c);

static int interpolate(struct render *r, const struct node *n, const struct context *c)
{
	const json_t *j = lookup(c, n->text);
	if (!j && !r->strict)
		return 0;
	if (!j) {
		size_t offset;
		(void)fail_at(r, n, &offset);
		return template_fail(r->e, offset,
				     "give it a value, or put it in a section of its own name when "
				     "it may be absent",
				     "undefined variable '%.*s'", STR_ARGS(utf8_prefix(n->text, 100)));
	}
	struct buf text;
	buf_init(&text, TEMPLATE_OUT_MAX);
	template_add_text(&text, j);
	if (n->kind == NODE_RAW)
		buf_add(r->out, buf_str(&text));
	else
		add_escaped(r->out, buf_str(&text));
	r->out->over |= text.over;
	buf_release(&text);
	return 0;
}

static bool truthy(const json_t *j)
{
	return j && (json_is_object(j) || template_truthy(j));
}

static int section(struct render *r, const struct node *n, const struct context *c)
{
	const json_t *j = lookup(c, n->text);
	if (n->kind == NODE_INVERTED)
		return truthy(j) ? 0 : body(r, n->body, c);
	if (!truthy(j))
		return 0;
	struct context inner = { j, c };
	if (!json_is_array(j))
		return body(r, n->body, &inner);
	for (size_t i = 0; i < json_array_size(j); i++) {
		inner.value = json_array_get(j, i);
		if (body(r, n->body, &inner))
			return -1;
	}
	return 0;
}

/* The partial's text with every line indented. */
static struct str indented(struct render *r, struct str text, struct str indent)
{
	struct buf b;
	if (!indent.n)
		return text;
	buf_init(&b, TEMPLATE_OUT_MAX);
	for (size_t i = 0; i < text.n;) {
		ptrdiff_t lf = str_chr(text, '\n', i);
		size_t end = lf < 0 ? text.n : (size_t)lf + 1;
		buf_add(&b, indent);
		buf_add(&b, str_sub(text, i, end));
		i = end;
	}
	struct str out = arena_str(r->a, buf_str(&b));
	buf_release(&b);
	return out;
}

static int partial(struct render *r, const struct node *n, const struct context *c)
{
	struct str text = { .p = NULL };
	size_t offset;
	struct mustache *m = NULL;
	(void)fail_at(r, n, &offset);
	if (r->partials)
		text = r->partials->text(r->partials->ctx, n->text);
	if (!text.p)
		return r->strict ? template_fail(r->e, offset, NULL, "unknown partial '%.*s'",
						 STR_ARGS(utf8_prefix(n->text, 60))) :
				   0;
	r->read += text.n + 1;
	if (r->depth >= TEMPLATE_DEPTH_MAX || r->read > TEMPLATE_WORK_MAX / 16)
		return template_fail(r->e, offset, NULL, "partials nest too deep or grow too large");
	text = indented(r, text, n->indent);
	if (mustache_compile(&m, text, r->strict ? MUSTACHE_STRICT : MUSTACHE_LENIENT, r->a, r->e)) {
		r->e->offset = offset;
		return -1;
	}
	r->tag_offset = offset;
	r->depth++;
	int rc = body(r, m->body, c);
	r->depth--;
	return rc;
}

static int body(struct render *r, const struct node *n, const struct context *c)
{
	for (; n; n = n->next) {
		int rc = 0;
		if (r->steps++ >= TEMPLATE_STEPS_MAX)
			return template_fail(r->e, n->offset, NULL,
					     "the template takes more than %zu steps", TEMPLATE_STEPS_MAX);
		if (n->kind == NODE_TEXT)
			buf_add(r->out, n->text);
		else if (n->kind == NODE_ESCAPED || n->kind == NODE_RAW)
			rc = interpolate(r, n, c);
		else
			rc = n->kind == NODE_PARTIAL ? partial(r, n, c) : section(r, n, c);
		if (rc)
			return -1;
		if (r->out->over)
			return template_fail(r->e, n->offset, NULL, "the text grows past %zu bytes",
					     r->out->max);
	}
	return 0;
}

int mustache_render(const struct mustache *m, const json_t *vars,
		    const struct mustache_partials *partials, struct buf *out,
		    struct template_error *e)
{
	struct arena a = ARENA_INIT;
	struct buf capped;
	struct render r = { .strict = m->mode != MUSTACHE_LENIENT, .partials = partials, .a = &a,
			    .out = &capped, .e = e };
	struct context root = { vars, NULL };
	buf_init(&capped, TEMPLATE_OUT_MAX);
	int rc = body(&r, m->body, &root);
	buf_add(out, buf_str(&capped));
	if (!rc && out->over)
		rc = template_fail(e, 0, NULL, "the text grows past %zu bytes", out->max);
	buf_release(&capped);
	arena_release(&a);
	return rc;
}

static void collect(const struct node *n, bool inside, struct template_vars *out, struct arena *a)
{
	for (; n; n = n->next) {
		bool section = n->kind == NODE_SECTION || n->kind == NODE_INVERTED, seen = false;
		struct str rest = n->text, first = { .p = NULL };
		if (n->kind == NODE_TEXT || n->kind == NODE_PARTIAL || str_eqc(rest, ".") ||
		    !str_cut(&rest, '.', &first))
			continue;
		for (size_t i = 0; i < out->list.n; i++) {
			if (!str_eq(out->list.v[i].name, first))
				continue;
			out->list.v[i].optional &= section || inside;
			seen = true;
		}
		if (!seen)
			*vec_push(&out->list, a) =
				(struct template_var){ first, n->offset, section || inside };
		collect(n->body, inside || section, out, a);
	}
}

void mustache_vars(const struct mustache *m, struct template_vars *out, struct arena *a)
{
	*out = (struct template_vars){ 0 };
	collect(m->body, false, out, a);
}
