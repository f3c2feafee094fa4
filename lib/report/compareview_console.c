/* compare for people: who is compared, a table for each suite that two records have, the cases that
 * flipped, and the frontier.  Where the terminal is too narrow for a table, each row takes two lines. */
#include "base/clock.h"
#include "base/num.h"
#include "report/comparepage.h"
#include "verdict/verdict.h"

#include <math.h>

enum { SHORT_OID = 7, SHORT_ID = 4, ASIDES_MAX = 64, REASON_MIN = 12, REASON_LOG = 160, NAME_MAX = 40 };

/* ---- who ---- */

static const char *stage_of(struct comparepage *p, const struct record *r)
{
	return r->stage ? comparepage_safe(p, r->stage) : "(measured)";
}

static const char *subject_of(struct comparepage *p, const struct compare_side *s)
{
	const char *commit = compare_side_commit(s), *ref = compare_side_ref(s);
	const char *what = commit ? arena_fmt(&p->arena, "%.*s", SHORT_OID, commit) :
			   s->role == SUITE_BASELINE ? "baseline" : "work tree";
	return comparepage_safe(p, arena_fmt(&p->arena, "%s%s%s", what, ref ? " " : "", ref ? ref : ""));
}

static void put_sides(struct comparepage *p)
{
	int subject = 0, stage = 0;
	for (size_t i = 0; i < p->c->nside; i++) {
		const struct record *r = p->c->side[i].head;
		comparepage_widen(&subject, subject_of(p, &p->c->side[i]));
		comparepage_widen(&stage, stage_of(p, r));
	}
	subject = subject > NAME_MAX ? NAME_MAX : subject;
	stage = stage > NAME_MAX ? NAME_MAX : stage;
	for (size_t i = 0; i < p->c->nside; i++) {
		const struct compare_side *s = &p->c->side[i];
		char hex[DIGEST_HEX], stamp[CLOCK_TEXT];
		digest_hex(&s->head->candidate_id, hex);
		clock_rfc3339(s->head->start_ms, stamp);
		const char *when = arena_fmt(&p->arena, "%.10s %.5s", stamp, stamp + 11);
		const char *id = s->role == SUITE_BASELINE ? "baseline" :
			arena_fmt(&p->arena, "candidate %.*s%s", SHORT_ID, hex, p->dots);
		const struct comparepage_part part[] = {
			{ PAINT_BOLD, s->label, 0 },
			{ PAINT_NONE, subject_of(p, s), subject },
			{ PAINT_NONE, stage_of(p, s->head), stage },
			{ PAINT_NONE, when, 0 },
			{ PAINT_DIM, id, 0 },
			{ PAINT_NONE, comparepage_safe(p, s->name), 0 },
		};
		comparepage_parts(p, part, ARRAY_LEN(part));
	}
}

/* ---- the table ---- */

struct line {
	struct compareview_row row;
	const char *label, *before, *after, *diff, *interval, *p, *flips;
	enum paint paint;
};

struct columns {
	int label, before, after, diff, interval, p, flips;
	bool stacked;
};

static const char *flips_text(struct comparepage *p, const struct compareview_row *r)
{
	const struct compare_metric *m = r->metric;
	if (!m->has_flips || !m->n)
		return "";
	return arena_fmt(&p->arena, "%s%zu +%zu", p->minus, m->worse, m->better);
}

static struct line line_of(struct comparepage *p, const struct compareview_row *r)
{
	static const enum paint paints[] = { PAINT_RED, PAINT_NONE, PAINT_GREEN };
	int trend = compareview_trend(r->metric, r->lower, r->upper);
	return (struct line){
		.row = *r,
		.label = comparepage_safe(p, r->label),
		.before = comparepage_safe(p, compareview_value(r->before, r->unit, &p->arena)),
		.after = comparepage_safe(p, compareview_value(r->after, r->unit, &p->arena)),
		.diff = comparepage_safe(p, compareview_change(r->diff, r->unit, &p->arena)),
		.interval = comparepage_safe(p, compareview_interval(r->lower, r->upper, r->unit, p->dots, &p->arena)),
		.p = r->first ? compareview_p(r->metric->p_holm, &p->arena) : "",
		.flips = r->first ? flips_text(p, r) : "",
		.paint = paints[trend + 1],
	};
}

