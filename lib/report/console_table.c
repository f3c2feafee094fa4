/* The threshold table.  Where the terminal is too narrow for it, its labels are cut; where that is
 * not enough each threshold takes two lines. */
#include "report/console.h"
#include "verdict/verdict.h"

#include <math.h>

enum { LABEL_MIN = 9, LABEL_CUT = 18, NOTE_INDENT = 6 };

struct row {
	const struct finding *f;
	const char *label, *observed, *bounds, *n, *needs, *verdict, *asides;
};

struct columns {
	int label, observed, bounds, n, needs, verdict;
	bool stacked;
};

static bool shown(const struct console *c, const struct finding *f)
{
	return !c->w.o->quiet || (f->verdict != VERDICT_PASS && f->verdict != VERDICT_NA);
}

static const char *value(struct console *c, const struct finding *f, double x)
{
	return console_safe(c, verdict_value_text(x, f->unit ? f->unit : "", &c->arena));
}

/* Bytes of the unit that both end with, its blank included: "702 … 790 ms". */
static size_t shared_unit(const char *a, const char *b)
{
	const char *x = strrchr(a, ' '), *y = strrchr(b, ' ');
	return x && y && !strcmp(x, y) ? strlen(x) : 0;
}

static const char *bounds_text(struct console *c, const struct finding *f)
{
	if (f->observed_only)
		return "as observed";
	if (!f->has_bounds || (isnan(f->lower) && isnan(f->upper)))
		return "";
	const char *lower = value(c, f, f->lower), *upper = value(c, f, f->upper);
	size_t unit = shared_unit(lower, upper);
	return arena_fmt(&c->arena, "%.*s %s %s", (int)(strlen(lower) - unit), lower, console_dots(c), upper);
}

static const char *n_text(struct console *c, const struct finding *f)
{
	if (f->clusters && f->clusters != f->n)
		return arena_fmt(&c->arena, "%zu in %zu", f->n, f->clusters);
	return arena_fmt(&c->arena, "%zu", f->n);
}

static const char *mark_of(const struct console *c, enum verdict_kind v)
{
	static const char *const signs[] = { "✓", "✗", "?", "-" };
	static const char *const plain[] = { "+", "x", "?", "-" };
	return c->w.o->utf8 ? signs[v] : plain[v];
}

static const char *sign_of(const struct console *c, const char *op)
{
	if (c->w.o->utf8 && !strcmp(op, ">="))
		return "≥";
	return c->w.o->utf8 && !strcmp(op, "<=") ? "≤" : op;
}

static const char *verdict_text(struct console *c, const struct finding *f)
{
	return arena_fmt(&c->arena, "%s %s", mark_of(c, f->verdict), verdict_name(f->verdict));
}

static const char *asides(struct console *c, const struct finding *f)
{
	const char *warn = f->blocking ? "" : " (warn)";
	if (!f->unscored)
		return warn;
	return arena_fmt(&c->arena, "%s, %zu unscored", warn, f->unscored);
}

static struct row row_of(struct console *c, const struct finding *f)
{
	return (struct row){
		.f = f,
		.label = console_safe(c, f->label),
		.observed = console_safe(c, f->observed_text),
		.bounds = bounds_text(c, f),
		.n = n_text(c, f),
		.needs = arena_fmt(&c->arena, "%s %s", console_safe(c, sign_of(c, f->op ? f->op : "")),
				   console_safe(c, f->bound_text)),
		.verdict = verdict_text(c, f),
		.asides = asides(c, f),
	};
}

static void widen(int *width, const char *s)
{
	int n = (int)text_width(str_c(s));
	if (n > *width)
		*width = n;
}

static int total(const struct columns *k)
{
	return 2 + k->label + 2 + k->observed + 3 + k->bounds + 2 + k->n + 2 + k->needs + 2 + k->verdict;
}

/* `title` becomes shorter where there is no room for it. */
static struct columns fit_columns(struct console *c, const struct row *row, size_t n, const char **title)
{
	struct columns k = { .label = LABEL_MIN, .observed = 8, .n = 1, .needs = 5, .verdict = 7 };
	for (size_t i = 0; i < n; i++) {
		widen(&k.label, row[i].label);
		widen(&k.observed, row[i].observed);
		widen(&k.bounds, row[i].bounds);
		widen(&k.n, row[i].n);
		widen(&k.needs, row[i].needs);
		widen(&k.verdict, arena_fmt(&c->arena, "%s%s", row[i].verdict, row[i].asides));
	}
	int bounds = k.bounds, width = (int)c->w.o->width;
	*title = arena_fmt(&c->arena, "%.4g %% bounds (one-sided)", c->r->confidence * 100);
	widen(&k.bounds, *title);
	if (!width || total(&k) <= width)
		return k;
	*title = arena_fmt(&c->arena, "%.4g %% bounds", c->r->confidence * 100);
	k.bounds = bounds;
	widen(&k.bounds, *title);
	int over = total(&k) - width;
	k.stacked = over > 0 && k.label - over < LABEL_CUT;
	if (over > 0 && !k.stacked)
		k.label -= over;
	return k;
}

