#include "gate/flaky.h"

#include "gate/exit.h"
#include "gate/recordref.h"

#include "base/limits.h"
#include "base/num.h"
#include "doc/jsonw.h"

#include <inttypes.h>

enum { RUNS_SHOWN = 10, NAME_COLUMNS = 60, WHEN = 16 };

static const char *safe(const struct gate *g, struct str from)
{
	struct buf b;
	buf_init(&b, from.n * 10 + 64);
	text_safe(&b, from, g->out.utf8);
	const char *out = arena_cstr(g->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

/* --- the list --- */

static int percent(const struct tally_count *c)
{
	return (int)((uint64_t)c->pass * 100 / ((uint64_t)c->pass + c->fail));
}

static const char *name_of(const struct gate *g, const struct flaky *f)
{
	return safe(g, str_c(arena_fmt(g->arena, "%s/%.*s", f->suite, STR_ARGS(f->case_id))));
}

static void put_rows(const struct gate *g, struct textw *w, const struct flaky *f, size_t n)
{
	int name = 0, metric = 0;
	for (size_t i = 0; i < n; i++) {
		int cells = (int)text_width(str_c(name_of(g, &f[i])));
		name = cells > name ? cells : name;
		cells = (int)text_width(f[i].metric);
		metric = cells > metric ? cells : metric;
	}
	name = name > NAME_COLUMNS ? NAME_COLUMNS : name;
	for (size_t i = 0; i < n; i++) {
		const struct tally_count *c = &f[i].count;
		char stamp[CLOCK_TEXT];
		clock_rfc3339(c->last_ms, stamp);
		stamp[10] = ' ';
		textw_cell(w, PAINT_BOLD, name_of(g, &f[i]), name + 2);
		textw_cell(w, PAINT_NONE, safe(g, f[i].metric), metric + 2);
		sink_printf(w->out, "passed %" PRIu32 " of %" PRIu32 " (%d %%)  ", c->pass, c->pass + c->fail, percent(c));
		if (c->unscored)
			sink_printf(w->out, "%" PRIu32 " unscored  ", c->unscored);
		if (f[i].candidates > 1)
			sink_printf(w->out, "%zu candidates  ", f[i].candidates);
		sink_printf(w->out, "%" PRIu32 " run%s, last %.*s\n", c->runs, num_s(c->runs), WHEN, stamp);
	}
}

static void put_json(struct sink *out, const struct flaky *f, size_t n)
{
	sink_puts(out, "[");
	for (size_t i = 0; i < n; i++) {
		const struct tally_count *c = &f[i].count;
		char stamp[CLOCK_TEXT];
		struct buf b;
		buf_init(&b, MIB);
		struct jsonw w = { .out = &b };
		jsonw_open(&w, NULL, '{');
		jsonw_text(&w, "suite", f[i].suite);
		jsonw_str(&w, "case", f[i].case_id);
		jsonw_str(&w, "metric", f[i].metric);
		jsonw_int(&w, "passed", c->pass);
		jsonw_int(&w, "failed", c->fail);
		jsonw_int(&w, "unscored", c->unscored);
		jsonw_num(&w, "pass_rate", (double)c->pass / ((double)c->pass + c->fail));
		jsonw_int(&w, "candidates", (int64_t)f[i].candidates);
		jsonw_int(&w, "runs", c->runs);
		jsonw_text(&w, "last", clock_rfc3339(c->last_ms, stamp));
		jsonw_close(&w, '}');
		sink_puts(out, i ? ",\n" : "\n");
		sink_write(out, buf_str(&b));
		buf_release(&b);
	}
	sink_puts(out, "\n]\n");
}

int flaky_list(const struct gate *g, const char *store, const char *suite, size_t limit, bool json,
	       struct err *err)
{
	struct report_opts o = { .color = g->out.color, .utf8 = g->out.utf8, .width = g->out.width };
	struct store *s;
	struct flaky *f;
	struct sink_file file;
	size_t n;
	if (recordref_store(&s, store, g->arena, err) || history_flaky(s, suite, &f, &n, g->arena, err) ||
	    sink_file_open(&file, "-", err))
		return -1;
	struct textw w = { .out = &file.sink, .o = &o };
	size_t shown = n < limit ? n : limit;
	if (json)
		put_json(&file.sink, f, shown);
	else
		put_rows(g, &w, f, shown);
	if (!json && n > shown)
		sink_printf(&file.sink, "and %zu more; -n shows them\n", n - shown);
	return sink_file_commit(&file, err) ? -1 : EXIT_PASS;
}

/* --- one case --- */

struct look {
	const struct gate *g;
	struct textw *w;
	const struct case_run *run;
	size_t n;
};

static void put_mark(const struct look *l, char mark)
{
	bool utf8 = l->g->out.utf8;
	switch (mark) {
	case MARK_PASS:
		textw_put(l->w, PAINT_GREEN, utf8 ? "✓" : "+");
		break;
	case MARK_FAIL:
		textw_put(l->w, PAINT_RED, utf8 ? "✗" : "-");
		break;
	case MARK_UNSCORED:
		textw_put(l->w, PAINT_YELLOW, "?");
		break;
	case MARK_OLD_PASS:
	case MARK_OLD_FAIL:
	case MARK_OLD_UNSCORED:
		textw_put(l->w, PAINT_DIM, "r");
		break;
	default:
		textw_put(l->w, PAINT_DIM, utf8 ? "·" : ".");
	}
}

static void count_metric(const struct look *l, struct str name, struct tally_count *c)
{
	*c = (struct tally_count){ .pass = 0 };
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; l->run[i].same && k < l->run[i].nmetric; k++)
			if (str_eq(l->run[i].metric[k].name, name))
				tally_case(c, l->run[i].metric[k].mark, l->run[i].start_ms);
}

/* "correct: passed 3 of 7, flaky" over the runs of this candidate at this suite. */
static void put_counts(const struct look *l, const struct suite_head *h)
{
	for (size_t k = 0; k < h->nmetric; k++) {
		struct tally_count c;
		count_metric(l, str_c(h->metric[k].name), &c);
		if (!c.runs)
			continue;
		sink_printf(l->w->out, "    %s: passed %" PRIu32 " of %" PRIu32, safe(l->g, str_c(h->metric[k].name)), c.pass,
			    c.pass + c.fail);
		if (c.unscored)
			sink_printf(l->w->out, ", %" PRIu32 " unscored", c.unscored);
		sink_printf(l->w->out, " in %" PRIu32 " run%s of this candidate and suite", c.runs, num_s(c.runs));
		if (tally_flaky(&c))
			textw_put(l->w, PAINT_YELLOW, ": flaky");
		sink_puts(l->w->out, "\n");
	}
}

static void put_run(const struct look *l, const struct case_run *r)
{
	char stamp[CLOCK_TEXT];
	clock_rfc3339(r->start_ms, stamp);
	stamp[10] = ' ';
	sink_puts(l->w->out, "    ");
	textw_safe(l->w, str_c(r->run_id), 0);
	sink_printf(l->w->out, "  %.*s", WHEN, stamp);
	for (size_t k = 0; k < r->nmetric; k++) {
		sink_printf(l->w->out, "  %s ", safe(l->g, r->metric[k].name));
		for (size_t i = 0; i < r->metric[k].mark.n; i++)
			put_mark(l, r->metric[k].mark.p[i]);
	}
	sink_puts(l->w->out, r->same ? "\n" : "  (another candidate or suite)\n");
}

void flaky_case(const struct gate *g, struct textw *w, struct store *s, const struct record *r,
		const struct outcome *o)
{
	struct err ignored = ERR_INIT;
	struct case_run *run;
	size_t n;
	if (!s || history_case(s, &r->suite[o->suite], o->case_id, &run, &n, g->arena, &ignored) || !n)
		return;
	const struct look l = { .g = g, .w = w, .run = run, .n = n };
	sink_puts(w->out, "\n  ");
	textw_put(w, PAINT_BOLD, "history");
	sink_puts(w->out, "\n");
	put_counts(&l, &r->suite[o->suite]);
	for (size_t i = 0; i < n && i < RUNS_SHOWN; i++)
		put_run(&l, &run[i]);
	if (n > RUNS_SHOWN)
		sink_printf(w->out, "    and %zu run%s before\n", n - RUNS_SHOWN, num_s(n - RUNS_SHOWN));
}
