/* The groups as they leave: what each makes of a threshold's gap, what its samples share, the
 * largest first. */
#include "base/auto.h"
#include "doc/jsonx.h"
#include "verdict/failure_gap.h"
#include "verdict/failure_group.h"
#include "verdict/failure_shared.h"
#include "verdict/verdict_table.h"

#include <math.h>
#include <stdlib.h>

/* Groups that leave: nobody reads the 51st. */
enum { SHOWN_MAX = 50, SHARES_MAX = 8, SLICES_MAX = 3 };

static const char *const kind_names[] = { "score", "unscored", "error", "measure", "slice" };

/* What one group makes of one gap. */
struct share {
	const struct gap *gap;
	size_t count, open;
	double part, width;
};

struct item {
	const struct bucket *bucket;
	const struct group *group; /* NULL: a slice */
	size_t index;		   /* of the group in its level */
	struct slice slice;
	size_t rest, rest_of; /* of a slice: elsewhere */
	struct share share[SHARES_MAX];
	size_t nshare;
	/* the order */
	int tier;
	double reach, weight;
	size_t count;
};

struct listing {
	const struct failures *f;
	const struct record *rec;
	struct gaps gaps;
	VEC(struct item) item;
	struct arena *arena;
};

static const struct groups *finest(const struct bucket *b)
{
	int l = 0;
	while (b->level[l].over)
		l++;
	return &b->level[l];
}

static bool has(const struct failures *f, const struct item *x, size_t at)
{
	const unsigned char *id = finest(x->bucket)->id;
	if (x->group)
		return id[at] == x->index + 1;
	const struct column_key *k = &f->columns[x->bucket->suite].key.v[x->slice.at];
	return id[at] && k->id[at] == x->slice.id;
}

/* ---- contributions ---- */

/* Can the group's samples be samples of the row? */
static bool concerns(const struct item *x, const struct gap *g)
{
	const struct bucket *b = x->bucket;
	const struct row *r = g->row;
	for (size_t i = 0; i < r->nsuite; i++) {
		if (r->suite[i] != b->suite)
			continue;
		if (b->kind == KIND_MEASURE)
			return b->row == g->finding;
		if (!strcmp(r->metric->name, "unscored") && r->metric->builtin)
			return b->kind == KIND_ERROR || b->kind == KIND_UNSCORED;
		return b->kind == KIND_ERROR || r->column[i] == b->metric;
	}
	return false;
}

static struct share share_of(const struct failures *f, const struct item *x, const struct gap *g)
{
	struct share s = { .gap = g };
	size_t from = f->base[x->bucket->suite], to = f->base[x->bucket->suite + 1];
	for (size_t i = 0; i < g->n; i++) {
		const struct gap_sample *v = &g->v[i];
		if (v->seq < from || v->seq >= to || !has(f, x, v->seq - from))
			continue;
		s.count += v->scored;
		s.open += !v->scored;
		s.part += v->part;
		s.width += v->width;
	}
	return s;
}

static double or_zero(double x)
{
	return isfinite(x) ? x : 0;
}

static void weigh(struct listing *l, struct item *x)
{
	for (size_t i = 0; i < l->gaps.n && x->nshare < SHARES_MAX; i++) {
		if (!concerns(x, &l->gaps.v[i]))
			continue;
		struct share s = share_of(l->f, x, &l->gaps.v[i]);
		if (s.count || s.open)
			x->share[x->nshare++] = s;
	}
	x->tier = 4;
	if (!x->nshare)
		return;
	const struct share *s = &x->share[0];
	const struct finding *f = &l->rec->finding[s->gap->finding];
	x->tier = (f->blocking ? 0 : 2) + (f->verdict != VERDICT_FAIL);
	x->weight = or_zero(s->part) + or_zero(s->width);
	x->reach = s->gap->gap > 0 ? fmin(1, x->weight / s->gap->gap) : 0;
}

