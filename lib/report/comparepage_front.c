/* The frontier as a table. */
#include "report/comparepage.h"

#include <math.h>

static const char *bounds_text(struct comparepage *p, const struct pareto *t, const struct pareto_point *x)
{
	const char *unit = t->metric->unit;
	if (!isfinite(x->lower) || !isfinite(x->upper))
		return "";
	return arena_fmt(&p->arena, "%s %s %s", compareview_value(x->lower, unit, &p->arena), p->dots,
			 compareview_value(x->upper, unit, &p->arena));
}

enum { COLUMNS = 8 };

struct point_line {
	const char *label, *mean, *interval, *cost, *p50, *p95, *mark, *name;
	enum paint paint;
};

static struct point_line point_line_of(struct comparepage *p, const struct pareto *t, const struct pareto_point *x)
{
	const char *unit = t->metric->unit;
	const char *mark = arena_fmt(&p->arena, "%s frontier", p->w.o->utf8 ? "◆" : "*");
	if (x->beaten_by)
		mark = arena_fmt(&p->arena, "dominated by %s", p->c->side[t->point[x->beaten_by - 1].side].label);
	if (!x->same_suite)
		mark = arena_fmt(&p->arena, "%s ! another suite", mark);
	return (struct point_line){
		.label = p->c->side[x->side].label,
		.mean = comparepage_safe(p, compareview_value(x->axis[PARETO_QUALITY], unit, &p->arena)),
		.interval = comparepage_safe(p, bounds_text(p, t, x)),
		.cost = comparepage_safe(p, compareview_value(x->axis[PARETO_COST], "usd", &p->arena)),
		.p50 = comparepage_safe(p, compareview_value(x->axis[PARETO_P50], "ms", &p->arena)),
		.p95 = comparepage_safe(p, compareview_value(x->axis[PARETO_P95], "ms", &p->arena)),
		.mark = mark,
		.name = p->c->side[x->side].combination ? comparepage_safe(p, p->c->side[x->side].name) : "",
		.paint = !x->same_suite ? PAINT_YELLOW : x->beaten_by ? PAINT_DIM : PAINT_GREEN,
	};
}

static void put_points(struct comparepage *p, const struct pareto *t)
{
	struct point_line *v = arena_array(&p->arena, struct point_line, t->npoint + 1);
	int width[COLUMNS] = { 0 };
	v[0] = (struct point_line){ "", "mean", "95 %", "cost/case", "p50", "p95", "", "", PAINT_NONE };
	for (size_t i = 0; i < t->npoint; i++)
		v[i + 1] = point_line_of(p, t, &t->point[i]);
	for (size_t i = 0; i <= t->npoint; i++) {
		const char *const text[] = { v[i].label, v[i].mean, v[i].interval, v[i].cost, v[i].p50, v[i].p95, v[i].mark, v[i].name };
		for (size_t k = 0; k < COLUMNS; k++)
			comparepage_widen(&width[k], text[k]);
	}
	int all = 2 * COLUMNS;
	for (size_t k = 0; k < COLUMNS; k++)
		all += width[k];
	bool narrow = p->w.o->width && (unsigned)all > p->w.o->width;
	for (size_t k = 1; k < 6; k++)
		width[k] = k == 2 ? narrow ? 0 : width[k] : -width[k];
	for (size_t i = 0; i <= t->npoint; i++) {
		const char *const text[] = { v[i].label, v[i].mean, narrow ? "" : v[i].interval, v[i].cost,
					     v[i].p50, v[i].p95, v[i].mark, narrow ? "" : v[i].name };
		enum paint own = i ? PAINT_NONE : PAINT_DIM;
		const enum paint paint[] = { i ? PAINT_BOLD : PAINT_DIM, own, own, own, own, own, v[i].paint, own };
		sink_puts(p->w.out, "  ");
		comparepage_cells(p, text, width, paint, COLUMNS);
	}
}

void comparepage_front(struct comparepage *p, const struct pareto *t)
{
	const char *missing = "";
	comparepage_end(p);
	const struct comparepage_part part[] = {
		{ PAINT_BOLD, "pareto", 0 },
		{ PAINT_NONE, comparepage_safe(p, arena_fmt(&p->arena, "%s/%s", t->suite, t->metric->name)), 0 },
	};
	comparepage_parts(p, part, ARRAY_LEN(part));
	put_points(p, t);
	for (enum pareto_axis i = 0; i < PARETO_AXES; i++)
		if (!t->counts[i])
			missing = arena_fmt(&p->arena, "%s%s%s", missing, *missing ? ", " : "", pareto_axis_name(i));
	if (*missing)
		comparepage_note(p, PAINT_DIM, "not weighed, since not every record has it: ", missing);
}
