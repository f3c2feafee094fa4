/* compare as a comment on a pull request: a table for each suite, flips folded away, the frontier.
 * Written in blocks; one that would pass the cap is left out whole and counted. */
#include "base/limits.h"
#include "base/num.h"
#include "report/compareview.h"
#include "report/mdw.h"

#include <math.h>

/* GitHub takes 65,536 characters a comment. */
#define COMMENT_MAX (64 * KIB)

enum { NAME_MAX = 200, ASIDE_MAX = 600, REASON_MAX = 300, ASIDES_MAX = 64, CUT_NOTES = 512 };

struct page {
	const struct compare *c;
	struct arena arena;
	struct buf out;
	size_t left_out; /* blocks */
};

static void code(struct buf *b, const char *s)
{
	mdw_code(b, str_c(s ? s : ""), NAME_MAX);
}

static void put_block(struct page *p, struct buf *b)
{
	if (b->over || p->out.n + b->n + CUT_NOTES > COMMENT_MAX)
		p->left_out++;
	else
		buf_add(&p->out, buf_str(b));
	buf_release(b);
}

static struct buf block(void)
{
	struct buf b;
	buf_init(&b, COMMENT_MAX);
	return b;
}

/* ---- who ---- */

static void put_sides(struct page *p)
{
	struct buf b = block();
	bool matrix = p->c->side[0].combination;
	buf_addf(&b, "### Comparison\n\n| | %scommit | ref | stage | run |\n| --- | %s--- | --- | --- | --- |\n",
		 matrix ? "combination | " : "", matrix ? "--- | " : "");
	for (size_t i = 0; i < p->c->nside; i++) {
		const struct compare_side *s = &p->c->side[i];
		buf_addf(&b, "| **%s** | ", s->label);
		if (matrix) {
			code(&b, s->name);
			buf_adds(&b, " | ");
		}
		const char *commit = compare_side_commit(s), *ref = compare_side_ref(s);
		code(&b, commit ? arena_fmt(&p->arena, "%.7s", commit) :
			 s->role == SUITE_BASELINE ? "baseline" : "work tree");
		buf_adds(&b, " | ");
		if (ref)
			code(&b, ref);
		buf_adds(&b, " | ");
		code(&b, s->head->stage ? s->head->stage : "(measured)");
		buf_adds(&b, " | ");
		code(&b, s->head->run_id);
		buf_adds(&b, " |\n");
	}
	buf_adds(&b, "\n");
	put_block(p, &b);
}

/* ---- a suite ---- */

static void add_row(struct page *p, struct buf *b, const struct compareview_row *r)
{
	static const char *const marks[] = { "❌ ", "", "✅ " };
	const struct compare_metric *m = r->metric;
	const char *interval = compareview_interval(r->lower, r->upper, r->unit, "…", &p->arena);
	const char *chance = r->first ? compareview_p(m->p_holm, &p->arena) : "";
	buf_adds(b, "| ");
	code(b, r->label);
	buf_adds(b, " | ");
	code(b, compareview_value(r->before, r->unit, &p->arena));
	buf_adds(b, " | ");
	code(b, compareview_value(r->after, r->unit, &p->arena));
	buf_addf(b, " | %s", marks[compareview_trend(m, r->lower, r->upper) + 1]);
	code(b, compareview_change(r->diff, r->unit, &p->arena));
	buf_adds(b, " | ");
	if (*interval)
		code(b, interval);
	/* "<" alone could open a tag. */
	buf_addf(b, " | %s%s | ", *chance == '<' ? "&lt;" : "", chance + (*chance == '<'));
	if (r->first && m->has_flips && m->n)
		buf_addf(b, "−%zu +%zu", m->worse, m->better);
	buf_adds(b, " |\n");
}

static void put_table(struct page *p, const struct compare_pair *pair, const struct compare_suite *s)
{
	struct compareview_row row[COMPAREVIEW_ROWS];
	struct buf b = block();
	buf_addf(&b, "| metric | %s | %s | %s − %s | 95 %% | p | flips |\n| --- | ---: | ---: | ---: | --- | ---: | ---: |\n",
		 pair->before->label, pair->after->label, pair->after->label, pair->before->label);
	for (size_t i = 0; i < s->nmetric; i++) {
		if (compareview_is_quiet(&s->metric[i]))
			continue;
		size_t n = compareview_rows(row, &s->metric[i], &p->arena);
		for (size_t k = 0; k < n; k++)
			add_row(p, &b, &row[k]);
	}
	buf_adds(&b, "\n");
	put_block(p, &b);
}

static void add_flip(struct page *p, struct buf *b, const struct compare_flip *f)
{
	buf_addf(b, "- %s ", f->worse ? "❌" : "✅");
	mdw_code(b, f->case_id, NAME_MAX);
	buf_addf(b, " %s", compareview_flip(f, "→", &p->arena));
	if (f->reason.n) {
		buf_adds(b, f->worse ? "<br>" : "<br>was: ");
		mdw_code(b, f->reason, REASON_MAX);
	}
	buf_adds(b, "\n");
}

static void put_flips(struct page *p, const struct compare_metric *m)
{
	struct buf b = block();
	size_t all = m->worse_cases + m->better_cases;
	if (m->nflip) {
		buf_adds(&b, "<details>\n<summary>");
		mdw_html_code(&b, str_c(m->head->name), NAME_MAX);
		buf_addf(&b, ": %zu case%s right → wrong, %zu wrong → right</summary>\n\n", m->worse_cases,
			 num_s(m->worse_cases), m->better_cases);
		for (size_t i = 0; i < m->nflip; i++)
			add_flip(p, &b, &m->flip[i]);
		if (all > m->nflip)
			buf_addf(&b, "- … and %zu more\n", all - m->nflip);
		buf_adds(&b, "\n</details>\n\n");
	}
	put_block(p, &b);
}