static void put_titles(struct console *c, const struct columns *k, const char *title)
{
	sink_puts(c->w.out, "  ");
	textw_cell(&c->w, PAINT_DIM, "threshold", k->label + 2);
	textw_cell(&c->w, PAINT_DIM, "observed", -k->observed);
	sink_puts(c->w.out, "   ");
	textw_cell(&c->w, PAINT_DIM, title, k->bounds + 2);
	textw_cell(&c->w, PAINT_DIM, "n", k->n + 2);
	textw_cell(&c->w, PAINT_DIM, "needs", k->needs + 2);
	textw_put(&c->w, PAINT_DIM, "verdict");
	sink_puts(c->w.out, "\n");
}

/* The label as wide as its column, cut where it is wider. */
static void put_label(struct console *c, const char *label, int columns)
{
	struct str s = str_c(label);
	int cells = (int)text_width(s), dots = (int)text_width(str_c(console_dots(c)));
	if (cells > columns)
		label = arena_fmt(&c->arena, "%.*s%s", STR_ARGS(text_fit(s, (unsigned)(columns - dots))),
				  console_dots(c));
	textw_cell(&c->w, PAINT_NONE, label, columns + 2);
}

/* Behind the verdict in a log and where it fits; else on lines of its own. */
static void put_note(struct console *c, const char *note, unsigned at)
{
	unsigned width = c->w.o->width, cells = text_width(str_c(console_safe(c, note)));
	if (!width || at + 2 + cells <= width) {
		sink_puts(c->w.out, ": ");
		textw_safe(&c->w, str_c(note), 0);
		return;
	}
	sink_printf(c->w.out, "\n%*s", NOTE_INDENT, "");
	textw_wrap(&c->w, str_c(note), NOTE_INDENT, NOTE_INDENT);
}

static void put_verdict(struct console *c, const struct row *r, unsigned at)
{
	const struct finding *f = r->f;
	textw_put(&c->w, console_paint(f->verdict), r->verdict);
	textw_put(&c->w, PAINT_DIM, r->asides);
	if (f->note && (f->verdict != VERDICT_PASS || c->w.o->verbose))
		put_note(c, f->note, at + text_width(str_c(r->verdict)) + text_width(str_c(r->asides)));
	sink_puts(c->w.out, "\n");
	if (!f->because || f->verdict == VERDICT_PASS)
		return;
	sink_printf(c->w.out, "%*sbecause: ", NOTE_INDENT, "");
	textw_wrap(&c->w, str_c(f->because), NOTE_INDENT + 9, NOTE_INDENT);
	sink_puts(c->w.out, "\n");
}

static void put_row(struct console *c, const struct row *r, const struct columns *k)
{
	sink_puts(c->w.out, "  ");
	put_label(c, r->label, k->label);
	textw_cell(&c->w, PAINT_NONE, r->observed, -k->observed);
	sink_puts(c->w.out, "   ");
	textw_cell(&c->w, PAINT_NONE, r->bounds, k->bounds + 2);
	textw_cell(&c->w, PAINT_NONE, r->n, k->n + 2);
	textw_cell(&c->w, PAINT_NONE, r->needs, k->needs + 2);
	put_verdict(c, r, (unsigned)(total(k) - k->verdict));
}

static void put_stacked(struct console *c, const struct row *r)
{
	const char *line = arena_fmt(&c->arena, "%s%s%s%sn %s, needs %s", r->observed,
				     *r->observed ? ", " : "", r->bounds, *r->bounds ? ", " : "", r->n,
				     r->needs);
	sink_puts(c->w.out, "  ");
	textw_wrap(&c->w, str_c(r->label), 2, 4);
	sink_printf(c->w.out, "\n%*s", 4, "");
	textw_wrap(&c->w, str_c(line), 4, 4);
	sink_printf(c->w.out, "\n%*s", 4, "");
	put_verdict(c, r, 4);
}

void console_table(struct console *c)
{
	struct row *row = arena_array(&c->arena, struct row, c->r->nfinding + 1);
	const char *title;
	size_t n = 0;
	for (size_t i = 0; i < c->r->nfinding; i++)
		if (shown(c, &c->r->finding[i]))
			row[n++] = row_of(c, &c->r->finding[i]);
	if (!n)
		return;
	struct columns k = fit_columns(c, row, n, &title);
	if (!c->w.o->quiet)
		sink_puts(c->w.out, "\n");
	if (!k.stacked)
		put_titles(c, &k, title);
	for (size_t i = 0; i < n; i++) {
		if (k.stacked)
			put_stacked(c, &row[i]);
		else
			put_row(c, &row[i], &k);
	}
}
