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
static bool steers(uint32_t c)
{
	static const struct range bad[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x115f, 0x1160 },
		{ 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
		{ 0x3164, 0x3164 }, { 0xe000, 0xf8ff }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
		{ 0xfff0, 0xfffb }, { 0xe0000, 0x10ffff },
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

static void safe_char(struct buf *out, uint32_t c, bool ok)
{
	if (!ok)
		buf_add_cp(out, UTF8_REPLACEMENT);
	else if (c == '\n')
		buf_adds(out, "\\n");
	else if (c == '\t')
		buf_addc(out, ' ');
	else if (steers(c))
		buf_addf(out, "\\u{%x}", (unsigned)c);
	else
		buf_add_cp(out, c);
}

void text_safe(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		bool ok;
		i += utf8_decode_strict(str_sub(s, i, s.n), &c, &ok);
		safe_char(out, c, ok);
	}
}

/* The longest prefix that is at most `columns` wide. */
static struct str fit(struct str s, unsigned columns)
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

void textw_safe(struct textw *w, struct str s, unsigned columns)
{
	struct buf b;
	/* Escapes grow a byte at most eightfold; a cut text needs no more than its columns. */
	struct str head = columns ? str_sub(s, 0, (size_t)columns * 8 + 16) : s;
	buf_init(&b, head.n * 10 + 64);
	text_safe(&b, head);
	struct str text = buf_str(&b);
	if (columns && (text_width(text) > columns || head.n < s.n)) {
		sink_write(w->out, fit(text, columns - 1));
		sink_puts(w->out, w->o->utf8 ? "…" : ".");
	} else {
		sink_write(w->out, text);
	}
	buf_release(&b);
}

static const char *code_of(enum paint p)
{
	static const char *const codes[] = { "", "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[33m" };
	return codes[p];
}

void textw_put(struct textw *w, enum paint p, const char *s)
{
	bool painted = w->o->color && p != PAINT_NONE;
	if (painted)
		sink_puts(w->out, code_of(p));
	sink_puts(w->out, s);
	if (painted)
		sink_puts(w->out, "\033[0m");
}

void textw_cell(struct textw *w, enum paint p, const char *s, int columns)
{
	int gap = (columns < 0 ? -columns : columns) - (int)text_width(str_c(s));
	if (columns < 0)
		for (; gap > 0; gap--)
			sink_puts(w->out, " ");
	textw_put(w, p, s);
	for (; gap > 0; gap--)
		sink_puts(w->out, " ");
}
