#include "doc/jsonscan.h"

#include "base/b64.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"

#include <endian.h>

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
	if (j->i < j->s.n && (unsigned char)j->s.p[j->i] > ' ')
		return (unsigned char)j->s.p[j->i];
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

bool jsonscan_at(struct jsonscan *j, char c)
{
	return !j->bad && peek(j) == c;
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

/* The first byte from i on that ends a text or needs a look, or n; *high: one before it is above
 * ASCII.  Eight bytes at a time: one of them is below k when the word less k in each borrows there. */
static size_t special(const char *p, size_t i, size_t n, bool *high)
{
	const uint64_t one = 0x0101010101010101u, top = one * 0x80;
	for (; i + 8 <= n; i += 8) {
		uint64_t w;
		memcpy(&w, p + i, 8);
		w = le64toh(w);
		uint64_t quote = w ^ one * '"', slash = w ^ one * '\\';
		uint64_t hit = ((w - one * 0x20) & ~w) | ((quote - one) & ~quote) | ((slash - one) & ~slash);
		hit &= top;
		*high |= w & top & ((hit & -hit) - 1);
		if (hit)
			return i + (size_t)__builtin_ctzll(hit) / 8;
	}
	for (; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (c < 0x20 || c == '"' || c == '\\')
			break;
		*high |= c >= 0x80;
	}
	return i;
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
	size_t from = j->i, i = special(p, from, j->s.n, &high);
	for (; i < j->s.n && p[i] == '\\'; i = special(p, i + 2, j->s.n, &high))
		*plain = false;
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

/* The escape at s.p[i] (its backslash): its code point, its length in *used; 0 when it is none that may
 * stand in a text. */
static uint32_t escape(struct str s, size_t i, size_t *used)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (i + 1 >= s.n)
		return 0;
	const char *hit = memchr(from, s.p[i + 1], sizeof(from) - 1);
	*used = hit ? 2 : 6;
	if (hit)
		return (uint32_t)to[hit - from];
	int u = s.p[i + 1] == 'u' ? hex_quad(s, i + 2) : -1;
	if (u <= 0 || (u >= 0xd800 && u <= 0xdfff))
		return 0; /* pairs too: rare enough for the full reader */
	return (uint32_t)u;
}

void jsonscan_string(struct jsonscan *j, struct buf *out)
{
	bool plain;
	struct str s = quoted(j, &plain);
	if (plain || j->bad) {
		buf_add(out, s);
		return;
	}
	for (size_t i = 0, used = 0; i < s.n; i += used) {
		ptrdiff_t slash = str_chr(s, '\\', i);
		size_t end = slash < 0 ? s.n : (size_t)slash;
		buf_add(out, str_sub(s, i, end));
		if (slash < 0)
			return;
		uint32_t cp = escape(s, end, &used);
		if (!cp) {
			j->bad = true;
			return;
		}
		buf_add_cp(out, cp);
		i = end;
	}
}

/* Are the escapes of a text such as may stand there?  *size: the text's length without them. */
static bool escapes(struct str s, size_t *size)
{
	size_t used = 0;
	*size = s.n;
	for (ptrdiff_t at = str_chr(s, '\\', 0); at >= 0; at = str_chr(s, '\\', (size_t)at + used)) {
		char utf8[4];
		uint32_t cp = escape(s, (size_t)at, &used);
		if (!cp)
			return false;
		*size -= used - utf8_put(cp, utf8);
	}
	return true;
}

struct str jsonscan_text(struct jsonscan *j, struct arena *a)
{
	bool plain;
	size_t size = 0, n = 0, used;
	struct str s = quoted(j, &plain);
	if (plain || j->bad)
		return s;
	if (!escapes(s, &size)) {
		j->bad = true;
		return (struct str){ .p = NULL };
	}
	char *p = arena_alloc(a, size + 1);
	for (size_t i = 0; i < s.n; i += used) {
		used = 1;
		if (s.p[i] == '\\')
			n += utf8_put(escape(s, i, &used), p + n);
		else
			p[n++] = s.p[i];
	}
	return (struct str){ .p = p, .n = n };
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

/* Past the digits that stand here; how many. */
static size_t digits(struct jsonscan *j)
{
	size_t from = j->i;
	while (digit(j))
		j->i++;
	return j->i - from;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)? of a size that any reader holds: an integer of 18
 * characters, a real of 40 whose exponent has two digits. */
static bool number(struct jsonscan *j, bool *real)
{
	size_t from = j->i;
	j->i += j->s.p[j->i] == '-';
	*real = false;
	if (digit(j) && j->s.p[j->i] == '0')
		j->i++;
	else if (!digits(j))
		return false;
	if (j->i < j->s.n && j->s.p[j->i] == '.') {
		*real = true;
		j->i++;
		if (!digits(j))
			return false;
	}
	if (j->i < j->s.n && (j->s.p[j->i] == 'e' || j->s.p[j->i] == 'E')) {
		*real = true;
		j->i++;
		if (j->i < j->s.n && (j->s.p[j->i] == '-' || j->s.p[j->i] == '+'))
			j->i++;
		size_t n = digits(j);
		if (!n || n > 2)
			return false;
	}
	return !digit(j) && j->i - from <= (*real ? 40 : 18);
}

/* Digits with at most one point among them as mantissa / 10^places, when both are numbers that a double
 * holds: then the quotient is the nearest double (Clinger 1990). */
static bool short_real(struct str s, double *out)
{
	static const double ten[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
				      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	uint64_t mantissa = 0;
	size_t places = 0;
	bool negative = s.n && s.p[0] == '-', point = false;
	for (size_t i = negative; i < s.n; i++) {
		if (s.p[i] == '.') {
			point = true;
			continue;
		}
		mantissa = mantissa * 10 + (uint64_t)(s.p[i] - '0');
		places += point;
		if (s.p[i] < '0' || s.p[i] > '9' || mantissa > (uint64_t)1 << 53)
			return false;
	}
	if (places >= ARRAY_LEN(ten))
		return false;
	double x = (double)mantissa / ten[places];
	*out = negative ? -x : x;
	return true;
}

double jsonscan_number(struct jsonscan *j)
{
	double x = 0;
	bool real = false;
	int c = peek(j);
	size_t from = j->i;
	if (j->bad || (c != '-' && !digit(j)) || !number(j, &real)) {
		j->bad = true;
		return 0;
	}
	struct str s = str_sub(j->s, from, j->i);
	if (!short_real(s, &x) && !num_parse(s, &x))
		j->bad = true;
	/* A whole number has no -0. */
	return real || x != 0 ? x : 0;
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
	size_t size;
	struct str s = quoted(j, &plain);
	if (!plain && !j->bad)
		j->bad = !escapes(s, &size);
}

static void skip(struct jsonscan *j, unsigned depth)
{
	int c = j->bad ? -1 : peek(j);
	bool real;
	if (c == '"')
		skip_string(j);
	else if (c == '{' || c == '[')
		skip_container(j, (char)c, depth);
	else if (c == '-' || (c >= '0' && c <= '9'))
		j->bad = !number(j, &real);
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
	bool real = false;
	peek(j);
	size_t from = j->i;
	if (j->bad || !digit(j) || !number(j, &real) || real || j->i - from > 15) {
		j->bad = true;
		return -1;
	}
	for (size_t i = from; i < j->i; i++)
		x = x * 10 + (j->s.p[i] - '0');
	return x;
}

bool jsonscan_end(struct jsonscan *j)
{
	return !j->bad && !j->depth && peek(j) < 0;
}
