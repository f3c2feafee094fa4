#include "report/comparepage.h"

enum { INDENT = 3 };

const char *comparepage_safe_str(struct comparepage *p, struct str from)
{
	struct buf b;
	buf_init(&b, from.n * 10 + 64);
	text_safe(&b, from, p->w.o->utf8);
	const char *out = arena_cstr(&p->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

const char *comparepage_safe(struct comparepage *p, const char *s)
{
	return comparepage_safe_str(p, str_c(s ? s : ""));
}

void comparepage_end(struct comparepage *p)
{
	sink_puts(p->w.out, "\n");
}

void comparepage_widen(int *width, const char *s)
{
	int n = (int)text_width(str_c(s));
	*width = n > *width ? n : *width;
}

void comparepage_parts(struct comparepage *p, const struct comparepage_part *v, size_t n)
{
	unsigned width = p->w.o->width, at = 0, gap = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned cells = text_width(str_c(v[i].text)), wide = v[i].columns > 0 ? (unsigned)v[i].columns : 0;
		if (width && i > 1 && at + gap + cells > width) {
			sink_puts(p->w.out, "\n");
			at = 0;
			gap = INDENT;
		}
		sink_printf(p->w.out, "%*s", (int)gap, "");
		at += gap;
		if (width && at + cells > width)
			textw_safe(&p->w, str_c(v[i].text), width > at ? width - at : 1);
		else
			textw_put(&p->w, v[i].paint, v[i].text);
		at += cells;
		gap = 2 + (wide > cells ? wide - cells : 0);
	}
	comparepage_end(p);
}

void comparepage_cells(struct comparepage *p, const char *const *text, const int *width, const enum paint *paint,
		      size_t n)
{
	int owed = 0;
	size_t last = n;
	while (last > 0 && !*text[last - 1])
		last--;
	for (size_t i = 0; i < last; i++) {
		int room = width[i] < 0 ? -width[i] : width[i];
		int cells = (int)text_width(str_c(text[i])), gap = room > cells ? room - cells : 0;
		owed += width[i] < 0 ? gap : 0;
		sink_printf(p->w.out, "%*s", owed, "");
		textw_put(&p->w, paint[i], text[i]);
		owed = 2 + (width[i] < 0 ? 0 : gap);
	}
	comparepage_end(p);
}

void comparepage_note(struct comparepage *p, enum paint paint, const char *mark, const char *text)
{
	sink_puts(p->w.out, "  ");
	textw_put(&p->w, paint, mark);
	textw_wrap(&p->w, str_c(text), 2 + (unsigned)strlen(mark), 2 + (unsigned)strlen(mark));
	comparepage_end(p);
}
