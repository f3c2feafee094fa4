/* doc_pos_inside: the source of a string is read again, just so far as the byte asked for. */
#include "doc/doc.h"

#include "base/utf8.h"
#include "doc/doc_read.h"

struct scan {
	struct str s;
	size_t at;   /* in the source */
	size_t left; /* bytes of the value still to go */
};

/* Skip a YAML value's `&anchor` and `!tag`. */
static size_t skip_properties(struct str s, size_t at)
{
	while (at < s.n && (s.p[at] == '&' || s.p[at] == '!')) {
		while (at < s.n && !strchr(" \t\r\n", s.p[at]))
			at++;
		while (at < s.n && s.p[at] && strchr(" \t\r\n", s.p[at]))
			at++;
	}
	return at;
}

/* Length in the value of the escape at s.p[at] and, in *taken, in the source; 0 = not known. */
static size_t escape_length(struct str s, size_t at, size_t *taken)
{
	char c = at + 1 < s.n ? s.p[at + 1] : '\0';
	*taken = 2;
	if (c == '_' || c == 'N')
		return 2;
	if (c == 'L' || c == 'P')
		return 3;
	size_t hex = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
	if (!hex)
		return c && c != '\n' && c != '\r' ? 1 : 0;
	uint32_t cp = 0;
	char text[9] = "", out[4];
	if (at + 2 + hex > s.n)
		return 0;
	memcpy(text, s.p + at + 2, hex);
	cp = (uint32_t)strtoul(text, NULL, 16);
	*taken = 2 + hex;
	if (cp >= 0xd800 && cp <= 0xdbff) {
		*taken = 12;
		return 4;
	}
	return utf8_put(cp, out);
}

static bool in_double(struct scan *c)
{
	for (c->at++; c->at < c->s.n && c->left;) {
		char ch = c->s.p[c->at];
		size_t taken = 1, n = 1;
		if (ch == '"' || ch == '\n' || ch == '\r')
			return false;
		if (ch == '\\' && !(n = escape_length(c->s, c->at, &taken)))
			return false;
		if (n > c->left)
			break;
		c->at += taken;
		c->left -= n;
	}
	return true;
}

static bool in_single(struct scan *c)
{
	for (c->at++; c->at < c->s.n && c->left; c->left--) {
		char ch = c->s.p[c->at];
		if (ch == '\n' || ch == '\r' || (ch == '\'' && c->s.p[c->at + 1] != '\''))
			return false;
		c->at += ch == '\'' ? 2 : 1;
	}
	return true;
}

static bool in_plain(struct scan *c)
{
	for (; c->at < c->s.n && c->left; c->left--, c->at++)
		if (c->s.p[c->at] == '\n' || c->s.p[c->at] == '\r')
			return false;
	return true;
}

static size_t line_end(struct str s, size_t at)
{
	while (at < s.n && s.p[at] != '\n')
		at++;
	return at;
}

static size_t leading_spaces(struct str s, size_t at)
{
	size_t n = 0;
	while (at + n < s.n && s.p[at + n] == ' ')
		n++;
	return n;
}

/* The indentation of a literal block: its first line that is not empty has it; a header with
 * a digit would need the parent's, so that form is not resolved. */
static bool block_indent(struct str s, size_t header, size_t *first, size_t *indent)
{
	size_t at = line_end(s, header);
	for (size_t i = header; i < at && s.p[i] != '#'; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return false;
	*first = at < s.n ? at + 1 : at;
	for (at = *first; at < s.n; at = line_end(s, at) + 1) {
		*indent = leading_spaces(s, at);
		size_t text = at + *indent;
		if (text < s.n && s.p[text] != '\n' && s.p[text] != '\r')
			return true;
	}
	return false;
}

static bool in_literal(struct scan *c)
{
	size_t indent, at;
	if (!block_indent(c->s, c->at, &at, &indent))
		return false;
	while (at < c->s.n) {
		size_t spaces = leading_spaces(c->s, at), end = line_end(c->s, at);
		size_t from = at + (spaces < indent ? spaces : indent);
		size_t text = end > from && c->s.p[end - 1] == '\r' ? end - 1 : end;
		if (c->left <= text - from) {
			c->at = from + c->left;
			c->left = 0;
			return true;
		}
		c->left -= text - from + 1;
		at = end + 1;
	}
	return false;
}

static bool locate(struct scan *c, enum doc_syntax syntax)
{
	char first = c->at < c->s.n ? c->s.p[c->at] : '\0';
	if (first == '"')
		return in_double(c);
	if (syntax == DOC_JSON || !first || first == '>' || first == '*')
		return false;
	if (first == '\'')
		return in_single(c);
	return first == '|' ? in_literal(c) : in_plain(c);
}

struct pos doc_pos_inside(const struct doc *d, const json_t *container, const char *key, size_t index,
			  size_t offset)
{
	const struct doc_graft *g = doc_graft_find(d, container, key);
	if (g)
		return doc_pos_inside(d->other, g->array, NULL, g->index, offset);
	d = doc_home(d, container);
	const struct srcmap_entry *e =
		container ? srcmap_find(d->map, container, key, index) : srcmap_find_self(d->map, NULL);
	if (!e)
		return doc_pos_of(d, container);
	struct scan c = { .s = d->text, .at = e->value_at, .left = offset };
	if (d->syntax == DOC_YAML)
		c.at = skip_properties(c.s, c.at);
	return srcmap_pos(d->map, locate(&c, d->syntax) ? c.at : e->value_at);
}