static struct line *lines_of(struct comparepage *p, const struct compare_suite *s, size_t *n)
{
	struct compareview_row row[COMPAREVIEW_ROWS];
	struct line *v = arena_array(&p->arena, struct line, s->nmetric * COMPAREVIEW_ROWS + 1);
	*n = 0;
	for (size_t i = 0; i < s->nmetric; i++) {
		if (compareview_is_quiet(&s->metric[i]) && !p->w.o->verbose)
			continue;
		size_t rows = compareview_rows(row, &s->metric[i], &p->arena);
		for (size_t k = 0; k < rows; k++)
			v[(*n)++] = line_of(p, &row[k]);
	}
	return v;
}

static struct columns fit(const struct comparepage *p, const struct line *v, size_t n, const struct line *head)
{
	struct columns k = { 0 };
	for (size_t i = 0; i <= n; i++) {
		const struct line *x = i < n ? &v[i] : head;
		comparepage_widen(&k.label, x->label);
		comparepage_widen(&k.before, x->before);
		comparepage_widen(&k.after, x->after);
		comparepage_widen(&k.diff, x->diff);
		comparepage_widen(&k.interval, x->interval);
		comparepage_widen(&k.p, x->p);
		comparepage_widen(&k.flips, x->flips);
	}
	int all = 2 + k.label + 2 + k.before + 2 + k.after + 2 + k.diff + 2 + k.interval + 2 + k.p + 2 + k.flips;
	k.stacked = p->w.o->width && (unsigned)all > p->w.o->width;
	return k;
}

static void put_line(struct comparepage *p, const struct line *x, const struct columns *k, enum paint all)
{
	enum paint change = all == PAINT_NONE ? x->paint : all;
	const char *const text[] = { x->label, x->before, x->after, x->diff, x->interval, x->p, x->flips };
	const int width[] = { k->label, -k->before, -k->after, -k->diff, k->interval, k->p, k->flips };
	const enum paint paint[] = { all, all, all, change, change, all, all };
	size_t from = 0;
	sink_puts(p->w.out, "  ");
	if (k->stacked) {
		textw_put(&p->w, all, x->label);
		sink_puts(p->w.out, "\n    ");
		from = 1;
	}
	comparepage_cells(p, text + from, width + from, paint + from, ARRAY_LEN(text) - from);
}

static void put_table(struct comparepage *p, const struct compare_pair *pair, const struct compare_suite *s)
{
	size_t n;
	struct line *v = lines_of(p, s, &n);
	const struct line head = {
		.label = "metric",
		.before = pair->before->label,
		.after = pair->after->label,
		.diff = arena_fmt(&p->arena, "%s - %s", pair->after->label, pair->before->label),
		.interval = "95 %",
		.p = "p",
		.flips = "flips",
	};
	struct columns k = fit(p, v, n, &head);
	put_line(p, &head, &k, PAINT_DIM);
	for (size_t i = 0; i < n; i++)
		put_line(p, &v[i], &k, PAINT_NONE);
}

/* ---- flips ---- */

static void put_flip(struct comparepage *p, const struct compare_metric *m, const struct compare_flip *f)
{
	const char *how = compareview_flip(f, p->arrow, &p->arena);
	if (!*how && m->head->kind == METRIC_GRADED)
		how = arena_fmt(&p->arena, "%s %s %s", compareview_value(f->before, "", &p->arena), p->arrow,
				compareview_value(f->after, "", &p->arena));
	const char *before = f->worse ? "  " : "  was: ", *id = comparepage_safe_str(p, f->case_id);
	unsigned width = p->w.o->width, most = width && width < 2 * NAME_MAX ? width / 2 : NAME_MAX;
	unsigned cells = text_width(str_c(id));
	unsigned used = 6 + (cells < most ? cells : most) + (*how ? 2 + text_width(str_c(how)) : 0) +
			(unsigned)strlen(before);
	sink_puts(p->w.out, "    ");
	textw_put(&p->w, f->worse ? PAINT_RED : PAINT_GREEN, f->worse ? p->minus : "+");
	sink_puts(p->w.out, " ");
	textw_safe(&p->w, f->case_id, most);
	if (*how)
		sink_printf(p->w.out, "  %s", how);
	if (f->reason.n && (!width || used + REASON_MIN <= width)) {
		sink_puts(p->w.out, before);
		textw_safe(&p->w, f->reason, width ? width - used : REASON_LOG);
	}
	comparepage_end(p);
}

static void put_more(struct comparepage *p, const struct compare_metric *m, bool worse)
{
	size_t all = worse ? m->worse_cases : m->better_cases, shown = 0;
	for (size_t i = 0; i < m->nflip; i++)
		shown += m->flip[i].worse == worse;
	if (shown && all > shown)
		sink_printf(p->w.out, "      %s %zu more; --flips lists them\n", p->dots, all - shown);
}

