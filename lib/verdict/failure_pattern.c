#include "base/utf8.h"
#include "verdict/failures.h"

/* Long enough to tell reasons apart, short enough for one line of a console. */
enum { PATTERN_MAX = 120 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_space(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

/* Bytes of a number, or of a run of at least 8 hexadecimal digits with one decimal among them. */
static size_t number_at(struct str s)
{
	size_t n = 0, digits = 0;
	while (n < s.n && is_hex(s.p[n]))
		digits += is_digit(s.p[n++]);
	if (n >= 8 && digits)
		return n;
	for (n = 0; n < s.n && is_digit(s.p[n]);) {
		n++;
		bool point = n + 1 < s.n && (s.p[n] == '.' || s.p[n] == ',');
		n += point && is_digit(s.p[n + 1]);
	}
	return n;
}

/* Bytes of a quoted piece, 0 when it is not closed on this line or is an apostrophe. */
static size_t quoted_at(struct str s, bool after_word)
{
	char q = s.p[0];
	if (after_word || !(q == '"' || q == '\'' || q == '`'))
		return 0;
	for (size_t n = 1; n < s.n && s.p[n] != '\n'; n++)
		if (s.p[n] == q)
			return n + 1;
	return 0;
}

static void add(char *out, size_t *n, struct str s)
{
	for (size_t i = 0; i < s.n && *n < PATTERN_MAX; i++)
		out[(*n)++] = s.p[i];
}

struct str failure_pattern(struct str reason, struct arena *a)
{
	char *out = arena_alloc(a, PATTERN_MAX + 1);
	size_t n = 0, at = 0;
	while (at < reason.n && n < PATTERN_MAX) {
		struct str rest = str_sub(reason, at, reason.n);
		bool word = n && !is_space(out[n - 1]) &&
			    (out[n - 1] & 0x80 || is_hex(out[n - 1]) ||
			     (out[n - 1] >= 'a' && out[n - 1] <= 'z'));
		size_t quoted = quoted_at(rest, word);
		size_t number = quoted || word ? 0 : number_at(rest);
		if (quoted)
			add(out, &n, STR("'…'"));
		else if (number)
			add(out, &n, STR("#"));
		else if (is_space(rest.p[0]) && n && out[n - 1] != ' ')
			add(out, &n, STR(" "));
		else if (!is_space(rest.p[0]))
			add(out, &n, str_sub(rest, 0, 1));
		at += quoted ? quoted : number ? number : 1;
	}
	return str_trim(utf8_prefix((struct str){ .p = out, .n = n }, n));
}
