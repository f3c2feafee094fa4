#include "verdict/verdict_versus.h"

#include "verdict/verdict_evidence.h"

#include <math.h>

static double scale_of(const struct row *r)
{
	return row_is_score(r) || evidence_of_cases(r) ? 1 : r->hi - r->lo;
}

static double zero_of(const struct row *r)
{
	return row_is_score(r) ? 0 : r->lo;
}

static bool is_known(const struct unit_obs *o)
{
	return o->lo == o->hi;
}

/* Of samples, or of cases where the aggregate is of cases. */
static void count_pairs(struct versus *v)
{
	bool cases = evidence_of_cases(v->row);
	size_t n = cases ? v->now.n : v->k->n;
	for (size_t i = 0; i < n; i++)
		v->pairs += cases ? is_known(&v->now.v[i]) && is_known(&v->was.v[i])
				  : v->k->v[i].scored && v->k->v[i].old_scored;
	v->open = n - v->pairs;
}

void versus_init(struct versus *v, const struct rule_ask *ask, const struct taken *k)
{
	const struct threshold *t = ask->row->t;
	*v = (struct versus){ .ask = ask, .row = ask->row, .k = k, .ratio = 1 };
	v->regress = t->op == OP_NOT_BELOW || t->op == OP_NOT_ABOVE;
	v->high = threshold_wants_high(t);
	v->ratio = t->bound.change == '*' ? t->bound.value : 1;
	v->margin = t->bound.change == '+'   ? t->bound.value
		    : t->bound.change == '-' ? -t->bound.value
					     : 0;
	v->old = evidence_old(k, ask->scratch);
	v->now = evidence_unit(v->row, k, 0, ask->scratch);
	v->was = evidence_unit(v->row, &v->old, 0, ask->scratch);
	unit_finish(&v->now, ask->scratch);
	unit_finish(&v->was, ask->scratch);
	count_pairs(v);
}

static bool is_bit(double x)
{
	return x == 0 || x == 1;
}

bool versus_is_exact(const struct versus *v)
{
	if (v->ratio != 1 || !unit_is_exact(&v->now) || !unit_is_exact(&v->was))
		return false;
	for (size_t i = 0; i < v->was.n; i++)
		if (!is_bit(v->now.v[i].lo) || !is_bit(v->was.v[i].lo))
			return false;
	return true;
}

/* The sides of a pair with what is open at an end. */
static void ends_of(const struct versus *v, size_t i, enum versus_end end, double *now, double *was)
{
	const struct unit_obs *n = &v->now.v[i], *w = &v->was.v[i];
	bool up = v->high == (end == VERSUS_BEST);
	*now = up ? n->hi : n->lo;
	*was = n->same ? *now : up ? w->lo : w->hi;
}

struct pairs versus_counts(const struct versus *v, enum versus_end end)
{
	struct pairs p = { .n = 0 };
	for (size_t i = 0; i < v->now.n; i++) {
		double now, was;
		if (end == VERSUS_KNOWN && !(is_known(&v->now.v[i]) && is_known(&v->was.v[i])))
			continue;
		ends_of(v, i, end, &now, &was);
		p.n++;
		p.gained += now > was;
		p.lost += now < was;
	}
	return p;
}

static double scaled_pair(const struct versus *v, double now, double was)
{
	return fmin(1, fmax(0, (now - v->ratio * was + v->ratio) / (1 + v->ratio)));
}

/* Smallest and largest difference of one pair. */
static struct unit_obs difference_of(const struct versus *v, size_t i)
{
	struct unit_obs d = v->now.v[i];
	const struct unit_obs *was = &v->was.v[i];
	double a = scaled_pair(v, d.lo, d.same ? d.lo : was->hi);
	double b = scaled_pair(v, d.hi, d.same ? d.hi : was->lo);
	d.lo = fmin(a, b);
	d.hi = fmax(a, b);
	return d;
}

struct unit versus_differences(const struct versus *v, enum versus_end end)
{
	struct unit u = {
		.v = arena_array(v->ask->scratch, struct unit_obs, v->now.n + 1),
		.n = v->now.n,
		.weighted = v->now.weighted,
	};
	for (size_t i = 0; i < u.n; i++) {
		u.v[i] = difference_of(v, i);
		if (end == VERSUS_KNOWN)
			continue;
		if (v->high == (end == VERSUS_BEST))
			u.v[i].lo = u.v[i].hi;
		else
			u.v[i].hi = u.v[i].lo;
	}
	unit_finish(&u, v->ask->scratch);
	return u;
}

double versus_scaled(const struct versus *v, double difference)
{
	double x = (difference - zero_of(v->row) * (1 - v->ratio)) / scale_of(v->row);
	return (x + v->ratio) / (1 + v->ratio);
}

double versus_unscaled(const struct versus *v, double z)
{
	double x = (1 + v->ratio) * z - v->ratio;
	return zero_of(v->row) * (1 - v->ratio) + scale_of(v->row) * x;
}

/* ---- flips ---- */

/* A case stands there once, however many of its repeats flip. */
static void note_flip(uint32_t *list, size_t *n, uint32_t tcase)
{
	if (*n < PAIRING_FLIPS && (!*n || list[*n - 1] != tcase))
		list[(*n)++] = tcase;
}

void versus_flips(const struct versus *v, struct pairing *p)
{
	p->pairs = v->pairs;
	p->counted = row_is_score(v->row);
	if (!p->counted)
		return;
	p->gain = arena_array(v->ask->arena, uint32_t, PAIRING_FLIPS);
	p->loss = arena_array(v->ask->arena, uint32_t, PAIRING_FLIPS);
	for (size_t i = 0; i < v->k->n; i++) {
		const struct take *s = &v->k->v[i];
		if (!s->scored || !s->old_scored)
			continue;
		bool now = metric_passes(v->row->metric, s->value), was = metric_passes(v->row->metric, s->old);
		p->gained += now && !was;
		p->lost += was && !now;
		if (now && !was)
			note_flip(p->gain, &p->ngain, s->tcase);
		if (was && !now)
			note_flip(p->loss, &p->nloss, s->tcase);
	}
}