/* ---- items ---- */

static void add_groups(struct listing *l, const struct bucket *b)
{
	const struct groups *gs = finest(b);
	for (size_t i = 0; i < gs->list.n; i++) {
		struct item x = { .bucket = b, .group = gs->list.v[i], .index = i };
		x.count = x.group->count;
		weigh(l, &x);
		*vec_push(&l->item, l->arena) = x;
	}
}

static unsigned char *sides_of(const struct failures *f, const struct item *x, struct arena *a)
{
	const struct failure_columns *c = &f->columns[x->bucket->suite];
	const unsigned char *id = finest(x->bucket)->id;
	unsigned char *side = arena_array(a, unsigned char, c->n + 1);
	for (size_t i = 0; i < c->n; i++)
		side[i] = !id[i] ? SIDE_FINE : has(f, x, i) ? SIDE_GROUP : SIDE_FAILING;
	return side;
}

/* One group has four of five of the slice's failures: they share more than the slice. */
static bool is_one_group(const struct failures *f, const struct item *slice)
{
	size_t count[GROUPS_MAX + 1] = { 0 };
	const struct groups *gs = finest(slice->bucket);
	for (size_t i = 0; i < f->columns[slice->bucket->suite].n; i++)
		if (has(f, slice, i))
			count[gs->id[i]]++;
	for (size_t i = 1; i <= gs->list.n; i++)
		if (count[i] * 5 >= slice->count * 4)
			return true;
	return false;
}

static void add_slices(struct listing *l, const struct bucket *b)
{
	const struct failure_columns *c = &l->f->columns[b->suite];
	const unsigned char *id = finest(b)->id;
	struct arena scratch AUTO(arena_release) = ARENA_INIT;
	if (b->kind != KIND_SCORE || finest(b)->list.n < 2)
		return;
	unsigned char *side = arena_array(&scratch, unsigned char, c->n + 1);
	for (size_t i = 0; i < c->n; i++)
		side[i] = id[i] ? SIDE_GROUP : SIDE_FINE;
	struct slices found = shared_worse(c, side, &scratch);
	for (size_t i = 0, n = 0; i < found.n && n < SLICES_MAX; i++) {
		struct item x = { .bucket = b, .slice = found.v[i], .count = found.v[i].count };
		x.rest = found.count - x.slice.count;
		x.rest_of = found.of - x.slice.of;
		if (is_one_group(l->f, &x))
			continue;
		weigh(l, &x);
		*vec_push(&l->item, l->arena) = x;
		n++;
	}
}

static bool is_missed(const struct record *rec, size_t finding)
{
	return finding < rec->nfinding && rec->finding[finding].verdict != VERDICT_PASS &&
	       rec->finding[finding].verdict != VERDICT_NA;
}

static void add_items(struct listing *l)
{
	const struct failures *f = l->f;
	for (size_t i = 0; i < f->head->nsuite; i++) {
		for (size_t k = 0; k <= f->head->suite[i].nmetric * KINDS_OF_METRIC; k++) {
			const struct bucket *b = &f->bucket[i][k];
			if (!finest(b)->list.n)
				continue;
			add_groups(l, b);
			add_slices(l, b);
		}
	}
	for (size_t i = 0; i < f->bar.n; i++)
		if (finest(&f->bar.v[i]->bucket)->list.n && is_missed(l->rec, f->bar.v[i]->bucket.row))
			add_groups(l, &f->bar.v[i]->bucket);
}

static int by_number(double x, double y)
{
	return x != y ? (x > y ? -1 : 1) : 0;
}