static void put_flips(struct comparepage *p, const struct compare_suite *s)
{
	for (size_t i = 0; i < s->nmetric; i++) {
		const struct compare_metric *m = &s->metric[i];
		if (!m->nflip)
			continue;
		const char *name = arena_fmt(&p->arena, "%s:", comparepage_safe(p, m->head->name));
		const struct comparepage_part part[] = {
			{ PAINT_NONE, "", 0 },
			{ PAINT_BOLD, name, 0 },
			{ PAINT_NONE, arena_fmt(&p->arena, "%zu case%s right %s wrong,", m->worse_cases,
						num_s(m->worse_cases), p->arrow), 0 },
			{ PAINT_NONE, arena_fmt(&p->arena, "%zu wrong %s right", m->better_cases, p->arrow), 0 },
		};
		comparepage_end(p);
		comparepage_parts(p, part, ARRAY_LEN(part));
		for (size_t k = 0; k < m->nflip; k++) {
			put_flip(p, m, &m->flip[k]);
			if (k + 1 == m->nflip || m->flip[k].worse != m->flip[k + 1].worse)
				put_more(p, m, m->flip[k].worse);
		}
	}
}

/* ---- a pair ---- */

static void put_suite(struct comparepage *p, const struct compare_pair *pair, const struct compare_suite *s)
{
	const char *aside[ASIDES_MAX];
	char count[32];
	verdict_count_text(count, s->pairs);
	comparepage_end(p);
	const struct comparepage_part part[] = {
		{ PAINT_NONE, "", 0 },
		{ PAINT_BOLD, comparepage_safe(p, s->name), 0 },
		{ PAINT_NONE, arena_fmt(&p->arena, "%s %s", count, !s->paired ? "in common, not paired" :
					s->pairs == 1 ? "pair" : "pairs"), 0 },
	};
	comparepage_parts(p, part, ARRAY_LEN(part));
	size_t n = compareview_asides(aside, ASIDES_MAX, pair, s, &p->arena);
	for (size_t i = 0; i < n; i++)
		comparepage_note(p, PAINT_YELLOW, "! ", aside[i]);
	put_table(p, pair, s);
	put_flips(p, s);
}

static void put_names(struct comparepage *p, const char *label, const char *const *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		comparepage_note(p, PAINT_YELLOW, "! ",
			 arena_fmt(&p->arena, "suite %s is in %s only", name[i], label));
}

static void put_pair(struct comparepage *p, const struct compare_pair *pair)
{
	comparepage_end(p);
	textw_put(&p->w, PAINT_BOLD,
		  arena_fmt(&p->arena, "%s %s %s", pair->before->label, p->arrow, pair->after->label));
	comparepage_end(p);
	for (size_t i = 0; i < pair->nnote; i++)
		comparepage_note(p, PAINT_YELLOW, "! ", pair->note[i]);
	put_names(p, pair->before->label, pair->lost_suite, pair->nlost_suite);
	put_names(p, pair->after->label, pair->new_suite, pair->nnew_suite);
	for (size_t i = 0; i < pair->nsuite; i++)
		put_suite(p, pair, &pair->suite[i]);
}

static void put_legend(struct comparepage *p)
{
	sink_puts(p->w.out, "\n");
	textw_wrap(&p->w, STR("p: exact McNemar, two-sided, by Holm over the metrics of a pair. flips: samples that went "
			      "from right to wrong, and back. `gate help comparing` says how each interval is made. "
			      "Nothing is decided here."), 0, 0);
	comparepage_end(p);
}

static int write_console(struct sink *out, const struct compare *c, const struct report_opts *o,
			 struct err *err)
{
	struct comparepage p = {
		.w = { .out = out, .o = o },
		.c = c,
		.dots = o->utf8 ? "…" : "..",
		.arrow = o->utf8 ? "→" : "->",
		.minus = o->utf8 ? "−" : "-",
		.arena = ARENA_INIT,
	};
	put_sides(&p);
	for (size_t i = 0; i < c->npair; i++)
		put_pair(&p, &c->pair[i]);
	for (size_t i = 0; i < c->npareto; i++)
		comparepage_front(&p, &c->pareto[i]);
	put_legend(&p);
	arena_release(&p.arena);
	return sink_check(out, err);
}

const struct compareview compareview_console = {
	.name = "console",
	.extension = ".txt",
	.write = write_console,
};
