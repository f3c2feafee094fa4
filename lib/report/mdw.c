#include "report/mdw.h"

#include "base/utf8.h"
#include "report/textw.h"

static size_t longest_run(struct str s, char c)
{
	size_t run = 0, best = 0;
	for (size_t i = 0; i < s.n; i++) {
		run = s.p[i] == c ? run + 1 : 0;
		best = run > best ? run : best;
	}
	return best;
}

static void add_ticks(struct buf *out, size_t n)
{
	for (; n > 0; n--)
		buf_addc(out, '`');
}

/* A pipe ends a table's cell even in code, unless escaped; an escape behind a backslash is none. */
static void add_cell_text(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '|')
			buf_addc(out, s.p[i]);
		else if (i && s.p[i - 1] == '\\')
			buf_adds(out, "\\u{7c}");
		else
			buf_adds(out, "\\|");
	}
}

static bool at_edge(struct str s, char c)
{
	return s.n && (s.p[0] == c || s.p[s.n - 1] == c);
}

static void add_code(struct buf *out, struct str text)
{
	size_t ticks = longest_run(text, '`') + 1;
	/* One blank on each side is taken off by the reader: it keeps ticks and blanks apart. */
	const char *pad = at_edge(text, '`') || at_edge(text, ' ') ? " " : "";
	add_ticks(out, ticks);
	buf_adds(out, pad);
	add_cell_text(out, text);
	buf_adds(out, pad);
	add_ticks(out, ticks);
}

static void add_rest(struct buf *out, size_t all, size_t shown)
{
	if (all > shown)
		buf_addf(out, " (and %zu more bytes)", all - shown);
}

void mdw_code(struct buf *out, struct str s, size_t max)
{
	struct buf b;
	struct str head = utf8_prefix(s, max);
	if (!s.n) {
		buf_adds(out, "(empty)");
		return;
	}
	buf_init(&b, head.n * 10 + 64);
	text_safe(&b, head, true);
	add_code(out, buf_str(&b));
	add_rest(out, s.n, head.n);
	buf_release(&b);
}

static bool plain(unsigned char c)
{
	return c >= 0x80 || c == ' ' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

void mdw_html_code(struct buf *out, struct str s, size_t max)
{
	struct buf b;
	struct str head = utf8_prefix(s, max);
	buf_init(&b, head.n * 10 + 64);
	text_safe(&b, head, true);
	buf_adds(out, "<code>");
	for (size_t i = 0; i < b.n; i++) {
		unsigned char c = (unsigned char)b.p[i];
		if (plain(c))
			buf_addc(out, (char)c);
		else
			buf_addf(out, "&#%u;", c);
	}
	buf_adds(out, "</code>");
	add_rest(out, s.n, head.n);
	buf_release(&b);
}
