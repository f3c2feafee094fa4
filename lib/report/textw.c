#include "report/textw.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <string.h>

struct range {
	uint32_t from, to;
};

static bool within(const struct range *r, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= r[i].from && c <= r[i].to)
			return true;
	return false;
}

/* What can steer a terminal or hide from a reader: C0, DEL, C1, soft hyphen, zero-width and
 * direction marks, line separators, variation selectors, interlinear marks, tags, private use. */
bool text_steers(uint32_t c)
{
	static const struct range bad[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x115f, 0x1160 },
		{ 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
		{ 0x3164, 0x3164 }, { 0xe000, 0xf8ff }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0xe0000, 0x10ffff },
	};
	return within(bad, ARRAY_LEN(bad), c);
}

static unsigned width_of(uint32_t c)
{
	static const struct range wide[] = {
		{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 },
		{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 },
		{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
	};
	static const struct range none[] = { { 0x300, 0x36f }, { 0x483, 0x489 }, { 0x591, 0x5bd },
					     { 0x610, 0x61a }, { 0x64b, 0x65f }, { 0x900, 0x902 },
					     { 0xe31, 0xe31 }, { 0xe34, 0xe3a }, { 0x1ab0, 0x1aff },
					     { 0x20d0, 0x20ff } };
	if (within(none, ARRAY_LEN(none), c))
		return 0;
	return within(wide, ARRAY_LEN(wide), c) ? 2 : 1;
}

unsigned text_width(struct str s)
{
	unsigned n = 0;
	uint32_t c;
	for (size_t i = 0; i < s.n; i += utf8_decode(str_sub(s, i, s.n), &c), n += width_of(c))
		;
	return n;
}

struct str text_fit(struct str s, unsigned columns)
{
	unsigned used = 0;
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		size_t n = utf8_decode(str_sub(s, i, s.n), &c);
		used += width_of(c);
		if (used > columns)
			return str_sub(s, 0, i);
		i += n;
	}
	return s;
}

bool text_is_ci_mark(struct str s)
{
	static const char *const marks[] = { "##[", "##vso[", "##teamcity[" };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (str_ieq(str_sub(s, 0, strlen(marks[i])), str_c(marks[i])))
			return true;
	return false;
}

/* Our own signs in places that know no UTF-8; anything else by its number. */
static void add_ascii(struct buf *out, uint32_t c)
{
	static const struct {
		uint32_t c;
		const char *as;
	} known[] = { { 0x2026, "..." }, { 0x2248, "~" },  { 0x2264, "<=" }, { 0x2265, ">=" },
		      { 0x2192, "->" },	 { 0xd7, "x" },	   { 0x2013, "-" },  { 0x2014, "-" },
		      { 0x2019, "'" },	 { 0x2212, "-" },  { 0xa0, " " },    { UTF8_REPLACEMENT, "?" } };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].c == c) {
			buf_adds(out, known[i].as);
			return;
		}
	buf_addf(out, "\\u{%x}", (unsigned)c);
}

/* More marks than this over one letter are not writing: they paint over the lines around. */
enum { MARKS_MAX = 4 };

struct safe {
	struct buf *out;
	bool utf8;
	unsigned marks; /* in a row */
};

static void safe_char(struct safe *s, uint32_t c, bool ok)
{
	s->marks = width_of(c) ? 0 : s->marks + 1;
	if (c == '\n' && ok)
		buf_adds(s->out, "\\n");
	else if (c == '\t' && ok)
		buf_addc(s->out, ' ');
	else if (text_steers(c) || s->marks > MARKS_MAX)
		buf_addf(s->out, "\\u{%x}", (unsigned)c);
	else if (c >= 0x80 && !s->utf8)
		add_ascii(s->out, c);
	else
		buf_add_cp(s->out, c);
}

/* "::" where a line could begin is a GitHub command, "##vso[" anywhere one of Azure. */
static bool is_command(struct str s, size_t at)
{
	struct str rest = str_sub(s, at, s.n);
	if (str_starts(rest, STR("::")) || str_eq(rest, STR(":")))
		return at == 0 || strchr(" \t\r\n", s.p[at - 1]);
	return text_is_ci_mark(rest);
}

