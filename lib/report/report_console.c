/* What a person sees: who judged what by whose rules, a line per suite, the threshold table,
 * grouped failures with their worst cases, the accounting, and one line that says what happens
 * now. */
#include "base/limits.h"
#include "doc/jsonx.h"
#include "report/textw.h"
#include "verdict/verdict.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { SHORT_OID = 7, REASON_COLUMNS = 100, GROUPS_SHOWN = 8, LABEL_MIN = 9, LABEL_MAX = 44 };

struct console {
	struct textw w;
	const struct record *r;
	struct arena arena;
};

static const char *dash(const struct console *c)
{
	return c->w.o->utf8 ? "…" : "..";
}

static const char *short_oid(struct console *c, const char *oid)
{
	return arena_fmt(&c->arena, "%.*s", SHORT_OID, oid);
}

static void line_end(struct console *c)
{
	sink_puts(c->w.out, "\n");
}

static void put_header(struct console *c)
{
	const struct record *r = c->r;
	char hex[DIGEST_HEX];
	sink_printf(c->w.out, "gate %s   ", r->gate_version);
	textw_put(&c->w, PAINT_BOLD, r->commit ? short_oid(c, r->commit) : "work tree");
	if (r->branch) {
		sink_puts(c->w.out, " ");
		textw_safe(&c->w, str_c(r->branch), 40);
	}
	if (r->stage)
		sink_puts(c->w.out, c->w.o->utf8 ? " → " : " -> ");
	if (r->stage)
		textw_safe(&c->w, str_c(r->stage), 40);
	sink_puts(c->w.out, "     ");
	if (r->measure)
		sink_puts(c->w.out, "no policy: measures, decides nothing");
	else if (r->policy_self)
		sink_printf(c->w.out, "policy: %s", r->policy_self);
	else
		sink_printf(c->w.out, "policy %s %s", r->policy_ref, short_oid(c, r->policy_commit));
	digest_hex(&r->candidate_id, hex);
	sink_printf(c->w.out, "     candidate %.4s%s%s\n\n", hex, dash(c), hex + DIGEST_HEX - 4);
}

static void put_suite(struct console *c, const struct suite_head *s, unsigned name_width)
{
	size_t done = s->scored + s->unscored + s->quarantined + s->surplus;
	sink_puts(c->w.out, "  ");
	textw_cell(&c->w, PAINT_NONE, s->name, (int)name_width + 2);
	sink_printf(c->w.out, "%zu/%zu", done, s->planned);
	if (s->wall_ms > 0)
		sink_printf(c->w.out, "  %.1f s", (double)s->wall_ms / 1000);
	if (s->unscored)
		textw_put(&c->w, PAINT_YELLOW, arena_fmt(&c->arena, "  %zu unscored", s->unscored));
	if (s->quarantined)
		sink_printf(c->w.out, "  %zu quarantined", s->quarantined);
	if (s->is_new)
		textw_put(&c->w, PAINT_YELLOW, "  new, takes effect after merge");
	line_end(c);
}

static void put_suites(struct console *c)
{
	unsigned width = 0;
	for (size_t i = 0; i < c->r->nsuite; i++) {
		unsigned n = text_width(str_c(c->r->suite[i].name));
		width = n > width ? n : width;
	}
	for (size_t i = 0; i < c->r->nsuite; i++)
		put_suite(c, &c->r->suite[i], width);
}

/* --- the table --- */

static bool shown(const struct console *c, const struct finding *f)
{
	return !c->w.o->quiet || (f->verdict != VERDICT_PASS && f->verdict != VERDICT_NA);
}

