#include "report/xmlw.h"

#include "base/utf8.h"
#include "report/textw.h"

#include <math.h>

static void escape_char(struct buf *out, uint32_t c, bool ok)
{
	if (!ok)
		buf_add_cp(out, UTF8_REPLACEMENT);
	else if (c == '\n' || c == '\t')
		buf_addf(out, "&#%u;", (unsigned)c);
	else if (c == '<')
		buf_adds(out, "&lt;");
	else if (c == '>')
		buf_adds(out, "&gt;");
	else if (c == '&')
		buf_adds(out, "&amp;");
	else if (c == '"')
		buf_adds(out, "&quot;");
	else if (text_steers(c))
		buf_addf(out, "\\u{%x}", (unsigned)c);
	else
		buf_add_cp(out, c);
}

void xmlw_escape(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		bool ok, mark = text_is_ci_mark(str_sub(s, i, s.n));
		i += utf8_decode_strict(str_sub(s, i, s.n), &c, &ok);
		if (mark)
			buf_adds(out, "&#35;");
		else
			escape_char(out, c, ok);
	}
}

static void put_text(struct xmlw *w, struct str s)
{
	struct buf b;
	buf_init(&b, s.n * 10 + 64);
	xmlw_escape(&b, s);
	sink_write(w->out, buf_str(&b));
	buf_release(&b);
}

static void end_tag(struct xmlw *w)
{
	if (w->in_tag)
		sink_puts(w->out, ">");
	w->in_tag = false;
}

static void new_line(struct xmlw *w)
{
	sink_puts(w->out, "\n");
	for (unsigned i = 0; i < w->depth; i++)
		sink_puts(w->out, "  ");
}

void xmlw_begin(struct xmlw *w, struct sink *out)
{
	*w = (struct xmlw){ .out = out };
	sink_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
}

void xmlw_open(struct xmlw *w, const char *name)
{
	end_tag(w);
	new_line(w);
	sink_puts(w->out, "<");
	sink_puts(w->out, name);
	w->open[w->depth++ % XMLW_DEPTH] = name;
	w->in_tag = true;
	w->in_text = false;
}

void xmlw_attr(struct xmlw *w, const char *name, struct str value)
{
	sink_printf(w->out, " %s=\"", name);
	put_text(w, value);
	sink_puts(w->out, "\"");
}

void xmlw_attr_n(struct xmlw *w, const char *name, size_t value)
{
	sink_printf(w->out, " %s=\"%zu\"", name, value);
}

void xmlw_attr_seconds(struct xmlw *w, const char *name, double seconds)
{
	bool sane = isfinite(seconds) && seconds >= 0 && seconds < 1e15;
	sink_printf(w->out, " %s=\"%.3f\"", name, sane ? seconds : 0);
}

void xmlw_text(struct xmlw *w, struct str s)
{
	end_tag(w);
	put_text(w, s);
	w->in_text = true;
}

void xmlw_close(struct xmlw *w)
{
	const char *name = w->open[--w->depth % XMLW_DEPTH];
	if (w->in_tag) {
		sink_puts(w->out, "/>");
	} else {
		if (!w->in_text)
			new_line(w);
		sink_printf(w->out, "</%s>", name);
	}
	w->in_tag = false;
	w->in_text = false;
	if (!w->depth)
		sink_puts(w->out, "\n");
}
