/* json_lenient: Jansson first; where it refuses, the text is rewritten into what it can hold
 * (lone surrogates, huge numbers, NUL in keys, bad UTF-8) and read again. */
#include "base/auto.h"
#include "base/b64.h"
#include "base/num.h"
#include "base/utf8.h"
#include "doc/jsonx.h"

#include <math.h>

struct rewrite {
	struct str in;
	size_t i;
	struct buf out;
	struct arena *arena;
};

/* The code unit of a \uHHHH at s.p[i], or -1. */
static int unit(struct str s, size_t i)
{
	bool escape = i + 6 <= s.n && s.p[i] == '\\' && s.p[i + 1] == 'u';
	return escape ? hex_quad(s, i + 2) : -1;
}

static bool high(int u)
{
	return u >= 0xd800 && u <= 0xdbff;
}

static bool low(int u)
{
	return u >= 0xdc00 && u <= 0xdfff;
}

/* Is the string that starts at `i` (its quote) the name of a member? */
static bool names_member(struct str s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	for (i++; i < s.n && strchr(" \t\r\n", s.p[i]) && s.p[i]; i++)
		;
	return i < s.n && s.p[i] == ':';
}

static void copy(struct rewrite *w, size_t n)
{
	buf_add(&w->out, str_sub(w->in, w->i, w->i + n));
	w->i += n;
}

static void rewrite_escape(struct rewrite *w, bool key)
{
	int u = unit(w->in, w->i);
	if (u < 0) {
		copy(w, w->i + 1 < w->in.n ? 2 : 1);
		return;
	}
	if (high(u) && low(unit(w->in, w->i + 6))) {
		copy(w, 12);
		return;
	}
	if (high(u) || low(u) || (key && !u)) {
		buf_adds(&w->out, "\\ufffd");
		w->i += 6;
		return;
	}
	copy(w, 6);
}

static void rewrite_string(struct rewrite *w)
{
	bool key = names_member(w->in, w->i);
	copy(w, 1);
	while (w->i < w->in.n && w->in.p[w->i] != '"') {
		if (w->in.p[w->i] == '\\') {
			rewrite_escape(w, key);
			continue;
		}
		uint32_t cp;
		bool ok;
		size_t n = utf8_decode_strict(str_sub(w->in, w->i, w->in.n), &cp, &ok);
		if (ok) {
			copy(w, n);
			continue;
		}
		buf_add_cp(&w->out, UTF8_REPLACEMENT);
		w->i += n;
	}
	if (w->i < w->in.n)
		copy(w, 1);
}

static bool number_char(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* Would JSON's grammar take it?  Only then may it be changed; else Jansson refuses it. */
static bool is_number(struct str s)
{
	size_t i = s.n && s.p[0] == '-';
	if (i == s.n || s.p[i] < '0' || s.p[i] > '9' || s.p[s.n - 1] == '.')
		return false;
	if (s.p[i] == '0' && i + 1 < s.n && s.p[i + 1] >= '0' && s.p[i + 1] <= '9')
		return false;
	for (; i < s.n; i++) {
		if (s.p[i] == '.' && (s.p[i + 1] < '0' || s.p[i + 1] > '9'))
			return false;
		if ((s.p[i] == '-' || s.p[i] == '+') && s.p[i - 1] != 'e' && s.p[i - 1] != 'E')
			return false;
	}
	return s.p[s.n - 1] >= '0' && s.p[s.n - 1] <= '9';
}

static void rewrite_number(struct rewrite *w)
{
	size_t end = w->i;
	while (end < w->in.n && number_char(w->in.p[end]))
		end++;
	struct str s = str_sub(w->in, w->i, end);
	int64_t whole;
	double x;
	if (num_parse_i64(s, &whole) || !is_number(s)) {
		copy(w, s.n);
		return;
	}
	if (!num_parse(s, &x)) {
		/* Either past the largest double or too long for num_parse's own buffer. */
		x = strtod(arena_cstr(w->arena, s), NULL);
	}
	if (isinf(x))
		x = x < 0 ? -1.7976931348623157e308 : 1.7976931348623157e308;
	buf_addf(&w->out, "%.17e", x);
	w->i = end;
}

static void rewrite(struct rewrite *w)
{
	while (w->i < w->in.n) {
		char c = w->in.p[w->i];
		if (c == '"')
			rewrite_string(w);
		else if (c == '-' || (c >= '0' && c <= '9'))
			rewrite_number(w);
		else
			copy(w, 1);
	}
}

static json_t *read_text(struct arena *a, struct str text, size_t flags, const char **why)
{
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	/* Jansson takes a raw NUL behind a number for white space. */
	const char *nul = text.n ? memchr(text.p, 0, text.n) : NULL;
	if (nul) {
		if (why)
			*why = arena_fmt(a, "a NUL byte at offset %zu", (size_t)(nul - text.p));
		return NULL;
	}
	json_error_t e;
	json_t *j = json_loadb(text.p ? text.p : "", text.n, flags, &e);
	if (j)
		return arena_json(a, j);
	struct rewrite w = { .in = text, .arena = a };
	buf_init(&w.out, text.n > SIZE_MAX / 8 - 64 ? text.n : 8 * text.n + 64);
	rewrite(&w);
	json_error_t again;
	j = json_loadb(buf_cstr(&w.out), w.out.n, flags, &again);
	buf_release(&w.out);
	if (j)
		return arena_json(a, j);
	if (why)
		*why = arena_fmt(a, "line %d, column %d: %s", e.line, e.column, e.text);
	return NULL;
}

json_t *json_lenient(struct arena *a, struct str text, const char **why)
{
	return read_text(a, text, JSON_ALLOW_NUL | JSON_DECODE_ANY, why);
}

json_t *json_lenient_unique(struct arena *a, struct str text, const char **why)
{
	return read_text(a, text, JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, why);
}