void text_safe(struct buf *out, struct str s, bool utf8)
{
	struct safe to = { .out = out, .utf8 = utf8 };
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		bool ok;
		bool command = is_command(s, i);
		i += utf8_decode_strict(str_sub(s, i, s.n), &c, &ok);
		if (command)
			buf_addf(out, "\\u{%x}", (unsigned)c);
		else
			safe_char(&to, c, ok);
	}
}

void textw_safe(struct textw *w, struct str s, unsigned columns)
{
	struct buf b;
	/* A code point is at most four bytes; what is longer than the line may be cut early. */
	struct str head = columns ? utf8_prefix(s, (size_t)columns * 4 + 4) : s;
	const char *cut = w->o->utf8 ? "…" : "...";
	unsigned dots = text_width(str_c(cut));
	buf_init(&b, head.n * 10 + 64);
	text_safe(&b, head, w->o->utf8);
	struct str text = buf_str(&b);
	if (columns && (text_width(text) > columns || head.n < s.n)) {
		sink_write(w->out, text_fit(text, columns > dots ? columns - dots : 0));
		sink_puts(w->out, cut);
	} else {
		sink_write(w->out, text);
	}
	buf_release(&b);
}

static void put_blanks(struct textw *w, unsigned n)
{
	for (; n > 0; n--)
		sink_puts(w->out, " ");
}

/* How many bytes stand on the first of several lines: up to a blank, else as many as fit. */
static size_t line_bytes(struct str text, unsigned columns)
{
	size_t n = text_fit(text, columns).n, at = n;
	if (n == text.n)
		return n;
	while (at > 0 && text.p[at] != ' ')
		at--;
	if (at > 0)
		return at;
	/* A runner must not find a command at the start of what goes on below. */
	while (n > 1 && strchr(":#", text.p[n]))
		n--;
	return n ? n : text_fit(text, 2).n;
}

static void put_wrapped(struct textw *w, struct str text, unsigned from, unsigned indent)
{
	unsigned width = w->o->width, room = width > from + 8 ? width - from : 8;
	for (;;) {
		size_t n = line_bytes(text, room);
		sink_write(w->out, str_sub(text, 0, n));
		text = str_sub(text, n, text.n);
		while (text.n && text.p[0] == ' ')
			text = str_sub(text, 1, text.n);
		if (!text.n)
			return;
		sink_puts(w->out, "\n");
		put_blanks(w, indent);
		room = width > indent + 8 ? width - indent : 8;
	}
}

void textw_wrap(struct textw *w, struct str s, unsigned from, unsigned indent)
{
	struct buf b;
	buf_init(&b, s.n * 10 + 64);
	text_safe(&b, s, w->o->utf8);
	if (w->o->width)
		put_wrapped(w, buf_str(&b), from, indent);
	else
		sink_write(w->out, buf_str(&b));
	buf_release(&b);
}

void textw_block(struct textw *w, struct str s, unsigned indent)
{
	struct str line;
	while (str_line(&s, &line)) {
		put_blanks(w, indent);
		sink_puts(w->out, w->o->utf8 ? "│ " : "| ");
		textw_safe(w, line, 0);
		sink_puts(w->out, "\n");
	}
}

static const char *code_of(enum paint p)
{
	static const char *const codes[] = { "", "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[33m" };
	return codes[p];
}

void textw_put(struct textw *w, enum paint p, const char *s)
{
	bool painted = w->o->color && p != PAINT_NONE && *s;
	if (painted)
		sink_puts(w->out, code_of(p));
	sink_puts(w->out, s);
	if (painted)
		sink_puts(w->out, "\033[0m");
}

void textw_cell(struct textw *w, enum paint p, const char *s, int columns)
{
	int gap = (columns < 0 ? -columns : columns) - (int)text_width(str_c(s));
	if (columns < 0 && gap > 0)
		put_blanks(w, (unsigned)gap);
	textw_put(w, p, s);
	if (columns > 0 && gap > 0)
		put_blanks(w, (unsigned)gap);
}

/* Azure and TeamCity look for commands anywhere in a line.  "##" can only stand in a string. */
void textw_put_json(struct sink *out, struct str s)
{
	for (ptrdiff_t at; (at = str_find(s, STR("##"), 0)) >= 0; s = str_sub(s, (size_t)at + 2, s.n)) {
		sink_write(out, str_sub(s, 0, (size_t)at + 1));
		sink_puts(out, "\\u0023");
	}
	sink_write(out, s);
}