static int by_size(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	const struct bucket *p = x->bucket, *q = y->bucket;
	int by = x->tier - y->tier;
	by = by ? by : by_number(x->reach, y->reach);
	by = by ? by : by_number((double)x->count, (double)y->count);
	if (!by && x->nshare && y->nshare)
		by = by_number((double)y->share[0].gap->finding, (double)x->share[0].gap->finding);
	by = by ? by : by_number(x->weight, y->weight);
	by = by ? by : (int)p->suite - (int)q->suite;
	by = by ? by : (int)p->kind - (int)q->kind;
	by = by ? by : strcmp(p->name, q->name);
	by = by ? by : by_number((double)q->row, (double)p->row);
	if (by || !x->group != !y->group)
		return by ? by : !x->group - !y->group;
	if (x->group)
		return str_cmp(x->group->pattern, y->group->pattern);
	by = str_cmp(x->slice.key, y->slice.key);
	return by ? by : str_cmp(x->slice.value, y->slice.value);
}

/* ---- to JSON ---- */

static json_t *count_json(size_t n)
{
	return json_integer((json_int_t)n);
}

/* Ten digits: without the dust that sums leave. */
static json_t *number_json(double x)
{
	if (!isfinite(x))
		return json_null();
	double scale = x != 0 ? pow(10, 9 - floor(log10(fabs(x)))) : 1;
	return json_real(isfinite(scale) && scale > 0 ? round(x * scale) / scale : x);
}

static json_t *shares_json(const struct listing *l, const struct item *x)
{
	json_t *out = json_array();
	for (size_t i = 0; i < x->nshare; i++) {
		const struct share *s = &x->share[i];
		const struct gap *g = s->gap;
		const struct finding *f = &l->rec->finding[g->finding];
		json_t *j = json_object();
		json_object_set_new(j, "finding", count_json(g->finding));
		json_object_set_new(j, "threshold", json_from_str(str_c(f->label)));
		json_object_set_new(j, "gap", number_json(g->gap));
		json_object_set_new(j, "gap_samples", g->samples < 0 ? json_null() : json_integer(g->samples));
		json_object_set_new(j, "count", count_json(s->count));
		json_object_set_new(j, "part", number_json(s->part));
		json_object_set_new(j, "share", number_json(g->gap > 0 ? s->part / g->gap : NAN));
		json_object_set_new(j, "unscored", count_json(s->open));
		json_object_set_new(j, "width", number_json(s->width));
		json_array_append_new(out, j);
	}
	return out;
}

static json_t *slices_json(const struct slices *s)
{
	json_t *out = json_array();
	for (size_t i = 0; i < s->n && i < SLICES_MAX; i++) {
		json_t *j = json_object();
		json_object_set_new(j, "key", json_from_str(s->v[i].key));
		json_object_set_new(j, "value", json_from_str(s->v[i].value));
		json_object_set_new(j, "count", count_json(s->v[i].count));
		json_object_set_new(j, "of", count_json(s->v[i].of));
		json_object_set_new(j, "p", number_json(s->v[i].p));
		json_array_append_new(out, j);
	}
	return out;
}

static json_t *words_json(const struct shared_words *w)
{
	json_t *j = json_object();
	json_object_set_new(j, "words", json_from_str(w->words));
	json_object_set_new(j, "whole", json_boolean(w->whole));
	json_object_set_new(j, "count", count_json(w->count));
	json_object_set_new(j, "of", count_json(w->of));
	json_object_set_new(j, "fine", count_json(w->fine));
	json_object_set_new(j, "fine_of", count_json(w->fine_of));
	return j;
}

/* Answers hold what these look for, and their reasons do not quote it. */
static bool is_confidential(const struct failures *f, const struct bucket *b)
{
	static const char *const scorers[] = { "pii", "secrets", "leak" };
	const char *name = f->head->suite[b->suite].metric[b->metric].scorer;
	for (size_t i = 0; name && i < ARRAY_LEN(scorers); i++)
		if (strstr(name, scorers[i]))
			return true;
	return false;
}

