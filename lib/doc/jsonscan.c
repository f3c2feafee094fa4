#include "doc/jsonscan.h"

#include "base/b64.h"
#include "base/limits.h"
#include "base/utf8.h"

struct jsonscan jsonscan_of(struct str text)
{
	return (struct jsonscan){ .s = text, .first = true };
}

static void space(struct jsonscan *j)
{
	const char *p = j->s.p;
	size_t i = j->i, n = j->s.n;
	while (i < n && (p[i] == ' ' || p[i] == '\n' || p[i] == '\r' || p[i] == '\t'))
		i++;
	j->i = i;
}

static int peek(struct jsonscan *j)
{
	space(j);
	return j->i < j->s.n ? (unsigned char)j->s.p[j->i] : -1;
}

static bool take(struct jsonscan *j, char c)
{
	if (peek(j) != c)
		return false;
	j->i++;
	return true;
}

bool jsonscan_enter(struct jsonscan *j, char bracket)
{
	if (j->bad || j->depth >= DOC_DEPTH_MAX || !take(j, bracket)) {
		j->bad = true;
		return false;
	}
	j->depth++;
	j->first = true;
	return true;
}

/* The comma before the next thing, or the bracket that ends the container. */
static bool more(struct jsonscan *j, char close)
{
	if (j->bad)
		return false;
	if (take(j, close)) {
		j->depth--;
		j->first = false;
		return false;
	}
	if (!j->first && !take(j, ',')) {
		j->bad = true;
		return false;
	}
	j->first = false;
	return true;
}

/* The bytes between the quotes; *plain when no escape is among them. */
static struct str quoted(struct jsonscan *j, bool *plain)
{
	struct str none = { .p = NULL };
	bool high = false;
	*plain = true;
	if (j->bad || !take(j, '"')) {
		j->bad = true;
		return none;
	}
	const char *p = j->s.p;
	size_t from = j->i, i = from;
	for (; i < j->s.n && p[i] != '"'; i++) {
		unsigned char c = (unsigned char)p[i];
		high |= c >= 0x80;
		if (c < 0x20)
			break;
		if (c == '\\') {
			*plain = false;
			i++;
		}
	}
	struct str text = str_sub(j->s, from, i);
	if (i >= j->s.n || p[i] != '"' || (high && utf8_bad(text) >= 0)) {
		j->bad = true;
		return none;
	}
	j->i = i + 1;
	return text;
}

bool jsonscan_member(struct jsonscan *j, struct str *key)
{
	bool plain;
	if (!more(j, '}'))
		return false;
	*key = quoted(j, &plain);
	if (!plain || !take(j, ':'))
		j->bad = true;
	return !j->bad;
}

bool jsonscan_item(struct jsonscan *j)
{
	return more(j, ']');
}

/* The escape at s.p[i] (its backslash): appends it, returns its length, 0 when it is none that may
 * stand in a text. */
static size_t escape(struct str s, size_t i, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (i + 1 >= s.n)
		return 0;
	const char *hit = memchr(from, s.p[i + 1], sizeof(from) - 1);
	if (hit) {
		buf_addc(out, to[hit - from]);
		return 2;
	}
	int u = s.p[i + 1] == 'u' ? hex_quad(s, i + 2) : -1;
	if (u <= 0 || (u >= 0xd800 && u <= 0xdfff))
		return 0; /* pairs too: rare enough for the full reader */
	buf_add_cp(out, (uint32_t)u);
	return 6;
}

void jsonscan_string(struct jsonscan *j, struct buf *out)
{
	bool plain;
	struct str s = quoted(j, &plain);
	if (plain || j->bad) {
		buf_add(out, s);
		return;
	}
	for (size_t i = 0; i < s.n;) {
		ptrdiff_t slash = str_chr(s, '\\', i);
		size_t end = slash < 0 ? s.n : (size_t)slash;
		buf_add(out, str_sub(s, i, end));
		size_t used = slash < 0 ? 0 : escape(s, end, out);
		if (slash >= 0 && !used) {
			j->bad = true;
			return;
		}
		i = end + used;
	}
}

struct str jsonscan_plain(struct jsonscan *j)
{
	bool plain;
	struct str s = quoted(j, &plain);
	j->bad |= !plain;
	return s;
}

static bool literal(struct jsonscan *j, struct str word)
{
	if (!str_starts(str_sub(j->s, j->i, j->s.n), word))
		return false;
	j->i += word.n;
	return true;
}

bool jsonscan_null(struct jsonscan *j)
{
	return !j->bad && peek(j) == 'n' && literal(j, STR("null"));
}

static bool digit(const struct jsonscan *j)
{
	return j->i < j->s.n && j->s.p[j->i] >= '0' && j->s.p[j->i] <= '9';
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)? of a size that any reader holds */
static bool number(struct jsonscan *j)
{
	size_t from = j->i;
	j->i += j->s.p[j->i] == '-';
	bool zero = digit(j) && j->s.p[j->i] == '0';
	if (!digit(j))
		return false;
	for (j->i++; !zero && digit(j); j->i++)
		;
	if (j->i < j->s.n && j->s.p[j->i] == '.') {
		j->i++;
		if (!digit(j))
			return false;
		while (digit(j))
			j->i++;
	}
	/* Exponents and long numbers can leave a double's range: the full reader decides. */
	bool next = j->i < j->s.n && strchr("eE.+-0123456789", j->s.p[j->i]) && j->s.p[j->i];
	return !next && j->i - from <= 18;
}

/* More than this many nested containers are skipped by the full reader. */
enum { SKIP_DEPTH = 16 };

static void skip(struct jsonscan *j, unsigned depth);

static void skip_container(struct jsonscan *j, char bracket, unsigned depth)
{
	struct str key;
	if (depth >= SKIP_DEPTH || !jsonscan_enter(j, bracket)) {
		j->bad = true;
		return;
	}
	if (bracket == '[')
		while (jsonscan_item(j))
			skip(j, depth + 1);
	else
		while (jsonscan_member(j, &key))
			skip(j, depth + 1);
}

static void skip_string(struct jsonscan *j)
{
	bool plain;
	struct str s = quoted(j, &plain);
	if (plain || j->bad)
		return;
	struct buf b;
	buf_init(&b, s.n * 3 + 4);
	for (size_t i = 0; i < s.n && !j->bad;) {
		size_t used = s.p[i] == '\\' ? escape(s, i, &b) : 1;
		j->bad = !used;
		i += used;
	}
	buf_release(&b);
}

static void skip(struct jsonscan *j, unsigned depth)
{
	int c = j->bad ? -1 : peek(j);
	if (c == '"')
		skip_string(j);
	else if (c == '{' || c == '[')
		skip_container(j, (char)c, depth);
	else if (c == '-' || (c >= '0' && c <= '9'))
		j->bad = !number(j);
	else if (c < 0 || !(literal(j, STR("null")) || literal(j, STR("true")) ||
			    literal(j, STR("false"))))
		j->bad = true;
}

void jsonscan_skip(struct jsonscan *j)
{
	skip(j, 0);
}

int64_t jsonscan_count(struct jsonscan *j)
{
	int64_t x = 0;
	peek(j);
	size_t from = j->i;
	if (j->bad || !digit(j) || !number(j) || j->i - from > 15) {
		j->bad = true;
		return -1;
	}
	for (size_t i = from; i < j->i; i++) {
		if (j->s.p[i] == '.') {
			j->bad = true;
			return -1;
		}
		x = x * 10 + (j->s.p[i] - '0');
	}
	return x;
}

bool jsonscan_end(struct jsonscan *j)
{
	return !j->bad && !j->depth && peek(j) < 0;
}
