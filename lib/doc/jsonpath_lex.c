#include "doc/jsonpath_lex.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/utf8.h"

#include <stdio.h>

int jsonpath_fail(struct jsonpath_lexer *x, size_t at, const char *fmt, ...)
{
	char msg[300];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	unsigned col = 1 + (unsigned)utf8_count(str_sub(x->text, 0, at));
	return err_at(x->err, (struct pos){ .line = 1, .col = col }, "%s", msg);
}

char jsonpath_peek(const struct jsonpath_lexer *x)
{
	return x->at < x->text.n ? x->text.p[x->at] : '\0';
}

void jsonpath_blanks(struct jsonpath_lexer *x)
{
	for (char c = jsonpath_peek(x); c && strchr(" \t\n\r", c); c = jsonpath_peek(x))
		x->at++;
}

bool jsonpath_take(struct jsonpath_lexer *x, const char *word)
{
	if (!str_starts(str_sub(x->text, x->at, x->text.n), str_c(word)))
		return false;
	x->at += strlen(word);
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

struct str jsonpath_name(struct jsonpath_lexer *x)
{
	size_t from = x->at;
	if (!starts_name(jsonpath_peek(x)))
		return (struct str){ .p = NULL };
	while (starts_name(jsonpath_peek(x)) || is_digit(jsonpath_peek(x)))
		x->at++;
	return str_sub(x->text, from, x->at);
}

/* -?(0|[1-9][0-9]*); the end of it, or `at` when there is none. */
static size_t scan_int(const struct jsonpath_lexer *x)
{
	struct str t = x->text;
	size_t i = x->at + (jsonpath_peek(x) == '-');
	if (i >= t.n || !is_digit(t.p[i]))
		return x->at;
	if (t.p[i] == '0')
		return i + 1;
	while (i < t.n && is_digit(t.p[i]))
		i++;
	return i;
}

int jsonpath_int(struct jsonpath_lexer *x, int64_t *out)
{
	const int64_t most = ((int64_t)1 << 53) - 1;
	size_t end = scan_int(x);
	struct str s = str_sub(x->text, x->at, end);
	if (!s.n || str_eqc(s, "-0") || (end < x->text.n && is_digit(x->text.p[end])))
		return jsonpath_fail(x, x->at, "expected a whole number without leading zeros");
	if (!num_parse_i64(s, out) || *out > most || *out < -most)
		return jsonpath_fail(x, x->at, "index is past 2^53-1");
	x->at = end;
	return 0;
}

int jsonpath_number(struct jsonpath_lexer *x, json_t **out)
{
	struct str t = x->text;
	size_t from = x->at, i = scan_int(x), whole = i;
	if (i == from)
		return jsonpath_fail(x, from, "expected a value");
	if (i + 1 < t.n && t.p[i] == '.' && is_digit(t.p[i + 1]))
		for (i++; i < t.n && is_digit(t.p[i]);)
			i++;
	if (i < t.n && (t.p[i] == 'e' || t.p[i] == 'E')) {
		size_t sign = i + 1 < t.n && (t.p[i + 1] == '-' || t.p[i + 1] == '+');
		if (i + 1 + sign < t.n && is_digit(t.p[i + 1 + sign]))
			for (i += 1 + sign; i < t.n && is_digit(t.p[i]);)
				i++;
	}
	struct str s = str_sub(t, from, i);
	int64_t n;
	double d;
	x->at = i;
	if (i < t.n && (is_digit(t.p[i]) || t.p[i] == '.'))
		return jsonpath_fail(x, from, "this is no number");
	if (i == whole && num_parse_i64(s, &n))
		*out = json_integer(n);
	else if (num_parse(s, &d))
		*out = json_real(d);
	else
		return jsonpath_fail(x, from, "number is too large");
	return 0;
}

static int hex4(struct jsonpath_lexer *x, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, x->at++) {
		char c = jsonpath_peek(x);
		int v = is_digit(c)		    ? c - '0' :
			(c >= 'a' && c <= 'f') ? c - 'a' + 10 :
			(c >= 'A' && c <= 'F') ? c - 'A' + 10 :
						 -1;
		if (v < 0)
			return jsonpath_fail(x, x->at, "expected four hexadecimal digits after \\u");
		*out = *out * 16 + (uint32_t)v;
	}
	return 0;
}

static int unicode_escape(struct jsonpath_lexer *x, struct buf *b)
{
	uint32_t hi, lo;
	size_t from = x->at;
	if (hex4(x, &hi))
		return -1;
	if (hi >= 0xd800 && hi <= 0xdbff) {
		if (!jsonpath_take(x, "\\u") || hex4(x, &lo) || lo < 0xdc00 || lo > 0xdfff)
			return jsonpath_fail(x, from, "half of a surrogate pair");
		hi = 0x10000 + ((hi - 0xd800) << 10) + (lo - 0xdc00);
	} else if (hi >= 0xdc00 && hi <= 0xdfff) {
		return jsonpath_fail(x, from, "half of a surrogate pair");
	}
	buf_add_cp(b, hi);
	return 0;
}

/* After the backslash. */
static int escape(struct jsonpath_lexer *x, char quote, struct buf *b)
{
	static const char from[] = "bfnrt/\\", to[] = "\b\f\n\r\t/\\";
	char c = jsonpath_peek(x);
	if (c == 'u') {
		x->at++;
		return unicode_escape(x, b);
	}
	const char *hit = c ? strchr(from, c) : NULL;
	if (!hit && c != quote)
		return jsonpath_fail(x, x->at, "unknown escape in a string");
	buf_addc(b, hit ? to[hit - from] : quote);
	x->at++;
	return 0;
}

static int string(struct jsonpath_lexer *x, struct buf *b)
{
	size_t from = x->at;
	char quote = jsonpath_peek(x);
	for (x->at++; x->at < x->text.n && jsonpath_peek(x) != quote;) {
		char c = jsonpath_peek(x);
		if ((unsigned char)c < 0x20)
			return jsonpath_fail(x, x->at, "a control character must be escaped");
		x->at++;
		if (c != '\\')
			buf_addc(b, c);
		else if (escape(x, quote, b))
			return -1;
	}
	if (x->at >= x->text.n)
		return jsonpath_fail(x, from, "this string is never closed");
	x->at++;
	return 0;
}

int jsonpath_string(struct jsonpath_lexer *x, struct str *out)
{
	struct buf b;
	buf_init(&b, x->text.n * 3);
	int rc = string(x, &b);
	if (!rc)
		*out = arena_str(x->a, buf_str(&b));
	if (!rc && !out->p)
		*out = STR("");
	buf_release(&b);
	return rc;
}
