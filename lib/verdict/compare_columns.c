#include "verdict/compare_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

/* FNV-1a, the same in every process: the order of clusters must not change a bit of a sum. */
static uint64_t hash_of(struct str s)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return h;
}

const char *compare_suite_name(const struct compare_side *side, const struct suite_head *s)
{
	if (s->role != side->role)
		return NULL;
	return s->role == SUITE_PLAIN ? s->name : s->of;
}

static int make_rows(struct compare_rows *s, const char *name, const struct suite_head *head, size_t most,
		     struct arena *a, struct err *err)
{
	if (head->planned > most || head->planned > UINT32_MAX)
		return err_set(err, ERR_TRUST, "a record was changed: suite '%s' plans more samples than there are outcomes",
			       head->name);
	*s = (struct compare_rows){ .name = name, .head = head, .cap = name ? head->planned : 0 };
	if (!name)
		return 0;
	s->sample = arena_array(a, struct compare_sample, s->cap + 1);
	s->column = arena_array(a, struct compare_column, head->nmetric + 1);
	for (size_t i = 0; i < head->nmetric; i++) {
		s->column[i].value = arena_array(a, double, s->cap + 1);
		s->column[i].state = arena_array(a, unsigned char, s->cap + 1);
	}
	return 0;
}

static bool value_can_be(const struct metric_head *m, double x)
{
	if (m->kind == METRIC_BINARY)
		return x == 0 || x == 1;
	return isfinite(x) && (m->kind == METRIC_VALUE || (x >= 0 && x <= 1));
}

static void keep_cells(struct compare_rows *s, size_t at, const struct outcome *o)
{
	for (size_t i = 0; i < s->head->nmetric; i++) {
		enum cell_state state = o->cell ? o->cell[i].state : CELL_UNSCORED;
		if (state == CELL_SCORED && !value_can_be(&s->head->metric[i], o->cell[i].value))
			state = CELL_UNSCORED;
		/* What is absent everywhere costs no page: the memory is zeroed and never written. */
		if (state != CELL_ABSENT)
			s->column[i].state[at] = (unsigned char)state;
		if (state == CELL_SCORED)
			s->column[i].value[at] = o->cell[i].value;
	}
}

static int keep(struct compare_columns *c, const struct outcome *o, uint32_t line, struct arena *a,
		struct err *err)
{
	struct compare_rows *s = &c->suite[o->suite];
	if (!s->name)
		return 0;
	if (s->n == s->cap)
		return err_set(err, ERR_TRUST, "a record was changed: suite '%s' has more outcomes than it planned",
			       s->head->name);
	if (!(o->weight > 0) || !isfinite(o->weight))
		return err_set(err, ERR_TRUST, "a record was changed: a weight of suite '%s' is not above 0",
			       s->head->name);
	s->sample[s->n] = (struct compare_sample){
		.case_id = arena_str(a, o->case_id),
		.cluster = hash_of(o->cluster),
		.weight = o->weight,
		.sample = o->sample,
		.line = line,
		.counts = o->status == SAMPLE_SCORED || o->status == SAMPLE_UNSCORED,
	};
	keep_cells(s, s->n++, o);
	return 0;
}

int compare_columns_read(struct compare_columns *out, const struct compare_side *side, struct arena *a,
			 struct err *err)
{
	const struct record *head = side->head;
	struct outcomes *it = side->outcomes;
	struct compare_columns c = { .side = side };
	struct arena scratch = ARENA_INIT;
	struct outcome o;
	size_t left = head->noutcome;
	uint32_t line = 0;
	int got;
	if (left > UINT32_MAX)
		return err_set(err, ERR_USAGE, "a record of %zu outcomes is too large to compare", left);
	c.suite = arena_array(a, struct compare_rows, head->nsuite + 1);
	for (size_t i = 0; i < head->nsuite; left -= head->suite[i++].planned)
		if (make_rows(&c.suite[i], compare_suite_name(side, &head->suite[i]), &head->suite[i], left,
			      a, err))
			return -1;
	if (it->rewind(it, err))
		return -1;
	it->brief = true;
	while ((got = it->next(it, &o, &scratch, err)) > 0) {
		got = keep(&c, &o, line++, a, err);
		arena_rewind(&scratch, (struct arena_mark){ .top = NULL });
		if (got)
			break;
	}
	arena_release(&scratch);
	if (got)
		return -1;
	*out = c;
	return 0;
}

const struct compare_rows *compare_rows_find(const struct compare_columns *c, const char *suite)
{
	for (size_t i = 0; i < c->side->head->nsuite; i++)
		if (c->suite[i].name && !strcmp(c->suite[i].name, suite))
			return &c->suite[i];
	return NULL;
}

/* ---- matching ---- */

static int by_case(const void *x, const void *y)
{
	const struct compare_sample *a = *(const struct compare_sample *const *)x;
	const struct compare_sample *b = *(const struct compare_sample *const *)y;
	int order = str_cmp(a->case_id, b->case_id);
	return order ? order : (a->sample > b->sample) - (a->sample < b->sample);
}

static int sorted(const struct compare_sample ***out, const struct compare_rows *s, struct arena *a,
		  struct err *err)
{
	const struct compare_sample **v = arena_array(a, const struct compare_sample *, s->n + 1);
	for (size_t i = 0; i < s->n; i++)
		v[i] = &s->sample[i];
	qsort(v, s->n, sizeof(*v), by_case);
	for (size_t i = 1; i < s->n; i++)
		if (!by_case(&v[i - 1], &v[i]))
			return err_set(err, ERR_TRUST, "a record was changed: suite '%s' has a sample of one case twice",
				       s->head->name);
	*out = v;
	return 0;
}

int compare_match_rows(struct compare_matches *out, const struct compare_rows *before,
		       const struct compare_rows *after, struct arena *a, struct err *err)
{
	const struct compare_sample **x, **y;
	struct compare_matches m = { .n = 0 };
	size_t i = 0, k = 0;
	if (sorted(&x, before, a, err) || sorted(&y, after, a, err))
		return -1;
	m.v = arena_array(a, struct compare_match, (before->n < after->n ? before->n : after->n) + 1);
	while (i < before->n || k < after->n) {
		int order = i == before->n ? 1 : k == after->n ? -1 : by_case(&x[i], &y[k]);
		bool counts = (order > 0 || x[i]->counts) && (order < 0 || y[k]->counts);
		if (!counts)
			m.left_out++;
		else if (order < 0)
			m.only_before++;
		else if (order > 0)
			m.only_after++;
		else
			m.v[m.n++] = (struct compare_match){ .before = (uint32_t)(x[i] - before->sample),
							     .after = (uint32_t)(y[k] - after->sample) };
		i += order <= 0;
		k += order >= 0;
	}
	*out = m;
	return 0;
}