static void put_suite(struct page *p, const struct compare_pair *pair, const struct compare_suite *s)
{
	const char *aside[ASIDES_MAX];
	struct buf b = block();
	buf_adds(&b, "**");
	code(&b, s->name);
	buf_addf(&b, "** %zu %s\n\n", s->pairs,
		 !s->paired ? "in common, not paired" : s->pairs == 1 ? "pair" : "pairs");
	size_t n = compareview_asides(aside, ASIDES_MAX, pair, s, &p->arena);
	for (size_t i = 0; i < n; i++) {
		buf_adds(&b, "> ⚠️ ");
		mdw_code(&b, str_c(aside[i]), ASIDE_MAX);
		buf_adds(&b, "\n\n");
	}
	put_block(p, &b);
	put_table(p, pair, s);
	for (size_t i = 0; i < s->nmetric; i++)
		put_flips(p, &s->metric[i]);
}

/* ---- a pair ---- */

static void add_names(struct buf *b, const char *label, const char *const *name, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, "> ⚠️ suite ");
		code(b, name[i]);
		buf_addf(b, " is in %s only\n\n", label);
	}
}

static void put_pair(struct page *p, const struct compare_pair *pair)
{
	struct buf b = block();
	buf_addf(&b, "#### %s → %s\n\n", pair->before->label, pair->after->label);
	for (size_t i = 0; i < pair->nnote; i++) {
		buf_adds(&b, "> ⚠️ ");
		mdw_code(&b, str_c(pair->note[i]), ASIDE_MAX);
		buf_adds(&b, "\n\n");
	}
	add_names(&b, pair->before->label, pair->lost_suite, pair->nlost_suite);
	add_names(&b, pair->after->label, pair->new_suite, pair->nnew_suite);
	put_block(p, &b);
	for (size_t i = 0; i < pair->nsuite; i++)
		put_suite(p, pair, &pair->suite[i]);
}

/* ---- the frontier ---- */

static void add_point(struct page *p, struct buf *b, const struct pareto *t, const struct pareto_point *x)
{
	const char *unit = t->metric->unit;
	buf_addf(b, "| **%s** | ", p->c->side[x->side].label);
	code(b, compareview_value(x->axis[PARETO_QUALITY], unit, &p->arena));
	buf_adds(b, " | ");
	if (isfinite(x->lower) && isfinite(x->upper))
		code(b, arena_fmt(&p->arena, "%s … %s", compareview_value(x->lower, unit, &p->arena),
				  compareview_value(x->upper, unit, &p->arena)));
	buf_adds(b, " | ");
	code(b, compareview_value(x->axis[PARETO_COST], "usd", &p->arena));
	buf_adds(b, " | ");
	code(b, compareview_value(x->axis[PARETO_P50], "ms", &p->arena));
	buf_adds(b, " | ");
	code(b, compareview_value(x->axis[PARETO_P95], "ms", &p->arena));
	if (x->beaten_by)
		buf_addf(b, " | dominated by %s", p->c->side[t->point[x->beaten_by - 1].side].label);
	else
		buf_adds(b, " | 🏁 frontier");
	buf_addf(b, "%s |\n", x->same_suite ? "" : " ⚠️ another suite");
}

static void put_front(struct page *p, const struct pareto *t)
{
	struct buf b = block();
	buf_adds(&b, "**Pareto** ");
	code(&b, arena_fmt(&p->arena, "%s/%s", t->suite, t->metric->name));
	buf_adds(&b, "\n\n| | mean | 95 % | cost of a case | p50 | p95 | |\n| --- | ---: | --- | ---: | ---: | ---: | --- |\n");
	for (size_t i = 0; i < t->npoint; i++)
		add_point(p, &b, t, &t->point[i]);
	for (enum pareto_axis i = 0; i < PARETO_AXES; i++)
		if (!t->counts[i])
			buf_addf(&b, "\n<sub>%s is not weighed: not every record has it</sub>\n", pareto_axis_name(i));
	buf_adds(&b, "\n");
	put_block(p, &b);
}

static int write_markdown(struct sink *out, const struct compare *c, const struct report_opts *o,
			  struct err *err)
{
	struct page p = { .c = c, .arena = ARENA_INIT };
	(void)o;
	buf_init(&p.out, COMMENT_MAX);
	put_sides(&p);
	for (size_t i = 0; i < c->npareto; i++)
		put_front(&p, &c->pareto[i]);
	for (size_t i = 0; i < c->npair; i++)
		put_pair(&p, &c->pair[i]);
	if (p.left_out)
		buf_addf(&p.out, "… %zu more part%s not fit here.\n\n", p.left_out, p.left_out == 1 ? " does" : "s do");
	buf_adds(&p.out, "<sub>Intervals are two-sided; p: exact McNemar by Holm over the metrics of a pair. Nothing is decided here.</sub>\n");
	bool over = p.out.over;
	sink_write(out, buf_str(&p.out));
	buf_release(&p.out);
	arena_release(&p.arena);
	if (over)
		return err_set(err, ERR_BUG, "a Markdown comparison passed its cap of %zu bytes", COMMENT_MAX);
	return sink_check(out, err);
}

const struct compareview compareview_markdown = {
	.name = "markdown",
	.extension = ".md",
	.write = write_markdown,
};