static const char *bounds_text(struct console *c, const struct finding *f)
{
	if (f->observed_only)
		return "as observed";
	if (!f->has_bounds)
		return "";
	return arena_fmt(&c->arena, "%s %s %s", verdict_value_text(f->lower, f->unit, &c->arena), dash(c),
			 verdict_value_text(f->upper, f->unit, &c->arena));
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

static enum paint paint_of(enum verdict_kind v)
{
	static const enum paint paints[] = { PAINT_GREEN, PAINT_RED, PAINT_YELLOW, PAINT_DIM };
	return paints[v];
}

static const char *sign_of(const struct console *c, const char *op)
{
	if (!op)
		return "";
	if (c->w.o->utf8 && !strcmp(op, ">="))
		return "≥";
	return c->w.o->utf8 && !strcmp(op, "<=") ? "≤" : op;
}

struct columns {
	int label, observed, bounds, n, needs;
};

static void widen(int *width, const char *s)
{
	int n = (int)text_width(str_c(s ? s : ""));
	if (n > *width)
		*width = n;
}

static const char *needs_text(struct console *c, const struct finding *f)
{
	return arena_fmt(&c->arena, "%s %s", sign_of(c, f->op), f->bound_text ? f->bound_text : "");
}

static struct columns measure(struct console *c)
{
	struct columns k = { LABEL_MIN, 8, 0, 1, 5 };
	for (size_t i = 0; i < c->r->nfinding; i++) {
		const struct finding *f = &c->r->finding[i];
		if (!shown(c, f))
			continue;
		widen(&k.label, f->label);
		widen(&k.observed, f->observed_text);
		widen(&k.bounds, bounds_text(c, f));
		widen(&k.n, n_text(c, f));
		widen(&k.needs, needs_text(c, f));
	}
	return k;
}

static void put_row(struct console *c, const struct finding *f, const struct columns *k)
{
	enum paint p = paint_of(f->verdict);
	sink_puts(c->w.out, "  ");
	textw_cell(&c->w, PAINT_NONE, f->label, k->label + 2);
	textw_cell(&c->w, PAINT_NONE, f->observed_text ? f->observed_text : "", -k->observed);
	sink_puts(c->w.out, "   ");
	textw_cell(&c->w, PAINT_NONE, bounds_text(c, f), k->bounds + 2);
	textw_cell(&c->w, PAINT_NONE, n_text(c, f), k->n + 2);
	textw_cell(&c->w, PAINT_NONE, needs_text(c, f), k->needs + 2);
	textw_put(&c->w, p, mark_of(c, f->verdict));
	sink_puts(c->w.out, " ");
	textw_put(&c->w, p, verdict_name(f->verdict));
	if (!f->blocking)
		textw_put(&c->w, PAINT_DIM, " (warn)");
	if (f->unscored)
		sink_printf(c->w.out, ", %zu unscored", f->unscored);
	if (f->note && (f->verdict != VERDICT_PASS || c->w.o->verbose)) {
		sink_puts(c->w.out, ": ");
		textw_safe(&c->w, str_c(f->note), 0);
	}
	if (f->because && f->verdict != VERDICT_PASS) {
		sink_puts(c->w.out, "\n      because: ");
		textw_safe(&c->w, str_c(f->because), REASON_COLUMNS);
	}
	line_end(c);
}

static void put_table(struct console *c)
{
	size_t rows = 0;
	for (size_t i = 0; i < c->r->nfinding; i++)
		rows += shown(c, &c->r->finding[i]);
	if (!rows)
		return;
	struct columns k = measure(c);
	const char *title = arena_fmt(&c->arena, "%.4g %% bounds (one-sided)", c->r->confidence * 100);
	widen(&k.bounds, title);
	line_end(c);
	sink_puts(c->w.out, "  ");
	textw_cell(&c->w, PAINT_DIM, "threshold", k.label + 2);
	textw_cell(&c->w, PAINT_DIM, "observed", k.observed + 3);
	textw_cell(&c->w, PAINT_DIM, title, k.bounds + 2);
	textw_cell(&c->w, PAINT_DIM, "n", k.n + 2);
	textw_cell(&c->w, PAINT_DIM, "needs", k.needs + 2);
	textw_put(&c->w, PAINT_DIM, "verdict");
	line_end(c);
	for (size_t i = 0; i < c->r->nfinding; i++)
		if (shown(c, &c->r->finding[i]))
			put_row(c, &c->r->finding[i], &k);
}

/* --- failures --- */

static unsigned reason_columns(const struct console *c)
{
	return c->w.o->width > 40 ? c->w.o->width - 8 : REASON_COLUMNS;
}

static void put_case(struct console *c, const json_t *x)
{
	sink_puts(c->w.out, "      ");
	textw_safe(&c->w, json_get_str(x, "case"), 40);
	sink_puts(c->w.out, ": ");
	textw_safe(&c->w, json_get_str(x, "reason"), reason_columns(c));
	line_end(c);
	struct str answer = json_get_str(x, "answer");
	if (!answer.n || !c->w.o->verbose)
		return;
	sink_puts(c->w.out, "        answer: ");
	textw_safe(&c->w, answer, reason_columns(c));
	line_end(c);
}

static void put_group(struct console *c, const json_t *g)
{
	size_t i;
	json_t *x;
	sink_puts(c->w.out, "\n  ");
	textw_put(&c->w, PAINT_BOLD,
		  arena_fmt(&c->arena, "%" JSON_INTEGER_FORMAT " × ", json_integer_value(json_object_get(g, "count"))));
	textw_safe(&c->w, json_get_str(g, "suite"), 40);
	if (json_get_str(g, "metric").n) {
		sink_puts(c->w.out, "/");
		textw_safe(&c->w, json_get_str(g, "metric"), 40);
	}
	sink_puts(c->w.out, ": ");
	textw_safe(&c->w, json_get_str(g, "pattern"), reason_columns(c));
	line_end(c);
	json_array_foreach (json_object_get(g, "cases"), i, x)
		put_case(c, x);
}

static void put_failures(struct console *c)
{
	size_t i, n = json_array_size(c->r->failures);
	json_t *g;
	json_array_foreach ((json_t *)(uintptr_t)c->r->failures, i, g) {
		if (i == GROUPS_SHOWN)
			break;
		put_group(c, g);
	}
	if (n > GROUPS_SHOWN)
		sink_printf(c->w.out, "\n  %s and %zu more groups of failures in the record\n", dash(c), n - GROUPS_SHOWN);
}

/* --- the end --- */

static void put_accounting(struct console *c)
{
	size_t planned = 0, scored = 0, unscored = 0, quarantined = 0, surplus = 0;
	for (size_t i = 0; i < c->r->nsuite; i++) {
		const struct suite_head *s = &c->r->suite[i];
		planned += s->planned;
		scored += s->scored;
		unscored += s->unscored;
		quarantined += s->quarantined;
		surplus += s->surplus;
	}
	sink_printf(c->w.out, "\n  planned %zu = scored %zu + unscored %zu + quarantined %zu", planned, scored, unscored,
		    quarantined);
	if (surplus)
		sink_printf(c->w.out, " + surplus %zu", surplus);
	if (c->r->replayed)
		sink_puts(c->w.out, "   (replayed: nothing was called)");
	else if (c->r->spend.reused)
		sink_printf(c->w.out, "   (%" PRId64 " replies reused; --fresh calls again)", c->r->spend.reused);
	line_end(c);
	if (c->r->stopped) {
		sink_puts(c->w.out, "  stopped: ");
		textw_safe(&c->w, str_c(c->r->stopped), 0);
		line_end(c);
	}
}

/* The thresholds that hold the stage up, for the last line. */
static void put_blockers(struct console *c)
{
	bool first = true;
	for (size_t i = 0; i < c->r->nfinding; i++) {
		const struct finding *f = &c->r->finding[i];
		if (!f->blocking || f->verdict == VERDICT_PASS || f->verdict == VERDICT_NA)
			continue;
		sink_puts(c->w.out, first ? ": " : ", ");
		textw_safe(&c->w, str_c(f->label), LABEL_MAX);
		first = false;
	}
	if (!first)
		return;
	sink_puts(c->w.out, c->r->filtered ? ": a part of the stage decides nothing" :
			    c->r->stopped  ? ": the run did not end" :
					     "");
}

static void put_end(struct console *c)
{
	static const char *const words[] = { "PASS", "FAIL", "UNDECIDED", "MEASURED" };
	const struct record *r = c->r;
	line_end(c);
	textw_put(&c->w, paint_of(r->measure ? VERDICT_NA : r->verdict), words[r->verdict]);
	sink_puts(c->w.out, "  ");
	if (r->measure) {
		sink_puts(c->w.out, "nothing was decided");
	} else {
		textw_safe(&c->w, str_c(r->stage ? r->stage : ""), 40);
		sink_puts(c->w.out, r->exit_code == 0 ? " may be promoted" : " is blocked");
		if (r->exit_code)
			put_blockers(c);
	}
	sink_printf(c->w.out, "   exit %d\n", r->exit_code);
}

static int write_console(struct sink *out, const struct record *head, struct outcomes *it,
			 const struct report_opts *o, struct err *err)
{
	struct console c = { .w = { .out = out, .o = o }, .r = head, .arena = ARENA_INIT };
	(void)it;
	if (!o->quiet)
		put_header(&c);
	if (!o->quiet)
		put_suites(&c);
	put_table(&c);
	put_failures(&c);
	if (!o->quiet || head->exit_code)
		put_accounting(&c);
	if (o->folder && head->exit_code && !o->quiet)
		sink_printf(out, "  record: %s\n", o->folder);
	put_end(&c);
	arena_release(&c.arena);
	return sink_check(out, err);
}

const struct reporter_ops report_console = {
	.name = "console",
	.help = "what a person reads on a terminal or in a log",
	.extension = ".txt",
	.write = write_console,
};
