#include "doc/template_lex.h"

#include "base/utf8.h"
#include "doc/template_node.h"

#include <stdio.h>

static const char *const ops[] = { "===", "!==", "==", "!=", "<=", ">=", "//", "**", "<", ">",
				   "+",	  "-",	 "*",  "/",  "%",  "~",	 "|",  "(",  ")", "[",
				   "]",	  "{",	 "}",  ",",  ":",  ".",	 "=" };

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Every byte past ASCII may stand in a name, as Nunjucks has it: {{ 名 }}. */
static bool is_name_byte(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
	       (unsigned char)c >= 0x80;
}

static bool closes_at(const struct template_lexer *x, size_t at, size_t *after)
{
	struct str s = str_sub(x->text, at, at + 3);
	size_t minus = s.n == 3 && s.p[0] == '-';
	if (x->nest || s.n < 2 || s.p[minus] != x->close || s.p[minus + 1] != '}')
		return false;
	*after = at + minus + 2;
	return true;
}

static int number(struct template_lexer *x, size_t from)
{
	size_t i = from;
	struct str t = x->text;
	while (i < t.n && (is_digit(t.p[i]) || t.p[i] == '_'))
		i++;
	if (i + 1 < t.n && t.p[i] == '.' && is_digit(t.p[i + 1]))
		for (i++; i < t.n && is_digit(t.p[i]);)
			i++;
	if (i < t.n && (t.p[i] == 'e' || t.p[i] == 'E')) {
		size_t sign = i + 1 < t.n && (t.p[i + 1] == '-' || t.p[i + 1] == '+');
		if (i + 1 + sign < t.n && is_digit(t.p[i + 1 + sign]))
			for (i += 1 + sign; i < t.n && is_digit(t.p[i]);)
				i++;
	}
	if (i < t.n && is_name_byte(t.p[i]))
		return template_fail(x->e, from, NULL, "this is neither a number nor a name");
	x->token.kind = TOKEN_NUMBER;
	x->token.text = str_sub(t, from, i);
	x->at = i;
	return 0;
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* \xNN or \uNNNN at byte i (the letter); returns the bytes used or 0. */
static size_t escape_hex(struct str t, size_t i, char out[4], size_t *nout)
{
	size_t digits = t.p[i] == 'x' ? 2 : 4;
	uint32_t cp = 0;
	if (i + digits >= t.n)
		return 0;
	for (size_t k = 1; k <= digits; k++) {
		int v = hex_value(t.p[i + k]);
		if (v < 0)
			return 0;
		cp = cp * 16 + (uint32_t)v;
	}
	if (cp >= 0xd800 && cp <= 0xdfff)
		return 0;
	*nout = utf8_put(cp, out);
	return digits + 1;
}

/* One escape at byte i (after the backslash) into out; returns the bytes used or 0. */
static size_t escape(struct str t, size_t i, char out[4], size_t *nout)
{
	static const char from[] = "ntr\\'\"/", to[] = "\n\t\r\\'\"/";
	if (i >= t.n)
		return 0;
	if (t.p[i] == 'x' || t.p[i] == 'u')
		return escape_hex(t, i, out, nout);
	const char *hit = t.p[i] ? strchr(from, t.p[i]) : NULL;
	if (!hit)
		return 0;
	out[0] = to[hit - from];
	*nout = 1;
	return 1;
}

static int string(struct template_lexer *x, size_t from)
{
	struct str t = x->text;
	ptrdiff_t end = (ptrdiff_t)from + 1;
	while ((size_t)end < t.n && t.p[end] != t.p[from])
		end += t.p[end] == '\\' ? 2 : 1;
	if ((size_t)end >= t.n)
		return template_fail(x->e, from, "close it with the quote it began with",
				     "this string is never closed");
	char *out = arena_alloc(x->a, (size_t)end - from);
	size_t n = 0;
	for (size_t i = from + 1; i < (size_t)end;) {
		if (t.p[i] != '\\') {
			out[n++] = t.p[i++];
			continue;
		}
		char cp[4] = { 0 };
		size_t len = 0, used = escape(t, i + 1, cp, &len);
		if (!used)
			return template_fail(x->e, i,
					     "strings know \\n \\t \\r \\\\ \\' \\\" \\/ \\xNN and \\uNNNN",
					     "unknown escape in a string");
		/* No escape is shorter than the bytes it stands for. */
		memcpy(out + n, cp, len);
		n += len;
		i += 1 + used;
	}
	x->token.kind = TOKEN_STRING;
	x->token.text = (struct str){ out, n };
	x->at = (size_t)end + 1;
	return 0;
}

static int operator(struct template_lexer *x, size_t from)
{
	struct str rest = str_sub(x->text, from, x->text.n);
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		if (!str_starts(rest, str_c(ops[i])))
			continue;
		if (strchr("([{", ops[i][0]))
			x->nest++;
		else if (strchr(")]}", ops[i][0]) && x->nest)
			x->nest--;
		x->token.kind = TOKEN_OP;
		x->token.text = str_c(ops[i]);
		x->at = from + x->token.text.n;
		return 0;
	}
	return template_fail(x->e, from, NULL, "character %s%c%s cannot stand in a tag", "'",
			     rest.p[0] > ' ' && rest.p[0] < 127 ? rest.p[0] : '?', "'");
}

int template_lex_next(struct template_lexer *x)
{
	size_t i = x->at;
	while (i < x->text.n && is_space(x->text.p[i]))
		i++;
	x->token = (struct template_token){ .offset = i };
	if (i >= x->text.n)
		return template_fail(x->e, i, NULL, "the text ends inside a tag: expected '%s'",
				     x->close == '%' ? "%}" : "}}");
	size_t after;
	if (closes_at(x, i, &after)) {
		x->trim_next = x->text.p[i] == '-';
		x->token.kind = TOKEN_CLOSE;
		x->token.text = str_sub(x->text, i, after);
		x->at = after;
		return 0;
	}
	char c = x->text.p[i];
	if (c == '"' || c == '\'')
		return string(x, i);
	if (is_digit(c))
		return number(x, i);
	if (!is_name_byte(c))
		return operator(x, i);
	size_t end = i;
	while (end < x->text.n && is_name_byte(x->text.p[end]))
		end++;
	x->token.kind = TOKEN_NAME;
	x->token.text = str_sub(x->text, i, end);
	x->at = end;
	return 0;
}

int template_lex_open(struct template_lexer *x, size_t at, char close)
{
	x->at = at;
	x->close = close;
	x->nest = 0;
	return template_lex_next(x);
}

bool template_lex_is(const struct template_lexer *x, const char *op)
{
	return x->token.kind == TOKEN_OP && str_eqc(x->token.text, op);
}

bool template_lex_is_name(const struct template_lexer *x, const char *name)
{
	return x->token.kind == TOKEN_NAME && str_eqc(x->token.text, name);
}

const char *template_lex_show(const struct template_lexer *x)
{
	if (x->token.kind == TOKEN_CLOSE)
		return "the end of the tag";
	if (x->token.kind == TOKEN_STRING)
		return "a string";
	return arena_fmt(x->a, "'%.*s'", STR_ARGS(utf8_prefix(x->token.text, 40)));
}
