#include "net/awsxml.h"

#include "base/buf.h"

/* "&#65;" and "&#x41;": only what a key, a token or a sentence may hold. */
static bool numeric(struct str name, char *c)
{
	unsigned x = 0, base = 10;
	size_t i = 1;
	if (name.n > 1 && (name.p[1] == 'x' || name.p[1] == 'X')) {
		base = 16;
		i = 2;
	}
	if (name.n < i + 1 || name.n > i + 4)
		return false;
	for (; i < name.n; i++) {
		char d = name.p[i];
		unsigned v = d >= '0' && d <= '9' ? (unsigned)(d - '0') :
			     d >= 'a' && d <= 'f' ? (unsigned)(d - 'a') + 10 :
			     d >= 'A' && d <= 'F' ? (unsigned)(d - 'A') + 10 :
						    99;
		if (v >= base)
			return false;
		x = x * base + v;
	}
	*c = (char)x;
	return x >= 0x20 && x < 0x7f;
}

static bool entity(struct str name, char *c)
{
	static const struct {
		const char *name;
		char c;
	} known[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' } };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eqc(name, known[i].name)) {
			*c = known[i].c;
			return true;
		}
	return name.n && name.p[0] == '#' && numeric(name, c);
}

static struct str decode(struct str s, struct arena *a)
{
	struct buf b;
	struct str out = { .p = NULL };
	bool bad = false;
	buf_init(&b, s.n + 1);
	for (size_t i = 0; i < s.n && !bad; i++) {
		char c = s.p[i];
		if (c == '&') {
			ptrdiff_t end = str_chr(s, ';', i);
			bad = end < 0 || !entity(str_sub(s, i + 1, (size_t)end), &c);
			i = bad ? i : (size_t)end;
		}
		buf_addc(&b, c);
	}
	if (!bad)
		out = arena_str(a, b.n ? buf_str(&b) : STR(""));
	buf_release(&b);
	return out;
}

struct str awsxml_get(struct str xml, const char *tag, struct arena *a)
{
	struct str none = { .p = NULL };
	struct str open = str_c(arena_fmt(a, "<%s>", tag)), close = str_c(arena_fmt(a, "</%s>", tag));
	ptrdiff_t from = str_find(xml, open, 0);
	if (from < 0)
		return none;
	size_t begin = (size_t)from + open.n;
	ptrdiff_t to = str_find(xml, close, begin);
	if (to < 0)
		return none;
	struct str text = str_sub(xml, begin, (size_t)to);
	return str_chr(text, '<', 0) < 0 ? decode(text, a) : none;
}