static void set_shared(json_t *j, const struct failures *f, const struct item *x, struct arena *a)
{
	const struct failure_columns *c = &f->columns[x->bucket->suite];
	const unsigned char *side = sides_of(f, x, a);
	struct slices s = shared_slices(c, side, a);
	json_object_set_new(j, "of", count_json(s.of));
	json_object_set_new(j, "slices", slices_json(&s));
	if (x->bucket->kind == KIND_ERROR || x->bucket->kind == KIND_MEASURE ||
	    is_confidential(f, x->bucket))
		return;
	struct str words[WORDS] = { { .p = NULL } };
	for (int w = 0; w < WORDS; w++)
		if (x->group->words[w].lead)
			words[w] = (struct str){ .p = x->group->words[w].text,
						 .n = x->group->words[w].n };
	struct shared_words shared;
	if (shared_words(&shared, c, side, words, a))
		json_object_set_new(j, "answers", words_json(&shared));
}

static void set_slice(json_t *j, const struct item *x)
{
	json_t *rest = json_object();
	json_object_set_new(j, "of", count_json(x->slice.of));
	json_object_set_new(rest, "count", count_json(x->rest));
	json_object_set_new(rest, "of", count_json(x->rest_of));
	json_object_set_new(j, "rest", rest);
	json_object_set_new(j, "slices", json_array());
}

static json_t *pattern_json(const struct item *x, struct arena *a)
{
	if (x->group)
		return json_from_str(x->group->pattern);
	struct buf b;
	buf_init(&b, (size_t)64 * 1024);
	buf_add(&b, x->slice.key);
	buf_adds(&b, "=");
	buf_add(&b, x->slice.value);
	struct str s = arena_str(a, buf_str(&b));
	buf_release(&b);
	return json_from_str(s);
}

static const struct worst_cases *worst_of(const struct item *x)
{
	static const struct worst_cases none = { .n = 0 };
	if (x->group)
		return &x->group->worst;
	const struct worst_cases *w =
		x->bucket->slice[x->slice.at * COLUMN_VALUES + x->slice.id - 1];
	return w ? w : &none;
}

static json_t *item_json(const struct listing *l, const struct item *x)
{
	struct arena scratch AUTO(arena_release) = ARENA_INIT;
	const struct bucket *b = x->bucket;
	const struct suite_head *s = &l->f->head->suite[b->suite];
	enum failure_kind kind = x->group ? b->kind : KIND_SLICE;
	json_t *j = json_object();
	json_object_set_new(j, "suite", json_from_str(str_c(s->name)));
	json_object_set_new(j, "metric", json_from_str(str_c(b->name)));
	if (kind != KIND_ERROR && kind != KIND_MEASURE && s->metric[b->metric].scorer)
		json_object_set_new(j, "scorer", json_from_str(str_c(s->metric[b->metric].scorer)));
	json_object_set_new(j, "kind", json_string(kind_names[kind]));
	json_object_set_new(j, "pattern", pattern_json(x, &scratch));
	json_object_set_new(j, "count", count_json(x->count));
	if (x->group)
		set_shared(j, l->f, x, &scratch);
	else
		set_slice(j, x);
	json_object_set_new(j, "gaps", shares_json(l, x));
	json_object_set_new(j, "cases", worst_cases_json(worst_of(x)));
	return j;
}

const json_t *failures_json(const struct failures *f, const struct record *rec,
			    const struct verdict_table *t, struct arena *a)
{
	struct arena scratch AUTO(arena_release) = ARENA_INIT;
	struct listing l = { .f = f, .rec = rec, .arena = &scratch };
	if (f->stage)
		failure_gaps(&l.gaps, rec, t, f->stage, &scratch);
	add_items(&l);
	if (l.item.n)
		qsort(l.item.v, l.item.n, sizeof *l.item.v, by_size);
	json_t *out = arena_json(a, json_array());
	for (size_t i = 0; i < l.item.n && i < SHOWN_MAX; i++)
		json_array_append_new(out, item_json(&l, &l.item.v[i]));
	return out;
}
