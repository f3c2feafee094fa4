#include "verdict/verdict_take.h"

#include <math.h>

struct take_filter take_filter_of(const struct row *r, const struct verdict_table *t)
{
	struct take_filter f = { .n = 0 };
	for (size_t i = 0; i < r->t->nslice && f.n < TAKE_TERMS_MAX - 1; i++) {
		const struct table_key *k = table_key(t, r->t->slice[i].key);
		unsigned id = k ? table_value_id(k, r->t->slice[i].value) : TAG_OTHER;
		f.term[f.n++] = (struct take_term){ .key = k, .id = id };
	}
	return f;
}

bool take_has(const struct take_filter *f, size_t seq)
{
	for (size_t i = 0; i < f->n; i++) {
		if (!f->term[i].key)
			return false;
		unsigned id = f->term[i].key->id[seq];
		if (id != TAG_UNKNOWN && id != f->term[i].id)
			return false;
	}
	return true;
}

static bool value_is_bad(const struct row *r, enum metric_kind kind, double x)
{
	if (!isfinite(x))
		return true;
	if (kind == METRIC_BINARY)
		return x != 0 && x != 1;
	if (kind == METRIC_GRADED)
		return !(x >= 0 && x <= 1);
	return r->t->agg == AGG_MEAN && !row_is_observed(r) && !(x >= r->lo && x <= r->hi);
}

/* Was either side's answer measured on another day? */
static bool is_aged(const struct table_suite *s, const struct table_suite *old, size_t at)
{
	return (s->aged && s->aged[at]) || (old->aged && old->aged[at]);
}

static void take_old(struct taken *out, struct take *v, const struct row *r, const struct verdict_table *t,
		     size_t which, size_t at, bool planned)
{
	if (r->base[which] == ROW_NO_BASE)
		return;
	const struct table_suite *s = &t->suite[r->suite[which]], *old = &t->suite[r->base[which]];
	const struct table_column *c = &old->column[r->base_column[which]];
	unsigned char state = planned || !c->state ? 0 : c->state[at];
	unsigned char status = t->status[old->base + at];
	v->same = old == s;
	v->old = c->value ? c->value[at] : 0;
	v->old_scored = state == CELL_SCORED + 1 && status == TABLE_OPEN && !table_is_surplus(t, old, at);
	if (!planned && row_is_timing(r) && old != s && is_aged(s, old, at)) {
		out->aged++;
		v->scored = v->old_scored = false;
		v->begun = 0;
	}
	out->old_scored += v->old_scored;
	out->old_unscored += !v->old_scored;
	out->bad += v->old_scored && value_is_bad(r, old->head->metric[r->base_column[which]].kind, v->old);
}

static void take_one(struct taken *out, const struct row *r, const struct verdict_table *t,
		     size_t which, size_t at, bool planned)
{
	const struct table_suite *s = &t->suite[r->suite[which]];
	const struct table_column *c = &s->column[r->column[which]];
	bool surplus = table_is_surplus(t, s, at);
	unsigned char state = planned || surplus || !c->state ? 0 : c->state[at];
	out->surplus += surplus;
	if (state == CELL_ABSENT + 1) {
		out->absent++;
		return;
	}
	struct take *v = &out->v[out->n++];
	*v = (struct take){
		.value = c->value ? c->value[at] : 0,
		.cluster = t->cluster[s->base + at],
		.weight = t->weight ? t->weight[s->base + at] : 1,
		.tcase = (uint32_t)(s->base + at / s->repeats),
		.begun = s->begun && !surplus && !planned ? s->begun[at] : 0,
		.scored = state == CELL_SCORED + 1,
	};
	/* Nobody told of this sample: its case is all that is known. */
	if (t->status[s->base + at] == TABLE_UNTOLD)
		v->cluster = ((uint64_t)r->suite[which] << 32) + at / s->repeats;
	take_old(out, v, r, t, which, at, planned);
	out->scored += v->scored;
	out->unscored += !v->scored;
	out->weighted |= v->weight != 1;
	out->bad += v->scored && value_is_bad(r, s->head->metric[r->column[which]].kind, v->value);
}

static void take_suite(struct taken *out, const struct row *r, const struct verdict_table *t,
		       size_t which, const struct take_filter *f, bool planned)
{
	const struct table_suite *s = &t->suite[r->suite[which]];
	for (size_t at = 0; at < s->n; at++) {
		if (!take_has(f, s->base + at))
			continue;
		unsigned char status = t->status[s->base + at];
		if (status == TABLE_QUARANTINED)
			out->quarantined++;
		else
			take_one(out, r, t, which, at, planned);
	}
}

struct taken take_samples(const struct row *r, const struct verdict_table *t,
			  const struct take_filter *f, bool planned, struct arena *scratch)
{
	struct taken out = { .n = 0 };
	size_t max = 0;
	for (size_t i = 0; i < r->nsuite; i++)
		max += t->suite[r->suite[i]].n;
	out.v = arena_array(scratch, struct take, max + 1);
	for (size_t i = 0; i < r->nsuite; i++)
		take_suite(&out, r, t, i, f, planned);
	out.judging = judging_take(r, t, planned, scratch);
	return out;
}
