#include "verdict/compare_front.h"

#include "base/suggest.h"
#include "verdict/compare_rule.h"

#include <math.h>

/* "suite/metric" where a suite has that name; a metric may hold a slash, a suite's too. */
static void split(struct compare_front *f, const char *word)
{
	struct str all = str_c(word);
	f->metric = all;
	for (size_t i = 0; i < f->nside; i++)
		for (size_t k = 0; k < f->side[i].head->nsuite; k++) {
			struct str name = str_c(compare_suite_name(&f->side[i], &f->side[i].head->suite[k]));
			if (name.p && str_starts(all, name) && all.n > name.n && all.p[name.n] == '/') {
				f->suite = name;
				f->metric = str_sub(all, name.n + 1, all.n);
				return;
			}
		}
}

void compare_front_init(struct compare_front *f, const struct compare_side *side, size_t nside,
			const char *metric, struct arena *a)
{
	size_t most = 0;
	*f = (struct compare_front){ .side = side, .nside = nside, .arena = a };
	for (size_t i = 0; i < nside; i++)
		most += side[i].head->nsuite;
	f->table = arena_array(a, struct pareto, most + 1);
	if (metric)
		split(f, metric);
}

/* The metric that stands for quality: the one asked for, else the first that the suite declares. */
static int quality_of(const struct compare_front *f, const struct compare_rows *rows)
{
	const struct suite_head *s = rows->head;
	if (!rows->name || (f->suite.p && !str_eqc(f->suite, rows->name)))
		return -1;
	for (size_t i = 0; i < s->nmetric; i++)
		if (f->metric.p ? str_eqc(f->metric, s->metric[i].name) : !s->metric[i].builtin)
			return (int)i;
	return -1;
}

static struct pareto *table_of(struct compare_front *f, const struct compare_rows *s, size_t column)
{
	const struct metric_head *m = &s->head->metric[column];
	for (size_t i = 0; i < f->ntable; i++) {
		struct pareto *t = &f->table[i];
		if (!strcmp(t->suite, s->name) && !strcmp(t->metric->name, m->name) &&
		    t->metric->kind == m->kind && t->metric->direction == m->direction)
			return t;
	}
	struct pareto *t = &f->table[f->ntable++];
	*t = (struct pareto){ .suite = s->name, .metric = m };
	t->point = arena_array(f->arena, struct pareto_point, f->nside);
	return t;
}

static struct compare_obs *values_of(const struct compare_rows *s, size_t column, size_t *n,
				     size_t *unscored, struct arena *scratch)
{
	struct compare_obs *v = arena_array(scratch, struct compare_obs, s->n + 1);
	*n = *unscored = 0;
	for (size_t i = 0; i < s->n; i++) {
		unsigned char state = s->sample[i].counts ? s->column[column].state[i] : CELL_ABSENT;
		*unscored += state == CELL_UNSCORED;
		if (state == CELL_SCORED)
			v[(*n)++] = (struct compare_obs){ s->column[column].value[i], s->sample[i].cluster,
							  s->sample[i].weight };
	}
	return v;
}

static int builtin_column(const struct suite_head *s, const char *name)
{
	for (size_t i = 0; i < s->nmetric; i++)
		if (s->metric[i].builtin && !strcmp(s->metric[i].name, name))
			return (int)i;
	return -1;
}

static double percentile(const struct compare_rows *s, double p, struct arena *scratch)
{
	size_t n, unscored;
	int column = builtin_column(s->head, "latency");
	if (column < 0)
		return NAN;
	const struct compare_obs *v = values_of(s, (size_t)column, &n, &unscored, scratch);
	return compare_percentile(v, n, p, scratch);
}

static size_t count_cases(const struct compare_rows *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += s->sample[i].counts && s->sample[i].sample == 0;
	return n;
}

/* What all samples cost, by the case; NaN when a price is missing. */
static double cost_of_case(const struct compare_rows *s, size_t cases, struct arena *scratch)
{
	size_t n, unscored;
	double sum = 0;
	int column = builtin_column(s->head, "cost");
	if (column < 0 || !cases)
		return NAN;
	const struct compare_obs *v = values_of(s, (size_t)column, &n, &unscored, scratch);
	for (size_t i = 0; i < n; i++)
		sum += v[i].value;
	return n && !unscored ? sum / (double)cases : NAN;
}

static int add_point(struct pareto *t, size_t side, const struct compare_rows *s, size_t column,
		     struct err *err)
{
	struct arena scratch = ARENA_INIT;
	struct pareto_point *p = &t->point[t->npoint++];
	struct bounds b;
	size_t n, unscored;
	const struct compare_obs *v = values_of(s, column, &n, &unscored, &scratch);
	int failed = compare_rule_mean(&b, &s->head->metric[column], v, n, unscored, &scratch, err);
	*p = (struct pareto_point){ .side = side, .n = n, .unscored = unscored, .cases = count_cases(s) };
	p->axis[PARETO_QUALITY] = failed ? NAN : b.estimate;
	p->lower = failed ? NAN : b.lower;
	p->upper = failed ? NAN : b.upper;
	p->axis[PARETO_COST] = cost_of_case(s, p->cases, &scratch);
	p->axis[PARETO_P50] = percentile(s, 0.5, &scratch);
	p->axis[PARETO_P95] = percentile(s, 0.95, &scratch);
	arena_release(&scratch);
	if (t->npoint == 1)
		t->suite_id = s->head->suite_id;
	p->same_suite = digest_eq(&t->suite_id, &s->head->suite_id);
	return failed;
}

int compare_front_add(struct compare_front *f, size_t side, const struct compare_columns *c,
		      struct err *err)
{
	for (size_t i = 0; i < c->side->head->nsuite; i++) {
		const struct compare_rows *s = &c->suite[i];
		int column = quality_of(f, s);
		if (column < 0)
			continue;
		struct pareto *t = table_of(f, s, (size_t)column);
		if (add_point(t, side, s, (size_t)column, err))
			return -1;
	}
	return 0;
}

static int unknown_metric(const struct compare_front *f, struct err *err)
{
	struct suggest s = SUGGEST_INIT(f->metric);
	for (size_t i = 0; i < f->nside; i++)
		for (size_t k = 0; k < f->side[i].head->nsuite; k++) {
			const struct suite_head *h = &f->side[i].head->suite[k];
			for (size_t j = 0; j < h->nmetric; j++)
				suggest_offer(&s, str_c(h->metric[j].name));
		}
	struct str best = suggest_best(&s);
	return err_set(err, ERR_USAGE, "no suite of these records has a metric '%.*s'%s%.*s%s",
		       STR_ARGS(f->metric), best.p ? "; did you mean '" : "", STR_ARGS(best), best.p ? "'?" : "");
}

int compare_front_end(struct compare_front *f, struct pareto **out, size_t *n, struct err *err)
{
	size_t kept = 0;
	if (f->metric.p && !f->ntable)
		return unknown_metric(f, err);
	for (size_t i = 0; i < f->ntable; i++) {
		if (f->table[i].npoint < 2)
			continue;
		f->table[kept] = f->table[i];
		pareto_solve(&f->table[kept++]);
	}
	*out = f->table;
	*n = kept;
	return 0;
}
