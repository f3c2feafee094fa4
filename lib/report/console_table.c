/* The threshold table.  Where the terminal is too narrow for it, its labels go on below; where that
 * is not enough each threshold takes two lines. */
#include "report/console.h"
#include "report/pairview.h"
#include "verdict/verdict.h"

#include <math.h>

enum { LABEL_MIN = 9, LABEL_FOLD = 18, LABEL_INDENT = 4, NOTE_INDENT = 6, FLIPS_SHOWN = 5 };

struct row {
	const struct finding *f;
	const char *note; /* without the caveat of times; or NULL */
	bool timed;
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
	return console_safe(c, pairview_value(f, x, &c->arena));
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

const char *console_sign(const struct console *c, const char *op)
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

/* "x; valid for independent calls; about 40 blocks" is "x; about 40 blocks": the caveat stands once below the
 * table, lest it reads like the cause of a verdict. */
static const char *without_caveat(struct console *c, const char *note, bool *timed)
{
	const char *at = note ? strstr(note, VERDICT_INDEPENDENT) : NULL;
	*timed = at != NULL;
	if (!at)
		return note;
	struct str before = { .p = note, .n = (size_t)(at - note) }, after = str_c(at + sizeof(VERDICT_INDEPENDENT) - 1);
	if (str_ends(before, STR("; ")) && !after.n)
		before.n -= 2;
	if (str_starts(after, STR("; ")))
		after = str_sub(after, 2, after.n);
	return before.n || after.n ? arena_fmt(&c->arena, "%.*s%.*s", STR_ARGS(before), STR_ARGS(after)) : NULL;
}

static struct row row_of(struct console *c, const struct finding *f)
{
	bool timed;
	const char *note = without_caveat(c, f->note, &timed);
	return (struct row){
		.f = f,
		.note = note,
		.timed = timed,
		.label = arena_fmt(&c->arena, "%s%s", console_safe(c, f->label), timed ? " *" : ""),
		.observed = console_safe(c, f->observed_text),
		.bounds = bounds_text(c, f),
		.n = n_text(c, f),
		.needs = arena_fmt(&c->arena, "%s %s", console_safe(c, console_sign(c, f->op ? f->op : "")),
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
	k.stacked = over > 0 && k.label - over < LABEL_FOLD;
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

/* How many bytes of a label stand in its column: up to the slice or behind the suite where that
 * fits, else as many as fit. */
static size_t label_head(const char *label, int columns)
{
	struct str s = str_c(label), head = text_fit(s, (unsigned)columns);
	const char *slice = strchr(label, '{'), *slash = strchr(label, '/');
	if (head.n == s.n)
		return s.n;
	if (slice && slice > label && (size_t)(slice - label) <= head.n)
		return (size_t)(slice - label);
	if (slash && (size_t)(slash - label) < head.n)
		return (size_t)(slash - label) + 1;
	return head.n;
}

static void put_rest(struct console *c, const char *rest)
{
	if (!*rest)
		return;
	sink_printf(c->w.out, "%*s", LABEL_INDENT, "");
	textw_wrap(&c->w, str_c(rest), LABEL_INDENT, LABEL_INDENT);
	sink_puts(c->w.out, "\n");
}

/* Behind the verdict in a log and where it fits; else on lines of its own. */
static bool note_fits(struct console *c, const char *note, unsigned at)
{
	unsigned width = c->w.o->width;
	return !width || at + 2 + text_width(str_c(console_safe(c, note))) <= width;
}

static void put_below(struct console *c, const char *title, const char *text)
{
	unsigned from = NOTE_INDENT + text_width(str_c(title));
	sink_printf(c->w.out, "%*s%s", NOTE_INDENT, "", title);
	textw_wrap(&c->w, str_c(text), from, NOTE_INDENT);
	sink_puts(c->w.out, "\n");
}

/* The cases that flipped, by name: once, however many thresholds look at them. */
static void put_flips(struct console *c, const struct finding *f, const char *way)
{
	size_t more, i;
	json_t *id;
	const json_t *list = pairview_flips(f, way, FLIPS_SHOWN, &more);
	struct buf b;
	if (!list)
		return;
	buf_init(&b, (size_t)64 * 1024);
	json_array_foreach ((json_t *)(uintptr_t)list, i, id) {
		if (i == FLIPS_SHOWN)
			break;
		buf_adds(&b, i ? ", " : "");
		buf_add(&b, (struct str){ json_string_value(id), json_string_length(id) });
	}
	if (more)
		buf_addf(&b, " and %zu more", more);
	put_below(c, arena_fmt(&c->arena, "%s: ", way), buf_cstr(&b));
	buf_release(&b);
}

static void put_pairs(struct console *c, const struct finding *f)
{
	if (!f->paired || c->w.o->quiet)
		return;
	put_below(c, "", pairview_text(f, &c->arena));
	if (pairview_is_repeated(c->r, (size_t)(f - c->r->finding)))
		return;
	put_flips(c, f, "lost");
	put_flips(c, f, "gained");
}

/* `rest` is what the label's column had no room for. */
static void put_verdict(struct console *c, const struct row *r, unsigned at, const char *rest)
{
	const struct finding *f = r->f;
	bool few = f->blocks && f->blocks < VERDICT_BLOCKS_FEW;
	bool say = f->verdict != VERDICT_PASS || few || c->w.o->verbose || pairview_is_silence(f);
	const char *note = say ? r->note : NULL;
	at += text_width(str_c(r->verdict)) + text_width(str_c(r->asides));
	textw_put(&c->w, console_paint(f->verdict), r->verdict);
	textw_put(&c->w, PAINT_DIM, r->asides);
	if (note && note_fits(c, note, at)) {
		sink_puts(c->w.out, ": ");
		textw_safe(&c->w, str_c(note), 0);
		note = NULL;
	}
	sink_puts(c->w.out, "\n");
	put_rest(c, rest);
	if (note)
		put_below(c, "", note);
	if (f->because && f->verdict != VERDICT_PASS)
		put_below(c, "because: ", f->because);
	put_pairs(c, f);
	const char *power = pairview_power(f, &c->arena);
	if (power && c->w.o->verbose)
		put_below(c, "", power);
}

static void put_row(struct console *c, const struct row *r, const struct columns *k)
{
	size_t n = label_head(r->label, k->label);
	const char *head = arena_fmt(&c->arena, "%.*s", (int)n, r->label);
	sink_puts(c->w.out, "  ");
	textw_cell(&c->w, PAINT_NONE, head, k->label + 2);
	textw_cell(&c->w, PAINT_NONE, r->observed, -k->observed);
	sink_puts(c->w.out, "   ");
	textw_cell(&c->w, PAINT_NONE, r->bounds, k->bounds + 2);
	textw_cell(&c->w, PAINT_NONE, r->n, k->n + 2);
	textw_cell(&c->w, PAINT_NONE, r->needs, k->needs + 2);
	put_verdict(c, r, (unsigned)(total(k) - k->verdict), r->label + n);
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
	put_verdict(c, r, 4, "");
}

static void put_footnote(struct console *c, const struct row *row, size_t n)
{
	bool timed = false;
	for (size_t i = 0; i < n; i++)
		timed |= row[i].timed;
	if (!timed)
		return;
	sink_puts(c->w.out, "  ");
	textw_wrap(&c->w, STR("* latency rows are " VERDICT_INDEPENDENT), 2, 4);
	sink_puts(c->w.out, "\n");
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
	put_footnote(c, row, n);
}
